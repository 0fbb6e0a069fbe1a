//! Rows, and who may see them: what is wrong with a statement is told before anything is recorded, and what nothing is
//! done of is not under way.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use migrate_core::plan::Segment;
use migrate_runtime::cli::{Exit, Output, run_to};
use migrate_runtime::{Migrations, Target};
use sqlx::ConnectOptions as _;
use support::command::*;
use support::*;

/// A table, and a backfill of it.
fn filled_with(value: &str, key: &[&str]) -> &'static Migrations {
    let statement = backfill("one", &format!("value = {value}"), "value IS NULL", key, 100);
    migrations(vec![table(1, "one"), migration(2, "fill", vec![alone(statement)], vec![])])
}

async fn journal(database: &Database) -> String {
    database.value("SELECT count(*)::text FROM migrate.journal").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backfill_of_an_empty_table_is_planned_by_the_server_before_it_is_begun() {
    for (value, said) in [
        ("uper('x')", "function uper(unknown) does not exist (SQLSTATE 42883)"),
        ("(SELECT value FROM public.oen LIMIT 1)", "relation \"public.oen\" does not exist (SQLSTATE 42P01)"),
    ] {
        for key in [&["id"][..], &[]] {
            let database = Database::new().await;
            let error = filled_with(value, key).apply(&database.pool).await.unwrap_err().to_string();
            assert!(error.contains("cannot apply `2_fill`: statement 1 of 1 failed"), "{error}");
            assert!(error.contains(said), "{error}");
            assert!(!error.contains("--unfinished"), "nothing is begun: {error}");
            assert_eq!(journal(&database).await, "0");
            assert_eq!(database.versions().await, ["1"]);
        }
    }
}

/// The table with a row that a policy hides from its owner, who has no other rights.
async fn with_hidden_row(database: &Database, owner: &str) -> sqlx::PgPool {
    database
        .run(&format!(
            "CREATE ROLE {owner} LOGIN NOBYPASSRLS; GRANT CREATE ON SCHEMA public TO {owner}; \
             DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO {owner}', current_database()); END $$"
        ))
        .await;
    let options = database.options.clone().username(owner);
    sqlx::postgres::PgPoolOptions::new().max_connections(2).connect_lazy_with(options)
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_a_policy_hides_are_an_error_and_not_left_as_they_are() {
    let statements: [fn() -> Vec<Segment>; 4] = [
        || vec![alone(backfill("one", "value = 'x'", "value IS NULL", &["id"], 100))],
        || vec![alone(backfill("one", "value = 'x'", "value IS NULL", &[], 100))],
        || vec![together(vec![sql("UPDATE public.one SET value = 'x'")])],
        || vec![together(vec![sql("DELETE FROM public.one")])],
    ];
    for (number, change) in statements.iter().enumerate() {
        let database = Database::new().await;
        let pool = with_hidden_row(&database, &format!("hidden_from_{}_{number}", std::process::id())).await;
        let all = migrations(vec![table(1, "one"), migration(2, "change", change(), vec![])]);
        all.migrator().apply_to(&pool, Target::Version(1)).await.unwrap();
        database
            .run(
                "INSERT INTO public.one VALUES (1, NULL); ALTER TABLE public.one ENABLE ROW LEVEL SECURITY; \
                 ALTER TABLE public.one FORCE ROW LEVEL SECURITY",
            )
            .await;
        let error = all.apply(&pool).await.unwrap_err().to_string();
        assert!(error.contains("row-level security policy for table \"one\" (SQLSTATE 42501)"), "{error}");
        assert!(error.contains("\nhelp: use a role that sees every row"), "{error}");
        assert_eq!(journal(&database).await, "0");
        assert_eq!(database.versions().await, ["1"]);
        // Whoever sees them goes on.
        database.run("ALTER TABLE public.one NO FORCE ROW LEVEL SECURITY").await;
        all.apply(&pool).await.unwrap();
        assert_eq!(database.value("SELECT count(*)::text FROM public.one WHERE value IS NULL").await, "0");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revert_that_fails_with_nothing_done_is_not_under_way() {
    let database = Database::new().await;
    let all = migrations(vec![
        table(1, "one"),
        migration(
            2,
            "no_key",
            vec![alone(drop_index("one_value_key"))],
            vec![alone(index("one_value_key", "one", "value", true))],
        ),
    ]);
    all.migrator().apply_to(&database.pool, Target::Version(1)).await.unwrap();
    database.run("CREATE UNIQUE INDEX one_value_key ON public.one (value)").await;
    all.apply(&database.pool).await.unwrap();
    database.run("INSERT INTO public.one VALUES (1, 'same'), (2, 'same')").await;
    let error = all.migrator().revert(&database.pool, 1).await.unwrap_err().to_string();
    assert!(error.contains("could not create unique index"), "{error}");
    assert_eq!(journal(&database).await, "0");
    assert_eq!(database.value("SELECT count(*)::text FROM pg_class WHERE relname = 'one_value_key'").await, "0");
    assert!(all.apply(&database.pool).await.unwrap().is_empty(), "it is applied as before");
    database.run("DELETE FROM public.one WHERE id = 2").await;
    all.migrator().revert(&database.pool, 1).await.unwrap();
    assert_eq!(database.versions().await, ["1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_somebody_has_locked_is_not_waited_for_without_a_word() {
    let database = Database::new().await;
    let all = migrations(vec![table(1, "one"), table(2, "two")]);
    all.migrator().apply_to(&database.pool, Target::Version(1)).await.unwrap();
    let mut other = database.another_pool().begin().await.unwrap();
    sqlx::raw_sql("LOCK TABLE migrate.history").execute(&mut *other).await.unwrap();
    for command in ["status", "up"] {
        let ran = run_in(&database, all, command).await;
        assert_ne!(ran.exit, Exit::Success, "{}", ran.notes);
        assert!(ran.notes.contains("cannot read the history: its tables are locked by others"), "{}", ran.notes);
        assert!(ran.notes.contains("holds ACCESS EXCLUSIVE on migrate.history"), "{}", ran.notes);
        // Before that, who is waited for.
        let waiting = ran.notes.split("cannot read the history").next().unwrap_or_default();
        assert!(waiting.contains("waiting for the history tables for 1"), "{}", ran.notes);
        assert!(waiting.contains("holds ACCESS EXCLUSIVE on migrate.history"), "{}", ran.notes);
    }
    other.rollback().await.unwrap();
    assert_eq!(run_in(&database, all, "up").await.exit, Exit::Success);
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_does_not_mind_how_long_a_session_may_be_idle() {
    let database = Database::new().await;
    let all = migrations(vec![]);
    database
        .run("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET idle_in_transaction_session_timeout = 1', current_database()); END $$")
        .await;
    let pool = database.another_pool();
    for _ in 0..5 {
        assert!(all.migrator().verify(&pool).await.unwrap().is_clean());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn up_says_of_a_history_that_was_changed_by_hand_what_status_says() {
    let database = Database::new().await;
    let all = migrations(vec![table(1, "one"), table(2, "two")]);
    run_in(&database, all, "up").await;
    database.run("UPDATE migrate.history SET checksum = repeat('0', 64) WHERE version = 1").await;
    let status = run_in(&database, all, "status").await;
    assert!(status.results.contains("`up` would refuse"), "{}", status.results);
    let up = run_in(&database, all, "up").await;
    assert_eq!((up.exit, up.results.as_str()), (Exit::Error, ""), "{}", up.notes);
    assert!(up.notes.contains("1_one"), "{}", up.notes);
}

/// A place that takes nothing.
struct Closed(std::io::ErrorKind);

impl std::io::Write for Closed {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn results_that_cannot_be_written_are_a_failure() {
    let database = Database::new().await;
    let all = migrations(vec![table(1, "one")]);
    for command in ["sql", "status", "plan", "status --json", "history", "--help"] {
        for kind in [std::io::ErrorKind::StorageFull, std::io::ErrorKind::BrokenPipe] {
            let arguments = std::iter::once("app").chain(command.split(' ')).map(str::to_owned);
            let url = Some(database.options.to_url_lossy().to_string());
            let notes = Buffer::default();
            let exit = run_to(Output::plain(Closed(kind), notes.clone()), all, arguments, url).await;
            assert_eq!(exit, Exit::Error, "{command}");
            // Whoever closed a pipe has read enough.
            let is_told = notes.text().contains("cannot write to standard output");
            assert_eq!(is_told, kind == std::io::ErrorKind::StorageFull, "{command}: {}", notes.text());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revert_that_cannot_be_finished_is_taken_back_by_up() {
    let database = Database::new().await;
    let add = |name: &str| together(vec![sql(&format!("ALTER TABLE public.one ADD COLUMN {name} int"))]);
    let drop = |name: &str| together(vec![sql(&format!("ALTER TABLE public.one DROP COLUMN {name}"))]);
    let all =
        migrations(vec![table(1, "one"), migration(2, "both", vec![add("a"), add("b")], vec![drop("b"), drop("a")])]);
    all.apply(&database.pool).await.unwrap();
    database.run("CREATE VIEW needs_a AS SELECT a FROM public.one").await;
    let error = all.migrator().revert(&database.pool, 1).await.unwrap_err().to_string();
    assert!(error.contains("cannot drop column a of table"), "{error}");
    assert_eq!(journal(&database).await, "1");
    let columns = "SELECT string_agg(attname, ' ' ORDER BY attname) FROM pg_attribute \
                   WHERE attrelid = 'public.one'::regclass AND attnum > 0 AND NOT attisdropped";
    assert_eq!(database.value(columns).await, "a id value");
    all.apply(&database.pool).await.unwrap();
    assert_eq!(database.value(columns).await, "a b id value");
    assert_eq!((journal(&database).await.as_str(), database.versions().await.len()), ("0", 2));
    assert!(all.apply(&database.pool).await.unwrap().is_empty());
    // And once nothing is in the way, it is reverted.
    database.run("DROP VIEW needs_a").await;
    all.migrator().revert(&database.pool, 1).await.unwrap();
    assert_eq!(database.value(columns).await, "id value");
}
