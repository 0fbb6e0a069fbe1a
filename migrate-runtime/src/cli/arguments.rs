//! The commands and the options they share.

use std::time::Duration;

use super::{Baseline, Current, Down, History, Plan, Rehearse, Sql, Status, Up, Verify, Watch, exit};

/// Options and a command. Can be a variant of an application's own clap command, see [`crate::cli`].
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = exit::HELP)]
pub struct Arguments {
    /// What all commands have.
    #[command(flatten)]
    pub options: GlobalOptions,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// What all commands have.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct GlobalOptions {
    /// The database, as postgres://user:password@host:port/database; else DATABASE_URL
    #[arg(long, value_name = "URL", global = true)]
    pub database_url: Option<String>,
    /// The schema of a tenant: everything is done there, as if it were `public`, its history included
    #[arg(long, value_name = "NAME", global = true)]
    pub schema: Option<String>,
    /// Print one JSON object instead of text
    #[arg(long, global = true)]
    pub json: bool,
    /// Do not show progress
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Give up after so many seconds when another process is migrating; else wait as long as it takes
    #[arg(long, value_name = "SECONDS", value_parser = seconds, global = true)]
    pub lock_wait: Option<Duration>,
}

/// A command.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Command {
    /// Apply what is pending
    Up(Up),
    /// Revert migrations, the last one first
    Down(Down),
    /// Show every migration and where it stands
    Status(Status),
    /// Show what was applied: when, by whom, how long it took
    History(History),
    /// Show the last applied version
    Current(Current),
    /// Show what `up` or `down` would run: SQL, locks, transactions; changes nothing
    Plan(Plan),
    /// Print an SQL script to run by hand; needs no database
    Sql(Sql),
    /// Record migrations as applied without running them
    Baseline(Baseline),
    /// Compare the live database with what its history says
    Verify(Verify),
    /// Show what is going on in the database: which migration, how far, who is in its way
    Watch(Watch),
    /// Run what is pending on a copy, up, down and up again: time, locks, rewrites
    Rehearse(Rehearse),
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "write a number of seconds, as in 30 or 0.5".to_string())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}
