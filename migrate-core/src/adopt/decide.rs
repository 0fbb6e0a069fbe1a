//! Whether a database that another tool has migrated can be taken over.

use std::error::Error;
use std::fmt;

use super::{Adoption, Row, RowState, Tool, Unreadable, checksum};
use crate::name::QualifiedName;
use crate::sorted::SortedSet;

/// The state of a database that the other tool may have migrated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The tool has recorded nothing here: ours are run, unless something that they create already exists.
    Nothing,
    /// It has recorded everything that is taken over, and nothing else: ours are recorded, if the database matches
    /// them.
    All,
}

/// Why a database is not taken over. The message names the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAdopted {
    /// The tool.
    pub tool: Tool,
    /// Its table.
    pub table: QualifiedName,
    /// What is in the way.
    pub obstacle: Obstacle,
}

/// Why a database cannot be taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Obstacle {
    /// What has the name of the tool's table cannot be read.
    Unreadable(Unreadable),
    /// Migrations of the tool were started, and are not finished.
    Failed(Vec<String>),
    /// The tool must apply these first.
    Missing {
        /// What its table lacks.
        missing: Vec<String>,
        /// How many are taken over.
        all: usize,
        /// The heads in its table, for a tool that records only these.
        at: Vec<String>,
    },
    /// The tool has applied versions that are not taken over.
    Unknown(Vec<String>),
    /// The versions are the same, but the tool's own checksums differ.
    Edited,
    /// The tool has recorded nothing, but what the migrations create already exists.
    NotRecorded {
        /// What is there, one line each.
        present: Vec<String>,
        /// The migration up to which it could be recorded.
        version: i64,
    },
    /// The database does not match the migrations, one line for each difference.
    Differs(Vec<String>),
}

/// What is to be done about the rows of the tool's table; of a table that is not there there are none.
///
/// # Errors
/// What is in the way.
pub fn decide(adoption: &Adoption, rows: &[Row]) -> Result<Standing, NotAdopted> {
    let versions = |state: RowState| rows.iter().filter(move |row| row.state == state).map(|row| &row.version);
    let refused = |obstacle| Err(adoption.refused(obstacle));
    let failed: Vec<String> = versions(RowState::Failed).cloned().collect();
    if !failed.is_empty() {
        return refused(Obstacle::Failed(failed));
    }
    let applied: SortedSet<&String> = versions(RowState::Applied).collect();
    if applied.is_empty() {
        return Ok(Standing::Nothing);
    }
    let expected: SortedSet<&String> = adoption.versions.iter().collect();
    let missing: Vec<String> = adoption.versions.iter().filter(|one| !applied.contains(one)).cloned().collect();
    let unknown: Vec<String> = versions(RowState::Applied).filter(|one| !expected.contains(one)).cloned().collect();
    if !missing.is_empty() {
        let at = if adoption.tool.keeps_heads_only() { unknown } else { Vec::new() };
        return refused(Obstacle::Missing { missing, all: adoption.versions.len(), at });
    }
    if !unknown.is_empty() {
        return refused(Obstacle::Unknown(unknown));
    }
    match adoption.checksum {
        Some(expected) if expected != checksum(adoption.tool, rows) => refused(Obstacle::Edited),
        _ => Ok(Standing::All),
    }
}

impl Adoption {
    /// A refusal.
    pub fn refused(&self, obstacle: Obstacle) -> NotAdopted {
        NotAdopted { tool: self.tool, table: self.table.clone(), obstacle }
    }
}

impl Error for NotAdopted {}

impl fmt::Display for NotAdopted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NotAdopted { tool, table, obstacle } = self;
        let (name, command) = (tool.name(), tool.command());
        let table = format!("{}.{}", table.schema, table.name);
        write!(formatter, "cannot take over from {name}: ")?;
        match obstacle {
            Obstacle::Unreadable(why) => {
                match why {
                    Unreadable::NoTable => write!(formatter, "`{table}` is not a table")?,
                    Unreadable::NoColumn(column) => {
                        write!(formatter, "`{table}` has no column `{column}`, so it is not a table of {name}")?;
                    }
                    Unreadable::Foreign(column) => write!(
                        formatter,
                        "the column `{column}` of `{table}` is generated, or its type is not built in, so it cannot be \
                         read"
                    )?,
                }
                write!(formatter, "\nhelp: name its table in the `adopts` item: `table SCHEMA.NAME`")
            }
            Obstacle::Failed(failed) => {
                write!(formatter, "its table `{table}` records migrations that were started and not finished")?;
                lines(formatter, failed)?;
                write!(formatter, "\nhelp: finish or repair it with {name}, and start again")
            }
            Obstacle::Missing { missing, at, .. } if !at.is_empty() => {
                write!(formatter, "its table `{table}` is at {}, but this history continues from", names(at))?;
                lines(formatter, missing)?;
                write!(
                    formatter,
                    "\nhelp: if it is behind, apply what is missing with {name} (`{command}`, or start the \
                     previous version of the program), and start again\n\
                     help: if it is ahead, write the `adopts` item of that database: `cargo migrate adopt`"
                )
            }
            Obstacle::Missing { missing, all, .. } => {
                write!(
                    formatter,
                    "its table `{table}` lacks {} of the {all} migrations that it must have",
                    missing.len()
                )?;
                lines(formatter, missing)?;
                write!(
                    formatter,
                    "\nhelp: apply them with {name} (`{command}`, or start the previous version of the program), and \
                     start again"
                )
            }
            Obstacle::Unknown(unknown) => {
                write!(formatter, "its table `{table}` records migrations that this history does not take over")?;
                lines(formatter, unknown)?;
                write!(
                    formatter,
                    "\nhelp: if a newer build knows them, start that one; otherwise add what they do to this history, \
                     with the `adopts` item of such a database: `cargo migrate adopt`"
                )
            }
            Obstacle::Edited => write!(
                formatter,
                "its table `{table}` has the right versions, but other checksums than the `adopts` item: a migration \
                 was \
                 edited after it was applied here, or there\n\
                 help: if that does not matter, remove `checksum` from the `adopts` item: the versions and the whole \
                 catalog are still compared"
            ),
            Obstacle::NotRecorded { present, version } => {
                write!(
                    formatter,
                    "its table `{table}` is empty or does not exist, but the database already has what these \
                     migrations create"
                )?;
                lines(formatter, present)?;
                write!(
                    formatter,
                    "\nhelp: if its table is another one, name it in the `adopts` item: `table SCHEMA.NAME`; if nothing was \
                     ever recorded, record it here (`baseline {version}`, `Migrator::baseline`)"
                )
            }
            Obstacle::Differs(differences) => {
                write!(formatter, "the database does not match these migrations")?;
                lines(formatter, differences)?;
                write!(
                    formatter,
                    "\nhelp: change the database or the migrations so that they match; to ignore what does not matter, \
                     use `Migrator::ignore`"
                )
            }
        }
    }
}

/// The most lines of a list.
const MOST_LINES: usize = 20;

fn lines(formatter: &mut fmt::Formatter<'_>, all: &[String]) -> fmt::Result {
    all.iter().take(MOST_LINES).try_for_each(|one| write!(formatter, "\n  {one}"))?;
    match all.len().saturating_sub(MOST_LINES) {
        0 => Ok(()),
        more => write!(formatter, "\n  and {more} more"),
    }
}

fn names(all: &[String]) -> String {
    let quoted: Vec<String> = all.iter().map(|one| format!("`{one}`")).collect();
    quoted.join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(version: &str, state: RowState) -> Row {
        Row { version: version.to_string(), state, checksum: format!("of {version}") }
    }

    fn adoption(tool: Tool, versions: &[&str]) -> Adoption {
        let rows: Vec<Row> = versions.iter().map(|version| row(version, RowState::Applied)).collect();
        let versions = versions.iter().map(ToString::to_string).collect();
        Adoption { tool, table: tool.table(), versions, checksum: Some(checksum(tool, &rows)) }
    }

    fn refusal(adoption: &Adoption, rows: &[Row]) -> String {
        decide(adoption, rows).unwrap_err().to_string()
    }

    #[test]
    fn a_database_that_the_tool_left_alone_is_not_taken_over() {
        let adoption = adoption(Tool::Sqlx, &["1", "2"]);
        assert_eq!(decide(&adoption, &[]), Ok(Standing::Nothing));
        assert_eq!(decide(&adoption, &[row("1", RowState::Ignored)]), Ok(Standing::Nothing));
    }

    #[test]
    fn all_rows_there_is_all_that_is_asked_for() {
        let adoption = adoption(Tool::Sqlx, &["1", "2"]);
        let rows = [row("1", RowState::Applied), row("2", RowState::Applied), row("3", RowState::Ignored)];
        assert_eq!(decide(&adoption, &rows), Ok(Standing::All));
    }

    #[test]
    fn what_is_missing_is_named_with_what_to_do() {
        let adoption = adoption(Tool::Sqlx, &["1", "2", "3"]);
        assert_eq!(
            refusal(&adoption, &[row("1", RowState::Applied)]),
            "cannot take over from sqlx: its table `public._sqlx_migrations` lacks 2 of the 3 migrations that it must have\n  \
             2\n  3\nhelp: apply them with sqlx (`sqlx migrate run`, or start the previous version of the program), \
             and start again"
        );
    }

    #[test]
    fn what_is_not_known_is_named() {
        let adoption = adoption(Tool::Diesel, &["1"]);
        let rows = [row("1", RowState::Applied), row("2", RowState::Applied)];
        let text = refusal(&adoption, &rows);
        assert!(text.contains("records migrations that this history does not take over\n  2\nhelp: "), "{text}");
    }

    #[test]
    fn a_tool_that_keeps_heads_says_where_it_is() {
        let text = refusal(&adoption(Tool::Alembic, &["ab12"]), &[row("cd34", RowState::Applied)]);
        assert!(
            text.contains("`public.alembic_version` is at `cd34`, but this history continues from\n  ab12\nhelp: "),
            "{text}"
        );
    }

    #[test]
    fn what_is_half_applied_comes_first() {
        let adoption = adoption(Tool::GolangMigrate, &["1"]);
        let text = refusal(&adoption, &[row("2", RowState::Failed)]);
        assert!(text.contains("records migrations that were started and not finished\n  2\n"), "{text}");
    }

    #[test]
    fn another_checksum_is_a_matter_of_the_source() {
        let mut adoption = adoption(Tool::Sqlx, &["1"]);
        let mut edited = row("1", RowState::Applied);
        edited.checksum = "other".to_string();
        assert!(refusal(&adoption, &[edited.clone()]).contains("remove `checksum` from the `adopts` item"));
        adoption.checksum = None;
        assert_eq!(decide(&adoption, &[edited]), Ok(Standing::All));
    }
}
