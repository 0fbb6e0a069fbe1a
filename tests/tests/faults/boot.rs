//! Many processes start at once: all come to their end, everything is applied once.

use std::time::{Duration, Instant};

use crate::crash::{LOCK, WORK};
use crate::scenario::{self, Scenario};
use crate::settings::settings;
use crate::site::Site;

/// How many replicas there are.
const REPLICAS: usize = 10;

/// Starts them together, at addresses that `url` makes of a database's name.
pub(crate) async fn race(site: &Site, scenario: &Scenario, rounds: usize, url: impl Fn(&str) -> String) {
    let prepared = scenario.prepare(site).await;
    let mut failures = Vec::new();
    let started = Instant::now();
    for round in 0..rounds {
        let database = prepared.database().await;
        let address = url(&database);
        let mut apps: Vec<_> = (0..REPLICAS).map(|_| prepared.start_at(&address)).collect();
        for app in &mut apps {
            app.ready().await;
        }
        let mut applied = 0;
        for (number, app) in apps.into_iter().enumerate() {
            let ended = app.end().await;
            if !ended.success {
                failures.push(format!("round {round}, process {number} failed:\n      {}", ended.output));
            }
            applied += ended.applied();
        }
        if applied != prepared.migrations {
            failures.push(format!("round {round}: {applied} applied in all, not {}", prepared.migrations));
        }
        if let Some(differences) = prepared.verdict(&database).await {
            failures.push(format!("round {round}: {differences}"));
        }
        prepared.drop(&database).await;
    }
    println!(
        "{}: {REPLICAS} processes at once, {rounds} rounds, {} failures, {:.1} s each",
        prepared.name,
        failures.len(),
        started.elapsed().as_secs_f64() / rounds.max(1) as f64
    );
    assert!(failures.is_empty(), "{}, boot race:\n  {}", prepared.name, failures.join("\n  "));
}

#[test]
fn ten_processes_on_an_empty_database() {
    crate::beside_another(async {
        let site = crate::shared_site().await;
        race(&site, &scenario::ten_tables(), settings().rounds(3, 20), |database| site.url(database)).await;
    });
}

#[test]
fn ten_processes_and_two_concurrent_index_builds() {
    crate::beside_another(async {
        let site = crate::shared_site().await;
        race(&site, &scenario::indexes(), settings().rounds(3, 20), |database| site.url(database)).await;
    });
}

/// Six processes at once; two of them are killed, and backends of the others, again and again. Those that live come to
/// their end: whoever loses the lock to another finds the rest done, or does it.
async fn race_among_kills(site: &Site, scenario: &Scenario, rounds: usize) {
    let prepared = scenario.prepare(site).await;
    let mut random = settings().random(&format!("race {}", prepared.name));
    let mut failures = Vec::new();
    let started = Instant::now();
    let mut terminated = 0;
    for round in 0..rounds {
        let database = prepared.database().await;
        let mut apps: Vec<_> = (0..6).map(|_| prepared.start(&database)).collect();
        for app in &mut apps {
            app.ready().await;
        }
        let mut killed = Vec::new();
        for _ in 0..8 {
            tokio::time::sleep(prepared.duration.mul_f64(random.f64() / 4.0).max(Duration::from_millis(5))).await;
            match random.usize(..4) {
                0 if killed.len() < 2 => {
                    let number = random.usize(..apps.len());
                    apps[number].kill();
                    killed.push(number);
                }
                1 => terminated += site.terminate(&database, WORK).await,
                _ => terminated += site.terminate(&database, LOCK).await,
            }
        }
        for (number, app) in apps.into_iter().enumerate() {
            let ended = app.end().await;
            if !ended.success && ended.began && !killed.contains(&number) {
                failures.push(format!("round {round}, process {number} failed:\n      {}", ended.output));
            }
        }
        if let Some(differences) = prepared.verdict(&database).await {
            failures.push(format!("round {round}: {differences}"));
        }
        prepared.drop(&database).await;
    }
    println!(
        "{}: a race of 6, 2 of them killed, {terminated} backends terminated: {rounds} rounds, {} failures, {:.1} s",
        prepared.name,
        failures.len(),
        started.elapsed().as_secs_f64()
    );
    let seed = settings().seed;
    assert!(failures.is_empty(), "{}, race of seed {seed}:\n  {}", prepared.name, failures.join("\n  "));
}

#[test]
fn the_lock_changes_hands_while_processes_and_backends_die() {
    crate::beside_another(async {
        let site = crate::shared_site().await;
        for scenario in [scenario::hundred(), scenario::indexes(), scenario::small_up()] {
            race_among_kills(&site, &scenario, settings().rounds(2, 60)).await;
        }
    });
}
