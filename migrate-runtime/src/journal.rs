//! The journal: how far a migration is that does not fit in one transaction. A row is written with its first part,
//! and removed with its last.

use migrate_core::history::{Direction, MigrationName, There, Unfinished};
use migrate_core::json::{ToJson, to_json};
use migrate_core::plan::{Checksum, Cow, Down, Footprint, Migration, Script, Segment};
use migrate_core::sql::quote_literal;
use serde::Deserialize;
use serde_json::Value;
use sqlx::postgres::PgRow;

use crate::connection::{number, optional_text, text};
use crate::error::Error;
use crate::history_table::{NO_CHECKSUM, TOOL_VERSION, Tables};
use crate::introspect::Answers;

/// A migration that is being applied, as far as taking it back needs it.
#[derive(Clone, Debug, ToJson, Deserialize)]
pub(crate) struct Begun {
    pub(crate) up: Script,
    pub(crate) down: Down,
    pub(crate) operations: String,
    pub(crate) footprint: Footprint,
    /// What the server answered about what it touches, when it was started. Whatever differed then from what was
    /// expected is none of its business.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<Answers>,
}

impl Begun {
    pub(crate) fn of(migration: &Migration, before: Option<Answers>) -> Self {
        Begun {
            before,
            up: migration.up.clone(),
            down: migration.down.clone(),
            operations: migration.operations.to_string(),
            footprint: migration.footprint.clone(),
        }
    }
}

/// What the column `script` has: what reverts a migration, for a down; what was started, for an up; both for what is
/// taken back.
#[derive(Default, ToJson, Deserialize)]
struct Stored {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    segments: Option<Cow<'static, [Segment]>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    begun: Option<Begun>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    there: Option<There>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    turned_at: Option<(usize, bool)>,
}

/// A migration that was started and not finished.
#[derive(Clone, Debug)]
pub(crate) struct JournalRow {
    pub(crate) unfinished: Unfinished,
    /// What runs, for a down, since the next binary may not know it, and for a revert that is taken back.
    pub(crate) script: Option<Script>,
    /// The migration as it was started: the next binary may have another one of that version, or none.
    pub(crate) begun: Option<Begun>,
    /// The indexes and constraints that were there before a revert.
    pub(crate) there: Option<There>,
    /// How far it was in the other direction when that was given up: segments that were done, and whether the next one
    /// was started.
    pub(crate) turned_at: Option<(usize, bool)>,
    /// How many segments are done.
    pub(crate) segment: usize,
    /// Whether the next segment, which stands alone, was started.
    pub(crate) running: bool,
    /// How far that one is.
    pub(crate) checkpoint: Option<Value>,
}

impl JournalRow {
    /// Whether it is a revert that is taken back, or what brings the database to the corrected form of a migration.
    pub(crate) fn restores(&self) -> bool {
        self.unfinished.direction == Direction::Up && self.script.is_some()
    }

    /// How far it was in the other direction, where nothing was done since that was given up.
    pub(crate) fn can_turn_back(&self) -> Option<(usize, bool)> {
        self.turned_at.filter(|_| self.segment == 0 && !self.running)
    }

    /// Reads a row of [`select`].
    pub(crate) fn read(tables: &Tables, row: &PgRow) -> Result<Self, Error> {
        let version = number(row, 0).unwrap_or(0);
        let problem = |problem: String| Error::Row { table: tables.journal.clone(), version, problem };
        let json = |column: usize| optional_text(row, column);
        let stored: Stored = json(4)
            .map(|stored| serde_json::from_str(&stored))
            .transpose()
            .map_err(|error| problem(format!("script: {error}")))?
            .unwrap_or_default();
        let direction = Direction::from_code(&text(row, 2))
            .ok_or_else(|| problem("its direction is neither `up` nor `down`".into()))?;
        if direction == Direction::Down && stored.segments.is_none() {
            // Another version of this library may write scripts that this one cannot read. To take that for nothing left
            // to do would say that it is reverted.
            return Err(problem("it has no script that this binary can read".into()));
        }
        Ok(JournalRow {
            unfinished: Unfinished {
                version,
                name: text(row, 1),
                direction,
                checksum: Checksum::from_hex(&text(row, 3)).ok_or_else(|| problem(NO_CHECKSUM.into()))?,
            },
            script: stored.segments.map(|segments| Script { segments }),
            begun: stored.begun,
            there: stored.there,
            turned_at: stored.turned_at,
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
         checkpoint::text FROM {0} ORDER BY {0}.version",
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

/// What is kept of a migration while it is under way.
pub(crate) enum Kept<'a> {
    Nothing,
    /// What runs: what reverts it, with what was there before, or what brings the database to its corrected form.
    Script(&'a Script, Option<&'a There>),
    /// What is started, and what there was before.
    Up(&'a Migration, Option<&'a Answers>),
}

impl Kept<'_> {
    fn literal(&self) -> String {
        let json = match self {
            Kept::Nothing => return "NULL".to_string(),
            Kept::Script(script, there) => {
                let segments = Some(script.segments.clone());
                to_json(&Stored { segments, there: there.cloned(), ..Stored::default() })
            }
            Kept::Up(migration, before) => {
                let begun = Some(Begun::of(migration, before.cloned()));
                to_json(&Stored { begun, ..Stored::default() })
            }
        };
        quote_literal(&json).to_string()
    }
}

/// Where a migration goes on after it was turned around.
pub(crate) struct Turned<'a> {
    pub(crate) direction: Direction,
    /// What runs; none for the migration itself.
    pub(crate) script: Option<&'a Script>,
    pub(crate) begun: Option<&'a Begun>,
    /// The indexes and constraints that were there before a revert.
    pub(crate) there: Option<&'a There>,
    /// Where the other direction was given up.
    pub(crate) turned_at: Option<(usize, bool)>,
    /// How many segments are done, and whether the next one was started.
    pub(crate) at: (usize, bool),
}

/// Turns a migration that is under way around: it goes on in the other direction.
pub(crate) fn turn_around(tables: &Tables, version: i64, turned: Turned<'_>) -> String {
    let Turned { direction, script, begun, there, turned_at, at: (segment, running) } = turned;
    let segments = script.map(|script| script.segments.clone());
    let stored = Stored { segments, begun: begun.cloned(), there: there.cloned(), turned_at };
    format!(
        "UPDATE {} SET direction = '{}', script = {}, segment = {segment}, running = {running}, checkpoint = NULL, \
         updated_at = now() WHERE version = {version}",
        tables.journal,
        direction.code(),
        quote_literal(&to_json(&stored))
    )
}

/// Notes that `segment` segments are done, and whether the next one was started.
pub(crate) fn note(
    tables: &Tables,
    migration: &MigrationName,
    direction: Direction,
    checksum: Checksum,
    stored: Kept<'_>,
    (segment, running): (usize, bool),
    application: &str,
) -> String {
    let script = stored.literal();
    format!(
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
    )
}

/// Notes how far the segment is that was started.
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

/// Forgets a migration whose first statement stands alone and has done nothing: not one that is further than that.
pub(crate) fn forget_unbegun(tables: &Tables, version: i64) -> String {
    format!("DELETE FROM {} WHERE version = {version} AND segment = 0 AND checkpoint IS NULL", tables.journal)
}

/// Milliseconds since the migration was started, as an SQL expression.
pub(crate) fn duration(tables: &Tables, version: i64) -> String {
    format!(
        "coalesce((SELECT extract(epoch FROM clock_timestamp() - started_at) * 1000 FROM {} WHERE version = {version}), 0)",
        tables.journal
    )
}
