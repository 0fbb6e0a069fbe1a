//! The command line, on a real server: what it prints, and how it exits.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use migrate_core::plan::LockMode;
use migrate_runtime::Migrations;
use migrate_runtime::cli::Exit;
use serde_json::Value;
use sqlx::ConnectOptions as _;
use support::command::*;
use support::gate::Gate;
use support::*;

fn four() -> &'static Migrations {
    let index_name = "two_value_idx";
    migrations(vec![
        table(1, "one"),
        table(2, "two"),
        migration(
            3,
            "index",
            vec![alone(index(index_name, "two", "value", false))],
            vec![alone(drop_index("two_value_idx"))],
        ),
        migration(
            4,
            "note",
            vec![
                together(vec![locking(
                    sql("ALTER TABLE public.one\n    ADD COLUMN note text"),
                    "one",
                    LockMode::AccessExclusive,
                )]),
                together(vec![sql("INSERT INTO public.one (id, note) VALUES (1, 'it''s')")]),
            ],
            vec![
                together(vec![sql("DELETE FROM public.one")]),
                together(vec![locking(
                    sql("ALTER TABLE public.one DROP COLUMN note"),
                    "one",
                    LockMode::AccessExclusive,
                )]),
            ],
        ),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn up_and_down_tell_what_they_did_and_where_the_database_is() {
    let database = Database::new().await;
    let up = run_in(&database, four(), "up 2").await;
    assert_eq!(up.exit, Exit::Success, "{}", up.notes);
    assert!(up.results.starts_with("applied 2 migrations, now at 2_two ("), "{}", up.results);
    assert!(
        up.notes.contains("[1/2] applying 1_one\n") && up.notes.contains("[2/2] applied 2_two in "),
        "{}",
        up.notes
    );
    assert!(!up.notes.contains('\x1b'), "no colours where there is no terminal: {:?}", up.notes);

    let up = run_in(&database, four(), "up --count 1 --quiet").await;
    assert!(up.results.starts_with("applied 1 migration, now at 3_index ("), "{}", up.results);
    assert_eq!(up.notes, "");

    run_in(&database, four(), "up").await;
    assert_eq!(run_in(&database, four(), "up").await.results, "nothing to do, at 4_note\n");

    let down = run_in(&database, four(), "down").await;
    assert!(down.results.starts_with("reverted 1 migration, now at 3_index ("), "{}", down.results);
    let down = run_in(&database, four(), "down 0001").await;
    assert!(down.results.starts_with("reverted 2 migrations, now at 1_one ("), "{}", down.results);
    let down = run_in(&database, four(), "down --all").await;
    assert!(down.results.starts_with("reverted 1 migration, now nothing is applied ("), "{}", down.results);
}

#[tokio::test(flavor = "multi_thread")]
async fn status_tells_each_state_and_check_has_an_exit_code() {
    let database = Database::new().await;
    run_in(&database, four(), "up 2").await;
    let status = run_in(&database, four(), "status").await;
    assert_eq!(status.exit, Exit::Success);
    let lines: Vec<&str> = status.results.lines().collect();
    assert!(lines[0].contains("PostgreSQL "), "{}", status.results);
    assert_eq!(lines[1], "current 2_two -> head 4_note, 2 pending");
    assert_eq!(run_in(&database, four(), "status --check").await.exit, Exit::Pending);
    run_in(&database, four(), "up").await;
    assert_eq!(run_in(&database, four(), "status --check").await.exit, Exit::Success);
    let json = json_in(&database, four(), "status").await;
    assert_eq!(json["up_to_date"], true);
    assert_eq!(json["migrations"][3]["name"], "note");
    assert_eq!(json["migrations"][3]["state"], "applied");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_is_called_as_its_file_is() {
    let both = || migrations(vec![table(1, "one").after_zeros(3), table(2, "two").after_zeros(3)]);
    let database = Database::new().await;
    for version in ["1", "01", "0001", "0001_one"] {
        let up = run_in(&database, both(), &format!("up {version}")).await;
        assert!(up.results.contains(" at 0001_one"), "{up:?}");
        assert_eq!(run_in(&database, both(), "current").await.results, "0001_one\n");
    }
    let status = run_in(&database, both(), "status").await.results;
    assert!(status.contains("current 0001_one -> head 0002_two, 1 pending\n"), "{status}");
    assert!(status.contains("\n0001     one   applied ") && status.contains("\n0002     two   pending"), "{status}");
    assert!(run_in(&database, both(), "plan").await.results.contains("0002_two"));
    assert!(run_in(&database, both(), "history").await.results.contains("\n0001  "));
    let up = run_in(&database, both(), "up").await;
    assert!(up.notes.contains("[1/1] applying 0002_two\n"), "{up:?}");
    let down = run_in(&database, both(), "down").await;
    assert!(down.notes.contains("[1/1] reverting 0002_two\n"), "{down:?}");
    assert!(down.results.starts_with("reverted 1 migration, now at 0001_one ("), "{down:?}");

    let wrong = run_in(&database, both(), "up 0001_two").await.notes;
    assert!(wrong.contains("the version 1 is not named `two`") && wrong.contains("it is `0001_one`"), "{wrong}");
    let changed = migrations(vec![migration(1, "one", Vec::new(), Vec::new()).after_zeros(3)]);
    let refused = run_in(&database, changed, "up").await.notes;
    assert!(refused.contains("`0001_one`"), "{refused}");
    // A binary that has no such file has the number only.
    let later = run_in(&database, migrations(vec![table(3, "three").after_zeros(3)]), "status").await.results;
    assert!(later.contains("1_one") && !later.contains("0001_one"), "{later}");
}

#[tokio::test(flavor = "multi_thread")]
async fn current_is_one_line_for_scripts() {
    let database = Database::new().await;
    assert_eq!(run_in(&database, four(), "current").await.results, "");
    run_in(&database, four(), "up 1").await;
    assert_eq!(run_in(&database, four(), "current").await.results, "1_one\n");
    let json = json_in(&database, four(), "current").await;
    assert_eq!((&json["current"]["version"], &json["head"]["version"]), (&1.into(), &4.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn history_names_the_role_and_the_application() {
    let database = Database::new().await;
    assert_eq!(run_in(&database, four(), "history").await.results, "nothing is applied\n");
    run_in(&database, four(), "up 1").await;
    let history = run_in(&database, four(), "history").await.results;
    assert!(history.starts_with("version  name  kind ") && history.contains("postgres"), "{history}");
    let json = json_in(&database, four(), "history").await;
    assert_eq!(json["history"][0]["kind"], "applied");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_shows_sql_locks_transactions_and_places_and_changes_nothing() {
    let database = Database::new().await;
    run_in(&database, four(), "up 2").await;
    let plan = run_in(&database, four(), "plan").await;
    insta::assert_snapshot!(plan.results);
    let down = run_in(&database, four(), "plan --down").await;
    assert!(down.results.starts_with("down 2_two\n"), "{}", down.results);
    assert_eq!(run_in(&database, four(), "current").await.results, "2_two\n");
    let json = json_in(&database, four(), "plan").await;
    assert_eq!(json["migrations"][1]["segments"][0]["statements"][0]["locks"][0]["mode"], "ACCESS EXCLUSIVE");
    run_in(&database, four(), "up").await;
    assert_eq!(run_in(&database, four(), "plan").await.results, "nothing to do\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_does_what_up_and_down_do() {
    let (scripted, migrated) = (Database::new().await, Database::new().await);
    let up = run_with_url(four(), None, "sql").await;
    assert_eq!(up.exit, Exit::Success, "{}", up.notes);
    run_script(&scripted, &up.results).await;
    run_in(&migrated, four(), "up").await;
    let rows = "SELECT concat_ws('|', version, name, checksum, chain, kind, down, footprint, compatibility) \
                FROM migrate.history ORDER BY version";
    assert_eq!(scripted.values(rows).await, migrated.values(rows).await);
    let columns = "SELECT concat_ws('|', table_schema, table_name, column_name, data_type) \
                   FROM information_schema.columns WHERE table_schema IN ('public', 'migrate') ORDER BY 1";
    assert_eq!(scripted.values(columns).await, migrated.values(columns).await);
    assert_eq!(scripted.value("SELECT count(*)::text FROM migrate.journal").await, "0");
    assert_eq!(run_in(&scripted, four(), "up").await.results, "nothing to do, at 4_note\n");

    let down = run_with_url(four(), None, "sql 1..3 --down").await.results;
    run_in(&scripted, four(), "down 0003").await;
    run_script(&scripted, &down).await;
    assert_eq!(scripted.versions().await, ["1"]);
    assert!(!scripted.has_table("public.two").await);
    assert_eq!(run_in(&scripted, four(), "current").await.results, "1_one\n");
    let rest = run_with_url(four(), None, "sql 1..").await.results;
    run_script(&scripted, &rest).await;
    assert_eq!(run_in(&scripted, four(), "status --check").await.exit, Exit::Success);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_runs_whatever_the_database_has_set() {
    let database = Database::new().await;
    for setting in [
        "default_transaction_isolation = serializable",
        "standard_conforming_strings = off",
        "statement_timeout = 200",
        "search_path = pg_catalog",
        "default_transaction_read_only = on",
    ] {
        let alter = format!("BEGIN EXECUTE format('ALTER DATABASE %I SET {setting}', current_database()); END");
        database.run(&format!("DO $${alter}$$")).await;
    }
    let note = sql(r"CREATE TABLE public.note AS SELECT 'a\b'::text AS value FROM pg_catalog.pg_sleep(0.5)");
    let all = migrations(vec![table(1, "one"), migration(2, "note", vec![together(vec![note])], vec![])]);
    let script = run_with_url(all, None, "sql").await.results;
    run_script(&database, &script).await;
    assert_eq!(database.values("SELECT value FROM public.note").await, [r"a\b"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_means_the_same_in_every_session() {
    let database = Database::new().await;
    let note = raw("CREATE TABLE note AS SELECT timestamptz '2026-03-02 00:00' AS at, interval '-1 2:00' AS rest, \
                    'ü'::text AS name, (bytea '\\x00')::text AS bytes, '{NULL}'::text[] AS list");
    let all = migrations(vec![migration(1, "note", vec![together(vec![note])], vec![])]);
    let script = run_with_url(all, None, "sql").await.results;
    let odd = "SET timezone = 'Asia/Kolkata'; SET datestyle = 'SQL, DMY'; SET intervalstyle = sql_standard; \
               SET client_encoding = latin1; SET bytea_output = escape; SET array_nulls = off;";
    run_script(&database, &format!("{odd}{script}")).await;
    let made = "SELECT concat_ws(' ', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), extract(epoch FROM rest)::int, \
                char_length(name), bytes, array_position(list, NULL)) FROM public.note";
    assert_eq!(database.values(made).await, [r"2026-03-02 00:00 -79200 1 \x00 1"]);
}

/// Sends each command by itself, as psql does.
async fn run_script(database: &Database, script: &str) {
    let mut connection = database.options.connect().await.unwrap();
    for command in migrate_core::sql::split_statements(script).unwrap() {
        let sent = sqlx::raw_sql(sqlx::AssertSqlSafe(command.to_string())).execute(&mut connection).await;
        sent.unwrap_or_else(|error| panic!("{error}\n{command}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_stops_on_a_database_that_is_somewhere_else() {
    let database = Database::new().await;
    run_in(&database, four(), "up 1").await;
    let script = run_with_url(four(), None, "sql 2..").await.results;
    let mut connection = database.options.connect().await.unwrap();
    let mut errors = Vec::new();
    for command in migrate_core::sql::split_statements(&script).unwrap() {
        let sent = sqlx::raw_sql(sqlx::AssertSqlSafe(command.to_string())).execute(&mut connection).await;
        errors.extend(sent.err().map(|error| error.to_string()));
    }
    assert!(errors[0].contains("this database is not at 2_two"), "{errors:?}");
    assert_eq!(database.versions().await, ["1"], "also where nobody stops at the first error");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_application_goes_on_where_a_script_stopped() {
    let all = migrate_core::sql::split_statements(&run_with_url(four(), None, "sql").await.results).unwrap().len();
    for stop in (0..all).step_by(2) {
        let database = Database::new().await;
        let script = run_with_url(four(), None, "sql").await.results;
        let mut connection = database.options.connect().await.unwrap();
        for command in migrate_core::sql::split_statements(&script).unwrap().into_iter().take(stop) {
            sqlx::raw_sql(sqlx::AssertSqlSafe(command.to_string())).execute(&mut connection).await.unwrap();
        }
        sqlx::Connection::close(connection).await.unwrap();
        let up = run_in(&database, four(), "up").await;
        assert_eq!(up.exit, Exit::Success, "stopped after {stop} commands: {}", up.notes);
        assert_eq!(run_in(&database, four(), "status --check").await.exit, Exit::Success);
        assert_eq!(database.value("SELECT count(*)::text FROM one").await, "1", "stopped after {stop} commands");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_cannot_hold_a_rust_function() {
    let calls =
        migrations(vec![table(1, "one"), migration(2, "fill", vec![together(vec![run("steps::fill")])], Vec::new())]);
    let ran = run_with_url(calls, None, "sql").await;
    assert_eq!((ran.exit, ran.results.as_str()), (Exit::Error, ""));
    assert!(ran.notes.starts_with("error: `2_fill` calls the Rust function `steps::fill`"), "{}", ran.notes);
    assert!(run_with_url(calls, None, "sql ..1").await.exit == Exit::Success);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scripted_backfill_changes_every_row() {
    let database = Database::new().await;
    let filled = migrations(vec![
        table(1, "one"),
        migration(
            2,
            "fill",
            vec![alone(backfill("one", "value = 'x' || id", "value IS NULL", &["id"], 100))],
            Vec::new(),
        ),
    ]);
    run_in(&database, filled, "up 1").await;
    database.run("INSERT INTO one SELECT generate_series(1, 5000)").await;
    run_script(&database, &run_with_url(filled, None, "sql 2").await.results).await;
    let changed = "SELECT count(*)::text FROM one WHERE value = 'x' || id";
    assert_eq!(database.value(changed).await, "5000");
    assert_eq!(run_in(&database, filled, "status --check").await.exit, Exit::Success);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_baseline_records_without_running() {
    let database = Database::new().await;
    database.run("CREATE TABLE one (id bigint PRIMARY KEY, value text)").await;
    let ran = run_in(&database, four(), "baseline 1").await;
    assert!(ran.results.starts_with("recorded 1 migration without running, now at 1_one ("), "{}", ran.results);
    assert!(run_in(&database, four(), "status").await.results.contains("applied (baseline)"));
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_finds_what_somebody_did_by_hand() {
    let database = Database::new().await;
    // The operations of migrations made by hand are empty: the tables are nobody's.
    let none = migrations(Vec::new());
    let clean = run_in(&database, none, "verify").await;
    assert_eq!((clean.exit, clean.results.as_str()), (Exit::Success, "ok: the database matches an empty history\n"));
    database.run("CREATE TABLE extra (id int)").await;
    let drift = run_in(&database, none, "verify").await;
    assert_eq!(drift.exit, Exit::Drift);
    assert!(drift.results.contains("  + table `extra`: not expected\n"), "{}", drift.results);
    let json = run_in(&database, none, "verify --json").await;
    let json: Value = serde_json::from_str(&json.results).unwrap();
    assert_eq!((&json["clean"], &json["differences"][0]["kind"]), (&false.into(), &"unexpected".into()));
    let ignoring = run_in(&database, none, "verify --ignore 'table ext*' --ignore 'index dba_*'").await;
    assert_eq!(ignoring.exit, Exit::Success);
    assert!(ignoring.results.contains("note: ignored, as asked: table `extra`\n"), "{}", ignoring.results);
    assert!(ignoring.results.ends_with("note: `index public.dba_*` ignored nothing\n"), "{}", ignoring.results);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_names_statement_place_and_sqlstate() {
    let database = Database::new().await;
    let failing = migrations(vec![
        table(1, "one"),
        migration(
            2,
            "bad",
            vec![together(vec![sql("INSERT INTO public.one VALUES (1)"), sql("INSERT INTO public.one VALUES (1)")])],
            Vec::new(),
        ),
    ]);
    let ran = run_in(&database, failing, "up --quiet --json").await;
    assert_eq!(ran.exit, Exit::Error);
    insta::assert_snapshot!(ran.notes);
    let json: Value = serde_json::from_str(&ran.results).unwrap();
    let error = &json["error"];
    assert_eq!((&error["sqlstate"], &error["statement"]["line"]), (&"23505".into(), &7.into()));
    assert_eq!(error["report"]["applied"][0]["name"], "one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_takes_too_long_has_failed_and_is_not_blocked() {
    let database = Database::new().await;
    let slow = || locking(sql("SELECT pg_sleep(2)"), "one", LockMode::AccessExclusive);
    let both = vec![together(vec![slow()])];
    let all = migrations(vec![table(1, "one"), migration(2, "slow", both.clone(), both)]);
    assert_eq!(run_in(&database, all, "up 1").await.exit, Exit::Success);
    let ran = run_in(&database, all, "up --statement-timeout 0.1").await;
    assert_eq!((ran.exit, ran.results.as_str()), (Exit::Error, ""));
    let end = "error: cannot apply `2_slow`: statement 1 of 1 failed\n  \
               canceling statement due to statement timeout\n  \
               at migrations/test.rs:7:5\n  \
               SELECT pg_sleep(2)\n  \
               took longer than `statement_timeout` (0.1 s) under ACCESS EXCLUSIVE on public.one, twice\n\
               help: if queries on the table may wait that long, raise it for this run with `--statement-timeout 60` \
               or \
               for this statement with `#[limits(statement_timeout = \"1 min\")]` and run `up` again; nothing of \
               `2_slow` was kept\n";
    assert!(ran.notes.ends_with(end), "{}", ran.notes);
    assert_eq!(run_in(&database, all, "up").await.exit, Exit::Success);
    let ran = run_in(&database, all, "down --statement-timeout 0.1").await;
    assert_eq!(ran.exit, Exit::Error);
    // The source counts on the way up.
    let end = "help: if queries on the table may wait that long, raise it for this run with `--statement-timeout 60` \
               and \
               run `down` again; nothing of `2_slow` was kept\n";
    assert!(ran.notes.ends_with(end), "{}", ran.notes);
    assert_eq!(database.versions().await, ["1", "2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_is_told_where_the_history_cannot_be_read_after_it() {
    for command in ["up 2", "up 2 --json"] {
        let database = Database::new().await;
        assert_eq!(run_in(&database, four(), "up 1").await.exit, Exit::Success);
        // As soon as the run is over.
        database
            .run(
                "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                 ALTER TABLE migrate.history RENAME COLUMN client TO spoilt; RETURN NULL; END $$; \
                 CREATE FUNCTION prepare() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN \
                 CREATE CONSTRAINT TRIGGER spoil AFTER INSERT ON migrate.head DEFERRABLE INITIALLY DEFERRED \
                 FOR EACH ROW EXECUTE FUNCTION public.spoil(); END $$; \
                 CREATE EVENT TRIGGER prepare ON ddl_command_end WHEN TAG IN ('CREATE TABLE') \
                 EXECUTE FUNCTION prepare()",
            )
            .await;
        let ran = run_in(&database, four(), command).await;
        assert_eq!(ran.exit, Exit::Success, "{}", ran.notes);
        if command == "up 2" {
            assert!(ran.results.starts_with("applied 1 migration ("), "{}", ran.results);
        } else {
            let json: Value = serde_json::from_str(&ran.results).unwrap();
            assert_eq!(json["applied"].as_array().unwrap().len(), 1);
            assert!(json.get("current").is_none(), "{json}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_is_held_has_its_own_exit_code() {
    let database = Database::new().await;
    let waits = sql(&Gate::statement(1));
    let slow = migrations(vec![migration(1, "slow", vec![together(vec![waits])], Vec::new())]);
    let gate = Gate::close(&database, 1).await;
    let running = Running::start(&database, slow, "up");
    gate.is_reached().await;
    let ran = run_in(&database, slow, "up --lock-wait 0.2").await;
    assert_eq!(ran.exit, Exit::Blocked);
    assert!(ran.notes.contains("for the migration lock, held by backend "), "{}", ran.notes);
    gate.open().await;
    assert_eq!(running.end().await.exit, Exit::Success);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_cannot_be_made_are_explained() {
    let secret = "postgres://app:s3cret@127.0.0.1:1/shop?sslmode=disable".to_string();
    let ran = run_with_url(four(), Some(secret), "status").await;
    assert_eq!(ran.exit, Exit::Error);
    assert!(
        ran.notes.starts_with("error: cannot connect to the database `shop` on 127.0.0.1:1 as `app`\n"),
        "{}",
        ran.notes
    );
    assert!(ran.notes.contains("--database-url") && !ran.notes.contains("s3cret"), "{}", ran.notes);

    let ran = run_with_url(four(), Some("mysql://x".into()), "status").await;
    assert!(ran.notes.contains("help: "), "{}", ran.notes);

    let database = Database::new().await;
    let missing = database.options.clone().database("no_such_database").to_url_lossy().to_string();
    let ran = run_with_url(four(), Some(missing), "status").await;
    assert!(ran.notes.contains("help: create it: createdb no_such_database"), "{}", ran.notes);
    let flag = format!("status --database-url {}", database.options.to_url_lossy());
    let ran = run_with_url(four(), Some("postgres://nobody@127.0.0.1:1/x".into()), &flag).await;
    assert_eq!(ran.exit, Exit::Success, "the flag wins");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_arguments_are_usage_errors_and_wrong_versions_are_explained() {
    let ran = run_with_url(four(), None, "upp").await;
    assert_eq!(ran.exit, Exit::Usage);
    assert!(ran.notes.contains("'up'"), "{}", ran.notes);
    assert_eq!(run_with_url(four(), None, "--help").await.exit, Exit::Success);
    let ran = run_with_url(four(), None, "up 2_tow").await;
    assert_eq!(ran.exit, Exit::Error);
    assert_eq!(ran.notes, "error: the version 2 is not named `tow`\nhelp: it is `2_two`\n");
    let ran = run_with_url(four(), None, "sql 3..1").await;
    assert!(ran.notes.contains("runs backwards"), "{}", ran.notes);
    let database = Database::new().await;
    let ran = run_in(&database, four(), "up 7").await;
    assert_eq!(ran.notes, "error: cannot find a migration with version 7\nhelp: the closest is `4_note`\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_databases_are_brought_up_with_one_command() {
    let (one, two) = (Database::new().await, Database::new().await);
    two.run("CREATE TABLE two (mine int)").await;
    let urls = [&one, &two].map(|database| database.options.to_url_lossy().to_string());
    let path = std::env::temp_dir().join(format!("databases_{}.txt", std::process::id()));
    std::fs::write(&path, format!("# all of them\n{}\n\n{}\n", urls[0], urls[1])).unwrap();
    let command = format!("up 2 --databases {}", path.display());
    let ran = run_with_url(four(), None, &command).await;
    assert_eq!(ran.exit, Exit::Error, "{}", ran.notes);
    assert!(ran.results.contains(": applied 2 migrations ("), "{}", ran.results);
    assert!(ran.results.contains(": failed\n    error: cannot apply `2_two`"), "{}", ran.results);
    assert!(ran.results.contains("1 database changed, 1 failed ("), "{}", ran.results);
    assert!(ran.notes.contains(": [1/2] applying 1_one\n"), "{}", ran.notes);

    two.run("DROP TABLE two").await;
    let ran = run_with_url(four(), None, &format!("{command} --json --quiet")).await;
    assert_eq!(ran.exit, Exit::Success, "{}", ran.notes);
    let value: Value = serde_json::from_str(&ran.results).unwrap();
    assert_eq!(value["complete"], true);
    assert_eq!(value["databases"][0]["report"]["applied"].as_array().unwrap().len(), 0);
    assert_eq!(value["databases"][1]["report"]["applied"].as_array().unwrap().len(), 1);
    std::fs::write(&path, "nonsense\n").unwrap();
    let ran = run_with_url(four(), None, &command).await;
    assert!(ran.notes.contains("line 1 is not a URL"), "{}", ran.notes);
    std::fs::remove_file(&path).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_shows_what_each_statement_did() {
    let database = Database::new().await;
    let column = |verb: &str| {
        let statement =
            sql(&format!("ALTER TABLE public.one {verb} COLUMN note{}", if verb == "ADD" { " text" } else { "" }));
        together(vec![locking(statement, "one", LockMode::AccessExclusive)])
    };
    let all = migrations(vec![table(1, "one"), migration(2, "note", vec![column("ADD")], vec![column("DROP")])]);
    let ran = run_in(&database, all, "rehearse --here").await;
    // The DROP TABLE of these migrations was written by hand, and says nothing of its lock.
    assert_eq!(ran.exit, Exit::Error, "{}{}", ran.results, ran.notes);
    let surprise = "not as predicted: took ACCESS EXCLUSIVE on public.one; predicted was no lock";
    assert!(ran.results.contains(surprise), "{}", ran.results);
    assert!(ran.results.contains("up again 2_note ("), "{}", ran.results);
    assert!(ran.results.contains("ACCESS EXCLUSIVE on public.one"), "{}", ran.results);
    assert!(ran.results.contains("1 surprise, in test_"), "{}", ran.results);
    let value = json_in(&database, all, "rehearse --here").await;
    assert_eq!(value["migrations"].as_array().unwrap().len(), 0);
    let ran = run_in(&database, all, "rehearse").await;
    assert_eq!(ran.exit, Exit::Usage, "{}", ran.notes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_that_fails_is_one_object_in_json() {
    let database = Database::new().await;
    let all = migrations(vec![table(1, "one"), migration(2, "two", vec![together(vec![sql("SELECT 1 / 0")])], vec![])]);
    let ran = run_in(&database, all, "rehearse --here --json").await;
    assert_eq!(ran.exit, Exit::Error);
    let value: Value = serde_json::from_str(&ran.results).unwrap();
    assert_eq!(value["clean"], false);
    assert_eq!(value["migrations"].as_array().unwrap().len(), 2);
    assert_eq!(value["error"]["kind"], "failed");
    assert_eq!(value["error"]["sqlstate"], "22012");
    assert!(ran.notes.contains("error: cannot apply `2_two`"), "{}", ran.notes);
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_shows_the_migration_that_runs_and_who_is_in_its_way() {
    let database = Database::new().await;
    let all = four();
    run_in(&database, all, "up 2").await;
    let idle = run_in(&database, all, "watch --until-idle").await;
    assert_eq!(idle.exit, Exit::Success);
    assert!(idle.results.starts_with("no migration is running\napplied: 2_two\n"), "{}", idle.results);

    let mut reader = database.another_pool().begin().await.unwrap();
    sqlx::raw_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM one")
        .execute(&mut *reader)
        .await
        .unwrap();
    let running = Running::start(&database, all, "up 3");
    // It may wait for one of those who look, before it waits for the reader.
    running.notes("SELECT count(*) FROM one").await;
    running.notes("waiting for old snapshots").await;
    let watched = run_in(&database, all, "watch -n 1").await.results;
    for line in [
        "\napplying 3_index, 0 of 1 parts done\n",
        "\n  statement 1 of 1: CREATE INDEX CONCURRENTLY two_value_idx ON public.two (value)\n",
        "\n  CREATE INDEX CONCURRENTLY: waiting for old snapshots, ",
        "\n  blocked by: backend ",
        "(postgres, the test), transaction open for ",
    ] {
        assert!(watched.contains(line), "{line}\n{watched}");
    }
    let json = run_in(&database, all, "watch --count 2 --interval 0.1 --json").await.results;
    let objects: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.len(), 2);
    assert_eq!(objects[1]["build"]["phase"], "waiting for old snapshots");
    assert_eq!(objects[1]["migration"]["segments"], 1);
    assert_eq!(objects[1]["blockers"][0]["application_name"], "the test");
    reader.rollback().await.unwrap();
    let up = running.end().await;
    assert_eq!(up.exit, Exit::Success, "{}", up.notes);
    assert!(
        up.notes.contains("waiting for old snapshots") && up.notes.contains("blocked by: backend "),
        "{}",
        up.notes
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_half_applied_says_both_ways_out_and_can_be_taken_back() {
    let database = Database::new().await;
    let failing = migrations(vec![
        table(1, "one"),
        migration(
            2,
            "wrong",
            vec![
                together(vec![sql("ALTER TABLE public.one ADD COLUMN extra int")]),
                together(vec![sql("SELECT 1 / 0")]),
            ],
            vec![together(vec![sql("ALTER TABLE public.one DROP COLUMN extra")])],
        ),
    ]);
    let up = run_in(&database, failing, "up").await;
    let help = "help: correct the data and run `up` again; or, if the migration is wrong, undo it with \
                `down --unfinished`, and then correct it\n";
    assert!(up.notes.ends_with(help), "{}", up.notes);
    let status = run_in(&database, failing, "status").await.results;
    assert!(status.contains("`down --unfinished` undoes it"), "{status}");
    let down = run_in(&database, failing, "down --unfinished").await;
    assert!(down.results.starts_with("reverted 1 migration, now at 1_one ("), "{} {}", down.results, down.notes);
    let column = "SELECT count(*)::text FROM pg_attribute WHERE attrelid = 'one'::regclass AND attname = 'extra'";
    assert_eq!(database.value(column).await, "0");
    let down = run_in(&database, failing, "down --unfinished").await;
    assert_eq!(down.results, "nothing to do, at 1_one\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_of_a_run_are_options_of_up_and_down() {
    let database = Database::new().await;
    let column = |verb: &str| {
        let statement = sql(&format!("ALTER TABLE public.one {verb} note text"));
        together(vec![locking(statement, "one", LockMode::AccessExclusive)])
    };
    let all = migrations(vec![table(1, "one"), migration(2, "note", vec![column("ADD COLUMN")], vec![])]);
    run_in(&database, all, "up 1").await;
    let mut holder = database.pool.begin().await.unwrap();
    sqlx::raw_sql("LOCK TABLE one IN ACCESS SHARE MODE").execute(&mut *holder).await.unwrap();
    let ran = run_in(&database, all, "up --retry-budget 0.3 --lock-timeout 0.02 --no-peek").await;
    assert_eq!(ran.exit, Exit::Blocked, "{}", ran.notes);
    assert!(seconds_after("gave up after ", &ran.notes) >= 0.3, "{}", ran.notes);
    holder.rollback().await.unwrap();
    let ran = run_in(&database, all, "down --retry-budget soon").await;
    assert_eq!(ran.exit, Exit::Usage, "{}", ran.notes);
    assert!(ran.notes.contains("write a number of seconds"), "{}", ran.notes);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schemas_of_tenants_are_brought_up_with_one_command() {
    let database = Database::new().await;
    let refused = run_in(&database, four(), "up --schema tenant_a").await;
    assert_eq!(refused.exit, Exit::Error);
    assert_eq!(
        refused.notes,
        "error: schema `tenant_a` does not exist in this database\n\
         help: create it, or have it created (`--create-schema`, `Migrator::create_schema`)\n"
    );
    let made = run_in(&database, four(), "up 2 --schema tenant_a --create-schema --quiet").await;
    assert!(made.results.starts_with("applied 2 migrations, now at 2_two ("), "{}{}", made.results, made.notes);
    database.run("CREATE SCHEMA tenant_b; CREATE TABLE tenant_b.two (id int)").await;

    let many = run_in(&database, four(), "up --schemas-like tenant\\_%").await;
    assert_eq!(many.exit, Exit::Error);
    assert!(many.notes.contains("tenant_a: [1/2] applying 3_index\n"), "{}", many.notes);
    assert!(many.results.contains("tenant_a: applied 2 migrations ("), "{}", many.results);
    assert!(many.results.contains("tenant_b: failed\n    error: cannot apply `2_two`"), "{}", many.results);
    assert!(many.results.contains("1 schema changed, 1 failed ("), "{}", many.results);

    database.run("DROP TABLE tenant_b.two").await;
    let value = json_in(&database, four(), "up --schemas-like tenant\\_%").await;
    assert_eq!(value["complete"], true);
    assert_eq!(value["databases"][0]["report"]["applied"].as_array().unwrap().len(), 0);
    assert_eq!(value["databases"][1]["name"], "tenant_b");

    let status = run_in(&database, four(), "status --schema tenant_b").await;
    let name = database.options.get_database().unwrap();
    assert!(status.results.starts_with(&format!("database {name}, schema tenant_b on ")), "{}", status.results);
    assert!(status.results.contains("\ncurrent 4_note -> head 4_note, up to date\n"), "{}", status.results);
    let plan = run_in(&database, four(), "plan --down --schema tenant_b").await;
    assert!(plan.results.contains("ALTER TABLE tenant_b.one DROP COLUMN note;"), "{}", plan.results);
    assert!(plan.results.contains("locks tenant_b.one ACCESS EXCLUSIVE"), "{}", plan.results);
    let script = run_in(&database, four(), "sql --schema tenant_b").await;
    assert_eq!(script.notes.lines().next(), Some("error: cannot generate an SQL script for the schema `tenant_b`"));
    let down = run_in(&database, four(), "down --all --schema tenant_b --quiet").await;
    assert!(down.results.starts_with("reverted 4 migrations"), "{}{}", down.results, down.notes);
    assert!(!database.has_table("tenant_b.one").await && database.has_table("tenant_a.one").await);
}
