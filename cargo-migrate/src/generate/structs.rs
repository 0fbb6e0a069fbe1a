//! The structs of the crate.

use std::fs;
use std::path::{Path, PathBuf};

use migrate_compiler::{History, Structs};

use crate::failure::Failure;
use crate::finding::as_text;
use crate::project::{Project, shown};

/// What the structs in the crate's sources want.
pub(super) fn read(project: &Project, history: &History) -> Result<Structs, Failure> {
    let sources = project.path("src");
    let mut paths = Vec::new();
    find(&sources, &mut paths).map_err(|error| Failure::file("read", &sources, &error))?;
    paths.sort_unstable();
    let mut files = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).map_err(|error| Failure::file("read", &path, &error))?;
        // Most files have none, and are not worth reading as Rust.
        if text.contains("Table") {
            files.push((shown(&path), text));
        }
    }
    let structs = history.with_structs(&files, &project.directory_in_source()).map_err(|findings| {
        let each: String = findings.iter().map(as_text).collect();
        Failure::new(format!("the structs have mistakes\n{}", each.trim_end()))
    })?;
    if structs.count == 0 {
        return Err(Failure::new(format!("no struct in `{}` is for a table of the migrations", shown(&sources)))
            .help("write `#[derive(migrate_runtime::Table)] #[table(bookings)]` before those that are"));
    }
    Ok(structs)
}

fn find(directory: &Path, paths: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
    Ok(())
}
