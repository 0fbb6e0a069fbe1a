use migrate_core::name::QualifiedName;
use migrate_core::object::{Cast, CastApplies, CastMethod, Definition, Kind, ObjectId};
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;
use super::function_name::FunctionRow;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    source: String,
    target: String,
    method: String,
    function: Option<FunctionRow>,
    context: String,
    comment: Option<String>,
}

impl Read for Row {
    const WHAT: &'static str = "casts";

    /// Those that initdb made are the server's, and a range type brings one with it. Of a tenant are those of its types.
    const QUERY: &'static str = object_query!(
        "SELECT format_type(c.castsource, -1) AS source, format_type(c.casttarget, -1) AS target,
  c.castmethod AS method, ",
        function_of!("c.castfunc"),
        " AS function,
  c.castcontext AS context, obj_description(c.oid, 'pg_cast') AS comment
FROM pg_cast c
JOIN pg_type s ON s.oid = c.castsource
JOIN pg_type t ON t.oid = c.casttarget
WHERE c.oid >= 16384
  AND ($2::text IS NULL OR EXISTS (SELECT FROM spaces WHERE spaces.oid IN (s.typnamespace, t.typnamespace)))
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_cast'::regclass AND m.objid = c.oid)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_cast'::regclass AND d.objid = c.oid AND d.deptype = 'i')
ORDER BY 1, 2"
    );

    fn id(&self, placed: &Placed) -> Result<ObjectId, String> {
        let arguments = vec![placed.data_type(&self.source)?, placed.data_type(&self.target)?];
        Ok(ObjectId { arguments, ..ObjectId::without_schema(Kind::Cast, "") })
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema("", format!("{} as {}", self.source, self.target))
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn definition(self, placed: &Placed) -> Result<Definition, (String, String)> {
        let method = match (self.method.as_str(), self.function) {
            ("f", Some(function)) => CastMethod::Function(function.read(placed)?),
            ("b", _) => CastMethod::Binary,
            _ => CastMethod::Text,
        };
        let applies = match self.context.as_str() {
            "i" => CastApplies::Implicit,
            "a" => CastApplies::Assignment,
            _ => CastApplies::Explicit,
        };
        Ok(Cast { method, applies }.into())
    }
}
