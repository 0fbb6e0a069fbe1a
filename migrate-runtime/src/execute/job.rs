use migrate_core::plan::{Checksum, Migration, Mode, Script, Statement, Work};
use serde_json::Value;

use crate::error::{Cause, FailedStatement, Failure};
use crate::event::{MigrationRun, StatementRun};
use crate::introspect::Answers;
use crate::journal::{JournalRow, Kept};
use crate::report::Report;
use crate::step::StepFunction;
use migrate_core::history::{Direction, There};

/// The longest statement that events and errors show.
const LONGEST_SQL: usize = 400;

/// A migration to run in one direction.
#[derive(Debug)]
pub(crate) struct Job<'a> {
    pub(crate) run: MigrationRun,
    pub(crate) checksum: Checksum,
    /// What runs: in the schema of the tenant, if there is one.
    pub(crate) script: &'a Script,
    /// The same as it was compiled, which is what is stored.
    pub(crate) compiled: &'a Script,
    pub(crate) functions: &'static [(&'static str, StepFunction)],
    /// Where an interrupted run left it.
    pub(crate) begun: Option<&'a JournalRow>,
    /// The commands that record its end.
    pub(crate) finish: &'a [String],
    /// The migration that is applied; none for a down.
    pub(crate) migration: Option<&'a Migration>,
    /// What the database had of what it touches, where the journal is to keep that.
    pub(crate) before: Option<&'a Answers>,
    /// The indexes and constraints that were there, of a revert.
    pub(crate) there: Option<&'a There>,
    /// It may lock what nobody knows of: raw SQL, Rust.
    pub(crate) locks_unknown: bool,
    /// When it was sent with others, the timeout of a statement ended it.
    pub(crate) was_cut: bool,
}

impl Job<'_> {
    pub(super) fn segments_begun(&self) -> usize {
        self.begun.map_or(0, |row| row.segment)
    }

    pub(super) fn is_running(&self, segment: usize) -> bool {
        self.begun.is_some_and(|row| row.running && row.segment == segment)
    }

    pub(super) fn checkpoint(&self, segment: usize) -> Option<&Value> {
        self.begun.filter(|row| row.running && row.segment == segment)?.checkpoint.as_ref()
    }

    /// What the journal keeps: a down, or what brings a database to a corrected form, may have to be finished, and an up taken
    /// back, by a binary that does not know it.
    pub(super) fn kept(&self, segment: usize) -> Kept<'_> {
        match (self.run.direction, self.migration, self.begun) {
            // Later notes leave what the first one wrote.
            (Direction::Down, _, None) | (Direction::Up, None, None) if segment <= 1 => {
                Kept::Script(self.compiled, self.there)
            }
            (Direction::Up, Some(migration), None) if segment <= 1 => Kept::Up(migration, self.before),
            (Direction::Up | Direction::Down, _, _) => Kept::Nothing,
        }
    }

    /// Where the run is, for those who look.
    pub(super) fn label(&self) -> String {
        format!("{} {}/{}", self.run.migration, self.run.index, self.run.total)
    }

    /// How many statements there are before a segment.
    pub(super) fn statements_before(&self, segment: usize) -> usize {
        self.script.segments.iter().take(segment).map(|segment| segment.statements.len()).sum()
    }

    pub(super) fn function(&self, path: &str) -> Option<StepFunction> {
        self.functions.iter().find(|(known, _)| *known == path).map(|(_, function)| *function)
    }

    /// A statement for events. `index` is from 0, over all segments.
    pub(crate) fn statement(&self, index: usize) -> StatementRun {
        let statement = self.script.statements().nth(index);
        StatementRun {
            run: self.run.clone(),
            index: index + 1,
            total: self.script.statements().count(),
            sql: statement.map(describe).unwrap_or_default(),
            place: statement.map(|statement| statement.place.clone()).unwrap_or_default(),
        }
    }

    pub(crate) fn failure(
        &self,
        segments_done: usize,
        statement: Option<usize>,
        cause: Cause,
        report: Report,
    ) -> Failure {
        let statement = statement.map(|index| self.statement(index)).map(|statement| FailedStatement {
            sql: statement.sql,
            place: statement.place,
            index: statement.index,
            total: statement.total,
        });
        Failure {
            migration: self.run.migration.clone(),
            direction: self.run.direction,
            statement,
            cause,
            segments_done,
            segments: self.script.segments.len(),
            stands_alone: self.script.segments.get(segments_done).is_some_and(|segment| segment.mode == Mode::Alone),
            report,
        }
    }
}

/// What a statement does, as text.
pub(super) fn describe_in_full(statement: &Statement) -> String {
    match &statement.work {
        Work::Sql(sql) => sql.to_string(),
        Work::Run(path) => format!("run {path}"),
        Work::Backfill(backfill) => format!(
            "UPDATE {}.{} SET {} WHERE {} (in batches of {})",
            backfill.schema, backfill.table, backfill.assignments, backfill.condition, backfill.batch
        ),
    }
}

/// A statement in one line, shortened.
pub(crate) fn describe(statement: &Statement) -> String {
    one_line(&describe_in_full(statement))
}

/// A text in one line, shortened.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if line.chars().count() > LONGEST_SQL {
        line = line.chars().take(LONGEST_SQL).chain(" ...".chars()).collect();
    }
    line
}
