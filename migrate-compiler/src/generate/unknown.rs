//! What only whoever knows the data can say: a value for the rows that are there, how an old value becomes a new one, and what
//! stands in place of a value that an enum loses.

use migrate_core::catalog::{Catalog, Column, ConstraintKind};
use migrate_core::expression::Expression;
use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Namespace};
use migrate_core::operation::{
    AddColumn, BackfillRows, ChangeType, Operate as _, Operation, RemoveEnumValue, SetDefault, SetNullability,
};
use migrate_core::sql::{quote_identifier, quote_literal};
use migrate_core::types::Type;

use crate::print::{Undo, Written};

/// The operations, with what is unknown left open.
pub(super) fn left_open(operations: &[Operation], before: &Catalog) -> Vec<Written> {
    let mut catalog = before.clone();
    let mut written = Vec::new();
    for operation in operations {
        match operation {
            Operation::AddColumn(add)
                if catalog.needs_value(&add.column) && catalog.tables.contains_key(&add.table) =>
            {
                match is_of_other_values(add, operations) {
                    true => written.extend(computed(add)),
                    false => written.extend(added(add)),
                }
            }
            Operation::SetNullability(set) if !set.nullable => {
                let what = format!("the value of `{}` where it is NULL", set.column);
                written.push(backfill(&set.table, &set.column, todo(&what), is_null(&set.column)));
                written.push(operation.clone().into());
            }
            Operation::ChangeType(change) if has_no_cast(change, &catalog) => {
                let what = format!("how to convert a value of `{}` to `{}`", change.column, change.data_type);
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

/// Whether the values of a new column are those of something else, row by row: something goes whose values they may be, or no two
/// rows may have the same, or each must be a key of another table.
fn is_of_other_values(add: &AddColumn, operations: &[Operation]) -> bool {
    operations.iter().any(|operation| match operation {
        Operation::DropColumn(_) | Operation::DropTable(_) => true,
        Operation::AddConstraint(constraint) if constraint.table == add.table => match &constraint.constraint.kind {
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => key.columns == [add.column.name.as_str()],
            ConstraintKind::ForeignKey(key) => key.columns.contains(&add.column.name),
            ConstraintKind::Check(_) | ConstraintKind::Exclusion(_) => false,
        },
        _ => false,
    })
}

/// The column with a value for each row that is there, and NOT NULL behind that.
fn computed(add: &AddColumn) -> [Written; 3] {
    let (table, column) = (add.table.clone(), add.column.name.clone());
    let empty = AddColumn { table: table.clone(), column: Column { nullable: true, ..add.column.clone() } };
    let value = todo(&format!("the value of `{column}` in each existing row of `{table}`"));
    let filled = backfill(&table, &column, value, is_null(&column));
    let not_null = SetNullability { table, column, nullable: false };
    [Operation::from(empty).into(), filled, Operation::from(not_null).into()]
}

fn is_null(column: &str) -> Expression {
    Expression::null_test(Expression::column(column))
}

/// The column with a value for the rows that are there, which later rows do not get.
fn added(add: &AddColumn) -> [Written; 2] {
    let (table, column) = (add.table.clone(), add.column.name.clone());
    let value = todo(&format!("a value of `{column}` for the existing rows of `{table}`"));
    let with_value = AddColumn { table: table.clone(), column: Column { default: Some(value), ..add.column.clone() } };
    [Operation::from(with_value).into(), Operation::from(SetDefault { table, column, default: None }).into()]
}

/// Gives the rows with a value of an enum another one, in each column of its type.
fn replaced(remove: &RemoveEnumValue, catalog: &Catalog) -> Vec<Written> {
    let columns = catalog.columns_of_type(&remove.name).filter(|(_, column)| column.generated.is_none());
    let each = columns.filter_map(|(table, column)| {
        let RemoveEnumValue { value, .. } = remove;
        let (what, has_it) = match column.data_type {
            Type::Array(_) => {
                let is_element = format!("{} = ANY ({})", quote_literal(value), quote_identifier(&column.name));
                (format!("the value of `{}` where it contains `{value}`", column.name), is_element.parse().ok()?)
            }
            _ => {
                let is_value = Expression::binary(Expression::column(&column.name), "=", Expression::text(value));
                (format!("the value of `{}` where it was `{value}`", column.name), is_value)
            }
        };
        Some(backfill(table, &column.name, todo(&what), has_it))
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
    Written { undo: Undo::Operations(Vec::new()), ..Operation::from(backfill).into() }
}

fn has_no_cast(change: &ChangeType, catalog: &Catalog) -> bool {
    let Some(column) = catalog.table(&change.table).and_then(|table| table.column(&change.column)) else {
        return false;
    };
    let (from, to) = (catalog.base_type(&column.data_type), catalog.base_type(&change.data_type));
    let is_of_parts = |one: &Type| {
        let found = one.as_named().and_then(|name| catalog.object_named(Namespace::Type, name));
        let definition = found.map(|(_, object)| &object.definition);
        matches!(definition, Some(Definition::CompositeType(_) | Definition::RangeType(_)))
    };
    let is_known = catalog.assigns(from, to) == Some(false) && catalog.casts(from, to) == Some(false);
    change.using.is_none() && (is_known || from != to && (is_of_parts(from) || is_of_parts(to)))
}
