//! Objects of the kinds that are alike. What only one kind has is with its syntax.

use migrate_core::catalog::{AccessTarget, Catalog};
use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Kind, Namespace, Object, ObjectId};
use migrate_core::operation::CommentTarget;

use super::{Piece, Printed, Unprintable, comment, data_type, index, name, privileges, qualified};
use crate::object::{as_made, own_operator, print_change, print_created, words_of};

/// What tells an object from others, as it is written: `email`, `own on bookings`, `f(bigint)`, `(text as email)`.
pub(crate) fn identity(id: &ObjectId) -> String {
    if let Some(table) = id.table() {
        return format!("{} on {}", name(&id.name.name), qualified(&table));
    }
    let arguments: Vec<String> = id.arguments.iter().map(data_type).collect();
    let written = if id.schema().is_some() { qualified(&id.name) } else { name(&id.name.name) };
    match (id.kind, &id.of) {
        (Kind::Cast, _) => format!("({})", arguments.join(" as ")),
        (Kind::OwnOperator, _) => {
            let left = if arguments.len() == 1 { "none, " } else { "" };
            format!("{} ({left}{})", own_operator(&id.name), arguments.join(", "))
        }
        (Kind::OperatorClass | Kind::OperatorFamily, Some(method)) => format!("{written} using {}", name(method)),
        (Kind::UserMapping, Some(server)) => format!("for {written} server {}", name(server)),
        (Kind::Aggregate, _) if arguments.is_empty() => format!("{written}(*)"),
        (kind, _) if kind.namespace() == Namespace::Routine => format!("{written}({})", arguments.join(", ")),
        _ => written,
    }
}

/// `create KIND ...` with its comment, and what stands in items of its own: its state, its indexes, its privileges.
pub(super) fn create(id: &ObjectId, object: &Object, before: &Catalog) -> Printed<Vec<Piece>> {
    if id.kind == Kind::DefaultPrivileges {
        return privileges::defaults(id, None, Some(&object.definition));
    }
    let made = as_made(&object.definition, before);
    let (lines, after) = comment::split(object.comment.as_deref(), &CommentTarget::Object(id.clone()));
    let item = format!("create {}", print_created(id, &made, before)?);
    let mut pieces = vec![Piece::item(item).with_comment(lines)];
    pieces.extend(after);
    for (column, comment) in &object.column_comments {
        pieces.push(comment::comment_on(&CommentTarget::Column(id.name.clone(), column.clone()), Some(comment)));
    }
    if made != object.definition {
        pieces.extend(print_change(id, &made, &object.definition, before)?);
    }
    if let Definition::MaterializedView(view) = &object.definition {
        let mut catalog = before.clone();
        let mut bare = object.clone();
        if let Definition::MaterializedView(view) = &mut bare.definition {
            view.indexes.clear();
        }
        catalog.objects.insert(id.clone(), bare.into());
        for (name, one) in &view.indexes {
            pieces.extend(index::create(&id.name, name, one, &catalog)?);
            if let Some(indexes) = catalog.indexes_mut(&id.name) {
                indexes.insert(name.clone(), one.clone());
            }
        }
    }
    pieces.extend(privileges::access(&AccessTarget::Object(id.clone()), &object.access)?);
    Ok(pieces)
}

/// What leads from the definition before to this one.
pub(super) fn change(id: &ObjectId, definition: &Definition, before: &Catalog) -> Printed<Vec<Piece>> {
    let Some(object) = before.object(id) else {
        return Err(Unprintable::new(id.told(), "it does not exist"));
    };
    if id.kind == Kind::DefaultPrivileges {
        return privileges::defaults(id, Some(&object.definition), Some(definition));
    }
    print_change(id, &object.definition, definition, before)
}

/// `rename to`, `set schema`
pub(super) fn rename(id: &ObjectId, to: &QualifiedName) -> Vec<Piece> {
    let of = alter(id);
    let mut pieces = Vec::new();
    if to.schema != id.name.schema {
        pieces.push(Piece::action(of.clone(), format!("set schema {}", name(&to.schema))));
    }
    if to.name != id.name.name {
        pieces.push(Piece::action(of, format!("rename to {}", name(&to.name))));
    }
    pieces
}

/// `drop KIND ...`
pub(super) fn drop(id: &ObjectId, before: &Catalog) -> Printed<Vec<Piece>> {
    if id.kind == Kind::DefaultPrivileges {
        return privileges::defaults(id, before.object(id).map(|object| &object.definition), None);
    }
    Ok(vec![Piece::item(format!("drop {} {}", words_of(id.kind), identity(id)))])
}

/// What actions on an object are of: `alter domain email`.
pub(crate) fn alter(id: &ObjectId) -> String {
    format!("alter {} {}", words_of(id.kind), identity(id))
}
