//! The verbs for programs without an async runtime, such as those on diesel.
//!
//! ```no_run
//! # static MIGRATIONS: migrate_runtime::Migrations =
//! #     migrate_runtime::Migrations::new(&[], migrate_runtime::Options { oldest_server: 14, source: None });
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let url = std::env::var("DATABASE_URL")?;
//! let report = migrate_runtime::blocking::apply(&MIGRATIONS, &url)?;
//! println!("applied {} migrations", report.applied.len());
//!
//! let migrator = MIGRATIONS.migrator().history_schema("travel_history");
//! let status = migrate_runtime::blocking::wait(migrator.status(&url))?;
//! # Ok(())
//! # }
//! ```

use std::future::Future;

use crate::connect_to::ConnectTo;
use crate::error::Error;
use crate::migrations::Migrations;
use crate::report::Report;

/// [`Migrations::apply`], on this thread.
///
/// # Errors
/// As [`Migrations::apply`], and where no runtime can be started: see [`wait`].
pub fn apply<'a>(migrations: &Migrations, database: impl Into<ConnectTo<'a>>) -> Result<Report, Error> {
    wait(migrations.apply(database))
}

/// Waits for what any verb answers, on this thread: it starts a runtime of tokio for that time. Give the verb a URL or
/// options to connect with: a pool belongs to the runtime that it was made in.
///
/// # Errors
/// Those of the verb; and where this thread is in an async runtime already, or the system gives no resources for one.
pub fn wait<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    if tokio::runtime::Handle::try_current().is_ok() {
        return Err(Error::NoRuntime {
            problem: "this thread is in an async runtime already\nhelp: await the verb itself".to_string(),
        });
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Error::NoRuntime { problem: error.to_string() })?;
    runtime.block_on(work)
}
