use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Kind, ObjectId, Sequence};
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    schema: String,
    name: String,
    #[serde(rename = "type")]
    data_type: String,
    increment: i64,
    minimum: i64,
    maximum: i64,
    start: i64,
    cache: i64,
    cycle: bool,
    /// The table and the column that own it.
    owner: Option<(String, String)>,
    /// Where it is not as its table is.
    logged: Option<bool>,
    comment: Option<String>,
}

impl Read for Row {
    const WHAT: &'static str = "sequences";

    /// Those of identity columns belong to the column.
    const QUERY: &'static str = object_query!(
        "SELECT spaces.name AS schema, c.relname AS name, format_type(s.seqtypid, NULL) AS type,
  s.seqincrement AS increment, s.seqmin AS minimum, s.seqmax AS maximum, s.seqstart AS start, s.seqcache AS cache,
  s.seqcycle AS cycle,
  (SELECT json_build_array(o.relname, a.attname)
    FROM pg_depend d
    JOIN pg_class o ON o.oid = d.refobjid
    JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
      AND d.refobjsubid > 0 AND d.deptype = 'a') AS owner,
  CASE WHEN current_setting('server_version_num')::int >= 150000 AND c.relpersistence <> coalesce((
      SELECT o.relpersistence FROM pg_depend d JOIN pg_class o ON o.oid = d.refobjid
      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
        AND d.refobjsubid > 0 AND d.deptype = 'a'), 'p') THEN c.relpersistence = 'p' END AS logged,
  obj_description(c.oid, 'pg_class') AS comment
FROM pg_sequence s
JOIN pg_class c ON c.oid = s.seqrelid
JOIN spaces ON spaces.oid = c.relnamespace
WHERE c.relpersistence <> 't'
  AND NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('i', 'e'))
ORDER BY spaces.name, c.relname"
    );

    fn id(&self, _: &Placed) -> Result<ObjectId, String> {
        Ok(ObjectId::new(Kind::Sequence, self.name()))
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema(self.schema.clone(), self.name.clone())
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn definition(self, placed: &Placed) -> Result<Definition, (String, String)> {
        let data_type = placed.data_type(&self.data_type).map_err(|reason| (self.data_type.clone(), reason))?;
        Ok(Sequence {
            data_type,
            increment: self.increment,
            minimum: self.minimum,
            maximum: self.maximum,
            start: self.start,
            cache: self.cache,
            cycle: self.cycle,
            owned_by: self.owner,
            logged: self.logged,
            name: None,
        }
        .into())
    }
}
