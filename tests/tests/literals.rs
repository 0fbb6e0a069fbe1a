//! Literals as `migrate_core::literal` reads them, beside what the server says of the same texts: random ones from a seed,
//! written as the types are written, and spoiled.
//!
//! `LITERALS=100000` takes that many for each type in the place of some hundreds, `LITERALS_SEED=7` other ones,
//! `LITERALS_TYPE=date` only those of one type.

use std::fmt::Write as _;

use migrate_core::literal::{Reading, read};
use migrate_core::types::Type;
use tests::Database;

/// Reads texts as values of a column, and prints them; what is refused is null.
const READER: &str = "CREATE FUNCTION readings(relation text, texts text[]) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  found text[];
  printed text;
BEGIN
  FOR i IN 1 .. cardinality(texts) LOOP
    BEGIN
      EXECUTE format('INSERT INTO %I VALUES (%L) RETURNING format(''%%s'', value)', relation, texts[i]) INTO printed;
    EXCEPTION WHEN OTHERS THEN
      printed := NULL;
    END;
    found[i] := printed;
  END LOOP;
  RETURN found;
END $$;
CREATE EXTENSION IF NOT EXISTS hstore;
CREATE EXTENSION IF NOT EXISTS ltree;
SET DateStyle = 'ISO, MDY';
SET IntervalStyle = 'postgres'";

/// A type with texts of which its values are made: whole ones, and pieces to put together.
struct Sample {
    data_type: &'static str,
    whole: &'static [&'static str],
    pieces: &'static [&'static str],
}

/// A generator of numbers that is the same everywhere (xorshift64*).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap_or(0) % end.max(1)
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }
}

impl Sample {
    fn text(&self, random: &mut Random) -> String {
        let mut text = match random.below(3) {
            0 if !self.pieces.is_empty() => {
                let count = 1 + random.below(5);
                (0..count).map(|_| random.one(self.pieces)).collect()
            }
            _ => random.one(self.whole).to_owned(),
        };
        if random.below(2) == 0 {
            digits(&mut text, random);
        }
        if random.below(3) == 0 {
            spoil(&mut text, random, self);
        }
        text
    }
}

/// Puts other digits in the place of some.
fn digits(text: &mut String, random: &mut Random) {
    *text = text
        .chars()
        .map(|character| match character {
            '0'..='9' if random.below(3) == 0 => char::from(b'0' + u8::try_from(random.below(10)).unwrap_or(0)),
            other => other,
        })
        .collect();
}

/// Drops, doubles, swaps or puts in a character or a piece.
fn spoil(text: &mut String, random: &mut Random, sample: &Sample) {
    let mut characters: Vec<char> = text.chars().collect();
    let at = random.below(characters.len() + 1);
    match random.below(5) {
        0 if at < characters.len() => {
            characters.remove(at);
        }
        1 if at < characters.len() => characters.insert(at, characters[at]),
        2 if at + 1 < characters.len() => characters.swap(at, at + 1),
        3 if !sample.pieces.is_empty() => {
            characters.splice(at..at, random.one(sample.pieces).chars());
        }
        _ => characters.insert(
            at,
            random
                .one(&[" ", "-", "+", ".", ":", "0", "9", "e", ",", "x", "\"", "\\", "{", "}"])
                .chars()
                .next()
                .unwrap_or(' '),
        ),
    }
    *text = characters.into_iter().collect();
}

include!("literals/samples.rs");

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_here_is_what_the_server_reads() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    let count = number("LITERALS").unwrap_or(400);
    let seed = number("LITERALS_SEED").unwrap_or(20_260_312);
    let database = Database::create().await;
    let mut connection = database.pool.acquire().await.expect("a connection");
    sqlx::raw_sql(READER).execute(&mut *connection).await.expect("the function");
    let mut report = String::new();
    for (index, sample) in SAMPLES.iter().enumerate() {
        let data_type: Type =
            sample.data_type.parse().unwrap_or_else(|error| panic!("{}: {error:?}", sample.data_type));
        if std::env::var("LITERALS_TYPE").is_ok_and(|only| only != sample.data_type) {
            continue;
        }
        let relation = format!("t{index}");
        let table = format!("CREATE TEMPORARY TABLE {relation} (value {})", data_type.sql());
        sqlx::raw_sql(sqlx::AssertSqlSafe(table)).execute(&mut *connection).await.expect("a table");
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (index as u64 + 1) << 32 | 1);
        let mut texts: Vec<String> = sample.whole.iter().map(|text| (*text).to_owned()).collect();
        texts.extend((0..count).map(|_| sample.text(&mut random)));
        texts.sort();
        texts.dedup();
        let (mut undecided, mut wrong) = (0, 0);
        for chunk in texts.chunks(2_000) {
            let answers: Vec<Option<String>> = sqlx::query_scalar("SELECT readings($1, $2)")
                .bind(&relation)
                .bind(chunk)
                .fetch_one(&mut *connection)
                .await
                .expect("what the server says");
            for (text, answer) in chunk.iter().zip(answers) {
                let reading = read(text, &data_type);
                let agrees = match (&reading, &answer) {
                    (Reading::Value(printed), Some(answer)) => printed == answer,
                    (Reading::Invalid(_), None) | (Reading::Relative, Some(_)) => true,
                    // What follows such a word in a range is not read any more.
                    (Reading::Relative, None) => sample.data_type.ends_with("range"),
                    (Reading::Undecided, _) => {
                        undecided += 1;
                        true
                    }
                    _ => false,
                };
                if !agrees {
                    wrong += 1;
                    if wrong <= 12 {
                        let _ = writeln!(
                            report,
                            "{}: {text:?}\n  here   {reading:?}\n  server {answer:?}",
                            sample.data_type
                        );
                    }
                }
            }
        }
        if undecided * 100 > texts.len() * sample_limit(sample) {
            let _ = writeln!(report, "{}: {undecided} of {} are left to the server", sample.data_type, texts.len());
        }
        if wrong > 0 {
            let _ = writeln!(report, "{}: {wrong} of {} are wrong", sample.data_type, texts.len());
        }
    }
    assert!(report.is_empty(), "{report}");
}

/// How many of a hundred texts may be left to the server.
fn sample_limit(sample: &Sample) -> usize {
    match sample.data_type {
        // What is written with a backslash is read in other ways by older servers.
        "\"char\"" => 50,
        // Older servers read anything else as 0.
        "xid" | "cid" | "xid8" => 80,
        // A hyphen in a label is read by newer versions only.
        "inet" | "cidr" | "ltree" => 40,
        // Numbers side by side.
        "int2vector" | "oidvector" => 40,
        // Two points make a line of other numbers.
        "line" => 60,
        // What is not certainly wrong is printed by the server.
        "jsonpath" | "xml" | "money" | "lquery" | "ltxtquery" | "pg_lsn" => 100,
        // Time zones, and what was read in other ways by older servers.
        name if name.starts_with("time") || name.starts_with("date") || name.starts_with("interval") => 25,
        _ => 20,
    }
}

/// Written in all kinds of ways; what the server prints for them is what is expected.
const SPELLINGS: &str = r#"
migration "1_spellings" {
    create enum mood { happy, sad }
    create table spellings {
        id: bigint primary key,
        a: timestamptz = "2026-01-02T03:04+02",
        b: uuid = "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
        c: interval = "1.5 hours",
        d: int4range = "[1,5]",
        e: int[] = "{1, 2}",
        f: inet = "10.0.0.1/32",
        g: bytea = "abc",
        h: point = "1.0, 2",
        i: money = "1",
        j: timestamp(7) = "2026-01-02 03:04:05.1234567",
        k: text[] = [],
        l: numeric(6, 2) = "1e2",
        m: date = "Jan 2, 2026",
        n: time = "4:05 PM",
        o: jsonb = "{\"bb\":1,\"a\":[ ]}",
        p: boolean = "yes",
        q: double precision = "1e20",
        r: timestamptz = "epoch",
        s: timetz = "allballs",
        t: bit(4) = "xF",
        u: cidr = "10.0.0.0/8",
        v: macaddr = "08-00-2B-01-02-03",
        w: daterange = "[2026-01-01,2026-12-31]",
        x: timestamptz = "2026-01-02 03:04",
        y: mood[] = "{ happy , sad }",
        z: interval day = "1",
        aa: smallint[] = "{ 1 }",
        bb: timestamptz(0) = "2026-01-02 03:04:05.6Z",
        cc: char(3) = "ab",
        dd: varchar(3) = "abc",
        ee: interval = "P1DT2H",
        check (a > "2025-01-01 00:00+02"),
        check (m between "Jan 1, 2020" and "2030-01-01"),
        check (c < "2 weeks"),
        check (m in ("20260102", "Jan 3, 2026")),
    }
    create index on spellings (id) where a > "2026-01-01T00:00Z";
}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn how_a_literal_is_written_is_no_difference() {
    let database = Database::create().await;
    let migrations = tests::compile(SPELLINGS);
    let predicted = tests::predicted(&migrations);
    let all = tests::embed(migrations, &[]);
    // Neither does it depend on the session.
    sqlx::raw_sql(sqlx::AssertSqlSafe(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = ''Asia/Kolkata''', current_database()); \
         EXECUTE format('ALTER DATABASE %I SET datestyle = ''SQL, DMY''', current_database()); END $$"
            .to_owned(),
    ))
    .execute(&database.pool)
    .await
    .expect("settings");
    let pool = sqlx::PgPool::connect(&database.url).await.expect("a connection");
    all.apply(&pool).await.unwrap();
    tests::assert_same(&predicted, &database.catalog().await, "after up");
    assert!(all.migrator().verify(&pool).await.unwrap().is_clean());
    sqlx::raw_sql("INSERT INTO spellings (id) VALUES (1)").execute(&pool).await.unwrap();
}
