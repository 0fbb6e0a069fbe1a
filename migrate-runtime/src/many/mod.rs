//! The same migrations on many databases, or in many schemas of one: one for each tenant, each region, each shard.

mod each;
mod schemas;
mod settled;
mod verbs;

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
#[derive(Clone)]
pub struct Database {
    name: String,
    options: PgConnectOptions,
    /// The schema of a tenant in it, and the connections through which all tenants in it are looked at.
    schema: Option<(String, PgPool)>,
}

/// Settings for many databases: the same for [`Migrator::apply_to_all`](crate::Migrator::apply_to_all),
/// [`revert_all_to`](crate::Migrator::revert_all_to), [`abandon_all`](crate::Migrator::abandon_all),
/// [`status_of_all`](crate::Migrator::status_of_all) and [`verify_all`](crate::Migrator::verify_all).
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

/// The outcome for many databases: for each a [`Report`] if they were changed, a [`Status`](crate::Status) or a
/// [`Verification`](crate::Verification) if they were examined.
#[derive(Debug, Default)]
pub struct ManyReport<T = Report> {
    /// One for each, in the given order.
    pub databases: Vec<DatabaseReport<T>>,
    /// The total time.
    pub elapsed: Duration,
}

/// The outcome for one of many databases.
#[derive(Debug)]
pub struct DatabaseReport<T = Report> {
    /// Its name.
    pub name: String,
    /// Its outcome.
    pub outcome: Outcome<T>,
}

/// The outcome for a database.
#[derive(Debug)]
pub enum Outcome<T = Report> {
    /// It is as it should be, and the report is empty if it already was; or it was examined.
    Done(T),
    /// It failed; [`Error::report`] has what was done before.
    Failed(Box<Error>),
    /// It was not started, because another one had failed.
    NotBegun,
}

impl Default for Many {
    /// Everything pending, four databases at once, all of them whatever becomes of one.
    fn default() -> Self {
        Many { target: Target::Head, at_once: 4, stop_at_failure: false, observer: None }
    }
}

impl Many {
    /// How far [`Migrator::apply_to_all`](crate::Migrator::apply_to_all) applies.
    #[must_use]
    pub fn target(mut self, target: Target) -> Self {
        self.target = target;
        self
    }

    /// How many databases to process at the same time (4, at least 1). One that is up to date takes one connection and
    /// one round trip, any other takes three connections, and up to two more during long statements. Schemas of one
    /// database are first checked together; their status is read through the connections of the pool, as many at the
    /// same time as it allows.
    #[must_use]
    pub fn at_once(mut self, databases: usize) -> Self {
        self.at_once = databases.max(1);
        self
    }

    /// Whether to start no more databases once one has failed (no). Those that were started are finished.
    #[must_use]
    pub fn stop_at_failure(mut self, stop: bool) -> Self {
        self.stop_at_failure = stop;
        self
    }

    /// Receives events, with the name of the database.
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

impl<T> ManyReport<T> {
    /// The databases that were changed or examined, with the result.
    pub fn done(&self) -> impl Iterator<Item = (&str, &T)> {
        self.databases.iter().filter_map(|database| match &database.outcome {
            Outcome::Done(done) => Some((database.name.as_str(), done)),
            _ => None,
        })
    }

    /// The databases that failed, with the reason.
    pub fn failures(&self) -> impl Iterator<Item = (&str, &Error)> {
        self.databases.iter().filter_map(|database| match &database.outcome {
            Outcome::Failed(error) => Some((database.name.as_str(), error.as_ref())),
            _ => None,
        })
    }

    /// Whether none failed or was left out.
    pub fn is_complete(&self) -> bool {
        self.databases.iter().all(|database| matches!(database.outcome, Outcome::Done(_)))
    }
}

impl ManyReport {
    /// The databases that were changed, with what was done.
    pub fn changed(&self) -> impl Iterator<Item = (&str, &Report)> {
        self.done().filter(|(_, report)| !report.is_empty())
    }
}
