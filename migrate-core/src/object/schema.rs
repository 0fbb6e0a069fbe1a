use super::kind::Facts;
use super::{Define, Kind, Namespace, ObjectId, Renaming};
use crate::catalog::{Catalog, Scope, Securable, Used};
use crate::json::ToJson;
use crate::plan::Lowering;
use crate::sorted::SortedSet;
use crate::sql::Writer;

/// A schema.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Schema {}

impl Schema {
    pub(super) const FACTS: Facts =
        Facts { noun: "schema", keywords: "SCHEMA", namespace: Namespace::Database, on_table: None, securable: Some(Securable::Schema) };

    /// Which object a schema of this name is.
    pub fn id(name: impl Into<String>) -> ObjectId {
        ObjectId::without_schema(Kind::Schema, name)
    }
}

impl Define for Schema {
    fn note_uses(&self, _id: &ObjectId, _scope: &Scope<'_>, _uses: &mut SortedSet<Used>) {}

    fn follow(&mut self, _id: &ObjectId, _renaming: &Renaming<'_>) {}

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        plan.sql(Writer::new().keyword("CREATE SCHEMA").identifier(&id.name.name).finish());
    }

    fn change(&self, _id: &ObjectId, _to: &Self, _before: &Catalog, _plan: &mut Lowering) -> bool {
        true
    }

    fn differences(&self, _found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        Vec::new()
    }
}
