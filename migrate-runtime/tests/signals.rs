//! The command line as a process that is told to end: by SIGTERM, as a pod is stopped, and by SIGINT, which is Ctrl-C.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use migrate_runtime::{Migrations, cli};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::ConnectOptions as _;
use support::command::*;
use support::*;

/// Where the process of a test finds its database.
const DATABASE: &str = "SIGNALS_DATABASE_URL";

fn history() -> &'static Migrations {
    migrations(vec![
        table(1, "one"),
        migration(
            2,
            "two",
            vec![alone(index("one_value_idx", "one", "value", false)), together(vec![sql("SELECT 1")])],
            vec![alone(drop_index("one_value_idx"))],
        )
        .touching("table public.one"),
    ])
}

/// The program: this test, started again with the URL of a database.
#[test]
fn the_program() {
    let Ok(url) = std::env::var(DATABASE) else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let running = cli::run_to(cli::Output::terminal(), history(), ["app", "up"], Some(url));
    std::process::exit(i32::from(runtime.block_on(running).code()));
}

fn start(database: &Database) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_program", "--nocapture"])
        .env(DATABASE, database.options.to_url_lossy().to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Sends the signal, and waits for the end.
fn end(child: Child, signal: Signal) -> (Output, Duration) {
    let sent = Instant::now();
    kill_process(Pid::from_child(&child), signal).unwrap();
    let output = child.wait_with_output().unwrap();
    (output, sent.elapsed())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_told_to_end_says_what_becomes_of_its_index_and_the_next_one_goes_on() {
    for signal in [Signal::TERM, Signal::INT] {
        let database = Database::new().await;
        history().migrator().apply_to(&database.pool, migrate_runtime::Target::Version(1)).await.unwrap();
        // The build waits for whoever writes the table.
        let mut writer = database.another_pool().begin().await.unwrap();
        sqlx::raw_sql("INSERT INTO one VALUES (1, 'a')").execute(&mut *writer).await.unwrap();
        let child = start(&database);
        let building = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY one_value%' \
                        AND datname = current_database() AND wait_event_type = 'Lock')::text";
        database.until(building).await;
        let (output, took) = tokio::task::spawn_blocking(move || end(child, signal)).await.unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(130), "{signal:?}: {told}");
        assert!(took < Duration::from_secs(20), "{signal:?}: {took:?}");
        for words in
            ["interrupted", "the server finishes an index that it is building", "`up` continues where it stopped"]
        {
            assert!(told.contains(words), "{signal:?}: {told}");
        }
        assert_eq!(database.versions().await, ["1"]);
        // What was said of the server is so.
        assert_eq!(database.value(building).await, "true");
        writer.commit().await.unwrap();
        let ran = run_in(&database, history(), "up").await;
        assert_eq!(ran.exit, cli::Exit::Success, "{}", ran.notes);
        assert_eq!(database.versions().await, ["1", "2"]);
        let valid =
            "SELECT string_agg(indisvalid::text, ',') FROM pg_index WHERE indexrelid::regclass::text LIKE 'one_value%'";
        assert_eq!(database.value(valid).await, "true");
    }
}
