//! The statements of a file.

use std::path::{Path, PathBuf};

use migrate_runtime::core::sql::{Piece, Statements, quote_identifier, quote_literal};

use super::comment::comments;
use crate::failure::Failure;

/// A statement and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    /// Without its `;`.
    pub(crate) sql: String,
    /// The line in its file, from 1.
    pub(crate) line: usize,
    /// The lines of the comment before it.
    pub(crate) remarks: Vec<String>,
}

impl Statement {
    /// Without a comment.
    pub(crate) fn new(sql: String, line: usize) -> Self {
        Statement { sql, line, remarks: Vec::new() }
    }
}

/// What a tool runs as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Script {
    pub(crate) path: PathBuf,
    pub(crate) statements: Vec<Statement>,
    /// Whether the tool runs all of it in one transaction.
    pub(crate) in_transaction: bool,
}

impl Script {
    /// Reads what stands in a file from this line on.
    pub(crate) fn read(path: &Path, text: &str, first_line: usize) -> Result<Self, Failure> {
        let mut statements = Vec::new();
        let mut pieces = Statements::new(text);
        loop {
            let from = pieces.position();
            let line_of = |position: usize| first_line + text.get(..position).unwrap_or("").matches('\n').count();
            let at = |line: usize| format!("{}:{line}", path.display());
            let begin = from + text.get(from..).map_or(0, |rest| rest.len() - rest.trim_start().len());
            let piece = pieces
                .next_piece()
                .map_err(|error| Failure::new(format!("{}: {} after this line", at(line_of(begin)), error.message)))?;
            let Some(piece) = piece else { break };
            let is_statement = matches!(piece, Piece::Statement(_));
            let range = piece.range();
            let (line, start) = (line_of(range.start), range.start);
            let sql = text.get(range).unwrap_or_default().to_owned();
            if !is_statement {
                command(&sql).map_err(|failure| failure.at(&at(line)))?;
                continue;
            }
            if let Some(copy) = Copy::of(&sql) {
                let (rows, next) = copy.rows(text, pieces.position()).map_err(|failure| failure.at(&at(line)))?;
                pieces.go_to(next);
                statements.extend(rows.map(|sql| Statement::new(sql, line)));
                continue;
            }
            // What stands on the line of the statement before is about that.
            let between = text.get(from..start).unwrap_or_default();
            let (of_last, between) = match (between.find('\n'), statements.last_mut()) {
                (Some(end), Some(last)) if from > 0 => (Some(last), between.split_at(end)),
                _ => (None, ("", between)),
            };
            if let (Some(last), behind) = (of_last, between.0) {
                last.remarks.extend(remarks(behind));
            }
            let mut remarks_of_it = remarks(between.1);
            remarks_of_it.extend(remarks(&sql));
            statements.push(Statement { sql, line, remarks: remarks_of_it });
        }
        Ok(Script { path: path.to_path_buf(), statements, in_transaction: true })
    }

    /// The same, statement by statement.
    pub(crate) fn without_transaction(mut self, without: bool) -> Self {
        self.in_transaction &= !without;
        self
    }
}

/// The comments in a text that are for its reader: what is one word is a mark or a ruler.
fn remarks(text: &str) -> Vec<String> {
    let is_of_a_tool = |line: &str| ["+goose", "migrate:", ">", "atlas:"].iter().any(|mark| line.starts_with(mark));
    comments(text).into_iter().filter(|line| line.contains(' ') && !is_of_a_tool(line)).collect()
}

/// Commands of psql that change nothing in a database.
const HARMLESS: [&str; 14] = [
    "restrict",
    "unrestrict",
    "echo",
    "qecho",
    "warn",
    "set",
    "unset",
    "pset",
    "timing",
    "encoding",
    "t",
    "x",
    "a",
    "prompt",
];

/// Says why a command of psql cannot be left out.
fn command(text: &str) -> Result<(), Failure> {
    let word = text.trim_start_matches('\\').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    if HARMLESS.contains(&word) {
        return Ok(());
    }
    let failure = Failure::new(format!("cannot run psql's command `{}`", text.trim()));
    Err(match word {
        "c" | "connect" => failure.help("a history has one database: remove the line, or split the file there"),
        "i" | "include" | "ir" | "include_relative" => failure.help("put the contents of the file there"),
        "copy" => failure.help("write the rows as `INSERT`, or as `COPY ... FROM stdin` with the rows after it"),
        _ => failure.help("remove the line, or write what it does in SQL"),
    })
}

/// `COPY bookings (id, total) FROM stdin`
struct Copy {
    /// The table and its columns, as written.
    target: String,
}

impl Copy {
    /// Only with the options of a dump: none.
    fn of(sql: &str) -> Option<Self> {
        let lower = sql.to_ascii_lowercase();
        let target = lower.strip_prefix("copy ")?;
        let end = target.trim_end().strip_suffix("stdin")?.trim_end().strip_suffix("from")?.len();
        Some(Copy { target: sql.get(5..5 + end)?.trim().to_owned() })
    }

    /// The rows behind it as one `INSERT`, and where the next statement begins. None where there are no rows.
    fn rows(&self, text: &str, position: usize) -> Result<(Option<String>, usize), Failure> {
        let rest = text.get(position..).unwrap_or_default();
        // The rows begin on the next line.
        let mut at = position + rest.find('\n').map_or(rest.len(), |end| end + 1);
        let mut rows = Vec::new();
        loop {
            let rest = text.get(at..).unwrap_or_default();
            if rest.is_empty() {
                return Err(
                    Failure::new("the rows of `COPY` are not terminated").help("write `\\.` on a line after them")
                );
            }
            let (line, length) = match rest.find('\n') {
                Some(end) => (&rest[..end], end + 1),
                None => (rest, rest.len()),
            };
            at += length;
            let line = line.strip_suffix('\r').unwrap_or(line);
            if line == "\\." {
                break;
            }
            let values: Vec<String> = line.split('\t').map(value).collect();
            rows.push(format!("({})", values.join(", ")));
        }
        let insert = (!rows.is_empty())
            .then(|| format!("INSERT INTO {} OVERRIDING SYSTEM VALUE VALUES {}", self.target, rows.join(", ")));
        Ok((insert, at))
    }
}

/// A value of the text format as a literal.
fn value(text: &str) -> String {
    if text == "\\N" {
        return "NULL".to_owned();
    }
    let mut value = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\\' {
            value.push(character);
            continue;
        }
        match characters.next() {
            Some('b') => value.push('\u{8}'),
            Some('f') => value.push('\u{c}'),
            Some('n') => value.push('\n'),
            Some('r') => value.push('\r'),
            Some('t') => value.push('\t'),
            Some('v') => value.push('\u{b}'),
            Some(other) => value.push(other),
            None => value.push('\\'),
        }
    }
    quote_literal(&value)
}

/// The statement that makes names be looked up in these schemas.
pub(crate) fn set_search_path(schemas: &[String]) -> String {
    let names: Vec<String> = schemas.iter().map(|schema| quote_identifier(schema).into_owned()).collect();
    match names.is_empty() {
        true => "SET LOCAL search_path = ''".to_owned(),
        false => format!("SET LOCAL search_path = {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(usize, String)>, Failure> {
        let script = Script::read(Path::new("1.sql"), text, 1)?;
        Ok(script.statements.into_iter().map(|statement| (statement.line, statement.sql)).collect())
    }

    #[test]
    fn statements_know_their_lines() {
        let text = "-- first\ncreate table t (\n  a int\n);\n\n/* x */ insert into t values (1); select 2";
        let lines: Vec<usize> = read(text).unwrap().into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, [2, 6, 6]);
    }

    #[test]
    fn comments_belong_to_the_statement_behind_them() {
        let text = "-- All users.\n------\n-- They log in.\ncreate a; -- of a\n-- CreateIndex\n-- Of b\n\n--> statement-breakpoint\n\
                    create b (\n-- inside\nx int);\ncreate c;";
        let script = Script::read(Path::new("1.sql"), text, 1).unwrap();
        let remarks: Vec<Vec<String>> = script.statements.into_iter().map(|statement| statement.remarks).collect();
        assert_eq!(remarks, [vec!["All users.", "They log in.", "of a"], vec!["Of b"], vec![]]);
    }

    #[test]
    fn rows_behind_copy_become_one_insert() {
        let text = "COPY public.t (a, \"B\") FROM stdin;\n1\tit's\n2\t\\N\n3\ta\\tb\n\\.\nselect 1;";
        assert_eq!(
            read(text).unwrap(),
            [
                (1, "INSERT INTO public.t (a, \"B\") OVERRIDING SYSTEM VALUE VALUES ('1', 'it''s'), ('2', NULL), ('3', 'a\tb')".to_owned()),
                (6, "select 1".to_owned())
            ]
        );
        assert!(read("COPY t (a) FROM stdin;\n\\.\n").unwrap().is_empty());
        assert_eq!(
            read("COPY t (a) FROM stdin;\n1\n").unwrap_err().message,
            "1.sql:1: the rows of `COPY` are not terminated"
        );
    }

    #[test]
    fn commands_of_psql_are_left_out_or_named() {
        assert_eq!(read("\\restrict abc'def\n\\set ON_ERROR_STOP on\nselect 1;").unwrap().len(), 1);
        let failure = read("select 1;\n\\connect other\n").unwrap_err();
        assert_eq!(failure.message, "1.sql:2: cannot run psql's command `\\connect other`");
    }

    #[test]
    fn what_does_not_end_is_told_with_its_line() {
        let failure = read("select 1;\nselect 'it;\n").unwrap_err();
        assert_eq!(failure.message, "1.sql:2: unterminated string after this line");
    }
}
