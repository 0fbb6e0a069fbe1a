use super::{Inverse, NoInherit, Operate, Touched, ddl};
use crate::catalog::Catalog;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{LockMode, Lowering};

/// `ALTER TABLE ... INHERIT`. The table has the columns and the checks of the one that it inherits from.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Inherit {
    /// The table.
    pub table: QualifiedName,
    /// The table that it inherits from.
    pub parent: QualifiedName,
}

impl Operate for Inherit {
    fn apply(&self, catalog: &mut Catalog) {
        if let Some(table) = catalog.table_mut(&self.table) {
            table.inherits.push(self.parent.clone());
        }
    }

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::operation(NoInherit { table: self.table.clone(), parent: self.parent.clone() })
    }

    fn lower(&self, _before: &Catalog, plan: &mut Lowering) {
        plan.sql(ddl::alter_table(&self.table).keyword("INHERIT").name(&self.parent).finish())
            .locking(&self.table, LockMode::AccessExclusive)
            .locking_only(&self.parent, LockMode::ShareUpdateExclusive);
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        touched.table(&self.table);
        touched.table(&self.parent);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn a_table_begins_to_inherit() {
        let mut catalog = catalog();
        let operation = Inherit { table: name("bookings"), parent: name("users") };
        assert_eq!(
            lowered(&catalog, operation.clone()),
            ["-- transaction", "ALTER TABLE public.bookings INHERIT public.users"]
        );
        operation.apply(&mut catalog);
        assert_eq!(catalog.tables_below(&name("users")), [name("bookings")]);
    }
}
