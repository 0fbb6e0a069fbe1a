//! What only whoever knows the data can say: a value for the rows that are there, how an old value becomes a new one, and what
//! stands in the place of a value that an enum loses.

use migrate_core::catalog::{Catalog, Column};
use migrate_core::expression::Expression;
use migrate_core::name::QualifiedName;
use migrate_core::operation::{
    AddColumn, BackfillRows, ChangeType, Operate as _, Operation, RemoveEnumValue, SetDefault,
};

use crate::print::{Undo, Written};

/// The operations, with what is unknown left open.
pub(super) fn left_open(operations: &[Operation], before: &Catalog) -> Vec<Written> {
    let mut catalog = before.clone();
    let mut written = Vec::new();
    for operation in operations {
        match operation {
            Operation::AddColumn(add) if needs_value(&add.column) && before.tables.contains_key(&add.table) => {
                written.extend(added(add));
            }
            Operation::ChangeType(change) if has_no_cast(change, &catalog) => {
                let what = format!("how a value of `{}` becomes `{}`", change.column, change.data_type);
                written.push(Operation::from(ChangeType { using: Some(todo(&what)), ..change.clone() }).into());
            }
            Operation::RemoveEnumValue(remove) => {
                written.extend(replaced(remove, &catalog));
                written.push(operation.clone().into());
            }
            other => written.push(other.clone().into()),
        }
        operation.apply(&mut catalog);
    }
    written
}

fn todo(what: &str) -> Expression {
    Expression::call("todo", [Expression::text(what)])
}

/// Whether the rows that are there get no value by themselves.
fn needs_value(column: &Column) -> bool {
    !column.nullable && column.default.is_none() && column.generated.is_none() && column.identity.is_none()
}

/// The column with a value for the rows that are there, which later rows do not get.
fn added(add: &AddColumn) -> [Written; 2] {
    let (table, column) = (add.table.clone(), add.column.name.clone());
    let value = todo(&format!("a value of `{column}` for the rows that `{table}` has"));
    let with_value = AddColumn { table: table.clone(), column: Column { default: Some(value), ..add.column.clone() } };
    [Operation::from(with_value).into(), Operation::from(SetDefault { table, column, default: None }).into()]
}

/// Gives the rows with a value of an enum another one, in each column of its type.
fn replaced(remove: &RemoveEnumValue, catalog: &Catalog) -> Vec<Written> {
    let columns = catalog
        .columns_of_type(&remove.name)
        .filter(|(_, column)| column.data_type.as_named() == Some(&remove.name) && column.generated.is_none());
    let each = columns.map(|(table, column)| {
        let what = format!("what `{}` is where it was `{}`", column.name, remove.value);
        let has_it = Expression::binary(Expression::column(&column.name), "=", Expression::text(&remove.value));
        backfill(table, &column.name, todo(&what), has_it)
    });
    each.collect()
}

fn backfill(table: &QualifiedName, column: &str, value: Expression, condition: Expression) -> Written {
    let backfill = BackfillRows {
        table: table.clone(),
        assignments: vec![(column.to_owned(), value)],
        condition: Some(condition),
        batch: BackfillRows::DEFAULT_BATCH,
    };
    // The values may stay when the migration is taken back.
    Written { operation: backfill.into(), allowed: Vec::new(), undo: Undo::Operations(Vec::new()) }
}

fn has_no_cast(change: &ChangeType, catalog: &Catalog) -> bool {
    let Some(column) = catalog.table(&change.table).and_then(|table| table.column(&change.column)) else {
        return false;
    };
    let (from, to) = (catalog.base_type(&column.data_type), &change.data_type);
    change.using.is_none() && catalog.assigns(from, to) == Some(false) && catalog.casts(from, to) == Some(false)
}
