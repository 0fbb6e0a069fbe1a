//! Running in the schema of a tenant: what moves there, what cannot, and what stays with the database.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::time::Duration;

use migrate_core::history::{AppliedMigration, MigrationName, Pending, Reverting};
use migrate_core::plan::{Relocation, Script, Work, makes_extension, objection, objections};
use migrate_core::sql::quote_literal;
use sqlx::PgConnection;

use crate::connection::{backoff, text};
use crate::error::{Error, Immovable, sqlstate};
use crate::execute::{Runner, Stop};
use crate::history_table::Loaded;
use crate::message::unhurried;
use crate::migrator::Migrator;

/// How often making an extension is tried that others make at the same time.
const ATTEMPTS: u32 = 10;

/// The types, operator classes and functions in `public` of the extensions that are listed behind it, and whether each is a
/// function.
const SHARED: &str = "SELECT shared.name::text, shared.is_function::text FROM ( \
    SELECT 'pg_catalog.pg_type'::regclass AS class, oid, typname AS name, typnamespace AS space, false AS is_function \
    FROM pg_catalog.pg_type \
    UNION ALL SELECT 'pg_catalog.pg_opclass'::regclass, oid, opcname, opcnamespace, false FROM pg_catalog.pg_opclass \
    UNION ALL SELECT 'pg_catalog.pg_proc'::regclass, oid, proname, pronamespace, true FROM pg_catalog.pg_proc) AS shared \
    JOIN pg_catalog.pg_namespace AS space ON space.oid = shared.space AND space.nspname = 'public' \
    JOIN pg_catalog.pg_depend AS member ON member.deptype = 'e' AND member.objid = shared.oid \
    AND member.classid = shared.class AND member.refclassid = 'pg_catalog.pg_extension'::regclass \
    JOIN pg_catalog.pg_extension AS extension ON extension.oid = member.refobjid WHERE extension.extname IN";

impl Migrator {
    /// How scripts are moved to the tenant's schema; `None` where there is no tenant.
    pub(crate) async fn relocation(
        &self,
        connection: &mut PgConnection,
        applied: &[AppliedMigration],
    ) -> Result<Option<Relocation>, Error> {
        let Some(schema) = self.settings.tenant.clone() else { return Ok(None) };
        // Of these only: the database may have others, with types that are called as a table of the tenant is.
        let embedded = self.embedded.iter().map(|embedded| &embedded.migration().footprint);
        let extensions: BTreeSet<String> = embedded
            .chain(applied.iter().map(|row| &row.footprint))
            .flat_map(|footprint| footprint.objects.iter())
            .filter_map(|object| object.strip_prefix("extension ").map(quote_literal))
            .collect();
        if extensions.is_empty() {
            return Ok(Some(Relocation { schema, ..Relocation::default() }));
        }
        let list = extensions.into_iter().collect::<Vec<_>>().join(", ");
        let rows = unhurried(connection, &format!("{SHARED} ({list})")).await;
        let rows = rows.map_err(|source| Error::Database { doing: "list the members of extensions", source })?;
        let names = |functions: bool| {
            let of_kind = rows.iter().filter(move |row| (text(row, 1) == "true") == functions);
            of_kind.map(|row| text(row, 0)).collect()
        };
        Ok(Some(Relocation { schema, shared_types: names(false), shared_functions: names(true) }))
    }

    /// Refuses migrations that cannot be applied, and later be reverted, in the tenant's schema.
    pub(super) fn check_movable(&self, pending: &[Pending<'_>]) -> Result<(), Error> {
        self.refuse(pending.iter().flat_map(|one| {
            let migration = MigrationName::of(one.migration);
            objections(one.migration)
                .into_iter()
                .map(move |objection| Immovable { migration: migration.clone(), objection })
        }))
    }

    /// Refuses downs, as they are stored, that cannot run in the tenant's schema.
    pub(super) fn check_downs_movable(&self, reverting: &[Reverting<'_>]) -> Result<(), Error> {
        self.refuse(reverting.iter().flat_map(|one| {
            let objections = one.script.statements().filter_map(objection);
            objections.map(|objection| Immovable { migration: one.migration.clone(), objection })
        }))
    }

    fn refuse(&self, found: impl Iterator<Item = Immovable>) -> Result<(), Error> {
        let Some(schema) = &self.settings.tenant else { return Ok(()) };
        let found: Vec<Immovable> = found.collect();
        if found.is_empty() { Ok(()) } else { Err(Error::Immovable { schema: schema.clone(), found }) }
    }
}

/// The script as it runs: in the tenant's schema, if there is one.
pub(crate) fn placed<'s>(script: &'s Script, relocation: Option<&Relocation>) -> Cow<'s, Script> {
    relocation.map_or(Cow::Borrowed(script), |relocation| Cow::Owned(relocation.script(script)))
}

impl Runner<'_> {
    /// Gets ready to apply in the schema of a tenant: refuses what cannot be, and makes the extensions, which are the
    /// database's.
    pub(super) async fn move_in(&mut self, pending: &[Pending<'_>], loaded: &Loaded) -> Result<(), Stop> {
        if self.relocation.is_none() {
            return Ok(());
        }
        self.migrator.check_movable(pending).map_err(Stop::Failed)?;
        let statements =
            pending.iter().flat_map(|one| one.migration.up.statements()).filter(|one| makes_extension(one));
        let extensions: Vec<&str> = statements
            .filter_map(|statement| match &statement.work {
                Work::Sql(sql) => Some(sql.as_ref()),
                Work::Run(_) | Work::Backfill(_) => None,
            })
            .collect();
        if !extensions.is_empty() {
            self.make_extensions(&extensions).await?;
            self.relocation = self.migrator.relocation(&mut self.work, &loaded.applied).await?;
        }
        Ok(())
    }

    /// Where no schema is said they are made where they would be without tenants.
    async fn make_extensions(&mut self, extensions: &[&str]) -> Result<(), Stop> {
        let path = quote_literal(&self.migrator.settings.search_path);
        let path = format!("SELECT pg_catalog.set_config('search_path', {path}, true)");
        let commands: Vec<String> =
            std::iter::once(path).chain(extensions.iter().map(|sql| (*sql).to_string())).collect();
        let mut attempt = 0;
        loop {
            let Err(error) = self.record(&commands).await else { return Ok(()) };
            // `IF NOT EXISTS` does not see what another tenant's run has not committed yet.
            let is_made_by_another = matches!(sqlstate(&error.source), Some("23505" | "42710"));
            if !is_made_by_another || attempt == ATTEMPTS {
                let doing = "create an extension";
                return Err(self
                    .stop(error)
                    .unwrap_or_else(|error| Stop::from(Error::Database { doing, source: error.source })));
            }
            attempt += 1;
            let pause = backoff(attempt, Duration::from_millis(20), Duration::from_secs(1));
            self.lock.while_working(tokio::time::sleep(pause)).await;
        }
    }
}
