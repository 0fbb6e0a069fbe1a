//! From lists of operations to catalogs and scripts.

use std::borrow::Cow;

use super::{CreateObject, DropObject, Operate, Operation};
use crate::catalog::Catalog;
use crate::object::{Definition, Namespace, Object, ObjectId};
use crate::plan::{Hazard, Lowering, Place, Script, cut_into_segments};
use crate::query::Statement;
use crate::sorted::SortedSet;

/// An operation, where it stands in the source, and the hazards allowed there.
pub type Placed = (Operation, Place, Vec<Hazard>);

/// The catalog after the operations.
pub fn fold<'o>(before: &Catalog, operations: impl IntoIterator<Item = &'o Operation>) -> Catalog {
    let mut catalog = before.clone();
    for operation in operations {
        operation.apply(&mut catalog);
    }
    catalog
}

/// The statements of the operations, each lowered against the catalog as the ones before it left it, for servers of
/// this major version and newer.
pub fn lower(before: &Catalog, operations: &[Placed], postgres: u32) -> Script {
    let mut catalog = Cow::Borrowed(before);
    let mut plan = Lowering::new(postgres);
    plan.putting_back(true);
    let mut dropped: SortedSet<&ObjectId> = SortedSet::new();
    for (index, (operation, place, hazards)) in operations.iter().enumerate() {
        let next = operations.get(index + 1).map(|(next, ..)| next);
        let is_done = next.is_some_and(|next| is_done_with(operation, next));
        plan.at(place.clone(), hazards.clone());
        let disturbed = if is_done { SortedSet::new() } else { operation.disturbs(&catalog) };
        let rebuilt = if disturbed.is_empty() { Vec::new() } else { catalog.built_on(&disturbed) };
        for (id, _) in rebuilt.iter().rev() {
            let drop = DropObject { id: id.clone() };
            drop.lower(&catalog, &mut plan);
            drop.apply(catalog.to_mut());
        }
        if !is_done {
            // What was dropped before, and is made again, was taken down for what is between.
            let is_put_back = match operation {
                Operation::CreateObject(create) => dropped.contains(&create.id),
                _ => false,
            };
            plan.rebuilding(is_put_back);
            lower_one(operation, &catalog, &mut plan);
            plan.rebuilding(false);
        }
        if let Operation::DropObject(drop) = operation {
            dropped.insert(&drop.id);
        }
        // Nobody sees what the last one leaves.
        if index + 1 < operations.len() || !rebuilt.is_empty() {
            operation.apply(catalog.to_mut());
        }
        plan.rebuilding(true);
        for (id, object) in rebuilt {
            let create = CreateObject { id, object };
            create.lower(&catalog, &mut plan);
            create.apply(catalog.to_mut());
        }
        plan.rebuilding(false);
    }
    cut_into_segments(plan)
}

/// Adds the statements of one operation, and notes which of them may run routines of the database.
pub fn lower_one(operation: &Operation, before: &Catalog, plan: &mut Lowering) {
    let from = plan.count();
    operation.lower(before, plan);
    // What a query calls may take names as texts.
    let calls = match operation {
        Operation::RunStatement(run) => matches!(run.statement, Statement::Query(_)),
        Operation::CallProcedure(_) => true,
        _ => false,
    };
    if calls || plan.works_on_rows(from, is_about_rows(operation)) && has_routines_of_callers(before) {
        plan.note_routines(from, is_about_rows(operation));
    }
}

/// Whether there are routines whose bodies look names up where their caller does.
fn has_routines_of_callers(catalog: &Catalog) -> bool {
    let is_such = |object: &Object| match &object.definition {
        Definition::Function(function) => !function.options.settings.contains_key("search_path"),
        Definition::Procedure(procedure) => !procedure.0.options.settings.contains_key("search_path"),
        _ => false,
    };
    catalog.by_hand.iter().any(|(kind, _)| kind.namespace() == Namespace::Routine)
        || catalog.objects.values().any(|object| is_such(object))
}

/// Whether it fires triggers, however few rows it is about.
fn is_about_rows(operation: &Operation) -> bool {
    matches!(
        operation,
        Operation::InsertRows(_)
            | Operation::UpdateRows(_)
            | Operation::DeleteRows(_)
            | Operation::RunStatement(_)
            | Operation::CallProcedure(_)
            | Operation::TruncateTables(_)
            | Operation::BackfillRows(_)
            | Operation::RefreshView(_)
    )
}

/// Whether the statements of the next operation do what this one is for, too: a type is replaced once, without all the
/// values that it loses.
fn is_done_with(operation: &Operation, next: &Operation) -> bool {
    match (operation, next) {
        (Operation::RemoveEnumValue(one), Operation::RemoveEnumValue(next)) => one.name == next.name,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::{RemoveEnumValue, RenameEnumValue};
    use super::*;
    use crate::plan::Work;

    fn created_types(operations: Vec<Operation>) -> Vec<String> {
        let placed: Vec<Placed> =
            operations.into_iter().map(|operation| (operation, Place::default(), Vec::new())).collect();
        let script = lower(&catalog(), &placed, 14);
        let sql = script.statements().filter_map(|statement| match &statement.work {
            Work::Sql(sql) => Some(sql.to_string()),
            Work::Backfill(_) | Work::Run(_) => None,
        });
        sql.filter(|sql| sql.starts_with("CREATE TYPE")).collect()
    }

    #[test]
    fn a_type_that_loses_several_values_is_replaced_once() {
        let remove = |enum_name: &str, value: &str| {
            Operation::from(RemoveEnumValue { name: name(enum_name), value: value.into() })
        };
        assert_eq!(
            created_types(vec![remove("status", "confirmed"), remove("status", "cancelled"), remove("unused", "a")]),
            ["CREATE TYPE public.status AS ENUM ('pending')", "CREATE TYPE public.unused AS ENUM ()"]
        );
        let rename = RenameEnumValue { name: name("status"), from: "pending".into(), to: "open".into() };
        assert_eq!(
            created_types(vec![remove("status", "confirmed"), rename.into(), remove("status", "cancelled")]).len(),
            2
        );
    }
}
