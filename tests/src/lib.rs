//! What the tests of the whole share: one server for each test process, a database for each test, histories compiled
//! from text.

pub mod cases;
mod fingerprint;
pub mod histories;
mod old_program;
pub mod proxy;
pub mod surgery;
mod user_crate;
pub mod with_rows;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use migrate_core::catalog::Catalog;
use migrate_core::history::chain_of;
use migrate_core::operation::{Operate, Operation};
use migrate_core::outline::Outline;
use migrate_core::plan::Migration;
use migrate_runtime::private::{Embedded, Options};
use migrate_runtime::{Migrations, StepFunction};
use postgres_server::Server;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, PgPool};

pub use old_program::OldProgram;
pub use user_crate::UserCrate;

/// The server of this process: of the major version in `POSTGRES_VERSION`, else any.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let version = postgres_server::requested_version().expect("POSTGRES_VERSION is a major version");
        Server::temporary().major(version).setting("max_connections", "300").start().expect("a PostgreSQL server")
    })
}

/// A new, empty database.
pub struct Database {
    /// A pool of connections to it.
    pub pool: PgPool,
    /// Its URL.
    pub url: String,
}

impl Database {
    /// Creates one.
    pub async fn create() -> Database {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let admin = connect(&server().url("postgres"), 1).await;
        sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&admin).await.expect("a database");
        admin.close().await;
        let database = Database::connect(&name).await;
        if server().major() < 15 {
            // As the documentation advises: newer servers do not grant it.
            database.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC").await;
        }
        database
    }

    /// One that is there.
    pub async fn connect(name: &str) -> Database {
        let url = server().url(name);
        Database { pool: connect(&url, 4).await, url }
    }

    /// Runs SQL that must succeed.
    pub async fn execute(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&self.pool)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The one text that a query gives.
    pub async fn text(&self, sql: &str) -> String {
        sqlx::query_scalar(AssertSqlSafe(format!("SELECT ({sql})::text")))
            .fetch_one(&self.pool)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The catalog of the live database.
    pub async fn catalog(&self) -> Catalog {
        let mut connection = self.pool.acquire().await.expect("a connection");
        let live = migrate_runtime::introspect::introspect(&mut connection, &Default::default())
            .await
            .unwrap_or_else(|error| panic!("introspection: {error}"));
        assert!(live.unfinished.is_empty(), "unfinished: {:?}", live.unfinished);
        live.catalog
    }

    /// Fails with a readable list when the live database is not as expected. Where both are written differently, the
    /// server's words count.
    pub async fn assert_same(&self, expected: &Catalog, when: &str) {
        let live = self.catalog().await;
        let mut connection = self.pool.acquire().await.expect("a connection");
        let expected = migrate_runtime::introspect::in_words_of_server(&mut connection, expected, &live, None).await;
        assert_same(&expected.expect("an answer"), &live, when);
    }
}

async fn connect(url: &str, connections: u32) -> PgPool {
    let options: PgConnectOptions = url.parse().expect("a URL");
    PgPoolOptions::new().max_connections(connections).connect_with(options).await.expect("a connection")
}

/// Compiles a history that is written as `migration "0001_users" { ... } ...`.
pub fn compile(text: &str) -> Vec<Migration> {
    migrate_compiler::compile_history(text).unwrap_or_else(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        panic!("the history does not compile:\n{}", lines.join("\n"))
    })
}

/// Makes migrations what a binary carries. They live as long as the process.
pub fn embed(migrations: Vec<Migration>, functions: &'static [(&'static str, StepFunction)]) -> &'static Migrations {
    let outline = Outline::of_compiled(&migrations, 14).expect("operations as JSON");
    let adopts = migrations.iter().any(|migration| migration.adoption.is_some());
    let chain = chain_of(migrations.iter().map(|migration| (migration.version, migration.checksum)));
    let embedded: Vec<&'static Embedded> =
        migrations.into_iter().map(|migration| &*Box::leak(Box::new(Embedded::of(migration, functions)))).collect();
    let embedded: &'static [&'static Embedded] = Box::leak(embedded.into_boxed_slice());
    let options = Options { oldest_server: 14, source: None };
    let all = Migrations::with_chain(embedded, options, &chain.0).outlined(outline.leak());
    Box::leak(Box::new(if adopts { all.adopting() } else { all }))
}

/// The catalog after these migrations, as the compiler predicts it.
pub fn predicted(migrations: &[Migration]) -> Catalog {
    let mut catalog = Catalog::default();
    for migration in migrations {
        let operations: Vec<Operation> = serde_json::from_str(&migration.operations).expect("operations as JSON");
        for operation in operations {
            operation.apply(&mut catalog);
        }
    }
    catalog
}

/// Fails with a readable list when two catalogs differ.
pub fn assert_same(expected: &Catalog, actual: &Catalog, when: &str) {
    let differences: Vec<String> = expected.differences(actual).iter().map(ToString::to_string).collect();
    assert!(differences.is_empty(), "{when}:\n  {}", differences.join("\n  "));
}

/// An error with everything that caused it.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}\n  caused by: {cause}");
        source = cause.source();
    }
    text
}
