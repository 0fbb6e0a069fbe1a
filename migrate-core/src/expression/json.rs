//! JSON that is written as `{ ... }` in Rust source.

use crate::json::Value;
use crate::token::{Bracket, Cursor, SyntaxError, Token};

/// Reads a JSON value.
///
/// # Errors
/// A [`SyntaxError`] at the token that is not JSON.
pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Value, SyntaxError> {
    value(cursor, 0)
}

/// PostgreSQL's own parser stops at some depth too.
const DEEPEST: u32 = 128;

fn value(cursor: &mut Cursor<'_>, depth: u32) -> Result<Value, SyntaxError> {
    if depth > DEEPEST {
        return Err(error(cursor, "the JSON is nested too deeply", None));
    }
    let value = match cursor.peek() {
        Token::Open(Bracket::Curly) => return object(cursor, depth),
        Token::Open(Bracket::Square) => return array(cursor, depth),
        Token::Text(text) => Value::Text(text.clone()),
        Token::Number(digits) => number(cursor, "", digits)?,
        Token::Symbol { symbol: '-', .. } => {
            let Token::Number(digits) = cursor.look_ahead(1) else { return Err(cursor.expected("a JSON value")) };
            let number = number(cursor, "-", digits)?;
            cursor.next();
            number
        }
        Token::Word(word) => match word.as_str() {
            "true" | "false" | "null" => Value::Plain(word.clone()),
            word => {
                return Err(error(
                    cursor,
                    format!("expected a JSON value, found `{word}`"),
                    Some(format!("write `\"{word}\"` for a string")),
                ));
            }
        },
        _ => return Err(cursor.expected("a JSON value")),
    };
    cursor.next();
    Ok(value)
}

fn error(cursor: &Cursor<'_>, message: impl Into<String>, help: Option<String>) -> SyntaxError {
    SyntaxError { message: message.into(), help, at: cursor.at() }
}

fn number(cursor: &Cursor<'_>, sign: &str, digits: &str) -> Result<Value, SyntaxError> {
    let number = format!("{sign}{digits}");
    Value::number(&number).ok_or_else(|| error(cursor, format!("`{number}` is not a valid JSON number"), None))
}

fn object(cursor: &mut Cursor<'_>, depth: u32) -> Result<Value, SyntaxError> {
    cursor.next();
    let mut members: Vec<(String, Value)> = Vec::new();
    while !cursor.take_close(Bracket::Curly) {
        let key = match cursor.peek() {
            Token::Text(key) => key,
            Token::Word(word) => {
                let message = format!("expected a JSON key in double quotes, found `{word}`");
                return Err(error(cursor, message, Some(format!("write `\"{word}\"`"))));
            }
            _ => return Err(cursor.expected("a JSON key in double quotes")),
        };
        if members.iter().any(|(known, _)| known == key) {
            return Err(error(cursor, format!("duplicate JSON key `\"{key}\"`"), None));
        }
        cursor.next();
        if !cursor.take_symbol(':') {
            return Err(cursor.expected("`:` after the JSON key"));
        }
        members.push((key.clone(), value(cursor, depth + 1)?));
        if !cursor.take_symbol(',') {
            if cursor.take_close(Bracket::Curly) {
                break;
            }
            return Err(cursor.expected("`,` or `}` in the JSON object"));
        }
    }
    Ok(Value::object(members))
}

fn array(cursor: &mut Cursor<'_>, depth: u32) -> Result<Value, SyntaxError> {
    cursor.next();
    let mut items = Vec::new();
    while !cursor.take_close(Bracket::Square) {
        items.push(value(cursor, depth + 1)?);
        if !cursor.take_symbol(',') {
            if cursor.take_close(Bracket::Square) {
                break;
            }
            return Err(cursor.expected("`,` or `]` in the JSON array"));
        }
    }
    Ok(Value::Array(items))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::lex;

    /// SQL's lexer has `"..."` as names, Rust's as texts.
    fn rust_tokens(source: &str) -> Vec<Token> {
        let tokens = lex(source).unwrap();
        tokens
            .into_iter()
            .map(|token| match token {
                Token::QuotedWord(text) => Token::Text(text),
                other => other,
            })
            .collect()
    }

    #[test]
    fn json_is_read_and_written_in_the_order_of_jsonb() {
        let tokens = rust_tokens(r#"{"bb": [1, -2.5, null, true], "c": {"x": "y"}, "a": {}}"#);
        let value = parse(&mut Cursor::new(&tokens)).unwrap();
        assert_eq!(value.to_string(), r#"{"a": {}, "c": {"x": "y"}, "bb": [1, -2.5, null, true]}"#);
    }

    #[test]
    fn what_is_not_json_is_said_at_its_token() {
        for (source, message, at) in [
            ("{a: 1}", "expected a JSON key in double quotes, found `a`", 1),
            (r#"{"a": b}"#, "expected a JSON value, found `b`", 3),
            (r#"{"a" 1}"#, "expected `:` after the JSON key, found `1`", 2),
            (r#"{"a": 1 "b": 2}"#, "expected `,` or `}` in the JSON object, found `\"b\"`", 4),
            (r#"{"a": 1, "a": 2}"#, "duplicate JSON key `\"a\"`", 5),
            (r#"{"a": 0x1}"#, "`0x1` is not a valid JSON number", 3),
        ] {
            let tokens = rust_tokens(source);
            let error = parse(&mut Cursor::new(&tokens)).unwrap_err();
            assert_eq!((error.message.as_str(), error.at.start), (message, at));
        }
    }
}
