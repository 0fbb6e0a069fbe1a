//! What a conversion tells.

use std::path::PathBuf;

use serde_json::json;

use super::before;
use super::effect::Outcome;
use super::migration::Converted;
use super::proof::Proof;
use super::source::Tool;
use crate::Answer;
use crate::failure::Failure;
use crate::project::shown;

/// The table of what became of their versions.
pub(crate) const VERSIONS: &str = "versions.tsv";

/// A history that was converted.
pub(crate) struct Report {
    pub(crate) converted: Vec<Converted>,
    /// Their versions, where ours are others.
    pub(crate) versions: Option<Vec<String>>,
    pub(crate) proof: Result<Proof, Failure>,
    /// What is left out, one line each.
    pub(crate) notes: Vec<String>,
}

/// How many statements became what.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    pub(crate) native: usize,
    pub(crate) not_needed: usize,
    pub(crate) raw: usize,
}

impl Count {
    pub(crate) fn all(self) -> usize {
        self.native + self.not_needed + self.raw
    }

    /// The share of what is not raw SQL, in percent.
    pub(crate) fn share(self) -> f64 {
        if self.all() == 0 { 100.0 } else { 100.0 * (self.native + self.not_needed) as f64 / self.all() as f64 }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.native += other.native;
        self.not_needed += other.not_needed;
        self.raw += other.raw;
    }
}

impl Report {
    pub(crate) fn count(&self) -> Count {
        let mut count = Count::default();
        for told in self.converted.iter().flat_map(|one| &one.statements) {
            match told.outcome {
                Outcome::Native => count.native += 1,
                Outcome::NotNeeded(_) => count.not_needed += 1,
                Outcome::Raw(_) => count.raw += 1,
            }
        }
        count
    }

    pub(crate) fn is_same(&self) -> bool {
        self.proof.as_ref().is_ok_and(Proof::is_same)
    }

    /// Names and texts of the files.
    pub(crate) fn files(&self) -> Vec<(String, String)> {
        let mut files: Vec<(String, String)> =
            self.converted.iter().map(|one| (format!("{}.rs", one.ours.stem()), one.source.clone())).collect();
        if let Some(versions) = &self.versions {
            let lines = versions.iter().zip(&self.converted).filter(|(theirs, _)| *theirs != before::VERSION);
            let lines: String = lines.map(|(theirs, one)| format!("{theirs}\t{}\n", one.ours.version)).collect();
            files.push((VERSIONS.to_owned(), lines));
        }
        files
    }

    /// What is raw SQL, one line each.
    pub(crate) fn raw(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for one in &self.converted {
            for told in &one.statements {
                if let Outcome::Raw(why) = &told.outcome {
                    lines.push(format!("{}:{}: {why}", shown(&one.path), told.line));
                }
            }
        }
        lines
    }

    /// The version of PostgreSQL that something needs which became raw SQL for that alone.
    pub(crate) fn needs(&self) -> Option<u32> {
        self.converted.iter().flat_map(|one| &one.statements).filter_map(|told| told.needs).max()
    }

    fn notes(&self) -> Vec<String> {
        let mut lines = self.notes.clone();
        for one in &self.converted {
            lines.extend(one.notes.iter().map(|note| format!("{}: {note}", shown(&one.path))));
        }
        lines
    }

    /// What is otherwise than it was.
    pub(crate) fn wrong(&self) -> Vec<String> {
        match &self.proof {
            Ok(proof) => proof.differences.iter().map(|line| format!("differs: {line}")).collect(),
            Err(failure) => {
                let help = failure.help.iter().map(|line| format!("\nhelp: {line}"));
                vec![std::iter::once(failure.message.clone()).chain(help).collect()]
            }
        }
    }

    pub(crate) fn answer(&self, tool: Tool, files: &[PathBuf], json: bool, dry_run: bool) -> Result<Answer, Failure> {
        let code = u8::from(!self.is_same());
        if json {
            return Ok(Answer { text: format!("{}\n", self.json(tool, files)), errors: Vec::new(), code });
        }
        let count = self.count();
        let mut lines: Vec<String> = Vec::new();
        if let (Some(first), Some(last)) = (files.first(), files.last()) {
            lines.push(format!("{} files, `{}` to `{}`", files.len(), shown(first), shown(last)));
        }
        lines.push(format!(
            "{} migrations of {}, {} statements: {} in the language, {} not needed, {} as raw SQL ({:.1} % without raw SQL)",
            self.converted.len(),
            tool.word(),
            count.all(),
            count.native,
            count.not_needed,
            count.raw,
            count.share()
        ));
        lines.extend(self.raw().into_iter().map(|line| format!("  raw SQL: {line}")));
        lines.extend(self.notes().into_iter().map(|line| format!("  note: {line}")));
        if self.versions.is_some() {
            lines.push(format!(
                "their versions are not numbers that could be kept: `{VERSIONS}` lists what each became"
            ));
        }
        if let Ok(proof) = &self.proof {
            lines.extend(proof.told());
        }
        let told: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let errors = self.wrong();
        if dry_run {
            let mut text = String::new();
            for (name, source) in self.files() {
                text.push_str(&format!("// {name}\n{source}\n"));
            }
            let mut errors = errors;
            errors.insert(0, told);
            let note: String = errors.iter().map(|line| format!("{line}\n")).collect();
            let _ = std::io::Write::write_all(&mut std::io::stderr(), note.as_bytes());
            return Ok(Answer { text, errors: Vec::new(), code });
        }
        Ok(Answer { text: told, errors, code })
    }

    pub(crate) fn json(&self, tool: Tool, files: &[PathBuf]) -> serde_json::Value {
        let count = self.count();
        let migrations = self.converted.iter().enumerate().map(|(index, one)| {
            let statements = one.statements.iter().map(|told| {
                let (became, why) = match &told.outcome {
                    Outcome::Native => ("language", None),
                    Outcome::NotNeeded(why) => ("not_needed", Some((*why).to_owned())),
                    Outcome::Raw(why) => ("raw_sql", Some(why.clone())),
                };
                json!({ "line": told.line, "became": became, "why": why })
            });
            json!({
                "from": shown(&one.path),
                "their_version": self.versions.as_ref().and_then(|versions| versions.get(index)),
                "version": one.ours.version,
                "name": one.ours.name,
                "file": files.get(index).map(|file| shown(file)),
                "statements": statements.collect::<Vec<_>>(),
                "notes": one.notes,
            })
        });
        json!({
            "tool": tool.word(),
            "migrations": migrations.collect::<Vec<_>>(),
            "statements": {
                "all": count.all(), "language": count.native, "not_needed": count.not_needed, "raw_sql": count.raw,
                "share": count.share(),
            },
            "left_out": self.notes,
            "same": self.is_same(),
            "differences": match &self.proof { Ok(proof) => proof.differences.clone(), Err(_) => Vec::new() },
            "pg_dump": match &self.proof { Ok(proof) => proof.dump.as_ref().map(|dump| dump.is_same()), Err(_) => None },
            "error": self.proof.as_ref().err().map(|failure| failure.message.clone()),
        })
    }
}
