//! Brings PostgreSQL databases up to date with the migrations that a binary contains.
//!
//! Each schema change is a [`migration!`] block, which `cargo check` checks against all migrations before it; a mistake
//! is shown at its token. [`migrations!`] turns a directory of them into a [`Migrations`], which applies what a
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
//! * What a block can contain: `docs/language.md` in the repository, with a page for each kind of object in
//!   `docs/language/`; every mistake: `docs/errors.md`.
//! * Settings and the other operations: [`Migrator`]. What happens while it works: [`Event`].
//! * Many databases, and a schema for each tenant: [`many`]. Tests of an application: [`testing`].
//! * Applications with diesel, sea-orm, tokio-postgres or another version of sqlx: [`ConnectTo`] and [`blocking`].
//! * A command line in the application's own binary: the feature `cli`.
//!
//! The migrations are data (`migrate_core::plan`), checked and lowered when the binary was compiled.
//! `migrate_core::history` decides what to do with a database; this crate reads the database, asks, and does it.
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
/// It is written in a file of its own, whose name contains the version and the name:
/// `migrations/20260301090000_users.rs`. `migrations!("migrations")` finds the file; nothing else refers to it.
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
/// The items are those of `docs/language.md`: SQL's verbs, a column as `name: type`, NOT NULL unless the type ends in
/// `?`. The down is derived; where that is not possible, the compiler asks for a `down { ... }`. A file may contain
/// Rust functions next to the block, for `run`.
///
/// # Errors
/// Every mistake is a compile error at its token, with a code in brackets that `cargo migrate explain CODE` explains.
/// If rustc does not provide the file that it expands (as in some editors), the block is not checked against the
/// others.
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
/// * `migrations!("migrations")`: every file `VERSION_NAME.rs` in the directory, relative to the crate's Cargo.toml.
/// * `migrations!("migrations", postgres = 16)`: the oldest major version to support, by default 14.
/// * `migrations!("migrations", schema = "schema")`: compared with the [`schema!`] blocks in the files of that
///   directory.
/// * `migrations! { migration "VERSION_NAME" { ... } ... }`: for tests, examples and small programs.
/// * `migrations! { pub static MIGRATIONS = "migrations"; }`: the same as an item, which declares the static.
///   rust-analyzer finds the files of the directory only in this form; if it provides files to macros (for now, with
///   `RUST_ANALYZER_USE_POSTCARD=1` in its environment), it shows mistakes as you type.
///
/// rustc tracks existing files: a changed file is compiled again. New files are noticed with the line
/// `println!("cargo::rerun-if-changed=migrations");` in build.rs, which `cargo migrate init` writes; without it, a
/// development build that lacks a file refuses to start ([`Error::Stale`]).
///
/// # Errors
/// Compile errors: two files with the same version, a file without a migration, and every mistake in them at its token.
#[macro_export]
macro_rules! migrations {
    ($($written:tt)*) => {
        $crate::private::migrations! { ($crate) $($written)* }
    };
}

/// What the database should be: definitions as in [`migration!`], in any order and without a history.
///
/// It is written in files of a directory that `migrations!("migrations", schema = "schema")` names, or anywhere in the
/// crate: then it is compared with the directory `migrations`, or with the one in `#![migrations = "DIRECTORY"]` at its
/// beginning.
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
/// Every difference from the result of the migrations is a compile error at the object or the column; what only the
/// migrations create is an error at the end of the newest migration.
#[macro_export]
macro_rules! schema {
    ($($written:tt)*) => {
        $crate::private::schema! { ($crate) $($written)* }
    };
}

/// A struct for the rows of a table. Its fields are compared with the columns that the migrations create, without a
/// database: a missing or misnamed column, another type, or a nullable column is a compile error at the field.
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
/// The migrations are those in the crate's directory `migrations`, or in the one of `#[table(bookings, migrations =
/// "DIRECTORY")]`. Fields of unknown types are not checked; a Rust enum stands for the PostgreSQL enum of its name,
/// `BookingStatus` for `booking_status`. A field with `#[sqlx(rename = "NAME")]` is that column, one with
/// `#[sqlx(skip)]` is not a column.
pub use migrate_macros::Table;
pub use migrations::{Migrations, Options, Source};
pub use migrator::Migrator;
pub use report::{Adopted, Completed, RepairPlan, Repaired, Report};
pub use running::Running;
pub use script::ScriptRange;
/// The driver, in the version that this crate uses.
pub use sqlx;
pub use status::{HistoryRow, MigrationStatus, Plan, PlanStep, Status};
pub use step::{BoxError, StepContext, StepFunction, StepFuture};
pub use verify::{Ignored, IgnoredFor, Verification};
pub use watch::{
    Backend, Connections, IndexBuild, Sight, Watched, WatchedBackfill, WatchedMigration, WatchedStatement,
};

/// What generated code uses. Not part of the public interface: it may change in any version.
#[doc(hidden)]
pub mod private {
    pub use crate::error::Encryption;
    pub use crate::migrations::{Archive, Embedded, Migrations, Options, Parsed, Source};
    pub use crate::step::{StepContext, StepFunction};
    pub use migrate_core::plan::Checksum;
    pub use migrate_macros::{migration, migrations, schema};
    pub use sqlx;
}
