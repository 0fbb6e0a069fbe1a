//! How `up` and `down` behave beside live traffic.

use std::time::Duration;

use super::arguments::seconds;
use crate::migrator::Migrator;

/// Limits of a run. What the source says of single statements, and the application of single migrations, counts more.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Beside live traffic")]
pub struct LimitArguments {
    /// How long to queue for a strong lock on a table: what its traffic waits at most [default: 0.05]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub lock_timeout: Option<Duration>,
    /// How long to try again when others hold a table [default: 600]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub retry_budget: Option<Duration>,
    /// How long a statement of constant time may run under a strong lock [default: 5]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub statement_timeout: Option<Duration>,
    /// Queue for strong locks without looking who holds the table
    #[arg(long, conflicts_with = "peek_age")]
    pub no_peek: bool,
    /// How old a transaction that holds the table must be to be waited for without queueing [default: 0.03]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub peek_age: Option<Duration>,
    /// How long one transaction of a backfill should take [default: 0.05]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub batch_time: Option<Duration>,
    /// How far standbys may be behind before a backfill waits for them [default: 10]
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
