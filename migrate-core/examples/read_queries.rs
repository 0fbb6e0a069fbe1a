//! Reads every query, view, policy, trigger condition and body of an SQL function in the SQL files that are named, or in the
//! directories, and says what could not be read, or reads back as something else once it is written.
//!
//! `cargo run -p migrate-model --example read_queries -- DIRECTORY_OR_FILE...`

#![expect(clippy::print_stdout, reason = "what it measured is what it is for")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use migrate_core::expression::{self, Expression};
use migrate_core::plpgsql::Piece;
use migrate_core::query::{Query, Statement, parse};
use migrate_core::sql::{lex, split_statements};
use migrate_core::token::{Bracket, Cursor, SyntaxError, Token};

#[derive(Default)]
struct Count {
    read: usize,
    failed: usize,
}

#[derive(Default)]
struct Measure {
    counts: BTreeMap<&'static str, Count>,
}

fn main() {
    let mut files = Vec::new();
    for argument in std::env::args().skip(1) {
        collect(Path::new(&argument), &mut files);
    }
    files.sort();
    let mut measure = Measure::default();
    for file in &files {
        let Ok(text) = std::fs::read_to_string(file) else { continue };
        measure.file(&file.display().to_string(), &without_client_commands(&text));
    }
    println!("{} files", files.len());
    for (kind, count) in &measure.counts {
        println!("{kind}: {} of {}", count.read, count.read + count.failed);
    }
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    match std::fs::read_dir(path) {
        Ok(entries) => entries.flatten().for_each(|entry| collect(&entry.path(), files)),
        Err(_) => files.push(path.to_owned()),
    }
}

/// Without the commands of psql, and without the rows behind `COPY ... FROM stdin`.
fn without_client_commands(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut is_data = false;
    for line in text.lines() {
        let lower = line.to_ascii_lowercase();
        if is_data {
            is_data = line != "\\.";
        } else if lower.starts_with("copy ") && lower.trim_end().ends_with("from stdin;") {
            is_data = true;
        } else if !line.starts_with('\\') {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

impl Measure {
    fn file(&mut self, file: &str, text: &str) {
        match split_statements(text) {
            Ok(statements) => statements.into_iter().for_each(|statement| self.statement(file, statement)),
            Err(error) => println!("{file}: {}", error.message),
        }
    }

    fn note<T, E: std::fmt::Display>(&mut self, kind: &'static str, file: &str, text: &str, found: Result<T, E>) {
        let count = self.counts.entry(kind).or_default();
        match found {
            Ok(_) => count.read += 1,
            Err(error) => {
                count.failed += 1;
                println!("{file}: {kind}: {error}\n    {}", text.split_whitespace().collect::<Vec<_>>().join(" "));
            }
        }
    }

    fn statement(&mut self, file: &str, text: &str) {
        let Ok(tokens) = lex(text) else { return };
        let mut cursor = Cursor::of_sql(&tokens);
        let Token::Word(first) = cursor.peek() else {
            if cursor.is_open(Bracket::Round) {
                self.note("query", file, text, round_trip(text));
            }
            return;
        };
        match first.as_str() {
            "select" | "values" | "table" => self.note("query", file, text, round_trip(text)),
            "with" => self.note("with", file, text, round_trip(text)),
            "insert" => self.note("insert", file, text, round_trip(text)),
            "update" => self.note("update", file, text, round_trip(text)),
            "delete" => self.note("delete", file, text, round_trip(text)),
            "merge" => self.note("merge", file, text, round_trip(text)),
            "create" => self.create(file, text, &mut cursor),
            "do" => self.block(file, "DO", &cursor),
            _ => {}
        }
    }

    fn create(&mut self, file: &str, text: &str, cursor: &mut Cursor<'_>) {
        cursor.next();
        cursor.take_words(&["or", "replace"]);
        for word in ["temp", "temporary", "unlogged", "recursive", "constraint"] {
            cursor.take_word(word);
        }
        if cursor.take_words(&["materialized", "view"]) || cursor.take_word("view") {
            go_to_word(cursor, "as");
            self.note("view", file, text, defined_query(cursor));
        } else if cursor.take_word("table") {
            go_to_word(cursor, "as");
            let is_query = ["select", "with", "values", "table"].iter().any(|word| cursor.is_word(word));
            if is_query {
                self.note("create table as", file, text, defined_query(cursor));
            }
        } else if cursor.take_word("policy") {
            for words in [&["using"][..], &["with", "check"]] {
                let mut at = cursor.clone();
                let is_there =
                    |at: &Cursor<'_>| at.is_words(words) && *at.look_ahead(words.len()) == Token::Open(Bracket::Round);
                while !at.is_at_end() && !is_there(&at) {
                    at.next();
                }
                if !at.is_at_end() {
                    at.take_words(words);
                    self.note("policy", file, text, defined_expression(&mut at));
                }
            }
        } else if cursor.take_word("trigger") {
            go_to_word(cursor, "when");
            if cursor.is_open(Bracket::Round) {
                self.note("trigger when", file, text, defined_expression(cursor));
            }
        } else if cursor.take_word("function") || cursor.take_word("procedure") {
            self.function(file, cursor);
            self.block(file, "PL/pgSQL function", cursor);
        }
    }

    /// The body of a block of PL/pgSQL, which is the longest text of the statement.
    fn block(&mut self, file: &str, kind: &'static str, cursor: &Cursor<'_>) {
        let mut at = cursor.clone();
        let (mut body, mut language) = ("", if kind == "DO" { "plpgsql" } else { "" });
        while !at.is_at_end() {
            if at.is_word("language")
                && let Some(name) = at.name_ahead(1).or(match at.look_ahead(1) {
                    Token::Text(name) => Some(name),
                    _ => None,
                })
            {
                language = name;
                at.next();
            } else if let Token::Text(text) = at.peek()
                && text.len() > body.len()
            {
                body = text;
            }
            at.next();
        }
        if language != "plpgsql" || body.is_empty() {
            return;
        }
        let found = migrate_core::plpgsql::parse(body)
            .map_err(|error| format!("line {:?}: {}", migrate_core::sql::line_of(body, error.at), error.message));
        if let Ok(block) = &found {
            block.walk(&mut |piece| match piece {
                Piece::Statement(statement) => self.note("  statement in it", file, body, round_trip(&statement.sql())),
                Piece::Query(query) => self.note("  query in it", file, body, round_trip(&query.sql())),
                Piece::Expression(expression) => {
                    let again = expression.sql().parse::<Expression>();
                    let found = if again.as_ref() == Ok(expression) { Ok(()) } else { Err(format!("{again:?}")) };
                    self.note("  expression in it", file, body, found);
                }
                _ => {}
            });
        }
        self.note(kind, file, body, found);
    }

    fn function(&mut self, file: &str, cursor: &Cursor<'_>) {
        let is_sql = |cursor: &Cursor<'_>| {
            let mut at = cursor.clone();
            while !at.is_at_end() {
                if at.is_words(&["language", "sql"])
                    || at.is_word("language") && matches!(at.look_ahead(1), Token::Text(name) if name == "sql")
                {
                    return true;
                }
                at.next();
            }
            false
        };
        if !is_sql(cursor) {
            return;
        }
        let mut at = cursor.clone();
        while !at.is_at_end() {
            if at.is_word("as")
                && let Token::Text(body) = at.look_ahead(1)
            {
                let Ok(statements) = split_statements(body) else { continue };
                for statement in statements {
                    let is_read = ["select", "with", "insert", "update", "delete", "merge", "values", "table", "("]
                        .iter()
                        .any(|word| statement.trim_start().to_ascii_lowercase().starts_with(word));
                    if is_read {
                        self.note("SQL function", file, statement, round_trip(statement));
                    }
                }
                return;
            }
            at.next();
        }
    }
}

fn go_to_word(cursor: &mut Cursor<'_>, word: &str) {
    while !cursor.is_at_end() && !cursor.is_word(word) {
        cursor.next();
    }
    cursor.next();
}

fn told(text: &str, error: &SyntaxError) -> String {
    format!("{} (token {}) in {}", error.message, error.at.start, text.len())
}

fn round_trip(text: &str) -> Result<(), String> {
    let read: Statement = text.parse().map_err(|error| told(text, &error))?;
    let written = read.sql();
    let again: Statement = written.parse().map_err(|error| format!("{}\n    {written}", told(&written, &error)))?;
    if again == read { Ok(()) } else { Err(format!("reads back differently\n    {written}")) }
}

fn defined_query(cursor: &mut Cursor<'_>) -> Result<(), String> {
    let read = parse(cursor).map_err(|error| told("", &error))?;
    let is_end = cursor.is_at_end()
        || [&["with", "check"][..], &["with", "local"], &["with", "cascaded"], &["with", "no"], &["with", "data"]]
            .iter()
            .any(|words| cursor.is_words(words));
    if !is_end {
        return Err(told("", &cursor.expected(read.expected_next())));
    }
    let written = read.sql();
    let again: Query = written.parse().map_err(|error| format!("{}\n    {written}", told(&written, &error)))?;
    if again == read { Ok(()) } else { Err(format!("reads back differently\n    {written}")) }
}

fn defined_expression(cursor: &mut Cursor<'_>) -> Result<(), String> {
    let read = expression::parse(cursor).map_err(|error| told("", &error))?;
    let written = read.sql();
    let again: Expression = written.parse().map_err(|error| format!("{}\n    {written}", told(&written, &error)))?;
    if again == read { Ok(()) } else { Err(format!("reads back differently\n    {written}")) }
}
