//! `generate` and `schema`, as somebody runs them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use tempfile::TempDir;

use support::{Ran, database, run};

const SHOP: &str = "create enum plan { free, paid }
    create table users { id: bigint generated always as identity primary key, email: text unique, name: text?, plan: plan = free }
    create view names as select id, name from users;";

fn new_crate(items: &str) -> TempDir {
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join("Cargo.toml"), "[package]\nname = \"shop\"\n").unwrap();
    fs::create_dir(directory.path().join("migrations")).unwrap();
    fs::create_dir(directory.path().join("src")).unwrap();
    if !items.is_empty() {
        add(directory.path(), "0001_shop", items);
    }
    directory
}

fn add(directory: &Path, stem: &str, items: &str) {
    let path = directory.join(format!("migrations/{stem}.rs"));
    fs::write(path, format!("migrate_runtime::migration! {{\n{items}\n}}\n")).unwrap();
}

fn generate(directory: &Path, arguments: &[&str]) -> Ran {
    run(directory, &[&["generate"], arguments].concat())
}

/// The files of the migrations.
fn files(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory.join("migrations")).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Nothing is written, and this is said.
fn fails(directory: &Path, arguments: &[&str], code: i32, message: &str) {
    let before = files(directory);
    let ran = generate(directory, arguments);
    assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{arguments:?}: {}{}", ran.out, ran.err);
    assert!(ran.err.contains(message), "{arguments:?}: {}", ran.err);
    assert_eq!(files(directory), before);
}

#[test]
fn an_empty_directory_has_nothing_to_generate_from() {
    let empty = TempDir::new().unwrap();
    let ran = generate(empty.path(), &["x"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("error: cannot find Cargo.toml in "), "{}", ran.err);
    fs::write(empty.path().join("Cargo.toml"), "[package]\nname = \"shop\"\n").unwrap();
    for command in [&["generate", "x"][..], &["schema"], &["schema", "--check"], &["lint"]] {
        let ran = run(empty.path(), command);
        assert_eq!(ran.code, 1, "{command:?}");
        assert!(
            ran.err.contains("cannot find directory `migrations`\nhelp: create it with `cargo migrate init`"),
            "{}",
            ran.err
        );
    }
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 1);
}

#[test]
fn a_directory_without_migrations_is_a_history_of_nothing() {
    let directory = new_crate("");
    fails(directory.path(), &["x"], 1, "cannot read the schema `schema`");
    fs::create_dir(directory.path().join("schema")).unwrap();
    let ran = run(directory.path(), &["schema", "--check"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    fs::write(
        directory.path().join("schema/users.rs"),
        "migrate_runtime::schema! { create table users { id: bigint primary key } }\n",
    )
    .unwrap();
    let ran = generate(directory.path(), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(files(directory.path()).concat().ends_with("_create_users.rs"));
    let ran = run(directory.path(), &["schema", "--check"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "the schema matches the migrations\n"));
}

#[test]
fn a_plan_is_printed_with_values_left_open_and_after_they_are_filled_in() {
    let directory = new_crate("create table users { id: bigint primary key }");
    fs::create_dir(directory.path().join("schema")).unwrap();
    let write = |columns: &str| {
        let schema =
            format!("migrate_runtime::schema! {{ create table users {{ id: bigint primary key, {columns} }} }}\n");
        fs::write(directory.path().join("schema/users.rs"), schema).unwrap();
    };
    write("phone: text");
    let ran = generate(directory.path(), &["phones"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    for part in [
        "  1/2 ALTER TABLE public.users ADD COLUMN phone text NOT NULL DEFAULT",
        "left for you to fill in before it compiles:\n",
        "[todo]\n",
    ] {
        assert!(ran.out.contains(part), "{part} in\n{}", ran.out);
    }
    // What is not filled in does not compile, and nothing more is generated.
    let path = directory.path().join(ran.out.lines().next().unwrap());
    let source = fs::read_to_string(&path).unwrap();
    write("phone: text, fax: text?");
    fails(directory.path(), &["faxes"], 1, "[todo]");
    let (before, rest) = source.split_once("todo(").unwrap();
    let (_, behind) = rest.split_once(')').unwrap();
    fs::write(&path, format!("{before}\"none\"{behind}")).unwrap();
    write("phone: text");
    let ran = generate(directory.path(), &[]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "nothing to do: the migrations already create it\n"), "{}", ran.err);
    write("phone: text, fax: text?");
    let ran = generate(directory.path(), &["faxes"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.ends_with("_faxes.rs\n  1/1 ALTER TABLE public.users ADD COLUMN fax text\n"), "{}", ran.out);
}

#[test]
fn a_database_that_cannot_be_reached_leaves_nothing_behind() {
    let directory = new_crate(SHOP);
    for (url, message) in [
        ("postgres://someone:secret@127.0.0.1:1/shop", "error: cannot connect to `127.0.0.1:1`: "),
        ("someone:secret@127.0.0.1/shop", "error: the URL of the database cannot be read\nhelp: "),
        ("", "error: the URL of the database cannot be read\nhelp: "),
    ] {
        fails(directory.path(), &["--from-database", url], 1, message);
        let ran = generate(directory.path(), &["--from-database", url]);
        assert!(!ran.err.contains("secret"), "{}", ran.err);
    }
    let missing = database("generate_missing", "SELECT 1").replace("generate_missing", "generate_nowhere");
    fails(directory.path(), &["--from-database", &missing], 1, "database \"generate_nowhere\" does not exist");
    fails(directory.path(), &["--from-database", &missing, "--from-structs"], 2, "cannot be used with");
}

/// A server in front of the real one that goes away after so many bytes of answers.
fn goes_away_after(limit: usize, url: &str) -> String {
    let address = url.split('@').nth(1).unwrap_or(url).trim_start_matches("postgres://");
    let address = address.split('/').next().unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (mut client, mut server) = (client.unwrap(), TcpStream::connect(&address).unwrap());
            let (mut asks, mut asked) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || drop(std::io::copy(&mut asks, &mut asked)));
            let (mut left, mut bytes) = (limit, [0; 4096]);
            while left > 0 {
                let count = server.read(&mut bytes[..left.min(4096)]).unwrap_or(0);
                if count == 0 || client.write_all(&bytes[..count]).is_err() {
                    break;
                }
                left -= count;
            }
            let _ = client.shutdown(std::net::Shutdown::Both);
            let _ = server.shutdown(std::net::Shutdown::Both);
        }
    });
    url.replace(url.split('@').nth(1).unwrap_or(url).split('/').next().unwrap(), &format!("127.0.0.1:{port}"))
}

#[test]
fn a_server_that_goes_away_in_the_middle_leaves_nothing_behind() {
    let url = database("generate_gone", "CREATE TABLE users (id bigint PRIMARY KEY, name text)");
    let directory = new_crate(SHOP);
    for limit in [0, 100, 1000, 5000] {
        let broken = goes_away_after(limit, &url);
        let ran = generate(directory.path(), &["--from-database", &broken]);
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "after {limit} bytes: {}", ran.err);
        assert!(ran.err.contains("\nerror: "), "after {limit} bytes: {}", ran.err);
        assert_eq!(files(directory.path()), ["0001_shop.rs"]);
    }
    let empty = new_crate("");
    for limit in [100, 5000] {
        let broken = goes_away_after(limit, &url);
        let ran = run(empty.path(), &["import", "--database-url", &broken]);
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "after {limit} bytes: {}", ran.err);
        assert_eq!(files(empty.path()), Vec::<String>::new());
    }
}

#[test]
fn structs_add_change_and_drop_the_columns_of_their_tables() {
    let directory = new_crate(SHOP);
    fails(directory.path(), &["--from-structs"], 1, "is for a table of the migrations\nhelp: write `#[derive(");
    let write = |text: &str| fs::write(directory.path().join("src/main.rs"), text).unwrap();
    let source = |fields: &str| {
        format!(
            "mod rows {{ #[derive(Debug, migrate_runtime::Table)] #[table(users)] pub struct User {{ {fields} }} }}\nfn main() {{}}\n"
        )
    };
    write(&source("id: i64, email: String, name: Option<String>, plan: Plan"));
    let ran = generate(directory.path(), &["--from-structs"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "nothing to do: the migrations already create it\n"), "{}", ran.err);
    // A new column, another type, another nullability, an own type that is not judged, and nothing that goes.
    write(&source(
        "id: i64, email: Option<String>, name: Option<Name>, plan: Option<Plan>, seen_at: Option<DateTime<Utc>>, tags: Vec<String>",
    ));
    let ran = generate(directory.path(), &["--from-structs", "--dry-run"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for part in [
        "add seen_at: timestamptz?",
        "add tags: text[] = todo(",
        "alter email drop not null",
        "alter plan drop not null",
    ] {
        assert!(ran.out.contains(part), "{part} in\n{}", ran.out);
    }
    assert!(!ran.out.contains("drop name") && !ran.out.contains("alter name"), "{}", ran.out);
    // What goes where something comes may be renamed.
    write(&source("id: i64, mail: String, name: Option<String>, plan: Plan"));
    let ran = generate(directory.path(), &["--from-structs"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("`--rename users.email=mail`") && !ran.err.contains("#[was"), "{}", ran.err);
    let ran = generate(directory.path(), &["--from-structs", "mail", "--rename", "users.email=mail"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let ran = generate(directory.path(), &["--from-structs"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "nothing to do: the migrations already create it\n"), "{}", ran.err);
}

#[test]
fn structs_that_cannot_be_followed_are_told_at_their_places() {
    let directory = new_crate(SHOP);
    let told = |text: &str, expected: &str| {
        fs::write(directory.path().join("src/rows.rs"), text).unwrap();
        fails(directory.path(), &["--from-structs"], 1, expected);
    };
    told(
        "#[derive(Table)]\n#[table(usres)]\nstruct User { id: i64 }\n",
        "src/rows.rs:2:9: error: the migrations create no table `usres` [struct_differs]\n  help: did you mean \
         `users`?",
    );
    told(
        "#[derive(Table)]\n#[table(users)]\nstruct User { id: i64, size: Size, email: String, name: Option<String>, plan: Plan }\n",
        "src/rows.rs:3:30: error: cannot tell which PostgreSQL type `Size` stands for [struct_differs]",
    );
    told(
        "#[derive(Table)]\nstruct User { id: i64 }\n",
        "src/rows.rs:2:8: error: `User` does not say which table its rows are from",
    );
    told("#[derive(Table)]\nstruct User { id: i64\n", "src/rows.rs:");
}

/// The statements that make the shop, and what follows, in a development database that the migrations have made.
fn development(name: &str, directory: &Path, changes: &str) -> String {
    let made = run(directory, &["schema", "--dry-run"]);
    assert_eq!(made.code, 0, "{}", made.err);
    database(
        name,
        &format!(
            "CREATE TYPE plan AS ENUM ('free', 'paid');
             CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL UNIQUE, name text,
                plan plan NOT NULL DEFAULT 'free', CONSTRAINT users_name_check CHECK (name IN ('a', 'b') OR length(name) > 1));
             CREATE TABLE trips (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, total numeric(12, 2) NOT NULL DEFAULT 0);
             CREATE TABLE notes (id bigint PRIMARY KEY);
             CREATE INDEX ON trips (user_id) WHERE total BETWEEN 1 AND 5;
             CREATE VIEW names AS SELECT id, name FROM users WHERE plan IN ('free', 'paid');
             {changes}"
        ),
    )
}

const TRAVEL: &str = "create enum plan { free, paid }
    create table users {
        id: bigint generated always as identity primary key, email: text unique, name: text?, plan: plan = free,
        check (name in (\"a\", \"b\") or length(name) > 1),
    }
    create table trips { id: bigint primary key, user_id: bigint references users, total: numeric(12, 2) = 0 }
    create table notes { id: bigint primary key }
    create index on trips (user_id) where total between 1 and 5;
    create view names as select id, name from users where plan in (free, paid);";

#[test]
fn a_development_database_shows_what_was_renamed_in_it() {
    let directory = new_crate(TRAVEL);
    let url = development("travel_same", directory.path(), "");
    let ran = generate(directory.path(), &["--from-database", &url]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "nothing to do: the migrations already create it\n"), "{}", ran.err);
    let url = development(
        "travel_renamed",
        directory.path(),
        "ALTER TABLE users RENAME COLUMN name TO full_name; ALTER TABLE users ADD nick text; ALTER TABLE trips RENAME TO journeys;
         ALTER TYPE plan RENAME VALUE 'paid' TO 'full'; ALTER TABLE journeys RENAME COLUMN total TO amount;
         CREATE TABLE tags (id bigint PRIMARY KEY); ALTER TABLE notes ADD body text DEFAULT 'a' || 'b';",
    );
    let ran = generate(directory.path(), &["--from-database", &url, "dev"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let file = files(directory.path()).pop().unwrap();
    let source = fs::read_to_string(directory.path().join("migrations").join(&file)).unwrap();
    for part in ["rename name to full_name", "add nick: text?", "rename paid to \"full\"", "create table tags"] {
        assert!(source.contains(part), "{part} in\n{source}");
    }
    assert!(!source.contains("drop ") && !source.contains("create view"), "{source}");
    let ran = generate(directory.path(), &["--from-database", &url]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "nothing to do: the migrations already create it\n"), "{}", ran.err);
}

#[test]
fn what_was_dropped_and_added_again_is_no_rename() {
    let directory = new_crate(TRAVEL);
    let url = development(
        "travel_again",
        directory.path(),
        "ALTER TABLE notes ADD a int; ALTER TABLE trips DROP total; ALTER TABLE trips ADD amount numeric;",
    );
    fails(
        directory.path(),
        &["--from-database", &url],
        2,
        "it is not known whether column `trips.total` is dropped or renamed",
    );
    let ran = generate(directory.path(), &["--from-database", &url, "--drop", "trips.total", "--dry-run"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("drop total") && ran.out.contains("add amount: numeric?"), "{}", ran.out);
}
