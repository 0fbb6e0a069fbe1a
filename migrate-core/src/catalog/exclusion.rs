use super::{Deferral, IndexKey};
use crate::expression::{Expression, Operator};
use crate::json::ToJson;
use crate::sorted::SortedMap;

/// An exclusion constraint: of no two rows may all operators be true.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Exclusion {
    /// The access method of its index: `gist`, `spgist`, `btree`, `hash`.
    pub method: String,
    /// What is compared; never empty.
    pub elements: Vec<ExclusionElement>,
    /// `INCLUDE (columns)`
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// Storage parameters of its index.
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub parameters: SortedMap<String, String>,
    /// `WHERE (predicate)`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predicate: Option<Expression>,
    /// When it is checked.
    #[serde(default, skip_serializing_if = "Deferral::is_default")]
    pub deferral: Deferral,
}

/// One part of an exclusion constraint.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct ExclusionElement {
    /// A column or an expression.
    pub key: IndexKey,
    /// The operator that compares two rows.
    pub operator: Operator,
}

impl Exclusion {
    /// Its expressions: keys that are bare columns too, and the predicate.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.elements.iter().map(|element| &element.key.expression).chain(&self.predicate)
    }

    /// [`Exclusion::expressions`], to change them.
    pub fn expressions_mut(&mut self) -> impl Iterator<Item = &mut Expression> {
        self.elements.iter_mut().map(|element| &mut element.key.expression).chain(&mut self.predicate)
    }

    /// Whether it mentions this column of its table.
    pub fn mentions(&self, column: &str) -> bool {
        self.expressions().any(|expression| expression.reads(column)) || self.include.iter().any(|name| name == column)
    }
}
