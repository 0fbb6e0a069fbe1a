use std::fmt;

use super::find;
use crate::plan::{Checksum, Compatibility, Down, Footprint, Migration};

/// A migration by the name of its file: `20260312094500_bookings`, `0001_users`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MigrationName {
    /// The version.
    pub version: i64,
    /// The name.
    pub name: String,
    /// How many zeros precede the version in the file's name; 0 if the file is not known.
    pub leading_zeros: u8,
}

impl MigrationName {
    /// The name of an embedded migration.
    pub fn of(migration: &Migration) -> Self {
        MigrationName {
            version: migration.version,
            name: migration.name.to_string(),
            leading_zeros: migration.leading_zeros,
        }
    }

    /// The name of a migration in a database, which does not have the zeros: they are those of the embedded migration
    /// of that version.
    pub fn in_database(embedded: &[&Migration], version: i64, name: &str) -> Self {
        let leading_zeros = find(embedded, version).map_or(0, |migration| migration.leading_zeros);
        MigrationName { version, name: name.to_owned(), leading_zeros }
    }

    /// The version as the file's name has it.
    pub fn version_as_written(&self) -> String {
        format!("{}{}", "0".repeat(self.leading_zeros.into()), self.version)
    }
}

impl fmt::Display for MigrationName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}_{}", self.version_as_written(), self.name)
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
    /// Its checksum without comments on objects; `None` where an older version of this library applied it.
    pub identity: Option<Checksum>,
    /// The checksums it had before it was repaired, or before comments in it changed.
    pub earlier: Vec<Checksum>,
    /// The chain up to and including it, as stored.
    pub chain: Checksum,
    /// How it came here.
    pub kind: Kind,
    /// What it touches.
    pub footprint: Footprint,
    /// Whether a binary that does not know it can run with it.
    pub compatibility: Compatibility,
    /// What reverts it, for a binary that does not know it; `None` in rows that were read without it.
    pub down: Option<Down>,
}

/// How an embedded migration is like the applied one of its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// They are the same.
    Same,
    /// The comments on objects are others.
    Comments,
    /// The applied one was like it, and was changed since, by a newer binary.
    Earlier,
    /// It does something else.
    Modified,
}

impl AppliedMigration {
    /// How the embedded migration of this version is like it.
    pub fn likeness(&self, migration: &Migration) -> Likeness {
        if self.checksum == migration.checksum {
            Likeness::Same
        } else if self.earlier.contains(&migration.checksum) {
            Likeness::Earlier
        } else if self.identity == Some(migration.identity()) {
            Likeness::Comments
        } else {
            Likeness::Modified
        }
    }

    /// Its name for people, as [`MigrationName::in_database`].
    pub fn display_name(&self, embedded: &[&Migration]) -> MigrationName {
        MigrationName::in_database(embedded, self.version, &self.name)
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

/// A migration that was started and not finished, from the journal.
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
    /// Its name for people, as [`MigrationName::in_database`].
    pub fn display_name(&self, embedded: &[&Migration]) -> MigrationName {
        MigrationName::in_database(embedded, self.version, &self.name)
    }
}
