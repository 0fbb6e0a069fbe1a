//! Starting: with nothing to do in one round trip, else with a run.

use std::time::Instant;

use migrate_core::history::{MigrationName, Target, decide_apply, decide_comments};
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, PgPool, Postgres};

use super::change::Goal;
use super::look::check_history;
use super::{check_source, embedded, finished, run, unknown};
use crate::connection::{acquire, check_version, forget, part_with};
use crate::error::{Error, is_connection_lost};
use crate::history_table::{Loaded, Tables};
use crate::lock::timed;
use crate::message::{Message, Part};
use crate::migrator::Migrator;
use crate::report::Report;
use crate::trust::{self, Use};

/// Applies; with nothing to do in one round trip.
pub(crate) async fn apply(migrator: &Migrator, pool: &PgPool, target: Target) -> Result<Report, Error> {
    let started = Instant::now();
    check_source(migrator)?;
    // What is awaited where something is to do is on the heap: a future is moved when it is made, and this one is made
    // at every start.
    let tables = migrator.settings.tables();
    // The pool would ask an idle connection whether it lives, another round trip. The query shows that as well.
    let (mut connection, is_idle) = match pool.try_acquire() {
        Some(connection) => (connection, true),
        None => (Box::pin(acquire(pool)).await?, false),
    };
    check_version(&connection, migrator.options.oldest_server)?;
    let mut up_to_date = timed(tables.is_at(&mut connection, migrator.chain)).await;
    if is_idle && up_to_date.is_err() {
        forget(connection);
        connection = Box::pin(acquire(pool)).await?;
        up_to_date = timed(tables.is_at(&mut connection, migrator.chain)).await;
    }
    if matches!(up_to_date, Ok(true)) {
        return Ok(finished(migrator, Report::default(), started));
    }
    Box::pin(without_head(migrator, pool, target, started, connection, up_to_date.err())).await
}

/// Goes on where the head does not say that nothing is to do.
async fn without_head(
    migrator: &Migrator,
    pool: &PgPool,
    target: Target,
    started: Instant,
    mut connection: PoolConnection<Postgres>,
    failure: Option<sqlx::Error>,
) -> Result<Report, Error> {
    match failure {
        // The run has connections of its own.
        Some(error) if is_connection_lost(&error) => {
            forget(connection);
            return run(migrator, pool, Goal::Apply(target), started, true).await;
        }
        Some(source) => return Err(Error::Database { doing: "read the history", source }),
        None => {}
    }
    let tables = migrator.settings.tables();
    let settled = async { Ok(settled(migrator, &tables, &mut connection, target).await) };
    match timed(settled).await {
        Ok(Some(unknown)) => {
            if unknown.is_empty() && !note_head(migrator, &tables, &mut connection).await {
                forget(connection);
            }
            return Ok(finished(migrator, Report { unknown, ..Report::default() }, started));
        }
        Ok(None) => part_with(connection).await,
        Err(_) => forget(connection),
    }
    match run(migrator, pool, Goal::Apply(target), started, true).await {
        // What is wrong with the history is wrong on the primary as well.
        Err(error @ Error::ReadOnly(_)) => match check_history(migrator, pool, target).await {
            Err(history @ Error::History(_)) => Err(history),
            _ => Err(error),
        },
        result => result,
    }
}

/// See [`Migrator::is_up_to_date`].
pub(crate) async fn is_up_to_date(migrator: &Migrator, connection: &mut PgConnection) -> Result<bool, Error> {
    check_source(migrator)?;
    check_version(connection, migrator.options.oldest_server)?;
    let tables = migrator.settings.tables();
    let is_at = timed(tables.is_at(connection, migrator.chain)).await;
    if is_at.map_err(|source| Error::Database { doing: "read the history", source })? {
        return Ok(true);
    }
    let Some(loaded) = Box::pin(tables.load(connection, false)).await? else { return Ok(false) };
    if nothing_left(migrator, &loaded, Target::Head).is_none() {
        return Ok(false);
    }
    let waited = timed(tables.wait_for_disk(connection)).await;
    waited.map_err(|source| Error::Database { doing: "wait until what is applied is on the disk", source })?;
    Ok(true)
}

/// Whether nothing is left to apply, asked without the lock: what is applied and not known here, if so. Anything
/// else, also what cannot be decided, is for the one who has the lock.
pub(super) async fn settled(
    migrator: &Migrator,
    tables: &Tables,
    connection: &mut PgConnection,
    target: Target,
) -> Option<Vec<MigrationName>> {
    let loaded = tables.load(connection, false).await.ok()??;
    let unknown = nothing_left(migrator, &loaded, target)?;
    tables.wait_for_disk(connection).await.ok()?;
    Some(unknown)
}

/// What is applied and not known here, where nothing is left to apply.
fn nothing_left(migrator: &Migrator, loaded: &Loaded, target: Target) -> Option<Vec<MigrationName>> {
    if !loaded.journal.is_empty() || !loaded.is_in_order() {
        return None;
    }
    let embedded = embedded(migrator);
    let pending = decide_apply(&embedded, &loaded.applied, &[], target).ok()?;
    if !decide_comments(&embedded, &loaded.applied).is_empty() {
        return None;
    }
    pending.is_empty().then(|| unknown(&embedded, loaded))
}

/// Writes the head that a run did not come to write, so that the next start takes one round trip again. Where another
/// one migrates meanwhile, or this role may not write, it is not written.
///
/// The connection is the pool's: a message without BEGIN is one transaction, and leaves none open however it ends. It
/// must see what was committed before it had the locks, and is not worth waiting for. Answers whether the server did.
async fn note_head(migrator: &Migrator, tables: &Tables, connection: &mut PgConnection) -> bool {
    let mut message = Message::looking();
    for setting in [
        "TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE",
        "LOCAL lock_timeout = 100",
        "LOCAL synchronous_commit = off",
    ] {
        message.push(Part::Control, &format!("SET {setting}"));
    }
    message.push(Part::Guard, &trust::guard(&[tables], Use::Write));
    message.push(Part::Guard, &migrator.settings.keys().exclude_others());
    for command in tables.set_head() {
        message.push(Part::Record, &command);
    }
    timed(async { Ok(message.send(connection, |_, _| {}).await) }).await.is_ok()
}
