//! Taking over a database that another tool has migrated.

use std::borrow::Cow;

use migrate_core::adopt::{Adoption, NotAdopted, Obstacle, Standing, decide};
use migrate_core::catalog::Catalog;
use migrate_core::diff::{Difference, Object, Property};
use migrate_core::history::MigrationName;
use migrate_core::name::DEFAULT_SCHEMA;
use migrate_core::object;
use migrate_core::plan::Migration;
use sqlx::{Connection as _, PgConnection};

use super::embedded;
use crate::error::Error;
use crate::event::Event;
use crate::execute::{Runner, Stop};
use crate::history_table::Loaded;
use crate::introspect::{self, Introspection, introspect, settle};
use crate::report::Adopted;
use crate::settings::Settings;
use crate::tool_table::{KeptOut, reading, rows};
use crate::verify::fold;

/// What a history takes over: everything up to and including a migration of it.
pub(crate) struct TakenOver<'m> {
    pub(crate) adoption: Cow<'m, Adoption>,
    /// The migrations, in order.
    pub(crate) migrations: Vec<&'m Migration>,
}

impl<'m> TakenOver<'m> {
    /// What this history takes over, if it does; the table of a tenant is in its schema.
    pub(crate) fn of(embedded: &[&'m Migration], settings: &Settings) -> Option<Self> {
        let at = embedded.iter().position(|migration| migration.adoption.is_some())?;
        let migrations = embedded.get(..=at)?.to_vec();
        let mut adoption = Cow::Borrowed(embedded.get(at)?.adoption.as_ref()?);
        if adoption.table.schema == DEFAULT_SCHEMA && settings.default_schema() != DEFAULT_SCHEMA {
            adoption.to_mut().table.schema = settings.default_schema().to_owned();
        }
        Some(TakenOver { adoption, migrations })
    }

    /// The catalog that they make.
    fn catalog(&self) -> Result<Catalog, Error> {
        fold(self.migrations.iter().copied())
    }

    /// What is told of it.
    fn adopted(&self) -> Adopted {
        Adopted {
            tool: self.adoption.tool.name(),
            table: self.adoption.table.clone(),
            versions: self.adoption.versions.clone(),
            migrations: self.migrations.iter().map(|migration| MigrationName::of(migration)).collect(),
        }
    }

    /// Why a database in which the tool has recorded nothing is not simply migrated: what they make is there.
    fn check_nothing_there(&self, after: &Catalog, live: &Catalog) -> Result<(), NotAdopted> {
        let tables = after.tables.keys().filter(|name| live.tables.contains_key(*name));
        let enums = after.enums.keys().filter(|name| live.enums.contains_key(*name));
        // A schema or an extension may be there for anything.
        let others =
            after.objects.keys().filter(|id| id.kind != object::Kind::Schema && live.objects.contains_key(*id));
        let present: Vec<String> = tables
            .map(|name| Object::Table(name.clone()))
            .chain(enums.map(|name| Object::Enum(name.clone())))
            .chain(others.map(|id| Object::Other(id.clone())))
            .map(|object| object.to_string())
            .collect();
        if present.is_empty() {
            return Ok(());
        }
        let version = self.migrations.last().map_or(0, |migration| migration.version);
        Err(self.adoption.refused(Obstacle::NotRecorded { present, version }))
    }

    /// Why the database is not taken over: it is not what they make. Whatever stands beside is nobody's business here,
    /// and what somebody added to one of their tables is.
    fn check_same(
        &self,
        after: &Catalog,
        settled: &Catalog,
        live: &Introspection,
        settings: &Settings,
    ) -> Result<(), NotAdopted> {
        let is_ours = |object: &Object| object.table().is_some_and(|table| after.table(table).is_some());
        let found = settled.differences(&live.catalog).into_iter().filter(|one| !settings.ignored(one.object()));
        let found = found.filter(|difference| match difference {
            Difference::Unexpected(object) => is_ours(object),
            // They are set to what the source says as soon as something else is done.
            Difference::Different { property: Property::Comment, .. } => false,
            Difference::Missing(_) | Difference::Different { .. } => true,
        });
        let unfinished =
            live.unfinished.iter().filter(|one| !settings.ignored(&one.object()) && is_ours(&one.object()));
        let differences: Vec<String> =
            found.map(|one| one.to_string()).chain(unfinished.map(ToString::to_string)).collect();
        if differences.is_empty() { Ok(()) } else { Err(self.adoption.refused(Obstacle::Differs(differences))) }
    }
}

impl Runner<'_> {
    /// Whether the history says that it takes over what another tool has migrated.
    pub(super) fn would_take_over(&self) -> bool {
        TakenOver::of(&embedded(self.migrator), &self.migrator.settings).is_some()
    }

    /// Takes the database over, where nothing is recorded in it yet and another tool has migrated it. The tables of the history
    /// are made for that where they are not there.
    pub(super) async fn adopt(&mut self, loaded: &Loaded, has_tables: bool) -> Result<bool, Stop> {
        if !loaded.applied.is_empty() || !loaded.journal.is_empty() {
            return Ok(false);
        }
        let embedded = embedded(self.migrator);
        let Some(taken) = TakenOver::of(&embedded, &self.migrator.settings) else { return Ok(false) };
        let Runner { lock, options, migrator, .. } = &mut *self;
        let excluding = async {
            KeptOut::acquire(options, &taken.adoption, &migrator.settings).await.map_err(|error| match error {
                Error::Connect(source) => Stop::Lost(source),
                error => Stop::from(error),
            })
        };
        let mut tool = lock.while_working(excluding).await?;
        let result = self.take_over(&taken, loaded, has_tables, &mut tool).await;
        tool.release().await;
        result
    }

    async fn take_over(
        &mut self,
        taken: &TakenOver<'_>,
        loaded: &Loaded,
        has_tables: bool,
        tool: &mut KeptOut,
    ) -> Result<bool, Stop> {
        let refused = |error: NotAdopted| Stop::Failed(Error::NotAdopted(Box::new(error)));
        let reading = async { tool.rows(&taken.adoption).await.map_err(Stop::from) };
        let rows = self.lock.while_working(reading).await?.map_err(refused)?;
        let standing = decide(&taken.adoption, &rows).map_err(refused)?;
        if standing == Standing::Nothing && self.is_empty().await? {
            return Ok(false);
        }
        let after = taken.catalog().map_err(Stop::Failed)?;
        let live = self.live(&after).await?;
        if standing == Standing::Nothing {
            taken.check_nothing_there(&after, &live.catalog).map_err(refused)?;
            return Ok(false);
        }
        let settled = self.settle(&after, &live.catalog).await?;
        taken.check_same(&after, &settled, &live, &self.migrator.settings).map_err(refused)?;
        // Whoever lost the connection has let the tool in again.
        let checking = async { tool.check().await.map_err(Stop::Lost) };
        self.lock.while_working(checking).await?;
        if !has_tables {
            self.make(false).await?;
        }
        self.record_unrun(&taken.migrations, loaded, "record what is taken over").await?;
        let adopted = taken.adopted();
        self.emit(&Event::Adopted(adopted.clone()));
        self.report.adopted = Some(adopted);
        Ok(true)
    }
}

/// What would be taken over at a start of a database without a history of ours, with what is in the way. Changes nothing.
/// The connection is in a transaction.
pub(super) async fn would_adopt(
    connection: &mut PgConnection,
    embedded: &[&'static Migration],
    settings: &Settings,
) -> Result<Option<Result<Adopted, NotAdopted>>, Error> {
    let Some(taken) = TakenOver::of(embedded, settings) else { return Ok(None) };
    let rows = rows(connection, &taken.adoption).await.map_err(reading)?;
    Ok(match rows.and_then(|rows| decide(&taken.adoption, &rows)) {
        Ok(Standing::Nothing) => None,
        Ok(Standing::All) => Some(Ok(taken.adopted())),
        Err(error) => Some(Err(error)),
    })
}

/// Where a database is not what migrations make, one line each; what belongs to the tool is left alone.
pub(crate) async fn differences(
    connection: &mut PgConnection,
    migrations: &[Migration],
    adoption: &Adoption,
) -> Result<Vec<String>, Error> {
    let settings = Settings::default();
    let taken = TakenOver { adoption: Cow::Borrowed(adoption), migrations: migrations.iter().collect() };
    match compare(connection, &taken, &settings).await? {
        Ok(()) => Ok(Vec::new()),
        Err(NotAdopted { obstacle: Obstacle::Differs(differences), .. }) => Ok(differences),
        Err(other) => Err(Error::NotAdopted(Box::new(other))),
    }
}

async fn compare(
    connection: &mut PgConnection,
    taken: &TakenOver<'_>,
    settings: &Settings,
) -> Result<Result<(), NotAdopted>, Error> {
    let after = taken.catalog()?;
    let live = live(connection, &after, settings).await?;
    let failed = |source| Error::Database { doing: "compare with the database", source };
    let settled = settle(connection, &after, &live.catalog, settings).await.map_err(failed)?.catalog;
    Ok(taken.check_same(&after, &settled, &live, settings))
}

async fn live(connection: &mut PgConnection, after: &Catalog, settings: &Settings) -> Result<Introspection, Error> {
    let read = introspect(connection, &settings.introspection()).await;
    let mut live = read.map_err(|error| Error::Introspect(Box::new(error)))?;
    settings.leave_extensions(&mut live.catalog, after);
    Ok(live)
}

/// What would be taken over, with a look at the whole catalog.
///
/// # Errors
/// The database would not be taken over.
pub(super) async fn plan_adoption(
    connection: &mut PgConnection,
    embedded: &[&'static Migration],
    settings: &Settings,
) -> Result<Option<Adopted>, Error> {
    let Some(taken) = TakenOver::of(embedded, settings) else { return Ok(None) };
    let refused = |error: NotAdopted| Error::NotAdopted(Box::new(error));
    let failed = |source| Error::Database { doing: "compare with the database", source };
    let mut transaction = connection.begin_with(introspect::BEGIN).await.map_err(failed)?;
    let found = would_adopt(&mut transaction, embedded, settings).await?;
    transaction.rollback().await.map_err(failed)?;
    match found.transpose().map_err(refused)? {
        None => {
            let after = taken.catalog()?;
            let live = live(connection, &after, settings).await?;
            taken.check_nothing_there(&after, &live.catalog).map_err(refused)?;
            Ok(None)
        }
        Some(adopted) => {
            compare(connection, &taken, settings).await?.map_err(refused)?;
            Ok(Some(adopted))
        }
    }
}
