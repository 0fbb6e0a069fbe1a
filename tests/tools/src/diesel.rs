//! diesel, as its manual shows it, on the connection of diesel-async.

use diesel_async::{AsyncConnection as _, AsyncMigrationHarness, AsyncPgConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

use crate::Done;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/diesel");

pub(crate) async fn start(url: &str, count: usize) -> Done {
    let mut harness = AsyncMigrationHarness::new(AsyncPgConnection::establish(url).await?);
    if count == usize::MAX {
        harness.run_pending_migrations(MIGRATIONS)?;
        return Ok(());
    }
    for _ in harness.applied_migrations()?.len()..count {
        harness.run_next_migration(MIGRATIONS)?;
    }
    Ok(())
}
