use std::fmt;

use crate::plan::{Checksum, Compatibility, Down, Footprint, Migration};

/// A migration as people name it: `20260312094500_bookings`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MigrationName {
    /// The version.
    pub version: i64,
    /// The name.
    pub name: String,
}

impl MigrationName {
    /// The name of an embedded migration.
    pub fn of(migration: &Migration) -> Self {
        MigrationName { version: migration.version, name: migration.name.to_string() }
    }
}

impl fmt::Display for MigrationName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}_{}", self.version, self.name)
    }
}

/// How a migration came into the history table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It ran.
    Applied,
    /// It was recorded without running.
    Baseline,
}

impl Kind {
    /// As it is stored.
    pub const fn code(self) -> &'static str {
        match self {
            Kind::Applied => "applied",
            Kind::Baseline => "baseline",
        }
    }

    /// Reads what [`Kind::code`] writes.
    pub fn from_code(code: &str) -> Option<Kind> {
        [Kind::Applied, Kind::Baseline].into_iter().find(|kind| kind.code() == code)
    }
}

/// A row of the history table, as far as decisions need it.
#[derive(Clone, Debug, PartialEq)]
pub struct AppliedMigration {
    /// The version.
    pub version: i64,
    /// The name it had.
    pub name: String,
    /// The checksum it had.
    pub checksum: Checksum,
    /// The chain up to and including it, as stored.
    pub chain: Checksum,
    /// How it came here.
    pub kind: Kind,
    /// What it touches.
    pub footprint: Footprint,
    /// Whether a binary that does not know it can run beside it.
    pub compatibility: Compatibility,
    /// What reverts it, for a binary that does not know it; `None` in rows that were read without it.
    pub down: Option<Down>,
}

impl AppliedMigration {
    /// Its name for people.
    pub fn display_name(&self) -> MigrationName {
        MigrationName { version: self.version, name: self.name.clone() }
    }
}

/// Up or down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Applying.
    Up,
    /// Reverting.
    Down,
}

impl Direction {
    /// As it is stored.
    pub const fn code(self) -> &'static str {
        match self {
            Direction::Up => "up",
            Direction::Down => "down",
        }
    }

    /// Reads what [`Direction::code`] writes.
    pub fn from_code(code: &str) -> Option<Direction> {
        [Direction::Up, Direction::Down].into_iter().find(|direction| direction.code() == code)
    }
}

/// A migration that was begun and not finished, from the journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Unfinished {
    /// The version.
    pub version: i64,
    /// The name it had.
    pub name: String,
    /// Whether it was being applied or reverted.
    pub direction: Direction,
    /// The checksum it had.
    pub checksum: Checksum,
}

impl Unfinished {
    /// Its name for people.
    pub fn display_name(&self) -> MigrationName {
        MigrationName { version: self.version, name: self.name.clone() }
    }
}
