//! Who waits for tables and for how long, and what takes too long.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use migrate_core::plan::LockMode;
use migrate_runtime::Event;
use support::gate::Gate;
use support::*;

#[tokio::test(flavor = "multi_thread")]
async fn waits_for_an_old_reader_without_queueing_behind_it() {
    let database = Database::new().await;
    let (all, reader) = a_reader_in_the_way(&database).await;
    // A younger transaction is expected to end within the lock timeout.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (events, pool) = (seen.clone(), database.another_pool());
    let migrator = all.migrator().on_event(move |event| events.lock().unwrap().push(format!("{event:?}")));
    let applying = tokio::spawn(async move { migrator.apply(&pool).await });
    let queued = "SELECT count(*)::text FROM pg_locks WHERE NOT granted AND relation = 'one'::regclass";
    while !seen.lock().unwrap().iter().any(|event| event.starts_with("WaitingForTable")) {
        assert_eq!(database.value(queued).await, "0");
        assert!(!applying.is_finished(), "it did not wait");
    }
    reader.rollback().await.unwrap();
    applying.await.unwrap().unwrap();
    let seen = seen.lock().unwrap();
    assert!(seen.iter().any(|event| event.starts_with("WaitingForTable")), "{seen:#?}");
    assert!(!seen.iter().any(|event| event.starts_with("Retrying")), "{seen:#?}");
}

/// For longer than it takes to notice that a server is done and its answer does not come.
#[tokio::test(flavor = "multi_thread")]
async fn waits_for_a_reader_that_takes_long_on_the_same_connections() {
    let database = Database::new().await;
    let (all, reader) = a_reader_in_the_way(&database).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (events, pool) = (seen.clone(), database.another_pool());
    let migrator = all.migrator().on_event(move |event| events.lock().unwrap().push(format!("{event:?}")));
    let applying = tokio::spawn(async move { migrator.apply(&pool).await });
    tokio::time::sleep(Duration::from_secs(13)).await;
    reader.rollback().await.unwrap();
    applying.await.unwrap().unwrap();
    let seen = seen.lock().unwrap();
    assert!(!seen.iter().any(|event| event.starts_with("Reconnecting")), "{seen:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn gives_up_with_the_names_of_the_blockers() {
    let database = Database::new().await;
    let (all, _reader) = a_reader_in_the_way(&database).await;
    for peek in [true, false] {
        let migrator = all.migrator().retry_budget(Duration::from_millis(600)).peek(peek);
        let error = migrator.apply(&database.another_pool()).await.unwrap_err().to_string();
        assert!(error.starts_with("cannot apply `2_extra`: statement 1 of 1 failed"), "{error}");
        assert!(error.contains("(postgres, the test) holds ACCESS SHARE on public.one"), "{error}");
        assert!(error.contains("idle in transaction: SELECT * FROM public.one"), "{error}");
    }
}

/// Counts how often it is tried, and takes longer than it may.
fn slow() -> migrate_core::plan::Statement {
    locking(sql("SELECT nextval('public.tries'), pg_sleep(2)"), "one", LockMode::AccessExclusive)
}

async fn a_table_and_a_count(database: &Database) {
    database.run("CREATE TABLE one (id int); CREATE SEQUENCE tries").await;
}

const TRIES: &str = "SELECT last_value::text FROM tries";

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_takes_too_long_under_a_strong_lock_is_tried_once_more() {
    let database = Database::new().await;
    a_table_and_a_count(&database).await;
    let change = together(vec![sql("CREATE TABLE public.half (id int)"), slow()]);
    let all = migrations(vec![migration(1, "slow", vec![change], vec![])]);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = seen.clone();
    let migrator = all.migrator().statement_timeout(Duration::from_millis(100)).on_event(move |event| {
        if let Event::Retrying { sqlstate, .. } = event {
            told.lock().unwrap().push(sqlstate.clone());
        }
    });
    let error = migrator.apply(&database.pool).await.unwrap_err();
    assert_eq!(
        text(&error),
        "cannot apply `1_slow`: statement 2 of 2 failed\n  \
         at migrations/test.rs:7:5\n  \
         SELECT nextval('public.tries'), pg_sleep(2)\n  \
         took longer than `statement_timeout` (0.1 s) under ACCESS EXCLUSIVE on public.one, twice\n\
         help: if queries on the table may wait that long, raise it for this run with `Migrator::statement_timeout` or \
         for this statement with `#[limits(statement_timeout = \"1 min\")]` and start again"
    );
    assert_eq!(error.sqlstate().as_deref(), Some("57014"));
    assert_eq!(database.value(TRIES).await, "2");
    assert_eq!(*seen.lock().unwrap(), ["57014"]);
    assert!(!database.has_table("half").await);
    assert_eq!(database.versions().await, [""; 0]);
    assert_eq!(database.value("SELECT count(*)::text FROM migrate.journal").await, "0");
    all.apply(&database.pool).await.unwrap();
    assert_eq!(database.versions().await, ["1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_long_in_a_later_part_is_not_to_be_changed_in_the_source() {
    let database = Database::new().await;
    a_table_and_a_count(&database).await;
    let parts = vec![together(vec![sql("CREATE TABLE public.half (id int)")]), together(vec![slow()])];
    let all = migrations(vec![migration(1, "slow", parts, vec![])]);
    let migrator = all.migrator().statement_timeout(Duration::from_millis(100));
    let error = migrator.apply(&database.pool).await.unwrap_err();
    assert_eq!(
        text(&error),
        "cannot apply `1_slow`: statement 2 of 2 failed\n  \
         at migrations/test.rs:7:5\n  \
         SELECT nextval('public.tries'), pg_sleep(2)\n  \
         took longer than `statement_timeout` (0.1 s) under ACCESS EXCLUSIVE on public.one, twice\n\
         note: 1 of 2 parts are done and kept; the next run continues after them\n\
         help: if queries on the table may wait that long, raise it for this run with `Migrator::statement_timeout` \
         and \
         start again; or, if the migration is wrong, undo it (`Migrator::abandon`, `down --unfinished`), and \
         then correct it"
    );
    let journal = "SELECT concat_ws(' ', version, segment, running) FROM migrate.journal";
    assert_eq!(database.value(journal).await, "1 1 f");
    all.apply(&database.pool).await.unwrap();
    assert_eq!(database.versions().await, ["1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_a_lock_is_not_taking_too_long() {
    for lock_timeout in [Duration::ZERO, Duration::from_secs(3), Duration::from_millis(90)] {
        let database = Database::new().await;
        let (all, reader) = a_reader_in_the_way(&database).await;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let told = seen.clone();
        let migrator = all.migrator().peek(false).lock_timeout(lock_timeout);
        let migrator = migrator.statement_timeout(Duration::from_millis(100)).on_event(move |event| {
            if let Event::Retrying { sqlstate, .. } = event {
                told.lock().unwrap().push(sqlstate.clone());
            }
        });
        let pool = database.another_pool();
        let applying = tokio::spawn(async move { migrator.apply(&pool).await });
        eventually("it was tried three times", || seen.lock().unwrap().len() >= 3).await;
        reader.rollback().await.unwrap();
        applying.await.unwrap().unwrap();
        assert!(seen.lock().unwrap().iter().all(|code| code == "55P03"), "{seen:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cancels_a_statement_under_a_strong_lock_ends_the_run() {
    let database = Database::new().await;
    a_table_and_a_count(&database).await;
    let gate = Gate::close(&database, 1).await;
    let strong = locking(sql(&Gate::statement(1)), "one", LockMode::AccessExclusive);
    let all = migrations(vec![migration(1, "gated", vec![together(vec![strong])], vec![])]);
    let pool = database.another_pool();
    let applying = tokio::spawn(async move { all.apply(&pool).await });
    gate.is_reached().await;
    let cancel = format!("SELECT bool_and(pg_cancel_backend(pid))::text FROM ({}) AS waiting", gate.backends());
    assert_eq!(database.value(&cancel).await, "true");
    gate.open().await;
    let error = text(&applying.await.unwrap().unwrap_err());
    let end = "\n  canceling statement due to user request (SQLSTATE 57014)\n\
               help: make sure that nothing cancels it and start again";
    assert!(error.ends_with(end), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeout_that_a_statement_sets_itself_is_its_own() {
    let database = Database::new().await;
    a_table_and_a_count(&database).await;
    let first = locking(raw("SET LOCAL statement_timeout = 50"), "one", LockMode::AccessExclusive);
    let second = raw("SELECT nextval('public.tries'), pg_sleep(2)");
    let all = migrations(vec![migration(1, "own", vec![together(vec![first, second])], vec![])]);
    let error = text(&all.apply(&database.pool).await.unwrap_err());
    let end = "\n  canceling statement due to statement timeout (SQLSTATE 57014)\n\
               help: let it set a longer `statement_timeout` and start again";
    assert!(error.ends_with(end), "{error}");
    assert_eq!(database.value(TRIES).await, "1");
}
