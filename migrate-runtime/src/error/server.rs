//! What an error of the driver means.

use std::time::Duration;

use sqlx::postgres::PgDatabaseError;

/// The SQLSTATE of a driver's error.
pub(crate) fn sqlstate(error: &sqlx::Error) -> Option<&str> {
    match error {
        sqlx::Error::Database(source) => source.try_downcast_ref::<PgDatabaseError>().map(PgDatabaseError::code),
        _ => None,
    }
}

/// What a server says in English whose `statement_timeout` ended a statement.
pub(super) const STATEMENT_TIMEOUT: &str = "canceling statement due to statement timeout";

/// The same where somebody else did.
const USER_REQUEST: &str = "canceling statement due to user request";

pub(super) fn message(error: &sqlx::Error) -> Option<&str> {
    match error {
        sqlx::Error::Database(source) => source.try_downcast_ref::<PgDatabaseError>().map(PgDatabaseError::message),
        _ => None,
    }
}

/// Whether a statement that had this timeout was ended by it, and not by somebody who cancelled it: both have the same
/// SQLSTATE. Where the server speaks another language the time tells, which may also be that of what ran before it.
pub(crate) fn was_cut(error: &sqlx::Error, timeout: Duration, elapsed: Duration) -> bool {
    sqlstate(error) == Some("57014")
        && !timeout.is_zero()
        && match message(error) {
            Some(STATEMENT_TIMEOUT) => true,
            Some(USER_REQUEST) => false,
            _ => elapsed >= timeout,
        }
}

/// Whether the connection is gone, and with it the knowledge of what became of the last message.
pub(crate) fn is_connection_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) => true,
        sqlx::Error::Database(_) => sqlstate(error).is_some_and(|code| {
            code.starts_with("08") || matches!(code, "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "25P04")
        }),
        _ => false,
    }
}

/// Whether the same statement may succeed a moment later: a lock timeout or a deadlock.
pub(crate) fn is_lock_failure(error: &sqlx::Error) -> bool {
    sqlstate(error).is_some_and(|code| matches!(code, "55P03" | "40P01"))
}
