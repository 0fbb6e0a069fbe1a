//! Whether a literal is a value of a type.

use migrate_core::catalog::EnumType;
use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::literal::{Invalid, Reading, canonical, read};
use migrate_core::token::At;
use migrate_core::types::{BuiltIn, Category, NumericSize, Type};

use super::expression::Context;
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

    fn of_type(message: String, help: Option<&str>) -> Misfit {
        Misfit { code: code::TYPE_MISMATCH, message, help: help.map(str::to_owned) }
    }
}

impl From<Invalid> for Misfit {
    fn from(invalid: Invalid) -> Misfit {
        Misfit { code: code::TYPE_MISMATCH, message: invalid.message, help: invalid.help }
    }
}

/// The type that a literal takes beside something of a type, as in a comparison: without a length or a precision. A
/// number beside a number keeps its own.
pub(super) fn beside(data_type: Option<&Type>, other: &Expression) -> Option<Type> {
    let is_number = match &other.kind {
        ExpressionKind::Number(_) => true,
        ExpressionKind::Unary { operand, .. } => matches!(operand.kind, ExpressionKind::Number(_)),
        _ => false,
    };
    data_type.filter(|data_type| !is_number || data_type.category() != Category::Numeric).map(Type::without_modifier)
}

/// The type as which a literal is read before it is converted to a type: an explicit conversion cuts strings.
pub(super) fn before_conversion(target: &Type) -> Type {
    match target {
        Type::CharacterVarying(_) | Type::Character(_) | Type::Bit(_) | Type::BitVarying(_) => {
            target.without_modifier()
        }
        _ => target.clone(),
    }
}

/// Whether a number, with its sign, is a value of the type. Only what PostgreSQL certainly refuses is a misfit.
pub(super) fn fits_number(number: &str, data_type: &Type) -> Result<(), Misfit> {
    let help = match data_type.category() {
        Category::Boolean => Some("write `true` or `false`"),
        Category::Json => Some("write JSON in double quotes or braces: `\"5\"`, `{ \"n\": 5 }`"),
        Category::Uuid | Category::DateTime | Category::Interval | Category::Array | Category::Binary => None,
        _ => {
            let reading = match data_type {
                Type::Numeric(_) => read(number, data_type),
                // Digits after the point are rounded away.
                Type::BuiltIn(BuiltIn::SmallInt | BuiltIn::Integer | BuiltIn::BigInt) => {
                    let whole = Type::Numeric(Some(NumericSize { precision: 1_000, scale: 0 }));
                    canonical(number, &whole).map_or(Reading::Undecided, |whole| read(&whole, data_type))
                }
                _ => Reading::Undecided,
            };
            return match reading {
                Reading::Invalid(invalid) => Err(invalid.into()),
                _ => Ok(()),
            };
        }
    };
    Err(Misfit::of_type(format!("`{number}` is not a valid `{data_type}`"), help))
}

/// Whether a text is a value of the type: `values` when it is an enum, or an array of one; `is_open` when more values may
/// exist. Gives the text as the server prints it, where that is certain.
pub(super) fn fits_text(
    text: &str,
    data_type: &Type,
    values: Option<&EnumType>,
    is_open: bool,
    context: Context,
) -> Result<Option<String>, Misfit> {
    if let Some(definition) = values {
        if definition.has(text) || is_open {
            return Ok(None);
        }
        return Err(Misfit {
            code: code::UNKNOWN_VALUE,
            message: format!("`{text}` is not a value of the enum `{data_type}`"),
            help: choices(text, definition.values.iter().map(String::as_str), "values"),
        });
    }
    match read(text, data_type) {
        Reading::Value(_) => Ok(printed(text, data_type)),
        Reading::Invalid(invalid) => Err(explained(invalid, data_type)),
        Reading::Relative if context != Context::Statement && context != Context::Using => Err(Misfit::of_type(
            format!("`{text}` in {} is evaluated only once, when it is created", context.noun()),
            moving(text, data_type),
        )),
        Reading::Relative | Reading::Undecided => Ok(None),
    }
}

/// The text as the server prints it in an expression: there a length or a precision is not applied yet, the fields of an
/// interval are.
fn printed(text: &str, data_type: &Type) -> Option<String> {
    match data_type {
        Type::Interval { .. } => canonical(text, data_type),
        // `TRUE` is printed for all of them.
        Type::BuiltIn(BuiltIn::Boolean) => None,
        _ => canonical(text, &data_type.without_modifier()),
    }
}

fn explained(invalid: Invalid, data_type: &Type) -> Misfit {
    let mut misfit = Misfit::from(invalid);
    match data_type.category() {
        Category::Json if *data_type != Type::BuiltIn(BuiltIn::JsonPath) => {
            misfit.code = code::INVALID_JSON;
            misfit.help = Some("write JSON in braces, `{ \"key\": 1 }`, or a JSON text: `\"\\\"word\\\"\"`".into());
        }
        Category::Array => misfit.help = Some("write `[...]`".into()),
        _ => {}
    }
    misfit
}

/// What to write for `now` and the like, so that it is not fixed.
fn moving(text: &str, data_type: &Type) -> Option<&'static str> {
    let word = text.trim().to_ascii_lowercase();
    Some(match (data_type, word.as_str()) {
        (Type::BuiltIn(BuiltIn::Date), "tomorrow") => "write `current_date + 1`",
        (Type::BuiltIn(BuiltIn::Date), "yesterday") => "write `current_date - 1`",
        (Type::BuiltIn(BuiltIn::Date), _) | (Type::Timestamp { .. }, "today") => "write `current_date`",
        (Type::Timestamp { with_time_zone: true, .. }, "now") => "write `now()`",
        (Type::Timestamp { with_time_zone: false, .. }, "now") => "write `localtimestamp`",
        (Type::Time { with_time_zone: true, .. }, "now") => "write `current_time`",
        (Type::Time { with_time_zone: false, .. }, "now") => "write `localtime`",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::compile_history;

    fn mistakes(columns: &str) -> Vec<String> {
        let history = format!("migration \"1_t\" {{ create table t {{ id: bigint primary key, {columns} }} }}");
        compile_history(&history)
            .err()
            .into_iter()
            .flatten()
            .map(|mistake| mistake.to_string().lines().next().unwrap_or_default().to_owned())
            .collect()
    }

    #[test]
    fn what_a_type_does_not_read_is_a_mistake() {
        for (columns, message) in [
            ("a: date = \"2026-02-30\"", "`2026-02-30` is not a valid `date`"),
            ("a: timestamptz = \"now\"", "`now` in a default is evaluated only once, when it is created"),
            ("a: smallint = -40000", "`-40000` is out of range for `smallint`"),
            ("a: numeric(4, 2) = 123.4", "`123.4` has too many digits for `numeric(4, 2)`"),
            ("a: int4range = \"[5,1]\"", "the lower bound of `[5,1]` is above its upper bound"),
            ("a: int check (a > \"x\")", "`x` is not a valid `integer`"),
            ("a: int check (a in (\"1\", \"two\"))", "`two` is not a valid `integer`"),
            ("a: int check (a = any(\"{1, x}\"))", "`{1, x}` is not a valid `integer[]`"),
            ("a: int check (a = any([\"1\", \"x\"]))", "`x` is not a valid `integer`"),
            ("a: date check (a between \"2026-01-01\" and \"2026-02-29\")", "`2026-02-29` is not a valid `date`"),
            ("a: jsonb = \"{\\\"a\\\": 01}\"", "`{\"a\": 01}` is not a valid `jsonb`"),
            ("a: interval = interval \"1 fortnight\"", "`1 fortnight` is not a valid `interval`"),
            ("a: bool check ((\"x\"::date) > \"2026-01-01\")", "`x` is not a valid `date`"),
        ] {
            let found = mistakes(columns);
            assert!(found.len() == 1 && found[0].contains(message), "{columns}: {found:?}");
        }
    }

    #[test]
    fn what_postgresql_takes_is_none() {
        for columns in [
            "a: smallint check (a < 70000)",
            "a: varchar(3) check (a <> \"longer\")",
            "a: numeric(4, 2) check (a < \"12345.678\")",
            "a: varchar(3) check (a = any([\"longer\"]))",
            "a: smallint check (a = any([70000, 1]))",
            "a: varchar(3) check (case a when \"longer\" then true else false end)",
            "a: int check (a = any(\"{1, 2}\"))",
            "a: smallint = -32768",
            "a: int = 1.5",
            "a: varchar(3) = (\"longer\"::varchar(3))",
            "a: timestamptz = \"2026-01-02 10:00 Europe/Berlin\"",
            "a: money = \"$1.00\"",
            "a: int[] = \"{1, 2}\"",
        ] {
            assert_eq!(mistakes(columns), Vec::<String>::new(), "{columns}");
        }
    }

    #[test]
    fn what_domains_and_composite_types_are_made_of_is_read() {
        let mistakes = |value: &str| {
            let history = format!(
                "migration \"1_t\" {{
                    create domain share as numeric(5, 2);
                    create type range_of_days {{ first: date, last: date }}
                    create table t {{ id: bigint primary key, {value} }}
                }}"
            );
            let found = compile_history(&history).err().into_iter().flatten();
            found.map(|mistake| mistake.text.lines().next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(mistakes("a: share = \"12.5\""), Vec::<String>::new());
        assert_eq!(mistakes("a: share = \"much\""), ["`much` is not a valid `numeric(5, 2)` [type_mismatch]"]);
        assert_eq!(mistakes("a: range_of_days = \"(2026-01-01,)\""), Vec::<String>::new());
        assert_eq!(
            mistakes("a: range_of_days = \"(2026-01-01,2026-02-30)\""),
            ["`2026-02-30` is not a valid `date` [type_mismatch]"]
        );
        assert_eq!(
            mistakes("a: range_of_days = \"(2026-01-01)\""),
            ["`(2026-01-01)` is not a valid `range_of_days` [type_mismatch]"]
        );
        assert_eq!(mistakes("a: tsquery = \"fat &\""), ["`fat &` is not a valid `tsquery` [type_mismatch]"]);
        assert_eq!(mistakes("a: tsvector = \"fat:1A rat\""), Vec::<String>::new());
    }
}
