//! Blocking calls, for programs without an async runtime, such as those that use diesel.
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
/// Those of [`Migrations::apply`], and if no runtime can be started: see [`wait`].
pub fn apply<'a>(migrations: &Migrations, database: impl Into<ConnectTo<'a>>) -> Result<Report, Error> {
    wait(migrations.apply(database))
}

/// Waits for the result of any method of [`Migrator`](crate::Migrator), on this thread, in a temporary tokio runtime.
/// Pass a URL or connection options to the method: a pool belongs to the runtime in which it was created.
///
/// # Errors
/// Those of the method; also if this thread is already in an async runtime, or the system has no resources for one.
pub fn wait<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    if tokio::runtime::Handle::try_current().is_ok() {
        return Err(Error::NoRuntime {
            problem: "this thread is already in an async runtime\nhelp: call the async method, and await \
                      it"
            .to_string(),
        });
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Error::NoRuntime { problem: error.to_string() })?;
    runtime.block_on(work)
}
