//! Encrypted connections, with a real server. Certificate and key are for 127.0.0.1 and good for nothing else.
#![cfg(feature = "tls")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod support;

use std::path::Path;

use support::{Ran, database, execute, run, server};

const CERTIFICATE: &str = include_str!("tls/server.crt");
const KEY: &str = include_str!("tls/server.key");

/// What the server does to write a file that nobody else may read.
fn file(name: &str, text: &str) -> String {
    format!("COPY (SELECT regexp_split_to_table('{}', '\n')) TO PROGRAM 'umask 077; cat > {name}'", text.trim())
}

fn import(url: &str, sslmode: &str) -> Ran {
    let url = url.replace("sslmode=disable", sslmode);
    run(Path::new("."), &["import", "--database-url", &url, "--no-check", "--dry-run"])
}

#[test]
fn a_connection_is_encrypted_where_the_url_or_the_server_asks_for_it() {
    let url = database("shop", "CREATE TABLE t (id int)");
    let ran = import(&url, "sslmode=require");
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("help: the server does not accept encrypted connections: remove `sslmode` from"),
        "{}",
        ran.err
    );
    let directory = tempfile::TempDir::new().unwrap();
    std::fs::write(directory.path().join("1_a.sql"), "CREATE TABLE a (id int);").unwrap();
    let scratch = url.replace("sslmode=disable", "sslmode=require");
    let ran = run(directory.path(), &["convert", ".", "--from", "sql", "--scratch-url", &scratch, "--dry-run"]);
    assert!(
        ran.err.contains("error: cannot create a database to run the history in: cannot connect to "),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("help: the server does not accept encrypted connections: "), "{}", ran.err);

    execute(&url, &file("server.crt", CERTIFICATE));
    execute(&url, &file("server.key", KEY));
    execute(&url, &file("pg_hba.conf", "hostnossl shop all all reject\nhost all all all trust"));
    execute(&server().url("postgres"), "ALTER SYSTEM SET ssl = on");
    execute(&server().url("postgres"), "SELECT pg_reload_conf()");
    // The postmaster reads its files again on its own time.
    let is_reloaded = |_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        import(&url, "sslmode=disable").code == 1 && import(&url, "sslmode=require").code == 0
    };
    assert!((0..100).any(is_reloaded), "{}", import(&url, "sslmode=require").err);

    let ran = import(&url, "sslmode=disable");
    assert!(
        ran.err.contains("help: the server accepts only encrypted connections: add `?sslmode=require` to the URL"),
        "{}",
        ran.err
    );
    for encrypted in ["", "sslmode=require"] {
        let ran = import(&url, encrypted);
        assert!(ran.out.contains("create table t"), "{encrypted}: {}", ran.err);
    }
    let ran = import(&url, "sslmode=verify-full");
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("help: name the certificate of its authority in the URL with `sslrootcert"),
        "{}",
        ran.err
    );
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tls/server.crt");
    let ran = import(&url, &format!("sslmode=verify-full&sslrootcert={root}"));
    assert!(ran.out.contains("create table t"), "{}", ran.err);
}
