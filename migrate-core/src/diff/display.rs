//! Differences in words.

use std::fmt;

use super::{Difference, Object, Property};

impl fmt::Display for Object {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Object::Extension(name) => write!(formatter, "extension `{name}`"),
            Object::Enum(name) => write!(formatter, "enum `{name}`"),
            Object::Table(name) => write!(formatter, "table `{name}`"),
            Object::Column { table, column } => write!(formatter, "column `{table}.{column}`"),
            Object::Constraint { table, name } => write!(formatter, "constraint `{name}` of `{table}`"),
            Object::Index { table, name } => write!(formatter, "index `{name}` of `{table}`"),
            Object::Other(id) => formatter.write_str(&id.told()),
        }
    }
}

impl Property {
    /// The word before the values; some values speak for themselves.
    fn word(self) -> &'static str {
        match self {
            Property::Type | Property::Nullability | Property::Definition => "",
            Property::Other(word) => word,
            Property::Schema => "schema ",
            Property::Values => "values ",
            Property::Default => "default ",
            Property::Generated => "generation ",
            Property::Identity => "identity ",
            Property::OnUpdate => "on update ",
            Property::Collation => "collation ",
            Property::Comment => "comment ",
        }
    }
}

impl Property {
    /// Whether a sentence about it has "are" in place of "is".
    pub fn is_plural(self) -> bool {
        self.word().trim_end().ends_with('s')
    }
}

impl fmt::Display for Property {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Property::Type => "type",
            Property::Nullability => "nullability",
            Property::Definition => "definition",
            other => other.word().trim_end(),
        })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Difference::Missing(object) => write!(formatter, "{object}: missing"),
            Difference::Unexpected(object) => write!(formatter, "{object}: not expected"),
            Difference::Different { object, property, expected, found } => {
                let value = |value: &Option<String>| match value {
                    Some(value) => format!("`{value}`"),
                    None => "none".into(),
                };
                let word = property.word();
                let space = if word.is_empty() || word.ends_with(' ') { "" } else { " " };
                write!(formatter, "{object}: expected {word}{space}{}, found {}", value(expected), value(found))
            }
        }
    }
}
