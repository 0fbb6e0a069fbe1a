//! Rows of a table that are stored inside the rows of others.

use migrate_core::catalog::StoredRows;
use migrate_core::operation::Operation;
use migrate_core::token::At;

use crate::diagnostic::{Diagnostic, code};

/// Reports that PostgreSQL does not change rows that are stored in a column of their type.
pub(super) fn rows_in_the_way(operation: &Operation, stored: &StoredRows, at: At) -> Diagnostic {
    let StoredRows { rows_of, relation, column } = stored;
    let what = match operation {
        Operation::AddColumn(add) => format!("add `{}` with values to `{}`", add.column.name, add.table),
        Operation::ChangeType(change) => format!("change the type of `{}.{}`", change.table, change.column),
        Operation::SetCollation(set) => format!("change the collation of `{}.{}`", set.table, set.column),
        Operation::SetExpression(set) => format!("change the values of `{}.{}`", set.table, set.column),
        Operation::ChangeObject(_) => format!("change the attribute of `{rows_of}`"),
        _ => format!("rewrite `{rows_of}`"),
    };
    let kept = if matches!(operation, Operation::ChangeObject(_)) { "values" } else { "rows" };
    let headline = format!("cannot {what}, because `{relation}.{column}` stores {kept} of `{rows_of}`");
    let mistake = Diagnostic::new(code::STILL_NEEDED, headline, at);
    mistake.help(match operation {
        Operation::AddColumn(_) => {
            format!("add a column of another type that may be NULL, or drop `{relation}.{column}` first")
        }
        _ => format!("drop `{relation}.{column}` first, and add it again afterwards"),
    })
}
