//! `history`

use migrate_core::history::MigrationName;
use migrate_core::plan::Migration;
use serde::Serialize;

use super::context::{Context, Outcome};
use super::exit::Exit;
use super::format::{duration, time};
use super::json::milliseconds;
use super::style::{FAINT, NAME};
use super::table::{Cell, table};
use crate::run::embedded;
use crate::status::HistoryRow;

/// Show what was applied, when, by whom and how long it took.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct History {}

#[derive(Serialize)]
struct HistoryJson<'h> {
    history: Vec<RowJson<'h>>,
}

#[derive(Serialize)]
struct RowJson<'h> {
    version: i64,
    name: &'h str,
    kind: &'h str,
    checksum: &'h str,
    applied_at: &'h str,
    applied_by: &'h str,
    application: &'h str,
    client: &'h str,
    duration_ms: f64,
    tool_version: &'h str,
}

impl History {
    pub(super) async fn run(self, context: &mut Context) -> Outcome {
        let pool = context.connect().await?;
        let rows = context.migrator.history(&pool).await?;
        if context.options.json {
            let history = rows.iter().map(row_json).collect();
            context.output.json(&HistoryJson { history });
        } else if rows.is_empty() {
            context.output.result("nothing is applied\n");
        } else {
            context.output.result(&text(&embedded(&context.migrator), &rows));
        }
        Ok(Exit::Success)
    }
}

fn text(embedded: &[&Migration], rows: &[HistoryRow]) -> String {
    let cells: Vec<Vec<Cell>> = rows
        .iter()
        .map(|row| {
            let name = MigrationName::in_database(embedded, row.version, &row.name);
            vec![
                Cell::new(name.version_as_written()),
                Cell::new(&row.name).styled(NAME),
                Cell::new(&row.kind),
                Cell::new(time(&row.applied_at)),
                Cell::new(duration(row.duration)).right(),
                Cell::new(&row.applied_by),
                Cell::new(&row.application),
                Cell::new(&row.client),
                Cell::new(&row.tool_version),
                Cell::new(row.checksum.chars().take(12).collect::<String>()).styled(FAINT),
            ]
        })
        .collect();
    let headings = ["version", "name", "kind", "at (UTC)", "took", "by", "application", "from", "tool", "checksum"];
    table(&headings, &cells)
}

fn row_json(row: &HistoryRow) -> RowJson<'_> {
    RowJson {
        version: row.version,
        name: &row.name,
        kind: &row.kind,
        checksum: &row.checksum,
        applied_at: &row.applied_at,
        applied_by: &row.applied_by,
        application: &row.application,
        client: &row.client,
        duration_ms: milliseconds(row.duration),
        tool_version: &row.tool_version,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_row_says_when_by_whom_and_how_long() {
        let row = HistoryRow {
            version: 20_260_312_094_500,
            name: "bookings".into(),
            checksum: "0123456789abcdef".into(),
            kind: "applied".into(),
            applied_at: "2026-03-12T10:00:00.123Z".into(),
            applied_by: "app".into(),
            application: "pathavana".into(),
            client: "10.0.0.7".into(),
            duration: Duration::from_millis(1420),
            tool_version: "0.1.0".into(),
        };
        let local = HistoryRow { version: 3, client: String::new(), kind: "baseline".into(), ..row.clone() };
        let text = text(&[], &[local, row]);
        insta::assert_snapshot!(anstream::adapter::strip_str(&text).to_string());
    }
}
