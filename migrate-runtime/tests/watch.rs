//! Seeing a migration at work, on a real server: in events, and from another process.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use migrate_core::plan::LockMode;
use migrate_runtime::{Event, Migrations, Sight, Watched};
use support::gate::Gate;
use support::*;

/// Looks until something is seen.
async fn seen(database: &Database, all: &'static Migrations, what: impl Fn(&Watched) -> bool) -> Watched {
    let pool = database.another_pool();
    let mut last = None;
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(30) {
        let watched = all.migrator().watch(&pool).await.unwrap();
        if what(&watched) {
            return watched;
        }
        last = Some(watched);
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it was never seen; at last: {last:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_build_that_waits_for_an_old_snapshot_says_for_whose() {
    let database = Database::new().await;
    database
        .run("CREATE TABLE t (id bigint PRIMARY KEY, a int); INSERT INTO t SELECT g, g FROM generate_series(1, 1000) g")
        .await;
    let all =
        migrations(vec![table(1, "one"), migration(2, "index_a", vec![alone(index("t_a", "t", "a", false))], vec![])]);
    let mut reader = database.another_pool().begin().await.unwrap();
    sqlx::raw_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_class")
        .execute(&mut *reader)
        .await
        .unwrap();
    let events = Arc::new(Mutex::new(Vec::new()));
    let (told, pool) = (Arc::clone(&events), database.another_pool());
    let migrator = all.migrator().on_event(move |event| {
        if let Event::StatementProgress { statement, sight, elapsed } = event {
            told.lock().unwrap().push((statement.clone(), sight.clone(), *elapsed));
        }
    });
    let run = tokio::spawn(async move { migrator.apply(&pool).await });
    // Those who look have snapshots, too, for a moment. What is seen is not all of the same moment.
    let is_blocked = |sight: &Sight| {
        let waits = sight.backend.as_ref().is_some_and(|backend| backend.wait == "Lock: virtualxid");
        let phase = sight.build.as_ref().map(|build| build.phase.as_str());
        let reads = sight.blockers.iter().any(|one| one.query.contains("FROM pg_class"));
        waits && phase == Some("waiting for old snapshots") && reads
    };
    let watched = seen(&database, all, |watched| is_blocked(&watched.sight)).await;
    let migration = watched.migration.unwrap();
    assert_eq!((migration.migration.to_string().as_str(), migration.segments), ("2_index_a", Some((0, 1))));
    let statement = migration.statement.unwrap();
    assert!(statement.sql.starts_with("CREATE INDEX CONCURRENTLY t_a") && (statement.index, statement.total) == (1, 1));
    assert_eq!(watched.sight.build.as_ref().unwrap().phase, "waiting for old snapshots");
    assert_eq!(watched.sight.blockers[0].application_name, "the test");
    assert!(watched.sight.blockers[0].query.contains("FROM pg_class"), "{:?}", watched.sight.blockers);
    assert_eq!(watched.sight.backend.unwrap().wait, "Lock: virtualxid");
    assert!(watched.lock.unwrap().application_name.starts_with("migrate: "));
    assert_eq!(watched.applied, 1);
    eventually("it says for whom it waits", || events.lock().unwrap().iter().any(|(_, sight, _)| is_blocked(sight)))
        .await;
    reader.rollback().await.unwrap();
    run.await.unwrap().unwrap();

    let events = std::mem::take(&mut *events.lock().unwrap());
    let (statement, sight, elapsed) = events.iter().find(|(_, sight, _)| is_blocked(sight)).unwrap();
    assert!(statement.sql.starts_with("CREATE INDEX") && *elapsed >= Duration::from_secs(1), "{elapsed:?}");
    let build = sight.build.as_ref().unwrap().to_string();
    assert!(build.starts_with("waiting for old snapshots, ") && build.ends_with(" transactions ended"), "{build}");
    assert_eq!(sight.blockers[0].state, "idle in transaction");
    assert!(sight.connections.all >= 3 && sight.connections.idle_in_transaction >= 1, "{:?}", sight.connections);

    let idle = all.migrator().watch(&database.pool).await.unwrap();
    assert_eq!((idle.lock, idle.migration, idle.applied), (None, None, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_build_says_how_far_it_is() {
    let database = Database::new().await;
    database.run("CREATE TABLE t (id bigint, a int); INSERT INTO t SELECT g, g FROM generate_series(1, 20000) g").await;
    // The build comes to the gate in the middle of the table.
    let wait = "CREATE FUNCTION wait_at_gate() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'STATEMENT'; END $$; \
                CREATE FUNCTION key(a int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ \
                BEGIN IF a = 10000 THEN PERFORM public.wait_at_gate(); END IF; RETURN a; END $$";
    database.run(&wait.replace("STATEMENT", &Gate::statement(1))).await;
    let gate = Gate::close(&database, 1).await;
    let create = "CREATE INDEX CONCURRENTLY t_a ON public.t (public.key(a))";
    let all = migrations(vec![migration(1, "index_a", vec![alone(sql(create))], vec![])]);
    let pool = database.another_pool();
    let run = tokio::spawn(async move { all.apply(&pool).await });
    gate.is_reached().await;
    let is_building = |watched: &Watched| watched.sight.build.as_ref().is_some_and(|build| build.fraction.is_some());
    let build = seen(&database, all, is_building).await.sight.build.unwrap();
    assert!(build.phase.starts_with("building index"), "{build}");
    assert!(build.fraction.is_some_and(|done| done > 0.0 && done < 1.0), "{build}");
    assert_eq!(build.command, "CREATE INDEX CONCURRENTLY");
    gate.open().await;
    run.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backfill_shows_its_checkpoint() {
    let database = Database::new().await;
    database.run("CREATE TABLE t (id bigint PRIMARY KEY, n int); INSERT INTO t SELECT g FROM generate_series(1, 20000) g; ANALYZE t").await;
    let wait = "CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$ \
                BEGIN EXECUTE 'STATEMENT'; RETURN NULL; END $$";
    database.run(&wait.replace("STATEMENT", &Gate::statement(1))).await;
    database
        .run("CREATE TRIGGER gate AFTER UPDATE ON t FOR EACH ROW WHEN (OLD.id = 10000) EXECUTE FUNCTION wait_at_gate()")
        .await;
    let gate = Gate::close(&database, 1).await;
    let all =
        migrations(vec![migration(1, "fill", vec![alone(backfill("t", "n = 1", "n IS NULL", &["id"], 200))], vec![])]);
    let pool = database.another_pool();
    let run = tokio::spawn(async move { all.apply(&pool).await });
    gate.is_reached().await;
    let is_filling = |watched: &Watched| {
        let backfill = watched.migration.as_ref().and_then(|migration| migration.backfill);
        backfill.is_some_and(|backfill| backfill.rows > 0 && backfill.fraction.is_some_and(|done| done > 0.0))
    };
    let watched = seen(&database, all, is_filling).await;
    assert!(watched.migration.unwrap().backfill.unwrap().rows < 20_000);
    gate.open().await;
    run.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_of_one_transaction_is_known_by_its_session() {
    let database = Database::new().await;
    let gate = Gate::close(&database, 1).await;
    let change = locking(sql(&Gate::statement(1)), "one", LockMode::ShareUpdateExclusive);
    let all = migrations(vec![table(1, "one"), migration(2, "slow", vec![together(vec![change])], vec![])]);
    all.migrator().apply_to(&database.pool, migrate_runtime::Target::Version(1)).await.unwrap();
    let events = Arc::new(Mutex::new(0));
    let (told, pool) = (Arc::clone(&events), database.another_pool());
    let migrator = all.migrator().on_event(move |event| {
        if let Event::StatementProgress { sight, .. } = event {
            *told.lock().unwrap() += usize::from(sight.backend.is_some());
        }
    });
    let run = tokio::spawn(async move { migrator.apply(&pool).await });
    gate.is_reached().await;
    let watched = seen(&database, all, |watched| watched.sight.backend.is_some() && watched.migration.is_some()).await;
    let migration = watched.migration.unwrap();
    assert_eq!((migration.migration.to_string().as_str(), migration.segments), ("2_slow", Some((0, 1))));
    assert_eq!(migration.statement.unwrap().sql, Gate::statement(1));
    eventually("it says how it goes", || *events.lock().unwrap() >= 1).await;
    gate.open().await;
    run.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_does_not_queue_for_a_table_says_for_whom_it_waits() {
    let database = Database::new().await;
    database.run("CREATE TABLE t (id bigint)").await;
    let mut reader = database.another_pool().begin().await.unwrap();
    sqlx::raw_sql("SELECT count(*) FROM t").execute(&mut *reader).await.unwrap();
    let add = locking(sql("ALTER TABLE public.t ADD COLUMN a int"), "t", LockMode::AccessExclusive);
    let all = migrations(vec![migration(1, "add_a", vec![together(vec![add])], vec![])]);
    let pool = database.another_pool();
    let run = tokio::spawn(async move { all.apply(&pool).await });
    let reads = |watched: &Watched| watched.sight.blockers.iter().any(|one| one.query.contains("FROM t"));
    let watched = seen(&database, all, reads).await;
    assert_eq!(watched.sight.blockers[0].table, "public.t");
    assert_eq!(watched.migration.unwrap().migration.to_string(), "1_add_a");
    reader.rollback().await.unwrap();
    run.await.unwrap().unwrap();
}
