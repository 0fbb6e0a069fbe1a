//! What the executor tells a rehearsal.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use migrate_core::plan::LockMode;
use sqlx::postgres::PgRow;

use super::sample::{self, Oid, Sample, Whose};
use crate::event::Event;

/// What was seen of the migration that runs now. Statements are counted over all segments, from 0.
#[derive(Debug, Default)]
pub(crate) struct Observation {
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Before the first statement of each transaction, by the number of that statement.
    pub(super) begins: BTreeMap<usize, Sample>,
    /// After each statement of a transaction.
    pub(super) after: BTreeMap<usize, Sample>,
    /// The time of statements outside of transactions.
    pub(super) alone: BTreeMap<usize, Duration>,
    /// Their locks, as seen from outside.
    pub(super) locks: BTreeMap<usize, BTreeMap<Oid, Vec<LockMode>>>,
    /// The statement that runs.
    running: Option<Running>,
    /// How many have been begun.
    begun: u64,
}

/// A statement that runs, told apart from another attempt at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Running {
    number: usize,
    attempt: u64,
}

impl Observation {
    /// The command to add to a transaction before its first statement, and after each one.
    pub(crate) fn command(&self, history_schema: &str) -> String {
        sample::query(Whose::Own, history_schema)
    }

    /// Takes the answer of that command: before the statement of this number, or after it.
    pub(crate) fn record(&self, number: usize, is_before: bool, rows: &[PgRow]) {
        let sample = sample::read(rows);
        let mut seen = self.seen();
        if is_before {
            // An attempt that failed is forgotten.
            seen.after.retain(|known, _| *known < number);
            seen.begins.insert(number, sample);
        } else {
            seen.after.insert(number, sample);
        }
    }

    /// Takes what is told to observers.
    pub(super) fn on_event(&self, event: &Event) {
        let mut seen = self.seen();
        match event {
            Event::StatementStarted(statement) => {
                seen.begun += 1;
                let attempt = seen.begun;
                seen.running = statement.index.checked_sub(1).map(|number| Running { number, attempt });
            }
            Event::StatementFinished { statement, elapsed, .. } => {
                seen.running = None;
                if let (Some(number), Some(elapsed)) = (statement.index.checked_sub(1), elapsed) {
                    seen.alone.insert(number, *elapsed);
                }
            }
            _ => {}
        }
    }

    /// The statement that runs now.
    pub(super) fn running(&self) -> Option<Running> {
        self.seen().running
    }

    /// Takes a look from outside, which was started while that statement ran. It counts if the same one still runs:
    /// else it may have seen the next one.
    pub(super) fn look(&self, sample: Sample, begun: Option<Running>) {
        let mut seen = self.seen();
        let Some(Running { number, .. }) = begun.filter(|_| seen.running == begun) else { return };
        let locks = seen.locks.entry(number).or_default();
        for (oid, modes) in sample.locks {
            let known = locks.entry(oid).or_default();
            known.extend(modes.iter().filter(|mode| !known.contains(mode)).copied().collect::<Vec<_>>());
        }
    }

    /// What was seen; the next migration begins anew.
    pub(super) fn take(&self) -> Seen {
        std::mem::take(&mut self.seen())
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
