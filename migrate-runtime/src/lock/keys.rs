//! The numbers of the advisory locks, and what the server shows of those who have them.

use std::time::Duration;

use migrate_core::plan::Checksum;
use sqlx::PgConnection;

use crate::connection::{millis, number, text};
use crate::event::LockHolder;
use crate::message::{query, unhurried};

/// The two advisory locks: one for the run, one for each of its transactions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keys {
    pub(super) run: i64,
    pub(super) transaction: i64,
}

impl Keys {
    /// Advisory locks are the database's own; the schema keeps applications apart that share one.
    pub(crate) fn of(schema: &str) -> Self {
        let key = |purpose: &str| {
            let Checksum(bytes) = Checksum::of(&format!("migrate {purpose} {schema}"));
            i64::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]])
        };
        Keys { run: key("run"), transaction: key("transaction") }
    }

    /// The key of the run's lock.
    pub(crate) fn run(self) -> i64 {
        self.run
    }

    /// The command that fails with a division by zero while a migrator has the lock, or a transaction of one that is
    /// gone is open. Keeps others out until the end of the transaction.
    pub(crate) fn exclude_others(self) -> String {
        format!(
            "SELECT 1 / (pg_catalog.pg_try_advisory_xact_lock({}) \
             AND pg_catalog.pg_try_advisory_xact_lock({}))::integer",
            self.run, self.transaction
        )
    }

    /// What finds the backend that is in a transaction of a migrator, in `pg_locks`.
    pub(crate) fn transaction_in_pg_locks(self) -> String {
        Self::one_in_pg_locks(self.transaction)
    }

    pub(super) fn in_pg_locks(self) -> String {
        Self::one_in_pg_locks(self.run)
    }

    fn one_in_pg_locks(key: i64) -> String {
        let bits = key as u64;
        format!(
            "locktype = 'advisory' \
             AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) \
             AND classid = {} AND objid = {} AND objsubid = 1 AND granted",
            bits >> 32,
            bits & 0xffff_ffff
        )
    }

    /// Who has the lock.
    pub(crate) async fn holder(self, connection: &mut PgConnection) -> Result<Option<LockHolder>, sqlx::Error> {
        Self::holder_of(self.run, connection).await
    }

    /// Ends a session that has the lock and is in no transaction: it belongs to nobody.
    pub(super) fn end_leaked(self) -> String {
        format!(
            "SELECT pg_catalog.pg_terminate_backend(lock.pid) FROM pg_catalog.pg_locks AS lock \
             JOIN pg_catalog.pg_stat_activity AS activity USING (pid) WHERE {} AND activity.state = 'idle' \
             AND activity.state_change < clock_timestamp() - interval '5 seconds'",
            self.in_pg_locks()
        )
    }

    /// Whose transaction is open: where that is not one of the lock's holder, its process is gone or hangs.
    pub(crate) async fn transaction_holder(
        self,
        connection: &mut PgConnection,
    ) -> Result<Option<LockHolder>, sqlx::Error> {
        Self::holder_of(self.transaction, connection).await
    }

    /// Ends the sessions of those who had the lock before and do nothing: one may stand still just before it sends what
    /// cannot be in a transaction, and so not check for the lock. `name` is what they are called.
    pub(crate) async fn end_idle_predecessors(connection: &mut PgConnection, name: &str) -> Result<(), sqlx::Error> {
        let sql = format!(
            "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity \
             WHERE datname = current_database() AND application_name = {} AND state = 'idle' \
             AND pid <> pg_catalog.pg_backend_pid()",
            migrate_core::sql::quote_literal(name)
        );
        query(connection, sql).await.map(|_| ())
    }

    /// Ends a transaction whose process is gone or hangs: it holds its place, and nobody has used it for `idle`. For
    /// the holder of the lock.
    pub(crate) async fn end_idle_orphan(
        self,
        connection: &mut PgConnection,
        idle: Duration,
    ) -> Result<(), sqlx::Error> {
        let sql = format!(
            "SELECT pg_catalog.pg_terminate_backend(lock.pid) FROM pg_catalog.pg_locks AS lock \
             JOIN pg_catalog.pg_stat_activity AS activity USING (pid) WHERE {} \
             AND activity.state LIKE 'idle in transaction%' \
             AND activity.state_change < clock_timestamp() - make_interval(secs => {})",
            Self::one_in_pg_locks(self.transaction),
            idle.as_secs()
        );
        query(connection, sql).await.map(|_| ())
    }

    /// Who has the advisory lock of a number.
    pub(crate) async fn holder_of(key: i64, connection: &mut PgConnection) -> Result<Option<LockHolder>, sqlx::Error> {
        let sql = format!(
            "SELECT lock.pid::text, activity.application_name, coalesce(host(activity.client_addr), ''), \
             (extract(epoch FROM clock_timestamp() - activity.xact_start) * 1000)::text, \
             (extract(epoch FROM clock_timestamp() - (SELECT max(state_change) FROM pg_catalog.pg_stat_activity \
             WHERE datname = current_database() AND application_name LIKE 'migrate: %' \
             AND application_name <> 'migrate: waiting')) * 1000)::text \
             FROM pg_catalog.pg_locks AS lock LEFT JOIN pg_catalog.pg_stat_activity AS activity USING (pid) \
             WHERE {}",
            Self::one_in_pg_locks(key)
        );
        let rows = unhurried(connection, &sql).await?;
        Ok(rows.first().map(|row| LockHolder {
            pid: number(row, 0).unwrap_or(0),
            application_name: text(row, 1),
            client: text(row, 2),
            held_for: millis(row, 3).unwrap_or_default(),
            silent_for: millis(row, 4),
        }))
    }
}
