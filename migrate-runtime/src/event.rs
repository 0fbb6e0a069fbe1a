//! What happens, as it happens.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use migrate_core::history::{Direction, MigrationName};
use migrate_core::plan::Place;

use crate::report::{Adopted, Report};
use crate::watch::Sight;

/// What the runtime reports while it works. Delivered to the observer ([`crate::Migrator::on_event`]), and as `tracing`
/// events.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// Another process is migrating this database. Reported at once, and then about once a second.
    WaitingForLock {
        /// Since when.
        waited: Duration,
        /// Who has the lock; `None` if it has just been released.
        holder: Option<LockHolder>,
    },
    /// Others have locked the history tables. Reported about once a second until they are free, or the run gives up.
    WaitingForHistory {
        /// Since when.
        waited: Duration,
        /// Who has locked them.
        blockers: Vec<Blocker>,
    },
    /// The previous tool is migrating this database. Reported at once, and then about once a second.
    WaitingForTool {
        /// The tool.
        tool: &'static str,
        /// Since when.
        waited: Duration,
        /// Who has its lock, if known.
        holder: Option<LockHolder>,
    },
    /// What another tool has applied was recorded, without running it.
    Adopted(Adopted),
    /// This process may change the database.
    LockAcquired {
        /// After this time.
        waited: Duration,
    },
    /// The history tables were created by an older version of this library, and are upgraded to the format of this one.
    UpgradingTables {
        /// The schema of the tables.
        schema: String,
        /// Their format.
        from: i32,
        /// The new one.
        to: i32,
    },
    /// Comments on objects were changed in the source of applied migrations, and are set.
    CommentsChanged {
        /// The migrations.
        migrations: Vec<MigrationName>,
        /// How many comments there are.
        comments: usize,
    },
    /// A migration begins.
    MigrationStarted {
        /// Which, and where in this run.
        run: MigrationRun,
        /// It was started before: it continues where it stopped.
        resumed: bool,
    },
    /// A statement was sent.
    StatementStarted(StatementRun),
    /// A statement is taking long. Reported about once a second for statements that run alone, and for transactions
    /// that block nobody, such as validations.
    StatementProgress {
        /// Which.
        statement: StatementRun,
        /// How long it has been running.
        elapsed: Duration,
        /// What the server shows about it.
        sight: Sight,
    },
    /// A statement is done. Inside a transaction, the results arrive together, so `elapsed` is known only for
    /// statements that are sent alone.
    StatementFinished {
        /// Which.
        statement: StatementRun,
        /// How long it took.
        elapsed: Option<Duration>,
        /// Rows inserted, updated or deleted.
        rows: u64,
    },
    /// Transactions of others hold a table that a statement needs exclusively. Reported about once a second.
    WaitingForTable {
        /// Which migration waits.
        run: MigrationRun,
        /// Since when.
        waited: Duration,
        /// Who holds it.
        blockers: Vec<Blocker>,
    },
    /// A transaction was rolled back because it did not get a lock in time; it will be retried.
    Retrying {
        /// Which migration.
        run: MigrationRun,
        /// How often it has been tried.
        attempt: u32,
        /// When it will be retried.
        after: Duration,
        /// The SQLSTATE that ended the attempt.
        sqlstate: String,
    },
    /// An index that an interrupted or failed build left behind is dropped, and will be built again.
    RebuildingIndex {
        /// Which migration.
        run: MigrationRun,
        /// The index, with its schema.
        index: String,
    },
    /// A backfill has made progress.
    BackfillProgress {
        /// Which statement.
        statement: StatementRun,
        /// Where it stands.
        progress: BackfillProgress,
    },
    /// A backfill is throttled to make room for others.
    Throttled {
        /// Which statement.
        statement: StatementRun,
        /// For whom.
        throttle: Throttle,
        /// When it continues, or checks again.
        after: Duration,
    },
    /// A Rust function reports how far it is.
    StepProgress {
        /// Which statement.
        statement: StatementRun,
        /// Where it stands.
        progress: StepProgress,
    },
    /// A migration is done, and recorded.
    MigrationFinished {
        /// Which.
        run: MigrationRun,
        /// How long it took in this process.
        elapsed: Duration,
    },
    /// The database was empty: these migrations were applied in one transaction, as their resulting schema.
    Folded {
        /// How many migrations.
        migrations: usize,
        /// How many the run has.
        total: usize,
        /// How many statements replaced them.
        statements: usize,
        /// How long they took.
        elapsed: Duration,
    },
    /// The transaction that was to replace some migrations failed, and was rolled back; they are applied as written.
    NotFolded {
        /// How many migrations.
        migrations: usize,
        /// What was reported.
        reason: String,
    },
    /// A connection was lost; the run checks what became of its last transaction, and continues.
    Reconnecting {
        /// What was reported about it.
        reason: String,
    },
    /// Everything asked for is done.
    Finished(Report),
}

/// A migration within a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationRun {
    /// The migration.
    pub migration: MigrationName,
    /// Up or down.
    pub direction: Direction,
    /// From 1.
    pub index: usize,
    /// How many the run has.
    pub total: usize,
}

/// A statement within a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementRun {
    /// The migration.
    pub run: MigrationRun,
    /// From 1, counted over all segments.
    pub index: usize,
    /// How many the migration has in this direction.
    pub total: usize,
    /// The SQL, in one line, shortened.
    pub sql: String,
    /// Where in the source it comes from.
    pub place: Place,
}

/// How far a backfill is.
#[derive(Clone, Debug, PartialEq)]
pub struct BackfillProgress {
    /// Rows changed so far, over all attempts.
    pub rows: u64,
    /// Rows changed per second in this process.
    pub rows_per_second: f64,
    /// How much of the table has been processed: 0 to 1, from the planner's estimate of its rows.
    pub fraction: Option<f64>,
    /// The remaining time at this rate.
    pub remaining: Option<Duration>,
}

/// How far a Rust function is, in its own unit.
#[derive(Clone, Debug, PartialEq)]
pub struct StepProgress {
    /// Done.
    pub done: u64,
    /// Of these.
    pub total: u64,
    /// Done per second, since its first report.
    pub per_second: f64,
    /// The remaining time at this rate.
    pub remaining: Option<Duration>,
}

impl StepProgress {
    /// `before` was done when it first told, `elapsed` ago.
    pub(crate) fn new(done: u64, total: u64, before: u64, elapsed: Duration) -> Self {
        let per_second = per_second(done.saturating_sub(before), elapsed);
        StepProgress { done, total, per_second, remaining: remaining(total.saturating_sub(done), per_second) }
    }
}

/// A rate.
pub(crate) fn per_second(done: u64, elapsed: Duration) -> f64 {
    if elapsed.is_zero() { 0.0 } else { done as f64 / elapsed.as_secs_f64() }
}

/// How long it takes to do so many at a rate.
pub(crate) fn remaining(left: u64, per_second: f64) -> Option<Duration> {
    (per_second > 0.0).then(|| Duration::from_secs_f64((left as f64 / per_second).min(1e9)))
}

/// Why a backfill is throttled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Throttle {
    /// A standby lags behind.
    Standby {
        /// Its `application_name`.
        name: String,
        /// By this time.
        lag: Duration,
    },
    /// Others wait for rows that it has locked.
    Waiting {
        /// How many.
        count: u64,
    },
}

impl fmt::Display for Throttle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Throttle::Standby { name, lag } => {
                write!(formatter, "the standby `{name}` lags by {:.1} s", lag.as_secs_f64())
            }
            Throttle::Waiting { count } => write!(formatter, "sessions waiting for rows that it has locked: {count}"),
        }
    }
}

/// Who holds the migration lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockHolder {
    /// The backend.
    pub pid: i32,
    /// Its `application_name`, which names the current migration.
    pub application_name: String,
    /// Its address; empty for a local socket.
    pub client: String,
    /// For how long it has had the lock.
    pub held_for: Duration,
    /// For how long it has been silent, on all connections; `None` if this role may not see that.
    pub silent_for: Option<Duration>,
}

/// A process that works says something each second. One that does not is frozen, or calls a Rust function that blocks.
const SILENT: Duration = Duration::from_secs(15);

impl fmt::Display for LockHolder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "backend {} ({}", self.pid, self.application_name)?;
        if !self.client.is_empty() {
            write!(formatter, ", from {}", self.client)?;
        }
        write!(formatter, "), for {:.1} s", self.held_for.as_secs_f64())?;
        if let Some(silent) = self.silent_for.filter(|silent| *silent >= SILENT) {
            write!(
                formatter,
                ", silent for {:.0} s: `SELECT pg_terminate_backend({})` lets another process continue",
                silent.as_secs_f64(),
                self.pid
            )?;
        }
        Ok(())
    }
}

/// Who holds a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// The backend; `None` for a prepared transaction.
    pub pid: Option<i32>,
    /// Its `application_name`.
    pub application_name: String,
    /// Its role.
    pub user: String,
    /// `active`, `idle in transaction`, ...; empty if this role may not see it.
    pub state: String,
    /// Its current or last query, shortened.
    pub query: String,
    /// Whether it is an autovacuum worker, which yields after `deadlock_timeout`, ...
    pub is_autovacuum: bool,
    /// ... unless it prevents a wraparound of transaction ids.
    pub prevents_wraparound: bool,
    /// For how long its transaction has been open; `None` when this role may not see it.
    pub age: Option<Duration>,
    /// The mode of its lock, as in `LOCK TABLE`; empty if the wait is not for a table, but for the end of a
    /// transaction.
    pub mode: String,
    /// The table, with its schema; empty as `mode` is.
    pub table: String,
}

impl fmt::Display for Blocker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pid {
            Some(pid) => write!(formatter, "backend {pid}")?,
            None => formatter.write_str("a prepared transaction")?,
        }
        if self.is_autovacuum {
            formatter.write_str(" (autovacuum")?;
            if self.prevents_wraparound {
                formatter.write_str(" to prevent wraparound")?;
            }
            formatter.write_str(")")?;
        } else if !self.user.is_empty() {
            write!(formatter, " ({}", self.user)?;
            if !self.application_name.is_empty() {
                write!(formatter, ", {}", self.application_name)?;
            }
            formatter.write_str(")")?;
        }
        if !self.table.is_empty() {
            write!(formatter, " holds {} on {}", self.mode, self.table)?;
        }
        if let Some(age) = self.age {
            write!(formatter, ", transaction open for {:.1} s", age.as_secs_f64())?;
        }
        if !self.state.is_empty() {
            write!(formatter, ", {}", self.state)?;
        }
        if !self.query.is_empty() {
            write!(formatter, ": {}", self.query)?;
        }
        Ok(())
    }
}

/// Receives the events. Called between statements: it should be quick, and must not block.
pub type Observer = Arc<dyn Fn(&Event) + Send + Sync>;

/// Delivers an event to the log and to the observer.
pub(crate) fn emit(observer: Option<&Observer>, event: &Event) {
    log(event);
    if let Some(observer) = observer {
        observer(event);
    }
}

fn log(event: &Event) {
    match event {
        Event::WaitingForLock { waited, holder } => {
            let holder = holder.as_ref().map(ToString::to_string).unwrap_or_default();
            tracing::info!(target: "migrate", waited_ms = millis(*waited), holder, "waiting for the migration lock");
        }
        Event::WaitingForHistory { waited, blockers } => {
            let first = blockers.first().map(ToString::to_string).unwrap_or_default();
            tracing::warn!(target: "migrate", waited_ms = millis(*waited), first, "waiting for the history tables");
        }
        Event::WaitingForTool { tool, waited, holder } => {
            let holder = holder.as_ref().map(ToString::to_string).unwrap_or_default();
            tracing::info!(target: "migrate", waited_ms = millis(*waited), tool, holder, "waiting for another tool");
        }
        Event::Adopted(adopted) => tracing::info!(
            target: "migrate", tool = adopted.tool, versions = adopted.versions.len(),
            migrations = adopted.migrations.len(), "database taken over"
        ),
        Event::LockAcquired { waited } => {
            tracing::debug!(target: "migrate", waited_ms = millis(*waited), "migration lock acquired");
        }
        Event::UpgradingTables { schema, from, to } => {
            tracing::info!(target: "migrate", schema, from, to, "upgrading the history tables");
        }
        Event::CommentsChanged { migrations, comments } => {
            let names: Vec<String> = migrations.iter().map(ToString::to_string).collect();
            tracing::info!(target: "migrate", migrations = names.join(", "), comments, "comments changed");
        }
        Event::MigrationStarted { run, resumed } => tracing::info!(
            target: "migrate", migration = %run.migration, direction = run.direction.code(), index = run.index,
            total = run.total, resumed, "migration started"
        ),
        Event::StatementStarted(statement) => tracing::debug!(
            target: "migrate", migration = %statement.run.migration, statement = statement.index, sql = statement.sql,
            "statement started"
        ),
        Event::StatementProgress { statement, elapsed, sight } => tracing::info!(
            target: "migrate", migration = %statement.run.migration, statement = statement.index,
            elapsed_ms = millis(*elapsed), phase = sight.build.as_ref().map(|build| build.phase.as_str()),
            fraction = sight.build.as_ref().and_then(|build| build.fraction), blockers = sight.blockers.len(),
            waiting = sight.waiting, connections = sight.connections.all, "statement running"
        ),
        Event::StatementFinished { statement, elapsed, rows } => tracing::debug!(
            target: "migrate", migration = %statement.run.migration, statement = statement.index, rows,
            elapsed_ms = elapsed.map(millis), "statement finished"
        ),
        Event::WaitingForTable { run, waited, blockers } => {
            let first = blockers.first().map(ToString::to_string).unwrap_or_default();
            tracing::warn!(
                target: "migrate", migration = %run.migration, waited_ms = millis(*waited), blockers = blockers.len(),
                first, "waiting for a table"
            );
        }
        Event::Retrying { run, attempt, after, sqlstate } => tracing::info!(
            target: "migrate", migration = %run.migration, attempt, after_ms = millis(*after), sqlstate,
            "lock not acquired in time, retrying"
        ),
        Event::RebuildingIndex { run, index } => {
            tracing::warn!(target: "migrate", migration = %run.migration, index, "dropping an invalid index");
        }
        Event::BackfillProgress { statement, progress } => tracing::info!(
            target: "migrate", migration = %statement.run.migration, statement = statement.index, rows = progress.rows,
            rows_per_second = progress.rows_per_second, remaining_ms = progress.remaining.map(millis), "backfill"
        ),
        Event::Throttled { statement, throttle, after } => tracing::info!(
            target: "migrate", migration = %statement.run.migration, statement = statement.index, reason = %throttle,
            after_ms = millis(*after), "backfill throttled"
        ),
        Event::StepProgress { statement, progress } => tracing::info!(
            target: "migrate", migration = %statement.run.migration, statement = statement.index, done = progress.done,
            total = progress.total, per_second = progress.per_second, remaining_ms = progress.remaining.map(millis), "step"
        ),
        Event::MigrationFinished { run, elapsed } => tracing::info!(
            target: "migrate", migration = %run.migration, direction = run.direction.code(), elapsed_ms = millis(*elapsed),
            "migration finished"
        ),
        Event::Folded { migrations, total, statements, elapsed } => tracing::info!(
            target: "migrate", migrations, total, statements, elapsed_ms = millis(*elapsed), "migrations folded"
        ),
        Event::NotFolded { migrations, reason } => {
            tracing::warn!(target: "migrate", migrations, reason, "migrations not folded");
        }
        Event::Reconnecting { reason } => tracing::warn!(target: "migrate", reason, "connection lost, reconnecting"),
        Event::Finished(report) => tracing::debug!(
            target: "migrate", applied = report.applied.len(), reverted = report.reverted.len(), "finished"
        ),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_that_says_nothing_is_shown_with_the_way_past_it() {
        let mut holder = LockHolder {
            pid: 7,
            application_name: "migrate: 2_two 1/1".into(),
            client: String::new(),
            held_for: Duration::from_secs(60),
            silent_for: Some(Duration::from_secs(2)),
        };
        assert_eq!(holder.to_string(), "backend 7 (migrate: 2_two 1/1), for 60.0 s");
        holder.silent_for = Some(Duration::from_secs(58));
        assert_eq!(
            holder.to_string(),
            "backend 7 (migrate: 2_two 1/1), for 60.0 s, silent for 58 s: \
             `SELECT pg_terminate_backend(7)` lets another process continue"
        );
    }
}
