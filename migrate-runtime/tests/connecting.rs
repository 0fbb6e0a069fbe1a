//! What can be given as a database, and what is said where it cannot be worked at.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use migrate_runtime::{Error, blocking};
use sqlx::ConnectOptions as _;
use support::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_url_and_options_do_as_well_as_a_pool() {
    let database = Database::new().await;
    let url = database.options.to_url_lossy().to_string();
    let all = migrations(vec![table(1, "one"), table(2, "two")]);
    let migrator = all.migrator();
    assert_eq!(migrator.apply_to(&database.pool, migrate_runtime::Target::Version(1)).await.unwrap().applied.len(), 1);
    assert_eq!(all.apply(url.as_str()).await.unwrap().applied.len(), 1);
    assert_eq!(migrator.verify(&url).await.unwrap().current.unwrap().version, 2);
    assert_eq!(migrator.watch(&url).await.unwrap().applied, 2);
    assert_eq!(migrator.status(database.options.clone()).await.unwrap().migrations.len(), 2);
    assert_eq!(migrator.revert(&database.options, 1).await.unwrap().reverted.len(), 1);
    // Nothing of it stays open.
    database.until("SELECT (count(*) = 0)::text FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name NOT IN ('the test')").await;
    let refused = blocking::apply(all, &url).unwrap_err();
    assert!(refused.to_string().contains("help: call the async method, and await it"), "{refused}");
    let report = tokio::task::spawn_blocking(move || {
        std::thread::spawn(move || blocking::apply(all, &url).unwrap()).join().unwrap()
    });
    assert_eq!(report.await.unwrap().applied.len(), 1);
}

#[tokio::test]
async fn what_is_no_url_of_a_postgres_database_is_not_dialled() {
    let all = migrations(vec![table(1, "one")]);
    for (url, headline) in [
        (
            "mysql://app:secret@localhost/travel",
            "cannot parse the database URL: it begins with `mysql:`, which is another database's",
        ),
        ("sqlite:travel.db", "cannot parse the database URL: it begins with `sqlite:`, which is another database's"),
        (
            "mssql://localhost/travel",
            "cannot parse the database URL: it begins with `mssql:`, which is another database's",
        ),
        (
            "postgres+asyncpg://localhost/travel",
            "cannot parse the database URL: it begins with `postgres+asyncpg:`, which is another program's",
        ),
        (
            "jdbc:postgresql://localhost/travel",
            "cannot parse the database URL: it begins with `jdbc:`, which is another program's",
        ),
        ("host=localhost password=secret", "cannot parse the database URL: it is a list of keys and values, not a URL"),
        ("localhost:5432/travel", "cannot parse the database URL: it does not begin with `postgres://`"),
        ("", "cannot parse the database URL: it does not begin with `postgres://`"),
    ] {
        let error = all.apply(url).await.unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, Error::BadUrl { .. }) && text.starts_with(headline), "{url}: {text}");
        assert!(text.contains("help: write it as postgres://USER:PASSWORD@HOST:5432/DATABASE"), "{text}");
        assert!(!text.contains("secret"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_not_create_is_told_what_it_lacks() {
    let database = Database::new().await;
    let name = database.value("SELECT current_database()").await;
    let role = format!("guest_{name}");
    database.run(&format!("CREATE ROLE {role} LOGIN; REVOKE CREATE ON SCHEMA public FROM public")).await;
    let options = database.options.clone().username(&role);
    let all = migrations(vec![table(1, "one")]);
    let error = all.apply(&options).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "cannot create the history tables: the role `{role}` lacks the privilege CREATE on the database `{name}`\n\
             help: as the owner or a superuser, run `GRANT CREATE ON DATABASE {name} TO {role}`; or connect as another role"
        )
    );
    database.run(&format!("CREATE SCHEMA migrate; GRANT USAGE ON SCHEMA migrate TO {role}")).await;
    let error = all.apply(&options).await.unwrap_err().to_string();
    assert!(error.contains(&format!("`GRANT USAGE, CREATE ON SCHEMA migrate TO {role}`")), "{error}");
    database.run(&format!("GRANT CREATE ON SCHEMA migrate TO {role}")).await;
    let error = text(&all.apply(&options).await.unwrap_err());
    assert!(error.contains("as the owner run `GRANT USAGE, CREATE ON SCHEMA public TO ROLE`"), "{error}");
    database.run(&format!("GRANT CREATE ON SCHEMA public TO {role}")).await;
    assert_eq!(all.apply(&options).await.unwrap().applied.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_cannot_be_encrypted_and_must_be_is_told_what_helps() {
    let database = Database::new().await;
    let options = database.options.clone().ssl_mode(sqlx::postgres::PgSslMode::Require);
    let error = migrations(vec![table(1, "one")]).apply(options).await.unwrap_err().to_string();
    // Which it is depends on what else is built with it: cargo gives one sqlx the features that all want.
    let without_tls = "enable the feature `tls-rustls` or `tls-native-tls` of sqlx in Cargo.toml";
    let server_without = "remove `sslmode` from the URL, or turn on `ssl` in the server's configuration";
    assert!(error.contains(without_tls) || error.contains(server_without), "{error}");
}
