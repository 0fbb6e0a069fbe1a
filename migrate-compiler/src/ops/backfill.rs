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
    let mut batch = BackfillRows::DEFAULT_BATCH;
    if parser.cursor.take_words(&["in", "batches", "of"]) {
        let number = parser.number("the rows in a batch")?;
        if !(1..=1_000_000).contains(&number.value) {
            return Err(Diagnostic::new(
                code::SYNTAX,
                format!("`{}` is not a valid batch size", number.value),
                number.at,
            )
            .help("write a number from 1 to 1000000, or remove it"));
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
        let key = BackfillRows::key(&table);
        for assignment in self.assignments.iter().filter(|clause| key.contains(&clause.column.value)) {
            let column = &assignment.column;
            checker.report(
                Diagnostic::new(
                    code::INVALID_DEFINITION,
                    format!("a backfill of `{name}` goes by `{}` and cannot change `{}`", key.join(", "), column.value),
                    column.at,
                )
                .help("use `update`"),
            );
        }
        if key.is_empty() && self.condition.is_none() && !checker.is_new(name) {
            checker.report(
                Diagnostic::new(
                    code::INVALID_DEFINITION,
                    format!("cannot tell which rows are done, because `{name}` has no primary key"),
                    self.table.at,
                )
                .help("add a `where` whose condition is false for the rows that are done"),
            );
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
