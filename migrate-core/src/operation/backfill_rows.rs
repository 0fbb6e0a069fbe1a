use serde::{Deserialize, Serialize};

use super::{Inverse, Operate, Touched, rows};
use crate::catalog::Catalog;
use crate::expression::Expression;
use crate::name::QualifiedName;
use crate::plan::Lowering;

/// An update of many rows in batches with their own commits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BackfillRows {
    /// The table.
    pub table: QualifiedName,
    /// `SET`
    pub assignments: Vec<(String, Expression)>,
    /// `WHERE`; `None` for every row.
    pub condition: Option<Expression>,
    /// Rows for each batch.
    pub batch: u32,
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
            ["-- transaction", "UPDATE public.bookings SET note = 'x' WHERE note IS NULL",]
        );
    }
}
