//! Whether a live database is what its history says.

use migrate_core::catalog::Catalog;
use migrate_core::diff::{Difference, Object};
use migrate_core::history::{MigrationName, State};
use migrate_core::operation::{Operate as _, Operation};
use migrate_core::plan::Migration;
use sqlx::PgPool;

use crate::connect_to::ConnectTo;
use crate::connection::acquire;
use crate::error::Error;
use crate::introspect::{self, Beside, Introspection, Owner, Settled, Surroundings, Unfinished, Unreadable};
use crate::migrator::Migrator;
use crate::run;
use crate::running::Running;

/// What a live database has that its history does not explain, or lacks.
#[derive(Clone, Debug)]
pub struct Verification {
    /// What differs from the catalog that the applied migrations make. Objects of raw SQL and of Rust functions that
    /// declare no effect show here as not expected.
    pub differences: Vec<Difference>,
    /// What was begun and not finished: invalid indexes, NOT NULL that is not validated.
    pub unfinished: Vec<Unfinished>,
    /// What could not be read, and so was not compared.
    pub unreadable: Vec<Unreadable>,
    /// Migrations that make the comparison uncertain: modified, missing from this binary, or half applied.
    pub uncertain: Vec<(MigrationName, State)>,
    /// What differs and was left alone.
    pub ignored: Vec<Ignored>,
    /// How many objects of kinds there are that are not compared at all.
    pub not_compared: Vec<Beside>,
    /// Other histories in the database that this role does not read, by their schemas: what they have made shows as a
    /// difference.
    pub unread_histories: Vec<String>,
    /// Why some expressions were compared only as they are written, where the server could not be asked what they mean.
    pub unasked: Option<String>,
    /// The last applied migration: what the database was compared with.
    pub current: Option<MigrationName>,
}

/// Something that differs and was left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// The object.
    pub object: Object,
    /// Why.
    pub why: IgnoredFor,
}

/// Why a difference was left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IgnoredFor {
    /// [`Migrator::ignore`] says so.
    Asked,
    /// Another tool keeps its history there.
    Tool(&'static str),
    /// It belongs to the history in that schema.
    History(String),
}

impl Verification {
    /// Whether the database is what its history says.
    pub fn is_clean(&self) -> bool {
        self.differences.is_empty() && self.unfinished.is_empty()
    }
}

impl Migrator {
    /// Compares the live catalog with the one that the applied migrations make, both as of one moment. Changes nothing.
    ///
    /// Expressions are compared by what they mean: where a tree differs, the server prints what is expected, from a
    /// temporary table in a transaction that is rolled back. Tables in which other tools keep their histories, other
    /// histories of this library with what they have made, and what [`Migrator::ignore`] names are left alone.
    ///
    /// # Errors
    /// The database cannot be reached or read.
    pub fn verify<'a>(&'a self, database: impl Into<ConnectTo<'a>>) -> Running<'a, Result<Verification, Error>> {
        database.into().run(move |pool| Box::pin(async move { self.compare(&pool).await }))
    }

    async fn compare(&self, pool: &PgPool) -> Result<Verification, Error> {
        let options = self.settings.introspection();
        let introspecting = |error| Error::Introspect(Box::new(error));
        let mut connection = acquire(pool).await?;
        let mut transaction = introspect::begin(&mut connection).await.map_err(introspecting)?;
        let status = run::status_within(self, &mut transaction).await?;
        let is_in =
            |version: i64| status.migrations.iter().any(|one| one.migration.version == version && one.row.is_some());
        let migrations = self.embedded.iter().map(|embedded| embedded.migration());
        let expected = fold(migrations.filter(|migration| is_in(migration.version)))?;
        let mut live = introspect::read(&mut transaction, &options).await.map_err(introspecting)?;
        let Surroundings { beside, others } =
            introspect::read_surroundings(&mut transaction, &options).await.map_err(introspecting)?;
        let ending = |source| Error::Database { doing: "compare with the database", source };
        transaction.rollback().await.map_err(ending)?;
        self.settings.leave_extensions(&mut live.catalog, &expected);
        let Settled { catalog: settled, unasked } =
            introspect::settle(&mut connection, &expected, &live.catalog, &self.settings).await.map_err(ending)?;
        let uncertain = status
            .migrations
            .iter()
            .filter(|one| matches!(one.state, State::Modified | State::Missing | State::Unfinished(_)))
            .map(|one| (one.migration.clone(), one.state))
            .collect();
        let Introspection { catalog, mut unfinished, mut unreadable } = live;
        let mut differences = settled.differences(&catalog);
        let mut ignored = Vec::new();
        let taken = run::TakenOver::of(&run::embedded(self), &self.settings);
        let mut keep = |object: &Object, is_expected: bool| {
            let why = self.settings.ignored(object).then_some(IgnoredFor::Asked).or_else(|| {
                let of_nobody = !is_expected && object.table().is_none_or(|table| expected.table(table).is_none());
                others.owner(object).filter(|_| of_nobody).map(|owner| match owner {
                    Owner::Tool(tool) => IgnoredFor::Tool(tool),
                    Owner::History(schema) => IgnoredFor::History(schema),
                })
            });
            let of_taken_over = || taken.as_ref().filter(|taken| !is_expected && taken.adoption.owns(object));
            let why = why.or_else(|| of_taken_over().map(|taken| IgnoredFor::Tool(taken.adoption.tool.name())));
            let is_kept = why.is_none();
            ignored.extend(why.map(|why| Ignored { object: object.clone(), why }));
            is_kept
        };
        differences.retain(|one| keep(one.object(), !matches!(one, Difference::Unexpected(_))));
        unfinished.retain(|one| keep(&one.object(), false));
        unreadable.retain(|one| keep(&one.object, false));
        let unread = others.histories.iter().filter(|one| !one.is_tenant && one.objects.is_none());
        let unread_histories = unread.map(|history| history.schema.clone()).collect();
        Ok(Verification {
            differences,
            unfinished,
            unreadable,
            uncertain,
            ignored,
            not_compared: beside,
            unread_histories,
            unasked,
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
