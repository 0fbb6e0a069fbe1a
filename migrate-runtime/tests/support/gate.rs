//! A statement that takes as long as the test likes.

use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

use super::Database;

/// What [`Gate::statement`] is waited at for; another number says that somebody is there.
const THERE: i64 = 1_000_000;

/// A gate that is closed until it is opened, or dropped.
pub struct Gate<'d> {
    database: &'d Database,
    number: i64,
    connection: PgConnection,
}

impl<'d> Gate<'d> {
    /// Closes the gate of that number.
    pub async fn close(database: &'d Database, number: i64) -> Self {
        let mut connection = database.options.connect().await.unwrap();
        sqlx::query("SELECT pg_advisory_lock($1)").bind(number).execute(&mut connection).await.unwrap();
        Gate { database, number, connection }
    }

    /// The statement that waits at the gate of that number. It queues for no lock, so no timeout ends it.
    pub fn statement(number: i64) -> String {
        format!(
            "DO $gate$ BEGIN PERFORM pg_advisory_xact_lock_shared({}); \
             WHILE NOT pg_try_advisory_xact_lock_shared({number}) LOOP PERFORM pg_sleep(0.01); END LOOP; END $gate$",
            THERE + number
        )
    }

    /// The backends that have come to the gate.
    pub fn backends(&self) -> String {
        format!(
            "SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = database \
             WHERE locktype = 'advisory' AND datname = current_database() AND classid = 0 AND objid = {}",
            THERE + self.number
        )
    }

    /// Waits until somebody has come.
    pub async fn is_reached(&self) {
        self.database.until(&format!("SELECT EXISTS ({})::text", self.backends())).await;
    }

    pub async fn open(self) {
        self.connection.close().await.unwrap();
    }
}
