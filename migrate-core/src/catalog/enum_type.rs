use super::Access;
use crate::json::ToJson;

/// An enum type.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct EnumType {
    /// Its values, in their order.
    pub values: Vec<String>,
    /// `COMMENT ON TYPE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Its owner and its privileges.
    #[serde(default, skip_serializing_if = "Access::is_empty")]
    pub access: Access,
}

impl EnumType {
    /// Whether it has this value.
    pub fn has(&self, value: &str) -> bool {
        self.values.iter().any(|known| known == value)
    }
}
