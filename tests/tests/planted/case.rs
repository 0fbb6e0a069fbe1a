//! Lines of the lists, as the compiler and the server read them.

use crate::schemas::{LISTS, SCHEMAS, Schema};

/// A line of a list, as both read it.
pub struct Case {
    pub schema: &'static Schema,
    pub line: String,
    /// The item of the language, on one line.
    pub item: String,
    /// The first column of what is marked, from 1, and its text; nothing where all is right or no words are wrong by themselves.
    pub mark: Option<(usize, String)>,
    /// Whether the place is inside a text.
    pub is_body: bool,
    /// The same as statements of the server, one after the other.
    pub sql: Vec<String>,
}

impl Case {
    /// Reads a line.
    fn of(line: &str, schema: &'static Schema) -> Case {
        let (place, planted) = line.split_once(" | ").expect("a place and what is planted");
        let (place, rest) = place.split_once(' ').unwrap_or((place, ""));
        let types = rest.replace(": ", " ");
        let arguments = "create function planted(a: integer, b: text) returns";
        let sql_arguments = "create function planted(a integer, b text) returns";
        // Before and behind what is planted: in the language, and in SQL.
        let [before, behind, sql_before, sql_behind] = match place {
            "default" => [
                format!("create table planted {{ x: {rest}? = "),
                " }".into(),
                format!("create table planted (x {rest} default ("),
                "))".into(),
            ],
            "generated" => [
                format!("alter table {} {{ add planted: {rest}? generated always as (", schema.table),
                ") stored }".into(),
                format!("alter table {} add planted {rest} generated always as (", schema.table),
                ") stored".into(),
            ],
            "check" => [
                format!("alter table {rest} {{ add check ("),
                ") }".into(),
                format!("alter table {rest} add check ("),
                ") not valid".into(),
            ],
            "key" => {
                [format!("create index on {rest} ("), ");".into(), format!("create index on {rest} ("), ")".into()]
            }
            "where" => [
                format!("create index on {rest} (id) where "),
                ";".into(),
                format!("create index on {rest} (id) where "),
                String::new(),
            ],
            "policy" => [
                format!("create policy planted on {rest} using ("),
                ");".into(),
                format!("create policy planted on {rest} using ("),
                ")".into(),
            ],
            "when" => {
                let before = format!("create trigger planted before update on {rest} for each row when (");
                [before.clone(), ") execute function bump();".into(), before, ") execute function bump()".into()]
            }
            "domain" => [
                format!("create domain planted as {rest} check ("),
                ");".into(),
                format!("create domain planted as {rest} check ("),
                ")".into(),
            ],
            "partition" => {
                let values = if planted.starts_with("values") { "" } else { "values " };
                let before = format!("create table planted partition of {rest} for {values}");
                [before.clone(), ";".into(), before, String::new()]
            }
            "view" => ["create view planted as ".into(), ";".into(), "create view planted as ".into(), String::new()],
            "column" => [
                format!("create table planted {{ x: {rest}? "),
                " }".into(),
                format!("create table planted (x {rest} "),
                ")".into(),
            ],
            "constraint" => {
                [format!("alter table {rest} {{ add "), " }".into(), format!("alter table {rest} add "), String::new()]
            }
            "backfill" => ["backfill ".into(), " irreversible \"a test\";".into(), "update ".into(), String::new()],
            "return" => [
                format!("{arguments} {rest} return "),
                ";".into(),
                format!("{sql_arguments} {types} return "),
                String::new(),
            ],
            "atomic" => [
                format!("{arguments} {} begin atomic {{ ", named(rest)),
                " }".into(),
                format!("{sql_arguments} {types} begin atomic "),
                " end".into(),
            ],
            "item" => [String::new(), ";".into(), String::new(), String::new()],
            // What SQL writes with other signs than the language: `as_sql`.
            "define" | "class" | "loose" => [String::new(), String::new(), String::new(), String::new()],
            "table" => ["create table planted { ".into(), ";".into(), "create table planted ( ".into(), String::new()],
            "function" => ["create function ".into(), ";".into(), "create function ".into(), String::new()],
            "replace" => {
                let before = "create or replace function ";
                [before.into(), ";".into(), before.into(), String::new()]
            }
            "enum" => [format!("alter enum {rest} "), ";".into(), format!("alter type {rest} "), String::new()],
            "attribute" => [format!("alter type {rest} "), ";".into(), format!("alter type {rest} "), String::new()],
            "retype" => {
                let (table, column) = rest.rsplit_once('.').expect("a table and a column");
                [
                    format!("alter table {table} alter {column}: "),
                    ";".into(),
                    format!("alter table {table} alter {column} type "),
                    String::new(),
                ]
            }
            "procedure" => [
                "create procedure planted(a: integer, b: text) language plpgsql as r#\"".into(),
                "\"#;".into(),
                "create procedure planted(a integer, b text) language plpgsql as $body$".into(),
                "$body$".into(),
            ],
            "stmt" => [String::new(), " irreversible \"a test\";".into(), String::new(), String::new()],
            "sql" | "plpgsql" => [
                format!("{arguments} {} language {place} as r#\"", named(rest)),
                "\"#;".into(),
                format!("{sql_arguments} {types} language {place} as $body$"),
                "$body$".into(),
            ],
            "trigger" | "statement" => [
                "create function planted() returns trigger language plpgsql as r#\"".into(),
                format!("\"#; {};", trigger(place, rest)),
                "create function planted() returns trigger language plpgsql as $body$".into(),
                "$body$".into(),
            ],
            other => panic!("no place `{other}`"),
        };
        let is_body = matches!(place, "sql" | "plpgsql" | "procedure" | "trigger" | "statement");
        let item = format!("{before}{planted}{behind}");
        let mark = item.split_once('«').map(|(before, rest)| {
            (
                before.chars().count() + 1,
                rest.split_once('»').map(|(marked, _)| marked.to_owned()).expect("an end of the mark"),
            )
        });
        let plain = |text: &str| text.replace(['«', '»'], "");
        let planted = plain(planted);
        let planted = if is_body { planted } else { in_sql(&as_sql(place, planted), schema.values) };
        let mut sql = vec![format!("{sql_before}{planted}{sql_behind}")];
        match place {
            "plpgsql" => sql.push("select planted(1, 'a')".into()),
            "procedure" => sql.push("call planted(1, 'a')".into()),
            "trigger" | "statement" => {
                sql.push(trigger(place, rest));
                sql.push(format!("update {rest} set id = id"));
            }
            _ => {}
        }
        Case { schema, line: line.to_owned(), item: plain(&item), mark, is_body, sql }
    }
}

/// The columns of a result, as the language writes them.
fn named(result: &str) -> String {
    result.replace("x integer, y text", "x: integer, y: text")
}

/// The trigger that calls what is planted: of each row, or of a statement.
fn trigger(place: &str, table: &str) -> String {
    let (moment, each) = match place {
        "trigger" => ("before", "for each row"),
        _ => ("after", "referencing old table as removed new table as added for each statement"),
    };
    format!("create trigger planted {moment} update on {table} {each} execute function planted()")
}

/// What is planted with the signs of SQL, where the language has others.
fn as_sql(place: &str, planted: String) -> String {
    match place {
        "item" => planted
            .replace("drop enum ", "drop type ")
            .replace("alter enum ", "alter type ")
            .replace("on enum ", "on type "),
        "define" => planted.replace(" { ", " (").replace(" }", ")").replace(": ", " = "),
        "class" => planted.replace(" { ", " as ").replace(" }", ""),
        "loose" => planted.replace([',', '{', '}'], ""),
        "table" => planted.replace(": ", " ").replace('?', "").replace(" = ", " default ").replace(" }", " )"),
        "function" | "replace" => planted.replace(": ", " "),
        "retype" => planted.replacen('?', "", 1),
        "attribute" => {
            let (verb, rest) = planted.split_once(' ').expect("a verb");
            format!("{verb} attribute {}", rest.replace(": ", " "))
        }
        "enum" => {
            let word = |word: &str| match word {
                "add" | "rename" => format!("{word} value"),
                "after" | "before" | "to" => word.to_owned(),
                value => format!("\"{value}\""),
            };
            planted.split(' ').map(word).collect::<Vec<_>>().join(" ")
        }
        _ => planted,
    }
}

/// What the language reads, as SQL: texts in single quotes, and values of enums as texts.
fn in_sql(text: &str, values: &[&str]) -> String {
    let mut sql = String::new();
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            // Behind a word that takes a name.
            '"' if sql.ends_with("collate ") => {
                sql.push('"');
                sql.extend(rest.by_ref().take_while(|one| *one != '"'));
                sql.push('"');
            }
            '"' => {
                sql.push('\'');
                while let Some(one) = rest.next() {
                    match one {
                        '"' => break,
                        '\\' => sql.extend(rest.next()),
                        '\'' => sql.push_str("''"),
                        one => sql.push(one),
                    }
                }
                sql.push('\'');
            }
            first if first.is_ascii_alphabetic() => {
                let mut word = String::from(first);
                while let Some(next) = rest.next_if(|next| next.is_ascii_alphanumeric() || *next == '_') {
                    word.push(next);
                }
                if values.contains(&word.as_str()) { sql.push_str(&format!("'{word}'")) } else { sql.push_str(&word) }
            }
            character => sql.push(character),
        }
    }
    sql
}

/// The lines for a server of this major version.
pub fn cases(major: u32) -> Vec<Case> {
    let wanted = std::env::var("PLANTED").unwrap_or_default();
    let mut names: Vec<_> = std::fs::read_dir(LISTS)
        .expect("the lists")
        .map(|entry| entry.expect("a list").file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".txt") && !name.ends_with("_schema.txt"))
        .collect();
    names.sort();
    let mut cases = Vec::new();
    for name in names {
        let (base, rest) = name.trim_end_matches(".txt").split_once('_').expect("a schema and a name");
        let limit = |word: &str| rest.strip_prefix(word).map(|number| number.parse::<u32>().expect("a version"));
        if limit("from_").is_some_and(|first| first > major) || limit("until_").is_some_and(|last| last < major) {
            continue;
        }
        let schema = SCHEMAS.iter().find(|schema| schema.name == base).expect("a schema of the list");
        let text = std::fs::read_to_string(format!("{LISTS}/{name}")).expect("a list");
        let is_wanted = |line: &&str| line.contains(&wanted) || base == wanted;
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).filter(is_wanted);
        cases.extend(lines.map(|line| Case::of(line, schema)));
    }
    cases
}
