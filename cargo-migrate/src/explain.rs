//! `cargo migrate explain`

use migrate_compiler::diagnostic::code::Level;
use migrate_compiler::diagnostic::{Code, code};

use crate::failure::Failure;

/// Explain a compile error by the code in its brackets; without one, list all codes.
#[derive(Debug, clap::Args)]
pub(crate) struct Explain {
    /// The code, for example unknown_column
    code: Option<String>,
}

impl Explain {
    pub(crate) fn run(&self) -> Result<String, Failure> {
        let Some(written) = &self.code else { return Ok(list()) };
        let name = written.trim_matches(['[', ']', '`']).replace('-', "_").to_lowercase();
        match code::find(&name) {
            Some(code) => Ok(text(code)),
            None => Err(unknown(&name)),
        }
    }
}

fn text(code: &Code) -> String {
    let Code { name, what, why, fix, example, level } = code;
    let (kind, what_it_shows) = match level {
        Level::Mistake => ("", "mistake"),
        Level::Warning => ("a warning: ", "warning"),
    };
    format!("{name}: {kind}{what}\n\nwhy  {why}\nfix  {fix}\n\nexample of the {what_it_shows}:\n\n    {example}\n")
}

fn list() -> String {
    let width = code::ALL.iter().map(|code| code.name.len()).max().unwrap_or(0);
    code::ALL.iter().map(|code| format!("{:width$}  {}\n", code.name, code.what)).collect()
}

fn unknown(name: &str) -> Failure {
    let limit = (name.chars().count() / 3).max(1);
    let closest = code::ALL
        .iter()
        .map(|code| (strsim::osa_distance(name, code.name), code.name))
        .filter(|(distance, _)| *distance <= limit)
        .min();
    let failure = Failure::new(format!("no error has the code `{name}`"));
    match closest {
        Some((_, name)) => failure.help(format!("did you mean `{name}`?")),
        None => failure.help("`cargo migrate explain` lists all codes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(code: &str) -> Result<String, Failure> {
        Explain { code: Some(code.to_string()) }.run()
    }

    #[test]
    fn every_code_has_its_text() {
        for code in code::ALL {
            let text = run(code.name).unwrap();
            assert!(text.contains(code.what) && text.contains(code.fix), "{text}");
        }
    }

    #[test]
    fn the_brackets_of_the_message_may_be_written() {
        assert_eq!(run("[unknown_column]").unwrap(), run("unknown-column").unwrap());
    }

    #[test]
    fn an_unknown_code_suggests_the_closest() {
        assert_eq!(run("unknow_colum").unwrap_err().help, ["did you mean `unknown_column`?"]);
        assert_eq!(run("segfault").unwrap_err().help, ["`cargo migrate explain` lists all codes"]);
    }

    #[test]
    fn the_list_has_every_code() {
        assert_eq!(list().lines().count(), code::ALL.len());
    }
}
