//! An application for the fault suite: a process that brings its database up to date when it starts, and ends.
//!
//! `DATABASE_URL=... replica HISTORY_FILE apply` or `... revert-to VERSION`, `... abandon`. What happens is printed line by line;
//! `ready` comes before anything is asked of the database. The exit code says whether it came to its goal.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use migrate_runtime::{BoxError, Event, Migrations, Report, StepContext, StepFunction, StepFuture};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(report) => {
            println!("done: {} applied, {} reverted", report.applied.len(), report.reverted.len());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            let mut source = error.source();
            while let Some(cause) = source {
                eprintln!("caused by: {cause}");
                source = cause.source();
            }
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<Report, BoxError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let url = std::env::var("DATABASE_URL")?;
    let options: PgConnectOptions = url.parse()?;
    let [file, verb @ ..] = words.as_slice() else { return Err("which history?".into()) };
    let migrations = migrations(file)?;
    let started = Instant::now();
    println!("ready");
    // As applications do; a small pool, and no longer wait for a server than a minute.
    let pool = PgPoolOptions::new()
        .max_connections(2)
        .acquire_timeout(Duration::from_secs(60))
        .connect_lazy_with(options.application_name("replica"));
    let migrator = migrations.migrator().on_event(move |event| {
        println!("{:>6} ms {}", started.elapsed().as_millis(), line(event));
    });
    let report = match verb {
        ["apply"] => migrator.apply(&pool).await?,
        ["abandon"] => migrator.abandon(&pool).await?,
        ["revert", count] => migrator.revert(&pool, count.parse()?).await?,
        ["revert-to", version] => migrator.revert_to(&pool, version.parse()?).await?,
        _ => return Err(format!("`{}` is no verb", verb.join(" ")).into()),
    };
    pool.close().await;
    Ok(report)
}

fn migrations(file: &str) -> Result<&'static Migrations, BoxError> {
    let text = std::fs::read_to_string(file)?;
    let compiled = migrate_compiler::compile_history(&text)
        .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    Ok(tests::embed(compiled, FUNCTIONS))
}

fn line(event: &Event) -> String {
    match event {
        Event::MigrationStarted { run, resumed } => {
            format!("{} {}{}", run.direction.code(), run.migration, if *resumed { ", resumed" } else { "" })
        }
        Event::MigrationFinished { run, .. } => format!("{} {} done", run.direction.code(), run.migration),
        Event::StatementStarted(statement) => {
            format!("statement {} of {}: {}", statement.index, statement.total, statement.sql)
        }
        Event::StatementFinished { statement, rows, .. } => format!("statement {} done, {rows} rows", statement.index),
        Event::Reconnecting { reason } => format!("reconnecting: {reason}"),
        Event::WaitingForLock { holder, .. } => {
            format!("waiting for {}", holder.as_ref().map_or_else(|| "nobody".to_string(), ToString::to_string))
        }
        other => format!("{other:?}"),
    }
}

/// What histories may call.
static FUNCTIONS: &[(&str, StepFunction)] =
    &[("crate::count", count), ("crate::upper", upper), ("crate::plain", plain)];

/// Not repeatable: it must be done exactly once.
fn count<'a>(context: &'a mut StepContext<'_>) -> StepFuture<'a> {
    Box::pin(async move {
        sqlx::query("UPDATE counted SET n = n + 1").execute(context.connection()).await?;
        Ok(())
    })
}

/// Repeatable, as a step outside a transaction must be.
fn upper<'a>(context: &'a mut StepContext<'_>) -> StepFuture<'a> {
    Box::pin(async move {
        for part in 0..4 {
            sqlx::query("UPDATE counted SET label = upper(label) WHERE id % 4 = $1")
                .bind(part)
                .execute(context.connection())
                .await?;
        }
        Ok(())
    })
}

/// As a step must be that a pooler may move from session to session.
fn plain<'a>(context: &'a mut StepContext<'_>) -> StepFuture<'a> {
    Box::pin(async move {
        for _ in 0..4 {
            sqlx::raw_sql("UPDATE counted SET label = upper(label)").execute(context.connection()).await?;
        }
        Ok(())
    })
}
