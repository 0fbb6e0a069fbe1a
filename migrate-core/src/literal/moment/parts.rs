//! What fields say about a date and a time: the rules that dates and times of day share.

use super::super::Failure;
use super::calendar::{date_of, days_of_month, julian_day};
use super::fields::{fraction_of_second, leading_int, leading_integer};
use super::words::{Word, word};

pub(super) const YEAR: u32 = 1;
pub(super) const MONTH: u32 = 1 << 1;
pub(super) const DAY: u32 = 1 << 2;
pub(super) const DATE: u32 = YEAR | MONTH | DAY;
pub(super) const TIME: u32 = 1 << 3;
pub(super) const ZONE: u32 = 1 << 4;
pub(super) const DAY_OF_YEAR: u32 = 1 << 5;
pub(super) const HALF_OF_DAY: u32 = 1 << 6;
pub(super) const ERA: u32 = 1 << 7;
pub(super) const WEEKDAY: u32 = 1 << 8;

/// Where a time zone is from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offset {
    /// Seconds to the east.
    Seconds(i64),
    /// It has a name, which the server knows.
    Named,
}

/// A date and a time as far as they are read.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    day_of_year: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) microsecond: i64,
    pub(super) offset: Option<Offset>,
    /// What is there: bits of [`YEAR`] and so on.
    pub(super) found: u32,
    pub(super) has_word_for_month: bool,
    pub(super) is_julian: bool,
    has_two_digits: bool,
    pub(super) is_before_christ: bool,
    /// Whether it is after noon, where a half of the day is given.
    pub(super) is_afternoon: Option<bool>,
}

impl Parts {
    /// Notes what a field has given; nothing can be given twice.
    pub(super) fn add(&mut self, given: u32) -> Result<(), Failure> {
        if self.found & given != 0 {
            return Err(Failure::Syntax);
        }
        self.found |= given;
        Ok(())
    }

    pub(super) fn has(&self, all: u32) -> bool {
        self.found & all == all
    }

    /// A date with separators.
    pub(super) fn date(&mut self, text: &str) -> Result<u32, Failure> {
        let bytes = text.as_bytes();
        let mut pieces: Vec<&str> = Vec::new();
        let mut index = 0;
        while index < bytes.len() {
            while index < bytes.len() && !bytes[index].is_ascii_alphanumeric() {
                index += 1;
            }
            let Some(first) = bytes.get(index) else { return Err(Failure::Syntax) };
            let start = index;
            let is_digit = first.is_ascii_digit();
            while index < bytes.len()
                && if is_digit { bytes[index].is_ascii_digit() } else { bytes[index].is_ascii_alphabetic() }
            {
                index += 1;
            }
            pieces.push(&text[start..index]);
            // One character between two pieces goes, whatever it is.
            index += 1;
        }
        let before = self.found;
        let mut given = 0;
        let mut has_word = false;
        for piece in pieces.iter().filter(|piece| piece.as_bytes()[0].is_ascii_alphabetic()) {
            match word(piece) {
                Some(Word::Ignored) => {}
                Some(Word::Month(month)) => {
                    if (before | given) & MONTH != 0 {
                        return Err(Failure::Syntax);
                    }
                    self.month = month;
                    has_word = true;
                    given |= MONTH;
                }
                _ => return Err(Failure::Syntax),
            }
        }
        // An ignored word is read once more as a number, and fails.
        for piece in pieces.iter().filter(|piece| !matches!(word(piece), Some(Word::Month(_)))) {
            let more = self.number(piece, has_word, before | given)?;
            if (before | given) & more != 0 {
                return Err(Failure::Syntax);
            }
            given |= more;
        }
        if (before | given) & !(DAY_OF_YEAR | ZONE) == DATE { Ok(given) } else { Err(Failure::Syntax) }
    }

    /// A number alone: what it is depends on what is there.
    pub(super) fn number(&mut self, text: &str, has_word_for_month: bool, found: u32) -> Result<u32, Failure> {
        let (number, rest) = leading_int(text)?;
        if rest.len() == text.len() {
            return Err(Failure::Syntax);
        }
        if rest.starts_with('.') {
            if text.len() - rest.len() > 2 {
                return self.run_together(text, found | DATE);
            }
            self.microsecond = fraction_of_second(rest)?;
        } else if !rest.is_empty() {
            return Err(Failure::Syntax);
        }
        let length = text.len();
        if length == 3 && found & DATE == YEAR && (1..=366).contains(&number) {
            self.day_of_year = number;
            return Ok(DAY_OF_YEAR | MONTH | DAY);
        }
        let given = match found & DATE {
            0 if length >= 3 => YEAR,
            0 => MONTH,
            YEAR => MONTH,
            MONTH if has_word_for_month && length >= 3 => YEAR,
            MONTH => DAY,
            // What was taken for the year was the day.
            YEAR_MONTH if has_word_for_month && length >= 3 && self.has_two_digits => {
                self.day = self.year;
                self.year = number;
                self.has_two_digits = false;
                return Ok(DAY);
            }
            YEAR_MONTH => DAY,
            DAY => MONTH,
            MONTH_DAY => YEAR,
            DATE => return self.run_together(text, found),
            _ => return Err(Failure::Syntax),
        };
        match given {
            YEAR => {
                self.year = number;
                self.has_two_digits = length <= 2;
            }
            MONTH => self.month = number,
            _ => self.day = number,
        }
        Ok(given)
    }

    /// `20260102`, `040506.789`, `0405`
    pub(super) fn run_together(&mut self, text: &str, found: u32) -> Result<u32, Failure> {
        if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return Err(Failure::Syntax);
        }
        let two = |text: &str| text.parse::<i64>().map_err(|_| Failure::Syntax);
        let (digits, has_point) = match text.find('.') {
            Some(point) => {
                self.microsecond = fraction_of_second(&text[point..])?;
                (&text[..point], true)
            }
            None => (text, false),
        };
        let length = digits.len();
        if !has_point && found & DATE != DATE && length >= 6 {
            self.day = two(&digits[length - 2..])?;
            self.month = two(&digits[length - 4..length - 2])?;
            if length > 12 {
                return Err(Failure::Undecided);
            }
            self.year = two(&digits[..length - 4])?;
            self.has_two_digits |= length == 6;
            return Ok(DATE);
        }
        if found & TIME == 0 && matches!(length, 4 | 6) {
            self.hour = two(&digits[..2])?;
            self.minute = two(&digits[2..4])?;
            self.second = if length == 6 { two(&digits[4..])? } else { 0 };
            return Ok(TIME);
        }
        Err(Failure::Syntax)
    }

    /// `12:30`, `12:30:15.5`
    pub(super) fn time(&mut self, text: &str) -> Result<(), Failure> {
        let clock = clock(text, false)?;
        i32::try_from(clock.hour).map_err(|_| Failure::Range)?;
        (self.hour, self.minute, self.second, self.microsecond) =
            (clock.hour, clock.minute, clock.second, clock.microsecond);
        Ok(())
    }

    /// Brings the date in order, and says whether there is such a day.
    pub(super) fn validate(&mut self) -> Result<(), Failure> {
        if self.has(YEAR) && !self.is_julian {
            if self.is_before_christ {
                if self.year <= 0 {
                    return Err(Failure::Range);
                }
                self.year = 1 - self.year;
            } else if self.has_two_digits {
                self.year += match self.year {
                    0..70 => 2000,
                    70..100 => 1900,
                    _ => 0,
                };
            } else if self.year <= 0 {
                return Err(Failure::Range);
            }
        }
        if self.has(DAY_OF_YEAR) {
            (self.year, self.month, self.day) = date_of(julian_day(self.year, 1, 1) + self.day_of_year - 1);
        }
        let is_month = !self.has(MONTH) || (1..=12).contains(&self.month);
        let is_day = !self.has(DAY) || (1..=31).contains(&self.day);
        if !is_month || !is_day || self.has(DATE) && self.day > days_of_month(self.year, self.month) {
            return Err(Failure::NoSuchDay);
        }
        Ok(())
    }

    /// Brings the hour in order where a half of the day is given.
    pub(super) fn halve(&mut self) -> Result<(), Failure> {
        let Some(is_afternoon) = self.is_afternoon else { return Ok(()) };
        if self.hour > 12 {
            return Err(Failure::Range);
        }
        self.hour = self.hour % 12 + if is_afternoon { 12 } else { 0 };
        Ok(())
    }

    /// The time of the day in microseconds.
    pub(super) fn time_of_day(&self) -> i64 {
        ((self.hour * 60 + self.minute) * 60 + self.second) * 1_000_000 + self.microsecond
    }

    /// Whether the time is after the end of the day.
    pub(super) fn is_beyond_day(&self) -> bool {
        !(0..=24).contains(&self.hour)
            || !(0..60).contains(&self.minute)
            || !(0..=60).contains(&self.second)
            || self.time_of_day() > 86_400_000_000
    }

    /// A fraction of a day.
    pub(super) fn time_from_fraction(&mut self, of_day: f64) {
        #[expect(clippy::cast_possible_truncation, reason = "below the microseconds of a day")]
        let microseconds = (of_day * 86_400_000_000.0) as i64;
        self.hour = microseconds / 3_600_000_000;
        self.minute = microseconds / 60_000_000 % 60;
        self.second = microseconds / 1_000_000 % 60;
        self.microsecond = microseconds % 1_000_000;
    }
}

const YEAR_MONTH: u32 = YEAR | MONTH;
const MONTH_DAY: u32 = MONTH | DAY;

/// A time with colons.
pub(super) struct Clock {
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) microsecond: i64,
}

/// Reads `12:30`, `12:30:15.5`, `30:15.5`; two numbers are minutes and seconds where it is said so.
pub(super) fn clock(text: &str, is_minute_to_second: bool) -> Result<Clock, Failure> {
    let (mut hour, rest) = leading_integer(text)?;
    let rest = rest.strip_prefix(':').ok_or(Failure::Syntax)?;
    let (mut minute, rest) = leading_int(rest)?;
    let (mut second, mut microsecond) = (0, 0);
    if rest.is_empty() || rest.starts_with('.') {
        if !rest.is_empty() {
            microsecond = fraction_of_second(rest)?;
        }
        if !rest.is_empty() || is_minute_to_second {
            i32::try_from(hour).map_err(|_| Failure::Range)?;
            (hour, minute, second) = (0, hour, minute);
        }
    } else {
        let rest = rest.strip_prefix(':').ok_or(Failure::Syntax)?;
        let (seconds, rest) = leading_int(rest)?;
        second = seconds;
        if rest.starts_with('.') {
            microsecond = fraction_of_second(rest)?;
        } else if !rest.is_empty() {
            return Err(Failure::Syntax);
        }
    }
    let is_good = hour >= 0 && (0..60).contains(&minute) && (0..=60).contains(&second);
    if is_good { Ok(Clock { hour, minute, second, microsecond }) } else { Err(Failure::Range) }
}

/// `+02`, `-0530`, `+05:30:15`: seconds to the east.
pub(super) fn offset(text: &str) -> Result<i64, Failure> {
    let sign = match text.as_bytes().first() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return Err(Failure::Syntax),
    };
    let (mut hour, mut rest) = leading_int(&text[1..])?;
    let (mut minute, mut second) = (0, 0);
    if let Some(after) = rest.strip_prefix(':') {
        (minute, rest) = leading_int(after)?;
        if let Some(after) = rest.strip_prefix(':') {
            (second, rest) = leading_int(after)?;
        }
    } else if rest.is_empty() && text.len() > 3 {
        (hour, minute) = (hour / 100, hour % 100);
    }
    if !(0..=15).contains(&hour) || !(0..60).contains(&minute) || !(0..60).contains(&second) {
        return Err(Failure::Range);
    }
    if rest.is_empty() { Ok(sign * ((hour * 60 + minute) * 60 + second)) } else { Err(Failure::Syntax) }
}
