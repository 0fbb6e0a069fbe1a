//! The sample: the database of Pathavana, a travel-planning service, which brings itself up to date.
//!
//! `cargo run -p migrations` applies the history to PostgreSQL and shows what it did. Without `DATABASE_URL` the
//! server is one of its own, whose data stays from run to run.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;
use migrate_runtime::{Migrations, cli, migrations};
use postgres_server::{Server, default_data_directory};
use sqlx::{Connection as _, PgConnection};

mod steps;

/// The history, which makes what `schema` says: where they differ this does not compile.
static MIGRATIONS: Migrations = migrations!("history", postgres = 14, schema = "schema");

/// The database on a server of our own.
const DATABASE: &str = "pathavana";

/// The database of Pathavana, a travel-planning service: `up`, then `status`, when no command is given
#[derive(clap::Parser)]
#[command(version)]
struct Sample {
    #[command(flatten)]
    options: cli::GlobalOptions,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(clap::Subcommand)]
enum Command {
    #[command(flatten)]
    Migrate(cli::Command),
    /// Keep the embedded server up until Ctrl-C, for psql and other programs
    Serve,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let Sample { options, command } = Sample::parse();
    let needs_database = !matches!(command, Some(Command::Migrate(cli::Command::Sql(_))));
    let database = match needs_database && options.database_url.is_none() && !is_set("DATABASE_URL") {
        true => Some(Embedded::start(options.quiet).await?),
        false => None,
    };
    match command {
        Some(Command::Migrate(command)) => Ok(run(command, options, database.as_ref()).await),
        Some(Command::Serve) => serve(database).await,
        None => Ok(show(options, database.as_ref()).await),
    }
}

async fn run(command: cli::Command, options: cli::GlobalOptions, database: Option<&Embedded>) -> ExitCode {
    let arguments = cli::Arguments { options, command };
    cli::execute(arguments, MIGRATIONS.migrator(), database.map(|database| database.url.clone())).await
}

/// Applies what is pending, shows where the database stands, and says how to go on.
async fn show(options: cli::GlobalOptions, database: Option<&Embedded>) -> ExitCode {
    let applied = run(cli::Command::Up(cli::Up::default()), options.clone(), database).await;
    if applied != ExitCode::SUCCESS {
        return applied;
    }
    let is_quiet = options.quiet;
    let shown = run(cli::Command::Status(cli::Status::default()), options, database).await;
    if !is_quiet {
        eprintln!("\nGo on with:");
        eprintln!("  cargo run -p migrations -- down 3    revert the last three");
        eprintln!("  cargo run -p migrations -- plan      what `up` would run: SQL, locks, transactions");
        eprintln!("  cargo run -p migrations -- up        apply them again");
        eprintln!("  cargo run -p migrations -- --help    all commands");
        if database.is_some() {
            eprintln!("  cargo run -p migrations -- serve     keep the server up, and look around with psql");
        }
    }
    shown
}

/// Keeps the server up until Ctrl-C. Other runs of this program use it meanwhile.
async fn serve(database: Option<Embedded>) -> anyhow::Result<ExitCode> {
    let Some(database) = database else {
        eprintln!("DATABASE_URL names a server; there is none of our own to keep up");
        return Ok(ExitCode::FAILURE);
    };
    println!("psql '{}'", database.url);
    eprintln!("Ctrl-C ends the server; the data stays in {}", database.server.directory().display());
    tokio::signal::ctrl_c().await?;
    Ok(ExitCode::SUCCESS)
}

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}

/// A server of our own with the sample's database.
struct Embedded {
    server: Server,
    url: String,
}

impl Embedded {
    async fn start(is_quiet: bool) -> anyhow::Result<Self> {
        let directory = default_data_directory(DATABASE);
        let server = tokio::task::spawn_blocking(|| Server::persistent(directory).start())
            .await?
            .context("no PostgreSQL; set DATABASE_URL to a server of your own")?;
        if !is_quiet {
            let (major, port) = (server.major(), server.port());
            eprintln!("PostgreSQL {major} on port {port}, data in {}", server.directory().display());
        }
        let mut connection = PgConnection::connect(&server.url("postgres")).await?;
        let exists: Option<i32> = sqlx::query_scalar("SELECT 1 FROM pg_database WHERE datname = $1")
            .bind(DATABASE)
            .fetch_optional(&mut connection)
            .await?;
        if exists.is_none() {
            sqlx::raw_sql("CREATE DATABASE pathavana").execute(&mut connection).await?;
        }
        connection.close().await?;
        let url = server.url(DATABASE);
        Ok(Embedded { server, url })
    }
}
