use super::{Inverse, Operate, Touched, rows};
use crate::catalog::{Catalog, Table};
use crate::expression::Expression;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::Lowering;

/// An update of many rows in batches with their own commits.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct BackfillRows {
    /// The table.
    pub table: QualifiedName,
    /// `SET`
    pub assignments: Vec<(String, Expression)>,
    /// `WHERE`; `None` for every row.
    pub condition: Option<Expression>,
    /// The most rows of a batch.
    pub batch: u32,
}

impl BackfillRows {
    /// The most rows of a batch where the source does not say.
    pub const DEFAULT_BATCH: u32 = rows::DEFAULT_BATCH;

    /// The columns of the table that a backfill walks along, and cannot change: the primary key, else those of a unique
    /// constraint without NULLs. None: it walks along the pages, and tells by its condition what is left.
    pub fn key(table: &Table) -> &[String] {
        rows::backfill_key(table)
    }
}

impl Operate for BackfillRows {
    fn apply(&self, _catalog: &mut Catalog) {}

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::NotDerivable { why: "the old values are not kept".into() }
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        let table = before.table(&self.table);
        rows::lower_backfill(&self.table, table, &self.assignments, self.condition.as_ref(), self.batch, plan);
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        touched.table(&self.table);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::catalog::Constraint;

    #[test]
    fn a_live_table_is_filled_in_batches() {
        assert_eq!(
            lowered(
                &catalog(),
                BackfillRows {
                    table: name("bookings"),
                    assignments: vec![("note".into(), expression("'x'"))],
                    condition: None,
                    batch: 500
                }
            ),
            ["-- alone", "backfill public.bookings by (id) set note = 'x' where TRUE in batches of 500",]
        );
    }

    #[test]
    fn walks_along_the_first_key_that_every_row_has() {
        let table = |columns: &[&str], keys: &[(&str, Constraint)]| Table {
            columns: columns.iter().map(|name| column(name, if *name == "nick" { "text?" } else { "text" })).collect(),
            constraints: keys.iter().map(|(name, key)| ((*name).to_owned(), key.clone())).collect(),
            ..Table::default()
        };
        let columns = ["id", "email", "nick"];
        let nullable = ("a_key", unique(&["nick"]));
        let both = ("b_key", unique(&["email", "nick"]));
        let email = ("c_key", unique(&["email"]));
        let primary = ("pkey", primary_key(&["id"]));
        let keys = [nullable.clone(), both.clone(), email, primary];
        assert_eq!(BackfillRows::key(&table(&columns, &keys)), ["id"]);
        assert_eq!(BackfillRows::key(&table(&columns, &keys[..3])), ["email"]);
        assert!(BackfillRows::key(&table(&columns, &[nullable, both])).is_empty());
    }

    #[test]
    fn a_new_table_is_filled_at_once() {
        assert_eq!(
            lowered_on_new(
                &catalog(),
                &["bookings"],
                BackfillRows {
                    table: name("bookings"),
                    assignments: vec![("note".into(), expression("'x'"))],
                    condition: Some(expression("note IS NULL")),
                    batch: 500
                }
            ),
            [
                "-- transaction",
                "SET LOCAL migrate.on_update TO 'off'",
                "UPDATE public.bookings SET note = 'x' WHERE note IS NULL",
                "SET LOCAL migrate.on_update TO DEFAULT",
            ]
        );
    }
}
