//! Names that go round in a circle: `a` was `b`, and `b` was `a`. All of them are there before the exchange and after it, so
//! what the migrations have renamed tells which it is.

use migrate_core::name::QualifiedName;
use migrate_core::object::{Kind, ObjectId};
use migrate_core::operation::Operation;

use crate::check::Renamed;

/// Whether the migrations have renamed all of these, each from the other name to the one that it has in the end. The renames
/// are those of the whole history, in its order.
pub(super) fn is_done(circle: &[(Renamed, Renamed)], renames: &[Operation]) -> bool {
    let mut names: Vec<Renamed> = circle.iter().map(|(now, _)| now.clone()).collect();
    renames.iter().rev().any(|rename| {
        names.iter_mut().for_each(|name| *name = earlier(rename, name));
        names.iter().zip(circle).all(|(name, (_, was))| is_called(name, was))
    })
}

/// Whether one has the name of the other; what it is a part of may have had any.
fn is_called(one: &Renamed, other: &Renamed) -> bool {
    match (one, other) {
        (Renamed::Column(_, one), Renamed::Column(_, other))
        | (Renamed::Value(_, one), Renamed::Value(_, other))
        | (Renamed::Index(_, one), Renamed::Index(_, other)) => one == other,
        (one, other) => one == other,
    }
}

/// What something was called before it was renamed.
fn earlier(rename: &Operation, now: &Renamed) -> Renamed {
    match now {
        Renamed::Table(name) => Renamed::Table(relation(rename, name)),
        Renamed::Enum(name) => Renamed::Enum(enumeration(rename, name)),
        Renamed::Object(id) => Renamed::Object(object(rename, id)),
        Renamed::Column(table, name) => match rename {
            Operation::RenameColumn(one) if (&one.table, &one.to) == (table, name) => {
                Renamed::Column(table.clone(), one.from.clone())
            }
            _ => Renamed::Column(relation(rename, table), name.clone()),
        },
        Renamed::Value(of, name) => match rename {
            Operation::RenameEnumValue(one) if (&one.name, &one.to) == (of, name) => {
                Renamed::Value(of.clone(), one.from.clone())
            }
            _ => Renamed::Value(enumeration(rename, of), name.clone()),
        },
        Renamed::Index(table, name) => match rename {
            Operation::RenameIndex(one) if (&one.table, &one.to) == (table, name) => {
                Renamed::Index(table.clone(), one.from.clone())
            }
            _ => Renamed::Index(relation(rename, table), name.clone()),
        },
    }
}

fn relation(rename: &Operation, now: &QualifiedName) -> QualifiedName {
    match rename {
        Operation::RenameTable(one) if one.from.sibling(one.to.as_str()) == *now => one.from.clone(),
        Operation::MoveTable(one) if one.table.name == now.name && one.schema == now.schema => one.table.clone(),
        _ => in_schema(rename, now),
    }
}

fn enumeration(rename: &Operation, now: &QualifiedName) -> QualifiedName {
    match rename {
        Operation::RenameEnum(one) if one.from.sibling(one.to.as_str()) == *now => one.from.clone(),
        Operation::MoveEnum(one) if one.name.name == now.name && one.schema == now.schema => one.name.clone(),
        _ => in_schema(rename, now),
    }
}

fn object(rename: &Operation, now: &ObjectId) -> ObjectId {
    match rename {
        Operation::RenameObject(one) if *now == (ObjectId { name: one.to.clone(), ..one.id.clone() }) => one.id.clone(),
        _ => ObjectId { name: in_schema(rename, &now.name), ..now.clone() },
    }
}

/// A name in a schema that is renamed.
fn in_schema(rename: &Operation, now: &QualifiedName) -> QualifiedName {
    match rename {
        Operation::RenameObject(one) if one.id.kind == Kind::Schema && one.to.name == now.schema => {
            QualifiedName::in_schema(one.id.name.name.as_str(), now.name.as_str())
        }
        _ => now.clone(),
    }
}
