//! `delete from sessions where expires_at < now() irreversible "they are expired";`

use migrate_core::expression::Expression;
use migrate_core::name::QualifiedName;
use migrate_core::operation::DeleteRows;
use migrate_core::token::At;

use super::Item;
use crate::check::{Checker, Context};
use crate::parser::{Head, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["delete", "from"]];

#[derive(Debug)]
pub(super) struct Delete {
    table: Spanned<QualifiedName>,
    condition: Option<Spanned<Expression>>,
    at: At,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Delete> {
    let start = parser.cursor.index();
    let table = parser.qualified_name("the table")?;
    let condition = if parser.cursor.take_word("where") { Some(parser.expression()?) } else { None };
    Ok(Delete { table, condition, at: parser.cursor.since(start) })
}

impl Item for Delete {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`delete`");
        let Some(table) = checker.table(&self.table) else { return };
        let name = &self.table.value;
        let condition = match &self.condition {
            Some(condition) => checker.condition(condition, name, &table, Context::Statement).map(Some),
            None => Some(None),
        };
        if let Some(condition) = condition {
            checker.emit(DeleteRows { table: name.clone(), condition }, self.at);
        }
    }
}
