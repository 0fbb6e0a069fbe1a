//! The parser of `WITH`.

use crate::expression::{Expression, ExpressionKind, Level, Parser};
use crate::query::{CommonTable, Cycle, Name, Search, With};
use crate::token::{Bracket, SyntaxError};

impl Parser<'_, '_> {
    /// `WITH ...`, which is next.
    pub(super) fn with(&mut self) -> Result<With, SyntaxError> {
        let start = self.cursor.index();
        self.cursor.next();
        let is_recursive = self.cursor.take_word("recursive");
        let mut tables = vec![self.common_table()?];
        while self.cursor.take_symbol(',') {
            tables.push(self.common_table()?);
        }
        Ok(With { is_recursive, tables, at: self.cursor.since(start) })
    }

    fn common_table(&mut self) -> Result<CommonTable, SyntaxError> {
        let start = self.cursor.index();
        let name = self.name("a name for the query")?;
        let columns = if self.cursor.is_open(Bracket::Round) { self.names("a column")? } else { Vec::new() };
        self.expect_word("as")?;
        let is_materialized = if self.cursor.take_word("materialized") {
            Some(true)
        } else if self.cursor.take_words(&["not", "materialized"]) {
            Some(false)
        } else {
            None
        };
        self.expect_open()?;
        let statement = Box::new(self.statement()?);
        if !self.cursor.take_close(Bracket::Round) {
            return Err(self.cursor.expected("`)`"));
        }
        let search = if self.cursor.take_word("search") { Some(self.search()?) } else { None };
        let cycle = if self.cursor.take_word("cycle") { Some(self.cycle()?) } else { None };
        Ok(CommonTable { name, columns, is_materialized, statement, search, cycle, at: self.cursor.since(start) })
    }

    fn search(&mut self) -> Result<Search, SyntaxError> {
        let is_breadth_first = self.cursor.take_word("breadth");
        if !is_breadth_first {
            self.expect_word("depth")?;
        }
        self.expect_word("first")?;
        self.expect_word("by")?;
        let columns = self.bare_names()?;
        self.expect_word("set")?;
        Ok(Search { is_breadth_first, columns, sequence: self.name("a name for the column")? })
    }

    fn cycle(&mut self) -> Result<Cycle, SyntaxError> {
        let columns = self.bare_names()?;
        self.expect_word("set")?;
        let mark = self.name("a name for the column")?;
        let values = match self.cursor.take_word("to") {
            true => {
                let found = self.constant()?;
                self.expect_word("default")?;
                Some(Box::new((found, self.constant()?)))
            }
            false => None,
        };
        self.expect_word("using")?;
        Ok(Cycle { columns, mark, values, path: self.name("a name for the column")? })
    }

    /// A literal. PostgreSQL prints `'Y'::text`, which it cannot read: that is `text 'Y'`.
    fn constant(&mut self) -> Result<Expression, SyntaxError> {
        let start = self.cursor.index();
        let value = self.level(Level::Cast)?;
        let at = self.cursor.since(start);
        match value.kind {
            ExpressionKind::Cast { operand, target, .. } => match operand.kind {
                ExpressionKind::Text(text) => Ok(Expression::new(ExpressionKind::TypedText { target, text }, at)),
                kind => Ok(Expression::new(kind, at)),
            },
            kind => Ok(Expression::new(kind, at)),
        }
    }

    fn bare_names(&mut self) -> Result<Vec<Name>, SyntaxError> {
        let mut names = vec![self.name("a column")?];
        while self.cursor.take_symbol(',') {
            names.push(self.name("a column")?);
        }
        Ok(names)
    }
}
