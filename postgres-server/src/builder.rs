//! What is asked of a server before it starts.

use std::path::PathBuf;

use crate::account::Account;
use crate::binaries::{self, Wanted};
use crate::error::IoContext as _;
use crate::home::Home;
use crate::once::lock;
use crate::postmaster::Stop;
use crate::server::{Launch, Server};
use crate::{Error, cluster, files};

/// Collects what is wanted of a server; made by [`Server::temporary`] and [`Server::persistent`].
#[derive(Debug, Clone)]
#[must_use = "nothing runs until `start` is called"]
pub struct Builder {
    /// `None`: a temporary one.
    directory: Option<PathBuf>,
    wanted: Wanted,
    durable: bool,
    settings: Vec<(String, String)>,
}

impl Builder {
    pub(crate) fn new(directory: Option<PathBuf>) -> Self {
        let durable = directory.is_some();
        let wanted = Wanted { major: None, ignore_installed: false };
        Self { directory, wanted, durable, settings: Vec::new() }
    }

    /// Takes only a server of this major version, as `16`; `None` takes whichever is at hand, which is also
    /// what happens without this call. See [`requested_version`](crate::requested_version).
    pub fn major(mut self, major: impl Into<Option<u32>>) -> Self {
        self.wanted.major = major.into();
        self
    }

    /// Whether the data survives a crash of the machine: `fsync`, `synchronous_commit` and
    /// `full_page_writes`. On for persistent servers, off for temporary ones.
    pub fn durable(mut self, durable: bool) -> Self {
        self.durable = durable;
        self
    }

    /// Sets a configuration parameter, as `("max_connections", "50")`. Later calls win, also over what this
    /// crate sets itself.
    pub fn setting(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }

    /// Uses only programs that were or will be fetched with npm, whatever is installed.
    pub fn ignore_installed(mut self) -> Self {
        self.wanted.ignore_installed = true;
        self
    }

    /// Starts the server and waits until it accepts connections. Where a persistent server already runs in
    /// the directory, uses that one, with the settings it has.
    ///
    /// # Errors
    /// No programs were found or fetched; the directory cannot be used; the server does not start, in which
    /// case the error holds the end of its log.
    pub fn start(self) -> Result<Server, Error> {
        let account = Account::of_server()?;
        match &self.directory {
            None => {
                let binaries = binaries::obtain(self.wanted, &account)?;
                let home = Home::temporary(&account)?;
                cluster::copy_fresh(&binaries, &home.data(), &account)?;
                Server::launch(Launch { binaries, account, stop: Stop::Immediate, settings: self.all_settings(), home })
            }
            Some(directory) => {
                const ADVICE: &str = "choose a directory that this user can write to";
                let directory = std::path::absolute(directory).at("find the place of", directory, ADVICE)?;
                self.start_persistent(directory, account)
            }
        }
    }

    fn start_persistent(self, directory: PathBuf, account: Account) -> Result<Server, Error> {
        if !account.reaches(&directory.join("data")) {
            return Err(Error::Unreachable { directory, user: account.name().to_owned() });
        }
        files::create_all(&directory)?;
        // Two processes at once: the second waits, then finds the server of the first.
        let _starting = lock(&directory.join("start.lock"))?;
        let home = Home::persistent(directory)?;
        let found = cluster::major_of(&home.data())?;
        if let (Some(found), Some(wanted)) = (found, self.wanted.major)
            && found != wanted
        {
            return Err(Error::DataVersion { directory: home.path().to_owned(), found, wanted });
        }
        let home = match found {
            Some(major) => match Server::attach(home, major) {
                Ok(server) => return Ok(server),
                Err(home) => home,
            },
            None => home,
        };
        let wanted = Wanted { major: self.wanted.major.or(found), ..self.wanted };
        let binaries = binaries::obtain(wanted, &account)?;
        cluster::create_durable(&binaries, &home.data(), &account)?;
        Server::launch(Launch { binaries, account, stop: Stop::Fast, settings: self.all_settings(), home })
    }

    fn all_settings(&self) -> Vec<(String, String)> {
        let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let switch = if self.durable { "on" } else { "off" };
        let mut settings: Vec<_> =
            ["fsync", "synchronous_commit", "full_page_writes"].map(|name| own(name, switch)).into();
        settings.extend([
            own("max_connections", "200"),
            own("listen_addresses", "127.0.0.1"),
            own("unix_socket_directories", ""),
            own("logging_collector", "off"),
            own("log_destination", "stderr"),
        ]);
        if self.directory.is_none() {
            // In files of the directory, which go with it also after a crash.
            settings.push(own("dynamic_shared_memory_type", "mmap"));
        }
        settings.extend(self.settings.iter().cloned());
        settings
    }
}
