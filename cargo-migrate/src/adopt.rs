//! `cargo migrate adopt`

use std::io::Write as _;
use std::path::PathBuf;

use jiff::Timestamp;
use migrate_compiler::{DEFAULT_POSTGRES, compile_directory, print};
use migrate_runtime::Tool;
use migrate_runtime::core::adopt::Adoption;
use migrate_runtime::core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_runtime::core::plan::Migration;
use migrate_runtime::other_tools::{self, FoundTool};
use serde_json::{Value, json};

use crate::failure::{Failure, chain};
use crate::import::{Database, Left, Outcome, Written as Imported, connection_options};
use crate::layout::laid_out_as_read;
use crate::project::{Project, create, shown};
use crate::waiting::{block_on, tell};
use crate::{Answer, Place, version};

/// Take over a database that another tool has migrated: write the migration that continues its history.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo migrate adopt --database-url postgres://localhost/copy_of_shop
  cargo migrate adopt --from sqlx --table app._sqlx_migrations
  cargo migrate adopt --dry-run > /tmp/adopt.rs     with DATABASE_URL set

Without migrations, the database is written as one, with the `adopts` item in it, and rebuilt for comparison as `import` does.
With migrations, for example those of `convert`, they are compared with the database, and the new migration has only the
item. The database should be a copy of one that is in use. Nothing is changed in it, and no file is overwritten.

Exit codes: 0 written; 1 nothing is written, or the rebuilt database differs; 2 wrong usage")]
pub(crate) struct Adopt {
    /// The database that the other tool has migrated
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    database_url: String,
    /// The tool, if more than one has migrated the database, for example sqlx, sea_orm, golang_migrate
    #[arg(long, value_name = "TOOL", value_parser = tool)]
    from: Option<Tool>,
    /// The table of the tool, if it does not have its usual name
    #[arg(long, value_name = "[SCHEMA.]TABLE", requires = "from", value_parser = table)]
    table: Option<QualifiedName>,
    /// Where to create the database for the comparison: any database of a server whose role may create databases
    /// [default: the server of the database]
    #[arg(long, value_name = "URL", conflicts_with = "no_check")]
    scratch_url: Option<String>,
    /// Do not check that the migration rebuilds the database
    #[arg(long)]
    no_check: bool,
    /// The oldest version of PostgreSQL to support, as in `migrations!`, if there are migrations
    #[arg(long, value_name = "MAJOR", default_value_t = DEFAULT_POSTGRES, value_parser = clap::value_parser!(u32).range(14..=18))]
    postgres: u32,
    /// Print the migration, and write no file
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON object
    #[arg(long, conflicts_with = "dry_run")]
    json: bool,
    /// The name of the migration
    #[arg(default_value = "adopt")]
    name: String,
}

fn tool(word: &str) -> Result<Tool, String> {
    let words = || Tool::ALL.iter().map(|tool| tool.word()).collect::<Vec<_>>().join(", ");
    // As people write them elsewhere.
    let written = word.to_lowercase().replace('-', "_");
    Tool::from_word(&written).ok_or_else(|| format!("the tools are {}", words()))
}

fn table(name: &str) -> Result<QualifiedName, String> {
    let parts: Vec<&str> = name.split('.').collect();
    match parts.as_slice() {
        [name] if !name.is_empty() => Ok(QualifiedName::new(*name)),
        [schema, name] if !schema.is_empty() && !name.is_empty() => Ok(QualifiedName::in_schema(*schema, *name)),
        _ => Err("write it as TABLE or SCHEMA.TABLE".to_owned()),
    }
}

/// The history that is there, and the file to write.
struct Target {
    path: PathBuf,
    migrations: Vec<Migration>,
}

/// What is written.
struct Written {
    adoption: Adoption,
    /// The whole file.
    source: String,
    /// Of a database that was written as a migration.
    imported: Option<Outcome>,
}

impl Adopt {
    pub(crate) fn run(&self, place: &Place) -> Result<Answer, Failure> {
        version::check_name(&self.name)
            .map_err(|help| Failure::new(format!("`{}` is not a valid migration name", self.name)).help(help))?;
        let target = self.target(place)?;
        let written = block_on(self.write(&target))??;
        if !self.dry_run {
            create(&target.path, &written.source)?;
        }
        Ok(self.answer(&target, written))
    }

    fn target(&self, place: &Place) -> Result<Target, Failure> {
        let project = Project::find(place)?;
        let directory = project.existing_directory("cargo migrate init")?;
        let existing = project.existing()?;
        let version = version::next(&existing, Timestamp::now());
        let path = directory.join(format!("{version}_{}.rs", self.name));
        if existing.is_empty() {
            return Ok(Target { path, migrations: Vec::new() });
        }
        let migrations = compile_directory(&directory, &project.path(""), self.postgres).map_err(|findings| {
            let mut failure = Failure::new("the existing migrations do not compile");
            for one in findings {
                failure =
                    failure.help(format!("{}:{}:{}: {} [{}]", one.file, one.line, one.column, one.message, one.code));
            }
            failure
        })?;
        if let Some(one) = migrations.iter().find(|migration| migration.adoption.is_some()) {
            return Err(Failure::new(format!("`{}` already takes over a database", one.file))
                .help("to replace its `adopts` item, remove it first: it is not part of the checksum"));
        }
        Ok(Target { path, migrations })
    }

    async fn write(&self, target: &Target) -> Result<Written, Failure> {
        tell(!self.json, "reading the database");
        let options = connection_options(&self.database_url)?;
        let mut database = Database::connect(&options).await?;
        let adoption = self.adoption(&mut database).await?;
        tell(
            !self.json,
            &format!(
                "found {} of {} in `{}`, through {}",
                counted(adoption.versions.len()),
                adoption.tool.name(),
                adoption.table,
                adoption.through()
            ),
        );
        let item = print::adoption(&adoption);
        if !target.migrations.is_empty() {
            tell(!self.json, "comparing it with the migrations");
            let differences = other_tools::differences(database.connection(), &target.migrations, &adoption).await;
            let differences = differences.map_err(|error| Failure::new(chain(&error)))?;
            database.close().await;
            if !differences.is_empty() {
                let mut message = "the database does not match the existing migrations".to_owned();
                differences.iter().for_each(|line| message.push_str(&format!("\n  {line}")));
                return Err(Failure::new(message)
                    .help("change the migrations, or the database, so that they match: nothing was written"));
            }
            let source = laid_out_as_read(&format!(
                "//! Takes over databases that {} has migrated.\n\nmigrate_runtime::migration! {{\n{item}\n}}\n",
                adoption.tool.name()
            ))?;
            return Ok(Written { adoption, source, imported: None });
        }
        let live = database.read_without(&adoption).await?;
        database.close().await;
        tell(!self.json, "writing the migration");
        let check = (!self.no_check).then(|| self.scratch_url.as_deref().unwrap_or(&self.database_url));
        if check.is_some() {
            tell(!self.json, "rebuilding it in a new database");
        }
        let written = Imported::of(&live);
        let source = laid_out_as_read(&format!(
            "//! The database as {} left it.\n\nmigrate_runtime::migration! {{\n{item}\n\n{}\n}}\n",
            adoption.tool.name(),
            written.text()
        ))?;
        // One that is not written is there for the tool alone.
        let schema =
            Some(adoption.table.schema.as_str()).filter(|schema| *schema != DEFAULT_SCHEMA && !live.has_schema(schema));
        let left = Left { schemas: &[], schema, tables: &adoption.tables() };
        let imported = Outcome::of(live, written, check, &options, &left).await;
        Ok(Written { adoption, source, imported: Some(imported) })
    }

    /// What the table of the tool has.
    async fn adoption(&self, database: &mut Database) -> Result<Adoption, Failure> {
        let failed = |error: migrate_runtime::Error| Failure::new(chain(&error));
        if let (Some(tool), Some(table)) = (self.from, &self.table) {
            let adoption = other_tools::read(database.connection(), tool, table).await.map_err(failed)?;
            let adoption = adoption.map_err(refused)?;
            if adoption.versions.is_empty() {
                return Err(Failure::new(format!(
                    "`{table}` does not exist, or records no migration of {}",
                    tool.name()
                ))
                .help("check the name of the table and its schema"));
            }
            return Ok(adoption);
        }
        let mut found = other_tools::find(database.connection()).await.map_err(failed)?;
        found.retain(|one| self.from.is_none_or(|tool| one.tool == tool));
        let named = |one: &FoundTool| format!("`{}` of {} (`--from {}`)", one.table, one.tool.name(), one.tool.word());
        match found.len() {
            0 => {
                let names: Vec<String> = Tool::ALL.iter().map(|tool| format!("`{}`", tool.table())).collect();
                let what = self.from.map_or("any other tool", Tool::name);
                Err(Failure::new(format!("the database has no table in which {what} has recorded a migration"))
                    .help(format!("looked for {}", names.join(", ")))
                    .help("if the table has another name, name it with `--from TOOL --table SCHEMA.TABLE`")
                    .help("for a database that no tool has migrated, use `cargo migrate import`"))
            }
            1 => found.remove(0).adoption.map_err(refused),
            _ => {
                let list: Vec<String> = found.iter().map(named).collect();
                Err(Failure::new(format!("more than one tool has recorded migrations: {}", list.join(", ")))
                    .help("choose one with `--from TOOL`, and its table with `--table SCHEMA.TABLE` if it has two"))
            }
        }
    }

    fn answer(&self, target: &Target, written: Written) -> Answer {
        let Written { adoption, source, imported } = written;
        let path = (!self.dry_run).then(|| shown(&target.path));
        let (mut lines, errors, code) = imported.as_ref().map_or_else(Default::default, Outcome::told);
        lines.insert(
            0,
            format!(
                "takes over {} of {}, through {}",
                counted(adoption.versions.len()),
                adoption.tool.name(),
                adoption.through()
            ),
        );
        if imported.is_none() {
            lines.push("the database matches the existing migrations".to_owned());
        }
        if self.json {
            let mut answer = json!({
                "file": path,
                "tool": adoption.tool.word(),
                "schema": adoption.table.schema,
                "table": adoption.table.name,
                "versions": adoption.versions,
                "checksum": adoption.checksum.map(|checksum| checksum.to_string()),
            });
            if let (Some(imported), Some(answer)) = (&imported, answer.as_object_mut())
                && let Value::Object(more) = imported.json()
            {
                answer.extend(more);
            }
            return Answer { text: format!("{answer}\n"), errors: Vec::new(), code };
        }
        if self.dry_run {
            let notes: String = lines.iter().map(|line| format!("{line}\n")).collect();
            let _ = std::io::stderr().write_all(notes.as_bytes());
            return Answer { text: source, errors, code };
        }
        lines.splice(0..0, path);
        Answer { text: lines.iter().map(|line| format!("{line}\n")).collect(), errors, code }
    }
}

fn counted(number: usize) -> String {
    format!("{number} {}", if number == 1 { "migration" } else { "migrations" })
}

/// A refusal of the library, as one of this program.
fn refused(error: migrate_runtime::NotAdopted) -> Failure {
    let text = error.to_string();
    let (help, message): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with("help: "));
    let failure = Failure::new(message.join("\n"));
    help.iter().fold(failure, |failure, line| failure.help(line.trim_start_matches("help: ")))
}
