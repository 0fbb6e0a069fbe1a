//! Storage parameters: `(fillfactor = 70, autovacuum_enabled = false)`.

use migrate_core::literal::truth_value;
use migrate_core::sorted::{SortedMap, SortedSet};
use migrate_core::token::{At, Bracket, Token};

use crate::diagnostic::{Diagnostic, choices, code, list};
use crate::parser::{Name, Parsed, Parser};

/// The parameters of a table's rows (PostgreSQL manual, CREATE TABLE, Storage Parameters).
const PARAMETERS: &[&str] = &[
    "fillfactor",
    "toast_tuple_target",
    "parallel_workers",
    "vacuum_index_cleanup",
    "vacuum_truncate",
    "autovacuum_enabled",
    "autovacuum_vacuum_threshold",
    "autovacuum_vacuum_scale_factor",
    "autovacuum_vacuum_insert_threshold",
    "autovacuum_vacuum_insert_scale_factor",
    "autovacuum_vacuum_max_threshold",
    "autovacuum_analyze_threshold",
    "autovacuum_analyze_scale_factor",
    "autovacuum_vacuum_cost_delay",
    "autovacuum_vacuum_cost_limit",
    "autovacuum_freeze_min_age",
    "autovacuum_freeze_max_age",
    "autovacuum_freeze_table_age",
    "autovacuum_multixact_freeze_min_age",
    "autovacuum_multixact_freeze_max_age",
    "autovacuum_multixact_freeze_table_age",
    "log_autovacuum_min_duration",
    "user_catalog_table",
];

/// Which parameters there are, and what they are called in messages.
pub(super) struct Parameters {
    /// `None`: any.
    pub(super) names: Option<&'static [&'static str]>,
    pub(super) noun: &'static str,
}

const OF_TABLE: Parameters = Parameters { names: Some(PARAMETERS), noun: "storage parameter" };

/// Takes the parameters of a table and their values in brackets.
pub(crate) fn parse_storage(parser: &mut Parser<'_>) -> Parsed<SortedMap<String, String>> {
    parse_values(parser, &OF_TABLE)
}

/// Takes the names of a table's parameters in brackets.
pub(crate) fn parse_parameters(parser: &mut Parser<'_>) -> Parsed<Vec<Name>> {
    parse_names(parser, &OF_TABLE)
}

/// Takes the parameters of an index and their values in brackets (PostgreSQL manual, CREATE INDEX, Index Storage Parameters).
/// Those of an extension's access method are not known.
pub(crate) fn parse_index_storage(parser: &mut Parser<'_>, method: &str) -> Parsed<SortedMap<String, String>> {
    parse_values(parser, &Parameters { names: index_parameters(method), noun: "storage parameter" })
}

/// The same behind `with`, of the index of a key or of an exclusion constraint; none where that is not there.
pub(crate) fn parse_storage_of_key(parser: &mut Parser<'_>, method: &str) -> Parsed<SortedMap<String, String>> {
    match parser.cursor.take_word_before("with", Bracket::Round) {
        true => parse_index_storage(parser, method),
        false => Ok(SortedMap::new()),
    }
}

/// The same, of an index whose access method is not known here.
pub(crate) fn parse_storage_of_any_index(parser: &mut Parser<'_>) -> Parsed<Vec<(Name, String)>> {
    parse_each(parser, &Parameters { names: None, noun: "storage parameter" })
}

/// Takes the names of parameters of an index in brackets.
pub(crate) fn parse_index_parameters(parser: &mut Parser<'_>) -> Parsed<Vec<Name>> {
    parse_names(parser, &Parameters { names: None, noun: "storage parameter" })
}

/// The parameters of the indexes of an access method; `None`: they are not known.
pub(crate) fn index_parameters(method: &str) -> Option<&'static [&'static str]> {
    match method {
        "btree" => Some(&["fillfactor", "deduplicate_items"]),
        "hash" | "spgist" => Some(&["fillfactor"]),
        "gist" => Some(&["fillfactor", "buffering"]),
        "gin" => Some(&["fastupdate", "gin_pending_list_limit"]),
        "brin" => Some(&["pages_per_range", "autosummarize"]),
        _ => None,
    }
}

/// Takes the parameters of an operator class and their values in brackets: those of PostgreSQL's own classes (manual, 65 to 68)
/// and of its extensions.
pub(crate) fn parse_class_parameters(parser: &mut Parser<'_>) -> Parsed<SortedMap<String, String>> {
    let names: &'static [&'static str] =
        &["siglen", "numranges", "n_distinct_per_range", "false_positive_rate", "values_per_range"];
    parse_values(parser, &Parameters { names: Some(names), noun: "operator class parameter" })
}

/// Takes parameters away from those that something has.
///
/// # Errors
/// It has none of that name.
pub(crate) fn reset_parameters(
    names: &[Name],
    parameters: &mut SortedMap<String, String>,
    of: &str,
) -> Result<(), Box<Diagnostic>> {
    for name in names {
        if parameters.remove(&name.value).is_none() {
            let message = format!("{of} has no storage parameter `{}`", name.value);
            let help = choices(&name.value, parameters.keys().map(String::as_str), "storage parameters");
            return Err(Box::new(Diagnostic::new(code::INVALID_DEFINITION, message, name.at).maybe_help(help)));
        }
    }
    Ok(())
}

/// Takes parameters and their values in brackets.
pub(super) fn parse_values(parser: &mut Parser<'_>, known: &Parameters) -> Parsed<SortedMap<String, String>> {
    Ok(parse_each(parser, known)?.into_iter().map(|(name, value)| (name.value, value)).collect())
}

fn parse_each(parser: &mut Parser<'_>, known: &Parameters) -> Parsed<Vec<(Name, String)>> {
    parser.open(Bracket::Round, &format!("`(` and the {}s", known.noun))?;
    let mut names = SortedSet::new();
    parser.separated(Bracket::Round, |parser| {
        let name = parse_parameter(parser, known)?;
        parser.symbol('=')?;
        let start = parser.cursor.index();
        let value = parse_value(parser)?;
        value_fits(known.noun, &name.value, &value, parser.cursor.since(start))?;
        if !names.insert(name.value.clone()) {
            return Err(Diagnostic::new(
                code::DUPLICATE_CLAUSE,
                format!("the {} `{}` is given more than once", known.noun, name.value),
                name.at,
            ));
        }
        Ok((name, value))
    })
}

/// Takes names of parameters in brackets.
pub(super) fn parse_names(parser: &mut Parser<'_>, known: &Parameters) -> Parsed<Vec<Name>> {
    parser.open(Bracket::Round, &format!("`(` and the {}s", known.noun))?;
    parser.separated(Bracket::Round, |parser| parse_parameter(parser, known))
}

fn parse_parameter(parser: &mut Parser<'_>, known: &Parameters) -> Parsed<Name> {
    let start = parser.cursor.index();
    let mut name = parser.name(&format!("a {}", known.noun))?;
    if name.value == "toast" && parser.cursor.take_symbol('.') {
        name.value = format!("toast.{}", parser.name("a storage parameter")?.value);
        name.at = parser.cursor.since(start);
    }
    let bare = name.value.strip_prefix("toast.").unwrap_or(&name.value);
    if let Some(names) = known.names.filter(|names| !names.contains(&bare)) {
        let text = format!("cannot find {} `{}`", known.noun, name.value);
        let names = names.iter().copied();
        return Err(Diagnostic::new(code::SYNTAX, text, name.at).maybe_help(choices(
            bare,
            names,
            &format!("{}s", known.noun),
        )));
    }
    Ok(name)
}

/// What the value of a parameter may be (`reloptions.c`).
enum Values {
    Boolean,
    Words(&'static [&'static str]),
    Numbers(f64, f64),
}

/// The values of a parameter; `None`: they are not known.
fn values_of(name: &str) -> Option<Values> {
    let largest = f64::from(i32::MAX);
    Some(match name.strip_prefix("toast.").unwrap_or(name) {
        "autovacuum_enabled" | "user_catalog_table" | "fastupdate" | "deduplicate_items" | "autosummarize"
        | "vacuum_truncate" => Values::Boolean,
        "buffering" => Values::Words(&["on", "off", "auto"]),
        "vacuum_index_cleanup" => Values::Words(&["on", "off", "auto", "true", "false", "yes", "no", "1", "0"]),
        "fillfactor" => Values::Numbers(10.0, 100.0),
        "toast_tuple_target" => Values::Numbers(128.0, 8160.0),
        "parallel_workers" => Values::Numbers(0.0, 1024.0),
        "pages_per_range" => Values::Numbers(1.0, 131_072.0),
        "gin_pending_list_limit" => Values::Numbers(64.0, largest),
        "autovacuum_vacuum_threshold" | "autovacuum_analyze_threshold" => Values::Numbers(0.0, largest),
        "autovacuum_vacuum_insert_threshold" | "autovacuum_vacuum_max_threshold" | "log_autovacuum_min_duration" => {
            Values::Numbers(-1.0, largest)
        }
        "autovacuum_vacuum_cost_limit" => Values::Numbers(1.0, 10_000.0),
        "autovacuum_vacuum_scale_factor"
        | "autovacuum_vacuum_insert_scale_factor"
        | "autovacuum_analyze_scale_factor"
        | "autovacuum_vacuum_cost_delay" => Values::Numbers(0.0, 100.0),
        "autovacuum_freeze_min_age" | "autovacuum_multixact_freeze_min_age" => Values::Numbers(0.0, 1e9),
        "autovacuum_freeze_max_age" => Values::Numbers(100_000.0, 2e9),
        "autovacuum_multixact_freeze_max_age" => Values::Numbers(10_000.0, 2e9),
        "autovacuum_freeze_table_age" | "autovacuum_multixact_freeze_table_age" => Values::Numbers(0.0, 2e9),
        "n_distinct" | "n_distinct_inherited" => Values::Numbers(-1.0, f64::MAX),
        _ => return None,
    })
}

/// Whether a parameter can have this value.
fn value_fits(noun: &str, name: &str, value: &str, at: At) -> Parsed<()> {
    let Some(values) = values_of(name) else { return Ok(()) };
    let lower = value.to_ascii_lowercase();
    let (fits, help) = match &values {
        Values::Boolean => (truth_value(&lower).is_some(), "write `true` or `false`".to_owned()),
        Values::Words(words) => {
            let known: Vec<&str> = words.iter().take(3).copied().collect();
            (words.contains(&lower.as_str()), format!("values: {}", list(&known)))
        }
        Values::Numbers(low, high) => {
            let help = match *high {
                f64::MAX => format!("write a value that is not below {low}"),
                high => format!("write a value from {low} to {high}"),
            };
            // What is not a plain number, as with a unit, is left to the server.
            let begins = lower
                .trim_start_matches(['+', '-', ' '])
                .starts_with(|sign: char| sign.is_ascii_digit() || sign == '.');
            (lower.parse().map_or(begins, |number: f64| (*low..=*high).contains(&number)), help)
        }
    };
    if fits {
        return Ok(());
    }
    let message = match values {
        Values::Numbers(..) => format!("`{value}` is out of bounds for the {noun} `{name}`"),
        Values::Boolean | Values::Words(_) => format!("`{value}` is not a valid value of the {noun} `{name}`"),
    };
    Err(Diagnostic::new(code::SYNTAX, message, at).help(help))
}

fn parse_value(parser: &mut Parser<'_>) -> Parsed<String> {
    let sign = if parser.cursor.take_symbol('-') { "-" } else { "" };
    let at: At = parser.cursor.at();
    let value = match parser.cursor.peek() {
        Token::Number(number) => number.replace('_', ""),
        Token::Word(word) => word.clone(),
        Token::Text(text) => text.clone(),
        _ => return parser.expected("a value"),
    };
    if value.is_empty() {
        return Err(Diagnostic::new(code::SYNTAX, "the value is empty", at));
    }
    parser.cursor.next();
    Ok(format!("{sign}{value}"))
}
