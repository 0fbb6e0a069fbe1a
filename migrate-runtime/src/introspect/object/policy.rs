use migrate_core::catalog::Role;
use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Kind, ObjectId, Policy, PolicyCommand};
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    schema: String,
    table: String,
    name: String,
    restrictive: bool,
    command: String,
    /// `null` for `public`.
    roles: Vec<Option<String>>,
    using: Option<String>,
    check: Option<String>,
    comment: Option<String>,
}

impl Read for Row {
    const WHAT: &'static str = "policies";

    const QUERY: &'static str = object_query!(
        "SELECT spaces.name AS schema, c.relname AS table, p.polname AS name, NOT p.polpermissive AS restrictive,
  p.polcmd AS command,
  ARRAY(
    SELECT r.rolname::text FROM unnest(p.polroles) AS role (oid) LEFT JOIN pg_roles r ON r.oid = role.oid
    ORDER BY 1) AS roles,
  pg_get_expr(p.polqual, p.polrelid) AS using, pg_get_expr(p.polwithcheck, p.polrelid) AS check,
  obj_description(p.oid, 'pg_policy') AS comment
FROM pg_policy p
JOIN pg_class c ON c.oid = p.polrelid
JOIN spaces ON spaces.oid = c.relnamespace
WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_policy'::regclass AND m.objid = p.oid)
ORDER BY spaces.name, c.relname, p.polname"
    );

    fn id(&self, _: &Placed) -> Result<ObjectId, String> {
        let table = QualifiedName::in_schema(self.schema.clone(), self.table.clone());
        Ok(ObjectId::on_table(Kind::Policy, self.name.clone(), &table))
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema(self.schema.clone(), self.name.clone())
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn definition(self, placed: &Placed) -> Result<Definition, (String, String)> {
        let condition = |text: Option<String>| {
            let read = |text: String| placed.expression(&text).map_err(|reason| (text, reason));
            text.map(read).transpose()
        };
        Ok(Policy {
            is_restrictive: self.restrictive,
            command: match self.command.as_str() {
                "r" => PolicyCommand::Select,
                "a" => PolicyCommand::Insert,
                "w" => PolicyCommand::Update,
                "d" => PolicyCommand::Delete,
                _ => PolicyCommand::All,
            },
            roles: self.roles.into_iter().map(|role| role.map_or(Role::Public, Role::Named)).collect(),
            using: condition(self.using)?,
            check: condition(self.check)?,
        }
        .into())
    }
}
