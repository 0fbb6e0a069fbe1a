//! A date, a time or an interval, cut into the fields of which PostgreSQL makes sense.

use super::super::Failure;
use super::words::{Word, word};

/// What a field looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Digits, perhaps with a point.
    Number,
    /// Digits and two separators, digits and words, or the name of a time zone.
    Date,
    /// Digits and colons.
    Time,
    /// A sign and digits.
    Zone,
    /// Letters.
    Word,
    /// A sign and letters.
    SignedWord,
}

/// A field, in lower case.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) shape: Shape,
    pub(super) text: String,
}

/// PostgreSQL takes no more.
const MOST_FIELDS: usize = 25;

/// From here on its buffer may be too small, and what it says is left to it.
const LONGEST: usize = 100;

/// What C's `isspace` takes for a blank.
pub(in crate::literal) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
}

/// Cuts a text into fields.
pub(super) fn fields(text: &str) -> Result<Vec<Field>, Failure> {
    let text = text.as_bytes();
    if text.len() > LONGEST {
        return Err(Failure::Undecided);
    }
    let mut reader = Reader { text, index: 0 };
    let mut fields = Vec::new();
    while let Some(first) = reader.peek() {
        if is_blank(first) {
            reader.index += 1;
            continue;
        }
        if fields.len() >= MOST_FIELDS {
            return Err(Failure::Syntax);
        }
        let mut field = String::new();
        let shape = match first {
            b'0'..=b'9' => reader.number(&mut field),
            b'.' => {
                reader.push(&mut field);
                reader.take(&mut field, |byte| byte.is_ascii_digit());
                Shape::Number
            }
            b'a'..=b'z' | b'A'..=b'Z' => reader.word(&mut field),
            b'+' | b'-' => reader.signed(&mut field)?,
            _ if first.is_ascii_punctuation() => {
                reader.index += 1;
                continue;
            }
            _ => return Err(Failure::Syntax),
        };
        fields.push(Field { shape, text: field });
    }
    Ok(fields)
}

struct Reader<'t> {
    text: &'t [u8],
    index: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.index).copied()
    }

    fn push(&mut self, field: &mut String) {
        if let Some(byte) = self.peek() {
            field.push(char::from(byte.to_ascii_lowercase()));
            self.index += 1;
        }
    }

    fn take(&mut self, field: &mut String, belongs: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&belongs) {
            self.push(field);
        }
    }

    fn number(&mut self, field: &mut String) -> Shape {
        self.take(field, |byte| byte.is_ascii_digit());
        match self.peek() {
            Some(b':') => {
                self.take(field, |byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.'));
                Shape::Time
            }
            Some(separator @ (b'-' | b'/' | b'.')) => {
                self.push(field);
                if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                    // The month may be a word.
                    self.take(field, |byte| byte.is_ascii_alphanumeric() || byte == separator);
                    return Shape::Date;
                }
                self.take(field, |byte| byte.is_ascii_digit());
                if self.peek() == Some(separator) {
                    self.take(field, |byte| byte.is_ascii_digit() || byte == separator);
                    Shape::Date
                } else if separator == b'.' {
                    Shape::Number
                } else {
                    Shape::Date
                }
            }
            _ => Shape::Number,
        }
    }

    fn word(&mut self, field: &mut String) -> Shape {
        self.take(field, |byte| byte.is_ascii_alphabetic());
        let goes_on = match self.peek() {
            Some(b'-' | b'/' | b'.') => true,
            // Before a digit or a sign a known word ends; what is unknown may be a time zone.
            Some(byte) if byte == b'+' || byte.is_ascii_digit() => {
                word(field).is_none_or(|word| matches!(word, Word::Utc))
            }
            _ => false,
        };
        if !goes_on {
            return Shape::Word;
        }
        self.push(field);
        self.take(field, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'/' | b'_' | b'.' | b':')
        });
        Shape::Date
    }

    fn signed(&mut self, field: &mut String) -> Result<Shape, Failure> {
        self.push(field);
        while self.peek().is_some_and(is_blank) {
            self.index += 1;
        }
        match self.peek() {
            Some(byte) if byte.is_ascii_digit() => {
                self.take(field, |byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'-'));
                Ok(Shape::Zone)
            }
            Some(byte) if byte.is_ascii_alphabetic() => {
                self.take(field, |byte| byte.is_ascii_alphabetic());
                Ok(Shape::SignedWord)
            }
            _ => Err(Failure::Syntax),
        }
    }
}

/// The whole number at the start of a text, and what follows it, as C's `strtol` reads it.
pub(super) fn leading_integer(text: &str) -> Result<(i64, &str), Failure> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = unsigned.len() - unsigned.trim_start_matches(|byte: char| byte.is_ascii_digit()).len();
    if digits == 0 {
        return Ok((0, text));
    }
    let (number, rest) = text.split_at(text.len() - unsigned.len() + digits);
    let number = number.parse().map_err(|_| Failure::Range)?;
    Ok((number, rest))
}

/// [`leading_integer`] in 32 bits.
pub(super) fn leading_int(text: &str) -> Result<(i64, &str), Failure> {
    let (number, rest) = leading_integer(text)?;
    i32::try_from(number).map_err(|_| Failure::Range)?;
    Ok((number, rest))
}

/// `.` and digits, as a number below 1.
pub(super) fn fraction(text: &str) -> Result<f64, Failure> {
    let digits = text.strip_prefix('.').ok_or(Failure::Syntax)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Failure::Syntax);
    }
    // Older servers refuse a point without digits.
    if digits.is_empty() { Err(Failure::Undecided) } else { format!("0.{digits}").parse().map_err(|_| Failure::Syntax) }
}

/// `.` and digits, in microseconds.
pub(super) fn fraction_of_second(text: &str) -> Result<i64, Failure> {
    #[expect(clippy::cast_possible_truncation, reason = "at most a million")]
    Ok((fraction(text)? * 1_000_000.0).round_ties_even() as i64)
}
