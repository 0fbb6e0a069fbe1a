//! What filling a column of a live table costs: by a backfill, by one UPDATE, and by plain batches along the key, on one
//! server with fsync and autovacuum on. Each way has its own copy of the table, twice: alone, and beside a writer. Prints
//! Markdown tables; asserts no times. docs/live-traffic.md says what the numbers mean.
//!
//! `backfill [ROWS [RATE [SHAPE...]]]`: rows of the table (1,000,000), transactions of the writer in a second (200), and
//! which tables (all). `BATCH` in the environment stands for the rows of a batch.

mod shape;
mod usage;
mod way;
mod writer;

use std::path::Path;
use std::time::{Duration, Instant};

use postgres_server::Server;
use shape::Shape;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool, Row as _};
use usage::Usage;
use way::Way;
use writer::{Times, Writer};

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How long the writer is alone.
const UNDISTURBED: Duration = Duration::from_secs(10);

/// The database that is copied.
const ORIGINAL: &str = "original";

/// The database that is worked on.
const COPY: &str = "copy";

fn main() -> Result<(), BoxError> {
    let mut arguments = std::env::args().skip(1);
    let rows: u64 = arguments.next().map_or(Ok(1_000_000), |text| text.parse())?;
    let rate: u32 = arguments.next().map_or(Ok(200), |text| text.parse())?;
    let named: Vec<String> = arguments.collect();
    let batch: Option<u32> = std::env::var("BATCH").ok().map(|text| text.parse()).transpose()?;
    let version = postgres_server::requested_version()?;
    let server = Server::temporary().major(version).durable(true).setting("shared_buffers", "512MB").start()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        println!(
            "PostgreSQL {}, {}, {rows} rows, {rate} transactions of the writer in a second\n",
            server.major(),
            surroundings(&server).await?
        );
        let shapes =
            Shape::ALL.into_iter().filter(|shape| named.is_empty() || named.iter().any(|name| name == shape.name()));
        for shape in shapes {
            measure(&server, shape, rows, rate, batch).await?;
        }
        Ok(())
    })
}

async fn measure(server: &Server, shape: Shape, rows: u64, rate: u32, batch: Option<u32>) -> Result<(), BoxError> {
    let history = shape.history(batch)?;
    original(server, shape, history, rows).await?;
    println!("## {}\n", shape.title());
    println!(
        "| | seconds | rows/s | server's CPU s | WAL MB | HOT % | table +MB | indexes +MB | both +MB after VACUUM |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for way in shape.ways() {
        copy(server).await?;
        let before = Usage::now(server, COPY).await?;
        let (started, ended) = fill(server, way, history, rows).await?;
        let used = Usage::after(server, COPY, rows).await?.since(&before);
        run(&server.url(COPY), "VACUUM orders").await?;
        let vacuumed = Usage::now(server, COPY).await?.since(&before);
        println!(
            "| {} | {:.1} | {:.0} | {:.1} | {:.0} | {:.0} | {:.0} | {:.0} | {:.0} |",
            way.name(),
            (ended - started).as_secs_f64(),
            rows as f64 / (ended - started).as_secs_f64(),
            used.cpu,
            used.wal,
            used.hot_share() * 100.0,
            used.table,
            used.indexes,
            vacuumed.table + vacuumed.indexes,
        );
    }
    println!(
        "\nBeside a writer; its milliseconds from the moment a transaction was due to its end, undisturbed / meanwhile:\n"
    );
    println!("| | rows/s | p50 | p99 | longest | table and indexes +MB |");
    println!("|---|---|---|---|---|---|");
    for way in shape.ways() {
        copy(server).await?;
        let before = Usage::now(server, COPY).await?;
        let writer = Writer::start(&server.url(COPY), shape, rows, rate).await?;
        tokio::time::sleep(UNDISTURBED).await;
        let (started, ended) = fill(server, way, history, rows).await?;
        let used = Usage::now(server, COPY).await?.since(&before);
        let (undisturbed, meanwhile) = writer.end(started, ended).await?;
        let beside = |of: fn(&Times) -> f64| format!("{:.1} / {:.1}", of(&undisturbed), of(&meanwhile));
        println!(
            "| {} | {:.0} | {} | {} | {} | {:.0} |",
            way.name(),
            rows as f64 / (ended - started).as_secs_f64(),
            beside(|times| times.at(0.5)),
            beside(|times| times.at(0.99)),
            beside(Times::longest),
            used.table + used.indexes,
        );
    }
    println!();
    Ok(())
}

/// Fills the column, and checks that no row was left out. Gives when it began, and when it was done.
async fn fill(
    server: &Server,
    way: Way,
    history: &'static migrate_runtime::Migrations,
    rows: u64,
) -> Result<(Instant, Instant), BoxError> {
    let url = server.url(COPY);
    let started = Instant::now();
    way.fill(&url, history).await?;
    let ended = Instant::now();
    let filled: i64 = number(&url, "SELECT count(*) FROM orders WHERE currency = left(status, 3)").await?;
    if u64::try_from(filled)? != rows {
        return Err(format!("{}: {filled} rows of {rows} are filled", way.name()).into());
    }
    Ok((started, ended))
}

/// Makes the table with its rows, as the first migration and some weeks of work leave it.
async fn original(
    server: &Server,
    shape: Shape,
    history: &'static migrate_runtime::Migrations,
    rows: u64,
) -> Result<(), BoxError> {
    let admin = server.url("postgres");
    for name in [COPY, ORIGINAL] {
        run(&admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
    }
    run(&admin, &format!("CREATE DATABASE {ORIGINAL}")).await?;
    let url = server.url(ORIGINAL);
    let pool = pool(&url, 1).await?;
    history.migrator().apply_to(&pool, migrate_runtime::Target::Version(1)).await?;
    pool.close().await;
    run(&url, &shape.rows(rows)).await?;
    run(&url, "VACUUM (ANALYZE, FREEZE) orders").await
}

/// Makes a fresh copy of it, with its pages in memory.
async fn copy(server: &Server) -> Result<(), BoxError> {
    let admin = server.url("postgres");
    run(&admin, &format!("DROP DATABASE IF EXISTS {COPY} WITH (FORCE)")).await?;
    run(&admin, &format!("CREATE DATABASE {COPY} TEMPLATE {ORIGINAL}")).await?;
    run(&admin, "CHECKPOINT").await?;
    number(&server.url(COPY), "SELECT count(note) FROM orders").await.map(|_| ())
}

/// What the numbers depend on; an error where they would say nothing.
async fn surroundings(server: &Server) -> Result<String, BoxError> {
    let mut connection = PgConnection::connect(&server.url("postgres")).await?;
    for name in ["fsync", "synchronous_commit", "full_page_writes", "autovacuum"] {
        let row = sqlx::raw_sql(AssertSqlSafe(format!("SHOW {name}"))).fetch_one(&mut connection).await?;
        if row.try_get::<String, _>(0)? != "on" {
            return Err(format!("{name} is not on").into());
        }
    }
    connection.close().await?;
    let filesystem = filesystem(server.directory())?;
    if filesystem == "tmpfs" {
        return Err("the server's directory is in memory: set TMPDIR to a directory on a disk".into());
    }
    Ok(format!("fsync and autovacuum on, on {filesystem}"))
}

/// The kind of file system that a directory is on: that of the longest mount point above it.
fn filesystem(directory: &Path) -> Result<String, BoxError> {
    let mounts = std::fs::read_to_string("/proc/mounts")?;
    let mounts = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        Some((words.next()?, words.next()?))
    });
    let above = mounts.filter(|(point, _)| directory.starts_with(point)).max_by_key(|(point, _)| point.len());
    Ok(above.map(|(_, kind)| kind.to_owned()).ok_or("no mount point in /proc/mounts")?)
}

pub(crate) async fn pool(url: &str, connections: u32) -> Result<PgPool, BoxError> {
    let options = PgPoolOptions::new().min_connections(connections).max_connections(connections);
    Ok(options.acquire_timeout(Duration::from_secs(600)).connect(url).await?)
}

pub(crate) async fn run(url: &str, sql: &str) -> Result<(), BoxError> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

async fn number(url: &str, sql: &str) -> Result<i64, BoxError> {
    let mut connection = PgConnection::connect(url).await?;
    let number = sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(number)
}
