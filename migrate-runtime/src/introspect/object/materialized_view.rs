use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Kind, MaterializedView, ObjectId, RelationColumn};
use migrate_core::query::Query;
use migrate_core::sorted::SortedMap;
use migrate_core::token::SyntaxError;
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;

/// A materialized view, without its indexes, which are read with those of tables.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    schema: String,
    name: String,
    query: String,
    columns: Vec<ColumnRow>,
    storage: Vec<String>,
    filled: bool,
    comment: Option<String>,
}

#[derive(Debug, Deserialize)]
struct ColumnRow {
    name: String,
    #[serde(rename = "type")]
    data_type: String,
}

impl Read for Row {
    const WHAT: &'static str = "materialized views";

    const QUERY: &'static str = object_query!(
        "SELECT spaces.name AS schema, c.relname AS name, pg_get_viewdef(c.oid) AS query,
  coalesce((
    SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum)
    FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]'::json) AS columns,
  (SELECT coalesce(json_agg(option), '[]'::json) FROM (
    SELECT unnest(c.reloptions) AS option
    UNION ALL
    SELECT 'toast.' || unnest(t.reloptions) FROM pg_class t WHERE t.oid = c.reltoastrelid) AS options) AS storage,
  c.relispopulated AS filled,
  obj_description(c.oid, 'pg_class') AS comment
FROM pg_class c
JOIN spaces ON spaces.oid = c.relnamespace
WHERE c.relkind = 'm'
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid)
ORDER BY spaces.name, c.relname"
    );

    fn id(&self, _: &Placed) -> Result<ObjectId, String> {
        Ok(ObjectId::new(Kind::MaterializedView, self.name()))
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
        let column = |row: ColumnRow| RelationColumn {
            data_type: placed.data_type(&row.data_type).ok(),
            name: row.name,
            nullable: true,
        };
        let parameter = |text: &String| {
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            (name.to_owned(), value.to_owned())
        };
        Ok(MaterializedView {
            query,
            columns: self.columns.into_iter().map(column).collect(),
            storage: self.storage.iter().map(parameter).collect(),
            indexes: SortedMap::new(),
            is_filled: self.filled,
        }
        .into())
    }
}
