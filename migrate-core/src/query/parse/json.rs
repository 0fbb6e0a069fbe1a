//! The parser of the functions of SQL/JSON.

use crate::expression::{Parser, leads_to_query};
use crate::query::{JsonFormat, JsonFunction, JsonMember, JsonNulls, JsonOutput, JsonPathFunction, JsonValue};
use crate::token::{Bracket, SyntaxError, Token};
use crate::types::Type;

/// Whether a word in lower case is a function of SQL/JSON.
pub(crate) fn is_json_function(word: &str) -> bool {
    word.starts_with("json")
        && matches!(
            word,
            "json"
                | "json_array"
                | "json_arrayagg"
                | "json_exists"
                | "json_object"
                | "json_objectagg"
                | "json_query"
                | "json_scalar"
                | "json_serialize"
                | "json_value"
        )
}

impl Parser<'_, '_> {
    /// A function of SQL/JSON; `None` where it is a plain call. The position is at its name, a bracket follows.
    pub(crate) fn json_function(&mut self, name: &str) -> Result<Option<JsonFunction>, SyntaxError> {
        let start = self.cursor.index();
        self.cursor.next();
        self.cursor.next();
        let function = self.inside(|parser| match name {
            "json" => {
                let value = parser.json_value()?;
                Ok(Some(JsonFunction::Parse { value, is_unique: parser.unique_keys()? }))
            }
            "json_scalar" => Ok(Some(JsonFunction::Scalar(parser.expression()?))),
            "json_serialize" => {
                let value = parser.json_value()?;
                Ok(Some(JsonFunction::Serialize { value, returning: parser.json_output()? }))
            }
            "json_object" => parser.json_object(),
            "json_array" => parser.json_array().map(Some),
            "json_objectagg" => {
                let member = parser.json_member()?;
                let nulls = parser.json_nulls();
                let is_unique = parser.unique_keys()?;
                let returning = parser.json_output()?;
                Ok(Some(JsonFunction::ObjectAggregate {
                    member,
                    nulls,
                    is_unique,
                    returning,
                    filter: None,
                    over: None,
                }))
            }
            "json_arrayagg" => {
                let value = parser.json_value()?;
                let order_by =
                    if parser.cursor.take_words(&["order", "by"]) { parser.order_items()? } else { Vec::new() };
                let nulls = parser.json_nulls();
                let returning = parser.json_output()?;
                Ok(Some(JsonFunction::ArrayAggregate { value, order_by, nulls, returning, filter: None, over: None }))
            }
            "json_exists" => parser.json_path(JsonPathFunction::Exists).map(Some),
            "json_value" => parser.json_path(JsonPathFunction::Value).map(Some),
            _ => parser.json_path(JsonPathFunction::Query).map(Some),
        })?;
        let Some(mut function) = function else {
            self.cursor.go_to(start);
            return Ok(None);
        };
        self.expect_close(Bracket::Round)?;
        if let JsonFunction::ObjectAggregate { filter, over, .. } | JsonFunction::ArrayAggregate { filter, over, .. } =
            &mut function
        {
            *filter = self.aggregate_filter()?;
            *over = self.over()?;
        }
        Ok(Some(function))
    }

    /// `None` where the arguments are those of the function of the same name: texts with commas between.
    fn json_object(&mut self) -> Result<Option<JsonFunction>, SyntaxError> {
        let mut members = Vec::new();
        if *self.cursor.peek() != Token::Close(Bracket::Round) && !self.cursor.is_word("returning") {
            let key = self.expression()?;
            if !self.is_member_value() {
                return Ok(None);
            }
            members.push(self.json_member_of(key)?);
            while self.cursor.take_symbol(',') {
                members.push(self.json_member()?);
            }
        }
        let nulls = self.json_nulls();
        let is_unique = self.unique_keys()?;
        let returning = self.json_output()?;
        Ok(Some(JsonFunction::Object { members, nulls, is_unique, returning }))
    }

    fn json_array(&mut self) -> Result<JsonFunction, SyntaxError> {
        if leads_to_query(self.cursor) && !self.cursor.is_open(Bracket::Round) {
            let query = Box::new(self.query()?);
            let format = self.json_format()?;
            return Ok(JsonFunction::ArrayQuery { query, format, returning: self.json_output()? });
        }
        let mut values = Vec::new();
        if *self.cursor.peek() != Token::Close(Bracket::Round) && !self.cursor.is_word("returning") {
            values.push(self.json_value()?);
            while self.cursor.take_symbol(',') {
                values.push(self.json_value()?);
            }
        }
        let nulls = self.json_nulls();
        Ok(JsonFunction::Array { values, nulls, returning: self.json_output()? })
    }

    /// Whether what stands behind a key is its value.
    fn is_member_value(&self) -> bool {
        self.cursor.is_symbol(':') || self.cursor.is_word("value")
    }

    fn json_member(&mut self) -> Result<JsonMember, SyntaxError> {
        let key = self.expression()?;
        self.json_member_of(key)
    }

    fn json_member_of(&mut self, key: crate::expression::Expression) -> Result<JsonMember, SyntaxError> {
        if !self.is_member_value() {
            return Err(self.cursor.expected("`:`"));
        }
        self.cursor.next();
        Ok(JsonMember { key, value: self.json_value()? })
    }

    /// `value FORMAT JSON`
    pub(super) fn json_value(&mut self) -> Result<JsonValue, SyntaxError> {
        let value = self.expression()?;
        Ok(JsonValue { value, format: self.json_format()? })
    }

    /// `FORMAT JSON ENCODING UTF8`, if it follows.
    pub(super) fn json_format(&mut self) -> Result<Option<JsonFormat>, SyntaxError> {
        if !self.cursor.take_words(&["format", "json"]) {
            return Ok(None);
        }
        let encoding = if self.cursor.take_word("encoding") { Some(self.name("an encoding")?) } else { None };
        Ok(Some(JsonFormat { encoding }))
    }

    /// `RETURNING text FORMAT JSON`, if it follows.
    pub(super) fn json_output(&mut self) -> Result<Option<JsonOutput>, SyntaxError> {
        if !self.cursor.take_word("returning") {
            return Ok(None);
        }
        let data_type = Type::parse(self.cursor)?;
        Ok(Some(JsonOutput { data_type, format: self.json_format()? }))
    }

    fn json_nulls(&mut self) -> Option<JsonNulls> {
        if self.cursor.take_words(&["null", "on", "null"]) {
            return Some(JsonNulls::Null);
        }
        self.cursor.take_words(&["absent", "on", "null"]).then_some(JsonNulls::Absent)
    }

    /// `WITH UNIQUE KEYS`, if it follows.
    pub(crate) fn unique_keys(&mut self) -> Result<bool, SyntaxError> {
        let is_unique = self.cursor.take_words(&["with", "unique"]);
        if is_unique || self.cursor.take_words(&["without", "unique"]) {
            self.cursor.take_word("keys");
        }
        Ok(is_unique)
    }
}
