use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Kind, ObjectId, RangeType};
use serde::Deserialize;

use super::super::placed::Placed;
use super::function_name::FunctionRow;
use super::Read;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    schema: String,
    name: String,
    subtype: String,
    operator_class: Option<String>,
    collation: Option<String>,
    canonical: Option<String>,
    subtype_diff: Option<FunctionRow>,
    multirange: (String, String),
    comment: Option<String>,
}

impl Read for Row {
    const WHAT: &'static str = "range types";

    const QUERY: &'static str = object_query!(
        "SELECT spaces.name AS schema, t.typname AS name, format_type(r.rngsubtype, -1) AS subtype,
  CASE
    WHEN o.opcdefault THEN NULL
    WHEN os.nspname IN ('pg_catalog', 'public', $2) THEN o.opcname
    ELSE os.nspname || '.' || o.opcname
  END AS operator_class,
  CASE
    WHEN r.rngcollation = s.typcollation OR l.oid IS NULL THEN NULL
    WHEN ls.nspname IN ('pg_catalog', 'public', $2) THEN l.collname
    ELSE ls.nspname || '.' || l.collname
  END AS collation,
  nullif(r.rngcanonical::text, '-') AS canonical,
  ",
        function_of!("r.rngsubdiff"),
        " AS subtype_diff,
  json_build_array(coalesce(nullif(ms.nspname::text, $2::text), 'public'), m.typname) AS multirange,
  obj_description(t.oid, 'pg_type') AS comment
FROM pg_range r
JOIN pg_type t ON t.oid = r.rngtypid
JOIN spaces ON spaces.oid = t.typnamespace
JOIN pg_type s ON s.oid = r.rngsubtype
JOIN pg_opclass o ON o.oid = r.rngsubopc
JOIN pg_namespace os ON os.oid = o.opcnamespace
LEFT JOIN pg_collation l ON l.oid = r.rngcollation
LEFT JOIN pg_namespace ls ON ls.oid = l.collnamespace
JOIN pg_type m ON m.oid = r.rngmultitypid
JOIN pg_namespace ms ON ms.oid = m.typnamespace
WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid)
ORDER BY spaces.name, t.typname"
    );

    fn id(&self, _: &Placed) -> Result<ObjectId, String> {
        Ok(ObjectId::new(Kind::RangeType, self.name()))
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema(self.schema.clone(), self.name.clone())
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn definition(self, placed: &Placed) -> Result<Definition, (String, String)> {
        if let Some(function) = self.canonical {
            return Err((format!("canonical = {function}"), "a range type with `canonical` is not supported".into()));
        }
        Ok(RangeType {
            subtype: placed.data_type(&self.subtype).map_err(|reason| (self.subtype.clone(), reason))?,
            operator_class: self.operator_class,
            collation: self.collation,
            subtype_diff: self.subtype_diff.map(|function| function.read(placed)).transpose()?,
            multirange: QualifiedName::in_schema(self.multirange.0, self.multirange.1),
        }
        .into())
    }
}
