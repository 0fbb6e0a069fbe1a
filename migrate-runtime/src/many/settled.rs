//! Those of many databases in which nothing is to do, seen without a run: no lock is taken and no table is made. The
//! schemas of one database are looked at together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use migrate_core::plan::Checksum;
use migrate_core::sql::quote_literal;
use sqlx::{PgConnection, PgPool};

use super::Database;
use crate::connection::{acquire, check_version, text};
use crate::error::Error;
use crate::history_table::{Tables, is_missing_table};
use crate::message::{Message, Part, query};
use crate::migrator::Migrator;
use crate::run;
use crate::trust::{self, Use};

/// How many schemas one query looks at: each takes some of the server's room for locks.
const AT_ONCE: usize = 50;

/// What there is nothing to do for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wanted {
    /// Exactly the migrations of this chain, and none half done.
    Chain(Checksum),
    /// Nothing after this version, applied or half done. One that this binary does not know must itself be applied:
    /// else it is a mistake, and not for one who only looks.
    NothingAfter { version: i64, is_known: bool },
    /// Nothing half done.
    NothingBegun,
}

impl Wanted {
    /// It, in SQL.
    fn condition(self, tables: &Tables) -> String {
        let Tables { history, journal, .. } = tables;
        match self {
            Wanted::Chain(chain) => format!("({}) = '{chain}'", tables.select_head()),
            Wanted::NothingAfter { version, is_known } => format!(
                "NOT EXISTS (SELECT FROM {history} WHERE version > {version}) \
                 AND NOT EXISTS (SELECT FROM {journal} WHERE version > {version}) \
                 AND ({is_known} OR EXISTS (SELECT FROM {history} WHERE version = {version}))"
            ),
            Wanted::NothingBegun => format!("NOT EXISTS (SELECT FROM {journal})"),
        }
    }

    /// Whether it is so where there is no history.
    fn is_so_without_history(self) -> bool {
        match self {
            Wanted::Chain(_) => false,
            Wanted::NothingAfter { is_known, .. } => is_known,
            Wanted::NothingBegun => true,
        }
    }
}

impl Migrator {
    /// Which of these, by their place in the list, are schemas in which nothing is to do. Those of one database are
    /// asked about together; whatever is in the way of that shows again when each is looked at by itself.
    pub(super) async fn settled_schemas(&self, databases: &[Database], wanted: Wanted) -> BTreeSet<usize> {
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
            for found in at(&mut connection, wanted, schemas.keys().copied()).await.unwrap_or_default() {
                settled.extend(schemas.get(found.as_str()));
            }
        }
        settled
    }

    /// Whether nothing is to do in the database, or in the schema of the tenant. What is in the way of looking shows
    /// again in the run.
    pub(super) async fn is_settled(&self, pool: &PgPool, wanted: Wanted) -> Result<bool, Error> {
        run::check_source(self)?;
        let mut connection = acquire(pool).await?;
        check_version(&connection, self.options.oldest_server)?;
        let tables = self.settings.tables();
        let sql = format!("SELECT 'settled' WHERE {}", wanted.condition(&tables));
        Ok(match look(&mut connection, &[&tables], &sql).await {
            Ok(found) => !found.is_empty(),
            Err(error) if is_missing_table(&error) && wanted.is_so_without_history() => {
                self.settings.tenant.is_none() || tables.schema_exists(&mut connection).await.unwrap_or(false)
            }
            Err(_) => false,
        })
    }
}

/// The schemas in which nothing is to do.
async fn at(
    connection: &mut PgConnection,
    wanted: Wanted,
    schemas: impl Iterator<Item = &str>,
) -> Result<Vec<String>, sqlx::Error> {
    let there = "SELECT space.nspname::text, (class.oid IS NOT NULL)::text FROM pg_catalog.pg_namespace AS space \
         LEFT JOIN pg_catalog.pg_class AS class ON class.relnamespace = space.oid AND class.relname = 'migrate_history'";
    let there = query(connection, there.to_string()).await?;
    let there: BTreeMap<String, bool> = there.iter().map(|row| (text(row, 0), text(row, 1) == "true")).collect();
    let (mut with_history, mut settled) = (Vec::new(), Vec::new());
    for schema in schemas {
        match there.get(schema) {
            Some(true) => with_history.push(schema),
            Some(false) if wanted.is_so_without_history() => settled.push(schema.to_string()),
            _ => {}
        }
    }
    for schemas in with_history.chunks(AT_ONCE) {
        let one = |schema: &&str| {
            format!("SELECT {} WHERE {}", quote_literal(schema), wanted.condition(&Tables::of_tenant(schema)))
        };
        let tables: Vec<Tables> = schemas.iter().map(|schema| Tables::of_tenant(schema)).collect();
        let sql = schemas.iter().map(one).collect::<Vec<_>>().join(" UNION ALL ");
        settled.extend(look(connection, &tables.iter().collect::<Vec<_>>(), &sql).await?);
    }
    Ok(settled)
}

/// The first column. A policy that hides rows of a history is an error.
async fn look(connection: &mut PgConnection, tables: &[&Tables], sql: &str) -> Result<Vec<String>, sqlx::Error> {
    let mut message = Message::looking();
    message.push(Part::Guard, &trust::guard(tables, Use::Read));
    message.push(Part::Control, "SELECT pg_catalog.set_config('row_security', 'off', true)").push(Part::Control, sql);
    let replies = message.send(connection, |_, _| {}).await.map_err(|error| error.source)?;
    Ok(replies.iter().skip(3).flat_map(|reply| &reply.rows).map(|row| text(row, 0)).collect())
}
