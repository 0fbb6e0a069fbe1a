//! A history and the schema beside it, folded without rustc: for the command line.

use std::path::Path;
use std::str::FromStr as _;

use migrate_core::catalog::Catalog;
use proc_macro2::{Span, TokenStream};

use super::compare::Comparison;
use super::directory::{self, File};
use super::renamed::{self, Rename};
use super::{Part, Schema, compile};
use crate::diagnostic::code;
use crate::diagnostic::code::Level;
use crate::history::{DEFAULT_POSTGRES, fold_directory, last_state, open_directory};
use crate::inline::History;
use crate::lint::{Finding, about_the_directory};

/// A schema beside a history.
pub struct Beside {
    /// What the schema says.
    pub schema: Catalog,
    /// What it says was called otherwise before, and is still called so by the migrations.
    pub renames: Vec<Rename>,
    /// What differs, as the compiler tells it.
    pub differences: Vec<Finding>,
    /// The files of the schema, from the root.
    pub files: Vec<String>,
}

impl History {
    /// Folds the files of a directory; `postgres` is the oldest version to serve.
    ///
    /// # Errors
    /// All mistakes in them.
    pub fn of_directory(directory: &Path, root: &Path, postgres: Option<u32>) -> Result<Self, Vec<Finding>> {
        let (directory, root) = (canonical(directory), canonical(root));
        let (_, mistakes) = open_directory(&directory, &root, postgres.unwrap_or(DEFAULT_POSTGRES));
        let mut findings: Vec<Finding> = mistakes.iter().map(about_the_directory).collect();
        let folded = fold_directory(&directory);
        for one in &folded {
            let mistakes = one.compiled.mistakes.iter();
            findings.extend(mistakes.map(|mistake| Finding::of(mistake, &one.compiled.source)));
        }
        let newest = folded.last().map(|newest| newest.file.identity.file.clone());
        match last_state(&directory, &root, postgres) {
            Some((state, postgres)) if findings.is_empty() => Ok(History { state, postgres, newest }),
            _ => Err(findings),
        }
    }

    /// Reads a schema, in a directory or in a file, and compares it.
    ///
    /// # Errors
    /// All mistakes in it.
    pub fn beside(&self, path: &Path, root: &Path) -> Result<Beside, Vec<Finding>> {
        let (path, root) = (canonical(path), canonical(root));
        let unreadable = |message: String, help: &str| {
            let (file, help) = (String::new(), vec![help.to_owned()]);
            let (level, code) = (Level::Mistake, code::INVALID_FILE_NAME.name);
            vec![Finding { file, line: 0, column: 0, level, code, message, help, notes: Vec::new() }]
        };
        let shown = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
        let files = directory::read(&path, &root).map_err(|why| {
            unreadable(format!("cannot read the schema `{shown}`: {why}"), "`cargo migrate schema` writes it")
        })?;
        if let Some(file) = files.iter().find(|file| !file.has_block) {
            let message = format!("`{}` has no `schema! {{ ... }}` in it", file.relative);
            return Err(unreadable(
                message,
                "write `migrate_runtime::schema! { ... }`, or move it to another directory",
            ));
        }
        let parts = files.iter().map(File::part).collect();
        let schema = compile(parts, Span::call_site(), &self.state, self.postgres);
        if !schema.mistakes.is_empty() {
            return Err(schema.mistakes.iter().map(|mistake| Finding::of(mistake, &schema.source)).collect());
        }
        let files = files.into_iter().map(|file| file.relative).collect();
        self.compared(schema, files)
    }

    /// Reads a schema that is written as a text, and compares it.
    ///
    /// # Errors
    /// All mistakes in it.
    pub fn beside_text(&self, text: &str) -> Result<Beside, Vec<Finding>> {
        let tokens = TokenStream::from_str(text).map_err(|error| {
            let place = error.span().start();
            let (line, column) = (u32::try_from(place.line).unwrap_or(0), u32::try_from(place.column).unwrap_or(0) + 1);
            let (level, code, help) = (Level::Mistake, code::SYNTAX.name, Vec::new());
            let (file, message, notes) = (String::new(), error.to_string(), Vec::new());
            vec![Finding { file, line, column, level, code, message, help, notes }]
        })?;
        let part = Part { file: String::new(), tokens };
        let schema = compile(vec![part], Span::call_site(), &self.state, self.postgres);
        if !schema.mistakes.is_empty() {
            return Err(schema.mistakes.iter().map(|mistake| Finding::of(mistake, &schema.source)).collect());
        }
        self.compared(schema, Vec::new())
    }

    fn compared(&self, schema: Schema, files: Vec<String>) -> Result<Beside, Vec<Finding>> {
        let (renames, _, mistakes) = renamed::all(&schema.spots.renamed, &schema.catalog, &self.state);
        if !mistakes.is_empty() {
            return Err(mistakes.iter().map(|mistake| Finding::of(mistake, &schema.source)).collect());
        }
        let comparison = Comparison::of(&schema, &self.state);
        let in_schema = comparison.in_schema.iter().map(|one| Finding::of(one, &schema.source));
        let beyond = comparison.beyond.iter().map(|one| {
            let file = self.newest.clone().unwrap_or_default();
            Finding { file, line: 0, column: 0, ..Finding::of(one, &schema.source) }
        });
        let differences = in_schema.chain(beyond).collect();
        Ok(Beside { schema: schema.catalog, renames, differences, files })
    }
}

fn canonical(path: &Path) -> std::path::PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
