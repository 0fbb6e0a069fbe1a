//! Everything of a database that two ways of making it must agree on, as text.

use crate::Database;

/// One line for each fact of the schema, as the server itself prints it, columns in their order.
const SCHEMA: &str = "
    WITH schemas AS (SELECT oid, nspname FROM pg_namespace
        WHERE nspname NOT IN ('information_schema', 'migrate') AND nspname !~ '^pg_'),
    members AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),
    relations AS (SELECT class.* FROM pg_class AS class JOIN schemas ON schemas.oid = relnamespace
        WHERE ('pg_class'::regclass, class.oid) NOT IN (SELECT classid, objid FROM members)),
    facts AS (
        SELECT format('relation %s %s %s %s', relkind, oid::regclass, reloptions, obj_description(oid, 'pg_class')) AS fact
            FROM relations WHERE relkind <> 'S'
        UNION ALL SELECT format('column %s %s %s %s null=%s default=%s identity=%s generated=%s collation=%s %s',
                attrelid::regclass, row_number() OVER (PARTITION BY attrelid ORDER BY attnum), attname,
                format_type(atttypid, atttypmod), NOT attnotnull,
                CASE WHEN attidentity = '' THEN pg_get_expr(adbin, adrelid) END, attidentity, attgenerated,
                CASE WHEN attcollation <> 0 THEN attcollation::regcollation END, col_description(attrelid, attnum))
            FROM pg_attribute JOIN relations ON relations.oid = attrelid
            LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
            WHERE attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'v', 'm')
        UNION ALL SELECT format('constraint %s %s %s %s %s', conrelid::regclass,
                -- PostgreSQL numbers what a foreign key has for each partition that it references, as these come.
                CASE WHEN NOT EXISTS (SELECT FROM pg_constraint AS whole WHERE whole.oid = pg_constraint.conparentid
                    AND whole.conrelid = pg_constraint.conrelid) THEN conname END, pg_get_constraintdef(pg_constraint.oid),
                convalidated, obj_description(pg_constraint.oid, 'pg_constraint'))
            FROM pg_constraint JOIN relations ON relations.oid = conrelid WHERE contype <> 'n'
        UNION ALL SELECT format('index %s valid=%s', pg_get_indexdef(indexrelid), indisvalid)
            FROM pg_index JOIN relations ON relations.oid = indrelid
        UNION ALL SELECT format('trigger %s %s',
                regexp_replace(pg_get_triggerdef(pg_trigger.oid), 'UPDATE OF .*? ON ', 'UPDATE ON '),
                (SELECT array_agg(attname ORDER BY attname) FROM pg_attribute
                    WHERE attrelid = tgrelid AND attnum = ANY (tgattr::int2[])))
            FROM pg_trigger JOIN relations ON relations.oid = tgrelid WHERE NOT tgisinternal
        UNION ALL SELECT format('view %s %s', oid::regclass, pg_get_viewdef(oid)) FROM relations WHERE relkind IN ('v', 'm')
        UNION ALL SELECT format('function %s', pg_get_functiondef(pg_proc.oid)) FROM pg_proc
            JOIN schemas ON schemas.oid = pronamespace
            WHERE prokind IN ('f', 'p') AND ('pg_proc'::regclass, pg_proc.oid) NOT IN (SELECT classid, objid FROM members)
        UNION ALL SELECT format('enum %s %s %s', pg_type.oid::regtype,
                (SELECT array_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = pg_type.oid),
                obj_description(pg_type.oid, 'pg_type'))
            FROM pg_type JOIN schemas ON schemas.oid = typnamespace WHERE typtype = 'e'
                AND ('pg_type'::regclass, pg_type.oid) NOT IN (SELECT classid, objid FROM members)
        UNION ALL SELECT format('extension %s', extname) FROM pg_extension
        UNION ALL SELECT format('next value of %s %s: %s', attrelid::regclass, attname,
                pg_sequence_last_value(pg_get_serial_sequence(attrelid::regclass::text, attname)::regclass))
            FROM pg_attribute JOIN relations ON relations.oid = attrelid WHERE attidentity <> '' AND NOT attisdropped)
    SELECT coalesce(string_agg(fact, E'\\n' ORDER BY fact), '') FROM facts";

/// A query of the rows of every table, without the columns whose values differ from run to run.
const QUERIES: &str = "
    SELECT coalesce(string_agg(format(
        'SELECT %L || coalesce(string_agg(line, E''\\n'' ORDER BY line), '''') FROM (SELECT concat_ws(''|'', %s) COLLATE \"C\" AS line FROM ONLY %s) AS rows',
        class.oid::regclass || E':\\n', columns.list, class.oid::regclass),
        ' UNION ALL ' ORDER BY class.oid::regclass::text), 'SELECT ''''')
    FROM pg_class AS class
    JOIN pg_namespace AS schema ON schema.oid = relnamespace
    CROSS JOIN LATERAL (
        SELECT coalesce(string_agg(format('quote_nullable(%I::text)', attname), ', ' ORDER BY attname), 'NULL') AS list
        FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE attrelid = class.oid AND attnum > 0 AND NOT attisdropped
        AND atttypid NOT IN ('uuid'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype, 'date'::regtype, 'time'::regtype)
    ) AS columns
    WHERE relkind = 'r' AND nspname NOT IN ('information_schema', 'migrate') AND nspname !~ '^pg_'";

impl Database {
    /// The schema, as the server prints it.
    pub async fn schema(&self) -> String {
        self.text(SCHEMA).await
    }

    /// The rows of all tables, but for the values that differ from run to run (times, random ids).
    pub async fn rows(&self) -> String {
        let queries = self.text(QUERIES).await;
        self.text(&format!("SELECT string_agg(part, E'\\n') FROM ({queries}) AS parts (part)")).await
    }
}
