//! CPU time: other than the time on the clock it does not count what else runs on the machine. Linux only.

use std::fs;

use postgres_server::Server;

use crate::tools::BoxError;

/// What this process has used, and the server with those of its backends that have ended; in seconds.
pub(crate) fn seconds(server: &Server) -> Result<f64, BoxError> {
    let file = server.directory().join("data/postmaster.pid");
    let text = fs::read_to_string(file)?;
    let postmaster = text.lines().next().unwrap_or_default();
    // Ticks of a hundredth of a second.
    Ok((ticks("self", false)? + ticks(postmaster, true)?) as f64 / 100.0)
}

/// See proc(5): after the name in brackets, utime is the 12th field, then stime, and both of the children.
fn ticks(process: &str, with_children: bool) -> Result<u64, BoxError> {
    let text = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let (_, fields) = text.rsplit_once(')').ok_or("no name in /proc/PID/stat")?;
    let fields: Result<Vec<u64>, _> =
        fields.split_whitespace().skip(11).take(if with_children { 4 } else { 2 }).map(str::parse).collect();
    Ok(fields?.into_iter().sum())
}
