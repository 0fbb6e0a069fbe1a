use std::collections::{BTreeMap, BTreeSet};

use migrate_core::catalog::Catalog;
use migrate_core::name::QualifiedName;
use migrate_core::plan::Place;

use super::undeclared::Undeclared;

/// What is known of the database between two migrations.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    /// The catalog.
    pub(crate) catalog: Catalog,
    /// Where objects were made, to name the other place in a message.
    pub(crate) origins: BTreeMap<Origin, Place>,
    /// What broken items would have made: there is a mistake already, so lookups of it stay silent.
    pub(crate) broken: Broken,
    /// What raw SQL may have made without saying so. There is no mistake, so nothing about it may be left out silently.
    pub(crate) undeclared: Undeclared,
    /// Whether the history has a mistake so far. Until it has one, whatever is written must come to something.
    pub(crate) has_mistakes: bool,
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

/// Names about which nothing is said, because there is a mistake where they should have been made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Broken {
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

impl Broken {
    /// Whether a mistake is to blame for a column that is not in the catalog.
    pub(crate) fn has_column(&self, table: &QualifiedName, column: &str) -> bool {
        self.members_of.contains(table)
            || self.relations.contains(table)
            || self.columns.contains(&(table.clone(), column.to_owned()))
    }
}

impl State {
    /// `made in FILE:LINE`, if it is known where.
    pub(crate) fn made_in(&self, what: &str, origin: &Origin) -> Option<String> {
        Some(format!("{what} is made in {}", told(self.origins.get(origin)?)?))
    }

    /// Whether an enum may have values that are not in the catalog.
    pub(crate) fn has_open_values(&self, name: &QualifiedName) -> bool {
        self.broken.values_of.contains(name) || self.undeclared.values_of(name).is_some()
    }
}

/// A place in words, if it is known.
pub(crate) fn told(place: &Place) -> Option<String> {
    match (place.file.is_empty(), place.line) {
        (true, 0) => None,
        (true, line) => Some(format!("line {line}")),
        (false, 0) => Some(place.file.to_string()),
        (false, line) => Some(format!("{}:{line}", place.file)),
    }
}
