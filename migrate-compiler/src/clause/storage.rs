//! Storage parameters: `(fillfactor = 70, autovacuum_enabled = false)`.

use std::collections::BTreeMap;

use migrate_core::token::{At, Bracket, Token};

use crate::diagnostic::{Diagnostic, choices, code};
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

/// Takes the parameters and their values in brackets.
pub(crate) fn parse_storage(parser: &mut Parser<'_>) -> Parsed<BTreeMap<String, String>> {
    parser.open(Bracket::Round, "`(` and the storage parameters")?;
    let mut storage = BTreeMap::new();
    parser.separated(Bracket::Round, |parser| {
        let name = parse_parameter(parser)?;
        parser.symbol('=')?;
        let value = parse_value(parser)?;
        if storage.insert(name.value.clone(), value).is_some() {
            return Err(Diagnostic::new(
                code::DUPLICATE_CLAUSE,
                format!("the storage parameter `{}` is given more than once", name.value),
                name.at,
            ));
        }
        Ok(())
    })?;
    Ok(storage)
}

/// Takes the names of parameters in brackets.
pub(crate) fn parse_parameters(parser: &mut Parser<'_>) -> Parsed<Vec<Name>> {
    parser.open(Bracket::Round, "`(` and the storage parameters")?;
    parser.separated(Bracket::Round, parse_parameter)
}

fn parse_parameter(parser: &mut Parser<'_>) -> Parsed<Name> {
    let start = parser.cursor.index();
    let mut name = parser.name("a storage parameter")?;
    if name.value == "toast" && parser.cursor.take_symbol('.') {
        name.value = format!("toast.{}", parser.name("a storage parameter")?.value);
        name.at = parser.cursor.since(start);
    }
    let bare = name.value.strip_prefix("toast.").unwrap_or(&name.value);
    if !PARAMETERS.contains(&bare) {
        return Err(Diagnostic::new(code::SYNTAX, format!("cannot find storage parameter `{}`", name.value), name.at)
            .maybe_help(choices(bare, PARAMETERS.iter().copied(), "storage parameters")));
    }
    Ok(name)
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
