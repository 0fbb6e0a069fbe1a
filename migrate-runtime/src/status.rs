//! The state of a database, and what would happen to it.

use std::time::Duration;

use migrate_core::adopt::NotAdopted;
use migrate_core::history::{Direction, MigrationName, State};
use migrate_core::plan::Script;

use crate::event::LockHolder;
use crate::report::Adopted;

/// The state of a database.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// Every migration that the binary or the database knows, by version.
    pub migrations: Vec<MigrationStatus>,
    /// The schema of the tenant; `None` for the database itself.
    pub schema: Option<String>,
    /// The last version the binary has.
    pub head: Option<MigrationName>,
    /// The last version the database has.
    pub current: Option<MigrationName>,
    /// Who is migrating it now.
    pub lock: Option<LockHolder>,
    /// What [`crate::Migrator::apply`] would take over from another tool, if the catalog matches; or why it would not.
    pub adopts: Option<Result<Adopted, NotAdopted>>,
    /// Why [`crate::Migrator::apply`] would refuse, if it would.
    pub problem: Option<migrate_core::history::HistoryError>,
    /// The server's version: 150018 for 15.18.
    pub server_version: u32,
}

/// A migration's part of a [`Status`].
#[derive(Clone, Debug, PartialEq)]
pub struct MigrationStatus {
    /// The migration.
    pub migration: MigrationName,
    /// Its state.
    pub state: State,
    /// Its row in the history table.
    pub row: Option<HistoryRow>,
    /// The progress of an unfinished one: (done, all) segments.
    pub segments: Option<(usize, usize)>,
}

impl Status {
    /// Whether every embedded migration is applied and nothing is unfinished.
    pub fn is_up_to_date(&self) -> bool {
        self.problem.is_none() && self.migrations.iter().all(|one| matches!(one.state, State::Applied | State::Missing))
    }

    /// What is not applied.
    pub fn pending(&self) -> impl Iterator<Item = &MigrationStatus> {
        self.migrations.iter().filter(|one| matches!(one.state, State::Pending | State::OutOfOrder))
    }
}

/// A row of the history table.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryRow {
    /// The version.
    pub version: i64,
    /// The name it had.
    pub name: String,
    /// The checksum it had, in hexadecimal.
    pub checksum: String,
    /// `applied` or `baseline`.
    pub kind: String,
    /// When, as RFC 3339 in UTC.
    pub applied_at: String,
    /// The role.
    pub applied_by: String,
    /// The application, as set with [`crate::Migrator::application`] or by its connection.
    pub application: String,
    /// The address it came from; empty for a local socket.
    pub client: String,
    /// How long it took.
    pub duration: Duration,
    /// The version of this library that applied it.
    pub tool_version: String,
}

/// What would run, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What would first be taken over from another tool, and recorded without running it.
    pub adopts: Option<Adopted>,
    /// The migrations.
    pub steps: Vec<PlanStep>,
}

/// A migration's part of a [`Plan`].
#[derive(Clone, Debug, PartialEq)]
pub struct PlanStep {
    /// The migration.
    pub migration: MigrationName,
    /// Up or down.
    pub direction: Direction,
    /// What would run.
    pub script: Script,
    /// Segments that are already done, from an interrupted run.
    pub segments_done: usize,
    /// A later version is already applied.
    pub out_of_order: bool,
    /// What a revert does not restore, one line each.
    pub loses: Vec<String>,
}

impl Plan {
    /// Whether nothing would run.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.adopts.is_none()
    }
}
