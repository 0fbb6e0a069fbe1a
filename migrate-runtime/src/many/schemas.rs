//! The schemas of tenants in one database.

use migrate_core::sql::quote_literal;
use sqlx::PgPool;

use super::Database;
use crate::connection::{acquire, text};
use crate::error::Error;
use crate::message::unhurried;
use crate::migrator::Migrator;

impl Migrator {
    /// The schemas of tenants: those of the pool's database whose names match a `LIKE` pattern, sorted by name, without
    /// system schemas and the schema of the history.
    ///
    /// # Errors
    /// The database cannot be reached or read.
    pub async fn schemas_like(&self, pool: &PgPool, pattern: &str) -> Result<Vec<Database>, Error> {
        let mut connection = acquire(pool).await?;
        let sql = format!(
            "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname LIKE {} AND nspname !~ '^pg_' \
             AND nspname NOT IN ('information_schema', {}) ORDER BY nspname",
            quote_literal(pattern),
            quote_literal(&self.settings.schema)
        );
        let rows = unhurried(&mut connection, &sql).await;
        let rows = rows.map_err(|source| Error::Database { doing: "list the schemas", source })?;
        Ok(rows.iter().map(|row| Database::schema_of(pool, text(row, 0))).collect())
    }
}
