//! The table of another tool: reading it, and keeping the tool from writing to it meanwhile.

use std::time::{Duration, Instant};

use migrate_core::adopt::{Adoption, Column, Exclusion, NotAdopted, Obstacle, Row, Shape};
use migrate_core::name::QualifiedName;
use migrate_core::sql::qualified;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};

use crate::connection::{backoff, connect, optional_text, text};
use crate::error::{Error, MissingRight, sqlstate};
use crate::event::{Event, LockHolder, emit};
use crate::lock::{Keys, timed};
use crate::message::{SAFE_PATH, UNHURRIED, command, query, unhurried};
use crate::settings::Settings;

/// The longest pause between two attempts to get the lock of the tool.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// How often it is told that it is waited for.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// What the server answers where a table is locked by others.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// The tool, kept out: until this is released, it records nothing.
pub(crate) struct KeptOut {
    connection: PgConnection,
}

/// What is read of the table.
pub(crate) type Found = Result<Vec<Row>, NotAdopted>;

impl KeptOut {
    /// Polls for what keeps the tool out. Never waits inside a statement: whoever does holds a snapshot, and the tool may
    /// be building an index that waits for it.
    ///
    /// It is a transaction of its own, which is what a pooler keeps together; and no longer than it takes to decide and to
    /// record: replicas of the old program wait inside a statement meanwhile.
    pub(crate) async fn acquire(
        options: &PgConnectOptions,
        adoption: &Adoption,
        settings: &Settings,
    ) -> Result<Self, Error> {
        let doing = "keep the other tool from migrating in the meantime";
        let failed = |source| Error::Database { doing, source };
        let mut connection = timed(connect(options, "adopting")).await.map_err(Error::Connect)?;
        let exclusion = match options.get_database() {
            Some(database) => adoption.exclusion(database),
            None => adoption.exclusion(&own_database(&mut connection).await.map_err(failed)?),
        };
        let started = Instant::now();
        let mut told: Option<Instant> = None;
        let mut attempt = 0;
        loop {
            match timed(exclude(&mut connection, adoption, exclusion)).await {
                Ok(true) => return Ok(KeptOut { connection }),
                Ok(false) => {}
                Err(source) if sqlstate(&source) == Some("42501") => {
                    return Err(missing_right(&mut connection, adoption, source).await);
                }
                Err(source) => return Err(failed(source)),
            }
            let waited = started.elapsed();
            let gives_up = settings.lock_wait.is_some_and(|limit| waited >= limit);
            if gives_up || told.is_none_or(|told| told.elapsed() >= TELL_EVERY) {
                told = Some(Instant::now());
                let holder = holder(&mut connection, exclusion).await;
                let tool = adoption.tool.name();
                if gives_up {
                    return Err(Error::ToolBusy { tool, waited, holder: holder.map(Box::new) });
                }
                emit(settings.observer.as_ref(), &Event::WaitingForTool { tool, waited, holder });
            }
            tokio::time::sleep(backoff(attempt, Duration::from_millis(50), LONGEST_PAUSE)).await;
            attempt += 1;
        }
    }

    /// Reads the table.
    pub(crate) async fn rows(&mut self, adoption: &Adoption) -> Result<Found, Error> {
        timed(rows(&mut self.connection, adoption)).await.map_err(reading)
    }

    /// Fails where the connection is lost, and with it what keeps the tool out.
    pub(crate) async fn check(&mut self) -> Result<(), sqlx::Error> {
        timed(command(&mut self.connection, "SELECT 1".to_string())).await.map(|_| ())
    }

    /// Lets the tool go on.
    pub(crate) async fn release(self) {
        let _ = timed(self.connection.close()).await;
    }
}

/// An error of reading the table.
pub(crate) fn reading(source: sqlx::Error) -> Error {
    Error::Database { doing: "read the table of the other tool", source }
}

/// Begins a transaction that keeps the tool out; answers whether it does. If not, no transaction is left.
async fn exclude(
    connection: &mut PgConnection,
    adoption: &Adoption,
    exclusion: Exclusion,
) -> Result<bool, sqlx::Error> {
    let begin = format!("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;\n{SAFE_PATH};\n{UNHURRIED}");
    command(connection, begin).await?;
    let excluded = match exclusion {
        Exclusion::Advisory(key) => {
            let sql = format!("SELECT pg_catalog.pg_try_advisory_xact_lock({key})::text");
            command(connection, sql).await.map(|rows| rows.first().is_some_and(|row| text(row, 0) == "true"))
        }
        Exclusion::Table => lock_table(connection, adoption).await,
    };
    if !matches!(excluded, Ok(true)) {
        command(connection, "ROLLBACK".to_string()).await?;
    }
    excluded
}

/// Locks the table against writers. One that is not there keeps nobody out, nor does it have anything to read.
async fn lock_table(connection: &mut PgConnection, adoption: &Adoption) -> Result<bool, sqlx::Error> {
    if shape(connection, adoption).await?.kind != "r" {
        return Ok(true);
    }
    let sql = format!("LOCK TABLE ONLY {} IN SHARE MODE NOWAIT", qualified(&adoption.table));
    match command(connection, sql).await {
        Ok(_) => Ok(true),
        Err(error) if sqlstate(&error) == Some(LOCK_NOT_AVAILABLE) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Reads the table in the transaction that the connection is in; of one that is not there no row.
///
/// What has the name of the table may be anything. So it is looked at before it is read, and locked before that, so that
/// nobody puts something else in its place.
pub(crate) async fn rows(connection: &mut PgConnection, adoption: &Adoption) -> Result<Found, sqlx::Error> {
    command(connection, SAFE_PATH.to_string()).await?;
    // Where a policy would hide rows, it is an error; and none of its functions is called.
    command(connection, "SET LOCAL row_security = off".to_string()).await?;
    let refused = |why| Ok(Err(adoption.refused(Obstacle::Unreadable(why))));
    let found = shape(connection, adoption).await?;
    if found.kind.is_empty() {
        return Ok(Ok(Vec::new()));
    }
    if let Err(why) = adoption.tool.read(&adoption.table, &found) {
        return refused(why);
    }
    command(connection, format!("LOCK TABLE ONLY {} IN ACCESS SHARE MODE", qualified(&adoption.table))).await?;
    let locked = shape(connection, adoption).await?;
    let sql = match adoption.tool.read(&adoption.table, &locked) {
        Ok(sql) => sql,
        Err(why) => return refused(why),
    };
    let rows = command(connection, sql).await?;
    Ok(Ok(rows.iter().map(|row| Row::read(text(row, 0), &text(row, 1), text(row, 2))).collect()))
}

async fn shape(connection: &mut PgConnection, adoption: &Adoption) -> Result<Shape, sqlx::Error> {
    shape_of(connection, &adoption.table).await
}

/// What a table looks like; of one that is not there nothing. The connection is in a transaction with a safe path.
pub(crate) async fn shape_of(connection: &mut PgConnection, table: &QualifiedName) -> Result<Shape, sqlx::Error> {
    let rows = command(connection, Shape::query(table)).await?;
    let column = |row| {
        let name = optional_text(row, 1)?;
        Some(Column { name, of_system: optional_text(row, 2), is_generated: text(row, 3) == "true" })
    };
    Ok(Shape {
        kind: rows.first().map(|row| text(row, 0)).unwrap_or_default(),
        columns: rows.iter().filter_map(column).collect(),
    })
}

async fn own_database(connection: &mut PgConnection) -> Result<String, sqlx::Error> {
    let rows = timed(query(connection, "SELECT pg_catalog.current_database()::text".to_string())).await?;
    Ok(rows.first().map(|row| text(row, 0)).unwrap_or_default())
}

/// Who has the lock of the tool, where that can be told.
async fn holder(connection: &mut PgConnection, exclusion: Exclusion) -> Option<LockHolder> {
    let Exclusion::Advisory(key) = exclusion else { return None };
    let holder = timed(Keys::holder_of(key, connection)).await.ok()??;
    // What migrators of this library say does not count.
    Some(LockHolder { silent_for: None, ..holder })
}

/// Which right the role lacks at the table, and how it gets it.
async fn missing_right(connection: &mut PgConnection, adoption: &Adoption, source: sqlx::Error) -> Error {
    let role = match timed(unhurried(connection, "SELECT current_user::text")).await {
        Ok(rows) => rows.first().map(|row| text(row, 0)).unwrap_or_default(),
        Err(_) => return reading(source),
    };
    let table = qualified(&adoption.table);
    let to = migrate_core::sql::quote_identifier(&role);
    Error::MissingRight(Box::new(MissingRight {
        doing: "keep the other tool from migrating in the meantime",
        right: format!("SELECT, UPDATE on the table `{table}`"),
        grant: format!("GRANT SELECT, UPDATE ON TABLE {table} TO {to}"),
        role,
        source,
    }))
}
