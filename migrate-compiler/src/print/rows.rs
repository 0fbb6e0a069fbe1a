//! What reads or changes rows.

use migrate_core::catalog::{Catalog, Table};
use migrate_core::expression::Expression;
use migrate_core::name::QualifiedName;
use migrate_core::operation::{BackfillRows, InsertRows, TruncateTables};
use migrate_core::types::Type;

use super::{Behind, Piece, Printed, name, names, print_expression, qualified, value};

/// `insert into plans (code) values ("free")`
pub(super) fn insert(operation: &InsertRows, catalog: &Catalog) -> Printed<Piece> {
    let table = catalog.table(&operation.table);
    let mut rows = Vec::new();
    for row in &operation.rows {
        let mut values = Vec::new();
        for (place, one) in row.iter().enumerate() {
            let column = operation.columns.get(place).and_then(|column| table?.column(column));
            values.push(match one {
                None => "default".to_owned(),
                Some(one) => of_type(one, column.map(|column| &column.data_type), catalog)?,
            });
        }
        rows.push(format!("({})", values.join(", ")));
    }
    let separator = if rows.len() > 1 { "\n" } else { " " };
    let mut item = format!("insert into {} {} values", qualified(&operation.table), names(&operation.columns));
    item.push_str(separator);
    item.push_str(&rows.join(",\n"));
    if operation.on_conflict_do_nothing {
        item.push_str(" on conflict do nothing");
    }
    Ok(Piece::item(item))
}

fn of_type(written: &Expression, data_type: Option<&Type>, catalog: &Catalog) -> Printed {
    match data_type {
        Some(data_type) => value(written, data_type, Behind::Nothing, catalog),
        None => print_expression(written, catalog),
    }
}

/// `a = 1, b = 2`
fn assignments(set: &[(String, Expression)], table: Option<&Table>, catalog: &Catalog) -> Printed {
    let mut each = Vec::new();
    for (column, one) in set {
        let data_type = table.and_then(|table| table.column(column)).map(|column| &column.data_type);
        each.push(format!("{} = {}", name(column), of_type(one, data_type, catalog)?));
    }
    Ok(each.join(", "))
}

fn condition(condition: Option<&Expression>, catalog: &Catalog) -> Printed {
    match condition {
        Some(condition) => Ok(format!(" where {}", print_expression(condition, catalog)?)),
        None => Ok(String::new()),
    }
}

/// `update plans set price = 950 where code = "pro"`
pub(super) fn update(
    table: &QualifiedName,
    set: &[(String, Expression)],
    filter: Option<&Expression>,
    catalog: &Catalog,
) -> Printed<Piece> {
    let set = assignments(set, catalog.table(table), catalog)?;
    Ok(Piece::item(format!("update {} set {set}{}", qualified(table), condition(filter, catalog)?)))
}

/// `delete from sessions where id = 1`
pub(super) fn delete(table: &QualifiedName, filter: Option<&Expression>, catalog: &Catalog) -> Printed<Piece> {
    Ok(Piece::item(format!("delete from {}{}", qualified(table), condition(filter, catalog)?)))
}

/// `backfill bookings set currency = "EUR" where currency is null in batches of 5000`
pub(super) fn backfill(operation: &BackfillRows, catalog: &Catalog) -> Printed<Piece> {
    let table = catalog.table(&operation.table);
    let is_touched = |column: &str, written: &Expression, set: &[(String, Expression)]| {
        let on_update = table.and_then(|table| table.column(column)).and_then(|column| column.on_update.as_ref());
        on_update.is_some_and(|on_update| on_update.assigned(set) == *written)
    };
    // What `touching` gives stands behind what is set.
    let mut count = operation.assignments.len();
    while let Some((set, [(column, last), ..])) =
        operation.assignments.get(..count).map(|all| all.split_at(count.saturating_sub(1)))
        && !set.is_empty()
        && operation.assignments.get(count..).is_some()
        && is_touched(column, last, set)
    {
        count -= 1;
    }
    let (set, touched) = operation.assignments.split_at(count);
    let touched = match touched.iter().all(|(column, written)| is_touched(column, written, set)) {
        true => touched,
        false => &[],
    };
    let set = operation.assignments.get(..operation.assignments.len() - touched.len()).unwrap_or_default();
    let mut item = format!("backfill {} set {}", qualified(&operation.table), assignments(set, table, catalog)?);
    item.push_str(&condition(operation.condition.as_ref(), catalog)?);
    if operation.batch != BackfillRows::DEFAULT_BATCH {
        item.push_str(&format!(" in batches of {}", operation.batch));
    }
    if !touched.is_empty() {
        let touched: Vec<String> = touched.iter().map(|(column, _)| name(column)).collect();
        item.push_str(&format!(" touching {}", touched.join(", ")));
    }
    Ok(Piece::item(item))
}

/// `truncate sessions, logins restart identity`
pub(super) fn truncate(operation: &TruncateTables) -> Piece {
    let tables: Vec<String> = operation.tables.iter().map(qualified).collect();
    let restart = if operation.restart_identity { " restart identity" } else { "" };
    Piece::item(format!("truncate {}{restart}", tables.join(", ")))
}
