//! The documentation that is made from code is up to date, and every kind of mistake is shown by a ui case.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use migrate_compiler::diagnostic::code::{self, Level};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// `docs/errors.md`, from the declarations of the codes.
fn errors_page() -> String {
    let mut page = String::from(
        "# Compile errors\n\n\
         Every error of `migration!` ends with one of these names in brackets, and so does every warning: what compiles, and is \
         regretted later. rustc says of warnings that a deprecated constant is used, since it has no others for macros; \
         `#[allow(NAME, reason = \"...\")]` before the item keeps one silent. `cargo migrate explain NAME` shows the same.\n\
         This page is made from `migrate-compiler/src/diagnostic/code.rs`: \
         `UPDATE_DOCUMENTATION=1 cargo test -p tests --test documentation`.\n",
    );
    for code in code::ALL {
        let kind = match code.level {
            Level::Mistake => "What",
            Level::Warning => "What (a warning)",
        };
        write!(
            page,
            "\n## {}\n\n{}: {}.\n\nWhy: {}.\n\nWhat to do: {}.\n\n```text\n{}\n```\n",
            code.name, kind, code.what, code.why, code.fix, code.example
        )
        .expect("a string");
    }
    page
}

#[test]
fn the_page_of_errors_is_made_from_the_codes() {
    let path = root().join("docs/errors.md");
    let page = errors_page();
    if std::env::var_os("UPDATE_DOCUMENTATION").is_some() {
        fs::write(&path, &page).expect("docs/errors.md can be written");
    }
    let found = fs::read_to_string(&path).expect("docs/errors.md");
    assert!(
        found == page,
        "docs/errors.md is out of date; run `UPDATE_DOCUMENTATION=1 cargo test -p tests --test documentation`"
    );
}

#[test]
fn every_code_is_shown_by_a_ui_case() {
    let folder = root().join("tests/ui");
    // What is about whole crates is shown by the tests of those.
    let of_crates = fs::read_to_string(root().join("tests/tests/directory.rs")).expect("the tests of directories");
    let shown: String = fs::read_dir(folder)
        .expect("tests/ui")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "stderr"))
        .map(|path| fs::read_to_string(path).expect("a snapshot"))
        .chain([of_crates])
        .collect();
    let missing: Vec<&str> =
        code::ALL.iter().map(|code| code.name).filter(|name| !shown.contains(&format!("[{name}]"))).collect();
    assert!(missing.is_empty(), "no case in tests/ui shows: {}", missing.join(", "));
}
