//! Applying migrations one after the other.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use migrate_core::history::{AppliedMigration, Direction, Kind, MigrationName, Pending, chains_after_insert};
use migrate_core::plan::{Checksum, Migration, Script};

use super::change::needs_journal;
use super::placed;
use crate::error::Cause;
use crate::event::MigrationRun;
use crate::execute::{ELAPSED, Job, Runner, Stop, fits_together};
use crate::history_table::Loaded;
use crate::introspect::Answers;
use crate::journal::{self, JournalRow};
use crate::report::Completed;

/// The most migrations that are sent in one message.
const MOST_TOGETHER: usize = 16;

/// A migration with what its [`Job`] refers to.
struct Prepared<'p> {
    migration: Cow<'p, Migration>,
    begun: Option<JournalRow>,
    /// What there was of what it touches, if it has to be kept.
    before: Option<Answers>,
    /// Its chain, and those of later rows.
    chains: Vec<(i64, Checksum)>,
    finish: Vec<String>,
    script: Cow<'p, Script>,
}

impl Runner<'_> {
    /// Applies them one after the other: those of a run of `total`, after the first `done`. Short ones that stand next
    /// to each other are sent together.
    pub(super) async fn apply_each(
        &mut self,
        pending: &[Pending<'_>],
        loaded: &mut Loaded,
        (done, total): (usize, usize),
    ) -> Result<(), Stop> {
        let mut next = 0;
        while next < pending.len() {
            let rest = pending.get(next..).unwrap_or_default();
            let mut was_cut = false;
            let short = rest.iter().take(MOST_TOGETHER).take_while(|one| self.is_short(one, loaded)).count();
            if short > 1 {
                let group = rest.get(..short).unwrap_or_default();
                let (committed, cut) = self.apply_together(group, loaded, (done + next, total)).await?;
                next += committed;
                was_cut = cut;
                if committed > 0 && !cut {
                    continue;
                }
            }
            // What the others could not take along: by itself it may wait for its locks, and its errors are told.
            let Some(one) = pending.get(next) else { break };
            self.apply_one(one, loaded, (done + next, total), was_cut).await?;
            next += 1;
        }
        Ok(())
    }

    /// Whether nothing has to be decided between this migration and the next one.
    fn is_short(&self, one: &Pending<'_>, loaded: &Loaded) -> bool {
        let is_last = loaded.applied.last().is_none_or(|row| row.version < one.migration.version);
        is_last && !one.begun && fits_together(self.migrator, one.migration)
    }

    /// Applies migrations that are sent together; answers how many of them, the first ones, are applied, and whether the
    /// next one has a statement that took longer than it may.
    async fn apply_together(
        &mut self,
        group: &[Pending<'_>],
        loaded: &mut Loaded,
        (done, total): (usize, usize),
    ) -> Result<(usize, bool), Stop> {
        let mut prepared = Vec::with_capacity(group.len());
        let mut rows = Vec::from_iter(loaded.applied.last().cloned());
        for one in group {
            let one = self.prepare(one.migration, &rows, None)?;
            insert(&mut rows, &one.migration, &one.chains);
            prepared.push(one);
        }
        let jobs: Vec<Job<'_>> =
            prepared.iter().enumerate().map(|(index, one)| self.job(one, (done + index + 1, total), false)).collect();
        let together = self.run_together(&jobs).await;
        let applied = together.elapsed.len();
        for ((one, job), elapsed) in prepared.iter().zip(&jobs).zip(together.elapsed) {
            self.note_applied(one, job, elapsed, loaded);
        }
        if let (Some((statement, source)), Some(job)) = (together.cancelled, jobs.get(applied)) {
            return Err(self.failed(job, 0, Some(statement), Cause::Database(source)));
        }
        together.stop.map_or(Ok((applied, together.cut)), Err)
    }

    async fn apply_one(
        &mut self,
        one: &Pending<'_>,
        loaded: &mut Loaded,
        (done, total): (usize, usize),
        was_cut: bool,
    ) -> Result<(), Stop> {
        let begun = loaded.journal.iter().find(|row| row.unfinished.version == one.migration.version).cloned();
        let mut prepared = self.prepare(one.migration, &loaded.applied, begun)?;
        prepared.before = self.before(one.migration, prepared.begun.as_ref()).await?;
        let job = self.job(&prepared, (done + 1, total), was_cut);
        let started = Instant::now();
        self.run(&job).await?;
        self.note_applied(&prepared, &job, started.elapsed(), loaded);
        Ok(())
    }

    fn prepare<'p>(
        &self,
        migration: &'p Migration,
        applied: &[AppliedMigration],
        begun: Option<JournalRow>,
    ) -> Result<Prepared<'p>, Stop> {
        let chains = chains_after_insert(applied, migration.version, migration.checksum);
        let stored = self.with_stored_down(migration);
        let finish = self.finish_up(&stored, &chains, needs_journal(&migration.up, begun.as_ref()))?;
        let script = placed(&migration.up, self.relocation.as_ref());
        Ok(Prepared { migration: stored, begun, before: None, chains, finish, script })
    }

    /// What the database has of what a migration touches that is about to begin, if the journal is to have a row of it.
    async fn before(&mut self, migration: &Migration, begun: Option<&JournalRow>) -> Result<Option<Answers>, Stop> {
        let footprint = &migration.footprint;
        if begun.is_some() || !needs_journal(&migration.up, begun) || footprint.objects.is_empty() {
            return Ok(None);
        }
        self.answers(footprint).await.map(Some)
    }

    fn job<'p>(&self, prepared: &'p Prepared<'p>, (index, total): (usize, usize), was_cut: bool) -> Job<'p> {
        let Prepared { migration, begun, before, finish, script, .. } = prepared;
        Job {
            run: MigrationRun { migration: MigrationName::of(migration), direction: Direction::Up, index, total },
            checksum: migration.checksum,
            script,
            compiled: &migration.up,
            functions: self.functions(migration.version),
            begun: begun.as_ref(),
            migration: Some(migration),
            before: before.as_ref(),
            there: None,
            finish,
            locks_unknown: migration.footprint.unknown,
            was_cut,
        }
    }

    fn note_applied(&mut self, one: &Prepared<'_>, job: &Job<'_>, elapsed: Duration, loaded: &mut Loaded) {
        let completed = Completed { migration: job.run.migration.clone(), elapsed, loses: Vec::new() };
        self.report.applied.push(completed);
        loaded.journal.retain(|row| row.unfinished.version != one.migration.version);
        insert(&mut loaded.applied, &one.migration, &one.chains);
    }

    /// The commands that record that a migration is applied.
    fn finish_up(
        &self,
        migration: &Migration,
        chains: &[(i64, Checksum)],
        journalled: bool,
    ) -> Result<Vec<String>, Stop> {
        let version = migration.version;
        let duration = if journalled { journal::duration(&self.tables, version) } else { ELAPSED.to_string() };
        let own = chains.first().map_or(Checksum::EMPTY, |(_, chain)| *chain);
        let insert = self.tables.insert(&[self.row(migration, own, Kind::Applied, &duration)]);
        let mut commands = vec![format!("{insert} RETURNING duration_ms::text")];
        commands.extend(self.tables.set_chains(chains.get(1..).unwrap_or_default()));
        if journalled {
            commands.push(journal::forget(&self.tables, version));
        }
        Ok(commands)
    }

    /// What the history has of a migration.
    pub(super) fn row(&self, migration: &Migration, chain: Checksum, kind: Kind, duration: &str) -> String {
        self.tables.row(migration, chain, kind, &self.application, duration)
    }
}

/// Enters a migration among the rows, as the database has it now.
pub(super) fn insert(rows: &mut Vec<AppliedMigration>, migration: &Migration, chains: &[(i64, Checksum)]) {
    let at = rows.partition_point(|row| row.version < migration.version);
    let row = AppliedMigration {
        version: migration.version,
        name: migration.name.to_string(),
        checksum: migration.checksum,
        identity: Some(migration.identity()),
        earlier: Vec::new(),
        chain: Checksum::EMPTY,
        kind: Kind::Applied,
        footprint: migration.footprint.clone(),
        compatibility: migration.compatibility.clone(),
        down: None,
    };
    rows.insert(at, row);
    for row in rows.iter_mut().skip(at) {
        if let Some((_, chain)) = chains.iter().find(|(version, _)| *version == row.version) {
            row.chain = *chain;
        }
    }
}
