//! One migrated database for each state of the migrations, to make copies of.

use std::sync::Once;

use migrate_core::plan::Checksum;
use migrate_core::sql::{quote_identifier, quote_literal};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, PgConnection};

use super::database::PREFIX;
use crate::connection::{connect, text};
use crate::error::{Error, sqlstate};
use crate::message::{command, query};
use crate::migrations::Migrations;
use crate::scratch::{Scratch, sweep};

/// A copy of the template of these migrations.
pub(super) async fn copy(migrations: &'static Migrations, server: &PgConnectOptions) -> Result<Scratch, Error> {
    let names = Names::of(migrations);
    let mut attempts = 0;
    loop {
        match Scratch::create(server, Some(&names.template), PREFIX).await {
            // Not there yet; or a test run of other migrations has just dropped it.
            Err(Error::Database { source, .. }) if sqlstate(&source) == Some("3D000") && attempts < 5 => {
                attempts += 1;
                make(migrations, server, &names).await?;
            }
            result => return result,
        }
    }
}

/// The names of a template.
struct Names {
    /// What the templates of all states of these migrations begin with.
    family: String,
    template: String,
}

impl Names {
    fn of(migrations: &'static Migrations) -> Self {
        let first = migrations.iter().next().map(|first| format!("{}_{}", first.version, first.name));
        let family = Checksum::of(&first.unwrap_or_default()).short();
        let state = migrations.migrator().chain.short();
        let family = format!("migrate_template_{family}_");
        Names { template: format!("{family}{state}"), family }
    }
}

/// Makes the template under a lock, so that of many test processes one makes it.
async fn make(migrations: &'static Migrations, server: &PgConnectOptions, names: &Names) -> Result<(), Error> {
    let failed = |source| Error::Database { doing: "create the template of the test databases", source };
    let mut connection = connect(server, "templates").await.map_err(Error::Connect)?;
    let key = format!("hashtextextended({}, 0)", quote_literal(&names.family));
    query(&mut connection, format!("SELECT pg_catalog.pg_advisory_lock({key})")).await.map_err(failed)?;
    let result = make_locked(migrations, server, names, &mut connection).await;
    let _ = connection.close().await;
    result
}

async fn make_locked(
    migrations: &'static Migrations,
    server: &PgConnectOptions,
    names: &Names,
    connection: &mut PgConnection,
) -> Result<(), Error> {
    let failed = |source| Error::Database { doing: "create the template of the test databases", source };
    let like = format!("{}%", names.family.replace('_', "\\_"));
    let sql = format!("SELECT datname FROM pg_catalog.pg_database WHERE datname LIKE {}", quote_literal(&like));
    let known: Vec<String> = query(connection, sql).await.map_err(failed)?.iter().map(|row| text(row, 0)).collect();
    if known.contains(&names.template) {
        return Ok(());
    }
    for old in known {
        // Of an earlier state; one that is being copied stays.
        let _ = command(connection, format!("DROP DATABASE IF EXISTS {}", quote_identifier(&old))).await;
    }
    static SWEPT: Once = Once::new();
    let mut sweeping = false;
    SWEPT.call_once(|| sweeping = true);
    if sweeping {
        sweep(connection, PREFIX).await;
    }
    // It gets its name when it is finished.
    let mut scratch = Scratch::create(server, None, PREFIX).await?;
    let pool = PgPoolOptions::new().max_connections(2).connect_lazy_with(scratch.options());
    let result = migrations.apply(&pool).await;
    pool.close().await;
    result?;
    let rename =
        format!("ALTER DATABASE {} RENAME TO {}", quote_identifier(scratch.name()), quote_identifier(&names.template));
    disconnected(connection, scratch.name()).await;
    command(connection, rename).await.map_err(failed)?;
    scratch.keep();
    Ok(())
}

/// Waits until the connections that were closed are gone.
async fn disconnected(connection: &mut PgConnection, database: &str) {
    let sql = format!("SELECT 1 FROM pg_catalog.pg_stat_activity WHERE datname = {}", quote_literal(database));
    for _ in 0..100 {
        match query(connection, sql.clone()).await {
            Ok(rows) if !rows.is_empty() => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            _ => return,
        }
    }
}
