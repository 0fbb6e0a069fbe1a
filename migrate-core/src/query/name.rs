//! Names in queries, with their places.

use std::fmt;

use crate::sql::quote_identifier;
use crate::token::At;
use crate::types::Type;

/// A name with its place.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name {
    /// The name as PostgreSQL has it, without quotes.
    pub value: String,
    /// Where it stands.
    pub at: At,
}

impl Name {
    /// A name at a place.
    pub fn new(value: impl Into<String>, at: At) -> Name {
        Name { value: value.into(), at }
    }
}

impl From<&str> for Name {
    fn from(value: &str) -> Name {
        Name::new(value, At::default())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&quote_identifier(&self.value))
    }
}

/// The name of a table or of another object, as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectName {
    /// The database; PostgreSQL takes none but the current one.
    pub database: Option<Name>,
    /// The schema, where it is written.
    pub schema: Option<Name>,
    /// The name.
    pub name: Name,
}

impl ObjectName {
    /// A name without a schema.
    pub fn unqualified(name: Name) -> ObjectName {
        ObjectName { database: None, schema: None, name }
    }

    /// Where all of it stands.
    pub fn at(&self) -> At {
        let first = self.database.as_ref().or(self.schema.as_ref()).unwrap_or(&self.name);
        first.at.to(self.name.at)
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in self.database.iter().chain(&self.schema) {
            write!(formatter, "{part}.")?;
        }
        write!(formatter, "{}", self.name)
    }
}

/// `AS b (x, y)`: the name that something has in the query, and its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The name.
    pub name: Name,
    /// The names of the first columns; the others keep theirs.
    pub columns: Vec<Name>,
}

/// `x integer COLLATE "C"`: a column of a function that returns `record`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnDefinition {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub data_type: Type,
    /// The parts of its collation's name; empty where none is said.
    pub collation: Vec<String>,
}
