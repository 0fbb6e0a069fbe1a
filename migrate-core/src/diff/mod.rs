//! The differences between two catalogs: the expected one, and that of a live database.
//!
//! Columns are compared by name, since a dropped and re-added column moves; expressions by meaning, since the server
//! prints them in its own way. The order of the differences is that of the catalog, so it is deterministic.

mod access;
mod compare;
mod display;
mod doubt;
mod expressions;
#[cfg(feature = "runtime")]
mod ignore;
mod table;
#[cfg(test)]
mod tests;

pub use doubt::{Doubt, DoubtPlace, Questions, questions};
#[cfg(feature = "runtime")]
pub use ignore::{Ignore, IgnoreError};

use crate::catalog::{Catalog, Index, Table};
use crate::name::QualifiedName;
use crate::object::ObjectId;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The object is expected, but does not exist.
    Missing(Object),
    /// The object exists, but is not expected.
    Unexpected(Object),
    /// The object exists, but is not as expected.
    Different {
        /// The object.
        object: Object,
        /// What of it.
        property: Property,
        /// The value that is expected; `None`: there is no value.
        expected: Option<String>,
        /// The actual value; `None`: there is no value.
        found: Option<String>,
    },
}

/// An object of a catalog.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Object {
    /// An installed extension.
    Extension(String),
    /// An enum type.
    Enum(QualifiedName),
    /// A table with everything that belongs to it.
    Table(QualifiedName),
    /// A column.
    Column {
        /// Its table.
        table: QualifiedName,
        /// Its name.
        column: String,
    },
    /// A constraint.
    Constraint {
        /// Its table.
        table: QualifiedName,
        /// Its name.
        name: String,
    },
    /// An index that no constraint owns.
    Index {
        /// Its table.
        table: QualifiedName,
        /// Its name.
        name: String,
    },
    /// An object of one of the kinds that are alike.
    Other(ObjectId),
}

/// What of an object differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Property {
    /// The schema of an extension's objects.
    Schema,
    /// The values of an enum, in their order.
    Values,
    /// The type of a column.
    Type,
    /// Whether a column is nullable.
    Nullability,
    /// The default value of a column.
    Default,
    /// What generates a column.
    Generated,
    /// The identity of a column.
    Identity,
    /// What every update sets a column to.
    OnUpdate,
    /// The collation of a column.
    Collation,
    /// Everything that a constraint or an index says.
    Definition,
    /// A property of an object of one of the kinds that are alike, in words.
    Other(&'static str),
    /// The comment.
    Comment,
}

impl Catalog {
    /// How the actual catalog differs from this one, which is expected. Empty if they mean the same.
    pub fn differences(&self, actual: &Catalog) -> Vec<Difference> {
        compare::catalogs(self, actual)
    }
}

impl Difference {
    /// The object that differs.
    pub fn object(&self) -> &Object {
        match self {
            Difference::Missing(object) | Difference::Unexpected(object) | Difference::Different { object, .. } => {
                object
            }
        }
    }
}

impl Object {
    /// The table that it is or belongs to.
    pub fn table(&self) -> Option<&QualifiedName> {
        match self {
            Object::Extension(_) | Object::Enum(_) | Object::Other(_) => None,
            Object::Table(table)
            | Object::Column { table, .. }
            | Object::Constraint { table, .. }
            | Object::Index { table, .. } => Some(table),
        }
    }
}

/// Whether two indexes of this table mean the same. Comments do not count.
pub fn index_matches(expected: &Index, found: &Index, table: &Table) -> bool {
    expected.parameters == found.parameters && table::same_index(expected, found, table)
}
