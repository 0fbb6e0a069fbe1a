//! `cargo run -p system-catalog -- [URL ...]`: reads a server of each major version, and those at the URLs, for
//! extensions that the others lack; writes `migrate-core/src/system/catalog.bin`, and `settings.txt` and `relations.txt`
//! beside it. It never takes an extension out: what it was
//! made from the last time must be there again.

use std::path::Path;

use postgres_server::Server;
use sqlx::{Connection as _, PgConnection};
use system_catalog::{Lists, encode, merge, read, read_lists, relations_text, say, settings_text};

const MAJORS: std::ops::RangeInclusive<u32> = 14..=18;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut servers, mut lists) = (Vec::new(), Vec::new());
    for major in MAJORS {
        let server = Server::temporary().major(major).start()?;
        lists.push((major, lists_at(&server.url("postgres")).await?));
        servers.push((major, read_at(&server.url("postgres")).await?.1));
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrate-core/src/system");
    std::fs::write(folder.join("settings.txt"), settings_text(&lists))?;
    std::fs::write(folder.join("relations.txt"), relations_text(&lists))?;
    for url in std::env::args().skip(1) {
        servers.push(read_at(&url).await?);
    }
    let lost: Vec<&str> = migrate_core::system::extensions()
        .map(|extension| extension.name())
        .filter(|name| !servers.iter().any(|(_, entries)| entries.extensions.iter().any(|one| one.name == *name)))
        .collect();
    if !lost.is_empty() {
        let message = "no server has these extensions, which the tables have: install them on one and give its URL";
        return Err(format!("{message}: {}", lost.join(", ")).into());
    }
    let bytes = encode(&merge(&servers))?;
    std::fs::write(folder.join("catalog.bin"), &bytes)?;
    say(&format!("wrote {} bytes", bytes.len()));
    Ok(())
}

/// The major version and the entries of the server at a URL.
async fn read_at(url: &str) -> Result<(u32, system_catalog::Entries), sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    let number: i32 =
        sqlx::query_scalar("select current_setting('server_version_num')::int4").fetch_one(&mut connection).await?;
    let major = number.unsigned_abs() / 10_000;
    let entries = read(&mut connection).await?;
    say(&format!("read {} functions of PostgreSQL {major} and its extensions", entries.functions.len()));
    connection.close().await?;
    Ok((major, entries))
}

/// The lists of the server at a URL.
async fn lists_at(url: &str) -> Result<Lists, sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    let lists = read_lists(&mut connection).await?;
    connection.close().await?;
    Ok(lists)
}
