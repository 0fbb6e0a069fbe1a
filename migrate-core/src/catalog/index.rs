use serde::{Deserialize, Serialize};

use crate::expression::{Expression, ExpressionKind};

/// An index that no constraint owns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// The access method: `btree`, `gin`, ...
    pub method: String,
    /// What is indexed, in order; never empty.
    pub keys: Vec<IndexKey>,
    /// `UNIQUE`
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unique: bool,
    /// `NULLS NOT DISTINCT` (PostgreSQL 15).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nulls_not_distinct: bool,
    /// `INCLUDE (columns)`
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// `WHERE predicate`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predicate: Option<Expression>,
    /// `COMMENT ON INDEX`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// One key of an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexKey {
    /// A column (a bare name) or an expression.
    pub expression: Expression,
    /// `COLLATE`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    /// The operator class; `None` for the type's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator_class: Option<String>,
    /// `DESC`
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub descending: bool,
    /// `NULLS FIRST | LAST` where it is not the direction's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nulls: Option<NullsOrder>,
}

/// Where NULLs stand in an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NullsOrder {
    /// `NULLS FIRST`, the default of DESC.
    First,
    /// `NULLS LAST`, the default of ASC.
    Last,
}

impl IndexKey {
    /// A key over an expression, with the defaults of its type.
    pub fn new(expression: Expression) -> Self {
        IndexKey { expression, collation: None, operator_class: None, descending: false, nulls: None }
    }

    /// The column, if the key is a bare column.
    pub fn column(&self) -> Option<&str> {
        match &self.expression.kind {
            ExpressionKind::Name(parts) if parts.len() == 1 => parts.first().map(String::as_str),
            _ => None,
        }
    }
}

impl Index {
    /// Whether it mentions this column of its table.
    pub fn mentions(&self, column: &str) -> bool {
        self.keys.iter().any(|key| key.expression.reads(column))
            || self.include.iter().any(|name| name == column)
            || self.predicate.as_ref().is_some_and(|predicate| predicate.reads(column))
    }
}
