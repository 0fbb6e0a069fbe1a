//! `watch`

use std::time::{Duration, Instant};

use migrate_core::history::Direction;
use serde::Serialize;

use super::arguments::seconds;
use super::context::{Context, Failed, Outcome, interrupted};
use super::exit::Exit;
use super::format::{duration, one_line};
use super::json::{self, milliseconds};
use super::style::{FAINT, GOOD, NAME, WAITING, paint};
use crate::event::Blocker;
use crate::watch::{Sight, Watched, WatchedMigration};

/// Show the progress of a running migration, and who is blocking it, until interrupted.
///
/// Needs only the database, so it works from any machine. With --json: one object per line for each look.
#[derive(Clone, Debug, clap::Args)]
pub struct Watch {
    /// Seconds between two looks
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "1")]
    pub interval: Duration,
    /// Stop after this many looks
    #[arg(long, short = 'n', value_name = "N")]
    pub count: Option<u64>,
    /// Stop as soon as no migration is running
    #[arg(long)]
    pub until_idle: bool,
}

/// The rows of a backfill at a look, for the rate.
type Seen = Option<(Instant, u64)>;

impl Watch {
    pub(super) async fn run(self, context: &mut Context) -> Outcome {
        let pool = context.connect().await?;
        let mut seen: Seen = None;
        let mut shown = 0;
        let mut looks = 0;
        loop {
            let watched = tokio::select! {
                watched = context.migrator.watch(&pool) => watched?,
                () = interrupted() => return Ok(Exit::Success),
            };
            looks += 1;
            let rate = rate(&watched, &mut seen);
            if context.options.json {
                context.output.json_line(&watched_json(&watched, rate));
            } else {
                let text = text(&watched, rate);
                if context.output.redraws() && shown > 0 {
                    context.output.result(&format!("\x1b[{shown}A\x1b[J"));
                }
                shown = text.lines().count();
                context.output.result(&text);
            }
            let is_over = self.count.is_some_and(|count| looks >= count);
            if is_over || (self.until_idle && watched.lock.is_none()) {
                return Ok(Exit::Success);
            }
            tokio::select! {
                () = tokio::time::sleep(self.interval) => {}
                () = interrupted() => return Ok::<_, Failed>(Exit::Success),
            }
        }
    }
}

/// The rows a second of a backfill since the last look.
fn rate(watched: &Watched, seen: &mut Seen) -> Option<f64> {
    let rows = watched.migration.as_ref().and_then(|one| one.backfill).map(|backfill| backfill.rows);
    let before = std::mem::replace(seen, rows.map(|rows| (Instant::now(), rows)));
    let ((then, before), rows) = before.zip(rows)?;
    let elapsed = then.elapsed().as_secs_f64();
    (elapsed > 0.0).then(|| rows.saturating_sub(before) as f64 / elapsed)
}

fn text(watched: &Watched, rate: Option<f64>) -> String {
    let Watched { lock, migration, sight, current, .. } = watched;
    let mut lines = Vec::new();
    match lock {
        Some(holder) => lines.push(format!("{} {holder}", paint(GOOD, "migrating:"))),
        None => lines.push("no migration is running".to_string()),
    }
    if let Some(current) = current {
        lines.push(format!("applied: {}", paint(NAME, current)));
    }
    if let Some(migration) = migration {
        lines.push(head(migration, lock.is_some()));
        if let Some(statement) = &migration.statement {
            let sql = one_line(&statement.sql, 110);
            lines.push(paint(FAINT, format!("  statement {} of {}: {sql}", statement.index, statement.total)));
        }
        if let Some(backfill) = &migration.backfill {
            let fraction = backfill.fraction.map_or_else(String::new, |done| format!(", {:.0} %", done * 100.0));
            let rate = rate.map_or_else(String::new, |rate| format!(", {rate:.0} rows/s"));
            lines.push(format!("  backfill: {} rows{fraction}{rate}", backfill.rows));
        }
    }
    lines.extend(of_sight(sight));
    lines.join("\n") + "\n"
}

fn head(migration: &WatchedMigration, is_running: bool) -> String {
    let verb = match (migration.direction, is_running) {
        (Direction::Up, true) => "applying",
        (Direction::Up, false) => "half applied:",
        (Direction::Down, true) => "reverting",
        (Direction::Down, false) => "half reverted:",
    };
    let parts = migration.segments.map_or_else(String::new, |(done, all)| format!(", {done} of {all} parts done"));
    format!("{verb} {}{parts}", paint(NAME, &migration.migration))
}

fn of_sight(sight: &Sight) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(backend) = &sight.backend {
        let wait = if backend.wait.is_empty() { String::new() } else { format!(", waits ({})", backend.wait) };
        let running = duration(backend.running_for);
        lines.push(format!("  backend {}, {} for {running}{wait}", backend.pid, backend.state));
    }
    if let Some(build) = &sight.build {
        lines.push(format!("  {}: {build}", build.command));
    }
    lines.extend(sight.blockers.iter().map(|blocker| paint(WAITING, format!("  blocked by: {blocker}"))));
    if sight.waiting > 0 {
        lines.push(paint(WAITING, format!("  {} waiting for it", sight.waiting)));
    }
    lines.push(paint(FAINT, format!("  {}", sight.connections)));
    lines
}

#[derive(Serialize)]
struct WatchedJson {
    lock: Option<json::Lock>,
    migration: Option<MigrationJson>,
    backend: Option<BackendJson>,
    build: Option<BuildJson>,
    blockers: Vec<BlockerJson>,
    waiting: u64,
    connections: ConnectionsJson,
    current: Option<json::Migration>,
    applied: usize,
}

#[derive(Serialize)]
struct MigrationJson {
    #[serde(flatten)]
    migration: json::Migration,
    direction: &'static str,
    segments_done: Option<usize>,
    segments: Option<usize>,
    statement: Option<StatementJson>,
    backfill: Option<BackfillJson>,
}

#[derive(Serialize)]
struct StatementJson {
    sql: String,
    index: usize,
    total: usize,
    file: String,
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct BackfillJson {
    rows: u64,
    fraction: Option<f64>,
    rows_per_second: Option<f64>,
}

#[derive(Serialize)]
struct BackendJson {
    pid: i32,
    state: String,
    wait: String,
    running_ms: f64,
    query: String,
}

#[derive(Serialize)]
struct BuildJson {
    command: String,
    phase: String,
    fraction: Option<f64>,
    transactions: Option<u64>,
    transactions_ended: Option<u64>,
}

#[derive(Serialize)]
struct BlockerJson {
    pid: Option<i32>,
    application_name: String,
    user: String,
    state: String,
    query: String,
    transaction_ms: Option<f64>,
}

#[derive(Serialize)]
struct ConnectionsJson {
    all: u64,
    active: u64,
    idle_in_transaction: u64,
}

fn watched_json(watched: &Watched, rate: Option<f64>) -> WatchedJson {
    let Sight { backend, build, blockers, waiting, connections } = watched.sight.clone();
    let blocker = |one: Blocker| BlockerJson {
        pid: one.pid,
        application_name: one.application_name,
        user: one.user,
        state: one.state,
        query: one.query,
        transaction_ms: one.age.map(milliseconds),
    };
    let migration = |one: &WatchedMigration| MigrationJson {
        migration: json::Migration::of(&one.migration),
        direction: one.direction.code(),
        segments_done: one.segments.map(|(done, _)| done),
        segments: one.segments.map(|(_, all)| all),
        statement: one.statement.as_ref().map(|statement| StatementJson {
            sql: statement.sql.clone(),
            index: statement.index,
            total: statement.total,
            file: statement.place.file.to_string(),
            line: statement.place.line,
            column: statement.place.column,
        }),
        backfill: one.backfill.map(|backfill| BackfillJson {
            rows: backfill.rows,
            fraction: backfill.fraction,
            rows_per_second: rate,
        }),
    };
    WatchedJson {
        lock: watched.lock.as_ref().map(json::Lock::of),
        migration: watched.migration.as_ref().map(migration),
        backend: backend.map(|backend| BackendJson {
            pid: backend.pid,
            state: backend.state,
            wait: backend.wait,
            running_ms: milliseconds(backend.running_for),
            query: backend.query,
        }),
        build: build.map(|build| BuildJson {
            command: build.command,
            phase: build.phase,
            fraction: build.fraction,
            transactions: build.lockers.map(|(all, _)| all),
            transactions_ended: build.lockers.map(|(_, ended)| ended),
        }),
        blockers: blockers.into_iter().map(blocker).collect(),
        waiting,
        connections: ConnectionsJson {
            all: connections.all,
            active: connections.active,
            idle_in_transaction: connections.idle_in_transaction,
        },
        current: watched.current.as_ref().map(json::Migration::of),
        applied: watched.applied,
    }
}
