use migrate_core::catalog::{Generated, PartitionBound, PartitionOf};
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
    /// What it inherits from, in its order: schema and name.
    inherits: Vec<(String, String)>,
    /// What it is a partition of.
    partition_of: Option<PartitionRow>,
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
    /// Whether it is there only because of those that the table inherits from.
    inherited: bool,
    options: Vec<(String, String)>,
}

#[derive(Debug, Deserialize)]
struct CheckRow {
    name: String,
    condition: String,
    no_inherit: bool,
    valid: bool,
    /// Whether it is there only because of those that the table is below.
    inherited: bool,
}

#[derive(Debug, Deserialize)]
struct PartitionRow {
    schema: String,
    name: String,
    bound: String,
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
      'inherited', NOT a.attislocal AND NOT c.relispartition,
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
      'valid', k.convalidated,
      'inherited', k.coninhcount > 0 AND (c.relispartition OR NOT k.conislocal)) ORDER BY k.conname)
    FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c'), '[]'::json) AS checks,
  coalesce((
    SELECT json_agg(json_build_array(an.nspname, above.relname) ORDER BY i.inhseqno)
    FROM pg_inherits i JOIN pg_class above ON above.oid = i.inhparent JOIN pg_namespace an ON an.oid = above.relnamespace
    WHERE i.inhrelid = c.oid AND NOT c.relispartition), '[]'::json) AS inherits,
  (SELECT json_build_object('schema', an.nspname, 'name', above.relname, 'bound', pg_get_expr(c.relpartbound, c.oid))
    FROM pg_inherits i JOIN pg_class above ON above.oid = i.inhparent JOIN pg_namespace an ON an.oid = above.relnamespace
    WHERE i.inhrelid = c.oid AND c.relispartition) AS partition_of,
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
            let (name, nullable, collation, inherited) = (row.name, row.nullable, row.collation, row.inherited);
            Ok(ForeignColumn { name, data_type, nullable, default, generated, collation, options, inherited })
        };
        let columns = self.columns.into_iter().map(column).collect::<Result<_, (String, String)>>()?;
        let check = |row: CheckRow| {
            let (no_inherit, not_valid, inherited) = (row.no_inherit, !row.valid, row.inherited);
            Ok((row.name, ForeignCheck { condition: expression(row.condition)?, no_inherit, not_valid, inherited }))
        };
        let checks = self.checks.into_iter().map(check).collect::<Result<_, (String, String)>>()?;
        let partition_of = |row: PartitionRow| -> Result<PartitionOf, (String, String)> {
            let mut bound = PartitionBound::read(&row.bound).map_err(|error| (row.bound, error.message))?;
            bound.values_mut().for_each(|value| placed.place(value));
            Ok(PartitionOf { parent: QualifiedName::in_schema(row.schema, row.name), bound })
        };
        let partition_of = self.partition_of.map(partition_of).transpose()?;
        let inherits = self.inherits.into_iter().map(|(schema, name)| QualifiedName::in_schema(schema, name)).collect();
        let (server, options) = (self.server, without_secrets(self.options));
        Ok(ForeignTable { server, columns, checks, options, inherits, partition_of }.into())
    }
}
