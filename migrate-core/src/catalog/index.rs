use crate::expression::{Expression, ExpressionKind};
use crate::json::ToJson;
use crate::name::split_class;
use crate::sorted::SortedMap;

/// An index that no constraint owns.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
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
    /// The index of the partitioned table that it is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attached_to: Option<String>,
    /// Storage parameters: `WITH (fillfactor = 70)`.
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub parameters: SortedMap<String, String>,
    /// The statistics targets of its keys that are expressions, by their places from 1.
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub statistics: SortedMap<u16, i32>,
    /// `COMMENT ON INDEX`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// One key of an index.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct IndexKey {
    /// A column (a bare name) or an expression.
    pub expression: Expression,
    /// `COLLATE`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    /// The operator class; `None` for the type's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator_class: Option<String>,
    /// Parameters of the operator class, which is named then: `gist_trgm_ops (siglen = 32)`.
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub class_parameters: SortedMap<String, String>,
    /// `DESC`
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub descending: bool,
    /// `NULLS FIRST | LAST` where it is not the direction's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nulls: Option<NullsOrder>,
}

/// Where NULLs stand in an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
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
        IndexKey {
            expression,
            collation: None,
            operator_class: None,
            class_parameters: SortedMap::new(),
            descending: false,
            nulls: None,
        }
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
    /// The expressions of its keys, and its predicate.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.keys.iter().map(|key| &key.expression).chain(&self.predicate)
    }

    /// Whether it mentions this column of its table.
    pub fn mentions(&self, column: &str) -> bool {
        self.expressions().any(|expression| expression.reads(column)) || self.include.iter().any(|name| name == column)
    }

    /// Whether what it says could mean something else with another `search_path`: functions, operators, types,
    /// collations and operator classes may be named without their schema. Columns, and whether they are NULL, may not.
    pub fn may_follow_search_path(&self) -> bool {
        let of_key = |key: &IndexKey| {
            let has_bare_class = key.operator_class.as_deref().is_some_and(|class| split_class(class).is_none());
            looks_up(&key.expression) || key.collation.is_some() || has_bare_class
        };
        self.keys.iter().any(of_key) || self.predicate.as_ref().is_some_and(looks_up)
    }
}

/// Whether the server looks up anything by name for it, beside columns.
fn looks_up(expression: &Expression) -> bool {
    match &expression.kind {
        ExpressionKind::Null | ExpressionKind::Boolean(_) => false,
        // `a.b` may also call a function.
        ExpressionKind::Name(parts) => parts.len() != 1,
        ExpressionKind::Not(operand) | ExpressionKind::Is { operand, .. } => looks_up(operand),
        ExpressionKind::And(operands) | ExpressionKind::Or(operands) => operands.iter().any(looks_up),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(key: &str, predicate: &str) -> Index {
        Index {
            method: "btree".into(),
            keys: vec![IndexKey::new(key.parse().unwrap())],
            unique: false,
            nulls_not_distinct: false,
            include: Vec::new(),
            attached_to: None,
            parameters: SortedMap::new(),
            statistics: SortedMap::new(),
            predicate: (!predicate.is_empty()).then(|| predicate.parse().unwrap()),
            comment: None,
        }
    }

    #[test]
    fn columns_do_not_follow_the_search_path_and_what_is_called_may() {
        for (key, predicate, expected) in [
            ("a", "", false),
            ("a", "b IS NULL AND (c OR NOT d IS TRUE)", false),
            ("lower(a)", "", true),
            ("(a || b)", "", true),
            ("a", "b = 'x'", true),
            ("a", "b IS NULL OR f(c)", true),
            ("a", "t.c", true),
        ] {
            assert_eq!(index(key, predicate).may_follow_search_path(), expected, "{key} {predicate}");
        }
        let mut index = index("a", "");
        for (class, expected) in [("public.gin_trgm_ops", false), ("text_pattern_ops", true), ("My.ops", false)] {
            index.keys[0].operator_class = Some(class.into());
            assert_eq!(index.may_follow_search_path(), expected, "{class}");
        }
    }
}
