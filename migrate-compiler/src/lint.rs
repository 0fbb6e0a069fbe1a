//! All that a directory of migrations is told, without rustc: for the command line and for CI.

use std::path::Path;

use migrate_core::plan::{Migration, Place};

use crate::diagnostic::Diagnostic;
use crate::diagnostic::code::Level;
use crate::expand::describe;
use crate::history::{DEFAULT_POSTGRES, DirectoryError, File, fold_directory, open_directory};
use crate::source::Source;

/// One mistake or warning, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file, from the root; empty for what is about the directory.
    pub file: String,
    /// The line, from 1; 0 for what has no place in a file.
    pub line: u32,
    /// The column, from 1; 0 for what has no place in a file.
    pub column: u32,
    /// Whether it keeps the history from compiling.
    pub level: Level,
    /// The kind, as `cargo migrate explain` knows it.
    pub code: &'static str,
    /// The headline.
    pub message: String,
    /// What to do, each a line.
    pub help: Vec<String>,
    /// Other places and facts, each a line.
    pub notes: Vec<String>,
}

/// Folds the files of a directory, and gives all mistakes; where there are none, all warnings. They are in the order of the
/// files and of their lines. Files are named from the root; `postgres` is the oldest version to serve, as in `migrations!`.
pub fn lint(directory: &Path, root: &Path, postgres: Option<u32>) -> Vec<Finding> {
    let canonical = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let (directory, root) = (canonical(directory), canonical(root));
    let (_, mistakes) = open_directory(&directory, &root, postgres.unwrap_or(DEFAULT_POSTGRES));
    let mut findings: Vec<Finding> = mistakes.iter().map(about_the_directory).collect();
    for folded in fold_directory(&directory) {
        if !folded.has_block {
            findings.push(about_the_directory(&DirectoryError::NoBlock(folded.file.path)));
            continue;
        }
        if let Some((line, column)) = folded.no_token {
            findings.push(no_token(&folded.file, line, column));
            continue;
        }
        let compiled = &folded.compiled;
        let warnings = compiled.warnings.iter().map(|warning| &warning.found);
        let found = compiled.mistakes.iter().chain(warnings);
        findings.extend(found.map(|diagnostic| Finding::of(diagnostic, &compiled.source)));
    }
    findings
}

/// The migrations of a directory, in their order.
///
/// # Errors
/// All mistakes, as [`lint`] gives them.
pub fn compile_directory(directory: &Path, root: &Path, postgres: u32) -> Result<Vec<Migration>, Vec<Finding>> {
    let found = lint(directory, root, Some(postgres));
    let mistakes: Vec<Finding> = found.into_iter().filter(|finding| finding.level == Level::Mistake).collect();
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let directory = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
    Ok(fold_directory(&directory).into_iter().map(|folded| folded.compiled.migration).collect())
}

pub(crate) fn about_the_directory(error: &DirectoryError) -> Finding {
    let (code, message, help) = describe(error);
    let (file, notes) = (String::new(), Vec::new());
    Finding { file, line: 0, column: 0, level: code.level, code: code.name, message, help, notes }
}

/// What rustc says of a file that it cannot read, in fewer words.
fn no_token(file: &File, line: u32, column: u32) -> Finding {
    let text = std::fs::read_to_string(&file.path).unwrap_or_default();
    let rest = text.lines().nth(line.saturating_sub(1) as usize).unwrap_or_default();
    let rest: String = rest.chars().skip(column.saturating_sub(1) as usize).collect();
    let is_text = rest.starts_with('\'');
    let (message, help) = match rest.split('\'').nth(1).filter(|_| is_text && rest.matches('\'').count() > 1) {
        Some(quoted) => (
            format!("`'{quoted}'` is not a Rust literal"),
            format!(
                "write \"{quoted}\": strings are written in double \
                      quotes"
            ),
        ),
        None => ("this is not a Rust token".to_owned(), "check that quotes and brackets are closed".to_owned()),
    };
    Finding {
        file: file.identity.file.clone(),
        line,
        column,
        level: Level::Mistake,
        code: crate::diagnostic::code::SYNTAX.name,
        message,
        help: vec![help],
        notes: Vec::new(),
    }
}

impl Finding {
    pub(crate) fn of(diagnostic: &Diagnostic, source: &Source) -> Self {
        let Place { file, line, column } = source.place(diagnostic.at);
        let Diagnostic { code, message, help, notes, .. } = diagnostic.clone();
        let file = file.into_owned();
        Finding { file, line, column, level: code.level, code: code.name, message, help, notes }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn found(name: &str, files: &[(&str, &str)]) -> Vec<String> {
        let folder = std::env::temp_dir().join(format!("migrate-lint-{}-{name}", std::process::id()));
        fs::create_dir_all(folder.join("migrations")).unwrap();
        for (file, block) in files {
            let text = format!("migrate_runtime::migration! {{\n    {block}\n}}\n");
            fs::write(folder.join("migrations").join(file), text).unwrap();
        }
        let findings = lint(&folder.join("migrations"), &folder, None);
        fs::remove_dir_all(&folder).unwrap();
        let shown = |one: Finding| format!("{}:{}:{} {}", one.file, one.line, one.column, one.code);
        findings.into_iter().map(shown).collect()
    }

    const USERS: (&str, &str) = ("0001_users.rs", "create table users { id: bigint primary key }");
    const TRIPS: (&str, &str) =
        ("0002_trips.rs", "create table trips { id: bigint primary key, user_id: bigint references users }");

    #[test]
    fn warnings_have_their_place() {
        assert_eq!(found("places", &[USERS, TRIPS]), ["migrations/0002_trips.rs:2:66 unindexed_foreign_key"]);
    }

    #[test]
    fn what_a_later_migration_puts_right_is_not_told() {
        let index = ("0003_index.rs", "create index on trips (user_id);");
        assert_eq!(found("later", &[USERS, TRIPS, index]), Vec::<String>::new());
    }

    #[test]
    fn a_text_in_the_quotes_of_sql_has_its_place() {
        let quoted = ("0002_rows.rs", "insert into users (id) values ('one');");
        assert_eq!(found("quotes", &[USERS, quoted]), ["migrations/0002_rows.rs:2:36 syntax"]);
    }

    #[test]
    fn mistakes_come_first() {
        let wrong = ("0003_index.rs", "create index on trips (usr_id);");
        assert_eq!(found("mistakes", &[USERS, TRIPS, wrong]), ["migrations/0003_index.rs:2:28 unknown_column"]);
    }
}
