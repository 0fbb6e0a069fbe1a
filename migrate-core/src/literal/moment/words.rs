//! The words of dates, times and intervals.

/// What a word in a date or a time means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// `-infinity`
    Early,
    /// `infinity`
    Late,
    /// `epoch`
    Epoch,
    /// `now`, `today`, `tomorrow`, `yesterday`: what they mean depends on when they are read.
    Relative,
    /// The one of them that is a time as well: `now`.
    Now,
    /// `allballs`: midnight in UTC.
    AllBalls,
    /// `ad`
    Ad,
    /// `bc`
    Bc,
    /// `am`
    Am,
    /// `pm`
    Pm,
    /// `jan` to `december`, from 1.
    Month(i64),
    /// `mon` to `sunday`. It is read and forgotten.
    Weekday,
    /// `at`, `on`
    Ignored,
    /// `j`, `jd`, `julian`: the number of a day follows.
    Julian,
    /// `t`: a time follows.
    Time,
    /// `y`, `mm`, `dow` and the like, which PostgreSQL has read in other ways over the years.
    Unit,
    /// `dst`
    DaylightSaving,
    /// An abbreviation that means UTC in every set of abbreviations.
    Utc,
}

/// PostgreSQL compares this many bytes of a word.
pub(super) const COMPARED: usize = 10;

/// The meaning of a word in lower case.
pub(super) fn word(text: &str) -> Option<Word> {
    Some(match &text[..text.len().min(COMPARED)] {
        "-infinity" => Word::Early,
        "infinity" => Word::Late,
        "epoch" => Word::Epoch,
        "now" => Word::Now,
        "today" | "tomorrow" | "yesterday" => Word::Relative,
        "allballs" => Word::AllBalls,
        "ad" => Word::Ad,
        "bc" => Word::Bc,
        "am" => Word::Am,
        "pm" => Word::Pm,
        "jan" | "january" => Word::Month(1),
        "feb" | "february" => Word::Month(2),
        "mar" | "march" => Word::Month(3),
        "apr" | "april" => Word::Month(4),
        "may" => Word::Month(5),
        "jun" | "june" => Word::Month(6),
        "jul" | "july" => Word::Month(7),
        "aug" | "august" => Word::Month(8),
        "sep" | "sept" | "september" => Word::Month(9),
        "oct" | "october" => Word::Month(10),
        "nov" | "november" => Word::Month(11),
        "dec" | "december" => Word::Month(12),
        "mon" | "monday" | "tue" | "tues" | "tuesday" | "wed" | "weds" | "wednesday" | "thu" | "thur" | "thurs"
        | "thursday" | "fri" | "friday" | "sat" | "saturday" | "sun" | "sunday" => Word::Weekday,
        "at" | "on" => Word::Ignored,
        "j" | "jd" | "julian" => Word::Julian,
        "t" => Word::Time,
        "d" | "dow" | "doy" | "h" | "isodow" | "isoyear" | "m" | "mm" | "s" | "y" => Word::Unit,
        "dst" => Word::DaylightSaving,
        "utc" | "uct" | "ut" | "z" | "zulu" | "gmt" => Word::Utc,
        _ => return None,
    })
}

/// Names of time zones that are one word of letters, longer than an abbreviation can be.
const ZONES_OF_ONE_WORD: &[&str] = &[
    "factory",
    "greenwich",
    "hongkong",
    "iceland",
    "israel",
    "jamaica",
    "kwajalein",
    "localtime",
    "navajo",
    "poland",
    "portugal",
    "singapore",
    "turkey",
    "universal",
];

/// Whether an unknown word may be the name of a time zone, or its abbreviation.
pub(super) fn may_be_zone(text: &str) -> bool {
    let is_word = text.bytes().all(|byte| byte.is_ascii_alphabetic());
    !is_word || (2..=5).contains(&text.len()) || ZONES_OF_ONE_WORD.contains(&text)
}

/// A unit of an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Microsecond,
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
    Decade,
    Century,
    Millennium,
}

/// A word in an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IntervalWord {
    /// A unit.
    Unit(Unit),
    /// `quarter`, `timezone` and the like: names of units that no interval can be written with.
    OtherUnit,
    /// `ago`
    Ago,
    /// `infinity`, `mm`, `on`: what some versions take, and others do not.
    Undecided,
}

/// The meaning of a word in lower case in an interval.
pub(super) fn interval_word(text: &str) -> Option<IntervalWord> {
    use IntervalWord::Unit as Of;
    Some(match &text[..text.len().min(COMPARED)] {
        "ago" => IntervalWord::Ago,
        "c" | "cent" | "century" | "centuries" => Of(Unit::Century),
        "d" | "day" | "days" => Of(Unit::Day),
        "dec" | "decade" | "decades" | "decs" => Of(Unit::Decade),
        "h" | "hour" | "hours" | "hr" | "hrs" => Of(Unit::Hour),
        "m" | "min" | "mins" | "minute" | "minutes" => Of(Unit::Minute),
        "microsecon" | "us" | "usec" | "usecs" | "useconds" | "usecond" => Of(Unit::Microsecond),
        "mil" | "mils" | "millennia" | "millennium" => Of(Unit::Millennium),
        "ms" | "msec" | "msecs" | "msecond" | "mseconds" | "millisecon" => Of(Unit::Millisecond),
        "mon" | "mons" | "month" | "months" => Of(Unit::Month),
        "s" | "sec" | "secs" | "second" | "seconds" => Of(Unit::Second),
        "w" | "week" | "weeks" => Of(Unit::Week),
        "y" | "year" | "years" | "yr" | "yrs" => Of(Unit::Year),
        "qtr" | "quarter" | "timezone" | "timezone_h" | "timezone_m" => IntervalWord::OtherUnit,
        "infinity" | "-infinity" | "+infinity" => IntervalWord::Undecided,
        // Newer servers go on with the words of dates.
        other => match word(other)? {
            Word::Unit | Word::Julian | Word::Ignored => IntervalWord::Undecided,
            _ => return None,
        },
    })
}
