//! The sample: the database of Pathavana, a travel-planning service.
use migrate_runtime::{Migrations, migrations};
use sqlx::postgres::PgPoolOptions;
mod steps;
static MIGRATIONS: Migrations = migrations!("history", postgres = 14);
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let url = std::env::var("DATABASE_URL")?;
    let pool = PgPoolOptions::new().max_connections(4).connect(&url).await?;
    let mut args = std::env::args().skip(1);
    let migrator = MIGRATIONS.migrator().on_event(|event| println!("{event:?}"));
    match args.next().as_deref() {
        Some("down") => println!("{:#?}", migrator.revert(&pool, args.next().unwrap().parse()?).await?.reverted.len()),
        Some("plan") => for step in migrator.plan(&pool, migrate_runtime::Target::Head).await?.steps { println!("{step:#?}") },
        _ => println!("{:#?}", migrator.apply(&pool).await?.applied.len()),
    }
    Ok(())
}
