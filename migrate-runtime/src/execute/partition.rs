//! Looking at a partition that is being detached, or was left half detached.

use migrate_core::plan::Postcondition;
use migrate_core::sql::{quote_identifier, quote_literal};
use sqlx::PgConnection;

use super::index::Probe;
use crate::connection::text;
use crate::message::query;

/// Whether the table is not a partition anymore; [`Probe::Invalid`]: detaching it was started, [`Probe::Absent`]: it was
/// not.
pub(super) async fn probe(connection: &mut PgConnection, schema: &str, table: &str) -> Result<Probe, sqlx::Error> {
    let (schema, table) = (quote_literal(schema), quote_literal(table));
    let found = query(
        connection,
        format!(
            "SELECT part.inhdetachpending::pg_catalog.text FROM pg_catalog.pg_inherits AS part \
             JOIN pg_catalog.pg_class AS class ON class.oid OPERATOR(pg_catalog.=) part.inhrelid AND class.relispartition \
             JOIN pg_catalog.pg_namespace AS space ON space.oid OPERATOR(pg_catalog.=) class.relnamespace \
             WHERE space.nspname OPERATOR(pg_catalog.=) {schema} AND class.relname OPERATOR(pg_catalog.=) {table}"
        ),
    )
    .await?;
    Ok(match found.first() {
        None => Probe::Holds,
        Some(row) if text(row, 0) == "true" => Probe::Invalid,
        Some(_) => Probe::Absent,
    })
}

/// What ends a detaching that was started.
pub(super) fn finalize(postcondition: &Postcondition) -> Option<String> {
    let Postcondition::PartitionDetached { schema, table, parent_schema, parent } = postcondition else { return None };
    let name = |schema: &str, table: &str| format!("{}.{}", quote_identifier(schema), quote_identifier(table));
    Some(format!("ALTER TABLE {} DETACH PARTITION {} FINALIZE", name(parent_schema, parent), name(schema, table)))
}
