//! Ranges and multiranges (manual, 8.17.5): `[1,5]` of whole numbers is `[1,6)`.

use std::cmp::Ordering;

use super::moment::{day_after, is_blank};
use super::{Failure, Outcome};
use crate::types::{BuiltIn, Type};

/// What a range type ranges over.
pub(super) fn bounds_of(range: BuiltIn) -> Option<Type> {
    Some(match range {
        BuiltIn::Int4Range | BuiltIn::Int4Multirange => Type::INTEGER,
        BuiltIn::Int8Range | BuiltIn::Int8Multirange => Type::BIGINT,
        BuiltIn::NumRange | BuiltIn::NumMultirange => Type::NUMERIC,
        BuiltIn::DateRange | BuiltIn::DateMultirange => Type::DATE,
        BuiltIn::TsRange | BuiltIn::TsMultirange => Type::TIMESTAMP,
        BuiltIn::TstzRange | BuiltIn::TstzMultirange => Type::TIMESTAMPTZ,
        _ => return None,
    })
}

/// The range type of PostgreSQL's own over a type.
pub fn range_over(subtype: &Type) -> Option<BuiltIn> {
    let ranges = [
        BuiltIn::Int4Range,
        BuiltIn::Int8Range,
        BuiltIn::NumRange,
        BuiltIn::DateRange,
        BuiltIn::TsRange,
        BuiltIn::TstzRange,
    ];
    ranges.into_iter().find(|range| bounds_of(*range).is_some_and(|bounds| bounds == *subtype))
}

/// The type of several ranges of one of PostgreSQL's own.
pub fn multirange_of(range: BuiltIn) -> Option<BuiltIn> {
    Some(match range {
        BuiltIn::Int4Range => BuiltIn::Int4Multirange,
        BuiltIn::Int8Range => BuiltIn::Int8Multirange,
        BuiltIn::NumRange => BuiltIn::NumMultirange,
        BuiltIn::DateRange => BuiltIn::DateMultirange,
        BuiltIn::TsRange => BuiltIn::TsMultirange,
        BuiltIn::TstzRange => BuiltIn::TstzMultirange,
        _ => return None,
    })
}

/// The ends of a range, or of several, as they are written, without those that are infinite. Nothing, where it is neither.
pub fn range_ends(text: &str) -> Option<Vec<String>> {
    let mut reader = Reader { text, index: 0 };
    reader.skip_blanks();
    let mut ranges = Vec::new();
    if reader.peek() == Some('{') {
        reader.next();
        reader.skip_blanks();
        let mut closed = reader.peek() == Some('}');
        if closed {
            reader.next();
        }
        while !closed {
            ranges.extend(reader.written().ok()?);
            reader.skip_blanks();
            closed = match reader.next()? {
                '}' => true,
                ',' => false,
                _ => return None,
            };
        }
    } else {
        ranges.extend(reader.written().ok()?);
    }
    reader.skip_blanks();
    let ends = ranges.into_iter().flat_map(|range| [range.low, range.high]).flatten().collect();
    (reader.index == text.len()).then_some(ends)
}

/// Whether a range of values of a type certainly ends before it begins.
pub fn is_range_backwards(text: &str, of: &Type) -> bool {
    matches!(range(text, of), Err(Failure::Backwards))
}

/// A range with its bounds as they are printed; none is infinite.
struct Range {
    low: Option<String>,
    high: Option<String>,
    has_low: bool,
    has_high: bool,
}

/// Reads a range.
pub(super) fn range(text: &str, of: &Type) -> Outcome {
    let mut reader = Reader { text, index: 0 };
    let range = reader.range(of)?;
    reader.skip_blanks();
    if reader.index != text.len() {
        return Err(Failure::Syntax);
    }
    Ok(range.map_or_else(|| "empty".into(), |range| range.printed()))
}

/// Reads a multirange. The order and the union of more than one range are left to the server.
pub(super) fn multirange(text: &str, of: &Type) -> Outcome {
    let mut reader = Reader { text, index: 0 };
    reader.skip_blanks();
    if reader.next() != Some('{') {
        return Err(Failure::Syntax);
    }
    let mut ranges = Vec::new();
    reader.skip_blanks();
    if reader.peek() == Some('}') {
        reader.next();
    } else {
        loop {
            ranges.extend(reader.range(of)?);
            reader.skip_blanks();
            match reader.next() {
                Some('}') => break,
                Some(',') => {}
                _ => return Err(Failure::Syntax),
            }
        }
    }
    reader.skip_blanks();
    if reader.index != text.len() {
        return Err(Failure::Syntax);
    }
    match ranges.as_slice() {
        [] => Ok("{}".into()),
        [range] => Ok(format!("{{{}}}", range.printed())),
        _ => Err(Failure::Undecided),
    }
}

impl Range {
    fn printed(&self) -> String {
        let mut text = String::from(if self.has_low { '[' } else { '(' });
        if let Some(low) = &self.low {
            push_quoted(&mut text, low);
        }
        text.push(',');
        if let Some(high) = &self.high {
            push_quoted(&mut text, high);
        }
        text.push(if self.has_high { ']' } else { ')' });
        text
    }

    /// The form in which equal ranges are the same; nothing where it is empty.
    fn settled(mut self, of: &Type) -> Result<Option<Range>, Failure> {
        self.has_low &= self.low.is_some();
        self.has_high &= self.high.is_some();
        if let (Some(low), Some(high)) = (&self.low, &self.high) {
            match compare(low, high, of)? {
                Ordering::Greater => return Err(Failure::Backwards),
                Ordering::Equal if !(self.has_low && self.has_high) => return Ok(None),
                _ => {}
            }
        }
        let Some(next): Option<fn(&str) -> Outcome> = (match of {
            Type::BuiltIn(BuiltIn::Integer) => Some(|text| step(text, i32::MAX.into())),
            Type::BuiltIn(BuiltIn::BigInt) => Some(|text| step(text, i64::MAX)),
            Type::BuiltIn(BuiltIn::Date) => Some(day_after),
            _ => None,
        }) else {
            return Ok(Some(self));
        };
        let is_finite = |bound: &str| !bound.ends_with("infinity");
        if let Some(low) = self.low.as_mut().filter(|low| !self.has_low && is_finite(low)) {
            *low = next(low)?;
            self.has_low = true;
        }
        if let Some(high) = self.high.as_mut().filter(|high| self.has_high && is_finite(high)) {
            *high = next(high)?;
            self.has_high = false;
        }
        if let (Some(low), Some(high)) = (&self.low, &self.high)
            && !(self.has_low && self.has_high)
            && compare(low, high, of)? != Ordering::Less
        {
            return Ok(None);
        }
        Ok(Some(self))
    }
}

fn step(text: &str, most: i64) -> Outcome {
    let number: i64 = text.parse().map_err(|_| Failure::Undecided)?;
    if number == most { Err(Failure::Range) } else { Ok((number + 1).to_string()) }
}

/// Two values as they are printed.
fn compare(one: &str, other: &str, of: &Type) -> Result<Ordering, Failure> {
    if one == other {
        return Ok(Ordering::Equal);
    }
    if one == "-infinity" || other == "infinity" {
        return Ok(Ordering::Less);
    }
    if one == "infinity" || other == "-infinity" {
        return Ok(Ordering::Greater);
    }
    match of {
        Type::BuiltIn(BuiltIn::Integer | BuiltIn::BigInt) => {
            let number = |text: &str| text.parse::<i64>().map_err(|_| Failure::Undecided);
            Ok(number(one)?.cmp(&number(other)?))
        }
        Type::Numeric(_) => compare_numeric(one, other),
        Type::Time { with_time_zone: false, .. } => Ok(one.cmp(other)),
        _ => {
            if one.ends_with("BC") || other.ends_with("BC") {
                return Err(Failure::Undecided);
            }
            let year = |text: &str| text.find('-').ok_or(Failure::Undecided);
            // `+` of a zone sorts before the point of a fraction.
            Ok((year(one)?, one).cmp(&(year(other)?, other)))
        }
    }
}

fn compare_numeric(one: &str, other: &str) -> Result<Ordering, Failure> {
    let parts = |text: &str| {
        let (is_negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if !whole.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Failure::Undecided);
        }
        Ok((is_negative, (whole.len(), whole.to_owned(), fraction.trim_end_matches('0').to_owned())))
    };
    let ((one_negative, one), (other_negative, other)) = (parts(one)?, parts(other)?);
    Ok(match (one_negative, other_negative) {
        (false, true) => Ordering::Greater,
        (true, false) => Ordering::Less,
        (false, false) => one.cmp(&other),
        (true, true) => other.cmp(&one),
    })
}

fn push_quoted(printed: &mut String, text: &str) {
    let is_special = |character: char| {
        matches!(character, '"' | '\\' | '(' | ')' | '[' | ']' | ',') || u8::try_from(character).is_ok_and(is_blank)
    };
    if text.contains(is_special) {
        printed.push_str(&format!("\"{text}\""));
    } else {
        printed.push_str(text);
    }
}

struct Reader<'t> {
    text: &'t str,
    index: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.index..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.index += character.len_utf8();
        Some(character)
    }

    fn skip_blanks(&mut self) {
        while self.text.as_bytes().get(self.index).copied().is_some_and(is_blank) {
            self.index += 1;
        }
    }

    /// A range whose ends are read as values of a type.
    fn range(&mut self, of: &Type) -> Result<Option<Range>, Failure> {
        let Some(written) = self.written()? else { return Ok(None) };
        let read = |bound: Option<String>| bound.map(|bound| super::outcome(&bound, of)).transpose();
        Range { low: read(written.low)?, high: read(written.high)?, ..written }.settled(of)
    }

    /// A range with its ends as they are written; nothing where it is empty.
    fn written(&mut self) -> Result<Option<Range>, Failure> {
        self.skip_blanks();
        if self.text.get(self.index..self.index + 5).is_some_and(|word| word.eq_ignore_ascii_case("empty")) {
            self.index += 5;
            return Ok(None);
        }
        let has_low = match self.next() {
            Some('[') => true,
            Some('(') => false,
            _ => return Err(Failure::Syntax),
        };
        let low = self.bound()?;
        if self.next() != Some(',') {
            return Err(Failure::Syntax);
        }
        let high = self.bound()?;
        let has_high = match self.next() {
            Some(']') => true,
            Some(')') => false,
            _ => return Err(Failure::Syntax),
        };
        Ok(Some(Range { low, high, has_low, has_high }))
    }

    /// A bound as it is written; nothing, where it is infinite.
    fn bound(&mut self) -> Result<Option<String>, Failure> {
        if matches!(self.peek(), Some(',' | ')' | ']')) {
            return Ok(None);
        }
        let mut bound = String::new();
        let mut is_quoted = false;
        loop {
            match self.peek().ok_or(Failure::Syntax)? {
                ',' | ')' | ']' if !is_quoted => return Ok(Some(bound)),
                '\\' => {
                    self.next();
                    bound.push(self.next().ok_or(Failure::Syntax)?);
                }
                '"' => {
                    self.next();
                    if is_quoted && self.peek() == Some('"') {
                        self.next();
                        bound.push('"');
                    } else {
                        is_quoted = !is_quoted;
                    }
                }
                character => {
                    self.next();
                    bound.push(character);
                }
            }
        }
    }
}
