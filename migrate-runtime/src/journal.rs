//! The journal: how far a migration is that does not fit in one transaction. A row is written with its first part,
//! and removed with its last.

use migrate_core::history::{Direction, MigrationName, Unfinished};
use migrate_core::plan::{Checksum, Script};
use migrate_core::sql::quote_literal;
use serde_json::Value;
use sqlx::postgres::PgRow;

use crate::connection::{number, optional_text, text};
use crate::error::Error;
use crate::history_table::{TOOL_VERSION, Tables};

/// A migration that was begun and not finished.
#[derive(Clone, Debug)]
pub(crate) struct JournalRow {
    pub(crate) unfinished: Unfinished,
    /// What reverts it; for a down only, since the next binary may not know it.
    pub(crate) script: Option<Script>,
    /// How many segments are done.
    pub(crate) segment: usize,
    /// Whether the next segment, which stands alone, was begun.
    pub(crate) running: bool,
    /// How far that one is.
    pub(crate) checkpoint: Option<Value>,
}

impl JournalRow {
    /// Reads a row of [`select`].
    pub(crate) fn read(tables: &Tables, row: &PgRow) -> Result<Self, Error> {
        let version = number(row, 0).unwrap_or(0);
        let problem = |problem: String| Error::Row { table: tables.journal.clone(), version, problem };
        let json = |column: usize| optional_text(row, column);
        Ok(JournalRow {
            unfinished: Unfinished {
                version,
                name: text(row, 1),
                direction: Direction::from_code(&text(row, 2))
                    .ok_or_else(|| problem("its direction is none".into()))?,
                checksum: Checksum::from_hex(&text(row, 3)).ok_or_else(|| problem("its checksum is none".into()))?,
            },
            script: json(4)
                .map(|script| serde_json::from_str(&script))
                .transpose()
                .map_err(|error| problem(format!("script: {error}")))?,
            segment: number(row, 5).unwrap_or(0),
            running: text(row, 6) == "true",
            checkpoint: json(7)
                .map(|checkpoint| serde_json::from_str(&checkpoint))
                .transpose()
                .map_err(|error| problem(format!("checkpoint: {error}")))?,
        })
    }
}

/// Reads all rows.
pub(crate) fn select(tables: &Tables) -> String {
    format!(
        "SELECT version::text, name, direction, checksum, script::text, segment::text, running::text, \
         checkpoint::text FROM {} ORDER BY version",
        tables.journal
    )
}

/// Makes the table.
pub(crate) fn create(tables: &Tables) -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS {} (\
         version bigint PRIMARY KEY, name text NOT NULL, direction text NOT NULL, checksum text NOT NULL, \
         script jsonb, segment integer NOT NULL, running boolean NOT NULL, checkpoint jsonb, \
         started_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(), \
         application text NOT NULL, tool_version text NOT NULL)",
        tables.journal
    )
}

/// Notes that `segment` segments are done, and whether the next one was begun.
pub(crate) fn note(
    tables: &Tables,
    migration: &MigrationName,
    direction: Direction,
    checksum: Checksum,
    script: Option<&Script>,
    (segment, running): (usize, bool),
    application: &str,
) -> Result<String, serde_json::Error> {
    let script = match script {
        Some(script) => quote_literal(&serde_json::to_string(script)?).to_string(),
        None => "NULL".to_string(),
    };
    Ok(format!(
        "INSERT INTO {0} AS journal (version, name, direction, checksum, script, segment, running, application, \
         tool_version) VALUES ({1}, {2}, '{3}', '{checksum}', {script}, {segment}, {running}, {4}, '{TOOL_VERSION}') \
         ON CONFLICT (version) DO UPDATE SET segment = excluded.segment, running = excluded.running, \
         checkpoint = CASE WHEN excluded.running AND journal.segment = excluded.segment THEN journal.checkpoint END, \
         updated_at = now()",
        tables.journal,
        migration.version,
        quote_literal(&migration.name),
        direction.code(),
        quote_literal(application),
    ))
}

/// Notes how far the segment is that was begun.
pub(crate) fn checkpoint(tables: &Tables, version: i64, checkpoint: &Value) -> String {
    format!(
        "UPDATE {} SET checkpoint = {}, updated_at = now() WHERE version = {version}",
        tables.journal,
        quote_literal(&checkpoint.to_string())
    )
}

/// Forgets a migration: it is finished.
pub(crate) fn forget(tables: &Tables, version: i64) -> String {
    format!("DELETE FROM {} WHERE version = {version}", tables.journal)
}

/// Milliseconds since the migration was begun, as an SQL expression.
pub(crate) fn duration(tables: &Tables, version: i64) -> String {
    format!(
        "coalesce((SELECT extract(epoch FROM clock_timestamp() - started_at) * 1000 FROM {} WHERE version = {version}), 0)",
        tables.journal
    )
}
