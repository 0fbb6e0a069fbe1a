use std::collections::{BTreeMap, BTreeSet};

use migrate_core::catalog::Catalog;
use migrate_core::name::QualifiedName;
use migrate_core::plan::Place;

/// What is known of the database between two migrations.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    /// The catalog.
    pub(crate) catalog: Catalog,
    /// Where objects were made, to name the other place in a message.
    pub(crate) origins: BTreeMap<Origin, Place>,
    /// What a broken item or opaque raw SQL would have made: lookups of it stay silent.
    pub(crate) unchecked: Unchecked,
    /// Names that are too long, by what PostgreSQL would keep of them.
    pub(crate) too_long: BTreeMap<String, String>,
}

/// An object whose place in the source is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// A table.
    Table(QualifiedName),
    /// A column.
    Column(QualifiedName, String),
    /// An enum.
    Type(QualifiedName),
    /// A constraint of a table.
    Constraint(QualifiedName, String),
    /// An index.
    Index(QualifiedName),
}

/// Names about which nothing is said, because what makes them is not known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unchecked {
    /// Tables and views.
    pub(crate) relations: BTreeSet<QualifiedName>,
    /// Types.
    pub(crate) types: BTreeSet<QualifiedName>,
    /// Single columns.
    pub(crate) columns: BTreeSet<(QualifiedName, String)>,
    /// Tables with columns, constraints or indexes that are not known.
    pub(crate) members_of: BTreeSet<QualifiedName>,
    /// Constraints and indexes.
    pub(crate) members: BTreeSet<QualifiedName>,
    /// Enum types with values that are not known.
    pub(crate) values_of: BTreeSet<QualifiedName>,
}

impl State {
    /// `made in FILE:LINE`, if it is known where.
    pub(crate) fn made_in(&self, what: &str, origin: &Origin) -> Option<String> {
        let place = self.origins.get(origin)?;
        match (place.file.is_empty(), place.line) {
            (true, 0) => None,
            (true, line) => Some(format!("{what} is made in line {line}")),
            (false, 0) => Some(format!("{what} is made in {}", place.file)),
            (false, line) => Some(format!("{what} is made in {}:{line}", place.file)),
        }
    }
}
