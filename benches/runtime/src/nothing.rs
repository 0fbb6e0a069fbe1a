//! Starting with nothing to do: how often the server is waited for, and for how long.

use std::time::{Duration, Instant};

use postgres_server::Server;

use crate::summary::{lowest, mean, median};
use crate::tools::{BoxError, Histories, Session, Tool};
use crate::{database, proxy, sql};

/// How often each tool is asked, each time after `SELECT 1`, ...
const PAIRS: usize = 500;

/// ... after these, which are not counted.
const WARM_UP: usize = 50;

/// So many calls without a pause, ...
const IN_A_ROW: u32 = 100;

/// ... so many times: the fastest series counts.
const SERIES: usize = 10;

const TOOLS: [Tool; 8] =
    [Tool::Bare, Tool::OursOpen, Tool::Pooled, Tool::Ours, Tool::Sqlx, Tool::Refinery, Tool::Diesel, Tool::SeaOrm];

/// Every tool on a database of its own that has the history.
pub(crate) async fn measure(server: &Server, histories: &Histories) -> Result<(), BoxError> {
    println!("## Nothing to do, {} migrations applied\n", histories.size);
    println!(
        "| | round trips waited for | messages answered | in pairs: ms | `SELECT 1` beside it | ratio, mean | ratio, \
         median | in a row: ms | ratio |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let mut floor_in_a_row = f64::NAN;
    for tool in TOOLS {
        let url = database(server, "nothing").await?;
        let making = if tool == Tool::OursOpen { Tool::Ours } else { tool };
        let mut session = Session::open(making, &url).await?;
        if !matches!(tool, Tool::Bare | Tool::Pooled) {
            session.apply(histories).await?;
        }
        session.close().await;
        sql(&url, "ANALYZE".into()).await?;
        let (waited, answered) = round_trips(server, tool, &url, histories).await?;
        let mut session = Session::open(tool, &url).await?;
        let mut bare = Session::open(Tool::Bare, &url).await?;
        let (mut times, mut floor) = (Vec::new(), Vec::new());
        for round in 0..WARM_UP + PAIRS {
            let of_bare = time(&mut bare, histories).await?;
            let of_tool = time(&mut session, histories).await?;
            if round >= WARM_UP {
                floor.push(of_bare);
                times.push(of_tool);
            }
        }
        let mut in_a_row = Vec::new();
        for _ in 0..SERIES {
            for _ in 0..WARM_UP {
                step(&mut session, histories).await?;
            }
            let started = Instant::now();
            for _ in 0..IN_A_ROW {
                step(&mut session, histories).await?;
            }
            in_a_row.push(started.elapsed().as_secs_f64() / f64::from(IN_A_ROW));
        }
        session.close().await;
        bare.close().await;
        if tool == Tool::Bare {
            floor_in_a_row = lowest(&in_a_row);
        }
        let name = if tool == Tool::Bare { "`SELECT 1` on an open connection" } else { tool.name() };
        println!(
            "| {name} | {waited:.0} | {answered} | {:.3} | {:.3} | **{:.2}** | {:.2} | {:.3} | {:.2} |",
            mean(&times) * 1000.0,
            mean(&floor) * 1000.0,
            mean(&times) / mean(&floor),
            median(&times) / median(&floor),
            lowest(&in_a_row) * 1000.0,
            lowest(&in_a_row) / floor_in_a_row,
        );
    }
    println!();
    Ok(())
}

/// How long one call takes, in seconds.
async fn time(session: &mut Session, histories: &Histories) -> Result<f64, BoxError> {
    let started = Instant::now();
    step(session, histories).await?;
    let elapsed = started.elapsed();
    // What a pool does with a connection that it got back is no longer the caller's time.
    tokio::time::sleep(Duration::from_millis(1)).await;
    Ok(elapsed.as_secs_f64())
}

/// One call with nothing to do.
async fn step(session: &mut Session, histories: &Histories) -> Result<(), BoxError> {
    match session {
        Session::Bare(..) => session.select_one().await,
        _ => session.apply(histories).await,
    }
}

/// How often one call on an open connection waits for the server, and how many messages it has answered in the end.
async fn round_trips(server: &Server, tool: Tool, url: &str, histories: &Histories) -> Result<(f64, u64), BoxError> {
    let (port, ready) = proxy::start(server.port()).await?;
    let url = url.replace(&format!(":{}/", server.port()), &format!(":{port}/"));
    let mut session = Session::open(tool, &url).await?;
    let calm = proxy::DELAY * 4;
    tokio::time::sleep(calm).await;
    let before = ready.count();
    let started = Instant::now();
    step(&mut session, histories).await?;
    let waited = started.elapsed();
    // What is sent after it returned, such as a pool's look at the connection that it gets back.
    tokio::time::sleep(calm).await;
    let answered = ready.count() - before;
    session.close().await;
    Ok(((waited.as_secs_f64() / proxy::DELAY.as_secs_f64()).floor(), answered))
}
