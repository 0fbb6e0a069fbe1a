//! What comparisons leave alone.

use migrate_core::diff::Ignore;

use crate::migrator::Migrator;

/// What comparisons leave alone.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct IgnoreArguments {
    /// Leave these objects alone, as in 'table public.pgboss_*', 'index dba_*' or 'schema audit'; may be repeated
    ///
    /// A kind (schema, extension, enum, table, column, constraint, index) and a name, in which * stands for any characters
    /// and ? for one. Tables in which other tools keep their histories are left alone anyway.
    #[arg(long, value_name = "PATTERN")]
    pub ignore: Vec<Ignore>,
}

impl IgnoreArguments {
    /// The migrator that leaves them alone.
    pub(super) fn applied_to(&self, migrator: Migrator) -> Migrator {
        self.ignore.iter().cloned().fold(migrator, Migrator::ignore)
    }
}
