//! Brings PostgreSQL databases up to date with the migrations that a binary carries.
//!
//! Each schema change is a [`migration!`] block, checked while `cargo check` runs against all that came before it; a
//! mistake is shown at its token. [`migrations!`] makes a [`Migrations`] of a directory of them, and that applies what a
//! database lacks, however many copies of the program start at once.
//!
//! ```no_run
//! use migrate_runtime::{Migrations, migrations};
//!
//! // An application writes `migrations!("migrations")`, and a file for each migration.
//! static MIGRATIONS: Migrations = migrations! {
//!     migration "20260301090000_users" {
//!         create table users { id: bigint generated always as identity primary key, email: text unique }
//!     }
//!     migration "20260312094500_names" {
//!         alter table users { add name: text? }
//!     }
//! };
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let report = MIGRATIONS.apply(&std::env::var("DATABASE_URL")?).await?;
//!     println!("applied {} migrations", report.applied.len());
//!     Ok(())
//! }
//! ```
//!
//! * What can be written in a block: `docs/language.md` of the repository and the pages by kind in `docs/language/`; every mistake: `docs/errors.md`.
//! * Settings and the other verbs: [`Migrator`]. What happens while it works: [`Event`].
//! * Many databases, and a schema for each tenant: [`many`]. Tests of an application: [`testing`].
//! * Applications on diesel, sea-orm, tokio-postgres or another version of sqlx: [`ConnectTo`] and [`blocking`].
//! * A command line in the application's own binary: the feature `cli`.
//!
//! The migrations are data (`migrate_core::plan`), checked and lowered while the binary was compiled. What to do
//! about a database is decided in `migrate_core::history`; this crate reads, asks, and does it.
//!
//! Nothing here prints: progress goes to an observer ([`Migrator::on_event`]) and to `tracing` (target `migrate`).
//! The exception is the command line of the feature `cli`, which an application mounts itself.

mod backfill;
pub mod blocking;
#[cfg(feature = "cli")]
pub mod cli;
mod connect_to;
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
pub mod other_tools;
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
mod tool_table;
mod trust;
mod verify;
mod watch;

pub use connect_to::ConnectTo;
pub use error::{Cause, Distrust, Error, FailedStatement, Failure, Immovable, MissingRight};
pub use event::{
    BackfillProgress, Blocker, Event, LockHolder, MigrationRun, Observer, StatementRun, StepProgress, Throttle,
};
pub use from_empty::FromEmpty;
pub use migrate_core as core;
pub use migrate_core::adopt::{NotAdopted, Obstacle, Tool};
pub use migrate_core::diff::Ignore;
pub use migrate_core::history::{Direction, HistoryError, MigrationName, RevertTarget, State, Target};
pub use migrate_core::plan::Limits;
/// One migration: a block of schema changes, checked against every migration before it.
///
/// It stands in a file of its own, whose name gives the version and the name: `migrations/20260301090000_users.rs`. The file
/// is found by `migrations!("migrations")`, and nothing else refers to it.
///
/// ```ignore
/// migrate_runtime::migration! {
///     /// Everyone who signed up.
///     create table users {
///         id: bigint generated always as identity primary key,
///         email: text unique,
///         name: text?,
///     }
///     create index on users (lower(name));
/// }
/// ```
///
/// The items are those of `docs/language.md`: SQL's verbs, a column as `name: type`, NOT NULL unless the type ends in `?`.
/// The way back is derived; where it cannot be, the compiler asks for a `down { ... }`. A file may have Rust functions
/// beside the block, for `run`.
///
/// # Errors
/// Every mistake is a compile error at its token, with a code in brackets that `cargo migrate explain CODE` explains. Where
/// rustc does not say which file it expands (some editors), the block is not checked against the others.
#[macro_export]
macro_rules! migration {
    ($($written:tt)*) => {
        $crate::private::migration! { ($crate) $($written)* }
    };
}

/// The whole history: a directory of [`migration!`] files, or migrations written inline. Expands to a [`Migrations`].
///
/// ```
/// use migrate_runtime::{Migrations, migrations};
///
/// static MIGRATIONS: Migrations = migrations! {
///     migration "0001_users" {
///         create table users { id: bigint generated always as identity primary key, email: text unique }
///     }
/// };
/// assert_eq!(MIGRATIONS.len(), 1);
/// ```
///
/// * `migrations!("migrations")`: every file `VERSION_NAME.rs` of the directory, from the directory of the crate's Cargo.toml.
/// * `migrations!("migrations", postgres = 16)`: the oldest major version to serve; 14 where it is not said.
/// * `migrations!("migrations", schema = "schema")`: compared with what the files of that directory say in [`schema!`] blocks.
/// * `migrations! { migration "VERSION_NAME" { ... } ... }`: for tests, examples and small programs.
/// * `migrations! { pub static MIGRATIONS = "migrations"; }`: the same as an item, which declares the static. rust-analyzer finds
///   the files of the directory in this form only; where it reads the files of macros (`RUST_ANALYZER_USE_POSTCARD=1` in its
///   environment, for now), it shows mistakes while they are typed.
///
/// rustc tracks the files that are there: one that is changed is compiled again. One that is added is seen with the line
/// `println!("cargo::rerun-if-changed=migrations");` in build.rs, which `cargo migrate init` writes; without it, a
/// development build that was built without a file refuses to start ([`Error::Stale`]).
///
/// # Errors
/// Compile errors: two files with one version, a file that is none, and every mistake in them at its token.
#[macro_export]
macro_rules! migrations {
    ($($written:tt)*) => {
        $crate::private::migrations! { ($crate) $($written)* }
    };
}

/// What the database should be: definitions as in [`migration!`], in any order and without a history.
///
/// It stands in files of a directory that `migrations!("migrations", schema = "schema")` names, or anywhere in the crate:
/// then it is compared with the directory `migrations`, or with the one of `#![migrations = "DIRECTORY"]` at its beginning.
///
/// ```ignore
/// migrate_runtime::schema! {
///     create table bookings {
///         id: bigint generated always as identity primary key,
///         user_id: bigint references users,
///         #[was(total)]
///         amount: numeric(12, 2),
///     }
///     create table users { id: bigint generated always as identity primary key, email: text unique }
/// }
/// ```
///
/// `cargo migrate generate NAME` writes the migration that leads to it.
///
/// # Errors
/// Every difference to what the migrations make is a compile error at the object or the column; what only the migrations make
/// is one at the end of the newest migration.
#[macro_export]
macro_rules! schema {
    ($($written:tt)*) => {
        $crate::private::schema! { ($crate) $($written)* }
    };
}

/// A struct that holds the rows of a table. Its fields are compared with the columns that the migrations make, without a
/// database: what is missing, misnamed, of another type, or takes NULL is a compile error at the field.
///
/// ```ignore
/// #[derive(sqlx::FromRow, migrate_runtime::Table)]
/// #[table(bookings)]
/// struct Booking {
///     id: i64,
///     status: BookingStatus,
///     note: Option<String>,
/// }
/// ```
///
/// The migrations are those of the directory `migrations` of the crate, or of `#[table(bookings, migrations = "DIRECTORY")]`. A
/// type that is not known is not judged; an enum of yours is that of PostgreSQL with its name, `BookingStatus` that of
/// `booking_status`. A field with `#[sqlx(rename = "NAME")]` is that column, one with `#[sqlx(skip)]` none.
pub use migrate_macros::Table;
pub use migrations::{Migrations, Options, Source};
pub use migrator::Migrator;
pub use report::{Adopted, Completed, RepairPlan, Repaired, Report};
pub use running::Running;
pub use script::ScriptRange;
/// The driver, of the version that this crate uses.
pub use sqlx;
pub use status::{HistoryRow, MigrationStatus, Plan, PlanStep, Status};
pub use step::{BoxError, StepContext, StepFunction, StepFuture};
pub use verify::{Ignored, IgnoredFor, Verification};
pub use watch::{
    Backend, Connections, IndexBuild, Sight, Watched, WatchedBackfill, WatchedMigration, WatchedStatement,
};

/// What generated code names. No part of the public interface: it may change in any version.
#[doc(hidden)]
pub mod private {
    pub use crate::error::Encryption;
    pub use crate::migrations::{Archive, Embedded, Migrations, Options, Parsed, Source};
    pub use crate::step::{StepContext, StepFunction};
    pub use migrate_core::plan::Checksum;
    pub use migrate_macros::{migration, migrations, schema};
    pub use sqlx;
}
