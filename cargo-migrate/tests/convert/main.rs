//! `convert`, on a real server.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod first;
mod odd;
#[path = "../support/mod.rs"]
mod support;
mod written;

use std::fs;
use std::path::Path;

use postgres_server::Server;
use serde_json::Value;
use tempfile::TempDir;

use support::{Ran, assert_is_formatted, run, server};

fn convert(directory: &Path, arguments: &[&str]) -> Ran {
    convert_on(&server().url("postgres"), directory, arguments)
}

fn convert_on(url: &str, directory: &Path, arguments: &[&str]) -> Ran {
    run(directory, &[&["convert", "theirs", "--scratch-url", url], arguments].concat())
}

/// A crate beside the history of another tool.
fn new_crate(files: &[(&str, &str)]) -> TempDir {
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join("Cargo.toml"), "[package]\nname = \"shop\"\n").unwrap();
    fs::create_dir(directory.path().join("migrations")).unwrap();
    for (name, text) in files {
        let path = directory.path().join("theirs").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    directory
}

/// What was written, as names and texts.
fn written(directory: &TempDir) -> Vec<(String, String)> {
    let entries = fs::read_dir(directory.path().join("migrations")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<(String, String)> = entries
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap()))
        .collect();
    files.sort();
    files
}

/// What stands in the block of a file.
fn block(text: &str) -> String {
    let (_, block) = text.split_once("migrate_runtime::migration! {\n").unwrap();
    block
        .strip_suffix("}\n")
        .unwrap()
        .lines()
        .map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or(line)))
        .collect()
}

const EQUAL: &str = "applied: both databases have the same structure and the same number of rows\n";

#[test]
fn a_history_is_written_file_for_file() {
    let directory = new_crate(&[
        (
            "20240101000000_users.up.sql",
            "CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mail text NOT NULL);\n\
             INSERT INTO users (mail) VALUES ('a@example.org'), ('b@example.org');",
        ),
        ("20240101000000_users.down.sql", "DELETE FROM users WHERE mail LIKE '%example.org'; DROP TABLE users;"),
        (
            "20240102000000_email.up.sql",
            "ALTER TABLE users RENAME COLUMN mail TO email;\nALTER TABLE users ADD COLUMN age text;\n\
             UPDATE users SET age = '7';\nALTER TABLE users ALTER COLUMN age TYPE int USING age::int;\n\
             CREATE UNIQUE INDEX CONCURRENTLY users_email ON users (lower(email));",
        ),
        (
            "20240102000000_email.down.sql",
            "DROP INDEX users_email; ALTER TABLE users DROP COLUMN age; ALTER TABLE users RENAME email TO mail;",
        ),
        (
            "20240103000000_rename.up.sql",
            "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_class WHERE relname = 'people') THEN ALTER TABLE users RENAME TO people; END IF; END $$;",
        ),
        ("20240103000000_rename.down.sql", "ALTER TABLE people RENAME TO users;"),
    ]);
    let ran = convert(directory.path(), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("3 migrations of sqlx, 8 statements: 8 in the language, 0 not needed, 0 as raw SQL (100.0 % without raw SQL)\n"), "{}", ran.out);
    assert!(ran.out.contains(EQUAL), "{}", ran.out);
    assert!(!ran.out.contains("note:"), "{}", ran.out);
    let files = written(&directory);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["20240101000000_users.rs", "20240102000000_email.rs", "20240103000000_rename.rs"]);
    assert!(files[0].1.starts_with("//! Converted from `20240101000000_users.up.sql`.\n"));
    let second = block(&files[1].1);
    assert!(second.contains("rename mail to email"), "{second}");
    assert!(second.contains("using age::int"), "{second}");
    assert!(second.contains("#[allow(") && second.contains("reason = \"applied before the conversion\""), "{second}");
    let third = block(&files[2].1);
    assert!(third.contains("rename to people") && !third.contains("sql \""), "{third}");
    let first = block(&files[0].1);
    assert!(first.contains("down {") && first.contains("delete from users"), "{first}");
    // Nothing is overwritten.
    let again = convert(directory.path(), &[]);
    assert_eq!(again.code, 1);
    assert!(again.err.starts_with("error: a migration already exists: `20240101000000_users.rs`\n"), "{}", again.err);
    assert_is_formatted(directory.path());
}

#[test]
fn an_error_names_the_file_the_statement_and_the_words_of_the_server() {
    let many: String = (1..=199).map(|number| format!("CREATE TABLE t{number} (id int);\n")).collect();
    let directory = new_crate(&[
        ("V1__a.sql", "CREATE TABLE a (id int);"),
        ("V2__b.sql", &format!("{many}ALTER TABLE t7\n  ADD FOREIGN KEY (id) REFERENCES nowhere;\nCREATE TABLE z ();")),
    ]);
    let ran = convert(directory.path(), &[]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains(
            "error: theirs/V2__b.sql:200: statement 200 of 201 fails: relation \"nowhere\" does not exist [42P01]\n  \
             | ALTER TABLE t7\n  |   ADD FOREIGN KEY (id) REFERENCES nowhere\nhelp: no statement of the history creates `nowhere` before this one. \
             If its tool or an administrator creates it first, write `CREATE TABLE nowhere (...)` into a file, and name the file with \
             `--before FILE`\n"
        ),
        "{}",
        ran.err
    );
    let wrong = "CREATE TABLE b (\n    id int,\n\tn intt\n);";
    let directory = new_crate(&[("V1__a.sql", wrong)]);
    let ran = convert(directory.path(), &[]);
    assert!(
        ran.err.contains(
            "error: theirs/V1__a.sql:3: statement 1 of 1 fails: type \"intt\" does not exist [42704]\n  | CREATE TABLE b (\n  |     id int,\n  \
             | \tn intt\n  | \t  ^\n  | )\nhelp: no statement of the history creates the type `intt` before this one."
        ),
        "{}",
        ran.err
    );
    assert!(written(&directory).is_empty());
}

#[test]
fn versions_that_are_no_numbers_are_told_in_a_table() {
    let directory = new_crate(&[
        ("V1.2__a.sql", "CREATE TABLE a (id int);"),
        ("V1.10__b.sql", "CREATE TABLE b (id int);"),
        ("R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT id FROM a;"),
    ]);
    let ran = convert(directory.path(), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let files = written(&directory);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["0001_a.rs", "0002_b.rs", "0003_view.rs", "versions.tsv"]);
    assert_eq!(files[3].1, "1.2\t0001\n1.10\t0002\nR__view\t0003\n");
    assert!(ran.out.contains("note: `R__view.sql` ran whenever it changed"), "{}", ran.out);
}

#[test]
fn what_has_no_words_is_raw_sql_with_its_reason() {
    let directory = new_crate(&[
        ("1_a.sql", "CREATE TABLE a (id int, note text);\nINSERT INTO a SELECT 1, 'x';"),
        (
            "2_b.sql",
            "DO $$ BEGIN UPDATE a SET note = 'y'; ALTER TABLE a ADD COLUMN b int; END $$;\nSELECT 1;\nSET lock_timeout = '1s';",
        ),
    ]);
    let ran = convert(directory.path(), &["--from", "sql", "--json"]);
    let answer: Value = serde_json::from_str(&ran.out).expect(&ran.err);
    assert_eq!(ran.code, 0, "{answer}");
    assert_eq!(answer["same"], true, "{answer}");
    assert_eq!(answer["statements"]["raw_sql"], 1, "{answer}");
    let second = &answer["migrations"][1]["statements"];
    assert_eq!(second[0]["became"], "raw_sql", "{answer}");
    assert_eq!(second[0]["why"], "it changes rows, or may do so in the code of a block or a function", "{answer}");
    assert_eq!(second[1]["became"], "not_needed", "{answer}");
    assert_eq!(second[2]["became"], "not_needed", "{answer}");
    let text = block(&written(&directory)[1].1);
    assert!(text.contains("changes {") && text.contains("add b: int"), "{text}");
}

#[test]
fn names_are_found_where_the_search_path_leads() {
    let directory = new_crate(&[(
        "1_a.sql",
        "CREATE SCHEMA app;\nSET search_path TO app;\nCREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\nTRUNCATE a;\nINSERT INTO a VALUES (2);",
    )]);
    let ran = convert(directory.path(), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("5 in the language, 1 not needed, 0 as raw SQL"), "{}", ran.out);
    assert!(block(&written(&directory)[0].1).contains("insert into app.a"));
}

#[test]
fn a_down_that_does_not_lead_back_is_told() {
    let directory = new_crate(&[
        ("1_a.up.sql", "CREATE TABLE a (id int);"),
        ("1_a.down.sql", "DROP TABLE a;"),
        ("2_b.up.sql", "CREATE TABLE b (id int); CREATE TABLE c (id int);"),
        ("2_b.down.sql", "DROP TABLE b;"),
        ("3_d.up.sql", "CREATE TABLE d (id int);"),
        ("3_d.down.sql", "DROP TABLE nothing;"),
    ]);
    let ran = convert(directory.path(), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(
        ran.out
            .contains("note: theirs/2_b.up.sql: its down did not restore the state before it, the derived one does: "),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("note: theirs/3_d.up.sql: its down fails: theirs/3_d.down.sql:1: "), "{}", ran.out);
    assert!(!ran.out.contains("note: theirs/1_a"), "{}", ran.out);
}

#[test]
fn a_dry_run_writes_nothing_and_needs_no_crate() {
    let directory = new_crate(&[("1_a.sql", "CREATE TABLE a (id int);")]);
    fs::remove_file(directory.path().join("Cargo.toml")).unwrap();
    let ran = convert(directory.path(), &["--dry-run"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.starts_with("// 1_a.rs\n//! Converted from `1_a.sql`.\n"), "{}", ran.out);
    assert!(ran.out.contains("create table a"), "{}", ran.out);
    assert!(written(&directory).is_empty());
}

#[test]
fn a_server_that_dies_is_told_with_the_statement() {
    let version = postgres_server::requested_version().unwrap();
    let server = Server::temporary().major(version).start().unwrap();
    let directory = new_crate(&[
        ("1_a.sql", "CREATE TABLE a (id int);"),
        // The connection is cut by the server, as it is when the server ends.
        ("2_b.sql", "SELECT 1;\nSELECT pg_terminate_backend(pg_backend_pid());"),
    ]);
    let ran = convert_on(&server.url("postgres"), directory.path(), &[]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("error: theirs/2_b.sql:2: "), "{}", ran.err);
    assert!(written(&directory).is_empty());
    let url = server.url("postgres");
    drop(server);
    let ran = convert_on(&url, directory.path(), &[]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("error: cannot create a database to run the history in: "), "{}", ran.err);
}

#[test]
fn what_a_history_takes_for_granted_stands_before_it() {
    let directory = new_crate(&[
        ("1_a.sql", "CREATE TABLE auth.a (id uuid PRIMARY KEY DEFAULT uuid_generate_v4());"),
        (
            "2_b.sql",
            "ALTER TABLE settings ADD COLUMN note text;\nDO $$ BEGIN UPDATE settings SET note = current_setting('app.name'); END $$;",
        ),
    ]);
    let ran = convert(directory.path(), &[]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("error: theirs/2_b.sql:1: statement 1 of 2 fails: relation \"settings\" does not exist"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("`CREATE TABLE settings (...)` into a file, and name the file with `--before FILE`"),
        "{}",
        ran.err
    );
    let before = directory.path().join("before.sql");
    fs::write(&before, "SET app.name = 'shop';\nCREATE TABLE settings (id int PRIMARY KEY);").unwrap();
    let ran = convert(directory.path(), &["--before", "before.sql"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("requires what `CREATE SCHEMA auth` creates"), "{}", ran.out);
    let files = written(&directory);
    assert_eq!(files[0].0, "0_before.rs");
    let first = block(&files[0].1);
    for part in ["create table settings", "create schema auth", "create extension \"uuid-ossp\""] {
        assert!(first.contains(part), "{part} in {first}");
    }
}

#[test]
fn rows_that_a_function_changes_are_written_as_they_came_out() {
    let directory = new_crate(&[
        ("1_a.sql", "CREATE TABLE versions (stage int NOT NULL);\nINSERT INTO versions VALUES (1);"),
        (
            "2_b.sql",
            "CREATE FUNCTION step() RETURNS void LANGUAGE plpgsql AS $$ DECLARE next int; BEGIN \
             SELECT stage + 1 INTO next FROM versions; IF next = 2 THEN CREATE TABLE b (id int); \
             UPDATE versions SET stage = next; END IF; END $$;\nSELECT step();\nDROP FUNCTION step();",
        ),
    ]);
    let ran = convert(directory.path(), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("5 in the language, 0 not needed, 0 as raw SQL"), "{}", ran.out);
    let second = block(&written(&directory)[1].1);
    assert!(second.contains("create table b") && second.contains("update versions set stage = 2"), "{second}");
}

#[test]
fn the_index_of_a_key_has_the_name_of_the_key() {
    let directory = new_crate(&[
        ("1_a.sql", "CREATE TABLE image (id int PRIMARY KEY, \"timestamp\" text, \"position\" int);"),
        (
            "2_b.sql",
            "ALTER TABLE image RENAME TO media;\nALTER INDEX image_pkey RENAME TO media_pkey;\n\
             UPDATE media SET \"timestamp\" = 'x', \"position\" = 1 WHERE \"position\" = 2;\n\
             INSERT INTO media (id, \"timestamp\") SELECT \"position\", \"timestamp\" FROM media RETURNING id;",
        ),
    ]);
    let ran = convert(directory.path(), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("5 in the language, 0 not needed, 0 as raw SQL"), "{}", ran.out);
}

#[test]
fn blocks_and_temporary_tables_come_out_as_the_rows_that_they_left() {
    let directory = new_crate(&[
        ("1_a.sql", "CREATE TABLE a (id serial PRIMARY KEY, tags text[]); INSERT INTO a (tags) VALUES ('{x,y}');"),
        (
            "2_b.sql",
            "CREATE TEMP TABLE kept AS SELECT tags FROM a;\nINSERT INTO a (tags) SELECT tags FROM kept;\n\
             DO $$ BEGIN DELETE FROM a WHERE id > 5; END $$;\n\
             DO $$ BEGIN UPDATE a SET tags = NULL WHERE id = 1; END $$;\n\
             SELECT setval(pg_get_serial_sequence('a', 'id'), 40);",
        ),
    ]);
    let ran = convert(directory.path(), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("7 statements: 5 in the language, 2 not needed, 0 as raw SQL"), "{}", ran.out);
    let files = written(&directory);
    let second = block(&files[1].1);
    for part in ["insert into a", "update a set", "select setval(pg_get_serial_sequence("] {
        assert!(second.contains(part), "{part}: {second}");
    }
    assert!(!second.contains("delete from a") && !second.contains("from kept"), "{second}");
}

#[test]
fn a_literal_that_a_time_zone_would_move_and_a_sequence_without_a_log_come_out_equal() {
    let directory = new_crate(&[
        (
            "1_a.sql",
            "CREATE TABLE jobs (id int PRIMARY KEY, retried timestamp NOT NULL DEFAULT '1970-01-01');\n\
             CREATE UNLOGGED TABLE notes (id serial PRIMARY KEY, body text);\n\
             CREATE UNLOGGED TABLE pages (id serial PRIMARY KEY, note int REFERENCES notes);",
        ),
        ("2_b.sql", "SET timezone = 'UTC';\nALTER TABLE jobs ALTER retried TYPE timestamptz;"),
        ("3_c.sql", "DROP TABLE pages;"),
    ]);
    let ran = convert(directory.path(), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("0 as raw SQL"), "{}", ran.out);
    assert!(ran.out.contains(EQUAL) && !ran.out.contains("the dumps of both differ"), "{}", ran.out);
    let second = block(&written(&directory)[1].1);
    let set = "alter retried set default \"1970-01-01 00:00:00\"::timestamp without time zone";
    assert!(second.contains("alter retried: timestamptz") && second.contains(set), "{second}");
}

#[test]
fn roles_are_left_out_and_dropped_again() {
    let directory = new_crate(&[
        (
            "1_a.sql",
            "CREATE ROLE shop_reader NOLOGIN;\nALTER ROLE shop_reader PASSWORD 'secret';\n\
             CREATE TABLE a (id int);\nGRANT SELECT ON a TO shop_reader;\n\
             DO $$ BEGIN CREATE ROLE shop_writer; END $$;\nGRANT INSERT ON a TO shop_writer;\n\
             GRANT shop_reader TO shop_writer;",
        ),
        ("2_b.sql", "DROP TABLE a;\nDROP ROLE shop_reader;"),
    ]);
    let ran = convert(directory.path(), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("9 statements: 4 in the language, 5 not needed, 0 as raw SQL"), "{}", ran.out);
    for note in [
        "create `shop_reader`, `shop_writer` there before the migrations run",
        "line 2: `ALTER ROLE shop_reader` is left out: it concerns roles",
        "line 7: `GRANT shop_reader TO` is left out: it concerns roles",
    ] {
        assert!(ran.out.contains(note), "{note}: {}", ran.out);
    }
    let files = written(&directory);
    let first = block(&files[0].1);
    assert!(first.contains("grant select on a to shop_reader") && !first.contains("role"), "{first}");
    assert!(!files.iter().any(|(_, text)| text.contains("secret")));
    let after = new_crate(&[("1_a.sql", "GRANT USAGE ON SCHEMA public TO shop_writer;")]);
    assert!(convert(after.path(), &[]).err.contains("role \"shop_writer\" does not exist"));
}

#[test]
fn comments_stay_before_what_they_are_about() {
    let directory = new_crate(&[(
        "1_a.sql",
        "-- The shop's first tables.\nBEGIN;\n-- What is sold.\nCREATE TABLE goods (id serial PRIMARY KEY);\n\
         -- Who buys.\n-- Not who sells.\nCREATE TABLE people (id int PRIMARY KEY, name text);\n\
         -- Names are looked up.\nCREATE INDEX people_name ON people (name);\n-- Nobody has one.\n\
         UPDATE people SET name = 'x';\n-- A name is needed.\nALTER TABLE people ALTER name SET NOT NULL, ADD age int;\nCOMMIT;",
    )]);
    let ran = convert(directory.path(), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let text = block(&written(&directory)[0].1);
    for part in [
        "// The shop's first tables.\n// What is sold.\ncreate table goods {",
        "// Who buys.\n// Not who sells.\ncreate table people {",
        "// Names are looked up.\ncreate index people_name on people (name);",
        "// Nobody has one.\n",
        "// A name is needed.\n",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn what_default_privileges_give_is_taken_again() {
    let directory = new_crate(&[
        (
            "1_a.sql",
            "CREATE ROLE shop_guest;\nALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO shop_guest;\n\
             CREATE TABLE a (id int);",
        ),
        (
            "2_b.sql",
            "DO $$ BEGIN CREATE TABLE b (id int); REVOKE ALL ON b FROM shop_guest; GRANT SELECT ON b TO shop_guest; END $$;",
        ),
    ]);
    let ran = convert(directory.path(), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains(EQUAL) && !ran.out.contains("the dumps of both differ"), "{}", ran.out);
    let files = written(&directory);
    assert!(!files[0].1.contains("revoke"), "{}", files[0].1);
    assert!(block(&files[1].1).contains("revoke insert on b from shop_guest;"), "{}", files[1].1);
}

#[test]
fn placeholders_have_the_values_that_are_given() {
    let directory = new_crate(&[
        ("V1__a.sql", "CREATE TABLE ${table}s (id int);"),
        ("V1.1__b.sql", "COMMENT ON TABLE ${table}s IS\n '${text}';"),
    ]);
    let ran = convert(directory.path(), &["--placeholder", "table=order"]);
    assert_eq!(ran.code, 1);
    let missing =
        "error: theirs/V1.1__b.sql:2: the placeholder `${text}` has no value\nhelp: add `--placeholder text=VALUE`";
    assert!(ran.err.contains(missing), "{}", ran.err);
    let ran = convert(directory.path(), &["--placeholder", "table=order", "--placeholder", "text=a = b"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(block(&written(&directory)[1].1).contains("comment on table orders is \"a = b\""));
    let ran = convert(directory.path(), &["--placeholder", "table"]);
    assert!(ran.code == 2 && ran.err.contains("write it as NAME=VALUE"), "{}", ran.err);
}

#[test]
fn what_partitions_get_from_their_table_is_not_written_again() {
    let directory = new_crate(&[
        (
            "1_readings.sql",
            "CREATE TABLE sensors (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);\n\
             CREATE TABLE readings (sensor_id int NOT NULL REFERENCES sensors, at timestamptz NOT NULL, v float8, \
             CONSTRAINT positive CHECK (v > 0), PRIMARY KEY (sensor_id, at)) PARTITION BY LIST (sensor_id);\n\
             CREATE TABLE readings_1 PARTITION OF readings FOR VALUES IN (1, 2);\n\
             CREATE TABLE old (v float8, CONSTRAINT of_old CHECK (v < 9));\nCREATE TABLE older () INHERITS (old);",
        ),
        (
            "2_value.sql",
            "ALTER TABLE readings RENAME v TO value;\nALTER TABLE readings RENAME CONSTRAINT positive TO is_positive;\n\
             ALTER TABLE old RENAME v TO value;\nALTER TABLE old RENAME CONSTRAINT of_old TO small;\n\
             CREATE TABLE readings_3 (LIKE readings INCLUDING ALL);\n\
             ALTER TABLE readings ATTACH PARTITION readings_3 FOR VALUES IN (3);",
        ),
    ]);
    let ran = convert(directory.path(), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains(" 0 as raw SQL (100.0 % without raw SQL)\n") && ran.out.contains(EQUAL), "{}", ran.out);
    let second = block(&written(&directory)[1].1);
    assert!(
        second.contains("rename v to value") && !second.contains("readings_1") && !second.contains("older"),
        "{second}"
    );
}

/// The second run of a file, statement by statement, gives the same numbers as the first one.
#[test]
fn what_is_rolled_back_uses_no_numbers() {
    let directory = new_crate(&[
        (
            "1_sensors.sql",
            "CREATE TABLE sensors (id serial PRIMARY KEY, name text);\nCREATE UNLOGGED TABLE cache (k text);",
        ),
        (
            "2_first.sql",
            "INSERT INTO sensors (name) VALUES ('north');\nINSERT INTO sensors SELECT 7 WHERE (SELECT max(id) FROM sensors) = 1;\n\
             ALTER TABLE cache ADD id serial;",
        ),
        ("2_first.down.sql", "INSERT INTO sensors (name) VALUES ('south');"),
        (
            "3_second.sql",
            "INSERT INTO sensors (name) VALUES ('east');\nSELECT 1 / (max(id) - 2) FROM sensors WHERE id < 7;",
        ),
    ]);
    let ran = convert(directory.path(), &["--from", "sql"]);
    // Nothing is at 2 but the row of the third file: the division fails.
    assert!(
        ran.err.contains("3_second.sql:2: statement 2 of 2 fails: division by zero [22012]"),
        "{}{}",
        ran.out,
        ran.err
    );
}

#[test]
fn what_needs_a_newer_server_is_written_for_one() {
    let sql = "CREATE TABLE t (id bigint);\nALTER TABLE t ADD CONSTRAINT one UNIQUE NULLS NOT DISTINCT (id);";
    if server().major() < 15 {
        return;
    }
    let directory = new_crate(&[("1_t.sql", sql)]);
    let ran = convert(directory.path(), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("2 in the language, 0 not needed, 0 as raw SQL"), "{}", ran.out);
    assert!(
        ran.out.contains("  note: it needs PostgreSQL 15: write `migrations!(\"migrations\", postgres = 15)`\n"),
        "{}",
        ran.out
    );
}

#[test]
fn every_comment_is_kept() {
    let directory = new_crate(&[(
        "1_t.sql",
        "/* All accounts.\n * One per customer. */\nCREATE TABLE t (\n    id int, -- the public number\n    /* in cents */\n    n int\n); -- made by hand\n\
         CREATE VIEW v AS SELECT id FROM t;\n\n/* What the\n   dashboard shows */\nCREATE VIEW w AS SELECT n FROM t;",
    )]);
    let ran = convert(directory.path(), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let text = block(&written(&directory)[0].1);
    let table = "// All accounts.\n// One per customer.\n// the public number\n// in cents\n// made by hand\ncreate table t {\n";
    assert!(text.contains(table), "{text}");
    assert!(text.contains("// What the\n// dashboard shows\ncreate view w as"), "{text}");
}

#[test]
fn many_histories_are_measured() {
    let directory = new_crate(&[
        ("one/1_a.sql", "CREATE TABLE a (id int);"),
        (
            "two/1_a.sql",
            "CREATE TABLE a (id int); DO $$ BEGIN INSERT INTO a VALUES (extract(epoch FROM now())::int); END $$;",
        ),
        ("three/1_a.sql", "CREATE TABLE a (id nothing);"),
    ]);
    let ran = convert(directory.path(), &["--measure"]);
    assert_eq!(ran.code, 1, "one of them cannot be converted");
    assert!(ran.out.contains("one: 1 migrations, 1 statements, 100.0 % without raw SQL, equal"), "{}", ran.out);
    assert!(ran.out.contains("two: 1 migrations, 2 statements, 50.0 % without raw SQL, equal"), "{}", ran.out);
    assert!(
        ran.out
            .contains("three: FAILED: theirs/three/1_a.sql:1: statement 1 of 1 fails: type \"nothing\" does not exist"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("all: 3 histories, 2 equal; 3 statements"), "{}", ran.out);
    assert!(written(&directory).is_empty());
}
