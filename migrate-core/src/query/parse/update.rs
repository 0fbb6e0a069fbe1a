//! The parser of `UPDATE` and `DELETE`.

use crate::expression::{Expression, ExpressionKind, Parser};
use crate::query::{Assignment, Delete, TargetTable, Update};
use crate::token::{Bracket, SyntaxError, Token};

impl Parser<'_, '_> {
    pub(super) fn update(&mut self) -> Result<Update, SyntaxError> {
        let start = self.cursor.index();
        self.cursor.next();
        let table = self.target_table()?;
        self.expect_word("set")?;
        let assignments = self.assignments()?;
        let from = if self.cursor.take_word("from") { self.sources()? } else { Vec::new() };
        let filter = self.filter_or_cursor()?;
        let returning = self.returning()?;
        Ok(Update { with: None, table, assignments, from, filter, returning, at: self.cursor.since(start) })
    }

    pub(super) fn delete(&mut self) -> Result<Delete, SyntaxError> {
        let start = self.cursor.index();
        self.cursor.next();
        self.expect_word("from")?;
        let table = self.target_table()?;
        let using = if self.cursor.take_word("using") { self.sources()? } else { Vec::new() };
        let filter = self.filter_or_cursor()?;
        let returning = self.returning()?;
        Ok(Delete { with: None, table, using, filter, returning, at: self.cursor.since(start) })
    }

    pub(super) fn target_table(&mut self) -> Result<TargetTable, SyntaxError> {
        let (name, is_only) = self.relation()?;
        let alias = self.target_alias()?;
        Ok(TargetTable { name, is_only, alias })
    }

    /// `WHERE ...`, `WHERE CURRENT OF ...`, if it follows.
    fn filter_or_cursor(&mut self) -> Result<Option<Expression>, SyntaxError> {
        let start = self.cursor.index() + 1;
        if !self.cursor.take_words(&["where", "current", "of"]) {
            return self.filter();
        }
        let name = self.name("a cursor")?;
        Ok(Some(Expression::new(ExpressionKind::CurrentOf(name.value), self.cursor.since(start))))
    }

    /// What stands behind `SET`.
    pub(super) fn assignments(&mut self) -> Result<Vec<Assignment>, SyntaxError> {
        let mut assignments = Vec::new();
        loop {
            assignments.push(self.assignment()?);
            if !self.cursor.take_symbol(',') {
                return Ok(assignments);
            }
        }
    }

    fn assignment(&mut self) -> Result<Assignment, SyntaxError> {
        if !self.cursor.is_open(Bracket::Round) {
            let target = self.target()?;
            self.expect_equals()?;
            return Ok(Assignment::One { target, value: self.value_or_default()? });
        }
        let targets = self.target_list()?;
        self.expect_equals()?;
        Ok(Assignment::Several { targets, value: self.row_or_query()? })
    }

    fn expect_equals(&mut self) -> Result<(), SyntaxError> {
        if self.cursor.take_symbol('=') { Ok(()) } else { Err(self.cursor.expected("`=`")) }
    }

    /// `(1, DEFAULT)`, `ROW(1, 2)`, `(SELECT ...)`, `ROW(t.*)`
    fn row_or_query(&mut self) -> Result<Expression, SyntaxError> {
        let start = self.cursor.index();
        let is_row = self.cursor.is_word("row") && *self.cursor.look_ahead(1) == Token::Open(Bracket::Round);
        let is_list = self.cursor.is_open(Bracket::Round) && !crate::expression::leads_to_query(self.cursor);
        if !is_row && !is_list {
            return self.expression();
        }
        if is_row {
            self.cursor.next();
        }
        let values = self.row(true)?;
        Ok(Expression::new(ExpressionKind::Row(values), self.cursor.since(start)))
    }
}
