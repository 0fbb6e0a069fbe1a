//! What a reading finds beside the catalog.

use std::fmt;

use migrate_core::catalog::Index;
use migrate_core::diff::Object;
use migrate_core::name::QualifiedName;

/// Something unfinished.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "there are few of them at a time")]
pub enum Unfinished {
    /// A `NOT NULL ... NOT VALID` (PostgreSQL 18): rows may hold NULLs, and the column counts as nullable.
    NotNull {
        /// The table.
        table: QualifiedName,
        /// The column.
        column: String,
        /// The constraint's name.
        name: String,
    },
    /// An index that is not valid: its build failed or is in progress.
    Index {
        /// The table.
        table: QualifiedName,
        /// The index's name.
        name: String,
        /// What it will be.
        index: Index,
    },
    /// A foreign key whose triggers are disabled: nothing checks it. It is in the catalog as well.
    ForeignKey {
        /// The table.
        table: QualifiedName,
        /// The constraint's name.
        name: String,
    },
}

impl Unfinished {
    /// The unfinished object.
    pub fn object(&self) -> Object {
        match self {
            Unfinished::NotNull { table, column, .. } => {
                Object::Column { table: table.clone(), column: column.clone() }
            }
            Unfinished::Index { table, name, .. } => Object::Index { table: table.clone(), name: name.clone() },
            Unfinished::ForeignKey { table, name } => Object::Constraint { table: table.clone(), name: name.clone() },
        }
    }
}

impl fmt::Display for Unfinished {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unfinished::NotNull { table, column, .. } => {
                write!(formatter, "`not null` of column `{table}.{column}` is not validated")
            }
            Unfinished::Index { table, name, .. } => {
                write!(formatter, "the index `{name}` of table `{table}` is not valid")
            }
            Unfinished::ForeignKey { table, name } => {
                write!(
                    formatter,
                    "the foreign key `{name}` of table `{table}` is not checked: its triggers are disabled"
                )
            }
        }
    }
}

/// A part of a live object that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The object; for a column, only this part of it is left out, otherwise the whole object.
    pub object: Object,
    /// The server's text.
    pub text: String,
    /// What is wrong with it, as a clause.
    pub reason: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "cannot read `{}` of {}: {}", self.text, self.object, self.reason)
    }
}
