use super::{Inverse, Operate, Touched, ddl};
use crate::catalog::{Catalog, ConstraintKind, Deferral};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{LockMode, Lowering};

/// `ALTER TABLE ... ALTER CONSTRAINT`: when a foreign key is checked.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct AlterConstraint {
    /// The table.
    pub table: QualifiedName,
    /// The foreign key.
    pub name: String,
    /// When it is checked then.
    pub deferral: Deferral,
}

impl Operate for AlterConstraint {
    fn apply(&self, catalog: &mut Catalog) {
        let constraint = catalog.table_mut(&self.table).and_then(|table| table.constraints.get_mut(&self.name));
        if let Some(ConstraintKind::ForeignKey(key)) = constraint.map(|constraint| &mut constraint.kind) {
            key.deferral = self.deferral;
        }
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        let constraint = before.table(&self.table).and_then(|table| table.constraints.get(&self.name));
        match constraint.map(|constraint| &constraint.kind) {
            Some(ConstraintKind::ForeignKey(key)) => {
                Inverse::operation(AlterConstraint { deferral: key.deferral, ..self.clone() })
            }
            _ => Inverse::NotDerivable { why: format!("it is not known when `{}` was checked before", self.name) },
        }
    }

    fn lower(&self, _before: &Catalog, plan: &mut Lowering) {
        let writer = ddl::alter_table(&self.table).keyword("ALTER CONSTRAINT").identifier(&self.name);
        plan.sql(writer.keyword(self.deferral.words()).finish()).locking(&self.table, LockMode::AccessExclusive);
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
    fn a_foreign_key_is_checked_later() {
        let alter = AlterConstraint {
            table: name("bookings"),
            name: "bookings_user_id_fkey".into(),
            deferral: Deferral::InitiallyDeferred,
        };
        assert_eq!(
            lowered(&catalog(), alter.clone()),
            [
                "-- transaction",
                "ALTER TABLE public.bookings ALTER CONSTRAINT bookings_user_id_fkey DEFERRABLE INITIALLY DEFERRED",
            ]
        );
        assert!(assert_undone(&catalog(), alter).is_empty());
    }
}
