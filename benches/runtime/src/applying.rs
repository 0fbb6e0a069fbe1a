//! Applying a history to an empty database.

use std::time::Instant;

use postgres_server::Server;

use crate::median::{median, range};
use crate::tools::{BoxError, Histories, Session, Tool};
use crate::{cpu, database, sql};

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

/// What the rounds of one tool took.
#[derive(Default)]
struct Taken {
    /// Seconds on the clock, of the call alone.
    clock: Vec<f64>,
    /// CPU seconds of this process and of the server, with connecting.
    cpu: Vec<f64>,
}

/// Every tool, beside the bare SQL.
pub(crate) async fn measure(server: &Server, histories: &Histories, rounds: usize) -> Result<(), BoxError> {
    let mut taken: Vec<Taken> = TOOLS.iter().map(|_| Taken::default()).collect();
    for round in 0..rounds {
        for turn in 0..TOOLS.len() {
            // Each round begins with another one.
            let number = (turn + round) % TOOLS.len();
            apply_once(server, TOOLS[number], histories, &mut taken[number]).await?;
        }
    }
    println!("| | seconds | ratio to bare SQL | lowest and highest of the rounds | CPU seconds, lowest | ratio |");
    println!("|---|---|---|---|---|---|");
    let floor = &taken[0];
    for (tool, taken) in TOOLS.into_iter().zip(&taken) {
        // Round by round: what else the machine does is alike for neighbours.
        let ratios: Vec<f64> = taken.clock.iter().zip(&floor.clock).map(|(time, floor)| time / floor).collect();
        let (lowest, highest) = range(&ratios);
        println!(
            "| {} | {:.2} | {:.2} | {lowest:.2} to {highest:.2} | {:.2} | {:.2} |",
            tool.name(),
            median(&taken.clock),
            median(&ratios),
            range(&taken.cpu).0,
            range(&taken.cpu).0 / range(&floor.cpu).0,
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
    println!("| | replayed, ms | folded, ms | ratio | replayed, CPU ms, lowest | folded | ratio |");
    println!("|---|---|---|---|---|---|---|");
    for (name, histories) in histories {
        let (mut replayed, mut folded) = (Taken::default(), Taken::default());
        for _ in 0..rounds {
            apply_once(server, Tool::Ours, histories, &mut replayed).await?;
            apply_once(server, Tool::OursFolded, histories, &mut folded).await?;
        }
        let (replayed, folded) =
            ([median(&replayed.clock), range(&replayed.cpu).0], [median(&folded.clock), range(&folded.cpu).0]);
        print!("| {name} |");
        for (replayed, folded) in replayed.into_iter().zip(folded) {
            print!(" {:.0} | {:.0} | {:.1} |", replayed * 1000.0, folded * 1000.0, replayed / folded);
        }
        println!();
    }
    println!();
    Ok(())
}

async fn apply_once(server: &Server, tool: Tool, histories: &Histories, taken: &mut Taken) -> Result<(), BoxError> {
    let url = database(server, "applying").await?;
    sql(&url, "CHECKPOINT".into()).await?;
    let before = cpu::seconds(server)?;
    let mut session = Session::open(tool, &url).await?;
    let started = Instant::now();
    session.apply(histories).await?;
    taken.clock.push(started.elapsed().as_secs_f64());
    session.close().await;
    // The server counts a backend once it has ended.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    taken.cpu.push(cpu::seconds(server)? - before);
    Ok(())
}
