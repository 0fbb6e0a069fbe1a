//! Whether a live database is what its history says.

use migrate_core::catalog::Catalog;
use migrate_core::diff::Difference;
use migrate_core::history::{MigrationName, State};
use migrate_core::operation::{Operate as _, Operation};
use migrate_core::plan::Migration;
use sqlx::PgPool;

use crate::connection::acquire;
use crate::error::Error;
use crate::introspect::{self, Introspection, Unfinished, Unreadable};
use crate::migrator::Migrator;
use crate::running::Running;

/// What a live database has that its history does not explain, or lacks.
#[derive(Clone, Debug)]
pub struct Verification {
    /// What differs from the catalog that the applied migrations make. Objects of raw SQL and of Rust functions that
    /// declare no effect show here as not expected.
    pub differences: Vec<Difference>,
    /// What was begun and not finished: invalid indexes, constraints that are not validated.
    pub unfinished: Vec<Unfinished>,
    /// What could not be read, and so was not compared.
    pub unreadable: Vec<Unreadable>,
    /// Migrations that make the comparison uncertain: modified, missing from this binary, or half applied.
    pub uncertain: Vec<(MigrationName, State)>,
    /// The last applied migration: what the database was compared with.
    pub current: Option<MigrationName>,
}

impl Verification {
    /// Whether the database is what its history says.
    pub fn is_clean(&self) -> bool {
        self.differences.is_empty() && self.unfinished.is_empty()
    }
}

impl Migrator {
    /// Compares the live catalog with the one that the applied migrations make. Changes nothing.
    ///
    /// # Errors
    /// The database cannot be reached or read.
    pub fn verify<'a>(&'a self, pool: &'a PgPool) -> Running<'a, Result<Verification, Error>> {
        Box::pin(self.compare(pool))
    }

    async fn compare(&self, pool: &PgPool) -> Result<Verification, Error> {
        let status = self.status(pool).await?;
        let is_in =
            |version: i64| status.migrations.iter().any(|one| one.migration.version == version && one.row.is_some());
        let migrations = self.embedded.iter().map(|embedded| embedded.migration());
        let expected = fold(migrations.filter(|migration| is_in(migration.version)))?;
        let mut connection = acquire(pool).await?;
        let Introspection { mut catalog, unfinished, unreadable } =
            introspect::introspect(&mut connection, &self.settings.introspection())
                .await
                .map_err(|error| Error::Introspect(Box::new(error)))?;
        self.settings.leave_extensions(&mut catalog, &expected);
        let uncertain = status
            .migrations
            .iter()
            .filter(|one| matches!(one.state, State::Modified | State::Missing | State::Unfinished(_)))
            .map(|one| (one.migration.clone(), one.state))
            .collect();
        Ok(Verification {
            differences: expected.differences(&catalog),
            unfinished,
            unreadable,
            uncertain,
            current: status.current,
        })
    }
}

/// The catalog that these migrations make.
pub(crate) fn fold<'m>(migrations: impl Iterator<Item = &'m Migration>) -> Result<Catalog, Error> {
    let mut catalog = Catalog::default();
    for migration in migrations {
        let operations: Vec<Operation> = serde_json::from_str(&migration.operations)
            .map_err(|source| Error::Operations { migration: MigrationName::of(migration), source })?;
        for operation in &operations {
            operation.apply(&mut catalog);
        }
    }
    Ok(catalog)
}
