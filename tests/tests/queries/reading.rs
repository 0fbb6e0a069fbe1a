//! The statements of `tests/queries`, judged by the server and by us: both take them or neither does, what we write is the same to
//! the server, and so is a view of it.

use migrate_core::query::{Query, Statement};
use migrate_core::sql::split_statements;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

const SCHEMA: &str = include_str!("../../queries/schema.sql");

const ACCEPTED: [(&str, &str); 5] = [
    ("select", include_str!("../../queries/select.sql")),
    ("from", include_str!("../../queries/from.sql")),
    ("set_and_with", include_str!("../../queries/set_and_with.sql")),
    ("change", include_str!("../../queries/change.sql")),
    ("expression", include_str!("../../queries/expression.sql")),
];

const WRONG: &str = include_str!("../../queries/wrong.sql");

/// The statements that a server of this major version knows: those behind `-- since N` are for later ones.
fn statements(text: &str, major: u32) -> Vec<&str> {
    let mut found = Vec::new();
    for (index, part) in text.split("-- since ").enumerate() {
        let (since, body) = if index == 0 { ("0", part) } else { part.split_once('\n').expect("a version") };
        if since.parse::<u32>().expect("a version") <= major {
            found.extend(body.split(";\n").map(str::trim).filter(|statement| !statement.is_empty()));
        }
    }
    found
}

/// What the server says to a statement: nothing, or the code and the text of its error.
async fn verdict(connection: &mut PgConnection, sql: &str) -> Result<(), String> {
    match connection.execute(AssertSqlSafe(format!("PREPARE judged AS {sql}"))).await {
        Ok(_) => {
            connection.execute("DEALLOCATE judged").await.expect("deallocate");
            Ok(())
        }
        Err(sqlx::Error::Database(error)) => Err(format!("{} {}", error.code().unwrap_or_default(), error.message())),
        Err(error) => panic!("{sql}: {error}"),
    }
}

/// How the server prints a view of the query; an error where it can be none.
async fn view(connection: &mut PgConnection, sql: &str) -> Result<String, String> {
    let mut transaction = connection.begin().await.expect("a transaction");
    let made = transaction.execute(AssertSqlSafe(format!("CREATE VIEW judged AS {sql}"))).await;
    made.map_err(|error| error.to_string())?;
    Ok(sqlx::query_scalar("SELECT pg_get_viewdef('judged'::regclass)")
        .fetch_one(&mut *transaction)
        .await
        .expect("the view"))
}

async fn connect(database: &tests::Database) -> PgConnection {
    let mut connection = PgConnection::connect(&database.url).await.expect("a connection");
    for statement in split_statements(SCHEMA).expect("the schema") {
        connection
            .execute(AssertSqlSafe(statement.to_owned()))
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    connection
}

#[tokio::test]
async fn what_is_written_is_the_same_to_the_server() {
    let major = tests::server().major();
    let database = tests::Database::create().await;
    let mut connection = connect(&database).await;
    let (mut wrong, mut count, mut views) = (Vec::new(), 0, 0);
    for (name, text) in ACCEPTED {
        for sql in statements(text, major) {
            count += 1;
            if let Err(error) = verdict(&mut connection, sql).await {
                wrong.push(format!("{name}: the server refuses it: {sql}\n    {error}"));
                continue;
            }
            let read: Statement = match sql.parse() {
                Ok(read) => read,
                Err(error) => {
                    wrong.push(format!("{name}: {sql}\n    {error:?}"));
                    continue;
                }
            };
            let written = read.sql();
            if written.parse::<Statement>().as_ref() != Ok(&read) {
                wrong.push(format!("{name}: {sql}\n    reads back as something else: {written}"));
            }
            if let Err(error) = verdict(&mut connection, &written).await {
                wrong.push(format!("{name}: {sql}\n    is written as {written}\n    {error}"));
                continue;
            }
            let Ok(shown) = view(&mut connection, sql).await else { continue };
            views += 1;
            match view(&mut connection, &written).await {
                Ok(other) if other == shown => {}
                other => wrong.push(format!("{name}: {sql}\n    {written}\n    {shown}\n    but {other:?}")),
            }
            let shown = shown.trim_end().trim_end_matches(';');
            match shown.parse::<Query>() {
                // What the server prints may read back as something else to itself.
                Ok(read) => match (view(&mut connection, &read.sql()).await, view(&mut connection, shown).await) {
                    (Ok(ours), Ok(theirs)) if ours == theirs => {}
                    (Err(_), Err(_)) => {}
                    (ours, _) => wrong.push(format!("{name}: {shown}\n    {read}\n    {ours:?}")),
                },
                Err(error) => wrong.push(format!("{name}: what the server prints: {shown}\n    {error:?}")),
            }
        }
    }
    println!("{count} statements, {views} views");
    assert!(wrong.is_empty(), "{} of {count}\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 250 && views > 150, "{count} statements, {views} views");
}

#[tokio::test]
async fn what_the_server_cannot_read_is_a_mistake() {
    let major = tests::server().major();
    let database = tests::Database::create().await;
    let mut connection = connect(&database).await;
    let mut wrong = Vec::new();
    for sql in statements(WRONG, major) {
        match verdict(&mut connection, sql).await {
            Err(error) if error.starts_with("42601") => {}
            other => wrong.push(format!("{sql}\n    is no mistake of syntax: {other:?}")),
        }
        if let Ok(read) = sql.parse::<Statement>() {
            wrong.push(format!("{sql}\n    is read as {read}"));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}
