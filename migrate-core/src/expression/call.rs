//! The parser of calls: arguments, and what aggregates and window functions have behind them.

use super::parse::Parser;
use super::{Argument, Call, Expression, ExpressionKind};
use crate::query::Over;
use crate::token::{Bracket, SyntaxError, Token};

impl Parser<'_, '_> {
    /// The arguments of a call. The position is at the opening bracket.
    pub(super) fn call(&mut self, schema: Option<String>, name: String) -> Result<ExpressionKind, SyntaxError> {
        self.cursor.next();
        let mut call = Call { schema, ..Call::new(name) };
        call.is_distinct = self.cursor.take_word("distinct");
        if !call.is_distinct && !matches!(self.cursor.look_ahead(1), Token::Symbol { .. } | Token::Close(_)) {
            self.cursor.take_word("all");
        }
        if !call.is_distinct && self.cursor.is_symbol('*') && *self.cursor.look_ahead(1) == Token::Close(Bracket::Round)
        {
            let value = Expression::new(ExpressionKind::Star(Vec::new()), self.cursor.at());
            self.cursor.next();
            call.arguments.push(Argument { name: None, value });
        }
        while !self.cursor.take_close(Bracket::Round) {
            call.is_variadic |= self.cursor.take_word("variadic");
            let name = self.argument_name();
            let value = self.inner_expression()?;
            if name.is_none() && call.arguments.iter().any(|argument| argument.name.is_some()) {
                let message = "an argument without a name cannot follow one with a name".to_owned();
                return Err(SyntaxError {
                    message,
                    help: Some("name it as well: `name => value`".into()),
                    at: value.at,
                });
            }
            call.arguments.push(Argument { name, value });
            if self.cursor.take_words(&["order", "by"]) {
                call.order_by = self.order_items()?;
                self.expect_close(Bracket::Round)?;
                break;
            }
            if !self.takes_comma(Bracket::Round)? {
                break;
            }
        }
        if self.cursor.is_words(&["within", "group"]) && *self.cursor.look_ahead(2) == Token::Open(Bracket::Round) {
            let refused = [
                (call.is_distinct, "distinct"),
                (call.is_variadic, "variadic"),
                (!call.order_by.is_empty(), "order by"),
            ];
            if let Some((_, word)) = refused.into_iter().find(|(is_there, _)| *is_there) {
                let at = self.cursor.at();
                let message = format!("`{word}` cannot be used with `within group`");
                return Err(SyntaxError { message, help: Some(format!("remove `{word}`")), at });
            }
            self.cursor.go_to(self.cursor.index() + 3);
            self.expect_word("order")?;
            self.expect_word("by")?;
            call.within_group = self.order_items()?;
            self.expect_close(Bracket::Round)?;
        }
        call.filter = self.aggregate_filter()?;
        call.over = self.over()?;
        Ok(ExpressionKind::Call(call))
    }

    /// `FILTER (WHERE ...)`, if it follows.
    pub(crate) fn aggregate_filter(&mut self) -> Result<Option<Box<Expression>>, SyntaxError> {
        if !self.cursor.is_word("filter") || *self.cursor.look_ahead(1) != Token::Open(Bracket::Round) {
            return Ok(None);
        }
        self.cursor.next();
        self.cursor.next();
        self.expect_word("where")?;
        let condition = self.inner_expression()?;
        self.expect_close(Bracket::Round)?;
        Ok(Some(Box::new(condition)))
    }

    /// `OVER w`, `OVER (...)`, if it follows.
    pub(crate) fn over(&mut self) -> Result<Option<Box<Over>>, SyntaxError> {
        let is_window = *self.cursor.look_ahead(1) == Token::Open(Bracket::Round)
            || self.is_in_query && self.cursor.name_ahead(1).is_some();
        if !self.cursor.is_word("over") || !is_window {
            return Ok(None);
        }
        self.cursor.next();
        Ok(Some(Box::new(match self.cursor.is_open(Bracket::Round) {
            true => Over::Defined(self.window()?),
            false => Over::Named(self.name("the name of a window")?),
        })))
    }

    /// `name =>` or `name :=`, if it follows.
    pub(crate) fn argument_name(&mut self) -> Option<String> {
        let (Token::Word(name) | Token::QuotedWord(name)) = self.cursor.peek() else { return None };
        let follows = |first: char, second: char| {
            matches!(self.cursor.look_ahead(1), Token::Symbol { symbol, joint: true } if *symbol == first)
                && matches!(self.cursor.look_ahead(2), Token::Symbol { symbol, .. } if *symbol == second)
        };
        if !follows('=', '>') && !follows(':', '=') {
            return None;
        }
        self.cursor.go_to(self.cursor.index() + 3);
        Some(name.clone())
    }
}
