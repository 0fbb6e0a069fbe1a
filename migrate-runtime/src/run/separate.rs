//! Tables that share one function of `on update`: earlier versions of this library named it after the table and the column
//! alone, and the second table that came to the name replaced the function of the first, whose updates fail since then.
//! The next run gives each table its own, under the names that the compiler chooses now.

use migrate_core::catalog::{Catalog, OnUpdate};
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::operation::{read_on_update_body, separate_on_update};
use migrate_core::plan::Work;
use migrate_core::sql::quote_literal;

use super::{embedded, placed};
use crate::connection::text;
use crate::error::Error;
use crate::event::Event;
use crate::execute::{Runner, Stop};
use crate::history_table::Loaded;
use crate::message::unhurried;
use crate::verify::fold;

/// A trigger whose function another table has as well.
struct Shared {
    table: QualifiedName,
    trigger: String,
    function: String,
    /// The column that the function sets.
    column: String,
}

impl Runner<'_> {
    /// Gives tables that share a function of `on update` their own.
    pub(super) async fn separate_on_update(&mut self, loaded: &Loaded) -> Result<(), Stop> {
        let embedded = embedded(self.migrator);
        let is_applied = |version: i64| loaded.applied.iter().any(|row| row.version == version);
        let applied: Vec<_> = embedded.into_iter().filter(|migration| is_applied(migration.version)).collect();
        if !applied.iter().any(|migration| migration.operations.contains("\"on_update\"")) {
            return Ok(());
        }
        let shared = self.shared_functions().await?;
        if shared.is_empty() {
            return Ok(());
        }
        let expected = fold(applied.into_iter()).map_err(Stop::Failed)?;
        let mut commands = Vec::new();
        let mut tables = Vec::new();
        for one in &shared {
            let Some((column, on_update)) = wanted(one, &expected) else { continue };
            let script = separate_on_update(&one.table, column, on_update, &one.trigger, &one.function);
            let script = placed(&script, self.relocation.as_ref()).into_owned();
            let sql = script.statements().filter_map(|statement| match &statement.work {
                Work::Sql(sql) => Some(sql.to_string()),
                Work::Backfill(_) | Work::Run(_) => None,
            });
            commands.extend(sql);
            tables.push(one.table.to_string());
        }
        if commands.is_empty() {
            return Ok(());
        }
        self.record_patiently("give each table its own function of `on update`", &commands).await?;
        self.emit(&Event::OnUpdateSeparated { tables });
        Ok(())
    }

    async fn shared_functions(&mut self) -> Result<Vec<Shared>, Stop> {
        let tenant = self.migrator.settings.tenant.clone();
        let ours = match &tenant {
            Some(tenant) => format!("space.nspname = {}", quote_literal(tenant)),
            None => "space.nspname !~ '^pg_'".to_string(),
        };
        let sql = format!(
            "SELECT space.nspname::text, class.relname::text, trigger.tgname::text, function.proname::text, function.prosrc \
             FROM pg_catalog.pg_trigger AS trigger JOIN pg_catalog.pg_proc AS function ON function.oid = trigger.tgfoid \
             JOIN pg_catalog.pg_class AS class ON class.oid = trigger.tgrelid \
             JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace \
             WHERE {ours} AND trigger.tgtype = 19 AND NOT trigger.tgisinternal AND trigger.tgparentid = 0 \
             AND function.prosrc LIKE 'BEGIN IF NEW.%' AND EXISTS (SELECT FROM pg_catalog.pg_trigger AS other \
             WHERE other.tgfoid = trigger.tgfoid AND other.tgrelid <> trigger.tgrelid AND other.tgparentid = 0) \
             ORDER BY 1, 2, 3"
        );
        let Runner { lock, work, .. } = &mut *self;
        let rows = lock.while_working(unhurried(work, &sql)).await.map_err(|source| {
            Stop::from(Error::Database { doing: "look for tables that share a function of `on update`", source })
        })?;
        let shared = rows.iter().filter_map(|row| {
            let schema = Some(text(row, 0)).filter(|schema| tenant.as_ref() != Some(schema));
            let schema = schema.unwrap_or_else(|| DEFAULT_SCHEMA.to_string());
            let (column, _) = read_on_update_body(&text(row, 4))?;
            let table = QualifiedName::in_schema(schema, text(row, 1));
            Some(Shared { table, trigger: text(row, 2), function: text(row, 3), column })
        });
        Ok(shared.collect())
    }
}

/// The column that the trigger is meant for: what has its name, what its function sets, or the only one.
fn wanted<'c>(shared: &Shared, expected: &'c Catalog) -> Option<(&'c str, &'c OnUpdate)> {
    let columns = &expected.table(&shared.table)?.columns;
    let all: Vec<(&str, &OnUpdate)> =
        columns.iter().filter_map(|column| Some((column.name.as_str(), column.on_update.as_ref()?))).collect();
    let named = all.iter().find(|(_, on_update)| on_update.trigger == shared.trigger);
    let set = all.iter().find(|(column, _)| *column == shared.column);
    named.or(set).or(all.first().filter(|_| all.len() == 1)).copied()
}
