//! A writer: updates of single rows by their key, each at its time, whether or not those before it are done.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, PgPool};
use tokio::task::JoinHandle;

use crate::shape::Shape;
use crate::{BoxError, pool};

/// How many transactions can be under way.
const CONNECTIONS: u32 = 16;

/// A writer at work.
pub(crate) struct Writer {
    stop: Arc<AtomicBool>,
    pool: PgPool,
    requests: JoinHandle<Vec<JoinHandle<Result<Request, sqlx::Error>>>>,
}

/// When a transaction was due, and how long after that it was done.
#[derive(Clone, Copy, Debug)]
struct Request {
    due: Instant,
    took: Duration,
}

/// How long transactions took, the quickest first.
#[derive(Debug)]
pub(crate) struct Times(Vec<Duration>);

impl Writer {
    pub(crate) async fn start(url: &str, shape: Shape, rows: u64, rate: u32) -> Result<Writer, BoxError> {
        let pool = pool(url, CONNECTIONS).await?;
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, connections) = (Arc::clone(&stop), pool.clone());
        let requests = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate);
            let mut all = Vec::new();
            let mut number: u64 = 0;
            while !stopped.load(Ordering::Relaxed) {
                let due = ticks.tick().await.into_std();
                // A step that shares no divisor with the number of rows comes to all of them, in no order.
                number = (number + 611_953) % rows;
                let key = shape.key(&(number + 1).to_string());
                all.push(tokio::spawn(request(connections.clone(), key, due)));
            }
            all
        });
        Ok(Writer { stop, pool, requests })
    }

    /// The transactions that were due before `started`, and those from then on until `ended`.
    pub(crate) async fn end(self, started: Instant, ended: Instant) -> Result<(Times, Times), BoxError> {
        self.stop.store(true, Ordering::Relaxed);
        let (mut before, mut meanwhile) = (Vec::new(), Vec::new());
        for request in self.requests.await? {
            let request = request.await??;
            if request.due < started {
                before.push(request.took);
            } else if request.due < ended {
                meanwhile.push(request.took);
            }
        }
        self.pool.close().await;
        Ok((Times::of(before), Times::of(meanwhile)))
    }
}

async fn request(pool: PgPool, key: String, due: Instant) -> Result<Request, sqlx::Error> {
    let update = format!("UPDATE orders SET updated_at = now() WHERE id = {key}");
    sqlx::raw_sql(AssertSqlSafe(update)).execute(&pool).await?;
    Ok(Request { due, took: due.elapsed() })
}

impl Times {
    fn of(mut times: Vec<Duration>) -> Times {
        times.sort();
        Times(times)
    }

    /// Milliseconds: the time that this share of them did not exceed.
    pub(crate) fn at(&self, share: f64) -> f64 {
        let index = (self.0.len() as f64 * share) as usize;
        self.0.get(index).or(self.0.last()).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    }

    pub(crate) fn longest(&self) -> f64 {
        self.at(1.0)
    }
}
