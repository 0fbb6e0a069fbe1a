//! `time` and `timetz`.

use super::super::{Failure, Outcome};
use super::fields::{Field, Shape, fields};
use super::parts::{DATE, ERA, HALF_OF_DAY, Offset, Parts, TIME, ZONE, offset};
use super::words::{Word, may_be_zone, word};
use super::{push_clock, push_offset, rounded};

/// Reads a `time` or a `timetz`.
pub(in crate::literal) fn time(text: &str, precision: Option<u32>, with_time_zone: bool) -> Outcome {
    let parts = decode(text)?;
    let seconds = match parts.offset {
        Some(Offset::Seconds(seconds)) => seconds,
        _ => 0,
    };
    let mut text = String::new();
    push_clock(&mut text, rounded(parts.time_of_day(), precision).unsigned_abs());
    if with_time_zone {
        push_offset(&mut text, seconds);
    }
    Ok(text)
}

fn decode(text: &str) -> Result<Parts, Failure> {
    let fields = fields(text)?;
    let mut parts = Parts::default();
    let mut is_relative = false;
    let mut follows_t = false;
    for (index, field) in fields.iter().enumerate() {
        let text = field.text.as_str();
        let found = parts.found | DATE;
        let given = match field.shape {
            Shape::Date if index == 0 && may_start_with_date(&fields) => parts.date(text)?,
            Shape::Date if text.starts_with(|first: char| first.is_ascii_digit()) => {
                let sign = text.find('-').filter(|_| !parts.has(TIME)).ok_or(Failure::Syntax)?;
                parts.offset = Some(Offset::Seconds(offset(&text[sign..])?));
                parts.run_together(&text[..sign], found)? | ZONE
            }
            Shape::Date => {
                parts.offset = Some(Offset::Named);
                ZONE
            }
            Shape::Time => {
                follows_t = false;
                parts.time(text)?;
                TIME
            }
            Shape::Zone => {
                parts.offset = Some(Offset::Seconds(offset(text)?));
                ZONE
            }
            Shape::Number if std::mem::take(&mut follows_t) => match parts.run_together(text, found)? {
                TIME => TIME,
                _ => return Err(Failure::Syntax),
            },
            Shape::Number => match text.find('.') {
                Some(_) if index == 0 && fields.len() >= 2 && fields.last().is_some_and(is_date) => parts.date(text)?,
                Some(point) if point <= 2 => return Err(Failure::Syntax),
                None if text.len() <= 4 => parts.number(text, false, found)?,
                _ => parts.run_together(text, found)?,
            },
            Shape::Word | Shape::SignedWord => match word(text) {
                Some(Word::Ignored) => continue,
                Some(Word::Now) => {
                    is_relative = true;
                    TIME
                }
                Some(Word::AllBalls) => {
                    parts.offset = Some(Offset::Seconds(0));
                    TIME | ZONE
                }
                Some(word @ (Word::Am | Word::Pm)) => {
                    parts.is_afternoon = Some(word == Word::Pm);
                    HALF_OF_DAY
                }
                Some(word @ (Word::Ad | Word::Bc)) => {
                    parts.is_before_christ = word == Word::Bc;
                    ERA
                }
                Some(Word::Time) if !follows_t => {
                    follows_t = true;
                    0
                }
                Some(Word::Time | Word::Julian | Word::Unit | Word::DaylightSaving) => return Err(Failure::Undecided),
                Some(Word::Utc) => {
                    parts.offset = Some(Offset::Seconds(0));
                    ZONE
                }
                None if field.shape == Shape::Word && may_be_zone(text) => {
                    parts.offset = Some(Offset::Named);
                    ZONE
                }
                _ => return Err(Failure::Syntax),
            },
        };
        parts.add(given)?;
    }
    if follows_t {
        return Err(Failure::Undecided);
    }
    parts.validate()?;
    parts.halve()?;
    if parts.is_beyond_day() {
        return Err(Failure::Range);
    }
    if !parts.has(TIME) {
        return Err(Failure::Syntax);
    }
    match parts.offset {
        Some(Offset::Named) => Err(Failure::Undecided),
        _ if is_relative => Err(Failure::Relative),
        _ => Ok(parts),
    }
}

/// A date may stand before a time, so that the time zone is known.
fn may_start_with_date(fields: &[Field]) -> bool {
    fields.len() >= 2 && (fields.last().is_some_and(is_date) || fields[1].shape == Shape::Time)
}

fn is_date(field: &Field) -> bool {
    field.shape == Shape::Date
}
