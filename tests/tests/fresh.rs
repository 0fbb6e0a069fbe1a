//! An empty database gets by the short way to where its whole history leads: the same schema, the same rows.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use migrate_core::plan::Migration;
use migrate_runtime::{Event, FromEmpty, Migrations};
use tests::cases::{FUNCTIONS, each};
use tests::histories::{Shape, by_chance};
use tests::{Database, assert_same, compile, embed, predicted};

/// How a run went: migrations that were folded, and those that were to be.
#[derive(Clone, Copy, Debug, Default)]
struct Went {
    folded: usize,
    refused: usize,
}

async fn apply(all: &'static Migrations, database: &Database, way: FromEmpty) -> Went {
    let went = Arc::new(Mutex::new(Went::default()));
    let seen = Arc::clone(&went);
    let report = all
        .migrator()
        .from_empty(way)
        .on_event(move |event| {
            let mut went = seen.lock().expect("nobody panicked");
            match event {
                Event::Folded { migrations, .. } => went.folded += migrations,
                Event::NotFolded { migrations, reason } => {
                    println!("not folded: {reason}");
                    went.refused += migrations;
                }
                _ => {}
            }
        })
        .apply(&database.pool)
        .await
        .unwrap_or_else(|error| panic!("{way:?}: {error}"));
    assert_eq!(report.applied.len(), all.len(), "{way:?}");
    *went.lock().expect("nobody panicked")
}

const HISTORY: &str = "SELECT string_agg(concat_ws(' ', version, name, checksum, chain, kind, down, footprint, \
                       compatibility), E'\\n' ORDER BY version) FROM migrate.history";

async fn both_ways(name: &str, migrations: Vec<Migration>) -> Went {
    let expected = predicted(&migrations);
    let all = embed(migrations, FUNCTIONS);
    let (folded, replayed) = (Database::create().await, Database::create().await);
    let went = apply(all, &folded, FromEmpty::Fold).await;
    let replay = apply(all, &replayed, FromEmpty::Replay).await;
    assert_eq!((replay.folded, replay.refused), (0, 0));
    folded.assert_same(&expected, name).await;
    assert_same(&replayed.catalog().await, &folded.catalog().await, name);
    assert_lines(name, &replayed.schema().await, &folded.schema().await);
    assert_lines(name, &replayed.rows().await, &folded.rows().await);
    assert_eq!(replayed.text(HISTORY).await, folded.text(HISTORY).await, "{name}: the history tables");
    assert!(all.apply(&folded.pool).await.expect("nothing to do").is_empty());
    folded.pool.close().await;
    replayed.pool.close().await;
    went
}

fn assert_lines(name: &str, expected: &str, found: &str) {
    if expected == found {
        return;
    }
    let missing = expected.lines().filter(|line| !found.lines().any(|other| other == *line));
    let unexpected = found.lines().filter(|line| !expected.lines().any(|other| other == *line));
    let lines: Vec<String> = missing
        .map(|line| format!("replayed only: {line}"))
        .chain(unexpected.map(|line| format!("folded only:   {line}")))
        .collect();
    panic!("{name}:\n{}", lines.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_gives_the_same_both_ways() {
    let (mut all, mut sum) = (0, Went::default());
    let each = each(async |path, text| {
        let migrations = compile(text);
        (migrations.len(), both_ways(&path.display().to_string(), migrations).await)
    });
    for (count, went) in each.await {
        all += count;
        sum.folded += went.folded;
        sum.refused += went.refused;
    }
    println!("cases: {} of {all} migrations folded, {} refused by the server", sum.folded, sum.refused);
    assert!(sum.folded > 20 && sum.refused == 0, "{sum:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn histories_made_by_chance_give_the_same_both_ways() {
    let rounds: u64 = std::env::var("FRESH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(30);
    let (mut all, mut sum) = (0, Went::default());
    for seed in 1..=rounds {
        let raw = if seed % 3 == 0 { 8 } else { 0 };
        let text = by_chance(seed, Shape { migrations: 40, tables: 6, rows: 25, raw });
        let migrations = compile(&text);
        all += migrations.len();
        let went = both_ways(&format!("seed {seed}:\n{text}"), migrations).await;
        sum.folded += went.folded;
        sum.refused += went.refused;
    }
    println!("by chance: {} of {all} migrations folded, {} refused by the server", sum.folded, sum.refused);
    assert!(sum.folded * 2 > all, "{sum:?} of {all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_migrations_take_the_time_of_the_schema() {
    let text = by_chance(7, Shape { migrations: 1000, tables: 40, rows: 5, raw: 0 });
    let all = embed(compile(&text), FUNCTIONS);
    let mut times = Vec::new();
    for way in [FromEmpty::Fold, FromEmpty::Replay] {
        let database = Database::create().await;
        let started = Instant::now();
        let went = apply(all, &database, way).await;
        times.push((way, started.elapsed(), went));
    }
    for (way, time, went) in &times {
        println!("1,000 migrations, {way:?}: {:.0} ms ({went:?})", time.as_secs_f64() * 1000.0);
    }
    assert_eq!(times.first().map(|(_, _, went)| went.folded), Some(1000));
}

/// Ends every connection of migrators to a database, at random moments, until the run is through.
async fn disturb(database: &Database, delay: Duration) {
    let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE datname = current_database() AND application_name LIKE 'migrate: %'";
    tokio::time::sleep(delay).await;
    database.text(sql).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_killed_converges() {
    let text = by_chance(11, Shape { migrations: 150, tables: 12, rows: 10, raw: 2 });
    let migrations = compile(&text);
    let all = embed(migrations, FUNCTIONS);
    let undisturbed = Database::create().await;
    apply(all, &undisturbed, FromEmpty::Replay).await;
    for kill in 0..12_u64 {
        let database = Database::create().await;
        let delay = Duration::from_millis(5 + kill * 23);
        if kill % 2 == 0 {
            // The process ends.
            let migrator = all.migrator();
            let _ = tokio::time::timeout(delay, migrator.apply(&database.pool)).await;
        } else {
            // The server ends its connections.
            let migrator = all.migrator();
            let (result, ()) = tokio::join!(migrator.apply(&database.pool), disturb(&database, delay));
            result.unwrap_or_else(|error| panic!("after a lost connection: {error}"));
        }
        all.apply(&database.pool).await.unwrap_or_else(|error| panic!("the restart: {error}"));
        assert_lines("killed", &undisturbed.schema().await, &database.schema().await);
        assert_lines("killed", &undisturbed.rows().await, &database.rows().await);
        assert_eq!(undisturbed.text(HISTORY).await, database.text(HISTORY).await, "the history tables");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_at_once_apply_everything_once() {
    let all = embed(compile(&by_chance(13, Shape { migrations: 60, tables: 8, rows: 10, raw: 2 })), FUNCTIONS);
    let database = Database::create().await;
    let url = database.url.clone();
    let starts: Vec<_> = (0..10)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move {
                let pool = sqlx::PgPool::connect(&url).await.expect("a connection");
                all.apply(&pool).await.map(|report| report.applied.len())
            })
        })
        .collect();
    let mut applied = Vec::new();
    for start in starts {
        applied.push(start.await.expect("no panic").expect("every start succeeds"));
    }
    applied.sort_unstable();
    assert_eq!(applied.iter().sum::<usize>(), all.len(), "{applied:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_with_something_in_it_goes_through_its_history() {
    let all = embed(compile(&by_chance(17, Shape { migrations: 10, tables: 4, rows: 0, raw: 0 })), FUNCTIONS);
    for sql in ["CREATE TABLE mine (id int)", "CREATE TYPE mine AS ENUM ('a')", "CREATE VIEW mine AS SELECT 1"] {
        let database = Database::create().await;
        database.execute(sql).await;
        assert_eq!(apply(all, &database, FromEmpty::Fold).await.folded, 0, "{sql}");
    }
}
