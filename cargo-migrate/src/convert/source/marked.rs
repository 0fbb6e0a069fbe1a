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

/// Reads it; what is before the first migration, and the statements that the tool needs for itself, are left out.
pub(super) fn read(
    directory: &Directory,
    file: &str,
    begins: impl Fn(&str) -> Option<Begins>,
    is_own: impl Fn(&str) -> bool,
) -> Result<History, Failure> {
    let text = directory.text(file)?;
    let mut parts: Vec<(Begins, usize, String)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if let Some(found) = begins(line) {
            parts.push((found, index + 2, String::new()));
        } else if let Some((_, _, text)) = parts.last_mut() {
            text.push_str(line);
            text.push('\n');
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
