//! Backfills, on a real server.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use migrate_runtime::{BackfillProgress, Event, Migrations, Throttle};
use support::*;

async fn last_progress(migrations: &'static Migrations, database: &Database) -> BackfillProgress {
    let seen = Arc::new(Mutex::new(None));
    let events = seen.clone();
    let migrator = migrations.migrator().on_event(move |event| {
        if let Event::BackfillProgress { progress, .. } = event {
            *events.lock().unwrap() = Some(progress.clone());
        }
    });
    migrator.apply(&database.pool).await.unwrap();
    seen.lock().unwrap().clone().unwrap()
}

fn one(assignments: &str, condition: &str, key: &[&str], batch: u32) -> &'static Migrations {
    migrations(vec![migration(1, "fill", vec![alone(backfill("t", assignments, condition, key, batch))], vec![])])
}

/// With batches that become no smaller where the machine is slow.
async fn unhurried(migrations: &'static Migrations, database: &Database) {
    migrations.migrator().batch_time(Duration::from_secs(60)).apply(&database.pool).await.unwrap();
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
async fn without_a_key_a_condition_that_stays_true_is_an_error_that_leaves_no_row_changed() {
    let database = Database::new().await;
    database.run("CREATE TABLE t (a int, n int NOT NULL DEFAULT 0)").await;
    database.run("INSERT INTO t SELECT g FROM generate_series(1, 5000) g").await;
    let error = one("n = n + 1", "a > 0", &[], 500).apply(&database.pool).await.unwrap_err();
    assert!(text(&error).contains("its condition is still true for rows that it has changed"), "{}", text(&error));
    assert_eq!(database.values("SELECT concat(n, ' ', count(*)) FROM t GROUP BY n").await, ["0 5000"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_a_row_that_others_change_all_the_time_is_done() {
    let database = Database::new().await;
    // The sweep is what finds a row in no page of the table.
    database.run("CREATE TABLE t (a int, n int); CREATE TABLE u () INHERITS (t); INSERT INTO u VALUES (1)").await;
    let busy = database.another_pool();
    let others = tokio::spawn(async move {
        loop {
            sqlx::query("UPDATE t SET a = a + 1").execute(&busy).await.unwrap();
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    // Between the look at the row and its update it is changed.
    one("n = 1", "n IS NULL AND pg_sleep(0.1) IS NOT NULL", &[], 500).apply(&database.pool).await.unwrap();
    others.abort();
    assert_eq!(database.value("SELECT count(*)::text FROM t WHERE n = 1").await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn partitions_without_a_key_are_done_one_after_the_other() {
    let database = Database::new().await;
    database.run("CREATE TABLE t (a int, n int) PARTITION BY LIST (a)").await;
    for part in 0..3 {
        database.run(&format!("CREATE TABLE \"T {part}\" PARTITION OF t FOR VALUES IN ({part})")).await;
    }
    database.run("INSERT INTO t SELECT g % 3 FROM generate_series(1, 9000) g").await;
    database.run("ALTER TABLE \"T 2\" ADD CHECK (n IS NULL)").await;
    let all = one("n = a", "n IS NULL", &[], 500);
    all.apply(&database.pool).await.unwrap_err();
    let count = "SELECT concat(tableoid::regclass, ' ', count(n)) FROM t GROUP BY tableoid ORDER BY 1";
    assert_eq!(database.values(count).await, ["\"T 0\" 3000", "\"T 1\" 3000", "\"T 2\" 0"]);
    database.run("ALTER TABLE \"T 2\" DROP CONSTRAINT \"T 2_n_check\"").await;
    all.apply(&database.pool).await.unwrap();
    assert_eq!(database.value("SELECT count(*)::text FROM t WHERE n = a").await, "9000");
}

#[tokio::test(flavor = "multi_thread")]
async fn partitions_with_a_key_are_one_table() {
    let database = Database::new().await;
    database.run("CREATE TABLE t (id bigint, a int, n int DEFAULT 0, PRIMARY KEY (id, a)) PARTITION BY LIST (a)").await;
    database.run("CREATE TABLE t0 PARTITION OF t FOR VALUES IN (0); CREATE TABLE t1 PARTITION OF t DEFAULT").await;
    database.run("INSERT INTO t SELECT g, g % 2 FROM generate_series(1, 9000) g; ANALYZE t0; ANALYZE t1").await;
    let progress = last_progress(one("n = n + 1", "true", &["id", "a"], 500), &database).await;
    assert_eq!(database.values("SELECT concat(n, ' ', count(*)) FROM t GROUP BY n").await, ["1 9000"]);
    assert_eq!((progress.rows, progress.fraction), (9000, Some(1.0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_with_a_step_between_them_are_spread_over_the_batches() {
    let database = Database::new().await;
    database.run("CREATE TABLE t (id bigint PRIMARY KEY, n xid8)").await;
    database.run("INSERT INTO t SELECT g * 64 FROM generate_series(1, 20000) g; ANALYZE t").await;
    unhurried(one("n = pg_current_xact_id()", "n IS NULL", &["id"], 500), &database).await;
    let largest = database.value("SELECT max(count)::text FROM (SELECT count(*) FROM t GROUP BY n) AS batch").await;
    assert!((400..700).contains(&largest.parse().unwrap()), "{largest}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_take_long_make_the_batches_small() {
    let database = Database::new().await;
    database.run("CREATE TABLE t (id bigint PRIMARY KEY, n xid8)").await;
    database.run("INSERT INTO t SELECT g FROM generate_series(1, 1600) g; ANALYZE t").await;
    // The sleep is never NULL.
    let slow = "n = CASE WHEN pg_sleep(0.001 + id * 0) IS NOT NULL THEN pg_current_xact_id() END";
    one(slow, "n IS NULL", &["id"], 500)
        .migrator()
        .batch_time(Duration::from_millis(20))
        .apply(&database.pool)
        .await
        .unwrap();
    let largest = async |rows: &str| -> u32 {
        let sql = format!("SELECT max(count)::text FROM (SELECT count(*) FROM t WHERE {rows} GROUP BY n) AS batch");
        database.value(&sql).await.parse().unwrap()
    };
    let (first, later) = (largest("id <= 800").await, largest("id > 800").await);
    assert!((100..105).contains(&first), "{first}");
    assert!(later <= 60, "{later}");
}

#[tokio::test(flavor = "multi_thread")]
async fn few_rows_of_many_are_not_looked_for_again_and_again() {
    let database = Database::new().await;
    database.run("CREATE TABLE t (id bigint PRIMARY KEY, n xid8)").await;
    database.run("INSERT INTO t SELECT g FROM generate_series(1, 20000) g; ANALYZE t").await;
    unhurried(one("n = pg_current_xact_id()", "id % 100 = 0", &["id"], 500), &database).await;
    // Eight visits of each window would make six batches of its rows at least.
    let batches: u32 = database.value("SELECT count(DISTINCT n)::text FROM t").await.parse().unwrap();
    assert_eq!(database.value("SELECT count(n)::text FROM t").await, "200");
    assert!(batches < 20, "{batches}");
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

/// The text of a key must mean the same to both, also in the middle of a window; what the batches compute is the user's.
#[tokio::test(flavor = "multi_thread")]
async fn a_backfill_goes_on_at_its_key_under_other_settings() {
    // The driver asks for dates in ISO form and for UTC in each session; a pooler may not pass that on, and a statement
    // may change it.
    let settings = together(vec![
        raw("SET datestyle = 'SQL, DMY'"),
        raw("SET timezone = 'Asia/Kolkata'"),
        raw("SET intervalstyle = 'sql_standard'"),
        raw("SET extra_float_digits = 0"),
        raw("SET bytea_output = 'escape'"),
    ]);
    for (key_type, value) in [
        ("timestamptz", "timestamptz '2026-01-31 20:00+00' + g * interval '7 hours'"),
        ("timestamp", "timestamp '2026-01-31 20:00' + g * interval '7 hours'"),
        ("date", "date '2026-01-31' + g"),
        ("interval", "(g - 1000) * interval '1 day -1 hour'"),
        ("double precision", "g / 3.0 - 300"),
        ("bytea", "decode(lpad(to_hex(g * 7919), 8, '0'), 'hex')"),
        ("tstzrange", "tstzrange(timestamptz '2026-01-31 20:00+00' + g * interval '7 hours', NULL)"),
        ("datemultirange", "datemultirange(daterange(date '2026-01-31' + g, NULL))"),
        ("real[]", "ARRAY[g / 3.0]"),
        ("date[]", "ARRAY[date '2026-01-31' + g]"),
        ("daily", "date '2026-01-31' + g"),
    ] {
        let database = Database::new().await;
        database.run("CREATE DOMAIN daily AS date").await;
        let columns = format!("k {key_type} PRIMARY KEY, g int, d int DEFAULT 1, n int DEFAULT 0, seen text");
        database.run(&format!("CREATE TABLE t ({columns})")).await;
        database.run(&format!("INSERT INTO t (k, g) SELECT {value}, g FROM generate_series(1, 3000) g")).await;
        database.run("UPDATE t SET d = 0 WHERE g IN (1500, 1503, 1510); ANALYZE t").await;
        let seen = "concat_ws(' ', current_setting('datestyle'), current_setting('timezone'))";
        let fill = backfill("t", &format!("n = n + 1 / d, seen = {seen}"), "true", &["k"], 100);
        let all = migrations(vec![
            migration(1, "settings", vec![settings.clone()], vec![]),
            migration(2, "fill", vec![alone(fill)], vec![]),
        ]);
        let migrator = all.migrator().batch_time(Duration::from_secs(60));
        let error = migrator.apply(&database.pool).await.unwrap_err();
        assert_eq!(error.sqlstate().as_deref(), Some("22012"), "{key_type}: {}", text(&error));
        database.run("UPDATE t SET d = 1 WHERE d = 0").await;
        migrator.apply(&database.pool).await.unwrap();
        let done = database.values("SELECT concat(n, ' ', count(*)) FROM t GROUP BY n").await;
        assert_eq!(done, ["1 3000"], "{key_type}");
        let seen = database.values("SELECT DISTINCT seen FROM t ORDER BY seen").await;
        assert_eq!(seen, ["ISO, MDY UTC", "SQL, DMY Asia/Kolkata"], "{key_type}");
    }
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
        tokio::time::sleep(Duration::from_millis(150)).await;
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
    let progress = last_progress(one("n = 1", "id > 1000", &["id"], 500), &database).await;
    assert_eq!((progress.rows, progress.fraction, progress.remaining), (2000, Some(1.0), Some(Duration::ZERO)));
}

/// The locks of the sessions of this database.
const OWN_LOCKS: &str = "SELECT FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE datname = current_database()";

/// Each batch that has the row 900 stops behind its update, until the test opens the gate.
const GATE: &str = "
    CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(1);
        WHILE NOT pg_try_advisory_xact_lock_shared(2) LOOP PERFORM pg_sleep(0.01); END LOOP;
        RETURN NULL;
    END $$;
    CREATE TRIGGER gate AFTER UPDATE ON t FOR EACH ROW WHEN (OLD.id = 900) EXECUTE FUNCTION wait_at_gate()";

#[tokio::test(flavor = "multi_thread")]
async fn makes_room_for_those_who_wait_for_its_rows() {
    let database = Database::new().await;
    database.run("CREATE TABLE t (id bigint PRIMARY KEY, n int)").await;
    database.run("INSERT INTO t SELECT g FROM generate_series(1, 2000) g; ANALYZE t").await;
    database.run(GATE).await;
    let mut gate = database.pool.acquire().await.unwrap();
    sqlx::raw_sql("SELECT pg_advisory_lock(2)").execute(&mut *gate).await.unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (events, pool) = (seen.clone(), database.another_pool());
    let migrator = one("n = 1", "n IS NULL", &["id"], 100).migrator().on_event(move |event| {
        if let Event::Throttled { throttle, .. } = event {
            events.lock().unwrap().push(throttle.clone());
        }
    });
    let run = tokio::spawn(async move { migrator.apply(&pool).await });
    database.until(&format!("SELECT EXISTS ({OWN_LOCKS} AND locktype = 'advisory' AND objid = 1)::text")).await;
    let other = database.another_pool();
    let waiter =
        tokio::spawn(async move { sqlx::query("SELECT FROM t WHERE id = 900 FOR UPDATE").execute(&other).await });
    database.until(&format!("SELECT EXISTS ({OWN_LOCKS} AND NOT granted)::text")).await;
    sqlx::raw_sql("SELECT pg_advisory_unlock(2)").execute(&mut *gate).await.unwrap();
    run.await.unwrap().unwrap();
    waiter.await.unwrap().unwrap();
    assert_eq!(*seen.lock().unwrap(), [Throttle::Waiting { count: 1 }]);
    assert_eq!(database.value("SELECT count(*)::text FROM t WHERE n = 1").await, "2000");
}

#[tokio::test(flavor = "multi_thread")]
async fn waits_for_a_standby_that_is_behind_and_goes_on_when_it_is_not() {
    // A server of its own: every backfill on it would wait.
    let server = tokio::task::spawn_blocking(|| {
        let version = postgres_server::requested_version().unwrap();
        postgres_server::Server::temporary().major(version).start().unwrap()
    });
    let server = server.await.unwrap();
    let database = Database { options: server.url("postgres").parse().unwrap(), pool: pool(&server.url("postgres")) };
    database.run("CREATE TABLE t (id bigint PRIMARY KEY, n int)").await;
    database.run("INSERT INTO t SELECT g FROM generate_series(1, 2000) g; ANALYZE t").await;
    let place = database.value("SELECT pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::text").await;
    let standby = standby::Standby::start(server.port(), "reports", place.parse().unwrap());
    let streams =
        "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE state = 'streaming' AND replay_lsn IS NOT NULL)";
    database.until(&format!("{streams}::text")).await;
    // Something that it has not replayed.
    database.run("CREATE TABLE other ()").await;
    let (told, mut seen) = tokio::sync::mpsc::unbounded_channel();
    // Long enough to be behind, and for the second look, which is a second after the first.
    let slow = "n = CASE WHEN id = 900 THEN (SELECT 1 FROM pg_sleep(1.2)) ELSE 1 END";
    let migrator = one(slow, "n IS NULL", &["id"], 100).migrator().replica_lag(Duration::from_millis(200));
    let migrator = migrator.on_event(move |event| {
        if let Event::Throttled { throttle: Throttle::Standby { name, .. }, .. } = event {
            told.send(name.clone()).unwrap();
        }
    });
    let all = database.pool.clone();
    let run = tokio::spawn(async move { migrator.apply(&all).await });
    assert_eq!(seen.recv().await.unwrap(), "reports");
    assert_eq!(seen.recv().await.unwrap(), "reports");
    let done = database.value("SELECT count(n)::text FROM t").await;
    assert_ne!(done, "2000", "it did not wait");
    standby.catch_up();
    run.await.unwrap().unwrap();
    assert_eq!(database.value("SELECT count(n)::text FROM t").await, "2000");
    drop(standby);
    database.pool.close().await;
    tokio::task::spawn_blocking(move || drop(server)).await.unwrap();
}

fn pool(url: &str) -> sqlx::PgPool {
    sqlx::postgres::PgPoolOptions::new().max_connections(2).connect_lazy(url).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn timeouts_of_the_role_do_not_cut_batches() {
    let database = Database::new().await;
    database
        .run("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT g FROM generate_series(1, 12) g")
        .await;
    let is_newer =
        database.value("SELECT (current_setting('server_version_num')::int >= 170000)::text").await == "true";
    // Those of a whole transaction are new in PostgreSQL 17.
    let newer = is_newer.then_some("transaction_timeout");
    let name = database.value("SELECT quote_ident(current_database())").await;
    for timeout in ["statement_timeout", "idle_in_transaction_session_timeout"].into_iter().chain(newer) {
        database.run(&format!("ALTER DATABASE {name} SET {timeout} = '30ms'")).await;
    }
    // Each batch takes longer than that, and the next one begins with what is left.
    let fill = one("n = 1", "n IS NULL AND pg_sleep(0.05) IS NOT NULL", &["id"], 3);
    fill.apply(&database.another_pool()).await.unwrap();
    assert_eq!(database.value("SELECT count(n)::text FROM t").await, "12");
}
