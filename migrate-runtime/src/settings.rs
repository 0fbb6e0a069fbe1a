//! How a migrator behaves.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use migrate_core::catalog::Catalog;
use migrate_core::diff::{Ignore, Object};
use migrate_core::name::DEFAULT_SCHEMA;
use migrate_core::plan::Limits;
use migrate_core::sql::{quote_identifier, quote_literal};

use crate::connection::check_name;
use crate::error::Error;
use crate::event::Observer;
use crate::from_empty::FromEmpty;
use crate::history_table::Tables;
use crate::introspect;
use crate::lock::Keys;
use crate::rehearse::Observation;
use crate::trust;

/// A time that nobody waits for, and that every clock can add.
const FOR_EVER: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// How a migrator behaves. The defaults are those measured to leave the traffic of a live database alone.
#[derive(Clone)]
pub(crate) struct Settings {
    /// The schema of the history tables, unless there is a tenant.
    pub(crate) schema: String,
    /// The schema of a tenant: in place of `public`, and of the history's own schema.
    pub(crate) tenant: Option<String>,
    /// Whether that one is made where it is missing.
    pub(crate) create_schema: bool,
    /// What is recorded as the application; the connection's own name otherwise.
    pub(crate) application: Option<String>,
    /// Whether the history may be another application's.
    pub(crate) shares_history: bool,
    /// `search_path` while statements run.
    pub(crate) search_path: String,
    /// How long to wait for another process's run; `None` for as long as it takes.
    pub(crate) lock_wait: Option<Duration>,
    /// `lock_timeout` of transactions that take strong locks on existing tables.
    pub(crate) lock_timeout: Duration,
    /// `lock_timeout` of the others.
    pub(crate) weak_lock_timeout: Duration,
    /// `lock_timeout` when only an autovacuum worker is in the way: it gives way after `deadlock_timeout` (1 s).
    pub(crate) autovacuum_lock_timeout: Duration,
    /// `statement_timeout` of statements of constant time under a strong lock.
    pub(crate) statement_timeout: Duration,
    /// How long a segment is tried again when it does not get its locks.
    pub(crate) retry_budget: Duration,
    /// Whether to look for old holders of a table before a strong lock on it is asked for.
    pub(crate) peek: bool,
    /// How old the transaction of a holder must be for that.
    pub(crate) peek_age: Duration,
    /// How long one transaction of a backfill should take.
    pub(crate) batch_time: Duration,
    /// How far standbys may be behind before a backfill waits for them.
    pub(crate) replica_lag: Duration,
    /// What single migrations are run with instead.
    pub(crate) limits: BTreeMap<i64, Limits>,
    /// What comparisons leave alone.
    pub(crate) ignore: Vec<Ignore>,
    /// How an empty database gets there.
    pub(crate) from_empty: FromEmpty,
    /// What a rehearsal sees.
    pub(crate) observation: Option<Arc<Observation>>,
    /// Who is told what happens.
    pub(crate) observer: Option<Observer>,
}

impl Settings {
    /// These with some limits instead of their own.
    pub(crate) fn limited(&self, limits: Limits) -> Settings {
        let mut own = self.clone();
        own.lock_timeout = limits.lock_timeout.unwrap_or(own.lock_timeout);
        own.statement_timeout = limits.statement_timeout.unwrap_or(own.statement_timeout);
        own.retry_budget = limits.retry_budget.unwrap_or(own.retry_budget);
        own.peek = limits.peek.unwrap_or(own.peek);
        own.peek_age = limits.peek_age.unwrap_or(own.peek_age);
        own.batch_time = limits.batch_time.unwrap_or(own.batch_time);
        own.replica_lag = limits.replica_lag.unwrap_or(own.replica_lag);
        own
    }

    /// Until when something is tried again that begins now.
    pub(crate) fn deadline(&self) -> Instant {
        let now = Instant::now();
        now.checked_add(self.retry_budget).unwrap_or_else(|| now + FOR_EVER)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            schema: "migrate".to_string(),
            tenant: None,
            create_schema: false,
            application: None,
            shares_history: false,
            search_path: "public".to_string(),
            lock_wait: None,
            lock_timeout: Duration::from_millis(50),
            weak_lock_timeout: Duration::from_secs(1),
            autovacuum_lock_timeout: Duration::from_millis(1200),
            statement_timeout: Duration::from_secs(5),
            retry_budget: Duration::from_secs(600),
            peek: true,
            peek_age: Duration::from_millis(30),
            batch_time: Duration::from_millis(50),
            replica_lag: Duration::from_secs(10),
            limits: BTreeMap::new(),
            ignore: Vec::new(),
            from_empty: FromEmpty::default(),
            observation: None,
            observer: None,
        }
    }
}

impl Settings {
    /// The history tables: in a schema of their own, or in the tenant's, so that they go where it goes.
    pub(crate) fn tables(&self) -> Tables {
        self.tenant.as_deref().map_or_else(|| Tables::new(&self.schema), Tables::of_tenant)
    }

    /// The locks: tenants do not wait for each other.
    pub(crate) fn keys(&self) -> Keys {
        Keys::of(self.tenant.as_ref().unwrap_or(&self.schema))
    }

    /// Refuses names that PostgreSQL would cut: two of them may become one.
    pub(crate) fn check_names(&self) -> Result<(), Error> {
        let of_tenant = self.tenant.iter().map(|name| ("the schema", name));
        for (what, name) in of_tenant.chain([("the history's schema", &self.schema)]) {
            check_name(what, name)?;
        }
        Ok(())
    }

    /// The `search_path` of the statements: the tenant's schema comes first.
    pub(crate) fn search_path(&self) -> String {
        match &self.tenant {
            Some(tenant) => format!("{}, {}", quote_identifier(tenant), self.search_path),
            None => self.search_path.clone(),
        }
    }

    /// The command that sets [`Settings::search_path`] until the end of the transaction.
    pub(crate) fn set_search_path(&self) -> String {
        let path = quote_literal(&self.search_path());
        format!("SELECT pg_catalog.set_config('search_path', {path}, true)")
    }

    /// The command that sets [`Settings::safe_search_path`] until the end of the transaction.
    pub(crate) fn set_safe_search_path(&self) -> String {
        format!("SELECT pg_catalog.set_config('search_path', {}, true)", self.safe_search_path())
    }

    /// The path for [`SearchPath::ConfiguredWhereSafe`], as an expression that is asked for under the system's path. Temporary
    /// objects, which a session behind a pooler may have from somebody else, come last.
    ///
    /// [`SearchPath::ConfiguredWhereSafe`]: migrate_core::plan::SearchPath::ConfiguredWhereSafe
    pub(crate) fn safe_search_path(&self) -> String {
        let schemas = self.search_path_schemas();
        format!(
            "CASE WHEN {} THEN 'pg_catalog, pg_temp' ELSE {} END",
            trust::may_be_planted(schemas.as_deref()),
            quote_literal(&format!("{}, pg_temp", self.search_path()))
        )
    }

    /// The schemas of [`Settings::search_path`]; `None` where it is not a list of plain names.
    pub(crate) fn search_path_schemas(&self) -> Option<Vec<String>> {
        let plain =
            |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        let name = |written: &str| match written.trim() {
            "" => None,
            name if plain(name) => Some(name.to_string()),
            name => {
                let inner = name.strip_prefix('"')?.strip_suffix('"')?;
                (!inner.is_empty() && !inner.contains('"')).then(|| inner.to_string())
            }
        };
        let path = self.search_path.split(',').map(name);
        self.tenant.clone().map(Some).into_iter().chain(path).collect()
    }

    /// The schema that the migrations mean by `public`.
    pub(crate) fn default_schema(&self) -> &str {
        self.tenant.as_deref().unwrap_or(DEFAULT_SCHEMA)
    }

    /// Whether comparisons leave this object alone.
    pub(crate) fn ignored(&self, object: &Object) -> bool {
        self.ignore.iter().any(|pattern| pattern.matches(object))
    }

    /// Leaves out of what was read the extensions that a tenant does not ask for, which others may, and their comments: the last
    /// tenant that says anything sets those for all.
    pub(crate) fn leave_extensions(&self, live: &mut Catalog, expected: &Catalog) {
        if self.tenant.is_some() {
            live.extensions.retain(|name, _| expected.extensions.contains_key(name));
            for (name, wanted) in &expected.extensions {
                if let Some(found) = live.extensions.get_mut(name) {
                    found.comment.clone_from(&wanted.comment);
                }
            }
        }
    }

    /// What to read of the live database.
    pub(crate) fn introspection(&self) -> introspect::Options {
        introspect::Options {
            excluded_schemas: vec![self.schema.clone()],
            schema: self.tenant.clone(),
            ..introspect::Options::default()
        }
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Settings")
            .field("schema", &self.schema)
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_without_an_end_is_a_deadline_far_away() {
        let settings = Settings { retry_budget: Duration::MAX, ..Settings::default() };
        assert!(settings.deadline() > Instant::now() + Duration::from_secs(24 * 3600));
    }
}
