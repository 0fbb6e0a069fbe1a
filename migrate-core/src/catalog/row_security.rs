use crate::json::ToJson;

/// Row level security of a table: whether its policies decide which rows a role sees and writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct RowSecurity {
    /// `ENABLE ROW LEVEL SECURITY`
    #[serde(default)]
    pub is_enabled: bool,
    /// `FORCE ROW LEVEL SECURITY`: for the owner of the table, too.
    #[serde(default)]
    pub is_forced: bool,
}

impl RowSecurity {
    /// Whether it is as PostgreSQL makes a table.
    pub fn is_default(&self) -> bool {
        *self == RowSecurity::default()
    }

    /// In words: `enabled and forced`.
    pub fn told(self) -> &'static str {
        match (self.is_enabled, self.is_forced) {
            (false, false) => "disabled",
            (true, false) => "enabled",
            (true, true) => "enabled and forced",
            (false, true) => "disabled, but forced",
        }
    }
}
