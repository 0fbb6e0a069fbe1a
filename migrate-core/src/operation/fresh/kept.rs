//! Which operations of a run are kept, and which are replaced by making their objects as they are at the end.

use std::sync::Arc;

use super::super::{Operate, Operation, Touched};
use super::effect::{self, Rows};
use super::made;
use crate::catalog::{Catalog, EnumType};
use crate::name::QualifiedName;
use crate::sorted::{SortedMap, SortedSet};

/// An operation of the run, with what it needs and changes.
struct Step<'o> {
    operation: &'o Operation,
    touched: Touched,
    /// Whether there may be rows that it makes or changes.
    has_rows: bool,
    /// Whether what it leaves is not all in the catalog: what a default gives after its column got another type is the
    /// old value, converted.
    leaves_traces: bool,
}

/// Fewer operations that lead from the one catalog to the other, with the same rows; `None` where there may be rows
/// that nobody knows of.
pub(super) fn shorten(
    operations: &[&Operation],
    before: &Catalog,
    after: &Catalog,
    is_first: bool,
) -> Option<Vec<Operation>> {
    let steps = steps(operations, before);
    let first = steps.iter().position(|step| step.has_rows);
    if first.is_some() && !is_first {
        // Triggers that raw SQL made may answer them, in tables that are not there yet.
        return None;
    }
    let kept = kept(&steps, before);
    // Before the first row, nothing has one.
    let made_at = match first {
        Some(first) => first,
        None if is_first => steps.len(),
        None => 0,
    };
    let rest = steps.get(made_at..).unwrap_or_default();
    let complete = complete_enums(rest, before, after);
    let mut short = Vec::new();
    let mut catalog = before.clone();
    if first.is_some() {
        let mut then = super::super::script::fold(before, operations.iter().take(made_at).copied());
        then.enums.iter_mut().for_each(|(name, definition)| {
            if let Some(complete) = complete.get(name) {
                Arc::make_mut(definition).values.clone_from(&complete.values);
            }
        });
        made::make(&restricted(&then, &kept), &mut catalog, &mut short);
    }
    for step in rest {
        let does_nothing = !step.has_rows && effect::rows(step.operation) != Rows::Untouched;
        if does_nothing || !step.touched.objects.iter().any(|object| kept.contains(object)) {
            continue;
        }
        let operation = match step.operation {
            Operation::AddEnumValue(add) if complete.contains_key(&add.name) => continue,
            Operation::CreateEnum(create) => {
                let mut create = create.clone();
                if let Some(complete) = complete.get(&create.name) {
                    create.definition.values.clone_from(&complete.values);
                }
                create.into()
            }
            operation => operation.clone(),
        };
        operation.apply(&mut catalog);
        short.push(operation);
    }
    made::make(after, &mut catalog, &mut short);
    Some(short)
}

/// The enums of this run that only get more values, as they are at the end: they are made with all of them, since a
/// value cannot be used in the transaction that adds it (before PostgreSQL 17).
fn complete_enums<'a>(
    rest: &[Step<'_>],
    before: &Catalog,
    after: &'a Catalog,
) -> SortedMap<&'a QualifiedName, &'a EnumType> {
    let is_changed = |name: &QualifiedName| {
        let mut itself = Touched::default();
        itself.type_(name);
        let changes = rest.iter().filter(|step| {
            !matches!(step.operation, Operation::CreateEnum(_) | Operation::AddEnumValue(_) | Operation::SetComment(_))
        });
        changes.flat_map(|step| &step.touched.objects).any(|object| itself.objects.contains(object))
    };
    let made_here = after.enums.iter().filter(|(name, _)| !before.enums.contains_key(*name) && !is_changed(name));
    made_here.map(|(name, definition)| (name, definition.as_ref())).collect()
}

fn steps<'o>(operations: &[&'o Operation], before: &Catalog) -> Vec<Step<'o>> {
    let mut catalog = before.clone();
    // Made in this run, and without a row.
    let mut empty: SortedSet<QualifiedName> = SortedSet::new();
    let step = |operation: &&'o Operation| {
        let operation: &'o Operation = operation;
        let mut touched = Touched::default();
        operation.touch(&catalog, &mut touched);
        let leaves_traces = effect::converts_default(operation, &catalog);
        operation.apply(&mut catalog);
        match operation {
            Operation::CreateTable(create) => {
                empty.insert(create.name.clone());
            }
            Operation::DropTable(drop) => {
                empty.remove(&drop.name);
            }
            Operation::RenameTable(rename) if empty.remove(&rename.from) => {
                empty.insert(rename.from.sibling(&rename.to));
            }
            _ => {}
        }
        let has_rows = match effect::rows(operation) {
            Rows::Untouched => false,
            Rows::Added(table) => {
                empty.remove(table);
                true
            }
            Rows::Changed(table) => !empty.contains(table),
        };
        Step { operation, touched, has_rows, leaves_traces }
    };
    operations.iter().map(step).collect()
}

/// The objects whose operations are kept: those with rows, those that were there, those that are not all in the catalog,
/// and whatever an operation on one of
/// them touches or needs.
fn kept(steps: &[Step<'_>], before: &Catalog) -> SortedSet<String> {
    let mut kept = Touched::default();
    before.tables.keys().for_each(|table| kept.table(table));
    before.enums.keys().for_each(|name| kept.type_(name));
    let mut kept = kept.objects;
    for step in steps {
        let is_extension = matches!(step.operation, Operation::CreateExtension(_) | Operation::DropExtension(_));
        if step.has_rows || step.leaves_traces || is_extension {
            kept.extend(step.touched.objects.iter().cloned());
        }
    }
    let mut waiting: Vec<&Step<'_>> = steps.iter().collect();
    loop {
        let (joining, rest): (Vec<&Step<'_>>, Vec<&Step<'_>>) =
            waiting.into_iter().partition(|step| step.touched.objects.iter().any(|object| kept.contains(object)));
        if joining.is_empty() {
            return kept;
        }
        for step in joining {
            kept.extend(step.touched.objects.iter().chain(&step.touched.used).cloned());
        }
        waiting = rest;
    }
}

/// The kept objects of a catalog, and its extensions.
fn restricted(catalog: &Catalog, kept: &SortedSet<String>) -> Catalog {
    let is_kept = |note: &dyn Fn(&mut Touched)| {
        let mut touched = Touched::default();
        note(&mut touched);
        touched.objects.is_subset(kept)
    };
    let mut part = catalog.clone();
    part.tables.retain(|name, _| is_kept(&|touched| touched.table(name)));
    part.enums.retain(|name, _| is_kept(&|touched| touched.type_(name)));
    part
}
