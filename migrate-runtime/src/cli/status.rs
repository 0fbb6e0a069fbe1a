//! `status`

use migrate_core::history::{Direction, State};
use serde::Serialize;

use super::context::{Context, Outcome, Server};
use super::exit::Exit;
use super::format::{count, duration, server_version, time};
use super::json::{self, milliseconds};
use super::many::ManyArguments;
use super::style::{BAD, FAINT, GOOD, HELP, NAME, WAITING, paint};
use super::table::{Cell, table};
use crate::status::{self, MigrationStatus};

/// Show every migration and its state.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Status {
    /// Exit with 3 unless everything is applied
    #[arg(long)]
    pub check: bool,
    /// More than one database.
    #[command(flatten)]
    pub many: ManyArguments,
}

/// What to do about what is half applied.
pub(super) const HALF_APPLIED: &str = "`up` continues what is half applied; `down --unfinished` undoes it";

#[derive(Serialize)]
struct StatusJson<'s> {
    database: &'s str,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<&'s str>,
    server: &'s str,
    server_version: String,
    #[serde(flatten)]
    standing: StandingJson,
}

/// Where a database stands.
#[derive(Serialize)]
pub(super) struct StandingJson {
    current: Option<json::Migration>,
    head: Option<json::Migration>,
    up_to_date: bool,
    applied: usize,
    pending: usize,
    problem: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    adopts: Option<json::Adopted>,
    lock: Option<json::Lock>,
    migrations: Vec<RowJson>,
}

#[derive(Serialize)]
struct RowJson {
    #[serde(flatten)]
    migration: json::Migration,
    state: &'static str,
    kind: Option<String>,
    applied_at: Option<String>,
    duration_ms: Option<f64>,
    segments_done: Option<usize>,
    segments: Option<usize>,
}

impl Status {
    pub(super) async fn run(self, context: &mut Context) -> Outcome {
        if self.many.is_given() {
            return self.run_many(context).await;
        }
        let pool = context.connect().await?;
        let (migrator, progress) = context.with_progress();
        let status = migrator.status(&pool).await;
        drop(progress);
        let status = status?;
        if context.options.json {
            context.output.json(&status_json(&status, &context.server));
        } else {
            context.output.result(&text(&status, &context.server));
        }
        Ok(self.exit(&status))
    }

    async fn run_many(self, context: &mut Context) -> Outcome {
        let databases = self.many.list(context, self.many.at_once).await?;
        let report = context.migrator.status_of_all(databases, self.many.looking()).await;
        let exit = self.many.show(&report, context);
        Ok(report.done().map(|(_, status)| self.exit(status)).fold(exit, Exit::worse))
    }

    fn exit(&self, status: &status::Status) -> Exit {
        if self.check && !status.is_up_to_date() { Exit::Pending } else { Exit::Success }
    }
}

fn text(status: &status::Status, server: &Server) -> String {
    let mut text = format!(
        "database {}{} on {}, PostgreSQL {}\n",
        paint(NAME, &server.database),
        status.schema.as_ref().map_or_else(String::new, |schema| format!(", schema {}", paint(NAME, schema))),
        server.address,
        server_version(status.server_version)
    );
    let name = |name: Option<&migrate_core::history::MigrationName>, none: &str| match name {
        Some(name) => paint(NAME, name),
        None => none.to_string(),
    };
    text.push_str(&format!(
        "current {} -> head {}, {}\n",
        name(status.current.as_ref(), "(none)"),
        name(status.head.as_ref(), "(no migrations)"),
        summary(status)
    ));
    if let Some(lock) = &status.lock {
        text.push_str(&paint(WAITING, format!("migrating now: {lock}")));
        text.push('\n');
    }
    if !status.migrations.is_empty() {
        let rows: Vec<Vec<Cell>> = status.migrations.iter().map(row).collect();
        text.push('\n');
        text.push_str(&table(&["version", "name", "state", "applied (UTC)", "took"], &rows));
    }
    if status.migrations.iter().any(|one| one.state == State::Unfinished(Direction::Up)) {
        text.push_str(&format!("\n{} {HALF_APPLIED}\n", paint(HELP, "help:")));
    }
    match &status.adopts {
        Some(Ok(adopted)) => text.push_str(&format!(
            "\n{} `up` takes over from {}: {} in `{}` recorded as {} here, without running, if the database matches\n",
            paint(HELP, "note:"),
            adopted.tool,
            count(adopted.versions.len(), "migration"),
            adopted.table,
            count(adopted.migrations.len(), "migration")
        )),
        Some(Err(refused)) => {
            text.push_str(&format!("\n{} `up` would refuse: {refused}\n", paint(BAD, "problem:")));
        }
        None => {}
    }
    if let Some(problem) = &status.problem {
        text.push_str(&format!("\n{} `up` would refuse: {problem}\n", paint(BAD, "problem:")));
    }
    text
}

fn summary(status: &status::Status) -> String {
    let pending = status.pending().count();
    let unfinished = status.migrations.iter().filter(|one| matches!(one.state, State::Unfinished(_))).count();
    match (unfinished, pending) {
        (0, 0) if status.problem.is_some() => paint(BAD, "with a problem"),
        (0, 0) => paint(GOOD, "up to date"),
        (0, _) => paint(WAITING, format!("{pending} pending")),
        (_, 0) => paint(WAITING, format!("{} started", count(unfinished, "migration"))),
        _ => paint(WAITING, format!("{} started, {pending} pending", count(unfinished, "migration"))),
    }
}

fn row(one: &MigrationStatus) -> Vec<Cell> {
    let is_baseline = one.row.as_ref().is_some_and(|row| row.kind == "baseline");
    let parts = one.segments.map_or_else(String::new, |(done, all)| format!(", {done} of {all} parts"));
    let (state, style) = match one.state {
        State::Applied if is_baseline => ("applied (baseline)".to_string(), GOOD),
        State::Applied => ("applied".to_string(), GOOD),
        State::Pending => ("pending".to_string(), WAITING),
        State::OutOfOrder => ("pending, out of order".to_string(), WAITING),
        State::Missing => ("missing: not in this binary".to_string(), WAITING),
        State::Modified => ("modified since it was applied".to_string(), BAD),
        State::Unfinished(Direction::Up) => (format!("half applied{parts}"), WAITING),
        State::Unfinished(Direction::Down) => (format!("half reverted{parts}"), WAITING),
    };
    let (at, took) = match &one.row {
        Some(row) => (time(&row.applied_at), duration(row.duration)),
        None => (String::new(), String::new()),
    };
    vec![
        Cell::new(one.migration.version_as_written()),
        Cell::new(&one.migration.name).styled(NAME),
        Cell::new(state).styled(style),
        Cell::new(at).styled(FAINT),
        Cell::new(took).styled(FAINT).right(),
    ]
}

impl StandingJson {
    /// With the migrations of some states.
    pub(super) fn of(status: &status::Status, shown: impl Fn(State) -> bool) -> Self {
        let row_json = |one: &MigrationStatus| RowJson {
            migration: json::Migration::of(&one.migration),
            state: json::state(one.state),
            kind: one.row.as_ref().map(|row| row.kind.clone()),
            applied_at: one.row.as_ref().map(|row| row.applied_at.clone()),
            duration_ms: one.row.as_ref().map(|row| milliseconds(row.duration)),
            segments_done: one.segments.map(|(done, _)| done),
            segments: one.segments.map(|(_, all)| all),
        };
        let refused = status.adopts.as_ref().and_then(|adopts| adopts.as_ref().err()).map(ToString::to_string);
        StandingJson {
            current: status.current.as_ref().map(json::Migration::of),
            head: status.head.as_ref().map(json::Migration::of),
            up_to_date: status.is_up_to_date(),
            applied: applied(status),
            pending: status.pending().count(),
            problem: refused.or_else(|| status.problem.as_ref().map(ToString::to_string)),
            adopts: status.adopts.as_ref().and_then(|adopts| adopts.as_ref().ok()).map(json::Adopted::of),
            lock: status.lock.as_ref().map(json::Lock::of),
            migrations: status.migrations.iter().filter(|one| shown(one.state)).map(row_json).collect(),
        }
    }
}

/// How many are applied, whatever is to say of them beside that.
pub(super) fn applied(status: &status::Status) -> usize {
    let is_applied = |one: &&MigrationStatus| matches!(one.state, State::Applied | State::Modified | State::Missing);
    status.migrations.iter().filter(is_applied).count()
}

fn status_json<'s>(status: &'s status::Status, server: &'s Server) -> StatusJson<'s> {
    StatusJson {
        database: &server.database,
        schema: status.schema.as_deref(),
        server: &server.address,
        server_version: server_version(status.server_version),
        standing: StandingJson::of(status, |_| true),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use migrate_core::history::{HistoryError, MigrationName};

    use super::*;
    use crate::event::LockHolder;
    use crate::status::HistoryRow;

    fn one(version: i64, name: &str, state: State, is_applied: bool) -> MigrationStatus {
        let row = HistoryRow {
            version,
            name: name.into(),
            checksum: "00".into(),
            kind: if version == 1 { "baseline" } else { "applied" }.into(),
            applied_at: "2026-03-12T10:00:00.123Z".into(),
            applied_by: "app".into(),
            application: "pathavana".into(),
            client: String::new(),
            duration: Duration::from_millis(12),
            tool_version: "0.1.0".into(),
        };
        MigrationStatus {
            migration: MigrationName { version, name: name.into(), leading_zeros: 0 },
            state,
            row: is_applied.then_some(row),
            segments: matches!(state, State::Unfinished(_)).then_some((1, 3)),
        }
    }

    fn every_state() -> status::Status {
        let name = |version, name: &str| MigrationName { version, name: name.into(), leading_zeros: 0 };
        status::Status {
            migrations: vec![
                one(1, "users", State::Applied, true),
                one(2, "trips", State::Applied, true),
                one(3, "bookings", State::Modified, true),
                one(4, "hotels", State::OutOfOrder, false),
                one(5, "flights", State::Missing, true),
                one(6, "booking_currency", State::Unfinished(Direction::Up), false),
                one(7, "payments", State::Pending, false),
            ],
            schema: None,
            head: Some(name(7, "payments")),
            current: Some(name(5, "flights")),
            lock: Some(LockHolder {
                pid: 99,
                application_name: "migrate: 6_booking_currency 1/2".into(),
                client: "10.0.0.7".into(),
                held_for: Duration::from_secs(12),
                silent_for: None,
            }),
            adopts: None,
            problem: Some(HistoryError::NothingToRevert),
            server_version: 150_018,
        }
    }

    #[test]
    fn every_state_is_told_in_words() {
        let server = Server { address: "127.0.0.1:5432".into(), user: "app".into(), database: "shop".into() };
        let text = text(&every_state(), &server);
        insta::assert_snapshot!(anstream::adapter::strip_str(&text).to_string());
    }

    #[test]
    fn the_json_names_every_state() {
        let server = Server { address: "127.0.0.1:5432".into(), user: "app".into(), database: "shop".into() };
        insta::assert_snapshot!(serde_json::to_string_pretty(&status_json(&every_state(), &server)).unwrap());
    }
}
