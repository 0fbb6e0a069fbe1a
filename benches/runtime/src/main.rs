//! What applying costs, and what it costs when nothing is to do. Prints Markdown tables; asserts no times.
//!
//! `runtime [WHAT] [ROUNDS]`: WHAT is `nothing`, `applying`, `fresh` or `all` of them; each history is applied ROUNDS
//! times by each tool (5).

mod applying;
mod nothing;
mod proxy;
mod summary;
mod tools;

use postgres_server::Server;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tools::{BoxError, Histories};

fn main() -> Result<(), BoxError> {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_else(|| "all".to_owned());
    let rounds: usize = arguments.next().map_or(Ok(5), |text| text.parse())?;
    if !["nothing", "applying", "fresh", "all"].contains(&what.as_str()) {
        return Err("usage: runtime [nothing|applying|fresh|all] [ROUNDS]".into());
    }
    let is_asked = |one: &str| what == one || what == "all";
    let (durable, fast) = (server(true)?, server(false)?);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(3).enable_all().build()?;
    runtime.block_on(async {
        let cores = std::thread::available_parallelism()?;
        println!("PostgreSQL {}, {cores} cores, {rounds} rounds\n", version(&durable).await?);
        let (ten, thousand) = (Histories::of(&workload::history(10)), Histories::of(&workload::history(1000)));
        if is_asked("nothing") {
            // The longest first: see `Session::apply` of sea-orm.
            nothing::measure(&fast, &thousand).await?;
            nothing::measure(&fast, &ten).await?;
        }
        if is_asked("applying") {
            for (title, server) in [("fsync on", &durable), ("fsync off", &fast)] {
                println!("## Applying {} migrations to an empty database, {title}\n", thousand.size);
                applying::measure(server, &thousand, rounds).await?;
            }
        }
        if is_asked("fresh") {
            let no_rows = Histories::of(&workload::churn(1000, false));
            let early_rows = Histories::of(&workload::churn(1000, true));
            let histories = [
                ("2 tables, 10 migrations", &ten),
                ("2 tables without rows, 1,000 migrations", &no_rows),
                ("2 tables, one with rows from early on, 1,000 migrations", &early_rows),
                ("200 tables, 1,000 migrations", &thousand),
            ];
            println!("## A fresh database, fsync on\n");
            applying::measure_fresh(&durable, &histories, rounds).await?;
        }
        Ok(())
    })
}

fn server(durable: bool) -> Result<Server, BoxError> {
    let version = postgres_server::requested_version()?;
    Ok(Server::temporary().major(version).durable(durable).start()?)
}

async fn version(server: &Server) -> Result<String, BoxError> {
    let mut connection = PgConnection::connect(&server.url("postgres")).await?;
    let version: String = sqlx::query_scalar("SELECT split_part(current_setting('server_version'), ' ', 1)")
        .fetch_one(&mut connection)
        .await?;
    connection.close().await?;
    Ok(version)
}

async fn sql(url: &str, text: String) -> Result<(), BoxError> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// Makes a new, empty database; gives its URL.
async fn database(server: &Server, name: &str) -> Result<String, BoxError> {
    let admin = server.url("postgres");
    sql(&admin, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
    sql(&admin, format!("CREATE DATABASE {name}")).await?;
    Ok(server.url(name))
}
