//! Whether a literal is a value of a type.

use migrate_core::catalog::EnumType;
use migrate_core::token::At;
use migrate_core::types::{BuiltIn, Category, Type};

use crate::diagnostic::{Code, Diagnostic, choices, code};

/// Why a literal is not a value of a type.
pub(super) struct Misfit {
    code: &'static Code,
    message: String,
    help: Option<String>,
}

impl Misfit {
    pub(super) fn diagnostic(self, at: At) -> Diagnostic {
        Diagnostic::new(self.code, self.message, at).maybe_help(self.help)
    }
}

fn mismatch(literal: &str, data_type: &Type, help: Option<&str>) -> Misfit {
    Misfit {
        code: code::TYPE_MISMATCH,
        message: format!("{literal} is not a valid `{data_type}`"),
        help: help.map(str::to_owned),
    }
}

/// Whether a number is a value of the type. Only what PostgreSQL certainly refuses is a misfit.
pub(super) fn fits_number(digits: &str, data_type: &Type) -> Result<(), Misfit> {
    let literal = format!("`{digits}`");
    let in_range = |low: i128, high: i128| digits.parse::<i128>().is_ok_and(|number| (low..=high).contains(&number));
    let fits = match data_type {
        Type::BuiltIn(BuiltIn::SmallInt) => digits.contains(['.', 'e', 'E']) || in_range(-32_768, 32_768),
        Type::BuiltIn(BuiltIn::Integer) => digits.contains(['.', 'e', 'E']) || in_range(-2_147_483_648, 2_147_483_648),
        Type::BuiltIn(BuiltIn::BigInt) => {
            digits.contains(['.', 'e', 'E']) || in_range(-9_223_372_036_854_775_808, 9_223_372_036_854_775_808)
        }
        _ => !matches!(
            data_type.category(),
            Category::Boolean
                | Category::Uuid
                | Category::Json
                | Category::DateTime
                | Category::Interval
                | Category::Array
                | Category::Binary
        ),
    };
    let help = match data_type.category() {
        Category::Boolean => Some("write `true` or `false`"),
        Category::Json => Some("write JSON in double quotes or braces: `\"5\"`, `{ \"n\": 5 }`"),
        _ => None,
    };
    if fits { Ok(()) } else { Err(mismatch(&literal, data_type, help)) }
}

/// Whether a text is a value of the type: `values` when it is an enum; `is_open` when more values may exist.
pub(super) fn fits_text(text: &str, data_type: &Type, values: Option<&EnumType>, is_open: bool) -> Result<(), Misfit> {
    let literal = format!("`{text:?}`");
    if let Some(definition) = values {
        if definition.has(text) || is_open {
            return Ok(());
        }
        return Err(Misfit {
            code: code::UNKNOWN_VALUE,
            message: format!("`{text}` is not a value of the enum `{data_type}`"),
            help: choices(text, definition.values.iter().map(String::as_str), "values"),
        });
    }
    let trimmed = text.trim();
    let lower = trimmed.to_ascii_lowercase();
    match data_type {
        Type::CharacterVarying(Some(length)) | Type::Character(Some(length)) => {
            let characters = text.chars().count();
            if characters > *length as usize {
                return Err(Misfit {
                    code: code::TYPE_MISMATCH,
                    message: format!(
                        "{literal} is {characters} characters long, but `{data_type}` holds only {length}"
                    ),
                    help: None,
                });
            }
        }
        _ => {}
    }
    let fits = match data_type.category() {
        Category::Numeric => {
            let is_special = matches!(lower.as_str(), "nan" | "infinity" | "-infinity" | "inf" | "-inf" | "+infinity");
            is_special || trimmed.chars().any(|character| character.is_ascii_digit())
        }
        Category::Boolean => {
            let words = ["true", "yes", "on", "1", "false", "no", "off", "0"];
            !lower.is_empty() && words.iter().any(|word| word.starts_with(&lower))
        }
        Category::Uuid => {
            let digits = lower.chars().filter(|character| character.is_ascii_hexdigit()).count();
            let only = lower.chars().all(|character| character.is_ascii_hexdigit() || "-{}".contains(character));
            digits == 32 && only
        }
        Category::DateTime => {
            let words = ["now", "today", "tomorrow", "yesterday", "epoch", "infinity", "-infinity", "allballs"];
            trimmed.chars().any(|character| character.is_ascii_digit()) || words.contains(&lower.as_str())
        }
        Category::Interval => trimmed.chars().any(|character| character.is_ascii_digit()) || lower.contains("infinity"),
        Category::Json => match serde_json::from_str::<serde_json::Value>(text) {
            Ok(_) => true,
            Err(error) => {
                return Err(Misfit {
                    code: code::INVALID_JSON,
                    message: format!("{literal} is not valid JSON: {error}"),
                    help: Some("write JSON in braces, `{ \"key\": 1 }`, or a JSON text: `\"\\\"word\\\"\"`".into()),
                });
            }
        },
        Category::Array => trimmed.starts_with(['{', '[']),
        _ => true,
    };
    let help = match data_type.category() {
        Category::Array => Some("write `[...]`"),
        Category::Boolean => Some("write `true` or `false`"),
        _ => None,
    };
    if fits { Ok(()) } else { Err(mismatch(&literal, data_type, help)) }
}
