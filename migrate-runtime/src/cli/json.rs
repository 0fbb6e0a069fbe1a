//! What programs read. The names of the fields stay, whatever happens to the types of the library.

use std::time::Duration;

use migrate_core::history::{MigrationName, State};
use serde::Serialize;

use crate::error;
use crate::event::LockHolder;
use crate::report;

/// A migration.
#[derive(Debug, Serialize)]
pub(super) struct Migration {
    version: i64,
    name: String,
}

impl Migration {
    pub(super) fn of(name: &MigrationName) -> Self {
        Migration { version: name.version, name: name.name.clone() }
    }
}

/// A migration that was applied or reverted.
#[derive(Debug, Serialize)]
pub(super) struct Completed {
    #[serde(flatten)]
    migration: Migration,
    duration_ms: f64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    loses: Vec<String>,
}

/// A migration that was applied in another form.
#[derive(Debug, Serialize)]
pub(super) struct Repaired {
    #[serde(flatten)]
    migration: Migration,
    file: String,
    applied_checksum: String,
    checksum: String,
    changes: Option<Vec<String>>,
}

impl Repaired {
    pub(super) fn of(one: &report::Repaired) -> Self {
        Repaired {
            migration: Migration::of(&one.migration),
            file: one.file.clone(),
            applied_checksum: one.applied.to_string(),
            checksum: one.embedded.to_string(),
            changes: one.changes.clone(),
        }
    }
}

/// What is taken over from another tool.
#[derive(Debug, Serialize)]
pub(super) struct Adopted {
    tool: &'static str,
    schema: String,
    table: String,
    versions: Vec<String>,
    migrations: Vec<Migration>,
}

impl Adopted {
    pub(super) fn of(adopted: &report::Adopted) -> Self {
        Adopted {
            tool: adopted.tool,
            schema: adopted.table.schema.clone(),
            table: adopted.table.name.clone(),
            versions: adopted.versions.clone(),
            migrations: adopted.migrations.iter().map(Migration::of).collect(),
        }
    }
}

/// What a run did.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    applied: Vec<Completed>,
    reverted: Vec<Completed>,
    baselined: Vec<Migration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    adopted: Option<Adopted>,
    repaired: Vec<Repaired>,
    recommented: Vec<Migration>,
    unknown: Vec<Migration>,
    waited_for_lock_ms: f64,
    duration_ms: f64,
}

impl Report {
    pub(super) fn of(report: &report::Report) -> Self {
        let completed = |all: &[report::Completed]| {
            let one = |done: &report::Completed| Completed {
                migration: Migration::of(&done.migration),
                duration_ms: milliseconds(done.elapsed),
                loses: done.loses.clone(),
            };
            all.iter().map(one).collect()
        };
        Report {
            applied: completed(&report.applied),
            reverted: completed(&report.reverted),
            baselined: report.baselined.iter().map(Migration::of).collect(),
            adopted: report.adopted.as_ref().map(Adopted::of),
            repaired: report.repaired.iter().map(Repaired::of).collect(),
            recommented: report.recommented.iter().map(Migration::of).collect(),
            unknown: report.unknown.iter().map(Migration::of).collect(),
            waited_for_lock_ms: milliseconds(report.waited_for_lock),
            duration_ms: milliseconds(report.elapsed),
        }
    }
}

/// The migration and the statement that failed.
#[derive(Debug, Serialize)]
pub(super) struct Failure {
    migration: Migration,
    direction: &'static str,
    statement: Option<Statement>,
    segments_done: usize,
    segments: usize,
}

#[derive(Debug, Serialize)]
struct Statement {
    sql: String,
    index: usize,
    total: usize,
    file: String,
    line: u32,
    column: u32,
}

impl Failure {
    pub(super) fn of(failure: &error::Failure) -> Self {
        let statement = failure.statement.as_ref().map(|statement| Statement {
            sql: statement.sql.clone(),
            index: statement.index,
            total: statement.total,
            file: statement.place.file.to_string(),
            line: statement.place.line,
            column: statement.place.column,
        });
        Failure {
            migration: Migration::of(&failure.migration),
            direction: failure.direction.code(),
            statement,
            segments_done: failure.segments_done,
            segments: failure.segments,
        }
    }
}

/// Who has the migration lock.
#[derive(Debug, Serialize)]
pub(super) struct Lock {
    pid: i32,
    application_name: String,
    client: String,
    held_for_ms: f64,
}

impl Lock {
    pub(super) fn of(holder: &LockHolder) -> Self {
        Lock {
            pid: holder.pid,
            application_name: holder.application_name.clone(),
            client: holder.client.clone(),
            held_for_ms: milliseconds(holder.held_for),
        }
    }
}

/// Milliseconds, to the microsecond.
pub(super) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

/// The word for a state.
pub(super) fn state(state: State) -> &'static str {
    match state {
        State::Applied => "applied",
        State::Pending => "pending",
        State::OutOfOrder => "out_of_order",
        State::Missing => "missing",
        State::Modified => "modified",
        State::Unfinished(migrate_core::history::Direction::Up) => "half_applied",
        State::Unfinished(migrate_core::history::Direction::Down) => "half_reverted",
    }
}
