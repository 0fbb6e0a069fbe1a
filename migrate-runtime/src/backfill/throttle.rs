//! When a backfill makes room for others: standbys that do not keep up, and transactions that wait for its rows.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use sqlx::PgConnection;

use crate::connection::{millis, number, text};
use crate::event::Throttle;
use crate::message::unhurried;

/// How often it looks at the standbys.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How long it waits for standbys before it looks again.
const WAIT: Duration = Duration::from_millis(500);

/// The command that gives a row for each session that waits for the transaction it is in. At the end of a batch that is
/// everybody who came for one of its rows. From `pg_locks`: `pg_stat_activity` would not tell every role what others
/// wait for.
pub(super) const WAITING_FOR_US: &str = "SELECT FROM pg_catalog.pg_locks \
     WHERE NOT granted AND pg_catalog.pg_backend_pid() = ANY (pg_catalog.pg_blocking_pids(pid))";

/// What the looks remember.
#[derive(Debug, Default)]
pub(super) struct Throttling {
    looked: Option<Instant>,
    /// Where the log was at earlier looks.
    written: VecDeque<(Instant, u64)>,
}

/// A standby as the server sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Standby {
    name: String,
    replayed: u64,
    /// As the server has measured it; it learns nothing while the standby does not answer.
    lag: Duration,
}

impl Throttling {
    /// Whether it is time to look at the standbys.
    pub(super) fn is_due(&self) -> bool {
        self.looked.is_none_or(|looked| looked.elapsed() >= LOOK_EVERY)
    }

    /// Makes it time to look again.
    pub(super) fn look_again(&mut self) {
        self.looked = None;
    }

    /// Looks at the standbys: what to wait for, and how long.
    pub(super) async fn look(
        &mut self,
        connection: &mut PgConnection,
        limit: Duration,
    ) -> Result<Option<(Throttle, Duration)>, sqlx::Error> {
        let sql = "SELECT application_name, pg_wal_lsn_diff(replay_lsn, '0/0')::text, \
                   (extract(epoch FROM coalesce(replay_lag, interval '0')) * 1000)::text, \
                   pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text \
                   FROM pg_catalog.pg_stat_replication WHERE state = 'streaming' AND replay_lsn IS NOT NULL \
                   AND NOT pg_is_in_recovery()";
        let rows = unhurried(connection, sql).await?;
        let now = Instant::now();
        self.looked = Some(now);
        let standbys: Vec<Standby> = rows
            .iter()
            .map(|row| Standby {
                name: text(row, 0),
                replayed: number(row, 1).unwrap_or(0),
                lag: millis(row, 2).unwrap_or_default(),
            })
            .collect();
        let Some(written) = rows.first().and_then(|row| number(row, 3)) else {
            self.written.clear();
            return Ok(None);
        };
        self.written.push_back((now, written));
        Ok(self.behind(&standbys, limit, now).map(|throttle| (throttle, WAIT)))
    }

    /// The standby that is behind most, if that is more than the limit.
    fn behind(&mut self, standbys: &[Standby], limit: Duration, now: Instant) -> Option<Throttle> {
        let slowest = standbys.iter().map(|standby| standby.replayed).min().unwrap_or(u64::MAX);
        // What all have replayed tells nothing anymore.
        while self.written.front().is_some_and(|(_, written)| *written <= slowest) {
            self.written.pop_front();
        }
        let lag_of = |standby: &Standby| {
            let missing = self.written.iter().find(|(_, written)| *written > standby.replayed);
            // A standby that has everything has no lag, whatever was measured last.
            missing.map_or(Duration::ZERO, |(at, _)| now.saturating_duration_since(*at).max(standby.lag))
        };
        let (standby, lag) = standbys.iter().map(|one| (one, lag_of(one))).max_by_key(|(_, lag)| *lag)?;
        (lag > limit).then(|| Throttle::Standby { name: standby.name.clone(), lag })
    }
}

/// What a batch does that others waited for: the next one is smaller, and begins later.
pub(super) fn pause_for(waiting: u64, batch: Duration) -> Option<(Throttle, Duration)> {
    (waiting > 0).then(|| (Throttle::Waiting { count: waiting }, batch.min(Duration::from_secs(1))))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    fn standby(name: &str, replayed: u64, lag_seconds: u64) -> Standby {
        Standby { name: name.into(), replayed, lag: Duration::from_secs(lag_seconds) }
    }

    fn throttling(written: &[(u64, u64)], start: Instant) -> Throttling {
        let written = written.iter().map(|(seconds, at)| (start + Duration::from_secs(*seconds), *at)).collect();
        Throttling { written, ..Throttling::default() }
    }

    #[test]
    fn standbys_that_keep_up_are_not_waited_for() {
        let start = Instant::now();
        let mut throttling = throttling(&[(0, 100), (1, 200), (2, 300)], start);
        let now = start + Duration::from_secs(3);
        assert_eq!(throttling.behind(&[standby("a", 250, 0), standby("b", 300, 1)], LIMIT, now), None);
        assert_eq!(throttling.written.len(), 1, "what all have is forgotten");
        assert_eq!(throttling.behind(&[], LIMIT, now), None);
    }

    #[test]
    fn a_standby_that_does_not_answer_is_seen_by_what_it_has_not_replayed() {
        let start = Instant::now();
        let mut throttling = throttling(&[(0, 100), (1, 200), (12, 300)], start);
        let now = start + Duration::from_secs(12);
        let behind = throttling.behind(&[standby("a", 300, 0), standby("b", 150, 0)], LIMIT, now);
        assert_eq!(behind, Some(Throttle::Standby { name: "b".into(), lag: Duration::from_secs(11) }));
    }

    #[test]
    fn what_the_server_has_measured_counts_from_the_first_look_on() {
        let start = Instant::now();
        let behind = throttling(&[(0, 100)], start).behind(&[standby("a", 50, 30)], LIMIT, start);
        assert_eq!(behind, Some(Throttle::Standby { name: "a".into(), lag: Duration::from_secs(30) }));
    }

    #[test]
    fn a_batch_that_others_waited_for_is_followed_by_a_pause_as_long_as_it() {
        let batch = Duration::from_millis(40);
        assert_eq!(pause_for(0, batch), None);
        assert_eq!(pause_for(3, batch), Some((Throttle::Waiting { count: 3 }, batch)));
        assert_eq!(pause_for(1, Duration::from_secs(60)).map(|(_, pause)| pause), Some(Duration::from_secs(1)));
    }
}
