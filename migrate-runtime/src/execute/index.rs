//! Looking at an index that was built, or is being built, or was left half built.

use std::time::Duration;

use migrate_core::catalog::Index;
use migrate_core::diff::index_matches;
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::plan::Postcondition;
use migrate_core::sql::{quote_identifier, quote_literal};
use sqlx::PgConnection;

use crate::connection::{number, text};
use crate::introspect::introspect;
use crate::lock::timed;
use crate::message::query;
use crate::settings::Settings;

/// How often it looks whether a build has ended.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Probe {
    /// The postcondition holds.
    Holds,
    /// There is no such index (where there should be one).
    Absent,
    /// It is invalid, or still there where it should not be.
    Invalid,
    /// It is valid, and defined differently.
    Differs,
}

/// Waits for a build on the table that the server is still at: that of a process that is gone.
pub(super) async fn wait_for_builds(
    connection: &mut PgConnection,
    postcondition: &Postcondition,
) -> Result<(), sqlx::Error> {
    let Postcondition::IndexExists { schema, table, .. } = postcondition else { return Ok(()) };
    let building = format!(
        "SELECT count(*)::text FROM pg_catalog.pg_stat_progress_create_index AS progress \
         JOIN pg_catalog.pg_class AS class ON class.oid = progress.relid \
         JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace \
         WHERE space.nspname = {} AND class.relname = {} AND progress.pid <> pg_backend_pid() \
         AND progress.datname = current_database()",
        quote_literal(schema),
        quote_literal(table)
    );
    loop {
        let builds = timed(query(connection, building.clone())).await?;
        if builds.first().and_then(|row| number::<i64>(row, 0)).unwrap_or(0) == 0 {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Looks whether a postcondition holds. `compare`: whether an index that is found may be another one than the statement
/// makes.
pub(super) async fn probe(
    connection: &mut PgConnection,
    postcondition: &Postcondition,
    compare: bool,
    settings: &Settings,
) -> Result<Probe, sqlx::Error> {
    if let Postcondition::PartitionDetached { schema, table, .. } = postcondition {
        return super::partition::probe(connection, schema, table).await;
    }
    let (schema, index) = names(postcondition);
    let (schema_text, index_text) = (quote_literal(schema).to_string(), quote_literal(index).to_string());
    let found = query(
        connection,
        format!(
            "SELECT (index.indisvalid AND index.indisready AND index.indislive)::text, owner.relname::text \
             FROM pg_catalog.pg_index AS index JOIN pg_catalog.pg_class AS class ON class.oid = index.indexrelid \
             JOIN pg_catalog.pg_class AS owner ON owner.oid = index.indrelid \
             JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace \
             WHERE space.nspname = {schema_text} AND class.relname = {index_text}"
        ),
    )
    .await?;
    let found = found.first().map(|row| (text(row, 0) == "true", text(row, 1)));
    match (postcondition, found) {
        (Postcondition::IndexAbsent { .. } | Postcondition::PartitionDetached { .. }, None) => Ok(Probe::Holds),
        (Postcondition::IndexAbsent { .. } | Postcondition::PartitionDetached { .. }, Some(_)) => Ok(Probe::Invalid),
        (Postcondition::IndexExists { .. }, None) => Ok(Probe::Absent),
        (Postcondition::IndexExists { table, .. }, Some((_, owner))) if owner != *table => Ok(Probe::Differs),
        (Postcondition::IndexExists { .. }, Some((false, _))) => Ok(Probe::Invalid),
        (Postcondition::IndexExists { definition, .. }, Some((true, _))) => {
            let same = !compare || is_defined_as(connection, (schema, index), definition, settings).await;
            Ok(if same { Probe::Holds } else { Probe::Differs })
        }
    }
}

/// Whether the index is defined as the JSON says. What cannot be read is given the benefit of the doubt: it has the
/// right name, it is on the right table, and it is valid.
async fn is_defined_as(
    connection: &mut PgConnection,
    (schema, index): (&str, &str),
    definition: &str,
    settings: &Settings,
) -> bool {
    let Ok(expected) = serde_json::from_str::<Index>(definition) else { return true };
    // The whole catalog, since types of columns and enums decide what expressions mean. Only after a crash.
    let Ok(live) = introspect(connection, &settings.introspection()).await else { return true };
    // A tenant's schema is read as if it were `public`.
    let schema = if settings.tenant.as_deref() == Some(schema) { DEFAULT_SCHEMA } else { schema };
    let Some((table, found)) = live.catalog.index(&QualifiedName::in_schema(schema, index)) else { return true };
    live.catalog.table(table).is_none_or(|table| index_matches(&expected, found, table))
}

/// Whether the statement may name something without its schema. The compiler names the table and the index with theirs;
/// what an expression calls is as it was written.
pub(super) fn may_follow_search_path(postcondition: &Postcondition) -> bool {
    match postcondition {
        Postcondition::IndexExists { definition, .. } => {
            serde_json::from_str::<Index>(definition).map_or(true, |index| index.may_follow_search_path())
        }
        Postcondition::IndexAbsent { .. } | Postcondition::PartitionDetached { .. } => false,
    }
}

fn names(postcondition: &Postcondition) -> (&str, &str) {
    match postcondition {
        Postcondition::IndexExists { schema, index, .. } | Postcondition::IndexAbsent { schema, index } => {
            (schema, index)
        }
        Postcondition::PartitionDetached { schema, table, .. } => (schema, table),
    }
}

/// The index for people.
pub(super) fn name(postcondition: &Postcondition) -> String {
    let (schema, index) = names(postcondition);
    format!("{schema}.{index}")
}

/// The index for SQL.
pub(super) fn quoted(postcondition: &Postcondition) -> String {
    let (schema, index) = names(postcondition);
    format!("{}.{}", quote_identifier(schema), quote_identifier(index))
}

/// What is not so when the postcondition does not hold.
pub(super) fn expectation(postcondition: &Postcondition) -> String {
    match postcondition {
        Postcondition::IndexExists { .. } => format!("there is no valid index `{}`", name(postcondition)),
        Postcondition::IndexAbsent { .. } => format!("the index `{}` is still there", name(postcondition)),
        Postcondition::PartitionDetached { .. } => format!("`{}` is still a partition", name(postcondition)),
    }
}
