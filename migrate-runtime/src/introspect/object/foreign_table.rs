use migrate_core::catalog::Generated;
use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, ForeignCheck, ForeignColumn, ForeignTable, Kind, ObjectId, UserMapping};
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    schema: String,
    name: String,
    server: String,
    options: Vec<(String, String)>,
    columns: Vec<ColumnRow>,
    checks: Vec<CheckRow>,
    /// What the language has no words for.
    beside: Option<String>,
    comment: Option<String>,
}

#[derive(Debug, Deserialize)]
struct ColumnRow {
    name: String,
    #[serde(rename = "type")]
    data_type: String,
    nullable: bool,
    collation: Option<String>,
    /// What it is by default, or generated from.
    default: Option<String>,
    /// `s`: stored, `v`: virtual.
    generated: String,
    options: Vec<(String, String)>,
}

#[derive(Debug, Deserialize)]
struct CheckRow {
    name: String,
    condition: String,
    no_inherit: bool,
    valid: bool,
}

impl Read for Row {
    const WHAT: &'static str = "foreign tables";

    const QUERY: &'static str = object_query!(
        "SELECT spaces.name AS schema, c.relname AS name, s.srvname AS server,
  (SELECT coalesce(json_agg(json_build_array(option_name, option_value)), '[]'::json)
    FROM pg_options_to_table(f.ftoptions)) AS options,
  coalesce((
    SELECT json_agg(json_build_object(
      'name', a.attname,
      'type', format_type(a.atttypid, a.atttypmod),
      'nullable', NOT a.attnotnull,
      'collation', CASE
        WHEN a.attcollation = t.typcollation OR l.oid IS NULL THEN NULL
        WHEN ln.nspname IN ('pg_catalog', 'public', $2) THEN l.collname
        ELSE ln.nspname || '.' || l.collname
      END,
      'default', pg_get_expr(d.adbin, d.adrelid),
      'generated', a.attgenerated::text,
      'options', (SELECT coalesce(json_agg(json_build_array(option_name, option_value)), '[]'::json)
        FROM pg_options_to_table(a.attfdwoptions))) ORDER BY a.attnum)
    FROM pg_attribute a
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    LEFT JOIN pg_collation l ON l.oid = a.attcollation
    LEFT JOIN pg_namespace ln ON ln.oid = l.collnamespace
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]'::json) AS columns,
  coalesce((
    SELECT json_agg(json_build_object(
      'name', k.conname,
      'condition', pg_get_expr(k.conbin, k.conrelid),
      'no_inherit', k.connoinherit,
      'valid', k.convalidated) ORDER BY k.conname)
    FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c'), '[]'::json) AS checks,
  CASE
    WHEN c.relispartition THEN 'a partition'
    WHEN EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid) THEN 'inheritance'
  END AS beside,
  obj_description(c.oid, 'pg_class') AS comment
FROM pg_class c
JOIN spaces ON spaces.oid = c.relnamespace
JOIN pg_foreign_table f ON f.ftrelid = c.oid
JOIN pg_foreign_server s ON s.oid = f.ftserver
WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid)
ORDER BY spaces.name, c.relname"
    );

    fn id(&self, _: &Placed) -> Result<ObjectId, String> {
        Ok(ObjectId::new(Kind::ForeignTable, self.name()))
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema(self.schema.clone(), self.name.clone())
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn definition(self, placed: &Placed) -> Result<Definition, (String, String)> {
        if let Some(beside) = self.beside {
            return Err((beside, "this is not supported for foreign tables".to_owned()));
        }
        let without_secrets = |options: Vec<(String, String)>| {
            options.into_iter().filter(|(name, _)| !UserMapping::is_secret(name)).collect()
        };
        let expression = |text: String| placed.expression(&text).map_err(|reason| (text, reason));
        let column = |row: ColumnRow| {
            let data_type = placed.data_type(&row.data_type).map_err(|reason| (row.data_type.clone(), reason))?;
            let options = without_secrets(row.options);
            let value = row.default.map(&expression).transpose()?;
            let (default, generated) = match row.generated.as_str() {
                "" => (value, None),
                kind => (None, value.map(|expression| Generated { expression, stored: kind == "s" })),
            };
            let (name, nullable, collation) = (row.name, row.nullable, row.collation);
            Ok(ForeignColumn { name, data_type, nullable, default, generated, collation, options })
        };
        let columns = self.columns.into_iter().map(column).collect::<Result<_, (String, String)>>()?;
        let check = |row: CheckRow| {
            let (no_inherit, not_valid) = (row.no_inherit, !row.valid);
            Ok((row.name, ForeignCheck { condition: expression(row.condition)?, no_inherit, not_valid }))
        };
        let checks = self.checks.into_iter().map(check).collect::<Result<_, (String, String)>>()?;
        Ok(ForeignTable { server: self.server, columns, checks, options: without_secrets(self.options) }.into())
    }
}
