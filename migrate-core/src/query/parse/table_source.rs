//! The parser of tables and of functions that give rows.

use crate::expression::{Expression, ExpressionKind, Parser, SessionValue};
use crate::query::{Alias, Function, FunctionSource, Sample, Source, SourceKind, TableSource};
use crate::token::{Bracket, SyntaxError, Token};

impl Parser<'_, '_> {
    /// A table or a function; `start` is before `LATERAL`.
    pub(super) fn table_or_function(&mut self, is_lateral: bool, start: u32) -> Result<Source, SyntaxError> {
        if self.cursor.is_words(&["rows", "from"]) && *self.cursor.look_ahead(2) == Token::Open(Bracket::Round) {
            self.cursor.go_to(self.cursor.index() + 3);
            let functions = self.rows_from()?;
            return self.function_source(functions, true, is_lateral, start);
        }
        let is_called = |distance: usize| *self.cursor.look_ahead(distance) == Token::Open(Bracket::Round);
        if self.cursor.is_word("xmltable") && is_called(1) {
            let kind = SourceKind::Xml(Box::new(self.xml_table(is_lateral)?));
            let alias = self.alias()?;
            return Ok(Source { kind, alias, at: self.cursor.since(start) });
        }
        if self.cursor.is_word("json_table") && is_called(1) {
            let kind = SourceKind::Json(Box::new(self.json_table(is_lateral)?));
            let alias = self.alias()?;
            return Ok(Source { kind, alias, at: self.cursor.since(start) });
        }
        if self.is_function() {
            let call = self.function_call()?;
            let functions = vec![Function { call, columns: Vec::new() }];
            return self.function_source(functions, false, is_lateral, start);
        }
        if is_lateral {
            return Err(self.cursor.expected("a query or a function"));
        }
        let (name, is_only) = self.relation()?;
        let alias = self.alias()?;
        let sample = if self.cursor.take_word("tablesample") { Some(Box::new(self.sample()?)) } else { None };
        let kind = SourceKind::Table(TableSource { name, is_only, sample });
        Ok(Source { kind, alias, at: self.cursor.since(start) })
    }

    /// Whether a function is next: `f(`, `app.f(`, `current_date`
    fn is_function(&self) -> bool {
        if self.cursor.is_word("only") {
            return false;
        }
        let mut distance = 0;
        while self.cursor.name_ahead(distance).is_some() {
            match self.cursor.look_ahead(distance + 1) {
                Token::Open(Bracket::Round) => return true,
                Token::Symbol { symbol: '.', .. } => distance += 2,
                _ => break,
            }
        }
        // A table may well be called `user`; in SQL text that is the function.
        let is_table = self.cursor.is_rust_source() && self.cursor.is_word("user");
        distance == 0 && !is_table && SessionValue::ALL.iter().any(|(word, _)| self.cursor.is_word(word))
    }

    fn function_call(&mut self) -> Result<Expression, SyntaxError> {
        let start = self.cursor.index();
        if matches!(self.cursor.peek(), Token::Text(_)) {
            let kind = self.name_or_call()?;
            return Ok(Expression::new(kind, self.cursor.since(start)));
        }
        let call = self.operand()?;
        match call.kind {
            ExpressionKind::TypedText { .. }
            | ExpressionKind::Name(_)
            | ExpressionKind::Row(_)
            | ExpressionKind::Exists(_)
            | ExpressionKind::ArraySubquery(_) => {
                self.cursor.go_to(start);
                Err(self.cursor.expected("a table or a function"))
            }
            _ => Ok(call),
        }
    }

    /// The functions in `ROWS FROM (...)`.
    fn rows_from(&mut self) -> Result<Vec<Function>, SyntaxError> {
        let mut functions = Vec::new();
        loop {
            let call = self.function_call()?;
            let columns = match self.cursor.take_word("as") {
                true => {
                    self.expect_open()?;
                    self.column_definitions()?
                }
                false => Vec::new(),
            };
            functions.push(Function { call, columns });
            if !self.cursor.take_symbol(',') {
                self.expect_close(Bracket::Round)?;
                return Ok(functions);
            }
        }
    }

    fn function_source(
        &mut self,
        functions: Vec<Function>,
        is_rows_from: bool,
        is_lateral: bool,
        start: u32,
    ) -> Result<Source, SyntaxError> {
        let with_ordinality = self.cursor.take_words(&["with", "ordinality"]);
        let mut source = FunctionSource { functions, is_rows_from, with_ordinality, is_lateral, columns: Vec::new() };
        let has_as = self.cursor.take_word("as");
        let mut alias = None;
        if has_as && self.cursor.take_open(Bracket::Round) {
            source.columns = self.column_definitions()?;
        } else if has_as || self.is_name() {
            let name = self.name("an alias")?;
            let mut columns = Vec::new();
            if self.cursor.is_open(Bracket::Round) {
                // `t (x, y)` or `t (x integer, y text)`
                if matches!(self.cursor.look_ahead(2), Token::Symbol { symbol: ',', .. } | Token::Close(_)) {
                    columns = self.names("a column")?;
                } else {
                    self.cursor.next();
                    source.columns = self.column_definitions()?;
                }
            }
            alias = Some(Alias { name, columns });
        }
        Ok(Source { kind: SourceKind::Function(source), alias, at: self.cursor.since(start) })
    }

    fn sample(&mut self) -> Result<Sample, SyntaxError> {
        let method = self.object_name("`system` or `bernoulli`")?;
        self.expect_open()?;
        let arguments = self.items(Bracket::Round)?;
        let seed = match self.cursor.take_word("repeatable") {
            true => {
                self.expect_open()?;
                let seed = self.inner_expression()?;
                self.expect_close(Bracket::Round)?;
                Some(seed)
            }
            false => None,
        };
        Ok(Sample { method, arguments, seed })
    }
}
