//! The rules between the crates.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// The crates that end up in a binary that depends on this one: without what only its build or its macros need.
fn crates_in_binary_of(package: &str, features: &[&str]) -> BTreeSet<String> {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root()).args(["tree", "--offline", "--locked", "--prefix", "none", "--format", "{p}"]);
    command.args(["--edges", "normal,no-proc-macro", "--package", package]);
    if !features.is_empty() {
        command.args(["--features", &features.join(",")]);
    }
    let output = command.output().expect("cargo tree");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect()
}

fn assert_without(package: &str, features: &[&str], forbidden: &[&str]) {
    let found = crates_in_binary_of(package, features);
    assert!(found.contains(package), "cargo tree says nothing about {package}");
    let wrong: Vec<&&str> = forbidden.iter().filter(|name| found.contains(**name)).collect();
    assert!(wrong.is_empty(), "{package} must not contain {wrong:?}");
}

#[test]
fn core_is_pure() {
    assert_without("migrate-model", &[], &["syn", "proc-macro2", "quote", "sqlx", "sqlx-core", "tokio"]);
}

#[test]
fn a_binary_of_the_user_contains_no_compiler() {
    let compiler = ["migrate-compiler", "syn", "proc-macro2", "quote", "litrs"];
    assert_without("migrate-runtime", &[], &compiler);
    assert_without("migrate-runtime", &["cli"], &compiler);
}

#[test]
fn a_binary_of_the_user_contains_no_command_line_unless_asked_for() {
    assert_without("migrate-runtime", &[], &["clap", "indicatif", "comfy-table", "tabled", "anstream"]);
    assert!(crates_in_binary_of("migrate-runtime", &["cli"]).contains("clap"));
}

#[test]
fn the_macro_side_stays_light() {
    assert_without("migrate-compiler", &[], &["syn", "serde", "serde_json", "sqlx", "sqlx-core", "tokio", "clap"]);
    let count = crates_in_binary_of("migrate-compiler", &[]).len();
    assert!(count <= 10, "migrate-compiler needs {count} crates");
}

/// The Rust files below a folder.
fn sources(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the workspace") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    assert!(!files.is_empty(), "{folder} has no sources");
    files
}

#[test]
fn core_does_no_input_or_output() {
    for path in sources("migrate-core/src") {
        let text = fs::read_to_string(&path).expect("a source file");
        // A length of time is not a clock.
        let text = text.replace("std::time::Duration", "");
        for forbidden in ["std::fs", "std::env", "std::net", "std::time", "std::process", "std::io"] {
            assert!(!text.contains(forbidden), "{} uses {forbidden}", path.display());
        }
    }
}

#[test]
fn an_item_of_the_language_knows_no_other_item() {
    let items: Vec<String> = migrate_compiler::item_names().map(str::to_owned).collect();
    for path in sources("migrate-compiler/src/ops") {
        let text = fs::read_to_string(&path).expect("a source file");
        let own = path.file_stem().and_then(|stem| stem.to_str()).expect("a name");
        for item in items.iter().filter(|item| *item != own) {
            let mentions = [format!("super::{item}::"), format!("crate::ops::{item}::")];
            assert!(!mentions.iter().any(|mention| text.contains(mention)), "{} uses {item}", path.display());
        }
    }
}

#[test]
fn sql_is_quoted_in_the_writer_only() {
    for folder in ["migrate-core/src/operation", "migrate-compiler/src", "migrate-runtime/src"] {
        for path in sources(folder) {
            let text = fs::read_to_string(&path).expect("a source file");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            assert!(!code.contains("replace('\\'', \"''\")"), "{} quotes by itself", path.display());
            assert!(!code.contains("replace('\"', \"\\\"\\\"\")"), "{} quotes by itself", path.display());
        }
    }
}
