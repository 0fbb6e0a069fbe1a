//! The commands, in crates of their own.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn run(directory: &Path, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-migrate"))
        .arg("migrate")
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

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
            ran.err.contains(&format!("help: run `cargo run -- {command}`; that needs the feature `cli`")),
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
    assert!(ran.err.starts_with("error: there is a migration of that name: `"), "{}", ran.err);
}

#[test]
fn a_place_without_a_crate_is_explained() {
    let directory = TempDir::new().unwrap();
    let ran = run(directory.path(), &["init"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("there is no Cargo.toml in ") && ran.err.contains("--manifest-path"), "{}", ran.err);
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
