//! `boolean`, the types of strings, `bytea`, `uuid` and bit strings.

use super::number::trimmed;
use super::{Failure, Outcome};

/// Reads a `boolean`, printed as its output function does.
pub(super) fn boolean(text: &str) -> Outcome {
    match truth_value(trimmed(text)) {
        Some(true) => Ok("t".into()),
        Some(false) => Ok("f".into()),
        None => Err(Failure::Syntax),
    }
}

/// What a word says is true or false, of which the beginning is enough (`parse_bool` in `bool.c`).
pub fn truth_value(word: &str) -> Option<bool> {
    let word = word.to_ascii_lowercase();
    let starts = |whole: &str, shortest: usize| word.len() >= shortest && whole.starts_with(&word);
    if starts("true", 1) || starts("yes", 1) || word == "on" || word == "1" {
        Some(true)
    } else if starts("false", 1) || starts("no", 1) || starts("off", 2) || word == "0" {
        Some(false)
    } else {
        None
    }
}

/// Reads a `text`.
pub(super) fn text(text: &str) -> Outcome {
    if text.contains('\0') { Err(Failure::Null) } else { Ok(text.into()) }
}

/// Reads a `varchar(length)`, or `char(length)`, which is filled up with blanks. Only blanks may stand beyond the length.
pub(super) fn limited(text: &str, length: u32, is_filled: bool) -> Outcome {
    let text = self::text(text)?;
    let length = length as usize;
    let characters = text.chars().count();
    if characters <= length {
        let missing = if is_filled { length - characters } else { 0 };
        return Ok(text + &" ".repeat(missing));
    }
    let end = text.char_indices().nth(length).map_or(text.len(), |(index, _)| index);
    if text[end..].bytes().all(|byte| byte == b' ') {
        Ok(text[..end].into())
    } else {
        Err(Failure::TooLong { length: characters })
    }
}

/// Reads a `name`: what is longer than 63 bytes is cut.
pub(super) fn name(text: &str) -> Outcome {
    let text = self::text(text)?;
    let mut end = text.len().min(63);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Ok(text[..end].into())
}

/// Reads a `"char"`: one byte. Other bytes than those of ASCII are written in other ways by older servers.
pub(super) fn internal_char(text: &str) -> Outcome {
    let text = self::text(text)?;
    match text.as_bytes().first() {
        Some(first) if !first.is_ascii() || *first == b'\\' => Err(Failure::Undecided),
        Some(first) => Ok(char::from(*first).into()),
        None => Ok(text),
    }
}

/// Reads a `uuid`: 32 digits, with a hyphen after any group of four, in braces or not.
pub(super) fn uuid(text: &str) -> Outcome {
    let inner = match text.strip_prefix('{') {
        Some(inner) => inner.strip_suffix('}').ok_or(Failure::Syntax)?,
        None => text,
    };
    let mut digits = String::with_capacity(36);
    let mut count = 0;
    let mut follows_hyphen = false;
    for character in inner.chars() {
        if character == '-' {
            if follows_hyphen || count % 4 != 0 || count == 0 || count == 32 {
                return Err(Failure::Syntax);
            }
            follows_hyphen = true;
            continue;
        }
        if !character.is_ascii_hexdigit() || count == 32 {
            return Err(Failure::Syntax);
        }
        if matches!(count, 8 | 12 | 16 | 20) {
            digits.push('-');
        }
        digits.push(character.to_ascii_lowercase());
        count += 1;
        follows_hyphen = false;
    }
    if count == 32 { Ok(digits) } else { Err(Failure::Syntax) }
}

/// Reads a `bytea`, in hexadecimal digits or with escapes, printed in hexadecimal digits.
pub(super) fn bytes(text: &str) -> Outcome {
    if text.contains('\0') {
        return Err(Failure::Null);
    }
    let mut printed = String::from("\\x");
    if let Some(digits) = text.strip_prefix("\\x") {
        let mut is_half = false;
        for character in digits.chars() {
            if character.is_ascii_hexdigit() {
                printed.push(character.to_ascii_lowercase());
                is_half = !is_half;
            } else if is_half || !matches!(character, ' ' | '\n' | '\t' | '\r') {
                return Err(Failure::Syntax);
            }
        }
        return if is_half { Err(Failure::Syntax) } else { Ok(printed) };
    }
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let byte = if byte != b'\\' {
            byte
        } else {
            match bytes.next() {
                Some(b'\\') => b'\\',
                Some(high @ b'0'..=b'3') => {
                    let mut value = high - b'0';
                    for _ in 0..2 {
                        let digit = bytes.next().filter(|byte| (b'0'..=b'7').contains(byte)).ok_or(Failure::Syntax)?;
                        value = value * 8 + (digit - b'0');
                    }
                    value
                }
                _ => return Err(Failure::Syntax),
            }
        };
        printed.push_str(&format!("{byte:02x}"));
    }
    Ok(printed)
}

/// Reads a bit string: binary digits, with a `b` in front or not, or hexadecimal ones behind an `x`.
pub(super) fn bits(text: &str, exact: Option<u32>, most: Option<u32>) -> Outcome {
    let mut printed = String::new();
    let (digits, per_digit) = match text.as_bytes().first() {
        Some(b'x' | b'X') => (&text[1..], 4),
        Some(b'b' | b'B') => (&text[1..], 1),
        _ => (text, 1),
    };
    for character in digits.chars() {
        let value = character.to_digit(1 << per_digit).ok_or(Failure::Syntax)?;
        printed.extend((0..per_digit).rev().map(|bit| if value >> bit & 1 == 1 { '1' } else { '0' }));
    }
    let length = printed.len();
    let is_wrong =
        exact.is_some_and(|exact| length != exact as usize) || most.is_some_and(|most| length > most as usize);
    if is_wrong { Err(Failure::WrongLength { length }) } else { Ok(printed) }
}
