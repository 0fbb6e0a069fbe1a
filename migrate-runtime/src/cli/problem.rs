//! What went wrong, for people and for programs: what, where, what the server said, what was done, what to do.

use migrate_core::adopt::Obstacle;
use migrate_core::history::Direction;
use serde::Serialize;
use sqlx::postgres::PgDatabaseError;

use super::context::{Failed, Server};
use super::exit::Exit;
use super::format::{count, indented};
use super::json;
use super::style::{BAD, FAINT, HELP, paint};
use crate::error::{Cause, Encryption, Error, FEATURE_OF_SQLX, Failure};
use crate::report::Report;

const URL_HELP: &str = "specify one with `--database-url postgres://USER:PASSWORD@HOST:5432/DATABASE`, or set \
                        DATABASE_URL";

/// A failure, taken apart.
#[derive(Debug)]
pub(super) struct Problem {
    /// The kind, for programs.
    kind: &'static str,
    headline: String,
    /// What the server or the driver said.
    server: Option<String>,
    details: Vec<String>,
    notes: Vec<String>,
    help: Vec<String>,
    sqlstate: Option<String>,
    failure: Option<json::Failure>,
    report: Option<json::Report>,
    pub(super) exit: Exit,
}

/// A failure for programs.
#[derive(Debug, Serialize)]
pub(super) struct ProblemJson<'p> {
    error: ErrorJson<'p>,
}

#[derive(Debug, Serialize)]
struct ErrorJson<'p> {
    kind: &'static str,
    message: &'p str,
    server_message: Option<&'p str>,
    sqlstate: Option<&'p str>,
    details: &'p [String],
    notes: &'p [String],
    help: &'p [String],
    #[serde(flatten)]
    failure: Option<&'p json::Failure>,
    /// What had been done before.
    report: Option<&'p json::Report>,
    exit_code: u8,
}

impl Problem {
    pub(super) fn of(failed: &Failed) -> Self {
        match failed {
            Failed::Runtime(error) => Problem::of_error(error),
            Failed::NoDatabase => Problem::new("no_database", "no database specified").help(URL_HELP),
            Failed::Unreachable { server, source } => Problem::unreachable(server, source),
            Failed::Wrong { headline, help } => Problem::new("wrong_argument", headline).help(help),
            Failed::Interrupted { command } => {
                let mut problem = Problem::new("interrupted", "interrupted")
                    .note("this is safe: what has finished is kept, and the open transaction is rolled back")
                    .note("the server finishes an index that it is building, and the next run waits for it")
                    .help(&format!("`{command}` continues where it stopped"));
                problem.exit = Exit::Interrupted;
                problem
            }
        }
    }

    fn new(kind: &'static str, headline: &str) -> Self {
        Problem {
            kind,
            headline: headline.to_string(),
            server: None,
            details: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
            sqlstate: None,
            failure: None,
            report: None,
            exit: Exit::Error,
        }
    }

    fn server(mut self, source: &sqlx::Error) -> Self {
        self.sqlstate = crate::error::sqlstate(source).map(str::to_owned);
        self.server = Some(driver_text(source));
        self
    }

    fn help(mut self, line: &str) -> Self {
        self.help.push(line.to_string());
        self
    }

    fn note(mut self, line: &str) -> Self {
        self.notes.push(line.to_string());
        self
    }

    fn unreachable(server: &Server, source: &sqlx::Error) -> Self {
        let Server { address, user, database } = server;
        let headline = format!("cannot connect to the database `{database}` on {address} as `{user}`");
        let problem = Problem::new("unreachable", &headline).server(source);
        if let Some(encryption) = Encryption::of(source) {
            return problem.help(&encryption.help(Some(FEATURE_OF_SQLX)));
        }
        match problem.sqlstate.as_deref() {
            Some("28P01" | "28000") => problem.help("check the user and the password in the URL"),
            Some("3D000") => problem.help(&format!("create it: createdb {database}")),
            Some("53300") => problem.help("all connections are in use: try again later"),
            Some(_) => problem,
            None => problem.help("check that the server is running and that the address is correct").help(URL_HELP),
        }
    }

    /// Results that nobody can read.
    pub(super) fn unwritten(error: &std::io::Error) -> Self {
        Problem::new("output", &format!("cannot write to standard output: {error}"))
    }

    pub(super) fn of_error(error: &Error) -> Self {
        let text = error.to_string();
        let mut lines = text.lines();
        let mut problem = Problem::new(kind(error), lines.next().unwrap_or_default());
        for line in lines {
            if let Some(help) = line.strip_prefix("help: ") {
                problem.help.push(help.to_string());
            } else if let Some(note) = line.strip_prefix("note: ") {
                problem.notes.push(note.to_string());
            } else {
                problem.details.push(line.strip_prefix("  ").unwrap_or(line).to_string());
            }
        }
        problem.server = match error {
            Error::Failed(failure) => failed_text(failure),
            other => cause_text(other),
        };
        problem.sqlstate = error.sqlstate();
        if let Some(report) = error.report() {
            problem.notes.extend(done_before(report));
            problem.report = Some(json::Report::of(report));
        }
        if let Error::Failed(failure) = error {
            problem.failure = Some(json::Failure::of(failure));
            // The library's words for it are not those of a command line.
            let is_remedy = |help: &String| failure.remedy().is_some_and(|remedy| help.starts_with(&*remedy));
            problem.help.retain(|help| !help.contains("Migrator::") && !is_remedy(help));
            if problem.help.is_empty() {
                problem.help.push(way_out(failure));
            }
        }
        if let Error::LockBusy { .. } = error {
            problem
                .help
                .push("let the other process finish, and try again; `status` shows which one it is".to_string());
        }
        problem.exit = match error {
            Error::LockBusy { .. } | Error::HistoryHeld { .. } | Error::ToolBusy { .. } => Exit::Blocked,
            Error::NotAdopted(refused) if matches!(refused.obstacle, Obstacle::Differs(_)) => Exit::Drift,
            Error::NotAsRecorded { .. } | Error::NotRepaired { .. } => Exit::Drift,
            Error::Failed(failure) if matches!(failure.cause, Cause::Blocked { .. }) => Exit::Blocked,
            _ => Exit::Error,
        };
        problem
    }

    /// For people.
    pub(super) fn render(&self) -> String {
        let mut text = format!("{} {}\n", paint(BAD, "error:"), self.headline);
        // Some errors say it themselves.
        let server =
            self.server.iter().filter(|said| self.details.iter().all(|detail| !detail.contains(said.as_str())));
        for detail in server.chain(&self.details) {
            text.push_str(&indented(detail, 2));
            text.push('\n');
        }
        for note in &self.notes {
            text.push_str(&format!("{} {note}\n", paint(FAINT, "note:")));
        }
        for help in &self.help {
            text.push_str(&format!("{} {help}\n", paint(HELP, "help:")));
        }
        text
    }

    /// For programs.
    pub(super) fn json(&self) -> ProblemJson<'_> {
        ProblemJson {
            error: ErrorJson {
                kind: self.kind,
                message: &self.headline,
                server_message: self.server.as_deref(),
                sqlstate: self.sqlstate.as_deref(),
                details: &self.details,
                notes: &self.notes,
                help: &self.help,
                failure: self.failure.as_ref(),
                report: self.report.as_ref(),
                exit_code: self.exit.code(),
            },
        }
    }
}

fn kind(error: &Error) -> &'static str {
    match error {
        Error::Connect(_) => "unreachable",
        Error::NoRuntime { .. } => "no_runtime",
        Error::MissingRight(_) => "missing_right",
        Error::ReadOnly(_) => "read_only",
        Error::Database { .. } | Error::Introspect(_) => "database",
        Error::ServerTooOld { .. } => "server_too_old",
        Error::History(_) => "history",
        Error::Format { .. } | Error::Row { .. } | Error::Operations { .. } => "data",
        Error::NotAsRecorded { .. } | Error::NotRepaired { .. } => "drift",
        Error::NotSql { .. } | Error::NoScript { .. } => "not_sql",
        Error::BadUrl { .. } => "bad_url",
        Error::Distrusted { .. } => "distrusted",
        Error::OtherApplication { .. } => "other_application",
        Error::LongName { .. } => "long_name",
        Error::Immovable { .. } => "immovable",
        Error::NoSchema { .. } => "no_schema",
        Error::ExtensionElsewhere(_) => "extension_elsewhere",
        Error::Stale { .. } => "stale",
        Error::LockBusy { .. } | Error::HistoryHeld { .. } | Error::ToolBusy { .. } => "lock_busy",
        Error::NotAdopted(_) => "not_adopted",
        Error::LockLost { .. } => "lock_lost",
        Error::Failed(_) => "failed",
    }
}

/// What the causes say that the error itself does not repeat.
fn cause_text(error: &Error) -> Option<String> {
    let mut texts = Vec::new();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        match cause.downcast_ref::<sqlx::Error>() {
            Some(driver) => {
                texts.push(driver_text(driver));
                break;
            }
            None => texts.push(cause.to_string()),
        }
        source = cause.source();
    }
    (!texts.is_empty()).then(|| texts.join("\n"))
}

/// What the server or the Rust function said.
fn failed_text(failure: &Failure) -> Option<String> {
    match &failure.cause {
        Cause::Database(source) | Cause::TookTooLong { source, .. } => Some(driver_text(source)),
        Cause::Step(source) => match source.downcast_ref::<sqlx::Error>() {
            Some(driver) => Some(driver_text(driver)),
            None => Some(source.to_string()),
        },
        _ => None,
    }
}

/// What the server said, without the driver's words around it.
fn driver_text(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(source) => match source.try_downcast_ref::<PgDatabaseError>() {
            Some(source) => source.message().to_string(),
            None => source.to_string(),
        },
        sqlx::Error::Io(source) if source.kind() == std::io::ErrorKind::TimedOut => "timed out".to_string(),
        sqlx::Error::Io(source) => source.to_string(),
        other => other.to_string(),
    }
}

fn done_before(report: &Report) -> Vec<String> {
    let mut notes = Vec::new();
    for (done, verb) in [(&report.applied, "applied"), (&report.reverted, "reverted")] {
        let names: Vec<String> = done.iter().map(|done| format!("`{}`", done.migration)).collect();
        match names.as_slice() {
            [] => {}
            [one] => notes.push(format!("{verb} before that: {one}")),
            [first, .., last] => {
                notes.push(format!("{verb} before that: {}, {first} to {last}", count(names.len(), "migration")));
            }
        }
    }
    notes
}

fn way_out(failure: &Failure) -> String {
    let command = failure.direction.code();
    let remedy = match &failure.cause {
        Cause::TookTooLong { limit, .. } => {
            Some(failure.raise(*limit, |seconds| format!("`--statement-timeout {seconds}`")).into())
        }
        _ => failure.remedy(),
    };
    let remedy = remedy.as_deref();
    if failure.segments_done > 0 && failure.direction == Direction::Down {
        let remedy = remedy.map_or_else(|| format!("{},", failure.remedy_or_cause()), str::to_owned);
        return format!("{remedy} and run `{command}` again");
    }
    if failure.is_half_applied() {
        return format!(
            "{} and run `{command}` again; or, if the migration is wrong, undo it with \
             `down --unfinished`, and then correct it",
            failure.remedy_or_cause()
        );
    }
    match (&failure.cause, remedy) {
        (Cause::Data(_) | Cause::NotThere { .. }, _) => format!("check the migration, and run `{command}` again"),
        (_, Some(remedy)) if failure.is_there_already() => format!(
            "{remedy} and run `{command}` again; or, if the whole database was created by something else, or its \
             history was lost, record it with `baseline`"
        ),
        (_, Some(remedy)) => format!("{remedy} and run `{command}` again; nothing of `{}` was kept", failure.migration),
        (_, None) => format!(
            "nothing of `{}` was kept: correct the migration or the data, and run `{command}` again",
            failure.migration
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use migrate_core::history::{HistoryError, MigrationName};
    use migrate_core::plan::Place;

    use super::*;
    use crate::error::FailedStatement;
    use crate::event::{Blocker, LockHolder};
    use crate::report::Completed;

    fn name(version: i64, name: &str) -> MigrationName {
        MigrationName { version, name: name.to_string(), leading_zeros: 0 }
    }

    fn shown(failed: Failed) -> String {
        let problem = Problem::of(&failed);
        let text = anstream::adapter::strip_str(&problem.render()).to_string();
        let json = serde_json::to_string_pretty(&problem.json()).unwrap();
        format!("{text}\n{json}\nexit {}", problem.exit.code())
    }

    fn failure(cause: Cause, segments_done: usize) -> Failed {
        Failed::Runtime(Error::Failed(Box::new(Failure {
            migration: name(3, "bookings"),
            direction: Direction::Up,
            statement: Some(FailedStatement {
                sql: "ALTER TABLE public.bookings ADD COLUMN total numeric(12, 2)".into(),
                place: Place { file: "migrations/0003_bookings.rs".into(), line: 12, column: 9 },
                index: 2,
                total: 4,
            }),
            cause,
            segments_done,
            segments: 3,
            stands_alone: false,
            report: Report {
                applied: vec![
                    Completed { migration: name(1, "users"), elapsed: Duration::from_millis(5), loses: Vec::new() },
                    Completed { migration: name(2, "trips"), elapsed: Duration::from_millis(7), loses: Vec::new() },
                ],
                ..Report::default()
            },
        })))
    }

    #[test]
    fn a_failed_statement_shows_what_where_what_was_done_and_what_to_do() {
        insta::assert_snapshot!(shown(failure(Cause::Step("the file has no header".into()), 0)));
    }

    #[test]
    fn a_blocked_statement_names_the_blockers_and_has_its_own_exit_code() {
        let blocker = Blocker {
            pid: Some(4711),
            application_name: "reports".into(),
            user: "app".into(),
            state: "idle in transaction".into(),
            query: "SELECT * FROM bookings".into(),
            is_autovacuum: false,
            prevents_wraparound: false,
            age: Some(Duration::from_secs(93)),
            mode: "ACCESS SHARE".into(),
            table: "public.bookings".into(),
        };
        let cause = Cause::Blocked { waited: Duration::from_secs(600), attempts: 211, blockers: vec![blocker] };
        insta::assert_snapshot!(shown(failure(cause, 1)));
    }

    #[test]
    fn a_busy_lock_says_who_has_it() {
        let holder = LockHolder {
            pid: 12,
            application_name: "migrate: 3_bookings 1/2".into(),
            client: "10.0.0.7".into(),
            held_for: Duration::from_secs(40),
            silent_for: None,
        };
        let error = Error::LockBusy { waited: Duration::from_secs(30), holder: Some(Box::new(holder)) };
        insta::assert_snapshot!(shown(Failed::Runtime(error)));
    }

    #[test]
    fn an_unknown_target_names_the_nearest() {
        let error = HistoryError::UnknownTarget { version: 4, nearest: vec![name(3, "bookings"), name(5, "hotels")] };
        insta::assert_snapshot!(shown(Failed::Runtime(error.into())));
    }

    #[test]
    fn a_missing_database_says_what_to_type() {
        insta::assert_snapshot!(shown(Failed::NoDatabase));
    }

    #[test]
    fn an_unreachable_server_is_named_without_the_password() {
        let server = Server { address: "db:5432".into(), user: "app".into(), database: "shop".into() };
        let source = sqlx::Error::Io(std::io::ErrorKind::ConnectionRefused.into());
        insta::assert_snapshot!(shown(Failed::Unreachable { server, source }));
    }

    #[test]
    fn an_interruption_says_that_it_is_safe() {
        insta::assert_snapshot!(shown(Failed::Interrupted { command: "up" }));
    }
}
