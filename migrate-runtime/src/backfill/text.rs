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

/// The update of the rows of the table, or of a partition of it, that `place` selects. The condition is enclosed by line
/// breaks: it may end with a comment.
pub(super) fn update(backfill: &Backfill, table: &str, place: &str) -> String {
    format!("UPDATE {table} SET {}\nWHERE {place} AND (\n{}\n)", backfill.assignments, backfill.condition)
}

/// A number for each row, from the columns of its key and the types of these, whose lowest bits say which of some parts
/// the row belongs to.
///
/// Integers that follow each other come to different parts: that spreads the rows of each page evenly. Which comes to
/// which is another matter in each group of them, so that a step between the keys does not leave parts empty.
pub(super) fn part(key: &[(&str, u32)], parts: u32) -> String {
    let columns = key.iter().zip(0..).map(|((name, type_of), seed)| {
        let name = quote_identifier(name);
        match type_of {
            // smallint, integer, bigint
            20 | 21 | 23 => {
                let group = format!("({name} >> {})", parts.trailing_zeros());
                format!("{name}::bigint # pg_catalog.hashint8extended({group}, {seed})")
            }
            2950 => format!("pg_catalog.uuid_hash_extended({name}, {seed})"),
            // The text of these depends on settings, which another process may have others of in the middle of a window.
            // date, timestamp, timestamptz, interval
            1082 | 1114 | 1184 | 1186 => {
                format!("pg_catalog.hashfloat8extended(pg_catalog.date_part('epoch', {name}), {seed})")
            }
            // real, double precision
            700 | 701 => format!("pg_catalog.hashfloat8extended({name}::double precision, {seed})"),
            // bytea
            17 => format!("pg_catalog.hashtextextended(pg_catalog.encode({name}, 'hex'), {seed})"),
            // Arrays of them: bytea, real, double precision, timestamp, date, timestamptz, interval
            1001 | 1021 | 1022 | 1115 | 1182 | 1185 | 1187 => {
                format!("pg_catalog.hash_array_extended({name}, {seed})")
            }
            // Ranges of them
            3908 | 3910 | 3912 => format!("pg_catalog.hash_range_extended({name}, {seed})"),
            4533..=4535 => format!("pg_catalog.hash_multirange_extended({name}, {seed})"),
            _ => format!("pg_catalog.hashtextextended({name}::text, {seed})"),
        }
    });
    format!("({})", columns.collect::<Vec<_>>().join(" # "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_a_key_that_are_equal_do_not_cancel_each_other() {
        assert_eq!(
            part(&[("a", 23), ("order", 2950), ("b", 1043)], 16),
            "(a::bigint # pg_catalog.hashint8extended((a >> 4), 0) # pg_catalog.uuid_hash_extended(\"order\", 1) \
             # pg_catalog.hashtextextended(b::text, 2))"
        );
    }
}
