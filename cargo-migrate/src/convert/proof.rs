//! What was written, applied to a database of its own, beside the one on which their history ran.

use std::collections::BTreeMap;

use migrate_compiler::print;
use migrate_runtime::core::plan::Migration;
use migrate_runtime::core::sql::Writer;
use migrate_runtime::introspect::{Options, introspect};
use migrate_runtime::sqlx::{self, AssertSqlSafe, Connection as _, PgConnection};
use migrate_runtime::testing::TestDatabase;

use super::replay::Replay;
use crate::failure::{Failure, chain};
use crate::import::dump::{self, Dump};
use crate::import::rebuilt::embedded;
use crate::import::{Left, scratch};

/// What came of it.
#[derive(Debug)]
pub(crate) struct Proof {
    /// What is there otherwise, one line each.
    pub(crate) differences: Vec<String>,
    /// The dumps of both, where they could be compared.
    pub(crate) dump: Option<Dump>,
}

impl Proof {
    /// Applies the migrations, compares, and drops the database again.
    pub(crate) async fn of(migrations: Vec<Migration>, replay: &mut Replay, server: &str) -> Result<Self, Failure> {
        let failed = |doing: &str, why: String| Failure::new(format!("cannot {doing}: {why}"));
        let database =
            scratch(server).await.map_err(|failure| failure.at("cannot create a database to compare with"))?;
        let result = Self::compare(migrations, replay, &database).await;
        let removed = database.remove().await;
        let proof = result?;
        removed.map_err(|error| failed("drop the database for the comparison", chain(&error)))?;
        Ok(proof)
    }

    async fn compare(
        migrations: Vec<Migration>,
        replay: &mut Replay,
        database: &TestDatabase,
    ) -> Result<Self, Failure> {
        let applied = embedded(migrations).apply(database.pool()).await;
        applied.map_err(|error| Failure::new(format!("cannot apply what was written: {}", chain(&error))))?;
        let failed = |error: &dyn std::error::Error| Failure::new(format!("cannot compare: {}", chain(error)));
        let mut connection = PgConnection::connect_with(database.options()).await.map_err(|error| failed(&error))?;
        let found = introspect(&mut connection, &Options::default()).await.map_err(|error| failed(&error))?;
        let found = print::imported(&found.catalog, replay.owner());
        let theirs = &replay.now().catalog;
        let mut differences: Vec<String> = theirs.differences(&found).iter().map(ToString::to_string).collect();
        let tables: Vec<String> = theirs.tables.keys().map(|name| Writer::new().name(name).finish()).collect();
        let ours = rows(&mut connection, &tables).await.map_err(|error| failed(&error))?;
        let theirs = rows(replay.connection(), &tables).await.map_err(|error| failed(&error))?;
        for (table, count) in &theirs {
            let here = ours.get(table).copied().unwrap_or(0);
            if here != *count {
                differences.push(format!("table {table} has {here} rows instead of {count}"));
            }
        }
        let _ = connection.close().await;
        let dump = dump::compare(replay.database().options(), database.options(), &Left::default());
        Ok(Proof { differences, dump })
    }

    pub(crate) fn is_same(&self) -> bool {
        self.differences.is_empty() && self.dump.as_ref().is_none_or(Dump::is_same)
    }

    /// In words.
    pub(crate) fn told(&self) -> Vec<String> {
        let mut lines = Vec::new();
        match self.differences.len() {
            0 => lines.push("applied: both databases have the same structure and the same number of rows".to_owned()),
            count => lines.push(format!("applied: the databases differ in {count} places")),
        }
        lines.extend(Dump::told(self.dump.as_ref()));
        lines
    }
}

/// How many rows there are in each table, of those that can be counted.
async fn rows(connection: &mut PgConnection, tables: &[String]) -> Result<BTreeMap<String, i64>, sqlx::Error> {
    let mut counts = BTreeMap::new();
    for table in tables {
        let sql = format!("SELECT count(*) FROM {table}");
        match sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql)).persistent(false).fetch_one(&mut *connection).await {
            Ok(count) => {
                counts.insert(table.clone(), count);
            }
            // It is missing, which is told already.
            Err(sqlx::Error::Database(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(counts)
}
