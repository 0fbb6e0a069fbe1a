//! Applying, reverting and looking, on a real server.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use migrate_runtime::rehearse::Stage;
use migrate_runtime::{BoxError, Error, Event, State, StepContext, Target};
use support::gate::Gate;
use support::*;

#[tokio::test(flavor = "multi_thread")]
async fn applies_everything_and_then_nothing() {
    let database = Database::new().await;
    let all = migrations(vec![table(1, "one"), table(2, "two")]);
    let report = all.apply(&database.pool).await.unwrap();
    assert_eq!(report.applied.iter().map(|done| done.migration.to_string()).collect::<Vec<_>>(), ["1_one", "2_two"]);
    assert!(database.has_table("two").await);
    let row = database.value("SELECT concat_ws(' ', name, kind, application, tool_version, jsonb_typeof(down)) FROM migrate.history WHERE version = 2").await;
    assert_eq!(row, format!("two applied the test {} object", env!("CARGO_PKG_VERSION")));
    assert!(all.apply(&database.pool).await.unwrap().is_empty());
    assert_eq!(database.values("SELECT count(*)::text FROM migrate.journal").await, ["0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_in_the_order_of_their_numbers() {
    let database = Database::new().await;
    migrations(vec![table(2, "two"), table(10, "ten")]).apply(&database.pool).await.unwrap();
    let all = migrations(vec![table(2, "two"), table(10, "ten"), table(11, "eleven")]);
    assert_eq!(all.apply(&database.pool).await.unwrap().applied.len(), 1);
    assert!(all.apply(&database.pool).await.unwrap().is_empty());
    let history = all.migrator().history(&database.pool).await.unwrap();
    assert_eq!(history.iter().map(|row| row.version).collect::<Vec<_>>(), [2, 10, 11]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_to_do_is_one_query() {
    let database = Database::new().await;
    let all = migrations(vec![table(1, "one")]);
    all.apply(&database.pool).await.unwrap();
    let pool = sqlx::postgres::PgPoolOptions::new()
        .max_connections(1)
        .connect_with(database.options.clone().options([("log_statement", "all")]))
        .await
        .unwrap();
    let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&pool).await.unwrap();
    let before = database.statements_of(backend);
    assert_ne!(before, 0, "what it sends is logged");
    for _ in 0..50 {
        assert!(all.apply(&pool).await.unwrap().is_empty());
    }
    assert_eq!(database.statements_of(backend) - before, 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_something_is_to_do_is_asked_on_any_connection() {
    let database = Database::new().await;
    let older = migrations(vec![table(1, "one")]);
    let newer = migrations(vec![table(1, "one"), table(2, "two")]);
    let mut connection = database.pool.acquire().await.unwrap();
    assert!(!older.is_up_to_date(&mut connection).await.unwrap(), "there is no history");
    assert_eq!(database.value("SELECT count(*)::text FROM pg_namespace WHERE nspname = 'migrate'").await, "0");
    older.apply(&database.pool).await.unwrap();
    assert!(older.is_up_to_date(&mut connection).await.unwrap());
    assert!(!newer.is_up_to_date(&mut connection).await.unwrap(), "one is pending");
    newer.apply(&database.pool).await.unwrap();
    assert!(newer.is_up_to_date(&mut connection).await.unwrap());
    assert!(older.is_up_to_date(&mut connection).await.unwrap(), "it can work with what is newer");
    let other = migrations(vec![table(1, "another")]);
    assert!(!other.is_up_to_date(&mut connection).await.unwrap(), "one was changed after it was applied");
    database.run("DELETE FROM migrate.head").await;
    assert!(newer.is_up_to_date(&mut connection).await.unwrap(), "the history says so too");
    let role = format!("reader_of_{}", database.value("SELECT current_database()::text").await);
    database.run(&format!("CREATE ROLE {role}; GRANT USAGE ON SCHEMA migrate TO {role}")).await;
    database.run(&format!("GRANT SELECT ON ALL TABLES IN SCHEMA migrate TO {role}")).await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("SET ROLE {role}"))).execute(&mut *connection).await.unwrap();
    assert!(newer.is_up_to_date(&mut connection).await.unwrap(), "to read the history is enough");
    sqlx::raw_sql("RESET ROLE").execute(&mut *connection).await.unwrap();
    database.run("UPDATE migrate.format SET version = 999").await;
    database.run("DELETE FROM migrate.head").await;
    let error = newer.is_up_to_date(&mut connection).await.unwrap_err();
    assert!(text(&error).contains("999"), "{}", text(&error));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_history_is_read_whatever_time_a_statement_may_take() {
    let database = Database::new().await;
    let all = migrations(vec![table(1, "one")]);
    all.apply(&database.pool).await.unwrap();
    let copies = "INSERT INTO migrate.history SELECT (jsonb_populate_record(history, \
                  jsonb_build_object('version', number))).* FROM migrate.history, generate_series(2, 20000) AS number";
    database.run(copies).await;
    database.run("DELETE FROM migrate.head").await;
    let mut connection = database.pool.acquire().await.unwrap();
    sqlx::raw_sql("SET statement_timeout = 25").execute(&mut *connection).await.unwrap();
    assert!(!all.is_up_to_date(&mut connection).await.unwrap(), "the copies have the chain of the first");
    let limit = sqlx::query_scalar::<_, String>("SHOW statement_timeout").fetch_one(&mut *connection).await.unwrap();
    assert_eq!(limit, "25ms");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_statement_names_its_place_and_leaves_nothing() {
    let database = Database::new().await;
    let bad = migration(
        2,
        "bad",
        vec![together(vec![
            sql("CREATE TABLE public.two (id int)"),
            sql("INSERT INTO public.two VALUES (1)"),
            sql("INSERT INTO public.two SELECT 1 / (id - 1) FROM public.two"),
        ])],
        vec![],
    );
    let error = migrations(vec![table(1, "one"), bad]).apply(&database.pool).await.unwrap_err();
    assert_eq!(
        text(&error),
        "cannot apply `2_bad`: statement 3 of 3 failed\n  at migrations/test.rs:7:5\n  \
         INSERT INTO public.two SELECT 1 / (id - 1) FROM public.two\n  division by zero (SQLSTATE 22012)"
    );
    assert_eq!(error.report().unwrap().applied.len(), 1);
    assert!(!database.has_table("two").await);
    assert_eq!(database.versions().await, ["1"]);
    let held = "SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' \
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    assert_eq!(database.value(held).await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_syntax_error_is_found_in_its_statement_though_nothing_ran() {
    let database = Database::new().await;
    let bad = migration(
        1,
        "bad",
        vec![together(vec![sql("CREATE TABLE public.é (id int)"), sql("CREATE TABEL x ()"), sql("SELECT 1")])],
        vec![],
    );
    let error = migrations(vec![bad]).apply(&database.pool).await.unwrap_err();
    assert!(error.to_string().starts_with("cannot apply `1_bad`: statement 2 of 3 failed"), "{error}");
    assert_eq!(error.sqlstate().as_deref(), Some("42601"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_deferred_constraint_fails_at_commit() {
    let database = Database::new().await;
    let bad = migration(
        1,
        "bad",
        vec![together(vec![
            sql("CREATE TABLE public.a (id int PRIMARY KEY)"),
            sql("CREATE TABLE public.b (a int REFERENCES public.a DEFERRABLE INITIALLY DEFERRED)"),
            sql("INSERT INTO public.b VALUES (1)"),
        ])],
        vec![],
    );
    let error = migrations(vec![bad]).apply(&database.pool).await.unwrap_err();
    assert_eq!(error.sqlstate().as_deref(), Some("23503"));
    assert!(!database.has_table("a").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_starts_at_once_apply_everything_once() {
    let database = Database::new().await;
    database.run("CREATE TABLE t (id bigint PRIMARY KEY, a int, b int)").await;
    database.run("INSERT INTO t SELECT n, n % 100, n FROM generate_series(1, 100000) n").await;
    let all = migrations(vec![
        table(1, "one"),
        migration(
            2,
            "indexes",
            vec![alone(index("t_a", "t", "a", false)), alone(index("t_b", "t", "b", true))],
            vec![alone(drop_index("t_b")), alone(drop_index("t_a"))],
        )
        .touching("table public.t"),
        table(3, "three"),
    ]);
    let starts: Vec<_> = (0..10)
        .map(|_| {
            let pool = database.another_pool();
            tokio::spawn(async move { all.apply(&pool).await.map(|report| report.applied.len()) })
        })
        .collect();
    let mut applied = 0;
    for start in starts {
        applied += start.await.unwrap().unwrap();
    }
    assert_eq!(applied, 3);
    assert_eq!(database.versions().await, ["1", "2", "3"]);
    assert_eq!(valid_indexes(&database).await, ["t_a", "t_b", "t_pkey"]);

    let report = all.migrator().revert(&database.pool, 2).await.unwrap();
    assert_eq!(report.reverted.len(), 2);
    assert_eq!(valid_indexes(&database).await, ["t_pkey"]);
    assert_eq!(database.values("SELECT count(*)::text FROM migrate.journal").await, ["0"]);
}

async fn valid_indexes(database: &Database) -> Vec<String> {
    database
        .values(
            "SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
             WHERE i.indrelid = 't'::regclass AND i.indisvalid ORDER BY 1",
        )
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn goes_on_after_the_segment_that_was_done() {
    let database = Database::new().await;
    let all = migrations(vec![migration(
        1,
        "parts",
        vec![
            together(vec![sql("CREATE TABLE public.first (id int)")]),
            together(vec![sql("INSERT INTO public.second VALUES (1)")]),
            together(vec![sql("INSERT INTO public.second VALUES (2)")]),
        ],
        vec![],
    )]);
    let error = all.apply(&database.pool).await.unwrap_err();
    assert!(
        error.to_string().contains(
            "note: 1 of 3 parts are done and kept; the next run continues after them\nhelp: create what is missing"
        ),
        "{error}"
    );
    let status = all.migrator().status(&database.pool).await.unwrap();
    assert_eq!(status.migrations[0].segments, Some((1, 3)));
    assert!(!status.is_up_to_date());

    // Another source for what is half done is refused.
    let changed = migrations(vec![table(1, "parts")]);
    let refused = changed.apply(&database.pool).await.unwrap_err();
    assert!(refused.to_string().starts_with("`1_parts` was started as "), "{refused}");

    database.run("CREATE TABLE second (id int)").await;
    all.apply(&database.pool).await.unwrap();
    assert_eq!(database.values("SELECT id::text FROM second ORDER BY 1").await, ["1", "2"]);
    assert!(all.migrator().status(&database.pool).await.unwrap().is_up_to_date());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_index_of_an_interrupted_build_is_built_again() {
    let database = Database::new().await;
    database.run("CREATE TABLE t (id bigint PRIMARY KEY, a int)").await;
    database.run("INSERT INTO t VALUES (1, 1), (2, 1)").await;
    let build = migration(1, "unique_a", vec![alone(index("t_a", "t", "a", true))], vec![]);
    let begun = build.begun();
    let all = migrations(vec![build]);
    let error = all.apply(&database.pool).await.unwrap_err();
    assert_eq!(error.sqlstate().as_deref(), Some("23505"));
    assert_eq!(database.values("SELECT to_regclass('t_a')::text").await, [""], "the invalid index is gone");
    assert_eq!(database.value("SELECT count(*)::text FROM migrate.journal").await, "0", "and nothing is begun");

    // As if the process had been killed: the journal says it was begun, and an INVALID index is there.
    database.run(&begun).await;
    database.run("UPDATE t SET a = id").await;
    database.run("CREATE INDEX t_a ON t (a)").await;
    database.run("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 't_a'::regclass").await;
    all.apply(&database.pool).await.unwrap();
    assert_eq!(valid_indexes(&database).await, ["t_a", "t_pkey"]);
    assert_eq!(
        database.values("SELECT indisunique::text FROM pg_index WHERE indexrelid = 't_a'::regclass").await,
        ["true"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_was_finished_before_the_crash_is_not_built_again() {
    let database = Database::new().await;
    database.run("CREATE TABLE t (id bigint PRIMARY KEY, a int)").await;
    database.run("INSERT INTO t VALUES (1, 1), (2, 1)").await;
    let build = migration(1, "unique_a", vec![alone(index("t_a", "t", "a", true))], vec![]);
    let begun = build.begun();
    let all = migrations(vec![build]);
    all.apply(&database.pool).await.unwrap_err();
    database.run(&begun).await;
    database.run("DELETE FROM t WHERE id = 2").await;
    database.run("CREATE UNIQUE INDEX t_a ON t (a)").await;
    let before = database.value("SELECT 't_a'::regclass::oid::text").await;
    all.apply(&database.pool).await.unwrap();
    assert_eq!(database.value("SELECT 't_a'::regclass::oid::text").await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_of_another_definition_is_not_taken_for_the_one_that_was_begun() {
    let database = Database::new().await;
    database.run("CREATE TABLE t (id bigint PRIMARY KEY, a int)").await;
    database.run("INSERT INTO t VALUES (1, 1), (2, 1)").await;
    let build = migration(1, "unique_a", vec![alone(index("t_a", "t", "a", true))], vec![]);
    let begun = build.begun();
    let all = migrations(vec![build]);
    all.apply(&database.pool).await.unwrap_err();
    database.run(&begun).await;
    database.run("CREATE INDEX t_a ON t (id)").await;
    let error = all.apply(&database.pool).await.unwrap_err().to_string();
    assert!(error.contains("index `public.t_a` already exists, with a different definition"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn reverts_and_applies_again() {
    let database = Database::new().await;
    let all = migrations(vec![table(1, "one"), table(2, "two"), table(3, "three")]);
    all.apply(&database.pool).await.unwrap();
    let report = all.migrator().revert_to(&database.pool, 1).await.unwrap();
    assert_eq!(report.reverted.iter().map(|done| done.migration.version).collect::<Vec<_>>(), [3, 2]);
    assert!(!database.has_table("two").await);
    assert_eq!(database.versions().await, ["1"]);
    all.migrator().apply_to(&database.pool, Target::Steps(1)).await.unwrap();
    assert_eq!(database.versions().await, ["1", "2"]);
    all.apply(&database.pool).await.unwrap();
    assert!(all.apply(&database.pool).await.unwrap().is_empty());
    all.migrator().revert_to(&database.pool, 0).await.unwrap();
    assert!(matches!(all.migrator().revert(&database.pool, 1).await, Err(Error::History(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_irreversible_migration_stops_the_revert_before_it_begins() {
    let database = Database::new().await;
    let all = migrations(vec![table(1, "one").irreversible("the rows are needed"), table(2, "two")]);
    all.apply(&database.pool).await.unwrap();
    let error = all.migrator().revert(&database.pool, 2).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot revert:\n  `1_one`: the rows are needed\n\
         help: nothing was reverted; revert to `1_one` at most (`down --to 1`), or move forward with a new migration"
    );
    assert_eq!(database.versions().await, ["1", "2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_binary_runs_reverts_and_refuses() {
    let database = Database::new().await;
    let newer = migrations(vec![table(1, "one"), table(2, "two"), table(3, "three").breaking("drops the table `old`")]);
    let older = migrations(vec![table(1, "one")]);
    newer.migrator().apply_to(&database.pool, Target::Version(2)).await.unwrap();
    let report = older.apply(&database.pool).await.unwrap();
    assert_eq!(report.unknown.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2_two"]);

    newer.apply(&database.pool).await.unwrap();
    let error = older.apply(&database.pool).await.unwrap_err();
    assert!(error.to_string().contains("`3_three`\n    drops the table `old`"), "{error}");

    // The down is stored with the row.
    older.migrator().revert(&database.pool, 2).await.unwrap();
    assert!(!database.has_table("two").await && !database.has_table("three").await);
    assert!(older.apply(&database.pool).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn out_of_order_runs_when_disjoint_and_is_refused_otherwise() {
    let database = Database::new().await;
    migrations(vec![table(1, "one"), table(3, "three")]).apply(&database.pool).await.unwrap();
    let merged = migrations(vec![table(1, "one"), table(2, "two"), table(3, "three")]);
    let status = merged.migrator().status(&database.pool).await.unwrap();
    assert_eq!(status.migrations[1].state, State::OutOfOrder);
    merged.apply(&database.pool).await.unwrap();
    assert_eq!(database.versions().await, ["1", "2", "3"]);
    assert!(merged.apply(&database.pool).await.unwrap().is_empty());
    assert_eq!(chain_is_right(&database, merged).await, Ok(()));

    let clash = migrations(vec![table(1, "one"), table(2, "two"), table(3, "three"), table(4, "four")]);
    clash.apply(&database.pool).await.unwrap();
    let late = migration(0, "late", vec![], vec![]).touching("table public.four");
    let error = migrations(vec![late, table(1, "one"), table(2, "two"), table(3, "three"), table(4, "four")])
        .apply(&database.pool)
        .await
        .unwrap_err();
    assert!(error.to_string().starts_with("`0_late` is not applied, but the later `4_four` is"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_reverts_only_what_it_applied() {
    let database = Database::new().await;
    migrations(vec![table(1, "one"), table(3, "three")]).apply(&database.pool).await.unwrap();
    let merged = migrations(vec![table(1, "one"), table(2, "two"), table(3, "three"), table(4, "four")]);
    let rehearsal = merged.migrator().rehearse(&database.pool, Stage::Here).await.unwrap();
    let ran: Vec<String> =
        rehearsal.migrations.iter().map(|one| format!("{:?} {}", one.pass, one.migration.version)).collect();
    assert_eq!(ran, ["Up 2", "Up 4", "Down 4", "UpAgain 4"]);
    assert_eq!(rehearsal.irreversible.as_deref(), Some("`2_two`: `3_three` is later, but was applied before it"));
    assert_eq!(database.versions().await, ["1", "2", "3", "4"]);
}

/// The last row's chain is that of the binary which has nothing to do.
async fn chain_is_right(database: &Database, all: &'static migrate_runtime::Migrations) -> Result<(), String> {
    let expected = migrate_core::history::chain_of(all.iter().map(|one| (one.version, one.checksum))).to_string();
    let found = database.value("SELECT chain FROM migrate.history ORDER BY version DESC LIMIT 1").await;
    if expected == found { Ok(()) } else { Err(found) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_changed_by_hand_is_corrected() {
    let database = Database::new().await;
    migrations(vec![table(1, "one"), table(2, "two")]).apply(&database.pool).await.unwrap();
    database.run("UPDATE migrate.history SET chain = ''").await;
    let all = migrations(vec![table(1, "one"), table(2, "two"), table(3, "three")]);
    assert_eq!(all.apply(&database.pool).await.unwrap().applied.len(), 1);
    assert_eq!(chain_is_right(&database, all).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_modified_migration_is_refused() {
    let database = Database::new().await;
    migrations(vec![table(1, "one")]).apply(&database.pool).await.unwrap();
    let changed = migrations(vec![migration(1, "one", vec![], vec![])]);
    let error = changed.apply(&database.pool).await.unwrap_err();
    assert!(error.to_string().starts_with("1 applied migration was modified since:\n  `1_one`"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_baseline_records_without_running() {
    let database = Database::new().await;
    let all = migrations(vec![table(1, "one"), table(2, "two"), table(3, "three")]);
    let report = all.migrator().baseline(&database.pool, 2).await.unwrap();
    assert_eq!(report.baselined.len(), 2);
    assert!(!database.has_table("one").await);
    let plan = all.migrator().plan(&database.pool, Target::Head).await.unwrap();
    assert_eq!(plan.steps.iter().map(|step| step.migration.version).collect::<Vec<_>>(), [3]);
    all.apply(&database.pool).await.unwrap();
    assert!(database.has_table("three").await);
    assert_eq!(
        database.values("SELECT kind FROM migrate.history ORDER BY version").await,
        ["baseline", "baseline", "applied"]
    );
    assert!(all.migrator().baseline(&database.pool, 3).await.unwrap().is_empty(), "all are applied");
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_changes_nothing() {
    let database = Database::new().await;
    let all = migrations(vec![table(1, "one")]);
    let status = all.migrator().status(&database.pool).await.unwrap();
    assert_eq!(status.pending().count(), 1);
    assert_eq!(all.migrator().plan(&database.pool, Target::Head).await.unwrap().steps.len(), 1);
    assert!(all.migrator().history(&database.pool).await.unwrap().is_empty());
    assert_eq!(database.value("SELECT count(*)::text FROM pg_namespace WHERE nspname = 'migrate'").await, "0");
    all.apply(&database.pool).await.unwrap();
    let rows = all.migrator().history(&database.pool).await.unwrap();
    assert_eq!((rows[0].name.as_str(), rows[0].kind.as_str()), ("one", "applied"));
    assert!(rows[0].applied_at.ends_with('Z'));
}

async fn fill(context: &mut StepContext<'_>) -> Result<(), BoxError> {
    assert!(context.in_transaction());
    context.progress(0, 2);
    sqlx::raw_sql("INSERT INTO public.one VALUES (1, 'from Rust')").execute(context.connection()).await?;
    context.progress(1, 2);
    Ok(())
}

async fn fail(context: &mut StepContext<'_>) -> Result<(), BoxError> {
    sqlx::raw_sql("INSERT INTO public.one VALUES (2, 'never seen')").execute(context.connection()).await?;
    Err("the rates service is down".into())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rust_step_runs_in_the_migrations_transaction() {
    let database = Database::new().await;
    let steps = |path: &str| {
        migration(
            2,
            "steps",
            vec![together(vec![
                sql("UPDATE public.one SET value = 'before'"),
                run(path),
                sql("UPDATE public.one SET value = value || ', and after'"),
            ])],
            vec![],
        )
    };
    let bad = migrations(vec![table(1, "one"), steps("crate::fail").calling("crate::fail", |c| Box::pin(fail(c)))]);
    let error = bad.apply(&database.pool).await.unwrap_err();
    assert_eq!(
        text(&error),
        "cannot apply `2_steps`: statement 2 of 3 failed\n  at migrations/test.rs:7:5\n  run crate::fail\n\
         caused by: the rates service is down"
    );
    assert_eq!(database.value("SELECT count(*)::text FROM one").await, "0");

    let good = migrations(vec![table(1, "one"), steps("crate::fill").calling("crate::fill", |c| Box::pin(fill(c)))]);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let events = seen.clone();
    let migrator = good.migrator().on_event(move |event| {
        if let Event::StepProgress { progress, .. } = event {
            events.lock().unwrap().push(progress.clone());
        }
    });
    migrator.apply(&database.pool).await.unwrap();
    assert_eq!(database.values("SELECT value FROM one").await, ["from Rust, and after"]);
    let seen = seen.lock().unwrap();
    let [begun, half] = seen.as_slice() else { panic!("{seen:?}") };
    assert_eq!((begun.done, begun.total, begun.remaining), (0, 2, None));
    assert_eq!((half.done, half.total, half.remaining.is_some()), (1, 2, true));
}

async fn ask_another_database(_: &mut StepContext<'_>) -> Result<(), BoxError> {
    Err(Box::new(sqlx::Error::Io(std::io::Error::other("the other database is down"))))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_loses_a_connection_of_its_own_has_failed() {
    let database = Database::new().await;
    for segment in [together(vec![run("ask_another_database")]), alone(run("ask_another_database"))] {
        let asking = migration(1, "asking", vec![segment], vec![])
            .calling("ask_another_database", |context| Box::pin(ask_another_database(context)));
        let error = text(&migrations(vec![asking]).apply(&database.pool).await.unwrap_err());
        assert!(error.starts_with("cannot apply `1_asking`: statement 1 of 1 failed"), "{error}");
        assert!(error.contains("the other database is down"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_server_is_refused() {
    let database = Database::new().await;
    let all = Box::leak(Box::new(migrate_runtime::Migrations::new(
        &[],
        migrate_runtime::Options { oldest_server: 99, source: None },
    )));
    let error = all.apply(&database.pool).await.unwrap_err();
    assert!(error.to_string().contains("these migrations were compiled for 99 and newer"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiter_says_who_has_the_lock_and_gives_up_when_told() {
    let database = Database::new().await;
    let slow = vec![together(vec![sql("CREATE TABLE public.slow (id int)"), sql(&Gate::statement(1))])];
    let all = migrations(vec![migration(1, "slow", slow, vec![])]);
    let gate = Gate::close(&database, 1).await;
    let pool = database.another_pool();
    let first = tokio::spawn(async move { all.apply(&pool).await });
    gate.is_reached().await;
    // Where it is, is told on the connection with the lock, after a second.
    let told = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() \
                AND application_name = 'migrate: 1_slow 1/1' AND state = 'idle in transaction')::text";
    database.until(told).await;
    let error = all
        .migrator()
        .lock_wait(Duration::from_millis(100))
        .apply(&database.another_pool())
        .await
        .unwrap_err()
        .to_string();
    assert!(seconds_after("waited ", &error) >= 0.1, "{error}");
    assert!(error.contains("(migrate: 1_slow 1/1, from 127.0.0.1)"), "{error}");
    gate.open().await;
    let second = all.apply(&database.pool).await.unwrap();
    assert!(second.is_empty());
    assert_eq!(first.await.unwrap().unwrap().applied.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_backend_is_replaced_and_the_run_goes_on() {
    let database = Database::new().await;
    let slow = |version, name: &str| {
        migration(
            version,
            name,
            vec![together(vec![sql(&format!("CREATE TABLE public.{name} (id int)")), sql("SELECT pg_sleep(0.4)")])],
            vec![],
        )
    };
    let all = migrations(vec![slow(1, "one"), slow(2, "two"), slow(3, "three")]);
    let pool = database.another_pool();
    let run = tokio::spawn(async move { all.apply(&pool).await });
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        database
            .run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'migrate: %' AND datname = current_database()")
            .await;
    }
    let report = run.await.unwrap().unwrap();
    assert_eq!(report.applied.len(), 3);
    assert_eq!(database.versions().await, ["1", "2", "3"]);
}
