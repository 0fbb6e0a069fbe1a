//! What stands in a schema that gets another name: it comes along, without a statement of its own.

use super::{MoveEnum, MoveTable, Operation, RenameObject};
use crate::catalog::Catalog;
use crate::name::QualifiedName;
use crate::object::{Kind, Namespace, ObjectId};

/// The moves that stand for the new name, one after the other.
pub(super) fn moves(catalog: &Catalog, from: &str, to: &str) -> Vec<Operation> {
    let is_in = |name: &QualifiedName| name.schema == from;
    let moved = |name: &QualifiedName| QualifiedName::in_schema(to, name.name.clone());
    let tables = catalog.tables.keys().filter(|name| is_in(name));
    let tables = tables.map(|name| MoveTable { table: name.clone(), schema: to.to_owned() }.into());
    let enums = catalog.enums.keys().filter(|name| is_in(name));
    let enums = enums.map(|name| MoveEnum { name: name.clone(), schema: to.to_owned() }.into());
    // What belongs to a table goes with it.
    let is_alone =
        |id: &&ObjectId| id.kind != Kind::Schema && id.kind.namespace() != Namespace::Table && is_in(&id.name);
    let objects = catalog.objects.keys().filter(is_alone);
    let objects = objects.map(|id| RenameObject { id: id.clone(), to: moved(&id.name) }.into());
    tables.chain(enums).chain(objects).collect()
}

/// Moves what raw SQL has made, and what extensions have.
pub(super) fn follow(catalog: &mut Catalog, from: &str, to: &str) {
    let by_hand = std::mem::take(&mut catalog.by_hand);
    catalog.by_hand = by_hand
        .into_iter()
        .map(|(kind, name)| match name.schema == from {
            true => (kind, QualifiedName::in_schema(to, name.name)),
            false => (kind, name),
        })
        .collect();
    for extension in catalog.extensions.values_mut() {
        if extension.schema.as_deref() == Some(from) {
            extension.schema = Some(to.to_owned());
        }
    }
}
