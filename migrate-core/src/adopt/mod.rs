//! Databases that another tool has migrated: what its table says, and whether a history of ours can continue from
//! there.
//!
//! Pure: the runtime takes the locks, reads the table, asks here, and does it.

#[cfg(feature = "runtime")]
mod decide;
#[cfg(feature = "runtime")]
mod key;
#[cfg(feature = "runtime")]
mod layout;
mod tool;

#[cfg(feature = "runtime")]
pub use decide::{NotAdopted, Obstacle, Standing, decide};
#[cfg(feature = "runtime")]
pub use key::Exclusion;
#[cfg(feature = "runtime")]
pub use layout::{Column, READ_COLUMNS, Shape, Unreadable};
pub use tool::{Tool, VersionForm};

use crate::diff::Object;
use crate::json::ToJson;
use crate::name::{DEFAULT_SCHEMA, QualifiedName};
use crate::object::Kind;
use crate::plan::Checksum;

/// What a migration says about the tool that was there before: everything up to and including that migration is recorded,
/// without running it, if the table of that tool has these versions and the database matches.
///
/// It is not part of what the migration does, nor of its checksum: it may be corrected, and left out once every
/// database has gone over.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Adoption {
    /// The tool.
    pub tool: Tool,
    /// The table in which it keeps what it has applied.
    pub table: QualifiedName,
    /// The versions that it has applied, in order.
    pub versions: Vec<String>,
    /// Over the rows, see [`checksum`]; `None` if only the versions are compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<Checksum>,
}

impl Adoption {
    /// The last version that is taken over.
    pub fn through(&self) -> &str {
        self.versions.last().map_or("", String::as_str)
    }

    /// The tables of the tool.
    pub fn tables(&self) -> Vec<QualifiedName> {
        let others = self.tool.other_tables().iter().map(|other| self.table.sibling(*other));
        std::iter::once(self.table.clone()).chain(others).collect()
    }

    /// Whether an object belongs to the tool: its tables with everything on them, and a schema that exists for them.
    pub fn owns(&self, object: &Object) -> bool {
        match object {
            Object::Other(id) if id.kind == Kind::Schema => {
                id.name.name == self.table.schema && self.table.schema != DEFAULT_SCHEMA
            }
            // Those of its columns are called after it.
            Object::Other(id) if id.kind == Kind::Sequence => {
                id.name.schema == self.table.schema && id.name.name.starts_with(&format!("{}_", self.table.name))
            }
            object => object.table().is_some_and(|table| self.tables().contains(table)),
        }
    }
}

/// What became of one migration of another tool, from its table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What the tool calls it: its version, its name, its directory.
    pub version: String,
    /// What became of it.
    pub state: RowState,
    /// The tool's own checksum of it; empty where it keeps none.
    pub checksum: String,
}

/// What became of a migration of another tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowState {
    /// It is applied.
    Applied,
    /// It was started, and is not finished.
    Failed,
    /// It is not applied (anymore), or no migration: no business of ours.
    Ignored,
}

impl RowState {
    /// Reads what the query of [`Tool::read`] writes.
    pub fn from_code(code: &str) -> RowState {
        match code {
            "applied" => RowState::Applied,
            "failed" => RowState::Failed,
            _ => RowState::Ignored,
        }
    }
}

/// The checksum over what is applied: each version with the tool's own checksum, in whatever order they stand. Not over
/// when, by whom, or how long it took: copies of a database that were migrated by themselves have the same.
pub fn checksum<'r>(tool: Tool, rows: impl IntoIterator<Item = &'r Row>) -> Checksum {
    let applied = rows.into_iter().filter(|row| row.state == RowState::Applied);
    let mut lines: Vec<String> = applied.map(|row| format!("{:?} {:?}\n", row.version, row.checksum)).collect();
    lines.sort_unstable();
    Checksum::of(&format!("{}\n{}", tool.word(), lines.concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(version: &str, state: RowState, checksum: &str) -> Row {
        Row { version: version.to_string(), state, checksum: checksum.to_string() }
    }

    #[test]
    fn the_checksum_is_over_what_is_applied_in_any_order() {
        let (one, two) = (row("1", RowState::Applied, "aa"), row("2", RowState::Applied, "bb"));
        let left = row("3", RowState::Ignored, "cc");
        let both = checksum(Tool::Sqlx, [&one, &two]);
        assert_eq!(both, checksum(Tool::Sqlx, [&two, &left, &one]));
        assert_ne!(both, checksum(Tool::Sqlx, [&one]));
        assert_ne!(both, checksum(Tool::Refinery, [&one, &two]));
        assert_ne!(both, checksum(Tool::Sqlx, [&one, &row("2", RowState::Applied, "b")]));
        // It is written into sources: another value would refuse databases that are as they were.
        assert_eq!(both.short(), "80d8f2abdbfc");
    }
}
