//! What comparisons ignore.

use migrate_core::diff::{Ignore, Object};

use crate::migrator::Migrator;

/// What comparisons ignore.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct IgnoreArguments {
    /// Ignore these objects, for example 'table public.pgboss_*', 'index dba_*' or 'schema audit'; may be repeated
    ///
    /// A kind (schema, extension, enum, table, column, constraint, index) and a name, in which * stands for any characters
    /// and ? for one. Without a schema it is public: 'index *.dba_*' is in any. The history tables of other tools are always
    /// ignored.
    #[arg(long, value_name = "PATTERN")]
    pub ignore: Vec<Ignore>,
}

impl IgnoreArguments {
    /// The patterns that none of the objects is one of.
    pub(super) fn idle<'o>(&self, objects: impl Iterator<Item = &'o Object> + Clone) -> impl Iterator<Item = &Ignore> {
        self.ignore.iter().filter(move |pattern| !objects.clone().any(|object| pattern.matches(object)))
    }

    /// The migrator that leaves them alone.
    pub(super) fn applied_to(&self, migrator: Migrator) -> Migrator {
        self.ignore.iter().cloned().fold(migrator, Migrator::ignore)
    }
}
