//! Reads one index, without the rest of the catalog.

use migrate_core::catalog::Index;
use migrate_core::name::QualifiedName;
use sqlx::PgConnection;

use super::assemble::index_of;
use super::placed::Placed;
use super::rows::IndexRow;
use super::{IntrospectError, Options, begin, fetch, queries};

/// An index as it is in a live database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveIndex {
    /// Its table.
    pub table: QualifiedName,
    /// Its definition; compare it with [`migrate_core::diff::index_matches`].
    pub index: Index,
    /// Whether it is complete and in use: valid, ready and live.
    pub valid: bool,
}

/// Reads the index with that schema and name; `None` if there is none, or if a constraint owns it. The connection
/// must not be in a transaction.
///
/// # Errors
/// A query fails, or the definition cannot be read.
pub async fn read_index(
    connection: &mut PgConnection,
    schema: &str,
    name: &str,
) -> Result<Option<LiveIndex>, IntrospectError> {
    let options = Options { excluded_schemas: Vec::new(), ..Options::default() };
    let mut transaction = begin(connection).await?;
    let rows: Vec<IndexRow> =
        fetch(&mut transaction, "indexes", queries::INDEXES, &options, Some(Some((schema, name)))).await?;
    transaction.rollback().await.map_err(|source| IntrospectError::Query { what: "indexes", source })?;
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    let table = QualifiedName::in_schema(&row.schema, &row.table);
    let valid = row.valid;
    let index =
        index_of(&table, row, &Placed::default()).map_err(|found| IntrospectError::UnreadableIndex(Box::new(found)))?;
    Ok(Some(LiveIndex { table, index, valid }))
}
