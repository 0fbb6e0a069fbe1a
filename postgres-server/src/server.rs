//! A running server, and its end.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::Error;
use crate::account::Account;
use crate::binaries::Binaries;
use crate::builder::Builder;
use crate::error::IoContext as _;
use crate::home::Home;
use crate::postmaster::{Postmaster, Stop};
use crate::running::{PidFile, Status, answers};

const ADVICE: &str = "check its permissions and the free space";

/// A PostgreSQL server for this process.
///
/// Dropping it stops the server, and removes its directory where that is temporary. The same happens when
/// this process ends without dropping it, even by SIGKILL. A server that another process started (see
/// [`Server::persistent`]) is left alone.
#[derive(Debug)]
pub struct Server {
    state: State,
    port: u16,
    major: u32,
    // After the state: the directory goes when nothing runs in it any more.
    home: Home,
}

#[derive(Debug)]
enum State {
    /// Ours, with what is needed to start it again.
    Own { postmaster: Option<Postmaster>, recipe: Recipe },
    /// Started by another process.
    Elsewhere { pid: u32 },
}

impl State {
    fn own(&mut self, home: &Home) -> Result<(&mut Option<Postmaster>, &Recipe), Error> {
        match self {
            Self::Own { postmaster, recipe } => Ok((postmaster, recipe)),
            Self::Elsewhere { pid } => Err(Error::NotOwner { directory: home.path().to_owned(), pid: *pid }),
        }
    }
}

#[derive(Debug)]
struct Recipe {
    binaries: Binaries,
    account: Account,
    settings: Vec<(String, String)>,
    stop: Stop,
}

/// All that a start needs.
pub(crate) struct Launch {
    pub(crate) binaries: Binaries,
    pub(crate) account: Account,
    pub(crate) settings: Vec<(String, String)>,
    pub(crate) stop: Stop,
    pub(crate) home: Home,
}

impl Server {
    /// A server for tests, in a fresh directory that is removed with it. It trades the safety of its data
    /// for speed, unless [`Builder::durable`] says otherwise.
    pub fn temporary() -> Builder {
        Builder::new(None)
    }

    /// A server whose data stays in `directory` from run to run; the directory is created if need be. See
    /// [`default_data_directory`](crate::default_data_directory).
    ///
    /// Where another process has started the server of this directory, [`Builder::start`] uses that one.
    /// It ends with the process that started it.
    pub fn persistent(directory: impl Into<PathBuf>) -> Builder {
        Builder::new(Some(directory.into()))
    }

    /// A URL for sqlx and libpq, as `postgres://postgres@127.0.0.1:40123/app?sslmode=disable`. The database
    /// `postgres` always exists.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{}?sslmode=disable", self.port, percent_encoded(database))
    }

    /// The major version, as `16`.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.major
    }

    /// The TCP port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The directory with the data (in `data`) and the log (`server.log`).
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.home.path()
    }

    /// Ends the server and all its processes with SIGKILL: a crash. The data and the port are kept for
    /// [`Server::restart`]. Does nothing when it does not run.
    ///
    /// # Errors
    /// Another process started the server.
    pub fn kill(&mut self) -> Result<(), Error> {
        if let Some(postmaster) = self.state.own(&self.home)?.0.take() {
            postmaster.kill();
        }
        Ok(())
    }

    /// Stops the server if it runs, and starts it on the same data and the same port.
    ///
    /// # Errors
    /// Another process started the server, or it does not start, for example because its port is taken.
    pub fn restart(&mut self) -> Result<(), Error> {
        let (postmaster, recipe) = self.state.own(&self.home)?;
        if let Some(running) = postmaster.take() {
            running.stop();
        }
        let path = self.home.log();
        let log = File::options().append(true).open(&path).at("open the log", &path, ADVICE)?;
        *postmaster = Some(recipe.start(&self.home, self.port, log)?);
        Ok(())
    }

    pub(crate) fn launch(launch: Launch) -> Result<Self, Error> {
        let Launch { binaries, account, settings, stop, home } = launch;
        let major = binaries.major;
        let recipe = Recipe { binaries, account, settings, stop };
        let mut attempts = 0;
        loop {
            attempts += 1;
            let port = free_port()?;
            let path = home.log();
            let log = File::create(&path).at("create the log", &path, ADVICE)?;
            match recipe.start(&home, port, log) {
                Ok(postmaster) => {
                    return Ok(Self { state: State::Own { postmaster: Some(postmaster), recipe }, port, major, home });
                }
                // Someone took the port between the look and the start.
                Err(Error::Start { tail, .. }) if tail.contains("Address already in use") && attempts < 5 => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The server that runs in `home` already; gives `home` back where none does.
    pub(crate) fn attach(home: Home, major: u32) -> Result<Self, Home> {
        // One that is about to stop must be gone before the next can start.
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(60) {
            let Some(found) = PidFile::read(&home.data()).filter(PidFile::is_alive) else {
                break;
            };
            if found.status == Status::Ready {
                // After a crash the number in the file may belong to some other process.
                if !answers(found.port) {
                    break;
                }
                // Without an owner it is being stopped, or it was started by hand.
                if home.is_owned_elsewhere() || begin.elapsed() > Duration::from_secs(3) {
                    return Ok(Self { state: State::Elsewhere { pid: found.pid }, port: found.port, major, home });
                }
            }
            sleep(Duration::from_millis(50));
        }
        Err(home)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let State::Own { postmaster, .. } = &mut self.state
            && let Some(running) = postmaster.take()
        {
            running.stop();
        }
    }
}

impl Recipe {
    fn start(&self, home: &Home, port: u16, log: File) -> Result<Postmaster, Error> {
        let program = self.binaries.directory.join("postgres");
        let mut arguments = vec!["-D".to_owned(), home.data().display().to_string(), "-p".to_owned(), port.to_string()];
        for (name, value) in &self.settings {
            arguments.extend(["-c".to_owned(), format!("{name}={value}")]);
        }
        let failed = |outcome: String| {
            let log = home.log();
            let tail = last_lines(&fs::read(&log).unwrap_or_default());
            Error::Start {
                version: self.binaries.version.clone(),
                directory: home.path().to_owned(),
                outcome,
                log,
                tail,
            }
        };
        let mut postmaster = Postmaster::spawn(&program, &arguments, log, home.scratch(), self.stop, &self.account)
            .map_err(|error| failed(error.to_string()))?;
        match postmaster.wait_until_ready(&home.data()) {
            Ok(()) => Ok(postmaster),
            Err(outcome) => {
                postmaster.stop();
                Err(failed(outcome))
            }
        }
    }
}

fn free_port() -> Result<u16, Error> {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    Ok(bound.at("find a free port on", Path::new("127.0.0.1"), "check that the loopback interface is up")?.port())
}

fn last_lines(log: &[u8]) -> String {
    let text = String::from_utf8_lossy(log);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::{last_lines, percent_encoded};

    #[test]
    fn database_names_are_encoded_for_the_url() {
        assert_eq!(percent_encoded("app_test-1"), "app_test-1");
        assert_eq!(percent_encoded("a/b ü?"), "a%2Fb%20%C3%BC%3F");
    }

    #[test]
    fn of_a_long_log_the_end_is_shown() {
        let log: String = (0..100).map(|line| format!("{line}\n")).collect();
        assert!(last_lines(log.as_bytes()).starts_with("85\n") && last_lines(b"").is_empty());
    }
}
