//! The same migrations on many databases, or in many schemas of one: one for each tenant, each region, each shard.

mod run;
mod schemas;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use migrate_core::history::Target;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;

use crate::error::Error;
use crate::event::Event;
use crate::report::Report;

/// One of many databases, or a schema in one: see [`Migrator::schema`](crate::Migrator::schema).
#[derive(Clone, Debug)]
pub struct Database {
    name: String,
    options: PgConnectOptions,
    /// The schema of a tenant in it, and the connections through which all tenants in it are looked at.
    schema: Option<(String, PgPool)>,
}

/// How to go about many databases.
///
/// ```no_run
/// # static MIGRATIONS: migrate_runtime::Migrations =
/// #     migrate_runtime::Migrations::new(&[], migrate_runtime::Options { oldest_server: 14, source: None });
/// # async fn example(pool: sqlx::PgPool) -> Result<(), migrate_runtime::Error> {
/// use migrate_runtime::many::Many;
///
/// let migrator = MIGRATIONS.migrator();
/// let tenants = migrator.databases_like(&pool, "tenant\\_%").await?;
/// // Or, where all of them are schemas of one database:
/// let tenants = migrator.schemas_like(&pool, "tenant\\_%").await?;
/// let report = migrator.apply_to_all(tenants, Many::default().at_once(16)).await;
/// for (tenant, error) in report.failures() {
///     eprintln!("{tenant}: {error}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Many {
    pub(crate) target: Target,
    pub(crate) at_once: usize,
    pub(crate) stop_at_failure: bool,
    pub(crate) observer: Option<ManyObserver>,
}

/// Receives the events of many databases, with the name of the one they are of.
pub(crate) type ManyObserver = Arc<dyn Fn(&str, &Event) + Send + Sync>;

/// What became of many databases.
#[derive(Debug, Default)]
pub struct ManyReport {
    /// One for each, in the order in which they were given.
    pub databases: Vec<DatabaseReport>,
    /// The time of all of it.
    pub elapsed: Duration,
}

/// What became of one of many databases.
#[derive(Debug)]
pub struct DatabaseReport {
    /// Its name.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a database.
#[derive(Debug)]
pub enum Outcome {
    /// It is where it should be; the report is empty where it was before.
    Done(Report),
    /// It is not; [`Error::report`] tells what was done before.
    Failed(Box<Error>),
    /// It was not begun, since another one had failed.
    NotBegun,
}

impl Default for Many {
    /// Everything pending, four databases at once, all of them whatever becomes of one.
    fn default() -> Self {
        Many { target: Target::Head, at_once: 4, stop_at_failure: false, observer: None }
    }
}

impl Many {
    /// How far to apply.
    #[must_use]
    pub fn target(mut self, target: Target) -> Self {
        self.target = target;
        self
    }

    /// How many databases are worked on at the same time (4, at least 1). One that is up to date takes one connection
    /// and one round trip, one that is not takes four connections. Schemas of one database are looked at together first.
    #[must_use]
    pub fn at_once(mut self, databases: usize) -> Self {
        self.at_once = databases.max(1);
        self
    }

    /// Whether no further database is begun once one has failed (no). Those that were begun are finished.
    #[must_use]
    pub fn stop_at_failure(mut self, stop: bool) -> Self {
        self.stop_at_failure = stop;
        self
    }

    /// Whom to tell what happens, and in which database.
    #[must_use]
    pub fn on_event(mut self, observer: impl Fn(&str, &Event) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }
}

impl fmt::Debug for Many {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Many")
            .field("target", &self.target)
            .field("at_once", &self.at_once)
            .field("stop_at_failure", &self.stop_at_failure)
            .finish_non_exhaustive()
    }
}

impl ManyReport {
    /// The databases that are not where they should be, with the reason.
    pub fn failures(&self) -> impl Iterator<Item = (&str, &Error)> {
        self.databases.iter().filter_map(|database| match &database.outcome {
            Outcome::Failed(error) => Some((database.name.as_str(), error.as_ref())),
            _ => None,
        })
    }

    /// The databases that were changed, with what was done.
    pub fn changed(&self) -> impl Iterator<Item = (&str, &Report)> {
        self.databases.iter().filter_map(|database| match &database.outcome {
            Outcome::Done(report) if !report.is_empty() => Some((database.name.as_str(), report)),
            _ => None,
        })
    }

    /// Whether all are where they should be.
    pub fn is_complete(&self) -> bool {
        self.databases.iter().all(|database| matches!(database.outcome, Outcome::Done(_)))
    }
}
