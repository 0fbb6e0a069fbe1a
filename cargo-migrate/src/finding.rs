//! Mistakes, warnings and differences, as text and for programs.

use migrate_compiler::Finding;
use migrate_compiler::diagnostic::code::Level;
use serde_json::{Value, json};

fn level(finding: &Finding) -> &'static str {
    match finding.level {
        Level::Mistake => "error",
        Level::Warning => "warning",
    }
}

/// A finding with its place, and what to do.
pub(crate) fn as_text(finding: &Finding) -> String {
    let Finding { file, line, column, code, message, help, notes, .. } = finding;
    let place = match (file.is_empty(), *line) {
        (true, 0) => String::new(),
        (false, 0) => format!("{file}: "),
        _ => format!("{file}:{line}:{column}: "),
    };
    let mut text = format!("{place}{}: {message} [{code}]\n", level(finding));
    for (label, lines) in [("help", help), ("note", notes)] {
        for line in lines {
            text.push_str(&format!("  {label}: {line}\n"));
        }
    }
    text
}

/// The same for programs.
pub(crate) fn as_json(findings: &[Finding]) -> Vec<Value> {
    let one = |finding: &Finding| {
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
    };
    findings.iter().map(one).collect()
}
