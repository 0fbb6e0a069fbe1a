//! Telling how far a long statement is while it runs, from a connection beside it.

use std::time::Instant;

use futures_util::future::{Either, select};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};

use crate::connection::connect;
use crate::event::{Event, Observer, StatementRun, emit};
use crate::lock::Keys;
use crate::watch::{EVERY, look};

/// Whom to tell what about which statement.
pub(super) struct Seeing<'a> {
    pub(super) options: &'a PgConnectOptions,
    pub(super) keys: Keys,
    pub(super) statement: StatementRun,
    /// The SQL, where the statement stands alone.
    pub(super) sql: Option<&'a str>,
    pub(super) observer: Option<&'a Observer>,
}

impl Seeing<'_> {
    /// Does the work, and tells each second how far it is. A statement that is done quickly costs nothing; a server
    /// that has no connection left to look through is left alone.
    pub(super) async fn while_running<T>(&self, work: impl Future<Output = T>) -> T {
        let looking = std::pin::pin!(self.keep_looking());
        let work = std::pin::pin!(work);
        match select(work, looking).await {
            Either::Left((output, _)) => output,
            // It gave up looking.
            Either::Right(((), work)) => work.await,
        }
    }

    async fn keep_looking(&self) {
        let started = Instant::now();
        tokio::time::sleep(EVERY).await;
        let Ok(mut connection) = connect(self.options, "watching").await else { return };
        while self.tell(&mut connection, started).await.is_ok() {
            tokio::time::sleep(EVERY).await;
        }
        let _ = connection.close().await;
    }

    async fn tell(&self, connection: &mut PgConnection, started: Instant) -> Result<(), sqlx::Error> {
        let sight = look(connection, self.keys, self.sql).await?;
        let statement = self.statement.clone();
        emit(self.observer, &Event::StatementProgress { statement, elapsed: started.elapsed(), sight });
        Ok(())
    }
}
