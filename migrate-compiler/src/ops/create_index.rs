//! `create unique index bookings_key on bookings using btree (lower(email) desc nulls last, total) include (note) where ...;`

use migrate_core::catalog::{Catalog, Index, IndexKey, Table};
use migrate_core::expression::Expression;
use migrate_core::name::QualifiedName;
use migrate_core::operation::CreateIndex;
use migrate_core::sorted::SortedMap;
use migrate_core::token::{At, Bracket};

use super::Item;
use crate::check::{Checker, Context, Origin};
use crate::clause::{IndexKeyClause, index_key_name, parse_index_storage};
use crate::diagnostic::{Diagnostic, choices, code};
use crate::extensions;
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["create", "index"], &["create", "unique", "index"]];

pub(super) struct Create {
    unique: bool,
    nulls_not_distinct: bool,
    name: Option<Name>,
    table: Spanned<QualifiedName>,
    method: Option<Name>,
    keys: Vec<IndexKeyClause>,
    include: Vec<Name>,
    parameters: SortedMap<String, String>,
    predicate: Option<Spanned<Expression>>,
    at: At,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Create> {
    let start = parser.cursor.index();
    let unique = {
        let mut back = parser.cursor.clone();
        back.go_to(start.saturating_sub(2));
        back.is_word("unique")
    };
    parser.takes_habit(
        &["concurrently"],
        "remove it: indexes on existing tables are always built concurrently",
    );
    parser.no_existence_check();
    let name = if parser.cursor.is_word("on") { None } else { Some(parser.name("`on` or the index's name")?) };
    parser.word("on")?;
    let table = parser.qualified_name("the table")?;
    let method = match parser.cursor.take_word("using") {
        // A word, as in SQL.
        true => Some(parser.name("an access method")?).map(|name| Name { value: name.value.to_ascii_lowercase(), ..name }),
        false => None,
    };
    parser.open(Bracket::Round, "`(` and the columns")?;
    let keys = parser.separated(Bracket::Round, IndexKeyClause::parse)?;
    let include = if parser.cursor.take_word("include") { parser.name_list("a column")? } else { Vec::new() };
    let nulls_not_distinct = parser.cursor.take_words(&["nulls", "not", "distinct"]);
    let parameters = match parser.cursor.take_word_before("with", Bracket::Round) {
        true => parse_index_storage(parser, method.as_ref().map_or("btree", |method| method.value.as_str()))?,
        false => Default::default(),
    };
    let predicate = if parser.cursor.take_word("where") { Some(parser.expression()?) } else { None };
    let at = parser.cursor.since(start);
    if keys.is_empty() {
        return Err(Diagnostic::new(code::SYNTAX, "an index needs at least one column", at));
    }
    Ok(Create { unique, nulls_not_distinct, name, table, method, keys, include, parameters, predicate, at })
}

impl Item for Create {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        let Some(table) = checker.indexable(&self.table) else { return self.poison(checker) };
        let table_name = &self.table.value;
        let method = self.method.as_ref().map_or("btree", |method| method.value.as_str());
        let mut good = self.check_method(method, checker);
        let mut keys = Vec::new();
        for key in &self.keys {
            match key.check(method, table_name, &table, Context::Index, checker) {
                Some(key) => keys.push(key),
                None => good = false,
            }
        }
        for name in &self.include {
            good &= checker.column_by_name(table_name, &table, name).is_some();
        }
        if self.nulls_not_distinct {
            checker.needs_postgres(15, "`nulls not distinct`", self.at);
        }
        let predicate = match &self.predicate {
            None => None,
            Some(predicate) => {
                let resolved = checker.condition(predicate, table_name, &table, Context::IndexPredicate);
                good &= resolved.is_some();
                resolved
            }
        };
        let name = match &self.name {
            Some(name) => checker.index_name(name, table_name).then(|| name.value.clone()),
            None => {
                let second = keys.iter().map(|key| index_key_name(&key.expression)).collect::<Vec<_>>().join("_");
                Some(checker.free_member_name(table_name, &table, Some(&second), "idx"))
            }
        };
        if self.unique {
            let missing = missing_key(table_name, &table, &keys, checker.catalog());
            if let Some((of, missing)) = missing {
                let of = if of == *table_name { "the table".to_owned() } else { format!("its partition `{of}`") };
                let message = format!("a unique index needs `{missing}`, by which {of} is partitioned");
                checker.report(
                    Diagnostic::new(code::INVALID_DEFINITION, message, self.at)
                        .help("add it to the index: PostgreSQL compares the rows of one partition only"),
                );
                good = false;
            }
        }
        let (Some(name), true) = (name, good) else { return self.poison(checker) };
        let index = Index {
            method: method.to_owned(),
            keys,
            unique: self.unique,
            nulls_not_distinct: self.nulls_not_distinct,
            include: self.include.iter().map(|name| name.value.clone()).collect(),
            predicate,
            attached_to: None,
            statistics: Default::default(),
            parameters: self.parameters.clone(),
            comment: head.comment.clone(),
        };
        if let Some(same) = same_index(&table, &index) {
            let noun = checker.noun_of_indexable(table_name);
            let message = format!("{noun} `{table_name}` already has the same index `{same}`");
            let note = checker.state.made_in("it", &Origin::Index(table_name.sibling(same)));
            let Some(own) = &self.name else {
                let mut mistake = Diagnostic::new(code::DUPLICATE_INDEX, message, self.at)
                    .help("remove this one, or give it an explicit name");
                mistake.notes.extend(note);
                return checker.report(mistake);
            };
            // Who gives it a name of its own may want it to take the place of a bloated one, which is dropped then.
            let mut warning = Diagnostic::new(code::REDUNDANT_INDEX, message, own.at).help(format!(
                "drop one of them; if both are needed for a while, write `#[allow({}, reason = \"...\")]` before it",
                code::REDUNDANT_INDEX.name
            ));
            warning.notes.extend(note);
            let (table, both) = (table_name.clone(), [name.clone(), same.to_owned()]);
            checker.warn_if_still(warning, move |catalog| {
                let found = catalog.indexable(&table);
                found.is_some_and(|found| both.iter().all(|name| found.indexes.contains_key(name)))
            });
        }
        let columns = table.columns_of_index(&index);
        if checker.report_virtual("an index", &table, columns.iter().map(String::as_str), self.at) {
            return self.poison(checker);
        }
        let at = self.name.as_ref().map_or(self.table.at, |name| name.at);
        checker.advise_on_index(table_name, &table, &name, &index, at);
        checker.note_origin(Origin::Index(table_name.sibling(name.clone())), self.table.at);
        // So that the catalog's own is changed in place.
        drop(table);
        checker.emit(CreateIndex { table: table_name.clone(), name, index }, self.at);
    }
}

/// How many indexes a new one is compared with: a table with more of them was written by a program.
const MOST_COMPARED: usize = 100;

/// The index of the table that does the same as this one.
fn same_index<'t>(table: &'t Table, index: &Index) -> Option<&'t str> {
    let is_same = |other: &Index| {
        other.keys == index.keys
            && (other.unique, other.nulls_not_distinct) == (index.unique, index.nulls_not_distinct)
            && (&other.method, &other.include, &other.predicate) == (&index.method, &index.include, &index.predicate)
    };
    table.indexes.iter().take(MOST_COMPARED).find(|(_, other)| is_same(other)).map(|(name, _)| name.as_str())
}

impl Create {
    fn poison(&self, checker: &mut Checker<'_>) {
        match &self.name {
            Some(name) => {
                let name = self.table.value.sibling(name.value.clone());
                checker.state.broken.members.insert(name);
            }
            None => {
                let second = self.keys.iter().map(|key| index_key_name(&key.expression.value)).collect::<Vec<_>>().join("_");
                let table = &self.table.value;
                let name = migrate_core::name::object_name(&table.name, Some(&second), "idx");
                checker.state.broken.members.insert(table.sibling(name));
            }
        }
    }

    fn check_method(&self, method: &str, checker: &mut Checker<'_>) -> bool {
        let at = self.method.as_ref().map_or(self.at, |name| name.at);
        let brought = ["hnsw", "ivfflat", "bloom", "rum"];
        if !extensions::METHODS.contains(&method) && !brought.contains(&method) {
            let known = extensions::METHODS.iter().copied();
            checker.report(
                Diagnostic::new(code::SYNTAX, format!("cannot find access method `{method}`"), at)
                    .maybe_help(choices(method, known, "methods")),
            );
            return false;
        }
        let cannot = |what: &str| {
            Diagnostic::new(code::INVALID_DEFINITION, format!("a `{method}` index cannot {what}"), at)
        };
        if self.unique && method != "btree" {
            checker.report(cannot("be unique").help("remove `unique`, or `using`"));
            return false;
        }
        if self.keys.len() > 1 && matches!(method, "hash" | "spgist") {
            checker.report(cannot("have several columns").help("write one index for each column"));
            return false;
        }
        if !self.include.is_empty() && matches!(method, "hash" | "gin" | "brin") {
            checker.report(cannot("include columns").help("remove `include`"));
            return false;
        }
        if method != "btree" && self.keys.iter().any(|key| key.descending || key.nulls.is_some()) {
            checker.report(cannot("be ordered").help("remove `asc`, `desc` and `nulls ...`"));
            return false;
        }
        true
    }
}

/// What a unique index lacks by which the table is partitioned, or one of its partitions.
fn missing_key(
    name: &QualifiedName,
    table: &Table,
    keys: &[IndexKey],
    catalog: &Catalog,
) -> Option<(QualifiedName, Expression)> {
    let partitioning = table.partitioning.as_ref()?;
    let missing = partitioning.keys.iter().find(|one| keys.iter().all(|key| key.expression != one.expression));
    if let Some(missing) = missing {
        return Some((name.clone(), missing.expression.clone()));
    }
    catalog.partitions(name).find_map(|(name, partition)| missing_key(name, partition, keys, catalog))
}
