//! What is happening in a database, as seen from another terminal or process.

mod sight;

use std::time::Duration;

use migrate_core::history::{Direction, MigrationName, find};
use migrate_core::plan::{Down, Mode, Place, RelationLock, Script, Segment, Statement, Work};
use serde_json::Value;
use sqlx::{PgConnection, PgPool};

pub use sight::{Backend, Connections, IndexBuild, Sight};

pub(crate) use sight::look;

use crate::connect_to::ConnectTo;
use crate::connection::{acquire, check_version};
use crate::error::Error;
use crate::event::{Blocker, LockHolder};
use crate::execute::describe;
use crate::history_table::Loaded;
use crate::journal::JournalRow;
use crate::migrator::Migrator;
use crate::peek::blockers;
use crate::run::placed;
use crate::running::Running;

/// What is happening in a database, at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Watched {
    /// Who is migrating it, if anyone.
    pub lock: Option<LockHolder>,
    /// The migration that is in progress, or was left half done.
    pub migration: Option<WatchedMigration>,
    /// The statement as the server sees it.
    pub sight: Sight,
    /// The last migration that is applied.
    pub current: Option<MigrationName>,
    /// How many are applied.
    pub applied: usize,
}

/// A migration in progress.
#[derive(Clone, Debug, PartialEq)]
pub struct WatchedMigration {
    /// The migration.
    pub migration: MigrationName,
    /// Up or down.
    pub direction: Direction,
    /// Segments that are done, and all segments; `None` if this binary does not know the migration, or it is a single
    /// transaction.
    pub segments: Option<(usize, usize)>,
    /// The current or next statement; for a transaction, the first.
    pub statement: Option<WatchedStatement>,
    /// How far a backfill is.
    pub backfill: Option<WatchedBackfill>,
}

/// A current or next statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedStatement {
    /// From 1, over all segments.
    pub index: usize,
    /// How many the migration has in this direction.
    pub total: usize,
    /// The SQL, in one line, shortened.
    pub sql: String,
    /// Where in the source it comes from.
    pub place: Place,
}

/// How far a backfill is, from its checkpoint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WatchedBackfill {
    /// Rows changed.
    pub rows: u64,
    /// How much of the table has been processed: 0 to 1, from the planner's estimate of its rows.
    pub fraction: Option<f64>,
}

impl Migrator {
    /// Shows what is happening in a database: the migration, its statement, its progress, blockers, and who has the
    /// migration lock. Needs only the database, changes nothing, and does not wait.
    ///
    /// # Errors
    /// The database cannot be reached or read.
    pub fn watch<'a>(&'a self, database: impl Into<ConnectTo<'a>>) -> Running<'a, Result<Watched, Error>> {
        database.into().run(move |pool| Box::pin(async move { self.look_once(&pool).await }))
    }

    async fn look_once(&self, pool: &PgPool) -> Result<Watched, Error> {
        let mut connection = acquire(pool).await?;
        check_version(&connection, 0)?;
        let tables = self.settings.tables();
        let keys = self.settings.keys();
        let failed = |source| Error::Database { doing: "see what is running", source };
        let loaded = tables.load(&mut connection, false).await?.unwrap_or_default();
        let lock = keys.holder(&mut connection).await.map_err(failed)?;
        let embedded = crate::run::embedded(self);
        let row = loaded.journal.last();
        let relocation = self.relocation(&mut connection, &loaded.applied).await?;
        let script = row.and_then(|row| self.script_of(row));
        let script = script.map(|script| placed(&script, relocation.as_ref()).into_owned());
        let running = row.zip(script.as_ref()).and_then(|(row, script)| script.segments.get(row.segment));
        let alone =
            running.filter(|segment| segment.mode == Mode::Alone).and_then(|segment| segment.statements.first());
        let sql = alone.and_then(|statement| match &statement.work {
            Work::Sql(sql) => Some(sql.as_ref()),
            Work::Backfill(_) | Work::Run(_) => None,
        });
        let mut sight = look(&mut connection, keys, sql).await.map_err(failed)?;
        if let Some(holder) = lock.as_ref().filter(|_| sight.blockers.is_empty()) {
            let next = running.cloned().or_else(|| self.first_segment(holder, &loaded));
            sight.blockers = self.in_the_way(&mut connection, next, &sight).await.map_err(failed)?;
        }
        let migration = match row {
            Some(row) => {
                let backfill = backfill(alone, row.checkpoint.as_ref());
                Some(WatchedMigration {
                    migration: row.unfinished.display_name(&embedded),
                    direction: row.unfinished.direction,
                    segments: script.as_ref().map(|script| (row.segment, script.segments.len())),
                    statement: script.as_ref().and_then(|script| statement(script, row.segment)),
                    backfill,
                })
            }
            None => lock.as_ref().and_then(|holder| self.in_one_transaction(holder)),
        };
        Ok(Watched {
            lock,
            migration,
            sight,
            current: loaded.applied.last().map(|row| row.display_name(&embedded)),
            applied: loaded.applied.len(),
        })
    }

    /// Those whom a run waits for before it asks for the locks of a segment: nobody sees it wait.
    async fn in_the_way(
        &self,
        connection: &mut PgConnection,
        next: Option<Segment>,
        sight: &Sight,
    ) -> Result<Vec<Blocker>, sqlx::Error> {
        let segment = next.filter(|segment| segment.mode == Mode::Transaction && self.settings.peek);
        let locks: Vec<RelationLock> =
            segment.iter().flat_map(|one| one.statements.iter()).flat_map(|one| one.locks.iter().cloned()).collect();
        let mut blockers = blockers(connection, &locks).await?;
        let own = sight.backend.as_ref().map(|backend| backend.pid);
        blockers.retain(|one| {
            one.pid.is_none() || one.pid != own && one.age.is_some_and(|age| age >= self.settings.peek_age)
        });
        Ok(blockers)
    }

    /// The first segment of the migration that the session of the run is called after: the journal has nothing of it yet.
    fn first_segment(&self, holder: &LockHolder, loaded: &Loaded) -> Option<Segment> {
        let version: i64 = holder.application_name.strip_prefix("migrate: ")?.split('_').next()?.parse().ok()?;
        let embedded = crate::run::embedded(self);
        let migration = find(&embedded, version)?;
        let script = match &migration.down {
            Down::Script { script, .. } if loaded.applied.iter().any(|row| row.version == version) => script,
            _ => &migration.up,
        };
        script.segments.first().cloned()
    }

    fn script_of(&self, row: &JournalRow) -> Option<Script> {
        if row.script.is_some() {
            return row.script.clone();
        }
        let kept = row.begun.as_ref().map(|begun| begun.up.clone());
        let embedded = crate::run::embedded(self);
        kept.or_else(|| find(&embedded, row.unfinished.version).map(|migration| migration.up.clone()))
    }

    /// A migration of one transaction leaves no trace in the tables until it is done; its name is that of the session.
    fn in_one_transaction(&self, holder: &LockHolder) -> Option<WatchedMigration> {
        let label = holder.application_name.strip_prefix("migrate: ")?;
        let version: i64 = label.split('_').next()?.parse().ok()?;
        let embedded = crate::run::embedded(self);
        let name = label.split(' ').next().and_then(|name| name.split_once('_')).map_or("", |(_, name)| name);
        let known = find(&embedded, version);
        let in_one = known.filter(|migration| migration.up.segments.len() == 1);
        Some(WatchedMigration {
            migration: known.map_or_else(|| MigrationName::in_database(&embedded, version, name), MigrationName::of),
            direction: Direction::Up,
            segments: in_one.map(|_| (0, 1)),
            statement: in_one.and_then(|migration| statement(&migration.up, 0)),
            backfill: None,
        })
    }
}

/// The first statement of a segment.
fn statement(script: &Script, segment: usize) -> Option<WatchedStatement> {
    let before: usize = script.segments.iter().take(segment).map(|one: &Segment| one.statements.len()).sum();
    let statement = script.segments.get(segment)?.statements.first()?;
    Some(WatchedStatement {
        index: before + 1,
        total: script.statements().count(),
        sql: describe(statement),
        place: statement.place.clone(),
    })
}

fn backfill(statement: Option<&Statement>, checkpoint: Option<&Value>) -> Option<WatchedBackfill> {
    let checkpoint = statement.filter(|one| matches!(one.work, Work::Backfill(_))).and(checkpoint)?;
    let field = |name: &str| checkpoint.get(name).and_then(Value::as_u64);
    let expected = field("expected").filter(|expected| *expected > 0);
    let fraction = expected.zip(field("looked")).map(|(expected, looked)| (looked as f64 / expected as f64).min(1.0));
    Some(WatchedBackfill { rows: field("rows").unwrap_or(0), fraction })
}

/// How long ticks of an observer are apart.
pub(crate) const EVERY: Duration = Duration::from_secs(1);
