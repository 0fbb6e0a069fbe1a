//! Short migrations that are sent in one message: each is its own transaction all the same.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use migrate_core::plan::LockMode;
use migrate_runtime::{Event, Limits, Migrations};
use support::gate::Gate;
use support::*;

/// Enters its version, the transaction and the beginning of the message.
fn entry(version: i64, more: &[&str]) -> Build {
    let insert = format!("INSERT INTO public.log VALUES ({version}, pg_current_xact_id()::text, now())");
    let statements = std::iter::once(sql(&insert)).chain(more.iter().map(|text| sql(text))).collect();
    migration(version, &format!("m{version}"), vec![together(statements)], vec![])
}

async fn database() -> Database {
    let database = Database::new().await;
    database.run("CREATE TABLE log (version bigint, transaction text, message timestamptz)").await;
    database
}

/// What was committed, and in how many transactions and messages.
async fn log(database: &Database) -> String {
    let sql = "SELECT concat_ws(' ', string_agg(version::text, ',' ORDER BY version), count(DISTINCT transaction), \
               count(DISTINCT message)) FROM log";
    database.value(sql).await
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_take_three_messages_and_forty_transactions() {
    let database = database().await;
    let all = migrations((1..=40).map(|version| entry(version, &[])).collect());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = seen.clone();
    let migrator = all.migrator().on_event(move |event| match event {
        Event::MigrationStarted { run, .. } => told.lock().unwrap().push(format!("begin {}", run.index)),
        Event::StatementFinished { statement, rows, .. } => {
            told.lock().unwrap().push(format!("{} row of {}", rows, statement.run.index));
        }
        Event::MigrationFinished { run, .. } => told.lock().unwrap().push(format!("end {}", run.index)),
        _ => {}
    });
    let started = Instant::now();
    assert_eq!(migrator.apply(&database.pool).await.unwrap().applied.len(), 40);
    let elapsed = started.elapsed().as_secs_f64() * 1000.0;
    let expected: Vec<String> = (1..=40)
        .flat_map(|index| [format!("begin {index}"), format!("1 row of {index}"), format!("end {index}")])
        .collect();
    assert_eq!(*seen.lock().unwrap(), expected);
    let versions = (1..=40).map(|version: i64| version.to_string()).collect::<Vec<_>>();
    assert_eq!(log(&database).await, format!("{} 40 3", versions.join(",")));
    let recorded = "SELECT string_agg(version::text, ',' ORDER BY version) FROM migrate.history";
    assert_eq!(database.value(recorded).await, versions.join(","));
    let durations =
        format!("SELECT (min(duration_ms) > 0 AND sum(duration_ms) <= {elapsed})::text FROM migrate.history");
    assert_eq!(database.value(&durations).await, "true");
    assert!(all.apply(&database.pool).await.unwrap().is_empty());
}

/// The third of five fails: two stay, it is named, and nothing after it ran.
async fn the_third_fails(third: Build, said: &str, messages: usize) {
    let database = database().await;
    let all = |third: Build| -> &'static Migrations {
        migrations(vec![entry(1, &[]), entry(2, &[]), third, entry(4, &[]), entry(5, &[])])
    };
    let error = all(third).apply(&database.pool).await.unwrap_err();
    assert!(error.to_string().starts_with(said), "{error}");
    assert_eq!(error.report().unwrap().applied.len(), 2);
    assert_eq!(database.versions().await, ["1", "2"]);
    assert_eq!(database.value("SELECT string_agg(version::text, ',') FROM log").await, "1,2");
    let report = all(entry(3, &[])).apply(&database.pool).await.unwrap();
    assert_eq!(report.applied.len(), 3);
    assert_eq!(log(&database).await, format!("1,2,3,4,5 5 {messages}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_leaves_what_was_before_it_and_begins_nothing_after_it() {
    let second = "cannot apply `3_m3`: statement 2 of 2 failed";
    the_third_fails(entry(3, &["SELECT 1 / (SELECT 0)"]), second, 2).await;
    the_third_fails(entry(3, &["COMMENT ON TABLE public.nothing IS 'x'"]), second, 2).await;
    // The server reads a whole message before it runs any of it, so each is sent by itself until this one.
    the_third_fails(entry(3, &["CREATE TABEL x ()"]), second, 3).await;
    let at_commit = [
        "CREATE TABLE public.b (a int PRIMARY KEY, b int REFERENCES public.b DEFERRABLE INITIALLY DEFERRED)",
        "INSERT INTO public.b VALUES (1, 2)",
    ];
    the_third_fails(entry(3, &at_commit), "cannot apply `3_m3`", 2).await;
}

/// The third of five, which takes a lock on a table, waits for somebody who has it; then the rest goes on.
async fn the_third_waits(third: &str, mode: LockMode, hold: &'static str) {
    let database = database().await;
    database.run("CREATE TABLE busy (id int)").await;
    let third = migration(3, "busy", vec![together(vec![locking(sql(third), "busy", mode)])], vec![]);
    let all = migrations(vec![entry(1, &[]), entry(2, &[]), third, entry(4, &[]), entry(5, &[])]);
    let mut holder = database.another_pool().begin().await.unwrap();
    sqlx::query(hold).execute(&mut *holder).await.unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = seen.clone();
    let migrator = all.migrator().on_event(move |event| {
        if let Event::MigrationStarted { run, .. } = event {
            told.lock().unwrap().push(run.index);
        }
    });
    let pool = database.another_pool();
    let applying = tokio::spawn(async move { migrator.apply(&pool).await });
    // The message has come to its end, and the third begins by itself.
    eventually("it is the turn of the third", || seen.lock().unwrap().contains(&3)).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    holder.rollback().await.unwrap();
    assert_eq!(applying.await.unwrap().unwrap().applied.len(), 5);
    assert_eq!(log(&database).await, "1,2,4,5 4 2");
    assert_eq!(*seen.lock().unwrap(), [1, 2, 3, 4, 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_somebody_holds_is_waited_for_and_the_rest_goes_on() {
    let add = "ALTER TABLE public.busy ADD COLUMN note text";
    the_third_waits(add, LockMode::AccessExclusive, "SELECT FROM busy").await;
    let comment = "COMMENT ON TABLE public.busy IS 'It is.'";
    let hold = "LOCK TABLE busy IN SHARE UPDATE EXCLUSIVE MODE";
    the_third_waits(comment, LockMode::ShareUpdateExclusive, hold).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_other_maintenance_could_be_in_the_way_of_is_sent_with_the_others() {
    let database = database().await;
    let comment = locking(sql("COMMENT ON TABLE public.log IS 'Who was here.'"), "log", LockMode::ShareUpdateExclusive);
    let second = migration(2, "comment", vec![together(vec![comment])], vec![]);
    migrations(vec![entry(1, &[]), second, entry(3, &[])]).apply(&database.pool).await.unwrap();
    assert_eq!(log(&database).await, "1,3 2 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_loses_the_lock_in_the_middle_does_nothing_more_until_it_has_it_again() {
    let database = database().await;
    let all = migrations(vec![
        entry(1, &[]),
        entry(2, &[&Gate::statement(2)]),
        entry(3, &[]),
        entry(4, &[&Gate::statement(4)]),
        entry(5, &[]),
    ]);
    let gates = [Gate::close(&database, 2).await, Gate::close(&database, 4).await];
    let pool = database.another_pool();
    let applying = tokio::spawn(async move { all.apply(&pool).await });
    for (gate, is_ended) in gates.into_iter().zip(["NOT IN", "IN"]) {
        // First the session with the lock, then, when it has it again, the one that works.
        gate.is_reached().await;
        let end = format!(
            "SELECT coalesce(bool_or(pg_terminate_backend(pid)), false)::text FROM pg_stat_activity \
             WHERE datname = current_database() AND application_name LIKE 'migrate:%' AND pid {is_ended} ({})",
            gate.backends()
        );
        assert_eq!(database.value(&end).await, "true");
        gate.open().await;
    }
    applying.await.unwrap().unwrap();
    assert_eq!(database.versions().await, ["1", "2", "3", "4", "5"]);
    assert_eq!(database.value("SELECT string_agg(version::text, ',' ORDER BY version) FROM log").await, "1,2,3,4,5");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_said_to_have_taken_what_it_took() {
    let database = database().await;
    let all = migrations(vec![entry(1, &[]), entry(2, &["SELECT pg_sleep(0.5)"]), entry(3, &[])]);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = seen.clone();
    let migrator = all.migrator().on_event(move |event| {
        if let Event::MigrationFinished { elapsed, .. } = event {
            told.lock().unwrap().push(*elapsed);
        }
    });
    let started = Instant::now();
    let report = migrator.apply(&database.pool).await.unwrap();
    let elapsed = started.elapsed();
    let reported: Vec<Duration> = report.applied.iter().map(|one| one.elapsed).collect();
    assert_eq!(*seen.lock().unwrap(), reported);
    // The sleep is counted once, and where it belongs.
    assert!(reported[1] >= Duration::from_millis(500), "{reported:?}");
    assert!(reported.iter().sum::<Duration>() <= elapsed, "{reported:?} of {elapsed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cancels_a_statement_ends_the_run() {
    let database = database().await;
    let all = migrations(vec![entry(1, &[]), entry(2, &[&Gate::statement(1)]), entry(3, &[])]);
    let gate = Gate::close(&database, 1).await;
    let pool = database.another_pool();
    // A statement that takes no strong lock may take as long as it likes: that is not what ends it.
    let limits = Limits { statement_timeout: Some(Duration::from_millis(50)), ..Limits::default() };
    let migrator = all.migrator().for_migration(2, limits);
    let applying = tokio::spawn(async move { migrator.apply(&pool).await });
    gate.is_reached().await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let cancel = format!("SELECT bool_and(pg_cancel_backend(pid))::text FROM ({}) AS waiting", gate.backends());
    assert_eq!(database.value(&cancel).await, "true");
    gate.open().await;
    let error = applying.await.unwrap().unwrap_err();
    assert!(error.to_string().starts_with("cannot apply `2_m2`: statement 2 of 2 failed"), "{error}");
    assert!(error.to_string().contains("canceling statement due to user request"), "{error}");
    assert_eq!(error.report().unwrap().applied.len(), 1);
    assert_eq!(log(&database).await, "1 1 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_long_is_tried_once_more_by_itself() {
    let database = database().await;
    database.run("CREATE TABLE one (id int); CREATE SEQUENCE tries").await;
    for before in [0, 2] {
        let slow = locking(sql("SELECT nextval('public.tries'), pg_sleep(2)"), "one", LockMode::AccessExclusive);
        let slow = migration(20 + before, "slow", vec![together(vec![slow])], vec![]);
        let quick = (1..=before).map(|version| entry(version, &[]));
        let all = migrations(quick.chain([slow, entry(30, &[])]).collect());
        let migrator = all.migrator().statement_timeout(Duration::from_millis(100));
        let error = migrator.apply(&database.pool).await.unwrap_err();
        let said = "\n  took longer than `statement_timeout` (0.1 s) under ACCESS EXCLUSIVE on public.one, twice\n";
        assert!(error.to_string().contains(said), "{error}");
        assert_eq!(error.report().unwrap().applied.len(), usize::try_from(before).unwrap());
        assert_eq!(database.value("SELECT last_value::text FROM tries").await, "2");
        database.run("ALTER SEQUENCE tries RESTART").await;
    }
    assert_eq!(database.versions().await, ["1", "2"]);
    assert_eq!(log(&database).await, "1,2 2 1");
}
