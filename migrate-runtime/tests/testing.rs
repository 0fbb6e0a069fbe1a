//! `migrate_runtime::testing`: databases for tests, and round trips.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use migrate_core::plan::Checksum;
use migrate_runtime::testing::{RoundTripError, TestDatabase, round_trip};
use sqlx::ConnectOptions as _;
use support::*;

async fn server() -> (Database, String) {
    let database = Database::new().await;
    let url = database.options.to_url_lossy().to_string();
    (database, url)
}

async fn databases(database: &Database, like: &str) -> Vec<String> {
    database.values(&format!("SELECT datname FROM pg_database WHERE datname LIKE '{like}' ORDER BY 1")).await
}

#[tokio::test]
async fn each_test_has_a_migrated_database_of_its_own_that_is_dropped() {
    let (any, url) = server().await;
    let all = migrations(vec![table(1, "for_each_test"), table(2, "second")]);
    let one = TestDatabase::migrated(all, &url).await.unwrap();
    let two = TestDatabase::migrated(all, &url).await.unwrap();
    assert_ne!(one.name(), two.name());
    sqlx::raw_sql("INSERT INTO second VALUES (1, 'a')").execute(one.pool()).await.unwrap();
    let rows = sqlx::raw_sql("SELECT FROM second").fetch_all(two.pool()).await.unwrap();
    assert!(rows.is_empty());
    assert!(all.apply(two.pool()).await.unwrap().is_empty());
    let names = [one.name().to_string(), two.name().to_string()];
    drop(one);
    two.remove().await.unwrap();
    let left = databases(&any, "migrate_test_%").await;
    assert!(names.iter().all(|name| !left.contains(name)), "{left:?}");
}

#[tokio::test]
async fn the_template_is_replaced_when_the_migrations_change() {
    let (any, url) = server().await;
    let before = migrations(vec![table(77, "family")]);
    let after = migrations(vec![table(77, "family"), table(78, "more")]);
    TestDatabase::migrated(before, &url).await.unwrap().remove().await.unwrap();
    // Other tests make templates meanwhile.
    let family = format!("migrate\\_template\\_{}\\_%", Checksum::of("77_family").short());
    let old = databases(&any, &family).await;
    let database = TestDatabase::migrated(after, &url).await.unwrap();
    assert_eq!(after.migrator().history(database.pool()).await.unwrap().len(), 2);
    let new = databases(&any, &family).await;
    assert!(old.len() == 1 && new.len() == 1 && old != new, "{old:?} {new:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_tests_at_once_share_one_template() {
    let (_any, url) = server().await;
    let all = migrations(vec![table(99, "shared")]);
    let starts: Vec<_> = (0..8)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { TestDatabase::migrated(all, &url).await.map(drop) })
        })
        .collect();
    for start in starts {
        start.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_database_can_be_kept() {
    let (any, url) = server().await;
    let name = TestDatabase::empty(&url).await.unwrap().keep();
    assert_eq!(databases(&any, &name).await, [name]);
}

#[tokio::test]
async fn a_round_trip_finds_what_was_not_predicted() {
    let (_any, url) = server().await;
    // Made by hand, so the operations say nothing of the table.
    let error = round_trip(migrations(vec![table(1, "surprise")]), &url).await.unwrap_err();
    assert!(matches!(error, RoundTripError::Differs { .. }));
    let text = error.to_string();
    assert!(text.starts_with("the database is not as predicted after: apply `1_surprise`\n"), "{text}");
    assert!(text.contains("surprise"), "{text}");
}

#[tokio::test]
async fn a_round_trip_names_the_migration_that_fails() {
    let (_any, url) = server().await;
    let bad = migration(1, "bad", vec![together(vec![sql("SELECT 1")])], vec![together(vec![sql("SELECT 1 / 0")])]);
    let error = round_trip(migrations(vec![bad]), &url).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot revert `1_bad`");
}
