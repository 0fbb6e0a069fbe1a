//! Replicas of the old program that start beside those of the new one.

use tests::Database;

use super::sqlx_tool::migrator;
use super::{history, item};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn old_and_new_replicas_start_together_and_all_of_them_run() {
    let copy = Database::create().await;
    migrator(2).run(&copy.pool).await.unwrap();
    let migrations = history(&item(&copy).await);
    for round in 0..3 {
        let database = Database::create().await;
        migrator(2).run(&database.pool).await.unwrap();
        let replicas = (0..10).map(|number| {
            let url = database.url.clone();
            tokio::spawn(async move {
                let pool = sqlx::PgPool::connect(&url).await.unwrap();
                if number % 2 == round % 2 {
                    migrations
                        .apply(&pool)
                        .await
                        .map(|report| report.adopted.is_some())
                        .map_err(|error| error.to_string())
                } else {
                    migrator(2).run(&pool).await.map(|()| false).map_err(|error| error.to_string())
                }
            })
        });
        let replicas: Vec<_> = replicas.collect();
        let mut adopted = 0;
        for replica in replicas {
            adopted += usize::from(replica.await.unwrap().unwrap_or_else(|error| panic!("round {round}: {error}")));
        }
        assert_eq!(adopted, 1, "one of them takes over");
        assert!(migrations.migrator().verify(&database.pool).await.unwrap().is_clean());
        assert_eq!(
            database.text("SELECT string_agg(version || kind, ' ' ORDER BY version) FROM migrate.history").await,
            "1baseline 2applied"
        );
    }
}

/// The old program is behind: whoever of the new ones comes before it is refused, as it should be, and none of the old ones.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_old_program_that_is_still_migrating_is_waited_for() {
    let copy = Database::create().await;
    migrator(2).run(&copy.pool).await.unwrap();
    let migrations = history(&item(&copy).await);
    let database = Database::create().await;
    migrator(1).run(&database.pool).await.unwrap();
    // It has its lock, and is at its last migration.
    let mut other = database.pool.acquire().await.unwrap();
    sqlx::migrate::Migrate::lock(&mut *other).await.unwrap();
    let pool = database.pool.clone();
    let new = tokio::spawn(async move { migrations.apply(&pool).await });
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    assert!(!new.is_finished());
    let (old, all) = (migrator(2), "_sqlx_migrations");
    let last = old.iter().last().unwrap();
    sqlx::migrate::Migrate::apply(&mut *other, all, last).await.unwrap();
    sqlx::migrate::Migrate::unlock(&mut *other).await.unwrap();
    assert!(new.await.unwrap().unwrap().adopted.is_some());
    old.run(&database.pool).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_new_program_that_is_killed_while_it_takes_over_leaves_nothing_in_between() {
    let copy = Database::create().await;
    migrator(2).run(&copy.pool).await.unwrap();
    let migrations = history(&item(&copy).await);
    for delay in [0, 2, 5, 8, 12, 18, 25, 35, 50, 80, 120, 200] {
        let database = Database::create().await;
        migrator(2).run(&database.pool).await.unwrap();
        let url = database.url.clone();
        let killed = tokio::spawn(async move {
            let pool = sqlx::PgPool::connect(&url).await.unwrap();
            migrations.apply(&pool).await
        });
        tokio::time::sleep(std::time::Duration::from_millis(delay)).await;
        // Its connections end in the middle, as those of a process that is killed.
        killed.abort();
        migrator(2).run(&database.pool).await.unwrap_or_else(|error| panic!("the old one after {delay} ms: {error}"));
        migrations.apply(&database.pool).await.unwrap_or_else(|error| panic!("the new one after {delay} ms: {error}"));
        assert_eq!(
            database.text("SELECT string_agg(version || kind, ' ' ORDER BY version) FROM migrate.history").await,
            "1baseline 2applied"
        );
        assert!(migrations.migrator().verify(&database.pool).await.unwrap().is_clean());
    }
}
