use super::{Inverse, Operate, Touched, ddl};
use crate::catalog::Catalog;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{LockMode, Lowering};

/// `ALTER TABLE ... ALTER COLUMN ... DROP EXPRESSION`: a stored generated column keeps its values, and is a plain one.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct DropExpression {
    /// The table.
    pub table: QualifiedName,
    /// The column.
    pub column: String,
}

impl Operate for DropExpression {
    fn apply(&self, catalog: &mut Catalog) {
        if let Some(column) = catalog.table_mut(&self.table).and_then(|table| table.column_mut(&self.column)) {
            column.generated = None;
        }
    }

    fn invert(&self, _before: &Catalog) -> Inverse {
        let column = &self.column;
        Inverse::NotDerivable { why: format!("PostgreSQL cannot turn `{column}` into a generated column again") }
    }

    fn lower(&self, _before: &Catalog, plan: &mut Lowering) {
        let sql = ddl::alter_column(&self.table, &self.column).keyword("DROP EXPRESSION").finish();
        plan.sql(sql).locking_only(&self.table, LockMode::AccessExclusive);
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        touched.table(&self.table);
    }

    fn breaks(&self, _before: &Catalog) -> Vec<String> {
        vec![format!("`{}.{}` is no longer generated", self.table, self.column)]
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::catalog::Generated;

    #[test]
    fn the_column_is_a_plain_one() {
        let mut catalog = catalog();
        let column = catalog.table_mut(&name("bookings")).unwrap().column_mut("note").unwrap();
        column.generated = Some(Generated { expression: "'a'".parse().unwrap(), stored: true });
        let operation = DropExpression { table: name("bookings"), column: "note".into() };
        assert_eq!(
            lowered(&catalog, operation.clone()),
            ["-- transaction", "ALTER TABLE public.bookings ALTER COLUMN note DROP EXPRESSION"]
        );
        operation.apply(&mut catalog);
        assert_eq!(catalog.table(&name("bookings")).unwrap().column("note").unwrap().generated, None);
    }
}
