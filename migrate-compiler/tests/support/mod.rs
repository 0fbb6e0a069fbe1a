//! The cases of the acceptance tests.
#![allow(clippy::expect_used, reason = "a test")]

use std::fs;
use std::path::{Path, PathBuf};

/// The files of all cases, sorted.
pub(crate) fn cases() -> Vec<PathBuf> {
    let mut paths = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("cases/ can be read") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    paths
}

/// A case as its folder and its file.
pub(crate) fn name(path: &Path) -> String {
    let folder = path.parent().and_then(Path::file_name).expect("a folder").to_string_lossy();
    format!("{folder}/{}", path.file_stem().expect("a name").to_string_lossy())
}
