//! Applying a history to an empty database.

use std::time::Instant;

use postgres_server::Server;

use crate::summary::{lowest, median};
use crate::tools::{BoxError, Histories, Session, Tool};
use crate::{database, sql};

const TOOLS: [Tool; 9] = [
    Tool::Bare,
    Tool::BareInThree,
    Tool::BareRecorded,
    Tool::Ours,
    Tool::OursFolded,
    Tool::Sqlx,
    Tool::Refinery,
    Tool::Diesel,
    Tool::SeaOrm,
];

/// Every tool, beside the bare SQL.
pub(crate) async fn measure(server: &Server, histories: &Histories, rounds: usize) -> Result<(), BoxError> {
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); TOOLS.len()];
    for round in 0..rounds {
        for turn in 0..TOOLS.len() {
            // Each round begins with another one.
            let number = (turn + round) % TOOLS.len();
            times[number].push(apply_once(server, TOOLS[number], histories).await?);
        }
    }
    println!("| | seconds, lowest | ratio to bare SQL | seconds, median | ratio, median of the rounds |");
    println!("|---|---|---|---|---|");
    let floor = &times[0];
    for (tool, times) in TOOLS.into_iter().zip(&times) {
        // Round by round: what else the machine does is alike for neighbours.
        let ratios: Vec<f64> = times.iter().zip(floor).map(|(time, floor)| time / floor).collect();
        println!(
            "| {} | {:.2} | **{:.2}** | {:.2} | {:.2} |",
            tool.name(),
            lowest(times),
            lowest(times) / lowest(floor),
            median(times),
            median(&ratios),
        );
    }
    println!();
    Ok(())
}

/// Ours by the whole history and by the short way, for histories and schemas of several lengths.
pub(crate) async fn measure_fresh(
    server: &Server,
    histories: &[(&str, &Histories)],
    rounds: usize,
) -> Result<(), BoxError> {
    println!("| | replayed, ms, lowest | folded | ratio |");
    println!("|---|---|---|---|");
    for (name, histories) in histories {
        let (mut replayed, mut folded) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            replayed.push(apply_once(server, Tool::Ours, histories).await?);
            folded.push(apply_once(server, Tool::OursFolded, histories).await?);
        }
        let (replayed, folded) = (lowest(&replayed), lowest(&folded));
        println!("| {name} | {:.0} | {:.0} | {:.1} |", replayed * 1000.0, folded * 1000.0, replayed / folded);
    }
    println!();
    Ok(())
}

/// Seconds.
async fn apply_once(server: &Server, tool: Tool, histories: &Histories) -> Result<f64, BoxError> {
    let url = database(server, "applying").await?;
    sql(&url, "CHECKPOINT".into()).await?;
    let mut session = Session::open(tool, &url).await?;
    let started = Instant::now();
    session.apply(histories).await?;
    let elapsed = started.elapsed();
    session.close().await;
    Ok(elapsed.as_secs_f64())
}
