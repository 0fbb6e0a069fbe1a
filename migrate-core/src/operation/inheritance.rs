//! What is done to a table is done to those that inherit from it: in the catalog operation by operation, at the server by
//! one statement.

use super::{
    AddColumn, AddConstraint, ChangeType, CommentTarget, CreateIndex, DropColumn, DropConstraint, DropExpression,
    Operate as _, Operation, RenameColumn, SetCollation, SetColumnSettings, SetComment, SetDefault, SetExpression,
    SetNullability, ValidateConstraint, foreign_below,
};
use crate::catalog::inheritance::{Conflict, inherited_check, inherited_column, is_inherited, merged, same_check};
use crate::catalog::{Catalog, Column, ColumnSettings, ConstraintKind, Table};
use crate::name::QualifiedName;
use crate::object::ForeignTable;

/// What an operation on a table does to each of those that inherit from it.
pub(super) fn below(operation: &Operation, before: &Catalog) -> Vec<Operation> {
    let Some(parent) = table_of(operation) else { return Vec::new() };
    before.heirs(parent).filter_map(|(name, table)| of_heir(operation, name, table, before)).collect()
}

pub(super) fn table_of(operation: &Operation) -> Option<&QualifiedName> {
    Some(match operation {
        Operation::AddColumn(add) => &add.table,
        Operation::DropColumn(drop) => &drop.table,
        Operation::RenameColumn(rename) => &rename.table,
        Operation::ChangeType(change) => &change.table,
        Operation::SetCollation(set) => &set.table,
        Operation::SetDefault(set) => &set.table,
        Operation::SetNullability(set) => &set.table,
        Operation::SetColumnSettings(set) => &set.table,
        Operation::SetExpression(set) => &set.table,
        Operation::DropExpression(drop) => &drop.table,
        Operation::AddConstraint(add) => &add.table,
        Operation::DropConstraint(drop) => &drop.table,
        Operation::ValidateConstraint(validate) => &validate.table,
        Operation::RenameConstraint(rename) => &rename.table,
        _ => return None,
    })
}

pub(super) fn of_heir(
    operation: &Operation,
    heir: &QualifiedName,
    table: &Table,
    catalog: &Catalog,
) -> Option<Operation> {
    let name = || heir.clone();
    let is_check = |constraint: &str| {
        let found = table.constraints.get(constraint);
        found.is_some_and(|one| matches!(one.kind, ConstraintKind::Check(_)) && !one.no_inherit)
    };
    Some(match operation {
        Operation::AddColumn(add) if table.has_column(&add.column.name) => return None,
        Operation::AddColumn(add) => AddColumn { table: name(), column: inherited_column(&add.column) }.into(),
        Operation::DropColumn(drop) if goes_with(catalog, table, &drop.table, &drop.column) => {
            DropColumn { table: name(), column: drop.column.clone() }.into()
        }
        Operation::RenameColumn(rename) if table.has_column(&rename.from) => {
            RenameColumn { table: name(), ..rename.clone() }.into()
        }
        Operation::ChangeType(change) => ChangeType { table: name(), ..change.clone() }.into(),
        Operation::SetCollation(set) => SetCollation { table: name(), ..set.clone() }.into(),
        Operation::SetDefault(set) => SetDefault { table: name(), ..set.clone() }.into(),
        Operation::SetNullability(set) => SetNullability { table: name(), ..set.clone() }.into(),
        Operation::SetColumnSettings(set) => {
            let was = catalog.table(&set.table)?.column(&set.column)?.settings.clone();
            let own = table.column(&set.column)?.settings.clone();
            // How much of it is compressed, and its parameters, are each table's own.
            let settings = ColumnSettings {
                storage: if was.storage == set.settings.storage { own.storage } else { set.settings.storage },
                statistics: if was.statistics == set.settings.statistics {
                    own.statistics
                } else {
                    set.settings.statistics
                },
                ..own
            };
            SetColumnSettings { table: name(), column: set.column.clone(), settings }.into()
        }
        Operation::SetExpression(set) => SetExpression { table: name(), ..set.clone() }.into(),
        Operation::DropExpression(drop) => DropExpression { table: name(), ..drop.clone() }.into(),
        Operation::AddConstraint(add) if is_inherited(&add.constraint) && !is_check(&add.name) => {
            let not_valid = add.constraint.not_valid;
            let constraint = crate::catalog::Constraint { not_valid, ..inherited_check(&add.name, &add.constraint) };
            AddConstraint { table: name(), name: add.name.clone(), constraint }.into()
        }
        Operation::DropConstraint(drop) if is_check(&drop.name) => {
            let is_only = catalog.parents_with_check(table, &drop.name).iter().all(|parent| **parent == drop.table);
            let is_own = table.constraints.get(&drop.name)?.attached_to.is_none();
            if is_own || !is_only || !is_inherited(catalog.table(&drop.table)?.constraints.get(&drop.name)?) {
                return None;
            }
            DropConstraint { table: name(), name: drop.name.clone() }.into()
        }
        Operation::ValidateConstraint(validate) if is_check(&validate.name) => {
            ValidateConstraint { table: name(), name: validate.name.clone() }.into()
        }
        Operation::RenameConstraint(rename) if is_check(&rename.from) => {
            super::RenameConstraint { table: name(), ..rename.clone() }.into()
        }
        _ => return None,
    })
}

/// Whether a column of a table that inherits goes with that of the table that it inherits from.
fn goes_with(catalog: &Catalog, heir: &Table, parent: &QualifiedName, column: &str) -> bool {
    let is_only = catalog.parents_with_column(heir, column).iter().all(|other| *other == parent);
    is_only && heir.column(column).is_some_and(|column| column.inherited)
}

/// The tables below one that lose a column with it.
pub(super) fn losing(catalog: &Catalog, table: &QualifiedName, column: &str) -> Vec<QualifiedName> {
    let below = catalog.relations_below(table);
    // Most tables have none, and a copy of the catalog is not for nothing.
    if below.is_empty() {
        return below;
    }
    let mut after = catalog.clone();
    Operation::from(DropColumn { table: table.clone(), column: column.to_owned() }).apply(&mut after);
    let had = |catalog: &Catalog, name: &QualifiedName| catalog.column_names(name).iter().any(|one| one == column);
    below.into_iter().filter(|name| had(catalog, name) && !had(&after, name)).collect()
}

/// What else has to be said to bring back a column of the tables below one, once that has it again.
pub(super) fn restored(before: &Catalog, table: &QualifiedName, column: &str) -> Vec<Operation> {
    let mut operations: Vec<Operation> = Vec::new();
    let Some(of) = before.table(table).and_then(|table| table.column(column)) else { return operations };
    let brought = inherited_column(of);
    for heir in losing(before, table, column) {
        let Some(definition) = before.table(&heir).filter(|definition| definition.partition_of.is_none()) else {
            continue;
        };
        let Some(own) = definition.column(column) else { continue };
        operations.extend(differing(&heir, own, &brought));
        for (name, constraint) in &definition.constraints {
            if constraint.kind.mentions(column) && constraint.attached_to.is_none() {
                let (name, constraint) = (name.clone(), constraint.clone());
                operations.push(AddConstraint { table: heir.clone(), name, constraint }.into());
            }
        }
        for (name, index) in definition.indexes.iter().filter(|(_, index)| index.mentions(column)) {
            operations.push(CreateIndex { table: heir.clone(), name: name.clone(), index: index.clone() }.into());
        }
    }
    operations.extend(foreign_below::restored(before, table, column));
    operations
}

/// What makes a column that is inherited what it is, where it differs.
pub fn differing(table: &QualifiedName, own: &Column, inherited: &Column) -> Vec<Operation> {
    let mut operations: Vec<Operation> = Vec::new();
    let (table, column) = (|| table.clone(), || own.name.clone());
    if own.default != inherited.default {
        operations.push(SetDefault { table: table(), column: column(), default: own.default.clone() }.into());
    }
    if own.nullable != inherited.nullable {
        operations.push(SetNullability { table: table(), column: column(), nullable: own.nullable }.into());
    }
    if own.settings != inherited.settings {
        operations.push(SetColumnSettings { table: table(), column: column(), settings: own.settings.clone() }.into());
    }
    if own.comment.is_some() {
        let target = CommentTarget::Column(table(), column());
        operations.push(SetComment { target, comment: own.comment.clone() }.into());
    }
    operations
}

/// What the tables below one had otherwise, to be set again once the operation is undone above them.
pub(super) fn set_again(
    before: &Catalog,
    table: &QualifiedName,
    column: &str,
    one: impl Fn(&QualifiedName, &Column) -> Operation,
    is_other: impl Fn(&Column, &Column) -> bool,
) -> Vec<Operation> {
    let Some(above) = before.table(table).and_then(|table| table.column(column)) else { return Vec::new() };
    let below = before.tables_below(table);
    let columns = below.iter().filter_map(|name| Some((name, before.table(name)?.column(column)?)));
    columns.filter(|(_, own)| is_other(above, own)).map(|(name, own)| one(name, own)).collect()
}

/// Why an operation cannot be done to the tables that inherit: what PostgreSQL would refuse.
pub fn conflict(operation: &Operation, before: &Catalog) -> Option<Conflict> {
    if let Some(conflict) = foreign_below::conflict(operation, before) {
        return Some(conflict);
    }
    let table = table_of(operation)?;
    let conflict = |message: String, help: String| Some(Conflict { message, help });
    for heir in before.relations_below(table) {
        let foreign = before.foreign_table(&heir).map(ForeignTable::as_table);
        let alter = if foreign.is_some() { "alter foreign table" } else { "alter table" };
        let definition = foreign.as_ref().or_else(|| before.table(&heir));
        let Some(definition) = definition.filter(|definition| !definition.inherits.is_empty()) else { continue };
        let others = |parents: Vec<&QualifiedName>| -> Option<QualifiedName> {
            let below = before.tables_below(table);
            let is_other = |parent: &&&QualifiedName| **parent != table && !below.contains(parent);
            parents.iter().find(is_other).map(|parent| (*parent).clone())
        };
        match operation {
            Operation::AddColumn(add) => {
                let Some(own) = definition.column(&add.column.name) else { continue };
                let wanted = inherited_column(&add.column);
                if let Err(conflict) = merged(&wanted, own, &heir) {
                    return Some(conflict);
                }
                // PostgreSQL merges what is there into it, and leaves it as it is.
                if own.nullable && !wanted.nullable {
                    let message = format!("column `{}` of `{heir}` is nullable, but this one is NOT NULL", own.name);
                    let help = match foreign.is_some() {
                        true => format!("write `{alter} {heir} alter {}: {}` first", own.name, own.data_type),
                        false => format!("write `{alter} {heir} alter {} set not null` first", own.name),
                    };
                    return conflict(message, help);
                }
            }
            Operation::RenameColumn(rename) => {
                if definition.has_column(&rename.to) {
                    let message =
                        format!("table `{heir}`, which inherits from `{table}`, already has a column `{}`", rename.to);
                    return conflict(message, "choose another name, or rename that one first".to_owned());
                }
                if let Some(other) = others(before.parents_with_column(definition, &rename.from)) {
                    let message = format!("`{heir}` has the column `{}` of `{table}` and of `{other}`", rename.from);
                    return conflict(message, format!("write `{alter} {heir} no inherit {other}` first"));
                }
            }
            Operation::ChangeType(ChangeType { column, .. }) | Operation::SetCollation(SetCollation { column, .. }) => {
                if let Some(other) = others(before.parents_with_column(definition, column)) {
                    let message = format!("`{heir}` has the column `{column}` of `{table}` and of `{other}`");
                    return conflict(message, format!("write `{alter} {heir} no inherit {other}` first"));
                }
            }
            Operation::AddConstraint(add) if is_inherited(&add.constraint) => {
                let Some(own) = definition.constraints.get(&add.name) else { continue };
                if own.no_inherit || !same_check(own, &add.constraint) {
                    let message = format!(
                        "table `{heir}`, which inherits from `{table}`, already has another constraint `{}`",
                        add.name
                    );
                    return conflict(message, "choose another name, or rename that one first".to_owned());
                }
            }
            Operation::RenameConstraint(rename) => {
                let is_there = before.table(table)?.constraints.get(&rename.from).is_some_and(is_inherited);
                if is_there && definition.has_constraint_or_index(&rename.to) {
                    let message = format!(
                        "table `{heir}`, which inherits from `{table}`, already has a constraint `{}`",
                        rename.to
                    );
                    return conflict(message, "choose another name, or rename that one first".to_owned());
                }
                if let Some(other) = others(before.parents_with_check(definition, &rename.from)).filter(|_| is_there) {
                    let message = format!("`{heir}` has the check `{}` of `{table}` and of `{other}`", rename.from);
                    return conflict(message, format!("write `{alter} {heir} no inherit {other}` first"));
                }
            }
            _ => {}
        }
    }
    None
}
