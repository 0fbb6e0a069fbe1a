//! What comparisons ignore.

use migrate_core::diff::Ignore;

use crate::migrator::Migrator;

/// What comparisons ignore.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct IgnoreArguments {
    /// Ignore these objects, for example 'table public.pgboss_*', 'index dba_*' or 'schema audit'; may be repeated
    ///
    /// A kind (schema, extension, enum, table, column, constraint, index) and a name, in which * stands for any characters
    /// and ? for one. The history tables of other tools are always ignored.
    #[arg(long, value_name = "PATTERN")]
    pub ignore: Vec<Ignore>,
}

impl IgnoreArguments {
    /// The migrator that leaves them alone.
    pub(super) fn applied_to(&self, migrator: Migrator) -> Migrator {
        self.ignore.iter().cloned().fold(migrator, Migrator::ignore)
    }
}
