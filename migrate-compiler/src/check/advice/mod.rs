//! Advice: what is legal and regretted later. One rule, one file: it says what it is, and whether it still is so.
//!
//! It is judged at the end of the migration, and again at the end of the history: what a later item or a later migration
//! puts right is not advised against.

mod covered_index;
mod fixed_length_text;
mod int_key;
mod no_primary_key;
mod timestamp_without_zone;
mod unindexed_foreign_key;
mod varchar_255;

use migrate_core::catalog::{Index, Table};
use migrate_core::name::QualifiedName;
use migrate_core::token::At;
use migrate_core::types::Type;

use super::Checker;
use crate::diagnostic::{Code, Diagnostic};

/// What is wrong with the type of a column.
struct AboutType {
    code: &'static Code,
    headline: String,
    help: String,
}

/// The rules about the type of a column, whatever else the column is.
const OF_TYPES: &[fn(&str, &Type) -> Option<AboutType>] =
    &[timestamp_without_zone::judge, varchar_255::judge, fixed_length_text::judge];

impl Checker<'_> {
    /// Advises on the type that a column gets, `serial` or one of its kin, or another one.
    pub(crate) fn advise_on_type(
        &mut self,
        table: &QualifiedName,
        column: &str,
        data_type: &Type,
        is_serial: bool,
        at: At,
    ) {
        let element = match data_type {
            Type::Array(element) => element,
            other => other,
        };
        for judge in OF_TYPES {
            let Some(AboutType { code, headline, help }) = judge(column, element) else { continue };
            let (table, column, data_type) = (table.clone(), column.to_owned(), data_type.clone());
            self.warn_if_still(self.advice(code, headline, at).help(help), move |catalog| {
                let found = catalog.table(&table);
                found.is_some_and(|table| table.column(&column).is_some_and(|column| column.data_type == data_type))
            });
        }
        int_key::advise(self, table, column, data_type, is_serial, at);
    }

    /// Advises on a table that was made.
    pub(crate) fn advise_on_table(&mut self, table: &QualifiedName, at: At) {
        no_primary_key::advise(self, table, at);
    }

    /// Advises on a foreign key.
    pub(crate) fn advise_on_foreign_key(
        &mut self,
        table: &QualifiedName,
        constraint: &str,
        columns: &[String],
        at: At,
    ) {
        unindexed_foreign_key::advise(self, table, constraint, columns, at);
    }

    /// Advises on an index beside those that the table has.
    pub(crate) fn advise_on_index(&mut self, name: &QualifiedName, table: &Table, own: &str, index: &Index, at: At) {
        covered_index::advise(self, name, table, (own, index), at);
    }

    fn advice(&self, code: &'static Code, headline: String, at: At) -> Diagnostic {
        Diagnostic::new(code, headline, at)
    }
}

/// The last line of each help.
fn or_allow(what: &str, code: &Code) -> String {
    format!("{what}, or write `#[allow({}, reason = \"...\")]`", code.name)
}

#[cfg(test)]
mod tests {
    use crate::check::State;
    use crate::migration::{Identity, compile};

    /// The codes of what is advised on a block, with the tokens that they stand at.
    pub(super) fn advice(block: &str) -> Vec<(&'static str, String)> {
        let identity = Identity { version: 1, leading_zeros: 0, name: "a".into(), file: String::new() };
        let tokens = block.parse().unwrap();
        let compiled = compile(&identity, tokens, proc_macro2::Span::call_site(), &mut State::default(), 14);
        assert!(compiled.mistakes.is_empty(), "{:?}", compiled.mistakes);
        let text = |at: migrate_core::token::At| compiled.source.spans(at).0.source_text().unwrap_or_default();
        compiled.warnings.iter().map(|warning| (warning.found.code.name, text(warning.found.at))).collect()
    }

    #[test]
    fn what_is_allowed_is_not_advised_against() {
        let allowed = "#[allow(timestamp_without_zone, reason = \"a wall clock\")] create table t { id: bigint primary key, at: timestamp }";
        assert_eq!(advice(allowed), []);
    }

    #[test]
    fn what_is_put_right_later_in_the_migration_is_not_advised_against() {
        let later = "create table t { id: bigint, at: timestamp } alter table t { add primary key (id), alter at: timestamptz }";
        assert_eq!(advice(later), []);
    }
}
