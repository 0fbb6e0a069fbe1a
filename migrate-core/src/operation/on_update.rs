//! The trigger and its function behind `on update EXPRESSION`: the column is set whenever an update leaves it as it
//! was.

use super::{Operate, expressions};
use crate::catalog::{Catalog, OnUpdate, Table};
use crate::name::QualifiedName;
use crate::plan::{LockMode, Lowering};
use crate::sql::Writer;

/// Backfills of a plan set this to `off` for their transactions: they are not the application's updates.
pub(super) const SETTING: &str = "migrate.on_update";

/// Adds the function and the trigger. The name was free when it was chosen: whatever has it now belongs to somebody
/// else, and is not replaced.
pub(super) fn lower_create(table: &QualifiedName, column: &str, on_update: &OnUpdate, plan: &mut Lowering) {
    lower_function("CREATE FUNCTION", table, column, on_update, plan);
    lower_trigger(table, on_update, plan);
}

fn lower_trigger(table: &QualifiedName, on_update: &OnUpdate, plan: &mut Lowering) {
    plan.sql(
        Writer::new()
            .keyword("CREATE TRIGGER")
            .identifier(&on_update.trigger)
            .keyword("BEFORE UPDATE ON")
            .name(table)
            .keyword("FOR EACH ROW EXECUTE FUNCTION")
            .name(&table.sibling(&on_update.trigger))
            .arguments([""; 0], Writer::identifier)
            .finish(),
    )
    .locking(table, LockMode::ShareRowExclusive);
}

/// Replaces the body of the function, which is of our making, without touching the trigger.
pub(super) fn lower_replace(table: &QualifiedName, column: &str, on_update: &OnUpdate, plan: &mut Lowering) {
    lower_function("CREATE OR REPLACE FUNCTION", table, column, on_update, plan);
}

fn lower_function(
    command: &'static str,
    table: &QualifiedName,
    column: &str,
    on_update: &OnUpdate,
    plan: &mut Lowering,
) {
    plan.sql(
        Writer::new()
            .keyword(command)
            .name(&table.sibling(&on_update.trigger))
            .arguments([""; 0], Writer::identifier)
            .keyword("RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS")
            .dollar_quoted(&body(column, on_update))
            .finish(),
    );
}

/// What the function does; [`super::read_on_update_body`] reads it back.
pub(super) fn body(column: &str, on_update: &OnUpdate) -> String {
    Writer::new()
        .keyword("BEGIN IF NEW")
        .dot()
        .identifier(column)
        .keyword("IS NOT DISTINCT FROM OLD")
        .dot()
        .identifier(column)
        .keyword("AND pg_catalog.current_setting(")
        .glue()
        .literal(SETTING)
        .glue()
        .keyword(", true) IS DISTINCT FROM 'off'")
        .keyword("THEN NEW")
        .dot()
        .identifier(column)
        .symbol(":=")
        .expression(&expressions::of_new_row(&on_update.expression))
        .glue()
        .keyword("; END IF; RETURN NEW; END")
        .finish()
}

/// Drops the trigger and the function.
pub(super) fn lower_drop(table: &QualifiedName, on_update: &OnUpdate, plan: &mut Lowering) {
    plan.sql(Writer::new().keyword("DROP TRIGGER").identifier(&on_update.trigger).keyword("ON").name(table).finish())
        .locking(table, LockMode::AccessExclusive);
    lower_drop_function(table, on_update, plan);
}

/// Drops the function, once the trigger went with its table.
pub(super) fn lower_drop_function(table: &QualifiedName, on_update: &OnUpdate, plan: &mut Lowering) {
    plan.sql(
        Writer::new()
            .keyword("DROP FUNCTION")
            .name(&table.sibling(&on_update.trigger))
            .arguments([""; 0], Writer::identifier)
            .finish(),
    );
}

/// Replaces the function bodies that changed between two pictures of a table with the same columns at the same
/// positions. Bodies are text to PostgreSQL: it does not follow a rename into them.
pub(super) fn lower_changed_functions(name: &QualifiedName, before: &Table, after: &Table, plan: &mut Lowering) {
    for (old, new) in before.columns.iter().zip(&after.columns) {
        if let (Some(old_value), Some(new_value)) = (&old.on_update, &new.on_update)
            && (old.name != new.name || old_value.expression != new_value.expression)
        {
            lower_replace(name, &new.name, new_value, plan);
        }
    }
}

/// Replaces the function bodies that an operation changes, in all tables.
pub(super) fn lower_followed(before: &Catalog, operation: &impl Operate, plan: &mut Lowering) {
    let has_function = |table: &Table| table.columns.iter().any(|column| column.on_update.is_some());
    if !before.tables.values().any(|table| has_function(table)) {
        return;
    }
    let mut after = before.clone();
    operation.apply(&mut after);
    for (name, old) in &before.tables {
        // What both share did not change.
        if let Some(new) = after.table(name).filter(|new| !std::ptr::eq(*new, &**old)) {
            lower_changed_functions(name, old, new, plan);
        }
    }
}
