//! The commands, in crates of their own.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use support::{Ran, run};

fn new_crate() -> TempDir {
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join("Cargo.toml"), "[package]\nname = \"shop\"\n\n[dependencies]\ntokio = \"1\"\n")
        .unwrap();
    fs::create_dir(directory.path().join("src")).unwrap();
    directory
}

fn migrations(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory.join("migrations")).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn init_makes_a_first_migration_and_a_build_script_and_says_what_is_left() {
    let directory = new_crate();
    let ran = run(directory.path(), &["init"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let files = migrations(directory.path());
    assert_eq!(files.len(), 1);
    assert!(files[0].ends_with("_users.rs") && files[0].len() == "20260312094500_users.rs".len(), "{files:?}");
    let build = fs::read_to_string(directory.path().join("build.rs")).unwrap();
    assert_eq!(build, "fn main() {\n    println!(\"cargo::rerun-if-changed=migrations\");\n}\n");
    // This program is built in a checkout: the crate of the same version is beside it.
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("migrate-runtime");
    let add = format!("cargo add migrate-runtime --path {} --features cli\n", runtime.display());
    assert!(ran.out.contains(&add) && !ran.out.contains("cargo add tokio"), "{}", ran.out);
    assert!(ran.out.contains("migrate_runtime::migrations!(\"migrations\")"), "{}", ran.out);
}

#[test]
fn a_command_for_databases_is_one_of_the_users_own_program() {
    let directory = new_crate();
    for command in ["up", "down", "status", "verify"] {
        let ran = run(directory.path(), &[command]);
        assert_eq!(ran.code, 2);
        assert!(
            ran.err.contains(&format!("help: run `cargo run -- {command}`; this needs the feature `cli`")),
            "{}",
            ran.err
        );
    }
}

#[test]
fn init_changes_nothing_that_is_there() {
    let directory = new_crate();
    fs::write(directory.path().join("build.rs"), "fn main() {}\n").unwrap();
    run(directory.path(), &["init"]);
    let before = migrations(directory.path());
    let ran = run(directory.path(), &["init"]);
    assert_eq!(migrations(directory.path()), before);
    assert_eq!(fs::read_to_string(directory.path().join("build.rs")).unwrap(), "fn main() {}\n");
    assert!(ran.out.contains("build.rs: add this line"), "{}", ran.out);
}

#[test]
fn new_prints_the_path_and_never_takes_a_version_twice() {
    let directory = new_crate();
    run(directory.path(), &["init"]);
    let inside = directory.path().join("src");
    for name in ["bookings", "hotels", "flights"] {
        let ran = run(&inside, &["new", name]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let text = fs::read_to_string(inside.join(ran.out.trim_end())).unwrap();
        assert!(text.contains("migrate_runtime::migration! {"), "{text}");
    }
    let mut versions: Vec<String> = migrations(directory.path()).iter().map(|file| file[..14].to_string()).collect();
    versions.dedup();
    assert_eq!(versions.len(), 4, "{versions:?}");
    let order: Vec<String> = migrations(directory.path()).iter().map(|file| file[15..].to_string()).collect();
    assert_eq!(order, ["users.rs", "bookings.rs", "hotels.rs", "flights.rs"]);
}

#[test]
fn new_refuses_bad_names_and_a_missing_directory() {
    let directory = new_crate();
    let ran = run(directory.path(), &["new", "Add-Hotels"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.ends_with("`add_hotels`\n"), "{}", ran.err);
    let ran = run(directory.path(), &["new", "hotels"]);
    assert!(ran.err.contains("help: create it with `cargo migrate init`"), "{}", ran.err);
    run(directory.path(), &["init"]);
    let ran = run(directory.path(), &["new", "users"]);
    assert!(ran.err.starts_with("error: a migration of that name already exists: `"), "{}", ran.err);
}

#[test]
fn a_place_without_a_crate_is_explained() {
    let directory = TempDir::new().unwrap();
    let ran = run(directory.path(), &["init"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("cannot find Cargo.toml in ") && ran.err.contains("--manifest-path"), "{}", ran.err);
    fs::write(directory.path().join("Cargo.toml"), "[workspace]\nmembers = []\n").unwrap();
    let ran = run(directory.path(), &["init"]);
    assert!(ran.err.contains("is a workspace without a package"), "{}", ran.err);
}

#[test]
fn manifest_path_and_dir_name_another_place() {
    let (directory, elsewhere) = (new_crate(), TempDir::new().unwrap());
    let manifest = directory.path().join("Cargo.toml");
    let ran = run(elsewhere.path(), &["init", "--dir", "db/history", "--manifest-path", manifest.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(directory.path().join("db/history").is_dir());
    let build = fs::read_to_string(directory.path().join("build.rs")).unwrap();
    assert!(build.contains("rerun-if-changed=db/history"), "{build}");
}

#[test]
fn explain_documents_a_code_and_usage_errors_exit_with_two() {
    let directory = TempDir::new().unwrap();
    let ran = run(directory.path(), &["explain", "[unknown_column]"]);
    assert!(ran.out.starts_with("unknown_column: "), "{}", ran.out);
    assert_eq!(run(directory.path(), &["explain", "nonsense"]).code, 1);
    assert_eq!(run(directory.path(), &["nonsense"]).code, 2);
    assert_eq!(run(directory.path(), &["--help"]).code, 0);
}

/// A crate with one migration that is not formatted, and one that is.
fn crate_with_migrations() -> TempDir {
    let directory = new_crate();
    let folder = directory.path().join("migrations");
    fs::create_dir(&folder).unwrap();
    fs::write(
        folder.join("0001_users.rs"),
        "migrate_runtime::migration! {\n  create table users{id:int primary key}\n}\n",
    )
    .unwrap();
    fs::write(folder.join("0002_more.rs"), "migrate_runtime::migration! {\n    create schema more;\n}\n").unwrap();
    directory
}

const USERS: &str = "migrate_runtime::migration! {\n    create table users { id: int primary key }\n}\n";

#[test]
fn fmt_writes_what_changes_and_says_so() {
    let directory = crate_with_migrations();
    let path = directory.path().join("migrations/0001_users.rs");
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    #[cfg(unix)]
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o640);
    fs::set_permissions(&path, permissions).unwrap();
    let permissions = fs::metadata(&path).unwrap().permissions();
    let ran = run(directory.path(), &["fmt"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "formatted migrations/0001_users.rs\n", ""));
    assert_eq!(fs::read_to_string(&path).unwrap(), USERS);
    assert_eq!(fs::metadata(&path).unwrap().permissions(), permissions);
    assert_eq!(migrations(directory.path()), ["0001_users.rs", "0002_more.rs"]);
    let ran = run(directory.path(), &["fmt"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "", ""));
    assert_eq!(run(directory.path(), &["fmt", "--check"]).code, 0);
}

#[test]
fn fmt_check_shows_the_difference_and_writes_nothing() {
    let directory = crate_with_migrations();
    let before = fs::read_to_string(directory.path().join("migrations/0001_users.rs")).unwrap();
    let ran = run(directory.path(), &["fmt", "--check"]);
    assert_eq!(ran.code, 1);
    assert_eq!(
        ran.out,
        "--- migrations/0001_users.rs\n+++ migrations/0001_users.rs (formatted)\n@@ -1,3 +1,3 @@\n migrate_runtime::migration! {\n\
         -  create table users{id:int primary key}\n+    create table users { id: int primary key }\n }\n"
    );
    assert_eq!(ran.err, "error: 1 file is not formatted\nhelp: run `cargo migrate fmt`\n");
    assert_eq!(fs::read_to_string(directory.path().join("migrations/0001_users.rs")).unwrap(), before);
    let ran = run(directory.path(), &["fmt", "--check", "migrations/0002_more.rs"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
}

#[test]
fn fmt_formats_the_others_where_one_cannot_be() {
    let directory = crate_with_migrations();
    let folder = directory.path().join("migrations");
    fs::write(folder.join("0003_wrong.rs"), "migrate_runtime::migration! {\n    create tabel b { }\n}\n").unwrap();
    fs::write(folder.join("0004_open.rs"), "migrate_runtime::migration! {\n    create table b {\n}\n").unwrap();
    fs::write(folder.join("0005_none.rs"), "fn f() {}\n").unwrap();
    fs::write(folder.join("0006_bytes.rs"), b"// a\n\xff").unwrap();
    let ran = run(directory.path(), &["fmt"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, "formatted migrations/0001_users.rs\n"));
    for expected in [
        "error: migrations/0003_wrong.rs:2:12: expected an object after `create`, found `tabel`",
        "error: migrations/0004_open.rs:1:29: `{` is not closed\n",
        "error: migrations/0005_none.rs: it has no `migration!` block\n",
        "error: migrations/0006_bytes.rs:2:1: this is not UTF-8\n",
    ] {
        assert!(ran.err.contains(expected), "{expected}\n{}", ran.err);
    }
    let ran = run(directory.path(), &["fmt", "nothing.rs"]);
    assert!(ran.code == 1 && ran.err.starts_with("error: nothing.rs: cannot read it: "), "{}", ran.err);
}

#[test]
fn fmt_tells_programs_the_same() {
    let directory = crate_with_migrations();
    let json = |arguments: &[&str]| -> (i32, serde_json::Value) {
        let ran = run(directory.path(), arguments);
        (ran.code, serde_json::from_str(&ran.out).unwrap())
    };
    let (code, found) = json(&["fmt", "--check", "--json"]);
    assert_eq!((code, &found["formatted"]), (1, &serde_json::Value::Bool(false)));
    assert_eq!(found["files"][0]["outcome"], "unformatted");
    assert!(found["files"][0]["difference"].as_str().unwrap().starts_with("--- migrations/0001_users.rs\n"));
    assert_eq!(found["files"][1]["outcome"], "unchanged");
    assert_eq!(json(&["fmt", "--json", "migrations"]).1["files"][0]["outcome"], "formatted");
    let (code, found) = json(&["fmt", "--json", "src/none.rs"]);
    assert_eq!((code, &found["files"][0]["outcome"]), (1, &serde_json::Value::from("failed")));
}

/// Runs `fmt --stdin` with a text, and a program in the place of rustfmt.
fn through(directory: &Path, text: &str, arguments: &[&str], rustfmt: Option<&str>) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-migrate"));
    command.args(["migrate", "fmt", "--stdin"]).args(arguments).current_dir(directory);
    if let Some(rustfmt) = rustfmt {
        command.env("RUSTFMT", rustfmt);
    }
    let piped = std::process::Stdio::piped;
    let mut child = command.stdin(piped()).stdout(piped()).stderr(piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

#[test]
fn fmt_of_standard_input_takes_the_place_of_rustfmt() {
    let directory = new_crate();
    let source =
        "use   std::fs;\nmigrate_runtime::migration!{\n create table users{id:int primary key}\n}\nasync fn  f( ){}\n";
    let expected = format!("use std::fs;\n{USERS}async fn f() {{}}\n");
    let ran = through(directory.path(), source, &["--edition", "2021"], None);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, expected.as_str(), ""));
    let again = through(directory.path(), &ran.out, &["--edition", "2021", "--check"], None);
    assert_eq!((again.code, again.out.as_str()), (0, ""));
    let other = through(directory.path(), "fn  main( ){}", &["--edition", "2021"], None);
    assert_eq!(other.out, "fn main() {}\n");
}

#[test]
fn fmt_of_standard_input_says_what_is_wrong() {
    let directory = new_crate();
    let ran = through(directory.path(), "fn f() {}\n", &[], Some("no-such-rustfmt"));
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.starts_with("error: cannot run `no-such-rustfmt`: ") && ran.err.contains("help: install it"),
        "{}",
        ran.err
    );
    let ran = through(directory.path(), "fn f( {}\n", &["--edition", "2021"], None);
    assert!(
        ran.code == 1 && ran.err.starts_with("error: rustfmt does not format the code around the blocks\n"),
        "{}",
        ran.err
    );
    let ran = through(directory.path(), "\nmigration! { create tabel a { } }\n", &["--edition", "2021"], None);
    assert!(ran.code == 1 && ran.err.starts_with("error: <stdin>:2:21: "), "{}", ran.err);
    assert_eq!(through(directory.path(), "", &["a.rs"], None).code, 2);
}

#[test]
fn lint_shows_what_is_regretted_later() {
    let directory = new_crate();
    let folder = directory.path().join("migrations");
    fs::create_dir(&folder).unwrap();
    let block = |items: &str| format!("migrate_runtime::migration! {{\n    {items}\n}}\n");
    fs::write(folder.join("0001_users.rs"), block("create table users { id: bigint primary key, at: timestamp }"))
        .unwrap();
    let ran = run(directory.path(), &["lint"]);
    assert_eq!(ran.code, 1);
    assert_eq!(
        ran.out,
        "migrations/0001_users.rs:2:54: warning: `at` is a timestamp without a time zone [timestamp_without_zone]\n  \
         help: write \
         `timestamptz`, or write `#[allow(timestamp_without_zone, reason = \"...\")]`\n"
    );
    let ran = run(directory.path(), &["lint", "--json"]);
    let found: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        (ran.code, &found["findings"][0]["code"], &found["findings"][0]["line"]),
        (1, &"timestamp_without_zone".into(), &2.into())
    );
    fs::write(folder.join("0002_right.rs"), block("alter table users alter att: timestamptz;")).unwrap();
    let ran = run(directory.path(), &["lint", "--postgres", "16"]);
    assert!(
        ran.code == 1 && ran.out.starts_with("migrations/0002_right.rs:2:29: error: cannot find column `att`"),
        "{}",
        ran.out
    );
    fs::write(folder.join("0002_right.rs"), block("alter table users alter at: timestamptz;")).unwrap();
    let ran = run(directory.path(), &["lint"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
}
