//! Connections: those that are lent by a pool, to look; and our own, to change something, so that nothing leaks into it.

use std::time::Duration;

use migrate_core::name::LONGEST_NAME;
use migrate_core::plan::Checksum;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, PgPool, Postgres, Row as _};

use crate::error::Error;
use crate::running::Running;

/// The longest `application_name` PostgreSQL keeps, in bytes.
const LONGEST_APPLICATION_NAME: usize = 63;

/// Opens a connection beside the pool's.
pub(crate) fn connect<'a>(options: &PgConnectOptions, label: &str) -> Running<'a, Result<PgConnection, sqlx::Error>> {
    open(options.clone().application_name(&application_name(label)).disable_statement_logging())
}

/// The one place where the driver's code for opening a connection comes into the binary.
fn open<'a>(options: PgConnectOptions) -> Running<'a, Result<PgConnection, sqlx::Error>> {
    Box::pin(async move { PgConnection::connect_with(&options).await })
}

/// How long a server may take to answer who connects.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// Tries once to connect.
pub(crate) async fn connect_once(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    let connecting = tokio::time::timeout(CONNECT_TIMEOUT, open(options.clone())).await;
    connecting.unwrap_or_else(|_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())))
}

/// Refuses a name that PostgreSQL would cut: two of them may become one.
pub(crate) fn check_name(what: &'static str, name: &str) -> Result<(), Error> {
    if name.len() <= LONGEST_NAME { Ok(()) } else { Err(Error::LongName { what, name: name.to_owned() }) }
}

/// Borrows a connection. A pool that cannot connect goes on trying until its time is over, and does not tell why: then
/// one attempt beside it does. Where that one succeeds, all of the pool's connections are lent.
pub(crate) fn acquire(pool: &PgPool) -> Running<'_, Result<PoolConnection<Postgres>, Error>> {
    Box::pin(async move {
        check_name("the database", pool.connect_options().get_database().unwrap_or_default())?;
        let error = match pool.acquire().await {
            Ok(connection) => return Ok(connection),
            Err(error) => error,
        };
        if matches!(error, sqlx::Error::PoolTimedOut) {
            let connection = connect_once(&pool.connect_options()).await.map_err(Error::Connect)?;
            let _ = connection.close().await;
        }
        Err(Error::Connect(error))
    })
}

/// Lets go of a connection whose answer did not come. Given back, it would be asked whether it lives: in a silent network for
/// ever, and whoever closes the pool would wait for that.
pub(crate) fn forget(connection: PoolConnection<Postgres>) {
    drop(connection.detach());
}

/// Lets go of a connection that is not needed while a run goes on. Given back, the pool would ask it whether it lives, without
/// a limit: where the network falls silent just then, whoever closes the pool would wait forever.
pub(crate) async fn part_with(connection: PoolConnection<Postgres>) {
    let _ = tokio::time::timeout(LONGEST_GOODBYE, connection.detach().close()).await;
}

/// Closes a pool of our own; in a silent network no longer than it takes to say so.
pub(crate) async fn close(pool: &PgPool) {
    let _ = tokio::time::timeout(LONGEST_GOODBYE, pool.close()).await;
}

/// How long the end of connections is waited for.
const LONGEST_GOODBYE: Duration = Duration::from_secs(5);

/// `migrate: LABEL`, no longer than PostgreSQL keeps it.
pub(crate) fn application_name(label: &str) -> String {
    let mut name = format!("migrate: {label}");
    while name.len() > LONGEST_APPLICATION_NAME {
        name.pop();
    }
    name
}

/// What sessions are called that run the migrations of a schema, between transactions: another run finds them by that.
/// The server keeps only printable ASCII of a name, and no more than the first 63 bytes; so a schema with anything else,
/// or with a long name, has a hash of its name as well.
pub(crate) fn running(schema: &str) -> String {
    let name = application_name(&format!("running {schema}"));
    let is_kept = |byte: u8| (b' '..=b'~').contains(&byte);
    if name.ends_with(schema) && schema.bytes().all(is_kept) {
        return name;
    }
    let Checksum(bytes) = Checksum::of(schema);
    let hash: String = bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let kept = |character: char| u8::try_from(character).ok().filter(|byte| is_kept(*byte)).map_or('_', char::from);
    let begin: String = schema.chars().map(kept).take(29).collect();
    application_name(&format!("running {begin} {hash}"))
}

/// Refuses a server that is older than what the SQL was compiled for. Costs no round trip: the server told its
/// version when the connection was opened. (Poolers pass it on.)
pub(crate) fn check_version(connection: &PgConnection, oldest: u32) -> Result<u32, Error> {
    let version = connection.server_version_num().unwrap_or(0);
    let found = version / 10_000;
    if version != 0 && found < oldest {
        return Err(Error::ServerTooOld { found, oldest });
    }
    Ok(version)
}

/// A column of a row of the simple protocol, where everything is text; empty for NULL.
pub(crate) fn text(row: &PgRow, column: usize) -> String {
    optional_text(row, column).unwrap_or_default()
}

/// A column of a row of the simple protocol; `None` for NULL.
pub(crate) fn optional_text(row: &PgRow, column: usize) -> Option<String> {
    row.try_get::<Option<String>, _>(column).ok().flatten()
}

/// A column that is a number.
pub(crate) fn number<T: std::str::FromStr>(row: &PgRow, column: usize) -> Option<T> {
    optional_text(row, column)?.parse().ok()
}

/// A column that is a number of milliseconds.
pub(crate) fn millis(row: &PgRow, column: usize) -> Option<Duration> {
    let value = number::<f64>(row, column)?;
    // What is not a number is not a time.
    Duration::try_from_secs_f64((value / 1000.0).clamp(0.0, 1e12)).ok()
}

/// Exponential backoff with jitter, so that processes that failed together do not try again together.
pub(crate) fn backoff(attempt: u32, first: Duration, longest: Duration) -> Duration {
    let doubled = first.saturating_mul(1 << attempt.min(16));
    doubled.min(longest).mul_f64(0.5 + fastrand::f64() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_name_is_cut_at_a_character() {
        let name = application_name(&"é".repeat(60));
        assert!(name.len() <= 63 && name.starts_with("migrate: éé"), "{name}");
    }

    #[test]
    fn sessions_of_a_schema_are_named_as_the_server_keeps_it_and_apart_from_those_of_others() {
        assert_eq!(running("migrate"), "migrate: running migrate");
        assert_eq!(running("Tenant A"), "migrate: running Tenant A");
        let long = "x".repeat(46);
        assert_eq!(running(&long), format!("migrate: running {long}"));
        let of = ["münchen", "mönchen", "m\u{1}nchen", &format!("{long}_a"), &format!("{long}_b"), &"é".repeat(31)];
        let names = of.map(running);
        for name in &names {
            assert!(name.len() <= 63 && name.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{name}");
            assert_eq!(names.iter().filter(|other| *other == name).count(), 1, "{name}");
        }
        assert!(names[0].starts_with("migrate: running m_nchen "), "{names:?}");
    }

    #[test]
    fn backoff_doubles_up_to_its_limit() {
        for attempt in 0..40 {
            let wait = backoff(attempt, Duration::from_millis(100), Duration::from_secs(2));
            assert!(wait <= Duration::from_secs(2) && wait >= Duration::from_millis(50), "{attempt}: {wait:?}");
        }
    }
}
