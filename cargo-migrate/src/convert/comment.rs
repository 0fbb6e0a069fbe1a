//! The comments of SQL, which mean nothing to a server and much to a reader.

use migrate_runtime::core::sql;

/// The comments in a text, line by line. What looks like one in a text or in a name is not one.
pub(super) fn comments(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for comment in sql::comments(text) {
        if let Some(line) = comment.strip_prefix("--") {
            found.push(line.trim_start_matches('-').trim().to_owned());
        } else if let Some(inner) = comment.strip_prefix("/*") {
            let lines = inner
                .strip_suffix("*/")
                .unwrap_or(inner)
                .lines()
                .map(|line| line.trim().trim_start_matches('*').trim());
            found.extend(lines.filter(|line| !line.is_empty()).map(str::to_owned));
        }
    }
    found
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
