//! Waiting for what a database answers.

use std::future::Future;
use std::io::Write as _;

use crate::failure::Failure;

/// Runs to the end what waits for a database.
pub(crate) fn block_on<Work: Future>(work: Work) -> Result<Work::Output, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(format!("cannot start: {error}")))?;
    Ok(runtime.block_on(work))
}

/// Tells whoever waits what is done now; a program that reads JSON does not want to know.
pub(crate) fn tell(is_told: bool, step: &str) {
    if is_told {
        // Where nobody reads there is nobody to tell.
        let _ = std::io::stderr().write_all(format!("{step} ...\n").as_bytes());
    }
}
