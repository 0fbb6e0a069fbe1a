//! Verbs beside applying and reverting. Each is linked into the programs that call it, and into no other.

use std::fmt::Debug;

use migrate_core::history::Direction;

use super::baseline::Baseline;
use super::repair::Repair;
use crate::execute::{Runner, Stop};
use crate::history_table::Loaded;
use crate::running::Running;

/// What a run is for.
pub(crate) trait Verb: Debug + Send + Sync {
    /// In which direction it takes what is half done, if it takes that anywhere.
    fn direction(&self) -> Option<Direction> {
        None
    }

    /// Does it.
    fn work<'w>(&'w self, runner: &'w mut Runner<'_>, loaded: Loaded) -> Running<'w, Result<(), Stop>>;
}

/// Takes back what is half applied.
#[derive(Debug)]
pub(crate) struct Abandon;

impl Verb for Abandon {
    fn direction(&self) -> Option<Direction> {
        Some(Direction::Down)
    }

    fn work<'w>(&'w self, runner: &'w mut Runner<'_>, loaded: Loaded) -> Running<'w, Result<(), Stop>> {
        Box::pin(runner.abandon(loaded))
    }
}

impl Verb for Baseline {
    fn work<'w>(&'w self, runner: &'w mut Runner<'_>, loaded: Loaded) -> Running<'w, Result<(), Stop>> {
        Box::pin(async move { runner.baseline(*self, &loaded).await })
    }
}

impl Verb for Repair {
    fn work<'w>(&'w self, runner: &'w mut Runner<'_>, loaded: Loaded) -> Running<'w, Result<(), Stop>> {
        Box::pin(async move { runner.repair(self, &loaded).await })
    }
}
