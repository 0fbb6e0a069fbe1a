//! Mistakes that people make, planted at every place that has an expression, a query or a body, and right ones beside them: `planted/`.
//!
//! The server and the compiler are asked about each line. What the server refuses must be one mistake at the marked words, and nothing
//! else may be one. `PLANTED` takes only lines that hold it, or those of the schema of this name.

use std::collections::HashMap;
use std::fmt::Write as _;

use migrate_compiler::Mistake;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

/// Runs statements and takes them back: the error, or nothing.
const VERDICT: &str = "create function verdict(statements text[]) returns text language plpgsql as $$
declare one text; code text; message text;
begin
  foreach one in array statements loop execute one; end loop;
  raise exception using errcode = 'P0099';
exception when others then
  get stacked diagnostics code = returned_sqlstate, message = message_text;
  if code = 'P0099' then return null; end if;
  return code || ' ' || message;
end $$";

/// A schema, and what the lists of its name need to know of it.
struct Schema {
    /// How the names of its lists begin.
    name: &'static str,
    /// The table that gets generated columns.
    table: &'static str,
    /// The values of its enums, which the language writes as bare words.
    values: &'static [&'static str],
}

static SCHEMAS: [Schema; 17] = [
    Schema {
        name: "airline",
        table: "ops.legs",
        values: &[
            "economy",
            "premium",
            "business",
            "first",
            "coach",
            "scheduled",
            "boarding",
            "airborne",
            "landed",
            "cancelled",
            "flying",
            "departed",
            "arrived",
        ],
    },
    Schema {
        name: "farm",
        table: "animals",
        values: &[
            "cattle",
            "sheep",
            "goats",
            "pigs",
            "poultry",
            "horses",
            "cows",
            "sown",
            "sprouting",
            "ripe",
            "harvested",
            "fallow",
            "rotten",
            "blooming",
        ],
    },
    Schema {
        name: "theatre",
        table: "tickets",
        values: &["stalls", "circle", "balcony", "standing", "held", "bought", "refunded", "lapsed", "floor", "gone"],
    },
    Schema {
        name: "observatory",
        table: "runs",
        values: &["ultraviolet", "visible", "infrared", "radio", "queued", "exposing", "stored", "failed", "waiting"],
    },
    Schema {
        name: "arena",
        table: "play.matches",
        values: &["bronze", "silver", "gold", "legend", "won", "lost", "drawn", "left_early"],
    },
    Schema {
        name: "archive",
        table: "loans",
        values: &[
            "paper",
            "microfilm",
            "photograph",
            "sound",
            "film",
            "born_digital",
            "asked",
            "handed_out",
            "returned",
            "overdue",
            "written_off",
        ],
    },
    Schema {
        name: "insurance",
        table: "claims",
        values: &["reported", "examined", "approved", "denied", "paid", "liability", "partial", "full", "travel"],
    },
    Schema { name: "clinic", table: "visits", values: &["booked", "arrived", "done", "missed"] },
    Schema { name: "shop", table: "orders", values: &["open", "packed", "sent"] },
    Schema {
        name: "metering",
        table: "invoices",
        values: &["drafted", "issued", "settled", "voided", "daily", "monthly", "yearly"],
    },
    Schema {
        name: "hospital",
        table: "appointments",
        values: &["routine", "urgent", "emergency", "early", "late", "night"],
    },
    Schema {
        name: "chat",
        table: "app.messages",
        values: &["owner", "moderator", "guest", "public_channel", "direct", "broadcast"],
    },
    Schema {
        name: "freight",
        table: "parcels",
        values: &["announced", "collected", "moving", "delivered", "returned", "van", "truck", "bike"],
    },
    Schema {
        name: "library",
        table: "items",
        values: &[
            "available",
            "on_loan",
            "in_transit",
            "lost",
            "withdrawn",
            "adult",
            "child",
            "staff_member",
            "institution",
            "waiting",
            "ready",
            "expired",
            "fulfilled",
            "borrowed",
            "stolen",
            "missing",
            "gone",
            "senior",
        ],
    },
    Schema {
        name: "market",
        table: "trade.orders",
        values: &[
            "buy",
            "sell",
            "hourly",
            "block",
            "spread_block",
            "reserve_band",
            "draft",
            "active",
            "expired_out",
            "withdrawn",
            "wind",
            "solar",
            "gas",
            "nuclear",
            "hydro",
            "coal",
            "hold",
            "filled",
        ],
    },
    Schema {
        name: "registrar",
        table: "sections",
        values: &[
            "autumn",
            "spring",
            "summer",
            "winter",
            "excellent",
            "good",
            "fair",
            "pass",
            "fail",
            "superb",
            "applied",
            "admitted",
            "enrolled",
            "suspended",
            "graduated",
            "expelled",
            "mon",
            "tue",
            "wed",
            "thu",
            "fri",
            "sun",
        ],
    },
    Schema { name: "press", table: "articles", values: &["sketch", "reviewed", "live", "withdrawn"] },
];

impl Schema {
    fn file(&self, rest: &str) -> String {
        std::fs::read_to_string(format!("{LISTS}/{}_{rest}", self.name)).expect("a file of the schema")
    }
}

/// Where the lists are: `SCHEMA_NAME.txt`, or `SCHEMA_from_16.txt` and `SCHEMA_until_17.txt` for what other servers take differently. `SCHEMA_schema.txt` holds
/// the tables, `SCHEMA_rows.sql` rows for statements and bodies to work on.
const LISTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/planted");

const BITS: &str = "no server looks whether it is a condition: the bits of the value count";

/// What is refused by only one of both, with the reason.
const LISTED: &[(&str, &str)] = &[
    ("default numeric(4, 2) | «123.45»", "the server says so at the first row that takes the default"),
    ("default bit(4) | «\"010\"»", "the same"),
    ("default varbit(3) | «\"01010\"»", "the same"),
    ("default char(2) | «\"abc\"»", "the same"),
    ("default varchar(3) | «\"abcd\"»", "the same"),
    ("stmt | merge into tours as t using fleet.vehicles as s on «s.id» when matched then do nothing", BITS),
    ("stmt | merge into tours as t using fleet.vehicles as s on «s.plate» when matched then do nothing", BITS),
    ("stmt | merge into tours as t using fleet.vehicles as s on «\"maybe\"» when matched then do nothing", BITS),
    (
        "stmt | update visits set state = case when paid then done else missed end where id = 1",
        "bare values of an enum get casts, which the same words in SQL do not have",
    ),
];

/// A line of a list, as both read it.
struct Case {
    schema: &'static Schema,
    line: String,
    /// The item of the language, on one line.
    item: String,
    /// The first column of what is marked, from 1, and its text; nothing where all is right or no words are wrong by themselves.
    mark: Option<(usize, String)>,
    /// Whether the place is inside a text.
    is_body: bool,
    sql: Vec<String>,
}

impl Case {
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

fn cases(major: u32) -> Vec<Case> {
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

/// The mistakes of each case, found on all cores.
fn mistakes_of(cases: &[Case], tables: &HashMap<&str, String>, major: u32) -> Vec<Vec<Mistake>> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let each = cases.len().div_ceil(cores).max(1);
    std::thread::scope(|scope| {
        let parts: Vec<_> = cases
            .chunks(each)
            .map(|part| {
                scope.spawn(move || {
                    let of = |case: &Case| {
                        let tables = &tables[case.schema.name];
                        let block =
                            format!("postgres = {major}, migration \"0001_schema\" {{ {tables}\n{}\n}}", case.item);
                        let mistakes = migrate_compiler::compile_history(&block).err().unwrap_or_default();
                        // Older servers do not read what else is wrong there.
                        let of_version = |mistake: &&Mistake| mistake.text.contains("[server_too_old]");
                        match mistakes.iter().find(of_version) {
                            Some(_) if mistakes.len() > 1 => {
                                mistakes.iter().filter(|mistake| !of_version(mistake)).cloned().collect()
                            }
                            _ => mistakes,
                        }
                    };
                    part.iter().map(of).collect::<Vec<_>>()
                })
            })
            .collect();
        parts.into_iter().flat_map(|part| part.join().expect("the mistakes")).collect()
    })
}

#[tokio::test]
async fn what_the_server_refuses_is_refused_at_its_words() {
    let major = tests::server().major();
    let cases = cases(major);
    let (mut connections, mut tables) = (Vec::new(), HashMap::new());
    for schema in SCHEMAS.iter().filter(|schema| cases.iter().any(|case| case.schema.name == schema.name)) {
        let database = tests::Database::create().await;
        let text = schema.file("schema.txt");
        let history = format!("postgres = {major}, migration \"0001_schema\" {{ {text} }}");
        tests::embed(tests::compile(&history), &[]).apply(&database.pool).await.expect("the tables");
        database.execute(&schema.file("rows.sql")).await;
        tables.insert(schema.name, text);
        let mut connection = PgConnection::connect(&database.url).await.expect("a connection");
        connection.execute(AssertSqlSafe(VERDICT.to_owned())).await.expect("the function");
        connections.push((schema.name, connection, database));
    }
    let mistakes = mistakes_of(&cases, &tables, major);
    let (mut missed, mut refused, mut elsewhere, mut unlike, mut wrong) = (vec![], vec![], vec![], vec![], 0);
    for (case, mistakes) in cases.iter().zip(&mistakes) {
        let found = connections.iter_mut().find(|(name, ..)| *name == case.schema.name);
        let (_, connection, _) = found.expect("a connection");
        let verdict: Option<String> =
            sqlx::query_scalar("select verdict($1)").bind(&case.sql).fetch_one(connection).await.expect("a verdict");
        let said: Vec<String> = mistakes.iter().map(|mistake| mistake.text.replace('\n', "\n        ")).collect();
        let shown =
            |said: &str| format!("{}\n      {}\n        {said}", case.line, verdict.as_deref().unwrap_or("accepted"));
        wrong += usize::from(verdict.is_some());
        if LISTED.iter().any(|(line, _)| case.line == *line) {
            continue;
        }
        if verdict.is_none() && case.mark.is_some() {
            unlike.push(shown(&said.join("\n        ")));
        }
        match (&verdict, &mistakes[..]) {
            (None, []) => {}
            (None, _) => refused.push(shown(&said.join("\n        "))),
            (Some(_), []) => missed.push(shown("")),
            (Some(_), [one]) => {
                let Some((column, marked)) = &case.mark else { continue };
                let starts = usize::try_from(one.column).expect("a column");
                let headline = one.text.lines().next().unwrap_or_default();
                let is_there = if case.is_body {
                    headline.contains(marked.trim_matches('\''))
                } else {
                    let from_there: String = case.item.chars().skip(starts - 1).collect();
                    (*column..=*column + marked.chars().count()).contains(&starts)
                        || from_there.starts_with(&format!("for values {marked}"))
                };
                if !is_there {
                    let there: String = case.item.chars().skip(starts - 1).take(20).collect();
                    elsewhere.push(shown(&format!("at `{there}`: {}", said[0])));
                }
            }
            (Some(_), _) => elsewhere.push(shown(&said.join("\n        "))),
        }
    }
    let mut report = format!("{} lines, {wrong} wrong for the server\n", cases.len());
    for (what, list) in [
        ("missed", &missed),
        ("refused", &refused),
        ("at another place, or more than one", &elsewhere),
        ("marked, but right", &unlike),
    ] {
        let _ = writeln!(report, "{} {what}", list.len());
        for line in list {
            let _ = writeln!(report, "  {line}");
        }
    }
    println!("{report}");
    assert!(missed.is_empty() && refused.is_empty() && elsewhere.is_empty() && unlike.is_empty(), "{report}");
}
