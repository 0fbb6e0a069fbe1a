//! `json` and `jsonb`.

use super::number::numeric;
use super::{Failure, Outcome};
use crate::json::Value;

/// Nested deeper than this is left to the server, whose limit depends on its stack.
const DEEPEST: usize = 100;

/// Reads a `json`, which is printed as it is written.
pub(super) fn json(text: &str) -> Outcome {
    parse(text, false)?;
    Ok(text.into())
}

/// Reads a `jsonb`.
pub(super) fn jsonb(text: &str) -> Outcome {
    parse(text, true).map(|value| value.to_string())
}

impl Value {
    /// Reads a value as `jsonb` does; `None` where the text is no such value, or only the server can say.
    pub fn read(text: &str) -> Option<Value> {
        parse(text, true).ok()
    }
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
        Ok(Value::object(entries))
    }

    fn number(&mut self) -> Result<Value, Failure> {
        let rest = &self.text[self.index..];
        let is_of_it = |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 128 || b"+-._".contains(byte);
        let number = &rest[..rest.bytes().take_while(is_of_it).count()];
        self.index += number.len();
        match Value::number(number) {
            Some(_) if self.is_binary => numeric(number, None).map(Value::Plain),
            Some(number) => Ok(number),
            None => Err(Failure::Syntax),
        }
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
