use std::borrow::Cow;

use super::{Hazard, Limits, LockMode, RelationLock, is_default};
use crate::json::ToJson;

/// One step of a plan: a single SQL statement, a backfill, or a Rust function.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Statement {
    /// What to do.
    pub work: Work,
    /// Its locks on tables that existed before the migration.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub locks: Cow<'static, [RelationLock]>,
    /// What is dangerous about it, as allowed in the source.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub hazards: Cow<'static, [Hazard]>,
    /// Whether its time grows with the table.
    #[serde(default, skip_serializing_if = "is_default")]
    pub duration: Duration,
    /// What is true after it; only for what cannot be in a transaction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postcondition: Option<Postcondition>,
    /// Its limits under live traffic, if the source sets any.
    #[serde(default, skip_serializing_if = "Limits::is_empty")]
    pub limits: Limits,
    /// Where in the source it comes from.
    pub place: Place,
    /// Whether its SQL is the user's own (`sql "..."`), whose names are neither known nor qualified.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
    /// Whether it may run routines of the database, as a trigger or in an expression, whose bodies look up names in
    /// their caller's path.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub runs_routines: bool,
}

impl Statement {
    /// A statement without relevant locks that takes constant time.
    pub fn of(work: Work) -> Self {
        Statement {
            work,
            locks: Cow::Borrowed(&[]),
            hazards: Cow::Borrowed(&[]),
            duration: Duration::Constant,
            postcondition: None,
            limits: Limits::default(),
            place: Place::default(),
            by_hand: false,
            runs_routines: false,
        }
    }
}

#[expect(clippy::ptr_arg, reason = "the field is handed over as it is")]
fn is_empty<T: Clone>(list: &Cow<'static, [T]>) -> bool {
    list.is_empty()
}

/// What a statement does.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Exactly one SQL command, without a semicolon.
    Sql(Cow<'static, str>),
    /// A batched update.
    Backfill(Backfill),
    /// A Rust function, by its path in the source; the binary that embeds the migration knows it.
    Run(Cow<'static, str>),
}

/// An update of many rows, in batches with their own commits.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Backfill {
    /// The table's schema.
    pub schema: Cow<'static, str>,
    /// The table.
    pub table: Cow<'static, str>,
    /// The `SET` list, as SQL.
    pub assignments: Cow<'static, str>,
    /// The `WHERE` condition, as SQL: false for a row once the row is done.
    pub condition: Cow<'static, str>,
    /// The columns of the table's primary key; empty when there is none.
    pub key: Cow<'static, [Cow<'static, str>]>,
    /// The maximum number of rows in a batch.
    pub batch: u32,
}

/// How long a statement takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum Duration {
    /// Independent of the number of rows.
    #[default]
    Constant,
    /// Reads every row.
    Scan,
    /// Builds an index.
    IndexBuild,
    /// Writes every row.
    Rewrite,
    /// Unknown: raw SQL, data, Rust.
    Unknown,
}

/// What is true of the database once a statement that cannot be in a transaction has succeeded: how a restart finds out
/// whether it must run again.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum Postcondition {
    /// The index exists, is valid, and is as the statement defines it.
    IndexExists {
        /// Schema of the table and the index.
        schema: Cow<'static, str>,
        /// The table.
        table: Cow<'static, str>,
        /// The index.
        index: Cow<'static, str>,
        /// Whether the server looks up any name without a schema for it:
        /// [`crate::catalog::Index::may_follow_search_path`].
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        looks_up_names: bool,
    },
    /// The table is not a partition of the other one.
    PartitionDetached {
        /// Schema of the table.
        schema: Cow<'static, str>,
        /// The table.
        table: Cow<'static, str>,
        /// Schema of the partitioned table.
        parent_schema: Cow<'static, str>,
        /// The partitioned table.
        parent: Cow<'static, str>,
    },
    /// The index does not exist.
    IndexAbsent {
        /// Schema of the index.
        schema: Cow<'static, str>,
        /// The index.
        index: Cow<'static, str>,
    },
}

/// A place in the source.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Place {
    /// The file, relative to the crate; empty when unknown.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub file: Cow<'static, str>,
    /// The line, from 1; 0 when unknown.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl Statement {
    /// The strongest lock on an existing table.
    pub fn strongest_lock(&self) -> Option<&RelationLock> {
        self.locks.iter().max_by_key(|lock| lock.mode)
    }

    /// Whether application traffic on an existing table waits for it.
    pub fn takes_strong_lock(&self) -> bool {
        self.locks.iter().any(|lock| lock.mode.is_strong())
    }

    /// The lock it takes on a table.
    pub fn lock_on(&self, schema: &str, table: &str) -> Option<LockMode> {
        self.locks.iter().filter(|lock| lock.schema == schema && lock.table == table).map(|lock| lock.mode).max()
    }
}
