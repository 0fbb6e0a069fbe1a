//! What an interrupted run left is finished, and is not done once more.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

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
