//! NOT NULL on a live table: proved by a validated check first, so that no scan happens under a strong lock.

use super::{ddl, expressions, validation};
use crate::catalog::{Constraint, ConstraintKind, Table};
use crate::expression::Expression;
use crate::name::{QualifiedName, free_object_name};
use crate::plan::{LockMode, Lowering};

/// Adds `SET NOT NULL`. On a live table whose constraints do not prove it yet: a check that is NOT VALID, its
/// validation apart from strong locks, then SET NOT NULL (which finds the proof) and the end of the check, as two
/// statements: in one ALTER the proof would be gone before it is looked for.
pub(super) fn lower_set_not_null(name: &QualifiedName, table: Option<&Table>, column: &str, plan: &mut Lowering) {
    let set_not_null = ddl::alter_column(name, column).keyword("SET NOT NULL").finish();
    if plan.is_new(name) || table.is_some_and(|table| is_proved(table, column)) {
        plan.sql(set_not_null).locking(name, LockMode::AccessExclusive);
        return;
    }
    let proof = free_object_name(&name.name, Some(column), "not_null", |taken| {
        table.is_some_and(|table| table.constraints.contains_key(taken))
    });
    let check = Constraint::new(ConstraintKind::Check(Expression::is_not_null(Expression::name(column))));
    plan.sql(ddl::add_constraint_not_valid(name, &proof, &check)).locking(name, LockMode::AccessExclusive);
    validation::lower_validation(name, &proof, &check.kind, plan);
    plan.sql(set_not_null).locking(name, LockMode::AccessExclusive);
    plan.sql(ddl::drop_constraint(name, &proof)).locking(name, LockMode::AccessExclusive);
}

/// Whether the table's constraints already say that the column is never NULL.
fn is_proved(table: &Table, column: &str) -> bool {
    table.column(column).is_some_and(|column| !column.nullable)
        || table.constraints.values().any(|constraint| match &constraint.kind {
            ConstraintKind::PrimaryKey(key) => key.columns.iter().any(|name| name == column),
            ConstraintKind::Check(expression) => {
                !constraint.not_valid && expressions::implies_not_null(expression, column)
            }
            _ => false,
        })
}
