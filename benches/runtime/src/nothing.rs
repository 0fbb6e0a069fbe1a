//! Starting with nothing to do: how often the server is waited for, and for how long.

use std::time::{Duration, Instant};

use postgres_server::Server;

use crate::fastest::{fast, lowest, median};
use crate::tools::{BoxError, Histories, Session, Tool};
use crate::{database, proxy, sql};

/// How often each tool is asked, ...
const ROUNDS: usize = 500;

/// ... after these, which are not counted.
const WARM_UP: usize = 20;

/// So many calls without a pause, ...
const IN_A_ROW: u32 = 100;

/// ... so many times: the fastest series counts.
const SERIES: usize = 10;

const TOOLS: [Tool; 8] =
    [Tool::Bare, Tool::Pooled, Tool::Ours, Tool::BareQuestion, Tool::Sqlx, Tool::Refinery, Tool::Diesel, Tool::SeaOrm];

/// Every tool on a database of its own that has the history, in turns.
pub(crate) async fn measure(server: &Server, histories: &Histories) -> Result<(), BoxError> {
    println!("## Nothing to do, {} migrations applied\n", histories.size);
    let mut sessions = Vec::new();
    let mut trips = Vec::new();
    let ours = format!("nothing_{}", Tool::Ours as usize);
    for tool in TOOLS {
        let mut url = server.url(&ours);
        if tool != Tool::BareQuestion {
            url = database(server, &format!("nothing_{}", tool as usize)).await?;
            let mut session = Session::open(tool, &url).await?;
            if tool != Tool::Bare {
                session.apply(histories).await?;
            }
            session.close().await;
            sql(&url, "ANALYZE".into()).await?;
        }
        trips.push(round_trips(server, tool, &url, histories).await?);
        sessions.push(Session::open(tool, &url).await?);
    }
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); TOOLS.len()];
    for round in 0..WARM_UP + ROUNDS {
        // Back and forth: one that asks what its predecessor has just asked finds the processor's caches warm.
        for turn in 0..TOOLS.len() {
            let number = if round % 2 == 0 { turn } else { TOOLS.len() - 1 - turn };
            let (session, times) = (&mut sessions[number], &mut times[number]);
            let started = Instant::now();
            step(session, histories).await?;
            let elapsed = started.elapsed();
            // What a pool does with a connection that it got back is no longer the caller's time.
            tokio::time::sleep(Duration::from_millis(1)).await;
            if round >= WARM_UP {
                times.push(elapsed.as_secs_f64());
            }
        }
    }
    let mut in_a_row: Vec<Vec<f64>> = vec![Vec::new(); TOOLS.len()];
    for _ in 0..SERIES {
        for (session, times) in sessions.iter_mut().zip(&mut in_a_row) {
            for _ in 0..WARM_UP {
                step(session, histories).await?;
            }
            let started = Instant::now();
            for _ in 0..IN_A_ROW {
                step(session, histories).await?;
            }
            times.push(started.elapsed().as_secs_f64() / f64::from(IN_A_ROW));
        }
    }
    println!(
        "| | round trips waited for | messages answered | in turns: ms, fastest tenth | ratio to `SELECT 1` | ms, median \
         | in a row: ms | ratio |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let (floor, floor_in_a_row) = (fast(&times[0]), lowest(&in_a_row[0]));
    for (number, (tool, (waited, answered))) in TOOLS.into_iter().zip(trips).enumerate() {
        let name = if tool == Tool::Bare { "`SELECT 1` on an open connection" } else { tool.name() };
        let (fast, median, row) = (fast(&times[number]), median(&times[number]), lowest(&in_a_row[number]));
        println!(
            "| {name} | {waited:.0} | {answered} | {:.3} | **{:.2}** | {:.3} | {:.3} | **{:.2}** |",
            fast * 1000.0,
            fast / floor,
            median * 1000.0,
            row * 1000.0,
            row / floor_in_a_row,
        );
    }
    println!();
    for session in sessions {
        session.close().await;
    }
    Ok(())
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
