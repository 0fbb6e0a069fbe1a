use super::{Inverse, Operate, Touched, ddl, partitions};
use crate::catalog::Catalog;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{LockMode, Lowering};
use crate::sql::Writer;

/// `ALTER TABLE ... RENAME CONSTRAINT`; of a constraint with an index `ALTER INDEX ... RENAME TO`, which renames both, and locks the
/// index only.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct RenameConstraint {
    /// The table.
    pub table: QualifiedName,
    /// The name before.
    pub from: String,
    /// The name after.
    pub to: String,
}

impl Operate for RenameConstraint {
    fn apply(&self, catalog: &mut Catalog) {
        if let Some(table) = catalog.table_mut(&self.table)
            && let Some(mut constraint) = table.constraints.remove(&self.from)
        {
            // A check that is inherited has the name of that above.
            if let Some(above) = constraint.attached_to.as_mut().filter(|_| !table.inherits.is_empty()) {
                above.clone_from(&self.to);
            }
            table.constraints.insert(self.to.clone(), constraint);
            table.settings.replica_identity.rename(&self.from, &self.to);
        }
        partitions::rename_constraint(catalog, &self.table, &self.from, &self.to);
    }

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::operation(RenameConstraint { table: self.table.clone(), from: self.to.clone(), to: self.from.clone() })
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        let constraint = before.table(&self.table).and_then(|table| table.constraints.get(&self.from));
        if constraint.is_some_and(|constraint| constraint.kind.has_index()) {
            let writer = Writer::new().keyword("ALTER INDEX").name(&self.table.sibling(&self.from));
            plan.sql(writer.keyword("RENAME TO").identifier(&self.to).finish());
            return;
        }
        plan.sql(
            ddl::alter_table(&self.table)
                .keyword("RENAME CONSTRAINT")
                .identifier(&self.from)
                .keyword("TO")
                .identifier(&self.to)
                .finish(),
        )
        .locking(&self.table, LockMode::AccessExclusive);
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
    fn a_constraint_is_renamed() {
        assert_eq!(
            lowered(
                &catalog(),
                RenameConstraint { table: name("users"), from: "users_pkey".into(), to: "people_pkey".into() }
            ),
            ["-- transaction", "ALTER INDEX public.users_pkey RENAME TO people_pkey",]
        );
    }
}
