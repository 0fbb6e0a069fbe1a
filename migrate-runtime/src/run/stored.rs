//! Scripts that the database has stored: run where they are what this binary would run, else only from tables that nobody
//! but their owner may write to.

use migrate_core::history::{Direction, DownSource, MigrationName, Reverting, find, is_down_of, is_script_of};
use migrate_core::plan::Migration;

use super::change::Goal;
use super::embedded;
use crate::error::Error;
use crate::execute::{Runner, Stop};
use crate::history_table::Loaded;
use crate::journal::{Begun, JournalRow};
use crate::trust::{self, Use};

impl Runner<'_> {
    /// What is left of a run that was killed, before it goes on.
    pub(super) async fn check_journal(&mut self, goal: &Goal, loaded: &Loaded) -> Result<(), Stop> {
        let embedded = embedded(self.migrator);
        let abandons = matches!(goal, Goal::Verb(verb) if verb.direction() == Some(Direction::Down));
        let is_foreign = |row: &&JournalRow| {
            let migration = find(&embedded, row.unfinished.version)
                .filter(|migration| migration.checksum == row.unfinished.checksum);
            !would_run(migration, row, abandons)
        };
        let stored =
            loaded.journal.iter().filter(is_foreign).map(|row| row.unfinished.display_name(&embedded)).collect();
        self.check_stored(stored).await
    }

    /// Reverts of what is applied.
    pub(super) async fn check_downs(&mut self, reverting: &[Reverting<'_>]) -> Result<(), Stop> {
        let stored = reverting.iter().filter(|one| one.source == DownSource::Stored);
        self.check_stored(stored.map(|one| one.migration.clone()).collect()).await
    }

    async fn check_stored(&mut self, migrations: Vec<MigrationName>) -> Result<(), Stop> {
        if migrations.is_empty() {
            return Ok(());
        }
        let Runner { lock, work, tables, .. } = &mut *self;
        let checking = async {
            trust::check(work, tables, Use::Run).await.map_err(|error| match error {
                Error::Distrusted { schema, role, found, .. } => {
                    Stop::Failed(Error::Distrusted { schema, role, found, stored: migrations })
                }
                error => error.into(),
            })
        };
        lock.while_working(checking).await
    }
}

/// Whether this binary would run what is stored with a migration that is half done. `abandons`: whether that is taken back.
fn would_run(migration: Option<&Migration>, row: &JournalRow, abandons: bool) -> bool {
    match (&row.script, &row.begun) {
        (None, None) => true,
        // It goes on as this binary has it.
        (None, Some(_)) if !abandons => true,
        (None, Some(begun)) => migration.is_some_and(|migration| is_begun(migration, begun)),
        (Some(script), None) => migration.is_some_and(|migration| is_script_of(migration, script)),
        // It was made of what there was at that time.
        (Some(_), Some(_)) => false,
    }
}

fn is_begun(migration: &Migration, begun: &Begun) -> bool {
    begun.operations == migration.operations && begun.up == migration.up && is_down_of(migration, &begun.down)
}
