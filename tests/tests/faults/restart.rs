//! The server is shut down and started again, as an administrator does it; or it goes back to an earlier moment: a
//! standby that was behind is promoted, a backup is restored. What was committed after that moment is lost, the history
//! and the journal with it.

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use postgres_server::Server;

use crate::scenario::{self, Prepared};
use crate::settings::settings;
use crate::site::{Site, pool};

type Shared = Arc<Mutex<Server>>;

#[derive(Clone, Copy, Debug)]
enum Event {
    /// `pg_ctl restart`, with the signal of its mode: fast or immediate.
    Restart(&'static str),
    /// So long after it the server goes back to that moment.
    Return(Duration),
}

async fn endure(server: &Shared, prepared: &Prepared, after: Duration, event: Event) -> Result<(), String> {
    let database = prepared.database().await;
    let mut app = prepared.start(&database);
    app.ready().await;
    tokio::time::sleep(after).await;
    let happening = {
        let server = Arc::clone(server);
        tokio::task::spawn_blocking(move || {
            let mut server = server.lock().unwrap_or_else(PoisonError::into_inner);
            match event {
                Event::Restart(signal) => shut_down(&server.directory().join("data"), signal),
                Event::Return(later) => return go_back(&mut server, later),
            }
            server.restart().expect("the server starts again");
        })
    };
    happening.await.expect("the server starts again");
    let first = app.end().await;
    let result = if first.success || !first.began {
        prepared.converges(&database, &first).await
    } else {
        Err(format!("the process did not survive it:\n      {}", first.output))
    };
    prepared.drop(&database).await;
    result
}

fn run(program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).status();
    assert!(status.is_ok_and(|status| status.success()), "{program} {arguments:?} succeeds");
}

fn shut_down(data: &Path, signal: &str) {
    let file = data.join("postmaster.pid");
    let text = std::fs::read_to_string(&file).expect("the server runs");
    run("kill", &[signal, text.lines().next().expect("its process")]);
    let started = Instant::now();
    while file.exists() && started.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn go_back(server: &mut Server, later: Duration) {
    let data = server.directory().join("data");
    let earlier = server.directory().join("earlier");
    let (data, earlier) = (data.to_str().expect("a path"), earlier.to_str().expect("a path"));
    server.kill().expect("the server can be killed");
    run("cp", &["-a", data, earlier]);
    server.restart().expect("the server starts again");
    std::thread::sleep(later);
    server.kill().expect("the server can be killed");
    run("rm", &["-r", data]);
    run("mv", &[earlier, data]);
    server.restart().expect("the server starts again");
}

async fn rounds(name: &str, count: usize, event: impl Fn(&mut fastrand::Rng, Duration, usize) -> Event) {
    let server = crate::mortal_server().await;
    let site = Site::new(server.lock().unwrap_or_else(PoisonError::into_inner).port());
    let long = [scenario::hundred(), scenario::indexes(), scenario::backfill(), scenario::down(), scenario::abandon()];
    let all = if settings().long { &long[..] } else { &long[..2] };
    for scenario in all {
        let prepared = scenario.prepare(&site).await;
        let mut random = settings().random(&format!("{name} {}", prepared.name));
        let started = Instant::now();
        let mut failures = Vec::new();
        for round in 0..count {
            let after = prepared.duration.mul_f64(random.f64());
            let event = event(&mut random, prepared.duration, round);
            if let Err(problem) = endure(&server, &prepared, after, event).await {
                failures.push(format!(
                    "round {round} of seed {}: {event:?} after {} ms:\n    {problem}",
                    settings().seed,
                    after.as_millis()
                ));
            }
        }
        println!(
            "{}: {name}: {count} rounds, {} failures, {:.1} s",
            prepared.name,
            failures.len(),
            started.elapsed().as_secs_f64()
        );
        assert!(failures.is_empty(), "{}, {name}:\n  {}", prepared.name, failures.join("\n  "));
    }
}

#[test]
fn the_server_is_restarted() {
    crate::alone(async {
        rounds("server restarted", settings().rounds(2, 50), |_, _, round| {
            Event::Restart(if round % 2 == 0 { "-INT" } else { "-QUIT" })
        })
        .await;
    });
}

#[test]
fn the_server_goes_back_to_an_earlier_moment() {
    crate::alone(async {
        rounds("commits lost", settings().rounds(1, 50), |random, duration, _| {
            Event::Return(duration.mul_f64(random.f64()))
        })
        .await;
    });
}

/// A standby is up to date, or says what it is.
#[test]
fn a_standby_that_lacks_a_migration_is_named() {
    crate::alone(async {
        let server = crate::mortal_server().await;
        let site = Site::new(server.lock().unwrap_or_else(PoisonError::into_inner).port());
        let prepared = scenario::small_up().prepare(&site).await;
        let (behind, there) = (prepared.database().await, prepared.database().await);
        assert!(prepared.start(&there).end().await.success);
        let standby = tokio::task::spawn_blocking(move || {
            let mut server = server.lock().unwrap_or_else(PoisonError::into_inner);
            let directory = server.directory().join("standby");
            let (data, copy) = (server.directory().join("data"), directory.join("data"));
            server.kill().expect("the server can be killed");
            std::fs::create_dir(&directory).expect("a directory");
            run("cp", &["-a", data.to_str().expect("a path"), copy.to_str().expect("a path")]);
            std::fs::write(copy.join("standby.signal"), "").expect("a file");
            server.restart().expect("the server starts again");
            Server::persistent(directory).major(server.major()).start().expect("a standby")
        });
        let standby = standby.await.expect("a standby");
        let ended = prepared.start_at(&standby.url(&there)).end().await;
        assert!(ended.success, "{}", ended.output);
        let ended = prepared.start_at(&standby.url(&behind)).end().await;
        assert!(!ended.success && ended.output.contains("the server is a read-only standby"), "{}", ended.output);
        // Connecting to the primary would not help this one.
        let other = tests::embed(
            tests::compile("migration \"0001_other\" { create table other { id: int primary key } }"),
            &[],
        );
        let at = pool(&standby.url(&there));
        let error = other.apply(&at).await.expect_err("the history is another one");
        assert!(matches!(error, migrate_runtime::Error::History(_)), "{error}");
        at.close().await;
        let directory = standby.directory().to_path_buf();
        drop(standby);
        std::fs::remove_dir_all(directory).expect("it can be removed");
        for database in [behind, there] {
            prepared.drop(&database).await;
        }
    });
}
