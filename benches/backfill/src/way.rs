//! The ways to fill the column.

use migrate_runtime::Migrations;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};

use crate::{BoxError, pool};

const UPDATE: &str = "UPDATE orders SET currency = left(status, 3) WHERE currency IS NULL";

/// Rows of a plain batch.
const BATCH: u32 = 1000;

/// A way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Backfill,
    OneUpdate,
    /// Batches along the key, each its own transaction.
    Keyset,
    /// The same without waiting for the disk at each COMMIT.
    KeysetWithoutWaiting,
}

impl Way {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Way::Backfill => "`backfill`",
            Way::OneUpdate => "one UPDATE",
            Way::Keyset => "plain keyset, batches of 1,000",
            Way::KeysetWithoutWaiting => "the same, `synchronous_commit = off`",
        }
    }

    pub(crate) async fn fill(self, url: &str, history: &'static Migrations) -> Result<(), BoxError> {
        if self == Way::Backfill {
            let pool = pool(url, 1).await?;
            history.apply(&pool).await?;
            pool.close().await;
            return Ok(());
        }
        let mut connection = PgConnection::connect(url).await?;
        if self == Way::KeysetWithoutWaiting {
            sqlx::raw_sql("SET synchronous_commit = off").execute(&mut connection).await?;
        }
        if self == Way::OneUpdate {
            sqlx::raw_sql(UPDATE).execute(&mut connection).await?;
        } else {
            keyset(&mut connection).await?;
        }
        Ok(connection.close().await?)
    }
}

async fn keyset(connection: &mut PgConnection) -> Result<(), BoxError> {
    let mut after: Option<String> = None;
    loop {
        let lower = after.map_or("true".to_owned(), |after| format!("id > '{after}'"));
        let end = format!("SELECT id::text FROM orders WHERE {lower} ORDER BY orders.id OFFSET {} LIMIT 1", BATCH - 1);
        let end = sqlx::raw_sql(AssertSqlSafe(end)).fetch_optional(&mut *connection).await?;
        let end: Option<String> = end.map(|row| row.try_get(0)).transpose()?;
        let upper = end.as_ref().map_or("true".to_owned(), |end| format!("id <= '{end}'"));
        sqlx::raw_sql(AssertSqlSafe(format!("{UPDATE} AND {lower} AND {upper}"))).execute(&mut *connection).await?;
        if end.is_none() {
            return Ok(());
        }
        after = end;
    }
}
