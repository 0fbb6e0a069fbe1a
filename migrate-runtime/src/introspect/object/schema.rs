use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, ObjectId, Schema};
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    name: String,
    comment: Option<String>,
}

impl Read for Row {
    const WHAT: &'static str = "schemas";

    /// Nothing of a tenant: the schema is the tenant's own.
    const QUERY: &'static str = object_query!(
        "SELECT n.nspname AS name, obj_description(n.oid, 'pg_namespace') AS comment
FROM pg_namespace n
JOIN spaces ON spaces.oid = n.oid
WHERE n.nspname <> 'public' AND $2::text IS NULL
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_namespace'::regclass AND m.objid = n.oid)
ORDER BY n.nspname"
    );

    fn id(&self, _: &Placed) -> Result<ObjectId, String> {
        Ok(Schema::id(self.name.clone()))
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema("", self.name.clone())
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn definition(self, _: &Placed) -> Result<Definition, (String, String)> {
        Ok(Schema {}.into())
    }
}
