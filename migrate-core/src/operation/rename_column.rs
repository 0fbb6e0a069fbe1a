use super::{Inverse, Operate, Touched, ddl, follow, on_update};
use crate::catalog::{Catalog, Used};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::object::Kind;
use crate::plan::{Hazard, LockMode, Lowering};
use crate::sql::Writer;

/// `ALTER TABLE ... RENAME COLUMN`, and the same of a view, a materialized view or a foreign table; `ALTER TYPE ... RENAME
/// ATTRIBUTE`.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct RenameColumn {
    /// The table, the view or the type.
    pub table: QualifiedName,
    /// The name before.
    pub from: String,
    /// The name after.
    pub to: String,
}

impl Operate for RenameColumn {
    fn apply(&self, catalog: &mut Catalog) {
        follow::rename_column(catalog, &self.table, &self.from, &self.to);
    }

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::operation(RenameColumn { table: self.table.clone(), from: self.to.clone(), to: self.from.clone() })
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        let relation = before.with_columns(&self.table).map(|(id, _)| id);
        let writer = match relation {
            Some(id) => id.write(Writer::new().keyword("ALTER").keyword(id.kind.keywords())),
            None => ddl::alter_table(&self.table),
        };
        let is_attribute = relation.is_some_and(|id| id.kind == Kind::CompositeType);
        let keywords = if is_attribute { "RENAME ATTRIBUTE" } else { "RENAME COLUMN" };
        let writer = writer.keyword(keywords).identifier(&self.from).keyword("TO").identifier(&self.to);
        let added = plan.sql(writer.finish());
        match relation {
            None => {
                added.locking(&self.table, LockMode::AccessExclusive);
            }
            Some(id) => {
                if let Some(view) = id.materialized_view() {
                    added.locking_view(view, LockMode::AccessExclusive);
                }
            }
        }
        on_update::lower_followed(before, self, plan);
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        match before.with_columns(&self.table) {
            Some((id, _)) => {
                touched.object(id);
                for user in before.users(&Used::Column(self.table.clone(), self.from.clone())) {
                    touched.user(&user);
                }
            }
            None => touched.table(&self.table),
        }
        for (table, _, key) in before.references_to(&self.table) {
            if key.referenced.contains(&self.from) {
                touched.table(table);
            }
        }
    }

    fn hazards(&self, before: &Catalog, is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        if is_new(&self.table) {
            return Vec::new();
        }
        if before.with_columns(&self.table).is_some() {
            let text = format!("running code that reads `{}.{}` fails", self.table, self.from);
            return vec![(Hazard::BreaksQueries, text)];
        }
        vec![(
            Hazard::BreaksQueries,
            format!(
                "running code that uses `{}.{}` fails; add a column, fill it, and drop the old one once nothing uses it",
                self.table, self.from
            ),
        )]
    }

    fn breaks(&self, _before: &Catalog) -> Vec<String> {
        vec![format!("column `{}.{}` is renamed to `{}`", self.table, self.from, self.to)]
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::catalog::Grants;
    use crate::object::{Attribute, CompositeType, Object, ObjectId, RelationColumn, View};

    #[test]
    fn functions_that_mention_the_column_are_replaced() {
        assert_eq!(
            lowered(
                &catalog(),
                RenameColumn { table: name("bookings"), from: "updated_at".into(), to: "changed_at".into() }
            ),
            [
                "-- transaction",
                "ALTER TABLE public.bookings RENAME COLUMN updated_at TO changed_at",
                "CREATE OR REPLACE FUNCTION public.bookings_updated_at() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$BEGIN IF NEW.changed_at IS NOT DISTINCT FROM OLD.changed_at AND pg_catalog.current_setting('migrate.on_update', true) IS DISTINCT FROM 'off' THEN NEW.changed_at := now(); END IF; RETURN NEW; END$$",
            ]
        );
    }

    #[test]
    fn what_is_said_of_a_column_of_a_view_follows() {
        let mut catalog = catalog();
        let view = View {
            query: "SELECT users.id FROM public.users".parse().unwrap(),
            columns: vec![RelationColumn { name: "id".into(), data_type: None, nullable: false }],
            check_option: None,
            security_barrier: false,
            security_invoker: false,
            defaults: Default::default(),
        };
        let id = ObjectId::new(Kind::View, name("people"));
        let mut object = Object::new(view);
        object.column_comments.insert("id".into(), "A number.".into());
        object.access.columns.insert("id".into(), Grants::default());
        catalog.objects.insert(id.clone(), object.into());
        let rename = RenameColumn { table: name("people"), from: "id".into(), to: "number".into() };
        assert_eq!(
            lowered(&catalog, rename.clone()),
            ["-- transaction", "ALTER VIEW public.people RENAME COLUMN id TO number"]
        );
        assert_undone(&catalog, rename.clone());
        rename.apply(&mut catalog);
        let object = catalog.object(&id).unwrap();
        assert_eq!(object.definition.column_names(), ["number"]);
        assert_eq!(object.column_comments.keys().collect::<Vec<_>>(), ["number"]);
        assert_eq!(object.access.columns.keys().collect::<Vec<_>>(), ["number"]);
    }

    #[test]
    fn what_reads_an_attribute_follows() {
        let mut catalog = catalog();
        let attribute = |name: &str| Attribute { name: name.into(), data_type: data_type("text"), collation: None };
        let place = CompositeType { attributes: vec![attribute("city"), attribute("zip")] };
        catalog.objects.insert(ObjectId::new(Kind::CompositeType, name("place")), Object::new(place).into());
        let users = catalog.table_mut(&name("users")).unwrap();
        users.columns.push(column("home", "place?"));
        users.constraints.insert("has_zip".into(), check("(home).zip <> ''"));
        let rename = RenameColumn { table: name("place"), from: "zip".into(), to: "code".into() };
        assert_eq!(
            lowered(&catalog, rename.clone()),
            ["-- transaction", "ALTER TYPE public.place RENAME ATTRIBUTE zip TO code"]
        );
        assert_undone(&catalog, rename.clone());
        rename.apply(&mut catalog);
        assert_eq!(catalog.table(&name("users")).unwrap().constraints["has_zip"], check("(home).code <> ''"));
    }

    #[test]
    fn everything_that_mentions_the_column_follows() {
        let mut catalog = catalog();
        RenameColumn { table: name("users"), from: "id".into(), to: "number".into() }.apply(&mut catalog);
        RenameColumn { table: name("bookings"), from: "note".into(), to: "remark".into() }.apply(&mut catalog);
        RenameColumn { table: name("bookings"), from: "user_id".into(), to: "guest".into() }.apply(&mut catalog);
        let bookings = catalog.table(&name("bookings")).unwrap();
        assert_eq!(bookings.constraints["bookings_user_id_fkey"], foreign_key(&["guest"], "users", &["number"]));
        assert_eq!(bookings.constraints["bookings_total_check"], check("total >= 0 AND remark IS NOT NULL"));
        assert_eq!(bookings.indexes["bookings_note_idx"], index(&["lower(remark)"]));
        assert_eq!(bookings.indexes["bookings_user_id_idx"], index(&["guest"]));
        let label = bookings.column("label").unwrap().generated.clone().unwrap();
        assert_eq!(label.expression, expression("upper(remark)"));
    }
}
