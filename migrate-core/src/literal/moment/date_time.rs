//! `date`, `timestamp` and `timestamptz`.

use super::super::{Failure, Outcome};
use super::calendar::{date_of, julian_day};
use super::fields::{Shape, fields, fraction, leading_int};
use super::parts::{DATE, DAY, ERA, HALF_OF_DAY, MONTH, Offset, Parts, TIME, WEEKDAY, ZONE, offset};
use super::words::{Word, may_be_zone, word};
use super::{push_clock, push_offset, rounded};

const MICROSECONDS_OF_DAY: i64 = 86_400_000_000;

/// 2000-01-01
const FIRST_OF_2000: i64 = 2_451_545;

/// 1970-01-01
const EPOCH: i64 = 2_440_588;

/// The day after the last `timestamp`, 294277-01-01.
const END_OF_TIMESTAMPS: i64 = 109_203_528;

/// The day after the last `date`, 5874898-01-01.
const END_OF_DATES: i64 = 2_147_483_494;

/// Reads a `date`.
pub(in crate::literal) fn date(text: &str) -> Outcome {
    let parts = match decode(text)? {
        Decoded::Word(word) => {
            return Ok(match word {
                Word::Epoch => "1970-01-01",
                Word::Early => "-infinity",
                _ => "infinity",
            }
            .into());
        }
        Decoded::Parts(parts) => parts,
    };
    let day = day_of(&parts)?;
    if day >= END_OF_DATES {
        return Err(Failure::Range);
    }
    if parts.offset == Some(Offset::Named) {
        return Err(Failure::Undecided);
    }
    let mut text = String::new();
    let era = push_date(&mut text, day);
    text.push_str(era);
    Ok(text)
}

/// Reads a `timestamp` or a `timestamptz`.
pub(in crate::literal) fn timestamp(text: &str, precision: Option<u32>, with_time_zone: bool) -> Outcome {
    let mut microseconds = match decode(text)? {
        Decoded::Word(Word::Epoch) => (EPOCH - FIRST_OF_2000) * MICROSECONDS_OF_DAY,
        Decoded::Word(Word::Early) => return Ok("-infinity".into()),
        Decoded::Word(_) => return Ok("infinity".into()),
        Decoded::Parts(parts) => {
            let day = day_of(&parts)?;
            if day > END_OF_TIMESTAMPS {
                return Err(Failure::Range);
            }
            let local = (day - FIRST_OF_2000) * MICROSECONDS_OF_DAY + parts.time_of_day();
            match parts.offset {
                Some(Offset::Named) => return Err(Failure::Undecided),
                Some(Offset::Seconds(seconds)) if with_time_zone => local - seconds * 1_000_000,
                _ => local,
            }
        }
    };
    let is_in_range = |microseconds: i64| {
        (-FIRST_OF_2000 * MICROSECONDS_OF_DAY..(END_OF_TIMESTAMPS - FIRST_OF_2000) * MICROSECONDS_OF_DAY)
            .contains(&microseconds)
    };
    if !is_in_range(microseconds) {
        return Err(Failure::Range);
    }
    microseconds = rounded(microseconds, precision);
    if !is_in_range(microseconds) {
        return Err(Failure::Undecided);
    }
    let mut text = String::new();
    let era = push_date(&mut text, microseconds.div_euclid(MICROSECONDS_OF_DAY) + FIRST_OF_2000);
    text.push(' ');
    push_clock(&mut text, microseconds.rem_euclid(MICROSECONDS_OF_DAY).unsigned_abs());
    if with_time_zone {
        push_offset(&mut text, 0);
    }
    text.push_str(era);
    Ok(text)
}

/// The day after a `date` as it is printed.
pub(in crate::literal) fn day_after(text: &str) -> Outcome {
    let Decoded::Parts(parts) = decode(text)? else { return Err(Failure::Undecided) };
    let day = day_of(&parts)? + 1;
    if day >= END_OF_DATES {
        return Err(Failure::Range);
    }
    let mut text = String::new();
    let era = push_date(&mut text, day);
    text.push_str(era);
    Ok(text)
}

/// Writes year, month and day, and gives the era that stands at the end.
fn push_date(text: &mut String, day: i64) -> &'static str {
    let (year, month, day) = date_of(day);
    let (year, era) = if year > 0 { (year, "") } else { (1 - year, " BC") };
    text.push_str(&format!("{year:04}-{month:02}-{day:02}"));
    era
}

/// The Julian day number; there are none below zero, which is 4714-11-24 BC.
fn day_of(parts: &Parts) -> Result<i64, Failure> {
    let is_too_early = (parts.year, parts.month, parts.day) < (-4713, 11, 24);
    let is_too_late = parts.year > 5_874_898;
    if is_too_early || is_too_late {
        return Err(Failure::Range);
    }
    Ok(julian_day(parts.year, parts.month, parts.day))
}

enum Decoded {
    /// `epoch`, `infinity`, `-infinity`
    Word(Word),
    /// A day and a time.
    Parts(Parts),
}

/// What the field before says of this one.
#[derive(PartialEq)]
enum Prefix {
    None,
    Julian,
    Time,
}

fn decode(text: &str) -> Result<Decoded, Failure> {
    let fields = fields(text)?;
    let mut parts = Parts::default();
    let mut prefix = Prefix::None;
    let mut is_relative = false;
    for field in &fields {
        let text = field.text.as_str();
        let given = match field.shape {
            Shape::Date => match prefix {
                Prefix::Julian => return Err(Failure::Undecided),
                _ if prefix != Prefix::None || parts.has(MONTH | DAY) => {
                    let starts_with_digit = text.starts_with(|first: char| first.is_ascii_digit());
                    zone_or_time(&mut parts, text, starts_with_digit, std::mem::replace(&mut prefix, Prefix::None))?
                }
                _ => parts.date(text)?,
            },
            Shape::Time => {
                if prefix == Prefix::Julian {
                    return Err(Failure::Syntax);
                }
                prefix = Prefix::None;
                parts.time(text)?;
                if parts.is_beyond_day() {
                    return Err(Failure::Range);
                }
                TIME
            }
            Shape::Zone => {
                parts.offset = Some(Offset::Seconds(offset(text)?));
                ZONE
            }
            Shape::Number => number(&mut parts, text, std::mem::replace(&mut prefix, Prefix::None))?,
            Shape::Word | Shape::SignedWord => match word(text) {
                Some(Word::Ignored) => continue,
                Some(word @ (Word::Epoch | Word::Early | Word::Late)) => {
                    // What may stand beside such a word depends on the version.
                    return if fields.len() == 1 { Ok(Decoded::Word(word)) } else { Err(Failure::Undecided) };
                }
                Some(word @ (Word::Now | Word::Relative)) => {
                    is_relative = true;
                    (parts.year, parts.month, parts.day) = (2000, 1, 1);
                    if word == Word::Now { DATE | TIME | ZONE } else { DATE }
                }
                Some(Word::AllBalls) => {
                    parts.offset = Some(Offset::Seconds(0));
                    TIME | ZONE
                }
                Some(Word::Month(month)) => {
                    let mut given = MONTH;
                    let is_day = parts.has(MONTH) && !parts.has_word_for_month && !parts.has(DAY);
                    if is_day && (1..=31).contains(&parts.month) {
                        parts.day = parts.month;
                        given = DAY;
                    }
                    parts.has_word_for_month = true;
                    parts.month = month;
                    given
                }
                Some(word @ (Word::Am | Word::Pm)) => {
                    parts.is_afternoon = Some(word == Word::Pm);
                    HALF_OF_DAY
                }
                Some(word @ (Word::Ad | Word::Bc)) => {
                    parts.is_before_christ = word == Word::Bc;
                    ERA
                }
                Some(Word::Weekday) => WEEKDAY,
                Some(Word::Julian) if prefix == Prefix::None => {
                    prefix = Prefix::Julian;
                    0
                }
                Some(Word::Time) if prefix == Prefix::None && parts.has(DATE) => {
                    prefix = Prefix::Time;
                    0
                }
                Some(Word::Julian | Word::Time | Word::Unit | Word::DaylightSaving) if fields.len() == 1 => {
                    return Err(Failure::Syntax);
                }
                Some(Word::Julian | Word::Time | Word::Unit | Word::DaylightSaving) => return Err(Failure::Undecided),
                Some(Word::Utc) => {
                    parts.offset = Some(Offset::Seconds(0));
                    ZONE
                }
                None if text == "+infinity" => return Err(Failure::Undecided),
                None if field.shape == Shape::Word && may_be_zone(text) => {
                    parts.offset = Some(Offset::Named);
                    ZONE
                }
                None => return Err(Failure::Syntax),
            },
        };
        parts.add(given)?;
    }
    if prefix != Prefix::None {
        return Err(Failure::Undecided);
    }
    parts.validate()?;
    parts.halve()?;
    if is_relative {
        return Err(if parts.offset == Some(Offset::Named) { Failure::Undecided } else { Failure::Relative });
    }
    if parts.has(DATE) { Ok(Decoded::Parts(parts)) } else { Err(Failure::Syntax) }
}

/// After the date: the name of a time zone, or `hhmmss-zz`.
fn zone_or_time(parts: &mut Parts, text: &str, starts_with_digit: bool, prefix: Prefix) -> Result<u32, Failure> {
    if !starts_with_digit && prefix == Prefix::None {
        parts.offset = Some(Offset::Named);
        return Ok(ZONE);
    }
    let sign = text.find('-').filter(|_| !parts.has(TIME)).ok_or(Failure::Syntax)?;
    parts.offset = Some(Offset::Seconds(offset(&text[sign..])?));
    let found = parts.found;
    Ok(parts.run_together(&text[..sign], found)? | ZONE)
}

fn number(parts: &mut Parts, text: &str, prefix: Prefix) -> Result<u32, Failure> {
    let found = parts.found;
    match prefix {
        Prefix::Julian => {
            let (day, rest) = leading_int(text)?;
            if day > END_OF_DATES {
                return Err(Failure::Undecided);
            }
            (parts.year, parts.month, parts.day) = date_of(day);
            parts.is_julian = true;
            if rest.is_empty() {
                return Ok(DATE);
            }
            let fraction = fraction(rest)?;
            parts.time_from_fraction(fraction);
            Ok(DATE | TIME)
        }
        Prefix::Time => match parts.run_together(text, found | DATE)? {
            TIME => Ok(TIME),
            _ => Err(Failure::Syntax),
        },
        Prefix::None => match text.find('.') {
            Some(_) if found & DATE == 0 => parts.date(text),
            Some(point) if point > 2 => parts.run_together(text, found),
            _ if text.len() >= 6 && (found & DATE == 0 || found & TIME == 0) => parts.run_together(text, found),
            // Years of five digits are read in other ways by older servers.
            None if text.len() == 5 => Err(Failure::Undecided),
            _ => {
                let has_word = parts.has_word_for_month;
                parts.number(text, has_word, found)
            }
        },
    }
}
