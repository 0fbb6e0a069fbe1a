//! A process stands still, as one whose machine sleeps: its connections stay open, and the server waits for it. Who
//! administers the server ends its lock, another process does the rest, and the first one wakes up.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::crash::LOCK;
use crate::scenario::{self, Prepared, Scenario};
use crate::settings::settings;
use crate::site::Site;

async fn freeze(site: &Site, prepared: &Prepared, delay: Duration, wakes_early: bool) -> Result<bool, String> {
    let database = prepared.database().await;
    let mut first = prepared.start(&database);
    first.ready().await;
    tokio::time::sleep(delay).await;
    first.signal(Signal::STOP);
    let mut second = prepared.start(&database);
    second.ready().await;
    let taken = site.terminate(&database, LOCK).await > 0;
    let (second, first) = if wakes_early {
        tokio::time::sleep(delay / 4).await;
        first.signal(Signal::CONT);
        let first = first.end().await;
        (second.end().await, first)
    } else {
        let second = second.end().await;
        first.signal(Signal::CONT);
        (second, first.end().await)
    };
    let result = match (second.success, first.success || !first.began) {
        (false, _) => Err(format!("the second failed:\n      {}", second.output)),
        (true, false) => Err(format!("the frozen one failed:\n      {}", first.output)),
        (true, true) => prepared.converges(&database, &first).await,
    };
    prepared.drop(&database).await;
    result.map(|()| taken)
}

#[test]
fn a_frozen_process_wakes_up_after_another_has_taken_over() {
    crate::beside_another(async {
        let site = crate::shared_site().await;
        let scenarios: [Scenario; 4] =
            [scenario::hundred(), scenario::indexes(), scenario::down(), scenario::small_up()];
        for scenario in scenarios {
            let prepared = scenario.prepare(&site).await;
            let mut random = settings().random(&format!("frozen {}", prepared.name));
            let started = Instant::now();
            let (rounds, mut taken) = (settings().rounds(2, 50), 0);
            let mut failures = Vec::new();
            for round in 0..rounds {
                let delay = prepared.duration.mul_f64(random.f64());
                match freeze(&site, &prepared, delay, round % 2 == 1).await {
                    Ok(was_taken) => taken += usize::from(was_taken),
                    Err(problem) => failures.push(format!(
                        "round {round} of seed {}: frozen after {} ms:\n    {problem}",
                        settings().seed,
                        delay.as_millis()
                    )),
                }
            }
            println!(
                "{}: frozen: {rounds} rounds, {taken} with the lock, {} failures, {:.1} s",
                prepared.name,
                failures.len(),
                started.elapsed().as_secs_f64()
            );
            assert!(failures.is_empty(), "{}, frozen:\n  {}", prepared.name, failures.join("\n  "));
        }
    });
}
