//! How a column is kept: `storage external`, `compression lz4`, `statistics 500`, `(n_distinct = -0.5)`.

use migrate_core::catalog::{ColumnSettings, Compression, Storage};
use migrate_core::sorted::SortedMap;
use migrate_core::token::{At, Token};
use migrate_core::types::Type;

use super::storage::{Parameters, parse_names, parse_values};
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Name, Parsed, Parser, Spanned};

/// The parameters of a column (PostgreSQL manual, ALTER TABLE, SET ( attribute_option = value )).
const OF_COLUMN: Parameters =
    Parameters { names: Some(&["n_distinct", "n_distinct_inherited"]), noun: "column parameter" };

/// The largest statistics target (`MAX_STATISTICS_TARGET`).
const LARGEST_TARGET: u16 = 10_000;

/// One setting of a column, as written. `None` is the default.
pub(crate) enum ColumnSetting {
    Storage(Option<Spanned<Storage>>),
    Compression(Option<Spanned<Compression>>),
    Statistics(Option<u16>),
    Set(SortedMap<String, String>),
    Reset(Vec<Name>),
}

impl ColumnSetting {
    /// Takes `storage WORD`, `compression WORD` or `statistics NUMBER`, if one is there.
    pub(crate) fn parse(parser: &mut Parser<'_>) -> Parsed<Option<Self>> {
        if parser.cursor.take_word("storage") {
            let words = Storage::ALL.map(|storage| (storage.keyword(), storage));
            return Ok(Some(ColumnSetting::Storage(one_of(
                parser,
                ("storage strategy", "storage strategies"),
                &words,
            )?)));
        }
        if parser.cursor.take_word("compression") {
            let words = Compression::ALL.map(|compression| (compression.keyword(), compression));
            let found = one_of(parser, ("compression method", "compression methods"), &words)?;
            return Ok(Some(ColumnSetting::Compression(found)));
        }
        if parser.cursor.take_word("statistics") {
            return Ok(Some(ColumnSetting::Statistics(parse_target(parser)?)));
        }
        Ok(None)
    }

    /// The word that it begins with.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            ColumnSetting::Storage(_) => "storage",
            ColumnSetting::Compression(_) => "compression",
            ColumnSetting::Statistics(_) => "statistics",
            ColumnSetting::Set(_) => "set",
            ColumnSetting::Reset(_) => "reset",
        }
    }

    /// Takes `(n_distinct = -0.5)` behind `set`.
    pub(crate) fn parse_set(parser: &mut Parser<'_>) -> Parsed<Self> {
        Ok(ColumnSetting::Set(parse_values(parser, &OF_COLUMN)?))
    }

    /// Takes `(n_distinct)` behind `reset`.
    pub(crate) fn parse_reset(parser: &mut Parser<'_>) -> Parsed<Self> {
        Ok(ColumnSetting::Reset(parse_names(parser, &OF_COLUMN)?))
    }

    /// Puts it among those of a column. `None`: there is a mistake.
    pub(crate) fn put_into(
        &self,
        settings: &mut ColumnSettings,
        data_type: &Type,
        checker: &mut Checker<'_>,
    ) -> Option<()> {
        let natural = Storage::of(data_type);
        match self {
            ColumnSetting::Storage(None) => settings.storage = None,
            ColumnSetting::Storage(Some(storage)) => {
                if natural == Storage::Plain && storage.value != Storage::Plain {
                    checker.report(no_other_than_plain("storage", data_type, storage.at));
                    return None;
                }
                settings.storage = Some(storage.value).filter(|storage| *storage != natural);
            }
            ColumnSetting::Compression(compression) => {
                if let Some(compression) = compression.as_ref().filter(|_| natural == Storage::Plain) {
                    let text = format!("values of type `{data_type}` are not compressed");
                    let mistake = Diagnostic::new(code::INVALID_DEFINITION, text, compression.at);
                    checker.report(mistake.help("remove it"));
                    return None;
                }
                settings.compression = compression.as_ref().map(|one| one.value);
            }
            ColumnSetting::Statistics(target) => settings.statistics = *target,
            ColumnSetting::Set(parameters) => settings.parameters.extend(parameters.clone()),
            ColumnSetting::Reset(names) => {
                settings.parameters.retain(|name, _| names.iter().all(|one| one.value != *name));
            }
        }
        Some(())
    }
}

fn no_other_than_plain(what: &str, data_type: &Type, at: At) -> Diagnostic {
    let text = format!("values of type `{data_type}` always stay in the row, so their {what} is `plain`");
    Diagnostic::new(code::INVALID_DEFINITION, text, at).help("remove it")
}

/// Takes one of the words, or `default`.
fn one_of<T: Copy>(
    parser: &mut Parser<'_>,
    (noun, plural): (&str, &str),
    words: &[(&'static str, T)],
) -> Parsed<Option<Spanned<T>>> {
    if parser.cursor.take_word("default") {
        return Ok(None);
    }
    let word = parser.name(&format!("a {noun}"))?;
    match words.iter().find(|(known, _)| known.eq_ignore_ascii_case(&word.value)) {
        Some((_, value)) => Ok(Some(Spanned { value: *value, at: word.at })),
        None => {
            let known: Vec<String> = words.iter().map(|(known, _)| known.to_lowercase()).collect();
            let text = format!("cannot find {noun} `{}`", word.value);
            Err(Diagnostic::new(code::SYNTAX, text, word.at).maybe_help(choices(
                &word.value,
                known.iter().map(String::as_str),
                plural,
            )))
        }
    }
}

/// Takes a statistics target, or `default`.
fn parse_target(parser: &mut Parser<'_>) -> Parsed<Option<u16>> {
    if parser.cursor.take_word("default") {
        return Ok(None);
    }
    let at = parser.cursor.at();
    let Token::Number(digits) = parser.cursor.peek() else { return parser.expected("a number, or `default`") };
    let target = digits.replace('_', "").parse().ok().filter(|target| *target <= LARGEST_TARGET);
    let Some(target) = target else {
        let text = format!("the statistics target `{digits}` is out of range");
        return Err(Diagnostic::new(code::SYNTAX, text, at).help(format!("write a number from 0 to {LARGEST_TARGET}")));
    };
    parser.cursor.next();
    Ok(Some(target))
}
