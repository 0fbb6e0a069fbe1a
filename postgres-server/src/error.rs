//! What can go wrong. Each message names the thing, the place, and the way out.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why there is no server.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The environment variable `POSTGRES_VERSION` is not a major version.
    #[error(
        "the environment variable POSTGRES_VERSION is `{value}`, which is not a major version of PostgreSQL\n\
         help: set it to a number such as 16, or unset it"
    )]
    BadVersion {
        /// What the variable holds.
        value: String,
    },

    /// No programs are installed, and none could be fetched.
    #[error(
        "no {wanted} was found, and none could be fetched\n{tried}\n\
         help: {advice}\n\
         help: or set DATABASE_URL to a server that runs already"
    )]
    NoPrograms {
        /// `PostgreSQL 16 server`, or without a number.
        wanted: String,
        /// What was tried with what outcome, one `note:` line each.
        tried: String,
        /// What to type on this system.
        advice: String,
    },

    /// This process is root, and there is no ordinary user for the server.
    #[error(
        "PostgreSQL refuses to run as root, and /etc/passwd has no user `postgres` or `nobody`\n\
         help: run this as an ordinary user, or create one with `useradd --system postgres`"
    )]
    NoAccount,

    /// A file or a directory could not be read or written.
    #[error("cannot {action} `{}`\nhelp: {advice}", path.display())]
    File {
        /// What was tried, as `create the directory`.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// What may be done about it.
        advice: &'static str,
        /// What the system said.
        source: io::Error,
    },

    /// A place in the temporary directory that is to be ours belongs to someone else.
    #[error(
        "`{}` belongs to another user\n\
         help: remove it, or set TMPDIR to a directory of your own", path.display()
    )]
    ForeignDirectory {
        /// The place.
        path: PathBuf,
    },

    /// The server's user may not enter the data directory.
    #[error(
        "the user `{user}`, as whom the server runs, cannot enter `{}`\n\
         help: choose a directory outside of private home directories, for example below /var/lib", directory.display()
    )]
    Unreachable {
        /// The data directory that was asked for.
        directory: PathBuf,
        /// The server's user.
        user: String,
    },

    /// A program could not be run, or ended with an error.
    #[error("`{program}` failed: {detail}\nhelp: {advice}")]
    Command {
        /// The program, with its full path where it has one.
        program: String,
        /// What it said.
        detail: String,
        /// What may be done about it.
        advice: &'static str,
    },

    /// The directory holds the data of another major version than the one asked for.
    #[error(
        "`{}` holds the data of PostgreSQL {found}, but PostgreSQL {wanted} was asked for\n\
         help: ask for {found}, or choose another directory for {wanted}", directory.display()
    )]
    DataVersion {
        /// The directory of the persistent server.
        directory: PathBuf,
        /// The major version of the data.
        found: u32,
        /// The major version asked for.
        wanted: u32,
    },

    /// The server did not start.
    #[error(
        "PostgreSQL {version} in `{}` did not start: {outcome}\n\
         note: the end of its log `{}`:\n{tail}\n\
         help: mend what the log names, or set DATABASE_URL to a server that runs already",
        directory.display(), log.display()
    )]
    Start {
        /// The full version.
        version: String,
        /// The directory of the server.
        directory: PathBuf,
        /// How the start ended.
        outcome: String,
        /// The server's log; that of a temporary server is gone once this error is seen.
        log: PathBuf,
        /// The log's last lines.
        tail: String,
    },

    /// This handle uses a server that another process started, and may not stop it.
    #[error(
        "the server in `{}` was started by another process (its process id is {pid}), so it cannot be stopped from here\n\
         help: end the program that started it, then start again", directory.display()
    )]
    NotOwner {
        /// The directory of the server.
        directory: PathBuf,
        /// The process id of the server.
        pid: u32,
    },
}

/// The text for people with its cause, since `unwrap` in a test and `main` print this form.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        self.source().map_or(Ok(()), |source| write!(f, "\nnote: the cause: {source}"))
    }
}

/// Attaches the place and the way out to what the system said.
pub(crate) trait IoContext<T> {
    fn at(self, action: &'static str, path: &Path, advice: &'static str) -> Result<T, Error>;
}

impl<T> IoContext<T> for io::Result<T> {
    fn at(self, action: &'static str, path: &Path, advice: &'static str) -> Result<T, Error> {
        self.map_err(|source| Error::File { action, path: path.to_owned(), advice, source })
    }
}
