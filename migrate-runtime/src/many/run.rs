use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream;
use migrate_core::sql::quote_literal;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tracing::Instrument as _;

use super::{Database, DatabaseReport, Many, ManyReport, Outcome};
use crate::connection::text;
use crate::error::Error;
use crate::message::query;
use crate::migrator::Migrator;

/// How long to try to connect to one of the databases.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

impl Database {
    /// A database by its URL; it is called after its host, port and name.
    ///
    /// # Errors
    /// The text is no URL of PostgreSQL.
    pub fn at(url: &str) -> Result<Database, Error> {
        let options = PgConnectOptions::from_str(url).map_err(Error::Connect)?;
        let place = match options.get_socket() {
            Some(directory) => directory.display().to_string(),
            None => format!("{}:{}", options.get_host(), options.get_port()),
        };
        let name = format!("{place}/{}", options.get_database().unwrap_or(options.get_username()));
        Ok(Database { name, options })
    }
}

impl Migrator {
    /// Applies to many databases, some of them at the same time. One that fails does not stop the others, unless that
    /// is asked for. Started again, it changes only those that are left; the others take one round trip each.
    pub async fn apply_to_all(&self, databases: impl IntoIterator<Item = Database>, how: Many) -> ManyReport {
        let started = Instant::now();
        let failed = AtomicBool::new(false);
        let (how, stop) = (&how, &failed);
        let one = |(index, database): (usize, Database)| {
            let name = database.name.clone();
            let span = crate::spans::database(&name);
            let work = async move {
                if how.stop_at_failure && stop.load(Ordering::Relaxed) {
                    return (index, DatabaseReport { name, outcome: Outcome::NotBegun });
                }
                let outcome = match self.apply_to_one(database, how).await {
                    Ok(report) => Outcome::Done(report),
                    Err(error) => {
                        stop.store(true, Ordering::Relaxed);
                        Outcome::Failed(Box::new(error))
                    }
                };
                (index, DatabaseReport { name, outcome })
            };
            work.instrument(span)
        };
        let all = stream::iter(databases.into_iter().enumerate().map(one)).buffer_unordered(how.at_once);
        let mut reports: Vec<(usize, DatabaseReport)> = all.collect().await;
        reports.sort_by_key(|(index, _)| *index);
        let databases = reports.into_iter().map(|(_, report)| report).collect();
        ManyReport { databases, elapsed: started.elapsed() }
    }

    async fn apply_to_one(&self, database: Database, how: &Many) -> Result<crate::Report, Error> {
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
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(CONNECT_TIMEOUT)
            .test_before_acquire(false)
            .connect_lazy_with(database.options);
        let result = migrator.apply_to(&pool, how.target).await;
        pool.close().await;
        result
    }

    /// The databases of the pool's server whose names match a pattern of `LIKE`, by name, templates left out. They are
    /// reached as the pool's own database is.
    ///
    /// # Errors
    /// The database cannot be reached or read.
    pub async fn databases_like(&self, pool: &PgPool, pattern: &str) -> Result<Vec<Database>, Error> {
        let mut connection = pool.acquire().await.map_err(Error::Connect)?;
        let sql = format!(
            "SELECT datname FROM pg_catalog.pg_database WHERE datname LIKE {} AND datallowconn AND NOT datistemplate \
             ORDER BY datname",
            quote_literal(pattern)
        );
        let rows = query(&mut connection, sql).await;
        let rows = rows.map_err(|source| Error::Database { doing: "list the databases", source })?;
        let options: PgConnectOptions = (*pool.connect_options()).clone();
        let database = |name: String| Database { options: options.clone().database(&name), name };
        Ok(rows.iter().map(|row| database(text(row, 0))).collect())
    }
}
