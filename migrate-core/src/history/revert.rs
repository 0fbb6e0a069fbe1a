use super::apply::{check_unfinished, unknown_target};
use super::error::{HistoryError, Irreversible};
use super::{AppliedMigration, MigrationName, Unfinished, extensions_of, find, is_down_of};
use crate::plan::{Checksum, Down, Migration, Script};

/// How far to revert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevertTarget {
    /// This many, from the last.
    Steps(usize),
    /// Everything after this version; 0 for everything.
    Version(i64),
}

/// Where the down comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DownSource {
    /// This binary: it has the migration with the checksum that was applied, and what is stored does no more than that.
    Embedded,
    /// The history table alone.
    Stored,
}

/// A migration to revert.
#[derive(Clone, Debug, PartialEq)]
pub struct Reverting<'r> {
    /// Its name.
    pub migration: MigrationName,
    /// The checksum it was applied with.
    pub checksum: Checksum,
    /// What to run.
    pub script: &'r Script,
    /// What does not come back, one line each.
    pub loses: Vec<String>,
    /// Where `script` comes from.
    pub source: DownSource,
}

/// What to revert, in order: the last version first. `embedded` and `applied` are sorted by version; `applied` has
/// the stored downs.
///
/// Nothing runs unless everything in the range can be reverted.
pub fn decide_revert<'r>(
    embedded: &[&'r Migration],
    applied: &'r [AppliedMigration],
    unfinished: &[Unfinished],
    target: RevertTarget,
) -> Result<Vec<Reverting<'r>>, HistoryError> {
    // An unfinished down is finished before this is asked; an unfinished up would be applied once it is finished.
    check_unfinished(embedded, unfinished)?;
    let rows: Vec<&'r AppliedMigration> = match target {
        RevertTarget::Steps(_) if applied.is_empty() => return Err(HistoryError::NothingToRevert),
        RevertTarget::Steps(count) => applied.iter().rev().take(count).collect(),
        RevertTarget::Version(version) => {
            if version != 0 && applied.iter().all(|row| row.version != version) {
                return Err(unknown_target(embedded, applied, version));
            }
            applied.iter().rev().filter(|row| row.version > version).collect()
        }
    };
    let mut reverting = Vec::with_capacity(rows.len());
    let mut irreversible = Vec::new();
    for row in rows {
        let known = find(embedded, row.version).filter(|migration| migration.checksum == row.checksum);
        // Which extensions were there before it, and so stay, is in the stored one.
        let leaves_extensions = row.down.is_some() && extensions_of(&row.footprint).next().is_some();
        let (down, source) = match known {
            Some(migration) if !leaves_extensions => (Some(&migration.down), DownSource::Embedded),
            Some(migration) if row.down.as_ref().is_some_and(|down| is_down_of(migration, down)) => {
                (row.down.as_ref(), DownSource::Embedded)
            }
            _ => (row.down.as_ref(), DownSource::Stored),
        };
        match down {
            Some(Down::Script { script, loses }) => reverting.push(Reverting {
                migration: row.display_name(embedded),
                checksum: row.checksum,
                script,
                loses: loses.iter().map(ToString::to_string).collect(),
                source,
            }),
            Some(Down::Irreversible { why }) => {
                irreversible.push(Irreversible { migration: row.display_name(embedded), why: why.to_string() });
            }
            None => irreversible.push(Irreversible {
                migration: row.display_name(embedded),
                why: "this binary does not know it, and no down is stored with it".to_string(),
            }),
        }
    }
    if irreversible.is_empty() { Ok(reverting) } else { Err(HistoryError::Irreversible(irreversible)) }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    fn versions(reverting: &[Reverting<'_>]) -> Vec<i64> {
        reverting.iter().map(|one| one.migration.version).collect()
    }

    #[test]
    fn the_last_version_is_reverted_first() {
        let all = [migration(1, "a"), migration(2, "b"), migration(3, "c")];
        let rows = [applied(1, "a"), applied(2, "b"), applied(3, "c")];
        assert_eq!(versions(&decide_revert(&refs(&all), &rows, &[], RevertTarget::Steps(2)).unwrap()), [3, 2]);
        assert_eq!(versions(&decide_revert(&refs(&all), &rows, &[], RevertTarget::Version(1)).unwrap()), [3, 2]);
        assert_eq!(versions(&decide_revert(&refs(&all), &rows, &[], RevertTarget::Version(0)).unwrap()), [3, 2, 1]);
        assert_eq!(
            versions(&decide_revert(&refs(&all), &rows, &[], RevertTarget::Version(3)).unwrap()),
            [] as [i64; 0]
        );
    }

    #[test]
    fn an_empty_history_has_nothing_to_revert() {
        assert_eq!(decide_revert(&[], &[], &[], RevertTarget::Steps(1)).unwrap_err(), HistoryError::NothingToRevert);
    }

    #[test]
    fn the_embedded_down_is_used_when_the_checksums_are_equal() {
        let all = [migration(1, "a")];
        let rows = [applied(1, "a")];
        let reverting = decide_revert(&refs(&all), &rows, &[], RevertTarget::Steps(1)).unwrap();
        assert_eq!(reverting[0].source, DownSource::Embedded);
    }

    #[test]
    fn the_stored_down_is_used_for_a_migration_that_is_missing_or_modified() {
        let mut changed = migration(1, "a");
        changed.checksum = Checksum::of("other");
        let rows = [applied(1, "a"), applied(2, "b")];
        let reverting = decide_revert(&[&changed], &rows, &[], RevertTarget::Steps(2)).unwrap();
        assert!(reverting.iter().all(|one| one.source == DownSource::Stored));
    }

    #[test]
    fn one_irreversible_migration_stops_all_and_says_why() {
        let mut all = [migration(1, "a"), migration(2, "b")];
        all[0].down = Down::Irreversible { why: "the old rates are gone".into() };
        let rows = [applied(1, "a"), applied(2, "b")];
        let error = decide_revert(&refs(&all), &rows, &[], RevertTarget::Steps(2)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot revert:\n  `1_a`: the old rates are gone\n\
         help: nothing was reverted; revert to `1_a` at most (`down --to 1`), or move forward with a new migration"
        );
        assert!(decide_revert(&refs(&all), &rows, &[], RevertTarget::Steps(1)).is_ok());
    }

    #[test]
    fn an_unknown_version_is_no_target() {
        let rows = [applied(1, "a")];
        let error = decide_revert(&[], &rows, &[], RevertTarget::Version(7)).unwrap_err();
        assert_eq!(error.to_string(), "cannot find a migration with version 7\nhelp: the closest is `1_a`");
    }
}
