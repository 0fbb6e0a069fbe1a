//! The crates that are compiled: for each tool what its manual shows, with the same SQL.

use std::fs;
use std::io;
use std::path::Path;

use workload::Entry;

/// A tool whose macro, or whose modules, embed migrations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    Ours,
    Sqlx,
    Refinery,
    Diesel,
    SeaOrm,
    /// A program with sqlx's pool and no migrations: what the sizes of binaries are compared with.
    Pool,
}

impl Tool {
    /// Those that have migrations.
    pub(crate) const ALL: [Tool; 5] = [Tool::Ours, Tool::Sqlx, Tool::Refinery, Tool::Diesel, Tool::SeaOrm];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Tool::Ours => "ours",
            Tool::Sqlx => "sqlx",
            Tool::Refinery => "refinery",
            Tool::Diesel => "diesel",
            Tool::SeaOrm => "sea-orm",
            Tool::Pool => "pool",
        }
    }

    pub(crate) fn package(self, size: usize) -> String {
        format!("{}-{size}", self.name())
    }

    fn dependencies(self, root: &Path) -> String {
        let sqlx =
            "sqlx = { version = \"=0.9.0\", default-features = false, features = [\"postgres\", \"runtime-tokio\"";
        let tokio = "tokio = { version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }";
        match self {
            Tool::Ours => {
                let runtime = root.join("migrate-runtime");
                format!("migrate-runtime = {{ path = {runtime:?} }}\n{sqlx}] }}\n{tokio}\n")
            }
            Tool::Sqlx => format!("{sqlx}, \"migrate\", \"macros\"] }}\n{tokio}\n"),
            Tool::Pool => format!("{sqlx}] }}\n{tokio}\n"),
            Tool::Refinery => format!(
                "refinery = {{ version = \"=0.10.0\", default-features = false, features = [\"tokio-postgres\"] }}\n\
                 tokio-postgres = \"0.7\"\n{tokio}\n"
            ),
            Tool::Diesel => "diesel = { version = \"2.3\", default-features = false, features = [\"postgres\"] }\n\
                             diesel_migrations = \"=2.3.2\"\n"
                .to_owned(),
            Tool::SeaOrm => format!(
                "sea-orm-migration = {{ version = \"=2.0.4\", default-features = false, \
                 features = [\"sqlx-postgres\", \"runtime-tokio\"] }}\n{tokio}\n"
            ),
        }
    }

    fn main(self, entries: &[Entry]) -> String {
        let url = "&std::env::var(\"DATABASE_URL\")?";
        let asynchronous = "#[tokio::main]\nasync fn main() -> Result<(), Box<dyn std::error::Error>> {\n";
        match self {
            Tool::Ours => format!(
                "static MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations!(\"migrations\");\n\n\
                 {asynchronous}    let pool = sqlx::PgPool::connect({url}).await?;\n    \
                 MIGRATIONS.apply(&pool).await?;\n    Ok(())\n}}\n"
            ),
            Tool::Sqlx => format!(
                "static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!(\"./migrations\");\n\n\
                 {asynchronous}    let pool = sqlx::PgPool::connect({url}).await?;\n    \
                 MIGRATIONS.run(&pool).await?;\n    Ok(())\n}}\n"
            ),
            Tool::Pool => format!(
                "{asynchronous}    let pool = sqlx::PgPool::connect({url}).await?;\n    \
                 sqlx::query(\"SELECT 1\").execute(&pool).await?;\n    Ok(())\n}}\n"
            ),
            Tool::Refinery => format!(
                "refinery::embed_migrations!(\"migrations\");\n\n\
                 {asynchronous}    let (mut client, connection) = tokio_postgres::connect({url}, tokio_postgres::NoTls).await?;\n    \
                 tokio::spawn(connection);\n    migrations::runner().run_async(&mut client).await?;\n    Ok(())\n}}\n"
            ),
            Tool::Diesel => format!(
                "use diesel::Connection as _;\n\
                 use diesel_migrations::{{EmbeddedMigrations, MigrationHarness as _, embed_migrations}};\n\n\
                 const MIGRATIONS: EmbeddedMigrations = embed_migrations!(\"migrations\");\n\n\
                 fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {{\n    \
                 let mut connection = diesel::PgConnection::establish({url})?;\n    \
                 connection.run_pending_migrations(MIGRATIONS)?;\n    Ok(())\n}}\n"
            ),
            Tool::SeaOrm => {
                let modules: String = entries
                    .iter()
                    .map(|entry| format!("#[path = \"../migrations/m{0}.rs\"]\nmod m{0};\n", entry.stem()))
                    .collect();
                let boxes: String = entries
                    .iter()
                    .map(|entry| format!("            Box::new(m{}::Migration),\n", entry.stem()))
                    .collect();
                format!(
                    "use sea_orm_migration::prelude::*;\n\n{modules}\nstruct Migrator;\n\n\
                     #[async_trait::async_trait]\nimpl MigratorTrait for Migrator {{\n    \
                     fn migrations() -> Vec<Box<dyn MigrationTrait>> {{\n        vec![\n{boxes}        ]\n    }}\n}}\n\n\
                     {asynchronous}    let database = sea_orm_migration::sea_orm::Database::connect({url}).await?;\n    \
                     Migrator::up(&database, None).await?;\n    Ok(())\n}}\n"
                )
            }
        }
    }

    /// Writes the sources of the crate, those that are not yet so.
    pub(crate) fn write(self, directory: &Path, size: usize, entries: &[Entry]) -> io::Result<()> {
        let package = directory.join(self.package(size));
        let migrations = package.join("migrations");
        for (number, entry) in entries.iter().enumerate() {
            let stem = entry.stem();
            match self {
                Tool::Ours => {
                    let text = format!("migrate_runtime::migration! {{\n{}\n}}\n", entry.block);
                    write(&migrations.join(format!("{stem}.rs")), &text)?;
                }
                Tool::Sqlx => {
                    write(&migrations.join(format!("{stem}.sql")), &entry.sql)?;
                }
                Tool::Refinery => {
                    write(&migrations.join(format!("V{}__{}.sql", number + 1, entry.name)), &entry.sql)?;
                }
                Tool::Diesel => {
                    write(&migrations.join(stem).join("up.sql"), &entry.sql)?;
                }
                Tool::SeaOrm => {
                    let text = format!(
                        "use sea_orm_migration::prelude::*;\n\n#[derive(DeriveMigrationName)]\npub struct Migration;\n\n\
                         #[async_trait::async_trait]\nimpl MigrationTrait for Migration {{\n    \
                         async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {{\n        \
                         manager.get_connection().execute_unprepared(r#\"{}\"#).await?;\n        Ok(())\n    }}\n}}\n",
                        entry.sql
                    );
                    write(&migrations.join(format!("m{stem}.rs")), &text)?;
                }
                Tool::Pool => {}
            }
        }
        // Not every macro tells rustc which files it has read.
        let main = package.join("src/main.rs");
        fs::create_dir_all(package.join("src"))?;
        fs::write(main, self.main(entries))
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    fs::write(path, text)
}

/// Makes the workspace with a crate for each tool and size.
pub(crate) fn workspace(directory: &Path, root: &Path, tools: &[Tool], sizes: &[usize]) -> io::Result<()> {
    let root = root.canonicalize()?;
    let mut members = Vec::new();
    for tool in tools {
        for size in sizes {
            let package = tool.package(*size);
            tool.write(directory, *size, &workload::history(*size))?;
            let manifest = format!(
                "[package]\nname = \"{package}\"\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n\n\
                 [dependencies]\n{}",
                tool.dependencies(&root)
            );
            write(&directory.join(&package).join("Cargo.toml"), &manifest)?;
            members.push(format!("{package:?}"));
        }
    }
    let manifest = format!(
        "[workspace]\nresolver = \"3\"\nmembers = [{}]\n\n[profile.release]\nstrip = true\n",
        members.join(", ")
    );
    write(&directory.join("Cargo.toml"), &manifest)
}
