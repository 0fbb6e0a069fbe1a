//! A history in a directory, as a user has it: a crate of its own, `cargo check`, files that are edited, added and
//! named wrongly.

use std::fs;

use tests::UserCrate;

#[test]
fn mistakes_are_shown_in_the_file_that_has_them() {
    let user = UserCrate::create("user-crate", &[]);
    user.migration("0001_users.rs", "create table users { id: bigint primary key, email: text }");
    user.migration("0002_index.rs", "create index on users (email);");
    user.migration("0010_trips.rs", "create table trips { id: bigint primary key, user_id: bigint references users }");
    user.succeeds();

    // An earlier file is edited: the later one is checked again, and is where the mistake is.
    user.migration("0001_users.rs", "create table users { id: bigint primary key, mail: text }");
    user.fails_with("cannot find column `email` in table `users`", "migrations/0002_index.rs:2:28");
    user.fails_with("note: `users` is created at migrations/0001_users.rs:2\n", "migrations/0002_index.rs:2:28");
    user.migration("0001_users.rs", "create table users { id: bigint primary key, email: text }");
    user.succeeds();

    // A file is added: the build script notices.
    user.migration("0003_wrong.rs", "create index on trips (user_id);");
    user.fails_with("cannot find table `trips`", "migrations/0003_wrong.rs:2:21");
    fs::remove_file(user.folder().join("migrations/0003_wrong.rs")).expect("the file is there");
    user.succeeds();

    user.migration("0002_second.rs", "drop index users_email_idx;");
    user.fails_with("the files `0002_index.rs` and `0002_second.rs` have the same version, 2", "src/lib.rs:1:");
    fs::remove_file(user.folder().join("migrations/0002_second.rs")).expect("the file is there");

    user.migration("more.rs", "drop index users_email_idx;");
    user.fails_with("the file name `more.rs` has no version", "src/lib.rs:1:");
    fs::remove_file(user.folder().join("migrations/more.rs")).expect("the file is there");
    user.succeeds();
}

#[test]
fn the_history_is_declared_as_an_item() {
    let user = UserCrate::create("declared-crate", &[]);
    user.write("src/lib.rs", "migrate_runtime::migrations! { pub static MIGRATIONS = \"migrations\"; }\n");
    user.migration("0001_users.rs", "create table users { id: bigint primary key, email: text }");
    let text = user.succeeds();
    assert!(!text.contains("warning"), "{text}");
    user.migration("0002_index.rs", "create index on users (mail);");
    user.fails_with("cannot find column `mail` in table `users`", "migrations/0002_index.rs:2:28");
}

#[test]
fn a_schema_that_differs_is_shown_where_it_differs() {
    let user = UserCrate::create("schema-crate", &[]);
    let history = "pub static MIGRATIONS: migrate_runtime::Migrations = \
                   migrate_runtime::migrations!(\"migrations\", schema = \"schema\");\n";
    user.write("src/lib.rs", history);
    user.write("build.rs", "fn main() { println!(\"cargo::rerun-if-changed=.\"); }\n");
    user.migration("0001_users.rs", "create table users { id: bigint primary key, email: text }");
    let schema = |text: &str| user.write("schema/users.rs", &format!("migrate_runtime::schema! {{\n    {text}\n}}\n"));
    schema("create table users { id: bigint primary key, email: text }");
    user.succeeds();
    schema("create table users { id: bigint primary key, email: text, name: text? }");
    user.fails_with("[schema_differs]", "schema/users.rs:2:");
    schema("create table users { id: bigint primary key }");
    user.fails_with("[schema_differs]", "migrations/0001_users.rs:");
}

#[test]
fn a_struct_is_compared_with_its_table() {
    let user = UserCrate::create("struct-crate", &[]);
    let library = |fields: &str| {
        let text = format!(
            "pub static MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations!(\"migrations\");\n\
             #[derive(migrate_runtime::Table)]\n#[table(users)]\npub struct User {{ {fields} }}\n"
        );
        user.write("src/lib.rs", &text);
    };
    user.migration("0001_users.rs", "create table users { id: bigint primary key, email: text? }");
    library("pub id: i64, pub email: Option<String>");
    user.succeeds();
    library("pub id: i32, pub email: Option<String>");
    user.fails_with("column `users.id` is `bigint`, which cannot be read as `i32` [struct_differs]", "src/lib.rs:4:");
}

#[test]
fn a_warning_is_shown_in_the_file_that_it_is_about() {
    let user = UserCrate::create("warned-crate", &[]);
    user.migration("0001_users.rs", "create table users { id: bigint primary key, email: text }");
    user.migration("0002_index.rs", "#[allow(drops_data, reason = \"demo\")]\n    create index on users (email);");
    user.migration("0003_name.rs", "alter table users { add name: text? }");
    let text = user.succeeds();
    let warning = "warning: use of deprecated constant `MIGRATIONS::migration_2::_::UNNEEDED_ALLOW`: nothing here needs \
                   `#[allow(drops_data)]` [unneeded_allow]";
    assert!(text.contains(warning) && text.contains("migrations/0002_index.rs:2:13"), "{text}");
    assert_eq!(text.matches("\nwarning: ").count(), 2, "one warning, and cargo's own line:\n{text}");

    user.migration("0002_index.rs", "create index on users (email);");
    let text = user.succeeds();
    assert!(!text.contains("warning"), "{text}");
}

#[test]
fn the_dependency_may_have_another_name_and_be_re_exported() {
    let user = UserCrate::create("renamed-crate", &[("company", "db")]);
    let runtime = UserCrate::runtime().display().to_string();
    user.write(
        "company/Cargo.toml",
        &format!(
            "[package]\nname = \"company\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
             [dependencies]\nmigrate-runtime = {{ path = {runtime:?} }}\n"
        ),
    );
    user.write("company/src/lib.rs", "pub mod migrate { pub use migrate_runtime::*; }\n");
    user.write(
        "src/lib.rs",
        "use db::migrate::Migrations;\n\
         pub static MIGRATIONS: Migrations = db::migrate::migrations!(\"migrations\");\n\
         pub static INLINE: Migrations = db::migrate::migrations! { migration \"1_a\" { create enum e { a } } };\n",
    );
    let file = |name: &str, body: &str| user.write(&format!("migrations/{name}"), &format!("db::migrate::{body}\n"));
    file("0001_users.rs", "migration! { create table users { id: bigint primary key, email: text } }");
    file(
        "0002_step.rs",
        "migration! { run step irreversible \"demo\"; }\n\
         async fn step(_: &mut db::migrate::StepContext<'_>) -> Result<(), db::migrate::BoxError> { Ok(()) }",
    );
    user.succeeds();

    file("0003_index.rs", "migration! { create index on users (emial); }");
    user.fails_with("cannot find column `emial` in table `users`", "migrations/0003_index.rs:1:50");
    file("0003_index.rs", "migration! {}");
    user.fails_with("this migration is empty [empty]", "migrations/0003_index.rs:1:1");
}
