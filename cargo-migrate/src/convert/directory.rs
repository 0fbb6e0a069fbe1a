//! The files of another tool.

use std::fs;
use std::path::{Path, PathBuf};

use super::placeholder::Placeholders;
use crate::failure::Failure;

/// How deep the directories of a history lie in each other at most.
const DEPTH: usize = 4;

/// A directory with everything in it, or a single file.
#[derive(Debug)]
pub(crate) struct Directory {
    root: PathBuf,
    /// Paths from the root with `/`, in the order of their names.
    files: Vec<String>,
    is_file: bool,
    placeholders: Placeholders,
}

impl Directory {
    pub(crate) fn read(root: &Path) -> Result<Self, Failure> {
        let kind = fs::metadata(root).map_err(|error| {
            Failure::file("read", root, &error)
                .help("name the directory with the migrations of the other tool, relative to the current directory")
        })?;
        let mut files = Vec::new();
        if kind.is_file() {
            let name = root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            files.push(name);
            let parent = root.parent().map(Path::to_path_buf).unwrap_or_default();
            return Ok(Directory { root: parent, files, is_file: true, placeholders: Placeholders::default() });
        }
        list(root, "", 0, &mut files)?;
        files.sort();
        Ok(Directory { root: root.to_path_buf(), files, is_file: false, placeholders: Placeholders::default() })
    }

    /// The same with what stands for the placeholders in its files.
    pub(crate) fn with(self, placeholders: Placeholders) -> Self {
        Directory { placeholders, ..self }
    }

    /// A part of a file, which begins at this line, with what stands for its placeholders.
    pub(crate) fn filled(&self, file: &str, text: &str, first_line: usize) -> Result<String, Failure> {
        self.placeholders.fill(&self.path(file), text, first_line)
    }

    /// A line of a file with what stands for its placeholders, those without braces as well.
    pub(crate) fn expanded(&self, file: &str, line: &str, number: usize) -> Result<String, Failure> {
        self.placeholders.expand(&self.path(file), line, number)
    }

    /// Whether it is a single file that was named.
    pub(crate) fn is_file(&self) -> bool {
        self.is_file
    }

    /// All files, as paths from the directory.
    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str)
    }

    /// The files that lie in the directory itself and end like this.
    pub(crate) fn here(&self, ending: &str) -> impl Iterator<Item = &str> {
        self.files().filter(move |file| !file.contains('/') && file.ends_with(ending))
    }

    /// Whether it lies in a crate.
    pub(crate) fn is_in_crate(&self) -> bool {
        let root = self.root.canonicalize().unwrap_or_else(|_| self.root.clone());
        root.ancestors().any(|directory| directory.join("Cargo.toml").is_file())
    }

    pub(crate) fn has(&self, file: &str) -> bool {
        self.files().any(|one| one == file)
    }

    /// A file as the user would name it.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.root.join(file)
    }

    /// What is in a file.
    pub(crate) fn text(&self, file: &str) -> Result<String, Failure> {
        let path = self.path(file);
        let text = fs::read_to_string(&path).map_err(|error| Failure::file("read", &path, &error))?;
        // Some editors begin a file with a byte order mark.
        Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
    }
}

fn list(root: &Path, below: &str, depth: usize, files: &mut Vec<String>) -> Result<(), Failure> {
    let directory = root.join(below);
    let entries = fs::read_dir(&directory).map_err(|error| Failure::file("read", &directory, &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| Failure::file("read", &directory, &error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let relative = if below.is_empty() { name } else { format!("{below}/{name}") };
        if entry.path().is_dir() {
            if depth < DEPTH {
                list(root, &relative, depth + 1, files)?;
            }
        } else {
            files.push(relative);
        }
    }
    Ok(())
}
