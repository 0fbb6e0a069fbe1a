//! Faults on real servers and real processes: boots at the same time, kills at any moment, connections that break,
//! poolers. What was run and seen is in `docs/faults.md`.
#![expect(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests fail by panicking, and tell")]

mod app;
mod boot;
mod boundary;
mod connection;
mod crash;
mod pooler;
mod proxy;
mod scenario;
mod settings;
mod site;

use std::sync::{Mutex, PoisonError};

use site::Site;

/// One scenario at a time: what is measured is not disturbed by the others, and the output can be read.
fn serially(test: impl Future<Output = ()>) {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(test);
}

/// The server of this process.
async fn shared_site() -> Site {
    let server = tokio::task::spawn_blocking(tests::server).await.expect("a server");
    Site::new(server.port())
}
