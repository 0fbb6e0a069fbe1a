//! Whether a live database matches its history.

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

/// How a live database differs from its history.
#[derive(Clone, Debug)]
pub struct Verification {
    /// The differences from the catalog that the applied migrations create. Objects created by Rust functions, or by
    /// raw SQL that does not declare them, are listed here as not expected.
    pub differences: Vec<Difference>,
    /// What is unfinished: invalid indexes, NOT NULL constraints that are not validated.
    pub unfinished: Vec<Unfinished>,
    /// What could not be read, and so was not compared.
    pub unreadable: Vec<Unreadable>,
    /// Migrations that make the comparison uncertain: modified, missing from this binary, or half applied.
    pub uncertain: Vec<(MigrationName, State)>,
    /// Differences that were ignored.
    pub ignored: Vec<Ignored>,
    /// The number of objects of kinds that are not compared.
    pub not_compared: Vec<Beside>,
    /// Other histories in the database that are not read, by schema: what they have created is listed as a difference.
    pub unread_histories: Vec<String>,
    /// Why some expressions were compared only as text, if the server could not be asked for their meaning.
    pub unasked: Option<String>,
    /// The last applied migration: what the database was compared with.
    pub current: Option<MigrationName>,
}

/// A difference that was ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// The object.
    pub object: Object,
    /// Why.
    pub why: IgnoredFor,
}

/// Why a difference was ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IgnoredFor {
    /// Because of [`Migrator::ignore`].
    Asked,
    /// Another tool keeps its history there.
    Tool(&'static str),
    /// It belongs to the history in that schema.
    History(String),
}

impl Verification {
    /// Whether the database matches its history.
    pub fn is_clean(&self) -> bool {
        self.differences.is_empty() && self.unfinished.is_empty()
    }
}

impl Migrator {
    /// Compares the live catalog with the one that the applied migrations create, both in one snapshot. Changes
    /// nothing.
    ///
    /// Expressions are compared by meaning: if a tree differs, the server prints the expected one, from a temporary
    /// table in a transaction that is rolled back. The history tables of other tools, other histories of this library
    /// with what they have created, and what [`Migrator::ignore`] names are ignored.
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
