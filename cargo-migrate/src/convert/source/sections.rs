//! Files in which comments tell what is up and what is down.

use super::{Directory, Failure, History, by_number, numbered};
use crate::convert::history::Theirs;
use crate::convert::script::Script;

/// What a line is.
pub(super) enum Mark {
    /// The up begins behind it.
    Up { in_transaction: bool },
    /// The down begins behind it.
    Down { in_transaction: bool },
    /// Nothing of the file is in a transaction.
    Alone,
    /// What stands behind it has placeholders, or has none anymore.
    Placeholders { are_filled: bool },
}

/// The history of files `VERSION_name.sql`; `up` is the mark that each of them has.
pub(super) fn history(
    directory: &Directory,
    up: &str,
    mark: impl Fn(&str) -> Option<Mark>,
) -> Result<History, Failure> {
    let missing = |file: &str| Failure::new(format!("{}: cannot find `{up}`", directory.path(file).display()));
    let mut history = History::default();
    for file in directory.here(".sql") {
        let Some((version, name)) = numbered(file.trim_end_matches(".sql")) else {
            history.left_out.push(format!("`{file}`: the name does not begin with a version"));
            continue;
        };
        let (up, down) = read(directory, file, &mark)?;
        let up = up.ok_or_else(|| missing(file))?;
        history.migrations.push(Theirs { version: version.to_owned(), name: name.to_owned(), up, down });
    }
    history.migrations.sort_by_cached_key(|one| by_number(&one.version));
    Ok(history)
}

/// The up and the down of a file.
fn read(
    directory: &Directory,
    file: &str,
    mark: impl Fn(&str) -> Option<Mark>,
) -> Result<(Option<Script>, Option<Script>), Failure> {
    let text = directory.text(file)?;
    let mut parts: [Option<(usize, String, bool)>; 2] = [None, None];
    let mut current = None;
    let mut alone = false;
    let mut is_filled = false;
    for (index, line) in text.lines().enumerate() {
        let (part, in_transaction) = match mark(line) {
            Some(Mark::Alone) => {
                alone = true;
                continue;
            }
            Some(Mark::Up { in_transaction }) => (0, in_transaction),
            Some(Mark::Down { in_transaction }) => (1, in_transaction),
            other => {
                let mut line = line.to_owned();
                if let Some(Mark::Placeholders { are_filled }) = other {
                    is_filled = are_filled;
                } else if is_filled {
                    line = directory.expanded(file, &line, index + 1)?;
                }
                if let Some((_, text, _)) = current.and_then(|part: usize| parts[part].as_mut()) {
                    text.push_str(&line);
                    text.push('\n');
                }
                continue;
            }
        };
        if parts[part].is_some() {
            let path = directory.path(file);
            return Err(Failure::new(format!("{}:{}: duplicate marker", path.display(), index + 1)));
        }
        parts[part] = Some((index + 2, String::new(), in_transaction));
        current = Some(part);
    }
    let path = directory.path(file);
    let script = |part: Option<(usize, String, bool)>| {
        let Some((line, text, in_transaction)) = part else { return Ok(None) };
        let script = Script::read(&path, &text, line)?;
        Ok::<_, Failure>(Some(script.without_transaction(alone || !in_transaction)))
    };
    let [up, down] = parts;
    Ok((script(up)?, script(down)?))
}

/// Whether the first file has such a line.
pub(super) fn are_here(directory: &Directory, mark: impl Fn(&str) -> Option<Mark>) -> Result<bool, Failure> {
    match directory.here(".sql").next() {
        Some(file) => Ok(directory.text(file)?.lines().any(|line| mark(line).is_some())),
        None => Ok(false),
    }
}
