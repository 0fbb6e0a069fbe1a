//! The layout of what is written.

use migrate_compiler::format;

use crate::failure::Failure;

/// A whole file as `fmt` lays it out; `what` it is, and what a report of a failure should come with.
pub(crate) fn laid_out(source: &str, what: &str, report_with: &str) -> Result<String, Failure> {
    format::file(source).map_err(|error| {
        Failure::new(format!("cannot lay out {what}: {}:{}: {}", error.line, error.column, error.fault))
            .help(format!("this is a bug in `cargo migrate`: please report it, with {report_with}"))
    })
}

/// The same of what was read from a database.
pub(crate) fn laid_out_as_read(source: &str) -> Result<String, Failure> {
    laid_out(source, "what was read", "the definition of the object at that place")
}
