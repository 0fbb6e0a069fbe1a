//! What brings a database that has an earlier form of a migration to the corrected one.

use crate::catalog::Catalog;
use crate::diff::{Difference, Property};
use crate::difference::{Losses, is_possible, operations, rank};
use crate::operation::script::{Placed, lower};
use crate::operation::{Operate as _, Operation};
use crate::plan::{Hazard, Place, Script};
use crate::sorted::SortedSet;

/// What brings a live database to what is expected.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mending {
    /// The statements.
    pub script: Script,
    /// What is dangerous about them on a live table, one line each.
    pub risks: Vec<String>,
    /// What cannot be changed without losing data, or not at all: that is done by hand.
    pub left: Vec<Difference>,
}

/// What brings the live catalog to the expected one, as far as these differences go. Rows and values are never dropped, and
/// values are not brought to a type that may not hold them.
pub fn mend(live: &Catalog, expected: &Catalog, differences: &[Difference], oldest_server: u32) -> Mending {
    let mut pool: Vec<(usize, Operation)> = Vec::new();
    let mut left = SortedSet::new();
    for (index, difference) in differences.iter().enumerate() {
        if matches!(difference, Difference::Different { property: Property::Comment, .. }) {
            // They are set with what is recorded.
            continue;
        }
        match operations(live, expected, difference, Losses::Refused, oldest_server) {
            Some(operations) => pool.extend(operations.into_iter().map(|operation| (index, operation))),
            None => {
                left.insert(index);
            }
        }
    }
    pool.sort_by_key(|(index, operation)| (rank(operation), *index));
    pool.dedup_by(|(_, one), (_, other)| one == other);
    let mut catalog = live.clone();
    let mut placed: Vec<Placed> = Vec::new();
    let mut risks = Vec::new();
    while let Some(at) = pool.iter().position(|(_, operation)| is_possible(operation, &catalog, expected)) {
        let (index, operation) = pool.remove(at);
        let hazards = operation.hazards(&catalog, &|table| live.table(table).is_none());
        if hazards.iter().any(|(hazard, _)| matches!(hazard, Hazard::DropsData | Hazard::NarrowsType)) {
            left.insert(index);
            continue;
        }
        operation.apply(&mut catalog);
        let (hazards, lines): (Vec<_>, Vec<_>) = hazards.into_iter().unzip();
        risks.extend(lines);
        placed.push((operation, Place::default(), hazards));
    }
    left.extend(pool.into_iter().map(|(index, _)| index));
    let left: Vec<Difference> = left.into_iter().filter_map(|index| differences.get(index)).cloned().collect();
    Mending { script: lower(live, &placed, oldest_server), risks, left }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{AccessTarget, Privilege, Role, Said};
    use crate::operation::testing::{catalog, check, column, name, unique};
    use crate::plan::Work;

    fn sql(mending: &Mending) -> Vec<String> {
        let sql = |work: &Work| match work {
            Work::Sql(sql) => sql.to_string(),
            other => format!("{other:?}"),
        };
        mending.script.statements().map(|statement| sql(&statement.work)).collect()
    }

    fn mended(change: impl FnOnce(&mut Catalog)) -> Mending {
        let live = catalog();
        let mut expected = live.clone();
        change(&mut expected);
        mend(&live, &expected, &expected.differences(&live), 14)
    }

    #[test]
    fn nothing_is_to_do_where_nothing_differs() {
        assert_eq!(mended(|_| {}), Mending::default());
    }

    #[test]
    fn what_is_missing_is_made_in_the_order_of_what_it_needs() {
        let mending = mended(|expected| {
            let table = expected.table_mut(&name("bookings")).unwrap();
            table.columns.push(column("extra", "text?"));
            table.constraints.insert("extra_key".into(), unique(&["extra"]));
            table.constraints.insert("extra_check".into(), check("length(extra) > 1"));
        });
        assert_eq!(mending.left, []);
        let sql = sql(&mending);
        assert!(sql[0].contains("ADD COLUMN extra"), "{sql:?}");
        assert!(sql.iter().any(|one| one.contains("CREATE UNIQUE INDEX CONCURRENTLY extra_key")), "{sql:?}");
        assert!(sql.iter().any(|one| one.contains("VALIDATE CONSTRAINT extra_check")), "{sql:?}");
    }

    #[test]
    fn privileges_and_owners_are_brought_to_what_is_said() {
        let mut live = catalog();
        let target = AccessTarget::Table(name("bookings"));
        let (app, granted) = (Role::Named("app".into()), Said::Granted { with_option: false });
        let mut expected = live.clone();
        let access = target.access_mut(&mut expected).unwrap();
        access.owner = Some(Role::Named("owner".into()));
        access.grants.0.entry(app.clone()).or_default().insert(Privilege::Select, granted);
        let access = target.access_mut(&mut live).unwrap();
        access.owner = Some(Role::Named("somebody".into()));
        access.grants.0.entry(app).or_default().insert(Privilege::Delete, granted);
        access.grants.0.entry(Role::Public).or_default().insert(Privilege::Select, granted);
        let mending = mend(&live, &expected, &expected.differences(&live), 14);
        assert_eq!(mending.left, []);
        assert_eq!(
            sql(&mending),
            [
                "ALTER TABLE public.bookings OWNER TO owner",
                "REVOKE SELECT ON TABLE public.bookings FROM PUBLIC",
                "REVOKE DELETE ON TABLE public.bookings FROM app",
                "GRANT SELECT ON TABLE public.bookings TO app",
            ]
        );
    }

    #[test]
    fn nothing_is_dropped_that_has_rows_or_values() {
        let live = catalog();
        let mending = mend(&live, &Catalog::default(), &Catalog::default().differences(&live), 14);
        let left: Vec<String> = mending.left.iter().map(ToString::to_string).collect();
        assert!(left.iter().any(|line| line.starts_with("table `bookings`")), "{left:?}");
        assert!(!sql(&mending).iter().any(|sql| sql.contains("DROP TABLE") || sql.contains("DROP COLUMN")));
        let mending = mended(|expected| {
            expected.table_mut(&name("bookings")).unwrap().columns.pop();
        });
        assert_eq!(mending.left.len(), 1);
        assert_eq!(sql(&mending), [] as [String; 0]);
    }
}
