//! Comments on the columns of views and of other objects with columns, and on attributes of composite types. Those of the
//! columns of tables are read with the columns.

use migrate_core::catalog::Catalog;
use migrate_core::name::QualifiedName;
use migrate_core::operation::{CommentTarget, Operate as _, SetComment};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    schema: String,
    name: String,
    column: String,
    comment: String,
}

pub(super) const COLUMN_COMMENTS: &str = "SELECT row_to_json(found)::text FROM (
SELECT coalesce(nullif(n.nspname::text, $2::text), 'public') AS schema, c.relname AS name, a.attname AS column,
  d.description AS comment
FROM pg_description d
JOIN pg_class c ON c.oid = d.objoid AND c.relkind IN ('v', 'm', 'f', 'c') AND c.relpersistence <> 't'
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND NOT a.attisdropped
WHERE d.classoid = 'pg_class'::regclass AND d.objsubid > 0
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND n.nspname <> ALL ($1::text[])
  AND ($2::text IS NULL OR n.nspname = $2)
ORDER BY 1, 2, a.attnum
) AS found";

/// Puts the comments into the catalog, as far as it has what they are on.
pub(super) fn understand(rows: Vec<Row>, catalog: &mut Catalog) {
    for row in rows {
        let target = CommentTarget::Column(QualifiedName::in_schema(row.schema, row.name), row.column);
        SetComment { target, comment: Some(row.comment) }.apply(catalog);
    }
}
