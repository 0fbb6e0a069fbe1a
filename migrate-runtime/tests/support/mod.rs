//! A server for the test run, a database for each test, and migrations made by hand.
#![allow(dead_code, reason = "every test crate uses its own part of it")]
#![allow(unreachable_pub, reason = "a module of a test crate")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

pub mod command;
pub mod gate;
pub mod standby;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use migrate_core::plan::*;
use migrate_runtime::private::Embedded;
use migrate_runtime::{Migrations, Options, StepFunction, Target};
use postgres_server::Server;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, PgPool, Postgres, Row as _, Transaction};

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let version = postgres_server::requested_version().expect("POSTGRES_VERSION is a major version");
        Server::temporary().major(version).setting("max_connections", "200").start().expect("a PostgreSQL server")
    })
}

/// A database of the test's own.
pub struct Database {
    pub pool: PgPool,
    pub options: PgConnectOptions,
}

impl Database {
    pub async fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let server = tokio::task::spawn_blocking(server).await.unwrap();
        let name = format!("test_{}_{number}", std::process::id());
        let admin = PgPoolOptions::new().max_connections(1).connect(&server.url("postgres")).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&admin).await.unwrap();
        admin.close().await;
        let options: PgConnectOptions = server.url(&name).parse().unwrap();
        let options = options.application_name("the test");
        Database { pool: pool(&options), options }
    }

    /// One more process, as it were.
    pub fn another_pool(&self) -> PgPool {
        pool(&self.options)
    }

    pub async fn run(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_string())).execute(&self.pool).await.unwrap();
    }

    /// The first column of the first row, as text.
    pub async fn value(&self, sql: &str) -> String {
        self.values(sql).await.into_iter().next().unwrap_or_default()
    }

    /// The first column, as text.
    pub async fn values(&self, sql: &str) -> Vec<String> {
        let rows = sqlx::raw_sql(AssertSqlSafe(sql.to_string())).fetch_all(&self.pool).await.unwrap();
        rows.iter().map(|row| row.try_get::<Option<String>, _>(0).unwrap().unwrap_or_default()).collect()
    }

    /// Asks again and again until the answer is `true`.
    pub async fn until(&self, sql: &str) {
        let deadline = Instant::now() + std::time::Duration::from_secs(30);
        while self.value(sql).await != "true" {
            assert!(Instant::now() < deadline, "not true in time: {sql}");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// The statements of a session so far, as the server has logged them: for one that has `log_statement = all`.
    pub fn statements_of(&self, backend: i32) -> usize {
        let log = std::fs::read_to_string(server().directory().join("server.log")).unwrap();
        let session = format!(" [{backend}] LOG:  ");
        let is_statement = |text: &str| text.starts_with("statement: ") || text.starts_with("execute ");
        log.lines().filter(|line| line.split_once(&session).is_some_and(|(_, text)| is_statement(text))).count()
    }

    pub async fn versions(&self) -> Vec<String> {
        self.values("SELECT version::text FROM migrate.history ORDER BY version").await
    }

    pub async fn has_table(&self, table: &str) -> bool {
        self.value(&format!("SELECT (to_regclass('{table}') IS NOT NULL)::text")).await == "true"
    }
}

/// Waits until something is so that no database can tell.
pub async fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + std::time::Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

fn pool(options: &PgConnectOptions) -> PgPool {
    PgPoolOptions::new().max_connections(2).test_before_acquire(false).connect_lazy_with(options.clone())
}

/// A statement of SQL.
pub fn sql(text: &str) -> Statement {
    Statement {
        work: Work::Sql(text.to_string().into()),
        locks: [].as_slice().into(),
        hazards: [].as_slice().into(),
        duration: Duration::Constant,
        postcondition: None,
        limits: Limits::default(),
        place: Place { file: "migrations/test.rs".into(), line: 7, column: 5 },
        by_hand: false,
        runs_routines: false,
    }
}

/// A statement of raw SQL.
pub fn raw(text: &str) -> Statement {
    Statement { by_hand: true, duration: Duration::Unknown, ..sql(text) }
}

pub fn locking(mut statement: Statement, table: &str, mode: LockMode) -> Statement {
    let lock = RelationLock { schema: "public".into(), table: table.to_string().into(), mode };
    statement.locks.to_mut().push(lock);
    statement
}

/// CREATE INDEX CONCURRENTLY with its postcondition.
pub fn index(name: &str, table: &str, columns: &str, unique: bool) -> Statement {
    let kind = if unique { "UNIQUE INDEX" } else { "INDEX" };
    let mut statement = sql(&format!("CREATE {kind} CONCURRENTLY {name} ON public.{table} ({columns})"));
    statement.duration = Duration::IndexBuild;
    statement.postcondition = Some(Postcondition::IndexExists {
        schema: "public".into(),
        table: table.to_string().into(),
        index: name.to_string().into(),
        looks_up_names: columns.contains('('),
    });
    locking(statement, table, LockMode::ShareUpdateExclusive)
}

pub fn drop_index(name: &str) -> Statement {
    let mut statement = sql(&format!("DROP INDEX CONCURRENTLY public.{name}"));
    statement.postcondition =
        Some(Postcondition::IndexAbsent { schema: "public".into(), index: name.to_string().into() });
    statement
}

pub fn run(path: &str) -> Statement {
    Statement { work: Work::Run(path.to_string().into()), duration: Duration::Unknown, ..sql("") }
}

pub fn backfill(table: &str, assignments: &str, condition: &str, key: &[&str], batch: u32) -> Statement {
    let backfill = Backfill {
        schema: "public".into(),
        table: table.to_string().into(),
        assignments: assignments.to_string().into(),
        condition: condition.to_string().into(),
        key: key.iter().map(|column| column.to_string().into()).collect::<Vec<_>>().into(),
        batch,
    };
    Statement { work: Work::Backfill(backfill), duration: Duration::Unknown, ..sql("") }
}

pub fn together(statements: Vec<Statement>) -> Segment {
    Segment { mode: Mode::Transaction, statements: statements.into() }
}

pub fn alone(statement: Statement) -> Segment {
    Segment { mode: Mode::Alone, statements: vec![statement].into() }
}

/// A migration under construction.
pub struct Build {
    migration: Migration,
    functions: &'static [(&'static str, StepFunction)],
}

pub fn migration(version: i64, name: &str, up: Vec<Segment>, down: Vec<Segment>) -> Build {
    let checksum = Checksum::of(&format!("{version} {name} {up:?}"));
    let migration = Migration {
        version,
        leading_zeros: 0,
        name: name.to_string().into(),
        file: "migrations/test.rs".into(),
        checksum,
        identity: None,
        up: Script { segments: up.into() },
        down: Down::Script { script: Script { segments: down.into() }, loses: [].as_slice().into() },
        operations: "[]".into(),
        footprint: Footprint::default(),
        compatibility: Compatibility::Compatible,
        adoption: None,
    };
    Build { migration, functions: &[] }
}

/// A migration that creates a table.
pub fn table(version: i64, name: &str) -> Build {
    migration(
        version,
        name,
        vec![together(vec![sql(&format!("CREATE TABLE public.{name} (id bigint PRIMARY KEY, value text)"))])],
        vec![together(vec![sql(&format!("DROP TABLE public.{name}"))])],
    )
    .touching(&format!("table public.{name}"))
}

impl Build {
    pub fn touching(mut self, object: &str) -> Self {
        self.migration.footprint.objects.to_mut().push(object.to_string().into());
        self
    }

    /// What makes its journal say that its first statement was begun, as if a process had been killed in it.
    pub fn begun(&self) -> String {
        let Migration { version, name, checksum, .. } = &self.migration;
        format!(
            "INSERT INTO migrate.journal (version, name, direction, checksum, segment, running, application, tool_version) \
             VALUES ({version}, '{name}', 'up', '{checksum}', 0, true, '', '')"
        )
    }

    /// With zeros before the version in the file's name.
    pub fn after_zeros(mut self, zeros: u8) -> Self {
        self.migration.leading_zeros = zeros;
        self
    }

    /// What it does, as the compiler would write it down.
    pub fn of_operations(mut self, json: &'static str) -> Self {
        self.migration.operations = json.into();
        self
    }

    /// What it runs instead, up and down.
    pub fn in_parts(mut self, up: Vec<Segment>, down: Vec<Segment>) -> Self {
        self.migration.up = Script { segments: up.into() };
        self.migration.down = Down::Script { script: Script { segments: down.into() }, loses: [].as_slice().into() };
        self
    }

    /// What its down does not bring back.
    pub fn losing(mut self, what: &str) -> Self {
        if let Down::Script { loses, .. } = &mut self.migration.down {
            loses.to_mut().push(what.to_string().into());
        }
        self
    }

    pub fn breaking(mut self, what: &str) -> Self {
        self.migration.compatibility = Compatibility::Breaking(vec![what.to_string().into()].into());
        self
    }

    pub fn irreversible(mut self, why: &str) -> Self {
        self.migration.down = Down::Irreversible { why: why.to_string().into() };
        self
    }

    pub fn calling(mut self, path: &'static str, function: StepFunction) -> Self {
        self.functions = Box::leak(Box::new([(path, function)]));
        self
    }
}

pub fn migrations(builds: Vec<Build>) -> &'static Migrations {
    let embedded: Vec<&'static Embedded> =
        builds.into_iter().map(|build| &*Box::leak(Box::new(Embedded::of(build.migration, build.functions)))).collect();
    Box::leak(Box::new(Migrations::new(
        Box::leak(embedded.into_boxed_slice()),
        Options { oldest_server: 14, source: None },
    )))
}

/// Migrations of which the first one is applied, and somebody who reads its table, which the second one changes.
pub async fn a_reader_in_the_way(database: &Database) -> (&'static Migrations, Transaction<'static, Postgres>) {
    let change = locking(sql("ALTER TABLE public.one ADD COLUMN extra int"), "one", LockMode::AccessExclusive);
    let all = migrations(vec![table(1, "one"), migration(2, "extra", vec![together(vec![change])], vec![])]);
    all.migrator().apply_to(&database.pool, Target::Version(1)).await.unwrap();
    let mut reader = database.pool.begin().await.unwrap();
    sqlx::raw_sql("SELECT * FROM public.one").execute(&mut *reader).await.unwrap();
    (all, reader)
}

/// The seconds that a text names after these words.
pub fn seconds_after(words: &str, text: &str) -> f64 {
    let number = text.split_once(words).and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
    number.unwrap_or_else(|| panic!("no number after `{words}`: {text}"))
}

/// What an error says, with its causes.
pub fn text(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str("\ncaused by: ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
