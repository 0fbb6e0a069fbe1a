//! Brings PostgreSQL databases up to date with the migrations that a binary carries.
//!
//! The migrations are data (`migrate_core::plan`), checked and lowered while the binary was compiled. What to do
//! about a database is decided in `migrate_core::history`; this crate reads, asks, and does it.
//!
//! Nothing here prints: progress goes to an observer ([`Migrator::on_event`]) and to `tracing` (target `migrate`).
//! The exception is the command line of the feature `cli`, which an application mounts itself.

mod backfill;
#[cfg(feature = "cli")]
pub mod cli;
mod connection;
mod database_url;
mod error;
mod event;
mod execute;
mod from_empty;
mod history_table;
pub mod introspect;
mod journal;
mod lock;
pub mod many;
mod message;
mod migrations;
mod migrator;
mod peek;
pub mod rehearse;
mod report;
mod run;
mod running;
mod scratch;
mod script;
mod settings;
mod spans;
mod status;
mod step;
pub mod testing;
mod trust;
mod verify;
mod watch;

pub use error::{Cause, Distrust, Error, FailedStatement, Failure, Immovable};
pub use event::{
    BackfillProgress, Blocker, Event, LockHolder, MigrationRun, Observer, StatementRun, StepProgress, Throttle,
};
pub use from_empty::FromEmpty;
pub use migrate_core as core;
pub use migrate_core::diff::Ignore;
pub use migrate_core::history::{Direction, HistoryError, MigrationName, RevertTarget, State, Target};
pub use migrate_core::plan::Limits;
pub use migrate_macros::{migration, migrations};
pub use migrations::{Migrations, Options, Source};
pub use migrator::Migrator;
pub use report::{Completed, RepairPlan, Repaired, Report};
pub use running::Running;
pub use script::ScriptRange;
pub use status::{HistoryRow, MigrationStatus, Plan, PlanStep, Status};
pub use step::{BoxError, StepContext, StepFunction, StepFuture};
pub use verify::{Ignored, IgnoredFor, Verification};
pub use watch::{
    Backend, Connections, IndexBuild, Sight, Watched, WatchedBackfill, WatchedMigration, WatchedStatement,
};

/// What generated code names. No part of the public interface: it may change in any version.
#[doc(hidden)]
pub mod private {
    pub use crate::migrations::{Archive, Embedded, Migrations, Options, Parsed, Source};
    pub use crate::step::{StepContext, StepFunction};
    pub use migrate_core::plan::Checksum;
    pub use sqlx;
}
