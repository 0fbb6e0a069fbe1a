//! `json` and `jsonb`.

use super::number::numeric;
use super::{Failure, Outcome};

/// Nested deeper than this is left to the server, whose limit depends on its stack.
const DEEPEST: usize = 100;

/// Reads a `json`, which is printed as it is written.
pub(super) fn json(text: &str) -> Outcome {
    parse(text, false)?;
    Ok(text.into())
}

/// Reads a `jsonb`.
pub(super) fn jsonb(text: &str) -> Outcome {
    let mut printed = String::with_capacity(text.len());
    parse(text, true)?.print(&mut printed);
    Ok(printed)
}

enum Value {
    /// A number or a word, as it is printed.
    Plain(String),
    Text(String),
    Array(Vec<Value>),
    Object(Vec<(String, Value)>),
}

impl Value {
    fn print(&self, text: &mut String) {
        match self {
            Value::Plain(plain) => text.push_str(plain),
            Value::Text(value) => print_text(text, value),
            Value::Array(items) => {
                text.push('[');
                for (index, item) in items.iter().enumerate() {
                    text.push_str(if index > 0 { ", " } else { "" });
                    item.print(text);
                }
                text.push(']');
            }
            Value::Object(entries) => {
                text.push('{');
                for (index, (key, value)) in entries.iter().enumerate() {
                    text.push_str(if index > 0 { ", " } else { "" });
                    print_text(text, key);
                    text.push_str(": ");
                    value.print(text);
                }
                text.push('}');
            }
        }
    }
}

fn print_text(text: &mut String, value: &str) {
    text.push('"');
    for character in value.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            control if control < ' ' => text.push_str(&format!("\\u{:04x}", control as u32)),
            other => text.push(other),
        }
    }
    text.push('"');
}

fn parse(text: &str, is_binary: bool) -> Result<Value, Failure> {
    let mut parser = Parser { text, index: 0, is_binary };
    let value = parser.value(0)?;
    parser.skip_blanks();
    if parser.index == text.len() { Ok(value) } else { Err(Failure::Syntax) }
}

struct Parser<'t> {
    text: &'t str,
    index: usize,
    /// Whether it is `jsonb`, which keeps values and not their text.
    is_binary: bool,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.index).copied()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.index += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        self.skip_blanks();
        let is_there = self.peek() == Some(byte);
        self.index += usize::from(is_there);
        is_there
    }

    fn digits(&mut self) -> usize {
        let start = self.index;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.index += 1;
        }
        self.index - start
    }

    fn value(&mut self, depth: usize) -> Result<Value, Failure> {
        if depth > DEEPEST {
            return Err(Failure::Undecided);
        }
        self.skip_blanks();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Value::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => {
                let rest = &self.text[self.index..];
                let length = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
                let word = &rest[..length];
                self.index += length;
                if matches!(word, "true" | "false" | "null") {
                    Ok(Value::Plain(word.into()))
                } else {
                    Err(Failure::Syntax)
                }
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, Failure> {
        self.index += 1;
        let mut items = Vec::new();
        if self.take(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.take(b']') {
                return Ok(Value::Array(items));
            }
            if !self.take(b',') {
                return Err(Failure::Syntax);
            }
        }
    }

    /// The last one of equal keys counts. Keys are sorted by their length, then byte by byte.
    fn object(&mut self, depth: usize) -> Result<Value, Failure> {
        self.index += 1;
        let mut entries: Vec<(String, Value)> = Vec::new();
        if !self.take(b'}') {
            loop {
                self.skip_blanks();
                if self.peek() != Some(b'"') {
                    return Err(Failure::Syntax);
                }
                let key = self.string()?;
                if !self.take(b':') {
                    return Err(Failure::Syntax);
                }
                entries.push((key, self.value(depth + 1)?));
                if self.take(b'}') {
                    break;
                }
                if !self.take(b',') {
                    return Err(Failure::Syntax);
                }
            }
        }
        entries.sort_by(|(one, _), (other, _)| (one.len(), one.as_bytes()).cmp(&(other.len(), other.as_bytes())));
        entries.reverse();
        // Of equal keys, the last one is first now.
        entries.dedup_by(|(one, _), (other, _)| one == other);
        entries.reverse();
        Ok(Value::Object(entries))
    }

    fn number(&mut self) -> Result<Value, Failure> {
        let start = self.index;
        self.index += usize::from(self.peek() == Some(b'-'));
        let is_zero = self.peek() == Some(b'0');
        let whole = self.digits();
        if whole == 0 || is_zero && whole > 1 {
            return Err(Failure::Syntax);
        }
        if self.peek() == Some(b'.') {
            self.index += 1;
            if self.digits() == 0 {
                return Err(Failure::Syntax);
            }
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.index += 1;
            self.index += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            if self.digits() == 0 {
                return Err(Failure::Syntax);
            }
        }
        if self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 128) {
            return Err(Failure::Syntax);
        }
        let number = &self.text[start..self.index];
        if self.is_binary { numeric(number, None).map(Value::Plain) } else { Ok(Value::Plain(number.into())) }
    }

    fn string(&mut self) -> Result<String, Failure> {
        self.index += 1;
        let mut value = String::new();
        let mut characters = self.text[self.index..].char_indices();
        let start = self.index;
        while let Some((index, character)) = characters.next() {
            match character {
                '"' => {
                    self.index = start + index + 1;
                    return Ok(value);
                }
                '\\' => {
                    let (_, escaped) = characters.next().ok_or(Failure::Syntax)?;
                    value.push(match escaped {
                        '"' | '\\' | '/' => escaped,
                        'b' => '\u{8}',
                        'f' => '\u{c}',
                        'n' => '\n',
                        'r' => '\r',
                        't' => '\t',
                        'u' => self.unicode(&mut characters)?,
                        _ => return Err(Failure::Syntax),
                    });
                }
                control if control < ' ' => return Err(Failure::Syntax),
                other => value.push(other),
            }
        }
        Err(Failure::Syntax)
    }

    /// The digits behind `\u`, with those of the second half of a surrogate pair.
    fn unicode(&self, characters: &mut std::str::CharIndices<'_>) -> Result<char, Failure> {
        let mut code = code_unit(characters)?;
        // As text any digits will do.
        if !self.is_binary {
            return Ok('?');
        }
        if (0xD800..0xDC00).contains(&code) {
            let mut take = || characters.next().map(|(_, character)| character);
            if take() != Some('\\') || take() != Some('u') {
                return Err(Failure::Syntax);
            }
            let second = code_unit(characters)?;
            if !(0xDC00..0xE000).contains(&second) {
                return Err(Failure::Syntax);
            }
            code = 0x10000 + ((code - 0xD800) << 10) + (second - 0xDC00);
        }
        char::from_u32(code).filter(|character| *character != '\0').ok_or(Failure::Syntax)
    }
}

fn code_unit(characters: &mut std::str::CharIndices<'_>) -> Result<u32, Failure> {
    let mut code = 0;
    for _ in 0..4 {
        let digit = characters.next().and_then(|(_, digit)| digit.to_digit(16)).ok_or(Failure::Syntax)?;
        code = code * 16 + digit;
    }
    Ok(code)
}
