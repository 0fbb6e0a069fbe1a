//! `import`, on a real server.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use support::{Ran, assert_is_formatted, database, run, server};

fn import(directory: &Path, arguments: &[&str]) -> Ran {
    run(directory, &[&["import"], arguments].concat())
}

fn new_crate() -> TempDir {
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join("Cargo.toml"), "[package]\nname = \"shop\"\n").unwrap();
    fs::create_dir(directory.path().join("migrations")).unwrap();
    directory
}

const SHOP: &str = r#"
CREATE SCHEMA billing;
CREATE TYPE status AS ENUM ('pending', 'confirmed', 'no-show');
CREATE DOMAIN billing.amount AS numeric(12, 2) CHECK (VALUE >= 0);
CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL UNIQUE, "order" int, gone text);
ALTER TABLE users DROP COLUMN gone;
CREATE TABLE bookings (
    id serial PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    status status NOT NULL DEFAULT 'pending',
    tags text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE users ADD last_booking int REFERENCES bookings;
CREATE TABLE billing.invoices (
    id bigint PRIMARY KEY, booking_id int REFERENCES bookings, total billing.amount NOT NULL,
    CONSTRAINT "a name of sixty-three bytes, which is as long as PostgreSQL allows" CHECK (id > 0)
);
ALTER TABLE billing.invoices ADD CONSTRAINT big CHECK (total < 1000000) NOT VALID;
CREATE INDEX ON bookings (user_id) WHERE status <> 'no-show';
CREATE VIEW recent AS SELECT b.id, u.email FROM bookings b JOIN users u ON u.id = b.user_id WHERE b.created_at > now() - interval '1 day';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.created_at := now(); RETURN NEW; END $$;
CREATE TRIGGER touched BEFORE UPDATE ON bookings FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE bookings DISABLE TRIGGER touched;
ALTER TABLE bookings ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON bookings USING (user_id = current_setting('app.user')::bigint);
COMMENT ON TABLE users IS 'Everyone who signed up.';
"#;

#[test]
fn a_database_is_written_and_rebuilt() {
    let url = database("shop", SHOP);
    let directory = new_crate();
    let ran = import(directory.path(), &["--database-url", &url]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("rebuilt: both catalogs are the same\n"), "{}", ran.out);
    assert!(ran.out.contains("1 domain, 1 enum, 1 function, 1 index, 1 policy, 1 schema"), "{}", ran.out);
    assert!(!ran.out.contains("raw SQL"), "{}", ran.out);
    let files: Vec<_> =
        fs::read_dir(directory.path().join("migrations")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    let source = fs::read_to_string(&files[0]).unwrap();
    for part in [
        "migrate_runtime::migration! {\n",
        "    /// Everyone who signed up.\n    create table users {\n",
        "        id: serial primary key,\n",
        "        status: status = ",
        "create index on bookings (user_id) where status <> \"no-show\"",
        "not valid",
        "disable trigger touched",
        "enable row level security",
    ] {
        assert!(source.contains(part), "{part} in\n{source}");
    }
    assert!(!source.contains("gone"), "{source}");
    // It is not written over.
    let again = import(directory.path(), &["--database-url", &url]);
    assert_eq!(again.code, 1);
    assert!(again.err.starts_with("error: a migration already exists: `"), "{}", again.err);
    assert_eq!(fs::read_to_string(&files[0]).unwrap(), source);
    assert_is_formatted(directory.path());
}

#[test]
fn one_schema_is_written_without_the_others() {
    let url =
        database("parts", "CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.t (id int); CREATE TABLE b.u (id int);");
    let directory = new_crate();
    let ran = import(directory.path(), &["--database-url", &url, "--schema", "a", "--dry-run"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("create table a.t") && !ran.out.contains("b.u"), "{}", ran.out);
    assert!(!ran.out.contains("public"), "{}", ran.out);
    assert_eq!(fs::read_dir(directory.path().join("migrations")).unwrap().count(), 0);
    let ran = import(directory.path(), &["--database-url", &url, "--schema", "c", "--dry-run"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("error: cannot find schema `c` in the database\nhelp: the schemas are: "), "{}", ran.err);
}

const SCHEMAS: &str = r#"
CREATE EXTENSION citext;
CREATE SCHEMA billing; CREATE SCHEMA "Odd-1"; CREATE SCHEMA audit;
CREATE TYPE audit.mood AS ENUM ('good', 'bad');
CREATE TABLE users (id bigint PRIMARY KEY, email citext NOT NULL UNIQUE, mood audit.mood NOT NULL DEFAULT 'good');
CREATE TABLE billing.invoices (id bigserial PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, total numeric NOT NULL);
ALTER TABLE users ADD last_invoice bigint REFERENCES billing.invoices;
ALTER TABLE users ADD first_invoice bigint;
ALTER TABLE users ADD CONSTRAINT first_known FOREIGN KEY (first_invoice) REFERENCES billing.invoices NOT VALID;
CREATE INDEX ON users (last_invoice);
CREATE VIEW owed AS SELECT u.email, i.total FROM users u JOIN billing.invoices i ON i.user_id = u.id;
CREATE FUNCTION total(who bigint) RETURNS numeric LANGUAGE sql STABLE AS $$ SELECT sum(total) FROM billing.invoices WHERE user_id = who $$;
CREATE FUNCTION audit.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO "Odd-1".log (what) VALUES (TG_OP); RETURN NEW;
END $$;
CREATE TABLE "Odd-1".log (what text NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE TRIGGER noted AFTER INSERT ON billing.invoices FOR EACH ROW EXECUTE FUNCTION audit.note();
CREATE CAST (audit.mood AS text) WITH INOUT;
CREATE PUBLICATION moved FOR TABLE users, billing.invoices;
GRANT USAGE ON SCHEMA billing TO PUBLIC;
GRANT SELECT ON owed TO PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA audit GRANT SELECT ON TABLES TO PUBLIC;
COMMENT ON TABLE billing.invoices IS 'What is owed.';
"#;

/// The migrations that are there, in their order: each with its name after the version.
fn migrations(directory: &Path) -> Vec<(i64, String, String)> {
    let files = fs::read_dir(directory.join("migrations")).unwrap().map(|entry| entry.unwrap().path());
    let mut migrations: Vec<(i64, String, String)> = files
        .map(|path| {
            let (version, name) = path.file_stem().unwrap().to_str().unwrap().split_once('_').unwrap();
            (version.parse().unwrap(), name.to_owned(), fs::read_to_string(&path).unwrap())
        })
        .collect();
    migrations.sort();
    migrations
}

#[test]
fn each_schema_is_a_migration() {
    let url = database("schemas", SCHEMAS);
    let directory = new_crate();
    let ran = import(directory.path(), &["--database-url", &url, "--each-schema"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("rebuilt: both catalogs are the same\n"), "{}", ran.out);
    assert!(!ran.out.contains("raw SQL"), "{}", ran.out);
    let migrations = migrations(directory.path());
    let names: Vec<&str> = migrations.iter().map(|(_, name, _)| name.as_str()).collect();
    assert_eq!(names, ["import_odd_1", "import_audit", "import_billing", "import_public"], "{migrations:?}");
    assert!(migrations.windows(2).all(|pair| pair[0].0 < pair[1].0), "{migrations:?}");
    for (at, part) in [
        (0, "create table \"Odd-1\".log"),
        (0, "create extension citext"),
        (1, "create cast (audit.mood as text)"),
        (2, "    /// What is owed.\n    create table billing.invoices"),
        (3, "create view owed"),
        (3, "references billing.invoices"),
        (3, "alter table billing.invoices add foreign key (user_id) references users;\n"),
        (3, "create publication moved"),
        (3, "alter default privileges in schema audit"),
    ] {
        assert!(migrations[at].2.contains(part), "{part} in\n{}", migrations[at].2);
    }
    assert!(!migrations[2].2.contains("references"), "{}", migrations[2].2);
}

#[test]
fn some_schemas_are_a_migration_each() {
    let url = database(
        "some_schemas",
        "CREATE SCHEMA a; CREATE SCHEMA b; CREATE SCHEMA c;
         CREATE TABLE a.t (id int PRIMARY KEY, other int);
         CREATE TABLE b.t (id int PRIMARY KEY REFERENCES a.t);
         ALTER TABLE a.t ADD FOREIGN KEY (other) REFERENCES b.t;
         CREATE TABLE c.t (id int PRIMARY KEY);",
    );
    let directory = new_crate();
    let arguments = ["--database-url", &url, "--schema", "a", "--schema", "b", "--each-schema"];
    let ran = import(directory.path(), &[&arguments[..], &["--dry-run", "shop"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let at = |part: &str| ran.out.find(part).unwrap_or_else(|| panic!("{part} in\n{}", ran.out));
    assert!(at("// shop_a.rs\n") < at("// shop_b.rs\n") && !ran.out.contains("public"), "{}", ran.out);
    assert!(migrations(directory.path()).is_empty());
    let ran = import(directory.path(), &[&arguments[..], &["--json"]].concat());
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    let files: Vec<&str> = answer["files"].as_array().unwrap().iter().map(|file| file.as_str().unwrap()).collect();
    assert!(matches!(files[..], [a, b] if a.ends_with("_import_a.rs") && b.ends_with("_import_b.rs")), "{answer}");
    assert_eq!(answer["rebuilt"]["same"], true, "{answer}");
    let migrations = migrations(directory.path());
    assert!(migrations[1].2.contains("alter table a.t add foreign key (other)"), "{}", migrations[1].2);
}

#[test]
fn schemas_whose_names_come_to_the_same_are_numbered() {
    let url = database("alike", "CREATE SCHEMA a_b; CREATE SCHEMA \"A-b\"; CREATE TABLE a_b.t (id int);");
    let directory = new_crate();
    let ran = import(directory.path(), &["--database-url", &url, "--each-schema", "--no-check"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let migrations = migrations(directory.path());
    let names: Vec<&str> = migrations.iter().map(|(_, name, _)| name.as_str()).collect();
    assert_eq!(names, ["import_a_b", "import_a_b_2"]);
}

#[test]
fn an_empty_database_has_no_schema_to_write() {
    let url = database("nothing", "");
    let directory = new_crate();
    let ran = import(directory.path(), &["--database-url", &url, "--each-schema"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.starts_with("nothing: the database is empty\n"), "{}", ran.out);
    assert!(migrations(directory.path()).is_empty());
}

#[test]
fn what_the_language_has_no_words_for_is_raw_sql_and_counted() {
    let url = database(
        "odd",
        "CREATE TABLE t (id int, note text); CREATE INDEX ON t USING brin (id) WITH (pages_per_range = 1);",
    );
    let directory = new_crate();
    let ran = import(directory.path(), &["--database-url", &url, "--json"]);
    let answer: Value = serde_json::from_str(&ran.out).expect(&ran.err);
    assert_eq!(answer["rebuilt"]["differences"], Value::Array(Vec::new()), "{answer}");
    assert_eq!(answer["objects"]["table"], 1, "{answer}");
    assert!(answer["file"].as_str().unwrap().ends_with("_import.rs"), "{answer}");
}

#[test]
fn details_that_only_alter_can_say_are_written() {
    let url = database(
        "details",
        "CREATE SCHEMA s;
         CREATE TABLE s.old (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
         ALTER TABLE s.old RENAME TO current;
         CREATE INDEX by_name ON s.current (lower(name));
         ALTER INDEX s.by_name ALTER COLUMN 1 SET STATISTICS 300;
         CREATE TABLE plain (id int GENERATED ALWAYS AS IDENTITY);
         CREATE VIEW s.names AS SELECT id, name FROM s.current;
         ALTER VIEW s.names ALTER COLUMN name SET DEFAULT lower('NOBODY');
         COMMENT ON COLUMN s.names.name IS 'It''s what they are called.';
         CREATE MATERIALIZED VIEW s.counts AS SELECT count(*) AS number FROM s.current;
         COMMENT ON COLUMN s.counts.number IS 'How many';",
    );
    for more in [&[][..], &["--each-schema"]] {
        let directory = new_crate();
        let ran = import(directory.path(), &[&["--database-url", &url], more].concat());
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        assert!(!ran.out.contains("raw SQL"), "{}", ran.out);
        let source: String = migrations(directory.path()).into_iter().map(|(_, _, source)| source).collect();
        for written in [
            "generated always as identity (sequence name old_id_seq)",
            "alter index s.by_name alter 1 set statistics 300;",
            "comment on column s.names.name is \"It's what they are called.\";",
            "comment on column s.counts.number is \"How many\";",
            "alter view s.names alter name set default lower(\"NOBODY\"::text);",
        ] {
            assert!(source.contains(written), "{written} in {source}");
        }
    }
}

#[test]
fn sequences_are_logged_as_they_were() {
    // Before PostgreSQL 15 all of them are.
    if server().major() < 15 {
        return;
    }
    let url = database(
        "logged",
        "CREATE UNLOGGED TABLE limits (id serial PRIMARY KEY);
         ALTER SEQUENCE limits_id_seq SET LOGGED;
         CREATE UNLOGGED TABLE pages (id serial PRIMARY KEY, number int GENERATED ALWAYS AS IDENTITY);
         CREATE UNLOGGED SEQUENCE numbers;
         CREATE SEQUENCE plain;",
    );
    let directory = new_crate();
    let ran = import(directory.path(), &["--database-url", &url]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(!ran.out.contains("raw SQL"), "{}", ran.out);
    let (_, _, source) = migrations(directory.path()).remove(0);
    assert!(source.contains("create sequence limits_id_seq { as integer, logged }"), "{source}");
    assert!(source.contains("create sequence numbers { unlogged }"), "{source}");
}

#[test]
fn a_database_that_is_not_there_is_told_without_a_password() {
    let directory = new_crate();
    for (url, message) in [
        ("postgres://someone:secret@127.0.0.1:1/shop", "error: cannot connect to `127.0.0.1:1`: "),
        ("someone:secret@127.0.0.1/shop", "error: the URL of the database cannot be read\nhelp: "),
        ("mysql://someone:secret@127.0.0.1/shop", "error: the URL of the database cannot be read\nhelp: "),
    ] {
        let ran = import(directory.path(), &["--database-url", url]);
        assert_eq!(ran.code, 1);
        assert!(ran.err.contains(message) && !ran.err.contains("secret"), "{}", ran.err);
        assert_eq!(fs::read_dir(directory.path().join("migrations")).unwrap().count(), 0);
    }
}

#[test]
fn a_public_schema_without_its_comment_is_no_difference() {
    let url = database("bare_public", "COMMENT ON SCHEMA public IS NULL; CREATE TABLE t (id int);");
    let directory = new_crate();
    let ran = import(directory.path(), &["--database-url", &url]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}
