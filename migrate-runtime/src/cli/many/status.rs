//! `status` of many databases.

use migrate_core::history::{Direction, MigrationName, State};

use super::Answer;
use crate::cli::format::indented;
use crate::cli::status::{HALF_APPLIED, StandingJson, applied};
use crate::cli::style::{BAD, HELP, NAME, WAITING, paint};
use crate::many::ManyReport;
use crate::status::{MigrationStatus, Status};

/// How many migrations of a kind are named.
const NAMED: usize = 3;

impl Answer for Status {
    type Json = StandingJson;

    const COUNTED: &[&str] = &["up to date", "behind", "half done", "with a problem"];
    const GOOD: usize = 1;
    const TIMED: bool = false;

    fn counted(&self) -> usize {
        match self {
            _ if self.problem.is_some() => 3,
            _ if self.migrations.iter().any(|one| matches!(one.state, State::Unfinished(_))) => 2,
            _ => usize::from(!self.is_up_to_date()),
        }
    }

    fn line(&self) -> Option<String> {
        let those = |state: State| self.migrations.iter().filter(move |one| one.state == state);
        let is_unknown = those(State::Missing).next().is_some();
        if self.is_up_to_date() && !is_unknown && self.lock.is_none() {
            return None;
        }
        let mut text = format!("{} applied", applied(self));
        let pending = self.pending().count();
        if pending > 0 {
            text.push_str(&paint(WAITING, format!(", {pending} pending")));
        }
        if let Some(current) = &self.current {
            text.push_str(&format!(", at {}", paint(NAME, current)));
        }
        let kinds = [
            (State::Unfinished(Direction::Up), "half applied", WAITING),
            (State::Unfinished(Direction::Down), "half reverted", WAITING),
            (State::OutOfOrder, "out of order", WAITING),
            (State::Modified, "modified since applied", BAD),
            (State::Missing, "not in this binary", WAITING),
        ];
        for (state, what, style) in kinds {
            let names: Vec<String> = those(state).map(named).collect();
            if !names.is_empty() {
                text.push_str(&paint(style, format!("; {what}: {}", list(&names))));
            }
        }
        if let Some(lock) = &self.lock {
            text.push_str(&format!("\n    {}", paint(WAITING, format!("migrating now: {lock}"))));
        }
        if let Some(problem) = &self.problem {
            let problem = format!("{} `up` would refuse: {problem}", paint(BAD, "problem:"));
            text.push_str(&format!("\n{}", indented(&problem, 4)));
        }
        Some(text)
    }

    fn closing(report: &ManyReport<Self>, _noun: &str) -> String {
        let mut text = String::new();
        let mut states = report.done().flat_map(|(_, status)| &status.migrations).map(|one| one.state);
        if states.any(|state| state == State::Unfinished(Direction::Up)) {
            text.push_str(&format!("{} {HALF_APPLIED}\n", paint(HELP, "help:")));
        }
        if let Some(head) = report.done().find_map(|(_, status)| status.head.as_ref()) {
            text.push_str(&format!("head {}: ", paint(NAME, head)));
        }
        text
    }

    /// Without those that are simply applied: of all databases they would be many.
    fn json(&self) -> StandingJson {
        StandingJson::of(self, |state| state != State::Applied)
    }
}

fn named(one: &MigrationStatus) -> String {
    let name: &MigrationName = &one.migration;
    match one.segments {
        Some((done, all)) => format!("{name} ({done} of {all} parts)"),
        None => name.to_string(),
    }
}

fn list(names: &[String]) -> String {
    let (first, rest) = names.split_at(names.len().min(NAMED));
    let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    first.join(", ") + &more
}
