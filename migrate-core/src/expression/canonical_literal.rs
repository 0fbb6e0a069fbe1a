//! Literals in their canonical form. What PostgreSQL prints for a literal is its value, not what was written.

use super::{Expression, ExpressionKind, NamedInText, Operator};
use crate::json::Value;
use crate::literal::canonical;
use crate::types::{BuiltIn, Category, Type};

/// A number without needless zeros, point and exponent: `1.50` is `1.5`, `1e3` is `1000`.
pub(super) fn number(written: &str) -> String {
    let (mantissa, exponent) = match written.find(['e', 'E']) {
        Some(found) if !written.starts_with("0x") && !written.starts_with("0X") => {
            (&written[..found], written[found + 1..].parse::<i32>().unwrap_or(0))
        }
        _ => (written, 0),
    };
    if !mantissa.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') || exponent.abs() > 400 {
        return other_base(written).unwrap_or_else(|| written.into());
    }
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = String::with_capacity(whole.len() + fraction.len());
    digits.push_str(whole);
    digits.push_str(fraction);
    let mut point = whole.len() as i32 + exponent;
    while point < 0 {
        digits.insert(0, '0');
        point += 1;
    }
    while point > digits.len() as i32 {
        digits.push('0');
    }
    let (whole, fraction) = digits.split_at(point as usize);
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if fraction.is_empty() { whole.into() } else { format!("{whole}.{fraction}") }
}

/// `0x1F`, `0o17`, `0b11` in decimal.
fn other_base(written: &str) -> Option<String> {
    let radix = match written.get(..2)? {
        "0x" | "0X" => 16,
        "0o" | "0O" => 8,
        "0b" | "0B" => 2,
        _ => return None,
    };
    u128::from_str_radix(&written[2..], radix).ok().map(|value| value.to_string())
}

/// A string: JSON objects and arrays, intervals and points in time in one spelling, everything else as it is.
pub(super) fn text(text: String) -> String {
    let first = text.trim_start().bytes().next();
    if matches!(first, Some(b'{' | b'['))
        && let Some(value) = Value::read(&text)
    {
        return value.to_string();
    }
    if text.starts_with('$') {
        // A path into JSON is printed with quoted keys and other blanks.
        return text.chars().filter(|character| !matches!(character, ' ' | '"')).collect();
    }
    if first.is_some_and(|first| first.is_ascii_digit() || first == b'-') {
        if let Some(interval) = interval(&text) {
            return interval;
        }
        if is_point_in_time(&text) {
            return point_in_time(&text);
        }
    }
    text
}

/// `2020-01-01...` with a time.
fn is_point_in_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() > 11
        && bytes.iter().take(10).enumerate().all(|(index, byte)| match index {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
        && matches!(bytes[10], b' ' | b'T')
}

/// Midnight and UTC are what is left out.
fn point_in_time(text: &str) -> String {
    let mut text = text.replacen('T', " ", 1);
    for suffix in ["Z", "+00:00", "+00"] {
        if let Some(rest) = text.strip_suffix(suffix) {
            text.truncate(rest.len());
        }
    }
    let has_minutes_only = text.len() == "2020-01-01 10:00".len() && text.as_bytes().get(13) == Some(&b':');
    if has_minutes_only {
        text.push_str(":00");
    }
    text.truncate(text.strip_suffix(" 00:00:00").map_or(text.len(), str::len));
    text
}

/// An interval of whole numbers, in the form in which PostgreSQL prints it as long as nothing positive follows
/// something negative.
fn interval(text: &str) -> Option<String> {
    let (mut months, mut days, mut microseconds) = (0_i64, 0_i64, 0_i64);
    let mut words = text.split_ascii_whitespace();
    while let Some(word) = words.next() {
        let (sign, word) = match word.strip_prefix('-') {
            Some(word) => (-1, word),
            None => (1, word.strip_prefix('+').unwrap_or(word)),
        };
        if word.contains(':') {
            microseconds = microseconds.checked_add(sign * clock(word)?)?;
            continue;
        }
        let split = word.find(|character: char| !character.is_ascii_digit()).unwrap_or(word.len());
        let (number, unit) = word.split_at(split);
        let number: i64 = number.parse().ok()?;
        let unit = if unit.is_empty() { words.next()? } else { unit };
        let (sum, factor) = match unit.to_ascii_lowercase().as_str() {
            "year" | "years" | "y" | "yr" | "yrs" => (&mut months, 12),
            "month" | "months" | "mon" | "mons" => (&mut months, 1),
            "week" | "weeks" | "w" => (&mut days, 7),
            "day" | "days" | "d" => (&mut days, 1),
            "hour" | "hours" | "h" | "hr" | "hrs" => (&mut microseconds, 3_600_000_000),
            "minute" | "minutes" | "m" | "min" | "mins" => (&mut microseconds, 60_000_000),
            "second" | "seconds" | "s" | "sec" | "secs" => (&mut microseconds, 1_000_000),
            "millisecond" | "milliseconds" | "ms" => (&mut microseconds, 1_000),
            "microsecond" | "microseconds" | "us" => (&mut microseconds, 1),
            _ => return None,
        };
        *sum = sum.checked_add(number.checked_mul(sign * factor)?)?;
    }
    Some(printed_interval(months, days, microseconds))
}

/// `04:05`, `04:05:06.7` in microseconds.
fn clock(word: &str) -> Option<i64> {
    let mut parts = word.split(':');
    let hours: i64 = parts.next()?.parse().ok()?;
    let minutes: i64 = parts.next()?.parse().ok()?;
    let seconds = parts.next().unwrap_or("0");
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let fraction: i64 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    if parts.next().is_some() || hours < 0 {
        return None;
    }
    let seconds = seconds.parse::<i64>().ok()?;
    hours.checked_mul(3600)?.checked_add(minutes * 60 + seconds)?.checked_mul(1_000_000)?.checked_add(fraction)
}

fn printed_interval(months: i64, days: i64, microseconds: i64) -> String {
    let mut parts = Vec::new();
    for (number, unit) in [(months / 12, "year"), (months % 12, "mon"), (days, "day")] {
        if number != 0 {
            parts.push(format!("{number} {unit}{}", if number == 1 { "" } else { "s" }));
        }
    }
    if microseconds != 0 || parts.is_empty() {
        let sign = if microseconds < 0 { "-" } else { "" };
        let microseconds = microseconds.unsigned_abs();
        let seconds = microseconds / 1_000_000;
        let mut clock = format!("{sign}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
        let fraction = format!("{:06}", microseconds % 1_000_000);
        let fraction = fraction.trim_end_matches('0');
        if !fraction.is_empty() {
            clock.push('.');
            clock.push_str(fraction);
        }
        parts.push(clock);
    }
    parts.join(" ")
}

/// The digits of a bit string in base 2.
pub(super) fn bits(is_hexadecimal: bool, digits: String) -> String {
    if !is_hexadecimal {
        return digits;
    }
    digits
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .flat_map(|value| (0..4).rev().map(move |bit| if value >> bit & 1 == 1 { '1' } else { '0' }))
        .collect()
}

/// A canonical literal after a conversion to a type: as the server prints it, before a length or a precision is applied.
pub(super) fn converted(literal: ExpressionKind, target: &Type) -> ExpressionKind {
    let ExpressionKind::Text(value) = literal else { return literal };
    let printed = match target {
        Type::Interval { .. } => canonical(&value, target),
        _ => canonical(&value, &target.without_modifier()),
    };
    let value = printed.unwrap_or(value);
    match target.category() {
        Category::Numeric if *target == Type::BuiltIn(BuiltIn::Money) => money(value),
        Category::Numeric => as_number(&value).unwrap_or(ExpressionKind::Text(value)),
        Category::Boolean if value == "t" => ExpressionKind::Boolean(true),
        Category::Boolean if value == "f" => ExpressionKind::Boolean(false),
        Category::String | Category::Binary => ExpressionKind::Text(value),
        _ => ExpressionKind::Text(match target {
            Type::BuiltIn(read_as) => name(&value, *read_as).unwrap_or_else(|| text(value)),
            _ => text(value),
        }),
    }
}

/// An amount as a number, whatever the locale puts around its digits. Where the point is a comma, it is left as it is.
fn money(value: String) -> ExpressionKind {
    let is_negative = value.contains(['-', '(']);
    let digits: String = value.chars().filter(|character| character.is_ascii_digit() || *character == '.').collect();
    let number = if is_negative { format!("-{digits}") } else { digits };
    as_number(&number).unwrap_or(ExpressionKind::Text(value))
}

/// The name in a text that is read as one, as in `nextval('public.s')`. Whether the server prints the schema depends on
/// its search path.
pub(super) fn name(text: &str, read_as: BuiltIn) -> Option<String> {
    let mut named = NamedInText::read(text, read_as)?;
    named.forget_schema();
    Some(named.text())
}

/// The number that a string holds.
fn as_number(text: &str) -> Option<ExpressionKind> {
    let trimmed = text.trim();
    let (is_negative, digits) = match trimmed.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, trimmed),
    };
    let is_number = digits.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    if !is_number {
        return None;
    }
    let number = ExpressionKind::Number(number(digits));
    Some(if is_negative {
        ExpressionKind::Unary { operator: Operator::new("-"), operand: Box::new(Expression::from(number)) }
    } else {
        number
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_equal_value_are_one_number() {
        for (written, expected) in [
            ("1", "1"),
            ("007", "7"),
            ("1.50", "1.5"),
            ("1.", "1"),
            (".5", "0.5"),
            ("1e3", "1000"),
            ("1.5e-3", "0.0015"),
            ("0.0", "0"),
            ("0x1F", "31"),
            ("1E2", "100"),
            ("12e-1", "1.2"),
        ] {
            assert_eq!(number(written), expected, "{written}");
        }
    }

    #[test]
    fn intervals_are_printed_as_the_server_does() {
        for (written, expected) in [
            ("1 day", "1 day"),
            ("24 hours", "24:00:00"),
            ("90 minutes", "01:30:00"),
            ("1 week 2 days", "9 days"),
            ("14 months", "1 year 2 mons"),
            ("1 month", "1 mon"),
            ("0 days", "00:00:00"),
            ("1.5", "1.5"),
            ("1 day 04:05:06.7", "1 day 04:05:06.7"),
            ("5m", "00:05:00"),
            ("500 ms", "00:00:00.5"),
            ("3 apples", "3 apples"),
            ("-1 day", "-1 days"),
            ("-90 minutes", "-01:30:00"),
            ("-1", "-1"),
            ("- x", "- x"),
        ] {
            assert_eq!(text(written.into()), expected, "{written}");
        }
    }

    #[test]
    fn json_is_compared_by_value_and_time_without_midnight() {
        assert_eq!(text(r#"{"bb":1,"a":[ ]}"#.into()), r#"{"a": [], "bb": 1}"#);
        assert_eq!(text("2020-01-01T00:00:00Z".into()), "2020-01-01");
        assert_eq!(text("2020-01-01 10:00:00+00".into()), "2020-01-01 10:00:00");
        assert_eq!(text("2020-01-01 10:00".into()), "2020-01-01 10:00:00");
        assert_eq!(text("{a,b}".into()), "{a,b}");
        assert_eq!(text("$.a[*] ? (@ > 2)".into()), text("$.\"a\"[*]?(@ > 2)".into()));
    }

    #[test]
    fn bit_strings_are_binary() {
        assert_eq!(bits(true, "1F".into()), "00011111");
    }
}
