//! Waiting for what a database answers.

use std::future::Future;

use crate::failure::Failure;

/// Runs to the end what waits for a database.
pub(crate) fn block_on<Work: Future>(work: Work) -> Result<Work::Output, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(format!("cannot start: {error}")))?;
    Ok(runtime.block_on(work))
}
