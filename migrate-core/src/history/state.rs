use super::{AppliedMigration, Direction, Likeness, MigrationName, Unfinished, find};
use crate::plan::Migration;

/// The state of a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Embedded and applied.
    Applied,
    /// Embedded, not applied.
    Pending,
    /// Embedded and not applied, although a later one is.
    OutOfOrder,
    /// Applied, not embedded.
    Missing,
    /// Applied with a different checksum.
    Modified,
    /// Started in this direction, and not finished.
    Unfinished(Direction),
}

/// The state of every migration that the binary or the database knows, by version.
pub fn decide_states(
    embedded: &[&Migration],
    applied: &[AppliedMigration],
    unfinished: &[Unfinished],
) -> Vec<(MigrationName, State)> {
    let last = applied.last().map(|row| row.version);
    let mut states: Vec<(MigrationName, State)> = embedded
        .iter()
        .map(|migration| {
            let row = applied.iter().find(|row| row.version == migration.version);
            let state = match row {
                Some(row) if row.likeness(migration) != Likeness::Modified => State::Applied,
                Some(_) => State::Modified,
                None if last.is_some_and(|last| migration.version < last) => State::OutOfOrder,
                None => State::Pending,
            };
            (MigrationName::of(migration), state)
        })
        .collect();
    for row in applied.iter().filter(|row| find(embedded, row.version).is_none()) {
        states.push((row.display_name(embedded), State::Missing));
    }
    for one in unfinished {
        let state = State::Unfinished(one.direction);
        match states.iter_mut().find(|(name, _)| name.version == one.version) {
            Some(entry) => entry.1 = state,
            None => states.push((one.display_name(embedded), state)),
        }
    }
    states.sort_by_key(|(name, _)| name.version);
    states
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn a_migration_is_named_as_the_file_of_this_binary() {
        let known = Migration { leading_zeros: 3, ..migration(1, "a") };
        let names = |embedded: &[&Migration], rows: &[AppliedMigration]| {
            decide_states(embedded, rows, &[]).iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(names(&[&known], &[applied(1, "a"), applied(2, "b")]), ["0001_a", "2_b"]);
        assert_eq!(applied(1, "earlier_name").display_name(&[&known]).to_string(), "0001_earlier_name");
    }

    #[test]
    fn every_state_is_told() {
        let mut all = [migration(1, "a"), migration(2, "b"), migration(3, "c"), migration(5, "e"), migration(6, "f")];
        let rows = [applied(1, "a"), applied(2, "b"), applied(4, "d")];
        all[1].checksum = crate::plan::Checksum::of("other");
        let states = decide_states(&refs(&all), &rows, &[begun(&all[4], Direction::Up)]);
        assert_eq!(
            states.into_iter().map(|(name, state)| (name.version, state)).collect::<Vec<_>>(),
            [
                (1, State::Applied),
                (2, State::Modified),
                (3, State::OutOfOrder),
                (4, State::Missing),
                (5, State::Pending),
                (6, State::Unfinished(Direction::Up)),
            ]
        );
    }
}
