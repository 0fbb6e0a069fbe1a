//! Many databases, some of them at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use futures_util::StreamExt as _;
use futures_util::stream;
use migrate_core::sql::quote_literal;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tracing::Instrument as _;

use super::{Database, DatabaseReport, Many, ManyReport, Outcome};
use crate::connection::{CONNECT_TIMEOUT, acquire, close, text};
use crate::database_url;
use crate::error::Error;
use crate::message::unhurried;
use crate::migrator::Migrator;
use crate::running::Running;

impl std::fmt::Debug for Database {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Database").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Database {
    /// A database, called `name` in reports and events.
    pub fn new(name: impl Into<String>, options: PgConnectOptions) -> Database {
        Database { name: name.into(), options, schema: None }
    }

    /// Its name in reports and events.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A tenant's schema in the database of a pool.
    pub fn schema_of(pool: &PgPool, schema: impl Into<String>) -> Database {
        let schema = schema.into();
        let options: PgConnectOptions = (*pool.connect_options()).clone();
        Database { name: schema.clone(), options, schema: Some((schema, pool.clone())) }
    }

    /// A database by its URL, named after its host, port and name.
    ///
    /// # Errors
    /// The text is not a PostgreSQL URL.
    pub fn at(url: &str) -> Result<Database, Error> {
        let options = database_url::read(url)?;
        let place = match options.get_socket() {
            Some(directory) => directory.display().to_string(),
            None => format!("{}:{}", options.get_host(), options.get_port()),
        };
        let name = format!("{place}/{}", options.get_database().unwrap_or(options.get_username()));
        Ok(Database::new(name, options))
    }
}

/// One of many databases, at its turn.
pub(super) struct Turn {
    /// Its place in the list.
    pub(super) index: usize,
    /// The migrator for it: in its schema, telling its events.
    pub(super) migrator: Migrator,
    /// Connections to it.
    pub(super) pool: PgPool,
}

impl Migrator {
    /// Does the same with each of these, so many at the same time.
    pub(super) async fn each<T>(
        &self,
        databases: Vec<Database>,
        how: &Many,
        work: impl Fn(Turn) -> Running<'static, Result<T, Error>>,
    ) -> ManyReport<T> {
        let started = Instant::now();
        let failed = AtomicBool::new(false);
        let (stop, work) = (&failed, &work);
        let one = |(index, database): (usize, Database)| {
            let name = database.name.clone();
            let span = crate::spans::database(&name);
            let turn = async move {
                if how.stop_at_failure && stop.load(Ordering::Relaxed) {
                    return (index, DatabaseReport { name, outcome: Outcome::NotBegun });
                }
                let outcome = match self.turn(index, database, how, work).await {
                    Ok(done) => Outcome::Done(done),
                    Err(error) => {
                        stop.store(true, Ordering::Relaxed);
                        Outcome::Failed(Box::new(error))
                    }
                };
                (index, DatabaseReport { name, outcome })
            };
            turn.instrument(span)
        };
        let all = stream::iter(databases.into_iter().enumerate().map(one)).buffer_unordered(how.at_once);
        let mut reports: Vec<(usize, DatabaseReport<T>)> = all.collect().await;
        reports.sort_by_key(|(index, _)| *index);
        let databases = reports.into_iter().map(|(_, report)| report).collect();
        ManyReport { databases, elapsed: started.elapsed() }
    }

    async fn turn<T>(
        &self,
        index: usize,
        database: Database,
        how: &Many,
        work: impl Fn(Turn) -> Running<'static, Result<T, Error>>,
    ) -> Result<T, Error> {
        let mut migrator = self.clone();
        if let Some(observer) = &how.observer {
            let (observer, name) = (Arc::clone(observer), database.name);
            let told = self.settings.observer.clone();
            migrator = migrator.on_event(move |event| {
                observer(&name, event);
                if let Some(told) = &told {
                    told(event);
                }
            });
        }
        if let Some((schema, pool)) = database.schema {
            return work(Turn { index, migrator: migrator.schema(schema), pool }).await;
        }
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(CONNECT_TIMEOUT)
            .test_before_acquire(false)
            .connect_lazy_with(database.options);
        let result = work(Turn { index, migrator, pool: pool.clone() }).await;
        close(&pool).await;
        result
    }

    /// The databases of the pool's server whose names match a `LIKE` pattern, sorted by name, without templates. They
    /// are connected to like the pool's own database.
    ///
    /// # Errors
    /// The database cannot be reached or read.
    pub async fn databases_like(&self, pool: &PgPool, pattern: &str) -> Result<Vec<Database>, Error> {
        let mut connection = acquire(pool).await?;
        let sql = format!(
            "SELECT datname FROM pg_catalog.pg_database WHERE datname LIKE {} AND datallowconn AND NOT datistemplate \
             ORDER BY datname",
            quote_literal(pattern)
        );
        let rows = unhurried(&mut connection, &sql).await;
        let rows = rows.map_err(|source| Error::Database { doing: "list the databases", source })?;
        let options: PgConnectOptions = (*pool.connect_options()).clone();
        let database = |name: String| Database::new(name.clone(), options.clone().database(&name));
        Ok(rows.iter().map(|row| database(text(row, 0))).collect())
    }
}
