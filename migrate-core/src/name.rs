//! Names of database objects.

use std::fmt;

use crate::json::ToJson;

/// The longest name PostgreSQL keeps, in bytes (`NAMEDATALEN - 1`).
pub const LONGEST_NAME: usize = 63;

/// The schema of an object that is written without one.
pub const DEFAULT_SCHEMA: &str = "public";

/// The name of an object with its schema.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(into = "String", from = "String")]
pub struct QualifiedName {
    /// The schema; [`DEFAULT_SCHEMA`] where the source names none.
    pub schema: String,
    /// The name inside the schema.
    pub name: String,
}

impl QualifiedName {
    /// A name in the default schema.
    pub fn new(name: impl Into<String>) -> Self {
        QualifiedName { schema: DEFAULT_SCHEMA.into(), name: name.into() }
    }

    /// A name in a schema.
    pub fn in_schema(schema: impl Into<String>, name: impl Into<String>) -> Self {
        QualifiedName { schema: schema.into(), name: name.into() }
    }

    /// Another object in the same schema.
    pub fn sibling(&self, name: impl Into<String>) -> Self {
        QualifiedName { schema: self.schema.clone(), name: name.into() }
    }
}

/// The schema and the name in `schema.name`. Collations such as `en_US.utf8` have a dot of their own, and an upper-case
/// letter around it: they have no schema.
pub(crate) fn split_schema(name: &str) -> Option<(&str, &str)> {
    let (schema, name) = name.split_once('.')?;
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    schema.bytes().all(is_plain).then_some((schema, name))
}

/// The schema and the name in `schema.name` of an operator class, whose name has no dot.
pub(crate) fn split_class(name: &str) -> Option<(&str, &str)> {
    name.rsplit_once('.')
}

impl fmt::Display for QualifiedName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.schema == DEFAULT_SCHEMA || self.schema.is_empty() {
            formatter.write_str(&self.name)
        } else {
            write!(formatter, "{}.{}", self.schema, self.name)
        }
    }
}

impl From<QualifiedName> for String {
    fn from(name: QualifiedName) -> String {
        format!("{}\u{1f}{}", name.schema, name.name)
    }
}

impl From<String> for QualifiedName {
    fn from(text: String) -> Self {
        match text.split_once('\u{1f}') {
            Some((schema, name)) => QualifiedName::in_schema(schema, name),
            None => QualifiedName::new(text),
        }
    }
}

/// Cuts a text to at most `bytes` bytes without cutting a character in two.
pub(crate) fn clip(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// What PostgreSQL keeps of a name: its first 63 bytes, whole characters.
pub fn truncated(name: &str) -> &str {
    clip(name, LONGEST_NAME)
}

/// The name that PostgreSQL gives to an object of which only the parts are known
/// (`makeObjectName` in `src/backend/commands/indexcmds.c`): `first_second_label`, where the longer of
/// the first two parts is shortened until the whole fits into 63 bytes.
pub fn object_name(first: &str, second: Option<&str>, label: &str) -> String {
    let mut overhead = label.len() + 1;
    if second.is_some() {
        overhead += 1;
    }
    let available = LONGEST_NAME.saturating_sub(overhead);
    let (mut first_bytes, mut second_bytes) = (first.len(), second.map_or(0, str::len));
    while first_bytes + second_bytes > available {
        if first_bytes > second_bytes {
            first_bytes -= 1;
        } else {
            second_bytes -= 1;
        }
    }
    match second {
        Some(second) => format!("{}_{}_{label}", clip(first, first_bytes), clip(second, second_bytes)),
        None => format!("{}_{label}", clip(first, first_bytes)),
    }
}

/// [`object_name`], with a number added to the label until nothing else has the name, as PostgreSQL does
/// (`ChooseRelationName`, `ChooseConstraintName`).
pub fn free_object_name(first: &str, second: Option<&str>, label: &str, is_taken: impl Fn(&str) -> bool) -> String {
    free_numbered_name(first, second, label, 0, is_taken).0
}

/// [`free_object_name`] where the numbers below `from` are known to be taken (0 is the name without a number), with its
/// number.
pub fn free_numbered_name(
    first: &str,
    second: Option<&str>,
    label: &str,
    from: u32,
    is_taken: impl Fn(&str) -> bool,
) -> (String, u32) {
    let mut number = from;
    loop {
        let name = match number {
            0 => object_name(first, second, label),
            _ => object_name(first, second, &format!("{label}{number}")),
        };
        if !is_taken(&name) {
            return (name, number);
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_table_name_is_shortened_like_the_server_does() {
        let table = "a".repeat(60);
        let name = object_name(&table, Some("column"), "fkey");
        assert_eq!(name.len(), 63);
        assert!(name.ends_with("_column_fkey"));
    }

    #[test]
    fn a_taken_name_gets_a_number() {
        assert_eq!(free_object_name("t", Some("c"), "key", |name| name == "t_c_key"), "t_c_key1");
    }
}
