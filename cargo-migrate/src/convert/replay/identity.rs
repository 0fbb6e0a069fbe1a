//! What PostgreSQL keeps when something gets another name: its number.

use migrate_runtime::core::catalog::{Catalog, ConstraintKind};
use migrate_runtime::core::difference::Renames;
use migrate_runtime::core::name::QualifiedName;
use migrate_runtime::core::object::ForeignTable;
use migrate_runtime::core::sorted::SortedMap;
use migrate_runtime::sqlx::{self, PgConnection, Row as _};

/// Of each thing its class, its number, that of what it belongs to, and its name. `pg_attribute` has no numbers of its own: there
/// the table's and the column's.
const QUERY: &str = "
WITH ours AS (
  SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace n
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
)
SELECT kind, number, sub, parent, schema, name FROM (
  SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized_view' WHEN 'S' THEN 'sequence'
      WHEN 'c' THEN 'composite_type' WHEN 'i' THEN 'index' WHEN 'I' THEN 'index' ELSE 'table' END AS kind,
    c.oid::int8 AS number, 0::int8 AS sub, coalesce(i.indrelid, 0)::int8 AS parent, n.nspname::text AS schema, c.relname::text AS name
  FROM pg_catalog.pg_class c JOIN ours n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
  WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S', 'c', 'i', 'I') AND c.relpersistence <> 't'
    -- The index of a constraint has the constraint's name.
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'))
  UNION ALL
  SELECT 'column', a.attrelid::int8, a.attnum::int8, a.attrelid::int8, '', a.attname::text
  FROM pg_catalog.pg_attribute a
  JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN ours n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped AND c.relpersistence <> 't'
  UNION ALL
  SELECT 'constraint', k.oid::int8, 0, k.conrelid::int8, '', k.conname::text
  FROM pg_catalog.pg_constraint k JOIN ours n ON n.oid = k.connamespace WHERE k.conrelid <> 0
  UNION ALL
  SELECT CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' ELSE 'range_type' END, t.oid::int8, 0, 0, n.nspname::text, t.typname::text
  FROM pg_catalog.pg_type t JOIN ours n ON n.oid = t.typnamespace WHERE t.typtype IN ('e', 'd', 'r')
  UNION ALL
  SELECT 'value', e.oid::int8, 0, e.enumtypid::int8, '', e.enumlabel::text FROM pg_catalog.pg_enum e
  UNION ALL
  SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END, p.oid::int8, 0, 0, n.nspname::text, p.proname::text
  FROM pg_catalog.pg_proc p JOIN ours n ON n.oid = p.pronamespace
  UNION ALL
  SELECT 'trigger', t.oid::int8, 0, t.tgrelid::int8, n.nspname::text, t.tgname::text
  FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN ours n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal
  UNION ALL
  SELECT 'policy', o.oid::int8, 0, o.polrelid::int8, n.nspname::text, o.polname::text
  FROM pg_catalog.pg_policy o JOIN pg_catalog.pg_class c ON c.oid = o.polrelid JOIN ours n ON n.oid = c.relnamespace
  UNION ALL
  SELECT 'rule', w.oid::int8, 0, w.ev_class::int8, n.nspname::text, w.rulename::text
  FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_class c ON c.oid = w.ev_class JOIN ours n ON n.oid = c.relnamespace WHERE w.rulename <> '_RETURN'
  UNION ALL
  SELECT 'statistics', x.oid::int8, 0, 0, n.nspname::text, x.stxname::text FROM pg_catalog.pg_statistic_ext x JOIN ours n ON n.oid = x.stxnamespace
  UNION ALL
  SELECT 'collation', x.oid::int8, 0, 0, n.nspname::text, x.collname::text FROM pg_catalog.pg_collation x JOIN ours n ON n.oid = x.collnamespace
  UNION ALL
  SELECT 'operator_class', x.oid::int8, 0, 0, n.nspname::text, x.opcname::text FROM pg_catalog.pg_opclass x JOIN ours n ON n.oid = x.opcnamespace
  UNION ALL
  SELECT 'operator_family', x.oid::int8, 0, 0, n.nspname::text, x.opfname::text FROM pg_catalog.pg_opfamily x JOIN ours n ON n.oid = x.opfnamespace
  UNION ALL
  SELECT 'text_search_configuration', x.oid::int8, 0, 0, n.nspname::text, x.cfgname::text FROM pg_catalog.pg_ts_config x JOIN ours n ON n.oid = x.cfgnamespace
  UNION ALL
  SELECT 'text_search_dictionary', x.oid::int8, 0, 0, n.nspname::text, x.dictname::text FROM pg_catalog.pg_ts_dict x JOIN ours n ON n.oid = x.dictnamespace
  UNION ALL
  SELECT 'schema', n.oid::int8, 0, 0, '', n.nspname::text FROM ours n
  UNION ALL
  SELECT 'publication', x.oid::int8, 0, 0, '', x.pubname::text FROM pg_catalog.pg_publication x
  UNION ALL
  SELECT 'event_trigger', x.oid::int8, 0, 0, '', x.evtname::text FROM pg_catalog.pg_event_trigger x
  UNION ALL
  SELECT 'server', x.oid::int8, 0, 0, '', x.srvname::text FROM pg_catalog.pg_foreign_server x
) AS found";

/// What a number is of: the class, the number, and of columns the second one.
type Key = (String, i64, i64);

/// Leaves out what has its new name because that in the table has which it comes from: a column of a partition, or of a table that
/// inherits it, and a check.
fn follow_parents(renames: &mut Renames, before: &Catalog) {
    let parents = |name: &QualifiedName| -> Vec<QualifiedName> {
        let table = before.table(name);
        let partition_of = table.and_then(|table| table.partition_of.as_ref()).map(|of| of.parent.clone());
        let inherits = table.into_iter().flat_map(|table| table.inherits.iter().cloned());
        let of_foreign = before.foreign_table(name).into_iter().flat_map(ForeignTable::parents).cloned();
        partition_of.into_iter().chain(inherits).chain(of_foreign).collect()
    };
    type Names = SortedMap<(QualifiedName, String), String>;
    let is_own = |all: &Names, (table, name): &(QualifiedName, String), new: &String| {
        !parents(table).into_iter().any(|parent| all.get(&(parent, name.clone())) == Some(new))
    };
    let columns = renames.columns.clone();
    renames.columns.retain(|key, new| is_own(&columns, key, new));
    let constraints = renames.constraints.clone();
    let is_check = |(table, name): &(QualifiedName, String)| {
        let constraint = before.table(table).and_then(|table| table.constraints.get(name));
        constraint.is_some_and(|constraint| matches!(constraint.kind, ConstraintKind::Check(_)))
            || before.foreign_table(table).is_some_and(|foreign| foreign.checks.contains_key(name))
    };
    renames.constraints.retain(|key, new| !is_check(key) || is_own(&constraints, key, new));
}

/// A thing with a number.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Named {
    parent: i64,
    name: QualifiedName,
}

/// Everything that has a number and a name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identities(SortedMap<Key, Named>);

impl Identities {
    pub(crate) async fn read(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let rows = sqlx::query(QUERY).fetch_all(connection).await?;
        let mut found = SortedMap::new();
        for row in rows {
            let key = (row.try_get::<String, _>(0)?, row.try_get(1)?, row.try_get(2)?);
            let name = QualifiedName::in_schema(row.try_get::<String, _>(4)?, row.try_get::<String, _>(5)?);
            found.insert(key, Named { parent: row.try_get(3)?, name });
        }
        Ok(Identities(found))
    }

    /// What has another name in `later`; names of tables and types are those before, as are those of what belongs to them.
    pub(crate) fn renames(&self, later: &Self, before: &Catalog, after: &Catalog) -> Renames {
        let mut renames = Renames::default();
        let parent =
            |class: &str, number: i64| self.0.get(&(class.to_owned(), number, 0)).map(|named| named.name.clone());
        for (key @ (kind, _, _), was) in &self.0 {
            let Some(is) = later.0.get(key).filter(|is| is.name != was.name) else { continue };
            match kind.as_str() {
                "table" => {
                    renames.tables.insert(was.name.clone(), is.name.clone());
                }
                "column" => {
                    if let Some(table) = parent("table", was.parent) {
                        renames.columns.insert((table, was.name.name.clone()), is.name.name.clone());
                    }
                }
                "constraint" => {
                    if let Some(table) = parent("table", was.parent) {
                        renames.constraints.insert((table, was.name.name.clone()), is.name.name.clone());
                    }
                }
                "index" if is.name.name != was.name.name => {
                    if let Some(table) = parent("table", was.parent).or_else(|| parent("materialized_view", was.parent))
                    {
                        renames.indexes.insert((table, was.name.name.clone()), is.name.name.clone());
                    }
                }
                "index" => {}
                "enum" => {
                    renames.enums.insert(was.name.clone(), is.name.clone());
                }
                "value" => {
                    if let Some(name) = parent("enum", was.parent) {
                        renames.values.insert((name, was.name.name.clone()), is.name.name.clone());
                    }
                }
                kind => {
                    let table = parent("table", was.parent).or_else(|| parent("view", was.parent));
                    // Of functions with one name the one that is not there anymore.
                    let gone = before.objects.keys().filter(|id| {
                        id.kind.file() == kind
                            && id.name == was.name
                            && id.table == table.as_ref().map(|table| table.name.clone())
                            && !after.objects.contains_key(id)
                    });
                    for id in gone {
                        renames.objects.insert(id.clone(), is.name.clone());
                    }
                }
            }
        }
        follow_parents(&mut renames, before);
        renames
    }

    /// Tables that another one of the same name has replaced.
    pub(crate) fn replaced_tables(&self, later: &Self) -> Vec<QualifiedName> {
        let is_table = |(kind, _, _): &Key| kind == "table";
        let gone = self.0.iter().filter(|(key, _)| is_table(key) && !later.0.contains_key(*key));
        let is_there = |name: &QualifiedName| later.0.iter().any(|(key, named)| is_table(key) && named.name == *name);
        gone.map(|(_, named)| named.name.clone()).filter(is_there).collect()
    }

    /// Columns that another one of the same name has replaced.
    pub(crate) fn replaced_columns(&self, later: &Self) -> Vec<(QualifiedName, String)> {
        let later_names: SortedMap<(i64, &str), i64> = later
            .0
            .iter()
            .filter(|((kind, _, _), _)| kind == "column")
            .map(|((_, table, number), named)| ((*table, named.name.name.as_str()), *number))
            .collect();
        let mut replaced = Vec::new();
        for ((kind, table, number), named) in &self.0 {
            let is_gone = kind == "column" && !later.0.contains_key(&(kind.clone(), *table, *number));
            let again = later_names.get(&(*table, named.name.name.as_str()));
            if let Some(owner) = self.0.get(&("table".to_owned(), *table, 0))
                && is_gone
                && again.is_some()
            {
                replaced.push((owner.name.clone(), named.name.name.clone()));
            }
        }
        replaced
    }
}
