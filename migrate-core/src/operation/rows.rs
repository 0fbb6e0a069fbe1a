//! Statements that change rows, and whether they change few of them.

use std::borrow::Cow;

use super::expressions;
use crate::catalog::{ConstraintKind, Table};
use crate::expression::{Expression, ExpressionKind};
use crate::name::QualifiedName;
use crate::plan::{Added, Backfill, Duration, LockMode, Lowering};
use crate::sql::Writer;

/// The most rows of a batch where the source does not say: the runtime takes fewer where they take long.
pub(super) const DEFAULT_BATCH: u32 = 5000;

/// `SET` lists, conditions.
pub(super) type Assignments = [(String, Expression)];

fn assignments(writer: Writer, assignments: &Assignments) -> Writer {
    writer
        .comma_separated(assignments, |writer, (column, value)| writer.identifier(column).symbol("=").expression(value))
}

fn condition(writer: Writer, condition: Option<&Expression>) -> Writer {
    writer.optional(condition, |writer, condition| writer.keyword("WHERE").expression(condition))
}

/// Adds a statement that writes rows, apart from strong locks where it writes to a live table.
pub(super) fn lower_write(table: &QualifiedName, sql: String, duration: Duration, plan: &mut Lowering) {
    let is_new = plan.is_new(table);
    let added: Added<'_> = plan.sql(sql).locking(table, LockMode::RowExclusive).taking(duration);
    if !is_new {
        added.apart_from_locks();
    }
}

/// Adds an UPDATE.
pub(super) fn lower_update(table: &QualifiedName, set: &Assignments, filter: Option<&Expression>, plan: &mut Lowering) {
    let writer = assignments(Writer::new().keyword("UPDATE").name(table).keyword("SET"), set);
    lower_write(table, condition(writer, filter).finish(), Duration::Unknown, plan);
}

/// Adds a DELETE.
pub(super) fn lower_delete(table: &QualifiedName, filter: Option<&Expression>, plan: &mut Lowering) {
    let writer = Writer::new().keyword("DELETE FROM").name(table);
    lower_write(table, condition(writer, filter).finish(), Duration::Unknown, plan);
}

/// Adds a batched update; on a table that was made in this migration, which holds next to nothing, a plain one.
pub(super) fn lower_backfill(
    table: &QualifiedName,
    definition: Option<&Table>,
    set: &Assignments,
    filter: Option<&Expression>,
    batch: u32,
    plan: &mut Lowering,
) {
    if plan.is_new(table) {
        let has_triggers =
            definition.is_some_and(|table| table.columns.iter().any(|column| column.on_update.is_some()));
        if !has_triggers {
            return lower_update(table, set, filter, plan);
        }
        plan.sql(Writer::new().keyword("SET LOCAL migrate.on_update TO").literal("off").finish()).with_next();
        lower_update(table, set, filter, plan);
        plan.sql(Writer::new().keyword("SET LOCAL migrate.on_update TO DEFAULT").finish());
        return;
    }
    let key = definition.map_or(&[][..], backfill_key);
    let filter = match filter {
        Some(filter) => Writer::new().expression(filter),
        None => Writer::new().keyword("TRUE"),
    };
    plan.backfill(Backfill {
        schema: Cow::Owned(table.schema.clone()),
        table: Cow::Owned(table.name.clone()),
        assignments: Cow::Owned(assignments(Writer::new(), set).finish()),
        condition: Cow::Owned(filter.finish()),
        key: key.iter().cloned().map(Cow::Owned).collect(),
        batch,
    })
    .locking(table, LockMode::RowExclusive);
}

/// The columns that a backfill walks along: the first key that every row has; none where it has to go by pages.
pub(super) fn backfill_key(table: &Table) -> &[String] {
    let has_no_null = |name: &String| table.column(name).is_some_and(|column| !column.nullable);
    keys(table).into_iter().find(|key| key.iter().all(has_no_null)).unwrap_or_default()
}

/// The columns of each key that tells rows apart, the primary key first.
pub(super) fn keys(table: &Table) -> Vec<&[String]> {
    let mut keys: Vec<&[String]> = Vec::new();
    for constraint in table.constraints.values() {
        match &constraint.kind {
            ConstraintKind::PrimaryKey(key) => keys.insert(0, &key.columns),
            ConstraintKind::Unique(key) => keys.push(&key.columns),
            _ => {}
        }
    }
    keys
}

/// Whether a condition names the rows it means by the values of a key: few rows, found by an index.
fn names_its_rows(table: &Table, condition: &Expression) -> bool {
    if let ExpressionKind::Or(alternatives) = &condition.kind {
        return alternatives.iter().all(|alternative| names_its_rows(table, alternative));
    }
    let conjuncts = expressions::conjuncts(condition);
    let pins = |column: &String| conjuncts.iter().any(|conjunct| pins_column(conjunct, column));
    let has_unique_index = |table: &Table| {
        table.indexes.values().any(|index| {
            index.unique
                && index.predicate.is_none()
                && index.keys.iter().all(|key| key.column().is_some_and(|column| pins(&column.to_owned())))
        })
    };
    keys(table).into_iter().any(|key| key.iter().all(pins)) || has_unique_index(table)
}

/// `column = literal`, `column IN (literals)`
fn pins_column(condition: &Expression, column: &str) -> bool {
    match &condition.kind {
        ExpressionKind::Binary { operator, left, right } if operator.is("=") => {
            (left.as_name() == Some(column) && right.is_literal())
                || (right.as_name() == Some(column) && left.is_literal())
        }
        ExpressionKind::In { operand, items, is_negated: false } => {
            operand.as_name() == Some(column) && items.iter().all(Expression::is_literal)
        }
        _ => false,
    }
}

/// Whether a statement with this condition changes few rows.
pub(super) fn names_few(table: Option<&Table>, condition: Option<&Expression>) -> bool {
    match (table, condition) {
        (Some(table), Some(condition)) => names_its_rows(table, condition),
        _ => false,
    }
}
