//! The schemas of tenants in one database: finding them, and looking at all of them at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use migrate_core::plan::Checksum;
use migrate_core::sql::quote_literal;
use sqlx::{PgConnection, PgPool};

use super::Database;
use crate::connection::{check_version, text};
use crate::error::Error;
use crate::history_table::Tables;
use crate::message::query;
use crate::migrator::Migrator;
use crate::run;

/// How many schemas one query looks at: each takes some of the server's room for locks.
const AT_ONCE: usize = 50;

impl Migrator {
    /// The schemas of the pool's database whose names match a pattern of `LIKE`, by name: those of tenants. The server's
    /// own are left out, and that of the history.
    ///
    /// # Errors
    /// The database cannot be reached or read.
    pub async fn schemas_like(&self, pool: &PgPool, pattern: &str) -> Result<Vec<Database>, Error> {
        let mut connection = pool.acquire().await.map_err(Error::Connect)?;
        let sql = format!(
            "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname LIKE {} AND nspname !~ '^pg_' \
             AND nspname NOT IN ('information_schema', {}) ORDER BY nspname",
            quote_literal(pattern),
            quote_literal(&self.settings.schema)
        );
        let rows = query(&mut connection, sql).await;
        let rows = rows.map_err(|source| Error::Database { doing: "list the schemas", source })?;
        Ok(rows.iter().map(|row| Database::schema_of(pool, text(row, 0))).collect())
    }

    /// Which of these, by their place in the list, are schemas in which nothing is to do. Those of one database are
    /// asked about together; whatever is in the way of that shows again when each is looked at by itself.
    pub(super) async fn up_to_date(&self, databases: &[Database]) -> BTreeSet<usize> {
        let mut settled = BTreeSet::new();
        if run::check_source(self).is_err() {
            return settled;
        }
        // Clones of a pool share its options.
        let mut schemas: BTreeMap<usize, (&PgPool, BTreeMap<&str, usize>)> = BTreeMap::new();
        for (index, database) in databases.iter().enumerate() {
            if let Some((schema, pool)) = &database.schema {
                let of_database =
                    schemas.entry(Arc::as_ptr(&pool.connect_options()).addr()).or_insert((pool, BTreeMap::new()));
                of_database.1.insert(schema, index);
            }
        }
        for (pool, schemas) in schemas.into_values() {
            let Ok(mut connection) = pool.acquire().await else { continue };
            if check_version(&connection, self.options.oldest_server).is_err() {
                continue;
            }
            for found in at(&mut connection, self.chain, schemas.keys().copied()).await.unwrap_or_default() {
                settled.extend(schemas.get(found.as_str()));
            }
        }
        settled
    }
}

/// The schemas that have exactly the migrations of this chain, and none half done.
async fn at(
    connection: &mut PgConnection,
    chain: Checksum,
    schemas: impl Iterator<Item = &str>,
) -> Result<Vec<String>, sqlx::Error> {
    let with_head = "SELECT space.nspname::text FROM pg_catalog.pg_class AS class \
         JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace \
         WHERE class.relname = 'migrate_head'";
    let with_head = query(connection, with_head.to_string()).await?;
    let with_head: BTreeSet<String> = with_head.iter().map(|row| text(row, 0)).collect();
    let schemas: Vec<&str> = schemas.filter(|schema| with_head.contains(*schema)).collect();
    let mut settled = Vec::new();
    for schemas in schemas.chunks(AT_ONCE) {
        let one = |schema: &&str| {
            let head = Tables::of_tenant(schema).select_head();
            format!("SELECT {} WHERE ({head}) = '{chain}'", quote_literal(schema))
        };
        let sql = schemas.iter().map(one).collect::<Vec<_>>().join(" UNION ALL ");
        settled.extend(query(connection, sql).await?.iter().map(|row| text(row, 0)));
    }
    Ok(settled)
}
