use std::fmt;

use crate::json::ToJson;
use crate::sorted::SortedSet;

use crate::sql::{Writer, quote_identifier};

/// A role, as statements name it. Roles are the server's, so no migration makes one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Every role.
    Public,
    /// The role that migrates.
    CurrentUser,
    /// The role that has connected.
    SessionUser,
    /// A role by its name.
    Named(String),
}

impl Role {
    pub(crate) fn write(&self, writer: Writer) -> Writer {
        match self {
            Role::Public => writer.keyword("PUBLIC"),
            Role::CurrentUser => writer.keyword("CURRENT_USER"),
            Role::SessionUser => writer.keyword("SESSION_USER"),
            Role::Named(name) => writer.identifier(name),
        }
    }

    /// Whether the server decides which role it is.
    fn is_open(&self) -> bool {
        matches!(self, Role::CurrentUser | Role::SessionUser)
    }

    /// Whether the roles that are there are those that are expected. The server keeps the name of the role that
    /// `current_user` was, which may be any.
    pub fn are_same(expected: &SortedSet<Role>, found: &SortedSet<Role>) -> bool {
        let (open, named): (Vec<_>, Vec<_>) = expected.iter().partition(|role| role.is_open());
        let others = found.iter().filter(|role| !named.contains(role)).count();
        named.iter().all(|role| found.contains(role)) && others <= open.len()
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Role::Public => formatter.write_str("public"),
            Role::CurrentUser => formatter.write_str("current_user"),
            Role::SessionUser => formatter.write_str("session_user"),
            Role::Named(name) => formatter.write_str(&quote_identifier(name)),
        }
    }
}
