//! `plan`

use migrate_core::history::Direction;
use migrate_core::plan::{Down as DownScript, Mode, Script, Segment, Statement, Work};
use serde::Serialize;

use super::context::{Context, Outcome};
use super::down::Down;
use super::exit::Exit;
use super::format::{count, indented};
use super::json;
use super::style::{FAINT, GOOD, NAME, WAITING, paint};
use super::up::Up;
use super::versions::{RevertArgument, VersionArgument};
use crate::migrator::Migrator;
use crate::status::{self, PlanStep};

/// Show what `up` or `down` would run: SQL, locks, transactions; changes nothing.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Plan {
    /// The version, as for `up`; with --down the number or version, as for `down`
    #[arg(value_name = "TARGET")]
    pub target: Option<String>,
    /// Show what `down` would run
    #[arg(long)]
    pub down: bool,
    /// With --down: revert everything
    #[arg(long, requires = "down", conflicts_with = "target")]
    pub all: bool,
}

#[derive(Serialize)]
struct PlanJson {
    direction: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    adopts: Option<json::Adopted>,
    migrations: Vec<StepJson>,
}

#[derive(Serialize)]
struct StepJson {
    #[serde(flatten)]
    migration: json::Migration,
    direction: &'static str,
    out_of_order: bool,
    segments_done: usize,
    reversible: bool,
    loses: Vec<String>,
    segments: Vec<SegmentJson>,
}

#[derive(Serialize)]
struct SegmentJson {
    transaction: bool,
    statements: Vec<StatementJson>,
}

#[derive(Serialize)]
struct StatementJson {
    kind: &'static str,
    sql: String,
    locks: Vec<LockJson>,
    hazards: Vec<&'static str>,
    duration: Option<&'static str>,
    file: String,
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct LockJson {
    schema: String,
    table: String,
    mode: &'static str,
    strong: bool,
}

impl Plan {
    pub(super) async fn run(self, context: &mut Context) -> Outcome {
        let wrong = |help: String| super::context::Failed::Wrong {
            headline: format!("`{}` is not a target", self.target.as_deref().unwrap_or_default()),
            help,
        };
        let migrator = context.migrator.clone();
        let plan = if self.down {
            let target: Option<RevertArgument> = self.target.as_deref().map(str::parse).transpose().map_err(wrong)?;
            let target = Down { target, all: self.all, ..Down::default() }.target(&migrator)?;
            let pool = context.connect().await?;
            migrator.plan_revert(&pool, target).await?
        } else {
            let target: Option<VersionArgument> = self.target.as_deref().map(str::parse).transpose().map_err(wrong)?;
            let target = Up { target, ..Up::default() }.target(&migrator)?;
            let pool = context.connect().await?;
            migrator.plan(&pool, target).await?
        };
        if context.options.json {
            let direction = if self.down { Direction::Down } else { Direction::Up };
            let migrations = plan.steps.iter().map(|step| step_json(step, &migrator)).collect();
            context.output.json(&PlanJson {
                direction: direction.code(),
                adopts: plan.adopts.as_ref().map(json::Adopted::of),
                migrations,
            });
        } else {
            context.output.result(&text(&plan, &migrator));
        }
        Ok(Exit::Success)
    }
}

fn text(plan: &status::Plan, migrator: &Migrator) -> String {
    if plan.is_empty() {
        return format!("{}\n", paint(GOOD, "nothing to do"));
    }
    let mut text = String::new();
    if let Some(adopted) = &plan.adopts {
        let names: Vec<String> = adopted.migrations.iter().map(|name| paint(NAME, name)).collect();
        text.push_str(&format!(
            "adopt {} of {} in `{}`: record {}, without running\n",
            count(adopted.versions.len(), "migration"),
            adopted.tool,
            adopted.table,
            names.join(", ")
        ));
        if plan.steps.is_empty() {
            return text;
        }
        text.push('\n');
    }
    for (index, step) in plan.steps.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        text.push_str(&step_text(step, migrator));
    }
    let statements: usize = plan.steps.iter().map(|step| step.script.statements().count()).sum();
    let migrations = count(plan.steps.len(), "migration");
    text.push_str(&format!("\n{migrations}, {}\n", count(statements, "statement")));
    text
}

fn step_text(step: &PlanStep, migrator: &Migrator) -> String {
    let mut text = format!("{} {}", step.direction.code(), paint(NAME, &step.migration));
    if step.out_of_order {
        text.push_str(&paint(WAITING, "  out of order"));
    }
    text.push('\n');
    for (index, segment) in step.script.segments.iter().enumerate() {
        let note = match segment.mode {
            _ if index < step.segments_done => "already done",
            Mode::Transaction => "one transaction",
            Mode::Alone => "outside a transaction",
        };
        text.push_str(&format!("  {}\n", paint(FAINT, format!("-- {note}"))));
        for statement in segment.statements.iter() {
            text.push_str(&statement_text(statement));
        }
    }
    let Reverting { reversible, loses } = reverting(step, migrator);
    let what = match step.direction {
        Direction::Up => "a revert does not restore",
        Direction::Down => "does not restore",
    };
    for line in &loses {
        text.push_str(&format!("  {} {line}\n", paint(WAITING, format!("{what}:"))));
    }
    if let Err(why) = reversible {
        text.push_str(&format!("  {} {why}\n", paint(WAITING, "cannot be reverted:")));
    }
    text
}

fn statement_text(statement: &Statement) -> String {
    let (_, sql) = work(statement);
    let facts = statement.facts();
    let mut text = indented(&format!("{sql};"), 4);
    text.push('\n');
    if !facts.is_empty() {
        let style = if statement.takes_strong_lock() || !statement.hazards.is_empty() { WAITING } else { FAINT };
        text.push_str(&format!("      {}\n", paint(style, facts.join(", "))));
    }
    text
}

fn work(statement: &Statement) -> (&'static str, String) {
    match &statement.work {
        Work::Sql(sql) => ("sql", sql.to_string()),
        Work::Backfill(backfill) => ("backfill", backfill.summary()),
        Work::Run(path) => ("run", format!("run {path}")),
    }
}

/// What becomes of it when it is reverted, or what its revert loses.
struct Reverting {
    reversible: Result<(), String>,
    loses: Vec<String>,
}

fn reverting(step: &PlanStep, migrator: &Migrator) -> Reverting {
    let embedded = migrator.embedded.iter().find(|known| known.version() == step.migration.version);
    match (step.direction, embedded.map(|known| &known.migration().down)) {
        (Direction::Up, Some(DownScript::Script { loses, .. })) => {
            Reverting { reversible: Ok(()), loses: loses.iter().map(ToString::to_string).collect() }
        }
        (Direction::Up, Some(DownScript::Irreversible { why })) => {
            Reverting { reversible: Err(why.to_string()), loses: Vec::new() }
        }
        _ => Reverting { reversible: Ok(()), loses: step.loses.clone() },
    }
}

fn step_json(step: &PlanStep, migrator: &Migrator) -> StepJson {
    let Reverting { reversible, loses } = reverting(step, migrator);
    StepJson {
        migration: json::Migration::of(&step.migration),
        direction: step.direction.code(),
        out_of_order: step.out_of_order,
        segments_done: step.segments_done,
        reversible: reversible.is_ok(),
        loses,
        segments: segments_json(&step.script),
    }
}

fn segments_json(script: &Script) -> Vec<SegmentJson> {
    let segment = |segment: &Segment| SegmentJson {
        transaction: segment.mode == Mode::Transaction,
        statements: segment.statements.iter().map(statement_json).collect(),
    };
    script.segments.iter().map(segment).collect()
}

fn statement_json(statement: &Statement) -> StatementJson {
    let (kind, sql) = work(statement);
    StatementJson {
        kind,
        sql,
        locks: statement
            .locks
            .iter()
            .map(|lock| LockJson {
                schema: lock.schema.to_string(),
                table: lock.table.to_string(),
                mode: lock.mode.name(),
                strong: lock.mode.is_strong(),
            })
            .collect(),
        hazards: statement.hazards.iter().map(|hazard| hazard.code()).collect(),
        duration: statement.duration.fact(),
        file: statement.place.file.to_string(),
        line: statement.place.line,
        column: statement.place.column,
    }
}
