//! What a database has and a catalog has no place for: names of the sequences of identity columns, whether a sequence is
//! logged, statistics targets of indexes.

use migrate_compiler::print::Beyond;
use migrate_runtime::core::catalog::Catalog;
use migrate_runtime::core::name::{QualifiedName, object_name};
use migrate_runtime::core::sql::Writer;
use migrate_runtime::sqlx::{self, PgConnection};

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
