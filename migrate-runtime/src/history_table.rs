//! The tables in the history schema: their SQL, and reading them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use migrate_core::history::{AppliedMigration, Kind, Unfinished};
use migrate_core::json::{ToJson, to_json};
use migrate_core::plan::{Checksum, Compatibility, Footprint, LockMode, Migration, RelationLock};
use migrate_core::sql::{quote_identifier, quote_literal};
use serde::Deserialize;
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use crate::connection::{check_name, millis, number, optional_text, text};
use crate::error::{Error, is_connection_lost, sqlstate};
use crate::event::{Event, Observer, emit};
use crate::execute::{LOG_MARK, SYNCHRONOUS};
use crate::journal::{self, JournalRow};
use crate::message::{Message, MessageError, Part, UNHURRIED, command, query};
use crate::peek::blockers;
use crate::status::HistoryRow;
use crate::trust::{self, DISTRUSTED, Use};

/// The format of the tables that this version writes. What changed with each is in [`Tables::upgrade`].
pub(crate) const FORMAT: i32 = 3;

/// The version of this library, as recorded.
pub(crate) const TOOL_VERSION: &str = env!("CARGO_PKG_VERSION");

/// What is wrong with a row whose checksum cannot be read.
pub(crate) const NO_CHECKSUM: &str = "its checksum is not 64 hexadecimal digits";

/// What is stored as the footprint of a migration: beside it what tells which form of the migration was applied. Versions
/// of this library that do not know that pass over it.
#[derive(Debug, ToJson, Deserialize)]
pub(crate) struct Recorded {
    #[serde(flatten)]
    footprint: Footprint,
    /// The checksum that the rest is of: where the row has another one, somebody changed that by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checksum: Option<Checksum>,
    /// Its checksum without comments on objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    identity: Option<Checksum>,
    /// The checksums of the forms it had before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    earlier: Vec<Checksum>,
    /// Its operations, to tell what another form does otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operations: Option<Value>,
}

impl Recorded {
    pub(crate) fn of(migration: &Migration, earlier: Vec<Checksum>) -> Self {
        Recorded {
            footprint: migration.footprint.clone(),
            checksum: Some(migration.checksum),
            identity: Some(migration.identity()),
            earlier,
            operations: serde_json::from_str(&migration.operations).ok(),
        }
    }
}

/// The names of the tables, quoted and with their schema.
#[derive(Clone, Debug)]
pub(crate) struct Tables {
    pub(crate) schema_name: String,
    pub(crate) schema: String,
    pub(crate) history: String,
    pub(crate) head: String,
    pub(crate) journal: String,
    pub(crate) format: String,
    pub(crate) repairs: String,
    /// What the names of the tables begin with.
    prefix: &'static str,
    /// The names alone.
    pub(crate) names: [String; 5],
}

/// How long the history is waited for while somebody has locked its tables, before it is told who that is, in milliseconds.
const HELD: u32 = 1000;

/// How long it is waited for in all.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// How often the history is looked at again when the look is cut.
const MOST_CUT: u32 = 20;

/// What the server answers to a statement that was cut.
const CANCELLED: &str = "57014";

/// What the server answers where a lock is waited for too long.
const LOCK_TIMEOUT: &str = "55P03";

/// What the tables hold.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    /// By version. `chain` is as it should be.
    pub(crate) applied: Vec<AppliedMigration>,
    /// By version.
    pub(crate) journal: Vec<JournalRow>,
    /// Rows whose stored chain is not what it should be, with the right one: someone changed the table by hand, or the
    /// tables are of an older format.
    pub(crate) wrong_chains: Vec<(i64, Checksum)>,
    /// The format of the tables, where it is older than ours.
    pub(crate) outdated: Option<i32>,
    /// Whose history it is.
    pub(crate) applications: Vec<String>,
}

impl Loaded {
    /// What is half done, as decisions take it.
    pub(crate) fn unfinished(&self) -> Vec<Unfinished> {
        self.journal.iter().map(|row| row.unfinished.clone()).collect()
    }

    /// Whether the tables are as this version leaves them.
    pub(crate) fn is_in_order(&self) -> bool {
        self.wrong_chains.is_empty() && self.outdated.is_none()
    }
}

impl Tables {
    /// The tables in a schema of their own.
    pub(crate) fn new(schema: &str) -> Self {
        Self::named(schema, "")
    }

    /// The tables in the schema of a tenant, among its own: what drops, renames or copies the schema takes them along.
    /// Introspection knows them by these names.
    pub(crate) fn of_tenant(schema: &str) -> Self {
        Self::named(schema, "migrate_")
    }

    fn named(schema: &str, prefix: &'static str) -> Self {
        let quoted = quote_identifier(schema).to_string();
        let table = |name| [&quoted, ".", prefix, name].concat();
        Tables {
            schema_name: schema.to_string(),
            history: table("history"),
            head: table("head"),
            journal: table("journal"),
            format: table("format"),
            repairs: table("repairs"),
            names: ["history", "head", "journal", "format", "repairs"].map(|name| [prefix, name].concat()),
            schema: quoted,
            prefix,
        }
    }

    /// Whether the database has exactly the migrations of this chain, and none half done: whether its head says so. One
    /// round trip, and for the server hardly more than `SELECT 1`.
    pub(crate) async fn is_at(&self, connection: &mut PgConnection, chain: Checksum) -> Result<bool, sqlx::Error> {
        let asking = format!("SET LOCAL lock_timeout = {HELD};\n{}", self.guarded(&self.select_head()));
        let rows = match query(connection, asking).await {
            // Without a head, or without the right to see it, or while somebody has locked it, the history is looked at;
            // also where it is not to be trusted, or where the role's statements may take less than this look, as on a
            // busy machine.
            Err(error)
                if is_missing_table(&error)
                    || matches!(sqlstate(&error), Some("42501" | LOCK_TIMEOUT | DISTRUSTED | CANCELLED)) =>
            {
                return Ok(false);
            }
            rows => rows?,
        };
        Ok(matches!(rows.as_slice(), [row] if Checksum::from_hex(&text(row, 0)) == Some(chain)))
    }

    /// Waits until what was read of the history without the lock is on the disk: a run may be in the middle of a message of
    /// several transactions, of which only the last one waits for that. Where there is a head no run is under way.
    pub(crate) async fn wait_for_disk(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        if query(connection, self.guarded(&self.select_head())).await.is_ok_and(|rows| !rows.is_empty()) {
            return Ok(());
        }
        let mut message = Message::looking();
        message.push(Part::Control, SYNCHRONOUS).push(Part::Record, LOG_MARK);
        match message.send(connection, |_, _| {}).await {
            Err(error) if is_connection_lost(&error.source) => Err(error.source),
            // A standby refuses, and has what is on the disk of its primary.
            _ => Ok(()),
        }
    }

    /// A query of the tables, behind the check that reading them runs nothing of others.
    fn guarded(&self, sql: &str) -> String {
        format!("{};\n{sql}", trust::guard(&[self], Use::Read))
    }

    /// Reads the chain of the head: no row where there is none. Fails where somebody dropped the history.
    pub(crate) fn select_head(&self) -> String {
        format!(
            "SELECT chain FROM {} WHERE {}::pg_catalog.regclass IS NOT NULL",
            self.head,
            quote_literal(&self.history)
        )
    }

    /// The command that takes the head away, before anything is changed.
    pub(crate) fn unset_head(&self) -> String {
        format!("DELETE FROM {}", self.head)
    }

    /// The commands that write the head, for who has the lock: the last row of the history, if nothing is half done.
    pub(crate) fn set_head(&self) -> [String; 2] {
        let insert = format!(
            "INSERT INTO {} (version, chain) SELECT version, chain FROM {} \
             WHERE NOT EXISTS (SELECT FROM {}) ORDER BY version DESC LIMIT 1",
            self.head, self.history, self.journal
        );
        [self.unset_head(), insert]
    }

    /// The command that drops a head whose history somebody dropped.
    pub(crate) fn drop_head(&self) -> String {
        format!("DROP TABLE IF EXISTS {}", self.head)
    }

    /// The table of the head. Whoever removes the last row of the history by hand removes the head with it. The key is
    /// for publications of all tables, which forbid to delete rows of tables without one.
    fn create_head(&self) -> String {
        format!(
            "CREATE TABLE IF NOT EXISTS {} (\
             version bigint PRIMARY KEY REFERENCES {} (version) ON DELETE CASCADE ON UPDATE CASCADE, chain text NOT NULL)",
            self.head, self.history
        )
    }

    /// [`Tables::load`], which goes on waiting while somebody has locked the tables, and tells who that is.
    pub(crate) async fn load_patiently(
        &self,
        connection: &mut PgConnection,
        with_down: bool,
        observer: Option<&Observer>,
    ) -> Result<Option<Loaded>, Error> {
        let started = Instant::now();
        let mut cut = 0;
        loop {
            match self.load(connection, with_down).await {
                // The time that the role's statements may take was over before it was lifted: on a busy machine a moment is.
                Err(Error::Database { source, .. }) if sqlstate(&source) == Some(CANCELLED) && cut < MOST_CUT => {
                    cut += 1
                }
                Err(Error::HistoryHeld { blockers, .. }) if started.elapsed() < PATIENCE => {
                    emit(observer, &Event::WaitingForHistory { waited: started.elapsed(), blockers });
                }
                result => return result,
            }
        }
    }

    /// Everything the tables hold; `None` where there are no tables.
    pub(crate) async fn load(&self, connection: &mut PgConnection, with_down: bool) -> Result<Option<Loaded>, Error> {
        let down = if with_down { "down::text" } else { "NULL::text" };
        check_name("the schema", &self.schema_name)?;
        let mut message = Message::looking();
        // A long history, and the look at who may write to it, take more than the moment that the role's statements may
        // have.
        message.push(Part::Control, UNHURRIED).push(Part::Guard, &trust::guard(&[self], Use::Read));
        // Rows that a policy hides would be applied again: then it is an error.
        message.push(
            Part::Control,
            &format!(
                "SELECT pg_catalog.set_config('row_security', 'off', true), \
                 pg_catalog.set_config('lock_timeout', '{HELD}', true)"
            ),
        );
        let preparations = message.count();
        message
            .push(Part::Control, &format!("SELECT version::text FROM {}", self.format))
            .push(
                Part::Control,
                &format!(
                    "SELECT version::text, name, checksum, chain, kind, (footprint - 'operations')::text, compatibility::text, {down} \
                     FROM {0} ORDER BY {0}.version",
                    self.history
                ),
            )
            .push(Part::Control, &journal::select(self))
            .push(
                Part::Control,
                &format!("SELECT DISTINCT application FROM {} WHERE application <> '' LIMIT 100", self.history),
            );
        let replies = match message.send(connection, |_, _| {}).await {
            Err(error) if is_missing_table(&error.source) => return Ok(None),
            Err(MessageError { part: Part::Guard, source }) if sqlstate(&source) == Some(DISTRUSTED) => {
                // It may have been in a transaction of the caller's.
                let _ = command(connection, "ROLLBACK".to_string()).await;
                trust::check(connection, self, Use::Read).await?;
                return Err(Error::Database { doing: "read the history", source });
            }
            Err(error) => return Err(self.refused(connection, "read the history", error.source).await),
            Ok(replies) => replies,
        };
        let mut replies = replies.into_iter().skip(preparations).map(|reply| reply.rows);
        let format = replies.next().unwrap_or_default();
        let found = format.first().and_then(|row| number(row, 0)).unwrap_or(0);
        if found > FORMAT {
            return Err(Error::Format { schema: self.schema_name.clone(), found, known: FORMAT });
        }
        let mut loaded = Loaded { outdated: (found < FORMAT).then_some(found), ..Loaded::default() };
        for row in replies.next().unwrap_or_default() {
            let (row, stored_chain) = self.applied(&row)?;
            let before = loaded.applied.last().map_or(Checksum::EMPTY, |row| row.chain);
            let chain = before.chain(row.version, row.checksum);
            if stored_chain != Some(chain) {
                loaded.wrong_chains.push((row.version, chain));
            }
            loaded.applied.push(AppliedMigration { chain, ..row });
        }
        for row in replies.next().unwrap_or_default() {
            loaded.journal.push(JournalRow::read(self, &row)?);
        }
        loaded.applications = replies.next().unwrap_or_default().iter().map(|row| text(row, 0)).collect();
        Ok(Some(loaded))
    }

    /// Why the server refused something about the tables: who has locked them, where it is that.
    pub(crate) async fn refused(
        &self,
        connection: &mut PgConnection,
        doing: &'static str,
        source: sqlx::Error,
    ) -> Error {
        if sqlstate(&source) != Some(LOCK_TIMEOUT) {
            return Error::Database { doing, source };
        }
        // Its transaction has failed.
        let _ = command(connection, "ROLLBACK".to_string()).await;
        let lock = |name: &str| RelationLock {
            schema: self.schema_name.clone().into(),
            table: format!("{}{name}", self.prefix).into(),
            mode: LockMode::RowExclusive,
        };
        let locks = ["history", "head", "journal", "format"].map(lock);
        match blockers(connection, &locks).await {
            Ok(blockers) if !blockers.is_empty() => Error::HistoryHeld { doing, blockers, source },
            _ => Error::Database { doing, source },
        }
    }

    fn applied(&self, row: &PgRow) -> Result<(AppliedMigration, Option<Checksum>), Error> {
        let version = number(row, 0).unwrap_or(0);
        let problem = |problem: String| Error::Row { table: self.history.clone(), version, problem };
        let checksum = Checksum::from_hex(&text(row, 2)).ok_or_else(|| problem(NO_CHECKSUM.into()))?;
        let Recorded { footprint, checksum: of, identity, earlier, .. } =
            serde_json::from_str(&text(row, 5)).map_err(|error| problem(format!("footprint: {error}")))?;
        let is_known = of == Some(checksum);
        let compatibility: Compatibility =
            serde_json::from_str(&text(row, 6)).map_err(|error| problem(format!("compatibility: {error}")))?;
        let down = optional_text(row, 7)
            .map(|down| serde_json::from_str(&down))
            .transpose()
            .map_err(|error| problem(format!("down: {error}")))?;
        let applied = AppliedMigration {
            version,
            name: text(row, 1),
            checksum,
            identity: identity.filter(|_| is_known),
            earlier: if is_known { earlier } else { Vec::new() },
            chain: Checksum::EMPTY,
            kind: Kind::from_code(&text(row, 4))
                .ok_or_else(|| problem("its kind is neither `applied` nor `baseline`".into()))?,
            footprint,
            compatibility,
            down,
        };
        Ok((applied, Checksum::from_hex(&text(row, 3))))
    }

    /// The commands that make the tables. The schema is only made where it is missing, since
    /// `CREATE SCHEMA IF NOT EXISTS` needs a right on the database even where it does nothing.
    pub(crate) fn create(&self, schema_exists: bool) -> Vec<String> {
        let mut commands = Vec::new();
        if !schema_exists {
            commands.push(format!("CREATE SCHEMA {}", self.schema));
        }
        commands.push(format!(
            "CREATE TABLE IF NOT EXISTS {} (\
             version bigint PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, chain text NOT NULL, \
             kind text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(), applied_by text NOT NULL, \
             application text NOT NULL, client text NOT NULL, duration_ms double precision NOT NULL, \
             tool_version text NOT NULL, down jsonb, footprint jsonb NOT NULL, compatibility jsonb NOT NULL)",
            self.history
        ));
        commands.push(self.create_head());
        commands.push(journal::create(self));
        commands.push(format!("CREATE TABLE IF NOT EXISTS {} (version integer NOT NULL)", self.format));
        commands.push(trust::revoke(self));
        // Not all of them may have been missing: what somebody else has made is not written to.
        commands.push(trust::guard(&[self], Use::Write));
        commands.push(format!("INSERT INTO {0} SELECT {FORMAT} WHERE NOT EXISTS (SELECT FROM {0})", self.format));
        commands
    }

    /// The commands that bring tables of an older format to ours. What was written before stays readable by
    /// [`Tables::load`], which does not wait for the upgrade: `status` and `verify` change nothing.
    ///
    /// | format | since then |
    /// |---|---|
    /// | 1 | |
    /// | 2 | `chain` is mixed, not hashed: all chains are wrong, and corrected with the others |
    /// | 3 | the table of the head |
    pub(crate) fn upgrade(&self) -> Vec<String> {
        vec![
            self.create_head(),
            trust::revoke(self),
            trust::guard(&[self], Use::Write),
            // The row may be missing. The table has no key: of a published one rows cannot be deleted.
            format!("TRUNCATE {}", self.format),
            format!("INSERT INTO {} VALUES ({FORMAT})", self.format),
        ]
    }

    /// Whether the schema exists.
    pub(crate) async fn schema_exists(&self, connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
        let sql = format!("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = {}", quote_literal(&self.schema_name));
        Ok(!query(connection, sql).await?.is_empty())
    }

    /// The command that records migrations, each as [`Tables::row`] gives it.
    pub(crate) fn insert(&self, rows: &[String]) -> String {
        format!(
            "INSERT INTO {} (version, name, checksum, chain, kind, applied_at, applied_by, application, client, \
             duration_ms, tool_version, down, footprint, compatibility) VALUES {}",
            self.history,
            rows.join(", ")
        )
    }

    /// The row of a migration. `duration` is an SQL expression in milliseconds.
    pub(crate) fn row(
        &self,
        migration: &Migration,
        chain: Checksum,
        kind: Kind,
        application: &str,
        duration: &str,
    ) -> String {
        let down = to_json(&migration.down);
        let footprint = to_json(&Recorded::of(migration, Vec::new()));
        let compatibility = to_json(&migration.compatibility);
        format!(
            "({}, {}, '{}', '{chain}', '{}', clock_timestamp(), session_user, {}, \
             coalesce(host(inet_client_addr()), ''), {duration}, '{TOOL_VERSION}', {}, {}, {})",
            migration.version,
            quote_literal(&migration.name),
            migration.checksum,
            kind.code(),
            quote_literal(application),
            quote_literal(&down),
            quote_literal(&footprint),
            quote_literal(&compatibility),
        )
    }

    /// The commands that give an applied migration another form: that of the binary.
    pub(crate) fn replace(&self, row: &AppliedMigration, migration: &Migration) -> String {
        let mut earlier = row.earlier.clone();
        earlier.retain(|checksum| *checksum != migration.checksum);
        earlier.push(row.checksum);
        format!(
            "UPDATE {} SET name = {}, checksum = '{}', down = {}, footprint = {}, compatibility = {} WHERE version = {}",
            self.history,
            quote_literal(&migration.name),
            migration.checksum,
            quote_literal(&to_json(&migration.down)),
            quote_literal(&to_json(&Recorded::of(migration, earlier))),
            quote_literal(&to_json(&migration.compatibility)),
            migration.version,
        )
    }

    /// The operations of applied migrations as they were applied, as JSON; without those that an older version of this
    /// library applied.
    pub(crate) async fn operations(&self, connection: &mut PgConnection) -> Result<BTreeMap<i64, String>, sqlx::Error> {
        let sql = format!(
            "SELECT version::text, (footprint -> 'operations')::text FROM {} WHERE footprint ->> 'checksum' OPERATOR(pg_catalog.=) checksum AND footprint -> 'operations' IS NOT NULL",
            self.history
        );
        let rows = query(connection, sql).await?;
        Ok(rows.iter().map(|row| (number(row, 0).unwrap_or(0), text(row, 1))).collect())
    }

    /// The table of repairs, which is made with the first one.
    pub(crate) fn create_repairs(&self) -> String {
        format!(
            "CREATE TABLE IF NOT EXISTS {} (\
             id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, version bigint NOT NULL, name text NOT NULL, \
             checksum_before text NOT NULL, checksum text NOT NULL, reason text NOT NULL, changes jsonb NOT NULL, \
             repaired_at timestamptz NOT NULL DEFAULT clock_timestamp(), repaired_by text NOT NULL, \
             application text NOT NULL, client text NOT NULL, tool_version text NOT NULL)",
            self.repairs
        )
    }

    /// The command that notes a repair: why, by whom, and what it changes.
    pub(crate) fn note_repair(
        &self,
        row: &AppliedMigration,
        migration: &Migration,
        (reason, application): (&str, &str),
        changes: &Value,
    ) -> String {
        format!(
            "INSERT INTO {} (version, name, checksum_before, checksum, reason, changes, repaired_by, application, client, \
             tool_version) VALUES ({}, {}, '{}', '{}', {}, {}, session_user, {}, coalesce(host(inet_client_addr()), ''), \
             '{TOOL_VERSION}')",
            self.repairs,
            migration.version,
            quote_literal(&migration.name),
            row.checksum,
            migration.checksum,
            quote_literal(reason),
            quote_literal(&changes.to_string()),
            quote_literal(application),
        )
    }

    /// The command that removes a migration's row.
    pub(crate) fn delete(&self, version: i64) -> String {
        format!("DELETE FROM {} WHERE version = {version}", self.history)
    }

    /// The command that corrects chains.
    pub(crate) fn set_chains(&self, chains: &[(i64, Checksum)]) -> Option<String> {
        if chains.is_empty() {
            return None;
        }
        let values: Vec<String> =
            chains.iter().map(|(version, chain)| format!("({version}::bigint, '{chain}')")).collect();
        Some(format!(
            "UPDATE {} AS history SET chain = new.chain FROM (VALUES {}) AS new (version, chain) \
             WHERE history.version = new.version",
            self.history,
            values.join(", ")
        ))
    }

    /// The rows for people; none where there is no table.
    pub(crate) async fn rows(&self, connection: &mut PgConnection) -> Result<Vec<HistoryRow>, Error> {
        let sql = format!(
            "SELECT version::text, name, checksum, kind, \
             to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), applied_by, application, \
             client, duration_ms::text, tool_version FROM {0} ORDER BY {0}.version",
            self.history
        );
        let rows = match query(connection, self.guarded(&sql)).await {
            Err(error) if is_missing_table(&error) => return Ok(Vec::new()),
            Err(source) => {
                if sqlstate(&source) == Some(DISTRUSTED) {
                    trust::check(connection, self, Use::Read).await?;
                }
                return Err(Error::Database { doing: "read the history", source });
            }
            Ok(rows) => rows,
        };
        Ok(rows
            .iter()
            .map(|row| HistoryRow {
                version: number(row, 0).unwrap_or(0),
                name: text(row, 1),
                checksum: text(row, 2),
                kind: text(row, 3),
                applied_at: text(row, 4),
                applied_by: text(row, 5),
                application: text(row, 6),
                client: text(row, 7),
                duration: millis(row, 8).unwrap_or(Duration::ZERO),
                tool_version: text(row, 9),
            })
            .collect())
    }
}

/// Whether the history tables are not there (yet).
pub(crate) fn is_missing_table(error: &sqlx::Error) -> bool {
    sqlstate(error).is_some_and(|code| matches!(code, "42P01" | "3F000"))
}
