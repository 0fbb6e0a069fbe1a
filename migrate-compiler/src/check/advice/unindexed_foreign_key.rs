//! A foreign key whose columns no index begins with.

use migrate_core::catalog::{ConstraintKind, Index, Table};
use migrate_core::name::QualifiedName;
use migrate_core::token::At;

use super::or_allow;
use crate::check::Checker;
use crate::diagnostic::code;

pub(super) fn advise(checker: &mut Checker<'_>, name: &QualifiedName, constraint: &str, columns: &[String], at: At) {
    let code = code::UNINDEXED_FOREIGN_KEY;
    let list = columns.join(", ");
    let warning = checker
        .advice(code, format!("no index of `{name}` begins with the columns of the foreign key ({list})"), at)
        .help(or_allow(&format!("write `create index on {name} ({list});`"), code));
    let (name, constraint) = (name.clone(), constraint.to_owned());
    checker.warn_if_still(warning, move |catalog| {
        let Some(table) = catalog.table(&name) else { return false };
        let Some((_, key)) = table.foreign_keys().find(|(name, _)| *name == constraint) else { return false };
        !is_indexed(table, &key.columns)
    });
}

/// Whether the first columns of an index or of a key are these, in any order.
fn is_indexed(table: &Table, columns: &[String]) -> bool {
    let begins = |of: &[Option<&str>]| {
        let first = of.get(..columns.len()).unwrap_or_default();
        first.len() == columns.len() && columns.iter().all(|column| first.contains(&Some(column.as_str())))
    };
    let in_key = table.constraints.values().any(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
            begins(&key.columns.iter().map(|column| Some(column.as_str())).collect::<Vec<_>>())
        }
        _ => false,
    });
    in_key
        || table.indexes.values().any(|index| {
            let keys: Vec<Option<&str>> = index.keys.iter().map(|key| key.column()).collect();
            matches!(index.method.as_str(), "btree" | "hash") && begins(&keys) && has_all_rows(index, columns)
        })
}

/// Whether an index leaves out no row but those that reference nothing.
fn has_all_rows(index: &Index, columns: &[String]) -> bool {
    let Some(predicate) = &index.predicate else { return true };
    let predicate = predicate.sql();
    columns.iter().any(|column| predicate.eq_ignore_ascii_case(&format!("{column} IS NOT NULL")))
}

#[cfg(test)]
mod tests {
    use super::super::tests::advice;

    fn found(rest: &str) -> usize {
        let tables = "create table users { a: uuid, b: uuid, primary key (a, b) }";
        let trips =
            "create table trips { id: uuid primary key, a: uuid?, b: uuid?, foreign key (a, b) references users }";
        let found = advice(&format!("{tables} {trips} {rest}"));
        assert!(found.iter().all(|(code, at)| *code == "unindexed_foreign_key" && at == "foreign"), "{found:?}");
        found.len()
    }

    #[test]
    fn a_foreign_key_without_an_index_is_advised_against() {
        assert_eq!(found(""), 1);
        assert_eq!(found("create index on trips (a);"), 1);
        assert_eq!(found("create index on trips (b, a, id);"), 0);
        assert_eq!(found("create index on trips (a, b) where a is not null;"), 0);
        assert_eq!(found("create index on trips (a, b) where id is null;"), 1);
        assert_eq!(found("alter table trips add unique (b, a);"), 0);
        assert_eq!(found("alter table trips drop constraint trips_a_b_fkey;"), 0);
    }
}
