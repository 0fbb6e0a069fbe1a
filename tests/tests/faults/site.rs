//! A server, and the databases of the rounds on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use migrate_core::catalog::Catalog;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, PgPool, Row as _};

/// Where a server listens.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) port: u16,
    admin: PgPool,
}

/// What a database holds.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) catalog: Catalog,
    /// History, journal, what is half done, rows.
    lines: Vec<String>,
}

pub(crate) fn url(port: u16, database: &str) -> String {
    format!("postgres://postgres@127.0.0.1:{port}/{database}?sslmode=disable")
}

pub(crate) fn pool(url: &str) -> PgPool {
    let options: PgConnectOptions = url.parse().expect("a URL");
    PgPoolOptions::new()
        .max_connections(2)
        .acquire_timeout(Duration::from_secs(60))
        .connect_lazy_with(options.application_name("the test"))
}

pub(crate) async fn execute(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(pool).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The rows of a query, their columns joined.
pub(crate) async fn lines(pool: &PgPool, sql: &str) -> Vec<String> {
    let sql = format!("SELECT row::text FROM ({sql}) AS row");
    let rows = sqlx::raw_sql(AssertSqlSafe(sql.clone()))
        .fetch_all(pool)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.iter().map(|row| row.get::<String, _>(0)).collect()
}

impl Site {
    pub(crate) fn new(port: u16) -> Site {
        Site { port, admin: pool(&url(port, "postgres")) }
    }

    pub(crate) fn url(&self, database: &str) -> String {
        url(self.port, database)
    }

    /// A role that may log in, and what `postgres` may but where only a superuser may.
    pub(crate) async fn make_role(&self, role: &str) {
        execute(&self.admin, &format!("CREATE ROLE {role} LOGIN IN ROLE postgres")).await;
    }

    /// A new database, empty or a copy.
    pub(crate) async fn create(&self, template: Option<&str>) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("fault_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let copy = template.map(|template| format!(" TEMPLATE {template}")).unwrap_or_default();
        execute(&self.admin, &format!("CREATE DATABASE {name}{copy}")).await;
        name
    }

    pub(crate) async fn drop(&self, database: &str) {
        execute(&self.admin, &format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)")).await;
    }

    /// Ends backends of a database that a condition selects; answers how many.
    pub(crate) async fn terminate(&self, database: &str, condition: &str) -> usize {
        self.signal("pg_terminate_backend", database, condition).await
    }

    /// Cancels what backends of a database do that a condition selects; answers how many.
    pub(crate) async fn cancel(&self, database: &str, condition: &str) -> usize {
        self.signal("pg_cancel_backend", database, condition).await
    }

    async fn signal(&self, function: &str, database: &str, condition: &str) -> usize {
        let sql = format!(
            "SELECT {function}(pid) FROM pg_stat_activity AS activity \
             WHERE datname = '{database}' AND ({condition})"
        );
        lines(&self.admin, &sql).await.len()
    }

    /// What the sessions of a database do, for messages.
    pub(crate) async fn activity(&self, database: &str) -> Vec<String> {
        let sql = format!(
            "SELECT pid, application_name, state, wait_event_type, wait_event, backend_xid, backend_xmin, \
             pg_blocking_pids(pid), left(query, 90), (SELECT string_agg(concat_ws(' ', locktype, relation, virtualxid, \
             mode, granted), '; ') FROM pg_locks AS lock WHERE lock.pid = activity.pid AND locktype <> 'relation'), \
             (SELECT phase FROM pg_stat_progress_create_index AS progress WHERE progress.pid = activity.pid) \
             FROM pg_stat_activity AS activity WHERE datname = '{database}' AND pid <> pg_backend_pid()"
        );
        lines(&self.admin, &sql).await
    }

    /// Waits until nobody works for a migrator any more: what a killed process began, the server may still finish.
    async fn settle(&self, database: &str) {
        let sql = format!(
            "SELECT pid, state, query FROM pg_stat_activity WHERE datname = '{database}' \
             AND application_name LIKE 'migrate:%'"
        );
        for round in 0..600 {
            let all = lines(&self.admin, &sql).await;
            // A pooler keeps connections that nobody works on.
            let working = all.iter().filter(|line| !line.contains(",idle,")).count();
            if all.is_empty() || (working == 0 && round > 10) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What a database holds, once it is quiet.
    pub(crate) async fn snapshot(&self, database: &str, data: &[&str]) -> Snapshot {
        self.settle(database).await;
        let pool = pool(&self.url(database));
        let mut connection = pool.acquire().await.expect("a connection");
        let live = migrate_runtime::introspect::introspect(&mut connection, &Default::default())
            .await
            .unwrap_or_else(|error| panic!("introspection: {error}"));
        drop(connection);
        let mut all: Vec<String> = live.unfinished.iter().map(|what| format!("unfinished: {what:?}")).collect();
        let queries = [
            ("history", "SELECT version, name, kind, checksum, chain, md5(down::text) FROM migrate.history ORDER BY 1"),
            ("head", "SELECT version, chain FROM migrate.head"),
            ("journal", "SELECT * FROM migrate.journal"),
            (
                "invalid index",
                "SELECT indexrelid::regclass FROM pg_index WHERE NOT (indisvalid AND indisready AND indislive)",
            ),
            ("not validated", "SELECT conrelid::regclass, conname FROM pg_constraint WHERE NOT convalidated"),
            ("prepared", "SELECT gid FROM pg_prepared_xacts WHERE database = current_database()"),
        ];
        for (what, sql) in queries.into_iter().chain(data.iter().map(|sql| ("data", *sql))) {
            all.extend(lines(&pool, sql).await.into_iter().map(|line| format!("{what}: {line}")));
        }
        pool.close().await;
        let mut catalog = live.catalog;
        // Whoever migrates owns what it makes; that is not the same role in all of these tests.
        catalog.tables.iter_mut().for_each(|(_, table)| Arc::make_mut(table).access.owner = None);
        catalog.enums.values_mut().for_each(|one| Arc::make_mut(one).access.owner = None);
        catalog.objects.values_mut().for_each(|object| Arc::make_mut(object).access.owner = None);
        Snapshot { catalog, lines: all }
    }
}

impl Snapshot {
    pub(crate) fn empty() -> Snapshot {
        Snapshot { catalog: Catalog::default(), lines: Vec::new() }
    }

    /// What differs, one line each.
    pub(crate) fn differences(&self, actual: &Snapshot) -> Vec<String> {
        let mut differences: Vec<String> =
            self.catalog.differences(&actual.catalog).iter().map(ToString::to_string).collect();
        let missing = self.lines.iter().filter(|line| !actual.lines.contains(line));
        differences.extend(missing.map(|line| format!("missing: {line}")));
        let surplus = actual.lines.iter().filter(|line| !self.lines.contains(line));
        differences.extend(surplus.map(|line| format!("surplus: {line}")));
        if differences.is_empty() && self.lines.len() != actual.lines.len() {
            differences.push(format!("{} lines instead of {}", actual.lines.len(), self.lines.len()));
        }
        differences
    }

    /// What must be so after any run.
    pub(crate) fn half_done(&self) -> Vec<String> {
        let marks = ["unfinished:", "journal:", "invalid index:", "not validated:", "prepared:"];
        self.lines.iter().filter(|line| marks.iter().any(|mark| line.starts_with(mark))).cloned().collect()
    }
}
