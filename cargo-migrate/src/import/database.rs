//! Reading a live database.

use std::time::Duration;

use migrate_compiler::print;
use migrate_runtime::core::adopt::Adoption;
use migrate_runtime::core::catalog::{Access, Catalog, Role};
use migrate_runtime::core::diff::Object;
use migrate_runtime::core::name::DEFAULT_SCHEMA;
use migrate_runtime::core::object::Kind;
use migrate_runtime::introspect::{Options, introspect};
use migrate_runtime::private::Encryption;
use migrate_runtime::sqlx::postgres::PgConnectOptions;
use migrate_runtime::sqlx::{self, Connection as _, PgConnection};
use migrate_runtime::testing::TestDatabase;

use crate::failure::{Failure, chain};

/// How long a server may take to answer who connects.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// How this program gets TLS, where it was built without.
const TLS: Option<&str> = match cfg!(feature = "tls") {
    true => None,
    false => Some("install it with its default features"),
};

/// How to connect, from a URL. It is not repeated where it is wrong: it may hold a password.
pub(crate) fn options(url: &str) -> Result<PgConnectOptions, Failure> {
    let is_known = url.starts_with("postgres://") || url.starts_with("postgresql://");
    url.parse().ok().filter(|_| is_known).ok_or_else(|| {
        Failure::new("the URL of the database cannot be read")
            .help("write it as `postgres://USER:PASSWORD@HOST:PORT/DATABASE`")
    })
}

/// A connection to a database.
pub(crate) struct Database {
    connection: PgConnection,
}

/// What a database holds.
pub(crate) struct Live {
    /// As a migration would make it.
    pub(crate) catalog: Catalog,
    /// What is there and cannot be told, one line each.
    pub(crate) left_out: Vec<String>,
    /// The major version of the server.
    pub(crate) server: u32,
}

impl Live {
    /// Whether a schema is among what a migration would make.
    pub(crate) fn has_schema(&self, schema: &str) -> bool {
        self.catalog.objects.keys().any(|id| id.kind == Kind::Schema && id.name.name == schema)
    }
}

impl Database {
    pub(crate) async fn connect(options: &PgConnectOptions) -> Result<Self, Failure> {
        let connecting = PgConnection::connect_with(options);
        let unreachable = |why: &str, help: &str| {
            let message = format!("cannot connect to `{}:{}`: {why}", options.get_host(), options.get_port());
            Failure::new(message).help(help)
        };
        const UNREACHABLE: &str =
            "check that the server is running and listening there, and that the user may connect to the database";
        match tokio::time::timeout(CONNECT_TIMEOUT, connecting).await {
            Ok(Ok(connection)) => Ok(Database { connection }),
            Ok(Err(error)) => {
                let help = Encryption::of(&error).map(|encryption| encryption.help(TLS));
                let why = match &error {
                    // Without the line in the server's own source.
                    sqlx::Error::Database(error) => error.message().to_owned(),
                    error => error.to_string(),
                };
                Err(unreachable(&why, help.as_deref().unwrap_or(UNREACHABLE)))
            }
            Err(_) => Err(unreachable(&format!("no answer within {} s", CONNECT_TIMEOUT.as_secs()), UNREACHABLE)),
        }
    }

    /// Reads it; only these schemas, if any are named.
    pub(crate) async fn read(&mut self, schemas: &[String]) -> Result<Live, Failure> {
        let failed = |error: &dyn std::error::Error| {
            let mut why = error.to_string();
            if let Some(source) = error.source() {
                why = format!("{why}: {source}");
            }
            Failure::new(why).help("run it again: nothing was written")
        };
        let present: Vec<String> = sqlx::query_scalar("SELECT nspname::text FROM pg_catalog.pg_namespace")
            .fetch_all(&mut self.connection)
            .await
            .map_err(|error| failed(&error))?;
        if let Some(missing) = schemas.iter().find(|schema| !present.contains(schema)) {
            let known: Vec<String> = present.iter().filter(|name| !is_of_system(name)).cloned().collect();
            return Err(Failure::new(format!("cannot find schema `{missing}` in the database"))
                .help(format!("the schemas are: {}", known.join(", "))));
        }
        let mut options = Options::default();
        if !schemas.is_empty() {
            options.excluded_schemas.extend(present.into_iter().filter(|name| !schemas.contains(name)));
        }
        let found = introspect(&mut self.connection, &options).await.map_err(|error| failed(&error))?;
        let user: String = sqlx::query_scalar("SELECT current_user::text")
            .fetch_one(&mut self.connection)
            .await
            .map_err(|error| failed(&error))?;
        let unfinished = found.unfinished.iter().map(|one| format!("unfinished, and left out: {one}"));
        let unreadable = found.unreadable.iter().map(|one| format!("left out: {one}"));
        let owner = owner_of_most(&found.catalog).unwrap_or(user);
        let mut catalog = print::imported(&found.catalog, &owner);
        if !schemas.is_empty() && !schemas.iter().any(|schema| schema == DEFAULT_SCHEMA) {
            // Nothing is known of it.
            catalog.public = Access::default();
        }
        Ok(Live {
            catalog,
            left_out: unfinished.chain(unreadable).collect(),
            server: self.connection.server_version_num().unwrap_or(0) / 10_000,
        })
    }

    /// Reads all of it but what belongs to another tool.
    pub(crate) async fn read_without(&mut self, adoption: &Adoption) -> Result<Live, Failure> {
        let mut live = self.read(&[]).await?;
        let catalog = &mut live.catalog;
        catalog.tables.retain(|name, _| !adoption.owns(&Object::Table(name.clone())));
        catalog.objects.retain(|id, _| id.kind == Kind::Schema || !adoption.owns(&Object::Other(id.clone())));
        // Its schema goes with it, unless the application has something in there, too.
        let is_used = catalog.tables.keys().any(|name| name.schema == adoption.table.schema)
            || catalog.enums.keys().any(|name| name.schema == adoption.table.schema)
            || catalog.objects.keys().any(|id| id.schema() == Some(&adoption.table.schema));
        if !is_used {
            catalog.objects.retain(|id, _| !adoption.owns(&Object::Other(id.clone())));
        }
        Ok(live)
    }

    /// The connection, in no transaction.
    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    pub(crate) async fn close(self) {
        let _ = tokio::time::timeout(CONNECT_TIMEOUT, self.connection.close()).await;
    }
}

/// A database of its own on a server, for whoever drops it again.
pub(crate) async fn scratch(server: &str) -> Result<TestDatabase, Failure> {
    // Why one cannot connect is told as it is of any database.
    Database::connect(&options(server)?).await?.close().await;
    TestDatabase::empty(server).await.map_err(|error| Failure::new(chain(&error)))
}

fn is_of_system(schema: &str) -> bool {
    schema.starts_with("pg_") || schema == "information_schema"
}

/// The role that owns most tables: whoever migrates is taken for it.
fn owner_of_most(catalog: &Catalog) -> Option<String> {
    let owners = catalog.tables.values().filter_map(|table| match &table.access.owner {
        Some(Role::Named(name)) => Some(name.clone()),
        _ => None,
    });
    let mut counts: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    owners.for_each(|owner| *counts.entry(owner).or_default() += 1);
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(owner, _)| owner)
}
