//! Random expressions, judged by the server and by us. `EXPRESSIONS` is how many (a few thousand else), `SEED` which.

mod maker;
mod own;

use std::fmt::Write as _;

use migrate_core::expression::Expression;
use migrate_core::resolve::resolve;
use migrate_core::types::Type;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use maker::Maker;
use own::{Around, OWN, TYPES, declared};

/// What the server says: the type, or the number and the text of the error.
const VERDICT: &str = "create function verdict(expression text) returns text language plpgsql as $$
declare found text; code text; message text;
begin
  execute 'select pg_typeof((select (' || expression || ') from t limit 0))::text' into found;
  return found;
exception when others then
  get stacked diagnostics code = returned_sqlstate, message = message_text;
  return '!' || code || ' ' || message;
end $$";

/// What the compiler lets through and the server refuses, with the reason.
const PASSED_OVER: [(&str, &str); 2] = [
    (
        "function bpchar(boolean) does not exist",
        "the cast calls a function of another name, and the tables do not say which one a cast calls",
    ),
    (
        "function \"x\" does not exist",
        "a text that names a function is looked up by the compiler, not by the resolution",
    ),
];

/// Errors of the server that say that a function, an operator or a cast is not there, or not clear.
const REFUSALS: &[&str] = &["42883", "42804", "42725", "42846"];

fn wanted(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[tokio::test]
async fn the_server_and_the_resolution_agree() {
    let major = tests::server().major();
    let database = tests::Database::create().await;
    let mut connection = PgConnection::connect(&database.url).await.expect("a connection");
    let columns: Vec<String> = TYPES.iter().enumerate().map(|(index, name)| format!("c{index} {name}")).collect();
    for statement in [
        "create type mood as enum ('calm', 'angry')",
        "create domain email as text",
        "create domain positive as integer check (value > 0)",
        "create type address as (street text, number integer)",
        "create type lengths as range (subtype = double precision, multirange_type_name = lengths_several)",
        &format!("create table t ({})", columns.join(", ")),
        VERDICT,
    ] {
        connection.execute(AssertSqlSafe(statement.to_owned())).await.expect("the table");
    }
    for own in OWN {
        connection.execute(AssertSqlSafe(declared(own))).await.expect("a function");
    }
    let (count, seed) = (wanted("EXPRESSIONS", 4_000), wanted("SEED", 1));
    let mut maker = Maker::new(major, seed);
    let around = Around { major };
    let (mut refused, mut missed, mut different, mut accepted, mut broken) = (Vec::new(), Vec::new(), Vec::new(), 0, 0);
    let mut made = 0;
    while made < count {
        let texts: Vec<String> = (0..500).map(|_| maker.expression(2)).collect();
        made += 500;
        let verdicts: Vec<String> =
            sqlx::query_scalar("select verdict(x) from unnest($1::text[]) with ordinality as u(x, n) order by n")
                .bind(&texts)
                .fetch_all(&mut connection)
                .await
                .expect("verdicts");
        for (text, verdict) in texts.iter().zip(&verdicts) {
            let expression: Expression = match text.parse() {
                Ok(expression) => expression,
                Err(_) if verdict.starts_with('!') => continue,
                Err(error) => {
                    refused.push(format!("{text}\n    {verdict}, but {}", error.message));
                    continue;
                }
            };
            let resolution = resolve(&expression, &around);
            match verdict.strip_prefix('!') {
                None if !resolution.mistakes.is_empty() => {
                    refused.push(format!("{text}\n    {verdict}, but {:?}", resolution.mistakes));
                }
                None => {
                    accepted += 1;
                    if let Some(found) = &resolution.data_type
                        && !same_type(found, verdict)
                    {
                        different.push(format!("{text}\n    {verdict}, but `{found}`"));
                    }
                }
                Some(error) if REFUSALS.contains(&error.get(..5).unwrap_or_default()) => {
                    broken += 1;
                    if resolution.mistakes.is_empty() && !PASSED_OVER.iter().any(|(what, _)| error.contains(what)) {
                        missed.push(format!("{text}\n    {error}"));
                    }
                }
                Some(_) => {}
            }
        }
    }
    let mut report = format!("{made} expressions of seed {seed}: {accepted} right, {broken} wrong for the server\n");
    for (what, list) in [("refused", &refused), ("missed", &missed), ("of another type", &different)] {
        let _ = writeln!(report, "{} {what}", list.len());
        for line in list.iter().take(40) {
            let _ = writeln!(report, "  {line}");
        }
    }
    println!("{report}");
    assert!(accepted * 5 > made && broken * 20 > made, "{report}");
    assert!(refused.is_empty() && missed.is_empty() && different.is_empty(), "{report}");
}

/// Whether the server's name of a type is that of the type.
fn same_type(found: &Type, verdict: &str) -> bool {
    verdict.parse::<Type>().is_ok_and(|expected| expected.without_modifier() == found.without_modifier())
}
