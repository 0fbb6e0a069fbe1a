use super::{Inverse, Operate, Touched, ddl};
use crate::catalog::{Catalog, Generated};
use crate::expression::Expression;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{Duration, Hazard, LockMode, Lowering};

/// `ALTER TABLE ... ALTER COLUMN ... SET EXPRESSION`: a generated column is computed in another way (PostgreSQL 17; 18 for a
/// virtual one).
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct SetExpression {
    /// The table.
    pub table: QualifiedName,
    /// The column.
    pub column: String,
    /// What it is generated from.
    pub expression: Expression,
}

impl SetExpression {
    fn generated<'c>(&self, catalog: &'c Catalog) -> Option<&'c Generated> {
        catalog.table(&self.table)?.column(&self.column)?.generated.as_ref()
    }

    /// Whether all values are computed again.
    fn is_stored(&self, before: &Catalog) -> bool {
        self.generated(before).is_some_and(|generated| generated.stored)
    }
}

impl Operate for SetExpression {
    fn apply(&self, catalog: &mut Catalog) {
        let column = catalog.table_mut(&self.table).and_then(|table| table.column_mut(&self.column));
        if let Some(generated) = column.and_then(|column| column.generated.as_mut()) {
            generated.expression = self.expression.clone();
        }
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        match self.generated(before) {
            Some(generated) => {
                Inverse::operation(SetExpression { expression: generated.expression.clone(), ..self.clone() })
            }
            None => Inverse::NotDerivable { why: format!("what `{}` was generated from is not known", self.column) },
        }
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        let sql = ddl::alter_column(&self.table, &self.column)
            .keyword("SET EXPRESSION AS")
            .enclosed_expression(&self.expression)
            .finish();
        let added = plan.sql(sql).locking(&self.table, LockMode::AccessExclusive);
        if self.is_stored(before) {
            added.taking(Duration::Rewrite);
        }
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        touched.table(&self.table);
    }

    fn hazards(&self, before: &Catalog, is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        if is_new(&self.table) || !self.is_stored(before) {
            return Vec::new();
        }
        let text = format!(
            "PostgreSQL computes `{}` of every row again, and rewrites `{}` while nobody can read or write it; a plain column \
             that is filled in batches is not",
            self.column, self.table
        );
        vec![(Hazard::RewritesTable, text)]
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn a_stored_column_is_computed_again_and_a_virtual_one_is_not() {
        let mut catalog = catalog();
        let operation = SetExpression {
            table: name("bookings"),
            column: "label".into(),
            expression: "upper(note)".parse().unwrap(),
        };
        assert_eq!(
            lowered(&catalog, operation.clone()),
            ["-- transaction", "ALTER TABLE public.bookings ALTER COLUMN label SET EXPRESSION AS (upper(note))"]
        );
        assert_eq!(operation.hazards(&catalog, &|_| false).len(), 1);
        assert!(operation.hazards(&catalog, &|_| true).is_empty());
        let column = catalog.table_mut(&name("bookings")).unwrap().column_mut("label").unwrap();
        column.generated.as_mut().unwrap().stored = false;
        assert!(operation.hazards(&catalog, &|_| false).is_empty());
        assert!(assert_undone(&catalog, operation).is_empty());
    }
}
