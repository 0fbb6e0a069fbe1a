//! What the database shows of a migrator at work: its statement, how far that is, who is in its way, who waits for it.

use std::fmt;
use std::time::Duration;

use migrate_core::sql::quote_literal;
use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use crate::connection::{millis, number, optional_text, text};
use crate::event::Blocker;
use crate::lock::Keys;
use crate::message::{Message, Part, UNHURRIED};

/// How much of a query the server shows to others, at least (`track_activity_query_size`), in bytes.
const SHOWN_QUERY: usize = 99;

/// How the messages begin that are whole transactions.
const BEGIN: &str = "BEGIN ISOLATION LEVEL ";

/// What the database shows about a migration's statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sight {
    /// The backend that runs it; `None` if there is none at this moment, or this role may not see it.
    pub backend: Option<Backend>,
    /// The index that it builds.
    pub build: Option<IndexBuild>,
    /// Whom it waits for.
    pub blockers: Vec<Blocker>,
    /// How many backends wait for it.
    pub waiting: u64,
    /// The connections to the database.
    pub connections: Connections,
}

/// A backend at work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backend {
    /// Its process.
    pub pid: i32,
    /// `active`, `idle in transaction`, ...
    pub state: String,
    /// What it waits for, for example `Lock: virtualxid`; empty if it is working.
    pub wait: String,
    /// How long its statement has been running.
    pub running_for: Duration,
    /// The statement, shortened; empty for a transaction, which is sent as a whole.
    pub query: String,
}

/// How far an index build is, as in `pg_stat_progress_create_index`.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexBuild {
    /// `CREATE INDEX CONCURRENTLY`, ...
    pub command: String,
    /// `building index: scanning table`, `waiting for old snapshots`, ...
    pub phase: String,
    /// How much of the phase is done: 0 to 1; `None` if the phase cannot be measured.
    pub fraction: Option<f64>,
    /// In phases that wait: for how many transactions, and how many of them have ended.
    pub lockers: Option<(u64, u64)>,
}

/// The connections of clients to the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connections {
    /// All of them.
    pub all: u64,
    /// Those that run a statement.
    pub active: u64,
    /// Those that are idle in an open transaction.
    pub idle_in_transaction: u64,
}

impl fmt::Display for IndexBuild {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.phase)?;
        if let Some(fraction) = self.fraction {
            write!(formatter, " {:.0} %", fraction * 100.0)?;
        }
        if let Some((all, done)) = self.lockers {
            write!(formatter, ", {done} of {all} transactions ended")?;
        }
        Ok(())
    }
}

impl fmt::Display for Connections {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Connections { all, active, idle_in_transaction } = self;
        write!(formatter, "{all} connections, {active} active, {idle_in_transaction} idle in transaction")
    }
}

/// Looks once. `statement`: one that stands alone and is running, by which its backend is known; in a transaction it is
/// known by the lock that it holds.
pub(crate) async fn look(
    connection: &mut PgConnection,
    keys: Keys,
    statement: Option<&str>,
) -> Result<Sight, sqlx::Error> {
    let migrator = migrator(keys, statement);
    let since = |column: &str| format!("(extract(epoch FROM clock_timestamp() - {column}) * 1000)::text");
    let mut message = Message::looking();
    message
        .push(Part::Control, UNHURRIED)
        .push(
            Part::Control,
            &format!(
                "{migrator} SELECT activity.pid::text, coalesce(activity.state, ''), \
                 CASE WHEN wait_event_type IN ('Lock', 'LWLock') THEN wait_event_type || ': ' || wait_event END, {}, \
                 left(regexp_replace(coalesce(query, ''), '[[:space:]]+', ' ', 'g'), 400), \
                 build.command, build.phase, build.blocks_total::text, build.blocks_done::text, \
                 build.tuples_total::text, build.tuples_done::text, build.lockers_total::text, \
                 build.lockers_done::text \
                 FROM migrator JOIN pg_catalog.pg_stat_activity AS activity USING (pid) \
                 LEFT JOIN pg_catalog.pg_stat_progress_create_index AS build USING (pid) LIMIT 1",
                since("query_start")
            ),
        )
        .push(
            Part::Control,
            &format!(
                "{migrator} SELECT DISTINCT blocker.pid::text, coalesce(application_name, ''), \
                 coalesce(usename::text, ''), coalesce(state, ''), \
                 left(regexp_replace(coalesce(query, ''), '[[:space:]]+', ' ', 'g'), 200), \
                 (coalesce(backend_type, '') = 'autovacuum worker')::text, {} \
                 FROM migrator, unnest(pg_catalog.pg_blocking_pids(migrator.pid)) AS blocker (pid) \
                 LEFT JOIN pg_catalog.pg_stat_activity AS activity ON activity.pid = blocker.pid",
                since("xact_start")
            ),
        )
        .push(
            Part::Control,
            &format!(
                "{migrator} SELECT count(*)::text, (count(*) FILTER (WHERE state = 'active'))::text, \
                 (count(*) FILTER (WHERE state LIKE 'idle in transaction%'))::text, \
                 (count(*) FILTER (WHERE wait_event_type = 'Lock' AND EXISTS (SELECT FROM migrator \
                 WHERE migrator.pid = ANY (pg_catalog.pg_blocking_pids(activity.pid)))))::text \
                 FROM pg_catalog.pg_stat_activity AS activity \
                 WHERE datname = current_database() AND backend_type = 'client backend'"
            ),
        );
    let replies = message.send(connection, |_, _| {}).await.map_err(|error| error.source)?;
    let rows = |index: usize| replies.get(index + 2).map_or(&[][..], |reply| &reply.rows);
    let own = rows(0).first();
    let counts = rows(2).first();
    let count = |column| counts.and_then(|row| number(row, column)).unwrap_or(0);
    Ok(Sight {
        backend: own.map(backend),
        build: own.and_then(build),
        blockers: rows(1).iter().map(blocker).collect(),
        waiting: count(3),
        connections: Connections { all: count(0), active: count(1), idle_in_transaction: count(2) },
    })
}

/// The backend as a common table expression `migrator (pid)`.
fn migrator(keys: Keys, statement: Option<&str>) -> String {
    let mut sql =
        format!("WITH migrator AS (SELECT pid FROM pg_catalog.pg_locks WHERE {}", keys.transaction_in_pg_locks());
    if let Some(statement) = statement {
        let mut end = statement.len().min(SHOWN_QUERY);
        while !statement.is_char_boundary(end) {
            end -= 1;
        }
        let start = quote_literal(statement.get(..end).unwrap_or_default()).to_string();
        sql.push_str(&format!(
            " UNION SELECT pid FROM pg_catalog.pg_stat_activity WHERE datname = current_database() \
             AND state = 'active' AND pid <> pg_backend_pid() AND starts_with(query, {start})"
        ));
    }
    sql.push(')');
    sql
}

fn backend(row: &PgRow) -> Backend {
    Backend {
        pid: number(row, 0).unwrap_or(0),
        state: text(row, 1),
        wait: text(row, 2),
        running_for: millis(row, 3).unwrap_or_default(),
        query: text(row, 4).strip_prefix(BEGIN).map_or_else(|| text(row, 4), |_| String::new()),
    }
}

fn build(row: &PgRow) -> Option<IndexBuild> {
    let phase = optional_text(row, 6)?;
    let share = |all, done| {
        let (all, done): (u64, u64) = (number(row, all)?, number(row, done)?);
        (all > 0).then(|| (done as f64 / all as f64).min(1.0))
    };
    // The numbers of a phase stay there in the next one.
    let (fraction, lockers) = if phase.starts_with("waiting") {
        (None, number(row, 11).zip(number(row, 12)).filter(|(all, _)| *all > 0))
    } else {
        (share(7, 8).or_else(|| share(9, 10)), None)
    };
    Some(IndexBuild { command: text(row, 5), phase, fraction, lockers })
}

fn blocker(row: &PgRow) -> Blocker {
    let query = text(row, 4);
    Blocker {
        // A prepared transaction has the pid 0 here.
        pid: number(row, 0).filter(|pid| *pid != 0),
        application_name: text(row, 1),
        user: text(row, 2),
        state: text(row, 3),
        prevents_wraparound: query.contains("to prevent wraparound"),
        query,
        is_autovacuum: text(row, 5) == "true",
        age: optional_text(row, 6).and_then(|_| millis(row, 6)),
        mode: String::new(),
        table: String::new(),
    }
}
