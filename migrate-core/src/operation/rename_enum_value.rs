use super::{Inverse, Operate, Touched, follow, on_update};
use crate::catalog::Catalog;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{Hazard, Lowering};
use crate::sql::Writer;

/// `ALTER TYPE ... RENAME VALUE`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct RenameEnumValue {
    /// The enum.
    pub name: QualifiedName,
    /// The value before.
    pub from: String,
    /// The value after.
    pub to: String,
}

impl Operate for RenameEnumValue {
    fn apply(&self, catalog: &mut Catalog) {
        follow::rename_enum_value(catalog, &self.name, &self.from, &self.to);
        if let Some(definition) = catalog.enum_type_mut(&self.name) {
            for value in &mut definition.values {
                if *value == self.from {
                    value.clone_from(&self.to);
                }
            }
        }
    }

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::operation(RenameEnumValue { name: self.name.clone(), from: self.to.clone(), to: self.from.clone() })
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        plan.sql(
            Writer::new()
                .keyword("ALTER TYPE")
                .name(&self.name)
                .keyword("RENAME VALUE")
                .literal(&self.from)
                .keyword("TO")
                .literal(&self.to)
                .finish(),
        );
        on_update::lower_followed(before, self, plan);
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.type_(&self.name);
        for (table, _) in before.columns_of_type(&self.name) {
            touched.table(table);
        }
    }

    fn hazards(&self, _before: &Catalog, _is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        vec![(
            Hazard::BreaksQueries,
            format!("running code that writes or expects `{}` of enum `{}` fails", self.from, self.name),
        )]
    }

    fn breaks(&self, _before: &Catalog) -> Vec<String> {
        vec![format!("value `{}` of enum `{}` is renamed to `{}`", self.from, self.name, self.to)]
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn a_value_is_renamed() {
        assert_eq!(
            lowered(&catalog(), RenameEnumValue { name: name("status"), from: "pending".into(), to: "open".into() }),
            ["-- transaction", "ALTER TYPE public.status RENAME VALUE 'pending' TO 'open'",]
        );
    }

    #[test]
    fn literals_of_the_enum_follow_and_others_do_not() {
        let mut catalog = catalog();
        let rename = |from: &str, to: &str| RenameEnumValue { name: name("status"), from: from.into(), to: to.into() };
        catalog.table_mut(&name("bookings")).unwrap().constraints.insert(
            "more".into(),
            check("note <> 'pending' AND status IN ('pending', 'confirmed') AND history[1] = 'pending' AND NOT 'pending' = ANY (history)"),
        );
        catalog.table_mut(&name("bookings")).unwrap().constraints.insert(
            "choices".into(),
            check("note <> coalesce(note, 'pending') AND note <> CASE WHEN coalesce('pending', status) IS NULL THEN 'pending' END AND CASE WHEN note = '' THEN 'pending' ELSE nullif(status, 'pending') END IS NULL"),
        );
        rename("pending", "open").apply(&mut catalog);
        rename("cancelled", "off").apply(&mut catalog);
        let bookings = catalog.table(&name("bookings")).unwrap();
        assert_eq!(bookings.column("status").unwrap().default, Some(expression("'open'")));
        assert_eq!(bookings.column("history").unwrap().default, Some(expression("'{open,confirmed}'")));
        assert_eq!(bookings.constraints["bookings_status_check"], check("status <> 'off' OR note <> ''"));
        assert_eq!(
            bookings.constraints["more"],
            check(
                "note <> 'pending' AND status IN ('open', 'confirmed') AND history[1] = 'open' AND NOT 'open' = ANY (history)"
            )
        );
        assert_eq!(
            bookings.constraints["choices"],
            check("note <> coalesce(note, 'pending') AND note <> CASE WHEN coalesce('open', status) IS NULL THEN 'pending' END AND CASE WHEN note = '' THEN 'open' ELSE nullif(status, 'open') END IS NULL")
        );
        let predicate = bookings.indexes["bookings_status_idx"].predicate.clone().unwrap();
        assert_eq!(predicate, expression("status = 'open'::public.status"));
    }
}
