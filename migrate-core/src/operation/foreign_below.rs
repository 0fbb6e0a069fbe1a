//! What is done to a table is done to the foreign tables below it: its partitions, or those that inherit from it.

use super::inheritance::of_heir;
use super::partitions::of_partition;
use super::{
    AddConstraint, ChangeObject, CommentTarget, CreateIndex, DropColumn, Operate as _, Operation, RenameConstraint,
    SetComment,
};
use crate::catalog::inheritance::{Conflict, can_inherit, is_inherited};
use crate::catalog::{Catalog, ConstraintKind, Table};
use crate::name::QualifiedName;
use crate::object::{ForeignTable, Kind, ObjectId};

/// What an operation on a table does to each foreign table directly below it.
pub(super) fn below(operation: &Operation, before: &Catalog) -> Vec<Operation> {
    if before.foreign_tables().next().is_none() {
        return Vec::new();
    }
    let Some(parent) = super::inheritance::table_of(operation) else { return Vec::new() };
    before.foreign_below(parent).flat_map(|(name, table)| of_foreign(operation, name, table, before)).collect()
}

fn of_foreign(operation: &Operation, name: &QualifiedName, table: &ForeignTable, before: &Catalog) -> Vec<Operation> {
    let as_table = table.as_table();
    let done = match (operation, &table.partition_of) {
        (Operation::RenameConstraint(rename), Some(_)) => {
            let check = table.checks.get(&rename.from).filter(|check| check.inherited);
            check.map(|_| RenameConstraint { table: name.clone(), ..rename.clone() }.into())
        }
        (Operation::AddConstraint(add), Some(_)) if !is_inherited(&add.constraint) => None,
        (_, Some(_)) => of_partition(operation, name, &as_table, before),
        (_, None) => of_heir(operation, name, &as_table, before),
    };
    match done {
        None | Some(Operation::SetColumnSettings(_)) => Vec::new(),
        // What reads the column follows.
        Some(Operation::RenameColumn(rename)) => vec![rename.into()],
        Some(done) => {
            let definition = table.with_table(&after(&done, name, as_table, before)).into();
            let change = ChangeObject { id: ObjectId::new(Kind::ForeignTable, name.clone()), definition };
            // What is built on the column goes with it.
            let drop = match done {
                Operation::DropColumn(drop) => Some(Operation::from(drop)),
                _ => None,
            };
            std::iter::once(change.into()).chain(drop).collect()
        }
    }
}

/// A foreign table as an operation on a table with its columns and checks leaves it.
fn after(done: &Operation, name: &QualifiedName, table: Table, before: &Catalog) -> Table {
    let mut catalog = before.clone();
    catalog.objects.remove(&ObjectId::new(Kind::ForeignTable, name.clone()));
    catalog.tables.insert(name.clone(), table.into());
    done.apply(&mut catalog);
    catalog.table(name).cloned().unwrap_or_default()
}

/// What else has to be said to bring back a column of the foreign tables below a table, once that has it again.
pub(super) fn restored(before: &Catalog, table: &QualifiedName, column: &str) -> Vec<Operation> {
    let Some(added) = before.table(table).and_then(|table| table.column(column)).cloned() else { return Vec::new() };
    let foreign = before.relations_below(table).into_iter();
    let foreign: Vec<_> = foreign.filter_map(|name| Some((before.foreign_table(&name)?, name))).collect();
    if foreign.is_empty() {
        return Vec::new();
    }
    let mut catalog = before.clone();
    Operation::from(DropColumn { table: table.clone(), column: column.to_owned() }).apply(&mut catalog);
    Operation::from(super::AddColumn { table: table.clone(), column: added }).apply(&mut catalog);
    let mut operations: Vec<Operation> = Vec::new();
    for (definition, name) in foreign {
        if catalog.foreign_table(&name) == Some(definition) {
            continue;
        }
        let id = ObjectId::new(Kind::ForeignTable, name.clone());
        let comment = before.object(&id).and_then(|object| object.column_comments.get(column)).cloned();
        operations.push(ChangeObject { id, definition: definition.clone().into() }.into());
        if comment.is_some() {
            let target = CommentTarget::Column(name, column.to_owned());
            operations.push(SetComment { target, comment }.into());
        }
    }
    operations
}

/// Why an operation cannot be done because of the foreign tables below: what PostgreSQL would refuse.
pub(super) fn conflict(operation: &Operation, before: &Catalog) -> Option<Conflict> {
    before.foreign_tables().next()?;
    let refused = |table: &QualifiedName, what: &str| {
        let foreign = before.foreign_partition(table)?;
        let message = format!("`{table}` cannot have {what}: its partition `{foreign}` is a foreign table");
        let help = "remove it, and give the other partitions one each; or detach that one first".to_owned();
        Some(Conflict { message, help })
    };
    match operation {
        Operation::AddConstraint(AddConstraint { table, constraint, .. }) => match &constraint.kind {
            ConstraintKind::Check(_) => None,
            kind => refused(table, &format!("a {}", kind.noun())),
        },
        Operation::CreateIndex(CreateIndex { table, index, .. }) if index.unique => refused(table, "a unique index"),
        _ => None,
    }
}

/// Why a foreign table cannot begin to inherit from a table.
///
/// # Errors
/// What it lacks, or has otherwise.
pub fn can_foreign_inherit(
    name: &QualifiedName,
    table: &ForeignTable,
    parent: &QualifiedName,
    of: &Table,
) -> Result<(), Conflict> {
    for column in &of.columns {
        if let Some(own) = table.column(&column.name).filter(|own| own.nullable && !column.nullable) {
            let message =
                format!("column `{}` of `{name}` is nullable, but the inherited column is NOT NULL", own.name);
            let help = format!("write `alter foreign table {name} alter {}: {}` first", own.name, own.data_type);
            return Err(Conflict { message, help });
        }
    }
    can_inherit(name, &table.as_table(), parent, of).map_err(|Conflict { message, help }| Conflict {
        message,
        help: help.replace("`alter table ", "`alter foreign table "),
    })
}
