//! The operations on many databases.

use std::time::Instant;

use super::each::Turn;
use super::settled::Wanted;
use super::{Database, Many, ManyReport};
use crate::error::Error;
use crate::event::{Event, emit};
use crate::migrator::Migrator;
use crate::report::Report;
use crate::running::Running;
use crate::status::Status;
use crate::verify::Verification;

/// Verbs for many databases.
impl Migrator {
    /// Applies to many databases, several at the same time. A failure does not stop the others, unless requested. A
    /// second run changes only those that are left; the others take one round trip each, or less for schemas of one
    /// database.
    pub async fn apply_to_all(&self, databases: impl IntoIterator<Item = Database>, how: Many) -> ManyReport {
        let target = how.target;
        self.change_all(databases, &how, Wanted::Chain(self.chain), |Turn { migrator, pool, .. }| {
            Box::pin(async move { migrator.apply_to(&pool, target).await })
        })
        .await
    }

    /// Reverts every migration after `version` in many databases; 0 reverts all. If nothing after it is applied,
    /// nothing is done, even in a database that has not reached it: so this can be repeated, and does what is left.
    /// (Reverting a number of migrations cannot be repeated safely, so it is only for one database.)
    ///
    /// ```no_run
    /// # static MIGRATIONS: migrate_runtime::Migrations =
    /// #     migrate_runtime::Migrations::new(&[], migrate_runtime::Options { oldest_server: 14, source: None });
    /// # async fn example(pool: sqlx::PgPool) -> Result<(), migrate_runtime::Error> {
    /// use migrate_runtime::many::Many;
    ///
    /// let migrator = MIGRATIONS.migrator();
    /// let tenants = migrator.schemas_like(&pool, "tenant\\_%").await?;
    /// let report = migrator.revert_all_to(tenants, 20260312094500, Many::default().stop_at_failure(true)).await;
    /// for (tenant, report) in report.changed() {
    ///     println!("{tenant}: reverted {}", report.reverted.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn revert_all_to(
        &self,
        databases: impl IntoIterator<Item = Database>,
        version: i64,
        how: Many,
    ) -> ManyReport {
        let is_known = version == 0 || self.embedded.iter().any(|embedded| embedded.version() == version);
        let wanted = Wanted::NothingAfter { version, is_known };
        self.change_all(databases, &how, wanted, move |Turn { migrator, pool, .. }| {
            Box::pin(async move {
                if migrator.is_settled(&pool, wanted).await? {
                    return Ok(nothing(&migrator));
                }
                migrator.revert_to(&pool, version).await
            })
        })
        .await
    }

    /// [`Migrator::abandon`] in many databases: undoes what is half applied, and nothing else.
    ///
    /// ```no_run
    /// # static MIGRATIONS: migrate_runtime::Migrations =
    /// #     migrate_runtime::Migrations::new(&[], migrate_runtime::Options { oldest_server: 14, source: None });
    /// # async fn example(pool: sqlx::PgPool) -> Result<(), migrate_runtime::Error> {
    /// use migrate_runtime::many::Many;
    ///
    /// let migrator = MIGRATIONS.migrator();
    /// let tenants = migrator.schemas_like(&pool, "tenant\\_%").await?;
    /// let report = migrator.abandon_all(tenants, Many::default()).await;
    /// println!("undone in {} schemas", report.changed().count());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn abandon_all(&self, databases: impl IntoIterator<Item = Database>, how: Many) -> ManyReport {
        let wanted = Wanted::NothingBegun;
        self.change_all(databases, &how, wanted, move |Turn { migrator, pool, .. }| {
            Box::pin(async move {
                if migrator.is_settled(&pool, wanted).await? {
                    return Ok(nothing(&migrator));
                }
                migrator.abandon(&pool).await
            })
        })
        .await
    }

    /// [`Migrator::status`] of many databases. Changes nothing.
    ///
    /// ```no_run
    /// # static MIGRATIONS: migrate_runtime::Migrations =
    /// #     migrate_runtime::Migrations::new(&[], migrate_runtime::Options { oldest_server: 14, source: None });
    /// # async fn example(pool: sqlx::PgPool) -> Result<(), migrate_runtime::Error> {
    /// use migrate_runtime::many::Many;
    ///
    /// let migrator = MIGRATIONS.migrator();
    /// let tenants = migrator.schemas_like(&pool, "tenant\\_%").await?;
    /// let report = migrator.status_of_all(tenants, Many::default()).await;
    /// for (tenant, status) in report.done().filter(|(_, status)| !status.is_up_to_date()) {
    ///     println!("{tenant}: {} pending", status.pending().count());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn status_of_all(&self, databases: impl IntoIterator<Item = Database>, how: Many) -> ManyReport<Status> {
        let databases: Vec<Database> = databases.into_iter().collect();
        let how = how.within_pools(&databases);
        self.each(databases, &how, |Turn { migrator, pool, .. }| Box::pin(async move { migrator.status(&pool).await }))
            .await
    }

    /// [`Migrator::verify`] in many databases: each is compared with its own history. Changes nothing.
    ///
    /// ```no_run
    /// # static MIGRATIONS: migrate_runtime::Migrations =
    /// #     migrate_runtime::Migrations::new(&[], migrate_runtime::Options { oldest_server: 14, source: None });
    /// # async fn example(pool: sqlx::PgPool) -> Result<(), migrate_runtime::Error> {
    /// use migrate_runtime::many::Many;
    ///
    /// let migrator = MIGRATIONS.migrator();
    /// let tenants = migrator.schemas_like(&pool, "tenant\\_%").await?;
    /// let report = migrator.verify_all(tenants, Many::default()).await;
    /// for (tenant, found) in report.done().filter(|(_, found)| !found.is_clean()) {
    ///     println!("{tenant}: {} differences", found.differences.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn verify_all(
        &self,
        databases: impl IntoIterator<Item = Database>,
        how: Many,
    ) -> ManyReport<Verification> {
        let databases: Vec<Database> = databases.into_iter().collect();
        let how = how.within_pools(&databases);
        self.each(databases, &how, |Turn { migrator, pool, .. }| Box::pin(async move { migrator.verify(&pool).await }))
            .await
    }

    /// Changes each where it is not yet as it is wanted.
    async fn change_all(
        &self,
        databases: impl IntoIterator<Item = Database>,
        how: &Many,
        wanted: Wanted,
        change: impl Fn(Turn) -> Running<'static, Result<Report, Error>>,
    ) -> ManyReport {
        let started = Instant::now();
        let databases: Vec<Database> = databases.into_iter().collect();
        let settled = self.settled_schemas(&databases, wanted).await;
        let report = self.each(databases, how, |turn| {
            if settled.contains(&turn.index) {
                return Box::pin(async move { Ok(nothing(&turn.migrator)) });
            }
            change(turn)
        });
        let report = report.await;
        ManyReport { elapsed: started.elapsed(), ..report }
    }
}

impl Many {
    /// No more at the same time than the pools of schemas have connections: nobody waits in vain for one of them.
    fn within_pools(self, databases: &[Database]) -> Many {
        let pools = databases.iter().filter_map(|database| database.schema.as_ref());
        let connections = pools.map(|(_, pool)| pool.options().get_max_connections() as usize).min();
        let at_once = self.at_once.min(connections.unwrap_or(usize::MAX)).max(1);
        Many { at_once, ..self }
    }
}

/// The report of one in which nothing is to do.
fn nothing(migrator: &Migrator) -> Report {
    let report = Report::default();
    emit(migrator.settings.observer.as_ref(), &Event::Finished(report.clone()));
    report
}
