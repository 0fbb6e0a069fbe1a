//! Applied migrations of which the binary has another form: comments on objects are set, anything else is recorded where
//! the database has what the corrected form makes, which it is brought to where that is asked for.

use std::collections::BTreeMap;
use std::time::Instant;

use migrate_core::history::{
    AppliedMigration, Direction, Forms, Mending, MigrationName, Reform, Repairing, decide_repair, find, if_there, mend,
};
use migrate_core::operation::Operation;
use migrate_core::plan::{Migration, Script};
use sqlx::{PgConnection, PgPool};

use super::baseline::{differences, found};
use super::change::needs_journal;
use super::{embedded, placed};
use crate::connection::{acquire, check_version};
use crate::error::{Error, is_lock_failure};
use crate::event::MigrationRun;
use crate::execute::{Job, Runner, Stop, describe};
use crate::history_table::{Loaded, Tables};
use crate::introspect::{self, Settled};
use crate::journal;
use crate::message::MessageError;
use crate::migrator::Migrator;
use crate::report::{RepairPlan, Repaired};
use crate::trust::{self, Use};

/// What to repair, and why.
#[derive(Clone, Debug)]
pub(crate) struct Repair {
    /// These only; all that are modified where there are none.
    pub(crate) versions: Vec<i64>,
    /// Why, for who reads it later.
    pub(crate) reason: String,
    /// Whether the database is brought to what the corrected form makes.
    pub(crate) applies: bool,
}

/// See [`Migrator::plan_repair`].
pub(crate) async fn plan_repair(migrator: &Migrator, pool: &PgPool, versions: &[i64]) -> Result<RepairPlan, Error> {
    let mut connection = acquire(pool).await?;
    check_version(&connection, 0)?;
    let tables = migrator.settings.tables();
    let loaded = tables.load(&mut connection, false).await?.unwrap_or_default();
    let embedded = embedded(migrator);
    let repairing = repairing(&embedded, &loaded, versions)?;
    examine(migrator, &tables, &mut connection, &loaded.applied, &repairing).await.map(|examined| examined.plan)
}

fn repairing<'r>(
    embedded: &[&'r Migration],
    loaded: &'r Loaded,
    versions: &[i64],
) -> Result<Vec<Repairing<'r>>, Error> {
    let unfinished = loaded.unfinished();
    Ok(decide_repair(embedded, &loaded.applied, &unfinished, versions)?)
}

/// Both forms of the history.
async fn reform(
    migrator: &Migrator,
    tables: &Tables,
    connection: &mut PgConnection,
    applied: &[AppliedMigration],
    changed: &[Repairing<'_>],
) -> Result<Reform, Error> {
    let reading = |source| Error::Database { doing: "read the history", source };
    let stored: BTreeMap<i64, String> = tables.operations(connection).await.map_err(reading)?;
    let embedded = embedded(migrator);
    let mut forms = Vec::with_capacity(applied.len());
    for row in applied {
        // What another version of this library stored may be beyond this one.
        let stored: Option<Vec<Operation>> =
            stored.get(&row.version).and_then(|stored| serde_json::from_str(stored).ok());
        let corrected = match find(&embedded, row.version) {
            Some(migration) => serde_json::from_str(&migration.operations)
                .map_err(|source| Error::Operations { migration: MigrationName::of(migration), source })?,
            None => stored.clone().unwrap_or_default(),
        };
        forms.push(Forms { version: row.version, applied: stored, corrected });
    }
    Ok(Reform::of(&forms, changed, migrator.options.oldest_server))
}

/// What there is to repair.
#[derive(Default)]
struct Examined {
    plan: RepairPlan,
    reform: Reform,
    /// What brings the database to the corrected form.
    script: Script,
}

/// What a repair would change, and what stands in its way.
async fn examine(
    migrator: &Migrator,
    tables: &Tables,
    connection: &mut PgConnection,
    applied: &[AppliedMigration],
    repairing: &[Repairing<'_>],
) -> Result<Examined, Error> {
    if repairing.is_empty() {
        return Ok(Examined::default());
    }
    let reform = reform(migrator, tables, connection, applied, repairing).await?;
    let mut live = introspect::introspect(connection, &migrator.settings.introspection())
        .await
        .map_err(|error| Error::Introspect(Box::new(error)))?;
    migrator.settings.leave_extensions(&mut live.catalog, &reform.corrected);
    let Settled { catalog: settled, .. } =
        introspect::settle(connection, &reform.corrected, &live.catalog, &migrator.settings)
            .await
            .map_err(|source| Error::Database { doing: "compare with the database", source })?;
    let migrations = repairing
        .iter()
        .map(|one| Repaired {
            migration: MigrationName::of(one.migration),
            file: one.migration.file.to_string(),
            applied: one.row.checksum,
            embedded: one.migration.checksum,
            changes: reform
                .changes
                .iter()
                .find(|(version, _)| *version == one.row.version)
                .and_then(|(_, lines)| lines.clone()),
            ran: Vec::new(),
        })
        .collect();
    let catalogs = (&reform.applied, &reform.corrected, &settled);
    let differences = differences(catalogs, &live, &migrator.settings);
    let found = found(catalogs, &live, &migrator.settings);
    let Mending { script, risks, left } =
        mend(&live.catalog, &reform.corrected, &found, migrator.options.oldest_server);
    let statements = script.statements().map(describe).collect();
    // What is not finished is finished by hand.
    let left = left.iter().map(ToString::to_string).chain(differences.iter().skip(found.len()).cloned()).collect();
    let plan = RepairPlan { migrations, differences, statements, risks, left };
    Ok(Examined { plan, reform, script })
}

impl Runner<'_> {
    /// Records the form of this binary, where the database has what that makes, or was brought to that.
    pub(super) async fn repair(&mut self, repair: &Repair, loaded: &Loaded) -> Result<(), Stop> {
        let embedded = embedded(self.migrator);
        let repairing = repairing(&embedded, loaded, &repair.versions).map_err(Stop::Failed)?;
        if repairing.is_empty() {
            return Ok(());
        }
        let mut examined = self.examine(loaded, &repairing).await?;
        let mut ran = Vec::new();
        if repair.applies && !examined.plan.differences.is_empty() && examined.plan.left.is_empty() {
            ran.clone_from(&examined.plan.statements);
            self.bring_to(&examined, &repairing).await?;
            examined = self.examine(loaded, &repairing).await?;
        }
        let Examined { plan: RepairPlan { mut migrations, differences, left, .. }, reform, .. } = examined;
        if !differences.is_empty() {
            return Err(Stop::Failed(Error::NotRepaired {
                differences,
                left: if repair.applies { left } else { Vec::new() },
            }));
        }
        if let Some(last) = migrations.last_mut() {
            last.ran = ran;
        }
        let tables = &self.tables;
        let mut commands = vec![tables.create_repairs(), trust::revoke(tables), trust::guard(&[tables], Use::Write)];
        for (one, repaired) in repairing.iter().zip(&migrations) {
            let mut changes = repaired.changes.clone();
            if !repaired.ran.is_empty() {
                let ran = repaired.ran.iter().map(|sql| format!("ran: {sql}"));
                changes.get_or_insert_default().extend(ran);
            }
            let changes = serde_json::json!(changes);
            let about = (repair.reason.as_str(), self.application.as_str());
            commands.push(self.tables.note_repair(one.row, one.migration, about, &changes));
        }
        let comments = reform.comments();
        commands.extend(placed(&comments, self.relocation.as_ref()).statements().filter_map(if_there));
        commands.extend(self.new_forms(&repairing, &loaded.applied)?);
        self.record_patiently("record the repair", &commands).await?;
        self.report.repaired = migrations;
        Ok(())
    }

    async fn examine(&mut self, loaded: &Loaded, repairing: &[Repairing<'_>]) -> Result<Examined, Stop> {
        let Runner { lock, work, migrator, tables, .. } = &mut *self;
        let examining = async { examine(migrator, tables, work, &loaded.applied, repairing).await.map_err(Stop::from) };
        lock.while_working(examining).await
    }

    /// Runs what brings the database to the corrected form. Where that is interrupted, the next run finishes it, and the
    /// next repair records it.
    async fn bring_to(&mut self, examined: &Examined, repairing: &[Repairing<'_>]) -> Result<(), Stop> {
        let Some(last) = repairing.last() else { return Ok(()) };
        let migration = MigrationName::of(last.migration);
        let finish = match needs_journal(&examined.script, None) {
            true => vec![journal::forget(&self.tables, migration.version)],
            false => Vec::new(),
        };
        let job = Job {
            run: MigrationRun { migration, direction: Direction::Up, index: 1, total: 1 },
            checksum: last.row.checksum,
            script: &placed(&examined.script, self.relocation.as_ref()),
            compiled: &examined.script,
            functions: &[],
            begun: None,
            migration: None,
            before: None,
            there: None,
            finish: &finish,
            locks_unknown: false,
            was_cut: false,
        };
        self.run(&job).await
    }

    /// Records in one transaction, again and again while others hold the tables: a comment waits for builds of indexes and
    /// for VACUUM, and nobody waits for it.
    pub(super) async fn record_patiently(&mut self, doing: &'static str, commands: &[String]) -> Result<(), Stop> {
        let deadline = self.settings.deadline();
        loop {
            match self.record(commands).await {
                Err(MessageError { source, .. }) if is_lock_failure(&source) && Instant::now() < deadline => {}
                Ok(()) => return Ok(()),
                Err(error) => {
                    return Err(self
                        .stop(error)
                        .unwrap_or_else(|MessageError { source, .. }| Error::Database { doing, source }.into()));
                }
            }
        }
    }
}
