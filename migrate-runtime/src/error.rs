//! What went wrong, where, and what was done before.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use migrate_core::history::{Direction, HistoryError, MigrationName};
use migrate_core::plan::{Limits, Objection, Place};
use sqlx::postgres::PgDatabaseError;

use crate::event::{Blocker, LockHolder};
use crate::execute::one_line;
use crate::report::Report;
use crate::step::BoxError;

/// Why a run ended without doing what was asked.
///
/// `Display` says what failed and the way out; what the driver or the server said is in [`std::error::Error::source`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No connection.
    #[error("cannot connect to the database{}", room(.0))]
    Connect(#[source] sqlx::Error),
    /// The server takes no changes.
    #[error("the server is read-only: it is a standby\nhelp: connect to the primary server")]
    ReadOnly(#[source] sqlx::Error),
    /// The server refused something that belongs to no migration.
    #[error("cannot {doing}{}", right(.source))]
    Database {
        /// What was tried.
        doing: &'static str,
        /// What was answered.
        source: sqlx::Error,
    },
    /// The SQL was compiled for newer servers.
    #[error(
        "the server is PostgreSQL {found}, and these migrations were compiled for {oldest} and newer\n\
         help: upgrade the server, or say `postgres = {found}` in `migrations!`"
    )]
    ServerTooOld {
        /// The server's major version.
        found: u32,
        /// The oldest one that is served.
        oldest: u32,
    },
    /// The history and this binary do not fit.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The history tables were made by a newer version of this library.
    #[error(
        "the tables in schema `{schema}` have format {found}, and this binary knows formats up to {known}\n\
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
    /// The history tables hold something this library did not write.
    #[error(
        "the row of version {version} in {table} cannot be read: {problem}\n\
         help: where a newer program wrote it, use that one; where somebody wrote it by hand, delete it, and undo what \
         was done by hand with it"
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
    /// A baseline was to record migrations, and the database is not what they make.
    #[error(
        "cannot record the baseline: the database is not what these migrations make\n{}\n\
         help: make the database or the migrations so that they agree; to record them all the same: \
         `baseline --unchecked` (`Migrator::baseline_unchecked`)", indented(.differences)
    )]
    NotAsRecorded {
        /// One line for each difference.
        differences: Vec<String>,
    },
    /// The binary's own data cannot be read.
    #[error("the operations of `{migration}` in this binary cannot be read")]
    Operations {
        /// The migration.
        migration: MigrationName,
        /// What is wrong with them.
        source: serde_json::Error,
    },
    /// A script cannot hold what a migration does.
    #[error(
        "`{migration}` calls the Rust function `{function}`, which an SQL script cannot\n\
         help: make a script of the migrations before it, apply this one with the application, and go on with a \
         script of those after it"
    )]
    NotSql {
        /// The migration.
        migration: MigrationName,
        /// The function.
        function: String,
    },
    /// Migrations are written in a way that ties them to `public`, and should run in the schema of a tenant.
    #[error("{}", immovable_text(.schema, .found))]
    Immovable {
        /// The schema.
        schema: String,
        /// What is in the way.
        found: Vec<Immovable>,
    },
    /// There is no schema of that name.
    #[error(
        "there is no schema `{schema}` in this database\n\
         help: create it, or let it be created (`--create-schema`, `Migrator::create_schema`)"
    )]
    NoSchema {
        /// The schema of a tenant.
        schema: String,
    },
    /// A script cannot be made for a tenant: which types are those of extensions, only a database knows.
    #[error(
        "an SQL script cannot be for the schema `{schema}`\n\
         help: make it without a schema, or apply with the application"
    )]
    NoScript {
        /// The schema of a tenant.
        schema: String,
    },
    /// There are migration files that this binary was built without.
    #[error(
        "this binary was built without {}\nhelp: rebuild it (touch the file with `migrations!`)", names(.files)
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
    /// The lock was lost, again and again.
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
    let mut text = format!("these migrations cannot run in the schema `{schema}`, since they are tied to another one");
    for one in found {
        text.push_str(&format!("\n  {one}"));
    }
    let helps: std::collections::BTreeSet<&str> = found.iter().map(|one| one.objection.why.help()).collect();
    for help in helps {
        text.push_str(&format!("\nhelp: {help}"));
    }
    text
}

fn names(files: &[String]) -> String {
    let quoted: Vec<String> = files.iter().map(|file| format!("`{file}`")).collect();
    quoted.join(", ")
}

fn indented(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}

/// What helps where the server, the role or a pooler has no connections left.
fn room(source: &sqlx::Error) -> &'static str {
    let waits = matches!(source, sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut);
    match sqlstate(source) {
        Some("53300") => {
            "\nhelp: a run needs two connections beside those of the pool, and up to two more to look at what takes \
             long: raise the limit of the server, the database or the role"
        }
        _ if waits => "\nhelp: a run needs two connections at once: a pooler on the way must have as many",
        _ => "",
    }
}

/// What helps where the role may not use the history.
fn right(source: &sqlx::Error) -> &'static str {
    if sqlstate(source) != Some("42501") {
        return "";
    }
    "\nhelp: connect as the role that owns the history, or make this one a member of it"
}

fn holder_text(holder: &Option<Box<LockHolder>>) -> String {
    holder.as_ref().map_or_else(|| "nobody that can be seen".to_string(), ToString::to_string)
}

impl Error {
    /// What had been done before; `None` when nothing was begun.
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
            Error::Connect(source) | Error::ReadOnly(source) | Error::Database { source, .. } => {
                sqlstate(source).map(str::to_owned)
            }
            Error::Failed(failure) => failure.sqlstate(),
            _ => None,
        }
    }
}

/// A migration that failed.
///
/// The transaction it was in is rolled back; segments before it stay done, and the next run goes on after them.
#[derive(Debug)]
pub struct Failure {
    /// The migration.
    pub migration: MigrationName,
    /// Up or down.
    pub direction: Direction,
    /// The statement; `None` when the failure belongs to none, such as at COMMIT.
    pub statement: Option<FailedStatement>,
    /// What happened.
    pub cause: Cause,
    /// Segments of the migration that are done and stay done.
    pub segments_done: usize,
    /// Segments the migration has.
    pub segments: usize,
    /// Whether the statement is one that cannot be in a transaction: the journal has it as begun.
    pub stands_alone: bool,
    /// What was done before this migration.
    pub report: Report,
}

/// The statement that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedStatement {
    /// The SQL, in one line, shortened.
    pub sql: String,
    /// Where in the source it comes from.
    pub place: Place,
    /// From 1.
    pub index: usize,
    /// How many the migration has in this direction.
    pub total: usize,
}

/// Why a statement failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Cause {
    /// The server, or the connection to it.
    Database(sqlx::Error),
    /// The Rust function.
    Step(BoxError),
    /// The binary has no Rust function of this path.
    UnknownStep(String),
    /// Others held the table all the time.
    Blocked {
        /// How long it tried.
        waited: Duration,
        /// How often.
        attempts: u32,
        /// Who holds it.
        blockers: Vec<Blocker>,
    },
    /// It took longer than a statement of constant time may under a strong lock, and was ended.
    TookTooLong {
        /// How long it may run once it has its locks.
        limit: Duration,
        /// How often it was tried.
        times: u32,
        /// The strong locks that its transaction had meanwhile: `ACCESS EXCLUSIVE on public.users`.
        locks: Vec<String>,
        /// What the server said.
        source: sqlx::Error,
    },
    /// An index of the name exists, with another definition.
    IndexDiffers {
        /// The index, with its schema.
        index: String,
    },
    /// The statement succeeded, and what it should have made is not there.
    NotThere {
        /// What.
        what: String,
    },
    /// A backfill of a table without a primary key finds what is left to do by its condition, and that is still true for
    /// rows that it has changed.
    StillTrue {
        /// The table.
        table: String,
    },
    /// A migration was taken back, and the database is not what it was before: one line for each difference.
    Differs {
        /// What differs.
        differences: Vec<String>,
    },
    /// The migration's own data cannot be written or read.
    Data(String),
}

impl Cause {
    /// What the server said.
    fn message(&self) -> Option<&str> {
        let error = match self {
            Cause::Database(error) => error,
            Cause::Step(error) => error.downcast_ref::<sqlx::Error>()?,
            _ => return None,
        };
        message(error)
    }
}

impl Failure {
    /// Whether some of it is done or begun, so that it has to be finished or taken back.
    pub fn is_half_applied(&self) -> bool {
        self.direction == Direction::Up && (self.segments_done > 0 || self.stands_alone)
    }

    /// Whether what it makes exists: a schema, a table or an index, a column, a function, anything else.
    pub(crate) fn is_there_already(&self) -> bool {
        let made_twice = matches!(self.sqlstate().as_deref(), Some("42P06" | "42P07" | "42701" | "42723" | "42710"));
        made_twice && self.direction == Direction::Up
    }

    /// What has to change before it is tried again; `None` where it is the migration or the data.
    pub(crate) fn remedy(&self) -> Option<Cow<'static, str>> {
        let code = self.sqlstate()?;
        let remedy = match code.as_str() {
            _ if self.is_there_already() => "undo what was done by hand",
            "42501" => "give the role that right",
            "57014" => match &self.cause {
                Cause::TookTooLong { limit, .. } => {
                    return Some(self.raise(*limit, |_| "`Migrator::statement_timeout`".to_string()).into());
                }
                cause if cause.message() == Some(STATEMENT_TIMEOUT) => "let it set a longer `statement_timeout`",
                _ => "see to it that nothing cancels it",
            },
            code if code.starts_with("53") || code.starts_with("58") => "give the server what it lacks",
            _ => return None,
        };
        Some(remedy.into())
    }

    /// How to give a statement more time than `limit`. The source may change as long as nothing of it is applied.
    pub(crate) fn raise(&self, limit: Duration, setting: impl FnOnce(u64) -> String) -> String {
        let longer = Duration::from_secs(limit.as_secs().saturating_mul(4).max(60).div_ceil(60).saturating_mul(60));
        let mut text = format!(
            "if the table's traffic may wait that long, raise it for this run with {}",
            setting(longer.as_secs())
        );
        if self.direction == Direction::Up && !self.is_half_applied() {
            let limits = Limits { statement_timeout: Some(longer), ..Limits::default() };
            text.push_str(&format!(" or for this statement with `#[limits({limits})]`"));
        }
        text
    }

    /// The SQLSTATE, where the server reported one.
    pub fn sqlstate(&self) -> Option<String> {
        match &self.cause {
            Cause::Database(source) | Cause::TookTooLong { source, .. } => sqlstate(source).map(str::to_owned),
            Cause::Step(source) => source.downcast_ref::<sqlx::Error>().and_then(sqlstate).map(str::to_owned),
            _ => None,
        }
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.cause {
            // What the server said is part of the text: the driver's own adds a line number of the server's source.
            Cause::Database(sqlx::Error::Database(_)) => None,
            Cause::Database(source) => Some(source),
            Cause::Step(source) => Some(source.as_ref()),
            _ => None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.direction {
            Direction::Up => "apply",
            Direction::Down => "revert",
        };
        write!(formatter, "cannot {verb} `{}`", self.migration)?;
        if let Some(statement) = &self.statement {
            write!(formatter, ": statement {} of {} failed", statement.index, statement.total)?;
            if let Some(place) = statement.place.fact() {
                write!(formatter, "\n  at {place}")?;
            }
            write!(formatter, "\n  {}", statement.sql)?;
        }
        match &self.cause {
            Cause::Database(sqlx::Error::Database(source)) => {
                write!(formatter, "\n  {}", source.message())?;
                if let Some(code) = source.code() {
                    write!(formatter, " (SQLSTATE {code})")?;
                }
                if let Some(source) = source.try_downcast_ref::<PgDatabaseError>() {
                    if let Some(detail) = source.detail() {
                        write!(formatter, "\n  detail: {detail}")?;
                    }
                    if let Some(hint) = source.hint() {
                        write!(formatter, "\n  hint: {hint}")?;
                    }
                }
            }
            Cause::Database(_) | Cause::Step(_) => {}
            Cause::UnknownStep(path) => {
                write!(formatter, "\n  this binary has no function `{path}`\nhelp: run the binary that has it")?;
            }
            Cause::Blocked { waited, attempts, blockers } => {
                write!(formatter, "\n  gave up after {:.1} s and {attempts} attempts", waited.as_secs_f64())?;
                for blocker in blockers {
                    write!(formatter, "\n  {blocker}")?;
                }
                write!(formatter, "\nhelp: end what holds the table, and start again")?;
            }
            Cause::TookTooLong { limit, times, locks, .. } => {
                write!(formatter, "\n  took longer than `statement_timeout` ({} s)", limit.as_secs_f64())?;
                if !locks.is_empty() {
                    write!(formatter, " under {}", locks.join(" and "))?;
                }
                match times {
                    0 | 1 => {}
                    2 => formatter.write_str(", twice")?,
                    times => write!(formatter, ", {times} times")?,
                }
            }
            Cause::IndexDiffers { index } => write!(
                formatter,
                "\n  an index `{index}` exists already, and is defined differently\nhelp: drop or rename it"
            )?,
            Cause::NotThere { what } => write!(formatter, "\n  it succeeded, and yet {what}")?,
            Cause::StillTrue { table } => write!(
                formatter,
                "\n  its condition is still true for rows that it has changed, and `{table}` has no primary key: nothing \
                 tells which rows are left\nhelp: write a condition that is false for a row that is done, or add a \
                 primary key first"
            )?,
            Cause::Differs { differences } => {
                write!(formatter, "\n  it was taken back, and the database is not what it was before it:")?;
                for difference in differences {
                    write!(formatter, "\n  {difference}")?;
                }
                write!(formatter, "\nhelp: correct these by hand, and start again: it only compares then")?;
            }
            Cause::Data(problem) => write!(formatter, "\n  {problem}")?,
        }
        if matches!(self.sqlstate().as_deref(), Some("26000" | "42P05")) {
            write!(
                formatter,
                "\nhelp: behind a pooler in transaction mode prepared statements get lost: use `sqlx::raw_sql` in the \
                 step, let the pooler keep them (`max_prepared_statements` of pgbouncer 1.21), or connect to the server"
            )?;
        }
        match self.remedy().filter(|_| !self.is_half_applied()) {
            Some(_) if self.is_there_already() => {
                let version = self.migration.version;
                write!(
                    formatter,
                    "\nhelp: if somebody made it by hand as the migration would have, record that \
                     (`Migrator::baseline({version})`, `baseline {version}`); else rename or drop what is there"
                )?;
            }
            Some(remedy) => write!(formatter, "\nhelp: {remedy} and start again")?,
            None => {}
        }
        if self.segments_done > 0 {
            write!(
                formatter,
                "\nnote: {} of {} parts are done and stay; the next start goes on after them",
                self.segments_done, self.segments
            )?;
        }
        if self.is_half_applied() && !matches!(self.cause, Cause::Blocked { .. }) {
            write!(
                formatter,
                "\nhelp: {} and start again; or, if the migration is wrong, take it back \
                 (`Migrator::abandon`, `down --unfinished`), and correct it then",
                self.remedy().unwrap_or("correct the data".into())
            )?;
        }
        Ok(())
    }
}

/// The SQLSTATE of a driver's error.
pub(crate) fn sqlstate(error: &sqlx::Error) -> Option<&str> {
    match error {
        sqlx::Error::Database(source) => source.try_downcast_ref::<PgDatabaseError>().map(PgDatabaseError::code),
        _ => None,
    }
}

/// What a server says in English whose `statement_timeout` ended a statement.
const STATEMENT_TIMEOUT: &str = "canceling statement due to statement timeout";

/// The same where somebody else did.
const USER_REQUEST: &str = "canceling statement due to user request";

fn message(error: &sqlx::Error) -> Option<&str> {
    match error {
        sqlx::Error::Database(source) => source.try_downcast_ref::<PgDatabaseError>().map(PgDatabaseError::message),
        _ => None,
    }
}

/// Whether a statement that had this timeout was ended by it, and not by somebody who cancelled it: both have the same
/// SQLSTATE. Where the server speaks another language the time tells, which may also be that of what ran before it.
pub(crate) fn was_cut(error: &sqlx::Error, timeout: Duration, elapsed: Duration) -> bool {
    sqlstate(error) == Some("57014")
        && !timeout.is_zero()
        && match message(error) {
            Some(STATEMENT_TIMEOUT) => true,
            Some(USER_REQUEST) => false,
            _ => elapsed >= timeout,
        }
}

/// Whether the connection is gone, and with it the knowledge of what became of the last message.
pub(crate) fn is_connection_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) => true,
        sqlx::Error::Database(_) => sqlstate(error).is_some_and(|code| {
            code.starts_with("08") || matches!(code, "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "25P04")
        }),
        _ => false,
    }
}

/// Whether the same statement may succeed a moment later: a lock timeout or a deadlock.
pub(crate) fn is_lock_failure(error: &sqlx::Error) -> bool {
    sqlstate(error).is_some_and(|code| matches!(code, "55P03" | "40P01"))
}
