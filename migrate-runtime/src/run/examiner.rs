//! What takes the catalogs of migrations or of databases: folding, reading and comparing them. A program that only applies
//! migrations needs none of that, and carries none of it: it is reached from here alone, and this from the verbs that need it.

use std::fmt::Debug;

use migrate_core::history::{AppliedMigration, There, find};
use migrate_core::plan::Footprint;

use super::embedded;
use crate::execute::{Job, Runner, Stop};
use crate::history_table::Loaded;
use crate::running::Running;
use crate::verify::fold;

/// What a run may ask about catalogs.
pub(crate) trait Examine: Debug + Sync {
    /// Fails with the differences, by their meaning, between the live catalog and the one before the migration that was taken
    /// back.
    fn compare<'e>(
        &self,
        runner: &'e mut Runner<'_>,
        job: &'e Job<'_>,
        at: (usize, usize),
    ) -> Running<'e, Result<(), Stop>>;

    /// The indexes and constraints that the applied migrations make on the tables of a footprint. `None`: this binary does not
    /// know all of them.
    fn there(&self, runner: &Runner<'_>, applied: &[AppliedMigration], footprint: &Footprint) -> Option<There>;

    /// Takes the database over from another tool, where nothing is recorded in it yet; whether it did.
    fn adopt<'e>(
        &self,
        runner: &'e mut Runner<'_>,
        loaded: &'e Loaded,
        has_tables: bool,
    ) -> Running<'e, Result<bool, Stop>>;
}

/// Does that.
#[derive(Debug)]
pub(crate) struct Examiner;

impl Examine for Examiner {
    fn compare<'e>(
        &self,
        runner: &'e mut Runner<'_>,
        job: &'e Job<'_>,
        at: (usize, usize),
    ) -> Running<'e, Result<(), Stop>> {
        Box::pin(runner.compare_catalogs(job, at))
    }

    fn there(&self, runner: &Runner<'_>, applied: &[AppliedMigration], footprint: &Footprint) -> Option<There> {
        let embedded = embedded(runner.migrator);
        let known: Option<Vec<_>> = applied.iter().map(|row| find(&embedded, row.version)).collect();
        let catalog = fold(known?.into_iter()).ok()?;
        Some(There::of(&catalog, footprint))
    }

    fn adopt<'e>(
        &self,
        runner: &'e mut Runner<'_>,
        loaded: &'e Loaded,
        has_tables: bool,
    ) -> Running<'e, Result<bool, Stop>> {
        Box::pin(runner.adopt(loaded, has_tables))
    }
}
