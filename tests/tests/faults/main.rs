//! Faults on real servers and real processes: boots at the same time, kills at any moment and at every message,
//! connections that break or fall silent, servers that restart, settings, poolers. What was run and seen is in
//! `docs/faults.md`.
//!
//! ```text
//! cargo test -p tests --test faults -- --nocapture        the short form, some three minutes
//! FAULTS=long cargo test -p tests --test faults -- --nocapture              hours: 200 kills for each case
//! FAULT_ROUNDS=200 cargo test -p tests --test faults killed_while -- --nocapture       so many rounds of one
//! FAULT_SEED=4711 ...                                     the moments of an earlier run
//! POSTGRES_VERSION=16 ...                                 another server
//! TMPDIR=/dev/shm ...                                     servers in memory: those that are killed come back sooner
//! ```
//!
//! Every moment comes from the seed, which is printed. What a fault hits at a given moment depends on the machine;
//! faults at messages (`boundary`) hit the same message again.
//!
//! | module | what |
//! |---|---|
//! | `boot` | ten processes of one binary at once |
//! | `crash` | SIGKILL of the process, its backends, the server, statements cancelled, at random moments |
//! | `durable` | the server killed right after a run has told what it did |
//! | `boundary` | the process killed, or its connections cut, at each message, before it, in it, after it |
//! | `connection` | resets at random, pauses, connections that stay silent for ever |
//! | `frozen` | the process stands still, another takes over, it wakes up |
//! | `versions` | an older and a newer binary apply and revert at once |
//! | `restart` | the server is restarted, goes back to an earlier moment, is a standby |
//! | `surroundings` | what roles have set, and how many connections they may have |
//! | `pooler` | the same behind pgbouncer |
//!
//! After each fault the database is compared with that of an undisturbed run: the catalog as the server tells it, the
//! history with its chain, the journal (empty), INVALID indexes and constraints NOT VALID (none), and rows that show
//! what was done twice or not at all.

mod app;
mod boot;
mod boundary;
mod connection;
mod crash;
mod durable;
mod frozen;
mod pooler;
mod restart;
mod scenario;
mod settings;
mod site;
mod surroundings;
mod versions;

use std::sync::{Arc, Mutex, OnceLock};

use postgres_server::Server;
use site::Site;
use tokio::sync::Semaphore;

/// A scenario on the server of this process: two at a time, since most of a scenario is waiting.
fn beside_another(test: impl Future<Output = ()>) {
    static PLACES: Semaphore = Semaphore::const_new(2);
    run(&PLACES, test);
}

/// A scenario on a server that dies: one at a time.
fn alone(test: impl Future<Output = ()>) {
    static PLACES: Semaphore = Semaphore::const_new(1);
    run(&PLACES, test);
}

fn run(places: &Semaphore, test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let _place = places.acquire().await.expect("it is never closed");
        test.await;
    });
}

/// A server that may be killed, with fsync on: that of all tests which do so. A small one: it comes back sooner.
async fn mortal_server() -> Arc<Mutex<Server>> {
    static SERVER: OnceLock<Arc<Mutex<Server>>> = OnceLock::new();
    let start = || {
        let version = postgres_server::requested_version().expect("POSTGRES_VERSION is a major version");
        let server = Server::temporary().major(version).durable(true).setting("shared_buffers", "32MB");
        Arc::new(Mutex::new(server.start().expect("a PostgreSQL server")))
    };
    tokio::task::spawn_blocking(move || Arc::clone(SERVER.get_or_init(start))).await.expect("a server")
}

/// The server of this process.
async fn shared_site() -> Site {
    let server = tokio::task::spawn_blocking(tests::server).await.expect("a server");
    Site::new(server.port())
}
