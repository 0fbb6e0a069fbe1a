//! Files in which comments tell what is up and what is down.

use super::{Directory, Failure};
use crate::convert::script::Script;

/// What a line is.
pub(super) enum Mark {
    /// The up begins behind it.
    Up { in_transaction: bool },
    /// The down begins behind it.
    Down { in_transaction: bool },
    /// Nothing of the file is in a transaction.
    Alone,
}

/// The up and the down of a file.
pub(super) fn read(
    directory: &Directory,
    file: &str,
    mark: impl Fn(&str) -> Option<Mark>,
) -> Result<(Option<Script>, Option<Script>), Failure> {
    let text = directory.text(file)?;
    let mut parts: [Option<(usize, String, bool)>; 2] = [None, None];
    let mut current = None;
    let mut alone = false;
    for (index, line) in text.lines().enumerate() {
        let (part, in_transaction) = match mark(line) {
            Some(Mark::Alone) => {
                alone = true;
                continue;
            }
            Some(Mark::Up { in_transaction }) => (0, in_transaction),
            Some(Mark::Down { in_transaction }) => (1, in_transaction),
            None => {
                if let Some((_, text, _)) = current.and_then(|part: usize| parts[part].as_mut()) {
                    text.push_str(line);
                    text.push('\n');
                }
                continue;
            }
        };
        if parts[part].is_some() {
            let path = directory.path(file);
            return Err(Failure::new(format!("{}:{}: the same mark stands twice", path.display(), index + 1)));
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

/// Whether a file has such a line.
pub(super) fn has(directory: &Directory, file: &str, mark: impl Fn(&str) -> Option<Mark>) -> Result<bool, Failure> {
    Ok(directory.text(file)?.lines().any(|line| mark(line).is_some()))
}
