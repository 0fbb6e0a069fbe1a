//! What a database has and a catalog has no place for: names of the sequences of identity columns, whether a sequence is
//! logged, statistics targets of indexes, defaults and comments of the columns of views.

use migrate_compiler::print::Beyond;
use migrate_runtime::core::catalog::Catalog;
use migrate_runtime::core::name::{QualifiedName, object_name};
use migrate_runtime::core::sql::Writer;
use migrate_runtime::sqlx::{self, PgConnection, Row as _};

/// Reads it, as far as it belongs to what is in the catalog.
pub(super) async fn read(connection: &mut PgConnection, catalog: &Catalog) -> Result<Vec<Beyond>, sqlx::Error> {
    let mut beyond = Vec::new();
    let sequences: Vec<(String, String, String, String)> =
        sqlx::query_as(SEQUENCES).fetch_all(&mut *connection).await?;
    for (schema, table, column, sequence) in sequences {
        let table = QualifiedName::in_schema(schema, table);
        let expected = table.sibling(object_name(&table.name, Some(&column), "seq"));
        let is_known = catalog.table(&table).is_some_and(|found| found.column(&column).is_some());
        // Where another one has the name, nobody knows which one the server takes instead.
        if is_known && expected.name != sequence && !catalog.has_relation(&expected) {
            beyond.push(renamed_sequence(&table, &column, &expected, &sequence));
        }
    }
    // Before PostgreSQL 15 all of them are.
    if connection.server_version_num().is_some_and(|version| version >= 150_000) {
        let logs: Vec<(String, String, Option<String>, bool)> =
            sqlx::query_as(LOGS).fetch_all(&mut *connection).await?;
        for (schema, sequence, table, is_logged) in logs {
            let name = QualifiedName::in_schema(schema, sequence);
            let of = table.map_or_else(|| name.clone(), |table| name.sibling(table));
            if catalog.has_relation(&of) {
                beyond.push(logged(of, &name, is_logged));
            }
        }
    }
    let targets: Vec<(String, String, String, i32, i32)> = sqlx::query_as(TARGETS).fetch_all(&mut *connection).await?;
    for (schema, table, index, number, target) in targets {
        let table = QualifiedName::in_schema(schema, table);
        let is_known = catalog.indexable(&table).is_some_and(|found| found.has_constraint_or_index(&index));
        if is_known {
            beyond.push(statistics_target(table, &index, number, target));
        }
    }
    for row in sqlx::query(VIEW_COLUMNS).fetch_all(&mut *connection).await? {
        let view = QualifiedName::in_schema(row.try_get::<String, _>(0)?, row.try_get::<String, _>(1)?);
        let (column, is_materialized): (String, bool) = (row.try_get(2)?, row.try_get(3)?);
        let (default, comment): (Option<String>, Option<String>) = (row.try_get(4)?, row.try_get(5)?);
        if catalog.has_relation(&view) {
            beyond.extend(default.map(|default| view_default(&view, &column, &default)));
            let kind = if is_materialized { "materialized view" } else { "view" };
            beyond.extend(comment.map(|comment| view_comment(&view, kind, &column, &comment)));
        }
    }
    Ok(beyond)
}

/// The sequences of identity columns: schema, table, column and name.
const SEQUENCES: &str = "
SELECT space.nspname::text, owner.relname::text, owned.attname::text, sequence.relname::text
FROM pg_catalog.pg_depend AS depend
JOIN pg_catalog.pg_class AS sequence ON sequence.oid = depend.objid AND sequence.relkind = 'S'
JOIN pg_catalog.pg_class AS owner ON owner.oid = depend.refobjid
JOIN pg_catalog.pg_namespace AS space ON space.oid = owner.relnamespace
JOIN pg_catalog.pg_attribute AS owned ON owned.attrelid = owner.oid AND owned.attnum = depend.refobjsubid
WHERE depend.classid = 'pg_catalog.pg_class'::regclass AND depend.refclassid = 'pg_catalog.pg_class'::regclass
  AND depend.deptype = 'i' AND owned.attidentity <> ''
ORDER BY 1, 2, owned.attnum";

/// The sequences that are logged though their tables are not, or the other way round: schema, name, table, and whether.
const LOGS: &str = "
SELECT space.nspname::text, sequence.relname::text, owner.relname::text, sequence.relpersistence = 'p'
FROM pg_catalog.pg_class AS sequence
JOIN pg_catalog.pg_namespace AS space ON space.oid = sequence.relnamespace
LEFT JOIN pg_catalog.pg_depend AS depend ON depend.objid = sequence.oid AND depend.classid = 'pg_catalog.pg_class'::regclass
  AND depend.refclassid = 'pg_catalog.pg_class'::regclass AND depend.deptype IN ('a', 'i')
LEFT JOIN pg_catalog.pg_class AS owner ON owner.oid = depend.refobjid
WHERE sequence.relkind = 'S' AND sequence.relpersistence <> coalesce(owner.relpersistence, 'p')
  AND sequence.relpersistence <> 't'
ORDER BY 1, 2";

/// The statistics targets of the columns of indexes: schema, table, index, number and target.
const TARGETS: &str = "
SELECT space.nspname::text, owner.relname::text, indexes.relname::text, key.attnum::int, key.attstattarget::int
FROM pg_catalog.pg_attribute AS key
JOIN pg_catalog.pg_class AS indexes ON indexes.oid = key.attrelid AND indexes.relkind IN ('i', 'I')
JOIN pg_catalog.pg_index AS index ON index.indexrelid = indexes.oid
JOIN pg_catalog.pg_class AS owner ON owner.oid = index.indrelid
JOIN pg_catalog.pg_namespace AS space ON space.oid = owner.relnamespace
WHERE key.attstattarget >= 0
ORDER BY 1, 2, 3, key.attnum";

/// The columns of views that have a default or a comment: schema, view, column, whether the view is materialized, and both.
const VIEW_COLUMNS: &str = "
SELECT space.nspname::text, view.relname::text, columns.attname::text, view.relkind = 'm',
  pg_catalog.pg_get_expr(value.adbin, value.adrelid), comment.description
FROM pg_catalog.pg_attribute AS columns
JOIN pg_catalog.pg_class AS view ON view.oid = columns.attrelid AND view.relkind IN ('v', 'm')
JOIN pg_catalog.pg_namespace AS space ON space.oid = view.relnamespace
LEFT JOIN pg_catalog.pg_attrdef AS value ON value.adrelid = columns.attrelid AND value.adnum = columns.attnum
LEFT JOIN pg_catalog.pg_description AS comment ON comment.objoid = columns.attrelid AND comment.objsubid = columns.attnum
  AND comment.classoid = 'pg_catalog.pg_class'::regclass
WHERE columns.attnum > 0 AND (value.oid IS NOT NULL OR comment.description IS NOT NULL)
ORDER BY 1, 2, columns.attnum";

fn renamed_sequence(table: &QualifiedName, column: &str, expected: &QualifiedName, name: &str) -> Beyond {
    let rename = |from: &QualifiedName, to: &str| {
        Writer::new().keyword("ALTER SEQUENCE").name(from).keyword("RENAME TO").identifier(to).finish()
    };
    Beyond {
        of: table.clone(),
        what: format!("the name of the sequence of `{table}.{column}`"),
        sql: rename(expected, name),
        undo: rename(&expected.sibling(name), &expected.name),
    }
}

fn logged(of: QualifiedName, name: &QualifiedName, is_logged: bool) -> Beyond {
    let set = |is_logged: bool| {
        let alter = Writer::new().keyword("ALTER SEQUENCE").name(name);
        alter.keyword(if is_logged { "SET LOGGED" } else { "SET UNLOGGED" }).finish()
    };
    let not = if is_logged { "" } else { "not " };
    let what = format!("that sequence `{name}` is {not}logged");
    Beyond { of, what, sql: set(is_logged), undo: set(!is_logged) }
}

fn statistics_target(of: QualifiedName, index: &str, number: i32, target: i32) -> Beyond {
    let index = of.sibling(index);
    let set = |target: i32| {
        let alter = Writer::new().keyword("ALTER INDEX").name(&index).keyword("ALTER COLUMN").integer(number);
        alter.keyword("SET STATISTICS").integer(target).finish()
    };
    Beyond {
        what: format!("the statistics target of column {number} of index `{index}`"),
        sql: set(target),
        undo: set(-1),
        of,
    }
}

fn view_default(view: &QualifiedName, column: &str, default: &str) -> Beyond {
    let alter = || Writer::new().keyword("ALTER VIEW").name(view).keyword("ALTER COLUMN").identifier(column);
    Beyond {
        of: view.clone(),
        what: format!("the default of column `{column}` of view `{view}`"),
        sql: alter().keyword("SET DEFAULT").raw(default).finish(),
        undo: alter().keyword("DROP DEFAULT").finish(),
    }
}

fn view_comment(view: &QualifiedName, kind: &str, column: &str, comment: &str) -> Beyond {
    let on_column = || Writer::new().keyword("COMMENT ON COLUMN").name(view).dot().identifier(column).keyword("IS");
    Beyond {
        of: view.clone(),
        what: format!("the comment on column `{column}` of {kind} `{view}`"),
        sql: on_column().literal(comment).finish(),
        undo: on_column().keyword("NULL").finish(),
    }
}
