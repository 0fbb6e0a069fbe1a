use std::fmt;

use migrate_core::catalog::Catalog;
use migrate_core::diff::Difference;
use migrate_core::history::{MigrationName, Target};
use migrate_core::plan::{Down, Migration};
use sqlx::PgPool;

use super::TestDatabase;
use crate::connection::acquire;
use crate::error::Error;
use crate::introspect::{self, Unfinished};
use crate::migrations::Migrations;
use crate::verify::fold;

/// Tests every migration in a new database: after up, the live catalog must be the predicted one; after down (unless it
/// is irreversible), the previous one; then up again. Finally, a second run must find nothing to do, and an empty
/// database that is migrated by the short way ([`FromEmpty::Fold`](crate::FromEmpty::Fold)) must have the same catalog.
///
/// `server` is the URL of any database of a server whose role may create databases.
///
/// # Panics
/// One of these does not hold. Use [`round_trip`] to get an error instead.
pub async fn assert_round_trip(migrations: &'static Migrations, server: &str) {
    if let Err(error) = round_trip(migrations, server).await {
        let mut text = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            text.push_str(&format!("\ncaused by: {cause}"));
            source = cause.source();
        }
        #[expect(clippy::panic, reason = "an assertion of tests")]
        {
            panic!("{text}");
        }
    }
}

/// What [`assert_round_trip`] asserts.
///
/// # Errors
/// What does not hold.
pub async fn round_trip(migrations: &'static Migrations, server: &str) -> Result<(), RoundTripError> {
    let made = |source| RoundTripError::Database { doing: "create a database".to_string(), source };
    let database = TestDatabase::empty(server).await.map_err(made)?;
    let trip = Trip { migrations, pool: database.pool() };
    trip.each().await?;
    trip.nothing_is_left().await?;
    let short = TestDatabase::empty(server).await.map_err(made)?;
    let doing = "apply everything to an empty database".to_string();
    migrations.apply(short.pool()).await.map_err(|source| RoundTripError::Database { doing: doing.clone(), source })?;
    Trip { migrations, pool: short.pool() }.is(&predicted(migrations.iter())?, doing).await
}

struct Trip<'t> {
    migrations: &'static Migrations,
    pool: &'t PgPool,
}

impl Trip<'_> {
    async fn each(&self) -> Result<(), RoundTripError> {
        let migrator = self.migrations.migrator();
        let mut before = predicted(std::iter::empty())?;
        for (index, migration) in self.migrations.iter().enumerate() {
            let name = MigrationName::of(migration);
            let after = predicted(self.migrations.iter().take(index + 1))?;
            let target = Target::Version(migration.version);
            let ups = match migration.down {
                Down::Script { .. } => 2,
                Down::Irreversible { .. } => 1,
            };
            for round in 0..ups {
                let again = if round == 0 { "" } else { " again" };
                let doing = format!("apply `{name}`{again}");
                let up = migrator.apply_to(self.pool, target).await;
                up.map_err(|source| RoundTripError::Database { doing: doing.clone(), source })?;
                self.is(&after, doing).await?;
                if round == 0 && ups == 2 {
                    let doing = format!("revert `{name}`");
                    let down = migrator.revert(self.pool, 1).await;
                    down.map_err(|source| RoundTripError::Database { doing: doing.clone(), source })?;
                    self.is(&before, doing).await?;
                }
            }
            before = after;
        }
        Ok(())
    }

    async fn nothing_is_left(&self) -> Result<(), RoundTripError> {
        let doing = "apply everything again".to_string();
        let report =
            self.migrations.apply(self.pool).await.map_err(|source| RoundTripError::Database { doing, source })?;
        let applied: Vec<MigrationName> = report.applied.into_iter().map(|done| done.migration).collect();
        if applied.is_empty() { Ok(()) } else { Err(RoundTripError::NotSettled { applied }) }
    }

    async fn is(&self, expected: &Catalog, after: String) -> Result<(), RoundTripError> {
        let failed = |source| RoundTripError::Database { doing: "read the catalog".to_string(), source };
        let mut connection = acquire(self.pool).await.map_err(failed)?;
        let live = introspect::introspect(&mut connection, &introspect::Options::default())
            .await
            .map_err(|error| failed(Error::Introspect(Box::new(error))))?;
        let settings = self.migrations.migrator().settings;
        let settled = introspect::settle(&mut connection, expected, &live.catalog, &settings);
        let lost = |source| failed(Error::Database { doing: "compare with the database", source });
        let differences = settled.await.map_err(lost)?.catalog.differences(&live.catalog);
        if differences.is_empty() && live.unfinished.is_empty() {
            return Ok(());
        }
        Err(RoundTripError::Differs { after, differences, unfinished: live.unfinished })
    }
}

fn predicted(migrations: impl Iterator<Item = &'static Migration>) -> Result<Catalog, RoundTripError> {
    fold(migrations).map_err(|source| RoundTripError::Database { doing: "predict the catalog".to_string(), source })
}

/// What went wrong in a round trip.
#[derive(Debug)]
#[non_exhaustive]
pub enum RoundTripError {
    /// Something could not be done.
    Database {
        /// What: "apply `1_users`".
        doing: String,
        /// Why.
        source: Error,
    },
    /// The live catalog is not the predicted one.
    Differs {
        /// The step after which it differs.
        after: String,
        /// The differences.
        differences: Vec<Difference>,
        /// Indexes and constraints that were left unfinished.
        unfinished: Vec<Unfinished>,
    },
    /// With everything applied, there was still something to apply.
    NotSettled {
        /// What.
        applied: Vec<MigrationName>,
    },
}

impl std::error::Error for RoundTripError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            RoundTripError::Database { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl fmt::Display for RoundTripError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RoundTripError::Database { doing, .. } => write!(formatter, "cannot {doing}"),
            RoundTripError::Differs { after, differences, unfinished } => {
                write!(formatter, "the database is not as predicted after: {after}")?;
                for difference in differences {
                    write!(formatter, "\n  {difference}")?;
                }
                for unfinished in unfinished {
                    write!(formatter, "\n  {unfinished}")?;
                }
                Ok(())
            }
            RoundTripError::NotSettled { applied } => {
                let names: Vec<String> = applied.iter().map(|name| format!("`{name}`")).collect();
                write!(formatter, "applied a second time: {}", names.join(", "))
            }
        }
    }
}
