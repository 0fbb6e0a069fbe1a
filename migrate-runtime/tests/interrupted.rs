//! What an interrupted run left is finished, and is not done once more.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use migrate_runtime::{Error, Event};
use support::*;

/// A down of two parts; the second fails as long as there is no table `wanted`.
fn in_two_parts(version: i64, name: &str) -> Build {
    migration(
        version,
        name,
        vec![together(vec![sql(&format!("CREATE TABLE public.{name} (id bigint PRIMARY KEY, value text)"))])],
        vec![
            together(vec![sql(&format!("DROP TABLE public.{name}"))]),
            together(vec![sql("INSERT INTO public.wanted VALUES (1)")]),
        ],
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_done_down_is_one_of_those_to_revert() {
    let database = Database::new().await;
    let all = migrations(vec![table(1, "one"), table(2, "two"), in_two_parts(3, "three")]);
    all.apply(&database.pool).await.unwrap();
    let error = all.migrator().revert(&database.pool, 1).await.unwrap_err();
    assert!(error.to_string().contains("1 of 2 parts are done"), "{error}");
    database.run("CREATE TABLE wanted (id int)").await;
    let report = all.migrator().revert(&database.pool, 1).await.unwrap();
    assert_eq!(report.reverted.len(), 1);
    assert_eq!(database.versions().await, ["1", "2"]);
    assert_eq!(database.values("SELECT id::text FROM wanted").await, ["1"]);
    assert_eq!(database.values("SELECT count(*)::text FROM migrate.journal").await, ["0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_done_down_is_finished_by_a_binary_that_does_not_know_it() {
    let database = Database::new().await;
    let newer = migrations(vec![table(1, "one"), in_two_parts(2, "two")]);
    newer.apply(&database.pool).await.unwrap();
    newer.migrator().revert(&database.pool, 1).await.unwrap_err();
    database.run("CREATE TABLE wanted (id int)").await;
    let older = migrations(vec![table(1, "one")]);
    older.apply(&database.pool).await.unwrap();
    assert_eq!(database.versions().await, ["1"]);
    assert_eq!(database.values("SELECT id::text FROM wanted").await, ["1"]);
}

/// As one that a newer library wrote.
#[tokio::test(flavor = "multi_thread")]
async fn a_half_done_down_that_cannot_be_read_is_not_taken_for_done() {
    let database = Database::new().await;
    let all = migrations(vec![table(1, "one"), in_two_parts(2, "two")]);
    all.apply(&database.pool).await.unwrap();
    all.migrator().revert(&database.pool, 1).await.unwrap_err();
    database.run("UPDATE migrate.journal SET script = jsonb_set(script, '{segments,1,mode}', '\"newer\"')").await;
    let error = text(&all.apply(&database.pool).await.unwrap_err());
    assert!(
        error.starts_with("cannot read the row of version 2 in migrate.journal: script: unknown variant"),
        "{error}"
    );
    assert!(error.contains("if a newer program wrote it, use that program"), "{error}");
    assert_eq!(database.versions().await, ["1", "2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_index_that_was_begun_is_dropped_once() {
    let database = Database::new().await;
    database.run("CREATE TABLE t (id bigint PRIMARY KEY, a int); CREATE INDEX t_a ON t (a)").await;
    let all = migrations(vec![
        table(1, "one"),
        migration(
            2,
            "drops",
            vec![alone(drop_index("t_a")), together(vec![sql("INSERT INTO public.wanted VALUES (1)")])],
            vec![],
        ),
    ]);
    all.apply(&database.pool).await.unwrap_err();
    // As if it had been killed before the index was dropped, and after its beginning was noted.
    database.run("UPDATE migrate.journal SET segment = 0, running = true").await;
    database.run("CREATE INDEX t_a ON t (a); CREATE TABLE wanted (id int)").await;
    all.apply(&database.pool).await.unwrap();
    assert_eq!(database.value("SELECT (to_regclass('t_a') IS NULL)::text").await, "true");
    assert_eq!(database.versions().await, ["1", "2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_idle_for_too_long_is_so_once() {
    let database = Database::new().await;
    let (all, reader) = a_reader_in_the_way(&database).await;
    // Shorter than the pauses between the attempts.
    let name = database.options.get_database().unwrap();
    database.run(&format!("ALTER DATABASE {name} SET idle_session_timeout = '40ms'")).await;
    let retries = Arc::new(AtomicUsize::new(0));
    let (counted, pool) = (Arc::clone(&retries), database.another_pool());
    let migrator = all.migrator().peek(false).on_event(move |event| {
        counted.fetch_add(usize::from(matches!(event, Event::Retrying { .. })), Ordering::SeqCst);
    });
    let applying = tokio::spawn(async move { migrator.apply(&pool).await });
    // More often than a run may be interrupted without getting on.
    let often = || retries.load(Ordering::SeqCst) >= 9 || applying.is_finished();
    eventually("it tries again and again", often).await;
    reader.rollback().await.unwrap();
    assert_eq!(applying.await.unwrap().unwrap().applied.len(), 1);
}

/// What a process that is gone left running at the server.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_of_a_process_that_is_gone_is_waited_for_no_longer_than_the_lock() {
    let database = Database::new().await;
    let slow = migration(1, "slow", vec![together(vec![sql("SELECT pg_catalog.pg_sleep(6)")])], vec![]);
    let all = migrations(vec![slow]);
    let pool = database.another_pool();
    let gone = tokio::spawn(async move { all.apply(&pool).await });
    let sleeping = "SELECT count(*)::text FROM pg_catalog.pg_stat_activity \
                    WHERE datname = current_database() AND wait_event = 'PgSleep'";
    while database.value(sleeping).await != "1" {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    gone.abort();
    gone.await.unwrap_err();
    let error = all.migrator().lock_wait(std::time::Duration::from_secs(1)).apply(&database.pool).await.unwrap_err();
    assert!(matches!(&error, Error::LockBusy { holder: Some(_), .. }), "{error:?}");
    all.apply(&database.pool).await.unwrap();
    assert_eq!(database.versions().await, ["1"]);
}
