//! Databases that are made for a while, and dropped again.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use migrate_core::sql::quote_identifier;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};

use crate::connection::{backoff, connect, text};
use crate::error::{Error, sqlstate};
use crate::message::{command, query};

/// How long to wait until nobody is connected to the database that is copied.
const TEMPLATE_WAIT: Duration = Duration::from_secs(30);

/// What a killed process left behind is dropped after this time.
const LEFT_BEHIND: Duration = Duration::from_secs(6 * 3600);

/// A database of our own. Dropped with the value, also when a test panics.
pub(crate) struct Scratch {
    /// How to get to a database that stays.
    server: PgConnectOptions,
    name: String,
    kept: bool,
}

impl std::fmt::Debug for Scratch {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the options, which have the password.
        formatter.debug_struct("Scratch").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Scratch {
    /// Makes one, as a copy of another if one is named. `server` is any database of the server.
    pub(crate) async fn create(
        server: &PgConnectOptions,
        template: Option<&str>,
        prefix: &str,
    ) -> Result<Scratch, Error> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{prefix}{seconds}_{}_{number}_{:04x}", std::process::id(), fastrand::u16(..));
        let mut connection = connect(server, "databases").await.map_err(Error::Connect)?;
        let mut sql = format!("CREATE DATABASE {}", quote_identifier(&name));
        if let Some(template) = template {
            sql.push_str(&format!(" TEMPLATE {}", quote_identifier(template)));
        }
        // From here on it is dropped, also if the answer is lost.
        let scratch = Scratch { server: server.clone(), name, kept: false };
        let deadline = Instant::now() + TEMPLATE_WAIT;
        let mut attempt = 0;
        loop {
            match command(&mut connection, sql.clone()).await {
                Ok(_) => break,
                // Somebody is connected to the template, or copies it in a way that excludes us.
                Err(error) if sqlstate(&error) == Some("55006") && Instant::now() < deadline => {
                    let pause = backoff(attempt, Duration::from_millis(20), Duration::from_millis(500));
                    tokio::time::sleep(pause).await;
                    attempt += 1;
                }
                Err(source) => return Err(Error::Database { doing: "create a database", source }),
            }
        }
        let _ = connection.close().await;
        Ok(scratch)
    }

    /// How to connect to it.
    pub(crate) fn options(&self) -> PgConnectOptions {
        self.server.clone().database(&self.name)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Leaves it there.
    pub(crate) fn keep(&mut self) {
        self.kept = true;
    }

    /// Drops it, and the connections to it.
    pub(crate) async fn remove(mut self) -> Result<(), Error> {
        self.kept = true;
        remove(&self.server, &self.name).await
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        let (server, name) = (self.server.clone(), self.name.clone());
        // The runtime of the caller may be about to end, so this takes one of its own.
        let dropping = std::thread::Builder::new().name("drop database".to_string()).spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            if let Ok(runtime) = runtime {
                let removal = runtime.block_on(remove(&server, &name));
                if let Err(error) = removal {
                    tracing::warn!(target: "migrate", %error, database = name, "database not dropped");
                }
            }
        });
        if let Ok(dropping) = dropping {
            let _ = dropping.join();
        }
    }
}

async fn remove(server: &PgConnectOptions, name: &str) -> Result<(), Error> {
    let mut connection = connect(server, "databases").await.map_err(Error::Connect)?;
    let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quote_identifier(name));
    let result = command(&mut connection, sql).await;
    let _ = connection.close().await;
    result.map(|_| ()).map_err(|source| Error::Database { doing: "drop a database", source })
}

/// Drops the databases of a prefix that processes left behind which were killed. What somebody uses stays.
pub(crate) async fn sweep(connection: &mut PgConnection, prefix: &str) {
    let sql = format!("SELECT datname FROM pg_catalog.pg_database WHERE datname ~ '^{prefix}[0-9]+_'");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    for row in query(connection, sql).await.unwrap_or_default() {
        let name = text(&row, 0);
        let made = name.strip_prefix(prefix).and_then(|rest| rest.split('_').next()?.parse::<u64>().ok());
        if made.is_some_and(|made| made + LEFT_BEHIND.as_secs() < now) {
            let _ = command(connection, format!("DROP DATABASE IF EXISTS {}", quote_identifier(&name))).await;
        }
    }
}
