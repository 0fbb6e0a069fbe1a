//! Extensions that are in the database before a migration creates them.

use migrate_core::history::{InstalledExtension, Pending, extensions_of, extensions_there_before, keeping_extensions};
use migrate_core::plan::{Down, Migration};
use migrate_core::sorted::{SortedMap, SortedSet};
use migrate_core::sql::quote_literal;
use sqlx::PgConnection;
use sqlx::postgres::PgRow;
use std::borrow::Cow;

use crate::connection::{optional_text, text};
use crate::error::Error;
use crate::execute::{Runner, Stop};
use crate::history_table::Loaded;
use crate::message::unhurried;

impl Runner<'_> {
    /// Looks at the extensions that these migrations create. What is there before stays when they are reverted, and so it
    /// is stored: with the row, and with the journal of what is not finished.
    ///
    /// # Errors
    /// One is in another schema than the migrations need it in.
    pub(super) async fn look_at_extensions(&mut self, pending: &[Pending<'_>], loaded: &Loaded) -> Result<(), Stop> {
        let Some(question) = question(pending) else { return Ok(()) };
        let Runner { lock, work, .. } = &mut *self;
        let rows =
            lock.while_working(unhurried(work, &question)).await.map_err(|source| Stop::from(reading(source)))?;
        let before = there_before(pending, &rows).map_err(Stop::Failed)?;
        for one in pending {
            let version = one.migration.version;
            let begun = loaded.journal.iter().find(|row| row.unfinished.version == version);
            if let Some(begun) = begun.and_then(|row| row.begun.as_ref()) {
                self.downs.insert(version, begun.down.clone());
            } else if let Some(extensions) = before.get(&version) {
                self.downs.insert(version, keeping_extensions(&one.migration.down, extensions));
            }
        }
        Ok(())
    }

    /// A migration with the down that is stored with it.
    pub(super) fn with_stored_down<'p>(&self, migration: &'p Migration) -> Cow<'p, Migration> {
        let with = |down: &Down| Cow::Owned(Migration { down: down.clone(), ..migration.clone() });
        self.downs.get(&migration.version).map_or(Cow::Borrowed(migration), with)
    }
}

/// Looks at the extensions that these migrations would create, as a run does.
///
/// # Errors
/// One is in another schema than the migrations need it in.
pub(super) async fn check_extensions(connection: &mut PgConnection, pending: &[Pending<'_>]) -> Result<(), Error> {
    let Some(question) = question(pending) else { return Ok(()) };
    let rows = unhurried(connection, &question).await.map_err(reading)?;
    there_before(pending, &rows).map(drop)
}

fn reading(source: sqlx::Error) -> Error {
    Error::Database { doing: "list the extensions", source }
}

/// What is asked about the extensions that these migrations create; nothing where they create none.
fn question(pending: &[Pending<'_>]) -> Option<String> {
    let created: SortedSet<String> =
        pending.iter().flat_map(|one| extensions_of(&one.migration.footprint)).map(quote_literal).collect();
    (!created.is_empty()).then(|| {
        format!(
            "SELECT extension.extname::text, space.nspname::text, (SELECT version.schema::text \
             FROM pg_catalog.pg_available_extension_versions AS version \
             WHERE version.name = extension.extname AND version.version = extension.extversion) \
             FROM pg_catalog.pg_extension AS extension \
             JOIN pg_catalog.pg_namespace AS space ON space.oid = extension.extnamespace \
             WHERE extension.extname IN ({})",
            Vec::from_iter(created).join(", ")
        )
    })
}

/// The answer, by migration.
fn there_before(pending: &[Pending<'_>], rows: &[PgRow]) -> Result<SortedMap<i64, SortedSet<String>>, Error> {
    let installed = |row| {
        let extension = InstalledExtension { schema: text(row, 1), own_schema: optional_text(row, 2) };
        (text(row, 0), extension)
    };
    let installed = rows.iter().map(installed).collect();
    let new = pending.iter().filter(|one| !one.begun).map(|one| one.migration);
    extensions_there_before(new, &installed).map_err(|elsewhere| Error::ExtensionElsewhere(Box::new(elsewhere)))
}
