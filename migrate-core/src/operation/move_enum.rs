use super::{Inverse, Operate, Touched, follow, on_update};
use crate::catalog::Catalog;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{Hazard, Lowering};
use crate::sql::Writer;

/// `ALTER TYPE ... SET SCHEMA`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct MoveEnum {
    /// The enum, before.
    pub name: QualifiedName,
    /// The schema after.
    pub schema: String,
}

impl MoveEnum {
    fn moved(&self) -> QualifiedName {
        QualifiedName::in_schema(self.schema.clone(), self.name.name.clone())
    }
}

impl Operate for MoveEnum {
    fn apply(&self, catalog: &mut Catalog) {
        let to = self.moved();
        if let Some(definition) = catalog.enums.remove(&self.name) {
            catalog.enums.insert(to.clone(), definition);
        }
        follow::rename_type(catalog, &self.name, &to);
    }

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::operation(MoveEnum { name: self.moved(), schema: self.name.schema.clone() })
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        let writer = Writer::new().keyword("ALTER TYPE").name(&self.name).keyword("SET SCHEMA");
        plan.sql(writer.identifier(&self.schema).finish());
        on_update::lower_followed(before, self, plan);
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.type_(&self.name);
        touched.type_(&self.moved());
        for (table, _) in before.columns_of_type(&self.name) {
            touched.table(table);
        }
    }

    fn hazards(&self, _before: &Catalog, _is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        vec![(Hazard::BreaksQueries, format!("running code that names the type `{}` fails", self.name))]
    }

    fn breaks(&self, _before: &Catalog) -> Vec<String> {
        vec![format!("enum `{}` is moved to schema `{}`", self.name, self.schema)]
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn columns_of_the_enum_follow() {
        let mut catalog = catalog();
        let operation = MoveEnum { name: name("status"), schema: "kinds".into() };
        assert_eq!(
            lowered(&catalog, operation.clone()),
            ["-- transaction", "ALTER TYPE public.status SET SCHEMA kinds"]
        );
        operation.apply(&mut catalog);
        let column = catalog.table(&name("bookings")).unwrap().column("status").unwrap();
        assert_eq!(column.data_type.to_string(), "kinds.status");
    }
}
