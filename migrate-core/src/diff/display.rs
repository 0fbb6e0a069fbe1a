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
        }
    }
}

impl Property {
    /// The word before the values; some values speak for themselves.
    fn word(self) -> &'static str {
        match self {
            Property::Type | Property::Nullability | Property::Definition => "",
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
                write!(formatter, "{object}: expected {}{}, found {}", property.word(), value(expected), value(found))
            }
        }
    }
}
