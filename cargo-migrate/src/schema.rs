//! `cargo migrate schema`

use std::fs;
use std::path::PathBuf;

use migrate_compiler::print::{self, SchemaFile, SchemaSource};
use migrate_compiler::{Beside, Finding, History};
use serde_json::json;

use crate::failure::Failure;
use crate::finding::{as_json, as_text};
use crate::layout::laid_out;
use crate::project::{Project, create, shown};
use crate::{Answer, Place, template};

/// Write the result of the migrations as a schema: definitions without a history, to edit and to generate migrations
/// from. With `--check`, compare the existing schema with the migrations.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo migrate schema                    writes the directory `schema`
  cargo migrate schema --check --json     for CI
  cargo migrate schema --dry-run          prints it

The schema has a file for each table, with its indexes, triggers, policies and privileges, and files for types, functions and
views. The files may be divided in any other way, and the definitions may be in any order. Nothing is overwritten.

Exit codes: 0 written, or the same; 1 it cannot be written, or it differs from the migrations; 2 wrong usage")]
pub(crate) struct Schema {
    #[command(flatten)]
    sides: Sides,
    /// Compare the schema with the migrations, and write nothing
    #[arg(long)]
    check: bool,
    /// Print the schema, and write nothing
    #[arg(long, conflicts_with = "check")]
    dry_run: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// The migrations and the schema beside them.
#[derive(Debug, clap::Args)]
pub(crate) struct Sides {
    /// The directory of the schema, or its only file, relative to the crate
    #[arg(long, value_name = "PATH", default_value = "schema")]
    schema: PathBuf,
    /// The oldest version of PostgreSQL to support, as in `migrations!`
    #[arg(long, value_name = "MAJOR", default_value_t = 14, value_parser = clap::value_parser!(u32).range(14..=18))]
    postgres: u32,
}

impl Sides {
    /// Where the schema is.
    pub(crate) fn path(&self, project: &Project) -> PathBuf {
        project.path(&self.schema)
    }

    /// What the migrations make.
    pub(crate) fn history(&self, project: &Project) -> Result<History, Failure> {
        let directory = project.existing_directory("cargo migrate init")?;
        History::of_directory(&directory, &project.path(""), Some(self.postgres))
            .map_err(|findings| wrong("the migrations have mistakes", &findings))
    }

    /// The schema, beside the migrations.
    pub(crate) fn beside(&self, project: &Project, history: &History) -> Result<Beside, Failure> {
        history
            .beside(&self.path(project), &project.path(""))
            .map_err(|findings| wrong("the schema has mistakes", &findings))
    }
}

fn wrong(what: &str, findings: &[Finding]) -> Failure {
    let each: String = findings.iter().map(as_text).collect();
    Failure::new(format!("{what}\n{}", each.trim_end()))
}

impl Schema {
    pub(crate) fn run(&self, place: &Place) -> Result<Answer, Failure> {
        let project = Project::find(place)?;
        let history = self.sides.history(&project)?;
        if self.check {
            return self.compare(&project, &history);
        }
        let SchemaSource { files, unprintable } = print::schema(history.catalog());
        let left_out: Vec<String> = unprintable.iter().map(ToString::to_string).collect();
        let files = files.iter().map(source).collect::<Result<Vec<SchemaFile>, Failure>>()?;
        let directory = self.sides.path(&project);
        if self.dry_run {
            return Ok(self.printed(&files, left_out));
        }
        let is_taken =
            fs::read_dir(&directory).is_ok_and(|mut entries| entries.next().is_some()) || directory.is_file();
        if is_taken {
            return Err(Failure::new(format!("a schema already exists: `{}`", shown(&directory)))
                .help("compare it with the migrations: `cargo migrate schema --check`")
                .help("to print that of the migrations, add `--dry-run`; `--schema PATH` names another directory"));
        }
        let mut written = Vec::new();
        for file in &files {
            let path = directory.join(&file.path);
            let parent = path.parent().unwrap_or(&directory);
            fs::create_dir_all(parent).map_err(|error| Failure::file("create", parent, &error))?;
            create(&path, &file.text)?;
            written.push(shown(&path));
        }
        let differences = match files.is_empty() {
            true => Vec::new(),
            false => self.sides.beside(&project, &history)?.differences,
        };
        Ok(self.answer(&project, &written, left_out, &differences))
    }

    fn compare(&self, project: &Project, history: &History) -> Result<Answer, Failure> {
        let differences = self.sides.beside(project, history)?.differences;
        let text = match (self.json, differences.is_empty()) {
            (true, is_same) => format!("{}\n", json!({ "same": is_same, "differences": as_json(&differences) })),
            (false, true) => "the schema matches the migrations\n".to_owned(),
            (false, false) => differences.iter().map(as_text).collect(),
        };
        Ok(Answer { text, errors: Vec::new(), code: u8::from(!differences.is_empty()) })
    }

    fn printed(&self, files: &[SchemaFile], left_out: Vec<String>) -> Answer {
        let text = match self.json {
            true => {
                let files: Vec<_> = files.iter().map(|one| json!({ "file": one.path, "text": one.text })).collect();
                format!("{}\n", json!({ "files": files, "left_out": left_out }))
            }
            false => files.iter().map(|one| format!("// {}\n{}\n", one.path, one.text)).collect(),
        };
        let errors = if self.json { Vec::new() } else { left_out };
        Answer { text, errors, code: 0 }
    }

    fn answer(&self, project: &Project, written: &[String], left_out: Vec<String>, differences: &[Finding]) -> Answer {
        let code = u8::from(!differences.is_empty());
        if self.json {
            let answer = json!({ "files": written, "left_out": left_out, "differences": as_json(differences) });
            return Answer { text: format!("{answer}\n"), errors: Vec::new(), code };
        }
        let mut text: String = written.iter().map(|path| format!("{path}\n")).collect();
        if written.is_empty() {
            text.push_str("nothing to write: the migrations create nothing\n");
        } else {
            let schema = self.sides.schema.to_string_lossy().replace('\\', "/");
            text.push_str(&format!(
                "\nto let `cargo check` compare it, write `migrations!({:?}, schema = {schema:?})`\n",
                project.directory_in_source()
            ));
            let script = fs::read_to_string(project.path("build.rs")).unwrap_or_default();
            if !script.contains(&format!("rerun-if-changed={schema}")) {
                text.push_str(&format!("and in the `main` of build.rs: {}\n", template::rerun(&schema)));
            }
        }
        let errors = left_out.into_iter().chain(differences.iter().map(|one| as_text(one).trim_end().to_owned()));
        Answer { text, errors: errors.collect(), code }
    }
}

/// A whole file.
fn source(file: &SchemaFile) -> Result<SchemaFile, Failure> {
    let text = format!("migrate_runtime::schema! {{\n{}\n}}\n", file.text);
    let text = laid_out(&text, &format!("`{}`", file.path), "the definition of the object at that place")?;
    Ok(SchemaFile { path: file.path.clone(), text })
}
