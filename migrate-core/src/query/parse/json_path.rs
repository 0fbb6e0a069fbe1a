//! The parser of `JSON_VALUE`, `JSON_QUERY` and `JSON_EXISTS`, and of what `JSON_TABLE` shares with them.

use crate::expression::Parser;
use crate::query::{JsonBehavior, JsonFunction, JsonPath, JsonPathFunction, JsonQuotes, JsonVariable, JsonWrapper};
use crate::token::SyntaxError;

impl Parser<'_, '_> {
    /// What stands in the brackets.
    pub(super) fn json_path(&mut self, function: JsonPathFunction) -> Result<JsonFunction, SyntaxError> {
        let document = self.json_value()?;
        if !self.cursor.take_symbol(',') {
            return Err(self.cursor.expected("`,`"));
        }
        let path = self.expression()?;
        let passing = self.json_passing()?;
        let returning = if function == JsonPathFunction::Exists { None } else { self.json_output()? };
        let (wrapper, quotes) = if function == JsonPathFunction::Query {
            (self.json_wrapper()?, self.json_quotes()?)
        } else {
            (None, None)
        };
        let (on_empty, on_error) = self.json_behaviors()?;
        Ok(JsonFunction::Path(JsonPath {
            function,
            document,
            path,
            passing,
            returning,
            wrapper,
            quotes,
            on_empty,
            on_error,
        }))
    }

    /// `PASSING 1 AS x, 2 AS y`, if it follows.
    pub(super) fn json_passing(&mut self) -> Result<Vec<JsonVariable>, SyntaxError> {
        let mut passing = Vec::new();
        if !self.cursor.take_word("passing") {
            return Ok(passing);
        }
        loop {
            let value = self.json_value()?;
            self.expect_word("as")?;
            passing.push(JsonVariable { value, name: self.label("a name for the path")? });
            if !self.cursor.take_symbol(',') {
                return Ok(passing);
            }
        }
    }

    pub(super) fn json_wrapper(&mut self) -> Result<Option<JsonWrapper>, SyntaxError> {
        const WRAPPERS: [(&[&str], JsonWrapper); 8] = [
            (&["without", "wrapper"], JsonWrapper::Without),
            (&["without", "array", "wrapper"], JsonWrapper::Without),
            (&["with", "wrapper"], JsonWrapper::Unconditional),
            (&["with", "array", "wrapper"], JsonWrapper::Unconditional),
            (&["with", "conditional", "wrapper"], JsonWrapper::Conditional),
            (&["with", "conditional", "array", "wrapper"], JsonWrapper::Conditional),
            (&["with", "unconditional", "wrapper"], JsonWrapper::Unconditional),
            (&["with", "unconditional", "array", "wrapper"], JsonWrapper::Unconditional),
        ];
        Ok(WRAPPERS.iter().find(|(words, _)| self.cursor.take_words(words)).map(|(_, wrapper)| *wrapper))
    }

    pub(super) fn json_quotes(&mut self) -> Result<Option<JsonQuotes>, SyntaxError> {
        let quotes = if self.cursor.take_words(&["keep", "quotes"]) {
            JsonQuotes::Keep
        } else if self.cursor.take_words(&["omit", "quotes"]) {
            JsonQuotes::Omit
        } else {
            return Ok(None);
        };
        self.cursor.take_words(&["on", "scalar", "string"]);
        Ok(Some(quotes))
    }

    /// `NULL ON EMPTY ERROR ON ERROR`: what is there of it.
    pub(super) fn json_behaviors(&mut self) -> Result<(Option<JsonBehavior>, Option<JsonBehavior>), SyntaxError> {
        let (mut on_empty, mut on_error) = (None, None);
        while on_error.is_none()
            && let Some(behavior) = self.json_behavior()?
        {
            if on_empty.is_none() && self.cursor.take_words(&["on", "empty"]) {
                on_empty = Some(behavior);
            } else if self.cursor.take_words(&["on", "error"]) {
                on_error = Some(behavior);
            } else {
                return Err(self.cursor.expected("`on empty` or `on error`"));
            }
        }
        Ok((on_empty, on_error))
    }

    fn json_behavior(&mut self) -> Result<Option<JsonBehavior>, SyntaxError> {
        let words = [
            (&["error"][..], JsonBehavior::Error),
            (&["null"], JsonBehavior::Null),
            (&["true"], JsonBehavior::True),
            (&["false"], JsonBehavior::False),
            (&["unknown"], JsonBehavior::Unknown),
            (&["empty", "array"], JsonBehavior::EmptyArray),
            (&["empty", "object"], JsonBehavior::EmptyObject),
            (&["empty"], JsonBehavior::EmptyArray),
        ];
        if self.cursor.take_word("default") {
            return Ok(Some(JsonBehavior::Default(Box::new(self.expression()?))));
        }
        Ok(words.into_iter().find(|(words, _)| self.cursor.take_words(words)).map(|(_, behavior)| behavior))
    }
}
