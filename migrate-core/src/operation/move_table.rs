use super::{Inverse, Operate, Touched, ddl, follow};
use crate::catalog::Catalog;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::object::{Definition, ObjectId};
use crate::plan::{Hazard, LockMode, Lowering};
use crate::sql::Writer;

/// `ALTER TABLE ... SET SCHEMA`. Its indexes, its constraints and the sequences that its columns own come along.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct MoveTable {
    /// The table, before.
    pub table: QualifiedName,
    /// The schema after.
    pub schema: String,
}

impl MoveTable {
    fn moved(&self) -> QualifiedName {
        QualifiedName::in_schema(self.schema.clone(), self.table.name.clone())
    }
}

/// The sequences that the columns of a table own: they stand in its schema.
pub fn owned_sequences(catalog: &Catalog, table: &QualifiedName) -> Vec<ObjectId> {
    let is_owned = |(id, definition): &(&ObjectId, &Definition)| {
        let Definition::Sequence(sequence) = definition else { return false };
        id.name.schema == table.schema && sequence.owned_by.as_ref().is_some_and(|(owner, _)| *owner == table.name)
    };
    let objects = catalog.objects.iter().map(|(id, object)| (id, &object.definition));
    objects.filter(is_owned).map(|(id, _)| id.clone()).collect()
}

impl Operate for MoveTable {
    fn apply(&self, catalog: &mut Catalog) {
        let to = self.moved();
        let owned = owned_sequences(catalog, &self.table);
        let sequences = catalog.sequences_with(&self.table, None);
        if let Some(definition) = catalog.tables.remove(&self.table) {
            catalog.tables.insert(to.clone(), definition);
        }
        follow::rename_table(catalog, &self.table, &to);
        let moved = |name: &QualifiedName| QualifiedName::in_schema(self.schema.clone(), name.name.clone());
        for id in owned {
            if let Some(object) = catalog.objects.remove(&id) {
                catalog.objects.insert(ObjectId { name: moved(&id.name), ..id }, object);
            }
        }
        for name in sequences {
            follow::rename_table(catalog, &name, &moved(&name));
        }
    }

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::operation(MoveTable { table: self.moved(), schema: self.table.schema.clone() })
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        plan.sql(ddl::alter_table(&self.table).keyword("SET SCHEMA").identifier(&self.schema).finish())
            .locking_only(&self.table, LockMode::AccessExclusive);
        // The functions behind `on update` stand in the schema of their table.
        let columns = before.table(&self.table).map(|table| table.columns.as_slice()).unwrap_or_default();
        for on_update in columns.iter().filter_map(|column| column.on_update.as_ref()) {
            plan.sql(
                Writer::new()
                    .keyword("ALTER FUNCTION")
                    .name(&self.table.sibling(&on_update.trigger))
                    .arguments([""; 0], Writer::identifier)
                    .keyword("SET SCHEMA")
                    .identifier(&self.schema)
                    .finish(),
            );
        }
        plan.note_renamed_table(&self.table, &self.moved());
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.table(&self.table);
        touched.table(&self.moved());
        for (table, _, _) in before.references_to(&self.table) {
            touched.table(table);
        }
        owned_sequences(before, &self.table).iter().for_each(|id| touched.object(id));
    }

    fn hazards(&self, _before: &Catalog, is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        if is_new(&self.table) {
            return Vec::new();
        }
        let text = format!("running code that uses `{}` fails; a view of the old name keeps it working", self.table);
        vec![(Hazard::BreaksQueries, text)]
    }

    fn breaks(&self, _before: &Catalog) -> Vec<String> {
        vec![format!("table `{}` is moved to schema `{}`", self.table, self.schema)]
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn what_a_table_brings_comes_along() {
        let mut catalog = catalog();
        let operation = MoveTable { table: name("users"), schema: "archive".into() };
        assert_eq!(
            lowered(&catalog, operation.clone()),
            ["-- transaction", "ALTER TABLE public.users SET SCHEMA archive"]
        );
        operation.apply(&mut catalog);
        let bookings = catalog.table(&name("bookings")).unwrap();
        let crate::catalog::ConstraintKind::ForeignKey(key) = &bookings.constraints["bookings_user_id_fkey"].kind else {
            panic!("a foreign key");
        };
        assert_eq!(key.table, QualifiedName::in_schema("archive", "users"));
    }
}
