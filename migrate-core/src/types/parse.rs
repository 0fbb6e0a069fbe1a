//! Reading types.

use super::{BuiltIn, IntervalFields, NumericSize, Type};
use crate::name::QualifiedName;
use crate::sql::keywords::{self, KeywordCategory};
use crate::token::{At, Bracket, Cursor, SyntaxError, Token};

/// The type of the column that `serial` and its kin make; `None` when the word is none of them.
pub fn serial_base(word: &str) -> Option<&'static str> {
    match word.to_ascii_lowercase().as_str() {
        "serial" | "serial4" => Some("integer"),
        "bigserial" | "serial8" => Some("bigint"),
        "smallserial" | "serial2" => Some("smallint"),
        _ => None,
    }
}

impl Type {
    /// Reads a type and stops after it.
    ///
    /// # Errors
    /// A [`SyntaxError`] where no type stands, for `serial` (which is not a type), and for a modifier that is not valid.
    pub fn parse(cursor: &mut Cursor<'_>) -> Result<Type, SyntaxError> {
        let mut type_ = base(cursor)?;
        if cursor.take_word("array") {
            type_ = type_.array();
            if cursor.is_open(Bracket::Square) {
                dimension(cursor)?;
            }
        }
        while cursor.is_open(Bracket::Square) {
            dimension(cursor)?;
            type_ = type_.array();
        }
        Ok(type_)
    }
}

/// `[]` or `[3]`; the number means nothing to PostgreSQL.
fn dimension(cursor: &mut Cursor<'_>) -> Result<(), SyntaxError> {
    cursor.next();
    if matches!(cursor.peek(), Token::Number(_)) {
        cursor.next();
    }
    if cursor.take_close(Bracket::Square) { Ok(()) } else { Err(cursor.expected("`]`")) }
}

fn base(cursor: &mut Cursor<'_>) -> Result<Type, SyntaxError> {
    let start = cursor.index();
    let (name, is_quoted) = match cursor.peek() {
        Token::Word(word) => (word.as_str(), false),
        Token::QuotedWord(word) | Token::Text(word) => (word.as_str(), true),
        _ => return Err(cursor.expected("a type")),
    };
    let is_qualified = matches!(cursor.look_ahead(1), Token::Symbol { symbol: '.', .. });
    if !is_quoted && !is_qualified {
        let lower = name.to_ascii_lowercase();
        if let Some(base) = serial_base(&lower) {
            return Err(SyntaxError {
                message: format!("`{lower}` is not supported here"),
                help: Some(format!("write `{base} generated always as identity`")),
                at: cursor.at(),
            });
        }
        if let Some(built_in) = BuiltIn::from_word(&lower) {
            cursor.next();
            return Ok(Type::BuiltIn(built_in));
        }
        if let Some(type_) = with_modifier(cursor, &lower)? {
            return Ok(type_);
        }
        if keywords::category(&lower) == Some(KeywordCategory::Reserved) {
            return Err(cursor.expected("a type"));
        }
    }
    cursor.next();
    if !is_qualified {
        if is_quoted && let Some(type_) = from_internal_name(cursor, name)? {
            return Ok(type_);
        }
        return Ok(Type::Named { name: QualifiedName::new(name), modifiers: modifiers(cursor)? });
    }
    cursor.next();
    let schema = name;
    let name = match cursor.next() {
        Token::Word(word) | Token::QuotedWord(word) | Token::Text(word) => word.as_str(),
        _ => {
            cursor.go_to(cursor.index().saturating_sub(1).max(start + 2));
            return Err(cursor.expected("the name of a type"));
        }
    };
    if schema == "pg_catalog"
        && let Some(type_) = from_internal_name(cursor, name)?
    {
        return Ok(type_);
    }
    Ok(Type::Named { name: QualifiedName::in_schema(schema, name), modifiers: modifiers(cursor)? })
}

/// The types of several words and those that take modifiers. The position is at the first word.
fn with_modifier(cursor: &mut Cursor<'_>, word: &str) -> Result<Option<Type>, SyntaxError> {
    let start = cursor.index();
    cursor.next();
    let type_ = match word {
        "double" => {
            if !cursor.take_word("precision") {
                return Err(SyntaxError {
                    message: "cannot find type `double`".into(),
                    help: Some("write `double precision`".into()),
                    at: At { start, end: start + 1 },
                });
            }
            Type::DOUBLE_PRECISION
        }
        "numeric" | "decimal" | "dec" => Type::Numeric(numeric_size(cursor)?),
        "float" => float(cursor)?,
        "varchar" => Type::CharacterVarying(characters(cursor, "varchar")?),
        "bpchar" => Type::Character(characters(cursor, "char")?),
        "character" | "char" | "nchar" => character(cursor)?,
        "national" if cursor.take_word("character") || cursor.take_word("char") => character(cursor)?,
        "bit" if cursor.take_word("varying") => Type::BitVarying(bits(cursor, "bit varying")?),
        "bit" => Type::Bit(Some(bits(cursor, "bit")?.unwrap_or(1))),
        "varbit" => Type::BitVarying(bits(cursor, "bit varying")?),
        "timestamptz" => Type::Timestamp { precision: precision(cursor)?, with_time_zone: true },
        "timetz" => Type::Time { precision: precision(cursor)?, with_time_zone: true },
        "timestamp" => {
            let precision = precision(cursor)?;
            Type::Timestamp { precision, with_time_zone: with_time_zone(cursor) }
        }
        "time" => {
            let precision = precision(cursor)?;
            Type::Time { precision, with_time_zone: with_time_zone(cursor) }
        }
        "interval" => interval(cursor)?,
        _ => {
            cursor.go_to(start);
            return Ok(None);
        }
    };
    Ok(Some(type_))
}

/// The built-in type of a name in `pg_type`, as it is written in quotes or behind `pg_catalog.`.
fn from_internal_name(cursor: &mut Cursor<'_>, name: &str) -> Result<Option<Type>, SyntaxError> {
    if let Some(built_in) = BuiltIn::from_internal_name(name) {
        return Ok(Some(Type::BuiltIn(built_in)));
    }
    Ok(Some(match name {
        "numeric" => Type::Numeric(numeric_size(cursor)?),
        "varchar" => Type::CharacterVarying(characters(cursor, "varchar")?),
        "bpchar" => Type::Character(characters(cursor, "char")?),
        "bit" => Type::Bit(bits(cursor, "bit")?),
        "varbit" => Type::BitVarying(bits(cursor, "bit varying")?),
        "timestamptz" => Type::Timestamp { precision: precision(cursor)?, with_time_zone: true },
        "timestamp" => Type::Timestamp { precision: precision(cursor)?, with_time_zone: false },
        "timetz" => Type::Time { precision: precision(cursor)?, with_time_zone: true },
        "time" => Type::Time { precision: precision(cursor)?, with_time_zone: false },
        "interval" => Type::Interval { fields: None, precision: precision(cursor)? },
        _ => match name.strip_prefix('_') {
            Some(element) => match from_internal_name(cursor, element)? {
                Some(element) => element.array(),
                None => return Ok(None),
            },
            None => return Ok(None),
        },
    }))
}

fn character(cursor: &mut Cursor<'_>) -> Result<Type, SyntaxError> {
    if cursor.take_word("varying") {
        return Ok(Type::CharacterVarying(characters(cursor, "varchar")?));
    }
    Ok(Type::Character(Some(characters(cursor, "char")?.unwrap_or(1))))
}

fn float(cursor: &mut Cursor<'_>) -> Result<Type, SyntaxError> {
    let at = cursor.look_ahead(1).clone();
    let place = At { start: cursor.index() + 1, end: cursor.index() + 2 };
    match length(cursor)? {
        Some(1..=24) => Ok(Type::REAL),
        None | Some(25..=53) => Ok(Type::DOUBLE_PRECISION),
        Some(_) => Err(SyntaxError {
            message: format!("the precision of `float` must be between 1 and 53, found {}", at.describe()),
            help: None,
            at: place,
        }),
    }
}

/// `with time zone` or `without time zone`, if it follows.
fn with_time_zone(cursor: &mut Cursor<'_>) -> bool {
    if cursor.take_words(&["with", "time", "zone"]) {
        return true;
    }
    cursor.take_words(&["without", "time", "zone"]);
    false
}

fn interval(cursor: &mut Cursor<'_>) -> Result<Type, SyntaxError> {
    for (words, fields) in IntervalFields::ALL {
        if cursor.take_words(words) {
            let precision = if fields.has_seconds() { precision(cursor)? } else { None };
            return Ok(Type::Interval { fields: Some(*fields), precision });
        }
    }
    Ok(Type::Interval { fields: None, precision: precision(cursor)? })
}

/// `(n)` of a type of this name, if it follows.
fn length_of(cursor: &mut Cursor<'_>, name: &str, most: u32) -> Result<Option<u32>, SyntaxError> {
    let at = At { start: cursor.index() + 1, end: cursor.index() + 2 };
    match length(cursor)? {
        Some(length) if length < 1 || length > most => Err(SyntaxError {
            message: format!("the length of `{name}` must be between 1 and {most}, found `{length}`"),
            help: None,
            at,
        }),
        length => Ok(length),
    }
}

fn characters(cursor: &mut Cursor<'_>, name: &str) -> Result<Option<u32>, SyntaxError> {
    length_of(cursor, name, 10_485_760)
}

fn bits(cursor: &mut Cursor<'_>, name: &str) -> Result<Option<u32>, SyntaxError> {
    length_of(cursor, name, 83_886_080)
}

/// `(n)`, if it follows.
fn length(cursor: &mut Cursor<'_>) -> Result<Option<u32>, SyntaxError> {
    if !cursor.take_open(Bracket::Round) {
        return Ok(None);
    }
    let number = whole_number(cursor, "a whole number")?;
    close(cursor)?;
    Ok(Some(number))
}

/// The digits of a second's fraction, if they follow: PostgreSQL keeps six at most, whatever is asked for.
fn precision(cursor: &mut Cursor<'_>) -> Result<Option<u32>, SyntaxError> {
    Ok(length(cursor)?.map(|precision| precision.min(6)))
}

fn whole_number<N: std::str::FromStr>(cursor: &mut Cursor<'_>, what: &str) -> Result<N, SyntaxError> {
    let Token::Number(digits) = cursor.peek() else { return Err(cursor.expected(what)) };
    let number = digits.parse().map_err(|_| cursor.expected(what))?;
    cursor.next();
    Ok(number)
}

fn close(cursor: &mut Cursor<'_>) -> Result<(), SyntaxError> {
    if cursor.take_close(Bracket::Round) { Ok(()) } else { Err(cursor.expected("`)`")) }
}

fn numeric_size(cursor: &mut Cursor<'_>) -> Result<Option<NumericSize>, SyntaxError> {
    if !cursor.take_open(Bracket::Round) {
        return Ok(None);
    }
    let at = cursor.at();
    let precision: u16 = whole_number(cursor, "the number of digits")?;
    if !(1..=1000).contains(&precision) {
        return Err(SyntaxError {
            message: format!("the precision of `numeric` must be between 1 and 1000, found `{precision}`"),
            help: None,
            at,
        });
    }
    let scale = if cursor.take_symbol(',') {
        let at = cursor.at();
        let is_negative = cursor.take_symbol('-');
        let scale: i16 = whole_number(cursor, "the number of digits after the point")?;
        if scale > 1000 {
            let message = format!("the scale of `numeric` must be between -1000 and 1000, found `{scale}`");
            return Err(SyntaxError { message, help: None, at });
        }
        if is_negative { -scale } else { scale }
    } else {
        0
    };
    close(cursor)?;
    Ok(Some(NumericSize { precision, scale }))
}

/// `(1536)`, `(Point, 4326)`, if it follows a named type.
fn modifiers(cursor: &mut Cursor<'_>) -> Result<Vec<String>, SyntaxError> {
    let mut modifiers = Vec::new();
    if !cursor.take_open(Bracket::Round) {
        return Ok(modifiers);
    }
    loop {
        let sign = if cursor.take_symbol('-') { "-" } else { "" };
        modifiers.push(match cursor.peek() {
            Token::Number(number) => format!("{sign}{number}"),
            Token::Word(word) if sign.is_empty() => word.to_ascii_lowercase(),
            Token::QuotedWord(word) | Token::Text(word) if sign.is_empty() => word.clone(),
            _ => return Err(cursor.expected("a modifier of the type")),
        });
        cursor.next();
        if !cursor.take_symbol(',') {
            break;
        }
    }
    close(cursor)?;
    Ok(modifiers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Type {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error:?}"))
    }

    #[test]
    fn all_names_of_a_type_are_one_type() {
        for names in [
            &["int", "int4", "integer", "INTEGER", "pg_catalog.int4", "\"int4\""][..],
            &["bool", "boolean"],
            &["varchar(5)", "character varying(5)", "char varying(5)", "national character varying(5)"],
            &["char", "character", "char(1)", "nchar", "pg_catalog.bpchar(1)", "bpchar(1)"],
            &["numeric(10)", "decimal(10,0)", "dec(10)"],
            &["float", "float8", "double precision", "float(53)"],
            &["real", "float4", "float(24)"],
            &["timestamptz(3)", "timestamp(3) with time zone"],
            &["timestamp", "timestamp without time zone", "pg_catalog.timestamp"],
            &["timestamp(6)", "timestamp(7)"],
            &["timetz", "time with time zone"],
            &["bit", "bit(1)"],
            &["bit varying(3)", "varbit(3)"],
            &["int[]", "int array", "integer[][]", "int4[3]", "int array[3]", "pg_catalog._int4"],
            &["mood", "public.mood", "\"mood\""],
            &["vector(3)", "public.vector(3)"],
        ] {
            for name in names {
                assert_eq!(parsed(name), parsed(names[0]), "{name}");
            }
        }
    }

    #[test]
    fn different_types_are_different() {
        for (one, other) in [
            ("varchar", "text"),
            ("char", "\"char\""),
            ("char", "bpchar"),
            ("numeric", "numeric(10)"),
            ("timestamp", "timestamp(6)"),
            ("app.mood", "mood"),
            ("interval", "interval day"),
        ] {
            assert_ne!(parsed(one), parsed(other));
        }
    }

    #[test]
    fn the_type_ends_where_a_column_option_begins() {
        let tokens = crate::sql::lex("timestamp with check").unwrap();
        let mut cursor = Cursor::new(&tokens);
        assert_eq!(Type::parse(&mut cursor).unwrap(), Type::TIMESTAMP);
        assert!(cursor.is_word("with"));
    }

    #[test]
    fn serial_says_what_to_write() {
        let error = "bigserial".parse::<Type>().unwrap_err();
        assert_eq!(error.help.as_deref(), Some("write `bigint generated always as identity`"));
        assert_eq!(serial_base("SERIAL2"), Some("smallint"));
        assert_eq!(serial_base("text"), None);
    }

    #[test]
    fn what_is_no_type_is_an_error() {
        for text in ["", "(", "not", "double", "varchar(", "varchar(a)", "numeric(0)", "float(54)", "app.", "int[a]"] {
            assert!(text.parse::<Type>().is_err(), "{text}");
        }
    }
}
