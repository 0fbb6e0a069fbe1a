use std::fmt;

use super::kind::Facts;
use super::{Define, FunctionName, Namespace, ObjectId, Renaming, compared};
use crate::catalog::{Catalog, Scope, Used};
use crate::json::ToJson;
use crate::plan::Lowering;
use crate::sorted::SortedSet;
use crate::sql::Writer;
use crate::system::CastContext;

/// A cast from one type to another one, which are the arguments of its identity.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Cast {
    /// How it is done.
    pub method: CastMethod,
    /// Where it is done by itself.
    #[serde(default)]
    pub applies: CastApplies,
}

/// How a cast is done.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum CastMethod {
    /// By a function.
    Function(FunctionName),
    /// The values are stored alike.
    Binary,
    /// By writing and reading the text.
    Text,
}

/// Where a cast is done by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum CastApplies {
    /// Nowhere: it is written.
    #[default]
    Explicit,
    /// Where a value is assigned to a column.
    Assignment,
    /// Anywhere.
    Implicit,
}

impl CastApplies {
    /// As the tables of the system have it.
    pub fn context(self) -> CastContext {
        match self {
            CastApplies::Explicit => CastContext::Explicit,
            CastApplies::Assignment => CastContext::Assignment,
            CastApplies::Implicit => CastContext::Implicit,
        }
    }

    fn keywords(self) -> &'static str {
        match self {
            CastApplies::Explicit => "",
            CastApplies::Assignment => "AS ASSIGNMENT",
            CastApplies::Implicit => "AS IMPLICIT",
        }
    }
}

impl fmt::Display for CastApplies {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            CastApplies::Explicit => "explicit",
            CastApplies::Assignment => "assignment",
            CastApplies::Implicit => "implicit",
        })
    }
}

impl fmt::Display for CastMethod {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CastMethod::Function(function) => write!(formatter, "function {function}"),
            CastMethod::Binary => formatter.write_str("without function"),
            CastMethod::Text => formatter.write_str("inout"),
        }
    }
}

impl Cast {
    pub(super) const FACTS: Facts =
        Facts { noun: "cast", keywords: "CAST", namespace: Namespace::Database, on_table: None, securable: None };
}

impl Define for Cast {
    fn note_uses(&self, _id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        if let CastMethod::Function(function) = &self.method {
            function.note_uses(scope, uses);
        }
    }

    fn follow(&mut self, _id: &ObjectId, renaming: &Renaming<'_>) {
        if let CastMethod::Function(function) = &mut self.method {
            function.follow(renaming);
        }
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        let writer = id.write(Writer::new().keyword("CREATE CAST"));
        let writer = match &self.method {
            CastMethod::Function(function) => function.write_signature(writer.keyword("WITH FUNCTION")),
            CastMethod::Binary => writer.keyword("WITHOUT FUNCTION"),
            CastMethod::Text => writer.keyword("WITH INOUT"),
        };
        plan.sql(writer.keyword(self.applies.keywords()).finish());
    }

    fn change(&self, _id: &ObjectId, _to: &Self, _before: &Catalog, _plan: &mut Lowering) -> bool {
        false
    }

    fn is_rebuilt(&self) -> bool {
        true
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        [
            compared("method", Some(&self.method.to_string()), Some(&found.method.to_string())),
            compared("context", Some(&self.applies), Some(&found.applies)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
