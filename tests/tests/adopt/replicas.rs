//! Replicas of the old program that start beside those of the new one.

use std::time::Duration;

use migrate_core::adopt::Exclusion;
use migrate_runtime::{IgnoredFor, Target};
use tests::Database;

use super::old::{Old, migrator};
use super::{found, objects};

/// What our table has in the end.
const RECORDED: &str = "SELECT string_agg(version || kind, ' ' ORDER BY version) FROM migrate.history";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_tool_has_migrated_goes_on_with_both() {
    for old in Old::all() {
        let database = old.migrated().await;
        let adoption = found(&database).await;
        assert_eq!((adoption.tool, &adoption.table), (old.tool(), &old.tool().table()), "{old:?}");
        assert_eq!(adoption.versions, old.versions(), "{old:?}");
        let migrations = old.ours().await;
        let before = objects(&database).await;
        let report = migrations.migrator().apply_to(&database.pool, Target::Version(1)).await;
        let report = report.unwrap_or_else(|error| panic!("{old:?}: {error}"));
        assert_eq!(report.adopted.map(|adopted| adopted.tool), Some(old.tool().name()));
        assert_eq!(objects(&database).await, before, "{old:?}: no object is made, changed or rewritten");
        assert_eq!(migrations.apply(&database.pool).await.unwrap().applied.len(), 1);
        // The old program goes on starting, also now that ours is ahead.
        old.start(&database.url).await.unwrap_or_else(|error| panic!("{old:?}: {error}"));
        let verification = migrations.migrator().verify(&database.pool).await.unwrap();
        assert!(verification.is_clean(), "{old:?}: {verification:?}");
        assert!(verification.ignored.iter().all(|one| one.why == IgnoredFor::Tool(old.tool().name())));
        assert_eq!(database.text(RECORDED).await, "1baseline 2applied");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn old_and_new_replicas_start_together_and_all_of_them_run() {
    for old in Old::all() {
        let migrations = old.ours().await;
        for round in 0..3 {
            let database = old.migrated().await;
            let replicas = (0..10).map(|number| {
                let url = database.url.clone();
                tokio::spawn(async move {
                    if number % 2 == round % 2 {
                        let pool = sqlx::PgPool::connect(&url).await.unwrap();
                        migrations
                            .apply(&pool)
                            .await
                            .map(|report| report.adopted.is_some())
                            .map_err(|error| error.to_string())
                    } else {
                        old.start(&url).await.map(|()| false)
                    }
                })
            });
            let replicas: Vec<_> = replicas.collect();
            let mut adopted = 0;
            for replica in replicas {
                let replica = replica.await.unwrap();
                adopted += usize::from(replica.unwrap_or_else(|error| panic!("{old:?}, round {round}: {error}")));
            }
            assert_eq!(adopted, 1, "one of them takes over");
            assert!(migrations.migrator().verify(&database.pool).await.unwrap().is_clean());
            assert_eq!(database.text(RECORDED).await, "1baseline 2applied");
        }
    }
}

/// The old program is behind: whoever of the new ones comes before it is refused, as it should be, and none of the old ones.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_old_program_that_is_still_migrating_is_waited_for() {
    let old = Old::Sqlx;
    let migrations = old.ours().await;
    let database = Database::create().await;
    old.start_behind(&database.url).await;
    // It has its lock, and is at its last migration.
    let mut other = database.pool.acquire().await.unwrap();
    sqlx::migrate::Migrate::lock(&mut *other).await.unwrap();
    let pool = database.pool.clone();
    let new = tokio::spawn(async move { migrations.apply(&pool).await });
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(!new.is_finished());
    let (all, migrations) = ("_sqlx_migrations", migrator(2));
    let last = migrations.iter().last().unwrap();
    sqlx::migrate::Migrate::apply(&mut *other, all, last).await.unwrap();
    sqlx::migrate::Migrate::unlock(&mut *other).await.unwrap();
    assert!(new.await.unwrap().unwrap().adopted.is_some());
    old.start(&database.url).await.unwrap();
}

/// A tool without a lock is at its last migration, and nothing says so: the new program is refused as long as that is not
/// recorded, and hinders nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_old_program_without_a_lock_is_not_hindered_at_its_last_migration() {
    for old in Old::all() {
        let database = Database::create().await;
        old.start_behind(&database.url).await;
        let [first, last] = old.versions();
        assert_eq!(found(&database).await.versions, [first], "{old:?}");
        if !matches!(found(&database).await.exclusion("any"), Exclusion::Table) {
            continue;
        }
        let migrations = old.ours().await;
        // It waits for somebody with its foreign key.
        let mut somebody = database.pool.begin().await.unwrap();
        sqlx::raw_sql("LOCK TABLE users IN ROW EXCLUSIVE MODE").execute(&mut *somebody).await.unwrap();
        let url = database.url.clone();
        let at_work = tokio::spawn(async move { old.start(&url).await });
        let waits = "EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'users'::regclass)";
        while database.text(waits).await != "true" {
            assert!(!at_work.is_finished(), "{old:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let text = migrations.apply(&database.pool).await.unwrap_err().to_string();
        assert!(text.contains(&format!("lacks 1 of the 2 migrations that it must have\n  {last}\n")), "{text}");
        somebody.rollback().await.unwrap();
        at_work.await.unwrap().unwrap_or_else(|error| panic!("{old:?}: {error}"));
        assert!(migrations.apply(&database.pool).await.unwrap().adopted.is_some(), "{old:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_new_program_that_is_killed_while_it_takes_over_leaves_nothing_in_between() {
    for old in Old::all() {
        let migrations = old.ours().await;
        for delay in [0, 2, 5, 8, 12, 18, 25, 35, 50, 80, 120, 200] {
            let database = old.migrated().await;
            let url = database.url.clone();
            let killed = tokio::spawn(async move {
                let pool = sqlx::PgPool::connect(&url).await.unwrap();
                migrations.apply(&pool).await
            });
            tokio::time::sleep(Duration::from_millis(delay)).await;
            // Its connections end in the middle, as those of a process that is killed.
            killed.abort();
            let again = old.start(&database.url).await;
            again.unwrap_or_else(|error| panic!("the old one, {old:?}, after {delay} ms: {error}"));
            let again = migrations.apply(&database.pool).await;
            again.unwrap_or_else(|error| panic!("the new one beside {old:?} after {delay} ms: {error}"));
            assert_eq!(database.text(RECORDED).await, "1baseline 2applied");
            assert!(migrations.migrator().verify(&database.pool).await.unwrap().is_clean());
        }
    }
}
