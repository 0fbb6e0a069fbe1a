//! Literals, read as PostgreSQL's input functions read them (manual, chapter 8), and printed as its output functions print
//! them.
//!
//! The settings are those under which a catalog is read: dates in ISO style, the month before the day where only
//! numbers say it, UTC, intervals in the style `postgres`, bytes in hexadecimal digits, floats with all digits.

mod array;
mod extension;
mod full_text;
mod geometric;
mod hardware;
mod internal;
mod json;
mod json_path;
mod moment;
mod network;
mod number;
mod plain;
mod range;
mod record;
mod xml;

pub use array::array_elements;
pub use plain::truth_value;
pub use range::{is_range_backwards, multirange_of, range_ends, range_over};
pub use record::record_fields;

use crate::types::{BuiltIn, Type};

/// What a text is for a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// A value, as the server prints it.
    Value(String),
    /// None.
    Invalid(Invalid),
    /// A value that depends on when it is read: `now`, `today`.
    Relative,
    /// Only the server knows: the names of time zones, what is read in other ways by other versions, types of
    /// extensions.
    Undecided,
}

/// Why a text is not a value of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The headline.
    pub message: String,
    /// What to write instead, where it is known.
    pub help: Option<String>,
}

/// What a reader answers: what the server prints, or why there is nothing.
type Outcome = Result<String, Failure>;

/// Why a reader gives no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    /// It is not written as the type is.
    Syntax,
    /// It is beyond what the type holds.
    Range,
    /// A date that is not in the calendar.
    NoSuchDay,
    /// A number has more digits before the point than the type holds.
    TooManyDigits,
    /// A string is longer than the type.
    TooLong {
        /// Its characters.
        length: usize,
    },
    /// A bit string is not as long as the type.
    WrongLength {
        /// Its bits.
        length: usize,
    },
    /// A range ends before it begins.
    Backwards,
    /// A character that PostgreSQL holds nowhere.
    Null,
    /// See [`Reading::Relative`].
    Relative,
    /// See [`Reading::Undecided`].
    Undecided,
}

/// Reads a text that becomes a value of a type, as when it is assigned to a column: with the type's length, precision
/// and fields.
pub fn read(text: &str, data_type: &Type) -> Reading {
    match outcome(text, data_type) {
        Ok(text) => Reading::Value(text),
        Err(Failure::Relative) => Reading::Relative,
        Err(Failure::Undecided) => Reading::Undecided,
        Err(failure) => Reading::Invalid(invalid(text, data_type, failure)),
    }
}

/// How the server prints a text that became a value of a type, where that is certain.
///
/// ```
/// use migrate_core::literal::canonical;
/// use migrate_core::types::Type;
///
/// assert_eq!(canonical("2026-01-02T03:04+02", &Type::TIMESTAMPTZ).as_deref(), Some("2026-01-02 01:04:00+00"));
/// assert_eq!(canonical("2026-01-02 Europe/Rome", &Type::TIMESTAMPTZ), None);
/// ```
pub fn canonical(text: &str, data_type: &Type) -> Option<String> {
    outcome(text, data_type).ok()
}

fn outcome(text: &str, data_type: &Type) -> Outcome {
    match data_type {
        Type::BuiltIn(built_in) => of_built_in(text, *built_in),
        Type::Numeric(size) => number::numeric(text, *size),
        Type::CharacterVarying(None) | Type::Character(None) => plain::text(text),
        Type::CharacterVarying(Some(length)) => plain::limited(text, *length, false),
        Type::Character(Some(length)) => plain::limited(text, *length, true),
        Type::Bit(length) => plain::bits(text, *length, None),
        Type::BitVarying(length) => plain::bits(text, None, *length),
        Type::Time { precision, with_time_zone } => moment::time(text, *precision, *with_time_zone),
        Type::Timestamp { precision, with_time_zone } => moment::timestamp(text, *precision, *with_time_zone),
        Type::Interval { fields, precision } => moment::interval(text, *fields, *precision),
        Type::Array(element) => {
            let separator = if **element == Type::BuiltIn(BuiltIn::Box) { ';' } else { ',' };
            array::array(text, separator, |text| outcome(text, element))
        }
        Type::Named { name, .. } if is_text_of_extension(&name.name) => plain::text(text),
        Type::Named { name, .. } => match name.name.as_str() {
            "hstore" => extension::pairs(text),
            "ltree" => extension::labels(text),
            "lquery" => extension::labels_pattern(text),
            "ltxtquery" => extension::labels_query(text),
            "isbn" | "isbn13" | "issn" | "issn13" | "ismn" | "ismn13" | "ean13" | "upc" => {
                extension::article_number(text)
            }
            "cube" => extension::cube(text),
            "seg" => extension::segment(text),
            "query_int" => extension::numbers_query(text),
            _ => Err(Failure::Undecided),
        },
    }
}

/// Types of extensions that take any text.
fn is_text_of_extension(name: &str) -> bool {
    name == "citext"
}

fn of_built_in(text: &str, built_in: BuiltIn) -> Outcome {
    match built_in {
        BuiltIn::Boolean => plain::boolean(text),
        BuiltIn::SmallInt => number::integer(text, i16::MIN.into(), i16::MAX.into()),
        BuiltIn::Integer => number::integer(text, i32::MIN.into(), i32::MAX.into()),
        BuiltIn::BigInt => number::integer(text, i64::MIN, i64::MAX),
        BuiltIn::Oid => number::object_identifier(text),
        BuiltIn::Real => number::float(text, true),
        BuiltIn::DoublePrecision => number::float(text, false),
        BuiltIn::Text | BuiltIn::RefCursor => plain::text(text),
        BuiltIn::Name => plain::name(text),
        BuiltIn::InternalChar => plain::internal_char(text),
        BuiltIn::Bytea => plain::bytes(text),
        BuiltIn::Uuid => plain::uuid(text),
        BuiltIn::Date => moment::date(text),
        BuiltIn::Json => json::json(text),
        BuiltIn::Jsonb => json::jsonb(text),
        BuiltIn::Inet => network::address(text, false),
        BuiltIn::Cidr => network::address(text, true),
        BuiltIn::MacAddress => hardware::short(text),
        BuiltIn::MacAddress8 => hardware::long(text),
        BuiltIn::TsVector => full_text::vector(text),
        BuiltIn::TsQuery => full_text::query(text),
        BuiltIn::Point => geometric::point(text),
        BuiltIn::LineSegment => geometric::segment(text),
        BuiltIn::Box => geometric::corners(text),
        BuiltIn::Path => geometric::path(text, false),
        BuiltIn::Polygon => geometric::path(text, true),
        BuiltIn::Circle => geometric::circle(text),
        BuiltIn::Line => geometric::line(text),
        BuiltIn::JsonPath => json_path::path(text),
        BuiltIn::Xml => xml::content(text),
        BuiltIn::Money => number::money(text),
        BuiltIn::PgLsn => number::log_position(text),
        BuiltIn::Tid => internal::row_place(text),
        BuiltIn::Xid | BuiltIn::Cid => internal::transaction(text, false),
        BuiltIn::Xid8 => internal::transaction(text, true),
        BuiltIn::PgSnapshot | BuiltIn::TxidSnapshot => internal::snapshot(text),
        BuiltIn::Int2Vector => internal::vector(text, false),
        BuiltIn::OidVector => internal::vector(text, true),
        // Made by indexes alone.
        BuiltIn::GtsVector => Err(Failure::Syntax),
        BuiltIn::Int4Range
        | BuiltIn::Int8Range
        | BuiltIn::NumRange
        | BuiltIn::DateRange
        | BuiltIn::TsRange
        | BuiltIn::TstzRange => range::range(text, &range::bounds_of(built_in).ok_or(Failure::Undecided)?),
        BuiltIn::Int4Multirange
        | BuiltIn::Int8Multirange
        | BuiltIn::NumMultirange
        | BuiltIn::DateMultirange
        | BuiltIn::TsMultirange
        | BuiltIn::TstzMultirange => range::multirange(text, &range::bounds_of(built_in).ok_or(Failure::Undecided)?),
        _ => Err(Failure::Undecided),
    }
}

fn invalid(text: &str, data_type: &Type, failure: Failure) -> Invalid {
    let shown = shown(text);
    let (message, help) = match failure {
        Failure::Range => (format!("`{shown}` is out of range for `{data_type}`"), None),
        Failure::TooManyDigits => (format!("`{shown}` has too many digits for `{data_type}`"), None),
        Failure::TooLong { length } => {
            (format!("`{shown}` is too long for `{data_type}`: it has {length} characters"), None)
        }
        Failure::WrongLength { length } => {
            (format!("`{shown}` has {length} bits, which do not fit `{data_type}`"), None)
        }
        Failure::Backwards => (format!("the lower bound of `{shown}` is above its upper bound"), None),
        Failure::Null => ("a text cannot contain the character `\\0`".into(), None),
        _ => (format!("`{shown}` is not a valid `{data_type}`"), help(data_type)),
    };
    Invalid { message, help }
}

/// How a value of the type is written, where it is not obvious.
fn help(data_type: &Type) -> Option<String> {
    match data_type {
        Type::BuiltIn(BuiltIn::Boolean) => Some("write `true` or `false`".into()),
        _ => None,
    }
}

/// A text in a message: on one line, not too long.
fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut shown = String::new();
    for character in text.chars().take(LONGEST) {
        if character.is_control() {
            shown.extend(character.escape_debug());
        } else {
            shown.push(character);
        }
    }
    if text.chars().nth(LONGEST).is_some() {
        shown.push_str("...");
    }
    shown
}

#[cfg(test)]
mod tests;
