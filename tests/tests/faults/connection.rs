//! The network: connections are reset at random moments, or fall silent. The process itself comes to the end.

use std::time::{Duration, Instant};

use crate::scenario::{self, Prepared, Scenario};
use crate::settings::settings;
use crate::site::{Site, url};
use tests::proxy::{Effect, Fault, Moment, Proxy};
use tokio::net::{TcpListener, TcpStream};

/// What happens to the network, `after` the process is ready.
#[derive(Clone, Copy, Debug)]
enum Weather {
    /// All connections are reset, so many times, after so long each.
    Resets(u32, Duration),
    /// Nothing comes through for a while.
    Pause(Duration, Duration),
    /// What is open stays silent for ever; new connections work.
    Silence(Duration),
}

async fn endure(site: &Site, prepared: &Prepared, weather: Weather) -> Result<Duration, String> {
    let database = prepared.database().await;
    let proxy = Proxy::start(site.port, None).await;
    let mut app = prepared.start_at(&url(proxy.port, &database));
    app.ready().await;
    match weather {
        Weather::Resets(times, after) => {
            for _ in 0..times {
                tokio::time::sleep(after).await;
                proxy.cut();
            }
        }
        Weather::Pause(after, length) => {
            tokio::time::sleep(after).await;
            proxy.halt();
            tokio::time::sleep(length).await;
            proxy.resume();
        }
        Weather::Silence(after) => {
            tokio::time::sleep(after).await;
            proxy.halt();
        }
    }
    let first = app.end().await;
    let elapsed = first.elapsed;
    let result = if first.success || !first.began {
        prepared.converges(&database, &first).await
    } else {
        Err(format!("the process did not survive it:\n      {}", first.output))
    };
    drop(proxy);
    prepared.drop(&database).await;
    result.map(|()| elapsed)
}

async fn storm(
    name: &str,
    scenarios: &[Scenario],
    rounds: usize,
    weather: impl Fn(&mut fastrand::Rng, Duration) -> Weather,
) {
    let site = crate::shared_site().await;
    for scenario in scenarios {
        let prepared = scenario.prepare(&site).await;
        let mut random = settings().random(&format!("{name} {}", prepared.name));
        let started = Instant::now();
        let mut failures = Vec::new();
        let mut longest = Duration::ZERO;
        for round in 0..rounds {
            let weather = weather(&mut random, prepared.duration);
            match endure(&site, &prepared, weather).await {
                Ok(elapsed) => longest = longest.max(elapsed),
                Err(problem) => {
                    failures.push(format!("round {round} of seed {}: {weather:?}:\n    {problem}", settings().seed));
                }
            }
        }
        println!(
            "{}: {name}: {rounds} rounds, {} failures, longest run {:.1} s, {:.1} s",
            prepared.name,
            failures.len(),
            longest.as_secs_f64(),
            started.elapsed().as_secs_f64()
        );
        assert!(failures.is_empty(), "{}, {name}:\n  {}", prepared.name, failures.join("\n  "));
    }
}

#[test]
fn connections_are_reset_at_random() {
    crate::beside_another(async {
        let scenarios = [scenario::hundred(), scenario::indexes(), scenario::constraints(), scenario::down()];
        storm("resets", &scenarios, settings().rounds(2, 100), |random, duration| {
            let times = random.u32(1..4);
            Weather::Resets(times, duration.mul_f64(random.f64() / f64::from(times)))
        })
        .await;
    });
}

#[test]
fn nothing_comes_through_for_a_while() {
    crate::beside_another(async {
        storm("pause", &[scenario::indexes()], settings().rounds(1, 20), |random, duration| {
            Weather::Pause(duration.mul_f64(random.f64()), Duration::from_millis(random.u64(500..3000)))
        })
        .await;
        if settings().long {
            storm("long pause", &[scenario::indexes(), scenario::down()], 10, |random, duration| {
                Weather::Pause(duration.mul_f64(random.f64()), Duration::from_secs(random.u64(8..16)))
            })
            .await;
        }
    });
}

#[test]
fn open_connections_fall_silent_for_ever() {
    crate::beside_another(async {
        let short = [scenario::indexes()];
        let long = [scenario::indexes(), scenario::hundred(), scenario::down(), scenario::backfill()];
        let scenarios: &[Scenario] = if settings().long { &long } else { &short };
        storm("silence", scenarios, settings().rounds(1, 10), |random, duration| {
            Weather::Silence(duration.mul_f64(0.1 + 0.8 * random.f64()))
        })
        .await;
    });
}

async fn fall_silent(site: &Site, prepared: &Prepared, fault: Fault) -> Result<(), String> {
    let database = prepared.database().await;
    let proxy = Proxy::start(site.port, Some(fault)).await;
    let first = prepared.start_at(&url(proxy.port, &database)).end().await;
    let result = if first.success || !first.began {
        prepared.converges(&database, &first).await
    } else {
        Err(format!("the process did not survive it:\n      {}", first.output))
    };
    println!("{}: {fault:?}: {:.1} s", prepared.name, first.elapsed.as_secs_f64());
    drop(proxy);
    prepared.drop(&database).await;
    result
}

/// One connection of a run falls silent, that of the lock or the other one, or both. Not in a Rust function: it may
/// ask nothing for as long as it likes, so it has to see to its own time limits.
#[test]
fn every_message_may_be_the_last_of_a_silent_network() {
    crate::beside_another(async {
        let site = crate::shared_site().await;
        let prepared = scenario::small_down().prepare(&site).await;
        let mut random = settings().random("silence at a message");
        let mut failures = Vec::new();
        let mut faults: Vec<Fault> = (0..settings().rounds(4, 60))
            .map(|round| {
                let moment = [Moment::Unsent, Moment::Sent, Moment::Answered][random.usize(..3)];
                let effect = if round % 2 == 0 { Effect::SilenceOne } else { Effect::Silence };
                Fault { message: random.usize(4..36), moment, effect }
            })
            .collect();
        // Most of the time nothing happens: some at once.
        while !faults.is_empty() {
            let mut rounds = tokio::task::JoinSet::new();
            for fault in faults.drain(..faults.len().min(4)) {
                let (site, prepared) = (site.clone(), prepared.clone());
                rounds.spawn(async move { (fault, fall_silent(&site, &prepared, fault).await) });
            }
            for (fault, result) in rounds.join_all().await {
                if let Err(problem) = result {
                    failures.push(format!("seed {}: {fault:?}:\n    {problem}", settings().seed));
                }
            }
        }
        assert!(failures.is_empty(), "small_down, silence at a message:\n  {}", failures.join("\n  "));
    });
}

/// The first question of a process gets no answer. It goes on with other connections, and ends: nobody waits for the one that
/// is silent, neither the run nor who closes the pool.
#[test]
fn a_silent_connection_of_the_pool_keeps_nobody_from_ending() {
    crate::beside_another(async {
        let site = crate::shared_site().await;
        let prepared = scenario::indexes().prepare(&site).await;
        let mut failures = Vec::new();
        let mut rounds = tokio::task::JoinSet::new();
        for (message, moment) in [(1, Moment::Sent), (2, Moment::Unsent), (2, Moment::Sent), (3, Moment::Sent)] {
            let fault = Fault { message, moment, effect: Effect::Silence };
            let (site, prepared) = (site.clone(), prepared.clone());
            rounds.spawn(async move { (fault, fall_silent(&site, &prepared, fault).await) });
        }
        for (fault, result) in rounds.join_all().await {
            if let Err(problem) = result {
                failures.push(format!("{fault:?}:\n    {problem}"));
            }
        }
        assert!(failures.is_empty(), "indexes, silence at the beginning:\n  {}", failures.join("\n  "));
    });
}

/// A server that restarts just after a process asked it whether anything is to do: nobody listens for a while.
#[test]
fn a_server_that_answered_once_is_waited_for() {
    crate::beside_another(async {
        let site = crate::shared_site().await;
        let database = site.create(None).await;
        let text = "migration \"1_one\" { create table one { id: bigint primary key } }";
        let migrations = tests::embed(tests::compile(text), &[]);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let forward = move |mut client: TcpStream| async move {
            let mut server = TcpStream::connect(("127.0.0.1", site.port)).await.expect("the server");
            tokio::io::copy_bidirectional(&mut client, &mut server).await
        };
        let between = tokio::spawn(async move {
            let (first, _) = listener.accept().await.expect("a connection");
            drop(listener);
            let first = tokio::spawn(forward(first));
            tokio::time::sleep(Duration::from_millis(500)).await;
            first.abort();
            let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("the same port");
            loop {
                let (next, _) = listener.accept().await.expect("a connection");
                tokio::spawn(forward(next));
            }
        });
        let pool = crate::site::pool(&url(port, &database));
        let report = migrations.apply(&pool).await.expect("the server comes back");
        assert_eq!(report.applied.len(), 1);
        pool.close().await;
        between.abort();
        site.drop(&database).await;
    });
}
