//! What only looks.

use std::time::Instant;

use migrate_core::history::{
    Direction, MigrationName, RevertTarget, State, Target, decide_apply, decide_revert, decide_states,
};
use migrate_core::plan::Migration;
use sqlx::{Connection as _, PgConnection, PgPool, Postgres, Transaction};

use super::adopt::{plan_adoption, would_adopt};
use super::apply::insert;
use super::embedded;
use super::extensions::check_extensions;
use crate::connection::{acquire, check_version};
use crate::error::Error;
use crate::event::{Event, emit};
use crate::history_table::{Loaded, PATIENCE};
use crate::introspect;
use crate::migrator::Migrator;
use crate::status::{HistoryRow, MigrationStatus, Plan, PlanStep, Status};

/// Refuses names that would be cut, and a development binary that was built before a migration file was added.
pub(crate) fn check_source(migrator: &Migrator) -> Result<(), Error> {
    migrator.settings.check_names()?;
    let Some(source) = migrator.options.source else { return Ok(()) };
    // On another machine than the one that built it there is nothing to compare with.
    let Ok(entries) = std::fs::read_dir(source.directory) else { return Ok(()) };
    let mut files: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|file| {
            let Some((version, _)) = file.strip_suffix(".rs").and_then(|stem| stem.split_once('_')) else {
                return false;
            };
            let known =
                |version: i64| migrator.embedded.binary_search_by_key(&version, |embedded| embedded.version()).is_ok();
            version.parse().is_ok_and(|version| !known(version))
        })
        .collect();
    files.sort();
    if files.is_empty() { Ok(()) } else { Err(Error::Stale { files }) }
}

async fn load(migrator: &Migrator, connection: &mut PgConnection, with_down: bool) -> Result<Loaded, Error> {
    migrator.settings.check_names()?;
    let tables = migrator.settings.tables();
    Ok(tables.load(connection, with_down).await?.unwrap_or_default())
}

/// Fails where the history does not fit; what else would be in the way is not looked at.
pub(super) async fn check_history(migrator: &Migrator, pool: &PgPool, target: Target) -> Result<(), Error> {
    let mut connection = acquire(pool).await?;
    let loaded = load(migrator, &mut connection, false).await?;
    let unfinished = loaded.unfinished();
    decide_apply(&embedded(migrator), &loaded.applied, &unfinished, target)?;
    Ok(())
}

/// See [`Migrator::history`].
pub(crate) async fn history(migrator: &Migrator, pool: &PgPool) -> Result<Vec<HistoryRow>, Error> {
    let mut connection = acquire(pool).await?;
    rows(migrator, &mut connection).await
}

async fn rows(migrator: &Migrator, connection: &mut PgConnection) -> Result<Vec<HistoryRow>, Error> {
    migrator.settings.check_names()?;
    let tables = migrator.settings.tables();
    tables.rows(connection).await
}

/// See [`Migrator::status`].
pub(crate) async fn status(migrator: &Migrator, pool: &PgPool) -> Result<Status, Error> {
    let started = Instant::now();
    loop {
        match status_once(migrator, pool).await {
            Err(Error::HistoryHeld { blockers, .. }) if started.elapsed() < PATIENCE => {
                let event = Event::WaitingForHistory { waited: started.elapsed(), blockers };
                emit(migrator.settings.observer.as_ref(), &event);
            }
            result => return result,
        }
    }
}

async fn status_once(migrator: &Migrator, pool: &PgPool) -> Result<Status, Error> {
    let mut connection = acquire(pool).await?;
    let reading = |source| Error::Database { doing: "read the history", source };
    let mut transaction = connection.begin_with(introspect::BEGIN).await.map_err(reading)?;
    let status = status_within(migrator, &mut transaction).await?;
    transaction.rollback().await.map_err(reading)?;
    Ok(status)
}

/// The same in a transaction that sees one moment.
pub(crate) async fn status_within(
    migrator: &Migrator,
    transaction: &mut Transaction<'_, Postgres>,
) -> Result<Status, Error> {
    let reading = |source| Error::Database { doing: "read the history", source };
    let server_version = check_version(transaction, 0)?;
    // Where there is no history the query fails, and with it no more than what is after the savepoint.
    let mut savepoint = transaction.begin().await.map_err(reading)?;
    let tables = migrator.settings.tables();
    let (loaded, mut rows) = match tables.load(&mut savepoint, false).await? {
        Some(loaded) => (loaded, rows(migrator, &mut savepoint).await?),
        None => (Loaded::default(), Vec::new()),
    };
    savepoint.rollback().await.map_err(reading)?;
    let lock = migrator
        .settings
        .keys()
        .holder(transaction)
        .await
        .map_err(|source| Error::Database { doing: "see who holds the migration lock", source })?;
    let embedded = embedded(migrator);
    let adopts = match loaded.applied.is_empty() && loaded.journal.is_empty() {
        true => {
            let mut savepoint = transaction.begin().await.map_err(reading)?;
            let adopts = would_adopt(&mut savepoint, &embedded, &migrator.settings).await?;
            savepoint.rollback().await.map_err(reading)?;
            adopts
        }
        false => None,
    };
    let unfinished = loaded.unfinished();
    let problem = decide_apply(&embedded, &loaded.applied, &unfinished, Target::Head).err();
    let migrations = decide_states(&embedded, &loaded.applied, &unfinished)
        .into_iter()
        .map(|(migration, state)| {
            let row = rows.iter().position(|row| row.version == migration.version).map(|at| rows.swap_remove(at));
            let journal = loaded.journal.iter().find(|row| row.unfinished.version == migration.version);
            let segments = journal.map(|row| {
                let known = migrate_core::history::find(&embedded, migration.version);
                let all = match state {
                    State::Unfinished(Direction::Down) => row.script.as_ref().map(|script| script.segments.len()),
                    _ => known.map(|known| known.up.segments.len()),
                };
                (row.segment, all.unwrap_or(row.segment))
            });
            MigrationStatus { migration, state, row, segments }
        })
        .collect();
    Ok(Status {
        migrations,
        schema: migrator.settings.tenant.clone(),
        head: embedded.last().map(|migration| MigrationName::of(migration)),
        current: loaded.applied.last().map(|row| row.display_name(&embedded)),
        lock,
        adopts,
        problem,
        server_version,
    })
}

/// See [`Migrator::plan`].
pub(crate) async fn plan(migrator: &Migrator, pool: &PgPool, target: Target) -> Result<Plan, Error> {
    let mut connection = acquire(pool).await?;
    check_version(&connection, migrator.options.oldest_server)?;
    let mut loaded = load(migrator, &mut connection, false).await?;
    let embedded = embedded(migrator);
    let mut adopts = None;
    if loaded.applied.is_empty() && loaded.journal.is_empty() {
        adopts = plan_adoption(&mut connection, &embedded, &migrator.settings).await?;
        for migration in adopts.iter().flat_map(|adopted| &adopted.migrations) {
            if let Some(migration) = migrate_core::history::find(&embedded, migration.version) {
                insert(&mut loaded.applied, migration, &[]);
            }
        }
    }
    let mut steps = unfinished_downs(&embedded, &mut loaded);
    let unfinished = loaded.unfinished();
    let pending = decide_apply(&embedded, &loaded.applied, &unfinished, target)?;
    migrator.check_movable(&pending)?;
    check_extensions(&mut connection, &pending).await?;
    for one in pending {
        let begun = loaded.journal.iter().find(|row| row.unfinished.version == one.migration.version);
        steps.push(PlanStep {
            migration: MigrationName::of(one.migration),
            direction: Direction::Up,
            script: one.migration.up.clone(),
            segments_done: begun.map_or(0, |row| row.segment),
            out_of_order: one.out_of_order,
            loses: Vec::new(),
        });
    }
    move_steps(migrator, &mut connection, &loaded, &mut steps).await?;
    Ok(Plan { adopts, steps })
}

/// See [`Migrator::plan_revert`].
pub(crate) async fn plan_revert(migrator: &Migrator, pool: &PgPool, target: RevertTarget) -> Result<Plan, Error> {
    let mut connection = acquire(pool).await?;
    check_version(&connection, migrator.options.oldest_server)?;
    let mut loaded = load(migrator, &mut connection, true).await?;
    let embedded = embedded(migrator);
    let mut steps = unfinished_downs(&embedded, &mut loaded);
    let unfinished = loaded.unfinished();
    let reverting = decide_revert(&embedded, &loaded.applied, &unfinished, target)?;
    migrator.check_downs_movable(&reverting)?;
    for one in reverting {
        steps.push(PlanStep {
            migration: one.migration,
            direction: Direction::Down,
            script: one.script.clone(),
            segments_done: 0,
            out_of_order: false,
            loses: one.loses,
        });
    }
    move_steps(migrator, &mut connection, &loaded, &mut steps).await?;
    Ok(Plan { adopts: None, steps })
}

/// Shows a plan as it runs: in the schema of the tenant, if there is one.
async fn move_steps(
    migrator: &Migrator,
    connection: &mut PgConnection,
    loaded: &Loaded,
    steps: &mut [PlanStep],
) -> Result<(), Error> {
    let Some(relocation) = migrator.relocation(connection, &loaded.applied).await? else { return Ok(()) };
    for step in steps {
        step.script = relocation.script(&step.script);
    }
    Ok(())
}

/// What an interrupted revert left, which runs before anything else.
fn unfinished_downs(embedded: &[&Migration], loaded: &mut Loaded) -> Vec<PlanStep> {
    let mut steps = Vec::new();
    for row in std::mem::take(&mut loaded.journal) {
        if row.unfinished.direction == Direction::Up {
            loaded.journal.push(row);
            continue;
        }
        loaded.applied.retain(|applied| applied.version != row.unfinished.version);
        steps.push(PlanStep {
            migration: row.unfinished.display_name(embedded),
            direction: Direction::Down,
            script: row.script.unwrap_or_default(),
            segments_done: row.segment,
            out_of_order: false,
            loses: Vec::new(),
        });
    }
    steps
}
