//! A database that another tool has migrated goes on with ours: recorded where all of it is there, refused with the way
//! out where not, and the old program starts beside the new one all the time.

mod decisions;
mod old;
mod replicas;
mod tools;

use migrate_compiler::print;
use migrate_core::adopt::Adoption;
use migrate_runtime::{Error, Migrations, other_tools};
use tests::{Database, compile, embed};

/// The migrations of the application as our history has them, up to where the old one ends; and one more.
const OURS: &str = r#"
    create table users { id: bigint generated always as identity primary key, email: text unique }
    create table trips {
        id: bigint generated always as identity primary key,
        user_id: bigint references users(id),
        title: text = "untitled",
    }
    create index on trips (user_id);
"#;

/// What the next migration of ours does.
const NEXT: &str = "alter table trips { add rating: smallint? }";

/// What the tools have done, in SQL.
const THEIRS: [&str; 2] = [
    "CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL UNIQUE)",
    "CREATE TABLE trips (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, \
     user_id bigint NOT NULL REFERENCES users, title text NOT NULL DEFAULT 'untitled'); \
     CREATE INDEX trips_user_id_idx ON trips (user_id)",
];

/// Our history with an `adopts` item.
fn history(item: &str) -> &'static Migrations {
    history_of(OURS, item)
}

/// One that begins with something else.
fn history_of(ours: &str, item: &str) -> &'static Migrations {
    embed(
        compile(&format!("migration \"0001_taken_over\" {{ {item} {ours} }} migration \"0002_rating\" {{ {NEXT} }}")),
        &[],
    )
}

/// The one tool that is found in a database.
async fn found(database: &Database) -> Adoption {
    let mut connection = database.pool.acquire().await.unwrap();
    let mut found = other_tools::find(&mut connection).await.unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0).adoption.unwrap()
}

/// The item that says what a database has.
async fn item(database: &Database) -> String {
    print::adoption(&found(database).await)
}

/// How a start is refused, which leaves nothing of ours behind.
async fn refusal(migrations: &'static Migrations, database: &Database) -> String {
    match migrations.apply(&database.pool).await {
        Err(error @ Error::NotAdopted(_)) => {
            assert_eq!(database.text("SELECT to_regnamespace('migrate') IS NULL").await, "true");
            error.to_string()
        }
        other => panic!("{other:?}"),
    }
}

/// What a migration changes: every object with its number and its columns.
async fn objects(database: &Database) -> String {
    database
        .text(
            "SELECT string_agg(c.oid || ' ' || c.relname || ' ' || c.relfilenode || ' ' || coalesce(a.list, ''), ', ' \
             ORDER BY c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace LEFT JOIN LATERAL (SELECT \
             string_agg(attname || ' ' || atttypid, ' ' ORDER BY attnum) AS list FROM pg_attribute \
             WHERE attrelid = c.oid AND attnum > 0) a ON true \
             WHERE nspname !~ '^pg_|^information_schema$|^migrate$'",
        )
        .await
}
