use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, ObjectId, Server, UserMapping};
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    name: String,
    wrapper: String,
    #[serde(rename = "type")]
    server_type: Option<String>,
    version: Option<String>,
    options: Vec<(String, String)>,
    comment: Option<String>,
}

impl Read for Row {
    const WHAT: &'static str = "servers";

    /// Nothing of a tenant: they are the database's.
    const QUERY: &'static str = object_query!(
        "SELECT s.srvname AS name, w.fdwname AS wrapper, s.srvtype AS type, s.srvversion AS version,
  (SELECT coalesce(json_agg(json_build_array(option_name, option_value)), '[]'::json)
    FROM pg_options_to_table(s.srvoptions)) AS options,
  obj_description(s.oid, 'pg_foreign_server') AS comment
FROM pg_foreign_server s
JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
WHERE $2::text IS NULL
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_foreign_server'::regclass AND m.objid = s.oid)
ORDER BY s.srvname"
    );

    fn id(&self, _: &Placed) -> Result<ObjectId, String> {
        Ok(Server::id(self.name.clone()))
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema("", self.name.clone())
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn definition(self, _: &Placed) -> Result<Definition, (String, String)> {
        let options = self.options.into_iter().filter(|(name, _)| !UserMapping::is_secret(name));
        Ok(Server {
            wrapper: self.wrapper,
            server_type: self.server_type,
            version: self.version,
            options: options.collect(),
        }
        .into())
    }
}
