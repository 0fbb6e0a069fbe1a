//! `up` on many databases.

use std::path::PathBuf;

use migrate_core::history::Target;
use serde::Serialize;

use super::context::{Context, Failed, Outcome, interruptible};
use super::exit::Exit;
use super::format::{count, duration, indented};
use super::json;
use super::problem::Problem;
use super::style::{BAD, FAINT, GOOD, NAME, WAITING, paint};
use crate::event::Event;
use crate::many::{Database, DatabaseReport, Many, ManyReport, Outcome as Became};

/// Which databases, and how.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ManyArguments {
    /// Apply to the databases of this file instead: a URL in each line, lines with # are comments
    #[arg(long, value_name = "FILE", help_heading = "Many databases")]
    pub databases: Option<PathBuf>,
    /// Apply to the databases of the server whose names match this pattern instead, as in 'tenant\_%'
    #[arg(long, value_name = "PATTERN", conflicts_with = "databases", help_heading = "Many databases")]
    pub databases_like: Option<String>,
    /// Apply to the schemas of the database whose names match this pattern instead, as if each was `public`
    #[arg(
        long,
        value_name = "PATTERN",
        conflicts_with_all = ["databases", "databases_like"],
        help_heading = "Many databases"
    )]
    pub schemas_like: Option<String>,
    /// So many at the same time
    #[arg(long, value_name = "N", default_value_t = 4, help_heading = "Many databases")]
    pub at_once: usize,
    /// Begin no more once one has failed
    #[arg(long, help_heading = "Many databases")]
    pub stop_at_failure: bool,
}

#[derive(Serialize)]
struct ManyJson {
    complete: bool,
    duration_ms: f64,
    databases: Vec<DatabaseJson>,
}

#[derive(Serialize)]
struct DatabaseJson {
    name: String,
    outcome: &'static str,
    report: Option<json::Report>,
    problem: Option<String>,
}

impl ManyArguments {
    /// Whether there are others than the one of the URL.
    pub(super) fn is_given(&self) -> bool {
        self.databases.is_some() || self.databases_like.is_some() || self.schemas_like.is_some()
    }

    pub(super) async fn run(self, target: Target, context: &mut Context) -> Outcome {
        let databases = self.list(context).await?;
        let output = context.output.clone();
        let quiet = context.options.quiet;
        let how = Many::default().target(target).at_once(self.at_once).stop_at_failure(self.stop_at_failure).on_event(
            move |name, event| {
                if let (false, Event::MigrationStarted { run, .. }) = (quiet, event) {
                    let line = format!("{name}: [{}/{}] applying {}\n", run.index, run.total, run.migration);
                    output.clone().note(&line);
                }
            },
        );
        let migrator = context.migrator.clone();
        let report = interruptible("up", async { Ok(migrator.apply_to_all(databases, how).await) }).await?;
        if context.options.json {
            let databases = report.databases.iter().map(database_json).collect();
            let duration_ms = report.elapsed.as_secs_f64() * 1000.0;
            context.output.json(&ManyJson { complete: report.is_complete(), duration_ms, databases });
        } else {
            let noun = if self.schemas_like.is_some() { "schema" } else { "database" };
            context.output.result(&text(&report, noun));
        }
        Ok(if report.is_complete() { Exit::Success } else { Exit::Error })
    }

    async fn list(&self, context: &mut Context) -> Result<Vec<Database>, Failed> {
        if let Some(pattern) = &self.databases_like {
            let pool = context.connect().await?;
            return Ok(context.migrator.databases_like(&pool, pattern).await?);
        }
        if let Some(pattern) = &self.schemas_like {
            let pool = context.connect().await?;
            return Ok(context.migrator.schemas_like(&pool, pattern).await?);
        }
        let path = self.databases.clone().unwrap_or_default();
        let wrong = |help: String| Failed::Wrong { headline: format!("cannot read `{}`", path.display()), help };
        let file = std::fs::read_to_string(&path).map_err(|error| wrong(error.to_string()))?;
        let lines = file.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
        lines
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
            .map(|(number, line)| {
                let help = format!("line {number} is no URL: postgres://USER:PASSWORD@HOST:5432/DATABASE");
                Database::at(line).map_err(|_| wrong(help))
            })
            .collect()
    }
}

fn text(report: &ManyReport, noun: &str) -> String {
    let mut text = String::new();
    let (mut changed, mut settled, mut failed, mut left) = (0, 0, 0, 0);
    for database in &report.databases {
        let line = match &database.outcome {
            Became::Done(done) if done.is_empty() => {
                settled += 1;
                continue;
            }
            Became::Done(done) => {
                changed += 1;
                format!(
                    "applied {} {}",
                    count(done.applied.len(), "migration"),
                    paint(FAINT, format!("({})", duration(done.elapsed)))
                )
            }
            Became::Failed(error) => {
                failed += 1;
                let problem = Problem::of_error(error).render();
                format!("{}\n{}", paint(BAD, "failed"), indented(problem.trim_end(), 4))
            }
            Became::NotBegun => {
                left += 1;
                paint(WAITING, "not begun")
            }
        };
        text.push_str(&format!("{}: {line}\n", paint(NAME, &database.name)));
    }
    let mut parts = vec![format!("{} changed", count(changed, noun))];
    for (number, what) in [(settled, "with nothing to do"), (failed, "failed"), (left, "not begun")] {
        if number > 0 {
            parts.push(format!("{number} {what}"));
        }
    }
    let took = paint(FAINT, format!("({})", duration(report.elapsed)));
    let style = if failed + left == 0 { GOOD } else { WAITING };
    text.push_str(&format!("{} {took}\n", paint(style, parts.join(", "))));
    text
}

fn database_json(database: &DatabaseReport) -> DatabaseJson {
    let name = database.name.clone();
    match &database.outcome {
        Became::Done(report) => {
            DatabaseJson { name, outcome: "done", report: Some(json::Report::of(report)), problem: None }
        }
        Became::Failed(error) => DatabaseJson {
            name,
            outcome: "failed",
            report: error.report().map(json::Report::of),
            problem: Some(error.to_string()),
        },
        Became::NotBegun => DatabaseJson { name, outcome: "not_begun", report: None, problem: None },
    }
}
