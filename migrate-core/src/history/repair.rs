//! Migrations that were applied in another form than the binary has.

use super::apply::unknown_target;
use super::{AppliedMigration, HistoryError, Likeness, MigrationName, Unfinished, find};
use crate::plan::Migration;

/// An applied migration, and the corrected form of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Repairing<'r> {
    /// What the database has.
    pub row: &'r AppliedMigration,
    /// What this binary has.
    pub migration: &'r Migration,
}

/// The applied migrations whose comments on objects this binary has in another form. A form that the database had before
/// is that of an older binary, and is no news.
pub fn decide_comments<'r>(embedded: &[&'r Migration], applied: &'r [AppliedMigration]) -> Vec<Repairing<'r>> {
    unlike(embedded, applied, |likeness| likeness == Likeness::Comments)
}

/// What to repair: the applied migrations that this binary has in another form; of these versions only, unless there are
/// none.
pub fn decide_repair<'r>(
    embedded: &[&'r Migration],
    applied: &'r [AppliedMigration],
    unfinished: &[Unfinished],
    versions: &[i64],
) -> Result<Vec<Repairing<'r>>, HistoryError> {
    if let Some(one) = unfinished.first() {
        return Err(HistoryError::RepairUnfinished(one.display_name(embedded)));
    }
    for version in versions {
        let Some(migration) = find(embedded, *version) else {
            return Err(unknown_target(embedded, applied, *version));
        };
        if applied.iter().all(|row| row.version != *version) {
            return Err(HistoryError::RepairNotApplied(MigrationName::of(migration)));
        }
    }
    // Whoever names a version wants the form of this binary, also where the database had it once.
    let wanted = |likeness: Likeness| match likeness {
        Likeness::Same => false,
        Likeness::Modified => true,
        Likeness::Earlier | Likeness::Comments => !versions.is_empty(),
    };
    let mut repairing = unlike(embedded, applied, wanted);
    repairing.retain(|one| versions.is_empty() || versions.contains(&one.row.version));
    Ok(repairing)
}

fn unlike<'r>(
    embedded: &[&'r Migration],
    applied: &'r [AppliedMigration],
    wanted: impl Fn(Likeness) -> bool,
) -> Vec<Repairing<'r>> {
    let pair = |row: &'r AppliedMigration| Some(Repairing { row, migration: find(embedded, row.version)? });
    applied.iter().filter_map(pair).filter(|one| wanted(one.row.likeness(one.migration))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::history::{Direction, State, Target, decide_apply, decide_states};
    use crate::plan::Checksum;

    fn versions(repairing: &[Repairing<'_>]) -> Vec<i64> {
        repairing.iter().map(|one| one.row.version).collect()
    }

    #[test]
    fn changed_comments_are_news_once_and_no_modification() {
        let mut all = [migration(1, "a"), migration(2, "b")];
        all[0].identity = Some(Checksum::of("a without comments"));
        let mut row = applied(1, "a");
        row.checksum = Checksum::of("a with other comments");
        row.identity = all[0].identity;
        let rows = [row];
        assert_eq!(versions(&decide_comments(&refs(&all), &rows)), [1]);
        assert_eq!(decide_states(&refs(&all), &rows, &[])[0].1, State::Applied);
        assert_eq!(decide_apply(&refs(&all), &rows, &[], Target::Head).unwrap().len(), 1);
        // A binary whose comments the database had before is an older one.
        let mut rows = rows;
        rows[0].earlier.push(all[0].checksum);
        assert_eq!(versions(&decide_comments(&refs(&all), &rows)), [] as [i64; 0]);
        // Asked for by its version it is set all the same.
        assert_eq!(versions(&decide_repair(&refs(&all), &rows, &[], &[1]).unwrap()), [1]);
        assert_eq!(versions(&decide_repair(&refs(&all), &rows, &[], &[]).unwrap()), [] as [i64; 0]);
    }

    #[test]
    fn what_was_modified_is_repaired_and_an_older_binary_goes_on() {
        let all = [migration(1, "a"), migration(2, "b")];
        let mut rows = [applied(1, "a"), applied(2, "b")];
        rows[1].checksum = Checksum::of("mistaken");
        assert_eq!(versions(&decide_repair(&refs(&all), &rows, &[], &[]).unwrap()), [2]);
        assert_eq!(versions(&decide_repair(&refs(&all), &rows, &[], &[1]).unwrap()), [] as [i64; 0]);
        assert!(decide_apply(&refs(&all), &rows, &[], Target::Head).is_err());
        // The binary that had the mistake, after the repair.
        rows[1] = AppliedMigration { earlier: vec![all[1].checksum], ..rows[1].clone() };
        assert!(decide_apply(&refs(&all), &rows, &[], Target::Head).unwrap().is_empty());
    }

    #[test]
    fn what_cannot_be_repaired_says_why() {
        let all = [migration(1, "a"), migration(2, "b")];
        let rows = [applied(1, "a")];
        let refused = |unfinished: &[Unfinished], versions: &[i64]| {
            decide_repair(&refs(&all), &rows, unfinished, versions).unwrap_err().to_string()
        };
        assert!(refused(&[begun(&all[1], Direction::Up)], &[]).starts_with("cannot repair while `2_b` is half done"));
        assert!(refused(&[], &[2]).starts_with("cannot repair `2_b`: it is not applied"));
        assert!(refused(&[], &[7]).contains(" version 7"));
    }
}
