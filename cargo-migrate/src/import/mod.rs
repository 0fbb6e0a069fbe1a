//! `cargo migrate import`

pub(crate) mod database;
pub(crate) mod dump;
pub(crate) mod rebuilt;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;

use jiff::Timestamp;
use migrate_compiler::{DEFAULT_POSTGRES, format, print};
use migrate_runtime::core::catalog::Catalog;
use serde_json::json;

use crate::failure::Failure;
use crate::project::{Project, create, shown};
use crate::{Answer, Place, version};
use database::{Database, Live};
use rebuilt::Rebuilt;

/// Write a live database as one migration, and show that it rebuilds the database.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo migrate import --database-url postgres://localhost/shop
  cargo migrate import --database-url postgres://localhost/shop --schema billing invoices
  cargo migrate import --dry-run > /tmp/shop.rs     with DATABASE_URL set

Nothing is changed in the database. What the language has no words for becomes raw SQL, and is counted. To show that the
migration rebuilds the database, it is applied to a new database beside it, which is compared with it and dropped; with
pg_dump in the PATH the dumps of both are compared as well.

Exit codes: 0 written, and rebuilt as it is; 1 nothing could be written, or what is rebuilt differs; 2 wrong usage")]
pub(crate) struct Import {
    /// The database to read
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    database_url: String,
    /// Only what is in this schema; may be given more than once [default: all of them]
    #[arg(long, value_name = "SCHEMA")]
    schema: Vec<String>,
    /// Where the database for the comparison is made: any database of a server whose role may create databases [default:
    /// the server of the database]
    #[arg(long, value_name = "URL", conflicts_with = "no_check")]
    scratch_url: Option<String>,
    /// Do not show that the migration rebuilds the database
    #[arg(long)]
    no_check: bool,
    /// Print the migration, and write no file
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON object
    #[arg(long, conflicts_with = "dry_run")]
    json: bool,
    /// The name of the migration
    #[arg(default_value = "import")]
    name: String,
}

impl Import {
    pub(crate) fn run(&self, place: &Place) -> Result<Answer, Failure> {
        version::check_name(&self.name)
            .map_err(|help| Failure::new(format!("`{}` is not a name of a migration", self.name)).help(help))?;
        // What is wrong with the crate is said before a database is asked for anything.
        let target = if self.dry_run { None } else { Some(self.target(place)?) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::new(format!("cannot start: {error}")))?;
        runtime.block_on(self.import(target))
    }

    /// The file to write.
    fn target(&self, place: &Place) -> Result<Target, Failure> {
        let project = Project::find(place)?;
        let directory = project.migrations();
        if !directory.is_dir() {
            return Err(Failure::new(format!("there is no directory `{}`", shown(&directory)))
                .help("create it with `mkdir`, or name another one with `--dir DIRECTORY`"));
        }
        let existing = project.existing()?;
        if let Some(first) = existing.first() {
            return Err(Failure::new(format!("there is a migration already: `{}`", first.file))
                .help(
                    "an import is the first migration of a history: remove the others, or name another directory \
                       with `--dir DIRECTORY`",
                )
                .help("to look at the source without writing it, add `--dry-run`"));
        }
        let version = version::next(&existing, Timestamp::now());
        Ok(Target { path: directory.join(format!("{version}_{}.rs", self.name)) })
    }

    async fn import(&self, target: Option<Target>) -> Result<Answer, Failure> {
        self.tell("reading the database");
        let options = database::options(&self.database_url)?;
        let mut database = Database::connect(&options).await?;
        let live = database.read(&self.schema).await?;
        database.close().await;
        self.tell("writing the migration");
        let written = Written::of(&live);
        let source = self.source(&written)?;
        if let Some(target) = &target {
            create(&target.path, &source)?;
        }
        let rebuilt = if self.no_check {
            None
        } else {
            self.tell("rebuilding it in a database of its own");
            let server = self.scratch_url.as_deref().unwrap_or(&self.database_url);
            Some(Rebuilt::of(&written, &live, server, &options, &self.schema).await)
        };
        self.answer(target.as_ref(), &source, &live, &written, rebuilt)
    }

    fn tell(&self, step: &str) {
        if !self.json {
            let _ = std::io::stderr().write_all(format!("{step} ...\n").as_bytes());
        }
    }

    /// The whole file.
    fn source(&self, written: &Written) -> Result<String, Failure> {
        let source = format!(
            "//! The database as it was when it was imported.\n\nmigrate_runtime::migration! {{\n{}\n}}\n",
            written.text
        );
        format::file(&source).map_err(|error| {
            Failure::new(format!("cannot lay out what was read: {}:{}: {}", error.line, error.column, error.fault))
                .help("this is an error of `cargo migrate`: please report it, with the definition of what stands there")
        })
    }

    fn answer(
        &self,
        target: Option<&Target>,
        source: &str,
        live: &Live,
        written: &Written,
        rebuilt: Option<Result<Rebuilt, Failure>>,
    ) -> Result<Answer, Failure> {
        let mut errors: Vec<String> = live.left_out.clone();
        let mut code = 0;
        let mut lines = Vec::new();
        if let Some(target) = target {
            lines.push(shown(&target.path));
        }
        lines.push(told(&live.catalog));
        if !written.by_hand.is_empty() {
            lines.push(format!("as raw SQL: {}", counted(written.by_hand.len(), "object", "objects")));
            lines.extend(written.by_hand.iter().map(|line| format!("  {line}")));
        }
        if written.postgres > DEFAULT_POSTGRES {
            lines.push(format!(
                "needs PostgreSQL {0}: write `migrations!(\"migrations\", postgres = {0})`",
                written.postgres
            ));
        }
        match &rebuilt {
            None => lines.push("not rebuilt for comparison".to_owned()),
            Some(Ok(rebuilt)) => {
                lines.extend(rebuilt.told());
                if !rebuilt.is_same() {
                    code = 1;
                    errors.extend(rebuilt.differences.iter().map(|line| format!("rebuilt otherwise: {line}")));
                }
            }
            Some(Err(failure)) => {
                code = 1;
                let help = failure.help.iter().map(|line| format!("\nhelp: {line}"));
                errors.push(std::iter::once(failure.message.clone()).chain(help).collect());
            }
        }
        if self.json {
            let answer = json!({
                "file": target.map(|target| shown(&target.path)),
                "objects": count(&live.catalog),
                "raw_sql": written.by_hand,
                "left_out": live.left_out,
                "postgres": written.postgres,
                "rebuilt": match &rebuilt {
                    None => json!(null),
                    Some(Ok(rebuilt)) => json!({
                        "same": rebuilt.is_same(),
                        "differences": rebuilt.differences,
                        "pg_dump": rebuilt.dump.as_ref().map(|dump| dump.is_same()),
                    }),
                    Some(Err(failure)) => json!({ "same": false, "error": failure.message }),
                },
            });
            return Ok(Answer { text: format!("{answer}\n"), errors: Vec::new(), code });
        }
        if self.dry_run {
            errors.splice(0..0, lines);
            let note = errors.iter().map(|line| format!("{line}\n")).collect::<String>();
            let _ = std::io::stderr().write_all(note.as_bytes());
            return Ok(Answer { text: source.to_owned(), errors: Vec::new(), code });
        }
        let text = lines.iter().map(|line| format!("{line}\n")).collect();
        Ok(Answer { text, errors, code })
    }
}

/// Says what is wrong with the URL of a database.
pub(crate) fn check_url(url: &str) -> Result<(), Failure> {
    database::options(url).map(|_| ())
}

/// The file to write.
struct Target {
    path: PathBuf,
}

/// What was written.
struct Written {
    /// What stands in the block.
    text: String,
    /// What became raw SQL, or was left out, one line each.
    by_hand: Vec<String>,
    /// The oldest server that it is for.
    postgres: u32,
}

impl Written {
    /// For as old a server as it can be.
    fn of(live: &Live) -> Self {
        let for_server = |postgres: u32| {
            let print::Source { text, unprintable } = print::catalog(&live.catalog, postgres);
            let by_hand = unprintable.iter().map(ToString::to_string).collect();
            Written { text, by_hand, postgres }
        };
        let written = for_server(DEFAULT_POSTGRES);
        if written.by_hand.is_empty() || live.server <= DEFAULT_POSTGRES {
            return written;
        }
        let newer = for_server(live.server);
        if newer.by_hand.len() < written.by_hand.len() { newer } else { written }
    }

    /// A history of nothing but it.
    fn history(&self) -> String {
        format!("postgres = {}, migration \"1_import\" {{\n{}\n}}", self.postgres, self.text)
    }
}

/// How many objects of each kind there are.
fn count(catalog: &Catalog) -> BTreeMap<String, usize> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    counts.insert("table".to_owned(), catalog.tables.len());
    counts.insert("enum".to_owned(), catalog.enums.len());
    counts.insert("extension".to_owned(), catalog.extensions.len());
    counts.insert("index".to_owned(), catalog.tables.values().map(|table| table.indexes.len()).sum());
    for id in catalog.objects.keys() {
        *counts.entry(id.kind.noun().to_owned()).or_default() += 1;
    }
    counts.retain(|_, count| *count > 0);
    counts
}

/// The same in words.
fn told(catalog: &Catalog) -> String {
    let counts = count(catalog);
    if counts.is_empty() {
        return "nothing: the database is empty".to_owned();
    }
    let each = counts.iter().map(|(noun, number)| counted(*number, noun, &plural(noun)));
    each.collect::<Vec<_>>().join(", ")
}

fn counted(number: usize, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

fn plural(noun: &str) -> String {
    match noun {
        "index" => "indexes".to_owned(),
        "policy" => "policies".to_owned(),
        noun if noun.ends_with('s') => noun.to_owned(),
        noun => format!("{noun}s"),
    }
}
