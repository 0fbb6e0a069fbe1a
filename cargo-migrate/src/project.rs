//! The crate that has the migrations.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::Place;
use crate::failure::Failure;
use crate::version::Existing;

/// The crate that has the migrations.
#[derive(Debug)]
pub(crate) struct Project {
    root: PathBuf,
    manifest: String,
    /// The directory of the migrations, from the crate's directory.
    directory: PathBuf,
}

impl Project {
    /// Finds the crate.
    pub(crate) fn find(place: &Place) -> Result<Self, Failure> {
        let path = match &place.manifest_path {
            Some(path) if path.is_dir() => path.join("Cargo.toml"),
            Some(path) => path.clone(),
            None => nearest_manifest()?,
        };
        let manifest = fs::read_to_string(&path).map_err(|error| Failure::file("read", &path, &error))?;
        if !manifest.lines().any(|line| line.trim_start().starts_with("[package]")) {
            return Err(Failure::new(format!("`{}` is a workspace without a package of its own", path.display()))
                .help("go to the directory of a crate, or name it with `--manifest-path CRATE/Cargo.toml`"));
        }
        let root = path.parent().map(Path::to_path_buf).unwrap_or_default();
        Ok(Project { root, manifest, directory: place.dir.clone() })
    }

    /// A file of the crate.
    pub(crate) fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// The directory of the migrations.
    pub(crate) fn migrations(&self) -> PathBuf {
        self.root.join(&self.directory)
    }

    /// The directory of the migrations, which is there; `made_by` is the command that makes it.
    pub(crate) fn existing_directory(&self, made_by: &str) -> Result<PathBuf, Failure> {
        let directory = self.migrations();
        match directory.is_dir() {
            true => Ok(directory),
            false => Err(Failure::new(format!("cannot find directory `{}`", shown(&directory)))
                .help(format!("create it with `{made_by}`, or name another one with `--dir DIRECTORY`"))),
        }
    }

    /// The directory of the migrations as the source names it: from the crate's directory, with `/`.
    pub(crate) fn directory_in_source(&self) -> String {
        self.directory.to_string_lossy().replace('\\', "/")
    }

    /// Whether the manifest names a dependency.
    pub(crate) fn depends_on(&self, package: &str) -> bool {
        self.manifest.lines().any(|line| {
            let line = line.trim_start();
            let is_key = line.strip_prefix(package).is_some_and(|rest| rest.trim_start().starts_with(['=', '.']));
            is_key || line.starts_with('[') && line.trim_end().ends_with(&format!("dependencies.{package}]"))
        })
    }

    /// The migrations that are there.
    pub(crate) fn existing(&self) -> Result<Vec<Existing>, Failure> {
        let directory = self.migrations();
        let entries = fs::read_dir(&directory).map_err(|error| Failure::file("read", &directory, &error))?;
        let mut existing: Vec<Existing> =
            entries.filter_map(|entry| Existing::of_file(&entry.ok()?.file_name().to_string_lossy())).collect();
        existing.sort();
        Ok(existing)
    }
}

fn nearest_manifest() -> Result<PathBuf, Failure> {
    let start =
        std::env::current_dir().map_err(|error| Failure::file("find the current directory", Path::new("."), &error))?;
    let found = start.ancestors().map(|directory| directory.join("Cargo.toml")).find(|path| path.is_file());
    found.ok_or_else(|| {
        Failure::new(format!("cannot find Cargo.toml in `{}` or any parent directory", start.display()))
            .help("go to the directory of a crate, or name it with `--manifest-path CRATE/Cargo.toml`")
    })
}

/// Writes a file that must not be there yet.
pub(crate) fn create(path: &Path, text: &str) -> Result<(), Failure> {
    let created = fs::File::options().write(true).create_new(true).open(path);
    created.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| Failure::file("write", path, &error))
}

/// A path as the user would write it: from the current directory where it is below it.
pub(crate) fn shown(path: &Path) -> String {
    let current = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(current).unwrap_or(path).display().to_string()
}
