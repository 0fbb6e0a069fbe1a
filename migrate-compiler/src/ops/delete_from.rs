//! `delete from sessions where expires_at < now() irreversible "they are expired";`

use migrate_core::expression::Expression;
use migrate_core::name::QualifiedName;
use migrate_core::operation::DeleteRows;
use migrate_core::query::{self, Statement};
use migrate_core::token::{At, Token};

use super::Item;
use crate::check::{Checker, Context};
use crate::clause::{StatementClause, target_table};
use crate::parser::{Head, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["delete", "from"]];

pub(super) enum Delete {
    Rows(Box<Rows>),
    Statement(Box<StatementClause>),
}

/// Rows that are deleted by what is in them.
pub(super) struct Rows {
    table: Spanned<QualifiedName>,
    condition: Option<Spanned<Expression>>,
    at: At,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Delete> {
    let start = parser.cursor.index();
    let table = parser.qualified_name("the table")?;
    let is_alias = |word: &str| !matches!(word, "where" | "down" | "irreversible");
    if matches!(parser.cursor.peek(), Token::Word(word) if is_alias(word)) {
        return StatementClause::parse(parser, start - 2).map(Box::new).map(Delete::Statement);
    }
    let condition = if parser.cursor.take_word("where") { Some(parser.expression()?) } else { None };
    Ok(Delete::Rows(Box::new(Rows { table, condition, at: parser.cursor.since(start) })))
}

impl Item for Delete {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`delete`");
        match self {
            Delete::Rows(rows) => rows.check(checker),
            Delete::Statement(statement) => statement.check(checker),
        }
    }
}

impl Rows {
    /// It as any other statement.
    fn statement(&self) -> Statement {
        Statement::Delete(query::Delete {
            with: None,
            table: target_table(&self.table),
            using: Vec::new(),
            filter: self.condition.as_ref().map(|condition| condition.value.clone()),
            returning: None,
            at: self.at,
        })
    }

    fn check(&self, checker: &mut Checker<'_>) {
        if checker.is_other_relation(&self.table.value) {
            return StatementClause { statement: self.statement(), at: self.at }.check(checker);
        }
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
