//! Something is killed at a random moment. One restart, by nobody's hand, comes to the end that an undisturbed run
//! comes to.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use postgres_server::Server;

use crate::scenario::{self, Prepared, Scenario};
use crate::settings::settings;
use crate::site::Site;

/// The backends that hold the migration lock: they are idle in a transaction without a transaction id.
pub(crate) const LOCK: &str = "application_name LIKE 'migrate:%' AND EXISTS (SELECT FROM pg_locks AS lock \
    WHERE lock.pid = activity.pid AND locktype = 'advisory' AND granted) AND state = 'idle in transaction' \
    AND backend_xid IS NULL";

/// The others of the runtime.
pub(crate) const WORK: &str =
    "application_name LIKE 'migrate:%' AND NOT (state = 'idle in transaction' AND backend_xid IS NULL)";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Victim {
    Process,
    LockBackend,
    WorkBackend,
    AllBackends,
    /// What it runs is cancelled.
    Statement,
    Server,
}

struct Tally {
    name: &'static str,
    /// Where the fault came in time.
    rounds: usize,
    /// The fault came after the end.
    late: usize,
    /// The process that was disturbed came to its end by itself.
    survived: usize,
    failures: Vec<String>,
}

async fn rounds(
    site: &Site,
    prepared: &Prepared,
    victims: &[Victim],
    rounds: usize,
    server: Option<&Arc<Mutex<Server>>>,
) {
    let mut random = settings().random(&format!("{} {victims:?}", prepared.name));
    let started = Instant::now();
    let mut tally = Tally { name: prepared.name, rounds: 0, late: 0, survived: 0, failures: Vec::new() };
    // How long a run takes changes with what else the machine does. One that had ended before the kill counts for
    // nothing, up to as many again.
    let mut longest = prepared.duration;
    for round in 0..2 * rounds {
        if round - tally.late >= rounds {
            break;
        }
        let victim = victims[round % victims.len()];
        let delay = longest.mul_f64(random.f64() * 1.05);
        let late = tally.late;
        if let Err(problem) = strike(site, prepared, victim, delay, server, &mut tally).await {
            tally.failures.push(format!(
                "round {round} of seed {}: {victim:?} killed after {} of {} ms:\n    {problem}",
                settings().seed,
                delay.as_millis(),
                longest.as_millis()
            ));
        }
        tally.rounds = round + 1 - tally.late;
        longest = match tally.late > late {
            true => delay.max(prepared.duration / 4),
            false => longest.mul_f64(1.02).min(prepared.duration * 2),
        };
    }
    tally.report(&format!("{victims:?} killed at random"), started.elapsed());
}

async fn strike(
    site: &Site,
    prepared: &Prepared,
    victim: Victim,
    delay: Duration,
    server: Option<&Arc<Mutex<Server>>>,
    tally: &mut Tally,
) -> Result<(), String> {
    let database = prepared.database().await;
    let mut app = prepared.start(&database);
    app.ready().await;
    tokio::time::sleep(delay).await;
    if !app.is_running() {
        tally.late += 1;
    }
    let must_survive = match victim {
        Victim::Process => {
            app.kill();
            false
        }
        Victim::LockBackend => site.terminate(&database, LOCK).await < 2,
        Victim::WorkBackend => site.terminate(&database, WORK).await < 2,
        Victim::AllBackends => site.terminate(&database, "application_name LIKE 'migrate:%'").await < 3,
        Victim::Statement => {
            site.cancel(&database, WORK).await;
            false
        }
        Victim::Server => {
            let server = Arc::clone(server.expect("a server of its own"));
            tokio::task::spawn_blocking(move || {
                let mut server = server.lock().unwrap_or_else(PoisonError::into_inner);
                server.kill().expect("the server can be killed");
                server.restart().expect("the server starts again");
            })
            .await
            .expect("the server starts again");
            false
        }
    };
    let first = app.end().await;
    if first.success {
        tally.survived += 1;
    } else if must_survive && first.began {
        let problem = format!("the process did not survive it:\n      {}", first.output);
        prepared.drop(&database).await;
        return Err(problem);
    }
    let result = prepared.converges(&database, &first).await;
    prepared.drop(&database).await;
    result
}

impl Tally {
    fn report(&self, what: &str, elapsed: Duration) {
        println!(
            "{}: {what}: {} rounds, and {} too late, {} survived, {} failures, {:.1} s",
            self.name,
            self.rounds,
            self.late,
            self.survived,
            self.failures.len(),
            elapsed.as_secs_f64()
        );
        assert!(self.failures.is_empty(), "{}, {what}:\n  {}", self.name, self.failures.join("\n  "));
    }
}

fn killed(scenario: &Scenario) {
    crate::beside_another(async {
        let site = crate::shared_site().await;
        let prepared = scenario.prepare(&site).await;
        rounds(&site, &prepared, &[Victim::Process], settings().rounds(4, 200), None).await;
        let backends = [Victim::LockBackend, Victim::WorkBackend, Victim::AllBackends];
        rounds(&site, &prepared, &backends, settings().rounds(3, 200), None).await;
        rounds(&site, &prepared, &[Victim::Statement], settings().rounds(1, 50), None).await;
    });
}

#[test]
fn killed_while_100_migrations_are_applied() {
    killed(&scenario::hundred());
}

#[test]
fn killed_while_indexes_are_built() {
    killed(&scenario::indexes());
}

#[test]
fn killed_while_constraints_are_validated() {
    killed(&scenario::constraints());
}

#[test]
fn killed_while_a_backfill_runs() {
    killed(&scenario::backfill());
}

#[test]
fn killed_while_a_down_runs() {
    killed(&scenario::down());
}

#[test]
fn killed_while_a_migration_is_taken_back() {
    killed(&scenario::abandon());
}

fn server_killed(scenario: &Scenario) {
    crate::alone(async {
        let server = crate::mortal_server().await;
        let site = Site::new(server.lock().unwrap_or_else(PoisonError::into_inner).port());
        let prepared = scenario.prepare(&site).await;
        rounds(&site, &prepared, &[Victim::Server], settings().rounds(1, 200), Some(&server)).await;
    });
}

#[test]
fn the_server_is_killed_while_100_migrations_are_applied() {
    server_killed(&scenario::hundred());
}

#[test]
fn the_server_is_killed_while_indexes_are_built() {
    server_killed(&scenario::indexes());
}

#[test]
fn the_server_is_killed_while_constraints_are_validated() {
    server_killed(&scenario::constraints());
}

#[test]
fn the_server_is_killed_while_a_backfill_runs() {
    server_killed(&scenario::backfill());
}

#[test]
fn the_server_is_killed_while_a_down_runs() {
    server_killed(&scenario::down());
}

#[test]
fn the_server_is_killed_while_a_migration_is_taken_back() {
    server_killed(&scenario::abandon());
}
