//! Columns as they are written in SQL and in other databases.

use migrate_core::catalog::Identity;
use migrate_core::sql::keywords::{KeywordCategory, category};
use migrate_core::token::{At, Bracket, Cursor, Token};
use migrate_core::types::Type;

use crate::clause::ColumnClause;
use crate::parser::{Parsed, Parser, Spanned};

/// Whether what comes next is the type of what is called `name`, with nothing between them, rather than another mistake.
pub(crate) fn is_type_without_colon(cursor: &Cursor<'_>, name: &str) -> bool {
    let is_word_of_sql = |word: &str| {
        let category = category(&word.to_ascii_lowercase());
        matches!(category, Some(KeywordCategory::Reserved | KeywordCategory::FunctionOrType))
    };
    let mut name_token = cursor.clone();
    name_token.go_to(cursor.index() - 1);
    let is_name = matches!(name_token.peek(), Token::Text(_)) || !is_word_of_sql(name);
    let is_type = match cursor.peek() {
        Token::Word(word) => !is_word_of_sql(word),
        token => matches!(token, Token::Text(_)),
    };
    is_name && is_type && !matches!(cursor.look_ahead(1), Token::Symbol { symbol: ':', .. })
}

/// Whether the column `name`, whose options come next, takes no NULL in SQL.
fn is_not_null(cursor: &Cursor<'_>, name: &str) -> bool {
    let mut cursor = cursor.clone();
    let mut is_its_own = true;
    let mut depth = 0_u32;
    loop {
        let is_key = cursor.is_words(&["primary", "key"]) || cursor.is_word("primary_key");
        if depth == 0 && is_its_own {
            let words = ["not_null", "identity", "auto_increment", "autoincrement"];
            if is_key || cursor.is_words(&["not", "null"]) || words.iter().any(|word| cursor.is_word(word)) {
                return true;
            }
        } else if is_key && *cursor.look_ahead(2) == Token::Open(Bracket::Round) {
            let mut names = (3..).map_while(|distance| match cursor.look_ahead(distance) {
                Token::Close(_) | Token::End => None,
                token => Some(token),
            });
            if names.any(|token| matches!(token, Token::Word(word) | Token::Text(word) if word == name)) {
                return true;
            }
        }
        match cursor.next() {
            Token::Open(_) => depth += 1,
            Token::Close(_) if depth > 0 => depth -= 1,
            Token::Symbol { symbol: ',', .. } if depth == 0 => is_its_own = false,
            Token::Symbol { symbol: ';', .. } if depth == 0 => return false,
            Token::Close(_) | Token::End => return false,
            _ => {}
        }
    }
}

/// Takes `not null` as SQL has it, with or without a name.
fn takes_not_null(parser: &mut Parser<'_>) -> bool {
    let start = parser.cursor.index();
    if parser.cursor.is_word("constraint") && matches!(parser.cursor.look_ahead(1), Token::Word(_) | Token::Text(_)) {
        parser.cursor.next();
        parser.cursor.next();
    }
    if parser.cursor.take_words(&["not", "null"]) || parser.cursor.take_word("not_null") {
        let headline = match parser.cursor.index() - start {
            1 => "unexpected `not_null`",
            _ => "unexpected `not null`",
        };
        let at = parser.cursor.since(start);
        parser.habit(headline, "remove it: a column is NOT NULL unless its type ends in `?`", at);
        return true;
    }
    parser.cursor.go_to(start);
    false
}

/// The value that was read from `start` on, where it is so short that it can be said again.
fn short_value(cursor: &Cursor<'_>, start: u32) -> Option<String> {
    let mut value = cursor.clone();
    value.go_to(start);
    let first = match value.next() {
        Token::Number(number) => number.clone(),
        Token::Text(text) => format!("{text:?}"),
        Token::Word(word) => word.clone(),
        _ => return None,
    };
    let is_call = value.take_open(Bracket::Round) && value.take_close(Bracket::Round);
    let written = if is_call { format!("{first}()") } else { first };
    (value.index() == cursor.index() || is_call).then_some(written).filter(|_| value.index() == cursor.index())
}

impl ColumnClause {
    /// Tells that the `:` before the type is missing. In SQL such a column takes NULL unless it says otherwise.
    pub(crate) fn without_colon(&mut self, parser: &mut Parser<'_>, data_type_at: At, found: &str) {
        self.nullable |= !self.is_serial && !is_not_null(&parser.cursor, &self.name.value);
        let help = format!("write `{}`", self.written());
        parser.habit(format!("expected `:`, found {found}"), help, data_type_at);
    }

    /// The name and the type as they are written here.
    fn written(&self) -> String {
        let data_type = match (self.is_serial, &self.data_type.value) {
            (true, Type::BuiltIn(_)) if self.data_type.value == Type::SMALLINT => "smallserial".to_owned(),
            (true, data_type) if *data_type == Type::BIGINT => "bigserial".to_owned(),
            (true, _) => "serial".to_owned(),
            (false, data_type) => {
                let written = data_type.to_string();
                super::data_type(&written).map_or(written, str::to_owned)
            }
        };
        format!("{}: {data_type}{}", super::written_name(&self.name.value), if self.nullable { "?" } else { "" })
    }

    /// Takes one option that is written as elsewhere, if one is there.
    pub(crate) fn parse_habit(&mut self, parser: &mut Parser<'_>) -> Parsed<bool> {
        let start = parser.cursor.index();
        if takes_not_null(parser) {
            self.nullable = false;
            return Ok(true);
        }
        if parser.cursor.is_word("default") || parser.cursor.is_symbol('=') {
            let headline = format!("unexpected {}", parser.cursor.next().describe());
            let value = parser.default_expression()?;
            let written = short_value(&parser.cursor, start + 1).unwrap_or_else(|| "...".to_owned());
            let help = format!("write `{} = {written}`", self.written());
            parser.habit(headline, help, At { start, end: start + 1 });
            self.default.get_or_insert(value);
            return Ok(true);
        }
        let Token::Word(word) = parser.cursor.peek() else { return Ok(false) };
        let name = &self.name.value;
        let (mut length, help) = match word.to_ascii_lowercase().as_str() {
            "null" => {
                self.nullable = true;
                (1, format!("write `{}`", self.written()))
            }
            "auto_increment" | "autoincrement" | "identity" => {
                self.nullable = false;
                self.identity = Some(Spanned { value: Identity::Always, at: parser.cursor.at() });
                (1, format!("write `{} generated always as identity`", self.written()))
            }
            "unsigned" => {
                (1, format!("PostgreSQL has no unsigned types: write `{} check ({name} >= 0)`", self.written()))
            }
            "zerofill" => (1, "remove it".to_owned()),
            "comment" => (2, format!("write the comment as `/// ...` on the line before `{name}`")),
            "index" | "key" => (1, format!("write `create index on ... ({name});` after the table")),
            "foreign" => (1, format!("write `{} references ...`", self.written())),
            "character" => (3, "remove it: a database has one encoding".to_owned()),
            "charset" => (2, "remove it: a database has one encoding".to_owned()),
            _ => return Ok(false),
        };
        let at = parser.cursor.at();
        parser.habit(format!("unexpected `{word}`"), help, at);
        while length > 0 && matches!(parser.cursor.peek(), Token::Word(_) | Token::Text(_)) {
            parser.cursor.next();
            length -= 1;
        }
        if word.eq_ignore_ascii_case("foreign") {
            parser.cursor.take_word("key");
        }
        Ok(true)
    }
}
