//! Backfills, on a real server.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use migrate_runtime::{Event, Migrations};
use support::*;

fn one(assignments: &str, condition: &str, key: &[&str], batch: u32) -> &'static Migrations {
    migrations(vec![migration(1, "fill", vec![alone(backfill("t", assignments, condition, key, batch))], vec![])])
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_is_done_once_by_key() {
    let database = Database::new().await;
    database.run("CREATE TABLE t (id bigint PRIMARY KEY, n int NOT NULL DEFAULT 0)").await;
    database.run("INSERT INTO t SELECT g - 500 FROM generate_series(1, 20000) g; ANALYZE t").await;
    // Not convergent: the condition stays true. Still each row is done once.
    one("n = n + 1", "true", &["id"], 700).apply(&database.pool).await.unwrap();
    assert_eq!(database.values("SELECT concat(n, ' ', count(*)) FROM t GROUP BY n").await, ["1 20000"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_several_columns_works() {
    let database = Database::new().await;
    database.run("CREATE TABLE t (a text, b uuid, n int NOT NULL DEFAULT 0, PRIMARY KEY (a, b))").await;
    database.run("INSERT INTO t SELECT 'it''s ' || g % 7, gen_random_uuid() FROM generate_series(1, 5000) g").await;
    one("n = n + 1", "a LIKE 'it%' -- a comment", &["a", "b"], 300).apply(&database.pool).await.unwrap();
    assert_eq!(database.values("SELECT concat(n, ' ', count(*)) FROM t GROUP BY n").await, ["1 5000"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_without_a_key_is_done_by_pages_and_swept() {
    let database = Database::new().await;
    database.run("CREATE TABLE t (a int, n int)").await;
    database.run("INSERT INTO t SELECT g FROM generate_series(1, 20000) g").await;
    one("n = a", "n IS NULL", &[], 500).apply(&database.pool).await.unwrap();
    assert_eq!(database.value("SELECT count(*)::text FROM t WHERE n = a").await, "20000");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_a_condition_that_stays_true_falls_back_to_one_update() {
    let database = Database::new().await;
    database.run("CREATE TABLE t (a int, n int NOT NULL DEFAULT 0)").await;
    database.run("INSERT INTO t SELECT g FROM generate_series(1, 5000) g").await;
    one("n = n + 1", "true", &[], 500).apply(&database.pool).await.unwrap();
    assert_eq!(database.values("SELECT concat(n, ' ', count(*)) FROM t GROUP BY n").await, ["1 5000"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_backfill_goes_on_at_its_checkpoint() {
    let database = Database::new().await;
    database.run("CREATE TABLE t (id bigint PRIMARY KEY, d int NOT NULL DEFAULT 1, n int NOT NULL DEFAULT 0)").await;
    database.run("INSERT INTO t SELECT g FROM generate_series(1, 20000) g; UPDATE t SET d = 0 WHERE id = 15000").await;
    let all = one("n = n + 1 / d", "true", &["id"], 500);
    let error = all.apply(&database.pool).await.unwrap_err();
    assert_eq!(error.sqlstate().as_deref(), Some("22012"));
    let done: i64 = database.value("SELECT count(*)::text FROM t WHERE n = 1").await.parse().unwrap();
    assert!((1000..20000).contains(&done), "{done}");
    database.run("UPDATE t SET d = 1").await;
    all.apply(&database.pool).await.unwrap();
    assert_eq!(database.values("SELECT concat(n, ' ', count(*)) FROM t GROUP BY n").await, ["1 20000"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_connections_lose_and_repeat_no_row() {
    let database = Database::new().await;
    database.run("CREATE TABLE t (id bigint PRIMARY KEY, n int NOT NULL DEFAULT 0)").await;
    database.run("INSERT INTO t SELECT g FROM generate_series(1, 100000) g").await;
    let all = one("n = n + 1", "true", &["id"], 200);
    let pool = database.another_pool();
    let run = tokio::spawn(async move { all.apply(&pool).await });
    for _ in 0..5 {
        tokio::time::sleep(std::time::Duration::from_millis(150)).await;
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                    WHERE application_name LIKE 'migrate: 1%' AND datname = current_database()";
        database.run(kill).await;
    }
    run.await.unwrap().unwrap();
    assert_eq!(database.values("SELECT concat(n, ' ', count(*)) FROM t GROUP BY n").await, ["1 100000"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_progress_tells_all_rows_of_all_attempts() {
    let database = Database::new().await;
    database.run("CREATE TABLE t (id bigint PRIMARY KEY, n int)").await;
    database.run("INSERT INTO t SELECT g FROM generate_series(1, 3000) g; ANALYZE t").await;
    let seen = std::sync::Arc::new(std::sync::Mutex::new(None));
    let events = seen.clone();
    one("n = 1", "id > 1000", &["id"], 500)
        .migrator()
        .on_event(move |event| {
            if let Event::BackfillProgress { progress, .. } = event {
                *events.lock().unwrap() = Some((progress.rows, progress.fraction));
            }
        })
        .apply(&database.pool)
        .await
        .unwrap();
    assert_eq!(*seen.lock().unwrap(), Some((2000, Some(1.0))));
}
