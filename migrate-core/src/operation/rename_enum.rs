use super::{Inverse, Operate, Touched, follow, on_update};
use crate::catalog::Catalog;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{Hazard, Lowering};
use crate::sql::Writer;

/// `ALTER TYPE ... RENAME TO`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct RenameEnum {
    /// The name before.
    pub from: QualifiedName,
    /// The name after, in the same schema.
    pub to: String,
}

impl RenameEnum {
    fn new_name(&self) -> QualifiedName {
        self.from.sibling(&self.to)
    }
}

impl Operate for RenameEnum {
    fn apply(&self, catalog: &mut Catalog) {
        let to = self.new_name();
        if let Some(definition) = catalog.enums.remove(&self.from) {
            catalog.enums.insert(to.clone(), definition);
        }
        follow::rename_type(catalog, &self.from, &to);
    }

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::operation(RenameEnum { from: self.new_name(), to: self.from.name.clone() })
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        plan.sql(
            Writer::new().keyword("ALTER TYPE").name(&self.from).keyword("RENAME TO").identifier(&self.to).finish(),
        );
        on_update::lower_followed(before, self, plan);
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.type_(&self.from);
        touched.type_(&self.new_name());
        for (table, _) in before.columns_of_type(&self.from) {
            touched.table(table);
        }
    }

    fn hazards(&self, _before: &Catalog, _is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        vec![(Hazard::BreaksQueries, format!("running code that names the type `{}` fails", self.from))]
    }

    fn breaks(&self, _before: &Catalog) -> Vec<String> {
        vec![format!("enum `{}` is renamed to `{}`", self.from, self.to)]
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn an_enum_is_renamed() {
        assert_eq!(
            lowered(&catalog(), RenameEnum { from: name("status"), to: "state".into() }),
            ["-- transaction", "ALTER TYPE public.status RENAME TO state",]
        );
    }

    #[test]
    fn columns_and_casts_follow() {
        let mut catalog = catalog();
        RenameEnum { from: name("status"), to: "state".into() }.apply(&mut catalog);
        let bookings = catalog.table(&name("bookings")).unwrap();
        assert_eq!(bookings.column("history").unwrap().data_type, data_type("state[]"));
        let predicate = bookings.indexes["bookings_status_idx"].predicate.clone().unwrap();
        assert_eq!(predicate, expression("status = 'pending'::public.state"));
    }
}
