//! `backfill bookings set currency = "EUR" where currency is null in batches of 5000 irreversible "...";`

use migrate_core::expression::Expression;
use migrate_core::name::QualifiedName;
use migrate_core::operation::BackfillRows;
use migrate_core::token::At;

use super::Item;
use crate::check::{Checker, Context};
use crate::clause::{AssignmentClause, parse_assignments};
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["backfill"]];

/// Rows in each batch where the source names no number: some 20 to 50 ms for each transaction.
const DEFAULT_BATCH: u32 = 1000;

#[derive(Debug)]
pub(super) struct Backfill {
    table: Spanned<QualifiedName>,
    assignments: Vec<AssignmentClause>,
    condition: Option<Spanned<Expression>>,
    batch: u32,
    at: At,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Backfill> {
    let start = parser.cursor.index();
    let table = parser.qualified_name("the table")?;
    parser.word("set")?;
    let assignments = parse_assignments(parser)?;
    let condition = if parser.cursor.take_word("where") { Some(parser.expression()?) } else { None };
    let mut batch = DEFAULT_BATCH;
    if parser.cursor.take_words(&["in", "batches", "of"]) {
        let number = parser.number("the rows in a batch")?;
        if !(1..=1_000_000).contains(&number.value) {
            return Err(Diagnostic::new(
                code::SYNTAX,
                format!("a batch of {} rows", number.value),
                number.at,
            )
            .help("write a number from 1 to 1000000; 1000 is a good start"));
        }
        batch = number.value;
    }
    Ok(Backfill { table, assignments, condition, batch, at: parser.cursor.since(start) })
}

impl Item for Backfill {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`backfill`");
        let Some(table) = checker.table(&self.table) else { return };
        let name = &self.table.value;
        if let Some((_, key)) = table.primary_key() {
            for assignment in self.assignments.iter().filter(|clause| key.columns.contains(&clause.column.value)) {
                checker.report(
                    Diagnostic::new(
                        code::INVALID_DEFINITION,
                        format!("a backfill walks along the primary key, and cannot change `{}`", assignment.column.value),
                        assignment.column.at,
                    )
                    .help("use `update`"),
                );
            }
        }
        let assignments = checker.assignments(&self.assignments, name, &table);
        let condition = match &self.condition {
            Some(condition) => checker.condition(condition, name, &table, Context::Statement).map(Some),
            None => Some(None),
        };
        if let (Some(assignments), Some(condition)) = (assignments, condition) {
            checker.emit(BackfillRows { table: name.clone(), assignments, condition, batch: self.batch }, self.at);
        }
    }
}
