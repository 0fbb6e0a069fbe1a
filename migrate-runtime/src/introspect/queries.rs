//! The queries over `pg_catalog`: one for each kind of object, each in a fixed order, each for PostgreSQL 14 to 18.
//!
//! They all answer one JSON object a row, which the structs in [`super::rows`] take apart. A column of `pg_catalog`
//! that older servers lack is read through `to_jsonb(row)`, where what is not there is null; so one text serves all
//! versions. `$1` is always the list of schemas to leave out; `$2` is the only schema to look at, called `public` in what
//! they answer, or null.

/// A query in which `ours` are the tables to look at, partitioned ones and partitions too: not of the system, not of an
/// extension, not temporary.
macro_rules! query {
    ($($part:expr),+ $(,)?) => {
        query_of!("'r', 'p'", $($part),+)
    };
}

/// The same of relations of other kinds.
macro_rules! query_of {
    ($kinds:expr, $($part:expr),+ $(,)?) => {
        concat!(
            "SELECT row_to_json(found)::text FROM (
WITH ours AS (
  SELECT c.oid, c.relnamespace AS namespace, c.relname AS name,
    coalesce(nullif(n.nspname::text, $2::text), 'public') AS schema
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN (", $kinds, ") AND c.relpersistence <> 't'
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND n.nspname <> ALL ($1::text[])
    AND ($2::text IS NULL
      OR n.nspname = $2 AND c.relname NOT IN ('migrate_history', 'migrate_head', 'migrate_journal', 'migrate_format', 'migrate_repairs'))
    AND NOT EXISTS (
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
)
",
            $($part),+,
            "\n) AS found"
        )
    };
}

/// The keys of the index `i`, as a list.
///
/// A key's operator class and collation are told where they are not those that its type would get. What an expression
/// would get cannot be asked, so there the server's own text decides: it writes both behind the key where they differ.
macro_rules! keys {
    () => {
        "(
    SELECT json_agg(json_build_object(
      'column', a.attname,
      'expression', source.key,
      'collation', CASE
        WHEN source.key IS NULL THEN CASE WHEN a.attcollation <> l.oid THEN collating.name END
        WHEN strpos(source.index, source.key || ' COLLATE ') > 0 THEN collating.name
      END,
      'operator_class', CASE
        WHEN ia.attoptions IS NOT NULL THEN class.name
        WHEN source.key IS NOT NULL THEN CASE
          WHEN strpos(source.index, source.key || ' ' || class.sql) > 0 THEN class.name
          WHEN strpos(source.index, source.key || ' COLLATE ' || collating.sql || ' ' || class.sql) > 0 THEN class.name
        END
        WHEN NOT o.opcdefault OR o.opcintype <> a.atttypid AND EXISTS (
          SELECT FROM pg_opclass other
          WHERE other.opcmethod = o.opcmethod AND other.opcdefault AND other.opcintype = a.atttypid
        ) THEN class.name
      END,
      'options', i.indoption[key.place - 1],
      'parameters', ia.attoptions
    ) ORDER BY key.place)
    FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS key (number, place)
    JOIN pg_attribute ia ON ia.attrelid = i.indexrelid AND ia.attnum = key.place
    LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = key.number AND key.number <> 0
    LEFT JOIN pg_opclass o ON o.oid = i.indclass[key.place - 1]
    LEFT JOIN pg_namespace os ON os.oid = o.opcnamespace
    LEFT JOIN pg_collation l ON l.oid = i.indcollation[key.place - 1]
    LEFT JOIN pg_namespace ls ON ls.oid = l.collnamespace
    CROSS JOIN LATERAL (
      SELECT
        CASE WHEN os.nspname IN ('pg_catalog', 'public', $2) THEN '' ELSE os.nspname || '.' END || o.opcname AS name,
        CASE WHEN os.nspname = 'pg_catalog' THEN '' ELSE quote_ident(os.nspname) || '.' END
          || quote_ident(o.opcname) AS sql
    ) AS class
    CROSS JOIN LATERAL (
      SELECT
        CASE WHEN ls.nspname IN ('pg_catalog', 'public', $2) THEN '' ELSE ls.nspname || '.' END || l.collname AS name,
        CASE WHEN ls.nspname = 'pg_catalog' THEN '' ELSE quote_ident(ls.nspname) || '.' END
          || quote_ident(l.collname) AS sql
    ) AS collating
    CROSS JOIN LATERAL (
      SELECT
        CASE WHEN key.number = 0 THEN pg_get_indexdef(i.indexrelid) END AS index,
        CASE WHEN key.number = 0 THEN pg_get_indexdef(i.indexrelid, key.place::int, false) END AS key
    ) AS source
    WHERE key.place <= i.indnkeyatts
  )"
    };
}

/// Opens the transaction in which all queries see the same moment. What a role may have set does not end it between them;
/// where the client falls silent it ends soon, since index builds wait for its snapshot.
pub(crate) const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL idle_in_transaction_session_timeout = '15 s';
SET LOCAL statement_timeout = 0;
SELECT pg_catalog.set_config(name, '0', true) FROM pg_catalog.pg_settings WHERE name = 'transaction_timeout'";

/// Settles how the server prints, until the end of the transaction, so that a pooler's next client does not see it.
/// Constants of time are printed in the session's style and zone, backslashes in strings as it reads them.
pub(crate) const SETTINGS: &str = "SET LOCAL quote_all_identifiers = off;
SET LOCAL timezone = 'UTC';
SET LOCAL datestyle = 'ISO';
SET LOCAL intervalstyle = 'postgres';
SET LOCAL extra_float_digits = 1;
SET LOCAL bytea_output = 'hex';
SET LOCAL standard_conforming_strings = on;
SET LOCAL jit = off";

/// Nothing is looked up in a schema that others may write to: a function or an operator there could be called instead
/// of the system's, with the rights of this role. So whatever is not the system's is printed with its schema.
/// Temporary objects come last, or they would come first.
pub(super) const SEARCH_PATH: &str = "SET LOCAL search_path = pg_catalog, pg_temp";

/// Installed extensions, apart from the one that every database has.
pub(super) const EXTENSIONS: &str = "SELECT row_to_json(found)::text FROM (
SELECT e.extname AS name, coalesce(nullif(n.nspname::text, $2::text), 'public') AS schema,
  obj_description(e.oid, 'pg_extension') AS comment,
  obj_description(e.oid, 'pg_extension') IS NOT DISTINCT FROM own.comment AS is_own_comment
FROM pg_extension e
JOIN pg_namespace n ON n.oid = e.extnamespace
LEFT JOIN pg_available_extensions() AS own ON own.name = e.extname
WHERE e.extname <> 'plpgsql' AND n.nspname <> ALL ($1::text[])
ORDER BY e.extname
) AS found";

/// Enum types with their values.
pub(super) const ENUMS: &str = "SELECT row_to_json(found)::text FROM (
SELECT coalesce(nullif(n.nspname::text, $2::text), 'public') AS schema, t.typname AS name, obj_description(t.oid, 'pg_type') AS comment,
  ARRAY(SELECT v.enumlabel FROM pg_enum v WHERE v.enumtypid = t.oid ORDER BY v.enumsortorder) AS values
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'e' AND ($2::text IS NULL OR n.nspname = $2)
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND n.nspname <> ALL ($1::text[])
  AND NOT EXISTS (
    SELECT FROM pg_depend e
    WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid AND e.deptype = 'e')
ORDER BY n.nspname, t.typname
) AS found";

/// Tables, also those without columns.
pub(super) const TABLES: &str = query!(
    "SELECT ours.schema, ours.name, obj_description(ours.oid, 'pg_class') AS comment,
  c.relrowsecurity AS row_security, c.relforcerowsecurity AS forced,
  c.relpersistence = 'u' AS unlogged,
  c.reloptions AS parameters,
  (SELECT t.reloptions FROM pg_class t WHERE t.oid = c.reltoastrelid) AS toast_parameters,
  c.relreplident AS replica_identity,
  (
    SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
    WHERE x.indrelid = c.oid AND x.indisreplident
  ) AS replica_index,
  CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partitioning,
  coalesce(nullif(pn.nspname::text, $2::text), 'public') AS parent_schema,
  p.relname AS parent,
  pg_get_expr(c.relpartbound, c.oid) AS bound,
  CASE WHEN c.relispartition THEN '[]'::json ELSE (
    SELECT coalesce(json_agg(json_build_array(coalesce(nullif(an.nspname::text, $2::text), 'public'), above.relname)
      ORDER BY i.inhseqno), '[]'::json)
    FROM pg_inherits i JOIN pg_class above ON above.oid = i.inhparent JOIN pg_namespace an ON an.oid = above.relnamespace
    WHERE i.inhrelid = c.oid
  ) END AS inherits
FROM ours
JOIN pg_class c ON c.oid = ours.oid
LEFT JOIN pg_inherits h ON h.inhrelid = c.oid AND c.relispartition
LEFT JOIN pg_class p ON p.oid = h.inhparent
LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace
ORDER BY ours.schema, ours.name"
);

/// Columns in their order. PostgreSQL 18 marks a column NOT NULL before its constraint is validated; until then it may
/// hold NULLs.
pub(super) const COLUMNS: &str = query!(
    "SELECT ours.schema, ours.name AS table, a.attname AS name,
  format_type(a.atttypid, a.atttypmod) AS type,
  NOT a.attnotnull OR EXISTS (
    SELECT FROM pg_constraint k
    WHERE k.conrelid = ours.oid AND k.contype = 'n' AND NOT k.convalidated AND k.conkey = ARRAY[a.attnum]
  ) AS nullable,
  pg_get_expr(d.adbin, d.adrelid) AS expression,
  a.attgenerated AS generated,
  CASE WHEN rel.relispartition THEN '' ELSE a.attidentity::text END AS identity,
  CASE WHEN a.attidentity <> '' AND NOT rel.relispartition THEN (
    SELECT json_build_object('increment', s.seqincrement, 'minimum', s.seqmin, 'maximum', s.seqmax,
      'start', s.seqstart, 'cache', s.seqcache, 'cycle', s.seqcycle, 'name', q.relname,
      'logged', CASE WHEN current_setting('server_version_num')::int >= 150000
        AND q.relpersistence <> rel.relpersistence THEN q.relpersistence = 'p' END)
    FROM pg_depend e JOIN pg_sequence s ON s.seqrelid = e.objid JOIN pg_class q ON q.oid = e.objid
    WHERE e.classid = 'pg_class'::regclass AND e.refclassid = 'pg_class'::regclass
      AND e.refobjid = a.attrelid AND e.refobjsubid = a.attnum AND e.deptype = 'i'
  ) END AS sequence,
  CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage::text END AS storage,
  nullif(a.attcompression::text, '') AS compression,
  nullif(a.attstattarget, -1) AS statistics,
  a.attoptions AS parameters,
  NOT a.attislocal AND NOT rel.relispartition AS inherited,
  CASE
    WHEN a.attcollation = t.typcollation OR l.oid IS NULL THEN NULL
    WHEN ln.nspname IN ('pg_catalog', 'public', $2) THEN l.collname
    ELSE ln.nspname || '.' || l.collname
  END AS collation,
  col_description(ours.oid, a.attnum) AS comment
FROM ours
JOIN pg_class rel ON rel.oid = ours.oid
JOIN pg_attribute a ON a.attrelid = ours.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = ours.oid AND d.adnum = a.attnum
LEFT JOIN pg_collation l ON l.oid = a.attcollation
LEFT JOIN pg_namespace ln ON ln.oid = l.collnamespace
ORDER BY ours.schema, ours.name, a.attnum"
);

/// Constraints, also those that are not validated. The copies that PostgreSQL makes of a foreign key for each partition
/// of the referenced table have a parent of the same table, and are left out.
pub(super) const CONSTRAINTS: &str = query!(
    "SELECT ours.schema, ours.name AS table, k.conname AS name, k.contype AS kind,
  ARRAY(
    SELECT a.attname FROM unnest(k.conkey) WITH ORDINALITY AS key (number, place)
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = key.number
    ORDER BY key.place
  ) AS columns,
  ARRAY(
    SELECT a.attname FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS key (number, place)
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = key.number
    WHERE key.place > i.indnkeyatts ORDER BY key.place
  ) AS include,
  coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS nulls_not_distinct,
  pg_get_expr(k.conbin, k.conrelid) AS expression,
  coalesce(nullif(rn.nspname::text, $2::text), 'public') AS referenced_schema,
  r.relname AS referenced_table,
  ARRAY(
    SELECT a.attname FROM unnest(k.confkey) WITH ORDINALITY AS key (number, place)
    JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = key.number
    ORDER BY key.place
  ) AS referenced_columns,
  k.confdeltype AS on_delete,
  k.confupdtype AS on_update,
  ARRAY(
    SELECT a.attname
    FROM jsonb_array_elements_text(nullif(to_jsonb(k) -> 'confdelsetcols', 'null'))
      WITH ORDINALITY AS key (number, place)
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = key.number::int2
    ORDER BY key.place
  ) AS on_delete_columns,
  k.confmatchtype = 'f' AS match_full,
  k.condeferrable AS deferrable,
  k.condeferred AS deferred,
  CASE
    WHEN k.contype = 'c' AND k.coninhcount > 0 AND (rel.relispartition OR NOT k.conislocal) THEN k.conname
    ELSE whole.conname
  END AS attached_to,
  k.convalidated AS valid,
  k.contype = 'f' AND EXISTS (
    SELECT FROM pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgenabled = 'D'
  ) AS disabled,
  k.contype = 'c' AND k.connoinherit AS no_inherit,
  CASE
    WHEN (to_jsonb(k) ->> 'conperiod')::boolean THEN 'WITHOUT OVERLAPS'
    WHEN NOT (to_jsonb(k) ->> 'conenforced')::boolean THEN 'NOT ENFORCED'
  END AS unsupported,
  CASE WHEN k.contype IN ('p', 'u', 'x') THEN ic.reloptions END AS parameters,
  CASE WHEN k.contype = 'x' THEN m.amname END AS method,
  CASE WHEN k.contype = 'x' THEN pg_get_expr(i.indpred, i.indrelid) END AS predicate,
  CASE WHEN k.contype = 'x' THEN ",
    keys!(),
    " END AS keys,
  (
    SELECT json_agg(json_build_array(coalesce(nullif(opn.nspname::text, $2::text), 'public'), op.oprname) ORDER BY one.place)
    FROM unnest(k.conexclop) WITH ORDINALITY AS one (operator, place)
    JOIN pg_operator op ON op.oid = one.operator
    JOIN pg_namespace opn ON opn.oid = op.oprnamespace
  ) AS operators,
  obj_description(k.oid, 'pg_constraint') AS comment
FROM ours
JOIN pg_class rel ON rel.oid = ours.oid
JOIN pg_constraint k ON k.conrelid = ours.oid AND k.contype IN ('p', 'u', 'c', 'f', 'n', 'x')
LEFT JOIN pg_constraint whole ON whole.oid = k.conparentid
LEFT JOIN pg_index i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_class ic ON ic.oid = i.indexrelid
LEFT JOIN pg_am m ON m.oid = ic.relam
LEFT JOIN pg_class r ON r.oid = k.confrelid
LEFT JOIN pg_namespace rn ON rn.oid = r.relnamespace
WHERE (k.contype <> 'n' OR NOT k.convalidated) AND whole.conrelid IS DISTINCT FROM k.conrelid
ORDER BY ours.schema, ours.name, k.conname"
);

/// Indexes of tables and materialized views that no constraint owns, also those that are not valid; with `$3` and `$4` only
/// the index of that schema and name.
pub(super) const INDEXES: &str = query_of!(
    "'r', 'p', 'm'",
    "SELECT ours.schema, ours.name AS table, c.relname AS name, m.amname AS method,
  i.indisunique AS unique,
  coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS nulls_not_distinct,
  i.indisvalid AND i.indisready AND i.indislive AS valid,
  pg_get_expr(i.indpred, i.indrelid) AS predicate,
  (SELECT whole.relname FROM pg_inherits h JOIN pg_class whole ON whole.oid = h.inhparent
    WHERE h.inhrelid = i.indexrelid) AS attached_to,
  c.reloptions AS parameters,
  (SELECT coalesce(json_object_agg(key.attnum, key.attstattarget), '{}'::json) FROM pg_attribute key
    WHERE key.attrelid = i.indexrelid AND key.attstattarget >= 0) AS statistics,
  obj_description(i.indexrelid, 'pg_class') AS comment,
  ARRAY(
    SELECT a.attname FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS key (number, place)
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = key.number
    WHERE key.place > i.indnkeyatts ORDER BY key.place
  ) AS include,
  ",
    keys!(),
    " AS keys
FROM ours
JOIN pg_index i ON i.indrelid = ours.oid
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_am m ON m.oid = c.relam
WHERE ($3::text IS NULL OR ours.schema = $3 AND c.relname = $4)
  AND NOT EXISTS (
    SELECT FROM pg_constraint k
    WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY ours.schema, ours.name, c.relname"
);

/// Triggers that may be those behind `on update`: before each row's update, unconditional, running a PL/pgSQL function
/// of the same name in the table's schema.
pub(super) const ON_UPDATE_TRIGGERS: &str = query!(
    "SELECT ours.schema, ours.name AS table, t.tgname AS name, p.prosrc AS body
FROM ours
JOIN pg_trigger t ON t.tgrelid = ours.oid
JOIN pg_proc p ON p.oid = t.tgfoid AND p.proname = t.tgname AND p.pronamespace = ours.namespace
JOIN pg_language l ON l.oid = p.prolang AND l.lanname = 'plpgsql'
WHERE t.tgtype = 19 AND NOT t.tgisinternal AND t.tgenabled = 'O'
  AND t.tgparentid = 0 AND t.tgqual IS NULL AND t.tgnargs = 0 AND t.tgattr::text = ''
ORDER BY ours.schema, ours.name, t.tgname"
);
