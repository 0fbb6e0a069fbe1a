//! Versions and ranges as people write them.

use std::str::FromStr;

use migrate_core::history::{MigrationName, RevertTarget};

use super::context::Failed;
use crate::migrator::Migrator;
use crate::script::ScriptRange;

/// How many digits a number of migrations has at most; a version of that length is written with a leading zero, with
/// its name, or after `--to`.
const COUNT_DIGITS: usize = 4;

/// A version: `20260312094500`, `0003`, or with its name: `20260312094500_bookings`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionArgument {
    /// The version.
    pub version: i64,
    /// The name, if given.
    pub name: Option<String>,
}

impl FromStr for VersionArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (digits, name) = match text.split_once('_') {
            Some((digits, name)) if !name.is_empty() => (digits, Some(name.to_string())),
            Some(_) | None => (text, None),
        };
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("write a version, for example 20260312094500 or 20260312094500_bookings".to_string());
        }
        let version = digits.parse().map_err(|_| "the version has too many digits".to_string())?;
        Ok(VersionArgument { version, name })
    }
}

impl VersionArgument {
    /// The version; a name that belongs to another version is refused.
    pub(super) fn resolve(&self, migrator: &Migrator) -> Result<i64, Failed> {
        let known = migrator.embedded.iter().find(|embedded| embedded.version() == self.version);
        match (&self.name, known) {
            (Some(name), Some(known)) if *name != known.migration().name => Err(Failed::Wrong {
                headline: format!("the version {} is not named `{name}`", self.version),
                help: format!("it is `{}`", MigrationName::of(known.migration())),
            }),
            _ => Ok(self.version),
        }
    }
}

/// How far to revert: a number of migrations, or the version to revert to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RevertArgument {
    /// This many.
    Count(usize),
    /// To this one, which stays applied.
    Version(VersionArgument),
}

impl FromStr for RevertArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        if text == "0" {
            return Err("write `--all` to revert everything".to_string());
        }
        if is_number && !text.starts_with('0') && (1..=COUNT_DIGITS).contains(&text.len()) {
            return text.parse().map(RevertArgument::Count).map_err(|_| "not a number".to_string());
        }
        text.parse().map(RevertArgument::Version)
    }
}

impl RevertArgument {
    /// The target.
    pub(super) fn resolve(&self, migrator: &Migrator) -> Result<RevertTarget, Failed> {
        match self {
            RevertArgument::Count(count) => Ok(RevertTarget::Steps(*count)),
            RevertArgument::Version(version) => version.resolve(migrator).map(RevertTarget::Version),
        }
    }
}

/// A range of migrations: `FROM..TO` (those after FROM, up to and including TO), `FROM..`, `..TO`, or one VERSION.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RangeArgument {
    /// One migration.
    One(VersionArgument),
    /// Those after the first, up to and including the second.
    Between(Option<VersionArgument>, Option<VersionArgument>),
}

impl FromStr for RangeArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((from, to)) = text.split_once("..") else { return text.parse().map(RangeArgument::One) };
        let side = |text: &str| if text.is_empty() { Ok(None) } else { text.parse().map(Some) };
        Ok(RangeArgument::Between(side(from)?, side(to)?))
    }
}

impl RangeArgument {
    /// The range.
    pub(super) fn resolve(&self, migrator: &Migrator) -> Result<ScriptRange, Failed> {
        match self {
            RangeArgument::One(version) => {
                let version = version.resolve(migrator)?;
                let before = migrator.embedded.iter().map(|embedded| embedded.version());
                let after = before.filter(|before| *before < version).max().unwrap_or(0);
                Ok(ScriptRange { after, to: Some(version) })
            }
            RangeArgument::Between(from, to) => {
                let after = from.as_ref().map_or(Ok(0), |from| from.resolve(migrator))?;
                let to = to.as_ref().map(|to| to.resolve(migrator)).transpose()?;
                match to {
                    Some(to) if to < after => Err(Failed::Wrong {
                        headline: format!("the range {after}..{to} runs backwards"),
                        help: format!("write {to}..{after}, with --down for the script that reverts it"),
                    }),
                    to => Ok(ScriptRange { after, to }),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(version: i64, name: Option<&str>) -> VersionArgument {
        VersionArgument { version, name: name.map(str::to_owned) }
    }

    #[test]
    fn a_short_number_reverts_that_many_and_anything_longer_is_a_version() {
        assert_eq!("1".parse(), Ok(RevertArgument::Count(1)));
        assert_eq!("9999".parse(), Ok(RevertArgument::Count(9999)));
        assert_eq!("0003".parse(), Ok(RevertArgument::Version(version(3, None))));
        assert_eq!("3_teams".parse(), Ok(RevertArgument::Version(version(3, Some("teams")))));
        assert_eq!("20260312094500".parse(), Ok(RevertArgument::Version(version(20_260_312_094_500, None))));
    }

    #[test]
    fn zero_and_words_are_no_target() {
        assert!("0".parse::<RevertArgument>().is_err_and(|message| message.contains("--all")));
        assert!("head".parse::<RevertArgument>().is_err());
        assert!("".parse::<RevertArgument>().is_err());
        assert!("-1".parse::<VersionArgument>().is_err());
    }

    #[test]
    fn a_range_may_be_open_on_either_side() {
        assert_eq!("..".parse(), Ok(RangeArgument::Between(None, None)));
        assert_eq!("1..".parse(), Ok(RangeArgument::Between(Some(version(1, None)), None)));
        assert_eq!("..2_b".parse(), Ok(RangeArgument::Between(None, Some(version(2, Some("b"))))));
        assert_eq!("2".parse(), Ok(RangeArgument::One(version(2, None))));
    }
}
