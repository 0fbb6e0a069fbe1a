//! Versions: the time of writing, in UTC, as `20260312094500`.

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

const FORMAT: &str = "%Y%m%d%H%M%S";

/// A migration that is there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Existing {
    pub(crate) version: i64,
    pub(crate) name: String,
    /// The file's name.
    pub(crate) file: String,
}

impl Existing {
    /// The migration of a file, as `20260312094500_bookings.rs`.
    pub(crate) fn of_file(file: &str) -> Option<Self> {
        let (version, name) = file.strip_suffix(".rs")?.split_once('_')?;
        let is_number = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
        let version = version.parse().ok().filter(|_| is_number && !name.is_empty())?;
        Some(Existing { version, name: name.to_string(), file: file.to_string() })
    }
}

/// The version of a new migration: now, or where that is taken or a later one is there, just after the last one.
pub(crate) fn next(existing: &[Existing], now: Timestamp) -> i64 {
    let now = number(now.to_zoned(jiff::tz::TimeZone::UTC).datetime());
    match existing.iter().map(|one| one.version).max() {
        Some(last) if last >= now => a_second_after(last),
        _ => now,
    }
}

pub(crate) fn a_second_after(version: i64) -> i64 {
    let after = DateTime::strptime(FORMAT, version.to_string())
        .ok()
        .and_then(|time| time.checked_add(SignedDuration::from_secs(1)).ok())
        .map(number);
    after.unwrap_or(version + 1)
}

fn number(time: DateTime) -> i64 {
    // Digits of a year of four: always a number.
    time.strftime(FORMAT).to_string().parse().unwrap_or(0)
}

/// Why a name is not valid, with a better one.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    let is_good = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if is_good {
        return Ok(());
    }
    let better = better_name(name);
    Err(if better.is_empty() {
        "write it in lower-case letters, digits and `_`, for example `add_currency`".to_string()
    } else {
        format!("write it in lower-case letters, digits and `_`: `{better}`")
    })
}

fn better_name(name: &str) -> String {
    words(name).trim_matches(|c: char| c == '_' || c.is_ascii_digit()).to_string()
}

/// The name of a migration of many: with what tells it from the others, as far as that can stand in a name.
pub(crate) fn name_with(name: &str, part: &str) -> String {
    match words(part).trim_matches('_') {
        "" => name.to_string(),
        part => format!("{name}_{part}"),
    }
}

/// A name that is not taken: with a number where it is.
pub(crate) fn free_name(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let candidates = std::iter::once(name.to_owned()).chain((2..).map(|number: u32| format!("{name}_{number}")));
    candidates.into_iter().find(|candidate| !is_taken(candidate)).unwrap_or_else(|| name.to_owned())
}

/// A name in lower case letters, digits and `_`.
fn words(name: &str) -> String {
    let mut words = String::new();
    let mut previous = ' ';
    for character in name.chars() {
        let begins_word = character.is_ascii_uppercase() && previous.is_ascii_lowercase();
        if begins_word || (!character.is_ascii_alphanumeric() && !words.ends_with('_')) {
            words.push('_');
        }
        if character.is_ascii_alphanumeric() {
            words.push(character.to_ascii_lowercase());
        }
        previous = character;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn existing(version: i64) -> Existing {
        Existing { version, name: "x".into(), file: format!("{version}_x.rs") }
    }

    #[test]
    fn the_version_is_the_time_in_utc() {
        assert_eq!(next(&[existing(1)], at("2026-03-12T09:45:00Z")), 20_260_312_094_500);
    }

    #[test]
    fn a_version_that_is_taken_or_passed_is_followed_by_the_next_second() {
        assert_eq!(next(&[existing(20_260_312_094_559)], at("2026-03-12T09:45:59Z")), 20_260_312_094_600);
        assert_eq!(next(&[existing(20_271_231_235_959)], at("2026-03-12T09:45:59Z")), 20_280_101_000_000);
        assert_eq!(next(&[existing(99_999_999_999_999)], at("2026-03-12T09:45:59Z")), 100_000_000_000_000);
    }

    #[test]
    fn only_files_with_version_and_name_are_migrations() {
        assert_eq!(
            Existing::of_file("0001_users.rs"),
            Some(Existing { version: 1, name: "users".into(), file: "0001_users.rs".into() })
        );
        assert_eq!(Existing::of_file("users.rs"), None);
        assert_eq!(Existing::of_file("0001_users.sql"), None);
    }

    #[test]
    fn a_bad_name_gets_a_better_one() {
        assert_eq!(check_name("add_currency_2"), Ok(()));
        assert!(check_name("AddCurrency").unwrap_err().ends_with("`add_currency`"));
        assert!(check_name("add currency!").unwrap_err().ends_with("`add_currency`"));
        assert!(check_name("../x").unwrap_err().ends_with("`x`"));
        assert!(check_name("").unwrap_err().ends_with("`add_currency`"));
    }

    #[test]
    fn a_name_of_many_has_its_part_as_words() {
        assert_eq!(name_with("import", "billing"), "import_billing");
        assert_eq!(name_with("import", "Tenant-2024"), "import_tenant_2024");
        assert_eq!(name_with("import", "2024"), "import_2024");
        assert_eq!(name_with("import", "\u{e9}"), "import");
    }
}
