//! SeaORM, as `sea-orm-cli migrate init` sets it up.

mod m20260101_000001_users;
mod m20260102_000001_trips;

use sea_orm_migration::cli::run_migrate;
use sea_orm_migration::sea_orm::Database;
use sea_orm_migration::{MigrationTrait, MigratorTrait};

use crate::Done;

struct Migrator;

#[sea_orm_migration::async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m20260101_000001_users::Migration), Box::new(m20260102_000001_trips::Migration)]
    }
}

pub(crate) async fn start(url: &str, count: usize) -> Done {
    let database = Database::connect(url).await?;
    let missing = match u32::try_from(count) {
        Ok(count) => {
            let applied = Migrator::get_applied_migrations(&database).await?.len();
            Some(count - u32::try_from(applied)?)
        }
        Err(_) => None,
    };
    Migrator::up(&database, missing).await?;
    Ok(())
}

/// `cargo run -- up -v` in its crate of migrations.
pub(crate) async fn log(url: &str) -> Done {
    run_migrate(Migrator, &Database::connect(url).await?, None, true).await.map_err(|error| error.to_string().into())
}
