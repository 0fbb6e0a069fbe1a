//! `interval`.

use super::super::{Failure, Outcome};
use super::fields::{Shape, fields, fraction, leading_integer};
use super::parts::clock;
use super::words::{IntervalWord, Unit, interval_word};
use super::{push_clock, rounded};
use crate::types::IntervalFields;

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The parts of an interval, which PostgreSQL keeps apart.
#[derive(Default)]
struct Parts {
    months: i64,
    days: i64,
    microseconds: i64,
    /// Bits of the units that are given.
    found: u32,
}

/// Reads an `interval`.
pub(in crate::literal) fn interval(text: &str, kept: Option<IntervalFields>, precision: Option<u32>) -> Outcome {
    let mut parts = match decode(text, kept) {
        Err(Failure::Syntax) if text.starts_with('P') => iso(text)?,
        decoded => decoded?,
    };
    if [parts.months, parts.days].iter().any(|part| i32::try_from(*part).is_err()) {
        return Err(Failure::Undecided);
    }
    use IntervalFields as Kept;
    match kept {
        None => {}
        Some(Kept::Year) => parts = Parts { months: parts.months / 12 * 12, ..Parts::default() },
        Some(Kept::Month | Kept::YearToMonth) => parts = Parts { months: parts.months, ..Parts::default() },
        Some(Kept::Day) => parts.microseconds = 0,
        Some(Kept::Hour | Kept::DayToHour) => parts.microseconds = parts.microseconds / HOUR * HOUR,
        Some(Kept::Minute | Kept::DayToMinute | Kept::HourToMinute) => {
            parts.microseconds = parts.microseconds / MINUTE * MINUTE;
        }
        Some(Kept::Second | Kept::DayToSecond | Kept::HourToSecond | Kept::MinuteToSecond) => {}
    }
    parts.microseconds = rounded(parts.microseconds, precision);
    Ok(parts.printed())
}

impl Parts {
    fn add_months(&mut self, value: i64, fraction: f64, months: i64) -> Result<(), Failure> {
        #[expect(clippy::cast_precision_loss, reason = "at most the months of a millennium")]
        let more = fraction * months as f64;
        // Older servers cut what newer ones round.
        if more.fract() != 0.0 || (fraction * 1_024.0).fract() != 0.0 && months > 12 {
            return Err(Failure::Undecided);
        }
        #[expect(clippy::cast_possible_truncation, reason = "at most the months of a millennium")]
        let more = more as i64;
        self.months = sum(self.months, value, months)?.checked_add(more).ok_or(Failure::Range)?;
        Ok(())
    }

    /// Days, and the rest in microseconds.
    fn add_days(&mut self, value: i64, fraction: f64, days: i64) -> Result<(), Failure> {
        #[expect(clippy::cast_precision_loss, reason = "at most the days of a month")]
        let more = fraction * days as f64;
        let whole = more.trunc();
        #[expect(clippy::cast_possible_truncation, reason = "at most the days of a month")]
        let added = whole as i64;
        self.days = sum(self.days, value, days)?.checked_add(added).ok_or(Failure::Range)?;
        self.add_microseconds(0, more - whole, DAY)
    }

    fn add_microseconds(&mut self, value: i64, fraction: f64, microseconds: i64) -> Result<(), Failure> {
        self.microseconds = sum(self.microseconds, value, microseconds)?;
        #[expect(clippy::cast_precision_loss, reason = "at most the microseconds of a day")]
        let more = fraction * microseconds as f64;
        let whole = more.trunc();
        let rest = more - whole;
        // How a half is rounded, which may have come from rounding, depends on the version.
        if (rest.abs() - 0.5).abs() < 0.001 {
            return Err(Failure::Undecided);
        }
        #[expect(clippy::cast_possible_truncation, reason = "at most the microseconds of a day")]
        let added = more.round() as i64;
        self.microseconds = self.microseconds.checked_add(added).ok_or(Failure::Range)?;
        Ok(())
    }

    fn add(&mut self, unit: Unit, value: i64, fraction: f64) -> Result<(), Failure> {
        match unit {
            Unit::Microsecond => self.add_microseconds(value, fraction, 1),
            Unit::Millisecond => self.add_microseconds(value, fraction, 1_000),
            Unit::Second => self.add_microseconds(value, fraction, SECOND),
            Unit::Minute => self.add_microseconds(value, fraction, MINUTE),
            Unit::Hour => self.add_microseconds(value, fraction, HOUR),
            Unit::Day => self.add_days(value, fraction, 1),
            Unit::Week => self.add_days(value, fraction, 7),
            Unit::Month => {
                self.add_months(value, 0.0, 1)?;
                self.add_days(0, fraction, 30)
            }
            Unit::Year => self.add_months(value, fraction, 12),
            Unit::Decade => self.add_months(value, fraction, 120),
            Unit::Century => self.add_months(value, fraction, 1_200),
            Unit::Millennium => self.add_months(value, fraction, 12_000),
        }
    }

    /// Notes which units are given; none can be given twice.
    fn note(&mut self, given: u32) -> Result<(), Failure> {
        if self.found & given != 0 {
            return Err(Failure::Syntax);
        }
        self.found |= given;
        Ok(())
    }

    /// As `intervalstyle = 'postgres'` prints it.
    fn printed(&self) -> String {
        let mut text = String::new();
        let mut follows_negative = false;
        for (number, unit) in [(self.months / 12, "year"), (self.months % 12, "mon"), (self.days, "day")] {
            if number == 0 {
                continue;
            }
            if !text.is_empty() {
                text.push(' ');
            }
            let sign = if follows_negative && number > 0 { "+" } else { "" };
            let plural = if number == 1 { "" } else { "s" };
            text.push_str(&format!("{sign}{number} {unit}{plural}"));
            follows_negative = number < 0;
        }
        if self.microseconds != 0 || text.is_empty() {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(match self.microseconds {
                ..0 => "-",
                _ if follows_negative => "+",
                _ => "",
            });
            push_clock(&mut text, self.microseconds.unsigned_abs());
        }
        text
    }
}

fn sum(before: i64, value: i64, factor: i64) -> Result<i64, Failure> {
    value.checked_mul(factor).and_then(|more| before.checked_add(more)).ok_or(Failure::Range)
}

const ALL_SECONDS: u32 = bit(Unit::Second) | bit(Unit::Millisecond) | bit(Unit::Microsecond);
const CLOCK: u32 = bit(Unit::Hour) | bit(Unit::Minute) | ALL_SECONDS;

const fn bit(unit: Unit) -> u32 {
    1 << unit as u32
}

/// The unit of a number at the end.
fn last_unit(kept: Option<IntervalFields>) -> Unit {
    use IntervalFields as Kept;
    match kept {
        Some(Kept::Year) => Unit::Year,
        Some(Kept::Month | Kept::YearToMonth) => Unit::Month,
        Some(Kept::Day) => Unit::Day,
        Some(Kept::Hour | Kept::DayToHour) => Unit::Hour,
        Some(Kept::Minute | Kept::HourToMinute | Kept::DayToMinute) => Unit::Minute,
        _ => Unit::Second,
    }
}

/// From the end to the start, since units stand behind numbers.
fn decode(text: &str, kept: Option<IntervalFields>) -> Result<Parts, Failure> {
    let fields = fields(text)?;
    let mut parts = Parts::default();
    let mut unit = None;
    let mut is_unit_open = false;
    let mut is_negated = false;
    let mut is_undecided = false;
    for (index, field) in fields.iter().enumerate().rev() {
        let text = field.text.as_str();
        let time = match field.shape {
            Shape::Time => Some(text),
            Shape::Zone if text.contains(':') => Some(&text[1..]),
            _ => None,
        };
        let time = time.map(|time| clock(time, kept == Some(IntervalFields::MinuteToSecond)));
        match (field.shape, time) {
            (Shape::Time, Some(Err(failure))) | (_, Some(Err(failure @ Failure::Undecided))) => return Err(failure),
            (_, Some(Ok(time))) => {
                if i32::try_from(time.hour).is_err() {
                    return Err(Failure::Undecided);
                }
                let seconds = time.hour.checked_mul(3_600).ok_or(Failure::Range)? + time.minute * 60 + time.second;
                let sum = sum(time.microsecond, seconds, SECOND)?;
                // A time is set, not added.
                parts.microseconds = if text.starts_with('-') { -sum } else { sum };
                parts.note(CLOCK)?;
                unit = Some(Unit::Day);
                is_unit_open = false;
            }
            (Shape::Word | Shape::SignedWord, _) => match interval_word(text) {
                Some(IntervalWord::OtherUnit) | None => return Err(Failure::Syntax),
                Some(IntervalWord::Ago) if index + 1 != fields.len() => is_undecided = true,
                _ if is_unit_open => return Err(Failure::Undecided),
                Some(IntervalWord::Unit(named)) => {
                    unit = Some(named);
                    is_unit_open = true;
                }
                Some(IntervalWord::Ago) => is_negated = true,
                Some(IntervalWord::Undecided) => return Err(Failure::Undecided),
            },
            _ => {
                let named = unit.unwrap_or_else(|| last_unit(kept));
                let (value, rest) = leading_integer(text)?;
                let (named, value, fraction) = if let Some(months) = rest.strip_prefix('-') {
                    // `years-months`
                    let (of_year, rest) = leading_integer(months)?;
                    if !(0..12).contains(&of_year) {
                        return Err(Failure::Range);
                    }
                    if !rest.is_empty() {
                        return Err(Failure::Syntax);
                    }
                    let of_year = if text.starts_with('-') { -of_year } else { of_year };
                    (Unit::Month, sum(of_year, value, 12)?, 0.0)
                } else if unit.is_none() && is_negated {
                    return Err(Failure::Syntax);
                } else if rest.starts_with('.') {
                    let fraction = fraction(rest)?;
                    (named, value, if text.starts_with('-') { -fraction } else { fraction })
                } else if rest.is_empty() {
                    (named, value, 0.0)
                } else {
                    return Err(Failure::Syntax);
                };
                if i32::try_from(value).is_err() {
                    return Err(Failure::Undecided);
                }
                parts.add(named, value, fraction)?;
                parts.note(if named == Unit::Second && fraction != 0.0 { ALL_SECONDS } else { bit(named) })?;
                // Without a unit of its own, the number before it is of days.
                unit = Some(if named == Unit::Hour { Unit::Day } else { named });
                is_unit_open = false;
            }
        }
    }
    if parts.found == 0 {
        return Err(Failure::Syntax);
    }
    // Majors differ in where `ago` can stand.
    if is_unit_open || is_undecided {
        return Err(Failure::Undecided);
    }
    if is_negated {
        parts = Parts { months: -parts.months, days: -parts.days, microseconds: -parts.microseconds, ..parts };
    }
    Ok(parts)
}

/// `P1Y2M3DT4H5M6S`, `P0001-02-03T04:05:06` (ISO 8601, 4.4.3.2 and 4.4.3.3).
fn iso(text: &str) -> Result<Parts, Failure> {
    let mut parts = Parts::default();
    let mut rest = text.strip_prefix('P').filter(|rest| !rest.is_empty()).ok_or(Failure::Syntax)?;
    let mut is_date = true;
    let mut has_field = false;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('T') {
            (is_date, has_field, rest) = (false, false, after);
            continue;
        }
        let (value, fraction, after) = iso_number(rest)?;
        let unit = match (is_date, after.as_bytes().first()) {
            (true, Some(b'Y')) => Unit::Year,
            (true, Some(b'M')) => Unit::Month,
            (true, Some(b'W')) => Unit::Week,
            (true, Some(b'D')) => Unit::Day,
            (false, Some(b'H')) => Unit::Hour,
            (false, Some(b'M')) => Unit::Minute,
            (false, Some(b'S')) => Unit::Second,
            (true, None | Some(b'T' | b'-')) | (false, None | Some(b':')) => {
                if has_field {
                    return Err(Failure::Syntax);
                }
                let digits = rest.trim_start_matches('-').bytes().take_while(u8::is_ascii_digit).count();
                let is_run_together = if is_date { digits == 8 } else { digits == 6 };
                if is_run_together && !after.starts_with(['-', ':']) {
                    let [high, middle, low] = [value / 10_000, value / 100 % 100, value % 100];
                    let units = if is_date {
                        [Unit::Year, Unit::Month, Unit::Day]
                    } else {
                        [Unit::Hour, Unit::Minute, Unit::Second]
                    };
                    if fraction != 0.0 {
                        return Err(Failure::Undecided);
                    }
                    for (unit, value) in units.into_iter().zip([high, middle, low]) {
                        parts.add(unit, value, 0.0)?;
                    }
                    rest = after;
                } else {
                    rest = iso_extended(&mut parts, rest, is_date)?;
                }
                if rest.is_empty() {
                    return Ok(parts);
                }
                continue;
            }
            _ => return Err(Failure::Syntax),
        };
        parts.add(unit, value, fraction)?;
        has_field = true;
        rest = &after[1..];
    }
    Ok(parts)
}

/// `0001-02-03` or `04:05:06`, also without the last parts. Gives what follows.
fn iso_extended<'t>(parts: &mut Parts, text: &'t str, is_date: bool) -> Result<&'t str, Failure> {
    let (units, separator) = if is_date {
        ([Unit::Year, Unit::Month, Unit::Day], '-')
    } else {
        ([Unit::Hour, Unit::Minute, Unit::Second], ':')
    };
    let mut rest = text;
    for (index, unit) in units.into_iter().enumerate() {
        let (value, fraction, after) = iso_number(rest)?;
        parts.add(unit, value, fraction)?;
        if after.is_empty() || is_date && after.starts_with('T') {
            return Ok(after);
        }
        rest = after.strip_prefix(separator).filter(|_| index < 2).ok_or(Failure::Syntax)?;
    }
    Err(Failure::Syntax)
}

/// A number with a fraction, and what follows it.
fn iso_number(text: &str) -> Result<(i64, f64, &str), Failure> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let length = unsigned.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let (number, rest) = text.split_at(text.len() - unsigned.len() + length);
    // Exponents, hexadecimal numbers and the like are left to the server.
    let is_exponent = rest.strip_prefix(['e', 'E']).is_some_and(|exponent| {
        exponent.strip_prefix(['-', '+']).unwrap_or(exponent).starts_with(|first: char| first.is_ascii_digit())
    });
    let is_other = match &unsigned[..length] {
        "0" => rest.starts_with(['x', 'X']),
        "" => number.starts_with('-') && rest.starts_with(['i', 'I', 'n', 'N']),
        _ => false,
    };
    if is_exponent || is_other {
        return Err(Failure::Undecided);
    }
    if !unsigned[..length].bytes().any(|byte| byte.is_ascii_digit()) {
        return Err(Failure::Syntax);
    }
    let value: f64 = number.parse().map_err(|_| Failure::Undecided)?;
    if value.abs() > 2_147_483_647.0 {
        return Err(Failure::Undecided);
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked above")]
    let whole = value.trunc() as i64;
    Ok((whole, value.fract(), rest))
}
