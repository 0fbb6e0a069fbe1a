//! What a run did.

use std::time::Duration;

use migrate_core::history::MigrationName;
use migrate_core::name::QualifiedName;
use migrate_core::plan::Checksum;

/// What a run did, even if it failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What was applied, in order.
    pub applied: Vec<Completed>,
    /// What was reverted, in order.
    pub reverted: Vec<Completed>,
    /// What was recorded without running.
    pub baselined: Vec<MigrationName>,
    /// The tool from which the database was taken over; what was recorded for it is also in `baselined`.
    pub adopted: Option<Adopted>,
    /// What was recorded in a form other than the applied one.
    pub repaired: Vec<Repaired>,
    /// Applied migrations whose comments on objects were changed.
    pub recommented: Vec<MigrationName>,
    /// What is applied but not known to this binary, and compatible with it.
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
    /// What the revert does not restore, one line each.
    pub loses: Vec<String>,
}

/// A tool from which a database is taken over: what it has applied is recorded as our migrations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopted {
    /// The tool.
    pub tool: &'static str,
    /// Its table, which stays as it is.
    pub table: QualifiedName,
    /// The versions that it has applied, in its own notation.
    pub versions: Vec<String>,
    /// The migrations that represent these in this history.
    pub migrations: Vec<MigrationName>,
}

/// A migration that was applied in a form other than the binary's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repaired {
    /// The migration.
    pub migration: MigrationName,
    /// Its file in this binary's source.
    pub file: String,
    /// The checksum it was applied with.
    pub applied: Checksum,
    /// The checksum it has in this binary.
    pub embedded: Checksum,
    /// What the corrected form does differently, one line each: `-` for what it no longer does, `+` for what is new,
    /// `~` for what is different. `None` if an older version of this library applied it, so that this is not known.
    pub changes: Option<Vec<String>>,
    /// The statements that changed the database to match the corrected form; for several migrations, in the last one.
    pub ran: Vec<String>,
}

/// What [`crate::Migrator::repair`] would record, and what [`crate::Migrator::apply_repair`] would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepairPlan {
    /// The migrations.
    pub migrations: Vec<Repaired>,
    /// Where the database does not match the corrected history, one line each: then nothing would be recorded.
    pub differences: Vec<String>,
    /// The statements that would change that ([`crate::Migrator::apply_repair`]).
    pub statements: Vec<String>,
    /// What is dangerous about them on a live table, one line each.
    pub risks: Vec<String>,
    /// The differences that would remain, since rows or values would be lost: then nothing would be applied either.
    pub left: Vec<String>,
}

impl Report {
    /// Whether the database was left as it was.
    pub fn is_empty(&self) -> bool {
        let names = self.baselined.len() + self.recommented.len();
        self.applied.is_empty() && self.reverted.is_empty() && self.repaired.is_empty() && names == 0
    }
}
