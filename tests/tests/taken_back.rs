//! A program that only applies migrations goes on with what another one was taking back: it sees that the server answers as
//! it did before, and leaves it to those that can compare catalogs whether what is answered otherwise means the same.

use std::sync::Arc;

use migrate_runtime::Event;
use tests::{Database, compile, embed};

const HISTORY: &str = r#"
    migration "0001_people" { create table people { id: int primary key, email: text, name: text } }
    migration "0002_indexes" {
        create index on people (name);
        create unique index on people (email);
    }
"#;

/// Two rows stand in the way of the second index; the first one is taken back, and that is cut.
async fn half_taken_back() -> Database {
    let database = Database::create().await;
    let all = embed(compile(HISTORY), &[]);
    all.migrator().apply_to(&database.pool, migrate_runtime::Target::Version(1)).await.expect("the table");
    database.execute("INSERT INTO people VALUES (1, 'a', 'x'), (2, 'a', 'y')").await;
    all.apply(&database.pool).await.expect_err("two rows with one address");
    let killed = Arc::new(tokio::sync::Notify::new());
    let kill = Arc::clone(&killed);
    let migrator = all.migrator().on_event(move |event| {
        if matches!(event, Event::StatementStarted(_)) {
            kill.notify_one();
        }
    });
    tokio::select! {
        () = killed.notified() => {}
        result = migrator.abandon(&database.pool) => panic!("it was not cut: {result:?}"),
    }
    assert_eq!(database.text("SELECT direction FROM migrate.journal").await, "down");
    database
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_ends_it_and_begins_again() {
    let database = half_taken_back().await;
    database.execute("UPDATE people SET email = 'b' WHERE id = 2").await;
    let report = embed(compile(HISTORY), &[]).apply(&database.pool).await.expect("taken back, and applied");
    assert_eq!(report.reverted.len(), 1);
    assert_eq!(report.applied.len(), 1);
    assert_eq!(database.text("SELECT count(*) FROM migrate.journal").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_answered_otherwise_is_told_and_judged_by_its_meaning_when_it_is_taken_back() {
    let database = half_taken_back().await;
    database.execute("UPDATE people SET email = 'b' WHERE id = 2; ALTER TABLE people ADD by_hand int").await;
    let all = embed(compile(HISTORY), &[]);
    let error = all.apply(&database.pool).await.expect_err("a column more than before").to_string();
    assert!(error.contains("now, of the columns: {") && error.contains("by_hand"), "{error}");
    assert!(error.contains("help: run `down --unfinished` (`Migrator::abandon`)"), "{error}");
    // What somebody has added is none of its business.
    all.migrator().abandon(&database.pool).await.expect("taken back");
    all.apply(&database.pool).await.expect("applied");
    assert_eq!(database.text("SELECT count(*) FROM pg_index WHERE indrelid = 'people'::regclass").await, "3");
}
