//! Running a migration: its segments one after the other, each recorded when it is done.

mod alone;
mod compare;
mod index;
mod job;
mod partition;
mod seen;
mod together;
mod transaction;
mod transaction_settings;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use migrate_core::plan::{Down, Limits, Mode, Relocation, Segment};
use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;
use tracing::Instrument as _;

pub(crate) use job::{Job, describe, one_line};
pub(crate) use together::fits_together;
pub(crate) use transaction::set_path;
pub(crate) use transaction_settings::{ELAPSED, LOG_MARK, SYNCHRONOUS, TransactionSettings};

use crate::connection::connect;
use crate::error::{Cause, Error, is_connection_lost, sqlstate};
use crate::event::{Event, emit};
use crate::history_table::Tables;
use crate::journal;
use crate::lock::{FENCED, Lock, ORPHAN, timed};
use crate::message::{Message, MessageError, Part, SAFE_PATH};
use crate::migrator::Migrator;
use crate::report::Report;
use crate::run::Examine;
use crate::settings::Settings;
use crate::spans;

/// Why running stopped.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The work connection is gone. What became of its last message is not known: look, then go on.
    Lost(sqlx::Error),
    /// The migration lock is gone: get it again, look, then go on.
    LockLost,
    /// A transaction of a migrator that is gone is still open: wait, look, then go on.
    Orphan,
    /// Nothing more can be done.
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        match error {
            Error::Database { source, .. } if is_connection_lost(&source) => Stop::Lost(source),
            error => Stop::Failed(error),
        }
    }
}

/// Runs migrations under the lock, on a connection of its own.
pub(crate) struct Runner<'m> {
    pub(crate) migrator: &'m Migrator,
    /// The migrator's, with the limits of the statements that run.
    pub(crate) settings: Settings,
    pub(crate) options: PgConnectOptions,
    pub(crate) tables: Tables,
    /// How scripts are moved to the schema of a tenant, if there is one.
    pub(crate) relocation: Option<Relocation>,
    /// The downs that are stored with migrations, by version, where they are not those that were compiled.
    pub(crate) downs: BTreeMap<i64, Down>,
    /// What it may ask about catalogs, where it has that.
    pub(crate) examiner: Option<&'static dyn Examine>,
    pub(crate) application: String,
    pub(crate) lock: Lock,
    pub(crate) work: PgConnection,
    pub(crate) report: Report,
    /// Counts what was committed, to see whether an interrupted run gets on at all.
    pub(crate) progress: u64,
}

impl Runner<'_> {
    /// Runs what is left of a migration, and records that it is done.
    pub(crate) async fn run(&mut self, job: &Job<'_>) -> Result<(), Stop> {
        let span = spans::migration(&job.run);
        self.run_segments(job).instrument(span).await
    }

    async fn run_segments(&mut self, job: &Job<'_>) -> Result<(), Stop> {
        let started = Instant::now();
        self.lock.set_label(job.label());
        self.emit(&Event::MigrationStarted { run: job.run.clone(), resumed: job.begun.is_some() });
        let segments = &job.script.segments;
        let first = job.segments_begun();
        if first >= segments.len() {
            self.record(job.finish).await.map_err(|error| self.stop_at(job, segments.len(), error))?;
        }
        for (index, segment) in segments.iter().enumerate().skip(first) {
            let is_last = index + 1 == segments.len();
            self.settings = self.settings_for(job, segment);
            match segment.mode {
                Mode::Transaction => {
                    let span = spans::transaction(index, segment);
                    self.transaction(job, index, is_last).instrument(span).await?;
                }
                Mode::Alone => {
                    let resumed = job.is_running(index);
                    if !resumed {
                        self.try_alone(job, index).await?;
                        self.note(job, index, true).await?;
                    }
                    let checkpoint = job.checkpoint(index);
                    let span = spans::statement(index, segment);
                    let result = self.alone(job, index, resumed, checkpoint).instrument(span).await;
                    match result {
                        Err(Stop::Failed(error)) => return Err(self.forget_unbegun(job, index, error).await),
                        result => result?,
                    }
                    if is_last {
                        self.record(job.finish).await.map_err(|error| self.stop_at(job, index, error))?;
                    } else {
                        self.note(job, index + 1, false).await?;
                    }
                }
            }
            self.progress += 1;
        }
        self.emit(&Event::MigrationFinished { run: job.run.clone(), elapsed: started.elapsed() });
        Ok(())
    }

    /// The settings of the run, with what the source says of these statements, the last one first, and what the program
    /// says of the migration.
    fn settings_for(&self, job: &Job<'_>, segment: &Segment) -> Settings {
        let settings = &self.migrator.settings;
        let of_source = segment.statements.iter().rev().fold(Limits::default(), |all, one| all.or(one.limits));
        let of_program = settings.limits.get(&job.run.migration.version).copied().unwrap_or_default();
        settings.limited(of_program.or(of_source))
    }

    pub(crate) fn emit(&self, event: &Event) {
        emit(self.migrator.settings.observer.as_ref(), event);
    }

    /// Notes in the journal that `segment` segments are done, and whether the next one was started.
    async fn note(&mut self, job: &Job<'_>, segment: usize, running: bool) -> Result<(), Stop> {
        let command = self.note_command(job, segment, running);
        self.record(&[command]).await.map_err(|error| self.stop_at(job, segment, error))
    }

    fn note_command(&self, job: &Job<'_>, segment: usize, running: bool) -> String {
        journal::note(
            &self.tables,
            &job.run.migration,
            job.run.direction,
            job.checksum,
            job.kept(segment),
            (segment, running),
            &self.application,
        )
    }

    /// Runs commands of the runtime's own in one transaction and one round trip.
    pub(crate) async fn record(&mut self, commands: &[String]) -> Result<(), MessageError> {
        let mut message = self.begin(TransactionSettings::RECORD);
        for command in commands {
            message.push(Part::Record, command);
        }
        message.push(Part::Commit, "COMMIT");
        let result = self.send(message).await;
        if result.as_ref().is_err_and(|error| !is_connection_lost(&error.source)) {
            self.rollback().await;
        }
        result
    }

    /// BEGIN, the settings, and the checks that this process may still change the database.
    pub(crate) fn begin(&self, settings: TransactionSettings) -> Message {
        let mut message = Message::new();
        message.push(Part::Control, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
        message.push(Part::Control, SAFE_PATH);
        for command in self.settings_commands(settings) {
            message.push(Part::Control, &command);
        }
        message.push(Part::Guard, &self.guard_command());
        message
    }

    /// Sends a message, while the lock's connection is looked after.
    pub(crate) async fn send(&mut self, message: Message) -> Result<(), MessageError> {
        let Runner { lock, work, .. } = self;
        lock.while_working(message.send(work, |_, _| {})).await.map(|_| ())
    }

    /// Ends a transaction that failed. On a lost connection this does nothing.
    pub(crate) async fn rollback(&mut self) {
        let rollback = crate::message::command(&mut self.work, "ROLLBACK".to_string());
        let _ = tokio::time::timeout(Duration::from_secs(5), rollback).await;
    }

    /// Opens the work connection anew. Where it was idle for too long, while the lock was waited for or before another
    /// try, the next one would be as well, and the run would never get on: so that time is no longer limited.
    pub(crate) async fn reconnect(&mut self) -> Result<(), sqlx::Error> {
        self.work = timed(connect(&self.options, "starting")).await?;
        let unlimited = "SELECT pg_catalog.set_config('idle_session_timeout', '0', false) \
                         WHERE pg_catalog.current_setting('idle_session_timeout') OPERATOR(pg_catalog.<>) '0'";
        timed(crate::message::command(&mut self.work, unlimited.to_string())).await.map(|_| ())
    }

    /// What an error of a record means.
    pub(crate) fn stop_at(&self, job: &Job<'_>, segments_done: usize, error: MessageError) -> Stop {
        self.stop(error).unwrap_or_else(|error| self.failed(job, segments_done, None, Cause::Database(error.source)))
    }

    /// What an error means that is not the migration's own; else the error itself.
    pub(crate) fn stop(&self, error: MessageError) -> Result<Stop, MessageError> {
        match (error.part, sqlstate(&error.source)) {
            _ if is_connection_lost(&error.source) => Ok(Stop::Lost(error.source)),
            // The time that the role's statements may take was over before it was lifted.
            (Part::Control, Some("57014")) => Ok(Stop::Lost(error.source)),
            (Part::Guard, Some(FENCED)) => Ok(Stop::LockLost),
            (Part::Guard, Some(ORPHAN)) => Ok(Stop::Orphan),
            _ => Err(error),
        }
    }

    /// A failure of the migration, before the statement that stands alone was started.
    pub(crate) fn failed_unbegun(
        &self,
        job: &Job<'_>,
        segments_done: usize,
        statement: Option<usize>,
        cause: Cause,
    ) -> Stop {
        match self.failed(job, segments_done, statement, cause) {
            Stop::Failed(error) => Stop::Failed(unbegun(error)),
            stop => stop,
        }
    }

    /// After a failure: a migration of which nothing is done is not under way anymore, in either direction.
    async fn forget_unbegun(&mut self, job: &Job<'_>, segment: usize, error: Error) -> Stop {
        // What is taken back has done something, in the other direction.
        let takes_back = job.begun.is_some_and(|row| row.begun.is_some() && row.script.is_some());
        if segment > 0 || takes_back || !self.left_nothing(job, segment).await {
            return Stop::Failed(error);
        }
        let forget = journal::forget_unbegun(&self.tables, job.run.migration.version);
        match self.record(&[forget]).await {
            Ok(()) => Stop::Failed(unbegun(error)),
            // The next run finds it begun, and looks.
            Err(_) => Stop::Failed(error),
        }
    }

    /// A failure of the migration.
    pub(crate) fn failed(&self, job: &Job<'_>, segments_done: usize, statement: Option<usize>, cause: Cause) -> Stop {
        Stop::Failed(Error::Failed(Box::new(job.failure(segments_done, statement, cause, self.report.clone()))))
    }
}

/// The failure of a migration of which nothing is done, and no journal tells.
fn unbegun(error: Error) -> Error {
    match error {
        Error::Failed(mut failure) => {
            failure.stands_alone = false;
            Error::Failed(failure)
        }
        error => error,
    }
}
