//! What a run did.

use std::time::Duration;

use migrate_core::history::MigrationName;

/// What a run did, also one that failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What was applied, in order.
    pub applied: Vec<Completed>,
    /// What was reverted, in order.
    pub reverted: Vec<Completed>,
    /// What was recorded without running.
    pub baselined: Vec<MigrationName>,
    /// What is applied and not known to this binary, and leaves it working.
    pub unknown: Vec<MigrationName>,
    /// The time spent waiting for another process's run.
    pub waited_for_lock: Duration,
    /// The time of the whole run.
    pub elapsed: Duration,
}

/// A migration that was applied or reverted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completed {
    /// The migration.
    pub migration: MigrationName,
    /// The time it took in this process.
    pub elapsed: Duration,
    /// What the revert does not bring back, one line each.
    pub loses: Vec<String>,
}

impl Report {
    /// Whether the database was left as it was.
    pub fn is_empty(&self) -> bool {
        self.applied.is_empty() && self.reverted.is_empty() && self.baselined.is_empty()
    }
}
