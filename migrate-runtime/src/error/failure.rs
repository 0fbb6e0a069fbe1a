//! A migration that failed: where, why, and the way out.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use migrate_core::history::{Direction, MigrationName};
use migrate_core::plan::{Limits, Place};
use migrate_core::sql::quote_identifier;
use sqlx::postgres::PgDatabaseError;

use super::server::{STATEMENT_TIMEOUT, message, sqlstate};
use crate::event::Blocker;
use crate::report::Report;
use crate::step::BoxError;

/// What the server says where a policy hides rows.
const ROW_SECURITY: &str = "row-level security policy";

/// A migration that failed.
///
/// Its transaction is rolled back; earlier segments stay done, and the next run continues after them.
#[derive(Debug)]
pub struct Failure {
    /// The migration.
    pub migration: MigrationName,
    /// Up or down.
    pub direction: Direction,
    /// The statement; `None` if the failure belongs to none, such as at COMMIT.
    pub statement: Option<FailedStatement>,
    /// What happened.
    pub cause: Cause,
    /// Segments of the migration that are done, and stay done.
    pub segments_done: usize,
    /// Segments the migration has.
    pub segments: usize,
    /// Whether the statement cannot be in a transaction: then the journal has it as started.
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
    /// Others held the table the whole time.
    Blocked {
        /// How long it tried.
        waited: Duration,
        /// How often.
        attempts: u32,
        /// Who holds it.
        blockers: Vec<Blocker>,
    },
    /// It took longer than a statement of constant time may under a strong lock, and was cancelled.
    TookTooLong {
        /// How long it may run once it has its locks.
        limit: Duration,
        /// How often it was tried.
        times: u32,
        /// The strong locks that its transaction held: `ACCESS EXCLUSIVE on public.users`.
        locks: Vec<String>,
        /// What the server said.
        source: sqlx::Error,
    },
    /// An index of that name exists, with a different definition.
    IndexDiffers {
        /// The index, with its schema.
        index: String,
    },
    /// The statement succeeded, but what it should have created does not exist.
    NotThere {
        /// What.
        what: String,
    },
    /// A backfill of a table without a primary key finds the remaining rows by its condition, but that is still true
    /// for rows that it has changed.
    StillTrue {
        /// The table.
        table: String,
    },
    /// Undone, but the server describes the database differently than before the migration. A program that only applies
    /// migrations cannot tell whether that means the same: [`Migrator::abandon`](crate::Migrator::abandon) compares
    /// catalogs.
    AnswersDiffer {
        /// What existed before and what exists now, one line each, as the server describes it.
        changes: Vec<String>,
    },
    /// A migration was undone, but the database is not as it was before: one line for each difference.
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
    /// Whether some of it is done or started, so that it must be finished or undone.
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
            "42501" if self.is_of_row_security() && self.refreshes_view() => {
                "let the view belong to a role that sees every row (`ALTER MATERIALIZED VIEW ... OWNER TO ...`), one with \
                 `BYPASSRLS` or the owner of a table whose row level security is not forced,"
            }
            "42501" if self.is_of_row_security() => {
                "use a role that sees every row, one with `BYPASSRLS` or the owner of a table whose row level security \
                 is not forced,"
            }
            "42501" => {
                // As the server says it in English: `permission denied for schema public`.
                let schema = self.cause.message().and_then(|said| said.strip_prefix("permission denied for schema "));
                return Some(schema.map_or(Cow::Borrowed("grant the role that privilege"), |schema| {
                    let schema = quote_identifier(schema);
                    format!(
                        "grant the role that privilege: as the owner run `GRANT USAGE, CREATE ON SCHEMA {schema} TO ROLE`"
                    )
                    .into()
                }));
            }
            "42P01" | "42883" | "42704" if self.is_in_a_function() => {
                "while migrations run, names without a schema are found only in `pg_catalog`: qualify the names in the \
                 function, or give it a path (`ALTER FUNCTION ... SET search_path = public, pg_temp`)"
            }
            "57014" => match &self.cause {
                Cause::TookTooLong { limit, .. } => {
                    return Some(self.raise(*limit, |_| "`Migrator::statement_timeout`".to_string()).into());
                }
                cause if cause.message() == Some(STATEMENT_TIMEOUT) => "let it set a longer `statement_timeout`",
                _ => "make sure that nothing cancels it",
            },
            code if code.starts_with("53") || code.starts_with("58") => "free or add resources on the server",
            _ => return None,
        };
        Some(remedy.into())
    }

    /// [`Failure::remedy`], or what else is to be done before a part that failed is tried again.
    pub(crate) fn remedy_or_cause(&self) -> Cow<'static, str> {
        let otherwise = match self.sqlstate().as_deref() {
            // Something has the name, uses it, or depends on it.
            Some("2BP01" | "42P04" | "42P06" | "42P07" | "42701" | "42710" | "42723" | "55006") => {
                "remove what is in the way"
            }
            Some("3F000" | "42P01" | "42703" | "42704" | "42883") => "create what is missing",
            // The classes of what rows and values are refused for, and of what a function raises.
            Some(code) if ["21", "22", "23", "44", "P0"].iter().all(|class| !code.starts_with(class)) => {
                "remove the cause"
            }
            _ => "correct the data",
        };
        self.remedy().unwrap_or(otherwise.into())
    }

    fn is_of_row_security(&self) -> bool {
        self.cause.message().is_some_and(|message| message.contains(ROW_SECURITY))
    }

    /// Whether its query runs as the owner of a materialized view, whoever migrates.
    fn refreshes_view(&self) -> bool {
        self.statement.as_ref().is_some_and(|statement| statement.sql.starts_with("REFRESH MATERIALIZED VIEW"))
    }

    /// Whether it happened in a function that the statement calls, or in a trigger that it fires.
    fn is_in_a_function(&self) -> bool {
        let Cause::Database(sqlx::Error::Database(source)) = &self.cause else { return false };
        source.try_downcast_ref::<PgDatabaseError>().is_some_and(|source| source.r#where().is_some())
    }

    /// How to give a statement more time than `limit`. The source may change as long as nothing of it is applied.
    pub(crate) fn raise(&self, limit: Duration, setting: impl FnOnce(u64) -> String) -> String {
        let longer = Duration::from_secs(limit.as_secs().saturating_mul(4).max(60).div_ceil(60).saturating_mul(60));
        let mut text = format!(
            "if queries on the table may wait that long, raise it for this run with {}",
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
                write!(
                    formatter,
                    "\n  this binary does not contain the function `{path}`\nhelp: run the binary that contains it"
                )?;
            }
            Cause::Blocked { waited, attempts, blockers } => {
                write!(formatter, "\n  gave up after {:.1} s and {attempts} attempts", waited.as_secs_f64())?;
                for blocker in blockers {
                    write!(formatter, "\n  {blocker}")?;
                }
                write!(formatter, "\nhelp: end whatever holds the table, and start again")?;
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
                "\n  index `{index}` already exists, with a different definition\nhelp: drop or rename it"
            )?,
            Cause::NotThere { what } => write!(formatter, "\n  it succeeded, but {what}")?,
            Cause::StillTrue { table } => write!(
                formatter,
                "\n  its condition is still true for rows that it has changed, and `{table}` has no primary key to tell which \
                 rows are left\nhelp: write a condition that is false for the rows that are done, or add a \
                 primary key first"
            )?,
            Cause::Differs { differences } => {
                write!(formatter, "\n  it was undone, but the database is not as it was before:")?;
                for difference in differences {
                    write!(formatter, "\n  {difference}")?;
                }
                write!(formatter, "\nhelp: correct these by hand, and start again: only the comparison is repeated")?;
            }
            Cause::AnswersDiffer { changes } => {
                write!(formatter, "\n  it was undone, but the server describes the database differently than before:")?;
                for change in changes {
                    write!(formatter, "\n  {change}")?;
                }
                write!(
                    formatter,
                    "\nhelp: run `down --unfinished` (`Migrator::abandon`): it compares their meaning, and finishes if \
                     that is the same"
                )?;
            }
            Cause::Data(problem) => write!(formatter, "\n  {problem}")?,
        }
        if matches!(self.sqlstate().as_deref(), Some("26000" | "42P05")) {
            write!(
                formatter,
                "\nhelp: a pooler in transaction mode loses prepared statements: use `sqlx::raw_sql` in the \
                 step, let the pooler keep them (`max_prepared_statements` in pgbouncer 1.21), or connect to the server"
            )?;
        }
        match self.remedy().filter(|_| !self.is_half_applied()) {
            Some(_) if self.is_there_already() => {
                let version = self.migration.version;
                write!(
                    formatter,
                    "\nhelp: if it was created by hand exactly as by the migration, record that \
                     (`Migrator::baseline({version})`, `baseline {version}`); otherwise rename or drop what exists"
                )?;
            }
            Some(remedy) => write!(formatter, "\nhelp: {remedy} and start again")?,
            None => {}
        }
        if self.segments_done > 0 {
            write!(
                formatter,
                "\nnote: {} of {} parts are done and kept; the next run continues after them",
                self.segments_done, self.segments
            )?;
        }
        if self.is_half_applied() && !matches!(self.cause, Cause::Blocked { .. }) {
            write!(
                formatter,
                "\nhelp: {} and start again; or, if the migration is wrong, undo it \
                 (`Migrator::abandon`, `down --unfinished`), and then correct it",
                self.remedy_or_cause()
            )?;
        }
        Ok(())
    }
}
