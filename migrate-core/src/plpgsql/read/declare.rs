//! `DECLARE`.

use super::value::End;
use super::{Reader, mistake};
use crate::plpgsql::{Declaration, DeclarationKind, VariableType};
use crate::query::{Name, ObjectName};
use crate::token::{Bracket, SyntaxError, Token};
use crate::types::Type;

const END: [End; 1] = [End::Symbol(';')];

impl Reader<'_> {
    /// What `DECLARE` declares, if it follows.
    pub(super) fn declarations(&mut self) -> Result<Vec<Declaration>, SyntaxError> {
        let mut declarations = Vec::new();
        if !self.cursor.is_word("declare") {
            return Ok(declarations);
        }
        while !self.cursor.is_word("begin") {
            if !self.cursor.take_word("declare") {
                let declaration = self.declaration()?;
                self.names.declare(&declaration)?;
                declarations.push(declaration);
            }
        }
        Ok(declarations)
    }

    fn declaration(&mut self) -> Result<Declaration, SyntaxError> {
        let start = self.cursor.index();
        let name = self.name("`begin` or the name of a variable")?;
        let kind = if self.cursor.take_words(&["alias", "for"]) {
            DeclarationKind::Alias(self.aliased()?)
        } else if self.takes_cursor() {
            let arguments = self.cursor_parameters()?;
            if !self.cursor.take_word("for") && !self.cursor.take_word("is") {
                return Err(self.cursor.expected("`for`"));
            }
            DeclarationKind::Cursor { arguments, query: Box::new(self.query(&END)?) }
        } else {
            self.variable_declaration()?
        };
        self.expect_end()?;
        if let DeclarationKind::Variable { is_not_null: true, default: None, .. } = &kind {
            return Err(mistake(format!("`{}` is `not null`, so it needs a first value", name.value), name.at));
        }
        Ok(Declaration { name, kind, at: self.cursor.since(start) })
    }

    /// What stands behind `ALIAS FOR`.
    fn aliased(&mut self) -> Result<String, SyntaxError> {
        if self.cursor.take_symbol('$') {
            let Token::Number(number) = self.cursor.peek() else {
                return Err(self.cursor.expected("the number of an argument"));
            };
            self.cursor.next();
            return Ok(format!("${number}"));
        }
        let mut name = self.name("a variable")?.value;
        while self.cursor.take_symbol('.') {
            name = format!("{name}.{}", self.name("a variable")?.value);
        }
        Ok(name)
    }

    /// Takes `CURSOR`, `SCROLL CURSOR`, `NO SCROLL CURSOR`.
    fn takes_cursor(&mut self) -> bool {
        self.cursor.take_words(&["no", "scroll", "cursor"])
            || self.cursor.take_words(&["scroll", "cursor"])
            || self.cursor.take_word("cursor")
    }

    fn cursor_parameters(&mut self) -> Result<Vec<(Name, VariableType)>, SyntaxError> {
        let mut parameters = Vec::new();
        if !self.cursor.take_open(Bracket::Round) {
            return Ok(parameters);
        }
        loop {
            let name = self.name("an argument")?;
            parameters.push((name, self.variable_type()?));
            if !self.cursor.take_symbol(',') {
                break;
            }
        }
        if !self.cursor.take_close(Bracket::Round) {
            return Err(self.cursor.expected("`)`"));
        }
        Ok(parameters)
    }

    fn variable_declaration(&mut self) -> Result<DeclarationKind, SyntaxError> {
        let is_constant = self.cursor.take_word("constant");
        let data_type = self.variable_type()?;
        let mut collation = Vec::new();
        if self.cursor.take_word("collate") {
            collation.push(self.name("a collation")?.value);
            while self.cursor.take_symbol('.') {
                collation.push(self.name("a collation")?.value);
            }
        }
        let is_not_null = self.cursor.take_words(&["not", "null"]);
        let has_default = self.cursor.take_word("default") || self.takes_assignment();
        if !has_default && !self.cursor.is_symbol(';') {
            return Err(self.cursor.expected("`;` or `:=`"));
        }
        let default = if has_default { Some(self.value(&END)?) } else { None };
        Ok(DeclarationKind::Variable { is_constant, data_type, collation, is_not_null, default })
    }

    /// Takes `:=` or `=`.
    pub(super) fn takes_assignment(&mut self) -> bool {
        if self.is_symbols(':', '=') {
            self.cursor.next();
        }
        self.cursor.take_symbol('=')
    }

    /// A type, `a.b%TYPE`, `a%ROWTYPE`
    fn variable_type(&mut self) -> Result<VariableType, SyntaxError> {
        let start = self.cursor.index();
        let mut names = Vec::new();
        if self.cursor.is_symbol('$') {
            names.push(self.variable()?);
        }
        while let Some(name) = self.cursor.name_ahead(0) {
            names.push(Name::new(name, self.cursor.at()));
            self.cursor.next();
            if !self.cursor.take_symbol('.') {
                break;
            }
        }
        if names.is_empty() || !self.cursor.take_symbol('%') {
            self.cursor.go_to(start);
            return Type::parse(&mut self.cursor).map(VariableType::Type);
        }
        if self.cursor.take_word("rowtype") {
            let mut parts = names.into_iter().rev();
            let Some(name) = parts.next() else { return Err(self.cursor.expected("a table")) };
            return Ok(VariableType::RowOf(ObjectName { name, schema: parts.next(), database: parts.next() }));
        }
        self.expect_word("type")?;
        let mut is_array = self.cursor.take_word("array");
        while self.cursor.take_open(Bracket::Square) {
            is_array = true;
            if matches!(self.cursor.peek(), Token::Number(_)) {
                self.cursor.next();
            }
            if !self.cursor.take_close(Bracket::Square) {
                return Err(self.cursor.expected("`]`"));
            }
        }
        Ok(if is_array { VariableType::ArrayOf(names) } else { VariableType::SameAs(names) })
    }
}
