//! Actions of `alter table`.

use migrate_core::catalog::{Catalog, RowSecurity, Table};
use migrate_core::name::QualifiedName;
use migrate_core::operation::{
    AddColumn, AddConstraint, AlterConstraint, AttachPartition, ChangeType, CommentTarget, SetCollation, SetDefault,
    SetOnUpdate, SetRowSecurity,
};

use super::{
    Behind, Piece, Printed, Unprintable, column, comment, constraint, data_type, implied, name, partition,
    print_expression, privileges, qualified, value,
};

/// What actions on a table are of.
pub(super) fn alter(table: &QualifiedName) -> String {
    format!("alter table {}", qualified(table))
}

/// An action on a table.
pub(super) fn action(table: &QualifiedName, text: impl Into<String>) -> Vec<Piece> {
    vec![Piece::action(alter(table), text)]
}

/// `add note: text?`
pub(super) fn add_column(operation: &AddColumn, is_serial: bool, before: &Catalog) -> Printed<Vec<Piece>> {
    let empty = Table::default();
    let (table, added) = (&operation.table, &operation.column);
    let so_far = before.table(table).unwrap_or(&empty);
    let written = column::column(added, table, so_far, is_serial, before)?;
    let (lines, after) =
        comment::split(added.comment.as_deref(), &CommentTarget::Column(table.clone(), added.name.clone()));
    let mut pieces = vec![Piece::action(alter(table), format!("add {written}")).with_comment(lines)];
    pieces.extend(after);
    pieces.extend(super::settings::beside_column(table, added));
    if !added.grants.is_empty() {
        let target = migrate_core::catalog::AccessTarget::Column(table.clone(), added.name.clone());
        pieces.extend(privileges::grants(&target, &added.grants)?);
    }
    Ok(pieces)
}

/// `add check (total >= 0)`
pub(super) fn add_constraint(operation: &AddConstraint, before: &Catalog) -> Printed<Vec<Piece>> {
    let (table_name, name) = (&operation.table, &operation.name);
    if operation.constraint.attached_to.is_some() {
        let what = format!("the constraint `{name}` of `{table_name}`");
        return Err(Unprintable::new(what, "it belongs to that of a partitioned table"));
    }
    let empty = Table::default();
    let table = before.table(table_name).unwrap_or(&empty);
    let is_named = implied::constraint(table_name, table, &operation.constraint.kind, before) != *name;
    let written = constraint::constraint(name, &operation.constraint, false, is_named, before)?;
    let target = CommentTarget::Constraint(table_name.clone(), name.clone());
    let (lines, after) = comment::split(operation.constraint.comment.as_deref(), &target);
    let add = Piece::action(alter(table_name), format!("add {written}")).with_comment(lines);
    Ok(std::iter::once(add).chain(after).collect())
}

/// `alter amount: numeric(14, 2) using ...`
pub(super) fn change_type(operation: &ChangeType, before: &Catalog) -> Printed<Vec<Piece>> {
    let found = before.table(&operation.table).and_then(|table| table.column(&operation.column));
    let nullable = if found.is_some_and(|column| column.nullable) { "?" } else { "" };
    let mut text =
        format!("alter {}: {}{nullable}", super::declared(&operation.column), data_type(&operation.data_type));
    if let Some(using) = &operation.using {
        text.push_str(&format!(" using {}", print_expression(using, before)?));
    }
    Ok(action(&operation.table, text))
}

/// `alter title: text collate "C"`
pub(super) fn set_collation(operation: &SetCollation, before: &Catalog) -> Printed<Vec<Piece>> {
    let Some(found) = before.table(&operation.table).and_then(|table| table.column(&operation.column)) else {
        let what = format!("the collation of `{}.{}`", operation.table, operation.column);
        return Err(Unprintable::new(what, "the type of the column is not known"));
    };
    let nullable = if found.nullable { "?" } else { "" };
    let collation = column::collation(operation.collation.as_deref().unwrap_or("default"));
    let (column, data_type) = (super::declared(&operation.column), data_type(&found.data_type));
    Ok(action(&operation.table, format!("alter {column}: {data_type}{nullable} collate {collation}")))
}

/// `alter total set default 0`
pub(super) fn set_default(operation: &SetDefault, before: &Catalog) -> Printed<Vec<Piece>> {
    let column = name(&operation.column);
    let found = before.table(&operation.table).and_then(|table| table.column(&operation.column));
    Ok(match &operation.default {
        None => action(&operation.table, format!("alter {column} drop default")),
        Some(default) => {
            let default = match found {
                Some(found) => value(default, &found.data_type, Behind::Nothing, before)?,
                None => print_expression(default, before)?,
            };
            action(&operation.table, format!("alter {column} set default {default}"))
        }
    })
}

/// `alter updated_at set on update now()`
pub(super) fn set_on_update(operation: &SetOnUpdate, before: &Catalog) -> Printed<Vec<Piece>> {
    let column = name(&operation.column);
    let Some(on_update) = &operation.on_update else {
        return Ok(action(&operation.table, format!("alter {column} drop on update")));
    };
    let table = before.table(&operation.table);
    let known = table.and_then(|table| table.column(&operation.column));
    let expected = match known.and_then(|column| column.on_update.as_ref()) {
        Some(before) => before.trigger.clone(),
        None => {
            let empty = Table::default();
            implied::on_update(&operation.table, table.unwrap_or(&empty), &operation.column, before)
        }
    };
    let trigger = match expected == on_update.trigger {
        true => String::new(),
        false => format!(" trigger {}", name(&on_update.trigger)),
    };
    let expression = match known {
        Some(known) => value(&on_update.expression, &known.data_type, Behind::Nothing, before)?,
        None => print_expression(&on_update.expression, before)?,
    };
    Ok(action(&operation.table, format!("alter {column} set on update {expression}{trigger}")))
}

/// `enable row level security`
pub(super) fn set_row_security(operation: &SetRowSecurity, before: &Catalog) -> Vec<Piece> {
    let was = before.table(&operation.table).map_or_else(RowSecurity::default, |table| table.row_security);
    let after = operation.row_security;
    let mut pieces = Vec::new();
    if was.is_enabled != after.is_enabled {
        let word = if after.is_enabled { "enable" } else { "disable" };
        pieces.extend(action(&operation.table, format!("{word} row level security")));
    }
    if was.is_forced != after.is_forced {
        let word = if after.is_forced { "force" } else { "no force" };
        pieces.extend(action(&operation.table, format!("{word} row level security")));
    }
    pieces
}

/// `alter constraint bookings_user_id_fkey deferrable`
pub(super) fn alter_constraint(operation: &AlterConstraint) -> Vec<Piece> {
    let deferral = constraint::altered(operation.deferral);
    action(&operation.table, format!("alter constraint {} {deferral}", name(&operation.name)))
}

/// `attach partition events_2026 for values from (...) to (...)`
pub(super) fn attach(operation: &AttachPartition, before: &Catalog) -> Printed<Vec<Piece>> {
    let bound = partition::bound(&operation.bound, &operation.table, before)?;
    Ok(action(&operation.table, format!("attach partition {} {bound}", qualified(&operation.partition))))
}
