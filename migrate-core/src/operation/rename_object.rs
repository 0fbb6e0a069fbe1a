use super::{Inverse, Operate, Operation, Touched, follow, renamed_schema};
use crate::catalog::Catalog;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::object::{Kind, Namespace, ObjectId, Renaming};
use crate::plan::{Hazard, LockMode, Lowering};
use crate::sql::Writer;

/// `ALTER ... RENAME TO` and `ALTER ... SET SCHEMA`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct RenameObject {
    /// Which one, before.
    pub id: ObjectId,
    /// The name after: another one in its schema, or the same one in another schema.
    pub to: QualifiedName,
}

impl RenameObject {
    fn renamed(&self) -> ObjectId {
        ObjectId { name: self.to.clone(), ..self.id.clone() }
    }

    fn is_renamed(&self) -> bool {
        self.id.name.name != self.to.name
    }

    /// What comes along: everything that stands in a schema that gets another name, each as a move of its own.
    pub fn moves(&self, before: &Catalog) -> Vec<Operation> {
        match self.id.kind {
            Kind::Schema => renamed_schema::moves(before, &self.id.name.name, &self.to.name),
            _ => Vec::new(),
        }
    }
}

impl Operate for RenameObject {
    fn apply(&self, catalog: &mut Catalog) {
        if self.id.kind == Kind::Schema {
            self.moves(catalog).iter().for_each(|one| one.apply(catalog));
            renamed_schema::follow(catalog, &self.id.name.name, &self.to.name);
        }
        let before = catalog.clone();
        if let Some(object) = catalog.objects.remove(&self.id) {
            catalog.objects.insert(self.renamed(), object);
        }
        let (from, to) = (&self.id.name, &self.to);
        match self.id.kind.namespace() {
            Namespace::Type => follow::rename_type(catalog, from, to),
            Namespace::Relation => follow::rename_table(catalog, from, to),
            Namespace::Database | Namespace::Routine | Namespace::Table | Namespace::Schema => {
                follow::objects(catalog, &Renaming::Object { from: &self.id, to, before: &before });
            }
        }
    }

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::operation(RenameObject { id: self.renamed(), to: self.id.name.clone() })
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        let writer = self.id.write(Writer::new().keyword("ALTER").keyword(self.id.kind.keywords()));
        let writer = match self.is_renamed() {
            true => writer.keyword("RENAME TO").identifier(&self.to.name),
            false => writer.keyword("SET SCHEMA").identifier(&self.to.schema),
        };
        let added = plan.sql(writer.finish());
        if let (Some(table), Some(lock)) = (self.id.table(), self.id.kind.lock_on_table()) {
            added.locking(&table, lock);
        } else if let Some(view) = self.id.materialized_view() {
            added.locking_view(view, LockMode::AccessExclusive);
            plan.note_renamed_table(view, &self.to);
        }
        for one in self.moves(before) {
            if let Operation::MoveTable(one) = one {
                plan.note_renamed_table(&one.table, &QualifiedName::in_schema(one.schema, one.table.name.clone()));
            }
        }
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.object(&self.id);
        touched.object(&self.renamed());
        self.moves(before).iter().for_each(|one| one.touch(before, touched));
        if let Some(object) = before.object(&self.id) {
            touched.used_by_object(&self.id, object, before);
        }
        for user in before.users_of_any(&before.known_as(&self.id)) {
            touched.user(&user);
        }
    }

    fn hazards(&self, _before: &Catalog, _is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        if self.id.table.is_some() {
            return Vec::new();
        }
        vec![(Hazard::BreaksQueries, format!("running code that uses {} fails", self.id))]
    }

    fn breaks(&self, _before: &Catalog) -> Vec<String> {
        if self.id.table.is_some() {
            return Vec::new();
        }
        vec![format!("{} is renamed to `{}`", self.id, self.to)]
    }
}
