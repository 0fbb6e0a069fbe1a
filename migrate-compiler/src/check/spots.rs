//! Where a schema has what, and what that was called before.

use migrate_core::name::QualifiedName;
use migrate_core::object::ObjectId;
use migrate_core::sorted::SortedMap;
use migrate_core::token::At;

use super::Origin;
use crate::parser::Spanned;

/// Where a schema has what.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spots {
    /// The places of the objects.
    pub(crate) places: SortedMap<Origin, At>,
    /// Those with `#[was(...)]`, in the order of the source.
    pub(crate) renamed: Vec<Was>,
}

/// Something with another name before.
#[derive(Clone, Debug)]
pub(crate) struct Was {
    /// What it is, by its new name.
    pub(crate) renamed: Renamed,
    /// The name before.
    pub(crate) was: Spanned<QualifiedName>,
}

/// What has another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Renamed {
    /// A table.
    Table(QualifiedName),
    /// A column of a table.
    Column(QualifiedName, String),
    /// An enum.
    Enum(QualifiedName),
    /// A value of an enum.
    Value(QualifiedName, String),
    /// An index of a table.
    Index(QualifiedName, String),
    /// An object of one of the kinds that are alike.
    Object(ObjectId),
}
