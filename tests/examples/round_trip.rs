//! `cargo run -p tests --example round_trip -- FOLDER`: loads each dump of a folder, prints its catalog as a migration,
//! compiles that, applies it to an empty database, and says what is different in the end.

use std::fs;
use std::path::PathBuf;

use migrate_compiler::{compile_history, print};
use tests::{Database, embed};

fn main() {
    let folder = std::env::args().nth(1).expect("a folder with dumps");
    let mut dumps: Vec<PathBuf> =
        fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path()).collect();
    dumps.sort();
    let only = std::env::args().nth(2);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut equal = 0;
    for dump in &dumps {
        let name = dump.file_stem().expect("a name").to_string_lossy().into_owned();
        if only.as_ref().is_some_and(|only| *only != name) {
            continue;
        }
        let problems = runtime.block_on(round_trip(dump));
        equal += u32::from(problems.is_empty());
        println!(
            "{name}: {}",
            if problems.is_empty() { "equal".to_owned() } else { format!("{} problems", problems.len()) }
        );
        for problem in problems {
            println!("    {}", problem.replace('\n', "\n        "));
        }
    }
    println!("{equal} of {} are equal", dumps.len());
}

async fn round_trip(dump: &PathBuf) -> Vec<String> {
    let sql = fs::read_to_string(dump).expect("the dump");
    let sql: Vec<&str> = sql.lines().filter(|line| !line.starts_with('\\')).collect();
    let original = Database::create().await;
    let mut connection = original.pool.acquire().await.expect("a connection");
    if let Err(error) = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.join("\n"))).execute(&mut *connection).await {
        return vec![format!("does not load: {error}")];
    }
    connection.close().await.expect("a goodbye");
    let mut connection = original.pool.acquire().await.expect("a connection");
    let found = migrate_runtime::introspect::introspect(&mut connection, &Default::default()).await;
    let catalog = match found {
        Ok(found) => found.catalog,
        Err(error) => return vec![format!("cannot be read: {error}")],
    };
    let printing = print::catalog(&catalog);
    let mut problems: Vec<String> = printing.missing.iter().map(|missing| format!("no words for {missing}")).collect();
    let items: Vec<String> = printing.items.iter().map(|(_, item)| item.clone()).collect();
    let source = format!(
        "migration \"1_all\" {{\n{}\n}}",
        items.iter().map(|item| format!("{item};")).collect::<Vec<_>>().join("\n")
    );
    if let Ok(folder) = std::env::var("SOURCES") {
        let path = PathBuf::from(folder).join(dump.with_extension("rs").file_name().expect("a name"));
        fs::write(path, &source).expect("the source");
    }
    let migrations = match compile_history(&source) {
        Ok(migrations) => migrations,
        Err(mistakes) => {
            problems.extend(mistakes.iter().map(|mistake| format!("{}: {}", mistake.line, mistake.text)));
            return problems;
        }
    };
    let copy = Database::create().await;
    if let Err(error) = embed(migrations, &[]).apply(&copy.pool).await {
        problems.push(format!("cannot be applied: {error}"));
        return problems;
    }
    let mut connection = copy.pool.acquire().await.expect("a connection");
    let live = migrate_runtime::introspect::introspect(&mut connection, &Default::default()).await.expect("a catalog");
    problems.extend(catalog.differences(&live.catalog).iter().map(ToString::to_string));
    problems
}
