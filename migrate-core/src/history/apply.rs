use super::error::{Clash, HistoryError, Modified, Unknown};
use super::{AppliedMigration, Direction, Likeness, MigrationName, Unfinished, find};
use crate::plan::{Compatibility, Migration};

/// How far to apply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// Everything.
    #[default]
    Head,
    /// Everything up to and including this version.
    Version(i64),
    /// This many of the pending ones.
    Steps(usize),
}

/// A migration to apply.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pending<'m> {
    /// The migration.
    pub migration: &'m Migration,
    /// It was started before: go on where the journal says.
    pub begun: bool,
    /// Later versions are applied already, or begun.
    pub out_of_order: bool,
}

/// What to apply, in order. `embedded` and `applied` are sorted by version.
///
/// This function does not look at an unfinished down: finish it first, then ask with the rows as they are then.
pub fn decide_apply<'m>(
    embedded: &[&'m Migration],
    applied: &[AppliedMigration],
    unfinished: &[Unfinished],
    target: Target,
) -> Result<Vec<Pending<'m>>, HistoryError> {
    check_modified(embedded, applied)?;
    check_unfinished(embedded, unfinished)?;
    check_missing(embedded, applied)?;

    let is_applied = |version: i64| applied.binary_search_by_key(&version, |row| row.version).is_ok();
    let begun = |version: i64| unfinished.iter().any(|one| one.direction == Direction::Up && one.version == version);
    let last_begun = unfinished.iter().filter(|one| one.direction == Direction::Up).map(|one| one.version).max();
    let last = applied.last().map(|row| row.version).max(last_begun);
    let mut pending: Vec<Pending<'m>> = embedded
        .iter()
        .filter(|migration| !is_applied(migration.version))
        .map(|&migration| Pending {
            migration,
            begun: begun(migration.version),
            out_of_order: last.is_some_and(|last| migration.version < last),
        })
        .collect();
    // What was started is finished first, whatever the target: the database is between two versions.
    pending.sort_by_key(|one| (!one.begun, one.migration.version));
    match target {
        Target::Head => {}
        Target::Version(version) => {
            if find(embedded, version).is_none() && !is_applied(version) {
                return Err(unknown_target(embedded, applied, version));
            }
            pending.retain(|one| one.begun || one.migration.version <= version);
        }
        Target::Steps(count) => pending.truncate(count.max(pending.iter().filter(|one| one.begun).count())),
    }
    for one in pending.iter().filter(|one| !one.begun) {
        check_order(embedded, applied, one.migration)?;
        check_order_of_begun(&pending, one.migration)?;
    }
    Ok(pending)
}

/// What to record without running: everything up to and including `version` that is not applied, in order.
pub fn decide_baseline<'m>(
    embedded: &[&'m Migration],
    applied: &[AppliedMigration],
    unfinished: &[Unfinished],
    version: i64,
) -> Result<Vec<&'m Migration>, HistoryError> {
    check_modified(embedded, applied)?;
    if find(embedded, version).is_none() {
        return Err(unknown_target(embedded, applied, version));
    }
    if let Some(one) = unfinished.first() {
        return Err(HistoryError::BaselineUnfinished(one.display_name(embedded)));
    }
    Ok(embedded
        .iter()
        .copied()
        .filter(|migration| migration.version <= version)
        .filter(|migration| applied.iter().all(|row| row.version != migration.version))
        .collect())
}

fn check_modified(embedded: &[&Migration], applied: &[AppliedMigration]) -> Result<(), HistoryError> {
    let modified: Vec<Modified> = applied
        .iter()
        .filter_map(|row| {
            let migration = find(embedded, row.version)?;
            (row.likeness(migration) == Likeness::Modified).then(|| Modified {
                migration: row.display_name(embedded),
                file: migration.file.to_string(),
                applied: row.checksum,
                embedded: migration.checksum,
            })
        })
        .collect();
    if modified.is_empty() { Ok(()) } else { Err(HistoryError::Modified(modified)) }
}

pub(super) fn check_unfinished(embedded: &[&Migration], unfinished: &[Unfinished]) -> Result<(), HistoryError> {
    for one in unfinished.iter().filter(|one| one.direction == Direction::Up) {
        let Some(migration) = find(embedded, one.version) else {
            return Err(HistoryError::UnfinishedMissing(one.display_name(embedded)));
        };
        if migration.checksum != one.checksum {
            return Err(HistoryError::UnfinishedModified(Box::new(Modified {
                migration: one.display_name(embedded),
                file: migration.file.to_string(),
                applied: one.checksum,
                embedded: migration.checksum,
            })));
        }
    }
    Ok(())
}

/// An older binary may run on a newer database when what it does not know leaves its queries working.
fn check_missing(embedded: &[&Migration], applied: &[AppliedMigration]) -> Result<(), HistoryError> {
    let breaking: Vec<Unknown> = applied
        .iter()
        .filter(|row| find(embedded, row.version).is_none())
        .filter_map(|row| match &row.compatibility {
            Compatibility::Compatible => None,
            Compatibility::Breaking(breaks) => Some(Unknown {
                migration: row.display_name(embedded),
                breaks: breaks.iter().map(ToString::to_string).collect(),
            }),
        })
        .collect();
    if breaking.is_empty() { Ok(()) } else { Err(HistoryError::Missing(breaking)) }
}

/// A pending migration was checked against the embedded ones before it: anything else that is applied must be
/// disjoint from it.
fn check_order(embedded: &[&Migration], applied: &[AppliedMigration], pending: &Migration) -> Result<(), HistoryError> {
    for row in applied {
        let applied_is_embedded = find(embedded, row.version).is_some();
        if applied_is_embedded && row.version < pending.version {
            continue;
        }
        if let Some(object) = pending.footprint.overlap(&row.footprint) {
            return Err(HistoryError::OutOfOrder(Box::new(Clash {
                pending: MigrationName::of(pending),
                applied: row.display_name(embedded),
                object: object.to_string(),
                applied_is_embedded,
            })));
        }
    }
    Ok(())
}

/// What was started will be applied before it, as if it had been when this was written.
fn check_order_of_begun(all: &[Pending<'_>], pending: &Migration) -> Result<(), HistoryError> {
    for one in all.iter().filter(|one| one.begun && one.migration.version > pending.version) {
        if let Some(object) = pending.footprint.overlap(&one.migration.footprint) {
            return Err(HistoryError::OutOfOrder(Box::new(Clash {
                pending: MigrationName::of(pending),
                applied: MigrationName::of(one.migration),
                object: object.to_string(),
                applied_is_embedded: true,
            })));
        }
    }
    Ok(())
}

pub(super) fn unknown_target(embedded: &[&Migration], applied: &[AppliedMigration], version: i64) -> HistoryError {
    let mut names: Vec<MigrationName> = embedded
        .iter()
        .map(|migration| MigrationName::of(migration))
        .chain(applied.iter().map(|row| row.display_name(embedded)))
        .collect();
    names.sort();
    names.dedup_by_key(|name| name.version);
    let before = names.iter().rfind(|name| name.version < version);
    let after = names.iter().find(|name| name.version > version);
    HistoryError::UnknownTarget { version, nearest: before.into_iter().chain(after).cloned().collect() }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    fn versions(pending: &[Pending<'_>]) -> Vec<i64> {
        pending.iter().map(|one| one.migration.version).collect()
    }

    #[test]
    fn everything_pending_runs_in_the_order_of_versions() {
        let all = [migration(1, "a"), migration(2, "b"), migration(3, "c")];
        let pending = decide_apply(&refs(&all), &[applied(1, "a")], &[], Target::Head).unwrap();
        assert_eq!(versions(&pending), [2, 3]);
        assert!(pending.iter().all(|one| !one.begun && !one.out_of_order));
    }

    #[test]
    fn a_target_stops_there() {
        let all = [migration(1, "a"), migration(2, "b"), migration(3, "c")];
        let pending = decide_apply(&refs(&all), &[], &[], Target::Version(2)).unwrap();
        assert_eq!(versions(&pending), [1, 2]);
        let pending = decide_apply(&refs(&all), &[], &[], Target::Steps(1)).unwrap();
        assert_eq!(versions(&pending), [1]);
    }

    #[test]
    fn an_unknown_target_names_its_neighbours() {
        let all = [migration(10, "a"), migration(20, "b")];
        let error = decide_apply(&refs(&all), &[], &[], Target::Version(15)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot find a migration with version 15\nhelp: the closest are `10_a` and `20_b`"
        );
    }

    #[test]
    fn a_modified_migration_is_refused_with_its_file() {
        let all = [migration(1, "a")];
        let mut row = applied(1, "a");
        row.checksum = crate::plan::Checksum::of("other");
        let error = decide_apply(&refs(&all), &[row], &[], Target::Head).unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with("1 applied migration was modified since:\n  `1_a` (migrations/1_a.rs): applied as "),
            "{text}"
        );
    }

    #[test]
    fn an_older_binary_runs_beside_compatible_migrations() {
        let all = [migration(1, "a")];
        let rows = [applied(1, "a"), applied(2, "b")];
        assert_eq!(versions(&decide_apply(&refs(&all), &rows, &[], Target::Head).unwrap()), [] as [i64; 0]);
    }

    #[test]
    fn an_older_binary_refuses_breaking_migrations_and_says_what_breaks() {
        let all = [migration(1, "a")];
        let rows = [applied(1, "a"), breaking(applied(2, "b"), "drops the column `total` of `bookings`")];
        let error = decide_apply(&refs(&all), &rows, &[], Target::Head).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the database has a migration that this binary does not know and is not compatible with:\n  `2_b`\n    \
             drops the column `total` of `bookings`\nhelp: run a newer binary, or revert them with this one"
        );
    }

    #[test]
    fn out_of_order_runs_when_disjoint() {
        let all = [touching(migration(1, "a"), "table public.a"), touching(migration(2, "b"), "table public.b")];
        let rows = [touched(applied(2, "b"), "table public.b")];
        let pending = decide_apply(&refs(&all), &rows, &[], Target::Head).unwrap();
        assert_eq!(versions(&pending), [1]);
        assert!(pending[0].out_of_order);
    }

    #[test]
    fn out_of_order_is_refused_when_both_touch_the_same_object() {
        let all = [touching(migration(1, "a"), "table public.t"), touching(migration(2, "b"), "table public.t")];
        let rows = [touched(applied(2, "b"), "table public.t")];
        let error = decide_apply(&refs(&all), &rows, &[], Target::Head).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`1_a` is not applied, but the later `2_b` is, and both change table public.t\n\
             help: give it a version after `2_b`, or revert the later one first; if it was applied by hand, record \
             that \
             (`baseline 1`, `Migrator::baseline`)"
        );
    }

    #[test]
    fn a_pending_migration_clashes_with_an_unknown_earlier_one_on_the_same_object() {
        let all = [migration(1, "a"), touching(migration(3, "c"), "table public.t")];
        let rows = [applied(1, "a"), touched(applied(2, "b"), "table public.t")];
        let error = decide_apply(&refs(&all), &rows, &[], Target::Head).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`3_c` was written without knowledge of `2_b`, which is applied, and both change table public.t\n\
             help: add `2_b` to this source, so that the two are checked together"
        );
    }

    #[test]
    fn what_touches_anything_never_runs_out_of_order() {
        let mut all = [migration(1, "a"), migration(2, "b")];
        all[0].footprint.unknown = true;
        let error = decide_apply(&refs(&all), &[applied(2, "b")], &[], Target::Head).unwrap_err();
        assert!(error.to_string().contains("both change raw SQL or a Rust function"), "{error}");
    }

    #[test]
    fn what_was_begun_is_finished_first_even_beyond_the_target() {
        let all = [migration(1, "a"), migration(2, "b"), migration(3, "c")];
        let pending =
            decide_apply(&refs(&all), &[applied(1, "a")], &[begun(&all[2], Direction::Up)], Target::Version(2))
                .unwrap();
        assert_eq!(versions(&pending), [3, 2]);
        assert!(pending[0].begun);
    }

    #[test]
    fn what_touches_what_a_later_one_that_was_begun_touches_is_refused() {
        let all = [touching(migration(1, "a"), "table public.t"), touching(migration(2, "b"), "table public.t")];
        let unfinished = [begun(&all[1], Direction::Up)];
        let error = decide_apply(&refs(&all), &[], &unfinished, Target::Head).unwrap_err();
        assert!(error.to_string().starts_with("`1_a` is not applied, but the later `2_b` is"), "{error}");
        let finishing = decide_apply(&refs(&all), &[], &unfinished, Target::Steps(0)).unwrap();
        assert_eq!(versions(&finishing), [2], "to revert it, it is finished");
        let all = [touching(migration(1, "a"), "table public.a"), all[1].clone()];
        let pending = decide_apply(&refs(&all), &[], &unfinished, Target::Head).unwrap();
        assert_eq!(versions(&pending), [2, 1]);
        assert!(pending[1].out_of_order && !pending[0].out_of_order);
    }

    #[test]
    fn what_was_begun_with_another_source_is_refused() {
        let all = [migration(1, "a")];
        let mut unfinished = begun(&all[0], Direction::Up);
        unfinished.checksum = crate::plan::Checksum::of("other");
        let error = decide_apply(&refs(&all), &[], &[unfinished], Target::Head).unwrap_err();
        assert!(error.to_string().starts_with("`1_a` was started as "), "{error}");
    }

    #[test]
    fn what_was_begun_by_a_newer_binary_is_refused() {
        let newer = migration(2, "b");
        let all = [migration(1, "a")];
        let error =
            decide_apply(&refs(&all), &[applied(1, "a")], &[begun(&newer, Direction::Up)], Target::Head).unwrap_err();
        assert_eq!(error, HistoryError::UnfinishedMissing(MigrationName::of(&newer)));
    }

    #[test]
    fn a_baseline_records_everything_up_to_it() {
        let all = [migration(1, "a"), migration(2, "b"), migration(3, "c")];
        let recorded = decide_baseline(&refs(&all), &[], &[], 2).unwrap();
        assert_eq!(recorded.iter().map(|one| one.version).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn a_baseline_leaves_out_what_is_applied() {
        let all = [migration(1, "a"), migration(2, "b"), migration(3, "c")];
        let recorded = decide_baseline(&refs(&all), &[applied(1, "a")], &[], 2).unwrap();
        assert_eq!(recorded.iter().map(|one| one.version).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn a_baseline_beside_an_unfinished_migration_is_refused() {
        let all = [migration(1, "a"), migration(2, "b")];
        let error = decide_baseline(&refs(&all), &[], &[begun(&all[0], Direction::Up)], 2).unwrap_err();
        assert!(error.to_string().starts_with("cannot record a baseline while `1_a` is half applied"), "{error}");
    }
}
