//! What was used of the server.

use std::fs;
use std::time::{Duration, Instant};

use postgres_server::Server;
use sqlx::{Connection as _, PgConnection};

use crate::BoxError;

const MB: f64 = 1024.0 * 1024.0;

const QUESTION: &str = "SELECT pg_table_size('orders')::float8, pg_indexes_size('orders')::float8, \
     pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8, \
     coalesce(n_tup_upd, 0)::float8, coalesce(n_tup_hot_upd, 0)::float8 \
     FROM pg_stat_user_tables WHERE relname = 'orders'";

/// Megabytes, but for the numbers of updates and the seconds of CPU.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    pub(crate) table: f64,
    pub(crate) indexes: f64,
    pub(crate) wal: f64,
    pub(crate) cpu: f64,
    updates: f64,
    hot_updates: f64,
}

impl Usage {
    pub(crate) async fn now(server: &Server, database: &str) -> Result<Usage, BoxError> {
        let cpu = cpu(server)?;
        let mut connection = PgConnection::connect(&server.url(database)).await?;
        let (table, indexes, wal, updates, hot_updates): (f64, f64, f64, f64, f64) =
            sqlx::query_as(QUESTION).fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(Usage { table: table / MB, indexes: indexes / MB, wal: wal / MB, cpu, updates, hot_updates })
    }

    /// The same when the server has counted this many updates: it does so a moment later.
    pub(crate) async fn after(server: &Server, database: &str, updates: u64) -> Result<Usage, BoxError> {
        let deadline = Instant::now() + Duration::from_secs(10);
        let first = Usage::now(server, database).await?;
        let mut last = first;
        while last.updates < updates as f64 && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(100)).await;
            last = Usage::now(server, database).await?;
        }
        Ok(Usage { updates: last.updates, hot_updates: last.hot_updates, ..first })
    }

    pub(crate) fn since(&self, before: &Usage) -> Usage {
        Usage {
            table: self.table - before.table,
            indexes: self.indexes - before.indexes,
            wal: self.wal - before.wal,
            cpu: self.cpu - before.cpu,
            updates: self.updates - before.updates,
            hot_updates: self.hot_updates - before.hot_updates,
        }
    }

    pub(crate) fn hot_share(&self) -> f64 {
        self.hot_updates / self.updates.max(1.0)
    }
}

/// The CPU seconds of the backends that have ended: other than the time on the clock they do not count what else runs on
/// the machine. See proc(5): after the name in brackets, the 14th and 15th fields are of the children.
fn cpu(server: &Server) -> Result<f64, BoxError> {
    let file = fs::read_to_string(server.directory().join("data/postmaster.pid"))?;
    let postmaster = file.lines().next().unwrap_or_default();
    let text = fs::read_to_string(format!("/proc/{postmaster}/stat"))?;
    let (_, fields) = text.rsplit_once(')').ok_or("no name in /proc/PID/stat")?;
    let ticks: Result<Vec<u64>, _> = fields.split_whitespace().skip(13).take(2).map(str::parse).collect();
    // Ticks of a hundredth of a second.
    Ok(ticks?.into_iter().sum::<u64>() as f64 / 100.0)
}
