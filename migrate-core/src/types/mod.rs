//! Types of columns, arguments and casts. Equal meaning is an equal value: `int` and `integer` are one type.

mod assignment;
mod built_in;
mod category;
mod change;
mod operator_class;
mod parse;
mod reference;

use std::fmt;

pub use built_in::BuiltIn;
pub use category::Category;
pub use change::{TypeChange, rewrite_of_change};
pub use operator_class::{OperatorClass, is_default_operator_class, operator_class, operator_classes};
pub use parse::serial_base;

use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::sql::{lex, quote_identifier, quote_literal};
use crate::token::{Cursor, SyntaxError};

/// The modifier of `numeric(precision, scale)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NumericSize {
    /// The number of digits in all.
    pub precision: u16,
    /// The number of digits after the point; below zero, digits before the point are rounded.
    pub scale: i16,
}

/// The fields that an `interval` keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub enum IntervalFields {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    YearToMonth,
    DayToHour,
    DayToMinute,
    DayToSecond,
    HourToMinute,
    HourToSecond,
    MinuteToSecond,
}

impl IntervalFields {
    /// All of them with their SQL words.
    pub(super) const ALL: &'static [(&'static [&'static str], IntervalFields)] = &[
        (&["year", "to", "month"], IntervalFields::YearToMonth),
        (&["day", "to", "hour"], IntervalFields::DayToHour),
        (&["day", "to", "minute"], IntervalFields::DayToMinute),
        (&["day", "to", "second"], IntervalFields::DayToSecond),
        (&["hour", "to", "minute"], IntervalFields::HourToMinute),
        (&["hour", "to", "second"], IntervalFields::HourToSecond),
        (&["minute", "to", "second"], IntervalFields::MinuteToSecond),
        (&["year"], IntervalFields::Year),
        (&["month"], IntervalFields::Month),
        (&["day"], IntervalFields::Day),
        (&["hour"], IntervalFields::Hour),
        (&["minute"], IntervalFields::Minute),
        (&["second"], IntervalFields::Second),
    ];

    /// Whether seconds are among them, so that a precision may follow.
    pub fn has_seconds(self) -> bool {
        use IntervalFields::{DayToSecond, HourToSecond, MinuteToSecond, Second};
        matches!(self, Second | DayToSecond | HourToSecond | MinuteToSecond)
    }

    /// The SQL words.
    pub(crate) fn words(self) -> &'static [&'static str] {
        Self::ALL.iter().find(|(_, fields)| *fields == self).map_or(&[], |(words, _)| words)
    }
}

/// A type.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(into = "String", try_from = "String")]
pub enum Type {
    /// A built-in type without a modifier.
    BuiltIn(BuiltIn),
    /// `numeric`, `numeric(12,2)`.
    Numeric(Option<NumericSize>),
    /// `varchar`, `varchar(20)`.
    CharacterVarying(Option<u32>),
    /// `char(3)`; without a length it is `bpchar`, which has no limit.
    Character(Option<u32>),
    /// `bit(8)`; without a length any, as in a cast to `"bit"`.
    Bit(Option<u32>),
    /// `varbit`, `varbit(8)`.
    BitVarying(Option<u32>),
    /// `time`, `timetz`.
    Time {
        /// Digits of the seconds' fraction.
        precision: Option<u32>,
        /// Whether it is `timetz`.
        with_time_zone: bool,
    },
    /// `timestamp`, `timestamptz`.
    Timestamp {
        /// Digits of the seconds' fraction.
        precision: Option<u32>,
        /// Whether it is `timestamptz`.
        with_time_zone: bool,
    },
    /// `interval`, `interval day to second(3)`.
    Interval {
        /// The fields that are kept; `None` is all.
        fields: Option<IntervalFields>,
        /// Digits of the seconds' fraction.
        precision: Option<u32>,
    },
    /// An array of any number of dimensions.
    Array(Box<Type>),
    /// An enum, a domain, a composite type, a type of an extension.
    Named {
        /// Its name.
        name: QualifiedName,
        /// Modifiers in lower case: `1536` of `vector(1536)`.
        modifiers: Vec<String>,
    },
}

impl Type {
    /// `boolean`
    pub const BOOLEAN: Type = Type::BuiltIn(BuiltIn::Boolean);
    /// `smallint`
    pub const SMALLINT: Type = Type::BuiltIn(BuiltIn::SmallInt);
    /// `integer`
    pub const INTEGER: Type = Type::BuiltIn(BuiltIn::Integer);
    /// `bigint`
    pub const BIGINT: Type = Type::BuiltIn(BuiltIn::BigInt);
    /// `real`
    pub const REAL: Type = Type::BuiltIn(BuiltIn::Real);
    /// `double precision`
    pub const DOUBLE_PRECISION: Type = Type::BuiltIn(BuiltIn::DoublePrecision);
    /// `numeric` without a limit
    pub const NUMERIC: Type = Type::Numeric(None);
    /// `text`
    pub const TEXT: Type = Type::BuiltIn(BuiltIn::Text);
    /// `varchar` without a limit
    pub const VARCHAR: Type = Type::CharacterVarying(None);
    /// `uuid`
    pub const UUID: Type = Type::BuiltIn(BuiltIn::Uuid);
    /// `bytea`
    pub const BYTEA: Type = Type::BuiltIn(BuiltIn::Bytea);
    /// `json`
    pub const JSON: Type = Type::BuiltIn(BuiltIn::Json);
    /// `jsonb`
    pub const JSONB: Type = Type::BuiltIn(BuiltIn::Jsonb);
    /// `date`
    pub const DATE: Type = Type::BuiltIn(BuiltIn::Date);
    /// `timestamp`
    pub const TIMESTAMP: Type = Type::Timestamp { precision: None, with_time_zone: false };
    /// `timestamptz`
    pub const TIMESTAMPTZ: Type = Type::Timestamp { precision: None, with_time_zone: true };
    /// `time`
    pub const TIME: Type = Type::Time { precision: None, with_time_zone: false };
    /// `interval`
    pub const INTERVAL: Type = Type::Interval { fields: None, precision: None };

    /// A type of the user or of an extension, without modifiers.
    pub fn named(name: QualifiedName) -> Type {
        Type::Named { name, modifiers: Vec::new() }
    }

    /// Whether it stands for the type that each call has: `anyelement`.
    pub fn is_polymorphic(&self) -> bool {
        use BuiltIn::{
            AnyArray, AnyCompatible, AnyCompatibleArray, AnyCompatibleMultirange, AnyCompatibleNonArray,
            AnyCompatibleRange, AnyElement, AnyEnum, AnyMultirange, AnyNonArray, AnyRange,
        };
        matches!(
            self,
            Type::BuiltIn(
                AnyArray
                    | AnyCompatible
                    | AnyCompatibleArray
                    | AnyCompatibleMultirange
                    | AnyCompatibleNonArray
                    | AnyCompatibleRange
                    | AnyElement
                    | AnyEnum
                    | AnyMultirange
                    | AnyNonArray
                    | AnyRange
            )
        )
    }

    /// The array of this type; an array of arrays is the same array.
    pub fn array(self) -> Type {
        match self {
            Type::Array(_) => self,
            element => Type::Array(Box::new(element)),
        }
    }

    /// The type of the elements, of an array.
    pub fn element(&self) -> Option<&Type> {
        match self {
            Type::Array(element) => Some(element),
            _ => None,
        }
    }

    /// The name, where it is not a built-in type (nor an array).
    pub fn as_named(&self) -> Option<&QualifiedName> {
        match self {
            Type::Named { name, .. } => Some(name),
            _ => None,
        }
    }

    /// The name of the type or of its elements, where it is not a built-in one: what the type depends on.
    pub fn depends_on(&self) -> Option<&QualifiedName> {
        self.element().unwrap_or(self).as_named()
    }

    /// Puts another name in place of a named type, in arrays as well. Says whether it did.
    pub fn rename(&mut self, from: &QualifiedName, to: &QualifiedName) -> bool {
        match self {
            Type::Array(element) => element.rename(from, to),
            Type::Named { name, .. } if name == from => {
                *name = to.clone();
                true
            }
            _ => false,
        }
    }

    /// The same type without its modifier: `varchar` of `varchar(20)`.
    pub fn without_modifier(&self) -> Type {
        match self {
            Type::BuiltIn(_) => self.clone(),
            Type::Numeric(_) => Type::Numeric(None),
            Type::CharacterVarying(_) => Type::CharacterVarying(None),
            Type::Character(_) => Type::Character(None),
            Type::Bit(_) => Type::Bit(None),
            Type::BitVarying(_) => Type::BitVarying(None),
            Type::Time { with_time_zone, .. } => Type::Time { precision: None, with_time_zone: *with_time_zone },
            Type::Timestamp { with_time_zone, .. } => {
                Type::Timestamp { precision: None, with_time_zone: *with_time_zone }
            }
            Type::Interval { .. } => Type::INTERVAL,
            Type::Array(element) => element.without_modifier().array(),
            Type::Named { name, .. } => Type::named(name.clone()),
        }
    }

    /// The SQL text, as `format_type` prints it; names are always qualified.
    pub fn sql(&self) -> String {
        let mut text = String::new();
        self.write_sql(&mut text);
        text
    }

    pub(crate) fn write_sql(&self, text: &mut String) {
        self.write(text, Spelling::Sql);
    }

    fn write(&self, text: &mut String, spelling: Spelling) {
        let short = spelling == Spelling::Short;
        match self {
            Type::BuiltIn(built_in) => text.push_str(built_in.sql()),
            Type::Numeric(size) => {
                text.push_str("numeric");
                if let Some(NumericSize { precision, scale }) = size {
                    let comma = if short { ", " } else { "," };
                    text.push_str(&format!("({precision}{comma}{scale})"));
                }
            }
            Type::CharacterVarying(length) => {
                text.push_str(if short { "varchar" } else { "character varying" });
                push_modifier(text, *length);
            }
            Type::Character(None) => text.push_str("bpchar"),
            Type::Character(length) => {
                text.push_str(if short { "char" } else { "character" });
                push_modifier(text, *length);
            }
            Type::Bit(None) => text.push_str("\"bit\""),
            Type::Bit(length) => {
                text.push_str("bit");
                push_modifier(text, *length);
            }
            Type::BitVarying(length) => {
                text.push_str(if short { "varbit" } else { "bit varying" });
                push_modifier(text, *length);
            }
            Type::Time { precision, with_time_zone } => {
                write_time(text, "time", *precision, *with_time_zone, spelling);
            }
            Type::Timestamp { precision, with_time_zone } => {
                write_time(text, "timestamp", *precision, *with_time_zone, spelling);
            }
            Type::Interval { fields, precision } => {
                text.push_str("interval");
                for word in fields.map_or(&[][..], IntervalFields::words) {
                    text.push(' ');
                    text.push_str(word);
                }
                push_modifier(text, *precision);
            }
            Type::Array(element) => {
                element.write(text, spelling);
                text.push_str("[]");
            }
            Type::Named { name, modifiers } => {
                if short {
                    text.push_str(&name.to_string());
                } else {
                    text.push_str(&quote_identifier(&name.schema));
                    text.push('.');
                    text.push_str(&quote_identifier(&name.name));
                }
                for (index, modifier) in modifiers.iter().enumerate() {
                    text.push_str(match (index, short) {
                        (0, _) => "(",
                        (_, true) => ", ",
                        (_, false) => ",",
                    });
                    push_named_modifier(text, modifier);
                }
                if !modifiers.is_empty() {
                    text.push(')');
                }
            }
        }
    }
}

/// How a type is spelled.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spelling {
    /// As `format_type` prints it, qualified.
    Sql,
    /// As people write it.
    Short,
}

fn push_modifier(text: &mut String, modifier: Option<u32>) {
    if let Some(modifier) = modifier {
        text.push_str(&format!("({modifier})"));
    }
}

fn push_named_modifier(text: &mut String, modifier: &str) {
    let is_number = modifier.strip_prefix('-').unwrap_or(modifier).bytes().all(|byte| byte.is_ascii_digit());
    let is_word = modifier.starts_with(|first: char| first.is_ascii_lowercase())
        && modifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if (is_number && !modifier.is_empty()) || is_word {
        text.push_str(modifier);
    } else {
        text.push_str(&quote_literal(modifier));
    }
}

fn write_time(text: &mut String, name: &str, precision: Option<u32>, with_time_zone: bool, spelling: Spelling) {
    text.push_str(name);
    match (spelling, with_time_zone) {
        (Spelling::Short, true) => {
            text.push_str("tz");
            push_modifier(text, precision);
        }
        (Spelling::Short, false) => push_modifier(text, precision),
        (Spelling::Sql, _) => {
            push_modifier(text, precision);
            text.push_str(if with_time_zone { " with time zone" } else { " without time zone" });
        }
    }
}

impl fmt::Display for Type {
    /// As people write it, for messages: `timestamptz`, `varchar(20)`, `booking_status`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write(&mut text, Spelling::Short);
        formatter.write_str(&text)
    }
}

impl std::str::FromStr for Type {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Type, SyntaxError> {
        let tokens = lex(text)?;
        let mut cursor = Cursor::new(&tokens);
        let type_ = Type::parse(&mut cursor)?;
        if cursor.is_at_end() { Ok(type_) } else { Err(cursor.expected("the end of the type")) }
    }
}

impl From<Type> for String {
    fn from(type_: Type) -> String {
        type_.sql()
    }
}

impl TryFrom<String> for Type {
    type Error = String;

    fn try_from(text: String) -> Result<Type, String> {
        text.parse().map_err(|error: SyntaxError| format!("`{text}` is not a type: {}", error.message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Type {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error:?}"))
    }

    #[test]
    fn sql_text_reads_back_as_the_same_type() {
        let all = BuiltIn::ALL.iter().map(|built_in| Type::BuiltIn(*built_in)).chain(
            [
                "numeric(10,2)",
                "varchar",
                "varchar(3)",
                "char(3)",
                "bpchar",
                "bit(3)",
                "\"bit\"",
                "varbit",
                "timestamp(3)",
                "timestamptz",
                "timetz(0)",
                "time",
                "interval day to second(3)",
                "interval(2)",
                "interval year",
                "text[]",
                "app.\"Mood\"[]",
                "vector(1536)",
                "geometry(Point, 4326)",
            ]
            .map(parsed),
        );
        for type_ in all {
            assert_eq!(parsed(&type_.sql()), type_);
            assert_eq!(parsed(&type_.clone().array().sql()), type_.clone().array());
            assert_eq!(serde_json::from_str::<Type>(&crate::json::to_json(&type_)).unwrap(), type_);
        }
    }

    #[test]
    fn sql_is_spelled_as_the_server_does_and_messages_as_people_do() {
        for (written, sql, short) in [
            ("varchar(20)", "character varying(20)", "varchar(20)"),
            ("timestamptz(3)", "timestamp(3) with time zone", "timestamptz(3)"),
            ("time", "time without time zone", "time"),
            ("decimal(12,2)[]", "numeric(12,2)[]", "numeric(12, 2)[]"),
            ("mood", "public.mood", "mood"),
            ("app.mood[]", "app.mood[]", "app.mood[]"),
            ("\"char\"", "\"char\"", "\"char\""),
        ] {
            let type_ = parsed(written);
            assert_eq!((type_.sql().as_str(), type_.to_string().as_str()), (sql, short));
        }
    }

    #[test]
    fn a_renamed_type_is_renamed_in_arrays_too() {
        let mut type_ = parsed("mood[]");
        assert!(type_.rename(&QualifiedName::new("mood"), &QualifiedName::new("feeling")));
        assert_eq!(type_, parsed("feeling[]"));
    }
}
