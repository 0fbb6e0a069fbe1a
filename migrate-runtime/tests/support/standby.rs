//! A standby as the server sees one: it streams the log, and says how much of it it has replayed. What it receives it
//! throws away.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A standby that has replayed the log up to the place it is told.
pub struct Standby {
    stream: TcpStream,
    replayed: Arc<AtomicU64>,
}

impl Standby {
    /// Streams from a place of the log on, and has replayed it up to there.
    pub fn start(port: u16, name: &str, place: u64) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let parameters = format!("user\0postgres\0replication\0true\0application_name\0{name}\0\0");
        let mut startup = vec![0, 3, 0, 0];
        startup.extend(parameters.as_bytes());
        stream.write_all(&framed(&startup)).unwrap();
        wait_for(&mut stream, b'Z');
        let command = format!("START_REPLICATION PHYSICAL {:X}/{:X}\0", place >> 32, place & 0xFFFF_FFFF);
        stream.write_all(b"Q").unwrap();
        stream.write_all(&framed(command.as_bytes())).unwrap();
        wait_for(&mut stream, b'W');
        let replayed = Arc::new(AtomicU64::new(place));
        let standby = Standby { stream, replayed };
        let (mut input, mut output, replayed) =
            (standby.stream.try_clone().unwrap(), standby.stream.try_clone().unwrap(), standby.replayed.clone());
        std::thread::spawn(move || while input.read(&mut [0; 65536]).is_ok_and(|count| count > 0) {});
        std::thread::spawn(move || {
            while output.write_all(&status(replayed.load(Ordering::Relaxed))).is_ok() {
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
        });
        standby
    }

    /// From now on it has replayed all there is.
    pub fn catch_up(&self) {
        self.replayed.store(u64::MAX / 2, Ordering::Relaxed);
    }
}

impl Drop for Standby {
    fn drop(&mut self) {
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
    }
}

/// With its length, which counts itself, before it.
fn framed(content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len() + 4).unwrap();
    [&length.to_be_bytes(), content].concat()
}

/// Reads messages up to one of that kind.
fn wait_for(stream: &mut TcpStream, kind: u8) {
    loop {
        let mut head = [0; 5];
        stream.read_exact(&mut head).unwrap();
        let [found, length @ ..] = head;
        let mut content = vec![0; u32::from_be_bytes(length) as usize - 4];
        stream.read_exact(&mut content).unwrap();
        assert_ne!(found, b'E', "{}", String::from_utf8_lossy(&content));
        if found == kind {
            return;
        }
    }
}

/// A "standby status update": written, flushed and applied up to a place; no clock, no answer wanted.
fn status(replayed: u64) -> Vec<u8> {
    let mut content = vec![b'r'];
    for place in [replayed; 3] {
        content.extend(place.to_be_bytes());
    }
    content.extend([0; 9]);
    [b"d".as_slice(), &framed(&content)].concat()
}
