//! Faults on real servers and real processes: boots at the same time, kills at any moment, connections that break,
//! poolers. What was run and seen is in `docs/faults.md`.
#![expect(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests fail by panicking, and tell")]

mod app;
mod scenario;
mod settings;
mod site;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use scenario::{Prepared, Scenario};
use settings::settings;
use site::Site;

#[test]
fn scratch() {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime").block_on(async {
        let site = Site::new(tests::server().port());
        for scenario in [scenario::hundred(), scenario::indexes(), scenario::constraints(), scenario::backfill(), scenario::down(), scenario::small_up(), scenario::small_down()] {
            let started = Instant::now();
            let prepared = scenario.prepare(&site).await;
            println!("{}: {:?}, prepared in {:?}", prepared.name, prepared.duration, started.elapsed());
        }
    });
}
