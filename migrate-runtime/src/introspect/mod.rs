//! Reads the catalog of a live database.
//!
//! One transaction, one query for each kind of object. Works behind a transaction-mode pooler: it leaves nothing behind
//! in the session.

mod access;
mod answers;
mod assemble;
mod beside;
mod column_comments;
mod finding;
mod object;
mod others;
mod placed;
mod queries;
mod read_index;
mod rows;
mod settle;
mod settle_object;

use migrate_core::catalog::Catalog;
use serde::de::DeserializeOwned;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

pub use beside::Beside;
pub use finding::{Unfinished, Unreadable};
pub use others::{OtherHistory, Others, Owner};
pub use read_index::{LiveIndex, read_index};

pub(crate) use answers::Answers;
pub(crate) use queries::{BEGIN, SETTINGS};
pub(crate) use settle::{Settled, settle};

use assemble::Assembly;
use placed::Placed;

use crate::settings::Settings;

/// What to read.
#[derive(Clone, Debug)]
pub struct Options {
    /// Schemas to exclude, in addition to system schemas: that of the history table.
    pub excluded_schemas: Vec<String>,
    /// Only this schema, that of a tenant, as if it were `public`, without the history tables in it; and the
    /// extensions, which belong to the database.
    pub schema: Option<String>,
    /// Whether the server may keep the plans of the queries for the next reading. Only over a connection that no pooler shares.
    pub keeps_plans: bool,
}

impl Default for Options {
    /// Leaves out the schema `migrate`.
    fn default() -> Self {
        Options { excluded_schemas: vec!["migrate".into()], schema: None, keeps_plans: false }
    }
}

/// The contents of a live database.
#[derive(Clone, Debug, Default)]
pub struct Introspection {
    /// Everything that is finished and that a catalog can represent.
    pub catalog: Catalog,
    /// Indexes that are not valid, and NOT NULL that is not validated, which are not in the catalog; and foreign keys whose
    /// triggers are disabled.
    pub unfinished: Vec<Unfinished>,
    /// What could not be read. It is not in the catalog.
    pub unreadable: Vec<Unreadable>,
}

/// What is in a live database that a catalog cannot represent.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Objects of kinds that are not compared.
    pub beside: Vec<Beside>,
    /// What other tools and other histories have created.
    pub others: Others,
}

/// Why a live database could not be read.
#[derive(Debug, thiserror::Error)]
pub enum IntrospectError {
    /// A query failed.
    #[error("cannot read the {what} of the database")]
    Query {
        /// The kind of object that was read.
        what: &'static str,
        /// The server's or the driver's error.
        source: sqlx::Error,
    },
    /// A row is not as expected: a bug in this crate.
    #[error("cannot understand the server's description of the {what} of the database")]
    Row {
        /// The kind of object that was read.
        what: &'static str,
        /// What is wrong with the row.
        source: serde_json::Error,
    },
    /// The definition of the index that was asked for cannot be read.
    #[error("{0}")]
    UnreadableIndex(Box<Unreadable>),
}

/// Reads the whole catalog, in one snapshot. The connection must not be in a transaction.
///
/// # Errors
/// A query fails. A single object that cannot be read is not an error, see [`Introspection::unreadable`].
pub async fn introspect(connection: &mut PgConnection, options: &Options) -> Result<Introspection, IntrospectError> {
    let mut transaction = begin(connection).await?;
    let found = read(&mut transaction, options).await?;
    transaction.rollback().await.map_err(|source| IntrospectError::Query { what: "catalog", source })?;
    Ok(found)
}

/// Reads the whole catalog as the open transaction sees it, including its own changes. Afterwards, its settings are as
/// before.
///
/// # Errors
/// A query fails. A single object that cannot be read is not an error, see [`Introspection::unreadable`].
pub async fn introspect_within(
    connection: &mut PgConnection,
    options: &Options,
) -> Result<Introspection, IntrospectError> {
    let failed = |source| IntrospectError::Query { what: "catalog", source };
    // In words: the transaction may have been opened by a statement, of which the driver does not know.
    let before = format!("SAVEPOINT migrate_introspect; {}; {SETTINGS}", queries::SEARCH_PATH);
    sqlx::raw_sql(AssertSqlSafe(before)).execute(&mut *connection).await.map_err(failed)?;
    let found = read(connection, options).await?;
    let after = "ROLLBACK TO SAVEPOINT migrate_introspect; RELEASE SAVEPOINT migrate_introspect";
    sqlx::raw_sql(after).execute(connection).await.map_err(failed)?;
    Ok(found)
}

/// Reads the whole catalog in a transaction of [`begin`].
pub(crate) async fn read(connection: &mut PgConnection, options: &Options) -> Result<Introspection, IntrospectError> {
    let answers = Answers::read(connection, options).await?;
    understand(&answers, options)
}

/// The catalog that the server told of.
pub(crate) fn understand(answers: &Answers, options: &Options) -> Result<Introspection, IntrospectError> {
    let mut assembly = Assembly::new(options.schema.clone());
    answers.rows("extensions")?.into_iter().for_each(|row| assembly.add_extension(row));
    answers.rows("enums")?.into_iter().for_each(|row| assembly.add_enum(row));
    answers.rows("tables")?.into_iter().for_each(|row| assembly.add_table(row));
    answers.rows("columns")?.into_iter().for_each(|row| assembly.add_column(row));
    answers.rows("constraints")?.into_iter().for_each(|row| assembly.add_constraint(row));
    answers.rows("triggers of `on update`")?.into_iter().for_each(|row| assembly.add_on_update_trigger(row));
    let placed = Placed { schema: options.schema.clone() };
    object::understand(answers, &placed, assembly.found_mut())?;
    // Materialized views have some, too.
    answers.rows(answers::INDEXES)?.into_iter().for_each(|row| assembly.add_index(row));
    let mut found = assembly.finish();
    access::understand(answers.rows("owners and privileges")?, &placed, &mut found.catalog);
    column_comments::understand(answers.rows("comments on columns")?, &mut found.catalog);
    Ok(found)
}

/// The expected catalog, with those expressions and queries that differ in `live` as the server prints them, so that
/// both can be compared. The connection must not be in a transaction.
///
/// # Errors
/// The connection is lost.
pub async fn in_words_of_server(
    connection: &mut PgConnection,
    expected: &Catalog,
    live: &Catalog,
    schema: Option<&str>,
) -> Result<Catalog, sqlx::Error> {
    let settings = Settings { tenant: schema.map(str::to_owned), ..Settings::default() };
    Ok(settle(connection, expected, live, &settings).await?.catalog)
}

/// Reads what else is there, in a transaction of [`begin`].
pub(crate) async fn read_surroundings(
    connection: &mut PgConnection,
    options: &Options,
) -> Result<Surroundings, IntrospectError> {
    let others = others::read(connection, options).await?;
    let mut counted = options.clone();
    counted.excluded_schemas.extend(others.tenants().map(str::to_owned));
    Ok(Surroundings { beside: beside::read(connection, &counted).await?, others })
}

/// Opens the transaction that all queries of a reading share.
pub(crate) async fn begin<'c>(
    connection: &'c mut PgConnection,
) -> Result<sqlx::Transaction<'c, sqlx::Postgres>, IntrospectError> {
    let failed = |source| IntrospectError::Query { what: "catalog", source };
    let mut transaction = connection.begin_with(BEGIN).await.map_err(failed)?;
    let settings = format!("{}; {SETTINGS}", queries::SEARCH_PATH);
    sqlx::raw_sql(AssertSqlSafe(settings)).execute(&mut *transaction).await.map_err(failed)?;
    Ok(transaction)
}

/// Runs one of the [`queries`], and reads its rows.
async fn fetch<Row: DeserializeOwned>(
    connection: &mut PgConnection,
    what: &'static str,
    query: &'static str,
    options: &Options,
    index: Option<Option<(&str, &str)>>,
) -> Result<Vec<Row>, IntrospectError> {
    answers::read_rows(what, &answers::ask(connection, what, query, options, index).await?)
}
