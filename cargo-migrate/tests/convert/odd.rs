//! What histories have that is odd: the session, temporary tables, what no catalog has.

use super::{EQUAL, block, convert, new_crate, written};

#[test]
fn names_of_the_environment_stand_for_their_values() {
    let directory = new_crate(&[(
        "1_a.sql",
        "-- +goose Up\n-- +goose ENVSUB ON\nCREATE TABLE $NAME (id int, note text DEFAULT '${NOTE:-none}');\n-- +goose ENVSUB OFF\n\
         DO $$ BEGIN ALTER TABLE shops ADD b int; END $$;\n",
    )]);
    let ran = convert(directory.path(), &[]);
    assert!(
        ran.code == 1 && ran.err.contains("theirs/1_a.sql:3: the placeholder `${NAME}` has no value"),
        "{}",
        ran.err
    );
    let ran = convert(directory.path(), &["--placeholder", "NAME=shops"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(block(&written(&directory)[0].1).contains("create table shops"));
}

#[test]
fn names_in_texts_and_in_functions_are_found_where_the_search_path_leads() {
    let directory = new_crate(&[(
        "1_a.sql",
        "CREATE SCHEMA app;\nSET search_path = app, public;\nCREATE SEQUENCE numbers;\nCREATE TABLE a (id int PRIMARY KEY, n int);\n\
         INSERT INTO a VALUES (nextval('numbers'), 1);\nSELECT setval('app.numbers'::regclass, 7);\nSELECT setval('numbers', 9);\n\
         CREATE FUNCTION bump() RETURNS int LANGUAGE sql AS 'UPDATE a SET n = n + 1 RETURNING n';\nSELECT bump();",
    )]);
    let ran = convert(directory.path(), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(
        ran.out.contains("8 in the language, 1 not needed, 0 as raw SQL") && ran.out.contains(EQUAL),
        "{}",
        ran.out
    );
    let text = block(&written(&directory)[0].1);
    assert!(text.contains("nextval(\"app.numbers\")") && text.contains("update app.a set n = 2"), "{text}");
}

#[test]
fn an_empty_search_path_is_kept() {
    let directory = new_crate(&[(
        "1_a.sql",
        "SELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.a (id int PRIMARY KEY);\n\
         ALTER TABLE public.a CLUSTER ON a_pkey;",
    )]);
    let ran = convert(directory.path(), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("pg_dump: both dumps are the same"), "{}", ran.out);
}

#[test]
fn what_temporary_tables_leave_comes_out_as_rows() {
    let directory = new_crate(&[
        (
            "1_a.sql",
            "CREATE TABLE a (id int PRIMARY KEY, total int);\nCREATE TABLE b (id int PRIMARY KEY, at timestamptz DEFAULT now());\n\
             INSERT INTO a VALUES (1, 5), (2, 50);\n\
             CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'begin new.total := 0; return new; end';\n\
             CREATE TRIGGER noted BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION note();",
        ),
        (
            "2_b.sql",
            "CREATE TEMP TABLE moved ON COMMIT DROP AS SELECT id FROM a WHERE total > 9;\nCREATE TEMP VIEW seen AS SELECT * FROM moved;\n\
             INSERT INTO b (id) SELECT id FROM seen;\nDELETE FROM a USING moved WHERE a.id = moved.id;\nDROP VIEW seen;",
        ),
    ]);
    let ran = convert(directory.path(), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains(" 0 as raw SQL") && ran.out.contains(EQUAL), "{}", ran.out);
    let second = block(&written(&directory)[1].1);
    assert!(second.contains("values (2, default)") && second.contains("delete from a where id = 2"), "{second}");
}

#[test]
fn a_table_that_is_made_of_a_query_has_its_rows() {
    let directory = new_crate(&[(
        "1_a.sql",
        "CREATE TABLE country AS SELECT 'DE'::text AS code, 'Germany'::text AS name;\nSELECT code INTO codes FROM country;\n\
         CREATE TABLE none AS SELECT code FROM country WITH NO DATA;\nCREATE TEMP TABLE t AS SELECT 7 AS n;\n\
         CREATE TABLE numbers AS TABLE t;",
    )]);
    let ran = convert(directory.path(), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(
        ran.out.contains("4 in the language, 1 not needed, 0 as raw SQL") && ran.out.contains(EQUAL),
        "{}",
        ran.out
    );
    let text = block(&written(&directory)[0].1);
    for part in ["insert into codes (code)", "insert into numbers (n) values (7)", "insert into country (code, name)"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn what_no_catalog_has_is_raw_sql() {
    let directory = new_crate(&[
        (
            "1_a.sql",
            "CREATE EXTENSION pg_trgm;\nCREATE TABLE a (id int PRIMARY KEY, b text DEFAULT 'x');\nCREATE INDEX a_b ON a (b);\n\
             CREATE INDEX a_trgm ON a USING gist (b gist_trgm_ops (siglen = 32));\nCLUSTER a USING a_pkey;",
        ),
        ("2_b.sql", "ALTER TABLE a ADD c int, CLUSTER ON a_b, ALTER b DROP DEFAULT;\nALTER TABLE a RENAME TO renamed;"),
        (
            "3_c.sql",
            "CREATE TABLE d (id int PRIMARY KEY);\nALTER TABLE d CLUSTER ON d_pkey;\nALTER TABLE d ADD e int, SET WITHOUT CLUSTER;",
        ),
    ]);
    let ran = convert(directory.path(), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("pg_dump: both dumps are the same"), "{}", ran.out);
    assert!(ran.out.contains("2_b.sql:1: the language cannot express the physical order of rows"), "{}", ran.out);
    let second = block(&written(&directory)[1].1);
    for part in ["add c: int", "sql \"ALTER TABLE public.a CLUSTER ON a_b\"", "rename to renamed"] {
        assert!(second.contains(part), "{part}: {second}");
    }
}

#[test]
fn rows_with_a_key_are_deleted_by_it_again() {
    let directory = new_crate(&[(
        "1_a.sql",
        "CREATE TABLE a (id int PRIMARY KEY, b text);\nCREATE TABLE c (d text);\nINSERT INTO a VALUES (1, 'x'), (2, 'y');\n\
         INSERT INTO c VALUES ('z');\nINSERT INTO a SELECT 3, 'z';",
    )]);
    let ran = convert(directory.path(), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let text = block(&written(&directory)[0].1);
    assert!(
        text.contains("insert into a (id, b) values (1, \"x\"), (2, \"y\");\n") && text.contains("values (\"z\");"),
        "{text}"
    );
    assert_eq!(
        text.matches("irreversible \"which rows are inserted is known only when it runs\"").count(),
        1,
        "{text}"
    );
}

#[test]
fn an_attribute_is_added_to_the_type_of_a_column() {
    let directory = new_crate(&[
        ("1_a.sql", "CREATE TYPE address AS (street text, zip text);\nCREATE TABLE a (id int, home address);"),
        ("2_b.sql", "ALTER TYPE address ADD ATTRIBUTE city text;\nALTER TYPE address DROP ATTRIBUTE zip;"),
    ]);
    let ran = convert(directory.path(), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains(" 0 as raw SQL") && ran.out.contains(EQUAL), "{}", ran.out);
    let second = block(&written(&directory)[1].1);
    assert!(second.starts_with("alter type address {") && !second.contains("renamed"), "{second}");
}
