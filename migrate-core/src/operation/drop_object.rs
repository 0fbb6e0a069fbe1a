use super::attach_partition::default_partition;
use super::{CreateObject, Inverse, Operate, Touched, belongings};
use crate::catalog::{Catalog, Used, User};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::object::{Define, Kind, Namespace, ObjectId};
use crate::plan::{LockMode, Lowering};
use crate::sorted::SortedSet;
use crate::sql::Writer;

/// `DROP` of an object that nothing uses.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct DropObject {
    /// Which one.
    pub id: ObjectId,
}

impl DropObject {
    /// The relation that it is, whose triggers, rules, policies and statistics go with it.
    fn relation(&self) -> Option<&QualifiedName> {
        let is_relation = self.id.kind.namespace() == Namespace::Relation && self.id.kind != Kind::Sequence;
        is_relation.then_some(&self.id.name)
    }
}

impl Operate for DropObject {
    fn apply(&self, catalog: &mut Catalog) {
        catalog.objects.remove(&self.id);
        if let Some(name) = self.relation() {
            catalog.remove_belongings(name, None);
        }
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        match before.object(&self.id) {
            Some(object) => {
                let create = CreateObject { id: self.id.clone(), object: object.clone() };
                match self.relation() {
                    Some(name) => Inverse::operations(belongings::restored(create, before, name, None)),
                    None => Inverse::operation(create),
                }
            }
            None => Inverse::NotDerivable { why: format!("the definition of {} is not known", self.id) },
        }
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        if before.object(&self.id).is_some_and(|object| Define::drop(&object.definition, &self.id, plan)) {
            return;
        }
        let writer = Writer::new().keyword("DROP").keyword(self.id.kind.keywords());
        let added = plan.sql(self.id.write(writer).finish());
        if let (Some(table), Some(lock)) = (self.id.table(), self.id.kind.lock_on_table()) {
            added.locking(&table, lock);
        } else if let Some(view) = self.id.materialized_view() {
            added.locking_view(view, LockMode::AccessExclusive);
        } else if let Some(parent) = before.foreign_table(&self.id.name).and_then(|table| table.partition_of.as_ref()) {
            let default = default_partition(before, &parent.parent).filter(|name| **name != self.id.name);
            let added = added.locking_only(&parent.parent, LockMode::AccessExclusive);
            default.into_iter().fold(added, |added, default| added.locking_only(default, LockMode::AccessExclusive));
        }
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.object(&self.id);
        if let Some(object) = before.object(&self.id) {
            touched.used_by_object(&self.id, object, before);
        }
    }

    fn removes(&self, before: &Catalog) -> SortedSet<Used> {
        before.known_as(&self.id)
    }

    fn takes_along(&self, user: &User<'_>, before: &Catalog) -> bool {
        let belongs = |id| {
            self.relation().is_some_and(|name| before.belongings(name, None).any(|(belonging, _)| belonging == id))
        };
        user.object().is_some_and(|(id, _)| *id == self.id || belongs(id))
    }

    fn breaks(&self, _before: &Catalog) -> Vec<String> {
        let verb = if self.id.kind == Kind::DefaultPrivileges { "are" } else { "is" };
        vec![format!("{} {verb} dropped", self.id)]
    }
}
