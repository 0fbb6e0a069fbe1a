//! A rehearsal: what is pending is applied to a copy of a database, reverted, and applied again, and what each
//! statement does there is put beside what the compiler predicted.

mod compare;
mod observe;
mod run;
mod sample;

use std::time::Duration;

use migrate_core::history::{Direction, MigrationName};
use migrate_core::plan::{LockMode, Place, RelationLock};

pub(crate) use observe::Observation;

use crate::error::Error;

/// Where to rehearse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// In a copy of this database, on the server of the pool; the copy is dropped at the end. PostgreSQL copies a
    /// database only while nobody is connected to it: name one that was restored from a dump of production, not
    /// production.
    CopyOf(String),
    /// In the database of the pool itself, which is changed: one that was restored for this purpose.
    Here,
}

/// What a rehearsal saw.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rehearsal {
    /// The name of the database it was in.
    pub database: String,
    /// What ran, in order: everything up, then down, then up again.
    pub migrations: Vec<RehearsedMigration>,
    /// Why not everything was reverted: the last irreversible migration, and the reason in its source.
    pub irreversible: Option<String>,
    /// Why it ended early.
    pub failure: Option<Error>,
    /// The time of all of it.
    pub elapsed: Duration,
}

/// A part of a rehearsal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pass {
    /// Applying what is pending.
    Up,
    /// Reverting it.
    Down,
    /// Applying it again.
    UpAgain,
}

/// A migration in a rehearsal.
#[derive(Clone, Debug, PartialEq)]
pub struct RehearsedMigration {
    /// The part of the rehearsal.
    pub pass: Pass,
    /// The migration.
    pub migration: MigrationName,
    /// How long it took.
    pub elapsed: Duration,
    /// Its statements.
    pub statements: Vec<RehearsedStatement>,
}

/// A statement in a rehearsal.
#[derive(Clone, Debug, PartialEq)]
pub struct RehearsedStatement {
    /// The SQL, in one line, shortened.
    pub sql: String,
    /// Where in the source it comes from.
    pub place: Place,
    /// How long it took on the server; `None` if that was not observed.
    pub elapsed: Option<Duration>,
    /// The locks that were predicted, on tables that existed before the migration.
    pub predicted: Vec<RelationLock>,
    /// The locks that it was the first in its transaction to take.
    pub observed: Vec<RelationLock>,
    /// The tables that were rewritten, as seen in their `relfilenode`.
    pub rewritten: Vec<String>,
    /// What was not as predicted.
    pub surprises: Vec<Surprise>,
}

/// What was not as predicted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Surprise {
    /// The strongest lock on a table that the transaction has after the statement, from `SHARE UPDATE EXCLUSIVE`
    /// upwards.
    Lock {
        /// The table, with its schema.
        table: String,
        /// What was predicted.
        predicted: Option<LockMode>,
        /// What it was.
        observed: Option<LockMode>,
    },
    /// A table was rewritten, which was not predicted.
    Rewritten {
        /// The table, with its schema.
        table: String,
    },
    /// A rewrite was predicted, but no table was rewritten.
    NotRewritten,
}

impl Pass {
    /// Its direction.
    pub fn direction(self) -> Direction {
        match self {
            Pass::Up | Pass::UpAgain => Direction::Up,
            Pass::Down => Direction::Down,
        }
    }
}

impl Rehearsal {
    /// What was not as predicted: the migration, the statement, and what.
    pub fn surprises(&self) -> impl Iterator<Item = (&RehearsedMigration, &RehearsedStatement, &Surprise)> {
        self.migrations.iter().flat_map(|migration| {
            migration.statements.iter().flat_map(move |statement| {
                statement.surprises.iter().map(move |surprise| (migration, statement, surprise))
            })
        })
    }

    /// Whether it completed, and everything was as predicted.
    pub fn is_clean(&self) -> bool {
        self.failure.is_none() && self.surprises().next().is_none()
    }
}

impl std::fmt::Display for Surprise {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = |mode: &Option<LockMode>| mode.map_or("no lock", LockMode::name);
        match self {
            Surprise::Lock { table, predicted, observed } => {
                write!(formatter, "took {} on {table}; predicted was {}", name(observed), name(predicted))
            }
            Surprise::Rewritten { table } => write!(formatter, "rewrote {table}, which was not predicted"),
            Surprise::NotRewritten => formatter.write_str("rewrote no table, although a rewrite was predicted"),
        }
    }
}
