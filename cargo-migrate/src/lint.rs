//! `cargo migrate lint`

use migrate_compiler::diagnostic::code::Level;
use migrate_compiler::{Finding, lint};
use serde_json::json;

use crate::failure::Failure;
use crate::project::{Project, shown};
use crate::{Answer, Place};

/// Show what is wrong with the migrations, and what is legal and regretted later: what rustc shows as well, without building
/// anything.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo migrate lint
  cargo migrate lint --postgres 16 --json   for CI

Exit codes: 0 nothing is found; 1 something is; 2 wrong usage")]
pub(crate) struct Lint {
    /// The oldest version of PostgreSQL to serve, as in `migrations!`
    #[arg(long, value_name = "MAJOR", default_value_t = 14, value_parser = clap::value_parser!(u32).range(14..=18))]
    postgres: u32,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Lint {
    pub(crate) fn run(&self, place: &Place) -> Result<Answer, Failure> {
        let project = Project::find(place)?;
        let directory = project.migrations();
        if !directory.is_dir() {
            return Err(Failure::new(format!("there is no directory `{}`", shown(&directory)))
                .help("create it with `cargo migrate init`, or name another one with `--dir DIRECTORY`"));
        }
        let findings = lint(&directory, &project.path(""), Some(self.postgres));
        let text = if self.json { as_json(&findings) } else { findings.iter().map(as_text).collect() };
        Ok(Answer { text, errors: Vec::new(), code: u8::from(!findings.is_empty()) })
    }
}

fn level(finding: &Finding) -> &'static str {
    match finding.level {
        Level::Mistake => "error",
        Level::Warning => "warning",
    }
}

fn as_text(finding: &Finding) -> String {
    let Finding { file, line, column, code, message, help, notes, .. } = finding;
    let place = if *line == 0 { String::new() } else { format!("{file}:{line}:{column}: ") };
    let mut text = format!("{place}{}: {message} [{code}]\n", level(finding));
    for (label, lines) in [("help", help), ("note", notes)] {
        for line in lines {
            text.push_str(&format!("  {label}: {line}\n"));
        }
    }
    text
}

fn as_json(findings: &[Finding]) -> String {
    let findings: Vec<_> = findings
        .iter()
        .map(|finding| {
            let Finding { file, line, column, code, message, help, notes, .. } = finding;
            json!({
                "file": Some(file).filter(|file| !file.is_empty()),
                "line": Some(line).filter(|line| **line > 0),
                "column": Some(column).filter(|column| **column > 0),
                "level": level(finding),
                "code": code,
                "message": message,
                "help": help,
                "notes": notes,
            })
        })
        .collect();
    format!("{}\n", json!({ "clean": findings.is_empty(), "findings": findings }))
}
