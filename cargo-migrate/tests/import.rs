//! `import`, on a real server.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use support::{Ran, database, run};

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
    assert!(ran.out.contains("rebuilt: the catalogs of both are the same\n"), "{}", ran.out);
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
    assert!(again.err.starts_with("error: there is a migration already: `"), "{}", again.err);
    assert_eq!(fs::read_to_string(&files[0]).unwrap(), source);
    let formatted = Command::new(env!("CARGO_BIN_EXE_cargo-migrate"))
        .args(["migrate", "fmt", "--check"])
        .current_dir(directory.path())
        .status()
        .unwrap();
    assert!(formatted.success());
}

#[test]
fn one_schema_is_written_without_the_others() {
    let url =
        database("parts", "CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.t (id int); CREATE TABLE b.u (id int);");
    let directory = new_crate();
    let ran = import(directory.path(), &["--database-url", &url, "--schema", "a", "--dry-run"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("create table a.t") && !ran.out.contains("b.u"), "{}", ran.out);
    assert_eq!(fs::read_dir(directory.path().join("migrations")).unwrap().count(), 0);
    let ran = import(directory.path(), &["--database-url", &url, "--schema", "c", "--dry-run"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("error: cannot find schema `c` in the database\nhelp: there are: "), "{}", ran.err);
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
