//! The program as it was before ours came: at its start it applies what is pending with the tool that is named, to the database
//! in `DATABASE_URL`. With a number it is an older build, which has that many migrations.
//!
//! `old-program sea-orm --log` is its command line with `-v`, whose log has the SQL.

mod diesel;
mod refinery;
mod sea_orm;

type Done = Result<(), Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Done {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let url = std::env::var("DATABASE_URL")?;
    let (tool, count) = match arguments[..] {
        ["sea-orm", "--log"] => return sea_orm::log(&url).await,
        [tool] => (tool, usize::MAX),
        [tool, count] => (tool, count.parse()?),
        _ => return Err("usage: old-program TOOL [COUNT]".into()),
    };
    match tool {
        "refinery" => refinery::start(&url, count).await,
        "diesel" => diesel::start(&url, count).await,
        "sea-orm" => sea_orm::start(&url, count).await,
        other => Err(format!("no tool `{other}`").into()),
    }
}
