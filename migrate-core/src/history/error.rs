use std::error::Error;
use std::fmt;

use super::MigrationName;
use crate::plan::Checksum;

/// Why the history and a database do not match. Each message names the way out.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum HistoryError {
    /// Applied migrations have a different checksum in this binary.
    Modified(Vec<Modified>),
    /// Applied migrations that this binary does not know and is not compatible with.
    Missing(Vec<Unknown>),
    /// A pending migration touches the same object as an applied one that it was not compiled against.
    OutOfOrder(Box<Clash>),
    /// No migration has this version.
    UnknownTarget {
        /// What was asked for.
        version: i64,
        /// The embedded or applied migrations nearest to it, at most one on each side.
        nearest: Vec<MigrationName>,
    },
    /// No migration is applied.
    NothingToRevert,
    /// Some of the migrations to revert cannot be reverted.
    Irreversible(Vec<Irreversible>),
    /// A migration was started from a different source than this binary's.
    UnfinishedModified(Box<Modified>),
    /// A migration was started by another binary; this one does not know it.
    UnfinishedMissing(MigrationName),
    /// A baseline while a migration is half applied.
    BaselineUnfinished(MigrationName),
    /// A repair while a migration is half done.
    RepairUnfinished(MigrationName),
    /// A repair of a migration that is not applied.
    RepairNotApplied(MigrationName),
}

/// An applied migration whose source changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Modified {
    /// The migration.
    pub migration: MigrationName,
    /// The file in this binary's source.
    pub file: String,
    /// The checksum in the database.
    pub applied: Checksum,
    /// The checksum in this binary.
    pub embedded: Checksum,
}

/// An applied migration that this binary does not know.
#[derive(Clone, Debug, PartialEq)]
pub struct Unknown {
    /// The migration.
    pub migration: MigrationName,
    /// What breaks an older binary, one line each.
    pub breaks: Vec<String>,
}

/// Two migrations that touch the same object.
#[derive(Clone, Debug, PartialEq)]
pub struct Clash {
    /// The one that is not applied.
    pub pending: MigrationName,
    /// The one that is.
    pub applied: MigrationName,
    /// What both touch.
    pub object: String,
    /// Whether this binary knows the applied one.
    pub applied_is_embedded: bool,
}

/// A migration that cannot be reverted.
#[derive(Clone, Debug, PartialEq)]
pub struct Irreversible {
    /// The migration.
    pub migration: MigrationName,
    /// Why.
    pub why: String,
}

impl Error for HistoryError {}

impl fmt::Display for HistoryError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HistoryError::Modified(all) => {
                let noun = if all.len() == 1 { "migration was" } else { "migrations were" };
                write!(formatter, "{} applied {noun} modified since:", all.len())?;
                for one in all {
                    write!(
                        formatter,
                        "\n  `{}` ({}): applied as {}, now {}",
                        one.migration,
                        one.file,
                        one.applied.short(),
                        one.embedded.short()
                    )?;
                }
                write!(
                    formatter,
                    "\nhelp: restore the source as it was when applied, and write the change as a new migration; if \
                     the source was corrected deliberately, record the corrected form (`repair`, `Migrator::repair`)"
                )
            }
            HistoryError::Missing(all) => {
                let noun = if all.len() == 1 { "a migration" } else { "migrations" };
                write!(
                    formatter,
                    "the database has {noun} that this binary does not know and is not compatible with:"
                )?;
                for one in all {
                    write!(formatter, "\n  `{}`", one.migration)?;
                    for line in &one.breaks {
                        write!(formatter, "\n    {line}")?;
                    }
                }
                write!(formatter, "\nhelp: run a newer binary, or revert them with this one")
            }
            HistoryError::OutOfOrder(clash) if clash.applied_is_embedded => write!(
                formatter,
                "`{}` is not applied, but the later `{}` is, and both change {}\n\
                 help: give it a version after `{}`, or revert the later one first; if it was applied by hand, record \
                 that \
                 (`baseline {}`, `Migrator::baseline`)",
                clash.pending, clash.applied, clash.object, clash.applied, clash.pending.version
            ),
            HistoryError::OutOfOrder(clash) => write!(
                formatter,
                "`{}` was written without knowledge of `{}`, which is applied, and both change {}\n\
                 help: add `{}` to this source, so that the two are checked together",
                clash.pending, clash.applied, clash.object, clash.applied
            ),
            HistoryError::UnknownTarget { version, nearest } => {
                write!(formatter, "cannot find a migration with version {version}")?;
                if !nearest.is_empty() {
                    let names: Vec<String> = nearest.iter().map(|name| format!("`{name}`")).collect();
                    write!(
                        formatter,
                        "\nhelp: the closest {} {}",
                        if names.len() == 1 { "is" } else { "are" },
                        names.join(" and ")
                    )?;
                }
                Ok(())
            }
            HistoryError::NothingToRevert => formatter.write_str("nothing to revert: no migration is applied"),
            HistoryError::Irreversible(all) => {
                formatter.write_str("cannot revert:")?;
                for one in all {
                    write!(formatter, "\n  `{}`: {}", one.migration, one.why)?;
                }
                let Some(last) = all.iter().map(|one| &one.migration).max_by_key(|name| name.version) else {
                    return Ok(());
                };
                write!(
                    formatter,
                    "\nhelp: nothing was reverted; revert to `{last}` at most (`down --to {}`), or move forward with a new \
                     migration",
                    last.version
                )
            }
            HistoryError::UnfinishedModified(one) => write!(
                formatter,
                "`{}` was started as {} and not finished, but its source ({}) is now {}\n\
                 help: restore the source as it was, so that it can be finished; or undo what it did \
                 (`down --unfinished`, `Migrator::abandon`)",
                one.migration,
                one.applied.short(),
                one.file,
                one.embedded.short()
            ),
            HistoryError::UnfinishedMissing(name) => write!(
                formatter,
                "`{name}` was started and not finished, and this binary does not know it\n\
                 help: run the binary that started it again; or undo what it did (`down --unfinished`, \
                 `Migrator::abandon`)"
            ),
            HistoryError::RepairUnfinished(name) => write!(
                formatter,
                "cannot repair while `{name}` is half done\n\
                 help: finish it (`up`, `Migrator::apply`), or undo it (`down --unfinished`, `Migrator::abandon`)"
            ),
            HistoryError::RepairNotApplied(name) => {
                write!(formatter, "cannot repair `{name}`: it is not applied\nhelp: apply it (`up`, `Migrator::apply`)")
            }
            HistoryError::BaselineUnfinished(name) => write!(
                formatter,
                "cannot record a baseline while `{name}` is half applied\n\
                 help: finish it (`up`, `Migrator::apply`), or undo it (`down --unfinished`, `Migrator::abandon`)"
            ),
        }
    }
}
