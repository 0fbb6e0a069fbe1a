use super::{Inverse, Operate, Touched, ddl, follow};
use crate::catalog::Catalog;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{Hazard, LockMode, Lowering};

/// `ALTER TABLE ... RENAME TO`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct RenameTable {
    /// The name before.
    pub from: QualifiedName,
    /// The name after, in the same schema.
    pub to: String,
}

impl RenameTable {
    fn new_name(&self) -> QualifiedName {
        self.from.sibling(&self.to)
    }
}

impl Operate for RenameTable {
    fn apply(&self, catalog: &mut Catalog) {
        let to = self.new_name();
        if let Some(definition) = catalog.tables.remove(&self.from) {
            catalog.tables.insert(to.clone(), definition);
        }
        follow::rename_table(catalog, &self.from, &to);
    }

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::operation(RenameTable { from: self.new_name(), to: self.from.name.clone() })
    }

    fn lower(&self, _before: &Catalog, plan: &mut Lowering) {
        plan.sql(ddl::alter_table(&self.from).keyword("RENAME TO").identifier(&self.to).finish())
            .locking_only(&self.from, LockMode::AccessExclusive);
        plan.note_renamed_table(&self.from, &self.new_name());
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.table(&self.from);
        touched.table(&self.new_name());
        for (table, _, _) in before.references_to(&self.from) {
            touched.table(table);
        }
    }

    fn hazards(&self, _before: &Catalog, is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        if is_new(&self.from) {
            return Vec::new();
        }
        vec![(
            Hazard::BreaksQueries,
            format!("running code that uses `{}` fails; a view of the old name keeps it working", self.from),
        )]
    }

    fn breaks(&self, _before: &Catalog) -> Vec<String> {
        vec![format!("table `{}` is renamed to `{}`", self.from, self.to)]
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn a_table_is_renamed() {
        assert_eq!(
            lowered(&catalog(), RenameTable { from: name("bookings"), to: "order".into() }),
            ["-- transaction", "ALTER TABLE public.bookings RENAME TO \"order\"",]
        );
    }

    #[test]
    fn foreign_keys_of_other_tables_follow() {
        let mut catalog = catalog();
        RenameTable { from: name("users"), to: "people".into() }.apply(&mut catalog);
        let bookings = catalog.table(&name("bookings")).unwrap();
        assert_eq!(bookings.constraints["bookings_user_id_fkey"], foreign_key(&["user_id"], "people", &["id"]));
    }
}
