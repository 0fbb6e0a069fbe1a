//! Dates, times and intervals (manual, appendix B.1, "Date/Time Input Interpretation"), under the settings that are
//! PostgreSQL's default: a date with two numbers before the year is month and day, a point in time without a zone is in
//! UTC.

mod calendar;
mod date_time;
mod fields;
mod interval;
mod parts;
mod time_of_day;
mod words;

pub(super) use date_time::{date, day_after, timestamp};
pub(super) use fields::is_blank;
pub(super) use interval::interval;
pub(super) use time_of_day::time;

/// Microseconds, rounded to a number of digits of the second's fraction; half is away from zero.
fn rounded(microseconds: i64, precision: Option<u32>) -> i64 {
    let Some(precision) = precision.filter(|precision| *precision < 6) else { return microseconds };
    let scale = 10_i64.pow(6 - precision);
    let half = if microseconds < 0 { -(scale / 2) } else { scale / 2 };
    (microseconds + half) / scale * scale
}

/// `12:30:15.5`
fn push_clock(text: &mut String, microseconds: u64) {
    let seconds = microseconds / 1_000_000;
    text.push_str(&format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60));
    let fraction = microseconds % 1_000_000;
    if fraction != 0 {
        text.push_str(format!(".{fraction:06}").trim_end_matches('0'));
    }
}

/// `+02`, `-05:30`
fn push_offset(text: &mut String, seconds: i64) {
    text.push(if seconds < 0 { '-' } else { '+' });
    let seconds = seconds.unsigned_abs();
    text.push_str(&format!("{:02}", seconds / 3_600));
    if !seconds.is_multiple_of(3_600) {
        text.push_str(&format!(":{:02}", seconds / 60 % 60));
    }
    if !seconds.is_multiple_of(60) {
        text.push_str(&format!(":{:02}", seconds % 60));
    }
}
