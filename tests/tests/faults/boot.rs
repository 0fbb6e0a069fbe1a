//! Many processes start at once: all come to their end, everything is applied once.

use std::time::Instant;

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
    crate::serially(async {
        let site = crate::shared_site().await;
        race(&site, &scenario::ten_tables(), settings().rounds(3, 20), |database| site.url(database)).await;
    });
}

#[test]
fn ten_processes_and_two_concurrent_index_builds() {
    crate::serially(async {
        let site = crate::shared_site().await;
        race(&site, &scenario::indexes(), settings().rounds(3, 20), |database| site.url(database)).await;
    });
}
