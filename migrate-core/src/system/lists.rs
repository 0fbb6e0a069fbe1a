//! What is kept as lists of lines, and looked up rarely: settings, and the tables and views of the system.

use super::Versions;
use crate::literal::truth_value;
use crate::types::{BuiltIn, Type};

/// `name|versions|context|type|unit|smallest|largest|values`, by name.
static SETTINGS: &str = include_str!("settings.txt");

/// `schema.name|versions|columns`, by name.
static RELATIONS: &str = include_str!("relations.txt");

/// Former names of settings, which PostgreSQL still takes (`map_old_guc_names`).
const FORMER_SETTINGS: [(&str, &str); 4] = [
    ("sort_mem", "work_mem"),
    ("vacuum_mem", "maintenance_work_mem"),
    ("ssl_ecdh_curve", "ssl_groups"),
    ("force_parallel_mode", "debug_parallel_query"),
];

/// Values of settings with a list that `pg_settings` does not show: other words for the same.
const HIDDEN_VALUES: [&str; 12] =
    ["true", "false", "yes", "no", "on", "off", "1", "0", "debug", "info", "fatal", "panic"];

/// What a setting is measured in, and how many of the smallest unit it counts.
const UNITS_OF_MEMORY: [(&str, f64); 5] =
    [("B", 1.0), ("kB", 1024.0), ("MB", 1_048_576.0), ("GB", 1_073_741_824.0), ("TB", 1_099_511_627_776.0)];
const UNITS_OF_TIME: [(&str, f64); 6] =
    [("us", 1.0), ("ms", 1e3), ("s", 1e6), ("min", 6e7), ("h", 3.6e9), ("d", 8.64e10)];

/// A setting of the server.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// The versions that have it.
    pub versions: Versions,
    /// Whether a session or a function can set it.
    pub can_be_set: bool,
    kind: &'static str,
    unit: &'static str,
    range: [&'static str; 2],
    values: &'static str,
}

/// Why a setting does not take a value.
#[derive(Clone, Debug, PartialEq)]
pub enum SettingObjection {
    /// It takes `on` and `off`.
    Boolean,
    /// It takes these.
    Values(Vec<&'static str>),
    /// It takes numbers, with these units, if with any.
    Number(Vec<&'static str>),
    /// It takes numbers of this range.
    Range(&'static str, &'static str),
}

/// The setting of this name, in lower case; or the one that has it no more.
pub fn setting(name: &str) -> Option<Setting> {
    let name = FORMER_SETTINGS.iter().find(|(former, _)| *former == name).map_or(name, |(_, name)| *name);
    settings().find(|setting| setting.name == name)
}

/// All settings.
pub fn settings() -> impl Iterator<Item = Setting> {
    SETTINGS.lines().filter_map(|line| {
        let mut parts = line.split('|');
        let (name, versions, context) = (parts.next()?, versions_of(parts.next()?)?, parts.next()?);
        let (kind, unit) = (parts.next()?, parts.next()?);
        let (range, values) = ([parts.next()?, parts.next()?], parts.next()?);
        Some(Setting { name, versions, can_be_set: matches!(context, "user" | "superuser"), kind, unit, range, values })
    })
}

impl Setting {
    /// Why it does not take this value. What a text must be is not known of all.
    pub fn objection(&self, value: &str) -> Option<SettingObjection> {
        match self.kind {
            "bool" => truth_value(value).is_none().then_some(SettingObjection::Boolean),
            "enum" => {
                let values: Vec<&str> = self.values.split(',').collect();
                let known = values.iter().chain(&HIDDEN_VALUES).any(|known| known.eq_ignore_ascii_case(value));
                (!known).then_some(SettingObjection::Values(values))
            }
            "integer" | "real" => self.objection_to_number(value),
            _ => None,
        }
    }

    fn objection_to_number(&self, value: &str) -> Option<SettingObjection> {
        let (factor, units) = self.units();
        let objection = || Some(SettingObjection::Number(units.iter().map(|(unit, _)| *unit).collect()));
        let value = value.trim();
        let digits = value.strip_prefix(['-', '+']).unwrap_or(value);
        let number = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
            Some(digits) => {
                let end = digits.find(|sign: char| !sign.is_ascii_hexdigit()).unwrap_or(digits.len());
                let (number, rest) = digits.split_at(end);
                i64::from_str_radix(number, 16).ok().map(|number| (number as f64, rest))
            }
            None => leading_number(digits),
        };
        let Some((number, rest)) = number else { return objection() };
        let number = if value.starts_with('-') { -number } else { number };
        let number = match rest.trim() {
            "" => number,
            unit => match units.iter().find(|(known, _)| *known == unit) {
                Some((_, of_unit)) => number * of_unit / factor,
                None => return objection(),
            },
        };
        let number = if self.kind == "integer" { number.round_ties_even() } else { number };
        let [low, high] = self.range;
        let is_outside =
            low.parse().is_ok_and(|low: f64| number < low) || high.parse().is_ok_and(|high: f64| number > high);
        is_outside.then_some(SettingObjection::Range(low, high))
    }

    /// How many of the smallest unit its own is, and the units that it takes.
    fn units(&self) -> (f64, &'static [(&'static str, f64)]) {
        let unit = self.unit.trim_start_matches(|sign: char| sign.is_ascii_digit());
        let count = self.unit.strip_suffix(unit).and_then(|count| count.parse().ok()).unwrap_or(1.0);
        for units in [&UNITS_OF_MEMORY[..], &UNITS_OF_TIME[..]] {
            if let Some((_, factor)) = units.iter().find(|(known, _)| *known == unit) {
                return (count * factor, units);
            }
        }
        (1.0, &[])
    }
}

/// The number at the beginning of a text, and what is behind it.
fn leading_number(text: &str) -> Option<(f64, &str)> {
    let is_exponent = |before: &str, sign: char| matches!(sign, '+' | '-') && before.ends_with(['e', 'E']);
    let mut end = 0;
    for (index, sign) in text.char_indices() {
        let next = text.get(index + 1..).unwrap_or_default();
        let begins_exponent = matches!(sign, 'e' | 'E')
            && next.starts_with(|next: char| next.is_ascii_digit() || next == '-' || next == '+');
        if !(sign.is_ascii_digit() || sign == '.' || begins_exponent || is_exponent(&text[..index], sign)) {
            break;
        }
        end = index + 1;
    }
    let (number, rest) = text.split_at(end);
    Some((number.parse().ok()?, rest))
}

/// A table or a view of `pg_catalog` or `information_schema`.
#[derive(Clone, Copy, Debug)]
pub struct SystemRelation {
    /// Its name, with the schema.
    pub name: &'static str,
    /// The versions that have it.
    pub versions: Versions,
    columns: &'static str,
}

/// A column of such a relation.
#[derive(Clone, Debug, PartialEq)]
pub struct SystemColumn {
    /// Its name.
    pub name: &'static str,
    /// Its type; `None` where it is one that no column of a table has.
    pub data_type: Option<Type>,
    /// Whether it can be null.
    pub nullable: bool,
    /// The versions that have it.
    pub versions: Versions,
}

/// The relation of this name in this schema.
pub fn relation(schema: &str, name: &str) -> Option<SystemRelation> {
    relations().find(|relation| relation.name.split_once('.') == Some((schema, name)))
}

/// All relations.
pub fn relations() -> impl Iterator<Item = SystemRelation> {
    RELATIONS.lines().filter_map(|line| {
        let mut parts = line.split('|');
        Some(SystemRelation { name: parts.next()?, versions: versions_of(parts.next()?)?, columns: parts.next()? })
    })
}

impl SystemRelation {
    /// Its columns, in all versions.
    pub fn columns(self) -> impl Iterator<Item = SystemColumn> {
        self.columns.split(' ').filter_map(move |column| {
            let mut parts = column.split(':');
            let (name, data_type) = (parts.next()?, parts.next()?);
            let versions = parts.next().and_then(versions_of).unwrap_or(self.versions);
            let internal = data_type.strip_suffix('!').unwrap_or(data_type);
            Some(SystemColumn { name, data_type: type_of(internal), nullable: internal == data_type, versions })
        })
    }
}

/// A type by its name in `pg_type`.
fn type_of(internal: &str) -> Option<Type> {
    if let Some(element) = internal.strip_prefix('_') {
        return type_of(element).map(Type::array);
    }
    if let Some(built_in) = BuiltIn::ALL.iter().find(|built_in| built_in.internal_name() == internal) {
        return Some(Type::BuiltIn(*built_in));
    }
    match internal {
        "bpchar" => Some(Type::Character(None)),
        "varchar" | "numeric" | "timestamp" | "timestamptz" | "time" | "timetz" | "interval" => internal.parse().ok(),
        _ => None,
    }
}

fn versions_of(text: &str) -> Option<Versions> {
    let (first, last) = text.split_once('-')?;
    Some(Versions { first: first.parse().ok()?, last: last.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_take_what_the_server_takes() {
        let objection = |name: &str, value: &str| setting(name).expect(name).objection(value);
        for (name, value) in [
            ("work_mem", "5MB"),
            ("work_mem", "64"),
            ("work_mem", "0.5 GB"),
            ("work_mem", "0x40"),
            ("statement_timeout", "1.5min"),
            ("random_page_cost", "1.1e0"),
            ("enable_seqscan", "of"),
            ("client_min_messages", "Warning"),
            ("extra_float_digits", "-15"),
            ("sort_mem", "1MB"),
            ("search_path", "anything"),
            ("transaction_timeout", "1d"),
        ] {
            assert_eq!(objection(name, value), None, "{name} = {value}");
        }
        assert_eq!(objection("enable_seqscan", "o"), Some(SettingObjection::Boolean));
        assert_eq!(objection("work_mem", "1kB"), Some(SettingObjection::Range("64", "2147483647")));
        assert!(matches!(objection("work_mem", "5 mb"), Some(SettingObjection::Number(units)) if units.len() == 5));
        assert!(
            matches!(objection("join_collapse_limit", "5s"), Some(SettingObjection::Number(units)) if units.is_empty())
        );
        assert!(matches!(objection("client_min_messages", "warn"), Some(SettingObjection::Values(_))));
        assert!(setting("serch_path").is_none());
        assert!(!setting("shared_buffers").expect("a setting").can_be_set);
    }

    #[test]
    fn relations_of_the_system_have_their_columns() {
        let class = relation("pg_catalog", "pg_class").expect("pg_class");
        let columns: Vec<SystemColumn> = class.columns().collect();
        assert_eq!(columns[1].data_type, Some(Type::BuiltIn(BuiltIn::Name)));
        assert!(!columns[1].nullable);
        let new = columns.iter().find(|column| column.name == "relallfrozen").expect("a column of PostgreSQL 18");
        assert_eq!(new.versions.first, 18);
        assert!(relation("information_schema", "columns").is_some());
        assert!(relation("pg_catalog", "pg_clas").is_none());
    }
}
