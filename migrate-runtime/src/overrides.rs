use std::time::Duration;

use crate::settings::Settings;

/// What one migration is run with, where that is not what all are run with
/// ([`Migrator::for_migration`](crate::Migrator::for_migration)). What is `None` stays as it is.
///
/// ```
/// # use std::time::Duration;
/// use migrate_runtime::Overrides;
///
/// let at_night = Overrides { retry_budget: Some(Duration::from_secs(4 * 3600)), ..Overrides::default() };
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// How long a transaction may queue for a strong lock on a table.
    pub lock_timeout: Option<Duration>,
    /// How long a statement of constant time may run under a strong lock.
    pub statement_timeout: Option<Duration>,
    /// How long a transaction that does not get its locks is tried again.
    pub retry_budget: Option<Duration>,
    /// Whether to wait until no old transaction holds a table before a strong lock on it is asked for.
    pub peek: Option<bool>,
    /// How old a transaction must be to be waited for in that way.
    pub peek_age: Option<Duration>,
    /// How long one transaction of a backfill should take.
    pub batch_time: Option<Duration>,
    /// How far standbys may be behind before a backfill waits for them.
    pub replica_lag: Option<Duration>,
}

impl Overrides {
    /// The settings with these instead of theirs.
    pub(crate) fn applied_to(&self, settings: &Settings) -> Settings {
        let mut own = settings.clone();
        own.lock_timeout = self.lock_timeout.unwrap_or(own.lock_timeout);
        own.statement_timeout = self.statement_timeout.unwrap_or(own.statement_timeout);
        own.retry_budget = self.retry_budget.unwrap_or(own.retry_budget);
        own.peek = self.peek.unwrap_or(own.peek);
        own.peek_age = self.peek_age.unwrap_or(own.peek_age);
        own.batch_time = self.batch_time.unwrap_or(own.batch_time);
        own.replica_lag = self.replica_lag.unwrap_or(own.replica_lag);
        own
    }
}
