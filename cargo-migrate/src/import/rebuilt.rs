//! The migration, applied to a database of its own, beside the one that it was read from.

use migrate_compiler::{DEFAULT_POSTGRES, compile_history};
use migrate_runtime::Migrations;
use migrate_runtime::core::plan::Migration;
use migrate_runtime::private::{Embedded, Options};
use migrate_runtime::sqlx::postgres::PgConnectOptions;
use migrate_runtime::testing::TestDatabase;

use super::Left;
use super::database::{Database, Live, scratch};
use super::dump::{self, Dump};
use super::outcome::Written;
use crate::failure::{Failure, chain};

/// Migrations as a program has them. It keeps them: this process ends soon.
pub(crate) fn embedded(compiled: Vec<Migration>) -> &'static Migrations {
    let embedded: Vec<&'static Embedded> =
        compiled.into_iter().map(|migration| &*Box::leak(Box::new(Embedded::of(migration, &[])))).collect();
    let embedded: &'static [&'static Embedded] = Box::leak(embedded.into_boxed_slice());
    Box::leak(Box::new(Migrations::new(embedded, Options { oldest_server: DEFAULT_POSTGRES, source: None })))
}

const ANOTHER_SERVER: &str = "`--scratch-url URL` names another server for it, `--no-check` skips it";

/// What came of it.
pub(crate) struct Rebuilt {
    /// What is there otherwise, one line each.
    pub(super) differences: Vec<String>,
    /// The dumps of both, where they could be compared.
    pub(super) dump: Option<Dump>,
}

impl Rebuilt {
    /// Applies the migration, compares, and drops the database again.
    pub(super) async fn of(
        written: &Written,
        live: &Live,
        server: &str,
        original: &PgConnectOptions,
        left: &Left<'_>,
    ) -> Result<Self, Failure> {
        let compiled = compile_history(&written.history()).map_err(|mistakes| {
            let mut failure = Failure::new("the migration does not compile");
            for mistake in mistakes {
                failure = failure.help(mistake.to_string());
            }
            failure
        })?;
        let failed = |doing: &str, error: &dyn std::error::Error| {
            Failure::new(format!("cannot {doing}: {}", chain(error))).help(ANOTHER_SERVER)
        };
        let database = scratch(server)
            .await
            .map_err(|failure| failure.at("cannot create a database to compare with").help(ANOTHER_SERVER))?;
        let result = Self::compare(compiled, live, &database, original, left).await;
        let removed = database.remove().await;
        let rebuilt = result.map_err(|error| failed("rebuild the database", error.as_ref()))?;
        removed.map_err(|error| failed("drop the database for the comparison", &error))?;
        Ok(rebuilt)
    }

    async fn compare(
        compiled: Vec<Migration>,
        live: &Live,
        database: &TestDatabase,
        original: &PgConnectOptions,
        left: &Left<'_>,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        embedded(compiled).apply(database.pool()).await?;
        let mut connection = Database::connect(database.options()).await.map_err(|failure| failure.message)?;
        let found = connection.read(left.schemas).await.map_err(|failure| failure.message)?;
        connection.close().await;
        let differences = live.catalog.differences(&found.catalog).iter().map(ToString::to_string).collect();
        let dump = dump::compare(original, database.options(), left);
        Ok(Rebuilt { differences, dump })
    }

    pub(super) fn is_same(&self) -> bool {
        self.differences.is_empty() && self.dump.as_ref().is_none_or(Dump::is_same)
    }

    /// In words.
    pub(super) fn told(&self) -> Vec<String> {
        let mut lines = Vec::new();
        match self.differences.len() {
            0 => lines.push("rebuilt: both catalogs are the same".to_owned()),
            count => lines.push(format!("rebuilt: the catalogs differ in {count} places")),
        }
        lines.extend(Dump::told(self.dump.as_ref()));
        lines
    }
}
