//! The commands on many databases and on the schemas of tenants: what they print, to the letter, and how they exit.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use migrate_runtime::cli::Exit;
use migrate_runtime::{Migrations, Target};
use serde_json::Value;
use sqlx::ConnectOptions as _;
use support::command::*;
use support::*;

/// A table, with what `verify` expects of it.
fn known(version: i64, name: &str) -> Build {
    let operations = format!(
        r#"[{{"create_table":{{"name":"{name}","definition":{{"columns":[{{"name":"id","data_type":"bigint"}},
        {{"name":"value","data_type":"text","nullable":true}}],
        "constraints":{{"{name}_pkey":{{"kind":{{"primary_key":{{"columns":["id"]}}}}}}}},"indexes":{{}}}}}}}}]"#
    );
    table(version, name).of_operations(operations.leak())
}

/// Three tables; the third comes with a row in the second.
fn shop() -> &'static Migrations {
    let notes = known(3, "notes").in_parts(
        vec![
            together(vec![sql("CREATE TABLE public.notes (id bigint PRIMARY KEY, value text)")]),
            together(vec![sql("INSERT INTO public.orders (id) VALUES (1)")]),
        ],
        vec![
            together(vec![sql("DELETE FROM public.orders WHERE id = 1")]),
            together(vec![sql("DROP TABLE public.notes")]),
        ],
    );
    migrations(vec![known(1, "users"), known(2, "orders"), notes.losing("the rows of `notes`")])
}

/// As `shop`, one migration further.
fn newer() -> &'static Migrations {
    migrations(vec![known(1, "users"), known(2, "orders"), table(7, "later")])
}

async fn tenant(database: &Database, name: &str, migrations: &'static Migrations, version: i64) {
    let migrator = migrations.migrator().schema(name).create_schema(true);
    migrator.apply_to(&database.pool, Target::Version(version)).await.unwrap();
}

/// Two tenants that are up to date, and one of each kind that is not.
async fn tenants() -> Database {
    let database = Database::new().await;
    for (name, version) in
        [("t_a", 3), ("t_behind", 1), ("t_changed", 3), ("t_edited", 3), ("t_half", 2), ("t_z", 3), ("x_broken", 3)]
    {
        tenant(&database, name, shop(), version).await;
    }
    tenant(&database, "t_newer", newer(), 7).await;
    database.run("CREATE SCHEMA t_empty").await;
    database.run("ALTER TABLE t_changed.users ADD COLUMN extra int, ALTER COLUMN value TYPE varchar(9)").await;
    database.run("UPDATE t_edited.migrate_history SET checksum = md5('') || md5('') WHERE version = 2").await;
    database.run("INSERT INTO t_half.orders VALUES (1)").await;
    shop().migrator().schema("t_half").apply(&database.pool).await.unwrap_err();
    database.run("ALTER TABLE x_broken.migrate_history RENAME version TO number").await;
    database
}

/// The times left out.
fn timeless(text: &str) -> String {
    let line = |line: &str| match line.rsplit_once(" (") {
        Some((before, time)) if time.ends_with("s)") && !time.contains("parts") => before.to_string() + "\n",
        _ => line.to_string() + "\n",
    };
    text.lines().map(line).collect()
}

/// The times left out.
fn timeless_json(text: &str) -> String {
    fn clear(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.retain(|name, _| !name.ends_with("_ms") && name != "applied_at");
                fields.values_mut().for_each(clear);
            }
            Value::Array(values) => values.iter_mut().for_each(clear),
            _ => {}
        }
    }
    let mut value: Value = serde_json::from_str(text).unwrap();
    clear(&mut value);
    serde_json::to_string_pretty(&value).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn status_has_a_line_for_each_of_which_there_is_something_to_say() {
    let database = tenants().await;
    let ran = run_in(&database, shop(), "status --schemas-like _\\_%").await;
    insta::assert_snapshot!(ran.results);
    assert_eq!((ran.exit, ran.notes.as_str()), (Exit::Error, ""), "one could not be looked at");
    for (command, exit) in [
        ("status --schemas-like t\\_%", Exit::Success),
        ("status --check --schemas-like t\\_%", Exit::Pending),
        ("status --check --schemas-like _\\_%", Exit::Error),
        ("status --check --schemas-like t\\_newer", Exit::Pending),
        ("status --check --schemas-like t\\_a", Exit::Success),
    ] {
        assert_eq!(run_in(&database, shop(), command).await.exit, exit, "{command}");
    }
    assert!(!database.has_table("t_empty.migrate_history").await, "looking makes no tables");
    let ran = run_in(&database, shop(), "status --schemas-like nobody%").await;
    assert_eq!((ran.exit, ran.results.as_str()), (Exit::Success, "0 schemas up to date\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn status_of_many_is_one_document_for_programs() {
    let database = tenants().await;
    let ran = run_in(&database, shop(), "status --json --at-once 16 --schemas-like _\\_%").await;
    insta::assert_snapshot!(timeless_json(&ran.results));
    assert_eq!((ran.exit, ran.notes.as_str()), (Exit::Error, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn status_says_where_somebody_is_migrating() {
    let database = tenants().await;
    let mut reader = database.another_pool().begin().await.unwrap();
    sqlx::raw_sql("LOCK TABLE t_behind.users IN ACCESS SHARE MODE").execute(&mut *reader).await.unwrap();
    let lock = migrate_core::plan::LockMode::AccessExclusive;
    let column = locking(sql("ALTER TABLE public.users ADD COLUMN note text"), "users", lock);
    let waits = migrations(vec![known(1, "users"), migration(2, "note", vec![together(vec![column])], vec![])]);
    let url = database.options.to_url_lossy().to_string();
    let running = tokio::spawn(run_with_url(waits, Some(url), "up --schema t_behind"));
    let here = "database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let locked = format!("SELECT (count(*) > 0)::text FROM pg_locks WHERE locktype = 'advisory' AND {here}");
    database.until(&locked).await;
    let ran = run_in(&database, shop(), "status --schemas-like t\\_behind").await.results;
    assert!(ran.starts_with("t_behind: 1 applied, 2 pending, at 1_users\n    migrating now: backend "), "{ran}");
    let ran = run_in(&database, waits, "up --lock-wait 0.2 --schemas-like t\\_behind").await;
    assert_eq!(ran.exit, Exit::Blocked, "all that failed may do later: {}", ran.results);
    let ran = run_in(&database, waits, "up --lock-wait 0.2 --schemas-like _\\_b%").await;
    assert_eq!(ran.exit, Exit::Error, "the broken one may not: {}", ran.results);
    reader.rollback().await.unwrap();
    assert_eq!(running.await.unwrap().exit, Exit::Success);
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_lists_the_differences_of_each_that_has_some() {
    let database = tenants().await;
    let ran = run_in(&database, shop(), "verify --schemas-like _\\_%").await;
    insta::assert_snapshot!(ran.results);
    assert_eq!((ran.exit, ran.notes.as_str()), (Exit::Error, ""), "one could not be looked at");
    for (command, exit) in [
        ("verify --schemas-like t\\_%", Exit::Drift),
        ("verify --schemas-like t\\_behind", Exit::Success),
        ("verify --at-once 1 --schemas-like _\\_b%", Exit::Error),
    ] {
        assert_eq!(run_in(&database, shop(), command).await.exit, exit, "{command}");
    }
    let ran = run_in(&database, shop(), "verify --schemas-like t\\_a").await;
    assert_eq!(ran.results, "1 schema without differences\n");
    let ran = run_in(&database, shop(), "verify --json --schemas-like t\\_changed").await;
    insta::assert_snapshot!("verify_of_many_for_programs", timeless_json(&ran.results));
}

#[tokio::test(flavor = "multi_thread")]
async fn down_takes_all_back_to_a_version_and_a_rerun_what_is_left() {
    let database = tenants().await;
    database.run("CREATE VIEW t_z.seen AS SELECT * FROM t_z.notes").await;
    let command = "down --to 2_orders --at-once 1 --schemas-like";
    let ran = run_in(&database, shop(), &format!("{command} _\\_%")).await;
    insta::assert_snapshot!(format!("{}\n{}", ran.notes, timeless(&ran.results)));
    assert_eq!(ran.exit, Exit::Error);

    database.run("DROP VIEW t_z.seen; DELETE FROM t_half.orders").await;
    let ran = run_in(&database, shop(), &format!("{command} t\\_%")).await;
    insta::assert_snapshot!("down_again_takes_back_what_is_left", format!("{}\n{}", ran.notes, timeless(&ran.results)));
    assert_eq!(ran.exit, Exit::Success);

    let ran = run_in(&database, shop(), &format!("{command} t\\_% --json")).await;
    let value: Value = serde_json::from_str(&ran.results).unwrap();
    assert_eq!((ran.exit, &value["complete"]), (Exit::Success, &true.into()));
    for one in value["databases"].as_array().unwrap() {
        assert_eq!(one["report"]["reverted"].as_array().unwrap().len(), 0, "{one}");
    }
    let left = "SELECT string_agg(version::text, ',' ORDER BY version) FROM";
    for (tenant, versions) in [("t_a", "1,2"), ("t_behind", "1"), ("t_half", "1,2"), ("t_newer", "1,2")] {
        assert_eq!(database.value(&format!("{left} {tenant}.migrate_history")).await, versions, "{tenant}");
    }
    assert!(!database.has_table("t_empty.migrate_history").await, "nothing is made where nothing is to do");
}

#[tokio::test(flavor = "multi_thread")]
async fn down_by_a_number_is_refused_for_many_since_a_rerun_would_revert_more() {
    let database = tenants().await;
    let headline = "error: many databases can be reverted only to a version, not by a number of migrations: \
                    a second run would revert more\n";
    for (command, help) in [
        ("down", "help: `down --to 2_orders` reverts the last migration of this binary, wherever it is applied\n"),
        (
            "down 2",
            "help: `down --to 1_users` reverts the last 2 migrations of this binary, wherever they are applied\n",
        ),
        ("down 3", "help: `down --all` reverts the last 3 migrations of this binary, wherever they are applied\n"),
    ] {
        let ran = run_in(&database, shop(), &format!("{command} --schemas-like t\\_%")).await;
        assert_eq!((ran.exit, ran.results.as_str()), (Exit::Error, ""));
        assert_eq!(ran.notes, format!("{headline}{help}"));
    }
    let ran = run_in(&database, shop(), "down --to 2_ordres --schemas-like t\\_%").await;
    assert_eq!(ran.notes, "error: the version 2 is not named `ordres`\nhelp: it is `2_orders`\n");
    assert_eq!(database.value("SELECT count(*)::text FROM t_a.migrate_history").await, "3");
}

#[tokio::test(flavor = "multi_thread")]
async fn down_takes_back_what_is_half_applied_wherever_it_is() {
    let database = tenants().await;
    let ran = run_in(&database, shop(), "down --unfinished --quiet --schemas-like t\\_%").await;
    assert_eq!((ran.exit, ran.notes.as_str()), (Exit::Success, ""));
    assert_eq!(
        timeless(&ran.results),
        "t_half: reverted 1 migration\n1 schema changed, 7 with nothing to do\n",
        "of what was never finished nothing is gone"
    );
    let ran = run_in(&database, shop(), "down --unfinished --schemas-like t\\_%").await;
    assert_eq!(timeless(&ran.results), "0 schemas changed, 8 with nothing to do\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn databases_of_a_file_or_of_a_pattern_are_looked_at_and_reverted_too() {
    let (one, two) = (Database::new().await, Database::new().await);
    for database in [&one, &two] {
        shop().migrator().apply(&database.pool).await.unwrap();
    }
    one.run("DROP TABLE users").await;
    let urls = [&one, &two].map(|database| database.options.to_url_lossy().to_string());
    let gone = one.options.clone().database("gone").to_url_lossy();
    let path = std::env::temp_dir().join(format!("looked_at_{}.txt", std::process::id()));
    std::fs::write(&path, format!("{}\n{}\n{gone}\n", urls[0], urls[1])).unwrap();
    let names = [&one, &two].map(|database| database.options.get_database().unwrap().to_string());
    let place = format!("{}:{}", one.options.get_host(), one.options.get_port());
    let plain = |text: &str| {
        let text = text.replace(&names[0], "one").replace(&names[1], "two").replace(&place, "HOST");
        timeless(&text)
    };
    let mut all = String::new();
    let to = "down --to 2 --stop-at-failure --at-once 1";
    for command in ["status", "verify", to] {
        if command == to {
            two.run("CREATE VIEW seen AS SELECT * FROM notes").await;
        }
        let ran = run_with_url(shop(), None, &format!("{command} --databases {}", path.display())).await;
        assert_eq!(ran.exit, Exit::Error, "{command}");
        all.push_str(&format!("$ app {command} --databases FILE\n{}{}\n", plain(&ran.notes), plain(&ran.results)));
    }
    std::fs::remove_file(&path).unwrap();
    insta::assert_snapshot!(all);
    let pattern = names[0].replace('_', "\\_");
    let ran = run_in(&two, shop(), &format!("status --check --databases-like {pattern}")).await;
    let behind = "one: 2 applied, 1 pending, at 2_orders\nhead 3_notes: 0 databases up to date, 1 behind\n";
    assert_eq!((ran.exit, plain(&ran.results).as_str()), (Exit::Pending, behind));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_schema_and_many_are_not_asked_for_together() {
    let database = tenants().await;
    let ran = run_in(&database, shop(), "status --schema t_a --schemas-like t\\_%").await;
    assert_eq!(ran.exit, Exit::Usage);
    assert!(ran.notes.contains("cannot be used with"), "{}", ran.notes);
}
