//! `update plans set price = 950 where code = "pro" irreversible "the old price is gone";`

use migrate_core::expression::Expression;
use migrate_core::name::QualifiedName;
use migrate_core::operation::UpdateRows;
use migrate_core::token::At;

use super::Item;
use crate::check::{Checker, Context};
use crate::clause::{AssignmentClause, parse_assignments};
use crate::parser::{Head, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["update"]];

#[derive(Debug)]
pub(super) struct Update {
    table: Spanned<QualifiedName>,
    assignments: Vec<AssignmentClause>,
    condition: Option<Spanned<Expression>>,
    at: At,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Update> {
    let start = parser.cursor.index();
    let table = parser.qualified_name("the table")?;
    parser.word("set")?;
    let assignments = parse_assignments(parser)?;
    let condition = if parser.cursor.take_word("where") { Some(parser.expression()?) } else { None };
    Ok(Update { table, assignments, condition, at: parser.cursor.since(start) })
}

impl Item for Update {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`update`");
        let Some(table) = checker.table(&self.table) else { return };
        let name = &self.table.value;
        let assignments = checker.assignments(&self.assignments, name, &table);
        let condition = match &self.condition {
            Some(condition) => checker.condition(condition, name, &table, Context::Statement).map(Some),
            None => Some(None),
        };
        if let (Some(assignments), Some(condition)) = (assignments, condition) {
            checker.emit(UpdateRows { table: name.clone(), assignments, condition }, self.at);
        }
    }
}
