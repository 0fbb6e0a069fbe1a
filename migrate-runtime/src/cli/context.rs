//! What every command needs: the migrator, the database, the output.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgPool};

use super::arguments::GlobalOptions;
use super::exit::Exit;
use super::output::Output;
use super::problem::Problem;
use super::progress::Progress;
use crate::connection::{CONNECT_TIMEOUT, connect_once};
use crate::database_url;
use crate::error::Error;
use crate::migrator::Migrator;

/// How many connections a pool has at most; a run has others.
pub(super) const CONNECTIONS: usize = 2;

/// How a command ends.
pub(super) type Outcome = Result<Exit, Failed>;

/// Why a command failed.
#[derive(Debug)]
pub(super) enum Failed {
    /// The migrator says so.
    Runtime(Error),
    /// Nobody said which database.
    NoDatabase,
    /// No connection.
    Unreachable { server: Server, source: sqlx::Error },
    /// An argument does not fit the migrations.
    Wrong { headline: String, help: String },
    /// Ctrl-C, SIGTERM.
    Interrupted { command: &'static str },
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Failed::Runtime(error)
    }
}

/// A database for people: everything of its URL but the password.
#[derive(Clone, Debug, Default)]
pub(super) struct Server {
    pub(super) address: String,
    pub(super) user: String,
    pub(super) database: String,
}

impl Server {
    fn of(options: &PgConnectOptions) -> Self {
        let address = match options.get_socket() {
            Some(directory) => directory.display().to_string(),
            None => format!("{}:{}", options.get_host(), options.get_port()),
        };
        let user = options.get_username().to_string();
        let database = options.get_database().unwrap_or(&user).to_string();
        Server { address, user, database }
    }
}

/// What every command needs.
pub(super) struct Context {
    pub(super) output: Output,
    pub(super) options: GlobalOptions,
    pub(super) migrator: Migrator,
    database_url: Option<String>,
    pub(super) server: Server,
}

impl Context {
    pub(super) fn new(
        output: Output,
        options: GlobalOptions,
        mut migrator: Migrator,
        database_url: Option<String>,
    ) -> Self {
        if let Some(limit) = options.lock_wait {
            migrator = migrator.lock_wait(limit);
        }
        if let Some(schema) = &options.schema {
            migrator = migrator.schema(schema);
        }
        if options.share_history {
            migrator = migrator.share_history(true);
        }
        // A person looks on, and wants to know what differs by its meaning.
        let migrator = migrator.examining();
        Context { output, options, migrator, database_url, server: Server::default() }
    }

    /// The migrator, showing its progress until the answer is dropped.
    pub(super) fn with_progress(&self) -> (Migrator, Progress) {
        let progress = Progress::new(self.output.clone(), self.options.quiet);
        (self.migrator.clone().on_event(progress.observer()), progress)
    }

    /// Connects: to the flag's database, else to the application's, else to the environment's.
    pub(super) async fn connect(&mut self) -> Result<PgPool, Failed> {
        self.connect_many(CONNECTIONS).await
    }

    /// Connects, so often if need be.
    pub(super) async fn connect_many(&mut self, connections: usize) -> Result<PgPool, Failed> {
        let from_environment = || std::env::var("DATABASE_URL").ok();
        let url = [self.options.database_url.clone(), self.database_url.clone()]
            .into_iter()
            .flatten()
            .next()
            .or_else(from_environment)
            .filter(|url| !url.trim().is_empty())
            .ok_or(Failed::NoDatabase)?;
        let mut options = database_url::read(&url)?.disable_statement_logging();
        if options.get_application_name().is_none() {
            options = options.application_name(&program_name());
        }
        self.server = Server::of(&options);
        // A pool would go on trying for half a minute where nobody listens; and it tells less.
        let connection = connect_once(&options)
            .await
            .map_err(|source| Failed::Unreachable { server: self.server.clone(), source })?;
        let _ = connection.close().await;
        let connections = u32::try_from(connections.max(1)).unwrap_or(u32::MAX);
        let pool = PgPoolOptions::new().max_connections(connections).acquire_timeout(CONNECT_TIMEOUT);
        Ok(pool.connect_lazy_with(options))
    }

    /// Shows why the command failed.
    pub(super) fn report(&mut self, problem: &Problem) {
        if self.options.json {
            self.output.json(&problem.json());
        }
        self.output.note(&problem.render());
    }
}

/// Runs something that changes the database, until it is done or the user has enough.
pub(super) async fn interruptible<T>(
    command: &'static str,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Failed> {
    tokio::select! {
        result = work => result.map_err(Failed::Runtime),
        () = interrupted() => Err(Failed::Interrupted { command }),
    }
}

/// Waits for Ctrl-C, or for what ends a service: SIGTERM.
pub(super) async fn interrupted() {
    tokio::select! {
        Ok(()) = tokio::signal::ctrl_c() => {}
        () = terminated() => {}
        else => std::future::pending().await,
    }
}

#[cfg(unix)]
async fn terminated() {
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}

fn program_name() -> String {
    let path = std::env::current_exe().unwrap_or_default();
    path.file_stem().map_or_else(|| "command line".to_string(), |name| name.to_string_lossy().into_owned())
}
