//! A development database in place of a schema, beside a replay of the migrations on the same server.

use migrate_compiler::{History, compile_directory};
use migrate_runtime::FromEmpty;
use migrate_runtime::core::catalog::Catalog;
use migrate_runtime::core::difference::Renames;
use migrate_runtime::core::plan::{Migration, Work};
use migrate_runtime::introspect::in_words_of_server;
use migrate_runtime::sqlx::{self, PgConnection};
use migrate_runtime::testing::TestDatabase;

use super::numbers::Numbers;
use super::words;
use crate::failure::{Failure, chain};
use crate::finding::as_text;
use crate::import::database::{self, Database, Live, scratch};
use crate::import::rebuilt::embedded;
use crate::project::Project;
use crate::waiting::tell;

/// What a development database holds.
pub(super) struct Development {
    /// In the words of the history where it is as that left it.
    pub(super) catalog: Catalog,
    /// What the database itself shows to be renamed.
    pub(super) renames: Renames,
    /// What is there and cannot be told.
    pub(super) left_out: Vec<String>,
}

/// A database where the migrations alone have been at work.
struct Replay {
    catalog: Catalog,
    numbers: Numbers,
}

impl Development {
    /// Reads it.
    pub(super) async fn read(
        url: &str,
        scratch: &str,
        project: &Project,
        history: &History,
        is_told: bool,
    ) -> Result<Self, Failure> {
        let options = database::options(url)?;
        database::options(scratch)?;
        tell(is_told, "reading the database");
        let mut database = Database::connect(&options).await?;
        let live = database.read(&[]).await?;
        let numbers = Numbers::read(database.connection()).await.map_err(|error| went_away(&error))?;
        tell(is_told, "applying the migrations to a new database");
        let (replay, without) = match Replay::of(scratch, project, history).await {
            Ok(replay) => (Some(replay), None),
            Err(why) => (None, Some(why)),
        };
        let result = match replay {
            Some(Replay { catalog, numbers: own }) => {
                let renames = own.renames(&numbers);
                let catalog = words::of_history(history.catalog(), &catalog, &live.catalog, &renames);
                Ok(Development { catalog, renames, left_out: live.left_out })
            }
            None => Self::alone(live, history, database.connection()).await,
        };
        database.close().await;
        if let Some(why) = without {
            tell(is_told, &format!("continuing without it, so each rename is asked for: {why}"));
        }
        result
    }

    /// Without a replay: the server is asked how it would print what the history says.
    async fn alone(live: Live, history: &History, connection: &mut PgConnection) -> Result<Self, Failure> {
        let printed = in_words_of_server(connection, history.catalog(), &live.catalog, None).await;
        let printed = printed.map_err(|error| went_away(&error))?;
        let renames = Renames::default();
        let catalog = words::of_history(history.catalog(), &printed, &live.catalog, &renames);
        Ok(Development { catalog, renames, left_out: live.left_out })
    }
}

fn went_away(error: &sqlx::Error) -> Failure {
    Failure::new(chain(error)).help("run it again: nothing was written")
}

impl Replay {
    /// Applies the migrations to a new database, reads it and drops it; or says why that cannot be.
    async fn of(server: &str, project: &Project, history: &History) -> Result<Self, String> {
        let migrations = compile_directory(&project.migrations(), &project.path(""), history.postgres())
            .map_err(|findings| findings.iter().map(as_text).collect::<String>())?;
        if let Some(one) = migrations.iter().find(|migration| runs_rust(migration)) {
            return Err(format!("`{}` runs Rust functions, which only your program contains", one.file));
        }
        let database = scratch(server).await.map_err(|failure| failure.message)?;
        let result = Self::in_database(migrations, &database).await;
        let removed = database.remove().await.map_err(|error| chain(&error));
        let replay = result?;
        removed.map(|()| replay)
    }

    async fn in_database(migrations: Vec<Migration>, database: &TestDatabase) -> Result<Self, String> {
        // One by one, as in a database that was there all along: an empty one is made at once, with other numbers.
        let migrator = embedded(migrations).migrator().from_empty(FromEmpty::Replay);
        migrator.apply(database.pool()).await.map_err(|error| chain(&error))?;
        let mut connection = Database::connect(database.options()).await.map_err(|failure| failure.message)?;
        let live = connection.read(&[]).await.map_err(|failure| failure.message);
        let numbers = Numbers::read(connection.connection()).await.map_err(|error| chain(&error));
        connection.close().await;
        Ok(Replay { catalog: live?.catalog, numbers: numbers? })
    }
}

fn runs_rust(migration: &Migration) -> bool {
    migration.up.statements().any(|statement| matches!(statement.work, Work::Run(_)))
}
