//! Whether two expressions mean the same: one as the source has it, one as the server prints it.

use crate::catalog::{Column, Table};
use crate::expression::{Expression, canonical};

/// Whether two conditions or keys over the columns of a table mean the same.
pub(super) fn same_expression(expected: &Expression, found: &Expression, _: &Table) -> bool {
    expected == found || canonical(expected) == canonical(found)
}

/// Whether two values for a column mean the same. The column's type decides what a literal is: `0` and `'0'` are the
/// same number.
pub(super) fn same_value(expected: &Expression, found: &Expression, column: &Column, table: &Table) -> bool {
    let of_type = |value: &Expression| canonical(&Expression::cast(value.clone(), column.data_type.clone()));
    same_expression(expected, found, table)
        || expected.is_literal() && found.is_literal() && of_type(expected) == of_type(found)
}
