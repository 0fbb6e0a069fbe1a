//! `cargo migrate ...`: commands for those who write migrations.

mod adopt;
mod convert;
mod explain;
mod failure;
mod finding;
mod fmt;
mod generate;
mod import;
mod init;
mod layout;
mod lint;
mod new;
mod project;
mod rustfmt;
mod schema;
mod template;
mod version;
mod waiting;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use clap::error::{ContextKind, ContextValue};

use failure::Failure;

/// Commands for those who write migrations. Those for databases are in the application's own binary.
#[derive(Debug, Parser)]
#[command(name = "cargo-migrate", bin_name = "cargo migrate", version)]
struct Arguments {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

/// Where the migrations are.
#[derive(Debug, clap::Args)]
struct Place {
    /// Path to Cargo.toml [default: the nearest one, from the current directory upwards]
    #[arg(long, value_name = "PATH", global = true)]
    manifest_path: Option<PathBuf>,
    /// The directory of the migrations, relative to the crate
    #[arg(long, value_name = "DIRECTORY", default_value = "migrations", global = true)]
    dir: PathBuf,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Set a crate up for migrations: directory, first migration, build script
    Init(init::Init),
    /// Create a migration file
    New(new::New),
    /// Format migrations
    Fmt(fmt::Fmt),
    /// Write a live database as a migration
    Import(import::Import),
    /// Turn the history of another tool into migrations
    Convert(convert::Convert),
    /// Write the migration that leads to the schema
    Generate(generate::Generate),
    /// Write the result of the migrations as a schema, or compare the two
    Schema(schema::Schema),
    /// Take over a database that another tool has migrated
    Adopt(adopt::Adopt),
    /// Show mistakes in migrations, and what is often regretted later
    Lint(lint::Lint),
    /// Explain a compile error by its code, the word in brackets
    Explain(explain::Explain),
}

/// What a command says when it could do its work.
#[derive(Debug)]
struct Answer {
    /// For standard output.
    text: String,
    /// What is wrong with some of what it was asked for, with the lines of help.
    errors: Vec<String>,
    /// The exit code.
    code: u8,
}

impl From<String> for Answer {
    fn from(text: String) -> Self {
        Answer { text, errors: Vec::new(), code: 0 }
    }
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments(std::env::args_os())) {
        Ok(arguments) => arguments,
        Err(error) => {
            if let Some(command) = database_command(&error) {
                let text = format!(
                    "error: `{command}` is a command of your own program, which contains the migrations\n\
                     help: run `cargo run -- {command}`; this needs the feature `cli` of migrate-runtime, and \
                     `migrate_runtime::cli::run(&MIGRATIONS).await` in `main`\n"
                );
                let _ = std::io::stderr().write_all(text.as_bytes());
                return ExitCode::from(2);
            }
            // Where nobody reads there is nobody to tell.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let Arguments { place, command } = arguments;
    let result = match command {
        Command::Init(command) => command.run(&place).map(Answer::from),
        Command::New(command) => command.run(&place).map(Answer::from),
        Command::Fmt(command) => command.run(&place),
        Command::Import(command) => command.run(&place),
        Command::Convert(command) => command.run(&place),
        Command::Generate(command) => command.run(&place),
        Command::Schema(command) => command.run(&place),
        Command::Adopt(command) => command.run(&place),
        Command::Lint(command) => command.run(&place),
        Command::Explain(command) => command.run().map(Answer::from),
    };
    match result {
        Ok(Answer { text, errors, code }) => {
            let _ = std::io::stdout().write_all(text.as_bytes());
            for error in errors {
                let _ = std::io::stderr().write_all(format!("error: {error}\n").as_bytes());
            }
            ExitCode::from(code)
        }
        Err(Failure { message, help }) => {
            let mut text = format!("error: {message}\n");
            for line in help {
                text.push_str(&format!("help: {line}\n"));
            }
            let _ = std::io::stderr().write_all(text.as_bytes());
            ExitCode::FAILURE
        }
    }
}

/// The commands of a program with migrations (`migrate_runtime::cli`).
const DATABASE_COMMANDS: [&str; 11] =
    ["up", "down", "status", "history", "current", "plan", "sql", "baseline", "verify", "watch", "rehearse"];

/// The command, where somebody asked for one of those.
fn database_command(error: &clap::Error) -> Option<&'static str> {
    let Some(ContextValue::String(asked)) = error.get(ContextKind::InvalidSubcommand) else { return None };
    DATABASE_COMMANDS.into_iter().find(|command| command == asked)
}

/// Cargo calls `cargo-migrate migrate ARGUMENTS`.
fn arguments(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.collect();
    if arguments.get(1).is_some_and(|first| first == "migrate") {
        arguments.remove(1);
    }
    arguments
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_word_that_cargo_adds_is_left_out() {
        let list = |words: &[&str]| arguments(words.iter().map(OsString::from));
        assert_eq!(list(&["cargo-migrate", "migrate", "new", "migrate"]), ["cargo-migrate", "new", "migrate"]);
        assert_eq!(list(&["cargo-migrate", "new", "users"]), ["cargo-migrate", "new", "users"]);
    }
}
