//! Makes the tables of what PostgreSQL and its extensions bring, which `migrate-core` looks into: read from real
//! servers of each major version, merged, and written as the bytes of `migrate-core/src/system/catalog.bin`, with `settings.txt` and `relations.txt` beside it.

mod encode;
mod entry;
mod listed;
mod merge;
mod read;

pub use encode::{TooLarge, encode};
pub use entry::*;
pub use listed::{Lists, read_lists, relations_text, settings_text};
pub use merge::{All, merge};
pub use read::read;

/// Tells the user of the terminal.
pub fn say(message: &str) {
    use std::io::Write as _;
    // Where nobody listens there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "system-catalog: {message}");
}
