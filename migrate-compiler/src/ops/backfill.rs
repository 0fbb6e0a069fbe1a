//! `backfill bookings set currency = "EUR" where currency is null in batches of 5000 touching updated_at
//! irreversible "...";`

use migrate_core::catalog::Table;
use migrate_core::expression::Expression;
use migrate_core::name::QualifiedName;
use migrate_core::operation::BackfillRows;
use migrate_core::token::At;

use super::Item;
use crate::check::{Checker, Context};
use crate::clause::{AssignmentClause, parse_assignments};
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["backfill"]];

pub(super) struct Backfill {
    table: Spanned<QualifiedName>,
    assignments: Vec<AssignmentClause>,
    condition: Option<Spanned<Expression>>,
    batch: u32,
    /// Columns with `on update` that are set as by any other update.
    touching: Vec<Name>,
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
    let mut touching = Vec::new();
    if parser.cursor.take_word("touching") {
        touching.push(parser.name("a column with `on update`")?);
        while parser.cursor.take_symbol(',') {
            touching.push(parser.name("a column with `on update`")?);
        }
    }
    Ok(Backfill { table, assignments, condition, batch, touching, at: parser.cursor.since(start) })
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
                    format!("a backfill of `{name}` iterates by `{}`, so it cannot change `{}`", key.join(", "), column.value),
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
        if let (Some(mut assignments), Some(condition)) = (assignments, condition) {
            if !self.touch(&mut assignments, &table, checker) {
                return;
            }
            checker.emit(BackfillRows { table: name.clone(), assignments, condition, batch: self.batch }, self.at);
        }
    }
}

impl Backfill {
    /// Sets the columns behind `touching` to what any other update would set them to.
    fn touch(&self, assignments: &mut Vec<(String, Expression)>, table: &Table, checker: &mut Checker<'_>) -> bool {
        let set = assignments.clone();
        for name in &self.touching {
            let Some(column) = checker.column(&self.table.value, table, name) else { return false };
            let wrong = |what: String, help: &str| Diagnostic::new(code::INVALID_DEFINITION, what, name.at).help(help);
            let Some(on_update) = &column.on_update else {
                let what = format!("`{}` has no `on update`", name.value);
                checker.report(wrong(what, "set it as you set the other columns"));
                return false;
            };
            if assignments.iter().any(|(other, _)| *other == name.value) {
                let what = format!("`{}` is both set and touched", name.value);
                checker.report(wrong(what, "remove one of them"));
                return false;
            }
            assignments.push((name.value.clone(), on_update.assigned(&set)));
        }
        true
    }
}
