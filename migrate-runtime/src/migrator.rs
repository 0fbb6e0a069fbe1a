//! The operations, and their settings.

use std::time::Duration;

use migrate_core::diff::Ignore;
use migrate_core::history::{RevertTarget, Target};
use migrate_core::name::DEFAULT_SCHEMA;
use migrate_core::outline::Outline;
use migrate_core::plan::{Checksum, Limits};
use sqlx::PgConnection;
use tracing::Instrument as _;

use crate::connect_to::ConnectTo;
use crate::error::Error;
use crate::event::Event;
use crate::from_empty::FromEmpty;
use crate::migrations::{Embedded, Options};
use crate::report::{RepairPlan, Report};
use crate::run::{self, Examine, Examiner};
use crate::running::Running;
use crate::settings::Settings;
use crate::spans;
use crate::status::{HistoryRow, Plan, Status};

/// Applies, reverts and inspects migrations, with your own settings.
///
/// ```no_run
/// # static MIGRATIONS: migrate_runtime::Migrations =
/// #     migrate_runtime::Migrations::new(&[], migrate_runtime::Options { oldest_server: 14, source: None });
/// # async fn example(pool: sqlx::PgPool) -> Result<(), migrate_runtime::Error> {
/// let report = MIGRATIONS
///     .migrator()
///     .lock_wait(std::time::Duration::from_secs(300))
///     .on_event(|event| println!("{event:?}"))
///     .apply(&pool)
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Migrator {
    pub(crate) embedded: &'static [&'static Embedded],
    pub(crate) options: Options,
    pub(crate) chain: Checksum,
    pub(crate) settings: Settings,
    /// What it may ask about catalogs: nothing, where it only applies.
    pub(crate) examiner: Option<&'static dyn Examine>,
    /// What the whole history comes to, as JSON.
    pub(crate) outline: Option<&'static str>,
}

/// Settings.
impl Migrator {
    pub(crate) fn new(embedded: &'static [&'static Embedded], options: Options, chain: Checksum) -> Self {
        Migrator { embedded, options, chain, settings: Settings::default(), examiner: None, outline: None }
    }

    /// What the whole history comes to, where that was worked out.
    pub(crate) fn outline(&self) -> Option<Outline> {
        serde_json::from_str(self.outline?).ok()
    }

    /// The same, able to ask about catalogs.
    pub(crate) fn examining(self) -> Self {
        Migrator { examiner: Some(&Examiner), ..self }
    }

    /// The schema of the history tables; `migrate` by default. Applications that share a database use one each.
    #[must_use]
    pub fn history_schema(mut self, schema: impl Into<String>) -> Self {
        self.settings.schema = schema.into();
        self
    }

    /// The schema of a tenant: the migrations run there, as if it were `public`, and the history is there, in the
    /// tables `migrate_history`, `migrate_head`, `migrate_journal` and `migrate_format`. The default is `public`
    /// itself.
    ///
    /// Extensions belong to the database: the first tenant that needs one creates it, and none drops it. Raw SQL and
    /// Rust functions run with a `search_path` in which this schema comes first. Raw SQL that names `public` is refused
    /// before anything is done, and so is what tenants would share: objects in other schemas, roles, and whatever else
    /// exists once per database.
    ///
    /// ```no_run
    /// # static MIGRATIONS: migrate_runtime::Migrations =
    /// #     migrate_runtime::Migrations::new(&[], migrate_runtime::Options { oldest_server: 14, source: None });
    /// # async fn example(pool: sqlx::PgPool) -> Result<(), migrate_runtime::Error> {
    /// MIGRATIONS.migrator().schema("tenant_acme").create_schema(true).apply(&pool).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.settings.tenant = Some(schema.into()).filter(|schema| schema != DEFAULT_SCHEMA);
        self
    }

    /// Whether [`Migrator::apply`] creates the schema of [`Migrator::schema`] if it does not exist (no).
    #[must_use]
    pub fn create_schema(mut self, create: bool) -> Self {
        self.settings.create_schema = create;
        self
    }

    /// What the history records as the application: by default, the package that contains `migrations!`. The history of
    /// another application is refused, see [`Migrator::share_history`].
    #[must_use]
    pub fn application(mut self, name: impl Into<String>) -> Self {
        self.settings.application = Some(name.into());
        self
    }

    /// Whether the history may belong to an application with another name (no). This is for a renamed application: two
    /// applications in one history would take each other's migrations for missing ones, and revert them. Use
    /// [`Migrator::history_schema`] to give them separate histories.
    #[must_use]
    pub fn share_history(mut self, share: bool) -> Self {
        self.settings.shares_history = share;
        self
    }

    /// The `search_path` of raw SQL and of Rust functions; `public` by default. The SQL that the compiler writes runs
    /// with only `pg_catalog`, and qualifies everything else.
    ///
    /// Anyone who may create objects in a schema of the path can have their functions called instead of those that raw
    /// SQL means, with the privileges of the role that migrates: qualify names there, or let nobody else create objects
    /// in these schemas.
    #[must_use]
    pub fn search_path(mut self, path: impl Into<String>) -> Self {
        self.settings.search_path = path.into();
        self
    }

    /// How long to wait for another process that is migrating; by default, without a limit.
    #[must_use]
    pub fn lock_wait(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.settings.lock_wait = limit.into();
        self
    }

    /// How long a transaction may queue for a strong lock on a table (50 ms): the longest that traffic on the table has
    /// to wait. Zero means no limit.
    #[must_use]
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.settings.lock_timeout = timeout;
        self
    }

    /// How long to retry a transaction that does not get its locks (10 minutes).
    #[must_use]
    pub fn retry_budget(mut self, budget: Duration) -> Self {
        self.settings.retry_budget = budget;
        self
    }

    /// How long a statement of constant time may run under a strong lock (5 s). Zero means no limit.
    #[must_use]
    pub fn statement_timeout(mut self, timeout: Duration) -> Self {
        self.settings.statement_timeout = timeout;
        self
    }

    /// Whether to check for transactions that hold a table, and to wait until they end, before requesting a strong lock
    /// on it (yes).
    #[must_use]
    pub fn peek(mut self, peek: bool) -> Self {
        self.settings.peek = peek;
        self
    }

    /// How old a transaction must be to be waited for in that way (30 ms).
    #[must_use]
    pub fn peek_age(mut self, age: Duration) -> Self {
        self.settings.peek_age = age;
        self
    }

    /// How long one transaction of a backfill should take (50 ms); the number of rows is adapted to that.
    #[must_use]
    pub fn batch_time(mut self, time: Duration) -> Self {
        self.settings.batch_time = time;
        self
    }

    /// How far standbys may lag before a backfill waits for them (10 s), according to `pg_stat_replication`, which the
    /// role must be allowed to read (`pg_monitor`).
    #[must_use]
    pub fn replica_lag(mut self, lag: Duration) -> Self {
        self.settings.replica_lag = lag;
        self
    }

    /// Runs one migration with its own limits, in both directions. They take precedence over those of the run and those
    /// of single statements in its source.
    ///
    /// ```
    /// # use std::time::Duration;
    /// use migrate_runtime::Limits;
    ///
    /// let at_night = Limits { retry_budget: Some(Duration::from_secs(4 * 3600)), ..Limits::default() };
    /// # let _ = at_night;
    /// ```
    #[must_use]
    pub fn for_migration(mut self, version: i64, limits: Limits) -> Self {
        self.settings.limits.insert(version, limits);
        self
    }

    /// What comparisons with the database ignore ([`Migrator::verify`], [`Migrator::baseline`], [`Migrator::abandon`]),
    /// in addition to earlier calls: a kind and a name with `*` and `?`.
    ///
    /// ```no_run
    /// # static MIGRATIONS: migrate_runtime::Migrations =
    /// #     migrate_runtime::Migrations::new(&[], migrate_runtime::Options { oldest_server: 14, source: None });
    /// # async fn example(pool: sqlx::PgPool) -> Result<(), Box<dyn std::error::Error>> {
    /// let migrator = MIGRATIONS.migrator().ignore("table public.pgboss_*".parse()?).ignore("index dba_*".parse()?);
    /// assert!(migrator.verify(&pool).await?.is_clean());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn ignore(mut self, pattern: Ignore) -> Self {
        self.settings.ignore.push(pattern);
        self
    }

    /// How an empty database is brought up to date: by the short way (`FromEmpty::Fold`), or by its whole history.
    #[must_use]
    pub fn from_empty(mut self, way: FromEmpty) -> Self {
        self.settings.from_empty = way;
        self
    }

    /// Receives events. It is called between statements: it should be quick, and must not block.
    #[must_use]
    pub fn on_event(mut self, observer: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.settings.observer = Some(std::sync::Arc::new(observer));
        self
    }
}

/// Verbs.
impl Migrator {
    /// Applies everything that is pending.
    ///
    /// # Errors
    /// A statement fails, the history does not match, or the database cannot be reached. See [`Error`].
    pub fn apply<'a>(&'a self, database: impl Into<ConnectTo<'a>>) -> Running<'a, Result<Report, Error>> {
        self.apply_to(database, Target::Head)
    }

    /// Applies what is pending up to a target. Never reverts.
    ///
    /// # Errors
    /// Those of [`Migrator::apply`], and if no migration has the target's version.
    pub fn apply_to<'a>(
        &'a self,
        database: impl Into<ConnectTo<'a>>,
        target: Target,
    ) -> Running<'a, Result<Report, Error>> {
        database.into().run(move |pool| {
            Box::pin(async move { run::apply(self, &pool, target).instrument(spans::run("apply")).await })
        })
    }

    /// Reverts the last `count` migrations, the last one first.
    ///
    /// # Errors
    /// One of them cannot be reverted (then none is), a statement fails, or the database cannot be reached.
    pub fn revert<'a>(
        &'a self,
        database: impl Into<ConnectTo<'a>>,
        count: usize,
    ) -> Running<'a, Result<Report, Error>> {
        database.into().run(move |pool| {
            Box::pin(async move {
                run::revert(self, &pool, RevertTarget::Steps(count)).instrument(spans::run("revert")).await
            })
        })
    }

    /// Reverts every migration after `version`, the last one first; 0 reverts all.
    ///
    /// # Errors
    /// Those of [`Migrator::revert`], and if `version` is not applied.
    pub fn revert_to<'a>(
        &'a self,
        database: impl Into<ConnectTo<'a>>,
        version: i64,
    ) -> Running<'a, Result<Report, Error>> {
        database.into().run(move |pool| {
            Box::pin(async move {
                run::revert(self, &pool, RevertTarget::Version(version)).instrument(spans::run("revert")).await
            })
        })
    }

    /// Undoes a migration that was started and cannot be finished, for the case that the migration itself is wrong. If
    /// only the data is the problem, correct it and apply again instead.
    ///
    /// What its finished parts did is undone with the migration's own down, as far as they went; then the live catalog
    /// must match the one before it, for everything that the migration touches. If this is killed at any moment, the
    /// next start of any kind continues it. It uses the migration as it was started, even if this binary has another
    /// one of that version, or none. Does nothing if nothing is half applied; what is half reverted is finished.
    ///
    /// # Errors
    /// A statement fails, or something differs from the catalog before the migration ([`crate::Cause::Differs`]): then
    /// it stays in the journal, and the next start compares again.
    pub fn abandon<'a>(&'a self, database: impl Into<ConnectTo<'a>>) -> Running<'a, Result<Report, Error>> {
        database
            .into()
            .run(move |pool| Box::pin(async move { run::abandon(self, &pool).instrument(spans::run("abandon")).await }))
    }

    /// Records every migration up to and including `version` that is not applied, without running any: for a database
    /// whose objects were created by something else, or a migration that was run by hand.
    ///
    /// The live catalog must have what these migrations create, and no longer what they drop. The effects of raw SQL,
    /// Rust functions and changes of rows are assumed.
    ///
    /// # Errors
    /// The database does not match these migrations ([`Error::NotAsRecorded`]), a migration is half applied, or none
    /// has this version.
    pub fn baseline<'a>(
        &'a self,
        database: impl Into<ConnectTo<'a>>,
        version: i64,
    ) -> Running<'a, Result<Report, Error>> {
        database.into().run(move |pool| {
            Box::pin(async move {
                run::baseline(self, &pool, run::Baseline { version, checked: true })
                    .instrument(spans::run("baseline"))
                    .await
            })
        })
    }

    /// [`Migrator::baseline`] without a comparison with the database.
    ///
    /// # Errors
    /// A migration is half applied, or none has this version.
    pub fn baseline_unchecked<'a>(
        &'a self,
        database: impl Into<ConnectTo<'a>>,
        version: i64,
    ) -> Running<'a, Result<Report, Error>> {
        database.into().run(move |pool| {
            Box::pin(async move {
                run::baseline(self, &pool, run::Baseline { version, checked: false })
                    .instrument(spans::run("baseline"))
                    .await
            })
        })
    }

    /// Records this binary's form of migrations that were applied in another form, for a mistake that was applied
    /// somewhere and corrected in source. Applies to these versions or, if none are given, to all modified ones.
    ///
    /// The live catalog must match the corrected form: if it does not, change the database by hand first, or have it
    /// changed ([`Migrator::apply_repair`]). The effects of raw SQL, Rust functions and changes of rows are assumed.
    /// Comments on objects are set. The reason, who and when are kept in the table `repairs` next to the history. A
    /// binary with the earlier form can keep running.
    ///
    /// ```no_run
    /// # static MIGRATIONS: migrate_runtime::Migrations =
    /// #     migrate_runtime::Migrations::new(&[], migrate_runtime::Options { oldest_server: 14, source: None });
    /// # async fn example(pool: sqlx::PgPool) -> Result<(), migrate_runtime::Error> {
    /// let migrator = MIGRATIONS.migrator();
    /// let plan = migrator.plan_repair(&pool, &[]).await?;
    /// for one in &plan.migrations {
    ///     println!("{}: {:?}", one.migration, one.changes);
    /// }
    /// if plan.differences.is_empty() {
    ///     migrator.repair(&pool, &[], "the index was corrected by hand").await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The database does not match ([`Error::NotRepaired`]), a migration is half applied, or one of the versions is not
    /// applied or unknown.
    pub fn repair<'a>(
        &'a self,
        database: impl Into<ConnectTo<'a>>,
        versions: &[i64],
        reason: &str,
    ) -> Running<'a, Result<Report, Error>> {
        let repair = run::Repair { versions: versions.to_vec(), reason: reason.to_string(), applies: false };
        database.into().run(move |pool| {
            Box::pin(async move { run::repair(self, &pool, repair).instrument(spans::run("repair")).await })
        })
    }

    /// The same, after changing the database to match the corrected form, with the statements that
    /// [`Migrator::plan_repair`] shows, in the safe form for live tables. They are recorded with the reason.
    ///
    /// Rows and values are never dropped; if that would be necessary, nothing is applied. Rows that the corrected form
    /// changes, raw SQL and Rust functions are not run.
    ///
    /// # Errors
    /// Those of [`Migrator::repair`], and if a statement fails.
    pub fn apply_repair<'a>(
        &'a self,
        database: impl Into<ConnectTo<'a>>,
        versions: &[i64],
        reason: &str,
    ) -> Running<'a, Result<Report, Error>> {
        let repair = run::Repair { versions: versions.to_vec(), reason: reason.to_string(), applies: true };
        database.into().run(move |pool| {
            Box::pin(async move { run::repair(self, &pool, repair).instrument(spans::run("repair")).await })
        })
    }

    /// What [`Migrator::repair`] would record, and what [`Migrator::apply_repair`] would do. Changes nothing.
    ///
    /// # Errors
    /// The database cannot be reached or read, a migration is half applied, or one of the versions is not applied or unknown.
    pub fn plan_repair<'a>(
        &'a self,
        database: impl Into<ConnectTo<'a>>,
        versions: &'a [i64],
    ) -> Running<'a, Result<RepairPlan, Error>> {
        database.into().run(move |pool| Box::pin(async move { run::plan_repair(self, &pool, versions).await }))
    }

    /// Whether [`Migrator::apply`] would find nothing to do: for a readiness probe, and for processes that leave
    /// migrating to another one and wait for it. One query on your own connection, which changes nothing, takes no
    /// lock, and only needs the privilege to read the history; a few queries if the answer is no.
    ///
    /// A yes stays true if the server crashes. Compatible migrations of a newer binary do not make the answer no; a
    /// history that [`Migrator::apply`] would refuse does: [`Migrator::status`] says what is wrong with it.
    ///
    /// ```no_run
    /// # static MIGRATIONS: migrate_runtime::Migrations =
    /// #     migrate_runtime::Migrations::new(&[], migrate_runtime::Options { oldest_server: 14, source: None });
    /// # async fn example(pool: sqlx::PgPool) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut connection = pool.acquire().await?;
    /// while !MIGRATIONS.is_up_to_date(&mut connection).await? {
    ///     tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The connection is lost, the history cannot be read, or the server is older than the SQL was compiled for.
    pub fn is_up_to_date<'a>(&'a self, connection: &'a mut PgConnection) -> Running<'a, Result<bool, Error>> {
        Box::pin(run::is_up_to_date(self, connection))
    }

    /// The state of the database. Changes nothing, and needs no privilege to create tables.
    ///
    /// # Errors
    /// The database cannot be reached or read.
    pub fn status<'a>(&'a self, database: impl Into<ConnectTo<'a>>) -> Running<'a, Result<Status, Error>> {
        database.into().run(move |pool| Box::pin(async move { run::status(self, &pool).await }))
    }

    /// What [`Migrator::apply_to`] would run. Changes nothing.
    ///
    /// # Errors
    /// What [`Migrator::apply_to`] would refuse before it starts.
    pub fn plan<'a>(&'a self, database: impl Into<ConnectTo<'a>>, target: Target) -> Running<'a, Result<Plan, Error>> {
        database.into().run(move |pool| Box::pin(async move { run::plan(self, &pool, target).await }))
    }

    /// What [`Migrator::revert`] or [`Migrator::revert_to`] would run. Changes nothing.
    ///
    /// # Errors
    /// What they would refuse before they start.
    pub fn plan_revert<'a>(
        &'a self,
        database: impl Into<ConnectTo<'a>>,
        target: RevertTarget,
    ) -> Running<'a, Result<Plan, Error>> {
        database.into().run(move |pool| Box::pin(async move { run::plan_revert(self, &pool, target).await }))
    }

    /// The rows of the history table, by version; none if there is no table.
    ///
    /// # Errors
    /// The database cannot be reached or read.
    pub fn history<'a>(&'a self, database: impl Into<ConnectTo<'a>>) -> Running<'a, Result<Vec<HistoryRow>, Error>> {
        database.into().run(move |pool| Box::pin(async move { run::history(self, &pool).await }))
    }
}
