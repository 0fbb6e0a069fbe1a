//! The parser of the functions with words between their arguments.

use super::operator::Level;
use super::parse::Parser;
use super::{Argument, Call, Expression, ExpressionKind, NormalForm, TrimSide};
use crate::token::{Bracket, SyntaxError, Token};
use crate::types::Type;

impl Parser<'_, '_> {
    /// `EXTRACT(... FROM ...)` and its kin. The position is at the function's name, a bracket follows.
    pub(super) fn special(&mut self, name: &str) -> Result<ExpressionKind, SyntaxError> {
        self.cursor.next();
        self.cursor.next();
        match name {
            "extract" => self.extract(),
            "position" => self.position(),
            "trim" => self.trim(),
            "substring" => self.substring(),
            "normalize" => self.normalize(),
            "treat" => self.treat(),
            _ => self.overlay(),
        }
    }

    /// `COLLATION FOR (a)`, which is a call.
    pub(super) fn collation_for(&mut self) -> Result<ExpressionKind, SyntaxError> {
        self.cursor.next();
        self.cursor.next();
        if !self.cursor.take_open(Bracket::Round) {
            return Err(self.cursor.expected("`(`"));
        }
        let operand = self.inner_expression()?;
        self.expect_close(Bracket::Round)?;
        Ok(Expression::call("pg_collation_for", [operand]).kind)
    }

    fn normalize(&mut self) -> Result<ExpressionKind, SyntaxError> {
        let operand = self.inner_expression()?;
        let forms = [
            ("nfc", NormalForm::Nfc),
            ("nfd", NormalForm::Nfd),
            ("nfkc", NormalForm::Nfkc),
            ("nfkd", NormalForm::Nfkd),
        ];
        if self.cursor.is_symbol(',')
            && let Token::Word(word) = self.cursor.look_ahead(1)
            && let Some((_, form)) = forms.iter().find(|(name, _)| word.eq_ignore_ascii_case(name))
        {
            self.cursor.next();
            self.cursor.next();
            self.expect_close(Bracket::Round)?;
            return Ok(ExpressionKind::Normalize { operand: Box::new(operand), form: *form });
        }
        self.plain_call("normalize", operand)
    }

    fn treat(&mut self) -> Result<ExpressionKind, SyntaxError> {
        let operand = Box::new(self.inner_expression()?);
        self.expect_word("as")?;
        let target = Type::parse(self.cursor)?;
        self.expect_close(Bracket::Round)?;
        Ok(ExpressionKind::Treat { operand, target })
    }

    fn extract(&mut self) -> Result<ExpressionKind, SyntaxError> {
        let (Token::Word(field) | Token::QuotedWord(field) | Token::Text(field)) = self.cursor.peek() else {
            return Err(self.cursor.expected("the field to extract"));
        };
        self.cursor.next();
        self.expect_word("from")?;
        let source = Box::new(self.inner_expression()?);
        self.expect_close(Bracket::Round)?;
        Ok(ExpressionKind::Extract { field: field.to_ascii_lowercase(), source })
    }

    fn position(&mut self) -> Result<ExpressionKind, SyntaxError> {
        // What is looked for ends at `in`, which would otherwise test for membership.
        let needle = Box::new(self.level(Level::Other)?);
        self.expect_word("in")?;
        let haystack = Box::new(self.inner_expression()?);
        self.expect_close(Bracket::Round)?;
        Ok(ExpressionKind::Position { needle, haystack })
    }

    fn trim(&mut self) -> Result<ExpressionKind, SyntaxError> {
        let side = if self.cursor.take_word("leading") {
            TrimSide::Leading
        } else if self.cursor.take_word("trailing") {
            TrimSide::Trailing
        } else {
            self.cursor.take_word("both");
            TrimSide::Both
        };
        let characters =
            if self.cursor.is_word("from") && !self.is_only_argument() { None } else { Some(self.inner_expression()?) };
        if self.cursor.take_word("from") {
            let source = Box::new(self.inner_expression()?);
            self.expect_close(Bracket::Round)?;
            return Ok(ExpressionKind::Trim { side, characters: characters.map(Box::new), source });
        }
        let Some(source) = characters else { return Err(self.cursor.expected("`from`")) };
        // `trim(source, characters)`
        let characters = if self.cursor.take_symbol(',') { Some(Box::new(self.inner_expression()?)) } else { None };
        self.expect_close(Bracket::Round)?;
        Ok(ExpressionKind::Trim { side, characters, source: Box::new(source) })
    }

    /// Whether the next word is the only argument: a column that is named `from`.
    fn is_only_argument(&self) -> bool {
        *self.cursor.look_ahead(1) == Token::Close(Bracket::Round)
    }

    fn substring(&mut self) -> Result<ExpressionKind, SyntaxError> {
        let source = self.inner_expression()?;
        if self.cursor.is_symbol(',') || *self.cursor.peek() == Token::Close(Bracket::Round) {
            return self.plain_call("substring", source);
        }
        let (mut start, mut length) = (None, None);
        loop {
            if start.is_none() && self.cursor.take_word("from") {
                start = Some(Box::new(self.inner_expression()?));
            } else if length.is_none() && self.cursor.take_word("for") {
                length = Some(Box::new(self.inner_expression()?));
            } else if start.is_none() && self.cursor.take_word("similar") {
                let pattern = self.inner_expression()?;
                self.expect_word("escape")?;
                let escape = self.inner_expression()?;
                self.expect_close(Bracket::Round)?;
                // The form of PostgreSQL 14 on; the older spelling is `FROM pattern FOR escape`.
                return Ok(ExpressionKind::Substring {
                    source: Box::new(source),
                    start: Some(Box::new(pattern)),
                    length: Some(Box::new(escape)),
                });
            } else {
                break;
            }
        }
        self.expect_close(Bracket::Round)?;
        Ok(ExpressionKind::Substring { source: Box::new(source), start, length })
    }

    fn overlay(&mut self) -> Result<ExpressionKind, SyntaxError> {
        let source = self.inner_expression()?;
        if !self.cursor.take_word("placing") {
            return self.plain_call("overlay", source);
        }
        let replacement = Box::new(self.inner_expression()?);
        self.expect_word("from")?;
        let start = Box::new(self.inner_expression()?);
        let length = if self.cursor.take_word("for") { Some(Box::new(self.inner_expression()?)) } else { None };
        self.expect_close(Bracket::Round)?;
        Ok(ExpressionKind::Overlay { source: Box::new(source), replacement, start, length })
    }

    /// The rest of a call with commas, after its first argument.
    fn plain_call(&mut self, name: &str, first: Expression) -> Result<ExpressionKind, SyntaxError> {
        let mut arguments = vec![Argument { name: None, value: first }];
        if self.cursor.take_symbol(',') {
            arguments.extend(self.items(Bracket::Round)?.into_iter().map(|value| Argument { name: None, value }));
        } else {
            self.expect_close(Bracket::Round)?;
        }
        Ok(ExpressionKind::Call(Call { arguments, ..Call::new(name) }))
    }
}
