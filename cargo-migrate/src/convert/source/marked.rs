//! What a tool prints of all its migrations, with a line before each of them.

use super::{Directory, Failure, History};
use crate::convert::history::Theirs;
use crate::convert::script::Script;

/// A migration that begins at a line.
pub(super) struct Begins {
    pub(super) version: String,
    pub(super) name: String,
}

/// The file: the one that was named, or the only one with such lines.
pub(super) fn file(directory: &Directory, begins: impl Fn(&str) -> Option<Begins>) -> Result<Option<&str>, Failure> {
    for file in directory.files() {
        if !(directory.is_file() || file.ends_with(".sql") || file.ends_with(".log")) || file.contains('/') {
            continue;
        }
        if directory.text(file)?.lines().any(|line| begins(line).is_some()) {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

/// Reads it; what is before the first migration, and the statements that the tool needs for itself, are left out. `sql` is what a
/// line has of SQL: a log has other words in it.
pub(super) fn read(
    directory: &Directory,
    file: &str,
    begins: impl Fn(&str) -> Option<Begins>,
    sql: fn(&str) -> &str,
    is_own: impl Fn(&str) -> bool,
) -> Result<History, Failure> {
    let text = directory.text(file)?;
    let mut parts: Vec<(Begins, usize, String)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let sql = sql(line);
        match (begins(line), parts.last_mut()) {
            // The log and the SQL say it both.
            (Some(found), Some((begun, _, text))) if found.version == begun.version && text.trim().is_empty() => {
                text.push('\n');
            }
            (Some(found), _) => parts.push((found, index + 2, String::new())),
            (None, Some((_, _, text))) => {
                text.push_str(sql);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    let mut history = History::default();
    for (Begins { version, name }, line, text) in parts {
        let mut up = Script::read(&directory.path(file), &text, line)?;
        up.statements.retain(|statement| !is_own(&statement.sql));
        history.migrations.push(Theirs { version, name, up, down: None });
    }
    Ok(history)
}
