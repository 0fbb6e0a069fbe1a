use migrate_core::catalog::{Privilege, Privileges, Role, Said};
use migrate_core::name::QualifiedName;
use migrate_core::object::{DefaultPrivileges, DefaultsOf, Definition, ObjectId};
use serde::Deserialize;

use super::super::access::{GrantRow, grants_of};
use super::super::placed::Placed;
use super::Read;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    /// `null` where it is the role that reads.
    role: Option<String>,
    schema: Option<String>,
    of: String,
    grants: Vec<GrantRow>,
}

impl Row {
    fn bare(&self) -> DefaultPrivileges {
        let of = match self.of.as_str() {
            "S" => DefaultsOf::Sequences,
            "f" => DefaultsOf::Functions,
            "T" => DefaultsOf::Types,
            "n" => DefaultsOf::Schemas,
            _ => DefaultsOf::Tables,
        };
        DefaultPrivileges::new(self.role.clone(), self.schema.clone(), of)
    }
}

impl Read for Row {
    const WHAT: &'static str = "default privileges";

    /// Those of a schema hold what is added; the others hold everything, the built-in privileges too.
    const QUERY: &'static str = object_query!(
        "SELECT CASE WHEN pg_get_userbyid(d.defaclrole) <> current_user THEN pg_get_userbyid(d.defaclrole) END AS role,
  spaces.name AS schema, d.defaclobjtype AS of,
  (SELECT coalesce(json_agg(json_build_object(
      'role', CASE WHEN item.grantee <> 0 THEN pg_get_userbyid(item.grantee) END,
      'privilege', item.privilege_type, 'grantable', item.is_grantable)
      ORDER BY item.grantee, item.privilege_type), '[]'::json)
    FROM aclexplode(d.defaclacl) AS item WHERE item.grantee <> d.defaclrole) AS grants
FROM pg_default_acl d
LEFT JOIN spaces ON spaces.oid = d.defaclnamespace
WHERE d.defaclobjtype <> 'L'
  AND (spaces.oid IS NOT NULL OR d.defaclnamespace = 0 AND $2::text IS NULL)
ORDER BY 1, 2, 3"
    );

    fn id(&self, _: &Placed) -> Result<ObjectId, String> {
        Ok(self.bare().id())
    }

    fn name(&self) -> QualifiedName {
        self.bare().id().name
    }

    fn comment(&mut self) -> Option<String> {
        None
    }

    fn definition(self, _: &Placed) -> Result<Definition, (String, String)> {
        let mut defaults = self.bare();
        defaults.grants = grants_of(self.grants);
        // What everybody has by itself, and is not in the list, is revoked.
        for privilege in Privilege::ALL {
            if defaults.is_built_in(&Role::Public, privilege)
                && defaults.grants.said(&Role::Public, privilege).is_none()
            {
                let of_everybody: &mut Privileges = defaults.grants.0.entry(Role::Public).or_default();
                of_everybody.insert(privilege, Said::Revoked);
            }
        }
        Ok(defaults.into())
    }
}
