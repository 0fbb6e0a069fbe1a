//! All steps that lead from one catalog to another, in no order yet.

use super::Step;
use super::making::steps_to_make;
use super::steps::{Losses, has_access, operations};
use crate::catalog::{Catalog, Part, Used, User};
use crate::diff::{Difference, Object, Property};
use crate::name::{DEFAULT_SCHEMA, QualifiedName};
use crate::object::{Definition, Kind, Namespace, Schema};
use crate::operation::{DropColumn, DropObject, Operate as _};

/// What makes, changes and drops; owners and privileges come later, when all is there.
pub(super) fn steps(from: &Catalog, to: &Catalog, postgres: u32) -> Vec<Step> {
    let mut steps = steps_to_make(from, to);
    for difference in to.differences(from) {
        let is_made = match &difference {
            // With everything that is made.
            Difference::Missing(Object::Constraint { table, name }) => to
                .table(table)
                .and_then(|table| table.constraints.get(name))
                .is_none_or(|one| one.attached_to.is_some()),
            Difference::Missing(Object::Index { table, name }) => to
                .indexable(table)
                .and_then(|table| table.indexes.get(name).cloned())
                .is_none_or(|one| one.attached_to.is_some()),
            Difference::Missing(_) => true,
            Difference::Unexpected(object) => goes_along(object, from, to),
            Difference::Different { object, property: Property::Other("owner" | "privileges"), .. } => {
                has_access(object)
            }
            Difference::Different { .. } => false,
        };
        if !is_made && let Some(operations) = operations(from, to, &difference, Losses::Taken, postgres) {
            steps.extend(operations.into_iter().map(|operation| vec![operation]));
        }
    }
    // A schema that nobody asks for is not a difference to a live database.
    let schemas = from.objects.keys().filter(|id| id.kind == Kind::Schema && to.object(id).is_none());
    steps.extend(schemas.map(|id| vec![DropObject { id: id.clone() }.into()]));
    steps
}

/// Whether something goes with the table or the column that it belongs to.
fn goes_along(object: &Object, from: &Catalog, to: &Catalog) -> bool {
    match object {
        Object::Other(id) => {
            let of_table = id.table().is_some_and(|table| is_dropped(&table, from, to));
            let owner = match from.object(id).map(|object| &object.definition) {
                Some(Definition::Sequence(sequence)) => sequence.owned_by.clone(),
                _ => None,
            };
            let of_column = owner.is_some_and(|(table, column)| {
                let table = id.name.sibling(table);
                is_dropped(&table, from, to) || to.table(&table).is_some_and(|table| table.column(&column).is_none())
            });
            of_table || of_column || *id == Schema::id(DEFAULT_SCHEMA)
        }
        Object::Constraint { table, name } => {
            let Some((key, definition)) = from.tables.get_key_value(table) else { return true };
            let Some((name, constraint)) = definition.constraints.get_key_value(name) else { return true };
            constraint.attached_to.is_some()
                || goes_with_column(User::Table(key, Part::Constraint(name, constraint)), from, to)
        }
        Object::Index { table, name } => {
            let Some((key, definition)) = from.tables.get_key_value(table) else { return false };
            let Some((name, index)) = definition.indexes.get_key_value(name) else { return true };
            index.attached_to.is_some() || goes_with_column(User::Table(key, Part::Index(name, index)), from, to)
        }
        // One that is inherited goes with that of the other table.
        Object::Column { table, column } => {
            from.table(table).and_then(|table| table.column(column)).is_some_and(|column| column.inherited)
        }
        Object::Extension(_) | Object::Enum(_) | Object::Table(_) => false,
    }
}

fn is_dropped(relation: &QualifiedName, from: &Catalog, to: &Catalog) -> bool {
    let is_table = |catalog: &Catalog| catalog.table(relation).is_some();
    let is_view = |catalog: &Catalog| catalog.object_named(Namespace::Relation, relation).is_some();
    (is_table(from) && !is_table(to)) || (is_view(from) && !is_view(to))
}

/// Whether a column is dropped that takes it along.
fn goes_with_column(user: User<'_>, from: &Catalog, to: &Catalog) -> bool {
    let dropped = from.uses_of(&user).into_iter().filter_map(|used| match used {
        Used::Column(table, column) if to.table(&table).is_some_and(|table| table.column(&column).is_none()) => {
            Some(DropColumn { table, column })
        }
        _ => None,
    });
    let is_of = |drop: &DropColumn| user.table() == Some(&drop.table);
    dropped.filter(is_of).any(|drop| drop.takes_along(&user, from))
}
