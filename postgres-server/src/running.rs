//! What a running server says about itself: its pid file, and its port.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use rustix::process::{Pid, test_kill_process};

/// The lines of `postmaster.pid` that matter here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PidFile {
    pub(crate) pid: u32,
    pub(crate) port: u16,
    pub(crate) status: Status,
}

/// Line 8 of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Starting,
    Ready,
    Stopping,
}

impl PidFile {
    /// `None` where there is no such file, or it is not written completely yet.
    pub(crate) fn read(data: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(data.join("postmaster.pid")).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let status = match lines.get(7).copied() {
            Some("ready" | "standby") => Status::Ready,
            Some("stopping") => Status::Stopping,
            _ => Status::Starting,
        };
        Some(Self { pid: lines.first()?.parse().ok()?, port: lines.get(3)?.parse().ok()?, status })
    }

    /// Whether the process still runs; the file outlives a crash.
    pub(crate) fn is_alive(&self) -> bool {
        // Not being allowed to signal it means that there is something to signal.
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        pid.is_some_and(|pid| test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
    }
}

/// Whether a PostgreSQL server answers on `port`: it is asked for TLS, which it grants or denies in one byte.
pub(crate) fn answers(port: u16) -> bool {
    const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
    // Where nobody listens that is said at once. A machine that does too much else may let it wait.
    let patience = Duration::from_secs(10);
    let ask = || -> std::io::Result<u8> {
        let mut stream = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), patience)?;
        stream.set_read_timeout(Some(patience))?;
        stream.write_all(&SSL_REQUEST)?;
        let mut answer = [0];
        stream.read_exact(&mut answer)?;
        Ok(answer[0])
    };
    matches!(ask(), Ok(b'S' | b'N'))
}

#[cfg(test)]
mod tests {
    use super::{PidFile, Status};

    #[test]
    fn the_status_is_line_eight() {
        let text = "4711\n/data\n1700000000\n54321\n\n127.0.0.1\n  1234  5\nready   \n";
        assert_eq!(PidFile::parse(text), Some(PidFile { pid: 4711, port: 54321, status: Status::Ready }));
        let early = "4711\n/data\n1700000000\n54321\n";
        assert_eq!(PidFile::parse(early).map(|file| file.status), Some(Status::Starting));
        assert_eq!(PidFile::parse("4711\n/data\n"), None);
    }
}
