//! A TCP proxy that delays each answer, and counts them: what a client waits for shows in its own time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// How many ReadyForQuery the server sent: one for each message of the simple protocol and each Sync.
#[derive(Debug, Default)]
pub(crate) struct Ready(AtomicU64);

impl Ready {
    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// What is sent is on its way for this long, from the client to the server. Long beside what a server takes for a query.
pub(crate) const DELAY: Duration = Duration::from_millis(50);

/// Listens on a free port, and passes on to the server's.
pub(crate) async fn start(server: u16) -> std::io::Result<(u16, Arc<Ready>)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let port = listener.local_addr()?.port();
    let ready = Arc::new(Ready::default());
    let shared = Arc::clone(&ready);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let ready = Arc::clone(&shared);
            tokio::spawn(async move {
                if let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await {
                    pass(client, server, ready).await;
                }
            });
        }
    });
    Ok((port, ready))
}

async fn pass(client: TcpStream, server: TcpStream, ready: Arc<Ready>) {
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    // What is sent together, or one after the other without waiting, travels at the same time.
    let (sender, mut travelling) = tokio::sync::mpsc::unbounded_channel::<(tokio::time::Instant, Vec<u8>)>();
    tokio::spawn(async move {
        let mut buffer = vec![0; 65536];
        while let Ok(length @ 1..) = from_client.read(&mut buffer).await {
            let bytes = buffer.get(..length).unwrap_or_default().to_vec();
            if sender.send((tokio::time::Instant::now() + DELAY, bytes)).is_err() {
                break;
            }
        }
    });
    tokio::spawn(async move {
        while let Some((arrives, bytes)) = travelling.recv().await {
            tokio::time::sleep_until(arrives).await;
            if to_server.write_all(&bytes).await.is_err() {
                break;
            }
        }
        let _ = to_server.shutdown().await;
    });
    let mut buffer = vec![0; 65536];
    let mut frames = Frames::default();
    while let Ok(length @ 1..) = from_server.read(&mut buffer).await {
        let bytes = buffer.get(..length).unwrap_or_default();
        ready.0.fetch_add(frames.ready_in(bytes), Ordering::SeqCst);
        if to_client.write_all(bytes).await.is_err() {
            break;
        }
    }
    let _ = to_client.shutdown().await;
}

/// Finds messages in what a server sends: a type, a length of four bytes that counts itself, a body.
#[derive(Debug, Default)]
struct Frames {
    header: Vec<u8>,
    body_left: usize,
}

impl Frames {
    fn ready_in(&mut self, mut bytes: &[u8]) -> u64 {
        let mut ready = 0;
        while !bytes.is_empty() {
            if self.body_left > 0 {
                let skipped = self.body_left.min(bytes.len());
                self.body_left -= skipped;
                bytes = bytes.get(skipped..).unwrap_or_default();
                continue;
            }
            let (byte, rest) = (bytes.first().copied().unwrap_or_default(), bytes.get(1..).unwrap_or_default());
            self.header.push(byte);
            bytes = rest;
            if let [kind, a, b, c, d] = *self.header.as_slice() {
                self.body_left = (u32::from_be_bytes([a, b, c, d]) as usize).saturating_sub(4);
                ready += u64::from(kind == b'Z');
                self.header.clear();
            }
        }
        ready
    }
}

#[cfg(test)]
mod tests {
    use super::Frames;

    #[test]
    fn ready_is_counted_across_pieces() {
        let stream = [b'C', 0, 0, 0, 6, b'Z', 0, b'Z', 0, 0, 0, 5, b'I', b'Z', 0, 0, 0, 5, b'I'];
        for at in 0..stream.len() {
            let mut frames = Frames::default();
            assert_eq!(frames.ready_in(&stream[..at]) + frames.ready_in(&stream[at..]), 2, "cut at {at}");
        }
    }
}
