//! Looking at an index that was built, or is being built, or was left half built.

use std::time::Duration;

use migrate_core::plan::Postcondition;
use migrate_core::sql::{quote_identifier, quote_literal};
use sqlx::PgConnection;

use crate::connection::{number, text};
use crate::lock::timed;
use crate::message::{Message, Part, SAFE_PATH, UNHURRIED, query};

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

/// A statement that makes an index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Making<'m> {
    /// Its SQL.
    pub(super) sql: &'m str,
    /// The `search_path` that it runs with.
    pub(super) path: &'m str,
}

/// Looks whether a postcondition holds. `making`: what makes the index, where one that is found may be another one.
pub(super) async fn probe(
    connection: &mut PgConnection,
    postcondition: &Postcondition,
    making: Option<Making<'_>>,
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
        (Postcondition::IndexExists { schema, table, index, .. }, Some((true, _))) => {
            let same = match making {
                Some(making) => is_made_by(connection, making, (schema, table, index)).await,
                None => true,
            };
            Ok(if same { Probe::Holds } else { Probe::Differs })
        }
    }
}

/// Whether an index is what a statement makes: the server makes it once more, over a temporary table like its own, and both are
/// compared. Where that cannot be done it is given the benefit of the doubt: it has the right name, it is on the right
/// table, and it is valid. Only after a crash.
async fn is_made_by(
    connection: &mut PgConnection,
    Making { sql, path }: Making<'_>,
    (schema, table, index): (&str, &str, &str),
) -> bool {
    let (schema, table, index) = (quote_identifier(schema), quote_identifier(table), quote_identifier(index));
    let Some((kind, keys)) = sql.split_once(&format!(" INDEX CONCURRENTLY {index} ON {schema}.{table} ")) else {
        return true;
    };
    let found = quote_literal(&format!("{schema}.{index}")).to_string();
    let mut message = Message::new();
    // A message without BEGIN is one transaction, and its table ends with it.
    message
        .push(Part::Control, UNHURRIED)
        .push(Part::Control, &format!("SET LOCAL lock_timeout = {LONGEST_WAIT}"))
        .push(Part::Control, SAFE_PATH)
        .push(Part::Control, &format!("CREATE TEMPORARY TABLE {LIKE_IT} (LIKE {schema}.{table}) ON COMMIT DROP"))
        .push(Part::Control, &format!("SELECT set_config('search_path', {}, true)", quote_literal(path)))
        .push(Part::Control, &format!("{kind} INDEX {INDEX_LIKE_IT} ON pg_temp.{LIKE_IT} {keys}"))
        .push(Part::Control, SAFE_PATH)
        .push(
            Part::Control,
            &format!("{SHAPES} AND index.indexrelid IN ('pg_temp.{INDEX_LIKE_IT}'::regclass, {found}::regclass)"),
        );
    match timed(async { Ok(message.send(connection, |_, _| {}).await) }).await {
        Ok(Ok(replies)) => {
            let shapes: Vec<String> = replies.iter().flat_map(|reply| &reply.rows).map(|row| text(row, 0)).collect();
            // The settings answer, too.
            matches!(shapes.as_slice(), [.., one, other] if one == other)
        }
        Ok(Err(_)) | Err(_) => true,
    }
}

/// How long the table is waited for that the temporary one is made after, in milliseconds.
const LONGEST_WAIT: u32 = 5000;

const LIKE_IT: &str = "migrate_like_it";
const INDEX_LIKE_IT: &str = "migrate_index_like_it";

/// What tells indexes apart, but for their names and tables.
const SHAPES: &str = "SELECT json_build_object('method', class.relam, 'parameters', class.reloptions, \
     'unique', index.indisunique, 'nulls', to_jsonb(index) -> 'indnullsnotdistinct', 'keys', index.indnkeyatts, \
     'options', index.indoption::text, 'classes', index.indclass::text, 'collations', index.indcollation::text, \
     'columns', (SELECT json_agg(pg_get_indexdef(index.indexrelid, place, false) ORDER BY place) \
     FROM generate_series(1, index.indnatts) AS place), \
     'predicate', pg_get_expr(index.indpred, index.indrelid))::text \
     FROM pg_index AS index JOIN pg_class AS class ON class.oid = index.indexrelid WHERE true";

/// Whether the statement may name something without its schema. The compiler names the table and the index with theirs;
/// what an expression calls is as it was written.
pub(super) fn may_follow_search_path(postcondition: &Postcondition) -> bool {
    matches!(postcondition, Postcondition::IndexExists { looks_up_names: true, .. })
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
        Postcondition::IndexAbsent { .. } => format!("the index `{}` still exists", name(postcondition)),
        Postcondition::PartitionDetached { .. } => format!("`{}` is still a partition", name(postcondition)),
    }
}
