//! What the tests of the commands share.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]
#![allow(dead_code, reason = "not each test uses all of it")]

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use postgres_server::Server;
use sqlx::{Connection as _, PgConnection};

/// What a command has printed, and its exit code.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs `cargo migrate` in a directory.
pub(crate) fn run(directory: &Path, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-migrate"))
        .arg("migrate")
        .args(arguments)
        .current_dir(directory)
        .env_remove("DATABASE_URL")
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// One server for all tests of a file.
pub(crate) fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let version = postgres_server::requested_version().expect("POSTGRES_VERSION is a major version");
        Server::temporary().major(version).start().expect("a server")
    })
}

/// A database with what the statements make; its URL.
pub(crate) fn database(name: &str, sql: &str) -> String {
    execute(&server().url("postgres"), &format!("CREATE DATABASE {name}"));
    execute(&server().url(name), sql);
    server().url(name)
}

/// Runs SQL in a database.
pub(crate) fn execute(url: &str, sql: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = PgConnection::connect(url).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
}

/// Fails where `fmt` would change a migration of the crate.
pub(crate) fn assert_is_formatted(crate_directory: &Path) {
    let ran = run(crate_directory, &["fmt", "--check"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}
