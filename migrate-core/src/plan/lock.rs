use std::borrow::Cow;
use std::fmt;

use crate::json::ToJson;
use crate::name::DEFAULT_SCHEMA;

/// PostgreSQL's table-level lock modes, weakest first
/// (PostgreSQL manual, 13.3.1 Table-Level Locks).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum LockMode {
    /// Taken by SELECT.
    AccessShare,
    /// Taken by SELECT FOR UPDATE and by foreign key checks on the referenced table.
    RowShare,
    /// Taken by INSERT, UPDATE, DELETE.
    RowExclusive,
    /// Taken by VALIDATE CONSTRAINT and concurrent index builds: reads and writes go on.
    ShareUpdateExclusive,
    /// Taken by CREATE INDEX: writes wait.
    Share,
    /// Taken by ADD FOREIGN KEY and CREATE TRIGGER: writes wait.
    ShareRowExclusive,
    /// Reads go on, row locks wait.
    Exclusive,
    /// Taken by most of ALTER TABLE: everything waits.
    AccessExclusive,
}

impl LockMode {
    /// Every mode, weakest first.
    pub const ALL: [LockMode; 8] = [
        LockMode::AccessShare,
        LockMode::RowShare,
        LockMode::RowExclusive,
        LockMode::ShareUpdateExclusive,
        LockMode::Share,
        LockMode::ShareRowExclusive,
        LockMode::Exclusive,
        LockMode::AccessExclusive,
    ];

    /// The name in the manual and in LOCK TABLE.
    pub const fn name(self) -> &'static str {
        match self {
            LockMode::AccessShare => "ACCESS SHARE",
            LockMode::RowShare => "ROW SHARE",
            LockMode::RowExclusive => "ROW EXCLUSIVE",
            LockMode::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            LockMode::Share => "SHARE",
            LockMode::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            LockMode::Exclusive => "EXCLUSIVE",
            LockMode::AccessExclusive => "ACCESS EXCLUSIVE",
        }
    }

    /// The name in `pg_locks.mode`.
    pub const fn pg_locks_name(self) -> &'static str {
        match self {
            LockMode::AccessShare => "AccessShareLock",
            LockMode::RowShare => "RowShareLock",
            LockMode::RowExclusive => "RowExclusiveLock",
            LockMode::ShareUpdateExclusive => "ShareUpdateExclusiveLock",
            LockMode::Share => "ShareLock",
            LockMode::ShareRowExclusive => "ShareRowExclusiveLock",
            LockMode::Exclusive => "ExclusiveLock",
            LockMode::AccessExclusive => "AccessExclusiveLock",
        }
    }

    /// Reads what [`LockMode::pg_locks_name`] writes.
    pub fn from_pg_locks_name(name: &str) -> Option<LockMode> {
        LockMode::ALL.into_iter().find(|mode| mode.pg_locks_name() == name)
    }

    /// Whether application traffic waits for it: writers, or everybody.
    pub const fn is_strong(self) -> bool {
        matches!(self, LockMode::Share | LockMode::ShareRowExclusive | LockMode::Exclusive | LockMode::AccessExclusive)
    }
}

impl fmt::Display for LockMode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A lock on a table that existed before the migration.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct RelationLock {
    /// The table's schema.
    #[serde(default = "default_schema", skip_serializing_if = "is_default_schema")]
    pub schema: Cow<'static, str>,
    /// The table.
    pub table: Cow<'static, str>,
    /// The strongest mode the statement takes on it.
    pub mode: LockMode,
}

#[cfg(feature = "runtime")]
fn default_schema() -> Cow<'static, str> {
    Cow::Borrowed(DEFAULT_SCHEMA)
}

fn is_default_schema(schema: &str) -> bool {
    schema == DEFAULT_SCHEMA
}
