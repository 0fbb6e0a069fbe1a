//! `cargo migrate import`

mod cast_lists;
pub(crate) mod database;
pub(crate) mod dump;
mod outcome;
pub(crate) mod rebuilt;

use std::io::Write as _;
use std::path::PathBuf;

use jiff::Timestamp;
use migrate_runtime::core::name::QualifiedName;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::layout::laid_out_as_read;
use crate::project::{Project, create, shown};
use crate::waiting::{block_on, tell};
use crate::{Answer, Place, version};
pub(crate) use database::{Database, options as connection_options, scratch};
use outcome::Block;
pub(crate) use outcome::{Outcome, Written};

/// Write a live database as one migration, or as one for each schema, and show that it rebuilds the database.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo migrate import --database-url postgres://localhost/shop
  cargo migrate import --database-url postgres://localhost/shop --schema billing invoices
  cargo migrate import --database-url postgres://localhost/shop --each-schema
  cargo migrate import --dry-run > /tmp/shop.rs     with DATABASE_URL set

Nothing is changed in the database. What the language cannot express becomes raw SQL, and is counted. To show that the
migration rebuilds the database, it is applied to a new database on the same server, which is compared and dropped; with
pg_dump in the PATH, both dumps are compared as well.

With --each-schema there is a file for each schema, NAME_SCHEMA, first those that others depend on. What needs a later schema
is in the file of that schema, and so are foreign keys that reference it.

Exit codes: 0 written, and rebuilt without a difference; 1 nothing could be written, or the rebuilt database differs; 2 wrong usage")]
pub(crate) struct Import {
    /// The database to read
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    database_url: String,
    /// Only what is in this schema; may be given more than once [default: all of them]
    #[arg(long, value_name = "SCHEMA")]
    schema: Vec<String>,
    /// Write a migration for each schema, NAME_SCHEMA, instead of one for all
    #[arg(long)]
    each_schema: bool,
    /// Where to create the database for the comparison: any database of a server whose role may create databases
    /// [default: the server of the database]
    #[arg(long, value_name = "URL", conflicts_with = "no_check")]
    scratch_url: Option<String>,
    /// Do not check that the migration rebuilds the database
    #[arg(long)]
    no_check: bool,
    /// Print what would be written, and write no file
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON object
    #[arg(long, conflicts_with = "dry_run")]
    json: bool,
    /// The name of the migration, or the prefix of all names
    #[arg(default_value = "import")]
    name: String,
}

impl Import {
    pub(crate) fn run(&self, place: &Place) -> Result<Answer, Failure> {
        version::check_name(&self.name)
            .map_err(|help| Failure::new(format!("`{}` is not a valid migration name", self.name)).help(help))?;
        // What is wrong with the crate is said before a database is asked for anything.
        let target = if self.dry_run { None } else { Some(self.target(place)?) };
        block_on(self.import(target))?
    }

    /// Where to write.
    fn target(&self, place: &Place) -> Result<Target, Failure> {
        let project = Project::find(place)?;
        let directory = project.existing_directory("mkdir")?;
        let existing = project.existing()?;
        if let Some(first) = existing.first() {
            return Err(Failure::new(format!("a migration already exists: `{}`", first.file))
                .help(
                    "an import is the first migration of a history: remove the others, or name another directory \
                       with `--dir DIRECTORY`",
                )
                .help("to print the source without writing it, add `--dry-run`"));
        }
        Ok(Target { directory, version: version::next(&existing, Timestamp::now()) })
    }

    async fn import(&self, target: Option<Target>) -> Result<Answer, Failure> {
        tell(!self.json, "reading the database");
        let options = connection_options(&self.database_url)?;
        let mut database = Database::connect(&options).await?;
        let live = database.read(&self.schema).await?;
        database.close().await;
        tell(!self.json, if self.each_schema { "writing the migrations" } else { "writing the migration" });
        let written = if self.each_schema { Written::of_schemas(&live) } else { Written::of(&live) };
        let mut files: Vec<File> = Vec::new();
        for block in &written.blocks {
            files.push(self.file(block, &files)?);
        }
        let paths = match &target {
            Some(target) => target.write(&files)?,
            None => Vec::new(),
        };
        let server = (!self.no_check).then(|| self.scratch_url.as_deref().unwrap_or(&self.database_url));
        if server.is_some() {
            tell(!self.json, "rebuilding it in a new database");
        }
        let left = Left { schemas: &self.schema, schema: None, tables: &[] };
        let outcome = Outcome::of(live, written, server, &options, &left).await;
        Ok(self.answer(&files, &paths, &outcome))
    }

    /// The file of a block, behind others.
    fn file(&self, block: &Block, others: &[File]) -> Result<File, Failure> {
        let (what, name) = match &block.schema {
            None => ("The database".to_owned(), self.name.clone()),
            Some(schema) => {
                let shown = schema.replace(char::is_control, " ");
                (format!("The schema `{shown}`"), version::name_with(&self.name, schema))
            }
        };
        let source = laid_out_as_read(&format!(
            "//! {what} as it was when it was imported.\n\nmigrate_runtime::migration! {{\n{}\n}}\n",
            block.text
        ))?;
        let name = version::free_name(&name, |name| others.iter().any(|other| other.name == name));
        Ok(File { name, source })
    }

    fn answer(&self, files: &[File], paths: &[PathBuf], outcome: &Outcome) -> Answer {
        let (mut lines, mut errors, code) = outcome.told();
        let paths: Vec<String> = paths.iter().map(|path| shown(path)).collect();
        if self.json {
            let mut answer =
                if self.each_schema { json!({ "files": paths }) } else { json!({ "file": paths.first() }) };
            if let (Some(answer), Value::Object(more)) = (answer.as_object_mut(), outcome.json()) {
                answer.extend(more);
            }
            return Answer { text: format!("{answer}\n"), errors: Vec::new(), code };
        }
        if self.dry_run {
            errors.splice(0..0, lines);
            let note = errors.iter().map(|line| format!("{line}\n")).collect::<String>();
            let _ = std::io::stderr().write_all(note.as_bytes());
            let text = match self.each_schema {
                true => files.iter().map(|file| format!("// {}.rs\n{}\n", file.name, file.source)).collect(),
                false => files.iter().map(|file| file.source.as_str()).collect(),
            };
            return Answer { text, errors: Vec::new(), code };
        }
        lines.splice(0..0, paths);
        Answer { text: lines.iter().map(|line| format!("{line}\n")).collect(), errors, code }
    }
}

/// Says what is wrong with the URL of a database.
pub(crate) fn check_url(url: &str) -> Result<(), Failure> {
    connection_options(url).map(|_| ())
}

/// Where to write.
struct Target {
    directory: PathBuf,
    /// The version of the first file.
    version: i64,
}

/// What to write.
struct File {
    /// The name of the migration.
    name: String,
    /// The whole file.
    source: String,
}

impl Target {
    /// Writes the files, with versions that follow one another.
    fn write(&self, files: &[File]) -> Result<Vec<PathBuf>, Failure> {
        let mut version = self.version;
        let mut paths = Vec::new();
        for File { name, source } in files {
            let path = self.directory.join(format!("{version}_{name}.rs"));
            create(&path, source)?;
            paths.push(path);
            version = version::a_second_after(version);
        }
        Ok(paths)
    }
}

/// What is left out of a comparison of two databases.
#[derive(Default)]
pub(crate) struct Left<'l> {
    /// Everything that is not in one of these schemas; nothing where there are none.
    pub(crate) schemas: &'l [String],
    /// This schema.
    pub(crate) schema: Option<&'l str>,
    /// Tables, with what belongs to them.
    pub(crate) tables: &'l [QualifiedName],
}
