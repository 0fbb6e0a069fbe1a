//! What changes the database, under the lock.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use migrate_core::history::{
    AppliedMigration, Direction, Pending, RevertTarget, Target, There, decide_apply, decide_revert, find,
};
use migrate_core::plan::{Checksum, Migration, Script};
use migrate_core::sql::{quote_identifier, quote_literal};

use super::verb::Verb;
use super::{embedded, placed, unknown};
use crate::connection::{running, text};
use crate::error::{Error, MissingRight, sqlstate};
use crate::event::{Event, MigrationRun};
use crate::execute::{Job, LOG_MARK, Runner, Stop};
use crate::history_table::{FORMAT, Loaded, is_missing_table};
use crate::journal::{self, JournalRow};
use crate::lock::{Keys, timed};
use crate::message::{MessageError, Part, unhurried};
use crate::report::Completed;
use crate::step::StepFunction;
use crate::trust::{self, Use};

/// A backslash in a string is a backslash, whatever the role or the database has set. In a message of its own: the
/// server reads all strings of a message before it runs any of it. (A pooler carries this setting from session to
/// session.)
const PLAIN_STRINGS: &str = "SET standard_conforming_strings = on";

/// What is wanted. Once decided it is kept as a list of versions, so that an interrupted run does no more than it
/// would have done.
#[derive(Clone, Debug)]
pub(crate) enum Goal {
    Apply(Target),
    /// Apply these.
    Listed(BTreeSet<i64>),
    Revert(RevertTarget),
    Verb(Arc<dyn Verb>),
}

impl Runner<'_> {
    /// Looks, decides, does it, and writes the head.
    pub(super) async fn work_at(&mut self, goal: &mut Goal) -> Result<(), Stop> {
        self.reach(goal).await?;
        // Where that is refused all is done nevertheless, and a later start may write it.
        match self.record(&self.tables.set_head()).await.map_err(|error| self.stop(error)) {
            Err(Ok(stop)) => Err(stop),
            Ok(()) | Err(Err(_)) => Ok(()),
        }
    }

    async fn reach(&mut self, goal: &mut Goal) -> Result<(), Stop> {
        let with_down = matches!(goal, Goal::Revert(_));
        // Nobody is beyond the check for the lock anymore, so what is seen now is final.
        let name = running(&self.tables.schema_name);
        let commands = [PLAIN_STRINGS.to_string(), format!("SET application_name = {}", quote_literal(&name))];
        self.record_own("see whether an earlier run has ended", &commands).await?;
        // A database that is refused to be taken over has nothing of ours in it afterwards.
        let is_adopting = matches!(goal, Goal::Apply(_)) && self.would_take_over();
        let found = self.find(with_down).await?;
        let has_tables = found.is_some() || !is_adopting;
        let mut loaded = match found {
            Some(loaded) => loaded,
            None if is_adopting => Loaded::default(),
            None => self.make(with_down).await?,
        };
        let Runner { lock, work, migrator, .. } = &mut *self;
        let relocating = async { migrator.relocation(work, &loaded.applied).await.map_err(Stop::from) };
        self.relocation = lock.while_working(relocating).await?;
        if loaded.journal.iter().any(|row| row.running) {
            let Runner { lock, work, .. } = &mut *self;
            // Where the role may not do that, the other one has the moment it needs.
            let _ = lock.while_working(Keys::end_idle_predecessors(work, &name)).await;
        }
        if let Goal::Revert(RevertTarget::Steps(count)) = *goal
            && loaded.journal.iter().any(|row| row.unfinished.direction == Direction::Down)
            && loaded.journal.iter().all(|row| row.unfinished.direction == Direction::Down)
        {
            // One that is half reverted is the first of those to revert, not one more.
            // One that is taken back has no row among the applied.
            let is_applied = |row: &&JournalRow| loaded.applied.iter().any(|one| one.version == row.unfinished.version);
            let taken_back = loaded.journal.len() - loaded.journal.iter().filter(is_applied).count();
            let kept = loaded.applied.iter().rev().nth(count.saturating_sub(taken_back));
            *goal = Goal::Revert(RevertTarget::Version(kept.map_or(0, |row| row.version)));
        }
        let wanted = match goal {
            Goal::Apply(Target::Head) | Goal::Listed(_) => Some(Direction::Up),
            Goal::Revert(_) => Some(Direction::Down),
            Goal::Verb(verb) => verb.direction(),
            Goal::Apply(_) => None,
        };
        if let Some(wanted) = wanted
            && self.turn_to(wanted, &loaded).await?
        {
            loaded = self.load(with_down).await?;
        }
        self.check_journal(goal, &loaded).await?;
        self.finish_restores(&mut loaded).await?;
        self.finish_downs(&mut loaded).await?;
        match goal.clone() {
            Goal::Apply(target) => {
                let examiner = self.examiner.filter(|_| is_adopting);
                let has_adopted = match examiner {
                    Some(examiner) => examiner.adopt(self, &loaded, has_tables).await?,
                    None => false,
                };
                if has_adopted || !has_tables {
                    loaded = self.load(with_down).await?;
                }
                let embedded = embedded(self.migrator);
                let pending = self.decide_apply(&embedded, &loaded, target)?;
                *goal = Goal::Listed(pending.iter().map(|one| one.migration.version).collect());
                self.apply(pending, &mut loaded).await?;
                self.set_comments(&loaded).await?;
                self.report.unknown = unknown(&embedded, &loaded);
                Ok(())
            }
            Goal::Listed(versions) => {
                let embedded = embedded(self.migrator);
                let mut pending = self.decide_apply(&embedded, &loaded, Target::Head)?;
                pending.retain(|one| versions.contains(&one.migration.version));
                for row in loaded.applied.iter().filter(|row| versions.contains(&row.version)) {
                    self.note_committed(row);
                }
                self.apply(pending, &mut loaded).await?;
                self.set_comments(&loaded).await?;
                self.report.unknown = unknown(&embedded, &loaded);
                Ok(())
            }
            Goal::Revert(target) => self.revert(goal, target, loaded).await,
            Goal::Verb(verb) => verb.work(self, loaded).await,
        }
    }

    /// Nothing is left of the goal, since someone else did the rest.
    pub(super) async fn settled(&mut self) {
        let loading = async { Ok(self.tables.load(&mut self.work, false).await) };
        if let Ok(Ok(Some(loaded))) = timed(loading).await {
            self.report.unknown = unknown(&embedded(self.migrator), &loaded);
        }
    }

    fn decide_apply<'m>(
        &self,
        embedded: &[&'m Migration],
        loaded: &Loaded,
        target: Target,
    ) -> Result<Vec<Pending<'m>>, Stop> {
        let unfinished = loaded.unfinished();
        decide_apply(embedded, &loaded.applied, &unfinished, target).map_err(|error| Stop::Failed(error.into()))
    }

    /// A migration of this run that is applied, and that the run does not know of: the answer to its COMMIT was lost.
    fn note_committed(&mut self, row: &AppliedMigration) {
        if self.report.applied.iter().all(|done| done.migration.version != row.version) {
            let elapsed = std::time::Duration::ZERO;
            let completed =
                Completed { migration: row.display_name(&embedded(self.migrator)), elapsed, loses: Vec::new() };
            self.report.applied.push(completed);
            self.progress += 1;
        }
    }

    /// Reads the tables; makes them where they are missing, and corrects what someone changed by hand.
    async fn load(&mut self, with_down: bool) -> Result<Loaded, Stop> {
        match self.find(with_down).await? {
            Some(loaded) => Ok(loaded),
            None => self.make(with_down).await,
        }
    }

    /// Reads the tables where they are there.
    async fn find(&mut self, with_down: bool) -> Result<Option<Loaded>, Stop> {
        // What a process that is gone has sent is committed, or is not: before we look, not after. What is seen then is on
        // the disk, also where that process had not come to wait for it.
        self.record_own("wait for the transaction of a run that was killed", &[LOG_MARK.to_string()]).await?;
        self.check_trust().await?;
        if let Some(loaded) = self.read(with_down).await? {
            self.check_application(&loaded)?;
            self.put_in_order(&loaded).await?;
            return Ok(Some(loaded));
        }
        Ok(None)
    }

    /// Makes the tables, or those of them that are missing.
    pub(super) async fn make(&mut self, with_down: bool) -> Result<Loaded, Stop> {
        let doing = "look for the schema of the history";
        let Runner { lock, work, tables, .. } = &mut *self;
        let schema_exists = lock
            .while_working(tables.schema_exists(work))
            .await
            .map_err(|source| Stop::from(Error::Database { doing, source }))?;
        if let (false, false, Some(schema)) =
            (schema_exists, self.migrator.settings.create_schema, &self.migrator.settings.tenant)
        {
            return Err(Stop::Failed(Error::NoSchema { schema: schema.clone() }));
        }
        let mut commands = self.tables.create(schema_exists);
        commands.insert(0, self.tables.drop_head());
        let doing = "create the history tables";
        if let Err(stop) = self.record_own(doing, &commands).await {
            // Somebody else's may be in the way.
            self.check_trust().await?;
            return Err(match stop {
                Stop::Failed(Error::Database { source, .. }) if sqlstate(&source) == Some("42501") => {
                    Stop::Failed(self.missing_right(doing, schema_exists, source).await)
                }
                stop => stop,
            });
        }
        // Not all of them may have been missing.
        Ok(self.read(with_down).await?.unwrap_or_default())
    }

    /// Refuses a history that others may write to. From here on nobody who is not trusted could change that.
    async fn check_trust(&mut self) -> Result<(), Stop> {
        let Runner { lock, work, tables, .. } = &mut *self;
        lock.while_working(async { trust::check(work, tables, Use::Write).await.map_err(Stop::from) }).await
    }

    /// Refuses the history of another application: its migrations look like ones that this binary no longer has, and would
    /// be reverted.
    fn check_application(&self, loaded: &Loaded) -> Result<(), Stop> {
        let settings = &self.migrator.settings;
        // Without a name of its own it is called after its connection, which says little.
        let (Some(own), others) = (&settings.application, &loaded.applications) else { return Ok(()) };
        if settings.shares_history || own.is_empty() || others.is_empty() || others.contains(own) {
            return Ok(());
        }
        let schema = self.tables.schema_name.clone();
        Err(Stop::Failed(Error::OtherApplication { schema, own: own.clone(), others: others.clone() }))
    }

    /// Which right the role lacks to make the history's tables, and who can give it how.
    async fn missing_right(&mut self, doing: &'static str, schema_exists: bool, source: sqlx::Error) -> Error {
        let sql = "SELECT current_user::text, pg_catalog.current_database()::text";
        let Runner { lock, work, .. } = &mut *self;
        let Ok(rows) = lock.while_working(unhurried(work, sql)).await else { return Error::Database { doing, source } };
        let (role, database) = rows.first().map(|row| (text(row, 0), text(row, 1))).unwrap_or_default();
        let (kind, name, rights) = match schema_exists {
            true => ("schema", self.tables.schema_name.clone(), "USAGE, CREATE"),
            false => ("database", database, "CREATE"),
        };
        let right = format!("{rights} on the {kind} `{name}`");
        let to = quote_identifier(&role);
        let grant = format!("GRANT {rights} ON {} {} TO {to}", kind.to_uppercase(), quote_identifier(&name));
        Error::MissingRight(Box::new(MissingRight { doing, role, right, grant, source }))
    }

    async fn read(&mut self, with_down: bool) -> Result<Option<Loaded>, Stop> {
        let observer = self.migrator.settings.observer.as_ref();
        let Runner { lock, work, tables, .. } = self;
        lock.while_working(async { tables.load_patiently(work, with_down, observer).await.map_err(Stop::from) }).await
    }

    /// Upgrades tables of an older format, corrects what someone changed by hand, and takes the head away.
    async fn put_in_order(&mut self, loaded: &Loaded) -> Result<(), Stop> {
        let mut commands = Vec::from_iter(self.tables.set_chains(&loaded.wrong_chains));
        if let Some(from) = loaded.outdated {
            commands.extend(self.tables.upgrade());
            self.emit(&Event::UpgradingTables { schema: self.tables.schema_name.clone(), from, to: FORMAT });
        }
        // One that a policy hides would stay: then it is an error.
        commands.push("SELECT pg_catalog.set_config('row_security', 'off', true)".to_string());
        commands.push(self.tables.unset_head());
        let doing = "bring the history tables up to date";
        match self.record_own(doing, &commands).await {
            // Somebody dropped the head.
            Err(Stop::Failed(Error::Database { source, .. })) if is_missing_table(&source) => {
                let mut making = self.tables.create(true);
                making.extend(commands);
                self.record_own(doing, &making).await
            }
            result => result,
        }
    }

    pub(crate) async fn record_own(&mut self, doing: &'static str, commands: &[String]) -> Result<(), Stop> {
        let Err(error) = self.record(commands).await else { return Ok(()) };
        let MessageError { part, source } = match self.stop(error) {
            Ok(stop) => return Err(stop),
            Err(error) => error,
        };
        // It is BEGIN that a standby refuses.
        if matches!(sqlstate(&source), Some("0A000" | "25006")) && part == Part::Control {
            return Err(Stop::from(Error::ReadOnly(source)));
        }
        let Runner { work, tables, .. } = &mut *self;
        Err(Stop::from(tables.refused(work, doing, source).await))
    }

    /// Finishes what a revert began, from the script in the journal.
    async fn finish_downs(&mut self, loaded: &mut Loaded) -> Result<(), Stop> {
        let (downs, rest): (Vec<JournalRow>, Vec<JournalRow>) = std::mem::take(&mut loaded.journal)
            .into_iter()
            .partition(|row| row.unfinished.direction == Direction::Down);
        loaded.journal = rest;
        let total = downs.len();
        for (index, row) in downs.iter().enumerate() {
            let run = MigrationRun {
                migration: row.unfinished.display_name(&embedded(self.migrator)),
                direction: Direction::Down,
                index: index + 1,
                total,
            };
            let script = row.script.clone().unwrap_or_default();
            self.down(run, row.unfinished.checksum, &script, Some(row), None, Vec::new()).await?;
            loaded.applied.retain(|applied| applied.version != row.unfinished.version);
        }
        Ok(())
    }

    async fn revert(&mut self, goal: &mut Goal, target: RevertTarget, mut loaded: Loaded) -> Result<(), Stop> {
        let embedded = embedded(self.migrator);
        if !loaded.journal.is_empty() {
            // What was started is finished first, in its direction.
            let pending = self.decide_apply(&embedded, &loaded, Target::Steps(0))?;
            self.apply(pending, &mut loaded).await?;
            loaded = self.load(true).await?;
        }
        let reverting =
            decide_revert(&embedded, &loaded.applied, &[], target).map_err(|error| Stop::Failed(error.into()))?;
        self.migrator.check_downs_movable(&reverting).map_err(Stop::Failed)?;
        self.check_downs(&reverting).await?;
        if let Some(last) = reverting.last() {
            let kept = loaded.applied.iter().rfind(|row| row.version < last.migration.version);
            *goal = Goal::Revert(RevertTarget::Version(kept.map_or(0, |row| row.version)));
        }
        let total = reverting.len();
        for (index, one) in reverting.into_iter().enumerate() {
            let there = match (self.examiner, find(&embedded, one.migration.version)) {
                (Some(examiner), Some(known)) if needs_journal(one.script, None) => {
                    let until = loaded.applied.partition_point(|row| row.version <= one.migration.version);
                    let with_it = loaded.applied.get(..until).unwrap_or_default();
                    examiner.there(self, with_it, &known.footprint)
                }
                _ => None,
            };
            let run = MigrationRun { migration: one.migration, direction: Direction::Down, index: index + 1, total };
            self.down(run, one.checksum, one.script, None, there.as_ref(), one.loses).await?;
        }
        Ok(())
    }

    pub(super) async fn down(
        &mut self,
        run: MigrationRun,
        checksum: Checksum,
        script: &Script,
        begun: Option<&JournalRow>,
        there: Option<&There>,
        loses: Vec<String>,
    ) -> Result<(), Stop> {
        let version = run.migration.version;
        let mut finish = vec![self.tables.delete(version)];
        if needs_journal(script, begun) {
            finish.push(journal::forget(&self.tables, version));
        }
        let job = Job {
            run,
            checksum,
            script: &placed(script, self.relocation.as_ref()),
            compiled: script,
            functions: self.functions(version),
            begun,
            migration: None,
            before: None,
            there,
            finish: &finish,
            locks_unknown: false,
            was_cut: false,
        };
        let started = Instant::now();
        self.run(&job).await?;
        self.report.reverted.push(Completed { migration: job.run.migration, elapsed: started.elapsed(), loses });
        Ok(())
    }

    pub(super) fn functions(&self, version: i64) -> &'static [(&'static str, StepFunction)] {
        let embedded = self.migrator.embedded;
        let index = embedded.binary_search_by_key(&version, |embedded| embedded.version());
        index.ok().and_then(|index| embedded.get(index)).map_or(&[], |embedded| embedded.functions())
    }
}

/// Whether the journal has a row of it, or will have one.
pub(super) fn needs_journal(script: &Script, begun: Option<&JournalRow>) -> bool {
    begun.is_some() || !script.is_one_transaction()
}
