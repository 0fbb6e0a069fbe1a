//! Taking back what is half applied: it becomes a down, which whatever starts next goes on with.

use std::collections::BTreeMap;

use migrate_core::history::{
    Direction, HalfApplied, HistoryError, LeftConstraint, LeftIndex, Leftovers, MigrationName, Origin, There,
    decide_abandon, decide_restore, find,
};
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::operation::Operation;
use migrate_core::plan::{Down, Migration, Statement};
use migrate_core::sql::quote_literal;
use sqlx::PgConnection;

use super::{embedded, placed};
use crate::connection::text;
use crate::error::Error;
use crate::event::MigrationRun;
use crate::execute::{Job, Runner, Stop};
use crate::history_table::Loaded;
use crate::journal::{self, Begun, JournalRow, Turned};
use crate::message::query;
use crate::verify::fold;

impl Runner<'_> {
    /// Takes back every migration that is half applied, the last one first.
    pub(super) async fn abandon(&mut self, loaded: Loaded) -> Result<(), Stop> {
        let total = loaded.journal.len();
        for (index, row) in loaded.journal.iter().rev().enumerate() {
            let begun = self.begun(row)?;
            let migration = row.unfinished.display_name(&embedded(self.migrator));
            let operations: Vec<Operation> = serde_json::from_str(&begun.operations)
                .map_err(|source| Stop::Failed(Error::Operations { migration: migration.clone(), source }))?;
            let before = fold(
                self.migrator
                    .embedded
                    .iter()
                    .map(|embedded| embedded.migration())
                    .filter(|migration| loaded.applied.iter().any(|row| row.version == migration.version)),
            )
            .map_err(Stop::Failed)?;
            let Runner { lock, work, migrator, .. } = &mut *self;
            let live =
                lock.while_working(leftovers(work, migrator.settings.tenant.as_deref())).await.map_err(|source| {
                    Stop::from(Error::Database { doing: "see what the migration has left behind", source })
                })?;
            let half =
                HalfApplied { up: &begun.up, down: &begun.down, segments_done: row.segment, is_running: row.running };
            let oldest_server = self.migrator.options.oldest_server;
            let origin = Origin { operations: &operations, before: &before, oldest_server };
            let there = There::of(&before, &begun.footprint);
            let abandoning = decide_abandon(&half, &origin, &there, &live);
            let turned = Turned {
                direction: Direction::Down,
                script: Some(&abandoning.script),
                begun: Some(&begun),
                there: None,
                turned_at: Some((row.segment, row.running)),
                at: (0, false),
            };
            self.turn_around(&migration, turned).await?;
            let mut row = JournalRow { script: Some(abandoning.script.clone()), segment: 0, ..row.clone() };
            row.unfinished.direction = Direction::Down;
            row.running = false;
            row.checkpoint = None;
            row.begun = Some(begun);
            let run = MigrationRun { migration, direction: Direction::Down, index: index + 1, total };
            self.down(run, row.unfinished.checksum, &abandoning.script, Some(&row), None, abandoning.loses).await?;
        }
        Ok(())
    }

    async fn turn_around(&mut self, migration: &MigrationName, turned: Turned<'_>) -> Result<(), Stop> {
        let command = journal::turn_around(&self.tables, migration.version, turned);
        self.record_own("record that the migration is undone", &[command]).await
    }

    /// Gives up what is under way in the other direction than `wanted`, where that can be: what is taken back and has done
    /// nothing yet goes on from where it was, and of a revert that is half done what it did is done again. Answers
    /// whether anything was turned around.
    pub(super) async fn turn_to(&mut self, wanted: Direction, loaded: &Loaded) -> Result<bool, Stop> {
        let embedded = embedded(self.migrator);
        let mut turned_any = false;
        for row in loaded.journal.iter().filter(|row| row.unfinished.direction != wanted) {
            let name = row.unfinished.display_name(&embedded);
            let known = find(&embedded, row.unfinished.version)
                .filter(|migration| migration.checksum == row.unfinished.checksum);
            let is_taken_back = row.begun.is_some() && row.script.is_some();
            match (wanted, row.can_turn_back(), known) {
                (Direction::Up, Some(at), _) if is_taken_back => {
                    let begun = row.begun.as_ref();
                    let turned = Turned { direction: wanted, script: None, begun, there: None, turned_at: None, at };
                    self.turn_around(&name, turned).await?;
                }
                (Direction::Down, Some(at), Some(migration)) if row.restores() => {
                    let Down::Script { script, .. } = &migration.down else { continue };
                    let script = Some(script);
                    let there = row.there.as_ref();
                    let turned = Turned { direction: wanted, script, begun: None, there, turned_at: None, at };
                    self.turn_around(&name, turned).await?;
                }
                (Direction::Up, None, Some(migration)) if !is_taken_back => {
                    let is_applied = loaded.applied.iter().any(|one| one.version == migration.version);
                    if !is_applied || !self.restore(row, migration).await? {
                        continue;
                    }
                }
                _ => continue,
            }
            turned_any = true;
        }
        Ok(turned_any)
    }

    /// Notes that a revert that is half done is taken back, by doing again what it undid. Answers whether that can be told
    /// from its script, each statement of which must undo one of the same place in the source, and from what was there.
    async fn restore(&mut self, row: &JournalRow, migration: &Migration) -> Result<bool, Stop> {
        let (Some(script), Some(there)) = (&row.script, &row.there) else { return Ok(false) };
        let is_undone = |statement: &Statement| script.statements().any(|undo| undo.place == statement.place);
        if !migration.up.statements().all(is_undone) {
            return Ok(false);
        }
        let name = row.unfinished.display_name(&embedded(self.migrator));
        let Runner { lock, work, migrator, .. } = &mut *self;
        let live = lock
            .while_working(leftovers(work, migrator.settings.tenant.as_deref()))
            .await
            .map_err(|source| Stop::from(Error::Database { doing: "see what the revert has left behind", source }))?;
        let half = HalfApplied {
            up: script,
            down: &Down::Script { script: migration.up.clone(), loses: [].as_slice().into() },
            segments_done: row.segment,
            is_running: row.running,
        };
        let restoring = decide_restore(&half, there, &live);
        let turned = Turned {
            direction: Direction::Up,
            script: Some(&restoring),
            begun: Some(&Begun::of(migration, None)),
            there: Some(there),
            turned_at: Some((row.segment, row.running)),
            at: (0, false),
        };
        self.turn_around(&name, turned).await?;
        Ok(true)
    }

    /// Finishes taking back what a revert had done.
    pub(super) async fn finish_restores(&mut self, loaded: &mut Loaded) -> Result<(), Stop> {
        let (restores, rest): (Vec<JournalRow>, Vec<JournalRow>) =
            std::mem::take(&mut loaded.journal).into_iter().partition(JournalRow::restores);
        loaded.journal = rest;
        let total = restores.len();
        for (index, row) in restores.iter().enumerate() {
            let version = row.unfinished.version;
            let compiled = row.script.clone().unwrap_or_default();
            let job = Job {
                run: MigrationRun {
                    migration: row.unfinished.display_name(&embedded(self.migrator)),
                    direction: Direction::Up,
                    index: index + 1,
                    total,
                },
                checksum: row.unfinished.checksum,
                script: &placed(&compiled, self.relocation.as_ref()),
                compiled: &compiled,
                functions: self.functions(version),
                begun: Some(row),
                migration: None,
                before: None,
                there: None,
                finish: &[journal::forget(&self.tables, version)],
                locks_unknown: false,
                was_cut: false,
            };
            self.run(&job).await?;
        }
        Ok(())
    }

    /// The migration as it was started: from the journal; where an SQL script began it, from this binary.
    fn begun(&self, row: &JournalRow) -> Result<Begun, Stop> {
        if let Some(begun) = &row.begun {
            return Ok(begun.clone());
        }
        let embedded = embedded(self.migrator);
        match find(&embedded, row.unfinished.version) {
            Some(migration) if migration.checksum == row.unfinished.checksum => Ok(Begun::of(migration, None)),
            _ => Err(Stop::Failed(HistoryError::UnfinishedMissing(row.unfinished.display_name(&embedded)).into())),
        }
    }
}

/// The indexes and constraints of the database; those of a tenant as if its schema were `public`.
async fn leftovers(connection: &mut PgConnection, tenant: Option<&str>) -> Result<Leftovers, sqlx::Error> {
    let ours = match tenant {
        Some(tenant) => format!("space.nspname = {}", quote_literal(tenant)),
        None => "space.nspname !~ '^pg_'".to_string(),
    };
    let indexes = query(
        connection,
        format!("SELECT space.nspname::text, class.relname::text, (index.indisvalid AND index.indisready AND index.indislive)::text, \
         EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE conindid = class.oid AND conrelid = index.indrelid)::text, \
         class.relispartition::text, (class.relkind = 'I')::text \
         FROM pg_catalog.pg_index AS index JOIN pg_catalog.pg_class AS class ON class.oid = index.indexrelid \
         JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace \
         WHERE {ours}"),
    )
    .await?;
    let constraints = query(
        connection,
        format!(
            "SELECT space.nspname::text, class.relname::text, constr.conname::text, constr.convalidated::text, \
         (constr.conparentid <> 0 OR constr.coninhcount > 0)::text \
         FROM pg_catalog.pg_constraint AS constr JOIN pg_catalog.pg_class AS class ON class.oid = constr.conrelid \
         JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace \
         WHERE {ours} AND (constr.contype IN ('c', 'f', 'n') OR class.relispartition AND constr.contype IN ('p', 'u'))"
        ),
    )
    .await?;
    let schema = |row| Some(text(row, 0)).filter(|schema| tenant != Some(schema)).unwrap_or(DEFAULT_SCHEMA.to_string());
    let index = |row| {
        let name = QualifiedName::in_schema(schema(row), text(row, 1));
        let is = |column| text(row, column) == "true";
        (name, LeftIndex { is_valid: is(2), is_owned: is(3), is_attached: is(4), is_partitioned: is(5) })
    };
    let constraint = |row| {
        let table = QualifiedName::in_schema(schema(row), text(row, 1));
        let is = |column| text(row, column) == "true";
        ((table, text(row, 2)), LeftConstraint { is_valid: is(3), is_attached: is(4) })
    };
    Ok(Leftovers {
        indexes: indexes.iter().map(index).collect::<BTreeMap<_, _>>(),
        constraints: constraints.iter().map(constraint).collect::<BTreeMap<_, _>>(),
    })
}
