//! `cargo migrate fmt`

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use migrate_compiler::format;
use serde_json::{Value, json};
use similar::TextDiff;

use crate::failure::Failure;
use crate::project::{Project, shown};
use crate::{Answer, Place, rustfmt};

/// Format migrations: those of the crate, or the given files. Only the layout changes: comments and
/// empty lines stay, and so do checksums.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo migrate fmt                      all migrations of the crate
  cargo migrate fmt --check              for CI: show what would change, exit with 1
  cargo migrate fmt --stdin < src/a.rs   for an editor, instead of rustfmt

Exit codes: 0 done, or nothing to do; 1 something is not formatted (--check), or cannot be; 2 wrong usage")]
pub(crate) struct Fmt {
    /// Files or directories [default: the directory of the migrations]
    #[arg(value_name = "FILES", conflicts_with = "stdin")]
    files: Vec<PathBuf>,
    /// Write nothing: show what would change, and exit with 1 if anything would
    #[arg(long)]
    check: bool,
    /// Read Rust code from standard input and print it formatted: the blocks by this program, the rest by rustfmt
    #[arg(long)]
    stdin: bool,
    /// The edition of the code on standard input [default: that of the nearest Cargo.toml]
    #[arg(long, value_name = "YEAR", requires = "stdin")]
    edition: Option<String>,
    /// Print one JSON object
    #[arg(long, conflicts_with = "stdin")]
    json: bool,
}

/// What came of a file.
enum Outcome {
    Unchanged,
    Formatted,
    /// It would change: the difference.
    Differs(String),
    Failed(Problem),
}

/// Why a file cannot be formatted.
struct Problem {
    message: String,
    place: Option<(usize, usize)>,
}

impl Problem {
    fn file(doing: &str, error: &io::Error) -> Self {
        Problem { message: format!("cannot {doing} it: {error}"), place: None }
    }

    /// The problem with the name of the file before it.
    fn of(&self, file: &str) -> String {
        match self.place {
            Some((line, column)) => format!("{file}:{line}:{column}: {}", self.message),
            None => format!("{file}: {}", self.message),
        }
    }
}

impl From<format::Error> for Problem {
    fn from(error: format::Error) -> Self {
        Problem { message: error.fault.to_string(), place: Some((error.line, error.column)) }
    }
}

impl Fmt {
    pub(crate) fn run(&self, place: &Place) -> Result<Answer, Failure> {
        if self.stdin {
            return self.standard_input(place);
        }
        let outcomes: Vec<(PathBuf, Outcome)> = self
            .paths(place)?
            .into_iter()
            .map(|path| {
                let outcome = self.file(&path).unwrap_or_else(Outcome::Failed);
                (path, outcome)
            })
            .collect();
        Ok(if self.json { as_json(&outcomes) } else { as_text(&outcomes) })
    }

    /// The files to format.
    fn paths(&self, place: &Place) -> Result<Vec<PathBuf>, Failure> {
        if self.files.is_empty() {
            let project = Project::find(place)?;
            let directory = project.existing_directory("cargo migrate init")?;
            return Ok(project.existing()?.into_iter().map(|migration| directory.join(migration.file)).collect());
        }
        let mut paths = Vec::new();
        for path in &self.files {
            match path.is_dir() {
                true => paths.extend(sources(path)?),
                false => paths.push(path.clone()),
            }
        }
        Ok(paths)
    }

    fn file(&self, path: &Path) -> Result<Outcome, Problem> {
        let bytes = fs::read(path).map_err(|error| Problem::file("read", &error))?;
        let before = text(bytes)?;
        if format::blocks(&before)?.is_empty() {
            let message = "it has no `migration!` block\nhelp: write `migrate_runtime::migration! { ... }`";
            return Err(Problem { message: message.to_owned(), place: None });
        }
        let after = format::file(&before)?;
        if after == before {
            return Ok(Outcome::Unchanged);
        }
        if self.check {
            return Ok(Outcome::Differs(difference(&shown(path), &before, &after)));
        }
        replace(path, &after).map_err(|error| Problem::file("write", &error))?;
        Ok(Outcome::Formatted)
    }

    fn standard_input(&self, place: &Place) -> Result<Answer, Failure> {
        let mut bytes = Vec::new();
        io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|error| Failure::new(format!("cannot read standard input: {error}")))?;
        let failure = |problem: Problem| Failure::new(problem.of("<stdin>"));
        let before = text(bytes).map_err(failure)?;
        let edition = self.edition.clone().unwrap_or_else(|| rustfmt::edition(place));
        let around = rustfmt::around_blocks(&before, &edition)?;
        let after = format::file(&around).map_err(|error| {
            // The place in what was written, not in what rustfmt made of it.
            let error = format::file(&before).err().unwrap_or(error);
            failure(error.into())
        })?;
        Ok(match self.check {
            true if after != before => {
                Answer { text: difference("<stdin>", &before, &after), errors: Vec::new(), code: 1 }
            }
            true => Answer::from(String::new()),
            false => Answer::from(after),
        })
    }
}

/// The Rust files of a directory that have blocks.
fn sources(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(directory).map_err(|error| Failure::file("read", directory, &error))?;
    let is_source = |path: &PathBuf| {
        let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        path.extension().is_some_and(|extension| extension == "rs") && !is_hidden && path.is_file()
    };
    let has_block = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap_or_default();
        // What is wrong in it is said when it is formatted.
        format::blocks(&text).map_or(true, |blocks| !blocks.is_empty())
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| is_source(path) && has_block(path))
        .collect();
    paths.sort();
    Ok(paths)
}

fn text(bytes: Vec<u8>) -> Result<String, Problem> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(error.as_bytes().get(..valid).unwrap_or_default()).into_owned();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Problem { message: "this is not UTF-8".to_owned(), place: Some((line, column)) }
    })
}

fn difference(name: &str, before: &str, after: &str) -> String {
    let formatted = format!("{name} (formatted)");
    TextDiff::from_lines(before, after).unified_diff().header(name, &formatted).to_string()
}

/// Puts a text in place of a file at once, with the permissions that the file has.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    // What a link points to is written, rather than a file in place of the link.
    let path = path.canonicalize()?;
    let permissions = fs::metadata(&path)?.permissions();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{}.new", std::process::id()));
    let written = (|| {
        let mut file = fs::File::options().write(true).create_new(true).open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.set_permissions(permissions)?;
        file.sync_all()?;
        fs::rename(&beside, &path)
    })();
    if written.is_err() {
        // The file itself is as it was; what is beside it is of no use.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn as_text(outcomes: &[(PathBuf, Outcome)]) -> Answer {
    let mut answer = Answer::from(String::new());
    let mut unformatted = 0;
    for (path, outcome) in outcomes {
        match outcome {
            Outcome::Unchanged => {}
            Outcome::Formatted => answer.text.push_str(&format!("formatted {}\n", shown(path))),
            Outcome::Differs(difference) => {
                answer.text.push_str(difference);
                unformatted += 1;
            }
            Outcome::Failed(problem) => answer.errors.push(problem.of(&shown(path))),
        }
    }
    if unformatted > 0 {
        let files = if unformatted == 1 { "1 file is".to_owned() } else { format!("{unformatted} files are") };
        answer.errors.push(format!("{files} not formatted\nhelp: run `cargo migrate fmt`"));
    }
    answer.code = u8::from(!answer.errors.is_empty());
    answer
}

fn as_json(outcomes: &[(PathBuf, Outcome)]) -> Answer {
    let mut is_good = true;
    let mut files = Vec::new();
    for (path, outcome) in outcomes {
        let (word, difference, error) = match outcome {
            Outcome::Unchanged => ("unchanged", Value::Null, Value::Null),
            Outcome::Formatted => ("formatted", Value::Null, Value::Null),
            Outcome::Differs(difference) => ("unformatted", json!(difference), Value::Null),
            Outcome::Failed(Problem { message, place }) => {
                let (line, column) = place.unzip();
                ("failed", Value::Null, json!({ "message": message, "line": line, "column": column }))
            }
        };
        is_good &= matches!(outcome, Outcome::Unchanged | Outcome::Formatted);
        files.push(json!({ "file": shown(path), "outcome": word, "difference": difference, "error": error }));
    }
    let text = format!("{}\n", json!({ "formatted": is_good, "files": files }));
    Answer { text, errors: Vec::new(), code: u8::from(!is_good) }
}
