//! Up, down, and up again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use migrate_core::history::{Direction, HistoryError, MigrationName, RevertTarget, Target};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, PgPool};

use super::observe::Observation;
use super::sample::{self, Sample, Whose};
use super::{Pass, Rehearsal, RehearsedMigration, Stage, compare};
use crate::connection::{acquire, connect};
use crate::error::Error;
use crate::from_empty::FromEmpty;
use crate::message::query;
use crate::migrator::Migrator;
use crate::scratch::Scratch;
use crate::status::PlanStep;

/// What the names of copies begin with.
const PREFIX: &str = "migrate_rehearsal_";

/// How often a statement outside of a transaction is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(1);

impl Migrator {
    /// Applies pending migrations to a copy of a database, reverts them, and applies them again, and reports for each
    /// statement the time, the locks and the rewritten tables, compared with the prediction.
    ///
    /// An irreversible migration, and everything before it, is not reverted; neither is one that is out of order, and
    /// so before an already applied one. A migration that fails ends the rehearsal; the result has the failure, and
    /// what was observed until then.
    ///
    /// # Errors
    /// The copy cannot be created, or its history does not match these migrations.
    pub async fn rehearse(&self, pool: &PgPool, stage: Stage) -> Result<Rehearsal, Error> {
        let server: PgConnectOptions = (*pool.connect_options()).clone();
        let (options, copy) = match stage {
            Stage::Here => (server, None),
            Stage::CopyOf(template) => {
                let copy = Scratch::create(&server, Some(&template), PREFIX).await?;
                (copy.options(), Some(copy))
            }
        };
        let started = Instant::now();
        let database = options.get_database().unwrap_or_default().to_string();
        let stage = PgPoolOptions::new().max_connections(2).connect_lazy_with(options.clone());
        let mut play = Play {
            migrator: self.clone().from_empty(FromEmpty::Replay),
            pool: stage.clone(),
            options,
            seen: Arc::new(Observation::default()),
            rehearsal: Rehearsal {
                database,
                migrations: Vec::new(),
                irreversible: None,
                failure: None,
                elapsed: Duration::ZERO,
            },
        };
        play.migrator.settings.observation = Some(Arc::clone(&play.seen));
        let pending = play.migrator.plan(&stage, Target::Head).await;
        let result = match pending {
            Ok(plan) => {
                play.rehearsal.failure = play.all(&plan.steps).await.err();
                play.rehearsal.elapsed = started.elapsed();
                Ok(play.rehearsal)
            }
            Err(error) => Err(error),
        };
        stage.close().await;
        if let Some(copy) = copy {
            copy.remove().await?;
        }
        result
    }
}

/// Why a migration cannot be reverted before another one, which the rehearsal did not apply.
fn out_of_order(own: &PlanStep, other: &MigrationName) -> String {
    format!("`{}`: `{other}` is later, but was applied before it", own.migration)
}

struct Play {
    migrator: Migrator,
    pool: PgPool,
    options: PgConnectOptions,
    seen: Arc<Observation>,
    rehearsal: Rehearsal,
}

impl Play {
    async fn all(&mut self, pending: &[PlanStep]) -> Result<(), Error> {
        let ups: Vec<&PlanStep> = pending.iter().filter(|step| step.direction == Direction::Up).collect();
        for step in &ups {
            self.one(Pass::Up, step).await?;
        }
        // What is reverted is always the last one; those that were applied out of order may stand before others.
        let mut left: Vec<&PlanStep> = ups;
        left.sort_by_key(|step| step.migration.version);
        let mut reverted = Vec::new();
        while let Some(own) = left.pop() {
            let plan = match self.migrator.plan_revert(&self.pool, RevertTarget::Steps(1)).await {
                Err(Error::History(HistoryError::Irreversible(reasons))) => {
                    self.rehearsal.irreversible =
                        reasons.first().map(|one| match one.migration.version == own.migration.version {
                            true => format!("`{}`: {}", one.migration, one.why),
                            false => out_of_order(own, &one.migration),
                        });
                    break;
                }
                plan => plan?,
            };
            if let Some(other) = plan.steps.iter().find(|step| step.migration.version != own.migration.version) {
                self.rehearsal.irreversible = Some(out_of_order(own, &other.migration));
                break;
            }
            for step in &plan.steps {
                self.one(Pass::Down, step).await?;
            }
            reverted.push(own);
        }
        for step in reverted.into_iter().rev() {
            self.one(Pass::UpAgain, step).await?;
        }
        Ok(())
    }

    async fn one(&mut self, pass: Pass, step: &PlanStep) -> Result<(), Error> {
        let before = self.look().await?;
        self.seen.take();
        let started = Instant::now();
        let result = self.watched(pass, step).await;
        let elapsed = started.elapsed();
        let statements = compare::statements(&step.script, &self.seen.take(), &before);
        let migration = step.migration.clone();
        self.rehearsal.migrations.push(RehearsedMigration { pass, migration, elapsed, statements });
        result
    }

    /// Runs a migration, and looks at it from outside meanwhile.
    async fn watched(&self, pass: Pass, step: &PlanStep) -> Result<(), Error> {
        let seen = Arc::clone(&self.seen);
        let told = self.migrator.settings.observer.clone();
        let migrator = self.migrator.clone().on_event(move |event| {
            seen.on_event(event);
            if let Some(told) = &told {
                told(event);
            }
        });
        let running = async {
            match pass {
                Pass::Up | Pass::UpAgain => {
                    migrator.apply_to(&self.pool, Target::Version(step.migration.version)).await
                }
                Pass::Down => migrator.revert(&self.pool, 1).await,
            }
        };
        let mut watcher = connect(&self.options, "watching").await.map_err(Error::Connect)?;
        let looking = async {
            let sql = sample::query(Whose::Migrators, &self.migrator.settings.schema);
            // What cannot be seen is not told; the migration goes on.
            loop {
                let running = self.seen.running();
                let Ok(rows) = query(&mut watcher, sql.clone()).await else { break };
                self.seen.look(sample::read(&rows), running);
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        let result = match select(std::pin::pin!(running), std::pin::pin!(looking)).await {
            Either::Left((result, _)) => result,
            Either::Right(((), running)) => running.await,
        };
        let _ = watcher.close().await;
        result.map(|_| ())
    }

    async fn look(&self) -> Result<Sample, Error> {
        let mut connection = acquire(&self.pool).await?;
        let sql = sample::query(Whose::Own, &self.migrator.settings.schema);
        let rows = query(&mut connection, sql).await;
        Ok(sample::read(&rows.map_err(|source| Error::Database { doing: "look at the tables", source })?))
    }
}
