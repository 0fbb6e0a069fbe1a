use migrate_core::name::QualifiedName;
use migrate_core::object::{Attribute, CompositeType, Definition, Kind, ObjectId};
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    schema: String,
    name: String,
    attributes: Vec<AttributeRow>,
    comment: Option<String>,
}

#[derive(Debug, Deserialize)]
struct AttributeRow {
    name: String,
    #[serde(rename = "type")]
    data_type: String,
    collation: Option<String>,
}

impl Read for Row {
    const WHAT: &'static str = "composite types";

    const QUERY: &'static str = object_query!(
        "SELECT spaces.name AS schema, c.relname AS name,
  coalesce((
    SELECT json_agg(json_build_object(
      'name', a.attname,
      'type', format_type(a.atttypid, a.atttypmod),
      'collation', CASE
        WHEN a.attcollation = t.typcollation OR l.oid IS NULL THEN NULL
        WHEN ln.nspname IN ('pg_catalog', 'public', $2) THEN l.collname
        ELSE ln.nspname || '.' || l.collname
      END) ORDER BY a.attnum)
    FROM pg_attribute a
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_collation l ON l.oid = a.attcollation
    LEFT JOIN pg_namespace ln ON ln.oid = l.collnamespace
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]'::json) AS attributes,
  obj_description(c.reltype, 'pg_type') AS comment
FROM pg_class c
JOIN spaces ON spaces.oid = c.relnamespace
WHERE c.relkind = 'c'
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_type'::regclass AND m.objid = c.reltype)
ORDER BY spaces.name, c.relname"
    );

    fn id(&self, _: &Placed) -> Result<ObjectId, String> {
        Ok(ObjectId::new(Kind::CompositeType, self.name()))
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema(self.schema.clone(), self.name.clone())
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn definition(self, placed: &Placed) -> Result<Definition, (String, String)> {
        let attribute = |row: AttributeRow| {
            let data_type = placed.data_type(&row.data_type).map_err(|reason| (row.data_type.clone(), reason))?;
            Ok(Attribute { name: row.name, data_type, collation: row.collation })
        };
        let attributes = self.attributes.into_iter().map(attribute).collect::<Result<_, (String, String)>>()?;
        Ok(CompositeType { attributes }.into())
    }
}
