//! What people write out of habit, from SQL, Rust and other databases, and what to write instead.

mod column;

pub(crate) use column::is_type_without_colon;

use migrate_core::token::{Bracket, Cursor, Token};

use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Parsed, Parser};

/// Types of Rust, its crates and other databases, in lower case, with those that PostgreSQL has for them.
const TYPES: &[(&str, &str)] = &[
    ("string", "text"),
    ("str", "text"),
    ("nvarchar", "varchar"),
    ("nvarchar2", "varchar"),
    ("varchar2", "varchar"),
    ("clob", "text"),
    ("ntext", "text"),
    ("tinytext", "text"),
    ("mediumtext", "text"),
    ("longtext", "text"),
    ("i8", "smallint"),
    ("u8", "smallint"),
    ("i16", "smallint"),
    ("tinyint", "smallint"),
    ("u16", "int"),
    ("i32", "int"),
    ("mediumint", "int"),
    ("year", "int"),
    ("u32", "bigint"),
    ("i64", "bigint"),
    ("isize", "bigint"),
    ("usize", "bigint"),
    ("long", "bigint"),
    ("u64", "numeric(20)"),
    ("i128", "numeric(39)"),
    ("u128", "numeric(39)"),
    ("number", "numeric"),
    ("bigdecimal", "numeric"),
    ("f32", "real"),
    ("f64", "double precision"),
    ("double", "double precision"),
    ("datetime", "timestamptz"),
    ("datetime2", "timestamptz"),
    ("datetimeoffset", "timestamptz"),
    ("offsetdatetime", "timestamptz"),
    ("naivedatetime", "timestamp"),
    ("primitivedatetime", "timestamp"),
    ("naivedate", "date"),
    ("naivetime", "time"),
    ("blob", "bytea"),
    ("tinyblob", "bytea"),
    ("mediumblob", "bytea"),
    ("longblob", "bytea"),
    ("binary", "bytea"),
    ("varbinary", "bytea"),
    ("bytes", "bytea"),
    ("guid", "uuid"),
    ("uniqueidentifier", "uuid"),
    ("ipaddr", "inet"),
    ("ipnetwork", "inet"),
    ("hashmap", "jsonb"),
];

/// The type of PostgreSQL for one that is written out of habit.
pub(crate) fn data_type(written: &str) -> Option<&'static str> {
    let lower = written.to_ascii_lowercase();
    TYPES.iter().find(|(name, _)| *name == lower).map(|(_, instead)| *instead)
}

fn is_built_in(data_type: &str) -> bool {
    crate::extensions::BUILT_IN_TYPES.contains(&data_type.to_ascii_lowercase().as_str())
}

/// A column that every table has (<https://www.postgresql.org/docs/18/ddl-system-columns.html>).
pub(crate) fn is_system_column(name: &str) -> bool {
    matches!(name, "ctid" | "tableoid" | "xmin" | "xmax" | "cmin" | "cmax")
}

/// What is wrong where a type should be, as in `Option<String>`; `None` where it may be one.
pub(crate) fn instead_of_type(cursor: &Cursor<'_>) -> Option<Diagnostic> {
    let Token::Word(word) = cursor.peek() else { return None };
    let mistake = |message: String, help: String| Some(Diagnostic::new(code::SYNTAX, message, cursor.at()).help(help));
    let is_generic = matches!(cursor.look_ahead(1), Token::Symbol { symbol: '<', .. });
    if is_generic {
        let Token::Word(inner) = cursor.look_ahead(2) else {
            return mistake(format!("unexpected `{word}<...>`"), "write a PostgreSQL type".into());
        };
        let inner = data_type(inner).unwrap_or(inner);
        return match word.as_str() {
            "Option" => mistake("unexpected `Option<...>`".into(), format!("write `{inner}?` for a nullable column")),
            "Vec" if inner == "smallint" => {
                mistake("unexpected `Vec<...>`".into(), "write `bytea` for bytes, `smallint[]` for an array".into())
            }
            "Vec" => mistake("unexpected `Vec<...>`".into(), format!("write `{inner}[]` for an array")),
            _ => {
                let help = match data_type(word) {
                    Some(instead) => format!("write `{instead}`"),
                    None => format!("write the type without `<...>`, for example `{inner}`"),
                };
                mistake(format!("unexpected `{word}<...>`"), help)
            }
        };
    }
    if word.eq_ignore_ascii_case("enum") && *cursor.look_ahead(1) == Token::Open(Bracket::Round) {
        return mistake(
            "unexpected `enum(...)`".into(),
            "write `create enum name { value, ... }` first, and its name here".into(),
        );
    }
    if word.eq_ignore_ascii_case("double")
        && !matches!(cursor.look_ahead(1), Token::Word(next) if next.eq_ignore_ascii_case("precision"))
    {
        return mistake("cannot find type `double`".into(), "write `double precision`".into());
    }
    None
}

/// What is wrong where an option of a column should be.
pub(crate) fn instead_of_option(cursor: &Cursor<'_>, name: &str) -> Option<Diagnostic> {
    let help = format!("write `{name}: type generated always as (...) stored`");
    cursor.is_word("as").then(|| Diagnostic::new(code::SYNTAX, "unexpected `as`", cursor.at()).help(help))
}

/// What is wrong where an entry of a table should be.
pub(crate) fn instead_of_entry(cursor: &Cursor<'_>) -> Option<Diagnostic> {
    let Token::Word(word) = cursor.peek() else { return None };
    if matches!(cursor.look_ahead(1), Token::Symbol { symbol: ':', .. }) {
        return None;
    }
    let is_column = matches!(cursor.look_ahead(1), Token::Word(next) if is_built_in(next));
    let help = match word.to_ascii_lowercase().as_str() {
        "index" | "key" if is_column => return None,
        "exclude" => {
            "write it as raw SQL: `sql \"alter table ... add constraint ... exclude using ...\" down { sql \"...\"; }`"
        }
        "index" | "key" | "fulltext" => "write `create index on ... (...);` after the table",
        "like" => "write the columns: each table has its own",
        _ => return None,
    };
    Some(Diagnostic::new(code::SYNTAX, format!("unexpected `{word}`"), cursor.at()).help(help))
}

/// What is wrong where an action of `alter table` should be.
pub(crate) fn instead_of_action(cursor: &Cursor<'_>) -> Option<Diagnostic> {
    let Token::Word(word) = cursor.peek() else { return None };
    let help = match word.to_ascii_lowercase().as_str() {
        "modify" | "change" => "write `alter column_name: type`, or `rename old to new`",
        "enable" | "disable" | "owner" | "set" | "cluster" | "attach" | "detach" | "validate" | "replica" => {
            "write it as raw SQL: `sql \"alter table ...\" down { sql \"...\"; }`"
        }
        _ if matches!(cursor.look_ahead(1), Token::Symbol { symbol: ':', .. }) => {
            let mistake: Diagnostic = cursor.expected("`add`, `drop`, `alter` or `rename`").into();
            return Some(mistake.help(format!("for a new column, write `add {word}: type`")));
        }
        _ => return None,
    };
    Some(Diagnostic::new(code::SYNTAX, format!("unexpected `{word}`"), cursor.at()).help(help))
}

/// A name as it is written here: in quotes, where it is not an identifier.
pub(crate) fn written_name(name: &str) -> String {
    let starts_well = name.starts_with(|first: char| first == '_' || first.is_ascii_alphabetic());
    let is_identifier = starts_well && name.chars().all(|one| one == '_' || one.is_ascii_alphanumeric());
    if is_identifier { name.to_owned() } else { format!("{name:?}") }
}

impl Parser<'_> {
    /// Passes over `if exists` and `if not exists`, with a mistake.
    pub(crate) fn no_existence_check(&mut self) {
        for words in [&["if", "not", "exists"][..], &["if", "exists"]] {
            self.takes_habit(words, "remove it: the compiler knows what exists at this point of the history");
        }
    }

    /// Passes over `cascade` and `restrict` behind what is dropped, with a mistake.
    pub(crate) fn no_drop_behavior(&mut self, what: &str) {
        let help = format!("remove it, and drop what uses {what} first: the compiler lists it");
        self.takes_habit(&["cascade"], &help);
        self.takes_habit(&["restrict"], "remove it: nothing that is still used is dropped");
    }

    /// Passes over `column` before the name of one, with a mistake; gives whether it was there.
    pub(crate) fn no_column_word(&mut self, help: &str) -> bool {
        let names_column = matches!(self.cursor.look_ahead(1), Token::Word(_) | Token::Text(_));
        let is_there = names_column && self.takes_habit(&["column"], help);
        if is_there {
            self.no_existence_check();
        }
        is_there
    }

    /// A mistake where a length is written in square brackets: PostgreSQL reads `varchar[255]` as an array.
    pub(crate) fn no_length_in_brackets(&self, start: u32, written: &str) -> Parsed<()> {
        let mut cursor = self.cursor.clone();
        cursor.go_to(start);
        while cursor.index() < self.cursor.index() {
            if cursor.is_open(Bracket::Square)
                && let Token::Number(length) = cursor.look_ahead(1)
            {
                let base = written.trim_end_matches("[]");
                return Err(Diagnostic::new(code::SYNTAX, format!("unexpected length `{length}` of an array"), {
                    let mut at = cursor.at();
                    at.end += 2;
                    at
                })
                .help(format!("write `{base}({length})` for a length, or `{base}[]` for an array")));
            }
            cursor.next();
        }
        Ok(())
    }
}
