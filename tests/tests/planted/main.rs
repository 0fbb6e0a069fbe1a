//! Mistakes that people make, planted at every place that has an expression, a query or a body, and right ones beside them: `planted/`.
//!
//! The server and the compiler are asked about each line. What the server refuses must be one mistake at the marked words, and nothing
//! else may be one. `PLANTED` takes only lines that hold it, or those of the schema of this name.

mod case;
mod schemas;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use case::Case;
use migrate_compiler::{Known, Mistake};
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

/// What is wrong with what the compiler says of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    Missed,
    Refused,
    Elsewhere,
    MarkedButRight,
}

const FAULTS: [(Fault, &str); 4] = [
    (Fault::Missed, "missed"),
    (Fault::Refused, "refused"),
    (Fault::Elsewhere, "at another place, or more than one"),
    (Fault::MarkedButRight, "marked, but right"),
];

/// The mistakes of each case, found on all cores.
fn mistakes_of(cases: &[Case], major: u32) -> Vec<Vec<Mistake>> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let each = cases.len().div_ceil(cores).max(1);
    std::thread::scope(|scope| {
        let parts: Vec<_> = cases.chunks(each).map(|part| scope.spawn(move || mistakes_of_part(part, major))).collect();
        parts.into_iter().flat_map(|part| part.join().expect("the mistakes")).collect()
    })
}

fn mistakes_of_part(cases: &[Case], major: u32) -> Vec<Vec<Mistake>> {
    let mut all_known = HashMap::new();
    let mut mistakes = Vec::new();
    for case in cases {
        let known: &Known = all_known
            .entry(case.schema.name)
            .or_insert_with(|| Known::after(&case.schema.history(major), major).expect("the tables"));
        let mut found = known.beside(&case.item);
        // Older servers do not read what else is wrong there.
        let is_of_version = |mistake: &Mistake| mistake.text.contains("[server_too_old]");
        if found.len() > 1 && found.iter().any(is_of_version) {
            found.retain(|mistake| !is_of_version(mistake));
        }
        mistakes.push(found);
    }
    mistakes
}

/// What the server says of each case, in their order.
async fn verdicts_of(cases: &[Case], major: u32) -> Vec<Option<String>> {
    let mut verdicts = Vec::new();
    for of_schema in cases.chunk_by(|one, next| one.schema.name == next.schema.name) {
        let schema = of_schema[0].schema;
        let database = tests::Database::create().await;
        tests::embed(tests::compile(&schema.history(major)), &[]).apply(&database.pool).await.expect("the tables");
        database.execute(&schema.file("rows.sql")).await;
        let mut connection = PgConnection::connect(&database.url).await.expect("a connection");
        connection.execute(AssertSqlSafe(VERDICT.to_owned())).await.expect("the function");
        for case in of_schema {
            let verdict = sqlx::query_scalar("select verdict($1)").bind(&case.sql).fetch_one(&mut connection).await;
            verdicts.push(verdict.expect("a verdict"));
        }
    }
    verdicts
}

/// What is wrong with the mistakes of a case, and how they read.
fn faults_of(case: &Case, verdict: Option<&str>, mistakes: &[Mistake]) -> Vec<(Fault, String)> {
    if LISTED.iter().any(|(line, _)| case.line == *line) {
        return Vec::new();
    }
    let said: Vec<String> = mistakes.iter().map(|mistake| mistake.text.replace('\n', "\n        ")).collect();
    let said = said.join("\n        ");
    let mut faults = Vec::new();
    if verdict.is_none() && case.mark.is_some() {
        faults.push((Fault::MarkedButRight, said.clone()));
    }
    match (verdict, mistakes) {
        (None, []) => {}
        (None, _) => faults.push((Fault::Refused, said)),
        (Some(_), []) => faults.push((Fault::Missed, String::new())),
        (Some(_), [one]) => {
            if let Some(there) = elsewhere(case, one) {
                faults.push((Fault::Elsewhere, format!("at `{there}`: {said}")));
            }
        }
        (Some(_), _) => faults.push((Fault::Elsewhere, said)),
    }
    faults
}

/// What stands where a mistake is, if that is not what is marked.
fn elsewhere(case: &Case, mistake: &Mistake) -> Option<String> {
    let (column, marked) = case.mark.as_ref()?;
    let starts = usize::try_from(mistake.column).expect("a column");
    let from_there: String = case.item.chars().skip(starts - 1).collect();
    let is_there = if case.is_body {
        mistake.text.lines().next().unwrap_or_default().contains(marked.trim_matches('\''))
    } else {
        (*column..=*column + marked.chars().count()).contains(&starts)
            || from_there.starts_with(&format!("for values {marked}"))
    };
    (!is_there).then(|| from_there.chars().take(20).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_refuses_is_refused_at_its_words() {
    let major = tests::server().major();
    let cases = Arc::new(case::cases(major));
    let compiled = Arc::clone(&cases);
    let mistakes = tokio::task::spawn_blocking(move || mistakes_of(&compiled, major));
    let verdicts = verdicts_of(&cases, major).await;
    let mistakes = mistakes.await.expect("the mistakes");
    let wrong = verdicts.iter().filter(|verdict| verdict.is_some()).count();
    let mut all = Vec::new();
    for ((case, verdict), mistakes) in cases.iter().zip(&verdicts).zip(&mistakes) {
        let faults = faults_of(case, verdict.as_deref(), mistakes).into_iter();
        let verdict = verdict.as_deref().unwrap_or("accepted");
        all.extend(faults.map(|(fault, said)| (fault, format!("{}\n      {verdict}\n        {said}", case.line))));
    }
    let mut report = format!("{} lines, {wrong} wrong for the server\n", cases.len());
    for (fault, what) in FAULTS {
        let lines: Vec<_> = all.iter().filter(|(of_line, _)| *of_line == fault).map(|(_, line)| line).collect();
        let _ = writeln!(report, "{} {what}", lines.len());
        for line in lines {
            let _ = writeln!(report, "  {line}");
        }
    }
    println!("{report}");
    assert!(all.is_empty(), "{report}");
}
