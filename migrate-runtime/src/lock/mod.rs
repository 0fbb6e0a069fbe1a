//! The migration lock: who has it may change the database.
//!
//! A connection of its own holds an advisory lock of the session, and is kept in a transaction meanwhile: that is all a
//! transaction-mode pooler keeps together. In that transaction nothing ever runs that needs a snapshot. A concurrent
//! index build waits for the end of every transaction that it once saw with one, and a run waits for the build that a
//! killed process left: so the lock is taken in a transaction before, in the same message.
//!
//! The lock is polled, each try in a short transaction: a session that is blocked in a statement holds a snapshot for as
//! long as it waits. The lock ends with the connection, however that ends: keepalives find out where the other machine
//! is gone.

mod keys;

use std::hash::{BuildHasher as _, RandomState};
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};

use crate::connection::{application_name, backoff, connect, number, text};
use crate::error::{Error, is_connection_lost};
use crate::event::{Event, emit};
use crate::execute::Stop;
use crate::message::{Message, MessageError, Part, SAFE_PATH, command, query};
use crate::run::Wanted;
use crate::settings::Settings;
use crate::step::BoxError;

pub(crate) use keys::Keys;

/// The SQLSTATE of [`Lock::guard`] for a transaction of a predecessor that is still open, ...
pub(crate) const ORPHAN: &str = "22012";

/// ... and for a lock that is gone.
pub(crate) const FENCED: &str = "2201E";

/// How often the holder says where it is, which also shows whether its connection still lives.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// After how many heartbeats it looks whether the server still works, ...
const LOOK_EVERY: u32 = 5;

/// ... and how often in a row it must see that it does not: then the answer was lost on the way. Routers forget
/// connections on which nothing was sent for some minutes, without a word to either end.
const LOOKS: u32 = 2;

/// Whether no session of a migrator does anything: one that is idle in a transaction has answered as well. Behind a
/// pooler in transaction mode it is not known which one is ours; one that waits for the lock only makes it take longer.
const NOBODY_WORKS: &str = "SELECT (NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity \
    WHERE datname = current_database() AND application_name LIKE 'migrate: %' AND state LIKE 'idle%' IS NOT TRUE \
    AND pid <> pg_backend_pid()";

/// How often a waiter tells that it waits.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// A connection that does not answer for so long is as good as lost.
const LONGEST_ANSWER: Duration = Duration::from_secs(10);

/// How long a waiter tries to connect again.
pub(crate) const RECONNECT_FOR: Duration = Duration::from_secs(60);

/// The lock, held.
pub(crate) struct Lock {
    connection: PgConnection,
    keys: Keys,
    pid: i32,
    /// A second advisory lock of the same session, which nobody else asks for: while it is held, so is the lock.
    proof: i64,
    label: String,
    options: PgConnectOptions,
    /// Looks at what the server does, once something takes long.
    looker: Option<PgConnection>,
    lost: bool,
}

/// What waiting for the lock came to.
#[expect(clippy::large_enum_variant, reason = "it is taken apart where it is given")]
pub(crate) enum Acquired {
    Lock(Lock, Duration),
    /// Nothing is left to do: the lock is not needed.
    Settled,
}

impl Lock {
    /// Polls until it has the lock, or until the goal, if one is given, is reached without it. `ghost`: the backend
    /// of a lock that this process had, if the server still holds it for the connection that is gone. `reached`: whether
    /// the server has answered this process already, so that it comes back where nobody is there now.
    pub(crate) async fn acquire(
        options: &PgConnectOptions,
        keys: Keys,
        settings: &Settings,
        goal: Option<&Wanted<'_>>,
        ghost: Option<i32>,
        reached: bool,
    ) -> Result<Acquired, Error> {
        let started = Instant::now();
        let mut lost = reached.then_some(started);
        loop {
            let began = Instant::now();
            let result = Self::acquire_on_one(options, keys, settings, goal, ghost, started).await;
            if began.elapsed() > 2 * LONGEST_ANSWER {
                // That connection has been of use for a while.
                lost = None;
            }
            let source = match &result {
                Err(Error::Database { source, .. }) if is_connection_lost(source) => source,
                Err(Error::Connect(source)) if (lost.is_some() && is_unreachable(source)) || is_passing(source) => {
                    source
                }
                _ => return result,
            };
            let since = *lost.get_or_insert_with(Instant::now);
            if since.elapsed() >= settings.lock_wait.unwrap_or(RECONNECT_FOR).min(RECONNECT_FOR) {
                return result;
            }
            emit(settings.observer.as_ref(), &Event::Reconnecting { reason: source.to_string() });
            tokio::time::sleep(backoff(2, Duration::from_millis(100), Duration::from_secs(1))).await;
        }
    }

    async fn acquire_on_one(
        options: &PgConnectOptions,
        keys: Keys,
        settings: &Settings,
        goal: Option<&Wanted<'_>>,
        ghost: Option<i32>,
        started: Instant,
    ) -> Result<Acquired, Error> {
        let mut told: Option<Instant> = None;
        let mut connection = timed(connect(options, "waiting")).await.map_err(Error::Connect)?;
        let transaction_timeout = connection.server_version_num().is_some_and(|version| version >= 170_000);
        let mut attempt = 0;
        loop {
            // By chance, so that no other session is ever taken for this one.
            let proof = RandomState::new().hash_one(keys.run).cast_signed();
            if let Some(pid) = try_lock(&mut connection, keys, proof, transaction_timeout).await? {
                let waited = started.elapsed();
                emit(settings.observer.as_ref(), &Event::LockAcquired { waited });
                let (options, looker) = (options.clone(), None);
                let lock = Lock { connection, keys, pid, proof, label: String::new(), options, looker, lost: false };
                return Ok(Acquired::Lock(lock, waited));
            }
            if let (Some(ghost), 0) = (ghost, attempt) {
                let sql = format!(
                    "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_locks WHERE {} AND pid = {ghost}",
                    keys.in_pg_locks()
                );
                // A role that may not do that waits until the server finds out by itself.
                let _ = timed(query(&mut connection, sql)).await;
            }
            let settled = match goal {
                // No answer shows at the next try.
                Some(goal) if attempt > 0 => {
                    let asking = async { Ok(goal.is_reached(&mut connection).await) };
                    timed(asking).await.unwrap_or(false)
                }
                _ => false,
            };
            if settled {
                let _ = connection.close().await;
                return Ok(Acquired::Settled);
            }
            let waited = started.elapsed();
            let expired = settings.lock_wait.is_some_and(|limit| waited >= limit);
            if expired || told.is_none_or(|told| told.elapsed() >= TELL_EVERY) {
                let holder = timed(keys.holder(&mut connection))
                    .await
                    .map_err(|source| Error::Database { doing: "see who holds the migration lock", source })?;
                if expired {
                    return Err(Error::LockBusy { waited, holder: holder.map(Box::new) });
                }
                emit(settings.observer.as_ref(), &Event::WaitingForLock { waited, holder });
                // A pooler that takes back the connection of a client that is gone should end it, or its locks.
                let _ = timed(query(&mut connection, keys.end_leaked())).await;
                told = Some(Instant::now());
            }
            tokio::time::sleep(backoff(attempt, Duration::from_millis(30), Duration::from_millis(500))).await;
            attempt += 1;
        }
    }

    /// Expressions of a query that each transaction begins with, evaluated in this order: whoever is past both keeps
    /// others out until its end, also when its lock is lost meanwhile.
    ///
    /// * A division by zero ([`ORPHAN`]) while another transaction of a migrator is open: one whose process is gone, and
    ///   which the server still works on. Holds that place for the current transaction.
    /// * A logarithm of zero ([`FENCED`]) when this lock is gone: then its proof is free. A tenth as dear as looking
    ///   into `pg_locks`.
    pub(crate) fn guard(&self) -> String {
        format!(
            "1 / pg_catalog.pg_try_advisory_xact_lock({})::integer, \
             pg_catalog.ln((NOT pg_catalog.pg_try_advisory_xact_lock_shared({}))::integer::double precision)",
            self.keys.transaction, self.proof
        )
    }

    /// Asks the lock's connection whether it is there.
    pub(crate) async fn is_held(&mut self) -> bool {
        if !self.lost {
            let beat = self.beat();
            self.lost = timed(command(&mut self.connection, beat)).await.is_err();
        }
        !self.lost
    }

    /// Says where the run is: shown to those who wait.
    pub(crate) fn set_label(&mut self, label: String) {
        self.label = label;
    }

    /// Where the run is.
    pub(crate) fn label(&self) -> &str {
        &self.label
    }

    /// Waits for some work, and says meanwhile on the lock's connection where the run is. Work that is done quickly
    /// costs nothing. When the lock is lost the work is left alone: someone else may begin, and where the network is
    /// silent its answer may never come. What becomes of it on the server is looked up, as after any lost connection.
    pub(crate) async fn while_working<T: Interrupted>(&mut self, work: impl Future<Output = T>) -> T {
        self.beside(work, true).await
    }

    /// As [`Lock::while_working`], for work that may ask the server nothing for as long as it likes.
    pub(crate) async fn while_calling<T: Interrupted>(&mut self, work: impl Future<Output = T>) -> T {
        self.beside(work, false).await
    }

    async fn beside<T: Interrupted>(&mut self, work: impl Future<Output = T>, asks: bool) -> T {
        let mut work = std::pin::pin!(work);
        let mut beats: u32 = 0;
        let mut idle = 0;
        loop {
            let tick = std::pin::pin!(tokio::time::sleep(HEARTBEAT));
            if let Either::Left((output, _)) = select(work.as_mut(), tick).await {
                return output;
            }
            beats += 1;
            let looks = asks && beats.is_multiple_of(LOOK_EVERY);
            let beat = {
                let sql = self.beat();
                let beat = std::pin::pin!(timed(command(&mut self.connection, sql)));
                match select(work.as_mut(), beat).await {
                    // The rest of the beat's answer would be taken for that of the next message.
                    Either::Left((output, beat)) => {
                        self.lost |= beat.await.is_err();
                        return output;
                    }
                    Either::Right((beat, _)) => beat,
                }
            };
            if let Err(error) = beat {
                self.lost = true;
                let text = format!("the connection with the migration lock was lost: {error}");
                return T::interrupted(sqlx::Error::Io(std::io::Error::other(text)));
            }
            if looks {
                let look = std::pin::pin!(self.nobody_works());
                match select(work.as_mut(), look).await {
                    // What the look would still have read is gone with its connection.
                    Either::Left((output, _)) => return output,
                    Either::Right((true, _)) => idle += 1,
                    Either::Right((false, _)) => idle = 0,
                }
                if idle >= LOOKS {
                    let text = "the server is done, and its answer does not come";
                    return T::interrupted(sqlx::Error::Io(std::io::Error::other(text)));
                }
            }
        }
    }

    /// Says where the run is. Needs no snapshot.
    fn beat(&self) -> String {
        let name = migrate_core::sql::quote_literal(&application_name(&self.label)).to_string();
        format!("SET LOCAL application_name = {name}")
    }

    /// Whether no session of a migrator does anything, as far as that can be seen.
    async fn nobody_works(&mut self) -> bool {
        let mut looker = match self.looker.take() {
            Some(looker) => looker,
            None => match timed(connect(&self.options, "looking")).await {
                Ok(looker) => looker,
                Err(_) => return false,
            },
        };
        let sql = format!("{NOBODY_WORKS} AND pid <> {}))::text", self.pid);
        let Ok(rows) = timed(query(&mut looker, sql)).await else { return false };
        self.looker = Some(looker);
        rows.first().is_some_and(|row| text(row, 0) == "true")
    }

    /// The backend that has the lock.
    pub(crate) fn pid(&self) -> i32 {
        self.pid
    }

    /// Gives the lock back, its proof first. One message: behind a pooler the session may be another one in the next.
    fn unlock(&self) -> String {
        let unlock = |key: i64| format!("SELECT pg_catalog.pg_advisory_unlock({key})");
        format!("ROLLBACK; {}; {}", unlock(self.proof), unlock(self.keys.run))
    }

    /// Lets the lock go, if the connection still answers: what was sent before and has not begun yet will not begin.
    pub(crate) async fn drop_it(&mut self) {
        if !self.lost {
            let unlock = self.unlock();
            let _ = timed(command(&mut self.connection, unlock)).await;
            self.lost = true;
        }
    }

    /// Gives the lock back.
    pub(crate) async fn release(mut self) {
        // The lock ends with the connection in any case; this makes it end before this returns.
        self.drop_it().await;
        // What is silent is not waited for.
        let _ = timed(self.connection.close()).await;
    }
}

/// What work comes to that is left alone since the lock is lost.
pub(crate) trait Interrupted {
    fn interrupted(error: sqlx::Error) -> Self;
}

impl Interrupted for () {
    fn interrupted(_: sqlx::Error) -> Self {}
}

impl<T> Interrupted for Result<T, sqlx::Error> {
    fn interrupted(error: sqlx::Error) -> Self {
        Err(error)
    }
}

impl<T> Interrupted for Result<T, BoxError> {
    fn interrupted(error: sqlx::Error) -> Self {
        Err(Box::new(error))
    }
}

impl<T> Interrupted for Result<T, Stop> {
    fn interrupted(error: sqlx::Error) -> Self {
        Err(Stop::Lost(error))
    }
}

impl<T> Interrupted for Result<T, MessageError> {
    fn interrupted(error: sqlx::Error) -> Self {
        Err(MessageError { part: Part::Control, source: error })
    }
}

/// Something answered, and then no more, or said that it is full: another try may succeed. (Nobody there is another
/// thing.)
fn is_passing(error: &sqlx::Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    match error {
        sqlx::Error::Io(error) => {
            matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
        }
        error => matches!(crate::error::sqlstate(error), Some("57P03" | "53300")),
    }
}

/// A server that restarts refuses connections for a while, and one that is full has room again later.
pub(crate) fn is_unreachable(error: &sqlx::Error) -> bool {
    is_connection_lost(error) || crate::error::sqlstate(error) == Some("53300")
}

/// Waits no longer than an answer may take.
pub(crate) async fn timed<T>(answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    let silent = || {
        let text = "no answer for 10 seconds";
        sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, text))
    };
    tokio::time::timeout(LONGEST_ANSWER, answer).await.unwrap_or_else(|_| Err(silent()))
}

/// Tries once; leaves the transaction open only when it got the lock, and its proof. Gives the number of the backend.
async fn try_lock(
    connection: &mut PgConnection,
    keys: Keys,
    proof: i64,
    transaction_timeout: bool,
) -> Result<Option<i32>, Error> {
    let failed = |source| Error::Database { doing: "ask for the migration lock", source };
    let mut message = Message::new();
    let begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY";
    message.push(Part::Control, begin).push(Part::Control, SAFE_PATH);
    message.push(
        Part::Control,
        &format!(
            "SELECT CASE WHEN pg_catalog.pg_try_advisory_lock({}) THEN pg_catalog.pg_try_advisory_lock({proof}) \
             ELSE false END::text, pg_catalog.pg_backend_pid()::text",
            keys.run
        ),
    );
    message.push(Part::Control, "COMMIT");
    message.push(Part::Control, begin);
    // A machine that is gone says no goodbye; its lock should not outlive it for the two hours of TCP's default.
    for setting in [
        "idle_in_transaction_session_timeout = 0",
        "tcp_keepalives_idle = 15",
        "tcp_keepalives_interval = 5",
        "tcp_keepalives_count = 4",
    ] {
        message.push(Part::Control, &format!("SET LOCAL {setting}"));
    }
    if transaction_timeout {
        message.push(Part::Control, "SET LOCAL transaction_timeout = 0");
    }
    let sending = async { message.send(connection, |_, _| {}).await.map_err(|error| error.source) };
    let replies = timed(sending).await.map_err(failed)?;
    let row = replies.iter().find_map(|reply| reply.rows.first());
    if row.is_some_and(|row| text(row, 0) == "true") {
        return Ok(row.and_then(|row| number(row, 1)));
    }
    timed(command(connection, "ROLLBACK".to_string())).await.map_err(failed)?;
    Ok(None)
}
