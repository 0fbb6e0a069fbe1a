//! Fetches and starts servers of the majors given as arguments, whatever is installed:
//! `cargo run -p postgres-server --example fetch -- 14 16`

use std::io::Write as _;
use std::time::Instant;

use postgres_server::Server;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout();
    for argument in std::env::args().skip(1) {
        let major: u32 = argument.parse()?;
        let begin = Instant::now();
        let server = Server::temporary().major(major).ignore_installed().start()?;
        writeln!(out, "PostgreSQL {} at {} after {:.1?}", server.major(), server.url("postgres"), begin.elapsed())?;
    }
    Ok(())
}
