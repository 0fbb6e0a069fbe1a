//! `adopt`, on a real server.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use support::{Ran, database, run};

fn adopt(directory: &Path, arguments: &[&str]) -> Ran {
    run(directory, &[&["adopt"], arguments].concat())
}

fn new_crate() -> TempDir {
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join("Cargo.toml"), "[package]\nname = \"shop\"\nversion = \"0.1.0\"\n").unwrap();
    fs::create_dir(directory.path().join("migrations")).unwrap();
    directory
}

const TABLES: &str =
    "CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL UNIQUE);";

const DRIZZLE: &str = "CREATE SCHEMA drizzle; CREATE TABLE drizzle.__drizzle_migrations \
    (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint); \
    INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('aa', 1767225600000), ('bb', 1767312000000);";

const ALEMBIC: &str = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, \
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)); INSERT INTO alembic_version VALUES ('ae1027a6acf');";

fn files(directory: &Path) -> Vec<String> {
    let mut files: Vec<String> = fs::read_dir(directory.join("migrations"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    files
}

#[test]
fn a_database_is_written_without_what_belongs_to_the_tool() {
    let url = database("whole", &format!("{TABLES} {DRIZZLE}"));
    let directory = new_crate();
    let ran = adopt(directory.path(), &["--database-url", &url]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let files = files(directory.path());
    assert_eq!(files.len(), 1, "{files:?}");
    assert!(files[0].ends_with("_adopt.rs"), "{files:?}");
    let source = fs::read_to_string(directory.path().join("migrations").join(&files[0])).unwrap();
    assert!(source.starts_with("//! The database as Drizzle left it.\n\nmigrate_runtime::migration! {\n    adopts drizzle through 1767312000000 {\n        checksum \""), "{source}");
    assert!(source.contains("        versions [1767225600000, 1767312000000],\n    }\n"), "{source}");
    assert!(source.contains("create table users {") && !source.contains("__drizzle"), "{source}");
    assert!(!source.contains("create schema"), "{source}");
    let expected = [
        format!("migrations/{}", files[0]),
        "takes over 2 migrations of Drizzle, through 1767312000000".to_owned(),
        "1 table".to_owned(),
    ];
    for line in expected.iter().map(String::as_str).chain(["rebuilt: both catalogs are the same"]) {
        assert!(
            ran.out.lines().any(|found| found == line || found.starts_with(&format!("{line},"))),
            "{line}: {}",
            ran.out
        );
    }
    assert!(!ran.out.contains("dumps of both differ"), "{}", ran.out);
    // A second one is refused, and nothing is overwritten.
    let again = adopt(directory.path(), &["--database-url", &url]);
    assert_eq!(again.code, 1);
    assert!(again.err.contains("already takes over a database"), "{}", again.err);
    assert_eq!(files, self::files(directory.path()));
}

#[test]
fn a_history_that_is_there_gets_nothing_but_the_item() {
    let url = database("converted", &format!("{TABLES} {ALEMBIC}"));
    let directory = new_crate();
    let users = "migrate_runtime::migration! {\n    create table users { id: bigint generated always as identity primary key, email: text unique }\n}\n";
    fs::write(directory.path().join("migrations/0001_users.rs"), users).unwrap();
    let dry = adopt(directory.path(), &["--database-url", &url, "--dry-run"]);
    assert_eq!(dry.code, 0, "{}", dry.err);
    assert!(dry.err.contains("the database matches the existing migrations\n"), "{}", dry.err);
    assert_eq!(files(directory.path()), ["0001_users.rs"]);
    let ran = adopt(directory.path(), &["--database-url", &url, "--json", "from_alembic"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((answer["tool"].as_str(), answer["versions"][0].as_str()), (Some("alembic"), Some("ae1027a6acf")));
    let file = answer["file"].as_str().unwrap();
    let source = fs::read_to_string(directory.path().join(file)).unwrap();
    assert_eq!(source, dry.out);
    assert!(source.contains("adopts alembic through \"ae1027a6acf\" {") && !source.contains("create"), "{source}");
    assert_eq!(files(directory.path()).len(), 2);
}

#[test]
fn a_history_that_is_something_else_is_told_and_nothing_is_written() {
    let url = database("other", &format!("{TABLES} {ALEMBIC}"));
    let directory = new_crate();
    let users = "migrate_runtime::migration! {\n    create table users { id: bigint primary key, name: text }\n}\n";
    fs::write(directory.path().join("migrations/0001_users.rs"), users).unwrap();
    let ran = adopt(directory.path(), &["--database-url", &url]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("error: the database does not match the existing migrations\n"), "{}", ran.err);
    assert!(ran.err.contains("column `users.email`: not expected"), "{}", ran.err);
    assert_eq!(files(directory.path()), ["0001_users.rs"]);
}

#[test]
fn which_tool_it_was_is_asked_where_there_are_more() {
    let url = database("more", &format!("{TABLES} {DRIZZLE} {ALEMBIC}"));
    let directory = new_crate();
    let ran = adopt(directory.path(), &["--database-url", &url]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("`alembic_version` of Alembic (`--from alembic`)"), "{}", ran.err);
    let ran = adopt(directory.path(), &["--database-url", &url, "--from", "alembic", "--dry-run", "--no-check"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("adopts alembic"), "{}", ran.out);
    let ran = adopt(directory.path(), &["--database-url", &url, "--from", "liquibase"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("the tools are sqlx, refinery"), "{}", ran.err);
    assert_eq!(files(directory.path()), [] as [&str; 0]);
}

#[test]
fn a_database_that_no_tool_has_migrated_is_none_to_take_over() {
    let url = database("none", TABLES);
    let directory = new_crate();
    let ran = adopt(directory.path(), &["--database-url", &url]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("has no table in which any other tool has recorded a migration"), "{}", ran.err);
    assert!(ran.err.contains("`_sqlx_migrations`") && ran.err.contains("cargo migrate import"), "{}", ran.err);
    let failed = database(
        "half",
        &format!(
            "{TABLES} CREATE TABLE schema_migrations (version bigint not null primary key, \
        dirty boolean not null); INSERT INTO schema_migrations VALUES (7, true)"
        ),
    );
    let ran = adopt(directory.path(), &["--database-url", &failed]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("records migrations that were started and not finished\n  7\nhelp: "), "{}", ran.err);
}
