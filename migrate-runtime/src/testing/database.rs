use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, PgPool};

use super::template;
use crate::database_url;
use crate::error::Error;
use crate::migrations::Migrations;
use crate::scratch::Scratch;

/// What the names of test databases begin with.
pub(super) const PREFIX: &str = "migrate_test_";

/// How many connections the pool of a test has at most.
const CONNECTIONS: u32 = 5;

/// A database for one test, dropped with this value.
pub struct TestDatabase {
    pool: PgPool,
    options: PgConnectOptions,
    // Dropped after the pool.
    scratch: Scratch,
}

impl std::fmt::Debug for TestDatabase {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the options, which have the password.
        formatter.debug_struct("TestDatabase").field("scratch", &self.scratch).finish_non_exhaustive()
    }
}

impl TestDatabase {
    /// Creates an empty one. `server` is the URL of any database of the server; its role must be allowed to create
    /// databases.
    ///
    /// # Errors
    /// The server cannot be reached, or refuses.
    pub async fn empty(server: &str) -> Result<TestDatabase, Error> {
        TestDatabase::of(Scratch::create(&options(server)?, None, PREFIX).await?)
    }

    /// Creates one with all migrations applied: a copy of a template, which is created if it is missing.
    ///
    /// # Errors
    /// The server cannot be reached, or refuses, or a migration fails.
    pub async fn migrated(migrations: &'static Migrations, server: &str) -> Result<TestDatabase, Error> {
        let scratch = template::copy(migrations, &options(server)?).await?;
        TestDatabase::of(scratch)
    }

    fn of(scratch: Scratch) -> Result<TestDatabase, Error> {
        let options = scratch.options();
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS).connect_lazy_with(options.clone());
        Ok(TestDatabase { pool, options, scratch })
    }

    /// Connections to it.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Options to connect to it in other ways.
    pub fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// Its URL.
    pub fn url(&self) -> String {
        self.options.to_url_lossy().to_string()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.scratch.name()
    }

    /// Keeps the database, to inspect it after the test. Returns its name.
    #[must_use]
    pub fn keep(mut self) -> String {
        self.scratch.keep();
        self.scratch.name().to_string()
    }

    /// Drops it now, and reports errors; dropping the value does the same silently.
    ///
    /// # Errors
    /// The server cannot be reached, or refuses.
    pub async fn remove(self) -> Result<(), Error> {
        self.pool.close().await;
        self.scratch.remove().await
    }
}

pub(super) fn options(url: &str) -> Result<PgConnectOptions, Error> {
    database_url::read(url)
}
