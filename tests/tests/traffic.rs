//! What the traffic of a table feels of a migration that needs the table for itself, while a transaction that has been
//! open for long is in the way. The numbers are printed, beside those of the same statement without precautions and
//! of `sqlx::migrate`; what is asserted is what holds on any machine.
//!
//! `TRAFFIC=long cargo test -p tests --test traffic -- --nocapture` takes longer and more transactions.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use migrate_runtime::{Event, Limits, Migrations, Target};
use postgres_server::Server;
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection as _, PgConnection, PgPool};
use tests::{Database, compile, embed};
use tokio::sync::Mutex;

const HISTORY: &str = "
    migration \"0001_accounts\" { create table accounts { id: int primary key, balance: int = 0 } }
    migration \"0002_note\" { alter table accounts add note: text?; }
";

const ROWS: i32 = 10_000;

fn is_long() -> bool {
    std::env::var("TRAFFIC").is_ok_and(|value| value == "long")
}

/// Transactions a second.
fn rate() -> u32 {
    if is_long() { 400 } else { 200 }
}

/// How long the transaction in the way stays open.
fn holds_for() -> Duration {
    Duration::from_millis(if is_long() { 6000 } else { 2500 })
}

fn history() -> &'static Migrations {
    embed(compile(HISTORY), &[])
}

async fn accounts() -> Database {
    let database = Database::create().await;
    history().migrator().apply_to(&database.pool, Target::Version(1)).await.unwrap_or_else(|error| panic!("{error}"));
    database.execute(&format!("INSERT INTO accounts SELECT n FROM generate_series(1, {ROWS}) n; ANALYZE")).await;
    database
}

/// What asks the server for nothing, again and again: how long it takes all the same is the machine's doing.
struct Pauses {
    stop: Arc<AtomicBool>,
    requests: tokio::task::JoinHandle<Vec<Request>>,
}

impl Pauses {
    async fn start(url: &str) -> Pauses {
        let mut connection = PgConnection::connect(url).await.expect("a connection");
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let requests = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(Duration::from_millis(20));
            let mut all = Vec::new();
            while !stopped.load(Ordering::Relaxed) {
                let due = ticks.tick().await.into_std();
                sqlx::raw_sql("SELECT 1").execute(&mut connection).await.expect("an answer");
                all.push(Request { due, took: due.elapsed() });
            }
            all
        });
        Pauses { stop, requests }
    }

    /// The longest of those from then on.
    async fn end(self, since: Instant) -> Duration {
        self.stop.store(true, Ordering::Relaxed);
        let all = self.requests.await.expect("the requests");
        all.iter().filter(|request| request.due >= since).map(|request| request.took).max().unwrap_or_default()
    }
}

/// A writer and a reader, each transaction at its time: what waits is not waited for.
struct Traffic {
    stop: Arc<AtomicBool>,
    requests: tokio::task::JoinHandle<Vec<tokio::task::JoinHandle<Request>>>,
}

/// When a transaction was due, and how long after that it was done.
#[derive(Clone, Copy, Debug)]
struct Request {
    due: Instant,
    took: Duration,
}

impl Traffic {
    async fn start(url: &str) -> Traffic {
        let pool = PgPoolOptions::new()
            .min_connections(12)
            .max_connections(12)
            .acquire_timeout(Duration::from_secs(120))
            .connect(url)
            .await
            .expect("connections");
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let requests = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate());
            let mut all = Vec::new();
            let mut number = 0;
            while !stopped.load(Ordering::Relaxed) {
                let due = ticks.tick().await.into_std();
                number += 1;
                all.push(tokio::spawn(request(pool.clone(), number, due)));
            }
            all
        });
        Traffic { stop, requests }
    }

    /// The transactions that were due from then on, the quickest first.
    async fn end(self, since: Instant) -> Vec<Duration> {
        self.stop.store(true, Ordering::Relaxed);
        let mut times = Vec::new();
        for request in self.requests.await.expect("the traffic") {
            let request = request.await.expect("a transaction");
            if request.due >= since {
                times.push(request.took);
            }
        }
        times.sort();
        times
    }
}

async fn request(pool: PgPool, number: i32, due: Instant) -> Request {
    let id = number.wrapping_mul(7919).rem_euclid(ROWS) + 1;
    if number % 2 == 0 {
        let update = sqlx::query("UPDATE accounts SET balance = balance + 1 WHERE id = $1").bind(id);
        update.execute(&pool).await.expect("a write");
    } else {
        let read = sqlx::query_scalar::<_, i32>("SELECT balance FROM accounts WHERE id = $1").bind(id);
        read.fetch_one(&pool).await.expect("a read");
    }
    Request { due, took: due.elapsed() }
}

/// A report that is open for long, and idle.
async fn hold(url: &str, duration: Duration) -> tokio::task::JoinHandle<()> {
    let mut connection = PgConnection::connect(url).await.expect("a connection");
    sqlx::raw_sql("SET application_name = 'monthly report'; BEGIN; SELECT count(*) FROM accounts")
        .execute(&mut connection)
        .await
        .expect("a transaction");
    tokio::spawn(async move {
        tokio::time::sleep(duration).await;
        let _ = connection.close().await;
    })
}

/// How the column is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Undisturbed,
    Peek,
    NoPeek,
    Plain,
    Sqlx,
}

async fn add_column(way: Way, database: &Database) {
    let migrator = history().migrator();
    match way {
        Way::Undisturbed => tokio::time::sleep(holds_for()).await,
        Way::Peek => drop(migrator.apply(&database.pool).await.unwrap_or_else(|error| panic!("{error}"))),
        Way::NoPeek => drop(migrator.peek(false).apply(&database.pool).await.unwrap_or_else(|error| panic!("{error}"))),
        Way::Plain => database.execute("ALTER TABLE accounts ADD COLUMN note text").await,
        Way::Sqlx => {
            let directory =
                std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("sqlx-{}", std::process::id()));
            std::fs::create_dir_all(&directory).expect("a directory");
            std::fs::write(directory.join("2_note.sql"), "ALTER TABLE accounts ADD COLUMN note text;").expect("a file");
            let migrator = sqlx::migrate::Migrator::new(directory.as_path()).await.expect("a migrator");
            migrator.run(&database.pool).await.expect("a migration");
            let _ = std::fs::remove_dir_all(directory);
        }
    }
}

#[derive(Debug)]
struct Seen {
    longest: Duration,
    /// The longest pause of the machine itself.
    pause: Duration,
}

impl Seen {
    /// How long a transaction waited for anything but the machine.
    fn waited(&self) -> Duration {
        self.longest.saturating_sub(self.pause)
    }
}

async fn measure(way: Way, name: &str) -> Seen {
    let database = accounts().await;
    let traffic = Traffic::start(&database.url).await;
    let pauses = Pauses::start(&database.url).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let holder = hold(&database.url, holds_for()).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let since = Instant::now();
    add_column(way, &database).await;
    let done = since.elapsed();
    holder.await.expect("the holder");
    tokio::time::sleep(Duration::from_millis(300)).await;
    let times = traffic.end(since).await;
    let pause = pauses.end(since).await;
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).copied().unwrap_or_default();
    let longest = times.last().copied().unwrap_or_default();
    let slow = times.iter().filter(|time| **time > Duration::from_millis(100)).count();
    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    println!(
        "{name:<34} {:>7.0} {:>9.1} {:>9.1} {:>9.1} {:>8.1} %",
        millis(done),
        millis(at(0.5)),
        millis(at(0.99)),
        millis(longest),
        slow as f64 * 100.0 / times.len().max(1) as f64
    );
    if way != Way::Undisturbed {
        let column = "SELECT count(*) FROM pg_attribute WHERE attrelid = 'accounts'::regclass AND attname = 'note'";
        assert_eq!(database.text(column).await, "1", "{name}");
    }
    Seen { longest, pause }
}

#[test]
fn the_traffic_of_the_table_does_not_wait_for_an_old_transaction() {
    run(async {
        println!(
            "{} transactions a second, a transaction that is open for {:.1} s, ALTER TABLE ADD COLUMN; milliseconds",
            rate(),
            holds_for().as_secs_f64()
        );
        println!("{:<34} {:>7} {:>9} {:>9} {:>9} {:>10}", "", "done", "p50", "p99", "longest", "> 100 ms");
        let _undisturbed = measure(Way::Undisturbed, "no migration").await;
        let peek = measure(Way::Peek, "ours").await;
        let no_peek = measure(Way::NoPeek, "ours, peek(false)").await;
        let plain = measure(Way::Plain, "the statement, as psql sends it").await;
        let sqlx = measure(Way::Sqlx, "sqlx::migrate").await;
        assert!(plain.longest > holds_for() / 2, "the transaction was not in the way: {plain:?}");
        for ours in [&peek, &no_peek] {
            assert!(ours.waited() < plain.longest / 2, "{ours:?} {plain:?}");
            assert!(ours.waited() < sqlx.longest / 2, "{ours:?} {sqlx:?}");
        }
    });
}

#[test]
fn giving_up_names_who_is_in_the_way_and_leaves_nothing() {
    run(async {
        let database = accounts().await;
        let holder = hold(&database.url, Duration::from_secs(30)).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let limits = Limits { retry_budget: Some(Duration::from_millis(700)), ..Limits::default() };
        let error = history().migrator().for_migration(2, limits).apply(&database.pool).await;
        let error = error.expect_err("a table that is held").to_string();
        assert!(error.contains("monthly report) holds ACCESS SHARE on public.accounts"), "{error}");
        assert!(error.contains("idle in transaction"), "{error}");
        assert_eq!(database.text("SELECT count(*) FROM migrate.journal").await, "0");
        assert_eq!(database.text("SELECT count(*) FROM migrate.history").await, "1");
        holder.abort();
    });
}

#[test]
fn the_source_limits_a_single_statement() {
    run(async {
        let database = Database::create().await;
        let migrations = compile(
            "migration \"1_users\" { create table users { id: bigint primary key } create table rooms { id: bigint primary key } }
             migration \"2_notes\" {
                 alter table rooms { add note: text? }
                 #[limits(retry_budget = \"400 ms\", lock_timeout = \"20 ms\")]
                 alter table users { #[limits(lock_timeout = \"30 ms\", peek = false)] add note: text? }
             }",
        );
        let statements: Vec<_> = migrations[1].up.statements().collect();
        assert!(statements[0].limits.is_empty());
        let written = "limits lock_timeout = \"30 ms\", retry_budget = \"400 ms\", peek = false".to_string();
        assert!(statements[1].facts().contains(&written), "{:?}", statements[1].facts());

        let history = embed(migrations, &[]);
        history.migrator().apply_to(&database.pool, Target::Version(1)).await.unwrap();
        let mut holder = database.pool.begin().await.unwrap();
        sqlx::raw_sql("LOCK TABLE users IN ACCESS SHARE MODE").execute(&mut *holder).await.unwrap();
        let began = Instant::now();
        let error = history.apply(&database.pool).await.expect_err("a table that is held");
        let took = began.elapsed();
        assert!(took > Duration::from_millis(300) && took < Duration::from_secs(30), "{took:?}");
        let text = error.to_string();
        assert!(text.starts_with("cannot apply `2_notes`: statement 2 of 2 failed"), "{text}");
        let told = seconds_after("gave up after ", &text);
        assert!(told >= 0.4 && told <= took.as_secs_f64() + 0.1, "{text} {took:?}");

        // What the program says of the migration counts more.
        let limits = Limits { retry_budget: Some(Duration::from_millis(1300)), ..Limits::default() };
        let error = history.migrator().for_migration(2, limits).apply(&database.pool).await.unwrap_err().to_string();
        assert!(seconds_after("gave up after ", &error) >= 1.3, "{error}");
        drop(holder);
        history.apply(&database.pool).await.unwrap();
    });
}

/// The seconds that a text names after these words.
fn seconds_after(words: &str, text: &str) -> f64 {
    let number = text.split_once(words).and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
    number.unwrap_or_else(|| panic!("no number after `{words}`: {text}"))
}

#[test]
fn gets_past_an_autovacuum_that_would_take_long() {
    run(async {
        let version = postgres_server::requested_version().expect("a version");
        let server = tokio::task::spawn_blocking(move || {
            Server::temporary()
                .major(version)
                .setting("autovacuum_naptime", "1s")
                .setting("autovacuum_vacuum_cost_delay", "50ms")
                .setting("autovacuum_vacuum_cost_limit", "10")
                .start()
                .expect("a PostgreSQL server")
        });
        let server = server.await.expect("a server");
        let pool = PgPoolOptions::new().max_connections(4).connect(&server.url("postgres")).await.expect("a pool");
        let migrator = history().migrator();
        migrator.apply_to(&pool, Target::Version(1)).await.unwrap_or_else(|error| panic!("{error}"));
        let fill = "INSERT INTO accounts SELECT n FROM generate_series(1, 100000) n; \
                    ALTER TABLE accounts SET (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0, \
                    autovacuum_analyze_threshold = 1000000000); UPDATE accounts SET balance = 1";
        sqlx::raw_sql(fill).execute(&pool).await.expect("rows");
        let running = "SELECT count(*) FROM pg_stat_progress_vacuum AS vacuum JOIN pg_stat_activity AS activity \
                       USING (pid) WHERE relid = 'accounts'::regclass AND backend_type = 'autovacuum worker' \
                       AND xact_start < clock_timestamp() - interval '100 ms'";
        let deadline = Instant::now() + Duration::from_secs(60);
        while sqlx::query_scalar::<_, i64>(running).fetch_one(&pool).await.expect("a count") == 0 {
            assert!(Instant::now() < deadline, "no autovacuum came");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let retries = Arc::new(Mutex::new(0));
        let counted = Arc::clone(&retries);
        let started = Instant::now();
        migrator
            .on_event(move |event| {
                if let (Event::Retrying { .. }, Ok(mut count)) = (event, counted.try_lock()) {
                    *count += 1;
                }
            })
            .apply(&pool)
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        println!(
            "past an autovacuum after {:.0} ms, {} retries",
            started.elapsed().as_secs_f64() * 1000.0,
            retries.lock().await
        );
        pool.close().await;
        tokio::task::spawn_blocking(move || drop(server)).await.expect("the end of the server");
    });
}

/// One after the other: they measure.
fn run(test: impl Future<Output = ()>) {
    static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(test);
}
