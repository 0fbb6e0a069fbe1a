//! What to do about a database, decided from what the binary embeds and what the database says was applied.
//!
//! Pure: the runtime reads the rows, asks here, and does it.

mod abandon;
mod apply;
mod comments;
mod error;
mod extensions;
mod mend;
mod reform;
mod repair;
mod revert;
mod row;
mod state;
mod stored;
#[cfg(test)]
mod testing;

pub use abandon::{
    Abandoning, COMPARE, HalfApplied, LeftConstraint, LeftIndex, Leftovers, Origin, There, decide_abandon,
    decide_restore,
};
pub use apply::{Pending, Target, decide_apply, decide_baseline};
pub use comments::{changed_comments, drop_comments};
pub use error::{Clash, HistoryError, Irreversible, Modified, Unknown};
pub use extensions::{
    DroppedExtension, ExtensionElsewhere, InstalledExtension, dropped_extensions, drops_extension, extensions_of,
    extensions_there_before, keeping_extensions,
};
pub use mend::{Mending, mend};
pub use reform::{Forms, Reform, if_there};
pub use repair::{Repairing, decide_comments, decide_repair};
pub use revert::{DownSource, RevertTarget, Reverting, decide_revert};
pub use row::{AppliedMigration, Direction, Kind, Likeness, MigrationName, Unfinished};
pub use state::{State, decide_states};
pub use stored::{is_down_of, is_script_of};

use crate::plan::{Checksum, Migration};

/// The checksum of a whole history: what a database that has exactly these migrations stores in its last row.
pub fn chain_of(migrations: impl IntoIterator<Item = (i64, Checksum)>) -> Checksum {
    migrations.into_iter().fold(Checksum::EMPTY, |chain, (version, checksum)| chain.chain(version, checksum))
}

/// The rows whose chain changes when a migration is inserted among them, with the new values: the inserted one and
/// every later one. `applied` is sorted by version, and its chains are right.
pub fn chains_after_insert(applied: &[AppliedMigration], version: i64, checksum: Checksum) -> Vec<(i64, Checksum)> {
    let before = applied.iter().rfind(|row| row.version < version).map_or(Checksum::EMPTY, |row| row.chain);
    let mut chain = before.chain(version, checksum);
    let mut chains = vec![(version, chain)];
    for row in applied.iter().filter(|row| row.version > version) {
        chain = chain.chain(row.version, row.checksum);
        chains.push((row.version, chain));
    }
    chains
}

/// The embedded migration of that version. `embedded` is sorted by version.
pub fn find<'m>(embedded: &[&'m Migration], version: i64) -> Option<&'m Migration> {
    let index = embedded.binary_search_by_key(&version, |migration| migration.version).ok()?;
    embedded.get(index).copied()
}

#[cfg(test)]
mod tests {
    use super::testing::{applied, migration, with_chains};
    use super::*;

    #[test]
    fn an_insert_out_of_order_changes_the_chain_of_every_later_row() {
        let rows = with_chains(vec![applied(1, "a"), applied(3, "c")]);
        let new = migration(2, "b");
        let chains = chains_after_insert(&rows, 2, new.checksum);
        assert_eq!(chains.iter().map(|(version, _)| *version).collect::<Vec<_>>(), [2, 3]);
        let all = chain_of([(1, rows[0].checksum), (2, new.checksum), (3, rows[1].checksum)]);
        assert_eq!(chains[1].1, all);
    }

    #[test]
    fn an_insert_at_the_end_changes_its_own_chain_only() {
        let rows = with_chains(vec![applied(1, "a")]);
        let new = migration(2, "b");
        assert_eq!(
            chains_after_insert(&rows, 2, new.checksum),
            [(2, chain_of([(1, rows[0].checksum), (2, new.checksum)]))]
        );
    }
}
