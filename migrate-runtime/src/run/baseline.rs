//! Recording without running.

use std::collections::BTreeSet;

use migrate_core::catalog::Catalog;
use migrate_core::diff::{Difference, Object, Property};
use migrate_core::history::{Kind, MigrationName, chains_after_insert, decide_baseline};
use migrate_core::plan::{Checksum, Migration};

use super::apply::insert;
use super::embedded;
use crate::error::Error;
use crate::execute::{Runner, Stop};
use crate::history_table::Loaded;
use crate::introspect::Introspection;
use crate::settings::Settings;
use crate::verify::fold;

/// What to record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Baseline {
    /// Everything up to and including this.
    pub(crate) version: i64,
    /// Whether the database has to have what the recorded migrations make.
    pub(crate) checked: bool,
}

impl Runner<'_> {
    pub(super) async fn baseline(&mut self, baseline: Baseline, loaded: &Loaded) -> Result<(), Stop> {
        let embedded = embedded(self.migrator);
        let unfinished = loaded.unfinished();
        let recorded = decide_baseline(&embedded, &loaded.applied, &unfinished, baseline.version)
            .map_err(|error| Stop::Failed(error.into()))?;
        if baseline.checked {
            self.check_recorded(&embedded, &recorded, loaded).await?;
        }
        self.record_unrun(&recorded, loaded, "record the baseline").await
    }

    /// Records migrations that do not run.
    pub(super) async fn record_unrun(
        &mut self,
        recorded: &[&Migration],
        loaded: &Loaded,
        doing: &'static str,
    ) -> Result<(), Stop> {
        let mut rows = loaded.applied.clone();
        let mut commands = Vec::new();
        for migration in recorded {
            let chains = chains_after_insert(&rows, migration.version, migration.checksum);
            let own = chains.first().map_or(Checksum::EMPTY, |(_, chain)| *chain);
            commands.push(self.tables.insert(&[self.row(migration, own, Kind::Baseline, "0")]));
            commands.extend(self.tables.set_chains(chains.get(1..).unwrap_or_default()));
            insert(&mut rows, migration, &chains);
        }
        if !commands.is_empty() {
            self.record_own(doing, &commands).await?;
        }
        self.report.baselined = recorded.iter().map(|migration| MigrationName::of(migration)).collect();
        Ok(())
    }

    /// Fails where the database is not what the migrations to record would have made of it.
    async fn check_recorded(
        &mut self,
        embedded: &[&Migration],
        recorded: &[&Migration],
        loaded: &Loaded,
    ) -> Result<(), Stop> {
        let is_applied = |migration: &&Migration| loaded.applied.iter().any(|row| row.version == migration.version);
        let is_recorded = |migration: &&Migration| recorded.iter().any(|one| one.version == migration.version);
        let known = || embedded.iter().copied();
        let before = fold(known().filter(is_applied)).map_err(Stop::Failed)?;
        let after = fold(known().filter(|one| is_applied(one) || is_recorded(one))).map_err(Stop::Failed)?;
        let live = self.live(&after).await?;
        let settled = self.settle(&after, &live.catalog).await?;
        let differences = differences((&before, &after, &settled), &live, &self.migrator.settings);
        if differences.is_empty() {
            return Ok(());
        }
        Err(Stop::Failed(Error::NotAsRecorded { differences }))
    }
}

/// [`found`], one line each, with what is not finished.
pub(super) fn differences(
    catalogs: (&Catalog, &Catalog, &Catalog),
    live: &Introspection,
    settings: &Settings,
) -> Vec<String> {
    found(catalogs, live, settings)
        .iter()
        .map(ToString::to_string)
        .chain(unfinished(catalogs, live, settings))
        .collect()
}

/// What differs in the objects that `after` has otherwise than `before`. `settled` is `after` in the server's words. What is in the database besides is nobody's
/// business here.
pub(super) fn found(
    (before, after, settled): (&Catalog, &Catalog, &Catalog),
    live: &Introspection,
    settings: &Settings,
) -> Vec<Difference> {
    let changed = Changed::between(before, after);
    let found = settled.differences(&live.catalog).into_iter().filter(|one| !settings.ignored(one.object()));
    let found = found.filter(|difference| match difference {
        Difference::Unexpected(object) => changed.0.contains(object),
        // Whoever works by hand writes no comments.
        Difference::Different { property: Property::Comment, .. } => false,
        Difference::Missing(object) | Difference::Different { object, .. } => changed.concerns(object),
    });
    found.collect()
}

/// What of these objects is not finished, one line each.
fn unfinished(
    (before, after, _): (&Catalog, &Catalog, &Catalog),
    live: &Introspection,
    settings: &Settings,
) -> Vec<String> {
    let changed = Changed::between(before, after);
    let concerned = |object: Object| !settings.ignored(&object) && changed.concerns(&object);
    live.unfinished.iter().filter(|one| concerned(one.object())).map(ToString::to_string).collect()
}

/// The objects that two catalogs have otherwise.
struct Changed(BTreeSet<Object>);

impl Changed {
    fn between(before: &Catalog, after: &Catalog) -> Self {
        Changed(before.differences(after).iter().map(|difference| difference.object().clone()).collect())
    }

    fn concerns(&self, object: &Object) -> bool {
        self.0.contains(object) || object.table().is_some_and(|table| self.0.contains(&Object::Table(table.clone())))
    }
}
