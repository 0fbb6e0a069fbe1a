use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Domain, Kind, ObjectId};
use migrate_core::sorted::{SortedMap, SortedSet};
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    schema: String,
    name: String,
    #[serde(rename = "type")]
    data_type: String,
    collation: Option<String>,
    default: Option<String>,
    not_null: bool,
    /// The checks by their names.
    checks: SortedMap<String, String>,
    not_valid: SortedSet<String>,
    comment: Option<String>,
    /// The comments on its checks.
    comments: SortedMap<String, String>,
}

impl Read for Row {
    const WHAT: &'static str = "domains";

    const QUERY: &'static str = object_query!(
        "SELECT spaces.name AS schema, t.typname AS name, format_type(t.typbasetype, t.typtypmod) AS type,
  CASE
    WHEN t.typcollation = b.typcollation OR l.oid IS NULL THEN NULL
    WHEN ln.nspname IN ('pg_catalog', 'public', $2) THEN l.collname
    ELSE ln.nspname || '.' || l.collname
  END AS collation,
  pg_get_expr(t.typdefaultbin, 0) AS default,
  t.typnotnull AS not_null,
  coalesce((
    SELECT json_object_agg(k.conname, pg_get_expr(k.conbin, 0) ORDER BY k.conname)
    FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'), '{}'::json) AS checks,
  ARRAY(SELECT k.conname FROM pg_constraint k
    WHERE k.contypid = t.oid AND k.contype = 'c' AND NOT k.convalidated ORDER BY k.conname) AS not_valid,
  coalesce((
    SELECT json_object_agg(k.conname, d.description ORDER BY k.conname)
    FROM pg_constraint k
    JOIN pg_description d ON d.classoid = 'pg_constraint'::regclass AND d.objoid = k.oid AND d.objsubid = 0
    WHERE k.contypid = t.oid AND k.contype = 'c'), '{}'::json) AS comments,
  obj_description(t.oid, 'pg_type') AS comment
FROM pg_type t
JOIN spaces ON spaces.oid = t.typnamespace
JOIN pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_collation l ON l.oid = t.typcollation
LEFT JOIN pg_namespace ln ON ln.oid = l.collnamespace
WHERE t.typtype = 'd'
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid)
ORDER BY spaces.name, t.typname"
    );

    fn id(&self, _: &Placed) -> Result<ObjectId, String> {
        Ok(ObjectId::new(Kind::Domain, self.name()))
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema(self.schema.clone(), self.name.clone())
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn definition(self, placed: &Placed) -> Result<Definition, (String, String)> {
        let data_type = placed.data_type(&self.data_type).map_err(|reason| (self.data_type.clone(), reason))?;
        let expression = |text: String| placed.expression(&text).map_err(|reason| (text, reason));
        let checks = self.checks.into_iter().map(|(name, check)| expression(check).map(|check| (name, check)));
        Ok(Domain {
            data_type,
            collation: self.collation,
            // That of the domain that it is over, refused.
            default: self.default.map(expression).transpose()?.filter(|default| !default.is_null()),
            not_null: self.not_null,
            checks: checks.collect::<Result<_, _>>()?,
            not_valid: self.not_valid,
            comments: self.comments,
        }
        .into())
    }
}
