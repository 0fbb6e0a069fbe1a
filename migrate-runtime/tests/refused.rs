//! What somebody changed by hand, or does not allow: the text says what it is, and the way out.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use std::time::Duration;

use migrate_core::plan::LockMode;
use migrate_runtime::Error;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use support::*;

/// As another role, which may use the history and the schema `public`.
async fn role(database: &Database, name: &str) -> PgPool {
    let name = format!("{name}_{}", database.options.get_database().unwrap());
    database.run(&format!("CREATE ROLE {name} LOGIN; GRANT ALL ON SCHEMA migrate, public TO {name}")).await;
    database.run(&format!("GRANT ALL ON ALL TABLES IN SCHEMA migrate, public TO {name}")).await;
    PgPoolOptions::new().max_connections(1).connect_lazy_with(database.options.clone().username(&name))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_a_policy_hides_is_not_taken_for_an_empty_one() {
    let database = Database::new().await;
    migrations(vec![table(1, "one")]).apply(&database.pool).await.unwrap();
    let pool = role(&database, "hidden").await;
    database.run("ALTER TABLE migrate.history ENABLE ROW LEVEL SECURITY").await;
    let next = migrations(vec![table(1, "one"), table(2, "two")]);
    let error = text(&next.apply(&pool).await.unwrap_err());
    assert!(error.contains("would be affected by row-level security policy for table \"history\""), "{error}");
    assert!(error.contains("connect as the role that owns the history"), "{error}");
    assert!(!database.has_table("two").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_table_of_the_history_is_made_again_and_the_others_are_kept() {
    let database = Database::new().await;
    let first = migrations(vec![table(1, "one"), table(2, "two")]);
    first.apply(&database.pool).await.unwrap();
    let all = migrations(vec![table(1, "one"), table(2, "two"), table(3, "three")]);
    for missing in ["journal", "format", "head"] {
        database.run(&format!("DROP TABLE migrate.{missing}")).await;
        all.apply(&database.pool).await.unwrap();
        assert_eq!(database.versions().await, ["1", "2", "3"]);
        all.migrator().revert(&database.pool, 1).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_written_by_hand_is_named() {
    let database = Database::new().await;
    migrations(vec![table(1, "one")]).apply(&database.pool).await.unwrap();
    database
        .run(
            "INSERT INTO migrate.history SELECT 2, 'two', 'by hand', '', kind, now(), applied_by, application, client, \
             0, '', NULL, footprint, compatibility FROM migrate.history",
        )
        .await;
    let all = migrations(vec![table(1, "one"), table(2, "two")]);
    let error = text(&all.apply(&database.pool).await.unwrap_err());
    assert!(error.starts_with("cannot read the row of version 2 in migrate.history"), "{error}");
    assert!(error.contains("if it was written by hand, delete it"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_is_missing_is_asked_for() {
    let database = Database::new().await;
    migrations(vec![table(1, "one")]).apply(&database.pool).await.unwrap();
    let pool = role(&database, "poor").await;
    let alter = locking(sql("ALTER TABLE public.one ADD COLUMN b int"), "one", LockMode::AccessExclusive);
    let next = migrations(vec![table(1, "one"), migration(2, "more", vec![together(vec![alter])], vec![])]);
    let error = text(&next.apply(&pool).await.unwrap_err());
    assert!(error.contains("must be owner of table one (SQLSTATE 42501)"), "{error}");
    assert!(error.contains("help: grant the role that privilege and start again"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trigger_that_forbids_it_is_quoted_and_nothing_stays() {
    let database = Database::new().await;
    let all = migrations(vec![table(1, "one"), table(2, "two")]);
    all.migrator().apply_to(&database.pool, migrate_runtime::Target::Version(1)).await.unwrap();
    database
        .run(
            "CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS \
             'BEGIN RAISE ''not on Fridays'' USING HINT = ''ask the database team''; END'; \
             CREATE EVENT TRIGGER no ON ddl_command_end EXECUTE FUNCTION no()",
        )
        .await;
    let error = text(&all.apply(&database.pool).await.unwrap_err());
    assert!(error.contains("not on Fridays (SQLSTATE P0001)\n  hint: ask the database team"), "{error}");
    database.run("DROP EVENT TRIGGER no").await;
    all.apply(&database.pool).await.unwrap();
    assert_eq!(database.versions().await, ["1", "2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_without_connections_left_is_told_how_many_a_run_takes() {
    let database = Database::new().await;
    migrations(vec![table(1, "one")]).apply(&database.pool).await.unwrap();
    let pool = role(&database, "single").await;
    let user = pool.connect_options().get_username().to_string();
    database.run(&format!("ALTER ROLE {user} CONNECTION LIMIT 1")).await;
    let all = migrations(vec![table(1, "one"), table(2, "two")]);
    let error = text(&all.migrator().lock_wait(Duration::from_millis(200)).apply(&pool).await.unwrap_err());
    assert!(error.contains("too many connections for role"), "{error}");
    assert!(error.contains("a run needs two connections besides those of the pool"), "{error}");
    // One that another one needed is free again.
    let limit = format!("ALTER ROLE {user} CONNECTION LIMIT 3");
    let (result, ()) = tokio::join!(all.apply(&pool), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        database.run(&limit).await;
    });
    result.unwrap();
}

/// Logical replication, change data capture: rows of a published table can only be deleted where it has a key.
#[tokio::test(flavor = "multi_thread")]
async fn a_publication_of_all_tables_is_in_the_way_of_nothing() {
    let database = Database::new().await;
    database.run("CREATE PUBLICATION everything FOR ALL TABLES").await;
    let first = migrations(vec![table(1, "one")]);
    first.apply(&database.pool).await.unwrap();
    let drop = migration(
        2,
        "two",
        vec![together(vec![sql("CREATE TABLE public.two ()")])],
        vec![together(vec![sql("DROP TABLE public.two")])],
    );
    let all = migrations(vec![table(1, "one"), drop]);
    all.apply(&database.pool).await.unwrap();
    all.migrator().revert(&database.pool, 1).await.unwrap();
    all.migrator().baseline_unchecked(&database.pool, 2).await.unwrap();
    database.run("DROP TABLE migrate.head; TRUNCATE migrate.format; INSERT INTO migrate.format VALUES (1)").await;
    all.apply(&database.pool).await.unwrap();
    assert_eq!(
        database.value("SELECT concat_ws(' ', version, (SELECT version FROM migrate.format)) FROM migrate.head").await,
        "2 3"
    );
}

/// Somebody who wants everything again drops the history, and the head stays.
#[tokio::test(flavor = "multi_thread")]
async fn the_head_of_a_history_that_was_dropped_says_nothing() {
    let database = Database::new().await;
    let all = migrations(vec![table(1, "one"), table(2, "two")]);
    all.apply(&database.pool).await.unwrap();
    database.run("DROP TABLE migrate.history CASCADE; DROP TABLE one, two").await;
    // A run that comes no further than to the history.
    let refused =
        migrations(vec![table(1, "one"), migration(2, "bad", vec![together(vec![sql("SELECT 1 / 0")])], vec![])]);
    refused.migrator().from_empty(migrate_runtime::FromEmpty::Replay).apply(&database.pool).await.unwrap_err();
    assert_eq!(database.versions().await, ["1"]);
    assert_eq!(all.apply(&database.pool).await.unwrap().applied.len(), 1);
    assert!(database.has_table("two").await);
    // Who deletes the last row by hand deletes the head with it, as ever.
    database.run("DROP TABLE two; DELETE FROM migrate.history WHERE version = 2").await;
    assert_eq!(all.apply(&database.pool).await.unwrap().applied.len(), 1);
}

/// Somebody has the last row locked. The application starts, and its pool keeps nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_cannot_be_noted_now_holds_up_no_start() {
    let database = Database::new().await;
    let all = migrations(vec![table(1, "one")]);
    all.apply(&database.pool).await.unwrap();
    database.run("DELETE FROM migrate.head").await;
    let mut other = database.another_pool().begin().await.unwrap();
    sqlx::query("SELECT FROM migrate.history FOR UPDATE").execute(&mut *other).await.unwrap();
    let started = std::time::Instant::now();
    all.apply(&database.pool).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    // The server tells the error, and then ends the transaction.
    let none = "SELECT (count(*) = 0)::text FROM pg_locks JOIN pg_database ON pg_database.oid = database \
                WHERE locktype = 'advisory' AND datname = current_database()";
    database.until(none).await;
    other.rollback().await.unwrap();
    all.apply(&database.pool).await.unwrap();
    assert_eq!(database.value("SELECT version::text FROM migrate.head").await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_cannot_be_written_fails_no_run_and_one_that_cannot_be_deleted_does() {
    let database = Database::new().await;
    migrations(vec![table(1, "one")]).apply(&database.pool).await.unwrap();
    let pool = role(&database, "writer").await;
    let role = pool.connect_options().get_username().to_string();
    database.run(&format!("REVOKE INSERT ON migrate.head FROM {role}")).await;
    let two = migrations(vec![table(1, "one"), table(2, "two")]);
    assert_eq!(two.apply(&pool).await.unwrap().applied.len(), 1);
    assert!(two.apply(&pool).await.unwrap().is_empty());
    assert!(two.apply(&database.pool).await.unwrap().is_empty());
    database.run("ALTER TABLE migrate.head ENABLE ROW LEVEL SECURITY").await;
    database.run("CREATE POLICY seen ON migrate.head FOR SELECT USING (true)").await;
    let error = text(&two.migrator().revert(&pool, 1).await.unwrap_err());
    assert!(error.contains("`migrate.head` has the policy `seen`"), "{error}");
    assert!(database.has_table("two").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_lends_no_connection_in_time_is_asked_why() {
    let database = Database::new().await;
    let all = migrations(vec![table(1, "one")]);
    let soon = PgPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_millis(300));
    // Nobody listens there, and the pool would only say that its time is over.
    let nowhere = soon.clone().connect_lazy_with(database.options.clone().host("127.0.0.1").port(1));
    for error in [all.apply(&nowhere).await.unwrap_err(), all.migrator().status(&nowhere).await.unwrap_err()] {
        assert!(matches!(&error, Error::Connect(sqlx::Error::Io(_))), "{error:?}");
        assert!(text(&error).contains("refused"));
    }
    let all_lent = soon.connect_with(database.options.clone()).await.unwrap();
    let _lent = all_lent.acquire().await.unwrap();
    let error = all.apply(&all_lent).await.unwrap_err();
    assert!(matches!(&error, Error::Connect(sqlx::Error::PoolTimedOut)), "{error:?}");
}
