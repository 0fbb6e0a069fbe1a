//! What kind of values a type holds.

use super::{BuiltIn, Type};

/// What kind of values a type holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names of the kinds say it")]
pub enum Category {
    Boolean,
    Numeric,
    String,
    Binary,
    Bit,
    DateTime,
    Interval,
    Uuid,
    Json,
    Xml,
    Network,
    Geometric,
    TextSearch,
    Range,
    Multirange,
    ObjectIdentifier,
    System,
    Array,
    /// A type of no value, such as `trigger` or `anyelement`.
    Pseudo,
    /// An enum, a domain, a composite type, a type of an extension: the catalog knows, the name does not.
    Named,
}

impl Type {
    /// What kind of values the type holds.
    pub fn category(&self) -> Category {
        match self {
            Type::BuiltIn(built_in) => built_in.category(),
            Type::Numeric(_) => Category::Numeric,
            Type::CharacterVarying(_) | Type::Character(_) => Category::String,
            Type::Bit(_) | Type::BitVarying(_) => Category::Bit,
            Type::Time { .. } | Type::Timestamp { .. } => Category::DateTime,
            Type::Interval { .. } => Category::Interval,
            Type::Array(_) => Category::Array,
            Type::Named { .. } => Category::Named,
        }
    }

    /// Whether it is `smallint`, `integer` or `bigint`: what an identity column can be.
    pub fn is_integer(&self) -> bool {
        matches!(self, Type::BuiltIn(BuiltIn::SmallInt | BuiltIn::Integer | BuiltIn::BigInt))
    }

    /// Whether values have a collation. Unknown for named types.
    pub fn is_collatable(&self) -> Option<bool> {
        match self {
            Type::BuiltIn(built_in) => Some(matches!(built_in, BuiltIn::Text | BuiltIn::Name)),
            Type::CharacterVarying(_) | Type::Character(_) => Some(true),
            Type::Array(element) => element.is_collatable(),
            Type::Named { .. } => None,
            _ => Some(false),
        }
    }

    /// The name in `pg_type`, of a built-in type that is not an array.
    pub fn internal_name(&self) -> Option<&'static str> {
        Some(match self {
            Type::BuiltIn(built_in) => built_in.internal_name(),
            Type::Numeric(_) => "numeric",
            Type::CharacterVarying(_) => "varchar",
            Type::Character(_) => "bpchar",
            Type::Bit(_) => "bit",
            Type::BitVarying(_) => "varbit",
            Type::Time { with_time_zone: false, .. } => "time",
            Type::Time { with_time_zone: true, .. } => "timetz",
            Type::Timestamp { with_time_zone: false, .. } => "timestamp",
            Type::Timestamp { with_time_zone: true, .. } => "timestamptz",
            Type::Interval { .. } => "interval",
            Type::Array(_) | Type::Named { .. } => return None,
        })
    }
}
