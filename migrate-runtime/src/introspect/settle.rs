//! Lets the server say whether two expressions mean the same that are different trees.
//!
//! What is expected is given to it on a temporary table with the columns of the live one, and read as it prints it. That
//! is rolled back; nothing is run that an expression calls, see [`migrate_core::diff::questions`].

use migrate_core::catalog::Catalog;
use migrate_core::diff::{Doubt, Questions, questions};
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::sql::quote_literal;
use sqlx::PgConnection;

use super::placed::Placed;
use super::queries;
use super::settle_object::{doubtful, settle_objects};
use crate::connection::{number, text};
use crate::error::is_connection_lost;
use crate::message::{Message, Part, command, query};
use crate::settings::Settings;

/// The search path under which what the compiler writes runs.
const SYSTEM_PATH: &str = "pg_catalog, pg_temp";

/// The most expressions that are asked about one by one where one of their table cannot be.
const MOST_SINGLE: usize = 200;

/// What is expected, in the server's words where these were needed.
#[derive(Clone, Debug)]
pub(crate) struct Settled {
    /// The catalog.
    pub(crate) catalog: Catalog,
    /// Why some expressions were only compared as they are written.
    pub(crate) unasked: Option<String>,
}

/// Puts the server's words in place of the expressions that `live` has otherwise. Where the server cannot be asked
/// (a standby, a role that may not make temporary tables), they stay as they are. The connection must not be in a
/// transaction.
///
/// # Errors
/// The connection is lost.
pub(crate) async fn settle(
    connection: &mut PgConnection,
    expected: &Catalog,
    live: &Catalog,
    settings: &Settings,
) -> Result<Settled, sqlx::Error> {
    let mut settled = Settled { catalog: expected.clone(), unasked: None };
    let doubts = expected.doubts(live);
    if doubts.is_empty() && doubtful(expected, live).is_empty() {
        return Ok(settled);
    }
    if let Some(reason) = obstacle(connection).await? {
        settled.unasked = Some(reason);
        return Ok(settled);
    }
    let placed = Placed { schema: settings.tenant.clone() };
    for doubts in doubts.chunk_by(|one, other| one.table == other.table) {
        let all: Vec<&Doubt> = doubts.iter().collect();
        match ask_somehow(connection, &all, settings).await? {
            Ok(answers) => answers.into_iter().for_each(|(doubt, printed)| settled.put(doubt, &printed, &placed)),
            Err(_) if all.len() > 1 => {
                for doubt in all.into_iter().take(MOST_SINGLE) {
                    match ask_somehow(connection, &[doubt], settings).await? {
                        Ok(answers) => {
                            answers.into_iter().for_each(|(doubt, printed)| settled.put(doubt, &printed, &placed))
                        }
                        Err(reason) => settled.unasked = Some(reason),
                    }
                }
            }
            Err(reason) => settled.unasked = Some(reason),
        }
    }
    settle_objects(connection, live, &placed, &mut settled).await?;
    Ok(settled)
}

impl Settled {
    fn put(&mut self, doubt: &Doubt, printed: &str, placed: &Placed) {
        match placed.expression(printed).ok().and_then(|printed| doubt.answer(printed)) {
            Some(expression) => self.catalog.settle(doubt, expression),
            None => self.unasked = Some(format!("cannot read `{printed}`")),
        }
    }
}

/// What makes the session one in which ordinary event triggers do not run. Only a superuser may do that.
const WITHOUT_EVENT_TRIGGERS: &str = "SELECT pg_catalog.set_config('session_replication_role', 'replica', true) \
     FROM pg_catalog.pg_roles WHERE rolname = CURRENT_USER AND rolsuper \
     AND EXISTS (SELECT FROM pg_catalog.pg_event_trigger WHERE evtenabled = 'O')";

/// Why nothing can be asked, if so. Event triggers would run for each statement, unless [`WITHOUT_EVENT_TRIGGERS`] keeps
/// them from it.
async fn obstacle(connection: &mut PgConnection) -> Result<Option<String>, sqlx::Error> {
    let sql = "SELECT pg_catalog.pg_is_in_recovery()::text, \
               pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMPORARY')::text, \
               (SELECT pg_catalog.count(*) FROM pg_catalog.pg_event_trigger WHERE evtenabled <> 'D' \
               AND evtevent IN ('ddl_command_start', 'ddl_command_end') AND NOT (evtenabled = 'O' \
               AND EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = CURRENT_USER AND rolsuper)))::text";
    let rows = query(connection, sql.to_string()).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(match (text(row, 0).as_str(), text(row, 1).as_str(), text(row, 2).as_str()) {
        ("true", _, _) => Some("the server is a standby".to_string()),
        (_, "false", _) => Some("the role may not create temporary tables in this database".to_string()),
        (_, _, "0") => None,
        _ => Some("the database has event triggers, which would run".to_string()),
    })
}

/// The texts that the server prints, or why it does not.
type Answers<'d> = Result<Vec<(&'d Doubt, String)>, String>;

/// Asks about expressions of one table in the way in which they run: named in full, as the compiler writes them, and those
/// of a tenant in its schema. Never through a schema in which others may make objects.
async fn ask_somehow<'d>(
    connection: &mut PgConnection,
    doubts: &[&'d Doubt],
    settings: &Settings,
) -> Result<Answers<'d>, sqlx::Error> {
    // What an extension has is in `public` for all tenants.
    let ways: &[bool] = if settings.tenant.is_some() { &[true, false] } else { &[true] };
    let mut reason = String::new();
    for is_moved in ways {
        match ask(connection, doubts, settings, *is_moved).await? {
            Ok(answers) => return Ok(Ok(answers)),
            Err(refused) => reason = refused,
        }
    }
    Ok(Err(reason))
}

async fn ask<'d>(
    connection: &mut PgConnection,
    doubts: &[&'d Doubt],
    settings: &Settings,
    is_moved: bool,
) -> Result<Answers<'d>, sqlx::Error> {
    let home = |table: &QualifiedName| match &settings.tenant {
        Some(tenant) if table.schema == DEFAULT_SCHEMA => QualifiedName::in_schema(tenant, &table.name),
        _ => table.clone(),
    };
    let placed = Placed { schema: settings.tenant.clone() };
    let moved = |doubt: &&Doubt| {
        let mut moved = Doubt { table: home(&doubt.table), ..Doubt::clone(doubt) };
        if is_moved {
            placed.take_home(&mut moved.expression);
        }
        moved
    };
    let moved: Vec<Doubt> = doubts.iter().map(moved).collect();
    let Questions { ask, answers } = questions(&moved.iter().collect::<Vec<_>>());
    let mut message = Message::new();
    opened(&mut message);
    for command in &ask {
        message.push(Part::Record, command);
    }
    message.push(Part::Control, queries::SEARCH_PATH);
    message.push(Part::Waiting, &answers);
    message.push(Part::Control, "ROLLBACK");
    let mut printed = Vec::with_capacity(doubts.len());
    let sent = message.send(connection, |part, reply| {
        for row in reply.rows.iter().filter(|_| part == Part::Waiting) {
            let doubt = number::<usize>(row, 0).and_then(|index| doubts.get(index));
            printed.extend(doubt.map(|doubt| (*doubt, text(row, 1))));
        }
    });
    match sent.await {
        Ok(_) => Ok(Ok(printed)),
        Err(error) => Ok(Err(is_refused(connection, error.source).await?)),
    }
}

/// Begins the transaction in which something is asked.
pub(super) fn opened(message: &mut Message) {
    message.push(Part::Control, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
    for setting in queries::SETTINGS.split(';') {
        message.push(Part::Control, setting);
    }
    let path = quote_literal(SYSTEM_PATH);
    message.push(
        Part::Control,
        &format!(
            "SELECT pg_catalog.set_config('search_path', {path}, true), \
             pg_catalog.set_config('lock_timeout', '1s', true), \
             pg_catalog.set_config('statement_timeout', '60s', true), \
             pg_catalog.set_config('idle_in_transaction_session_timeout', '15 s', true)"
        ),
    );
    message.push(Part::Control, WITHOUT_EVENT_TRIGGERS);
}

/// Ends the transaction in which the server refused something, and gives its reason.
pub(super) async fn is_refused(connection: &mut PgConnection, error: sqlx::Error) -> Result<String, sqlx::Error> {
    if is_connection_lost(&error) {
        return Err(error);
    }
    command(connection, "ROLLBACK".to_string()).await?;
    Ok(match &error {
        sqlx::Error::Database(error) => error.message().to_string(),
        error => error.to_string(),
    })
}
