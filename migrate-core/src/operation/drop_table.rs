use super::attach_partition::default_partition;
use super::{CreateTable, Inverse, Operate, Touched, belongings, ddl, on_update};
use crate::catalog::{Catalog, Table, Used, User};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{Hazard, LockMode, Lowering};
use crate::sorted::SortedSet;
use crate::sql::Writer;

/// `DROP TABLE` of a table that nothing references.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct DropTable {
    /// Its name.
    pub name: QualifiedName,
}

impl Operate for DropTable {
    fn apply(&self, catalog: &mut Catalog) {
        catalog.tables.remove(&self.name);
        catalog.remove_belongings(&self.name, None);
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        match before.table(&self.name) {
            Some(definition) => {
                let create = CreateTable { name: self.name.clone(), definition: definition.clone() };
                Inverse::operations(belongings::restored(create, before, &self.name, None))
                    .losing(format!("the rows of `{}`", self.name))
            }
            None => Inverse::NotDerivable { why: format!("the definition of `{}` is not known", self.name) },
        }
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        let table = before.table(&self.name);
        // Dropping the table with its foreign keys would lock all the tables they reference at once.
        let own = |name: &str| {
            let constraint = table.and_then(|table| table.constraints.get(name));
            constraint.is_some_and(|constraint| constraint.attached_to.is_none())
        };
        for (name, key) in table.into_iter().flat_map(Table::foreign_keys).filter(|(name, _)| own(name)) {
            if key.table != self.name && !plan.is_new(&key.table) {
                plan.sql(ddl::drop_constraint(&self.name, name))
                    .locking(&self.name, LockMode::AccessExclusive)
                    .locking(&key.table, LockMode::AccessExclusive);
            }
        }
        let mut added = plan
            .sql(Writer::new().keyword("DROP TABLE").name(&self.name).finish())
            .locking(&self.name, LockMode::AccessExclusive);
        if let Some(of) = table.and_then(|table| table.partition_of.as_ref()) {
            added = added.locking_only(&of.parent, LockMode::AccessExclusive);
            if let Some(default) = default_partition(before, &of.parent).filter(|name| **name != self.name) {
                added.locking(default, LockMode::AccessExclusive);
            }
        }
        for column in table.into_iter().flat_map(|table| &table.columns) {
            if let Some(on_update) = &column.on_update {
                on_update::lower_drop_function(&self.name, on_update, plan);
            }
        }
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.table(&self.name);
        if let Some(table) = before.table(&self.name) {
            touched.used_by(table, before);
        }
    }

    fn hazards(&self, _before: &Catalog, is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        if is_new(&self.name) {
            return Vec::new();
        }
        vec![(
            Hazard::DropsData,
            format!("every row of `{}` is lost; copy what is still needed to another table first", self.name),
        )]
    }

    fn removes(&self, before: &Catalog) -> SortedSet<Used> {
        let sequences = before.sequences_with(&self.name, None);
        sequences.into_iter().chain([self.name.clone()]).map(Used::Table).collect()
    }

    fn takes_along(&self, user: &User<'_>, before: &Catalog) -> bool {
        let belongs = |id| before.belongings(&self.name, None).any(|(belonging, _)| belonging == id);
        user.table() == Some(&self.name) || user.object().is_some_and(|(id, _)| belongs(id))
    }

    fn breaks(&self, _before: &Catalog) -> Vec<String> {
        vec![format!("table `{}` is dropped", self.name)]
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn foreign_keys_go_first_and_functions_last() {
        assert_eq!(
            lowered(&catalog(), DropTable { name: name("bookings") }),
            [
                "-- transaction",
                "ALTER TABLE public.bookings DROP CONSTRAINT bookings_user_id_fkey",
                "DROP TABLE public.bookings",
                "DROP FUNCTION public.bookings_updated_at()",
            ]
        );
    }

    #[test]
    fn the_rows_do_not_come_back() {
        let drop = DropTable { name: name("bookings") };
        assert_eq!(hazard_codes(&catalog(), drop.clone()), ["drops_data"]);
        assert_eq!(assert_undone(&catalog(), drop), ["the rows of `bookings`"]);
    }
}
