use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Kind, ObjectId, Publication, Published, PublishedOperation, PublishedTable};
use migrate_core::sorted::SortedSet;
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    name: String,
    all_tables: bool,
    operations: Vec<String>,
    via_partition_root: bool,
    generated_columns: Option<String>,
    tables: Vec<TableRow>,
    schemas: Vec<String>,
    comment: Option<String>,
}

#[derive(Debug, Deserialize)]
struct TableRow {
    schema: String,
    name: String,
    columns: Option<Vec<String>>,
    filter: Option<String>,
}

impl Read for Row {
    const WHAT: &'static str = "publications";

    /// Nothing of a tenant: they are the database's. Older servers have neither lists of columns nor conditions, and no
    /// publications of schemas: that table is read as it is, where it is.
    const QUERY: &'static str = object_query!(
        "SELECT p.pubname AS name, p.puballtables AS all_tables,
  array_remove(ARRAY[
    CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
    CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END], NULL) AS operations,
  p.pubviaroot AS via_partition_root,
  to_jsonb(p) ->> 'pubgencols' AS generated_columns,
  coalesce((
    SELECT json_agg(json_build_object(
      'schema', n.nspname, 'name', c.relname,
      'columns', (
        SELECT json_agg(a.attname ORDER BY a.attname)
        FROM jsonb_array_elements_text(nullif(to_jsonb(r) -> 'prattrs', 'null')) AS number
        JOIN pg_attribute a ON a.attrelid = r.prrelid AND a.attnum = number::int2),
      'filter', CASE WHEN to_jsonb(r) ->> 'prqual' IS NOT NULL THEN
        substring(query_to_xml(
          format('SELECT pg_catalog.pg_get_expr(prqual, prrelid) AS filter FROM pg_catalog.pg_publication_rel WHERE oid = %s', r.oid),
          false, false, '')::text FROM '<filter>(.*)</filter>') END) ORDER BY n.nspname, c.relname)
    FROM pg_publication_rel r
    JOIN pg_class c ON c.oid = r.prrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE r.prpubid = p.oid), '[]'::json) AS tables,
  CASE WHEN to_regclass('pg_catalog.pg_publication_namespace') IS NULL THEN '{}' ELSE ARRAY(
    SELECT n.nspname::text
    FROM regexp_matches(query_to_xml(
      format('SELECT pnnspid FROM pg_catalog.pg_publication_namespace WHERE pnpubid = %s', p.oid), false, false, '')::text,
      '<pnnspid>([0-9]+)</pnnspid>', 'g') AS found
    JOIN pg_namespace n ON n.oid = found[1]::oid ORDER BY n.nspname) END AS schemas,
  obj_description(p.oid, 'pg_publication') AS comment
FROM pg_publication p
WHERE $2::text IS NULL
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_publication'::regclass AND m.objid = p.oid)
ORDER BY p.pubname"
    );

    fn id(&self, _: &Placed) -> Result<ObjectId, String> {
        Ok(ObjectId::without_schema(Kind::Publication, self.name.clone()))
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema("", self.name.clone())
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn definition(self, placed: &Placed) -> Result<Definition, (String, String)> {
        let table = |row: TableRow| -> Result<PublishedTable, (String, String)> {
            let filter = match row.filter.map(|text| without_entities(&text)) {
                Some(text) => Some(placed.expression(&text).map_err(|reason| (text, reason))?),
                None => None,
            };
            let columns = row.columns.map(|columns| columns.into_iter().collect());
            Ok(PublishedTable { table: QualifiedName::in_schema(row.schema, row.name), columns, filter })
        };
        let has = |operation: &PublishedOperation| self.operations.iter().any(|word| word == operation.word());
        let operations: SortedSet<PublishedOperation> =
            PublishedOperation::ALL.into_iter().filter(has).collect();
        let of = match self.all_tables {
            true => Published::All,
            false => {
                let mut tables = self.tables.into_iter().map(table).collect::<Result<Vec<_>, _>>()?;
                tables.sort_by(|one, other| one.table.cmp(&other.table));
                Published::Some { tables, schemas: self.schemas.into_iter().collect() }
            }
        };
        Ok(Publication {
            of,
            operations,
            via_partition_root: self.via_partition_root,
            // `f` or `false`: none; `s`: those that are stored.
            generated_columns: self.generated_columns.is_some_and(|word| word == "s"),
        }
        .into())
    }
}

/// The text of an XML element.
fn without_entities(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
