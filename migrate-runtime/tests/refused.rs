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

/// The text of an error, and that of its causes.
fn text(error: Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text.push_str(&format!("\ncaused by: {cause}"));
        source = cause.source();
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_a_policy_hides_is_not_taken_for_an_empty_one() {
    let database = Database::new().await;
    migrations(vec![table(1, "one")]).apply(&database.pool).await.unwrap();
    let pool = role(&database, "hidden").await;
    database.run("ALTER TABLE migrate.history ENABLE ROW LEVEL SECURITY").await;
    let next = migrations(vec![table(1, "one"), table(2, "two")]);
    let error = text(next.apply(&pool).await.unwrap_err());
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
    for missing in ["journal", "format"] {
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
    let error = text(all.apply(&database.pool).await.unwrap_err());
    assert!(error.starts_with("the row of version 2 in migrate.history cannot be read"), "{error}");
    assert!(error.contains("where somebody wrote it by hand, delete it"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_is_missing_is_asked_for() {
    let database = Database::new().await;
    migrations(vec![table(1, "one")]).apply(&database.pool).await.unwrap();
    let pool = role(&database, "poor").await;
    let alter = locking(sql("ALTER TABLE one ADD COLUMN b int"), "one", LockMode::AccessExclusive);
    let next = migrations(vec![table(1, "one"), migration(2, "more", vec![together(vec![alter])], vec![])]);
    let error = text(next.apply(&pool).await.unwrap_err());
    assert!(error.contains("must be owner of table one (SQLSTATE 42501)"), "{error}");
    assert!(error.contains("help: give the role that right and start again"), "{error}");
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
    let error = text(all.apply(&database.pool).await.unwrap_err());
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
    let error = text(all.migrator().lock_wait(Duration::from_millis(200)).apply(&pool).await.unwrap_err());
    assert!(error.contains("too many connections for role"), "{error}");
    assert!(error.contains("a run needs two connections beside those of the pool"), "{error}");
    // One that another one needed is free again.
    let limit = format!("ALTER ROLE {user} CONNECTION LIMIT 3");
    let (result, ()) = tokio::join!(all.apply(&pool), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        database.run(&limit).await;
    });
    result.unwrap();
}
