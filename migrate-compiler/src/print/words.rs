//! Names and texts as they are written in Rust's tokens.

use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::sql::keywords;

/// Words of the language that a name of the same letters would be taken for, beside the keywords of SQL.
const OWN_WORDS: [&str; 8] =
    ["column", "constraint", "exclude", "index", "irreversible", "key", "touching", "validate"];

/// Whether the name is an identifier in Rust as well. Letters beyond ASCII would be composed by rustc.
pub(super) fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    let begins = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    begins && name != "_" && characters.all(|next| next.is_ascii_alphanumeric() || next == '_')
}

/// Whether the name alone may be taken for a word of the language or of SQL.
pub(super) fn is_word(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    keywords::category(&lower).is_some() || OWN_WORDS.contains(&lower.as_str())
}

/// A name where nothing but a name stands: bare, or in double quotes.
pub(crate) fn name(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let is_misread = keywords::is_reserved(&lower)
        || OWN_WORDS.contains(&lower.as_str())
        || WORDS_OF_ITEMS.contains(&lower.as_str());
    if is_identifier(name) && !is_misread { name.to_owned() } else { text(name) }
}

/// Unreserved keywords of SQL that stand where a name may be left out, or that another clause begins with.
const WORDS_OF_ITEMS: [&str; 24] = [
    "add",
    "alter",
    "as",
    "by",
    "cascade",
    "check",
    "default",
    "disable",
    "drop",
    "enable",
    "for",
    "force",
    "from",
    "no",
    "none",
    "of",
    "owner",
    "partition",
    "recursive",
    "rename",
    "set",
    "to",
    "where",
    "with",
];

/// A name before a `:`, where no word can be meant.
pub(crate) fn declared(name: &str) -> String {
    if is_identifier(name) { name.to_owned() } else { text(name) }
}

/// A name with its schema, where it is not the default.
pub(crate) fn qualified(written: &QualifiedName) -> String {
    if written.schema == DEFAULT_SCHEMA {
        return name(&written.name);
    }
    // Behind a dot, every word is a name.
    format!("{}.{}", name(&written.schema), declared(&written.name))
}

/// Names between commas, in round brackets.
pub(crate) fn names<S: AsRef<str>>(written: impl IntoIterator<Item = S>) -> String {
    let written: Vec<String> = written.into_iter().map(|one| name(one.as_ref())).collect();
    format!("({})", written.join(", "))
}

/// Storage parameters in round brackets.
pub(crate) fn storage(parameters: &migrate_core::sorted::SortedMap<String, String>) -> String {
    let written = parameters.iter().map(|(parameter, value)| {
        let is_plain = is_identifier(value) || value.bytes().all(|byte| byte.is_ascii_digit());
        format!("{parameter} = {}", if is_plain { value.clone() } else { text(value) })
    });
    format!("({})", written.collect::<Vec<_>>().join(", "))
}

/// A text as a literal of Rust: raw, where that reads better.
pub(crate) fn text(value: &str) -> String {
    let escapes = value.matches(['"', '\\', '\n']).count();
    // A raw literal cannot have these, and other control characters should be seen.
    let is_plain = value.chars().all(|character| character == '\n' || character == '\t' || !character.is_control());
    if escapes > 0 && is_plain && (value.contains('\n') || escapes > 1) {
        let mut hashes = String::from("#");
        while value.contains(&format!("\"{hashes}")) {
            hashes.push('#');
        }
        return format!("r{hashes}\"{value}\"{hashes}");
    }
    quoted(value)
}

/// A text as a literal with escapes.
fn quoted(value: &str) -> String {
    let mut literal = String::with_capacity(value.len() + 2);
    literal.push('"');
    for character in value.chars() {
        match character {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            // What turns the direction of the text around is refused by rustc, and others cannot be seen.
            character if character.is_control() || is_invisible(character) => {
                literal.push_str(&character.escape_unicode().to_string());
            }
            character => literal.push(character),
        }
    }
    literal.push('"');
    literal
}

fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The lines of a `///` comment; `None` where it would be read back as another text.
pub(crate) fn comment_lines(comment: &str) -> Option<String> {
    let is_kept = !comment.is_empty() && comment.trim_end() == comment && !comment.contains(['\r', '\0']);
    let is_plain = comment.chars().all(|one| one == '\n' || one == '\t' || !(one.is_control() || is_invisible(one)));
    if !is_kept || !is_plain {
        return None;
    }
    let lines = comment.split('\n').map(|line| if line.is_empty() { "///".to_owned() } else { format!("/// {line}") });
    Some(lines.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_quoted_where_it_is_no_identifier_or_would_be_misread() {
        for (written, expected) in [
            ("bookings", "bookings"),
            ("userId", "userId"),
            ("no-show", "\"no-show\""),
            ("order", "\"order\""),
            ("_", "\"_\""),
        ] {
            assert_eq!(name(written), expected);
        }
        assert_eq!(declared("order"), "order");
        assert_eq!(qualified(&QualifiedName::in_schema("app", "order")), "app.order");
    }

    #[test]
    fn a_text_is_raw_where_that_reads_better() {
        for (written, expected) in [
            ("a", "\"a\""),
            ("it's", "\"it's\""),
            ("say \"a\"", "r#\"say \"a\"\"#"),
            ("a\\b", "\"a\\\\b\""),
            ("a\r\n", "\"a\\r\\n\""),
            ("\n\"#\n", "r##\"\n\"#\n\"##"),
            ("\u{202e}", "\"\\u{202e}\""),
        ] {
            assert_eq!(text(written), expected);
        }
    }

    #[test]
    fn a_comment_that_would_change_has_no_lines() {
        assert_eq!(comment_lines("a\n\n b").as_deref(), Some("/// a\n///\n///  b"));
        for comment in ["", "a ", "a\r\nb", "a\n"] {
            assert_eq!(comment_lines(comment), None, "{comment:?}");
        }
    }
}
