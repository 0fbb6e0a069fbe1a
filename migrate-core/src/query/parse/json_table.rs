//! The parser of `JSON_TABLE`.

use crate::expression::{Expression, Parser};
use crate::query::{JsonTable, JsonTableColumn};
use crate::token::{Bracket, SyntaxError};
use crate::types::Type;

impl Parser<'_, '_> {
    /// `JSON_TABLE (...)`, which is next.
    pub(super) fn json_table(&mut self, is_lateral: bool) -> Result<JsonTable, SyntaxError> {
        let start = self.cursor.index();
        self.cursor.next();
        self.cursor.next();
        let document = self.json_value()?;
        if !self.cursor.take_symbol(',') {
            return Err(self.cursor.expected("`,`"));
        }
        let path = self.expression()?;
        let name = if self.cursor.take_word("as") { Some(self.name("a name for the path")?) } else { None };
        let passing = self.json_passing()?;
        let columns = self.json_table_columns()?;
        let on_error = match self.json_behaviors()? {
            (None, on_error) => on_error,
            (Some(_), _) => return Err(self.cursor.expected("`on error`")),
        };
        self.expect_close(Bracket::Round)?;
        let at = self.cursor.since(start);
        Ok(JsonTable { document, path, name, passing, columns, on_error, is_lateral, at })
    }

    /// `COLUMNS (...)`
    fn json_table_columns(&mut self) -> Result<Vec<JsonTableColumn>, SyntaxError> {
        self.expect_word("columns")?;
        self.expect_open()?;
        let mut columns = vec![self.json_table_column()?];
        while self.cursor.take_symbol(',') {
            columns.push(self.json_table_column()?);
        }
        self.expect_close(Bracket::Round)?;
        Ok(columns)
    }

    fn json_table_column(&mut self) -> Result<JsonTableColumn, SyntaxError> {
        let is_path = self.cursor.is_words(&["nested", "path"])
            || self.cursor.is_word("nested") && matches!(self.cursor.look_ahead(1), crate::token::Token::Text(_));
        if is_path {
            self.cursor.next();
            self.cursor.take_word("path");
            let path = self.path_text()?;
            let name = if self.cursor.take_word("as") { Some(self.name("a name for the path")?) } else { None };
            let columns = self.deeper(1, Self::json_table_columns)?;
            return Ok(JsonTableColumn::Nested { path, name, columns });
        }
        let name = self.name("a column")?;
        if self.cursor.take_words(&["for", "ordinality"]) {
            return Ok(JsonTableColumn::Ordinality(name));
        }
        let data_type = Type::parse(self.cursor)?;
        if self.cursor.take_word("exists") {
            let path = self.column_path()?;
            let (_, on_error) = self.json_behaviors()?;
            return Ok(JsonTableColumn::Exists { name, data_type, path, on_error });
        }
        let format = self.json_format()?;
        let path = self.column_path()?;
        let wrapper = self.json_wrapper()?;
        let quotes = self.json_quotes()?;
        let (on_empty, on_error) = self.json_behaviors()?;
        Ok(JsonTableColumn::Value { name, data_type, format, path, wrapper, quotes, on_empty, on_error })
    }

    fn column_path(&mut self) -> Result<Option<Expression>, SyntaxError> {
        if self.cursor.take_word("path") { self.path_text().map(Some) } else { Ok(None) }
    }

    fn path_text(&mut self) -> Result<Expression, SyntaxError> {
        match self.cursor.peek() {
            crate::token::Token::Text(_) => self.operand(),
            _ => Err(self.cursor.expected("a path in quotes")),
        }
    }
}
