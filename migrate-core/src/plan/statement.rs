use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Hazard, Limits, LockMode, RelationLock, is_default, makes_extension, makes_routine};

/// One step of a plan: a single SQL statement, a backfill, or a Rust function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// What to do.
    pub work: Work,
    /// What it locks of the tables that existed before the migration.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub locks: Cow<'static, [RelationLock]>,
    /// What is dangerous about it, as allowed in the source.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub hazards: Cow<'static, [Hazard]>,
    /// Whether its time grows with the table.
    #[serde(default, skip_serializing_if = "is_default")]
    pub duration: Duration,
    /// What holds after it; only for what cannot be in a transaction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postcondition: Option<Postcondition>,
    /// How it behaves beside live traffic, where the source says so.
    #[serde(default, skip_serializing_if = "Limits::is_empty")]
    pub limits: Limits,
    /// Where in the source it comes from.
    pub place: Place,
    /// Whether its SQL is the user's own (`sql "..."`): what it names is not known, nor written in our way.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
    /// Whether it may run routines of the database, as a trigger or in an expression, whose bodies look names up where their caller
    /// does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub runs_routines: bool,
}

/// Where a statement looks up names that stand without a schema.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SearchPath {
    /// In `pg_catalog` alone: the compiler names everything else with its schema.
    #[default]
    System,
    /// In the schemas that the migrator is given.
    Configured,
    /// In these, where nobody who is not trusted may put anything into them, else in `pg_catalog` alone. What the compiler wrote
    /// means the same in both; the routines that run with it find what they name in the first only.
    ConfiguredWhereSafe,
}

impl Statement {
    /// One that is known to take no lock worth telling, and no time.
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

    /// Where it looks up names: what a person wrote may name something without its schema, so does the body of a function, which
    /// the server reads when the function is made and whenever rows are written for which it is called, and an extension is made
    /// in the first schema of the path.
    pub fn search_path(&self) -> SearchPath {
        if self.by_hand || matches!(self.work, Work::Run(_)) || makes_extension(self) || makes_routine(self) {
            return SearchPath::Configured;
        }
        if self.runs_routines { SearchPath::ConfiguredWhereSafe } else { SearchPath::System }
    }
}

#[expect(clippy::ptr_arg, reason = "serde hands over the field as it is")]
fn is_empty<T: Clone>(list: &Cow<'static, [T]>) -> bool {
    list.is_empty()
}

/// What a statement does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// The most rows of a batch.
    pub batch: u32,
}

/// How long a statement takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// What is true of the database once a statement that cannot be in a transaction has succeeded: how a restart
/// finds out whether it has to run again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Postcondition {
    /// The index exists, is valid, and is what the statement makes.
    IndexExists {
        /// Schema of the table and the index.
        schema: Cow<'static, str>,
        /// The table.
        table: Cow<'static, str>,
        /// The index.
        index: Cow<'static, str>,
        /// Whether the server looks up anything for it by a name without a schema: [`crate::catalog::Index::may_follow_search_path`].
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        looks_up_names: bool,
    },
    /// The table is no partition of the other one.
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
