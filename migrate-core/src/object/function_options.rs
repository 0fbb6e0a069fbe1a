//! The options of functions and procedures: how they are called, and with which settings they run.

use crate::expression::Volatility;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::sorted::SortedMap;
use crate::sql::Writer;
use crate::types::Type;

/// How much the result of a function can change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum FunctionVolatility {
    /// It depends on the arguments alone.
    Immutable,
    /// It stays the same during a statement.
    Stable,
    /// It may differ from call to call.
    #[default]
    Volatile,
}

impl FunctionVolatility {
    pub(super) fn keyword(self) -> &'static str {
        match self {
            FunctionVolatility::Immutable => "IMMUTABLE",
            FunctionVolatility::Stable => "STABLE",
            FunctionVolatility::Volatile => "VOLATILE",
        }
    }

    /// As expressions know it.
    pub fn of_expression(self) -> Volatility {
        match self {
            FunctionVolatility::Immutable => Volatility::Immutable,
            FunctionVolatility::Stable => Volatility::Stable,
            FunctionVolatility::Volatile => Volatility::Volatile,
        }
    }
}

/// Whether parallel workers may call a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum Parallel {
    /// They may.
    Safe,
    /// Only their leader may.
    Restricted,
    /// Where it is called, there are none.
    #[default]
    Unsafe,
}

impl Parallel {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Parallel::Safe => "safe",
            Parallel::Restricted => "restricted",
            Parallel::Unsafe => "unsafe",
        }
    }

    pub(super) fn keyword(self) -> &'static str {
        match self {
            Parallel::Safe => "PARALLEL SAFE",
            Parallel::Restricted => "PARALLEL RESTRICTED",
            Parallel::Unsafe => "PARALLEL UNSAFE",
        }
    }
}

/// The options of a function that say how it is called.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct FunctionOptions {
    /// `IMMUTABLE`, `STABLE`, `VOLATILE`
    #[serde(default, skip_serializing_if = "is_default")]
    pub volatility: FunctionVolatility,
    /// `STRICT`
    #[serde(default, skip_serializing_if = "is_default")]
    pub strict: bool,
    /// `LEAKPROOF`
    #[serde(default, skip_serializing_if = "is_default")]
    pub leakproof: bool,
    /// `SECURITY DEFINER`
    #[serde(default, skip_serializing_if = "is_default")]
    pub security_definer: bool,
    /// `WINDOW`
    #[serde(default, skip_serializing_if = "is_default")]
    pub window: bool,
    /// `PARALLEL`
    #[serde(default, skip_serializing_if = "is_default")]
    pub parallel: Parallel,
    /// `COST`, where it is not that of the language, as PostgreSQL prints the number.
    #[serde(default, skip_serializing_if = "is_default")]
    pub cost: Option<String>,
    /// `ROWS`, where it is not 1000.
    #[serde(default, skip_serializing_if = "is_default")]
    pub rows: Option<String>,
    /// `SUPPORT`
    #[serde(default, skip_serializing_if = "is_default")]
    pub support: Option<QualifiedName>,
    /// `SET`: settings while it runs, by their names in lower case, as PostgreSQL keeps the values.
    #[serde(default, skip_serializing_if = "is_default")]
    pub settings: SortedMap<String, String>,
    /// `TRANSFORM FOR TYPE`
    #[serde(default, skip_serializing_if = "is_default")]
    pub transforms: Vec<Type>,
}

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// `COST`, where none is said.
fn default_cost(language: &str) -> &'static str {
    if matches!(language, "c" | "internal") { "1" } else { "100" }
}

/// Settings whose value is a list of names, each of which is quoted by itself.
const LISTS_OF_NAMES: &[&str] = &[
    "search_path",
    "temp_tablespaces",
    "local_preload_libraries",
    "session_preload_libraries",
    "shared_preload_libraries",
    "unix_socket_directories",
];

/// Whether the value of a setting is a list of names, each of which is quoted by itself.
pub fn is_list_of_names(setting: &str) -> bool {
    LISTS_OF_NAMES.contains(&setting)
}

/// The name of a setting, which may have a prefix.
fn write_setting_name(writer: Writer, name: &str) -> Writer {
    match name.split_once('.') {
        Some((prefix, rest)) => writer.identifier(prefix).dot().identifier(rest),
        None => writer.identifier(name),
    }
}

/// `SET name = value`
fn write_setting(writer: Writer, name: &str, value: &str) -> Writer {
    let writer = write_setting_name(writer.keyword("SET"), name).symbol("=");
    match is_list_of_names(name) && value != "\"\"" {
        true => writer.raw(value),
        false if value == "\"\"" => writer.literal(""),
        false => writer.literal(value),
    }
}

impl FunctionOptions {
    /// What is not as PostgreSQL has it by default.
    pub(super) fn write(&self, writer: Writer, language: &str) -> Writer {
        self.write_changes(writer, &FunctionOptions::default(), language)
    }

    /// What is not as in the other one.
    pub(super) fn write_changes(&self, mut writer: Writer, before: &FunctionOptions, language: &str) -> Writer {
        writer = writer
            .keyword_if(self.volatility != before.volatility, self.volatility.keyword())
            .keyword_if(self.strict && !before.strict, "STRICT")
            .keyword_if(!self.strict && before.strict, "CALLED ON NULL INPUT")
            .keyword_if(self.leakproof && !before.leakproof, "LEAKPROOF")
            .keyword_if(!self.leakproof && before.leakproof, "NOT LEAKPROOF")
            .keyword_if(self.security_definer && !before.security_definer, "SECURITY DEFINER")
            .keyword_if(!self.security_definer && before.security_definer, "SECURITY INVOKER")
            .keyword_if(self.parallel != before.parallel, self.parallel.keyword());
        if self.cost != before.cost {
            writer = writer.keyword("COST").number(self.cost.as_deref().unwrap_or(default_cost(language)));
        }
        if self.rows != before.rows {
            writer = writer.keyword("ROWS").number(self.rows.as_deref().unwrap_or("1000"));
        }
        if let Some(support) = self.support.as_ref().filter(|_| self.support != before.support) {
            writer = writer.keyword("SUPPORT").name(support);
        }
        for name in before.settings.keys().filter(|name| !self.settings.contains_key(*name)) {
            writer = write_setting_name(writer.keyword("RESET"), name);
        }
        for (name, value) in self.settings.iter().filter(|(name, value)| before.settings.get(*name) != Some(*value)) {
            writer = write_setting(writer, name, value);
        }
        writer
    }

    pub(super) fn told_settings(&self) -> Option<String> {
        let told: Vec<String> = self.settings.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        (!told.is_empty()).then(|| told.join("; "))
    }
}
