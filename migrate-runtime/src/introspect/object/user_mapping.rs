use migrate_core::catalog::Role;
use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Kind, ObjectId, UserMapping};
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    /// `null` for every role.
    role: Option<String>,
    server: String,
    options: Vec<(String, String)>,
}

impl Read for Row {
    const WHAT: &'static str = "user mappings";

    /// Nothing of a tenant: they are the database's. Their options are seen by whom they are of.
    const QUERY: &'static str = object_query!(
        "SELECT CASE WHEN u.umuser <> 0 THEN u.usename END AS role, u.srvname AS server,
  (SELECT coalesce(json_agg(json_build_array(option_name, option_value)), '[]'::json)
    FROM pg_options_to_table(u.umoptions)) AS options
FROM pg_user_mappings u
WHERE $2::text IS NULL
ORDER BY u.srvname, u.usename"
    );

    fn id(&self, _: &Placed) -> Result<ObjectId, String> {
        let role = self.role.clone().map_or(Role::Public, Role::Named);
        let id = ObjectId::without_schema(Kind::UserMapping, role.to_string());
        Ok(ObjectId { of: Some(self.server.clone()), ..id })
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema("", self.role.clone().unwrap_or_else(|| "public".into()))
    }

    fn comment(&mut self) -> Option<String> {
        None
    }

    fn definition(self, _: &Placed) -> Result<Definition, (String, String)> {
        let options = self.options.into_iter().filter(|(name, _)| !UserMapping::is_secret(name));
        Ok(UserMapping { options: options.collect() }.into())
    }
}
