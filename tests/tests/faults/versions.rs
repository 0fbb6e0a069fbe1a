//! Two versions of the application at once: the newer one applies, the older one does too, and reverts; some are killed.

use std::time::{Duration, Instant};

use crate::scenario;
use crate::settings::settings;

/// What a process may end with that is not its goal: it says what is in the way.
const REFUSALS: &[&str] = &[
    "that this binary does not know and is not compatible with",
    "was written without knowledge of",
    "was started and not finished, and this binary does not know it",
    "cannot find a migration with version",
];

#[test]
fn an_older_and_a_newer_binary_apply_and_revert_at_once() {
    crate::beside_another(async {
        let site = crate::shared_site().await;
        let (newer, older) = (scenario::small_up(), scenario::older_than_small_up());
        let newer = newer.prepare(&site).await;
        let older = older.file();
        let mut random = settings().random("versions");
        let started = Instant::now();
        let (rounds, mut refused) = (settings().rounds(4, 200), 0);
        let mut failures = Vec::new();
        for round in 0..rounds {
            let database = newer.database().await;
            let address = site.url(&database);
            let commands = [
                newer.start(&database),
                newer.start_with(&address, &older, &["apply"]),
                newer.start_with(&address, &older, &["revert-to", "1"]),
                newer.start(&database),
                newer.start_with(&address, &older, &["revert-to", "2"]),
                newer.start_with(&address, &older, &["apply"]),
            ];
            let mut apps = Vec::from(commands);
            random.shuffle(&mut apps);
            for app in &mut apps {
                app.ready().await;
            }
            let killed = random.usize(..apps.len() * 2);
            if let Some(app) = apps.get_mut(killed) {
                tokio::time::sleep(newer.duration.mul_f64(random.f64()).max(Duration::from_millis(5))).await;
                app.kill();
            }
            for (number, app) in apps.into_iter().enumerate() {
                let ended = app.end().await;
                let is_refusal = REFUSALS.iter().any(|refusal| ended.output.contains(refusal));
                refused += usize::from(is_refusal);
                if !ended.success && !is_refusal && number != killed {
                    failures.push(format!(
                        "round {round} of seed {}, a process failed:\n      {}",
                        settings().seed,
                        ended.output
                    ));
                }
            }
            let last = newer.start(&database).end().await;
            if !last.success {
                failures.push(format!("round {round}: the newer one failed:\n      {}", last.output));
            } else if let Some(differences) = newer.verdict(&database).await {
                failures.push(format!("round {round} of seed {}: {differences}", settings().seed));
            }
            newer.drop(&database).await;
        }
        println!(
            "two versions at once, 6 processes: {rounds} rounds, {refused} refused, {} failures, {:.1} s",
            failures.len(),
            started.elapsed().as_secs_f64()
        );
        assert!(failures.is_empty(), "two versions at once:\n  {}", failures.join("\n  "));
    });
}
