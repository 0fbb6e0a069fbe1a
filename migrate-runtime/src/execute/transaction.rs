//! Segments that are one transaction.

use std::time::{Duration, Instant};

use migrate_core::plan::{Duration as Grows, LockMode, RelationLock, SearchPath, Segment, Statement, Work};
use sqlx::Connection as _;

use super::seen::Seeing;
use super::transaction_settings::milliseconds;
use super::{Job, Runner, Stop, TransactionSettings};
use crate::connection::backoff;
use crate::error::{Cause, is_connection_lost, is_lock_failure, sqlstate, was_cut};
use crate::event::{Event, emit};
use crate::lock::timed;
use crate::message::{Message, MessageError, Part, Reply, SAFE_PATH};
use crate::peek::{self, Peeked};
use crate::settings::Settings;
use crate::step::{BoxError, StepContext};

/// How often a statement may be cut by its timeout: a moment of slowness passes, and the second time it is the statement.
const CUTS: u32 = 2;

/// What a segment waits for, which decides its timeouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Traffic queues behind it: short timeouts.
    Strong,
    /// It waits for other maintenance only, and nobody waits for it: no timeout.
    Online,
    /// It waits for rows.
    Weak,
}

/// How a segment is run once.
pub(super) struct Attempt {
    pub(super) class: Class,
    pub(super) lock_timeout: Duration,
    pub(super) past_autovacuum: bool,
    /// Whether strong locks are taken at once or not at all; see [`peek::take_at_once`].
    pub(super) at_once: bool,
}

impl Attempt {
    /// The settings of its transaction, for its first statement.
    pub(super) fn settings(&self, segment: &Segment, settings: &Settings) -> TransactionSettings {
        let no_limit = Timeouts { lock: self.lock_timeout, statement: Duration::ZERO };
        let timeouts = segment.statements.first().map_or(no_limit, |first| self.timeouts(first, settings));
        TransactionSettings {
            lock_timeout: timeouts.lock,
            statement_timeout: timeouts.statement,
            ..TransactionSettings::RECORD
        }
    }

    /// How long a statement may wait and run. To the server waiting for a lock is running: that comes on top, so that
    /// what is cut was slow itself, and what waits ends with the lock timeout.
    fn timeouts(&self, statement: &Statement, settings: &Settings) -> Timeouts {
        let limit = settings.statement_timeout;
        if self.class != Class::Strong || statement.duration != Grows::Constant || limit.is_zero() {
            return Timeouts { lock: self.lock_timeout, statement: Duration::ZERO };
        }
        let is_longer = self.lock_timeout.is_zero() || (self.lock_timeout > limit && !self.past_autovacuum);
        let lock = if is_longer { limit } else { self.lock_timeout };
        let locks = u32::try_from(statement.locks.len()).unwrap_or(u32::MAX).max(1);
        Timeouts { lock, statement: limit.saturating_add(lock.saturating_mul(locks)) }
    }

    /// Whether it was the timeout of that statement, or of what follows the last one, that ended it.
    pub(super) fn is_cut(
        &self,
        error: &sqlx::Error,
        segment: &Segment,
        statement: Option<usize>,
        settings: &Settings,
        elapsed: Duration,
    ) -> bool {
        let statement = match statement {
            Some(index) => segment.statements.get(index),
            None => segment.statements.last(),
        };
        statement.is_some_and(|statement| was_cut(error, self.timeouts(statement, settings).statement, elapsed))
    }

    /// What goes before a statement: its `search_path` and its timeouts, where others are set, and the locks that are
    /// taken at once.
    pub(super) fn prepare(
        &self,
        message: &mut Message,
        statement: &Statement,
        set: &mut TransactionSettings,
        settings: &Settings,
    ) {
        set_path(message, statement, set, settings);
        let wanted = self.timeouts(statement, settings);
        if wanted.lock != set.lock_timeout {
            set.lock_timeout = wanted.lock;
            message.push(Part::Control, &format!("SET LOCAL lock_timeout = {}", milliseconds(wanted.lock)));
        }
        if wanted.statement != set.statement_timeout {
            set.statement_timeout = wanted.statement;
            message.push(Part::Control, &format!("SET LOCAL statement_timeout = {}", milliseconds(wanted.statement)));
        }
        for lock in statement.locks.iter().filter(|lock| self.at_once && lock.mode.is_strong()) {
            message.push(Part::Held, &peek::take_at_once(lock));
        }
    }
}

/// The timeouts of a statement, as the server is told; without a time there is no limit.
#[derive(Clone, Copy)]
struct Timeouts {
    lock: Duration,
    statement: Duration,
}

/// Sets the `search_path` that a statement runs with, where another one is set. What the compiler wrote names everything
/// with its schema; what a person wrote may not.
pub(crate) fn set_path(
    message: &mut Message,
    statement: &Statement,
    set: &mut TransactionSettings,
    settings: &Settings,
) {
    let path = statement.search_path();
    if path == set.search_path {
        return;
    }
    let before = std::mem::replace(&mut set.search_path, path);
    match path {
        SearchPath::System => {
            message.push(Part::Control, SAFE_PATH);
        }
        SearchPath::Configured => {
            message.push(Part::Control, &settings.set_search_path());
        }
        SearchPath::ConfiguredWhereSafe => {
            if before != SearchPath::System {
                message.push(Part::Control, SAFE_PATH);
            }
            message.push(Part::Control, &settings.set_safe_search_path());
        }
    }
}

/// How an attempt ended that did not succeed.
enum Ended {
    Stop(Stop),
    /// Another transaction has the tables: who it is, and for how long, has to be asked.
    Held,
    /// The statement with that number, and why. No number: COMMIT, or the settings.
    Failed(Option<usize>, Cause),
}

/// How a Rust function ended that did not succeed.
pub(super) enum StepEnded {
    /// The connection of the run is gone, or that of the lock.
    Lost(sqlx::Error),
    Failed(Cause),
}

impl Runner<'_> {
    /// Runs a segment in one transaction; again and again while it does not get its locks.
    pub(super) async fn transaction(&mut self, job: &Job<'_>, index: usize, is_last: bool) -> Result<(), Stop> {
        let Some(segment) = job.script.segments.get(index) else { return Ok(()) };
        let started = Instant::now();
        let deadline = self.settings.deadline();
        let class = class_of(segment, job.locks_unknown);
        let locks: Vec<RelationLock> =
            segment.statements.iter().flat_map(|statement| statement.locks.iter()).cloned().collect();
        let strong: Vec<RelationLock> = locks.iter().filter(|lock| lock.mode.is_strong()).cloned().collect();
        let (mut attempt, mut cuts) = (0, u32::from(job.was_cut));
        // The first attempt finds out by itself, in the same round trip. A rehearsal sees what the statements lock.
        let is_rehearsal = self.migrator.settings.observation.is_some();
        let mut at_once = class == Class::Strong && self.settings.peek && !is_rehearsal && locks_tables_only(segment);
        loop {
            let mut past_autovacuum = false;
            let lock_timeout = match class {
                Class::Online => Duration::ZERO,
                Class::Weak => self.settings.weak_lock_timeout,
                Class::Strong if at_once => self.settings.lock_timeout,
                Class::Strong => match self.peek(job, &strong, deadline).await? {
                    Peeked::Go(timeout) => timeout,
                    Peeked::PastAutovacuum(timeout) => {
                        past_autovacuum = true;
                        timeout
                    }
                    Peeked::Blocked(blockers) => {
                        let cause = Cause::Blocked { waited: started.elapsed(), attempts: attempt, blockers };
                        return Err(self.failed(job, index, first_strong(job, index), cause));
                    }
                },
            };
            attempt += 1;
            let began = Instant::now();
            let this = Attempt { class, lock_timeout, past_autovacuum, at_once: std::mem::take(&mut at_once) };
            let (statement, mut cause) = match self.attempt(job, index, segment, is_last, &this).await {
                Ok(()) => return Ok(()),
                Err(Ended::Held) => {
                    self.rollback().await;
                    attempt -= 1;
                    continue;
                }
                Err(Ended::Stop(stop @ Stop::Lost(_))) => return Err(stop),
                Err(Ended::Stop(stop)) => {
                    self.rollback().await;
                    return Err(stop);
                }
                Err(Ended::Failed(statement, cause)) => (statement, cause),
            };
            self.rollback().await;
            let left = deadline.saturating_duration_since(Instant::now());
            let offset = statement.map(|number| number.saturating_sub(job.statements_before(index)));
            let mut code = retryable(&cause);
            if let Cause::Database(error) = cause {
                cause = if this.is_cut(&error, segment, offset, &self.settings, began.elapsed()) {
                    cuts += 1;
                    code = sqlstate(&error).filter(|_| cuts < CUTS && !left.is_zero()).map(str::to_owned);
                    let locks = held(segment, offset);
                    Cause::TookTooLong { limit: self.settings.statement_timeout, times: cuts, locks, source: error }
                } else {
                    Cause::Database(error)
                };
            }
            let Some(code) = code else {
                return Err(self.failed(job, index, statement, cause));
            };
            if left.is_zero() {
                let Runner { lock, work, .. } = &mut *self;
                let blockers = lock.while_working(peek::blockers(work, &locks)).await.unwrap_or_default();
                let cause = Cause::Blocked { waited: started.elapsed(), attempts: attempt, blockers };
                return Err(self.failed(job, index, statement, cause));
            }
            let after = backoff(attempt - 1, Duration::from_millis(100), Duration::from_secs(2)).min(left);
            self.emit(&Event::Retrying { run: job.run.clone(), attempt, after, sqlstate: code });
            self.lock.while_working(tokio::time::sleep(after)).await;
        }
    }

    async fn peek(&mut self, job: &Job<'_>, strong: &[RelationLock], deadline: Instant) -> Result<Peeked, Stop> {
        let Runner { lock, work, settings, .. } = &mut *self;
        let looking = peek::wait_for_tables(work, strong, settings, &job.run, deadline);
        // Between two looks its session is idle, which must not be taken for an answer that was lost.
        match lock.while_calling(looking).await {
            Ok(peeked) => Ok(peeked),
            Err(error) if is_connection_lost(&error) => Err(Stop::Lost(error)),
            // A role that may not look still migrates; the lock timeout is short.
            Err(_) => Ok(Peeked::Go(settings.lock_timeout)),
        }
    }

    /// Runs a segment once. Where it calls no Rust function it is one message: one round trip.
    async fn attempt(
        &mut self,
        job: &Job<'_>,
        index: usize,
        segment: &Segment,
        is_last: bool,
        this: &Attempt,
    ) -> Result<(), Ended> {
        let mut set = this.settings(segment, &self.settings);
        let mut message = self.begin(set);
        if this.past_autovacuum {
            let version = self.work.server_version_num().unwrap_or(0);
            message.push(Part::Control, peek::shorten_deadlock_timeout(version));
        }
        let first = job.statements_before(index);
        let look = self.migrator.settings.observation.as_ref().map(|seen| seen.command(&self.migrator.settings.schema));
        if let Some(look) = &look {
            message.push(Part::Look(first, true), look);
        }
        for (number, statement) in (first..).zip(segment.statements.iter()) {
            this.prepare(&mut message, statement, &mut set, &self.settings);
            match &statement.work {
                Work::Sql(sql) => {
                    message.push(Part::Statement(number), sql);
                }
                Work::Run(path) => {
                    self.send_statements(job, std::mem::take(&mut message), false).await?;
                    self.step(job, number, path, true).await.map_err(|ended| match ended {
                        StepEnded::Lost(error) => Ended::Stop(Stop::Lost(error)),
                        StepEnded::Failed(cause) => Ended::Failed(Some(number), cause),
                    })?;
                }
                Work::Backfill(_) => {
                    let problem = "a backfill commits its batches, and cannot be part of a transaction".to_string();
                    return Err(Ended::Failed(Some(number), Cause::Data(problem)));
                }
            }
            if let Some(look) = &look {
                set.search_path = SearchPath::System;
                message.push(Part::Control, SAFE_PATH).push(Part::Look(number, false), look);
            }
        }
        // What a Rust function or raw SQL has left is not where records are written.
        message.push(Part::Control, SAFE_PATH);
        if is_last {
            for command in job.finish {
                message.push(Part::Record, command);
            }
        } else {
            let note = self.note_command(job, index + 1, false);
            message.push(Part::Record, &note);
        }
        message.push(Part::Commit, "COMMIT");
        self.send_statements(job, message, this.class == Class::Online).await
    }

    async fn send_statements(&mut self, job: &Job<'_>, message: Message, is_online: bool) -> Result<(), Ended> {
        let observer = self.migrator.settings.observer.as_ref();
        let on_reply = |part: Part, reply: &Reply| {
            if let Part::Statement(number) = part {
                let statement = job.statement(number);
                emit(observer, &Event::StatementFinished { statement, elapsed: None, rows: reply.affected });
            }
        };
        if let Some(number) = message.first_statement() {
            emit(observer, &Event::StatementStarted(job.statement(number)));
        }
        let looks = message.looks();
        let seeing = message.first_statement().filter(|_| is_online).map(|number| job.statement(number));
        let Runner { lock, work, options, settings, .. } = &mut *self;
        let sending = message.send(work, on_reply);
        let result = match seeing {
            Some(statement) => {
                let keys = settings.keys();
                let seeing = Seeing { options, keys, statement, sql: None, observer: settings.observer.as_ref() };
                lock.while_working(seeing.while_running(sending)).await
            }
            None => lock.while_working(sending).await,
        };
        match result {
            Ok(replies) => {
                if let Some(seen) = &self.migrator.settings.observation {
                    for (index, number, is_before) in looks {
                        let rows = replies.get(index).map_or(&[][..], |reply| &reply.rows);
                        seen.record(number, is_before, rows);
                    }
                }
                Ok(())
            }
            Err(error) => Err(match self.stop(error) {
                Ok(stop) => Ended::Stop(stop),
                // Whatever is wrong with the locks, also that this role may not ask for them so: then it is looked.
                Err(MessageError { part: Part::Held, .. }) => Ended::Held,
                Err(MessageError { part: Part::Statement(number), source }) => {
                    Ended::Failed(Some(number), Cause::Database(source))
                }
                Err(MessageError { source, .. }) => Ended::Failed(None, Cause::Database(source)),
            }),
        }
    }

    /// Calls a Rust function.
    pub(super) async fn step(
        &mut self,
        job: &Job<'_>,
        number: usize,
        path: &str,
        in_transaction: bool,
    ) -> Result<(), StepEnded> {
        let function = job.function(path).ok_or_else(|| StepEnded::Failed(Cause::UnknownStep(path.to_string())))?;
        let statement = job.statement(number);
        let observer = self.migrator.settings.observer.as_ref();
        emit(observer, &Event::StatementStarted(statement.clone()));
        let started = Instant::now();
        let mut context = StepContext::new(
            &mut self.work,
            in_transaction,
            self.migrator.settings.default_schema(),
            &statement,
            observer,
        );
        let result = self.lock.while_calling(function(&mut context)).await;
        if in_transaction && result.as_ref().err().is_none_or(|error| !is_lost(error)) {
            // Behind a pooler in transaction mode the session is soon somebody else's, whose statements have the
            // same names. A connection that is lost shows at the next message.
            let _ = timed(self.work.clear_cached_statements()).await;
        }
        if let Err(error) = result {
            return Err(self.step_ended(error).await);
        }
        let elapsed = Some(started.elapsed());
        emit(observer, &Event::StatementFinished { statement, elapsed, rows: 0 });
        Ok(())
    }

    /// What an error of a Rust function means. A connection that it lost may be one of its own, to something else.
    async fn step_ended(&mut self, error: BoxError) -> StepEnded {
        let error = match error.downcast::<sqlx::Error>() {
            Ok(error) => error,
            Err(error) => return StepEnded::Failed(Cause::Step(error)),
        };
        let is_ours =
            is_connection_lost(&error) && (!self.lock.is_held().await || timed(self.work.ping()).await.is_err());
        if is_ours { StepEnded::Lost(*error) } else { StepEnded::Failed(Cause::Step(error)) }
    }
}

pub(super) fn class_of(segment: &Segment, locks_unknown: bool) -> Class {
    let mut locks = segment.statements.iter().flat_map(|statement| statement.locks.iter());
    if locks.any(|lock| lock.mode.is_strong()) {
        return Class::Strong;
    }
    let mut locks = segment.statements.iter().flat_map(|statement| statement.locks.iter());
    if locks.any(|lock| lock.mode == LockMode::ShareUpdateExclusive) {
        return Class::Online;
    }
    if locks_unknown { Class::Strong } else { Class::Weak }
}

/// Whether a command can take the locks of its statements: `LOCK TABLE` takes no materialized views.
fn locks_tables_only(segment: &Segment) -> bool {
    let is_about_view = |statement: &Statement| {
        let Work::Sql(sql) = &statement.work else { return false };
        ["REFRESH", "DROP", "ALTER"]
            .iter()
            .any(|verb| sql.strip_prefix(verb).is_some_and(|rest| rest.starts_with(" MATERIALIZED VIEW ")))
    };
    !segment.statements.iter().any(is_about_view)
}

fn first_strong(job: &Job<'_>, index: usize) -> Option<usize> {
    let segment = job.script.segments.get(index)?;
    let offset = segment.statements.iter().position(|statement| statement.takes_strong_lock())?;
    Some(job.statements_before(index) + offset)
}

/// The strong locks that a transaction has during its statement of that number, or at its end: one for each table.
fn held(segment: &Segment, statement: Option<usize>) -> Vec<String> {
    let run = statement.map_or(segment.statements.len(), |index| index + 1);
    let mut held: Vec<&RelationLock> = Vec::new();
    let locks = segment.statements.iter().take(run).flat_map(|statement| statement.locks.iter());
    for lock in locks.filter(|lock| lock.mode.is_strong()) {
        match held.iter_mut().find(|known| known.schema == lock.schema && known.table == lock.table) {
            Some(known) if known.mode < lock.mode => *known = lock,
            Some(_) => {}
            None => held.push(lock),
        }
    }
    held.iter().map(|lock| format!("{} on {}.{}", lock.mode, lock.schema, lock.table)).collect()
}

fn is_lost(error: &BoxError) -> bool {
    error.downcast_ref::<sqlx::Error>().is_some_and(is_connection_lost)
}

/// The SQLSTATE, if the transaction may succeed a moment later.
fn retryable(cause: &Cause) -> Option<String> {
    let error = match cause {
        Cause::Database(error) => error,
        Cause::Step(error) => error.downcast_ref::<sqlx::Error>()?,
        _ => return None,
    };
    sqlstate(error).filter(|_| is_lock_failure(error)).map(str::to_owned)
}
