//! What a run reports is on the disk, also where several transactions wait for it together: a server that is killed
//! right after it comes back with all of that.

use std::time::Duration;

use migrate_runtime::{Error, FromEmpty, Migrations, Migrator, Report};
use postgres_server::Server;
use sqlx::{Connection as _, PgConnection, PgPool};
use tests::proxy::{Effect, Fault, Moment, Proxy};
use tokio::task::JoinHandle;

use crate::site::{Site, execute, lines, pool, url};

/// Tables, made one after the other: so many short migrations are sent together.
fn tables(count: usize) -> &'static Migrations {
    let text: String = (1..=count)
        .map(|number| {
            format!("migration \"{number:04}_t{number}\" {{ create table t{number} {{ id: bigint primary key }} }}\n")
        })
        .collect();
    tests::embed(tests::compile(&text), &[])
}

/// Applies forty of them, one by one.
fn migrator() -> Migrator {
    tables(40).migrator().from_empty(FromEmpty::Replay)
}

/// A server on which what nobody waits for does not get to the disk.
async fn server() -> Server {
    let start = || {
        let version = postgres_server::requested_version().expect("POSTGRES_VERSION is a major version");
        let server = Server::temporary().major(version).durable(true);
        let server = server.setting("wal_writer_delay", "10s").setting("wal_writer_flush_after", "1GB");
        server.start().expect("a PostgreSQL server")
    };
    tokio::task::spawn_blocking(start).await.expect("a server")
}

/// What is there after the server was killed: how many migrations are recorded, and how many of their tables exist.
async fn after_a_kill(server: &mut Server, pool: &PgPool) -> Vec<String> {
    tokio::task::block_in_place(|| {
        server.kill().expect("the server can be killed");
        server.restart().expect("the server starts again");
    });
    let counts = "SELECT (SELECT count(*) FROM migrate.history), \
                  (SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname ~ '^t[0-9]+$')";
    lines(pool, counts).await
}

/// A run that stands in the middle of its first message: somebody else makes the thirteenth table.
struct Halfway {
    database: String,
    at: PgPool,
    /// Who makes it, and waits for no disk.
    other: PgConnection,
    run: JoinHandle<Result<Report, Error>>,
}

/// Whoever waits for a lock in a database is the run.
const WAITING: &str = "application_name LIKE 'migrate: %' AND wait_event_type = 'Lock'";

/// Asks how many wait, or does something to them, until there is one.
async fn once_it_waits(count: impl AsyncFn() -> usize) {
    while count().await == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

impl Halfway {
    /// Through another port than the server's own, if one is given.
    async fn new(site: &Site, port: u16) -> Halfway {
        let database = site.create(None).await;
        let at = pool(&site.url(&database));
        let mut other = PgConnection::connect(&site.url(&database)).await.expect("a connection");
        let create = "BEGIN; SET LOCAL synchronous_commit = off; CREATE TABLE t13 (made boolean)";
        sqlx::raw_sql(create).execute(&mut other).await.expect("a table");
        let through = pool(&url(port, &database));
        let run = tokio::spawn(async move { migrator().apply(&through).await });
        let waiting = format!("SELECT pid FROM pg_stat_activity WHERE datname = '{database}' AND {WAITING}");
        once_it_waits(async || lines(&at, &waiting).await.len()).await;
        Halfway { database, at, other, run }
    }
}

#[test]
fn what_is_reported_as_applied_survives_the_server() {
    crate::alone(async {
        let mut server = server().await;
        let site = Site::new(server.port());
        for setting in ["on", "off"] {
            let database = site.create(None).await;
            let at = pool(&site.url(&database));
            execute(&at, &format!("ALTER DATABASE {database} SET synchronous_commit = {setting}")).await;
            execute(&at, "CREATE TABLE t13 (made boolean)").await;
            at.close().await;
            let at = pool(&site.url(&database));
            let error = migrator().apply(&at).await.expect_err("one of the tables is there");
            assert!(matches!(error, Error::Failed(_)), "{error}");
            assert_eq!(error.report().map(|report| report.applied.len()), Some(12), "{error}");
            assert_eq!(after_a_kill(&mut server, &at).await, ["(12,13)"], "{setting}");

            execute(&at, "DROP TABLE t13").await;
            let report = migrator().apply(&at).await.expect("nothing is in the way any more");
            assert_eq!(report.applied.len(), 28);
            assert_eq!(after_a_kill(&mut server, &at).await, ["(40,40)"], "{setting}");
            assert!(migrator().apply(&at).await.expect("all is there").is_empty());
            at.close().await;
        }
    });
}

#[test]
fn what_is_found_after_a_lost_connection_survives_the_server() {
    crate::alone(async {
        let mut server = server().await;
        let site = Site::new(server.port());
        let Halfway { database, at, mut other, run } = Halfway::new(&site, site.port).await;
        once_it_waits(async || site.terminate(&database, WAITING).await).await;
        sqlx::raw_sql("COMMIT").execute(&mut other).await.expect("the table stays");
        let error = run.await.expect("no panic").expect_err("one of the tables is there");
        assert_eq!(error.report().map(|report| report.applied.len()), Some(12), "{error}");
        assert_eq!(after_a_kill(&mut server, &at).await, ["(12,13)"]);
        at.close().await;
    });
}

#[test]
fn what_an_older_binary_finds_in_the_middle_of_a_message_survives_the_server() {
    crate::alone(async {
        let mut server = server().await;
        let site = Site::new(server.port());
        let older = tables(12);
        for starts in [false, true] {
            let Halfway { at, other: _other, run, .. } = Halfway::new(&site, site.port).await;
            if starts {
                assert!(older.apply(&at).await.expect("nothing is left to do").is_empty());
            } else {
                let mut connection = at.acquire().await.expect("a connection");
                assert!(older.is_up_to_date(&mut connection).await.expect("the history can be read"));
            }
            run.abort();
            assert_eq!(after_a_kill(&mut server, &at).await, ["(12,12)"], "{starts}");
            assert_eq!(migrator().apply(&at).await.expect("nothing is in the way").applied.len(), 28);
            at.close().await;
        }
    });
}

/// The connection is lost while the run waits for the disk after somebody cancelled a statement in the middle.
#[test]
fn a_connection_that_is_lost_after_a_cancelled_statement_is_replaced() {
    crate::alone(async {
        let server = server().await;
        let site = Site::new(server.port());
        let proxy = Proxy::start(site.port, None).await;
        let Halfway { database, at, other: _other, run } = Halfway::new(&site, proxy.port).await;
        let sent = proxy.messages();
        once_it_waits(async || site.cancel(&database, WAITING).await).await;
        let error = run.await.expect("no panic").expect_err("it was cancelled");
        assert!(error.to_string().starts_with("cannot apply `0013_t13`"), "{error}");
        assert_eq!(error.report().map(|report| report.applied.len()), Some(12), "{error}");
        at.close().await;

        // The first message then is ROLLBACK.
        let fault = Fault { message: sent + 1, moment: Moment::Unsent, effect: Effect::Reset };
        let proxy = Proxy::start(site.port, Some(fault)).await;
        let Halfway { database, at, mut other, run } = Halfway::new(&site, proxy.port).await;
        once_it_waits(async || site.cancel(&database, WAITING).await).await;
        proxy.hit().await;
        sqlx::raw_sql("ROLLBACK").execute(&mut other).await.expect("the table is not there");
        let report = run.await.expect("no panic").expect("the run has another connection");
        assert_eq!(report.applied.len(), 40);
        at.close().await;
    });
}
