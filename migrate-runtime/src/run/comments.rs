//! Comments on objects that this binary has in another form than the applied migrations.

use migrate_core::history::{
    AppliedMigration, MigrationName, Repairing, changed_comments, decide_comments, drop_comments, if_there,
};
use migrate_core::plan::Checksum;
use migrate_core::sorted::SortedSet;

use super::{embedded, placed};
use crate::error::Error;
use crate::event::Event;
use crate::execute::{Runner, Stop};
use crate::history_table::Loaded;

impl Runner<'_> {
    /// Sets them, once everything is applied: what the history comes to says which there are then.
    pub(super) async fn set_comments(&mut self, loaded: &Loaded) -> Result<(), Stop> {
        let embedded = embedded(self.migrator);
        let changed = decide_comments(&embedded, &loaded.applied);
        let is_applied = |version: i64| loaded.applied.iter().any(|row| row.version == version);
        if changed.is_empty() || !embedded.iter().all(|migration| is_applied(migration.version)) {
            return Ok(());
        }
        let Some(outline) = self.migrator.outline() else { return Ok(()) };
        let Runner { lock, work, tables, .. } = &mut *self;
        let stored = lock
            .while_working(tables.operations(work))
            .await
            .map_err(|source| Stop::from(Error::Database { doing: "read the history", source }))?;
        let (mut texts, mut places) = (SortedSet::new(), SortedSet::new());
        for one in &changed {
            let before = stored.get(&one.row.version).map(String::as_str).unwrap_or_default();
            for (place, text) in changed_comments(before, &one.migration.operations) {
                places.insert((one.row.version, place));
                texts.insert(text);
            }
        }
        let script = outline.set_comments(&texts);
        let script = placed(&script, self.relocation.as_ref());
        let statements: Vec<String> = script.statements().filter_map(if_there).collect();
        let footprints = loaded.applied.iter().map(|row| &row.footprint);
        let mut commands = Vec::from_iter(drop_comments(&texts, self.migrator.settings.tenant.as_deref(), footprints));
        commands.extend(statements);
        commands.extend(self.new_forms(&changed, &loaded.applied)?);
        self.record_patiently("change the comments of applied migrations", &commands).await?;
        let migrations: Vec<MigrationName> = changed.iter().map(|one| MigrationName::of(one.migration)).collect();
        self.emit(&Event::CommentsChanged { migrations: migrations.clone(), comments: places.len() });
        self.report.recommented = migrations;
        Ok(())
    }

    /// The commands that give the rows of the history their new form.
    pub(super) fn new_forms(
        &self,
        changed: &[Repairing<'_>],
        applied: &[AppliedMigration],
    ) -> Result<Vec<String>, Stop> {
        let mut commands = Vec::new();
        let mut chain = Checksum::EMPTY;
        let mut chains = Vec::new();
        for row in applied {
            let new = changed.iter().find(|one| one.row.version == row.version);
            chain = chain.chain(row.version, new.map_or(row.checksum, |one| one.migration.checksum));
            if chain != row.chain {
                chains.push((row.version, chain));
            }
        }
        for one in changed {
            commands.push(self.tables.replace(one.row, one.migration));
        }
        commands.extend(self.tables.set_chains(&chains));
        Ok(commands)
    }
}
