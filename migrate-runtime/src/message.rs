//! Several commands in one message of the simple protocol: one round trip, and still known which one failed.

use std::sync::Arc;

use futures_util::TryStreamExt as _;
use sqlx::postgres::{PgDatabaseError, PgErrorPosition, PgRow};
use sqlx::{AssertSqlSafe, Either, PgConnection};

/// What a command of a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// BEGIN, settings.
    Control,
    /// Fails when the migration lock is gone, or while a transaction of a predecessor is still open.
    Guard,
    /// Takes a lock of the next statement; fails while another transaction has the table.
    Held,
    /// A statement of the migration: its number, counted over all segments from 0.
    Statement(usize),
    /// A look at what the transaction has, before or after the statement of this number; for rehearsals.
    Look(usize, bool),
    /// Writing the history or the journal.
    Record,
    /// A row for each session that waits for this transaction.
    Waiting,
    /// COMMIT.
    Commit,
}

/// Commands that are sent together.
#[derive(Debug, Default)]
pub(crate) struct Message {
    sql: String,
    parts: Vec<(Part, usize)>,
}

/// What a command answered.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    /// How many rows it changed or gave.
    pub(crate) affected: u64,
    pub(crate) rows: Vec<PgRow>,
}

/// The command that failed, and how. Those before it succeeded.
#[derive(Debug)]
pub(crate) struct MessageError {
    pub(crate) part: Part,
    pub(crate) source: sqlx::Error,
}

impl Message {
    pub(crate) fn new() -> Self {
        Message::default()
    }

    /// One without BEGIN, which is one transaction, and has [`SAFE_PATH`] to look things up.
    pub(crate) fn looking() -> Self {
        let mut message = Message::default();
        message.push(Part::Control, SAFE_PATH);
        message
    }

    /// Adds one command. A line break before the semicolon ends a comment that the command may end with.
    pub(crate) fn push(&mut self, part: Part, sql: &str) -> &mut Self {
        self.parts.push((part, self.sql.len()));
        self.sql.push_str(sql);
        self.sql.push_str("\n;\n");
        self
    }

    /// How many commands it has.
    pub(crate) fn count(&self) -> usize {
        self.parts.len()
    }

    /// Adds the commands of another one.
    pub(crate) fn append(&mut self, other: &Message) -> &mut Self {
        let start = self.sql.len();
        self.parts.extend(other.parts.iter().map(|(part, at)| (*part, start + at)));
        self.sql.push_str(&other.sql);
        self
    }

    /// The number of the first statement of the migration in it.
    pub(crate) fn first_statement(&self) -> Option<usize> {
        self.parts.iter().find_map(|(part, _)| match part {
            Part::Statement(number) => Some(*number),
            _ => None,
        })
    }

    /// The looks in it: where they stand, before or after which statement.
    pub(crate) fn looks(&self) -> Vec<(usize, usize, bool)> {
        let looks = self.parts.iter().enumerate().filter_map(|(index, (part, _))| match part {
            Part::Look(number, is_before) => Some((index, *number, *is_before)),
            _ => None,
        });
        looks.collect()
    }

    /// Sends it, and calls `on_reply` for each command that succeeded.
    pub(crate) async fn send(
        self,
        connection: &mut PgConnection,
        mut on_reply: impl FnMut(Part, &Reply),
    ) -> Result<Vec<Reply>, MessageError> {
        let sql = Arc::new(self.sql);
        let mut replies: Vec<Reply> = Vec::with_capacity(self.parts.len());
        let mut rows = Vec::new();
        let mut stream = sqlx::raw_sql(AssertSqlSafe(Arc::clone(&sql))).fetch_many(connection);
        loop {
            match stream.try_next().await {
                Ok(Some(Either::Right(row))) => rows.push(row),
                Ok(Some(Either::Left(result))) => {
                    let part = self.parts.get(replies.len()).map_or(Part::Control, |(part, _)| *part);
                    let reply = Reply { affected: result.rows_affected(), rows: std::mem::take(&mut rows) };
                    on_reply(part, &reply);
                    replies.push(reply);
                }
                Ok(None) => return Ok(replies),
                Err(source) => {
                    let part = part_of(&self.parts, &sql, replies.len(), &source);
                    return Err(MessageError { part, source });
                }
            }
        }
    }
}

/// The part an error belongs to: the one its position is in (a syntax error is reported before anything runs), else
/// the one after those that answered.
fn part_of(parts: &[(Part, usize)], sql: &str, completed: usize, error: &sqlx::Error) -> Part {
    let by_position = || {
        let sqlx::Error::Database(error) = error else { return None };
        let PgErrorPosition::Original(position) = error.try_downcast_ref::<PgDatabaseError>()?.position()? else {
            return None;
        };
        let (byte, _) = sql.char_indices().nth(position.checked_sub(1)?)?;
        parts.iter().rfind(|(_, start)| *start <= byte).map(|(part, _)| *part)
    };
    let by_count = || parts.get(completed).or(parts.last()).map(|(part, _)| *part);
    by_position().or_else(by_count).unwrap_or(Part::Control)
}

/// Lets names mean what the system has, until the end of the transaction, whatever a role or a database has set. What is
/// in a schema that others may write to could be called instead of the system's, with the rights of this role. Temporary
/// objects come last, or they would come first.
pub(crate) const SAFE_PATH: &str = "SET LOCAL search_path = pg_catalog, pg_temp";

/// Lifts the limits of time that a role or a database has set, until the end of the transaction or of the message. What a
/// server does not know is left out.
pub(crate) const UNHURRIED: &str = "SELECT pg_catalog.set_config('statement_timeout', '0', true), \
     pg_catalog.set_config('idle_in_transaction_session_timeout', '0', true), \
     CASE WHEN pg_catalog.current_setting('transaction_timeout', true) IS NOT NULL \
     THEN pg_catalog.set_config('transaction_timeout', '0', true) END";

/// As [`query`], for what may take longer than the role's statements may.
pub(crate) async fn unhurried(connection: &mut PgConnection, sql: &str) -> Result<Vec<PgRow>, sqlx::Error> {
    let mut message = Message::new();
    message.push(Part::Control, SAFE_PATH).push(Part::Control, UNHURRIED).push(Part::Control, sql);
    let replies = message.send(connection, |_, _| {}).await.map_err(|error| error.source)?;
    Ok(replies.into_iter().skip(2).flat_map(|reply| reply.rows).collect())
}

/// Asks something that belongs to no migration. A message without BEGIN is one transaction, which has [`SAFE_PATH`].
pub(crate) async fn query(connection: &mut PgConnection, sql: String) -> Result<Vec<PgRow>, sqlx::Error> {
    command(connection, format!("{SAFE_PATH};\n{sql}")).await
}

/// Sends what cannot be in a message with others, or looks nothing up: the end of a transaction, a setting.
pub(crate) async fn command(connection: &mut PgConnection, sql: String) -> Result<Vec<PgRow>, sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(connection).await
}
