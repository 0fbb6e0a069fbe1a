//! `inherits (places, owned)`

use std::sync::Arc;

use migrate_core::catalog::Table;
use migrate_core::catalog::inheritance::{Conflict, inherited};
use migrate_core::name::QualifiedName;
use migrate_core::token::{At, Bracket};

use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Parsed, Parser, Spanned};

/// `inherits (...)` as written.
pub(crate) struct InheritsClause {
    pub(crate) parents: Vec<Spanned<QualifiedName>>,
    pub(crate) at: At,
}

/// A mistake where two tables do not fit together.
pub(crate) fn mistake(conflict: Conflict, at: At) -> Diagnostic {
    Diagnostic::new(code::INVALID_DEFINITION, conflict.message, at).help(conflict.help)
}

/// Takes `inherits (...)`, if it stands here.
pub(crate) fn parse_inherits(parser: &mut Parser<'_>) -> Parsed<Option<InheritsClause>> {
    let start = parser.cursor.index();
    if !parser.cursor.take_word("inherits") {
        return Ok(None);
    }
    parser.open(Bracket::Round, "`(` and the tables that it inherits from")?;
    let parents = parser.separated(Bracket::Round, |parser| parser.qualified_name("a table"))?;
    let at = parser.cursor.since(start);
    if parents.is_empty() {
        return Err(Diagnostic::new(code::SYNTAX, "`inherits` needs at least one table", at));
    }
    Ok(Some(InheritsClause { parents, at }))
}

/// The table that another one is to inherit from. `None`: it cannot, which is a mistake.
pub(crate) fn check_parent(parent: &Spanned<QualifiedName>, checker: &mut Checker<'_>) -> Option<Arc<Table>> {
    let table = checker.table(parent)?;
    let (what, help) = if table.partitioning.is_some() {
        ("is partitioned", "write `create table ... partition of`, or `attach partition`")
    } else if table.partition_of.is_some() {
        ("is a partition", "inherit from a table that is not a partition")
    } else {
        return Some(table);
    };
    let message = format!("table `{}` {what}, so no table can inherit from it", parent.value);
    checker.report(Diagnostic::new(code::INVALID_DEFINITION, message, parent.at).help(help));
    None
}

impl InheritsClause {
    /// What a table has by it; `has_default` tells the columns that it gives a default itself. `None`: there is a mistake.
    pub(crate) fn check(&self, has_default: &dyn Fn(&str) -> bool, checker: &mut Checker<'_>) -> Option<Table> {
        let mut parents: Vec<(&QualifiedName, Arc<Table>)> = Vec::new();
        for parent in &self.parents {
            if parents.iter().any(|(name, _)| **name == parent.value) {
                let message = format!("`{}` is inherited from more than once", parent.value);
                checker.report(Diagnostic::new(code::DUPLICATE_CLAUSE, message, parent.at).help("remove it"));
                return None;
            }
            parents.push((&parent.value, check_parent(parent, checker)?));
        }
        let parents: Vec<(&QualifiedName, &Table)> = parents.iter().map(|(name, table)| (*name, &**table)).collect();
        match inherited(&parents, has_default) {
            Ok(table) => {
                let inherits = self.parents.iter().map(|parent| parent.value.clone()).collect();
                Some(Table { inherits, ..table })
            }
            Err(conflict) => {
                checker.report(mistake(conflict, self.at));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::inline::compile_history;

    const TABLES: &str = r##"migration "1_tables" {
        create table places { id: bigint primary key, name: text, height: int?, constraint places_height check (height > 0) }
        create table owned { name: text, owner: text = "nobody" }
        create table bought { name: text, owner: text = "me" }
        create table cities { population: int?, constraint cities_limit check (height < 1000) } inherits (places);
        create table houses { id: bigint } inherits (owned);
        create table events { id: bigint, at: date, primary key (id, at) } partition by range (at);
        create table others { id: bigint, name: text?, height: int?, constraint places_height check (height > 1) }
        create view heights as select height, population from cities;
    }"##;

    /// The texts of all mistakes of a migration over the tables.
    fn mistakes(change: &str) -> String {
        let history = format!("{TABLES}\nmigration \"2_change\" {{ {change} }}");
        let Err(mistakes) = compile_history(&history) else { return String::new() };
        mistakes.into_iter().map(|mistake| mistake.text).collect::<Vec<_>>().join("\n")
    }

    #[track_caller]
    fn assert_says(change: &str, expected: &str) {
        let found = mistakes(change);
        assert!(found.contains(expected), "{change}\n{found}");
    }

    #[test]
    fn a_table_inherits_only_what_fits() {
        assert_says("create table w {} inherits (place);", "cannot find table `place`");
        assert_says(
            "create table w {} inherits (events);",
            "table `events` is partitioned, so no table can inherit from it",
        );
        assert_says("create table w {} inherits (places, places);", "`places` is inherited from more than once");
        assert_says(
            "create table w {} inherits (owned, bought);",
            "`owner` has one default in `owned`, but another in `bought`",
        );
        assert_says("create table w { name: varchar(20) } inherits (places);", "column `name` of `w` is of type");
        assert_says(
            "create table w { constraint places_height check (height > 2) } inherits (places);",
            "the inherited check `places_height` has a different condition",
        );
        assert_says(
            "create table w { at: date } inherits (places) partition by range (at);",
            "`w` is partitioned, so it cannot inherit from another table",
        );
        assert_eq!(mistakes("create table w { owner: text = \"us\" } inherits (owned, bought);"), "");
        assert_eq!(mistakes("create table w { constraint places_height check (height > 0) } inherits (places);"), "");
    }

    #[test]
    fn what_is_inherited_is_changed_where_it_comes_from() {
        let inherits = "`cities` inherits the column `name` from `places`";
        assert_says("alter table cities drop name;", inherits);
        assert_says("alter table cities rename name to title;", inherits);
        assert_says("alter table cities alter name: varchar(20);", inherits);
        assert_says(
            "alter table cities alter name drop not null;",
            "`cities` inherits `name` from `places`, where it is NOT NULL",
        );
        let check = "`cities` inherits the check `places_height` from `places`";
        assert_says("alter table cities drop constraint places_height;", check);
        assert_says("alter table cities rename constraint places_height to other;", check);
        assert_eq!(mistakes("alter table cities alter name set default \"x\";"), "");
    }

    #[test]
    fn what_postgresql_refuses_for_a_table_below_names_it() {
        assert_says("alter table places add population: bigint?;", "column `population` of `cities` is of type");
        assert_says(
            "alter table places rename name to population;",
            "table `cities`, which inherits from `places`, already has a column `population`",
        );
        assert_says(
            "alter table places add constraint cities_limit check (height < 3);",
            "table `cities`, which inherits from `places`, already has another constraint `cities_limit`",
        );
        let lost = "#[allow(drops_data, reason = \"nobody reads it\")]";
        assert_says(&format!("{lost} drop table places;"), "table `cities` inherits from it");
        assert_says(&format!("{lost} alter table places drop height;"), "`heights`");
        assert_eq!(mistakes("alter table places add population: int?;"), "");
    }

    #[test]
    fn a_table_begins_and_ends_to_inherit() {
        assert_says(
            "alter table others inherit places;",
            "column `name` of `others` is nullable, but the inherited column is NOT NULL",
        );
        assert_says(
            "alter table others { alter name set not null, inherit places }",
            "the check `places_height` of `others` has a different condition than",
        );
        assert_says("alter table houses inherit places;", "table `houses` lacks the column `height` of `places`");
        assert_says(
            "alter table places inherit cities;",
            "`cities` inherits from `places`: a table cannot inherit from itself",
        );
        assert_says("alter table cities inherit places;", "`cities` already inherits from `places`");
        assert_says("alter table cities no inherit owned;", "`cities` does not inherit from `owned`");
        assert_says("alter table cities no inherit places;", "PostgreSQL cannot restore that");
        assert_says(
            "alter table events inherit places;",
            "`events` is partitioned, so it cannot inherit from another table",
        );
    }

    /// The catalog after a history.
    #[cfg(feature = "print")]
    fn catalog_of(history: &str) -> migrate_core::catalog::Catalog {
        let mut state = crate::check::State::default();
        crate::inline::compile_into(history, &mut state).unwrap();
        state.catalog
    }

    #[cfg(feature = "print")]
    #[test]
    fn what_is_printed_inherits_the_same() {
        let catalog = catalog_of(&format!(
            "{TABLES}\nmigration \"2_more\" {{ \
             create table towns {{ name: text = \"x\", since: date? }} inherits (cities); \
             alter table cities {{ alter name set default \"y\", alter population set not null, alter height set statistics 10 }} \
             comment on column cities.name is \"How it is called.\"; \
             create index on towns (name, height); }}"
        ));
        let source = crate::print::catalog(&catalog, 14);
        assert!(source.unprintable.is_empty(), "{:?}\n{}", source.unprintable, source.text);
        let again = catalog_of(&format!("migration \"1_all\" {{ {} }}", source.text));
        assert_eq!(catalog.differences(&again), [], "{}", source.text);
    }
}
