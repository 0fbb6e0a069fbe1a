//! Making what is in one catalog and not in another.

use super::super::{AddConstraint, CreateEnum, CreateExtension, CreateTable, Operate, Operation};
use crate::catalog::{Catalog, ConstraintKind, Table};
use crate::name::QualifiedName;
use crate::sorted::SortedSet;

/// Adds the operations that make what only `wanted` has, and advances `catalog` by them. What both have is left as it
/// is. A foreign key to a table that is not there yet is added once it is.
pub(super) fn make(wanted: &Catalog, catalog: &mut Catalog, operations: &mut Vec<Operation>) {
    let mut add = |operation: Operation, catalog: &mut Catalog| {
        operation.apply(catalog);
        operations.push(operation);
    };
    for (name, extension) in &wanted.extensions {
        if !catalog.extensions.contains_key(name) {
            add(CreateExtension::of(name, extension).into(), catalog);
        }
    }
    for (name, definition) in &wanted.enums {
        if !catalog.enums.contains_key(name) {
            add(CreateEnum { name: name.clone(), definition: (**definition).clone() }.into(), catalog);
        }
    }
    let mut late = Vec::new();
    for name in in_order(wanted, catalog) {
        let Some(table) = wanted.table(name) else { continue };
        let mut definition = table.clone();
        let is_early = |referenced: &QualifiedName| referenced == name || catalog.tables.contains_key(referenced);
        let early = |kind: &ConstraintKind| !matches!(kind, ConstraintKind::ForeignKey(key) if !is_early(&key.table));
        definition.constraints.retain(|_, constraint| early(&constraint.kind));
        let is_late = |constraint: &&String| !definition.constraints.contains_key(*constraint);
        for constraint in table.constraints.keys().filter(is_late) {
            late.push((name, constraint));
        }
        add(CreateTable { name: name.clone(), definition }.into(), catalog);
    }
    for (name, constraint) in late {
        let Some(definition) = wanted.table(name).and_then(|table| table.constraints.get(constraint)) else { continue };
        let constraint =
            AddConstraint { table: name.clone(), name: constraint.clone(), constraint: definition.clone() };
        add(constraint.into(), catalog);
    }
}

/// The tables that are missing, those that are referenced first, as far as there is such an order.
fn in_order<'w>(wanted: &'w Catalog, catalog: &Catalog) -> Vec<&'w QualifiedName> {
    let mut ordered = Vec::new();
    let mut seen: SortedSet<&QualifiedName> = SortedSet::new();
    for name in wanted.tables.keys().filter(|name| !catalog.tables.contains_key(*name)) {
        // Depth first, without recursion: a chain of references may be long.
        let mut path = vec![(name, referenced(wanted, catalog, name))];
        if !seen.insert(name) {
            continue;
        }
        while let Some((table, waiting)) = path.last_mut() {
            match waiting.pop() {
                Some(next) if seen.insert(next) => path.push((next, referenced(wanted, catalog, next))),
                Some(_) => {}
                None => {
                    ordered.push(*table);
                    path.pop();
                }
            }
        }
    }
    ordered
}

fn referenced<'w>(wanted: &'w Catalog, catalog: &Catalog, name: &QualifiedName) -> Vec<&'w QualifiedName> {
    let mut referenced = wanted.table(name).map(Table::referenced_tables).unwrap_or_default();
    referenced.extend(wanted.table(name).and_then(|table| table.partition_of.as_ref()).map(|of| &of.parent));
    referenced.extend(wanted.table(name).into_iter().flat_map(|table| &table.inherits));
    referenced.into_iter().filter(|referenced| !catalog.tables.contains_key(*referenced)).collect()
}
