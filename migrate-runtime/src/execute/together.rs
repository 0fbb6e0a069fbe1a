//! Several migrations in one message: each in a transaction of its own, one round trip for all. The server ends the
//! message at the first error, so those before the error are committed, and nothing after it was started.
//!
//! Only the last commit waits for the disk, and for standbys that are waited for: what it waits for is the log up to
//! its end, in which the others stand before it. A server that crashes in the middle has some of the first ones, whole,
//! and the next look sees which. Nothing is told or reported before it is on the disk. See
//! <https://www.postgresql.org/docs/current/wal-async-commit.html>.

use std::time::{Duration, Instant};

use migrate_core::plan::{Duration as Grows, Migration, Mode, Segment, Work};

use super::transaction::{Attempt, Class, class_of};
use super::{Job, LOG_MARK, Runner, Stop, TransactionSettings};
use crate::connection::millis;
use crate::error::sqlstate;
use crate::event::{Event, Observer, emit};
use crate::message::{Message, MessageError, Part, Reply, SAFE_PATH};
use crate::migrator::Migrator;
use crate::settings::Settings;
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
    /// Whether the next one has a statement that took longer than it may.
    pub(crate) cut: bool,
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
        let (mut stop, mut cancelled, mut cut) = (None, None, false);
        if let Err(error) = result {
            let elapsed = began.elapsed();
            match self.stop(error) {
                Ok(reason) => stop = Some(reason),
                Err(MessageError { part, source }) if sqlstate(&source) == Some("57014") => {
                    let number = if let Part::Statement(number) = part { Some(number) } else { None };
                    let next = jobs.get(committed.len());
                    cut = next.is_some_and(|job| self.is_cut(job, number, &source, elapsed));
                    cancelled = number.filter(|_| !cut).map(|number| (number, source));
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
            (cancelled, cut) = (None, false);
        }
        self.progress += committed.len() as u64;
        let observer = self.migrator.settings.observer.as_ref();
        jobs.iter().zip(&committed).for_each(|(job, committed)| tell(job, committed, observer));
        Together { elapsed: committed.iter().map(|one| one.elapsed).collect(), stop, cancelled, cut }
    }

    /// Whether a statement of a migration was ended by its timeout.
    fn is_cut(&self, job: &Job<'_>, number: Option<usize>, error: &sqlx::Error, elapsed: Duration) -> bool {
        let Some(segment) = job.script.segments.first() else { return false };
        let settings = self.settings_for(job, segment);
        attempt(job, segment, &settings).is_cut(error, segment, number, &settings, elapsed)
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
            let attempt = attempt(job, segment, &settings);
            // The log is written in its order: the last commit waits for all of them.
            let synchronous = index + 1 == jobs.len();
            let of_transaction = TransactionSettings { synchronous, ..attempt.settings(segment, &settings) };
            let mut set = of_transaction;
            self.lock.set_label(job.label());
            message.append(&self.begin(of_transaction));
            for (number, statement) in segment.statements.iter().enumerate() {
                attempt.prepare(&mut message, statement, &mut set, &settings);
                if let Work::Sql(sql) = &statement.work {
                    message.push(Part::Statement(number), sql);
                }
            }
            message.push(Part::Control, SAFE_PATH);
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

/// How a migration is run with others.
fn attempt(job: &Job<'_>, segment: &Segment, settings: &Settings) -> Attempt {
    let class = class_of(segment, job.locks_unknown);
    let lock_timeout = match class {
        // By itself an online one waits as long as it takes, and tells who is in its way.
        Class::Strong | Class::Online => settings.lock_timeout,
        Class::Weak => settings.weak_lock_timeout,
    };
    Attempt { class, lock_timeout, past_autovacuum: false, at_once: class == Class::Strong }
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
