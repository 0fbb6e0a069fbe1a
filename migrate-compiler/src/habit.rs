//! What people write out of habit, from SQL, Rust and other databases, and what to write instead.

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
            return mistake(format!("unexpected `{word}<...>`"), "write a type of PostgreSQL".into());
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

/// What is wrong where an option of a column should be; `written` is the column as far as it was read.
pub(crate) fn instead_of_option(cursor: &Cursor<'_>, name: &str, data_type: &str) -> Option<Diagnostic> {
    let Token::Word(word) = cursor.peek() else { return None };
    let (message, help) = match word.to_ascii_lowercase().as_str() {
        "auto_increment" | "autoincrement" | "identity" => {
            (format!("unexpected `{word}`"), format!("write `{name}: {data_type} generated always as identity`"))
        }
        "unsigned" => (
            "unexpected `unsigned`".into(),
            format!("PostgreSQL has no unsigned types: write `{name}: {data_type} check ({name} >= 0)`"),
        ),
        "zerofill" => ("unexpected `zerofill`".into(), "remove it".into()),
        "comment" => {
            ("unexpected `comment`".into(), format!("write the comment as `/// ...` on the line before `{name}`"))
        }
        "index" | "key" => {
            (format!("unexpected `{word}`"), format!("write `create index on ... ({name});` after the table"))
        }
        "primary_key" => ("unexpected `primary_key`".into(), "write `primary key`".into()),
        "not_null" => {
            ("unexpected `not_null`".into(), "remove it: a column is NOT NULL unless its type ends in `?`".into())
        }
        "foreign" => ("unexpected `foreign`".into(), format!("write `{name}: {data_type} references ...`")),
        "as" => ("unexpected `as`".into(), format!("write `{name}: {data_type} generated always as (...) stored`")),
        "character" | "charset" => (format!("unexpected `{word}`"), "remove it: a database has one encoding".into()),
        _ => return None,
    };
    Some(Diagnostic::new(code::SYNTAX, message, cursor.at()).help(help))
}

/// What is wrong where an entry of a table should be.
pub(crate) fn instead_of_entry(cursor: &Cursor<'_>) -> Option<Diagnostic> {
    let Token::Word(word) = cursor.peek() else { return None };
    if matches!(cursor.look_ahead(1), Token::Symbol { symbol: ':', .. }) {
        return None;
    }
    let help = match word.to_ascii_lowercase().as_str() {
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
            return Some(mistake.help(format!("for a new column write `add {word}: type`")));
        }
        _ => return None,
    };
    Some(Diagnostic::new(code::SYNTAX, format!("unexpected `{word}`"), cursor.at()).help(help))
}

impl Parser<'_> {
    /// Passes over `if exists` and `if not exists`, with a mistake.
    pub(crate) fn no_existence_check(&mut self) {
        for words in [&["if", "not", "exists"][..], &["if", "exists"]] {
            let start = self.cursor.index();
            if self.cursor.take_words(words) {
                self.mistakes.push(
                    Diagnostic::new(
                        code::SYNTAX,
                        format!("unexpected `{}`", words.join(" ")),
                        self.cursor.since(start),
                    )
                    .help("remove it: the compiler knows what exists at this point of the history"),
                );
            }
        }
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
