use super::{AddConstraint, DropConstraint, Inverse, Operate, Touched, validation};
use crate::catalog::{Catalog, Constraint, ConstraintKind};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::Lowering;

/// `ALTER TABLE ... VALIDATE CONSTRAINT`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct ValidateConstraint {
    /// The table.
    pub table: QualifiedName,
    /// The constraint, which is NOT VALID.
    pub name: String,
}

impl ValidateConstraint {
    fn constraint<'c>(&self, catalog: &'c Catalog) -> Option<&'c Constraint> {
        catalog.table(&self.table)?.constraints.get(&self.name)
    }
}

impl Operate for ValidateConstraint {
    fn apply(&self, catalog: &mut Catalog) {
        let constraint = catalog.table_mut(&self.table).and_then(|table| table.constraints.get_mut(&self.name));
        if let Some(constraint) = constraint {
            constraint.not_valid = false;
        }
    }

    /// PostgreSQL has no command for it: the constraint is made again.
    fn invert(&self, before: &Catalog) -> Inverse {
        let (table, name) = (self.table.clone(), self.name.clone());
        match self.constraint(before).cloned() {
            Some(constraint) => Inverse::operations(vec![
                DropConstraint { table: table.clone(), name: name.clone() }.into(),
                AddConstraint { table, name, constraint }.into(),
            ]),
            None => Inverse::NotDerivable { why: format!("the definition of `{name}` is not known") },
        }
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        if let Some(constraint) = self.constraint(before) {
            validation::lower_validation(&self.table, &self.name, &constraint.kind, plan);
        }
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.table(&self.table);
        if let Some(ConstraintKind::ForeignKey(key)) = self.constraint(before).map(|constraint| &constraint.kind) {
            touched.uses_table(&key.table);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    fn not_valid() -> Catalog {
        let mut catalog = catalog();
        let constraint = Constraint { not_valid: true, ..foreign_key(&["user_id"], "users", &["id"]) };
        AddConstraint { table: name("bookings"), name: "later".into(), constraint }.apply(&mut catalog);
        catalog
    }

    #[test]
    fn rows_are_checked_beside_writes() {
        let validate = ValidateConstraint { table: name("bookings"), name: "later".into() };
        assert_eq!(
            lowered(&not_valid(), validate.clone()),
            ["-- transaction", "ALTER TABLE public.bookings VALIDATE CONSTRAINT later"]
        );
        assert!(assert_undone(&not_valid(), validate).is_empty());
    }

    #[test]
    fn what_stays_not_valid_is_not_validated() {
        let constraint = Constraint { not_valid: true, ..check("total > 1") };
        let add = AddConstraint { table: name("bookings"), name: "later".into(), constraint };
        let sql = "ALTER TABLE public.bookings ADD CONSTRAINT later CHECK (total > 1) NOT VALID";
        assert_eq!(lowered(&catalog(), add.clone()), ["-- transaction", sql]);
        assert_eq!(lowered_on_new(&catalog(), &["bookings"], add), ["-- transaction", sql]);
    }
}
