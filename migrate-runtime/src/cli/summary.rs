//! What a run did, in a line or two.

use migrate_core::history::MigrationName;
use serde::Serialize;

use super::context::{Context, Failed};
use super::exit::Exit;
use super::format::{count, duration};
use super::json;
use super::style::{FAINT, NAME, WAITING, paint};
use crate::report::{Completed, Report};
use crate::run::embedded;

#[derive(Serialize)]
struct SummaryJson {
    #[serde(flatten)]
    report: json::Report,
    /// Left out where it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<Option<json::Migration>>,
}

/// Shows what a run did, and where the database stands after it.
pub(super) async fn show(context: &mut Context, pool: &sqlx::PgPool, report: &Report) -> Result<Exit, Failed> {
    // What was done is done, whether or not it can be read where the database stands now.
    let rows = context.migrator.history(pool).await.ok();
    let embedded = embedded(&context.migrator);
    let current = rows.map(|rows| rows.last().map(|row| MigrationName::in_database(&embedded, row.version, &row.name)));
    if context.options.json {
        let current = current.as_ref().map(|current| current.as_ref().map(json::Migration::of));
        context.output.json(&SummaryJson { report: json::Report::of(report), current });
    } else {
        context.output.result(&text(report, current.as_ref().map(Option::as_ref)));
    }
    Ok(Exit::Success)
}

/// `current` is where the database stands, where that is known.
fn text(report: &Report, current: Option<Option<&MigrationName>>) -> String {
    let at = |before: &str| match current {
        Some(Some(name)) => format!("{before}at {}", paint(NAME, name)),
        Some(None) => format!("{before}nothing is applied"),
        None => String::new(),
    };
    let parts = done(report);
    let mut text = if parts.is_empty() {
        format!("nothing to do{}\n", at(", "))
    } else {
        let took = paint(FAINT, format!("({})", duration(report.elapsed)));
        format!("{}{} {took}\n", parts.join(", "), at(", now "))
    };
    for lost in lost(report) {
        text.push_str(&format!("{} {lost}\n", paint(WAITING, "gone:")));
    }
    if !report.unknown.is_empty() {
        let names: Vec<String> = report.unknown.iter().map(ToString::to_string).collect();
        let text_of_names = names.join(", ");
        text.push_str(&format!("{} applied but not known to this binary: {text_of_names}\n", paint(FAINT, "note:")));
    }
    text
}

/// What was done, each with its number.
pub(super) fn done(report: &Report) -> Vec<String> {
    let mut parts = Vec::new();
    if !report.applied.is_empty() {
        parts.push(format!("applied {}", count(report.applied.len(), "migration")));
    }
    if !report.reverted.is_empty() {
        parts.push(format!("reverted {}", count(report.reverted.len(), "migration")));
    }
    if let Some(adopted) = &report.adopted {
        parts.push(format!("adopted {} of {}", count(adopted.versions.len(), "migration"), adopted.tool));
    }
    if !report.baselined.is_empty() {
        parts.push(format!("recorded {} without running", count(report.baselined.len(), "migration")));
    }
    if !report.repaired.is_empty() {
        parts.push(format!("recorded the corrected form of {}", count(report.repaired.len(), "migration")));
    }
    if !report.recommented.is_empty() {
        parts.push(format!("changed the comments of {}", count(report.recommented.len(), "migration")));
    }
    parts
}

/// What is gone, and with which migration.
pub(super) fn lost(report: &Report) -> impl Iterator<Item = String> {
    let of_one =
        |done: &Completed| done.loses.iter().map(|lost| format!("{lost} ({})", done.migration)).collect::<Vec<_>>();
    report.reverted.iter().flat_map(of_one)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn name(version: i64) -> MigrationName {
        MigrationName { version, name: "trips".into(), leading_zeros: 0 }
    }

    fn plain(report: &Report, current: Option<i64>) -> String {
        let text = text(report, Some(current.map(name).as_ref()));
        anstream::adapter::strip_str(&text).to_string()
    }

    #[test]
    fn a_run_without_work_says_where_the_database_is() {
        assert_eq!(plain(&Report::default(), Some(3)), "nothing to do, at 3_trips\n");
        assert_eq!(plain(&Report::default(), None), "nothing to do, nothing is applied\n");
    }

    #[test]
    fn a_revert_says_what_is_gone() {
        let completed = Completed {
            migration: name(3),
            elapsed: Duration::from_millis(8),
            loses: vec!["the rows of `trips`".into()],
        };
        let report = Report { reverted: vec![completed], elapsed: Duration::from_millis(20), ..Report::default() };
        assert_eq!(
            plain(&report, None),
            "reverted 1 migration, now nothing is applied (20 ms)\ngone: the rows of `trips` (3_trips)\n"
        );
    }
}
