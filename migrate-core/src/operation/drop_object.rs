use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{CreateObject, Inverse, Operate, Touched};
use crate::catalog::{Catalog, Used, User};
use crate::object::{Define, Kind, ObjectId};
use crate::plan::{LockMode, Lowering};
use crate::sql::Writer;

/// `DROP` of an object that nothing uses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DropObject {
    /// Which one.
    pub id: ObjectId,
}

impl Operate for DropObject {
    fn apply(&self, catalog: &mut Catalog) {
        catalog.objects.remove(&self.id);
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        match before.object(&self.id) {
            Some(object) => Inverse::operation(CreateObject { id: self.id.clone(), object: object.clone() }),
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
        }
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.object(&self.id);
        if let Some(object) = before.object(&self.id) {
            touched.used_by_object(&self.id, object, before);
        }
    }

    fn removes(&self, before: &Catalog) -> BTreeSet<Used> {
        before.known_as(&self.id)
    }

    fn takes_along(&self, user: &User<'_>, _before: &Catalog) -> bool {
        user.object().is_some_and(|(id, _)| *id == self.id)
    }

    fn breaks(&self, _before: &Catalog) -> Vec<String> {
        let verb = if self.id.kind == Kind::DefaultPrivileges { "are" } else { "is" };
        vec![format!("{} {verb} dropped", self.id)]
    }
}
