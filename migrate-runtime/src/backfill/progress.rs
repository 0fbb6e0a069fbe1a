//! How far a backfill is, and how long it will still take.

use std::time::Duration;

use crate::event::{BackfillProgress, per_second, remaining};

/// What is done.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Done {
    /// Rows changed.
    pub(super) rows: u64,
    /// Rows or pages looked at.
    pub(super) looked: u64,
}

impl Done {
    /// `before` was done when this process began, `elapsed` ago; `expected` is what `looked` will be at the end.
    pub(super) fn progress(self, before: Done, elapsed: Duration, expected: Option<u64>) -> BackfillProgress {
        let expected = expected.filter(|expected| *expected > 0);
        let pace = per_second(self.looked.saturating_sub(before.looked), elapsed);
        BackfillProgress {
            rows: self.rows,
            rows_per_second: per_second(self.rows.saturating_sub(before.rows), elapsed),
            fraction: expected.map(|expected| (self.looked as f64 / expected as f64).min(1.0)),
            remaining: expected.and_then(|expected| remaining(expected.saturating_sub(self.looked), pace)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_process_did_does_not_make_the_rest_look_quicker() {
        let before = Done { rows: 4000, looked: 8000 };
        let done = Done { rows: 4500, looked: 9000 };
        let progress = done.progress(before, Duration::from_secs(2), Some(10_000));
        assert_eq!(progress.rows, 4500);
        assert_eq!(progress.rows_per_second, 250.0);
        assert_eq!(progress.fraction, Some(0.9));
        assert_eq!(progress.remaining, Some(Duration::from_secs(2)));
    }

    #[test]
    fn a_table_that_the_planner_does_not_know_has_no_end_in_sight() {
        let progress = Done { rows: 10, looked: 10 }.progress(Done::default(), Duration::from_secs(1), None);
        assert_eq!((progress.fraction, progress.remaining), (None, None));
    }

    #[test]
    fn more_rows_than_were_expected_are_the_end() {
        let progress = Done { rows: 10, looked: 30 }.progress(Done::default(), Duration::from_secs(1), Some(20));
        assert_eq!((progress.fraction, progress.remaining), (Some(1.0), Some(Duration::ZERO)));
    }
}
