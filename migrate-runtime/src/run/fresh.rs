//! Applying to an empty database by the short way.

use std::time::{Duration, Instant};

use migrate_core::history::{Kind, MigrationName, Pending};
use migrate_core::operation::fresh::Part as Way;
use migrate_core::plan::{Checksum, Script, Work};
use migrate_core::sql::quote_literal;
use tracing::Instrument as _;

use super::apply::insert;
use super::placed;
use crate::connection::text;
use crate::error::Error;
use crate::event::Event;
use crate::execute::{ELAPSED, Runner, Stop, TransactionSettings, set_path};
use crate::from_empty::FromEmpty;
use crate::history_table::Loaded;
use crate::message::{Part, SAFE_PATH, unhurried};
use crate::report::Completed;
use crate::spans;

impl Runner<'_> {
    /// Applies what is pending: to an empty database by the short way, else one after the other.
    pub(super) async fn apply(&mut self, pending: Vec<Pending<'_>>, loaded: &mut Loaded) -> Result<(), Stop> {
        self.look_at_extensions(&pending, loaded).await?;
        self.move_in(&pending, loaded).await?;
        let total = pending.len();
        let mut done = 0;
        for way in self.ways(&pending, loaded).await? {
            match way {
                Way::AsWritten { migrations } => {
                    let part = pending.get(done..done + migrations).unwrap_or_default();
                    self.apply_each(part, loaded, (done, total)).await?;
                    done += migrations;
                }
                Way::Folded { migrations, script } => {
                    let part = pending.get(done..done + migrations).unwrap_or_default();
                    match self.fold(part, &script, loaded, total).instrument(spans::fold(part.len())).await? {
                        Folded::Done => {}
                        Folded::Refused(reason) => {
                            self.emit(&Event::NotFolded { migrations, reason });
                            self.apply_each(part, loaded, (done, total)).await?;
                        }
                    }
                    done += migrations;
                }
            }
        }
        Ok(())
    }

    /// The short way is worked out for the whole history alone.
    async fn ways(&mut self, pending: &[Pending<'_>], loaded: &Loaded) -> Result<Vec<Way>, Stop> {
        let as_written = vec![Way::AsWritten { migrations: pending.len() }];
        let has_history = !loaded.applied.is_empty() || !loaded.journal.is_empty();
        let is_asked = self.migrator.settings.from_empty == FromEmpty::Fold;
        let is_all = pending.len() == self.migrator.embedded.len();
        if pending.len() < 2 || has_history || !is_asked || !is_all {
            return Ok(as_written);
        }
        let Some(outline) = self.migrator.outline() else { return Ok(as_written) };
        Ok(if self.is_empty().await? { outline.from_empty } else { as_written })
    }

    /// Whether nothing is in the database, or in the schema of the tenant, but extensions.
    pub(super) async fn is_empty(&mut self) -> Result<bool, Stop> {
        let home = quote_literal(&self.tables.schema_name);
        let (user_schema, not_history) = match &self.migrator.settings.tenant {
            Some(_) => (
                format!("nspname = {home}"),
                "relname !~ '^migrate_(history|head|journal|format|repairs)(_pkey|_id_seq)?$'",
            ),
            None => (format!("nspname <> 'information_schema' AND nspname !~ '^pg_' AND nspname <> {home}"), "true"),
        };
        let no_member = |class: &str, oid: &str| {
            format!(
                "NOT EXISTS (SELECT FROM pg_catalog.pg_depend WHERE classid = 'pg_catalog.{class}'::regclass \
                 AND objid = {oid} AND deptype = 'e')"
            )
        };
        let sql = format!(
            "SELECT (NOT EXISTS (SELECT FROM pg_catalog.pg_class AS class JOIN pg_catalog.pg_namespace AS schema \
             ON schema.oid = relnamespace WHERE {user_schema} AND {not_history} AND {}) \
             AND NOT EXISTS (SELECT FROM pg_catalog.pg_type AS type JOIN pg_catalog.pg_namespace AS schema \
             ON schema.oid = typnamespace WHERE typtype IN ('e', 'd', 'r') AND {user_schema} AND {}) \
             AND NOT EXISTS (SELECT FROM pg_catalog.pg_event_trigger AS event WHERE {}))::text",
            no_member("pg_class", "class.oid"),
            no_member("pg_type", "type.oid"),
            no_member("pg_event_trigger", "event.oid"),
        );
        let Runner { lock, work, .. } = &mut *self;
        let rows = lock
            .while_working(unhurried(work, &sql))
            .await
            .map_err(|source| Stop::from(Error::Database { doing: "see whether the database is empty", source }))?;
        Ok(rows.first().is_some_and(|row| text(row, 0) == "true"))
    }

    /// Runs the script that stands for these migrations, and records them, in one transaction.
    async fn fold(
        &mut self,
        part: &[Pending<'_>],
        script: &Script,
        loaded: &mut Loaded,
        total: usize,
    ) -> Result<Folded, Stop> {
        let started = Instant::now();
        self.lock.set_label(format!("{} migrations at once", part.len()));
        let settings = TransactionSettings {
            lock_timeout: self.migrator.settings.weak_lock_timeout,
            statement_timeout: Duration::ZERO,
            ..TransactionSettings::RECORD
        };
        let mut message = self.begin(settings);
        let mut set = settings;
        let script = &*placed(script, self.relocation.as_ref());
        for (number, statement) in script.statements().enumerate() {
            set_path(&mut message, statement, &mut set, &self.settings);
            match &statement.work {
                Work::Sql(sql) => message.push(Part::Statement(number), sql),
                Work::Run(_) | Work::Backfill(_) => return Ok(Folded::Refused("it is not only SQL".to_string())),
            };
        }
        let duration = format!("{ELAPSED} / {}", part.len());
        let mut chain = loaded.applied.last().map_or(Checksum::EMPTY, |row| row.chain);
        let mut chains = Vec::with_capacity(part.len());
        let mut rows = Vec::with_capacity(part.len());
        for one in part {
            chain = chain.chain(one.migration.version, one.migration.checksum);
            chains.push((one.migration.version, chain));
            rows.push(self.row(&self.with_stored_down(one.migration), chain, Kind::Applied, &duration));
        }
        message.push(Part::Control, SAFE_PATH);
        message.push(Part::Record, &self.tables.insert(&rows));
        message.push(Part::Commit, "COMMIT");
        if let Err(error) = self.send(message).await {
            let stop = self.stop(error);
            if !matches!(stop, Ok(Stop::Lost(_))) {
                self.rollback().await;
            }
            return match stop {
                Ok(stop) => Err(stop),
                Err(error) => Ok(Folded::Refused(error.source.to_string())),
            };
        }
        let elapsed = started.elapsed();
        for (one, chain) in part.iter().zip(chains) {
            insert(&mut loaded.applied, one.migration, &[chain]);
            let share = elapsed / u32::try_from(part.len()).unwrap_or(u32::MAX);
            let migration = MigrationName::of(one.migration);
            self.report.applied.push(Completed { migration, elapsed: share, loses: Vec::new() });
        }
        self.progress += 1;
        self.emit(&Event::Folded { migrations: part.len(), total, statements: script.statements().count(), elapsed });
        Ok(Folded::Done)
    }
}

/// How it went.
enum Folded {
    Done,
    /// It was rolled back; what was reported.
    Refused(String),
}
