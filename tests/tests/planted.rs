//! Mistakes that people make, planted at every place that has an expression, a query or a body, and right ones beside them: `planted/`.
//!
//! The server and the compiler are asked about each line. What the server refuses must be one mistake at the marked words, and nothing
//! else may be one. `PLANTED` takes only lines that hold it.

use std::fmt::Write as _;

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
    text: &'static str,
    /// Rows for statements and bodies to work on.
    rows: &'static str,
    /// The table that gets generated columns.
    table: &'static str,
    /// The values of its enums, which the language writes as bare words.
    values: &'static [&'static str],
}

static SCHEMAS: [Schema; 2] = [
    Schema {
        name: "clinic",
        text: include_str!("../planted/clinic_schema.txt"),
        rows: CLINIC_ROWS,
        table: "visits",
        values: &["booked", "arrived", "done", "missed"],
    },
    Schema {
        name: "shop",
        text: include_str!("../planted/shop_schema.txt"),
        rows: SHOP_ROWS,
        table: "orders",
        values: &["open", "packed", "sent"],
    },
];

const CLINIC_ROWS: &str = "insert into patients (id, name) values (1, 'a');
    insert into doctors (id, name) values (1, 'a');
    insert into visits (id, patient_id, doctor_id, starts_at, ends_at, meta) values (1, 1, 1, '2026-01-01', '2026-01-02', '{}')";

const SHOP_ROWS: &str = "insert into customers (id, name, email) values (1, 'a', 'a@b.c');
    insert into products (id, sku, title, price) values (1, 'A-1', 'a', 1);
    insert into orders (id, customer_id, placed_on) values (1, 1, '2026-01-01')";

/// What is refused by only one of both, with the reason.
const LISTED: &[(&str, &str)] = &[
    ("default numeric(4, 2) | «123.45»", "the server says so at the first row that takes the default"),
    ("default bit(4) | «\"010\"»", "the same"),
    ("default varbit(3) | «\"01010\"»", "the same"),
    ("default char(2) | «\"abc\"»", "the same"),
    ("default varchar(3) | «\"abcd\"»", "the same"),
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
        let bumps = "for each row execute function planted()";
        // Before and behind what is planted: in the language, and in SQL.
        let [before, behind, sql_before, sql_behind] = match place {
            "default" => [
                format!("create table planted {{ x: {rest}? = "),
                " }".into(),
                format!("create table planted (x {rest} default "),
                ")".into(),
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
            "item" => [String::new(), ";".into(), String::new(), String::new()],
            "stmt" => [String::new(), " irreversible \"a test\";".into(), String::new(), String::new()],
            "sql" | "plpgsql" => [
                format!(
                    "{arguments} {} language {place} as r#\"",
                    rest.replace("x integer, y text", "x: integer, y: text")
                ),
                "\"#;".into(),
                format!("{sql_arguments} {types} language {place} as $body$"),
                "$body$".into(),
            ],
            "trigger" => [
                "create function planted() returns trigger language plpgsql as r#\"".into(),
                format!("\"#; create trigger planted before update on {rest} {bumps};"),
                "create function planted() returns trigger language plpgsql as $body$".into(),
                "$body$".into(),
            ],
            other => panic!("no place `{other}`"),
        };
        let is_body = matches!(place, "sql" | "plpgsql" | "trigger");
        let item = format!("{before}{planted}{behind}");
        let mark = item.split_once('«').map(|(before, rest)| {
            (
                before.chars().count() + 1,
                rest.split_once('»').map(|(marked, _)| marked.to_owned()).expect("an end of the mark"),
            )
        });
        let plain = |text: &str| text.replace(['«', '»'], "");
        let planted = plain(planted);
        let planted = if is_body { planted } else { in_sql(&planted, schema.values) };
        let mut sql = vec![format!("{sql_before}{planted}{sql_behind}")];
        match place {
            "plpgsql" => sql.push("select planted(1, 'a')".into()),
            "trigger" => {
                sql.push(format!("create trigger planted before update on {rest} {bumps}"));
                sql.push(format!("update {rest} set id = id"));
            }
            _ => {}
        }
        Case { schema, line: line.to_owned(), item: plain(&item), mark, is_body, sql }
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

fn cases() -> Vec<Case> {
    let wanted = std::env::var("PLANTED").unwrap_or_default();
    let mut paths: Vec<_> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/planted"))
        .expect("the lists")
        .map(|entry| entry.expect("a list").path())
        .filter(|path| !path.to_string_lossy().ends_with("_schema.txt"))
        .collect();
    paths.sort();
    let mut cases = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let schema = SCHEMAS.iter().find(|schema| name.starts_with(schema.name)).expect("a schema of the list");
        let text = std::fs::read_to_string(path).expect("a list");
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#') && line.contains(&wanted));
        cases.extend(lines.map(|line| Case::of(line, schema)));
    }
    cases
}

#[tokio::test]
async fn what_the_server_refuses_is_refused_at_its_words() {
    let major = tests::server().major();
    let mut connections = Vec::new();
    for schema in &SCHEMAS {
        let database = tests::Database::create().await;
        let history = format!("postgres = {major}, migration \"0001_schema\" {{ {} }}", schema.text);
        tests::embed(tests::compile(&history), &[]).apply(&database.pool).await.expect("the tables");
        database.execute(schema.rows).await;
        let mut connection = PgConnection::connect(&database.url).await.expect("a connection");
        connection.execute(AssertSqlSafe(VERDICT.to_owned())).await.expect("the function");
        connections.push((schema.name, connection, database));
    }
    let cases = cases();
    let (mut missed, mut refused, mut elsewhere, mut unlike, mut wrong) = (vec![], vec![], vec![], vec![], 0);
    for case in &cases {
        let found = connections.iter_mut().find(|(name, ..)| *name == case.schema.name);
        let (_, connection, _) = found.expect("a connection");
        let verdict: Option<String> =
            sqlx::query_scalar("select verdict($1)").bind(&case.sql).fetch_one(connection).await.expect("a verdict");
        let block = format!("postgres = {major}, migration \"0001_schema\" {{ {}\n{}\n}}", case.schema.text, case.item);
        let mistakes = migrate_compiler::compile_history(&block).err().unwrap_or_default();
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
