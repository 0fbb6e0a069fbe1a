//! Whole numbers, `numeric`, `real` and `double precision`.

use super::moment::is_blank;
use super::{Failure, Outcome};
use crate::types::NumericSize;

/// A text without blanks around it.
pub(super) fn trimmed(text: &str) -> &str {
    text.trim_matches(|character: char| u8::try_from(character).is_ok_and(is_blank))
}

/// Reads `money`, which is written as the locale of the server has it: only what is not a number in any locale is refused.
pub(super) fn money(text: &str) -> Outcome {
    // Longer than the sign of any currency, or shorter.
    let is_no_sign = |word: &str| word.len() > 3 || matches!(word.as_bytes(), [letter] if letter.is_ascii_lowercase());
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    let has_letter = text.bytes().any(|byte| byte.is_ascii_alphabetic());
    let has_other_word = text.split(|character: char| !character.is_ascii_alphabetic()).any(is_no_sign);
    Err(if has_other_word || (has_letter && !has_digit) { Failure::Syntax } else { Failure::Undecided })
}

/// Reads a whole number between two ends.
pub(super) fn integer(text: &str, low: i64, high: i64) -> Outcome {
    let number = trimmed(text);
    let digits = number.strip_prefix(['-', '+']).unwrap_or(number);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(since_16(digits));
    }
    match number.parse::<i64>() {
        Ok(value) if (low..=high).contains(&value) => Ok(value.to_string()),
        _ => Err(Failure::Range),
    }
}

/// `0x1F`, `0o17`, `0b11` and `1_000` are numbers from PostgreSQL 16 on.
fn since_16(digits: &str) -> Failure {
    let digits = digits.to_ascii_lowercase();
    let is_prefixed = [("0x", 16), ("0o", 8), ("0b", 2)].iter().any(|(prefix, radix)| {
        let is_digit = |one: char| one.is_digit(*radix);
        digits.strip_prefix(prefix).is_some_and(|rest| {
            rest.ends_with(is_digit) && rest.chars().all(|one| is_digit(one) || one == '_') && !rest.contains("__")
        })
    });
    let is_separated = digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.contains('_')
        && !digits.contains("__")
        && !digits.ends_with('_');
    if is_prefixed || is_separated { Failure::Undecided } else { Failure::Syntax }
}

/// Reads a `pg_lsn`: two hexadecimal numbers of 32 bits.
pub(super) fn log_position(text: &str) -> Outcome {
    let (high, low) = text.split_once('/').ok_or(Failure::Syntax)?;
    let is_number = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    Err(if is_number(high) && is_number(low) { Failure::Undecided } else { Failure::Syntax })
}

/// Reads an `oid`: a number without a sign in 32 bits. A sign, or a zero in front, means other things in other
/// versions.
pub(super) fn object_identifier(text: &str) -> Outcome {
    let number = trimmed(text);
    let after_sign = number.strip_prefix(['-', '+']).unwrap_or(number);
    if !after_sign.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(Failure::Syntax);
    }
    if number.starts_with(['-', '+']) || number.len() > 1 && number.starts_with('0') {
        return Err(Failure::Undecided);
    }
    integer(number, 0, u32::MAX.into())
}

/// The longest `numeric` that is read here; PostgreSQL takes more than a hundred thousand digits.
const LONGEST_NUMERIC: i64 = 1_000;

/// Reads a `numeric`, rounded to its scale.
pub(super) fn numeric(text: &str, size: Option<NumericSize>) -> Outcome {
    let text = trimmed(text);
    let (is_negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    if lower == "nan" {
        // A sign before it is refused.
        return if digits.len() == text.len() { Ok("NaN".into()) } else { Err(Failure::Syntax) };
    }
    if lower == "infinity" || lower == "inf" {
        // It has no digits that a precision could hold.
        return match size {
            Some(_) => Err(Failure::Range),
            None => Ok(if is_negative { "-Infinity".into() } else { "Infinity".into() }),
        };
    }
    let (mantissa, exponent) = match lower.find('e') {
        Some(found) => (&lower[..found], Some(&lower[found + 1..])),
        None => (lower.as_str(), None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || whole.is_empty() && fraction.is_empty() {
        return Err(since_16(&lower));
    }
    let exponent: i64 = match exponent {
        None => 0,
        // Older servers skip blanks here.
        Some(exponent) if exponent.bytes().next().is_some_and(is_blank) => return Err(Failure::Undecided),
        Some(exponent) => {
            let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
            if digits.is_empty() || !is_digits(digits) {
                return Err(since_16(&lower));
            }
            exponent.parse().map_err(|_| Failure::Undecided)?
        }
    };
    if exponent.abs() > LONGEST_NUMERIC || mantissa.len() as i64 > LONGEST_NUMERIC {
        return Err(Failure::Undecided);
    }
    Decimal::new(is_negative, whole, fraction, exponent).printed(size)
}

/// A number in decimal digits.
struct Decimal {
    is_negative: bool,
    digits: Vec<u8>,
    /// How many of the digits stand after the point; at least none.
    scale: usize,
}

impl Decimal {
    fn new(is_negative: bool, whole: &str, fraction: &str, exponent: i64) -> Decimal {
        let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|byte| byte - b'0').collect();
        let scale = fraction.len() as i64 - exponent;
        // The point stands behind the last digit, or before it.
        digits.extend(std::iter::repeat_n(0, usize::try_from(-scale).unwrap_or(0)));
        Decimal { is_negative, digits, scale: usize::try_from(scale).unwrap_or(0) }
    }

    fn printed(mut self, size: Option<NumericSize>) -> Outcome {
        if let Some(NumericSize { precision, scale }) = size {
            self.round(scale.into());
            let significant = self.digits.iter().skip_while(|digit| **digit == 0).count() as i64;
            let beyond = i64::from(scale.min(0)).abs();
            if significant > 0 && significant - beyond > i64::from(precision) {
                return Err(Failure::TooManyDigits);
            }
        }
        let whole_length = self.digits.len().saturating_sub(self.scale);
        let mut text = String::new();
        if self.is_negative && self.digits.iter().any(|digit| *digit != 0) {
            text.push('-');
        }
        let push = |text: &mut String, digits: &[u8]| text.extend(digits.iter().map(|digit| char::from(b'0' + digit)));
        let whole = &self.digits[..whole_length];
        let start = whole.iter().position(|digit| *digit != 0).unwrap_or(whole.len());
        if start == whole.len() {
            text.push('0');
        }
        push(&mut text, &whole[start..]);
        if self.scale > 0 {
            text.push('.');
            text.extend(std::iter::repeat_n('0', self.scale.saturating_sub(self.digits.len())));
            push(&mut text, &self.digits[whole_length..]);
        }
        Ok(text)
    }

    /// To a number of digits after the point, which may be below zero; half is away from zero.
    fn round(&mut self, scale: i64) {
        let missing = scale - self.scale as i64;
        if missing >= 0 {
            self.digits.extend(std::iter::repeat_n(0, usize::try_from(missing).unwrap_or(0)));
            self.scale = usize::try_from(scale).unwrap_or(0);
            return;
        }
        let dropped = usize::try_from(-missing).unwrap_or(0);
        // A digit in front takes what is carried.
        let padding = (dropped + 1).saturating_sub(self.digits.len()) + 1;
        self.digits.splice(0..0, std::iter::repeat_n(0, padding));
        let kept = self.digits.len() - dropped;
        let rounds_up = self.digits[kept] >= 5;
        self.digits.truncate(kept);
        if rounds_up {
            for digit in self.digits.iter_mut().rev() {
                *digit = (*digit + 1) % 10;
                if *digit != 0 {
                    break;
                }
            }
        }
        self.digits.extend(std::iter::repeat_n(0, usize::try_from(-scale).unwrap_or(0)));
        self.scale = usize::try_from(scale).unwrap_or(0);
    }
}

/// Reads a `real` or a `double precision`.
pub(super) fn float(text: &str, is_real: bool) -> Outcome {
    let text = trimmed(text);
    let number = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_negative = text.starts_with('-');
    let lower = number.to_ascii_lowercase();
    match lower.as_str() {
        "nan" => return Ok("NaN".into()),
        "infinity" | "inf" => return Ok(if is_negative { "-Infinity" } else { "Infinity" }.into()),
        // What the C library takes beside decimal numbers.
        _ if lower.starts_with("0x") || lower.starts_with("nan(") => return Err(Failure::Undecided),
        _ => {}
    }
    let (mantissa, exponent) = lower.split_once('e').map_or((lower.as_str(), None), |(mantissa, exponent)| {
        (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)))
    });
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let has_digit = mantissa.bytes().any(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_number = has_digit && is_digits(whole) && is_digits(fraction);
    if !is_number || exponent.is_some_and(|exponent| exponent.is_empty() || !is_digits(exponent)) {
        return Err(Failure::Syntax);
    }
    let is_zero = mantissa.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    if is_real {
        let value: f32 = text.parse().map_err(|_| Failure::Undecided)?;
        if value.is_infinite() || value == 0.0 && !is_zero {
            return Err(Failure::Range);
        }
        let same = |text: &str| text.parse() == Ok(value);
        printed_float(&format!("{value:e}"), &format!("{value:.60e}"), 6, same)
    } else {
        let value: f64 = text.parse().map_err(|_| Failure::Undecided)?;
        if value.is_infinite() || value == 0.0 && !is_zero {
            return Err(Failure::Range);
        }
        let same = |text: &str| text.parse() == Ok(value);
        printed_float(&format!("{value:e}"), &format!("{value:.60e}"), 15, same)
    }
}

/// The shortest decimal that is read as the same number, as PostgreSQL writes it: with an exponent below -4 and from
/// a number of digits on. It takes none that is exactly between two numbers, Rust does; of two that are equally close,
/// they do not take the same one.
fn printed_float(scientific: &str, exact: &str, digits: i32, same: impl Fn(&str) -> bool) -> Outcome {
    let (mantissa, exponent) = scientific.split_once('e').ok_or(Failure::Undecided)?;
    let exponent: i32 = exponent.parse().map_err(|_| Failure::Undecided)?;
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |mantissa| ("-", mantissa));
    let (first, others) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{first}{others}");
    let exact: String = exact.chars().take_while(|character| *character != 'e').filter(char::is_ascii_digit).collect();
    let is_tie = exact.get(all.len()..).is_some_and(|rest| rest.trim_end_matches('0') == "5");
    if is_tie {
        return Err(Failure::Undecided);
    }
    if let Some(last) = all.bytes().last().filter(|last| *last != b'0') {
        let point = exponent - all.len() as i32 + 1;
        let (nines, zeros, point) = ("9".repeat(25), "0".repeat(24), point - 25);
        let below = format!("{sign}{}{}{nines}e{point}", &all[..all.len() - 1], char::from(last - 1));
        let above = format!("{sign}{all}{zeros}1e{point}");
        if !same(&below) || !same(&above) {
            return Err(Failure::Undecided);
        }
    }
    if !(-4..digits).contains(&exponent) {
        let point = if others.is_empty() { "" } else { "." };
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        return Ok(format!("{sign}{first}{point}{others}e{exponent_sign}{:02}", exponent.abs()));
    }
    if exponent < 0 {
        let zeros = "0".repeat(usize::try_from(-exponent - 1).unwrap_or(0));
        return Ok(format!("{sign}0.{zeros}{all}"));
    }
    let whole = usize::try_from(exponent).unwrap_or(0) + 1;
    if all.len() <= whole {
        return Ok(format!("{sign}{all}{}", "0".repeat(whole - all.len())));
    }
    let (whole, fraction) = all.split_at(whole);
    Ok(format!("{sign}{whole}.{fraction}"))
}
