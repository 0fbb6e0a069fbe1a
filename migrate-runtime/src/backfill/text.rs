//! The SQL of backfills.

use migrate_core::plan::Backfill;
use migrate_core::sql::{quote_identifier, quote_literal};

pub(super) fn table(backfill: &Backfill) -> String {
    format!("{}.{}", quote_identifier(&backfill.schema), quote_identifier(&backfill.table))
}

/// The key as a row: `(a, b)`.
pub(super) fn key(backfill: &Backfill) -> String {
    let columns: Vec<String> = backfill.key.iter().map(|column| quote_identifier(column).to_string()).collect();
    format!("({})", columns.join(", "))
}

/// The key's columns of [`source`], each followed by `suffix`. Qualified: in ORDER BY a bare name would mean an output
/// column, which is text.
pub(super) fn source_columns(backfill: &Backfill, suffix: &str) -> String {
    let columns: Vec<String> =
        backfill.key.iter().map(|column| format!("source.{}{suffix}", quote_identifier(column))).collect();
    columns.join(", ")
}

/// The table in FROM.
pub(super) fn source(backfill: &Backfill) -> String {
    format!("{} AS source", table(backfill))
}

/// A value of the key as a row. The literals take the types of the columns that they are compared with.
pub(super) fn values(key: &[String]) -> String {
    let literals: Vec<String> = key.iter().map(|value| quote_literal(value).to_string()).collect();
    format!("({})", literals.join(", "))
}

/// The rows after one key, up to and including another.
pub(super) fn between(backfill: &Backfill, after: Option<&[String]>, until: &[String]) -> String {
    let key = key(backfill);
    let upper = format!("{key} <= {}", values(until));
    match after {
        Some(after) => format!("{key} > {} AND {upper}", values(after)),
        None => upper,
    }
}

/// The update of the rows that `place` selects. The condition is enclosed by line breaks: it may end with a comment.
pub(super) fn update(backfill: &Backfill, place: &str) -> String {
    format!("UPDATE {} SET {}\nWHERE {place} AND (\n{}\n)", table(backfill), backfill.assignments, backfill.condition)
}
