//! The command line of an application's own binary: `app migrate up`, `app migrate status`, ...
//!
//! As the whole program:
//!
//! ```no_run
//! # static MIGRATIONS: migrate_runtime::Migrations =
//! #     migrate_runtime::Migrations::new(&[], migrate_runtime::Options { oldest_server: 14, source: None });
//! #[tokio::main]
//! async fn main() -> std::process::ExitCode {
//!     migrate_runtime::cli::run(&MIGRATIONS).await
//! }
//! ```
//!
//! As a subcommand of an application's own clap command, with its own settings and its own database URL:
//!
//! ```no_run
//! # static MIGRATIONS: migrate_runtime::Migrations =
//! #     migrate_runtime::Migrations::new(&[], migrate_runtime::Options { oldest_server: 14, source: None });
//! use clap::Parser;
//! use migrate_runtime::cli;
//!
//! #[derive(clap::Parser)]
//! enum App {
//!     /// Answers requests.
//!     Serve,
//!     /// Looks after the database.
//!     Migrate(cli::Arguments),
//! }
//!
//! # async fn example(url: String) -> std::process::ExitCode {
//! match App::parse() {
//!     App::Serve => std::process::ExitCode::SUCCESS,
//!     App::Migrate(arguments) => cli::execute(arguments, MIGRATIONS.migrator(), Some(url)).await,
//! }
//! # }
//! ```
//!
//! Results go to standard output, everything else to standard error. Nothing is decided here: a command calls
//! [`Migrator`] and prints the result.

mod arguments;
mod baseline;
mod context;
mod current;
mod down;
mod exit;
mod format;
mod history;
mod ignore;
mod json;
mod limits;
mod many;
mod output;
mod plan;
mod problem;
mod progress;
mod rehearse;
mod repair;
mod sql;
mod status;
mod style;
mod summary;
mod table;
mod up;
mod verify;
mod versions;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

pub use arguments::{Arguments, Command, GlobalOptions};
pub use baseline::Baseline;
pub use current::Current;
pub use down::Down;
pub use exit::Exit;
pub use history::History;
pub use ignore::IgnoreArguments;
pub use limits::LimitArguments;
pub use many::ManyArguments;
pub use output::Output;
pub use plan::Plan;
pub use rehearse::Rehearse;
pub use repair::Repair;
pub use sql::Sql;
pub use status::Status;
pub use up::Up;
pub use verify::Verify;
pub use versions::{RangeArgument, RevertArgument, VersionArgument};
pub use watch::Watch;

use crate::database_url::without_passwords;
use crate::migrations::Migrations;
use crate::migrator::Migrator;
use crate::running::Running;
use context::Context;

/// The program, when nothing of the application's own is on the command line.
#[derive(Debug, Parser)]
#[command(version, about = "Brings the database up to date, and shows its state", long_about = None)]
struct Program {
    #[command(flatten)]
    arguments: Arguments,
}

/// Runs the command that the process was started with.
pub async fn run(migrations: &'static Migrations) -> ExitCode {
    run_from(migrations, std::env::args_os(), None).await
}

/// Runs the command in these arguments, the first of which is the name of the program. `database_url` is used if
/// `--database-url` is not given; without both, it is the environment variable `DATABASE_URL`.
pub async fn run_from(
    migrations: &'static Migrations,
    arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    database_url: Option<String>,
) -> ExitCode {
    run_to(Output::terminal(), migrations, arguments, database_url).await.into()
}

/// Like [`run_from`], with another place for the output.
pub async fn run_to(
    mut output: Output,
    migrations: &'static Migrations,
    arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    database_url: Option<String>,
) -> Exit {
    match Program::try_parse_from(arguments) {
        Ok(program) => execute_to(output, program.arguments, migrations.migrator(), database_url).await,
        Err(error) => {
            let text = without_passwords(&error.render().ansi().to_string());
            if error.use_stderr() {
                output.note(&text);
                Exit::Usage
            } else {
                output.result(&text);
                written(&output, Exit::Success)
            }
        }
    }
}

/// Runs a command that was parsed by an application. For `database_url` see [`run_from`].
pub async fn execute(arguments: Arguments, migrator: Migrator, database_url: Option<String>) -> ExitCode {
    execute_to(Output::terminal(), arguments, migrator, database_url).await.into()
}

/// Like [`execute`], with another place for the output.
pub fn execute_to(
    output: Output,
    arguments: Arguments,
    migrator: Migrator,
    database_url: Option<String>,
) -> Running<'static, Exit> {
    Box::pin(run_command(output, arguments, migrator, database_url))
}

async fn run_command(output: Output, arguments: Arguments, migrator: Migrator, database_url: Option<String>) -> Exit {
    let Arguments { options, command } = arguments;
    let mut context = Context::new(output, options, migrator, database_url);
    let result = match command {
        Command::Up(command) => command.run(&mut context).await,
        Command::Down(command) => command.run(&mut context).await,
        Command::Status(command) => command.run(&mut context).await,
        Command::History(command) => command.run(&mut context).await,
        Command::Current(command) => command.run(&mut context).await,
        Command::Plan(command) => command.run(&mut context).await,
        Command::Sql(command) => command.run(&mut context),
        Command::Baseline(command) => command.run(&mut context).await,
        Command::Repair(command) => command.run(&mut context).await,
        Command::Verify(command) => command.run(&mut context).await,
        Command::Watch(command) => command.run(&mut context).await,
        Command::Rehearse(command) => command.run(&mut context).await,
    };
    let exit = result.unwrap_or_else(|failed| {
        let problem = problem::Problem::of(&failed);
        context.report(&problem);
        problem.exit
    });
    written(&context.output, exit)
}

/// How a command ends whose results may not all have been written. Whoever closed the pipe has read enough, and is told
/// nothing.
fn written(output: &Output, exit: Exit) -> Exit {
    let Some(error) = output.unwritten() else { return exit };
    if error.kind() != std::io::ErrorKind::BrokenPipe {
        output.note(&problem::Problem::unwritten(&error).render());
    }
    exit.worse(Exit::Error)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Program::command().debug_assert();
    }

    #[test]
    fn the_help_names_every_command_and_exit_code() {
        insta::assert_snapshot!(super::Program::command().bin_name("app").render_help());
    }

    #[test]
    fn the_help_of_down_states_the_rule_for_its_argument() {
        insta::assert_snapshot!(help_of("down"));
    }

    #[test]
    fn the_help_of_what_many_databases_can_do_says_which_ones() {
        insta::assert_snapshot!(["up", "status", "verify"].map(help_of).join("\n"));
    }

    fn help_of(command: &str) -> String {
        let mut program = super::Program::command().bin_name("app");
        program.build();
        let mut command = program.find_subcommand(command).unwrap().clone();
        command.render_long_help().to_string()
    }
}
