//! What a run reports is on the disk, also where several transactions wait for it together: a server that is killed
//! right after it comes back with all of that.

use migrate_runtime::{Error, FromEmpty, Migrations};
use postgres_server::Server;
use sqlx::PgPool;

use crate::site::{Site, execute, lines, pool};

/// Tables, made one after the other: so many short migrations are sent together.
fn tables(count: usize) -> &'static Migrations {
    let text: String = (1..=count)
        .map(|number| {
            format!("migration \"{number:04}_t{number}\" {{ create table t{number} {{ id: bigint primary key }} }}\n")
        })
        .collect();
    tests::embed(tests::compile(&text), &[])
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

#[test]
fn what_is_reported_as_applied_survives_the_server() {
    crate::serially(async {
        let start = || {
            let version = postgres_server::requested_version().expect("POSTGRES_VERSION is a major version");
            let server = Server::temporary().major(version).durable(true);
            // What nobody waits for does not get to the disk.
            let server = server.setting("wal_writer_delay", "10s").setting("wal_writer_flush_after", "1GB");
            server.start().expect("a PostgreSQL server")
        };
        let mut server = tokio::task::spawn_blocking(start).await.expect("a server");
        let site = Site::new(server.port());
        let database = site.create(None).await;
        let at = pool(&site.url(&database));
        execute(&at, "CREATE TABLE t13 (made boolean)").await;
        let migrator = tables(40).migrator().from_empty(FromEmpty::Replay);
        let error = migrator.apply(&at).await.expect_err("one of the tables is there");
        assert!(matches!(error, Error::Failed(_)), "{error}");
        assert_eq!(error.report().map(|report| report.applied.len()), Some(12), "{error}");
        assert_eq!(after_a_kill(&mut server, &at).await, ["(12,13)"]);

        execute(&at, "DROP TABLE t13").await;
        let report = migrator.apply(&at).await.expect("nothing is in the way any more");
        assert_eq!(report.applied.len(), 28);
        assert_eq!(after_a_kill(&mut server, &at).await, ["(40,40)"]);
        assert!(migrator.apply(&at).await.expect("all is there").is_empty());
        at.close().await;
    });
}
