//! Updates of many rows, in short transactions.
//!
//! The rows of a window are visited several times, a part of them each time. The versions that one pass leaves dead
//! are pruned when the next one comes by, and it re-uses their room: most updates become HOT, no index is touched,
//! and the table hardly grows. Measured: faster than one single UPDATE, and it blocks nobody for longer than one
//! transaction.
//!
//! Each transaction also writes how far it came, so a restart goes on there, and no row is done twice.

mod keyed;
mod keyless;
mod pace;
mod progress;
mod text;
mod throttle;
mod window;

use std::time::{Duration, Instant};

use migrate_core::plan::{Backfill, SearchPath};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::postgres::PgRow;

use crate::connection::backoff;
use crate::error::{Cause, is_lock_failure, sqlstate};
use crate::event::{BackfillProgress, Event, Throttle};
use crate::execute::{Job, Runner, Stop, TransactionSettings};
use crate::journal;
use crate::message::{Part, Reply, SAFE_PATH, unhurried};
use pace::Pace;
use progress::Done;
use throttle::{Throttling, WAITING_FOR_US};

/// How long a batch waits for rows that others have locked.
const LOCK_TIMEOUT: Duration = Duration::from_secs(1);

/// How often it tells how far it is.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// How often a window is visited: 1 of so many updates finds no room on its page. More visits read the window more often
/// than that saves.
const PASSES: u32 = 8;

/// How far a backfill is: what the journal keeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Checkpoint {
    /// Rows changed; without those of the batch that wrote this.
    rows: u64,
    /// Rows or pages looked at, ...
    looked: u64,
    /// ... and how many that will be in the end, from the planner's statistics.
    #[serde(default)]
    expected: Option<u64>,
    /// The last key at the start; nothing after it is looked at.
    #[serde(default)]
    until: Vec<String>,
    /// Everything up to this key is done.
    #[serde(default)]
    after: Option<Vec<String>>,
    /// The end of the window that is worked at, ...
    #[serde(default)]
    window: Option<Vec<String>>,
    /// ... how often each window is visited, and how often this one was.
    #[serde(default)]
    passes: u32,
    #[serde(default)]
    pass: u32,
    /// Without a key: the table or the partition, the pages of it that are done, ...
    #[serde(default)]
    partition: String,
    #[serde(default)]
    page: u64,
    /// ... the end of the window, and how many pages there were at the start.
    #[serde(default)]
    window_page: u64,
    #[serde(default)]
    pages: u64,
}

impl Checkpoint {
    fn done(&self) -> Done {
        Done { rows: self.rows, looked: self.looked }
    }
}

/// A backfill at work.
struct Work<'a> {
    job: &'a Job<'a>,
    segment: usize,
    number: usize,
    backfill: &'a Backfill,
    checkpoint: Checkpoint,
    pace: Pace,
    started: Instant,
    /// What was done when this process began.
    before: Done,
    told: Instant,
    throttling: Throttling,
}

impl Work<'_> {
    fn progress(&self) -> BackfillProgress {
        self.checkpoint.done().progress(self.before, self.started.elapsed(), self.checkpoint.expected)
    }
}

impl Runner<'_> {
    /// Runs a backfill from where its checkpoint says; answers the rows it changed, over all attempts.
    pub(crate) async fn backfill(
        &mut self,
        job: &Job<'_>,
        (segment, number): (usize, usize),
        backfill: &Backfill,
        checkpoint: Option<&Value>,
    ) -> Result<u64, Stop> {
        let checkpoint: Option<Checkpoint> =
            checkpoint.map(|stored| serde_json::from_value(stored.clone())).transpose().map_err(|error| {
                let cause = Cause::Data(format!("its checkpoint in the journal cannot be read: {error}"));
                self.failed(job, segment, Some(number), cause)
            })?;
        let checkpoint = checkpoint.unwrap_or_default();
        let mut work = Work {
            job,
            segment,
            number,
            backfill,
            before: checkpoint.done(),
            checkpoint,
            pace: Pace::new(backfill.batch),
            started: Instant::now(),
            told: Instant::now(),
            throttling: Throttling::default(),
        };
        if backfill.key.is_empty() {
            self.backfill_keyless(&mut work).await?;
        } else {
            self.backfill_keyed(&mut work).await?;
        }
        let statement = job.statement(number);
        self.emit(&Event::BackfillProgress { statement, progress: work.progress() });
        Ok(work.checkpoint.rows)
    }

    /// Has the server plan a backfill, before it is noted as begun: what is wrong with its statement is told also where
    /// the table has no row.
    pub(crate) async fn try_backfill(
        &mut self,
        job: &Job<'_>,
        (segment, number): (usize, usize),
        backfill: &Backfill,
    ) -> Result<(), Stop> {
        let mut message = self.begin(TransactionSettings { lock_timeout: LOCK_TIMEOUT, ..TransactionSettings::RECORD });
        let update = text::update(backfill, &text::table(backfill), "true");
        message.push(Part::Statement(number), &format!("EXPLAIN {update}"));
        message.push(Part::Control, "ROLLBACK");
        let Err(error) = self.send(message).await else { return Ok(()) };
        let stopped = self.stop(error);
        if !matches!(stopped, Ok(Stop::Lost(_))) {
            self.rollback().await;
        }
        match stopped {
            Ok(stop) => Err(stop),
            // The batches wait for it.
            Err(error) if is_lock_failure(&error.source) => Ok(()),
            Err(error) => Err(self.failed_unbegun(job, segment, Some(number), Cause::Database(error.source))),
        }
    }

    /// Runs an update and writes the checkpoint, in one transaction and one round trip; again while rows are locked.
    /// `next` is the checkpoint after it, but for the number of rows. Answers how many it changed.
    async fn batch(&mut self, work: &mut Work<'_>, update: &str, next: Checkpoint) -> Result<u64, Stop> {
        let settings = TransactionSettings {
            lock_timeout: LOCK_TIMEOUT,
            statement_timeout: Duration::ZERO,
            // A batch that a crash of the server takes back is also taken back in the journal.
            synchronous: false,
            search_path: SearchPath::System,
        };
        // The number of its rows comes with its answer: the checkpoint of the next one has it.
        let next = Checkpoint { rows: work.checkpoint.rows, ..next };
        let deadline = self.settings.deadline();
        let mut attempt = 0;
        self.wait_for_standbys(work).await?;
        loop {
            let began = Instant::now();
            let version = work.job.run.migration.version;
            let mut message = self.begin(settings);
            // A backfill is not an update of the application: the triggers of `on update` leave its rows alone.
            message.push(Part::Control, "SET LOCAL migrate.on_update = 'off'");
            let statement = work.job.script.statements().nth(work.number);
            if statement.is_some_and(|statement| statement.search_path() != SearchPath::System) {
                message.push(Part::Control, &self.settings.set_safe_search_path());
            }
            message.push(Part::Statement(work.number), update);
            message.push(Part::Control, SAFE_PATH);
            message.push(Part::Record, &journal::checkpoint(&self.tables, version, &to_json(&next)));
            message.push(Part::Waiting, WAITING_FOR_US);
            message.push(Part::Commit, "COMMIT");
            let (mut rows, mut waiting) = (0, 0);
            let on_reply = |part: Part, reply: &Reply| match part {
                Part::Statement(_) => rows = reply.affected,
                Part::Waiting => waiting = reply.affected,
                _ => {}
            };
            let Runner { lock, work: connection, .. } = &mut *self;
            let result = lock.while_working(message.send(connection, on_reply)).await;
            let error = match result {
                Ok(_) => {
                    let elapsed = began.elapsed();
                    work.checkpoint = Checkpoint { rows: next.rows + rows, ..next };
                    self.progress += 1;
                    if work.told.elapsed() >= TELL_EVERY {
                        work.told = Instant::now();
                        let statement = work.job.statement(work.number);
                        self.emit(&Event::BackfillProgress { statement, progress: work.progress() });
                    }
                    work.pace.took(elapsed);
                    if let Some((throttle, after)) = throttle::pause_for(waiting, elapsed) {
                        work.pace.crowd();
                        self.throttled(work, throttle, after).await;
                    }
                    return Ok(rows);
                }
                Err(error) => error,
            };
            let error = match self.stop(error) {
                Ok(stop) => {
                    if !matches!(stop, Stop::Lost(_)) {
                        self.rollback().await;
                    }
                    return Err(stop);
                }
                Err(error) => error,
            };
            self.rollback().await;
            attempt += 1;
            if !is_lock_failure(&error.source) || Instant::now() >= deadline {
                let cause = match keyless::is_still_true(&error.source) {
                    true => Cause::StillTrue { table: work.backfill.table.to_string() },
                    false => Cause::Database(error.source),
                };
                return Err(self.failed(work.job, work.segment, Some(work.number), cause));
            }
            work.pace.crowd();
            let after = backoff(attempt, Duration::from_millis(50), Duration::from_secs(2));
            let code = sqlstate(&error.source).unwrap_or_default().to_string();
            self.emit(&Event::Retrying { run: work.job.run.clone(), attempt, after, sqlstate: code });
            self.lock.while_working(tokio::time::sleep(after)).await;
        }
    }

    /// Waits while standbys are too far behind.
    async fn wait_for_standbys(&mut self, work: &mut Work<'_>) -> Result<(), Stop> {
        while work.throttling.is_due() {
            let Runner { lock, work: connection, settings, .. } = &mut *self;
            let looking = work.throttling.look(connection, settings.replica_lag);
            let found = match lock.while_working(looking).await {
                Err(error) if crate::error::is_connection_lost(&error) => return Err(Stop::Lost(error)),
                // A role that may not look still migrates.
                found => found.unwrap_or_default(),
            };
            let Some((throttle, after)) = found else { return Ok(()) };
            self.throttled(work, throttle, after).await;
            work.throttling.look_again();
        }
        Ok(())
    }

    async fn throttled(&mut self, work: &Work<'_>, throttle: Throttle, after: Duration) {
        let statement = work.job.statement(work.number);
        self.emit(&Event::Throttled { statement, throttle, after });
        self.lock.while_working(tokio::time::sleep(after)).await;
    }

    /// Asks something about the table. Rows that a policy hides are an error.
    async fn ask(&mut self, work: &Work<'_>, sql: String) -> Result<Vec<PgRow>, Stop> {
        let sql = format!("SET LOCAL row_security = off;\n{sql}");
        let Runner { lock, work: connection, .. } = &mut *self;
        lock.while_working(unhurried(connection, &sql)).await.map_err(|error| {
            if crate::error::is_connection_lost(&error) {
                return Stop::Lost(error);
            }
            self.failed(work.job, work.segment, Some(work.number), Cause::Database(error))
        })
    }
}

fn to_json(checkpoint: &Checkpoint) -> Value {
    serde_json::to_value(checkpoint).unwrap_or_default()
}
