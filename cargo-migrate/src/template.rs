//! The texts that are written into a user's crate.

/// The first migration: one that compiles, and shows what a block looks like.
pub(crate) const FIRST: &str = r#"//! The first migration. Change it as you like until a database has it; after that, write a new one:
//! `cargo migrate new NAME`.

migrate_runtime::migration! {
    /// Everyone who signed up.
    create table users {
        id: bigint generated always as identity primary key,
        email: text unique,
        // A column is nullable if its type ends in `?`, and NOT NULL otherwise.
        name: text?,
        created_at: timestamptz = now(),
    }
}
"#;

/// A new migration.
pub(crate) fn migration(name: &str) -> String {
    format!(
        r#"//! {}.

migrate_runtime::migration! {{
    // create table bookings {{
    //     id: uuid = gen_random_uuid() primary key,
    //     user_id: bigint references users on delete cascade,
    // }}
    //
    // alter table users {{
    //     add nickname: text?,
    // }}
    //
    // create index on users (created_at);
}}
"#,
        sentence(name)
    )
}

/// `add_currency` as `Add currency`.
pub(crate) fn sentence(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut characters = words.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// The line of the build script: a file that is added is seen by the next build.
pub(crate) fn rerun(directory: &str) -> String {
    format!("println!(\"cargo::rerun-if-changed={directory}\");")
}

/// The build script.
pub(crate) fn build_script(directory: &str) -> String {
    format!("fn main() {{\n    {}\n}}\n", rerun(directory))
}

/// A program that is nothing but its migrations.
pub(crate) fn main_file(directory: &str) -> String {
    format!(
        r#"static MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations!("{directory}");

#[tokio::main]
async fn main() -> std::process::ExitCode {{
    migrate_runtime::cli::run(&MIGRATIONS).await
}}
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_formatted() {
        for text in [FIRST.to_owned(), migration("add_currency")] {
            assert_eq!(migrate_compiler::format::file(&text), Ok(text));
        }
    }

    #[test]
    fn the_name_becomes_the_first_line() {
        assert!(migration("add_currency").starts_with("//! Add currency.\n"));
    }
}
