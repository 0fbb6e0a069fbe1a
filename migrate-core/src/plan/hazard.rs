use std::fmt;

use crate::json::ToJson;

/// What is dangerous about an operation on a live database and has no safe form of its own.
///
/// A hazard is a compile error until the source allows it with a reason:
/// `#[allow(drops_data, reason = "...")]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum Hazard {
    /// Rows or values are lost; the derived down restores only the structure.
    DropsData,
    /// The whole table is rewritten while nobody can read or write it.
    RewritesTable,
    /// Indexes are rebuilt, or rows are checked, while nobody can write the table.
    BlocksWrites,
    /// Every row is changed in one transaction: long, and the table grows.
    UnbatchedUpdate,
    /// Values may not fit the new type: the statement fails, or rounds.
    NarrowsType,
    /// Running application code that uses the old name fails.
    BreaksQueries,
    /// A column is NOT NULL and has no default: the statement fails as soon as the table has a row.
    NotNullWithoutDefault,
    /// A function runs with the privileges of its owner, but looks up names in its caller's `search_path`.
    UnsafeSearchPath,
    /// Values that were computed or checked by a function are not updated when it changes.
    LeavesStaleValues,
    /// A materialized view is filled while nobody can read it, or while the tables that it reads are locked.
    RefillsView,
    /// The names in the body of a function are not checked: calling it may fail.
    UncheckedBody,
    /// The action of a foreign key fails for every referenced row.
    ActionFails,
}

impl Hazard {
    /// Every hazard.
    pub const ALL: &[Hazard] = &[
        Hazard::DropsData,
        Hazard::RewritesTable,
        Hazard::BlocksWrites,
        Hazard::UnbatchedUpdate,
        Hazard::NarrowsType,
        Hazard::BreaksQueries,
        Hazard::NotNullWithoutDefault,
        Hazard::UnsafeSearchPath,
        Hazard::LeavesStaleValues,
        Hazard::RefillsView,
        Hazard::UncheckedBody,
        Hazard::ActionFails,
    ];

    /// The word that allows it.
    pub const fn code(self) -> &'static str {
        match self {
            Hazard::DropsData => "drops_data",
            Hazard::RewritesTable => "rewrites_table",
            Hazard::BlocksWrites => "blocks_writes",
            Hazard::UnbatchedUpdate => "unbatched_update",
            Hazard::NarrowsType => "narrows_type",
            Hazard::BreaksQueries => "breaks_queries",
            Hazard::NotNullWithoutDefault => "not_null_without_default",
            Hazard::UnsafeSearchPath => "unsafe_search_path",
            Hazard::LeavesStaleValues => "leaves_stale_values",
            Hazard::RefillsView => "refills_view",
            Hazard::UncheckedBody => "unchecked_body",
            Hazard::ActionFails => "action_fails",
        }
    }

    /// Whether it must be allowed in the source. The others are only shown in the plan.
    pub const fn is_denied(self) -> bool {
        !matches!(self, Hazard::BreaksQueries)
    }

    /// The hazard of that code.
    pub fn from_code(code: &str) -> Option<Hazard> {
        Hazard::ALL.iter().copied().find(|hazard| hazard.code() == code)
    }
}

impl fmt::Display for Hazard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}
