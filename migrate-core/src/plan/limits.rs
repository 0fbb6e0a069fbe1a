use std::fmt;
use std::time::Duration;

use crate::json::ToJson;

/// Limits under live traffic that differ from those of the run; `None` means no difference.
///
/// For a statement, they come from the source, `#[limits(...)]`; for a whole migration, from the program that runs it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(default)]
pub struct Limits {
    /// How long a transaction may queue for a strong lock on a table.
    #[serde(with = "milliseconds", skip_serializing_if = "Option::is_none")]
    pub lock_timeout: Option<Duration>,
    /// How long a statement of constant time may run under a strong lock.
    #[serde(with = "milliseconds", skip_serializing_if = "Option::is_none")]
    pub statement_timeout: Option<Duration>,
    /// How long to retry a transaction that does not get its locks.
    #[serde(with = "milliseconds", skip_serializing_if = "Option::is_none")]
    pub retry_budget: Option<Duration>,
    /// Whether to wait until no old transaction holds a table before requesting a strong lock on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peek: Option<bool>,
    /// How old a transaction must be to be waited for in that way.
    #[serde(with = "milliseconds", skip_serializing_if = "Option::is_none")]
    pub peek_age: Option<Duration>,
    /// How long one transaction of a backfill should take.
    #[serde(with = "milliseconds", skip_serializing_if = "Option::is_none")]
    pub batch_time: Option<Duration>,
    /// How far standbys may lag before a backfill waits for them.
    #[serde(with = "milliseconds", skip_serializing_if = "Option::is_none")]
    pub replica_lag: Option<Duration>,
}

impl Limits {
    /// These limits and, for those that are not set, the others.
    #[must_use]
    pub fn or(self, others: Limits) -> Limits {
        Limits {
            lock_timeout: self.lock_timeout.or(others.lock_timeout),
            statement_timeout: self.statement_timeout.or(others.statement_timeout),
            retry_budget: self.retry_budget.or(others.retry_budget),
            peek: self.peek.or(others.peek),
            peek_age: self.peek_age.or(others.peek_age),
            batch_time: self.batch_time.or(others.batch_time),
            replica_lag: self.replica_lag.or(others.replica_lag),
        }
    }

    /// Whether none is set.
    pub fn is_empty(&self) -> bool {
        *self == Limits::default()
    }

    /// Each limit, by its name in the source.
    pub fn each_mut(&mut self) -> [(&'static str, Limit<'_>); 7] {
        [
            ("lock_timeout", Limit::Time(&mut self.lock_timeout)),
            ("statement_timeout", Limit::Time(&mut self.statement_timeout)),
            ("retry_budget", Limit::Time(&mut self.retry_budget)),
            ("peek_age", Limit::Time(&mut self.peek_age)),
            ("batch_time", Limit::Time(&mut self.batch_time)),
            ("replica_lag", Limit::Time(&mut self.replica_lag)),
            ("peek", Limit::Switch(&mut self.peek)),
        ]
    }
}

/// One of the [`Limits`].
#[derive(Debug, PartialEq, Eq)]
pub enum Limit<'l> {
    /// A time, written as `"200 ms"`.
    Time(&'l mut Option<Duration>),
    /// `true` or `false`.
    Switch(&'l mut Option<bool>),
}

/// `lock_timeout = "200 ms", peek = false`, as the source says it.
impl fmt::Display for Limits {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut own = *self;
        let said = own.each_mut().into_iter().filter_map(|(name, limit)| match limit {
            Limit::Time(time) => Some(format!("{name} = \"{}\"", written((*time)?))),
            Limit::Switch(switch) => Some(format!("{name} = {}", (*switch)?)),
        });
        formatter.write_str(&said.collect::<Vec<_>>().join(", "))
    }
}

/// A time in the largest unit of which it is a whole number.
fn written(time: Duration) -> String {
    let millis = time.as_millis();
    let units = [("h", 3_600_000), ("min", 60_000), ("s", 1000)];
    let (unit, factor) = units.into_iter().find(|(_, factor)| millis.is_multiple_of(*factor)).unwrap_or(("ms", 1));
    format!("{} {unit}", millis / factor)
}

/// Whole milliseconds, as a number.
mod milliseconds {
    use std::time::Duration;

    use crate::json::{ToJson as _, Writer};

    #[expect(clippy::ref_option, reason = "the field is handed over as it is")]
    pub(super) fn write_json(duration: &Option<Duration>, json: &mut Writer) {
        duration.map(|duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)).write_json(json);
    }

    #[cfg(feature = "runtime")]
    pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
        Ok(<Option<u64> as serde::Deserialize>::deserialize(deserializer)?.map(Duration::from_millis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_counts_and_the_rest_is_taken_from_the_others() {
        let own = Limits { peek: Some(false), lock_timeout: Some(Duration::from_millis(200)), ..Limits::default() };
        let others = Limits { peek: Some(true), retry_budget: Some(Duration::from_secs(60)), ..Limits::default() };
        let both = own.or(others);
        assert_eq!((both.peek, both.retry_budget), (Some(false), Some(Duration::from_secs(60))));
        assert!(Limits::default().is_empty() && !both.is_empty());
        assert_eq!(both.to_string(), r#"lock_timeout = "200 ms", retry_budget = "1 min", peek = false"#);
    }

    #[test]
    fn each_is_written_and_kept_under_its_name() {
        let mut all = Limits::default();
        for (_, limit) in all.each_mut() {
            match limit {
                Limit::Time(time) => *time = Some(Duration::from_secs(5)),
                Limit::Switch(switch) => *switch = Some(true),
            }
        }
        let kept: serde_json::Value = serde_json::from_str(&crate::json::to_json(&all)).unwrap();
        let names: Vec<&str> = all.each_mut().into_iter().map(|(name, _)| name).collect();
        assert_eq!(kept.as_object().unwrap().len(), names.len());
        for name in names {
            assert!(kept.get(name).is_some(), "{name}");
            assert!(all.to_string().contains(&format!("{name} = ")), "{name}");
        }
    }

    #[test]
    fn they_are_kept_as_milliseconds() {
        let limits = Limits { lock_timeout: Some(Duration::from_millis(200)), peek: Some(false), ..Limits::default() };
        let json = crate::json::to_json(&limits);
        assert_eq!(json, r#"{"lock_timeout":200,"peek":false}"#);
        assert_eq!(serde_json::from_str::<Limits>(&json).unwrap(), limits);
    }
}
