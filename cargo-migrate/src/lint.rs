//! `cargo migrate lint`

use migrate_compiler::lint;
use serde_json::json;

use crate::failure::Failure;
use crate::finding::{as_json, as_text};
use crate::project::Project;
use crate::{Answer, Place};

/// Show mistakes in the migrations, and what is legal but regretted later: what rustc shows as well, without building
/// anything.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo migrate lint
  cargo migrate lint --postgres 16 --json   for CI

Exit codes: 0 nothing was found; 1 something was; 2 wrong usage")]
pub(crate) struct Lint {
    /// The oldest version of PostgreSQL to support, as in `migrations!`
    #[arg(long, value_name = "MAJOR", default_value_t = 14, value_parser = clap::value_parser!(u32).range(14..=18))]
    postgres: u32,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Lint {
    pub(crate) fn run(&self, place: &Place) -> Result<Answer, Failure> {
        let project = Project::find(place)?;
        let directory = project.existing_directory("cargo migrate init")?;
        let findings = lint(&directory, &project.path(""), Some(self.postgres));
        let text = match self.json {
            true => format!("{}\n", json!({ "clean": findings.is_empty(), "findings": as_json(&findings) })),
            false => findings.iter().map(as_text).collect(),
        };
        Ok(Answer { text, errors: Vec::new(), code: u8::from(!findings.is_empty()) })
    }
}
