//! What somebody changes in a migration that was written for them.

use libtest_mimic::Failed;

/// Replaces lines: those that begin with `-` by those with `+` behind them, wherever they are indented. All of it must be there
/// once.
pub(crate) fn apply(text: &str, edit: &str) -> Result<String, Failed> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for Change { old, new } in changes(edit)? {
        let is_here = |window: &[String]| window.iter().zip(&old).all(|(line, old)| line.trim() == old.trim());
        let places: Vec<usize> =
            lines.windows(old.len()).enumerate().filter(|(_, window)| is_here(window)).map(|(at, _)| at).collect();
        let [at] = places.as_slice() else {
            return Err(format!("{} places for the edit of\n{}\nin\n{text}", places.len(), old.join("\n")).into());
        };
        lines.splice(*at..at + old.len(), new);
    }
    Ok(lines.join("\n"))
}

struct Change {
    old: Vec<String>,
    new: Vec<String>,
}

/// A change is a paragraph.
fn changes(edit: &str) -> Result<Vec<Change>, Failed> {
    let mut changes = Vec::new();
    for paragraph in edit.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
        let mut change = Change { old: Vec::new(), new: Vec::new() };
        for line in paragraph.trim_matches('\n').lines() {
            match (line.strip_prefix('-'), line.strip_prefix('+')) {
                (Some(old), _) => change.old.push(old.to_owned()),
                (_, Some(new)) => change.new.push(new.to_owned()),
                _ => return Err(format!("`{line}` begins with neither `-` nor `+`").into()),
            }
        }
        changes.push(change);
    }
    Ok(changes)
}
