//! The comments of SQL, which mean nothing to a server and much to a reader.

/// The comments in a text, line by line. What looks like one in a text or in a name is none.
pub(super) fn comments(sql: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = sql.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some(comment) = rest.strip_prefix("--") {
            let line = comment.lines().next().unwrap_or_default();
            found.push(line.trim_start_matches('-').trim().to_owned());
            at += 2 + line.len();
        } else if rest.starts_with("/*") {
            let length = block(rest);
            let whole = rest.get(..length).unwrap_or_default();
            let inner =
                whole.strip_prefix("/*").map(|inner| inner.strip_suffix("*/").unwrap_or(inner)).unwrap_or_default();
            let lines = inner.lines().map(|line| line.trim().trim_start_matches('*').trim());
            found.extend(lines.filter(|line| !line.is_empty()).map(str::to_owned));
            at += length;
        } else if let Some(length) = text(rest, sql.get(..at).unwrap_or_default()) {
            at += length;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    found
}

/// How long a comment is that begins with `/*`, with those in it.
fn block(sql: &str) -> usize {
    let bytes = sql.as_bytes();
    let (mut depth, mut at) = (0_usize, 0);
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") => (depth, at) = (depth.saturating_sub(1), at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// How long a text or a name in quotes is that begins here.
fn text(sql: &str, before: &str) -> Option<usize> {
    let is_name = |character: char| character.is_alphanumeric() || character == '_';
    match sql.chars().next()? {
        quote @ ('\'' | '"') => {
            let mut characters = before.chars().rev();
            let has_escapes = quote == '\''
                && characters.next().is_some_and(|last| matches!(last, 'e' | 'E'))
                && !characters.next().is_some_and(is_name);
            let mut at = 1;
            loop {
                match sql.as_bytes().get(at) {
                    None => return Some(sql.len()),
                    Some(b'\\') if has_escapes => at += 2,
                    // A doubled one begins the text anew, which comes to the same.
                    Some(&byte) if char::from(byte) == quote => return Some(at + 1),
                    Some(_) => at += 1,
                }
            }
        }
        '$' if !before.ends_with(is_name) => {
            let tag = sql.get(..sql.get(1..)?.find('$')? + 2)?;
            let is_tag = tag.get(1..tag.len() - 1)?.chars().all(is_name);
            let is_parameter = sql.get(1..)?.starts_with(|first: char| first.is_ascii_digit());
            if !is_tag || is_parameter {
                return None;
            }
            Some(sql.get(tag.len()..)?.find(tag).map_or(sql.len(), |end| end + 2 * tag.len()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_found_where_they_are_some() {
        let found = comments;
        assert_eq!(
            found("-- one\n---- two ---\n/* three\n * four\n\n   /* five */ */ six"),
            ["one", "two ---", "three", "four", "/* five */"]
        );
        assert_eq!(
            found(
                "a '-- none' \"-- none\" $$ -- none $$ $a$ $$ -- none $a$ b$1 -- some\n 'it''s -- none' e'\\'-- none' -- more"
            ),
            ["some", "more"]
        );
        assert_eq!(found("'never ends -- none"), Vec::<String>::new());
        assert_eq!(found("/* never ends"), ["never ends"]);
        assert_eq!(found("ä -- ö"), ["ö"]);
    }
}
