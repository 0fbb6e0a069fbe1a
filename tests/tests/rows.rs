//! Histories with rows in each table: every migration goes up, down and up again beside rows, and is compared with what was before,
//! with what the compiler predicts, and, in the end, with an empty database that gets there at once.
//!
//! `ROWS_HISTORIES` says how many histories are made by chance, `ROWS_SEED` with which one to begin; with `ROWS_LONG=1` more is
//! looked at on the way.

use std::fs;
use std::path::Path;

use migrate_core::catalog::Catalog;
use migrate_core::operation::Operation;
use migrate_core::plan::{Down, Migration};
use migrate_runtime::{Error, FromEmpty, Migrations, StepContext, StepFunction, StepFuture, Target};
use tests::cases::{cases, name, needs_newer_server};
use tests::histories::Chance;
use tests::surgery::by_surgery;
use tests::with_rows::Rows;
use tests::{Database, chain, compile, embed, predicted};

#[path = "../../migrations/src/steps.rs"]
mod steps;

/// The Rust functions of the cases and of the sample.
static FUNCTIONS: &[(&str, StepFunction)] = &[
    tests::cases::FUNCTIONS[0],
    ("crate::steps::fill_demo_account", fill_demo_account),
    ("crate::steps::empty_demo_account", empty_demo_account),
    ("crate::steps::fill_trip_slugs", fill_trip_slugs),
];

fn fill_demo_account<'a>(context: &'a mut StepContext<'_>) -> StepFuture<'a> {
    Box::pin(steps::fill_demo_account(context))
}

fn empty_demo_account<'a>(context: &'a mut StepContext<'_>) -> StepFuture<'a> {
    Box::pin(steps::empty_demo_account(context))
}

fn fill_trip_slugs<'a>(context: &'a mut StepContext<'_>) -> StepFuture<'a> {
    Box::pin(steps::fill_trip_slugs(context))
}

/// What went how often.
#[derive(Clone, Copy, Debug, Default)]
struct Went {
    /// Migrations that went up, down and up again beside rows.
    there_and_back: usize,
    /// Rows that were there meanwhile.
    rows: usize,
    /// Migrations that rows were in the way of, which is not a fault.
    hindered: usize,
    /// Histories that fail on an empty database too: what they insert does not fit.
    ended: usize,
}

/// What a database is.
struct Seen {
    catalog: Catalog,
    shape: Vec<String>,
    rows: Rows,
}

async fn see(database: &Database) -> Seen {
    let catalog = database.catalog().await;
    let (shape, rows) = (database.shape().await, database.values(&catalog).await);
    Seen { catalog, shape, rows }
}

/// Whether values of rows are what is wrong.
fn is_of_rows(error: &Error) -> bool {
    error.sqlstate().is_some_and(|code| code.starts_with("22") || code.starts_with("23"))
}

/// Whether a migration changes rows by what a person wrote, whose way back is what that person says.
fn sets_rows(migration: &Migration) -> bool {
    let operations: Vec<Operation> = serde_json::from_str(&migration.operations).expect("operations as JSON");
    operations.iter().any(|operation| {
        ["insert_rows", "delete_rows", "update_rows", "backfill_rows", "raw_sql", "run_function"]
            .contains(&operation.name())
    })
}

/// Whether nothing is lost by taking it back.
fn keeps_all(migration: &Migration) -> bool {
    matches!(&migration.down, Down::Script { loses, .. } if loses.is_empty())
}

fn same_catalog(expected: &Catalog, found: &Catalog, when: &str) -> Result<(), String> {
    let differences: Vec<String> = expected.differences(found).iter().map(ToString::to_string).collect();
    if differences.is_empty() { Ok(()) } else { Err(format!("{when}:\n  {}", differences.join("\n  "))) }
}

fn same_lines(expected: &[String], found: &[String], when: &str) -> Result<(), String> {
    let missing = expected.iter().filter(|line| !found.contains(line)).map(|line| format!("  expected: {line}"));
    let unexpected = found.iter().filter(|line| !expected.contains(line)).map(|line| format!("  found:    {line}"));
    let lines: Vec<String> = missing.chain(unexpected).collect();
    let shown: Vec<&str> = lines.iter().take(30).map(String::as_str).collect();
    if lines.is_empty() { Ok(()) } else { Err(format!("{when}, {} lines:\n{}", lines.len(), shown.join("\n"))) }
}

fn same_rows(expected: &Rows, found: &Rows, when: &str) -> Result<(), String> {
    let lines = |rows: &Rows| -> Vec<String> {
        rows.iter().flat_map(|(table, rows)| rows.iter().map(move |row| format!("{table}: {row}"))).collect()
    };
    same_lines(&lines(expected), &lines(found), &format!("rows {when}"))
}

async fn verified(all: &'static Migrations, database: &Database, when: &str) -> Result<(), String> {
    let found =
        all.migrator().verify(&database.pool).await.map_err(|error| format!("verify {when}: {}", chain(&error)))?;
    if found.is_clean() {
        return Ok(());
    }
    let lines: Vec<String> = found.differences.iter().map(ToString::to_string).collect();
    Err(format!("verify {when}:\n  {}\n  {:?}", lines.join("\n  "), found.unfinished))
}

/// Whether more is looked at than a run of all tests has time for.
fn is_long() -> bool {
    std::env::var("ROWS_LONG").is_ok_and(|value| value == "1")
}

/// Every migration there, back and there again, beside rows.
async fn walk(migrations: &[Migration], seed: u64) -> Result<Went, String> {
    let database = Database::create().await;
    let all = embed(migrations.to_vec(), FUNCTIONS);
    let migrator = all.migrator().from_empty(FromEmpty::Replay);
    let pool = &database.pool;
    let (mut chance, mut went) = (Chance::new(seed), Went::default());
    let nothing = see(&database).await;
    for (index, migration) in migrations.iter().enumerate() {
        let name = format!("{:04}_{}", migration.version, migration.name);
        let target = Target::Version(migration.version);
        database.fill(&predicted(migrations.get(..index).unwrap_or_default()), &mut chance).await;
        let mut before = see(&database).await;
        let up = async |what: &str| {
            migrator
                .apply_to(pool, target)
                .await
                .map_err(|error| (is_of_rows(&error), format!("{what} {name}: {}", chain(&error))))
        };
        if let Err((is_of_rows, text)) = up("up").await {
            if !is_of_rows {
                return Err(text);
            }
            // What is half done is taken back, and nothing but the rows was in the way.
            went.hindered += 1;
            if let Err(error) = migrator.abandon(pool).await
                && !chain(&error).contains("nothing")
            {
                return Err(format!("abandon {name} after {text}: {}", chain(&error)));
            }
            let back = see(&database).await;
            same_catalog(&before.catalog, &back.catalog, &format!("after abandoning {name}"))?;
            same_lines(&before.shape, &back.shape, &format!("after abandoning {name}"))?;
            if !sets_rows(migration) && keeps_all(migration) {
                same_rows(&before.rows, &back.rows, &format!("after abandoning {name}"))?;
            }
            database.clear().await;
            before = see(&database).await;
            if let Err((is_of_rows, text)) = up("up without rows").await {
                went.ended += 1;
                return if is_of_rows { Ok(went) } else { Err(text) };
            }
        }
        let after = see(&database).await;
        went.rows += before.rows.values().map(Vec::len).sum::<usize>();
        verified(all, &database, &format!("after up {name}")).await?;
        let Down::Script { loses, .. } = &migration.down else { continue };
        if let Err(error) = migrator.revert(pool, 1).await {
            let text = format!("down {name}: {}", chain(&error));
            if !is_of_rows(&error) || loses.is_empty() {
                return Err(text);
            }
            went.hindered += 1;
            database.clear().await;
            migrator.revert(pool, 1).await.map_err(|error| format!("without rows, down {name}: {}", chain(&error)))?;
            before.rows = database.values(&before.catalog).await;
        }
        let back = see(&database).await;
        same_catalog(&before.catalog, &back.catalog, &format!("after down {name}"))?;
        same_lines(&before.shape, &back.shape, &format!("after down {name}"))?;
        if is_long() {
            verified(all, &database, &format!("after down {name}")).await?;
        }
        if loses.is_empty() && !sets_rows(migration) {
            same_rows(&before.rows, &back.rows, &format!("after down {name}"))?;
        }
        if let Err((is_of_rows, text)) = up("up again").await {
            if loses.is_empty() || !is_of_rows {
                return Err(text);
            }
            let _ = migrator.abandon(pool).await;
            database.clear().await;
            up("up again without rows").await.map_err(|(_, text)| text)?;
        }
        let again = see(&database).await;
        same_lines(&after.shape, &again.shape, &format!("after up again {name}"))?;
        went.there_and_back += 1;
    }
    at_once(migrations, all, &database).await?;
    if migrations.iter().all(|migration| matches!(migration.down, Down::Script { .. })) {
        database.clear().await;
        migrator.revert(pool, migrations.len()).await.map_err(|error| format!("down all: {}", chain(&error)))?;
        same_lines(&nothing.shape, &see(&database).await.shape, "after down of everything")?;
    }
    pool.close().await;
    Ok(went)
}

/// An empty database that gets there at once has the schema of the one with rows, and the rows of one that goes through the
/// history; and a row that is inserted then has the same values in both.
async fn at_once(migrations: &[Migration], all: &'static Migrations, walked: &Database) -> Result<(), String> {
    let (folded, replayed) = (Database::create().await, Database::create().await);
    let (fold, replay) = (all.migrator().from_empty(FromEmpty::Fold), all.migrator().from_empty(FromEmpty::Replay));
    match (fold.apply(&folded.pool).await, replay.apply(&replayed.pool).await) {
        (Ok(_), Ok(_)) => {}
        // What it inserts does not fit, which shows only where nobody removed the rows meanwhile.
        (Err(one), Err(other)) if is_of_rows(&one) && is_of_rows(&other) => return Ok(()),
        (fold, replay) => {
            let [fold, replay] =
                [fold, replay].map(|result| result.map_or_else(|error| chain(&error), |_| "ok".to_string()));
            return Err(format!("at once: {fold}\none by one: {replay}"));
        }
    }
    verified(all, &folded, "at once").await?;
    verified(all, &replayed, "one by one").await?;
    let catalog = predicted(migrations);
    same_lines(&walked.shape().await, &folded.shape().await, "at once, beside the one with rows")?;
    same_rows(&replayed.values(&catalog).await, &folded.values(&catalog).await, "at once")?;
    for seed in 1..=if is_long() { 3 } else { 1 } {
        let there = replayed.fill(&catalog, &mut Chance::new(seed)).await;
        let here = folded.fill(&catalog, &mut Chance::new(seed)).await;
        same_lines(&there, &here, "inserts at once")?;
    }
    same_rows(&replayed.values(&catalog).await, &folded.values(&catalog).await, "that are inserted later, at once")?;
    folded.pool.close().await;
    replayed.pool.close().await;
    Ok(())
}

/// Walks through histories, two at a time, and tells all that is wrong.
async fn walk_all(histories: impl Iterator<Item = (String, Vec<Migration>, u64)>) -> Went {
    let (mut sum, mut faults) = (Went::default(), Vec::new());
    let mut running = tokio::task::JoinSet::new();
    let mut histories = histories.peekable();
    while histories.peek().is_some() || !running.is_empty() {
        while running.len() < 3
            && let Some((name, migrations, seed)) = histories.next()
        {
            running.spawn(async move {
                // A panic is a fault like others, of this history.
                let walked = tokio::spawn(async move { walk(&migrations, seed).await }).await;
                (name, walked.unwrap_or_else(|panic| Err(panic.to_string())))
            });
        }
        let Some(done) = running.join_next().await else { break };
        let (name, result) = done.expect("a walk");
        match result {
            Ok(went) => {
                sum.there_and_back += went.there_and_back;
                sum.rows += went.rows;
                sum.hindered += went.hindered;
                sum.ended += went.ended;
            }
            Err(fault) => faults.push(format!("{name}\n{fault}")),
        }
    }
    assert!(faults.is_empty(), "{} faults, {sum:?}:\n\n{}", faults.len(), faults.join("\n\n"));
    sum
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_goes_there_and_back_beside_rows() {
    let read = |path: std::path::PathBuf| (name(&path), fs::read_to_string(&path).expect("a case"));
    let texts = cases().into_iter().map(read).filter(|(_, text)| !needs_newer_server(text));
    let sum = walk_all(texts.map(|(name, text)| (name, compile(&text), 1))).await;
    println!("cases: {sum:?}");
    assert!(sum.there_and_back > 50 && sum.rows > 100, "{sum:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_goes_there_and_back_beside_rows() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations/history");
    let mut paths: Vec<_> =
        fs::read_dir(folder).expect("the sample").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let block = |path: &std::path::PathBuf| {
        let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(path).expect("a migration");
        text.replacen("migrate_runtime::migration!", &format!("migration {stem:?}"), 1)
    };
    let text: String = paths.iter().map(block).collect();
    let sum = walk_all(std::iter::once(("the sample".to_string(), compile(&text), 1))).await;
    println!("the sample: {sum:?}");
    assert!(sum.there_and_back > 10 && sum.rows > 100, "{sum:?}");
}

/// What a default gave before its column got another type is written in another way than the value of the new type.
#[tokio::test(flavor = "multi_thread")]
async fn defaults_whose_type_changes_are_the_same_at_once() {
    let case = fs::read_to_string(tests::cases::folder().join("alter_table/default_values.rs")).expect("the case");
    let migrations = compile(&case);
    let sum = walk_all(std::iter::once(("default_values".to_string(), migrations, 1))).await;
    assert_eq!(sum.there_and_back, 3, "{sum:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn histories_made_by_chance_go_there_and_back_beside_rows() {
    let number =
        |name: &str, default: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (first, count) = (number("ROWS_SEED", 1), number("ROWS_HISTORIES", 4));
    let history = |seed: u64| {
        let (text, migrations) = by_surgery(seed, 12);
        (format!("ROWS_SEED={seed} ROWS_HISTORIES=1:\n{text}"), migrations, seed)
    };
    let sum = walk_all((first..first + count).map(history)).await;
    println!("by chance: {sum:?}");
    assert!(count < 4 || (sum.there_and_back > 15 && sum.rows > 50), "{sum:?}");
}
