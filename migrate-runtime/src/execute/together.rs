//! Several migrations in one message: each in a transaction of its own, one round trip for all. The server ends the
//! message at the first error, so those before the error are committed, and nothing after it was begun.
//!
//! Only the last commit waits for the disk, and for standbys that are waited for: what it waits for is the log up to
//! its end, in which the others stand before it. A server that crashes in the middle has some of the first ones, whole,
//! and the next look sees which. Nothing is told or reported before it is on the disk. See
//! <https://www.postgresql.org/docs/current/wal-async-commit.html>.

use std::time::{Duration, Instant};

use migrate_core::plan::{Duration as Grows, Migration, Mode, Work};

use super::transaction::{Attempt, Class, class_of};
use super::{Job, LOG_MARK, Runner, Stop, TransactionSettings};
use crate::connection::millis;
use crate::error::sqlstate;
use crate::event::{Event, Observer, emit};
use crate::message::{Message, MessageError, Part, Reply};
use crate::migrator::Migrator;
use crate::spans;

/// What came of it.
pub(crate) struct Together {
    /// How long each took that is committed: the first ones.
    pub(crate) elapsed: Vec<Duration>,
    /// Why the run cannot go on. Where there is nothing and some are not committed, the next one failed, and can be
    /// run by itself.
    pub(crate) stop: Option<Stop>,
    /// The statement of the next one that somebody cancelled.
    pub(crate) cancelled: Option<(usize, sqlx::Error)>,
}

/// A migration whose COMMIT was answered.
struct Committed {
    elapsed: Duration,
    /// Its statements by their numbers, and how many rows each changed.
    replies: Vec<(usize, u64)>,
}

/// Whether a migration is one transaction of what the compiler wrote and takes no time: then it can be sent with others.
pub(crate) fn fits_together(migrator: &Migrator, migration: &Migration) -> bool {
    let [segment] = migration.up.segments.as_ref() else { return false };
    let is_quick = segment.statements.iter().all(|statement| {
        matches!(statement.work, Work::Sql(_)) && !statement.by_hand && statement.duration == Grows::Constant
    });
    let waits = class_of(segment, migration.footprint.unknown) == Class::Strong && !migrator.settings.peek;
    is_quick && !waits && segment.mode == Mode::Transaction && migrator.settings.observation.is_none()
}

impl Runner<'_> {
    /// Runs migrations that [`fits_together`] says can be sent together, and records them. What happens is told of
    /// those that are committed.
    pub(crate) async fn run_together(&mut self, jobs: &[Job<'_>]) -> Together {
        let message = self.transactions(jobs);
        let began = Instant::now();
        let (mut took, mut replies) = (Duration::ZERO, Vec::new());
        let mut committed: Vec<Committed> = Vec::with_capacity(jobs.len());
        let on_reply = |part: Part, reply: &Reply| match part {
            Part::Statement(number) => replies.push((number, reply.affected)),
            // What the row of the history says: the server sends the answers of a message all at once.
            Part::Record => took = reply.rows.first().and_then(|row| millis(row, 0)).unwrap_or(took),
            Part::Commit => committed.push(Committed { elapsed: took, replies: std::mem::take(&mut replies) }),
            _ => {}
        };
        let Runner { lock, work, .. } = &mut *self;
        let result = lock.while_working(message.send(work, on_reply)).await;
        let (mut stop, mut cancelled) = (None, None);
        if let Err(error) = result {
            let limit = jobs.get(committed.len()).and_then(|job| self.limit(job));
            match self.stop(error) {
                Ok(reason) => stop = Some(reason),
                // A statement that takes too long ends with the same code, after that time.
                Err(MessageError { part: Part::Statement(number), source })
                    if sqlstate(&source) == Some("57014") && limit.is_none_or(|limit| began.elapsed() < limit) =>
                {
                    cancelled = Some((number, source));
                }
                Err(_) => {}
            }
            if !matches!(stop, Some(Stop::Lost(_))) {
                self.rollback().await;
            }
            if stop.is_none() && !committed.is_empty() {
                stop = self.make_durable().await.err();
            }
        }
        if stop.is_some() {
            // A server that crashes now forgets some of them: what is there shows when it is looked, and which is next.
            committed.clear();
            cancelled = None;
        }
        self.progress += committed.len() as u64;
        let observer = self.migrator.settings.observer.as_ref();
        jobs.iter().zip(&committed).for_each(|(job, committed)| tell(job, committed, observer));
        Together { elapsed: committed.iter().map(|one| one.elapsed).collect(), stop, cancelled }
    }

    /// How long a statement of a migration may run, where that is limited.
    fn limit(&self, job: &Job<'_>) -> Option<Duration> {
        let segment = job.script.segments.first()?;
        let is_strong = class_of(segment, job.locks_unknown) == Class::Strong;
        let limit = is_strong.then(|| self.settings_for(job, segment).statement_timeout);
        limit.filter(|limit| !limit.is_zero())
    }

    /// Waits until what is committed is on the disk, by a commit that waits for it.
    async fn make_durable(&mut self) -> Result<(), Stop> {
        self.record_own("wait until what is applied is on the disk", &[LOG_MARK.to_string()]).await
    }

    /// All of their transactions.
    fn transactions(&mut self, jobs: &[Job<'_>]) -> Message {
        let mut message = Message::new();
        for (index, job) in jobs.iter().enumerate() {
            let Some(segment) = job.script.segments.first() else { continue };
            let settings = self.settings_for(job, segment);
            let class = class_of(segment, job.locks_unknown);
            let lock_timeout = match class {
                // By itself an online one waits as long as it takes, and tells who is in its way.
                Class::Strong | Class::Online => settings.lock_timeout,
                Class::Weak => settings.weak_lock_timeout,
            };
            let attempt = Attempt { class, lock_timeout, past_autovacuum: false, at_once: class == Class::Strong };
            // The log is written in its order: the last commit waits for all of them.
            let synchronous = index + 1 == jobs.len();
            let of_transaction = TransactionSettings { synchronous, ..attempt.settings(segment, &settings) };
            let mut limit = of_transaction.statement_timeout;
            self.lock.set_label(job.label());
            message.append(&self.begin(of_transaction));
            for (number, statement) in segment.statements.iter().enumerate() {
                attempt.prepare(&mut message, statement, &mut limit, &settings);
                if let Work::Sql(sql) = &statement.work {
                    message.push(Part::Statement(number), sql);
                }
            }
            for command in job.finish {
                message.push(Part::Record, command);
            }
            message.push(Part::Commit, "COMMIT");
        }
        if let Some(first) = jobs.first() {
            self.lock.set_label(first.label());
        }
        message
    }
}

/// Tells of a migration that is committed what is told of one that runs by itself.
fn tell(job: &Job<'_>, committed: &Committed, observer: Option<&Observer>) {
    let Committed { elapsed, replies } = committed;
    let _migration = spans::migration(&job.run).entered();
    emit(observer, &Event::MigrationStarted { run: job.run.clone(), resumed: false });
    let span =
        job.script.segments.first().map(|segment| spans::transaction(0, segment)).unwrap_or_else(tracing::Span::none);
    span.in_scope(|| {
        if let Some((number, _)) = replies.first() {
            emit(observer, &Event::StatementStarted(job.statement(*number)));
        }
        for (number, rows) in replies {
            let statement = job.statement(*number);
            emit(observer, &Event::StatementFinished { statement, elapsed: None, rows: *rows });
        }
    });
    emit(observer, &Event::MigrationFinished { run: job.run.clone(), elapsed: *elapsed });
}
