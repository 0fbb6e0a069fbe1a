//! `xml`: whether its elements are closed and its attributes are quoted. What is well-formed is printed by the server.

use super::{Failure, Outcome};

/// Reads `xml`: a document, or its content.
pub(super) fn content(text: &str) -> Outcome {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(['<', '&']) {
        let is_reference = rest[start..].starts_with('&');
        rest = &rest[start + 1..];
        if is_reference {
            // `&name;`, `&#10;`
            let end = rest.find(';').ok_or(Failure::Syntax)?;
            let name = rest[..end].strip_prefix('#').unwrap_or(&rest[..end]);
            if name.is_empty() || name.contains(|character: char| character.is_ascii() && !is_of_name(character)) {
                return Err(Failure::Syntax);
            }
            rest = &rest[end + 1..];
        } else if let Some(inside) = rest.strip_prefix("!--") {
            rest = behind(inside, "-->")?;
        } else if let Some(inside) = rest.strip_prefix("![CDATA[") {
            rest = behind(inside, "]]>")?;
        } else if let Some(inside) = rest.strip_prefix('?') {
            rest = behind(inside, "?>")?;
        } else if rest.starts_with('!') {
            return Err(Failure::Undecided);
        } else if let Some(inside) = rest.strip_prefix('/') {
            let end = inside.find('>').ok_or(Failure::Syntax)?;
            if open.pop() != Some(inside[..end].trim_end()) {
                return Err(Failure::Syntax);
            }
            rest = &inside[end + 1..];
        } else {
            let length = rest.find(|character| !is_of_name(character)).unwrap_or(rest.len());
            let name = &rest[..length];
            if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit() || "-.".contains(first)) {
                return Err(Failure::Syntax);
            }
            let (after, is_closed) = attributes(&rest[length..])?;
            if !is_closed {
                open.push(name);
            }
            rest = after;
        }
    }
    Err(if open.is_empty() { Failure::Undecided } else { Failure::Syntax })
}

fn is_of_name(character: char) -> bool {
    character.is_alphanumeric() || "_:-.".contains(character) || !character.is_ascii()
}

/// What follows an end, which must be there.
fn behind<'t>(text: &'t str, end: &str) -> Result<&'t str, Failure> {
    text.find(end).map(|index| &text[index + end.len()..]).ok_or(Failure::Syntax)
}

/// Passes over the attributes of an element and its `>`. Says whether it is closed at once.
fn attributes(text: &str) -> Result<(&str, bool), Failure> {
    let mut rest = text;
    loop {
        let before = rest.len();
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix("/>") {
            return Ok((after, true));
        }
        if let Some(after) = rest.strip_prefix('>') {
            return Ok((after, false));
        }
        let length = rest.find(|character| !is_of_name(character)).unwrap_or(rest.len());
        if length == 0 || rest.len() == before {
            return Err(Failure::Syntax);
        }
        let value = rest[length..].trim_start().strip_prefix('=').ok_or(Failure::Syntax)?.trim_start();
        let quote = value.chars().next().filter(|first| matches!(first, '"' | '\'')).ok_or(Failure::Syntax)?;
        let end = value[1..].find(quote).ok_or(Failure::Syntax)?;
        if value[1..=end].contains('<') {
            return Err(Failure::Syntax);
        }
        rest = &value[end + 2..];
    }
}
