//! How `up` and `down` behave beside live traffic.

use std::time::Duration;

use super::arguments::seconds;
use crate::migrator::Migrator;

/// Limits of a run. The limits of single statements in the source, and of single migrations in the application, take
/// precedence.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Beside live traffic")]
pub struct LimitArguments {
    /// Seconds to queue for a strong lock on a table, which is how long its queries may wait [default: 0.05]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub lock_timeout: Option<Duration>,
    /// Seconds to keep retrying while others hold a table [default: 600]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub retry_budget: Option<Duration>,
    /// Seconds that a statement of constant time may run under a strong lock [default: 5]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub statement_timeout: Option<Duration>,
    /// Queue for strong locks without checking first who holds the table
    #[arg(long, conflicts_with = "peek_age")]
    pub no_peek: bool,
    /// Wait without queueing for transactions on the table that are older than this many seconds [default: 0.03]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub peek_age: Option<Duration>,
    /// Seconds that one transaction of a backfill should take [default: 0.05]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub batch_time: Option<Duration>,
    /// Seconds that standbys may lag before a backfill waits for them [default: 10]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub replica_lag: Option<Duration>,
}

impl LimitArguments {
    /// The migrator with these limits.
    pub(super) fn applied_to(&self, mut migrator: Migrator) -> Migrator {
        type Set = fn(Migrator, Duration) -> Migrator;
        let limits: [(Option<Duration>, Set); 6] = [
            (self.lock_timeout, Migrator::lock_timeout),
            (self.retry_budget, Migrator::retry_budget),
            (self.statement_timeout, Migrator::statement_timeout),
            (self.peek_age, Migrator::peek_age),
            (self.batch_time, Migrator::batch_time),
            (self.replica_lag, Migrator::replica_lag),
        ];
        for (limit, set) in limits {
            if let Some(limit) = limit {
                migrator = set(migrator, limit);
            }
        }
        if self.no_peek { migrator.peek(false) } else { migrator }
    }
}
