use migrate_core::name::QualifiedName;
use migrate_core::object::{CheckOption, Definition, Kind, ObjectId, RelationColumn, View};
use migrate_core::query::Query;
use migrate_core::sorted::SortedMap;
use migrate_core::token::SyntaxError;
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    schema: String,
    name: String,
    query: String,
    columns: Vec<ColumnRow>,
    options: Vec<String>,
    comment: Option<String>,
}

#[derive(Debug, Deserialize)]
struct ColumnRow {
    name: String,
    #[serde(rename = "type")]
    data_type: String,
    default: Option<String>,
}

impl Read for Row {
    const WHAT: &'static str = "views";

    const QUERY: &'static str = object_query!(
        "SELECT spaces.name AS schema, c.relname AS name, pg_get_viewdef(c.oid) AS query,
  coalesce((
    SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
      'default', pg_get_expr(d.adbin, d.adrelid)) ORDER BY a.attnum)
    FROM pg_attribute a
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]'::json) AS columns,
  coalesce(to_json(c.reloptions), '[]'::json) AS options,
  obj_description(c.oid, 'pg_class') AS comment
FROM pg_class c
JOIN spaces ON spaces.oid = c.relnamespace
WHERE c.relkind = 'v' AND c.relpersistence <> 't'
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid)
ORDER BY spaces.name, c.relname"
    );

    fn id(&self, _: &Placed) -> Result<ObjectId, String> {
        Ok(ObjectId::new(Kind::View, self.name()))
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema(self.schema.clone(), self.name.clone())
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn definition(self, placed: &Placed) -> Result<Definition, (String, String)> {
        let text = self.query.trim().trim_end_matches(';').to_owned();
        let mut query: Query = text.parse().map_err(|error: SyntaxError| (text.clone(), error.message))?;
        placed.place_query(&mut query);
        let mut defaults = SortedMap::new();
        for row in &self.columns {
            let Some(text) = &row.default else { continue };
            let default = placed.expression(text).map_err(|reason| (text.clone(), reason))?;
            defaults.insert(row.name.clone(), default);
        }
        let column = |row: ColumnRow| RelationColumn {
            data_type: placed.data_type(&row.data_type).ok(),
            name: row.name,
            nullable: true,
        };
        let has = |option: &str| self.options.iter().any(|found| found == option);
        let is_on = |option: &str| ["true", "on", "yes", "1"].iter().any(|value| has(&format!("{option}={value}")));
        let check_option = match () {
            () if has("check_option=local") => Some(CheckOption::Local),
            () if has("check_option=cascaded") => Some(CheckOption::Cascaded),
            () => None,
        };
        Ok(View {
            query,
            check_option,
            security_barrier: is_on("security_barrier"),
            security_invoker: is_on("security_invoker"),
            columns: self.columns.into_iter().map(column).collect(),
            defaults,
        }
        .into())
    }
}
