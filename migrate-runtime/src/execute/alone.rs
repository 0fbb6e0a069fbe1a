//! Statements that cannot be in a transaction. The journal says that one was started; its postcondition tells a restart
//! whether it has to run again.

use std::time::{Duration, Instant};

use migrate_core::history::COMPARE;
use migrate_core::plan::{Postcondition, SearchPath, Statement, Work};
use migrate_core::sql::quote_literal;
use serde_json::Value;

use super::index::{self, Making, Probe};
use super::partition;
use super::seen::Seeing;
use super::transaction::StepEnded;
use super::{Job, Runner, Stop};
use crate::connection::{backoff, text};
use crate::error::{Cause, is_connection_lost, is_lock_failure, sqlstate};
use crate::event::Event;
use crate::message::command;

/// The `search_path` with what the system has. Temporary objects come last, or they would come first.
const SYSTEM_PATH: &str = "pg_catalog, pg_temp";

/// How often an index is built before it is given up.
const ATTEMPTS: u32 = 3;

/// Whether a session that works at the same index or table was in the way: "tuple concurrently updated" has no
/// SQLSTATE of its own.
fn is_concurrent(error: &sqlx::Error) -> bool {
    let is_internal = sqlstate(error) == Some("XX000");
    is_lock_failure(error) || (is_internal && error.to_string().contains("concurrently"))
}

/// What a statement outside of a transaction looks up by names without a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Names {
    /// Nothing.
    None,
    /// What the system has.
    System,
    /// What the configured `search_path` has: a person wrote it.
    Configured,
    /// What the configured `search_path` has, unless somebody untrusted may create objects there: it calls a routine.
    ConfiguredWhereSafe,
}

/// Whether a person wrote it. An index that calls routines is built with the system's path: so does PostgreSQL from version 17 on.
fn follows_search_path(statement: &Statement) -> bool {
    statement.search_path() == SearchPath::Configured
}

impl Runner<'_> {
    /// Runs the statement of a segment that stands alone. `resumed`: it was started before, and may be done.
    pub(super) async fn alone(
        &mut self,
        job: &Job<'_>,
        segment: usize,
        resumed: bool,
        checkpoint: Option<&Value>,
    ) -> Result<(), Stop> {
        let number = job.statements_before(segment);
        let Some(statement) = job.script.segments.get(segment).and_then(|segment| segment.statements.first()) else {
            return Ok(());
        };
        match &statement.work {
            Work::Run(path) if path == COMPARE => self.compare(job, (segment, number)).await,
            Work::Run(path) => {
                let changed = self
                    .settle_session(Names::Configured)
                    .await
                    .map_err(|error| self.database(job, segment, number, error))?;
                let result = self.step(job, number, path, false).await;
                // A connection that is lost shows at the next message.
                let _ = self.reset_session(&changed).await;
                result.map_err(|ended| match ended {
                    StepEnded::Lost(error) => Stop::Lost(error),
                    StepEnded::Failed(cause) => self.failed(job, segment, Some(number), cause),
                })
            }
            Work::Backfill(backfill) => {
                let begun = self.statement_started(job, number);
                let rows = self.backfill(job, (segment, number), backfill, checkpoint).await?;
                self.statement_finished(job, number, begun, rows);
                Ok(())
            }
            Work::Sql(sql) => {
                let begun = self.statement_started(job, number);
                self.alone_sql(job, (segment, number), statement, sql, resumed).await?;
                self.statement_finished(job, number, begun, 0);
                Ok(())
            }
        }
    }

    /// What is wrong with the statement of a segment that stands alone, as far as the server can say before it runs.
    pub(super) async fn try_alone(&mut self, job: &Job<'_>, segment: usize) -> Result<(), Stop> {
        let statement = job.script.segments.get(segment).and_then(|segment| segment.statements.first());
        match statement.map(|statement| &statement.work) {
            Some(Work::Backfill(backfill)) => {
                self.try_backfill(job, (segment, job.statements_before(segment)), backfill).await
            }
            _ => Ok(()),
        }
    }

    /// Whether a statement that stands alone, and has failed, left the database as it was. Of a backfill the journal
    /// tells: its first batch writes how far it came.
    pub(super) async fn left_nothing(&mut self, job: &Job<'_>, segment: usize) -> bool {
        let statement = job.script.segments.get(segment).and_then(|segment| segment.statements.first());
        let Some(statement) = statement else { return false };
        match (&statement.work, &statement.postcondition) {
            (Work::Backfill(_), _) => true,
            (Work::Sql(_), Some(postcondition)) => {
                let Runner { lock, work, .. } = &mut *self;
                let probe = lock.while_working(index::probe(work, postcondition, None)).await;
                let wants_absent = !matches!(postcondition, Postcondition::IndexExists { .. });
                match probe {
                    // An index that is not dropped yet is dropped the next time just as well.
                    Ok(Probe::Invalid) => wants_absent,
                    Ok(Probe::Absent | Probe::Differs) => true,
                    // Somebody else's of that name was there before.
                    Ok(Probe::Holds) => !wants_absent,
                    Err(_) => false,
                }
            }
            _ => false,
        }
    }

    fn statement_started(&self, job: &Job<'_>, number: usize) -> Instant {
        self.emit(&Event::StatementStarted(job.statement(number)));
        Instant::now()
    }

    fn statement_finished(&self, job: &Job<'_>, number: usize, begun: Instant, rows: u64) {
        let elapsed = Some(begun.elapsed());
        self.emit(&Event::StatementFinished { statement: job.statement(number), elapsed, rows });
    }

    async fn alone_sql(
        &mut self,
        job: &Job<'_>,
        (segment, number): (usize, usize),
        statement: &Statement,
        sql: &str,
        mut resumed: bool,
    ) -> Result<(), Stop> {
        let Some(postcondition) = &statement.postcondition else {
            let names = match statement.search_path() {
                SearchPath::System => Names::System,
                SearchPath::Configured => Names::Configured,
                SearchPath::ConfiguredWhereSafe => Names::ConfiguredWhereSafe,
            };
            let result = self.run_outside(sql, names, Some((job, number))).await;
            return result.map_err(|error| self.database(job, segment, number, error));
        };
        let wants_absent = !matches!(postcondition, Postcondition::IndexExists { .. });
        let names = match index::may_follow_search_path(postcondition) {
            _ if follows_search_path(statement) => Names::Configured,
            true => Names::System,
            false => Names::None,
        };
        let path = match names {
            Names::Configured => self.migrator.settings.search_path(),
            Names::System | Names::ConfiguredWhereSafe | Names::None => SYSTEM_PATH.to_string(),
        };
        let making = Some(Making { sql, path: &path });
        let mut last_error = None;
        let mut rest = None;
        for attempt in 0..ATTEMPTS {
            // The record that follows finds out as well; but an index build is long.
            if !self.lock.is_held().await {
                return Err(Stop::LockLost);
            }
            // What takes a half applied migration back detaches what may not be attached.
            if resumed || matches!(postcondition, Postcondition::PartitionDetached { .. }) {
                match self.probe(job, (segment, number), postcondition, making).await? {
                    Probe::Holds => return Ok(()),
                    Probe::Differs => return Err(self.differs(job, segment, number, postcondition)),
                    Probe::Invalid if !wants_absent => {
                        // A build that is done, and not yet committed, is in no list of builds anymore.
                        self.lock.while_working(tokio::time::sleep(Duration::from_millis(200))).await;
                        match self.probe(job, (segment, number), postcondition, making).await? {
                            Probe::Holds => return Ok(()),
                            Probe::Differs => return Err(self.differs(job, segment, number, postcondition)),
                            Probe::Invalid => match self.drop_index(job, postcondition).await {
                                Err(error) if is_concurrent(&error) => {
                                    last_error = Some(error);
                                    continue;
                                }
                                result => result.map_err(|error| self.database(job, segment, number, error))?,
                            },
                            Probe::Absent => {}
                        }
                    }
                    Probe::Invalid => rest = partition::finalize(postcondition),
                    Probe::Absent => {}
                }
            }
            let seeing = Some((job, number));
            let error = match self.run_outside(rest.as_deref().unwrap_or(sql), names, seeing).await {
                Ok(()) => match self.probe(job, (segment, number), postcondition, None).await? {
                    Probe::Holds => return Ok(()),
                    Probe::Differs => return Err(self.differs(job, segment, number, postcondition)),
                    Probe::Invalid | Probe::Absent => {
                        resumed = true;
                        continue;
                    }
                },
                Err(error) => error,
            };
            if is_connection_lost(&error) {
                return Err(Stop::Lost(error));
            }
            // A process that stood still meanwhile: what is there, or half there, is somebody else's by now.
            if !self.lock.is_held().await {
                return Err(Stop::LockLost);
            }
            let code = sqlstate(&error).unwrap_or_default().to_string();
            let exists = code == "42P07";
            if exists && !resumed {
                // Something else made it: not ours to touch.
                return Err(self.database(job, segment, number, error));
            }
            if is_concurrent(&error) || exists {
                let after = backoff(attempt, Duration::from_millis(200), Duration::from_secs(5));
                let run = job.run.clone();
                self.emit(&Event::Retrying { run, attempt: attempt + 1, after, sqlstate: code });
                self.lock.while_working(tokio::time::sleep(after)).await;
                last_error = Some(error);
                resumed = true;
                continue;
            }
            match self.probe(job, (segment, number), postcondition, making).await? {
                // What was started before has ended meanwhile, and was first.
                Probe::Holds if resumed => return Ok(()),
                // The statement's own error, such as duplicate values under a unique index: leave nothing half built.
                Probe::Invalid if !wants_absent => {
                    self.drop_invalid(job, (segment, number), postcondition).await?;
                }
                _ => {}
            }
            return Err(self.database(job, segment, number, error));
        }
        match self.probe(job, (segment, number), postcondition, making).await? {
            Probe::Holds => return Ok(()),
            Probe::Invalid if !wants_absent => self.drop_invalid(job, (segment, number), postcondition).await?,
            _ => {}
        }
        Err(match last_error {
            Some(error) => self.database(job, segment, number, error),
            None => {
                let cause = Cause::NotThere { what: index::expectation(postcondition) };
                self.failed(job, segment, Some(number), cause)
            }
        })
    }

    async fn probe(
        &mut self,
        job: &Job<'_>,
        (segment, number): (usize, usize),
        postcondition: &Postcondition,
        making: Option<Making<'_>>,
    ) -> Result<Probe, Stop> {
        let Runner { lock, work, .. } = &mut *self;
        let waited = match making {
            // Between two looks its session is idle, which must not be taken for an answer that was lost.
            Some(_) => lock.while_calling(index::wait_for_builds(work, postcondition)).await,
            // What this process has built is built, whatever others build on the table.
            None => Ok(()),
        };
        let probe = match waited {
            Ok(()) => lock.while_working(index::probe(work, postcondition, making)).await,
            Err(error) => Err(error),
        };
        probe.map_err(|error| self.database(job, segment, number, error))
    }

    async fn drop_invalid(
        &mut self,
        job: &Job<'_>,
        (segment, number): (usize, usize),
        postcondition: &Postcondition,
    ) -> Result<(), Stop> {
        let result = self.drop_index(job, postcondition).await;
        result.map_err(|error| self.database(job, segment, number, error))
    }

    async fn drop_index(&mut self, job: &Job<'_>, postcondition: &Postcondition) -> Result<(), sqlx::Error> {
        self.emit(&Event::RebuildingIndex { run: job.run.clone(), index: index::name(postcondition) });
        let sql = format!("DROP INDEX CONCURRENTLY IF EXISTS {}", index::quoted(postcondition));
        self.run_outside(&sql, Names::None, None).await
    }

    fn differs(&self, job: &Job<'_>, segment: usize, number: usize, postcondition: &Postcondition) -> Stop {
        self.failed(job, segment, Some(number), Cause::IndexDiffers { index: index::name(postcondition) })
    }

    fn database(&self, job: &Job<'_>, segment: usize, number: usize, error: sqlx::Error) -> Stop {
        if is_connection_lost(&error) {
            return Stop::Lost(error);
        }
        self.failed(job, segment, Some(number), Cause::Database(error))
    }

    /// Runs one statement outside a transaction, without timeouts.
    async fn run_outside(
        &mut self,
        sql: &str,
        names: Names,
        seen_as: Option<(&Job<'_>, usize)>,
    ) -> Result<(), sqlx::Error> {
        let changed = self.settle_session(names).await?;
        let Runner { lock, work, options, settings, .. } = self;
        let sending = command(work, sql.to_string());
        let result = match seen_as {
            Some((job, number)) => {
                let seeing = Seeing {
                    options,
                    keys: settings.keys(),
                    statement: job.statement(number),
                    sql: Some(sql),
                    observer: settings.observer.as_ref(),
                };
                lock.while_working(seeing.while_running(sending)).await
            }
            None => lock.while_working(sending).await,
        };
        if result.as_ref().err().is_none_or(|error| !is_connection_lost(error)) {
            self.reset_session(&changed).await?;
        }
        result.map(|_| ())
    }

    /// Takes back what [`Runner::settle_session`] has set: behind a pooler the session is also somebody else's.
    async fn reset_session(&mut self, changed: &[String]) -> Result<(), sqlx::Error> {
        if changed.is_empty() {
            return Ok(());
        }
        let resets: Vec<String> = changed.iter().map(|name| format!("RESET {name}")).collect();
        let Runner { lock, work, .. } = &mut *self;
        lock.while_working(command(work, resets.join("; "))).await.map(|_| ())
    }

    /// Sets what the session needs where it is not so already, and answers what it set: a role or a database may have
    /// settings of its own. Behind a pooler in transaction mode the session may change after that, and whoever has it
    /// next has these settings: so as little as possible is set. A search path, which would send others to the tables
    /// of a tenant, is set only where something is looked up, and left where it means the same schemas.
    async fn settle_session(&mut self, names: Names) -> Result<Vec<String>, sqlx::Error> {
        let settings = &self.migrator.settings;
        let path = match names {
            Names::Configured => format!(", ('search_path', {})", quote_literal(&settings.search_path())),
            Names::System | Names::ConfiguredWhereSafe => format!(", ('search_path', '{SYSTEM_PATH}')"),
            Names::None => String::new(),
        };
        let same_schemas = match settings.search_path_schemas() {
            Some(schemas) if names == Names::Configured => {
                let schemas: Vec<_> = schemas.iter().map(|name| quote_literal(name).to_string()).collect();
                let schemas = schemas.join(", ");
                format!(
                    "pg_catalog.current_schemas(false)::pg_catalog.text[] OPERATOR(pg_catalog.=) ARRAY[{schemas}]::pg_catalog.text[]"
                )
            }
            _ => "false".to_string(),
        };
        // An older server does not know each of them. The path of the session is what is asked for, so that everything has
        // its schema here.
        let sql = format!(
            "SELECT name, pg_catalog.set_config(name, value, false) FROM (VALUES ('lock_timeout', '0'), \
             ('statement_timeout', '0'), ('transaction_timeout', '0'), ('default_transaction_read_only', 'off'), \
             ('default_transaction_isolation', 'read committed'){path}) AS wanted (name, value) \
             WHERE pg_catalog.current_setting(name, true) OPERATOR(pg_catalog.<>) value \
             AND NOT (name OPERATOR(pg_catalog.=) 'search_path' AND {same_schemas})"
        );
        let safe_path = (names == Names::ConfiguredWhereSafe).then(|| settings.safe_search_path());
        let Runner { lock, work, .. } = &mut *self;
        let rows = lock.while_working(command(work, sql)).await?;
        let mut changed: Vec<String> = rows.iter().map(|row| text(row, 0)).collect();
        if let Some(safe_path) = safe_path {
            // Whether it is safe is asked under the system's path.
            let sql = format!(
                "SELECT pg_catalog.set_config('search_path', '{SYSTEM_PATH}', false); \
                 SELECT pg_catalog.set_config('search_path', {safe_path}, false)"
            );
            lock.while_working(command(work, sql)).await?;
            if !changed.iter().any(|name| name == "search_path") {
                changed.push("search_path".to_string());
            }
        }
        Ok(changed)
    }
}
