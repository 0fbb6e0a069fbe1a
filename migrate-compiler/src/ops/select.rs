//! `select setval("numbers", 1000) irreversible "it is never less";`, and `with ...` before any statement about rows.

use migrate_core::query::Statement;

use super::Item;
use crate::check::Checker;
use crate::clause::StatementClause;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Parsed, Parser};

pub(super) const WORDS: &[&[&str]] = &[&["select"], &["with"]];

pub(super) struct Select(StatementClause);

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Select> {
    let start = parser.cursor.index() - 1;
    StatementClause::parse(parser, start).map(Select)
}

impl Item for Select {
    fn changes_catalog(&self) -> bool {
        false
    }

    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "a query");
        let statement = &self.0.statement;
        let changes_rows = |statement: &Statement| !matches!(statement, Statement::Query(_));
        let with = statement.with().map(|with| with.tables.as_slice()).unwrap_or_default();
        let does_something = changes_rows(statement)
            || with.iter().any(|table| changes_rows(&table.statement))
            || !statement.functions().is_empty();
        if !does_something {
            checker.report(
                Diagnostic::new(code::EMPTY, "this query changes nothing, and nothing reads its result", self.0.at)
                    .help("remove it"),
            );
            return;
        }
        self.0.check(checker);
    }
}
