//! The columns and attributes that a body reads of rows that are variables or arguments: `new.total`, `(doc).owner`.

use migrate_core::catalog::Used;
use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::query::{Part, Statement};
use migrate_core::sorted::SortedSet;

use crate::check::query::Scope;

/// Notes those of a statement.
pub(super) fn note_in_statement(statement: &Statement, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
    statement.walk(&mut |part| note_part(&part, scope, uses));
}

/// Notes those of an expression.
pub(super) fn note_in_expression(expression: &Expression, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
    expression.walk(&mut |part| note_part(&part, scope, uses));
}

fn note_part(part: &Part<'_>, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
    let Part::Expression(expression) = part else { return };
    match &expression.kind {
        ExpressionKind::Name(parts) => {
            if let [row, column] = parts.as_slice() {
                note(row, column, scope, uses);
            }
        }
        ExpressionKind::Field { operand, field } => {
            if let ExpressionKind::Name(parts) = &operand.kind
                && let [row] = parts.as_slice()
            {
                note(row, field, scope, uses);
            }
        }
        _ => {}
    }
}

/// Notes a column of what is known by this name.
pub(super) fn note(row: &str, column: &str, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
    let mut around = Some(scope);
    while let Some(scope) = around {
        if let Some(source) = scope.sources.iter().find(|source| source.name == row) {
            let is_column = source.columns.iter().any(|found| found.name == column);
            let of = source.relation.clone().filter(|_| is_column);
            uses.extend(of.map(|of| Used::Column(of, column.to_owned())));
            return;
        }
        around = scope.outer;
    }
}
