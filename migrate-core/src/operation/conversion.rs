//! How values of one type become values of another, and whether they fit.

use crate::catalog::Catalog;
use crate::expression::Expression;
use crate::name::QualifiedName;
use crate::object::{Definition, Namespace};
use crate::system::{self, TypeId, type_of_name};
use crate::types::{BuiltIn, Category, NumericSize, Type, TypeChange};

/// How `ALTER COLUMN ... TYPE` can convert a column.
pub(super) enum Conversion {
    /// By itself.
    Implicit,
    /// With this `USING`.
    Explicit(Expression),
    /// Not by a cast, as far as is known.
    Unknown,
}

/// What a change of a column's type costs when a cast does it, in a session whose time zone is UTC.
pub(super) fn cost(from: &Type, to: &Type) -> TypeChange {
    match (from, to) {
        (
            Type::Timestamp { precision: old, with_time_zone },
            Type::Timestamp { precision: new, with_time_zone: new_with_time_zone },
        ) if with_time_zone != new_with_time_zone => {
            let unzoned = |precision: &Option<u32>| Type::Timestamp { precision: *precision, with_time_zone: false };
            match unzoned(old).change_to(&unzoned(new)) {
                TypeChange::MetadataOnly if *new_with_time_zone => TypeChange::RebuildsIndexes,
                cost => cost,
            }
        }
        _ => from.change_to(to),
    }
}

/// Whether values of one type are values of the other as they are stored, by a cast that an extension brings: those of `text` are
/// values of `citext`. Only indexes are built again, for they compare otherwise.
pub(super) fn is_relabelled(from: &Type, to: &Type, catalog: &Catalog) -> bool {
    let id = |data_type: &Type| match data_type {
        Type::Named { name, .. } => of_extension(name, catalog),
        Type::Array(_) => None,
        _ => type_of_name(data_type.internal_name()?, None),
    };
    let are_named = [from, to].map(|data_type| matches!(data_type, Type::Named { .. }));
    if are_named == [false, false] || *to != to.without_modifier() {
        return false;
    }
    let (Some(from), Some(to)) = (id(from), id(to)) else { return false };
    system::cast(from, to).any(system::Cast::is_binary)
}

/// The type of this name, where an extension of the catalog brings it.
fn of_extension(name: &QualifiedName, catalog: &Catalog) -> Option<TypeId> {
    let is_its =
        |extension: &str| catalog.extensions.get(extension).is_some_and(|installed| installed.schema() == name.schema);
    system::types_named(&name.name).find(|known| known.extension().is_some_and(is_its)).map(|known| known.id())
}

/// Types without a cast between them, and one that both sides have a cast with: `money` to numbers, and what identifies
/// objects to `smallint`.
fn between(from: &Type, to: &Type) -> Option<Type> {
    let bridges = [Type::Numeric(None), Type::BuiltIn(BuiltIn::BigInt)];
    let is_number = |data_type: &Type| data_type.category() == Category::Numeric || data_type.is_object_identifier();
    let leads = |bridge: &Type| from.casts_to(bridge) == Some(true) && bridge.casts_to(to) == Some(true);
    bridges.into_iter().find(|bridge| is_number(from) && is_number(to) && leads(bridge))
}

/// How a column gets from one type to another.
pub(super) fn conversion(column: &str, from: &Type, to: &Type) -> Conversion {
    // Whether a type of the user is assigned by itself is not known from its name; a cast says the same.
    let is_known = to.depends_on().is_none() || from == to;
    if is_known && from.assigns_to(to) == Some(true) {
        return Conversion::Implicit;
    }
    let column = Expression::name(column);
    if from.casts_to(to) == Some(true) {
        return Conversion::Explicit(Expression::cast(column, to.clone()));
    }
    // Every type is written as text and read from it.
    let text = match (from, to) {
        (Type::Array(_), Type::Array(_)) => Type::Array(Box::new(Type::TEXT)),
        _ => Type::TEXT,
    };
    let between = match (from.depends_on(), to.depends_on()) {
        (Some(_), Some(_)) if from.category() == to.category() => Some(text),
        (None, None) => between(from, to),
        _ => None,
    };
    match between {
        Some(between) => Conversion::Explicit(Expression::cast(Expression::cast(column, between), to.clone())),
        None => Conversion::Unknown,
    }
}

/// Whether literals and operators beside a value mean the same with both types, and are printed in the same way once PostgreSQL has
/// put its casts around them: numbers keep theirs for good, on the way back as well.
pub(super) fn keeps_operators(from: &Type, to: &Type) -> bool {
    let is_padded = |data_type: &Type| matches!(data_type, Type::Character(_));
    from.without_modifier() == to.without_modifier()
        || (from.category() == Category::String
            && to.category() == Category::String
            && is_padded(from) == is_padded(to))
}

/// Whether a value of the first type may not fit the second: the change fails, cuts or rounds.
pub(super) fn narrows(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::Array(from), Type::Array(to)) => narrows(from, to),
        (_, Type::CharacterVarying(Some(limit)) | Type::Character(Some(limit))) => match from {
            Type::CharacterVarying(Some(length)) | Type::Character(Some(length)) => length > limit,
            _ => from.category() == Category::String,
        },
        (Type::Numeric(from), Type::Numeric(Some(to))) => from.is_none_or(|from| {
            let whole = |size: NumericSize| i32::from(size.precision) - i32::from(size.scale);
            whole(from) > whole(*to) || from.scale > to.scale
        }),
        (Type::Timestamp { precision: from, .. }, Type::Timestamp { precision: to, .. })
        | (Type::Time { precision: from, .. }, Type::Time { precision: to, .. })
        | (Type::Interval { precision: from, .. }, Type::Interval { precision: to, .. }) => {
            to.is_some_and(|to| to < from.unwrap_or(6))
        }
        (Type::Timestamp { .. }, Type::BuiltIn(BuiltIn::Date) | Type::Time { .. }) => true,
        (Type::BitVarying(from) | Type::Bit(from), Type::BitVarying(Some(to)) | Type::Bit(Some(to))) => {
            from.is_none_or(|from| from > *to)
        }
        _ => match (width(from), width(to)) {
            (Some(from), Some(to)) => from > to,
            // A text, or JSON, may hold anything.
            _ => from.category() == Category::String && !matches!(to.category(), Category::String),
        },
    }
}

/// Wider numbers hold all values of narrower ones; between the exact and the floating ones none does.
fn width(data_type: &Type) -> Option<u32> {
    Some(match data_type {
        Type::BuiltIn(BuiltIn::SmallInt) => 1,
        Type::BuiltIn(BuiltIn::Integer) => 2,
        Type::BuiltIn(BuiltIn::BigInt) => 3,
        Type::BuiltIn(BuiltIn::Real) => 4,
        Type::BuiltIn(BuiltIn::DoublePrecision) => 5,
        Type::Numeric(Some(NumericSize { precision, .. })) if *precision < 19 => 2,
        Type::Numeric(_) => 6,
        _ => return None,
    })
}
/// Whether these are composite types of which one has more attributes than the other: the text of a row of one cannot be read as the other.
pub(super) fn is_of_another_length(catalog: &Catalog, one: &Type, other: &Type) -> bool {
    let length = |data_type: &Type| {
        let (_, object) = catalog.object_named(Namespace::Type, data_type.depends_on()?)?;
        match &object.definition {
            Definition::CompositeType(composite) => Some(composite.attributes.len()),
            _ => None,
        }
    };
    length(one).zip(length(other)).is_some_and(|(one, other)| one != other)
}
