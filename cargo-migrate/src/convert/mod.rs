//! `cargo migrate convert`

mod before;
mod cluster;
mod comment;
mod directory;
mod effect;
mod history;
mod in_path;
mod measure;
mod migration;
mod placeholder;
mod proof;
mod replay;
mod report;
mod rows;
mod script;
mod source;
mod version;

use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use migrate_compiler::{DEFAULT_POSTGRES, History};

use crate::failure::Failure;
use crate::project::{Project, create, shown};
use crate::waiting::{block_on, tell};
use crate::{Answer, Place};
use before::Before;
use directory::Directory;
use migration::{Converted, convert};
use placeholder::Placeholders;
use proof::Proof;
use replay::Replay;
use report::Report;
use source::Tool;

/// Turn the history of another tool into migrations, file for file.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo migrate convert ../old/migrations --scratch-url postgres://localhost/postgres
  cargo migrate convert db/migration --from flyway --dry-run     with DATABASE_URL set
  cargo migrate convert db/migration --placeholder schema=app    for `${schema}` in the files of Flyway
  alembic upgrade head --sql > history.sql 2>&1 && cargo migrate convert history.sql
  cargo run -- up -v > history.log && cargo migrate convert history.log     in the crate of SeaORM's migrations

The history runs, statement by statement, in a new database on that server. What each statement changed is written in the
language; what the language cannot express becomes raw SQL, and is reported. The result is applied to a second new database, and
the two are compared. Both are dropped; no other database is touched, and no file is overwritten.

Exit codes: 0 written, and both databases are the same; 1 nothing could be written, or they differ; 2 wrong usage")]
pub(crate) struct Convert {
    /// The directory of the other tool's migrations, or the file with their SQL
    #[arg(value_name = "DIR")]
    source: PathBuf,
    /// The other tool [default: recognised by its files]
    #[arg(long, value_name = "TOOL")]
    from: Option<Tool>,
    /// Where to create the databases: any database of a server whose role may create databases
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    scratch_url: String,
    /// A file with the SQL of what exists before the history, and of settings for it; with `--measure`, the directory
    /// of such files, named `NAME.sql` after the histories
    #[arg(long, value_name = "FILE")]
    before: Option<PathBuf>,
    /// The value of `${NAME}` in the files of Flyway, and of that and `$NAME` in those of goose after `-- +goose ENVSUB
    /// ON`; once for each name
    #[arg(long = "placeholder", value_name = "NAME=VALUE", value_parser = placeholder::given)]
    placeholders: Vec<(String, String)>,
    /// Print the migrations, and write no file
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON object
    #[arg(long, conflicts_with = "dry_run")]
    json: bool,
    /// Treat each directory in DIR as a history, and report how much of each can be converted; nothing is written
    #[arg(long, conflicts_with = "dry_run")]
    measure: bool,
}

impl Convert {
    pub(crate) fn run(&self, place: &Place) -> Result<Answer, Failure> {
        crate::import::check_url(&self.scratch_url)?;
        if self.measure {
            return block_on(measure::measure(self))?;
        }
        // What is wrong with the crate is said before anything runs.
        let target = if self.dry_run { None } else { Some(target(place)?) };
        let (tool, report) = block_on(self.report(&self.source, self.before.as_deref()))??;
        let mut files = Vec::new();
        if let Some(directory) = &target {
            files = write(directory, &report)?;
        }
        report.answer(tool, &files, self.json, self.dry_run)
    }

    /// Converts one history.
    async fn report(&self, source: &Path, before: Option<&Path>) -> Result<(Tool, Report), Failure> {
        let directory = Directory::read(source)?.with(Placeholders::new(self.placeholders.iter().cloned()));
        let tool = match self.from {
            Some(tool) => tool,
            None => Tool::recognise(&directory)?,
        };
        let theirs = tool.read(&directory)?;
        let mut before = match before {
            Some(path) => Before::read(path)?,
            None => Before::default(),
        };
        let mut added = Vec::new();
        let mut postgres = DEFAULT_POSTGRES;
        loop {
            let mut all = theirs.clone();
            all.migrations.splice(0..0, before.migration());
            let mut replay = Replay::begin(&self.scratch_url, before.settings.clone()).await?;
            let result = self.replayed(&all, &mut replay, postgres).await;
            let missing = replay.missing.take();
            let ended = replay.end().await;
            match (result, missing) {
                (Err(_), Some(sql)) if before.add(sql.clone()) => added.push(sql),
                // What only a newer server has is written for that: the history has run on one.
                (Ok(report), _) if report.needs().is_some_and(|newer| newer > postgres) => {
                    postgres = report.needs().unwrap_or(postgres);
                }
                (result, _) => {
                    let mut report = result?;
                    if postgres > DEFAULT_POSTGRES {
                        report.notes.push(format!(
                            "it needs PostgreSQL {postgres}: write `migrations!(\"migrations\", postgres = {postgres})`"
                        ));
                    }
                    let told = added
                        .into_iter()
                        .map(|sql| format!("the history requires what `{sql}` creates: it is written before it"));
                    report.notes.splice(0..0, told);
                    // What could not be dropped is told, and is no reason to write nothing.
                    report.notes.extend(ended.err().map(|failure| failure.message));
                    return Ok((tool, report));
                }
            }
        }
    }

    async fn replayed(&self, theirs: &history::History, replay: &mut Replay, postgres: u32) -> Result<Report, Failure> {
        let (ours, are_kept) = version::ours(&theirs.migrations);
        let mut history = History::new(postgres);
        let mut converted: Vec<Converted> = Vec::new();
        let progress = self.progress(theirs.migrations.len());
        for (one, ours) in theirs.migrations.iter().zip(&ours) {
            progress.set_message(shown(&one.up.path));
            converted.push(convert(one, ours, replay, &mut history).await?);
            progress.inc(1);
        }
        progress.finish_and_clear();
        tell(!self.json, "applying what was written to a second database");
        let migrations = converted.iter().map(|one| one.migration.clone()).collect();
        let proof = Proof::of(migrations, replay, &self.scratch_url).await;
        let mut notes = theirs.left_out.clone();
        notes.extend(replay.now().unreadable.iter().map(|one| format!("as raw SQL alone: {one}")));
        let roles: Vec<String> = replay.roles().map(|role| format!("`{role}`")).collect();
        if !roles.is_empty() {
            notes.push(format!(
                "roles belong to the server, and migrations do not create them: create {} there before the migrations \
                 run",
                roles.join(", ")
            ));
        }
        let versions = (!are_kept).then(|| theirs.migrations.iter().map(|one| one.version.clone()).collect());
        Ok(Report { converted, versions, proof, notes })
    }

    fn progress(&self, count: usize) -> ProgressBar {
        if self.json {
            return ProgressBar::hidden();
        }
        tell(!self.json, &format!("running {count} migrations in a new database"));
        let bar = ProgressBar::new(count as u64);
        if let Ok(style) = ProgressStyle::with_template("{pos}/{len} {bar:30} {eta} {msg}") {
            bar.set_style(style);
        }
        bar
    }
}

/// The directory to write to, which has no migrations yet.
fn target(place: &Place) -> Result<PathBuf, Failure> {
    let project = Project::find(place)?;
    let directory = project.existing_directory("mkdir")?;
    match project.existing()?.first() {
        Some(first) => Err(Failure::new(format!("a migration already exists: `{}`", first.file))
            .help("a converted history is the beginning of a history: name another directory with `--dir DIRECTORY`")
            .help("to print the source without writing it, add `--dry-run`")),
        None => Ok(directory),
    }
}

/// Writes all files, or none.
fn write(directory: &Path, report: &Report) -> Result<Vec<PathBuf>, Failure> {
    let mut written: Vec<PathBuf> = Vec::new();
    for (name, text) in report.files() {
        let path = directory.join(name);
        if let Err(failure) = create(&path, &text) {
            for path in written {
                let _ = std::fs::remove_file(path);
            }
            return Err(failure);
        }
        written.push(path);
    }
    Ok(written)
}
