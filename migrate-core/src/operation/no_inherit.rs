use super::{Inherit, Inverse, Operate, Touched, ddl};
use crate::catalog::{Catalog, ConstraintKind};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{LockMode, Lowering};

/// `ALTER TABLE ... NO INHERIT`. What the table had because of the other one is its own from then on.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct NoInherit {
    /// The table.
    pub table: QualifiedName,
    /// The table that it inherits from no longer.
    pub parent: QualifiedName,
}

impl Operate for NoInherit {
    fn apply(&self, catalog: &mut Catalog) {
        let Some(table) = catalog.table_mut(&self.table) else { return };
        table.inherits.retain(|parent| *parent != self.parent);
        let table = table.clone();
        let is_own_column = |column: &str| catalog.parents_with_column(&table, column).is_empty();
        let is_own_check = |check: &str| catalog.parents_with_check(&table, check).is_empty();
        let columns: Vec<String> =
            table.columns.iter().map(|column| column.name.clone()).filter(|column| is_own_column(column)).collect();
        let checks: Vec<String> = table.constraints.keys().filter(|check| is_own_check(check)).cloned().collect();
        let Some(table) = catalog.table_mut(&self.table) else { return };
        for column in table.columns.iter_mut().filter(|column| columns.contains(&column.name)) {
            column.inherited = false;
        }
        for (name, constraint) in &mut table.constraints {
            if checks.contains(name) && matches!(constraint.kind, ConstraintKind::Check(_)) {
                constraint.attached_to = None;
            }
        }
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        let mut after = before.clone();
        self.apply(&mut after);
        let inherited = |catalog: &Catalog| {
            let table = catalog.table(&self.table);
            let columns = table.into_iter().flat_map(|table| &table.columns).filter(|column| column.inherited);
            let checks = table.into_iter().flat_map(|table| table.constraints.values());
            columns.count() + checks.filter(|check| check.attached_to.is_some()).count()
        };
        if inherited(before) == inherited(&after) {
            return Inverse::operation(Inherit { table: self.table.clone(), parent: self.parent.clone() });
        }
        let why = format!(
            "`{}` has columns or checks only because of `{}`, and PostgreSQL cannot restore that",
            self.table, self.parent
        );
        Inverse::NotDerivable { why }
    }

    fn lower(&self, _before: &Catalog, plan: &mut Lowering) {
        plan.sql(ddl::alter_table(&self.table).keyword("NO INHERIT").name(&self.parent).finish())
            .locking_only(&self.table, LockMode::AccessExclusive)
            .locking_only(&self.parent, LockMode::AccessShare);
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        touched.table(&self.table);
        touched.table(&self.parent);
    }

    fn breaks(&self, _before: &Catalog) -> Vec<String> {
        vec![format!("the rows of `{}` no longer belong to `{}`", self.table, self.parent)]
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::{AddColumn, Operation};
    use super::*;

    #[test]
    fn what_is_only_inherited_stays_as_the_tables_own() {
        let mut catalog = catalog();
        let columns = catalog.table(&name("users")).unwrap().columns.clone();
        let table = crate::catalog::Table { columns, ..Default::default() };
        catalog.tables.insert(name("guests"), table.into());
        let operation = NoInherit { table: name("guests"), parent: name("users") };
        assert_undone(&catalog, Inherit { table: name("guests"), parent: name("users") });
        Inherit { table: name("guests"), parent: name("users") }.apply(&mut catalog);
        assert_undone(&catalog, operation.clone());
        Operation::from(AddColumn { table: name("users"), column: column("born", "date?") }).apply(&mut catalog);
        assert!(catalog.table(&name("guests")).unwrap().column("born").unwrap().inherited);
        assert!(matches!(operation.invert(&catalog), Inverse::NotDerivable { .. }));
        operation.apply(&mut catalog);
        assert!(!catalog.table(&name("guests")).unwrap().column("born").unwrap().inherited);
    }
}
