//! What happens, as it happens: a line that is redrawn on a terminal, a line for each event elsewhere.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use migrate_core::history::Direction;

use super::format::{count, duration, one_line};
use super::output::Output;
use super::style::{FAINT, GOOD, NAME, WAITING, paint};
use crate::event::{BackfillProgress, Event, MigrationRun, StatementRun, StepProgress};
use crate::watch::Sight;

/// How often the lines tell how far a backfill is.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// The resolution of a bar.
const BAR: u64 = 1000;

/// Shows progress until it is dropped.
pub(super) struct Progress {
    shown: Arc<Shown>,
}

enum Shown {
    Nothing,
    Lines { output: Output, told: Mutex<Option<Instant>> },
    Bar(Bar),
}

impl Progress {
    pub(super) fn new(output: Output, quiet: bool) -> Self {
        let shown = if quiet {
            Shown::Nothing
        } else if output.redraws() {
            Shown::Bar(Bar::new(output))
        } else {
            Shown::Lines { output, told: Mutex::new(None) }
        };
        Progress { shown: Arc::new(shown) }
    }

    pub(super) fn observer(&self) -> impl Fn(&Event) + Send + Sync + 'static {
        let shown = Arc::clone(&self.shown);
        move |event| match &*shown {
            Shown::Nothing => {}
            Shown::Lines { output, told } => {
                if is_due(event, told)
                    && let Some(line) = line(event)
                {
                    output.note(&format!("{line}\n"));
                }
            }
            Shown::Bar(bar) => bar.show(event),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Shown::Bar(bar) = &*self.shown {
            bar.bar.finish_and_clear();
        }
    }
}

/// Whether enough time has passed since the last event of a kind that comes often.
fn is_due(event: &Event, told: &Mutex<Option<Instant>>) -> bool {
    let comes_often = matches!(
        event,
        Event::BackfillProgress { .. }
            | Event::StepProgress { .. }
            | Event::StatementProgress { .. }
            | Event::Throttled { .. }
    );
    if !comes_often {
        return true;
    }
    let Ok(mut told) = told.lock() else { return false };
    let due = told.is_none_or(|told| told.elapsed() >= TELL_EVERY);
    if due {
        *told = Some(Instant::now());
    }
    due
}

/// The line of an event, if it is worth one.
pub(super) fn line(event: &Event) -> Option<String> {
    match event {
        Event::StatementStarted(statement) => Some(paint(
            FAINT,
            format!("      {}/{} {}", statement.index, statement.total, one_line(&statement.sql, 100)),
        )),
        Event::StatementFinished { elapsed: Some(elapsed), rows, .. } if elapsed.as_secs() >= 1 => {
            let rows = if *rows > 0 {
                format!(", {}", count(usize::try_from(*rows).unwrap_or(0), "row"))
            } else {
                String::new()
            };
            Some(format!("      done in {}{rows}", duration(*elapsed)))
        }
        Event::MigrationStarted { run, resumed } => {
            let verb = match (run.direction, resumed) {
                (Direction::Up, false) => "applying",
                (Direction::Up, true) => "continuing",
                (Direction::Down, false) => "reverting",
                (Direction::Down, true) => "continuing to revert",
            };
            Some(format!("{} {verb} {}", position(run), paint(NAME, &run.migration)))
        }
        other => told_anywhere(other),
    }
}

/// The lines that a terminal keeps, too.
fn told_anywhere(event: &Event) -> Option<String> {
    match event {
        Event::WaitingForLock { waited, holder } => {
            let holder = holder.as_ref().map_or_else(String::new, |holder| format!(": {holder}"));
            let text = format!("another process is migrating, waiting for {}{holder}", duration(*waited));
            Some(paint(WAITING, text))
        }
        Event::WaitingForHistory { waited, blockers } => {
            let blockers: String = blockers.iter().map(|blocker| format!("\n  {blocker}")).collect();
            let text = format!("waiting for the history tables for {}, held by others:{blockers}", duration(*waited));
            Some(paint(WAITING, text))
        }
        Event::WaitingForTool { tool, waited, holder } => {
            let holder = holder.as_ref().map_or_else(String::new, |holder| format!(": {holder}"));
            Some(paint(WAITING, format!("{tool} is migrating, waiting for {}{holder}", duration(*waited))))
        }
        Event::Adopted(adopted) => Some(format!(
            "{} {} of {}: recorded as {}, without running",
            paint(GOOD, "adopted"),
            count(adopted.versions.len(), "migration"),
            adopted.tool,
            count(adopted.migrations.len(), "migration")
        )),
        Event::LockAcquired { waited } if waited.as_secs() >= 1 => {
            Some(format!("got the migration lock after {}", duration(*waited)))
        }
        Event::UpgradingTables { schema, from, to } => {
            Some(format!("upgrading the tables in schema {schema} from format {from} to {to}"))
        }
        Event::CommentsChanged { migrations, comments } => {
            let names: Vec<String> = migrations.iter().map(|name| paint(NAME, name)).collect();
            Some(format!("changed {} of {}", count(*comments, "comment"), names.join(", ")))
        }
        Event::MigrationFinished { run, elapsed } => {
            let verb = match run.direction {
                Direction::Up => "applied",
                Direction::Down => "reverted",
            };
            let took = paint(FAINT, format!("in {}", duration(*elapsed)));
            Some(format!("{} {} {} {took}", position(run), paint(GOOD, verb), paint(NAME, &run.migration)))
        }
        Event::Folded { migrations, total, statements, elapsed } => {
            let took = paint(FAINT, format!("with {} in {}", count(*statements, "statement"), duration(*elapsed)));
            let migrations = format!("{migrations} of {}", count(*total, "migration"));
            Some(format!("{} {migrations} at once {took}", paint(GOOD, "applied")))
        }
        Event::NotFolded { migrations, reason } => Some(paint(
            WAITING,
            format!("{} one by one, because applying them at once failed: {reason}", count(*migrations, "migration")),
        )),
        Event::WaitingForTable { waited, blockers, .. } => {
            let mut text = format!("      waiting for {}, held by others:", duration(*waited));
            for blocker in blockers {
                text.push_str(&format!("\n        {blocker}"));
            }
            Some(paint(WAITING, text))
        }
        Event::Retrying { attempt, after, sqlstate, .. } => Some(paint(
            WAITING,
            format!("      no lock in time (SQLSTATE {sqlstate}), attempt {attempt}; retrying in {}", duration(*after)),
        )),
        Event::RebuildingIndex { index, .. } => Some(paint(
            WAITING,
            format!("      the index {index} was left unfinished: dropping it, and building it again"),
        )),
        Event::BackfillProgress { statement, progress } => Some(format!("      {}", backfill(statement, progress))),
        Event::Throttled { throttle, .. } => Some(paint(WAITING, format!("      throttled: {throttle}"))),
        Event::StatementProgress { elapsed, sight, .. } => Some(running(*elapsed, sight, "\n        ")),
        Event::StepProgress { statement, progress } => Some(format!("      {}", step(statement, progress))),
        Event::Reconnecting { reason } => Some(paint(WAITING, format!("lost the connection ({reason}), reconnecting"))),
        _ => None,
    }
}

fn position(run: &MigrationRun) -> String {
    format!("[{}/{}]", run.index, run.total)
}

fn backfill(statement: &StatementRun, progress: &BackfillProgress) -> String {
    let mut text = format!("statement {}: {} rows", statement.index, progress.rows);
    if let Some(fraction) = progress.fraction {
        text.push_str(&format!(", {:.0} %", fraction * 100.0));
    }
    text.push_str(&format!(", {:.0} rows/s", progress.rows_per_second));
    if let Some(remaining) = progress.remaining {
        text.push_str(&format!(", {} left", duration(remaining)));
    }
    text
}

fn step(statement: &StatementRun, progress: &StepProgress) -> String {
    let StepProgress { done, total, per_second, remaining } = progress;
    let mut text = format!("statement {}: {done} of {total}", statement.index);
    if *total > 0 {
        text.push_str(&format!(", {:.0} %", *done as f64 / *total as f64 * 100.0));
    }
    if let Some(remaining) = remaining {
        text.push_str(&format!(", {per_second:.0} per second, {} left", duration(*remaining)));
    }
    text
}

/// How far a statement is, and who is in its way.
fn running(elapsed: Duration, sight: &Sight, between: &str) -> String {
    let mut text = format!("      for {}", duration(elapsed));
    if let Some(build) = &sight.build {
        text.push_str(&format!(", {build}"));
    }
    if sight.waiting > 0 {
        text.push_str(&format!(", {} waiting for it", sight.waiting));
    }
    text.push_str(&format!(" ({} connections, {} active)", sight.connections.all, sight.connections.active));
    for blocker in &sight.blockers {
        text.push_str(between);
        text.push_str(&paint(WAITING, format!("blocked by: {blocker}")));
    }
    text
}

/// The line that is redrawn.
struct Bar {
    output: Output,
    bar: ProgressBar,
}

impl Bar {
    fn new(output: Output) -> Self {
        let bar = ProgressBar::new_spinner();
        bar.set_style(spinner());
        bar.enable_steady_tick(Duration::from_millis(100));
        Bar { output, bar }
    }

    fn show(&self, event: &Event) {
        match event {
            Event::MigrationStarted { run, .. } => {
                self.bar.set_style(spinner());
                self.bar.reset_elapsed();
                self.bar.set_message("");
                self.bar.set_prefix(format!("{} {}", position(run), run.migration));
            }
            Event::StatementStarted(statement) => {
                self.bar.set_style(spinner());
                let text = format!("{}/{} {}", statement.index, statement.total, statement.sql);
                self.bar.set_message(text);
            }
            Event::BackfillProgress { statement, progress } => {
                let fraction = progress.fraction.unwrap_or(0.0).clamp(0.0, 1.0);
                self.bar.set_message(backfill(statement, progress));
                // The fraction is at most 1.
                self.fill((fraction * BAR as f64) as u64, BAR);
            }
            Event::Throttled { throttle, .. } => self.bar.set_message(format!("throttled: {throttle}")),
            Event::StatementProgress { elapsed, sight, .. } => {
                self.bar.set_message(running(*elapsed, sight, "; ").trim_start().to_string());
                match sight.build.as_ref().and_then(|build| build.fraction) {
                    // The fraction is at most 1.
                    Some(fraction) => self.fill((fraction * BAR as f64) as u64, BAR),
                    None => self.bar.set_style(spinner()),
                }
            }
            Event::StepProgress { statement, progress } => {
                self.bar.set_message(step(statement, progress));
                self.fill(progress.done, progress.total);
            }
            Event::WaitingForLock { waited, holder } => {
                let holder = holder.as_ref().map(ToString::to_string).unwrap_or_default();
                self.bar.set_prefix(format!("another process is migrating, waiting for {}", duration(*waited)));
                self.bar.set_message(holder);
            }
            Event::WaitingForTable { waited, blockers, .. } => {
                let first = blockers.first().map(ToString::to_string).unwrap_or_default();
                self.bar.set_message(format!("waiting for {}: {first}", duration(*waited)));
            }
            other => {
                if let Some(line) = told_anywhere(other) {
                    self.bar.suspend(|| self.output.note(&format!("{line}\n")));
                }
            }
        }
    }

    fn fill(&self, done: u64, total: u64) {
        self.bar.set_style(filling());
        self.bar.set_length(total);
        self.bar.set_position(done);
    }
}

fn spinner() -> ProgressStyle {
    let style = ProgressStyle::with_template("{spinner} {prefix} {wide_msg} {elapsed}");
    style.unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn filling() -> ProgressStyle {
    let style = ProgressStyle::with_template("{spinner} {prefix} {bar:24} {wide_msg} {elapsed}");
    style.unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use migrate_core::history::MigrationName;
    use migrate_core::plan::Place;

    use super::*;
    use crate::event::LockHolder;

    #[test]
    fn each_event_has_its_line() {
        let migration = MigrationName { version: 3, name: "bookings".into(), leading_zeros: 0 };
        let run = MigrationRun { migration, direction: Direction::Up, index: 1, total: 2 };
        let statement = StatementRun {
            run: run.clone(),
            index: 2,
            total: 4,
            sql: "CREATE INDEX CONCURRENTLY bookings_user_id_idx ON public.bookings (user_id)".into(),
            place: Place::default(),
        };
        let holder = LockHolder {
            pid: 12,
            application_name: "migrate: 1_users 1/3".into(),
            client: String::new(),
            held_for: Duration::from_secs(7),
            silent_for: None,
        };
        let progress = BackfillProgress {
            rows: 120_000,
            rows_per_second: 24_000.4,
            fraction: Some(0.42),
            remaining: Some(Duration::from_secs(95)),
        };
        let events = [
            Event::WaitingForLock { waited: Duration::from_secs(3), holder: Some(holder) },
            Event::LockAcquired { waited: Duration::from_millis(2) },
            Event::LockAcquired { waited: Duration::from_secs(4) },
            Event::UpgradingTables { schema: "migrate".into(), from: 1, to: 2 },
            Event::MigrationStarted { run: run.clone(), resumed: false },
            Event::MigrationStarted { run: MigrationRun { direction: Direction::Down, ..run.clone() }, resumed: true },
            Event::StatementStarted(statement.clone()),
            Event::StatementFinished { statement: statement.clone(), elapsed: Some(Duration::from_secs(3)), rows: 0 },
            Event::StatementFinished { statement: statement.clone(), elapsed: None, rows: 5 },
            Event::Retrying {
                run: run.clone(),
                attempt: 2,
                after: Duration::from_millis(240),
                sqlstate: "55P03".into(),
            },
            Event::RebuildingIndex { run: run.clone(), index: "public.bookings_user_id_idx".into() },
            Event::BackfillProgress { statement: statement.clone(), progress },
            Event::StepProgress { statement, progress: StepProgress::new(3, 10, 1, Duration::from_secs(1)) },
            Event::Reconnecting { reason: "broken pipe".into() },
            Event::MigrationFinished { run, elapsed: Duration::from_millis(3210) },
        ];
        let lines: Vec<String> = events.iter().filter_map(line).collect();
        insta::assert_snapshot!(anstream::adapter::strip_str(&lines.join("\n")).to_string());
    }
}
