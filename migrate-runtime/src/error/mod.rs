//! What went wrong, where, and what was done before.

mod distrust;
mod encryption;
mod failure;
mod server;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use migrate_core::adopt::NotAdopted;
use migrate_core::history::{ExtensionElsewhere, HistoryError, MigrationName};
use migrate_core::plan::Objection;
use migrate_core::sql::quote_identifier;

pub use distrust::Distrust;
use distrust::distrust_text;
pub use encryption::Encryption;
pub(crate) use encryption::FEATURE_OF_SQLX;
pub use failure::{Cause, FailedStatement, Failure};
pub(crate) use server::{is_connection_lost, is_lock_failure, sqlstate, was_cut};

use crate::event::{Blocker, LockHolder};
use crate::execute::one_line;
use crate::report::Report;

/// Why a run failed.
///
/// `Display` says what failed and what to do; what the driver or the server said is in [`std::error::Error::source`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No connection.
    #[error("cannot connect to the database{}", room(.0))]
    Connect(#[source] sqlx::Error),
    /// The URL of a database is invalid. It is not repeated, as it may contain a password.
    #[error(
        "cannot parse the database URL: {reason}\n\
         help: write it as postgres://USER:PASSWORD@HOST:5432/DATABASE, with special characters percent-encoded (`@` is %40)"
    )]
    BadUrl {
        /// What is wrong with it.
        reason: Cow<'static, str>,
    },
    /// No async runtime can be started to wait in.
    #[error("cannot wait for a database here: {problem}")]
    NoRuntime {
        /// Why.
        problem: String,
    },
    /// The role lacks a privilege that the history tables need.
    #[error(transparent)]
    MissingRight(Box<MissingRight>),
    /// The server is read-only.
    #[error("the server is a read-only standby\nhelp: connect to the primary server")]
    ReadOnly(#[source] sqlx::Error),
    /// The server refused something that does not belong to a migration.
    #[error("cannot {doing}{}", right(.source))]
    Database {
        /// What was tried.
        doing: &'static str,
        /// The server's answer.
        source: sqlx::Error,
    },
    /// The SQL was compiled for newer servers.
    #[error(
        "the server is PostgreSQL {found}, but these migrations were compiled for {oldest} and newer\n\
         help: upgrade the server, or write `postgres = {found}` in `migrations!`"
    )]
    ServerTooOld {
        /// The server's major version.
        found: u32,
        /// The oldest supported version.
        oldest: u32,
    },
    /// The history and this binary do not match.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The history tables were created by a newer version of this library.
    #[error(
        "the history tables in schema `{schema}` have format {found}, but this binary supports only formats up to \
         {known}\n\
         help: build it with a newer migrate-runtime"
    )]
    Format {
        /// The schema of the history tables.
        schema: String,
        /// Their format.
        found: i32,
        /// The newest known.
        known: i32,
    },
    /// The history tables contain something that this library did not write.
    #[error(
        "cannot read the row of version {version} in {table}: {problem}\n\
         help: if a newer program wrote it, use that program; if it was written by hand, delete it, and undo the \
         manual changes that came with it"
    )]
    Row {
        /// The table.
        table: String,
        /// The row.
        version: i64,
        /// What is wrong.
        problem: String,
    },
    /// The catalog of the database cannot be read.
    #[error(transparent)]
    Introspect(Box<crate::introspect::IntrospectError>),
    /// A baseline was to record migrations, but the database does not match them.
    #[error(
        "cannot record the baseline: the database does not match these migrations\n{}\n\
         help: change the database or the migrations so that they match; to record them anyway: \
         `baseline --unchecked` (`Migrator::baseline_unchecked`)", indented(.differences)
    )]
    NotAsRecorded {
        /// One line for each difference.
        differences: Vec<String>,
    },
    /// Another tool has migrated the database, and it cannot be taken over.
    #[error(transparent)]
    NotAdopted(Box<NotAdopted>),
    /// The previous tool kept its lock.
    #[error(
        "waited {:.1} s for {tool}, which is migrating this database: {}\nhelp: let it finish, and start again",
        .waited.as_secs_f64(), holder_text(.holder)
    )]
    ToolBusy {
        /// The tool.
        tool: &'static str,
        /// How long it waited.
        waited: Duration,
        /// Who has its lock, if known.
        holder: Option<Box<LockHolder>>,
    },
    /// A repair was to record the corrected form of applied migrations, but the database does not match it.
    #[error(
        "cannot record the corrected form: the database does not match it\n{}\n\
         help: {}, or restore the source and write the change as a new migration",
        indented(.differences),
        by_hand(.left)
    )]
    NotRepaired {
        /// One line for each difference.
        differences: Vec<String>,
        /// Those that were to be applied, but cannot be without losing something.
        left: Vec<String>,
    },
    /// The binary's own data cannot be read.
    #[error("cannot read the operations of `{migration}` in this binary")]
    Operations {
        /// The migration.
        migration: MigrationName,
        /// What is wrong with them.
        source: serde_json::Error,
    },
    /// A script cannot contain what a migration does.
    #[error(
        "`{migration}` calls the Rust function `{function}`, which an SQL script cannot do\n\
         help: generate a script of the migrations before it, apply this one with the application, and continue with a \
         script of those after it"
    )]
    NotSql {
        /// The migration.
        migration: MigrationName,
        /// The function.
        function: String,
    },
    /// Migrations that are tied to `public` should run in the schema of a tenant.
    #[error("{}", immovable_text(.schema, .found))]
    Immovable {
        /// The schema.
        schema: String,
        /// What is in the way.
        found: Vec<Immovable>,
    },
    /// Others could make this role run their SQL through the history.
    #[error("{}", distrust_text(.schema, .role, .found, .stored))]
    Distrusted {
        /// The schema of the history tables.
        schema: String,
        /// The role that was to migrate.
        role: String,
        /// What is wrong with them.
        found: Vec<Distrust>,
        /// The migrations whose script is only stored there, if that is the problem.
        stored: Vec<MigrationName>,
    },
    /// The history belongs to another application.
    #[error(
        "the history in schema `{schema}` belongs to {}, but this is `{own}`\n\
         help: give this one its own history (`Migrator::history_schema`), or connect to its own database\n\
         help: if it is the same application under another name, use `Migrator::share_history(true)` or \
         `--share-history`", names(.others)
    )]
    OtherApplication {
        /// The schema of the history tables.
        schema: String,
        /// The name of this one.
        own: String,
        /// The names in the history.
        others: Vec<String>,
    },
    /// A name is longer than PostgreSQL allows.
    #[error(
        "the name `{name}` of {what} is {} bytes long, but PostgreSQL allows only {}\nhelp: choose a shorter one",
        .name.len(), migrate_core::name::LONGEST_NAME
    )]
    LongName {
        /// What has it.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// An extension is not in the schema in which a migration needs it.
    #[error("{}", elsewhere_text(.0))]
    ExtensionElsewhere(Box<ExtensionElsewhere>),
    /// The schema does not exist.
    #[error(
        "schema `{schema}` does not exist in this database\n\
         help: create it, or have it created (`--create-schema`, `Migrator::create_schema`)"
    )]
    NoSchema {
        /// The schema of a tenant.
        schema: String,
    },
    /// A script cannot be generated for a tenant: only a database knows which types belong to extensions.
    #[error(
        "cannot generate an SQL script for the schema `{schema}`\n\
         help: generate it without a schema, or apply with the application"
    )]
    NoScript {
        /// The schema of a tenant.
        schema: String,
    },
    /// There are migration files that this binary was built without.
    #[error(
        "this binary was built without {}\nhelp: rebuild it (touch the file that contains `migrations!`)", names(.files)
    )]
    Stale {
        /// The files.
        files: Vec<String>,
    },
    /// Another process kept the migration lock.
    #[error("waited {:.1} s for the migration lock, held by {}", .waited.as_secs_f64(), holder_text(.holder))]
    LockBusy {
        /// How long it waited.
        waited: Duration,
        /// Who has it.
        holder: Option<Box<LockHolder>>,
    },
    /// Others have locked the history tables, and keep them locked.
    #[error("cannot {doing}: its tables are locked by others{}\nhelp: end what holds them, and start again", lines(.blockers))]
    HistoryHeld {
        /// What was tried.
        doing: &'static str,
        /// Who has them.
        blockers: Vec<Blocker>,
        /// What the server answered.
        source: sqlx::Error,
    },
    /// The lock was lost repeatedly.
    #[error("lost the migration lock {times} times; nothing was done without it")]
    LockLost {
        /// How often.
        times: u32,
        /// What was done before.
        report: Box<Report>,
    },
    /// A migration failed.
    #[error(transparent)]
    Failed(Box<Failure>),
}

/// A privilege that the role lacks.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot {doing}: the role `{role}` lacks the privilege {right}\nhelp: as the owner or a superuser, run `{grant}`; \
     or connect as another role"
)]
pub struct MissingRight {
    /// What was tried.
    pub doing: &'static str,
    /// The role.
    pub role: String,
    /// ``CREATE on the database `travel` ``
    pub right: String,
    /// The command that gives it.
    pub grant: String,
    /// What the server said.
    pub source: sqlx::Error,
}

/// What ties a migration to `public`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Immovable {
    /// The migration.
    pub migration: MigrationName,
    /// The statement or the object, and what is in the way.
    pub objection: Objection,
}

impl fmt::Display for Immovable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Immovable { migration, objection: Objection { place, what, why } } = self;
        write!(formatter, "`{migration}`")?;
        match (place.file.as_ref(), place.line) {
            ("", _) => {}
            (file, 0) => write!(formatter, " in {file}")?,
            (file, line) => write!(formatter, " at {file}:{line}:{}", place.column)?,
        }
        write!(formatter, ": {}\n    {}", why.clause(), one_line(what))
    }
}

fn immovable_text(schema: &str, found: &[Immovable]) -> String {
    let mut text =
        format!("these migrations cannot run in the schema `{schema}`, because they are tied to another one");
    for one in found {
        text.push_str(&format!("\n  {one}"));
    }
    let helps: std::collections::BTreeSet<&str> = found.iter().map(|one| one.objection.why.help()).collect();
    for help in helps {
        text.push_str(&format!("\nhelp: {help}"));
    }
    text
}

fn elsewhere_text(elsewhere: &ExtensionElsewhere) -> String {
    let ExtensionElsewhere { migration, extension, expected, found } = elsewhere;
    // As the language has it: a name that is not a Rust identifier is a text.
    let name = |name: &str| match name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        true => name.to_owned(),
        false => format!("{name:?}"),
    };
    format!(
        "the extension `{extension}` is in the schema `{found}` of this database, but `{migration}` needs it in \
         `{expected}`\nhelp: move it with `ALTER EXTENSION {} SET SCHEMA {}`; or, while no database has this \
         migration, \
         write `create extension {} schema {};` in it",
        quote_identifier(extension),
        quote_identifier(expected),
        name(extension),
        name(found),
    )
}

fn names(files: &[String]) -> String {
    let quoted: Vec<String> = files.iter().map(|file| format!("`{file}`")).collect();
    quoted.join(", ")
}

fn indented(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}

/// What helps where the server, the role or a pooler has no connections left, or the connection no encryption.
fn room(source: &sqlx::Error) -> String {
    if let Some(encryption) = Encryption::of(source) {
        return format!("\nhelp: {}", encryption.help(Some(FEATURE_OF_SQLX)));
    }
    let waits = matches!(source, sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut);
    let text = match sqlstate(source) {
        Some("53300") => {
            "\nhelp: a run needs two connections besides those of the pool, and up to two more to watch long \
             statements: raise the limit of the server, the database or the role"
        }
        _ if waits => "\nhelp: a run needs two connections at once: a pooler in between must allow that many",
        _ => "",
    };
    text.to_string()
}

/// What helps where the role may not use the history.
fn right(source: &sqlx::Error) -> &'static str {
    if sqlstate(source) != Some("42501") {
        return "";
    }
    "\nhelp: connect as the role that owns the history tables, or grant that role to this one"
}

fn lines(blockers: &[Blocker]) -> String {
    blockers.iter().map(|blocker| format!("\n  {blocker}")).collect()
}

fn holder_text(holder: &Option<Box<LockHolder>>) -> String {
    holder.as_ref().map_or_else(|| "an unknown session".to_string(), ToString::to_string)
}

impl Error {
    /// What had been done before; `None` if nothing was started.
    pub fn report(&self) -> Option<&Report> {
        match self {
            Error::Failed(failure) => Some(&failure.report),
            Error::LockLost { report, .. } => Some(report),
            _ => None,
        }
    }

    /// The SQLSTATE, where a server reported one.
    pub fn sqlstate(&self) -> Option<String> {
        match self {
            Error::Connect(source)
            | Error::ReadOnly(source)
            | Error::Database { source, .. }
            | Error::HistoryHeld { source, .. } => sqlstate(source).map(str::to_owned),
            Error::MissingRight(missing) => sqlstate(&missing.source).map(str::to_owned),
            Error::Failed(failure) => failure.sqlstate(),
            _ => None,
        }
    }
}

/// How a database comes to what a repair needs, where these differences cannot be applied.
fn by_hand(left: &[String]) -> String {
    match left {
        [] => "apply the differences (`repair --apply`, `Migrator::apply_repair`), change the database by hand"
            .to_string(),
        left => format!(
            "these cannot be applied without losing rows or values:\n  {}\nhelp: change the database by hand",
            indented(left)
        ),
    }
}
