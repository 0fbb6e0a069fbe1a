//! Looking at who holds a table before a strong lock on it is asked for.
//!
//! A request for a strong lock makes all later traffic queue behind it. So it is only made when no transaction that
//! has been open for some time holds the table; the short ones end within the lock timeout.

use std::time::{Duration, Instant};

use migrate_core::plan::{LockMode, RelationLock};
use migrate_core::sql::{quote_identifier, quote_literal};
use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use crate::connection::{millis, number, optional_text, text};
use crate::event::{Blocker, Event, MigrationRun, emit};
use crate::lock::timed;
use crate::message::unhurried;
use crate::settings::Settings;

/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// How often it tells that it waits.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// After this time it stops waiting for a moment without holders, if no holder is older than [`BRIEF`]: on a busy
/// table such a moment may never come.
const BUSY_AFTER: Duration = Duration::from_secs(3);

/// See [`BUSY_AFTER`].
const BRIEF: Duration = Duration::from_secs(1);

/// Whether two transactions cannot have these modes at the same time (PostgreSQL manual, table 13.2).
fn conflicts(one: LockMode, other: LockMode) -> bool {
    use LockMode::*;
    let (weak, strong) = if one <= other { (one, other) } else { (other, one) };
    match weak {
        AccessShare => strong == AccessExclusive,
        RowShare => strong >= Exclusive,
        RowExclusive => strong >= Share,
        ShareUpdateExclusive => true,
        Share => strong != Share,
        ShareRowExclusive | Exclusive | AccessExclusive => true,
    }
}

/// What looking came to.
#[derive(Debug)]
pub(crate) enum Peeked {
    /// Queue, with this lock timeout.
    Go(Duration),
    /// Only an autovacuum is in the way, which gives way to a request that has queued for `deadlock_timeout`. Queue, with
    /// this lock timeout.
    PastAutovacuum(Duration),
    /// Old holders were there until the time was up.
    Blocked(Vec<Blocker>),
}

/// The command that makes an autovacuum give way almost at once, where the role may do that; else it takes
/// `deadlock_timeout`, a second, and the table's traffic waits as long.
pub(crate) fn shorten_deadlock_timeout(server_version: u32) -> &'static str {
    if server_version >= 150_000 {
        "SELECT pg_catalog.set_config('deadlock_timeout', '10ms', true) \
         WHERE pg_catalog.has_parameter_privilege('deadlock_timeout', 'SET')"
    } else {
        "SELECT pg_catalog.set_config('deadlock_timeout', '10ms', true) \
         FROM pg_catalog.pg_roles WHERE rolname = current_user AND rolsuper"
    }
}

/// Waits until no old transaction holds what `locks` ask for.
pub(crate) async fn wait_for_tables(
    connection: &mut PgConnection,
    locks: &[RelationLock],
    settings: &Settings,
    run: &MigrationRun,
    deadline: Instant,
) -> Result<Peeked, sqlx::Error> {
    let started = Instant::now();
    let mut told = Instant::now();
    let Some(sql) = holders_sql(locks).filter(|_| settings.peek) else {
        return Ok(Peeked::Go(settings.lock_timeout));
    };
    loop {
        let holders = timed(holders(connection, &sql)).await?;
        // A transaction whose age this role may not see is given the benefit of the doubt: the lock timeout is short.
        let old: Vec<Blocker> = holders
            .into_iter()
            .filter(|holder| holder.pid.is_none() || holder.age.is_some_and(|age| age >= settings.peek_age))
            .collect();
        if old.is_empty() {
            return Ok(Peeked::Go(settings.lock_timeout));
        }
        if old.iter().all(|holder| holder.is_autovacuum && !holder.prevents_wraparound) {
            return Ok(Peeked::PastAutovacuum(settings.autovacuum_lock_timeout));
        }
        let waited = started.elapsed();
        if waited >= BUSY_AFTER && old.iter().all(|holder| holder.age.is_some_and(|age| age < BRIEF)) {
            return Ok(Peeked::Go(settings.lock_timeout));
        }
        if Instant::now() >= deadline {
            return Ok(Peeked::Blocked(old));
        }
        if told.elapsed() >= TELL_EVERY {
            told = Instant::now();
            emit(settings.observer.as_ref(), &Event::WaitingForTable { run: run.clone(), waited, blockers: old });
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// The command that takes a lock at once or fails: it never queues, so nobody waits behind it. It costs a tenth of
/// asking who holds the table: so that is asked only when this one has failed.
pub(crate) fn take_at_once(lock: &RelationLock) -> String {
    let (schema, table) = (quote_identifier(&lock.schema), quote_identifier(&lock.table));
    format!("LOCK TABLE ONLY {schema}.{table} IN {} MODE NOWAIT", lock.mode.name())
}

/// Who holds what `locks` ask for, now.
pub(crate) async fn blockers(
    connection: &mut PgConnection,
    locks: &[RelationLock],
) -> Result<Vec<Blocker>, sqlx::Error> {
    match holders_sql(locks) {
        Some(sql) => holders(connection, &sql).await,
        None => Ok(Vec::new()),
    }
}

async fn holders(connection: &mut PgConnection, sql: &str) -> Result<Vec<Blocker>, sqlx::Error> {
    Ok(unhurried(connection, sql).await?.iter().map(blocker).collect())
}

fn holders_sql(locks: &[RelationLock]) -> Option<String> {
    let wanted: Vec<String> = locks
        .iter()
        .flat_map(|lock| {
            LockMode::ALL.into_iter().filter(|mode| conflicts(lock.mode, *mode)).map(|mode| {
                format!("({}, {}, '{}')", quote_literal(&lock.schema), quote_literal(&lock.table), mode.pg_locks_name())
            })
        })
        .collect();
    if wanted.is_empty() {
        return None;
    }
    Some(format!(
        "SELECT DISTINCT ON (lock.pid, lock.virtualtransaction) \
         lock.pid::text, coalesce(activity.application_name, ''), coalesce(activity.usename::text, ''), \
         coalesce(activity.state, ''), \
         left(regexp_replace(coalesce(activity.query, ''), '[[:space:]]+', ' ', 'g'), 200), \
         (coalesce(activity.backend_type, '') = 'autovacuum worker')::text, \
         (extract(epoch FROM clock_timestamp() - activity.xact_start) * 1000)::text, lock.mode, \
         space.nspname || '.' || class.relname \
         FROM pg_catalog.pg_locks AS lock \
         JOIN pg_catalog.pg_class AS class ON class.oid = lock.relation \
         JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace \
         LEFT JOIN pg_catalog.pg_stat_activity AS activity ON activity.pid = lock.pid \
         WHERE lock.locktype = 'relation' AND lock.granted AND lock.pid IS DISTINCT FROM pg_backend_pid() \
         AND lock.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) \
         AND (space.nspname, class.relname, lock.mode) IN ({}) \
         ORDER BY lock.pid, lock.virtualtransaction, lock.mode",
        wanted.join(", ")
    ))
}

fn blocker(row: &PgRow) -> Blocker {
    let query = text(row, 4);
    let mode = text(row, 7);
    Blocker {
        pid: number(row, 0),
        application_name: text(row, 1),
        user: text(row, 2),
        state: text(row, 3),
        prevents_wraparound: query.contains("to prevent wraparound"),
        query,
        is_autovacuum: text(row, 5) == "true",
        age: optional_text(row, 6).and_then(|_| millis(row, 6)),
        mode: LockMode::from_pg_locks_name(&mode).map_or(mode, |known| known.name().to_string()),
        table: text(row, 8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lock_modes_conflict_as_the_manual_says() {
        use LockMode::*;
        let table = [
            (AccessShare, "-------x"),
            (RowShare, "------xx"),
            (RowExclusive, "----xxxx"),
            (ShareUpdateExclusive, "---xxxxx"),
            (Share, "--xx-xxx"),
            (ShareRowExclusive, "--xxxxxx"),
            (Exclusive, "-xxxxxxx"),
            (AccessExclusive, "xxxxxxxx"),
        ];
        for (mode, row) in table {
            let actual: String =
                LockMode::ALL.into_iter().map(|other| if conflicts(mode, other) { 'x' } else { '-' }).collect();
            assert_eq!(actual, row, "{mode}");
        }
    }
}
