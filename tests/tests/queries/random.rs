//! Statements by chance, right ones and wrong ones. `QUERIES` is how many (a few thousand else), `SEED` which.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use migrate_compiler::Known;
use migrate_core::types::Type;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::maker::Maker;
use crate::maker::schema::HISTORY;

/// What the server says: the columns, or the number and the text of the error. Nothing stays.
const VERDICT: &str = "create function verdict(statement text, is_query boolean) returns text language plpgsql as $$
declare found text; code text; message text;
begin
  if is_query then
    execute 'create view judged as ' || statement;
    select string_agg(attname || ' ' || format_type(atttypid, null), ';' order by attnum) into found
      from pg_attribute where attrelid = 'judged'::regclass and attnum > 0;
  else
    execute 'prepare judged as ' || statement;
    deallocate judged;
  end if;
  raise exception using errcode = 'P0099', message = coalesce(found, '');
exception when others then
  get stacked diagnostics code = returned_sqlstate, message = message_text;
  if code = 'P0099' then return '=' || message; end if;
  if code = '42P16' and is_query then return verdict(statement, false); end if;
  return '!' || code || ' ' || message;
end $$";

/// What the compiler lets through and the server refuses, with the reason.
const PASSED_OVER: &[(&str, &str)] = &[(
    "non-recursive term but type",
    "the columns of both parts differ in their lengths, and lengths are not followed through expressions",
)];

/// What the compiler refuses and the server lets through until it runs, with the reason.
/// A message stands behind the verb of the statement.
const REFUSED_EARLIER: &[(&str, &str)] = &[
    ("is out of range for", "a number that its column cannot hold: the server says so at the first row"),
    (
        "merge: this must be a `boolean` condition",
        "the server does not check the type of the condition behind `on`, and takes the bits of any value for true or false",
    ),
];

fn wanted(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Disagreements of one kind, by their messages without names.
#[derive(Default)]
struct Kinds(BTreeMap<String, (usize, Vec<String>)>);

impl Kinds {
    fn note(&mut self, message: &str, example: String) {
        let mut kind = String::new();
        for (index, part) in message.split(['"', '`']).enumerate() {
            kind.push_str(if index % 2 == 0 { part } else { "..." });
        }
        let found = self.0.entry(kind).or_default();
        found.0 += 1;
        found.1.push(example);
        found.1.sort_by_key(String::len);
        found.1.truncate(2);
    }

    fn write(&self, title: &str, report: &mut String) {
        let total: usize = self.0.values().map(|(count, _)| count).sum();
        let _ = writeln!(report, "{total} {title}");
        let mut sorted: Vec<_> = self.0.iter().collect();
        sorted.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
        for (kind, (count, examples)) in sorted {
            let _ = writeln!(report, "  {count} x {kind}");
            for example in examples {
                let _ = writeln!(report, "      {example}");
            }
        }
    }
}

#[tokio::test]
async fn the_server_and_the_compiler_agree() {
    let major = tests::server().major();
    let database = tests::Database::create().await;
    let migrations = tests::compile(HISTORY);
    tests::embed(migrations, &[]).apply(&database.pool).await.expect("the tables");
    let mut connection = PgConnection::connect(&database.url).await.expect("a connection");
    connection.execute(AssertSqlSafe(VERDICT.to_owned())).await.expect("the function");
    let mut known = Known::after(HISTORY, major).expect("the tables");
    let (count, seed) = (wanted("QUERIES", 3_000), wanted("SEED", 1));
    let mut maker = Maker::new(major, seed);
    let (mut refused, mut missed, mut different) = (Kinds::default(), Kinds::default(), Kinds::default());
    let (mut accepted, mut wrong, mut made, mut typed) = (0, 0, 0, 0);
    while made < count {
        let statements: Vec<(String, bool)> = (0..500).map(|number| maker.statement(number % 2 == 1)).collect();
        made += 500;
        let texts: Vec<&str> = statements.iter().map(|(text, _)| text.as_str()).collect();
        let queries: Vec<bool> = statements.iter().map(|(_, is_query)| *is_query).collect();
        let verdicts: Vec<String> = sqlx::query_scalar(
            "select verdict(x, q) from unnest($1::text[], $2::boolean[]) with ordinality as u(x, q, n) order by n",
        )
        .bind(&texts)
        .bind(&queries)
        .fetch_all(&mut connection)
        .await
        .expect("verdicts");
        for ((text, _), verdict) in statements.iter().zip(&verdicts) {
            match (verdict.strip_prefix('!'), known.judge(text)) {
                (Some(error), Ok(columns)) => {
                    wrong += 1;
                    // A view cannot have a name twice, a query can.
                    let is_twice = columns
                        .iter()
                        .enumerate()
                        .any(|(index, one)| columns.iter().skip(index + 1).any(|other| other.name == one.name));
                    if is_twice && error.starts_with("42701") {
                        continue;
                    }
                    if !PASSED_OVER.iter().any(|(what, _)| error.contains(what)) {
                        missed.note(error, format!("{text}\n          {error}"));
                    }
                }
                (Some(_), Err(_)) => wrong += 1,
                (None, Err(mistakes)) => {
                    accepted += 1;
                    let told = format!("{}: {}", text.split(' ').next().unwrap_or_default(), mistakes[0]);
                    if REFUSED_EARLIER.iter().any(|(what, _)| told.contains(what)) {
                        continue;
                    }
                    refused.note(&mistakes[0], format!("{text}\n          {}", mistakes.join("; ")));
                }
                (None, Ok(columns)) => {
                    accepted += 1;
                    let shown = verdict.trim_start_matches('=');
                    for (expected, column) in shown.split(';').zip(&columns).filter(|(shown, _)| !shown.is_empty()) {
                        let (name, expected_type) = expected.split_once(' ').expect("a name and a type");
                        let is_same = column.data_type.as_ref().is_none_or(|found| same_type(found, expected_type));
                        typed += usize::from(column.data_type.is_some());
                        if column.name != name || !is_same {
                            let found = column.data_type.as_ref().map(ToString::to_string).unwrap_or_default();
                            let example = format!("{text}\n          {expected}, but {} {found}", column.name);
                            different.note(&format!("{expected_type}, but {found}"), example);
                        }
                    }
                }
            }
        }
    }
    let mut report =
        format!("{made} statements of seed {seed}: {accepted} right, {wrong} wrong, {typed} columns with types\n");
    refused.write("refused", &mut report);
    missed.write("missed", &mut report);
    different.write("other columns", &mut report);
    println!("{report}");
    assert!(accepted * 5 > made && wrong * 5 > made, "{report}");
    assert!(refused.0.is_empty() && missed.0.is_empty() && different.0.is_empty(), "{report}");
}

/// Whether the server's name of a type is that of the type.
fn same_type(found: &Type, verdict: &str) -> bool {
    verdict.parse::<Type>().is_ok_and(|expected| expected.without_modifier() == found.without_modifier())
}
