//! `rehearse`

use migrate_core::plan::RelationLock;
use serde::Serialize;

use super::context::{Context, Outcome, interruptible};
use super::exit::Exit;
use super::format::{count, duration};
use super::json;
use super::problem::{Problem, ProblemJson};
use super::style::{FAINT, GOOD, NAME, WAITING, paint};
use crate::rehearse::{Pass, Rehearsal, RehearsedMigration, RehearsedStatement, Stage};

/// Run pending migrations on a copy, up, down and up again, and compare locks and rewrites with the prediction.
///
/// Not for production: use a database that was restored from a dump and that nobody is connected to.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Rehearse {
    /// Copy this database of the same server, and drop the copy at the end
    #[arg(long, value_name = "DATABASE", required_unless_present = "here", conflicts_with = "here")]
    pub copy_of: Option<String>,
    /// Use the database of the URL itself, which was created for this
    #[arg(long)]
    pub here: bool,
}

#[derive(Serialize)]
struct RehearsalJson<'p> {
    database: String,
    clean: bool,
    duration_ms: f64,
    irreversible: Option<String>,
    failure: Option<String>,
    migrations: Vec<MigrationJson>,
    /// The failure, as it is of the other commands.
    #[serde(flatten)]
    error: Option<ProblemJson<'p>>,
}

#[derive(Serialize)]
struct MigrationJson {
    pass: &'static str,
    #[serde(flatten)]
    migration: json::Migration,
    duration_ms: f64,
    statements: Vec<StatementJson>,
}

#[derive(Serialize)]
struct StatementJson {
    sql: String,
    file: String,
    line: u32,
    duration_ms: Option<f64>,
    predicted_locks: Vec<LockJson>,
    observed_locks: Vec<LockJson>,
    rewritten: Vec<String>,
    surprises: Vec<String>,
}

#[derive(Serialize)]
struct LockJson {
    table: String,
    mode: &'static str,
}

impl Rehearse {
    pub(super) async fn run(self, context: &mut Context) -> Outcome {
        let stage = self.copy_of.map_or(Stage::Here, Stage::CopyOf);
        let pool = context.connect().await?;
        let (migrator, progress) = context.with_progress();
        let result = interruptible("rehearse", migrator.rehearse(&pool, stage)).await;
        drop(progress);
        let rehearsal = result?;
        let problem = rehearsal.failure.as_ref().map(Problem::of_error);
        if context.options.json {
            context.output.json(&rehearsal_json(&rehearsal, problem.as_ref()));
        } else {
            context.output.result(&text(&rehearsal));
        }
        if let Some(problem) = problem {
            context.output.note(&problem.render());
            return Ok(problem.exit);
        }
        Ok(if rehearsal.is_clean() { Exit::Success } else { Exit::Error })
    }
}

const fn words(pass: Pass) -> &'static str {
    match pass {
        Pass::Up => "up",
        Pass::Down => "down",
        Pass::UpAgain => "up again",
    }
}

fn text(rehearsal: &Rehearsal) -> String {
    if rehearsal.migrations.is_empty() {
        return format!("{}\n", paint(GOOD, "nothing is pending"));
    }
    let mut text = String::new();
    for migration in &rehearsal.migrations {
        let took = paint(FAINT, format!("({})", duration(migration.elapsed)));
        text.push_str(&format!("{} {} {took}\n", words(migration.pass), paint(NAME, &migration.migration)));
        migration.statements.iter().for_each(|statement| text.push_str(&statement_text(statement)));
    }
    if let Some(reason) = &rehearsal.irreversible {
        text.push_str(&format!("{} {reason}\n", paint(WAITING, "cannot be reverted:")));
    }
    let surprises = rehearsal.surprises().count();
    let verdict = match (surprises, &rehearsal.failure) {
        (0, None) => paint(GOOD, "everything as predicted"),
        (0, Some(_)) => paint(WAITING, "ended early"),
        (surprises, _) => paint(WAITING, count(surprises, "surprise")),
    };
    let took = paint(FAINT, format!("({})", duration(rehearsal.elapsed)));
    text.push_str(&format!("{verdict}, in {} {took}\n", paint(NAME, &rehearsal.database)));
    text
}

fn statement_text(statement: &RehearsedStatement) -> String {
    let took = statement.elapsed.map_or_else(|| "not run".to_string(), duration);
    let mut text = format!("  {:>8}  {}\n", took, statement.sql);
    let locks = |locks: &[RelationLock]| {
        let locks: Vec<String> = locks.iter().map(|lock| format!("{} on {}", lock.mode, table(lock))).collect();
        locks.join(", ")
    };
    let is_as_predicted = statement.surprises.is_empty() && !statement.predicted.is_empty();
    let mut facts = Vec::new();
    match (statement.observed.is_empty(), is_as_predicted) {
        (false, true) => facts.push(format!("{}, as predicted", locks(&statement.observed))),
        (false, false) => facts.push(locks(&statement.observed)),
        (true, true) => facts.push(format!("as predicted, {}: held by the transaction", locks(&statement.predicted))),
        (true, false) => {}
    }
    facts.extend(statement.rewritten.iter().map(|table| format!("rewrote {table}")));
    if !facts.is_empty() {
        text.push_str(&format!("            {}\n", paint(FAINT, facts.join("; "))));
    }
    for surprise in &statement.surprises {
        text.push_str(&format!("            {} {surprise}\n", paint(WAITING, "not as predicted:")));
    }
    text
}

fn table(lock: &RelationLock) -> String {
    format!("{}.{}", lock.schema, lock.table)
}

fn rehearsal_json<'p>(rehearsal: &Rehearsal, problem: Option<&'p Problem>) -> RehearsalJson<'p> {
    RehearsalJson {
        database: rehearsal.database.clone(),
        clean: rehearsal.is_clean(),
        duration_ms: rehearsal.elapsed.as_secs_f64() * 1000.0,
        irreversible: rehearsal.irreversible.clone(),
        failure: rehearsal.failure.as_ref().map(ToString::to_string),
        migrations: rehearsal.migrations.iter().map(migration_json).collect(),
        error: problem.map(Problem::json),
    }
}

fn migration_json(migration: &RehearsedMigration) -> MigrationJson {
    let locks = |locks: &[RelationLock]| {
        locks.iter().map(|lock| LockJson { table: table(lock), mode: lock.mode.name() }).collect()
    };
    let statement = |statement: &RehearsedStatement| StatementJson {
        sql: statement.sql.clone(),
        file: statement.place.file.to_string(),
        line: statement.place.line,
        duration_ms: statement.elapsed.map(|elapsed| elapsed.as_secs_f64() * 1000.0),
        predicted_locks: locks(&statement.predicted),
        observed_locks: locks(&statement.observed),
        rewritten: statement.rewritten.clone(),
        surprises: statement.surprises.iter().map(ToString::to_string).collect(),
    };
    MigrationJson {
        pass: words(migration.pass),
        migration: json::Migration::of(&migration.migration),
        duration_ms: migration.elapsed.as_secs_f64() * 1000.0,
        statements: migration.statements.iter().map(statement).collect(),
    }
}
