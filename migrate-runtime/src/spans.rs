//! The `tracing` spans: what encloses what, for traces and for the context of log lines. Their names, fields and
//! nesting are stable; `docs/live-traffic.md` lists them.

use migrate_core::plan::Segment;
use tracing::{Span, info_span};

use crate::event::MigrationRun;
use crate::execute::describe;

/// One call of a verb.
pub(crate) fn run(verb: &'static str) -> Span {
    info_span!(target: "migrate", "migrate.run", verb)
}

/// Getting the migration lock.
pub(crate) fn lock() -> Span {
    info_span!(target: "migrate", "migrate.lock")
}

/// One of many databases.
pub(crate) fn database(name: &str) -> Span {
    info_span!(target: "migrate", "migrate.database", name)
}

/// A migration in one direction.
pub(crate) fn migration(run: &MigrationRun) -> Span {
    info_span!(
        target: "migrate", "migrate.migration", migration = %run.migration, direction = run.direction.code(),
        index = run.index, total = run.total
    )
}

/// Migrations that are brought to an empty database at once.
pub(crate) fn fold(migrations: usize) -> Span {
    info_span!(target: "migrate", "migrate.fold", migrations)
}

/// Statements that share a transaction, with all attempts at it.
pub(crate) fn transaction(index: usize, segment: &Segment) -> Span {
    info_span!(target: "migrate", "migrate.transaction", part = index + 1, statements = segment.statements.len())
}

/// A statement that stands alone, or a backfill, or a Rust function outside a transaction.
pub(crate) fn statement(index: usize, segment: &Segment) -> Span {
    let span = info_span!(target: "migrate", "migrate.statement", part = index + 1, sql = tracing::field::Empty);
    if let (false, Some(statement)) = (span.is_disabled(), segment.statements.first()) {
        span.record("sql", describe(statement));
    }
    span
}
