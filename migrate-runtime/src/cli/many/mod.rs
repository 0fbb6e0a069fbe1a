//! A command on many databases: which ones, one report of all of them, and how it ends.

mod change;
mod status;
mod verify;

use std::path::PathBuf;

use serde::Serialize;

use super::context::{Context, Failed};
use super::exit::Exit;
use super::format::{count, duration, indented};
use super::json::milliseconds;
use super::problem::{Problem, ProblemJson};
use super::progress;
use super::style::{BAD, FAINT, GOOD, NAME, WAITING, paint};
use crate::error::Error;
use crate::event::Event;
use crate::many::{Database, DatabaseReport, Many, ManyReport, Outcome as Became};

/// Which databases, and how many at the same time.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Many databases")]
pub struct ManyArguments {
    /// Use the databases listed in this file instead: one URL per line, lines with # are comments
    #[arg(long, value_name = "FILE")]
    pub databases: Option<PathBuf>,
    /// Use the databases of the server whose names match this pattern instead, for example 'tenant\_%'
    #[arg(long, value_name = "PATTERN", conflicts_with = "databases")]
    pub databases_like: Option<String>,
    /// Use the schemas of the database whose names match this pattern instead, each as if it were `public`
    #[arg(long, value_name = "PATTERN", conflicts_with_all = ["databases", "databases_like", "schema"])]
    pub schemas_like: Option<String>,
    /// How many to process at the same time
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub at_once: usize,
}

/// What one of many answers.
pub(super) trait Answer: Sized {
    /// It, for programs.
    type Json: Serialize;

    /// What the last line counts, the first one with `schemas` or `databases` before it.
    const COUNTED: &[&str];
    /// How many of these are as one would like them to be, from the first on.
    const GOOD: usize;
    /// Whether the last line says how long all of it took.
    const TIMED: bool;

    /// Under which of [`Answer::COUNTED`] it is counted.
    fn counted(&self) -> usize;

    /// What there is to say of it beside that, if anything.
    fn line(&self) -> Option<String>;

    /// What there is to say once, before the last line.
    fn closing(report: &ManyReport<Self>, noun: &str) -> String;

    /// It, for programs.
    fn json(&self) -> Self::Json;

    /// What had been done before that failure.
    fn before(_failure: &Error) -> Option<Self::Json> {
        None
    }
}

#[derive(Serialize)]
struct ManyJson<'p, T> {
    complete: bool,
    duration_ms: f64,
    databases: Vec<DatabaseJson<'p, T>>,
}

#[derive(Serialize)]
struct DatabaseJson<'p, T> {
    name: &'p str,
    outcome: &'static str,
    report: Option<T>,
    problem: Option<String>,
    /// The failure, as it is for one database.
    #[serde(flatten)]
    error: Option<ProblemJson<'p>>,
}

impl ManyArguments {
    /// Whether there are others than the one of the URL.
    pub(super) fn is_given(&self) -> bool {
        self.databases.is_some() || self.databases_like.is_some() || self.schemas_like.is_some()
    }

    /// How to look at them.
    pub(super) fn looking(&self) -> Many {
        Many::default().at_once(self.at_once)
    }

    /// How to change them: telling which migration begins where.
    pub(super) fn changing(&self, stop_at_failure: bool, context: &Context) -> Many {
        let (output, quiet) = (context.output.clone(), context.options.quiet);
        self.looking().stop_at_failure(stop_at_failure).on_event(move |name, event| {
            if let (false, Event::MigrationStarted { .. }) = (quiet, event)
                && let Some(line) = progress::line(event)
            {
                output.note(&format!("{name}: {line}\n"));
            }
        })
    }

    /// The databases; schemas with a pool of so many connections.
    pub(super) async fn list(&self, context: &mut Context, connections: usize) -> Result<Vec<Database>, Failed> {
        if let Some(pattern) = &self.databases_like {
            let pool = context.connect().await?;
            return Ok(context.migrator.databases_like(&pool, pattern).await?);
        }
        if let Some(pattern) = &self.schemas_like {
            let pool = context.connect_many(connections).await?;
            return Ok(context.migrator.schemas_like(&pool, pattern).await?);
        }
        let path = self.databases.clone().unwrap_or_default();
        let wrong = |help: String| Failed::Wrong { headline: format!("cannot read `{}`", path.display()), help };
        let file = std::fs::read_to_string(&path).map_err(|error| wrong(error.to_string()))?;
        let lines = file.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
        lines
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
            .map(|(number, line)| {
                let help = format!("line {number} is not a URL: postgres://USER:PASSWORD@HOST:5432/DATABASE");
                Database::at(line).map_err(|_| wrong(help))
            })
            .collect()
    }

    /// Shows what became of them. The exit is that of the worst failure.
    pub(super) fn show<T: Answer>(&self, report: &ManyReport<T>, context: &mut Context) -> Exit {
        if context.options.json {
            let problems: Vec<Option<Problem>> = report.databases.iter().map(problem).collect();
            let databases = report.databases.iter().zip(&problems).map(database_json).collect();
            let duration_ms = milliseconds(report.elapsed);
            context.output.json(&ManyJson { complete: report.is_complete(), duration_ms, databases });
        } else {
            let noun = if self.schemas_like.is_some() { "schema" } else { "database" };
            context.output.result(&text(report, noun));
        }
        report.failures().map(|(_, error)| Problem::of_error(error).exit).fold(Exit::Success, Exit::worse)
    }
}

fn text<T: Answer>(report: &ManyReport<T>, noun: &str) -> String {
    let mut text = String::new();
    let mut counts = vec![0; T::COUNTED.len()];
    let (mut failed, mut left) = (0, 0);
    for database in &report.databases {
        let line = match &database.outcome {
            Became::Done(done) => {
                counts.get_mut(done.counted()).into_iter().for_each(|number| *number += 1);
                match done.line() {
                    Some(line) => line,
                    None => continue,
                }
            }
            Became::Failed(error) => {
                failed += 1;
                let problem = Problem::of_error(error).render();
                format!("{}\n{}", paint(BAD, "failed"), indented(problem.trim_end(), 4))
            }
            Became::NotBegun => {
                left += 1;
                paint(WAITING, "not started")
            }
        };
        text.push_str(&format!("{}: {line}\n", paint(NAME, &database.name)));
    }
    text.push_str(&T::closing(report, noun));
    let is_good = failed + left + counts.iter().skip(T::GOOD).sum::<usize>() == 0;
    let numbers = counts.into_iter().zip(T::COUNTED.iter().copied()).chain([(failed, "failed"), (left, "not started")]);
    let parts: Vec<String> = numbers
        .enumerate()
        .filter_map(|(index, (number, what))| match (index, number) {
            (0, _) => Some(format!("{} {what}", count(number, noun))),
            (_, 0) => None,
            _ => Some(format!("{number} {what}")),
        })
        .collect();
    text.push_str(&paint(if is_good { GOOD } else { WAITING }, parts.join(", ")));
    if T::TIMED {
        text.push_str(&format!(" {}", paint(FAINT, format!("({})", duration(report.elapsed)))));
    }
    text + "\n"
}

fn problem<T>(database: &DatabaseReport<T>) -> Option<Problem> {
    match &database.outcome {
        Became::Failed(error) => Some(Problem::of_error(error)),
        Became::Done(_) | Became::NotBegun => None,
    }
}

fn database_json<'p, T: Answer>(
    (database, problem): (&'p DatabaseReport<T>, &'p Option<Problem>),
) -> DatabaseJson<'p, T::Json> {
    let (outcome, report, failure) = match &database.outcome {
        Became::Done(done) => ("done", Some(done.json()), None),
        Became::Failed(error) => ("failed", T::before(error), Some(error.to_string())),
        Became::NotBegun => ("not_begun", None, None),
    };
    let error = problem.as_ref().map(Problem::json);
    DatabaseJson { name: &database.name, outcome, report, problem: failure, error }
}
