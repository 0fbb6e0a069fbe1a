//! The verbs: look without the lock, get the lock, look again, do what core decides.

mod abandon;
mod adopt;
mod apply;
mod baseline;
mod change;
mod comments;
mod examiner;
mod extensions;
mod fresh;
mod look;
mod repair;
mod start;
mod stored;
mod tenant;
mod verb;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use migrate_core::history::{RevertTarget, Target};
use migrate_core::plan::Migration;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use tracing::Instrument as _;

pub(crate) use adopt::{TakenOver, differences};
pub(crate) use baseline::Baseline;
pub(crate) use examiner::{Examine, Examiner};
pub(crate) use look::{check_source, history, plan, plan_revert, status, status_within};
pub(crate) use repair::{Repair, plan_repair};
pub(crate) use start::{apply, is_up_to_date};
pub(crate) use tenant::placed;

use crate::connection::{backoff, check_name, check_version, connect};
use crate::error::{Error, is_connection_lost};
use crate::event::{Event, emit};
use crate::execute::{Runner, Stop};
use crate::history_table::{Loaded, Tables};
use crate::lock::{Acquired, Lock, RECONNECT_FOR, is_unreachable, timed};
use crate::migrator::Migrator;
use crate::report::Report;
use crate::spans;
use change::Goal;

/// How often in a row a run may be interrupted without getting on.
const INTERRUPTIONS: u32 = 8;

/// How long the transaction of a process that lost the lock may be idle.
const ORPHAN_IDLE: Duration = Duration::from_secs(30);

/// The longest pause between them.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Reverts.
pub(crate) async fn revert(migrator: &Migrator, pool: &PgPool, target: RevertTarget) -> Result<Report, Error> {
    run_examining(migrator, pool, Goal::Revert(target)).await
}

/// Takes back what is half applied.
pub(crate) async fn abandon(migrator: &Migrator, pool: &PgPool) -> Result<Report, Error> {
    run_examining(migrator, pool, Goal::Verb(Arc::new(verb::Abandon))).await
}

/// Records the form that the binary has of migrations that were applied in another one.
pub(crate) async fn repair(migrator: &Migrator, pool: &PgPool, repair: Repair) -> Result<Report, Error> {
    run_examining(migrator, pool, Goal::Verb(Arc::new(repair))).await
}

/// Records without running.
pub(crate) async fn baseline(migrator: &Migrator, pool: &PgPool, baseline: Baseline) -> Result<Report, Error> {
    run_examining(migrator, pool, Goal::Verb(Arc::new(baseline))).await
}

/// A run that may ask about catalogs.
async fn run_examining(migrator: &Migrator, pool: &PgPool, goal: Goal) -> Result<Report, Error> {
    let migrator = migrator.clone().examining();
    run(&migrator, pool, goal, Instant::now(), false).await
}

/// `reached`: whether the server has answered this process already. Such a one is waited for where nobody is there now.
async fn run(migrator: &Migrator, pool: &PgPool, goal: Goal, started: Instant, reached: bool) -> Result<Report, Error> {
    check_source(migrator)?;
    let tables = migrator.settings.tables();
    let options: PgConnectOptions = (*pool.connect_options()).clone();
    check_name("the database", options.get_database().unwrap_or_default())?;
    let mut waited = Duration::ZERO;
    let mut attempt = 0;
    let (lock, work) = loop {
        let error = match acquire(migrator, &tables, &options, &goal, reached).await {
            Ok(None) => return Ok(finished(migrator, Report::default(), started)),
            Ok(Some((lock, waiting))) => {
                waited += waiting;
                match timed(connect(&options, "starting")).await {
                    Ok(work) => break (lock, work),
                    Err(error) => {
                        // Those who wait for the lock may have the last connections: this one is somebody's meanwhile.
                        lock.release().await;
                        error
                    }
                }
            }
            // The server was there, and comes back.
            Err(Error::Connect(error)) if attempt > 0 => error,
            Err(error) => return Err(error),
        };
        if !is_unreachable(&error) || started.elapsed() >= waited + RECONNECT_FOR {
            return Err(Error::Connect(error));
        }
        emit(migrator.settings.observer.as_ref(), &Event::Reconnecting { reason: error.to_string() });
        tokio::time::sleep(backoff(attempt, Duration::from_millis(50), LONGEST_PAUSE)).await;
        attempt += 1;
    };
    if let Err(error) = check_version(&work, migrator.options.oldest_server) {
        lock.release().await;
        return Err(error);
    }
    let application = migrator
        .settings
        .application
        .clone()
        .or_else(|| options.get_application_name().map(str::to_owned))
        .unwrap_or_default();
    let mut runner = Runner {
        migrator,
        settings: migrator.settings.clone(),
        options,
        tables,
        relocation: None,
        downs: BTreeMap::new(),
        examiner: migrator.examiner,
        application,
        lock,
        work,
        report: Report { waited_for_lock: waited, ..Report::default() },
        progress: 0,
    };
    let result = drive(&mut runner, goal).await;
    let Runner { lock, work, report, .. } = runner;
    let _ = tokio::time::timeout(LONGEST_PAUSE, sqlx::Connection::close(work)).await;
    lock.release().await;
    result.map(|()| finished(migrator, report, started))
}

/// What one who waits for the lock wants: it may be done by the one who has it.
pub(crate) struct Wanted<'w> {
    migrator: &'w Migrator,
    tables: &'w Tables,
    target: Target,
}

impl Wanted<'_> {
    /// Whether nothing is left to do.
    pub(crate) async fn is_reached(&self, connection: &mut sqlx::PgConnection) -> bool {
        let Wanted { migrator, tables, target } = self;
        tables.is_at(connection, migrator.chain).await.unwrap_or(false)
            || start::settled(migrator, tables, connection, *target).await.is_some()
    }
}

/// What another one may have done meanwhile, so that nothing is left to do.
fn wanted<'w>(migrator: &'w Migrator, tables: &'w Tables, goal: &Goal) -> Option<Wanted<'w>> {
    match goal {
        Goal::Apply(target) => Some(Wanted { migrator, tables, target: *target }),
        // Some of them may be beyond what is left: the next look shows.
        Goal::Listed(_) => Some(Wanted { migrator, tables, target: Target::Head }),
        Goal::Revert(_) | Goal::Verb(_) => None,
    }
}

/// `None`: nothing is left to do.
async fn acquire(
    migrator: &Migrator,
    tables: &Tables,
    options: &PgConnectOptions,
    goal: &Goal,
    reached: bool,
) -> Result<Option<(Lock, Duration)>, Error> {
    let keys = migrator.settings.keys();
    let wanted = wanted(migrator, tables, goal);
    match Lock::acquire(options, keys, &migrator.settings, wanted.as_ref(), None, reached)
        .instrument(spans::lock())
        .await?
    {
        Acquired::Lock(lock, waited) => Ok(Some((lock, waited))),
        Acquired::Settled => Ok(None),
    }
}

/// Works at the goal until it is reached, however often a connection is lost on the way.
async fn drive(runner: &mut Runner<'_>, mut goal: Goal) -> Result<(), Error> {
    let mut interruptions = 0;
    let mut orphan_since = None;
    let mut progress = runner.progress;
    loop {
        let stop = match runner.work_at(&mut goal).await {
            Ok(()) => return Ok(()),
            Err(Stop::Failed(error)) => return Err(error),
            Err(stop) => stop,
        };
        if runner.progress > progress {
            interruptions = 0;
            progress = runner.progress;
        }
        interruptions += 1;
        // An orphan's transaction ends when it ends; the limits of everything else are counted.
        let orphan = matches!(stop, Stop::Orphan);
        if interruptions > INTERRUPTIONS && !orphan {
            return Err(give_up(runner, stop, interruptions));
        }
        let pause = backoff(interruptions, Duration::from_millis(50), LONGEST_PAUSE);
        tokio::time::sleep(pause).await;
        if orphan {
            wait_for_orphan(runner, *orphan_since.get_or_insert_with(Instant::now)).await?;
        } else {
            orphan_since = None;
        }
        if let Stop::Lost(error) = &stop {
            runner.emit(&Event::Reconnecting { reason: error.to_string() });
        }
        if !orphan && restore(runner, &goal).await? == Restored::Settled {
            runner.settled().await;
            return Ok(());
        }
    }
}

/// Tells who is waited for, no longer than for the lock itself. A transaction that nobody uses anymore is ended after a
/// while.
async fn wait_for_orphan(runner: &mut Runner<'_>, since: Instant) -> Result<(), Error> {
    let keys = runner.migrator.settings.keys();
    // What cannot be seen or ended is waited for all the same; a lost connection shows at the next look.
    let holder = timed(keys.transaction_holder(&mut runner.work)).await.unwrap_or_default();
    let waited = since.elapsed();
    if runner.migrator.settings.lock_wait.is_some_and(|limit| waited >= limit) {
        return Err(Error::LockBusy { waited, holder: holder.map(Box::new) });
    }
    runner.emit(&Event::WaitingForLock { waited, holder });
    if waited >= ORPHAN_IDLE && runner.lock.is_held().await {
        let _ = timed(keys.end_idle_orphan(&mut runner.work, ORPHAN_IDLE)).await;
    }
    Ok(())
}

/// How a run goes on after an interruption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Restored {
    /// With the lock.
    Locked,
    /// Not at all: someone else did the rest.
    Settled,
}

/// Gets back what was lost: both connections, and the lock.
async fn restore(runner: &mut Runner<'_>, goal: &Goal) -> Result<Restored, Error> {
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut attempt = 0;
    loop {
        let result = try_restore(runner, goal).await;
        match result {
            Err(Error::Connect(error)) if is_unreachable(&error) && Instant::now() < deadline => {}
            Err(Error::Database { source, .. }) if is_connection_lost(&source) && Instant::now() < deadline => {}
            result => return result,
        }
        tokio::time::sleep(backoff(attempt, Duration::from_millis(100), LONGEST_PAUSE)).await;
        attempt += 1;
    }
}

/// A message that was sent and not answered may reach the server late. It checks for the lock that it was sent under:
/// so that one is given back, and taken anew. Whoever is beyond that check is waited for, before anything is looked at.
async fn try_restore(runner: &mut Runner<'_>, goal: &Goal) -> Result<Restored, Error> {
    let migrator = runner.migrator;
    // The old connection ends here, and with it a transaction that somebody else with the lock would wait for.
    runner.reconnect().await.map_err(Error::Connect)?;
    runner.lock.drop_it().await;
    let keys = migrator.settings.keys();
    let ghost = Some(runner.lock.pid());
    let wanted = wanted(migrator, &runner.tables, goal);
    match Lock::acquire(&runner.options, keys, &migrator.settings, wanted.as_ref(), ghost, false)
        .instrument(spans::lock())
        .await?
    {
        Acquired::Lock(lock, waited) => {
            runner.lock = lock;
            runner.report.waited_for_lock += waited;
            Ok(Restored::Locked)
        }
        Acquired::Settled => Ok(Restored::Settled),
    }
}

fn give_up(runner: &Runner<'_>, stop: Stop, times: u32) -> Error {
    match stop {
        Stop::Lost(source) => Error::Database { doing: "keep a connection to the database", source },
        Stop::Failed(error) => error,
        Stop::LockLost | Stop::Orphan => Error::LockLost { times, report: Box::new(runner.report.clone()) },
    }
}

fn finished(migrator: &Migrator, mut report: Report, started: Instant) -> Report {
    report.elapsed = started.elapsed();
    if let Some(observer) = &migrator.settings.observer {
        emit(Some(observer), &Event::Finished(report.clone()));
    }
    report
}

pub(crate) fn embedded(migrator: &Migrator) -> Vec<&'static Migration> {
    migrator.embedded.iter().map(|embedded| embedded.migration()).collect()
}

/// What is applied and not known to this binary.
pub(crate) fn unknown(embedded: &[&Migration], loaded: &Loaded) -> Vec<migrate_core::history::MigrationName> {
    loaded
        .applied
        .iter()
        .filter(|row| migrate_core::history::find(embedded, row.version).is_none())
        .map(|row| row.display_name(embedded))
        .collect()
}
