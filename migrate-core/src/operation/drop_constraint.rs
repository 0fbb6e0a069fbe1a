use super::{AddConstraint, Inverse, Operate, Touched, ddl};
use crate::catalog::{Catalog, Constraint, ConstraintKind, Used};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{LockMode, Lowering};
use crate::sorted::SortedSet;

/// `ALTER TABLE ... DROP CONSTRAINT`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct DropConstraint {
    /// The table.
    pub table: QualifiedName,
    /// The constraint.
    pub name: String,
}

impl DropConstraint {
    fn constraint<'c>(&self, catalog: &'c Catalog) -> Option<&'c Constraint> {
        catalog.table(&self.table)?.constraints.get(&self.name)
    }
}

impl Operate for DropConstraint {
    fn apply(&self, catalog: &mut Catalog) {
        if let Some(table) = catalog.table_mut(&self.table) {
            table.constraints.remove(&self.name);
        }
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        match self.constraint(before) {
            Some(constraint) => Inverse::operation(AddConstraint {
                table: self.table.clone(),
                name: self.name.clone(),
                constraint: constraint.clone(),
            }),
            None => Inverse::NotDerivable { why: format!("the definition of `{}` is not known", self.name) },
        }
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        let added =
            plan.sql(ddl::drop_constraint(&self.table, &self.name)).locking(&self.table, LockMode::AccessExclusive);
        // The referenced table loses the triggers that guard it.
        if let Some(ConstraintKind::ForeignKey(key)) = self.constraint(before).map(|constraint| &constraint.kind)
            && key.table != self.table
        {
            added.locking(&key.table, LockMode::AccessExclusive);
        }
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.table(&self.table);
        if let Some(ConstraintKind::ForeignKey(key)) = self.constraint(before).map(|constraint| &constraint.kind) {
            touched.uses_table(&key.table);
        }
    }

    /// The key that it is, unless another index or constraint is the same.
    fn removes(&self, before: &Catalog) -> SortedSet<Used> {
        let (Some(ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key)), Some(table)) =
            (self.constraint(before).map(|constraint| &constraint.kind), before.table(&self.table))
        else {
            return SortedSet::new();
        };
        let mut without = table.clone();
        without.constraints.remove(&self.name);
        without.key_that_went(&self.table, &key.columns)
    }

    fn breaks(&self, before: &Catalog) -> Vec<String> {
        match self.constraint(before).map(|constraint| &constraint.kind) {
            Some(ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key)) => vec![format!(
                "`ON CONFLICT ({})` on `{}` fails without `{}`",
                key.columns.join(", "),
                self.table,
                self.name
            )],
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn a_foreign_key_is_dropped() {
        assert_eq!(
            lowered(&catalog(), DropConstraint { table: name("bookings"), name: "bookings_user_id_fkey".into() }),
            ["-- transaction", "ALTER TABLE public.bookings DROP CONSTRAINT bookings_user_id_fkey",]
        );
    }
}
