//! A history as another tool has it.

use super::script::Script;

/// A migration of another tool.
#[derive(Clone, Debug)]
pub(crate) struct Theirs {
    /// Its version, as its tool stores it.
    pub(crate) version: String,
    /// What it is called beside its version; may be empty.
    pub(crate) name: String,
    pub(crate) up: Script,
    pub(crate) down: Option<Script>,
}

/// All of them, in the order in which the tool runs them.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub(crate) migrations: Vec<Theirs>,
    /// What is left out, and why, one line each.
    pub(crate) left_out: Vec<String>,
}
