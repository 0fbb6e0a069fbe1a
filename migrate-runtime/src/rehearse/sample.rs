//! What a transaction holds and has written, as the server tells it between two statements.

use std::collections::BTreeMap;

use migrate_core::plan::LockMode;
use migrate_core::sql::quote_literal;
use sqlx::postgres::PgRow;

use crate::connection::{number, optional_text, text};

/// A table of the database, by its oid.
pub(super) type Oid = u32;

/// One look.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sample {
    /// When the look began and ended, in milliseconds.
    pub(super) began: f64,
    pub(super) ended: f64,
    /// The modes held, by relation.
    pub(super) locks: BTreeMap<Oid, Vec<LockMode>>,
    /// The tables and materialized views that there are: their names, and the files they are in.
    pub(super) tables: BTreeMap<Oid, (String, String)>,
}

/// Whose locks to look at.
#[derive(Clone, Copy, Debug)]
pub(super) enum Whose {
    /// Those of the session that asks.
    Own,
    /// Those of the migrators' sessions.
    Migrators,
}

/// The query; one command.
pub(super) fn query(whose: Whose, history_schema: &str) -> String {
    let holder = match whose {
        Whose::Own => "pid = pg_catalog.pg_backend_pid()",
        Whose::Migrators => {
            "pid <> pg_catalog.pg_backend_pid() AND pid IN (SELECT pid FROM pg_catalog.pg_stat_activity \
             WHERE datname = current_database() AND application_name LIKE 'migrate: %')"
        }
    };
    let now = "(extract(epoch FROM clock_timestamp()) * 1000)::text";
    format!(
        "SELECT 'began', '', {now}, '' \
         UNION ALL SELECT 'lock', relation::text, mode, '' FROM pg_catalog.pg_locks \
         WHERE locktype = 'relation' AND granted AND {holder} AND database = \
         (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) \
         UNION ALL SELECT 'table', class.oid::text, format('%I.%I', nspname, relname), \
         coalesce(pg_catalog.pg_relation_filenode(class.oid)::text, '') \
         FROM pg_catalog.pg_class AS class JOIN pg_catalog.pg_namespace AS schema ON schema.oid = relnamespace \
         WHERE relkind IN ('r', 'p', 'm') AND nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspname <> {} \
         UNION ALL SELECT 'ended', '', {now}, ''",
        quote_literal(history_schema)
    )
}

/// Reads the answer.
pub(super) fn read(rows: &[PgRow]) -> Sample {
    let mut sample = Sample::default();
    for row in rows {
        match text(row, 0).as_str() {
            "began" => sample.began = number(row, 2).unwrap_or_default(),
            "ended" => sample.ended = number(row, 2).unwrap_or_default(),
            kind => {
                let Some(oid) = number::<Oid>(row, 1) else { continue };
                if kind == "table" {
                    sample.tables.insert(oid, (text(row, 2), text(row, 3)));
                } else if let Some(mode) = optional_text(row, 2).and_then(|name| LockMode::from_pg_locks_name(&name)) {
                    sample.locks.entry(oid).or_default().push(mode);
                }
            }
        }
    }
    sample
}
