//! The tools, each as its manual shows it, with the same SQL.

use std::borrow::Cow;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::Connection as _;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _};
use migrate_core::history::chain_of;
use migrate_core::outline::Outline;
use migrate_runtime::private::{Embedded, Options};
use migrate_runtime::{FromEmpty, Migrations};
use sea_orm_migration::sea_orm::{ConnectionTrait as _, Database, DatabaseConnection};
use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, MigratorTrait, SchemaManager};
use sqlx::migrate::MigrationType;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool, SqlStr};
use workload::Entry;

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    /// The SQL alone: a message `BEGIN; ...; COMMIT` for each migration; with nothing to do, `SELECT 1`.
    Bare,
    /// The same in three messages, as drivers send a transaction; not measured with nothing to do.
    BareInThree,
    /// The SQL and a row with version, name and checksum, in one message: the least that a tool can do.
    BareRecorded,
    /// `SELECT 1` on a connection that a pool lends and gets back; not measured when applying.
    Pooled,
    /// Whether ours has nothing to do, asked on an open connection; not measured when applying.
    OursOpen,
    /// Ours, one migration after the other.
    Ours,
    /// Ours, a fresh database by the short way.
    OursFolded,
    Sqlx,
    Refinery,
    Diesel,
    SeaOrm,
}

impl Tool {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Tool::Bare => "bare SQL",
            Tool::BareInThree => "bare SQL, BEGIN and COMMIT sent apart",
            Tool::BareRecorded => "bare SQL and a row for each",
            Tool::Pooled => "`SELECT 1` on a connection lent by a pool",
            Tool::OursOpen => "ours, `is_up_to_date` on an open connection",
            Tool::Ours => "ours",
            Tool::OursFolded => "ours, folded",
            Tool::Sqlx => "sqlx 0.9.0",
            Tool::Refinery => "refinery 0.10.0",
            Tool::Diesel => "diesel_migrations 2.3.2",
            Tool::SeaOrm => "sea-orm-migration 2.0.4",
        }
    }
}

/// A history in the form that each tool wants, as its macro embeds it.
pub(crate) struct Histories {
    pub(crate) size: usize,
    ours: Migrations,
    sqlx: &'static [sqlx::migrate::Migration],
    /// Name and SQL: refinery's generated function makes its migrations anew for each run.
    named: &'static [(String, String)],
    diesel: &'static [diesel_migrations::EmbeddedMigration],
}

impl Histories {
    pub(crate) fn of(entries: &[Entry]) -> Histories {
        let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
        let ours = entries.iter().map(|entry| &*Box::leak(Box::new(Embedded::of(entry.migration.clone(), &[]))));
        // As `migrations!` works it out.
        let chain = chain_of(entries.iter().map(|entry| (entry.version, entry.migration.checksum)));
        let options = Options { oldest_server: 14, source: None };
        let migrations: Vec<_> = entries.iter().map(|entry| entry.migration.clone()).collect();
        let outline = leak(Outline::of_compiled(&migrations, 14).unwrap_or_default());
        let sqlx = entries.iter().map(|entry| {
            let sql = SqlStr::from_static(leak(entry.sql.clone()));
            let name = Cow::Owned(entry.name.clone());
            sqlx::migrate::Migration::new(entry.version, name, MigrationType::Simple, sql, false)
        });
        let named = entries.iter().map(|entry| (entry.stem(), entry.sql.clone()));
        let diesel = entries.iter().map(|entry| {
            diesel_migrations::EmbeddedMigration::new(
                leak(entry.sql.clone()),
                None,
                diesel_migrations::EmbeddedName::new(leak(entry.stem())),
                diesel_migrations::TomlMetadataWrapper::new(true),
            )
        });
        Histories {
            size: entries.len(),
            ours: Migrations::with_chain(Vec::leak(ours.collect()), options, &chain.0).outlined(outline),
            sqlx: Vec::leak(sqlx.collect()),
            named: Vec::leak(named.collect()),
            diesel: Vec::leak(diesel.collect()),
        }
    }
}

/// A tool with its open connection.
pub(crate) enum Session {
    Bare(Tool, PgConnection),
    Pooled(PgPool),
    OursOpen(PgConnection),
    Ours(PgPool, FromEmpty),
    Sqlx(PgPool),
    Refinery(tokio_postgres::Client),
    Diesel(Box<diesel::PgConnection>),
    SeaOrm(DatabaseConnection),
}

impl Session {
    pub(crate) async fn open(tool: Tool, url: &str) -> Result<Session, BoxError> {
        let pool = || PgPoolOptions::new().connect(url);
        Ok(match tool {
            Tool::Bare | Tool::BareInThree | Tool::BareRecorded => {
                Session::Bare(tool, PgConnection::connect(url).await?)
            }
            Tool::Pooled => Session::Pooled(pool().await?),
            Tool::OursOpen => Session::OursOpen(PgConnection::connect(url).await?),
            Tool::Ours => Session::Ours(pool().await?, FromEmpty::Replay),
            Tool::OursFolded => Session::Ours(pool().await?, FromEmpty::Fold),
            Tool::Sqlx => Session::Sqlx(pool().await?),
            Tool::Refinery => {
                let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
                tokio::spawn(connection);
                Session::Refinery(client)
            }
            Tool::Diesel => {
                Session::Diesel(Box::new(tokio::task::block_in_place(|| diesel::PgConnection::establish(url))?))
            }
            Tool::SeaOrm => {
                let mut options = sea_orm_migration::sea_orm::ConnectOptions::new(url);
                options.sqlx_logging(false);
                Session::SeaOrm(Database::connect(options).await?)
            }
        })
    }

    /// Applies what is pending, as a program does that just started.
    pub(crate) async fn apply(&mut self, histories: &Histories) -> Result<(), BoxError> {
        match self {
            Session::Bare(tool, connection) => bare(*tool, connection, histories.named).await?,
            Session::Pooled(pool) => {
                // As ours does: `acquire` would ask the connection whether it lives.
                let mut connection = match pool.try_acquire() {
                    Some(connection) => connection,
                    None => pool.acquire().await?,
                };
                sqlx::raw_sql("SELECT 1").fetch_all(&mut *connection).await?;
            }
            Session::OursOpen(connection) => {
                let is_up_to_date = histories.ours.is_up_to_date(connection).await?;
                is_up_to_date.then_some(()).ok_or("something is to do")?;
            }
            Session::Ours(pool, way) => {
                match way {
                    FromEmpty::Fold => histories.ours.apply(&*pool).await?,
                    FromEmpty::Replay => histories.ours.migrator().from_empty(FromEmpty::Replay).apply(&*pool).await?,
                };
            }
            Session::Sqlx(pool) => {
                let migrator = sqlx::migrate::Migrator {
                    migrations: Cow::Borrowed(histories.sqlx),
                    ..sqlx::migrate::Migrator::DEFAULT
                };
                migrator.run(&*pool).await?;
            }
            Session::Refinery(client) => {
                let migrations: Result<Vec<_>, _> = histories
                    .named
                    .iter()
                    .enumerate()
                    .map(|(number, (name, sql))| {
                        refinery::Migration::unapplied(&format!("V{}__{}", number + 1, &name[15..]), sql)
                    })
                    .collect();
                refinery::Runner::new(&migrations?).run_async(client).await?;
            }
            Session::Diesel(connection) => {
                let source = EmbeddedMigrations::new(histories.diesel);
                tokio::task::block_in_place(|| connection.run_pending_migrations(source).map(|_| ()))?;
            }
            Session::SeaOrm(connection) => {
                SEA_ORM.get_or_init(|| histories.named);
                // All histories begin alike; the longest one is set first.
                SEA_ORM_SIZE.store(histories.size, Ordering::SeqCst);
                SeaOrm::up(&*connection, None).await?;
            }
        }
        Ok(())
    }

    /// The bare query that a tool with nothing to do is compared with.
    pub(crate) async fn select_one(&mut self) -> Result<(), BoxError> {
        if let Session::Bare(_, connection) = self {
            sqlx::raw_sql("SELECT 1").fetch_all(connection).await?;
        }
        Ok(())
    }

    pub(crate) async fn close(self) {
        match self {
            Session::Bare(_, connection) | Session::OursOpen(connection) => drop(connection.close().await),
            Session::Pooled(pool) | Session::Ours(pool, _) | Session::Sqlx(pool) => pool.close().await,
            Session::SeaOrm(connection) => drop(connection.close().await),
            Session::Refinery(_) | Session::Diesel(_) => {}
        }
    }
}

/// The SQL without any tool.
async fn bare(tool: Tool, connection: &mut PgConnection, migrations: &[(String, String)]) -> Result<(), sqlx::Error> {
    if tool == Tool::BareRecorded {
        let table = "CREATE TABLE applied (version bigint PRIMARY KEY, name text NOT NULL, checksum bytea NOT NULL)";
        sqlx::raw_sql(table).execute(&mut *connection).await?;
    }
    for (stem, sql) in migrations {
        let messages = match tool {
            Tool::BareInThree => vec!["BEGIN".to_owned(), sql.clone(), "COMMIT".to_owned()],
            Tool::BareRecorded => {
                let (version, name) = stem.split_once('_').unwrap_or((stem, ""));
                let checksum = "5a".repeat(32);
                let row = format!("INSERT INTO applied VALUES ({version}, '{name}', '\\x{checksum}')");
                vec![format!("BEGIN;\n{sql}{row};\nCOMMIT")]
            }
            _ => vec![format!("BEGIN;\n{sql}COMMIT")],
        };
        for message in messages {
            sqlx::raw_sql(AssertSqlSafe(message)).execute(&mut *connection).await?;
        }
    }
    Ok(())
}

static SEA_ORM: OnceLock<&'static [(String, String)]> = OnceLock::new();
static SEA_ORM_SIZE: AtomicUsize = AtomicUsize::new(0);

struct SeaOrm;

impl MigratorTrait for SeaOrm {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let all = SEA_ORM.get().copied().unwrap_or_default();
        let some = all.iter().take(SEA_ORM_SIZE.load(Ordering::SeqCst));
        some.map(|(name, sql)| Box::new(SeaOrmMigration { name, sql }) as Box<dyn MigrationTrait>).collect()
    }
}

struct SeaOrmMigration {
    name: &'static str,
    sql: &'static str,
}

impl MigrationName for SeaOrmMigration {
    fn name(&self) -> &str {
        self.name
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for SeaOrmMigration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(self.sql).await.map(|_| ())
    }
}
