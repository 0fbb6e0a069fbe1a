//! The files of a schema: one, or all in a directory and in those below it.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;

use super::Part;
use crate::history::{find_macro, only_macro, tokens_of};

/// A file of a schema.
pub(crate) struct File {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// The file, relative to the crate.
    pub(crate) relative: String,
    /// What stands in its block.
    pub(crate) tokens: TokenStream,
    /// Whether there is a block in it.
    pub(crate) has_block: bool,
    /// Whether rustc must see it as a module, to resolve its names.
    pub(crate) is_module: bool,
}

impl File {
    fn read(path: PathBuf, crate_root: &Path) -> Self {
        let relative = path.strip_prefix(crate_root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let whole = tokens_of(&path);
        let only = whole.as_ref().and_then(|tokens| only_macro(tokens, "schema"));
        let is_module = only.is_none();
        let block = only.or_else(|| find_macro(whole.clone()?, "schema"));
        // What is not Rust is for rustc to say.
        let has_block = block.is_some() || whole.is_none();
        File { path, relative, tokens: block.unwrap_or_default(), has_block, is_module }
    }

    pub(crate) fn part(&self) -> Part {
        Part { file: self.relative.clone(), tokens: self.tokens.clone() }
    }
}

/// Reads a schema, in the order of its files' names.
pub(crate) fn read(path: &Path, crate_root: &Path) -> Result<Vec<File>, String> {
    let mut paths = Vec::new();
    if path.is_dir() {
        find(path, &mut paths).map_err(|error| error.to_string())?;
    } else {
        fs::metadata(path).map_err(|error| error.to_string())?;
        paths.push(path.to_owned());
    }
    paths.sort_unstable();
    Ok(paths.into_iter().map(|path| File::read(path, crate_root)).collect())
}

fn find(directory: &Path, paths: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        // Editors and macOS put files of their own there.
        let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if is_hidden {
            continue;
        }
        if path.is_dir() {
            find(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("mod.rs") {
            paths.push(path);
        }
    }
    Ok(())
}
