//! `macaddr`, `macaddr8` (manual, 8.9.4 and 8.9.5).

use super::moment::is_blank;
use super::{Failure, Outcome};

/// Before a `macaddr`'s bytes, in the ways of writing one: what stands there, where anything does. The first two take
/// numbers of any length, the others pairs of digits.
const FORMS: [[Option<u8>; 6]; 7] = {
    let colon = Some(b':');
    let hyphen = Some(b'-');
    let dot = Some(b'.');
    [
        [None, colon, colon, colon, colon, colon],
        [None, hyphen, hyphen, hyphen, hyphen, hyphen],
        [None, None, None, colon, None, None],
        [None, None, None, hyphen, None, None],
        [None, None, dot, None, dot, None],
        [None, None, hyphen, None, hyphen, None],
        [None; 6],
    ]
};

/// Reads a `macaddr`: the first form that has six numbers is it.
pub(super) fn short(text: &str) -> Outcome {
    if text.contains("0x") || text.contains("0X") {
        // The C library reads prefixes of numbers, in ways of its own.
        return Err(Failure::Undecided);
    }
    for (index, form) in FORMS.iter().enumerate() {
        let most = if index < 2 { usize::MAX } else { 2 };
        if let Some(bytes) = in_form(text.as_bytes(), form, most)? {
            return Ok(printed(&bytes));
        }
    }
    Err(Failure::Syntax)
}

fn in_form(text: &[u8], form: &[Option<u8>; 6], most: usize) -> Result<Option<[u8; 6]>, Failure> {
    let mut rest = text;
    let mut numbers = [0_i32; 6];
    for (number, before) in numbers.iter_mut().zip(form) {
        if let Some(before) = before {
            let Some(after) = rest.strip_prefix(&[*before]) else { return Ok(None) };
            rest = after;
        }
        rest = rest.trim_ascii_start();
        let (signs, digits) = match rest {
            [b'-' | b'+', after @ ..] => (1, after),
            _ => (0, rest),
        };
        let length = digits.iter().take(most - signs).take_while(|byte| byte.is_ascii_hexdigit()).count();
        let (written, after) = rest.split_at(signs + length);
        if length == 0 {
            return Ok(None);
        }
        let value = core::str::from_utf8(written).ok().and_then(|written| i32::from_str_radix(written, 16).ok());
        // Longer numbers are cut by the C library.
        *number = value.ok_or(Failure::Undecided)?;
        rest = after;
    }
    if !rest.trim_ascii_start().is_empty() {
        return Ok(None);
    }
    let mut bytes = [0; 6];
    for (byte, number) in bytes.iter_mut().zip(numbers) {
        *byte = u8::try_from(number).map_err(|_| Failure::Range)?;
    }
    Ok(Some(bytes))
}

/// Reads a `macaddr8`: six or eight pairs of digits, with one kind of separator between any of them. Six get `ff:fe` in
/// the middle. A single character at the end is not looked at.
pub(super) fn long(text: &str) -> Outcome {
    let mut rest = trimmed_start(text.as_bytes());
    let mut bytes = Vec::with_capacity(8);
    let mut separator = None;
    while let [high, low, after @ ..] = rest {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let (high, low) = (digit(*high).ok_or(Failure::Syntax)?, digit(*low).ok_or(Failure::Syntax)?);
        if bytes.len() == 8 {
            return Err(Failure::Syntax);
        }
        bytes.push(high << 4 | low);
        rest = after;
        if let [found @ (b':' | b'-' | b'.'), after @ ..] = rest {
            if *separator.get_or_insert(*found) != *found {
                return Err(Failure::Syntax);
            }
            rest = after;
        }
        if matches!(bytes.len(), 6 | 8) && rest.first().is_some_and(|byte| is_blank(*byte)) {
            rest = trimmed_start(rest);
            if !rest.is_empty() {
                return Err(Failure::Syntax);
            }
        }
    }
    match bytes[..] {
        [a, b, c, d, e, f] => Ok(printed(&[a, b, c, 0xff, 0xfe, d, e, f])),
        [_, _, _, _, _, _, _, _] => Ok(printed(&bytes)),
        _ => Err(Failure::Syntax),
    }
}

fn trimmed_start(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|byte| is_blank(**byte)).count();
    &text[blanks..]
}

fn printed(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}
