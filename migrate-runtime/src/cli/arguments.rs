//! The commands and the options they share.

use std::time::Duration;

use super::{Baseline, Current, Down, History, Plan, Rehearse, Repair, Sql, Status, Up, Verify, Watch, exit};

/// Options and a command. Can be a variant of an application's own clap command, see [`crate::cli`].
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = exit::HELP)]
pub struct Arguments {
    /// The options of all commands.
    #[command(flatten)]
    pub options: GlobalOptions,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// The options of all commands.
#[derive(Clone, Default, clap::Args)]
pub struct GlobalOptions {
    /// The database, as postgres://user:password@host:port/database [default: DATABASE_URL]
    #[arg(long, value_name = "URL", global = true)]
    pub database_url: Option<String>,
    /// The schema of a tenant, used in place of `public` for everything, including the history
    #[arg(long, value_name = "NAME", global = true)]
    pub schema: Option<String>,
    /// Use the history even if it belongs to an application with another name
    #[arg(long, global = true)]
    pub share_history: bool,
    /// Print one JSON object instead of text
    #[arg(long, global = true)]
    pub json: bool,
    /// Do not show progress
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Give up after this many seconds while another process is migrating [default: never]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, global = true)]
    pub lock_wait: Option<Duration>,
}

impl std::fmt::Debug for GlobalOptions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the URL, which may have a password.
        formatter.debug_struct("GlobalOptions").field("schema", &self.schema).finish_non_exhaustive()
    }
}

/// A command.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Command {
    /// Apply pending migrations
    Up(Up),
    /// Revert migrations, the last one first
    Down(Down),
    /// Show every migration and its state
    Status(Status),
    /// Show what was applied, when, by whom and how long it took
    History(History),
    /// Show the last applied version
    Current(Current),
    /// Show what `up` or `down` would run: SQL, locks, transactions; changes nothing
    Plan(Plan),
    /// Print an SQL script to run by hand; needs no database
    Sql(Sql),
    /// Record migrations as applied without running them
    Baseline(Baseline),
    /// Record the corrected form of applied migrations
    Repair(Repair),
    /// Compare the live database with its history
    Verify(Verify),
    /// Show the progress of a running migration, and who is blocking it
    Watch(Watch),
    /// Run pending migrations on a copy, up, down and up again, measuring time, locks and rewrites
    Rehearse(Rehearse),
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "write a number of seconds, for example 30 or 0.5".to_string())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}
