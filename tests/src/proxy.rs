//! A proxy between the application and the server, which counts messages, and breaks connections at one of them.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Where a message is when the fault comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// It never reaches the server.
    Unsent,
    /// It is on its way; nobody will read the answer, and the server may not even have begun with it.
    Sent,
    /// The server has done it and answered; the answer is lost.
    Answered,
}

/// What comes of the connections then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing more is forwarded on any connection, until [`Proxy::cut`].
    Halt,
    /// The connection of the message is reset.
    Reset,
    /// All connections are reset.
    ResetAll,
    /// The connection of the message stays open, and nothing comes through any more.
    SilenceOne,
    /// The connections there are stay open, and nothing comes through any more. New ones work.
    Silence,
}

/// The fault: at the message of this number, counted over all connections from 0.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// At which message.
    pub message: usize,
    /// Where that is then.
    pub moment: Moment,
    /// What happens.
    pub effect: Effect,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Open,
    /// Connections of this generation and older are halted, ...
    Halted(usize),
    /// ... or reset.
    Reset(usize),
}

struct Shared {
    target: u16,
    fault: Option<Fault>,
    messages: AtomicUsize,
    queries: AtomicUsize,
    connections: AtomicUsize,
    flow: watch::Sender<Flow>,
    hit: watch::Sender<bool>,
}

/// A proxy that runs until it is dropped.
pub struct Proxy {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    shared: Arc<Shared>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

impl Proxy {
    /// Forwards to that port of this machine.
    pub async fn start(target: u16, fault: Option<Fault>) -> Proxy {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared {
            target,
            fault,
            messages: AtomicUsize::new(0),
            queries: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
            flow: watch::Sender::new(Flow::Open),
            hit: watch::Sender::new(false),
        });
        let accepting = tokio::spawn({
            let shared = Arc::clone(&shared);
            async move {
                while let Ok((client, _)) = listener.accept().await {
                    let shared = Arc::clone(&shared);
                    tokio::spawn(async move {
                        // A connection that breaks is what this is for.
                        let _ = serve(client, &shared).await;
                    });
                }
            }
        });
        Proxy { port, shared, accepting }
    }

    /// Waits for the fault.
    pub async fn hit(&self) {
        let _ = self.shared.hit.subscribe().wait_for(|hit| *hit).await;
    }

    /// Whether it came.
    pub fn was_hit(&self) -> bool {
        *self.shared.hit.borrow()
    }

    /// Resets all connections there are.
    pub fn cut(&self) {
        let last = self.shared.connections.load(Ordering::SeqCst);
        self.shared.flow.send_replace(Flow::Reset(last));
    }

    /// Lets nothing through on the connections there are.
    pub fn halt(&self) {
        let last = self.shared.connections.load(Ordering::SeqCst);
        self.shared.flow.send_replace(Flow::Halted(last));
    }

    /// Lets everything through again.
    pub fn resume(&self) {
        self.shared.flow.send_replace(Flow::Open);
    }

    /// How many messages there were that the server answers: queries, and what ends a series of others.
    pub fn messages(&self) -> usize {
        self.shared.messages.load(Ordering::SeqCst)
    }

    /// How many of them were queries of the simple protocol. What a pool asks its connections does not count.
    pub fn queries(&self) -> usize {
        self.shared.queries.load(Ordering::SeqCst)
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }
}

/// Bytes that were read, and not yet forwarded.
#[derive(Default)]
struct Frames {
    bytes: Vec<u8>,
    /// The first message of a client has no type.
    started: bool,
}

impl Frames {
    /// Takes the next whole message: its type, and its bytes.
    fn next(&mut self) -> Option<(u8, Vec<u8>)> {
        let at = usize::from(self.started);
        let length = self.bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)?;
        let total = at + length as usize;
        if self.bytes.len() < total {
            return None;
        }
        let rest = self.bytes.split_off(total);
        let frame = std::mem::replace(&mut self.bytes, rest);
        let kind = if self.started { frame.first().copied().unwrap_or(0) } else { 0 };
        self.started = true;
        Some((kind, frame))
    }
}

async fn serve(mut client: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut server = TcpStream::connect(("127.0.0.1", shared.target)).await?;
    let result = forward(&mut client, &mut server, shared).await;
    if result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock) {
        // Silent until the client gives it up.
        let mut rest = Vec::new();
        client.read_to_end(&mut rest).await?;
    }
    result
}

async fn forward(client: &mut TcpStream, server: &mut TcpStream, shared: &Shared) -> io::Result<()> {
    let number = shared.connections.fetch_add(1, Ordering::SeqCst) + 1;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let mut flow = shared.flow.subscribe();
    let mut upward = Frames::default();
    let mut downward = Frames { started: true, ..Frames::default() };
    // Set while the answer to the message of the fault is awaited, to be lost.
    let mut swallowing = None;
    loop {
        let state = *flow.borrow_and_update();
        match state {
            Flow::Reset(last) if number <= last => {
                client.set_zero_linger()?;
                return Ok(());
            }
            Flow::Halted(last) if number <= last => {
                // The server sees the end of a client also now: a process that was killed.
                let mut one = [0; 1];
                tokio::select! {
                    changed = flow.changed() => changed.map_err(io::Error::other)?,
                    ended = client.peek(&mut one), if upward.bytes.is_empty() => {
                        if ended? == 0 {
                            return Ok(());
                        }
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                }
                continue;
            }
            _ => {}
        }
        while let Some((kind, frame)) = upward.next() {
            if kind == b'Q' {
                shared.queries.fetch_add(1, Ordering::SeqCst);
            }
            let counted = matches!(kind, b'Q' | b'S');
            let index = if counted { shared.messages.fetch_add(1, Ordering::SeqCst) } else { usize::MAX };
            match shared.fault.filter(|fault| fault.message == index) {
                None => server.write_all(&frame).await?,
                Some(Fault { moment: Moment::Unsent, effect, .. }) => strike(shared, effect, client)?,
                Some(Fault { moment: Moment::Sent, effect, .. }) => {
                    server.write_all(&frame).await?;
                    strike(shared, effect, client)?;
                }
                Some(Fault { moment: Moment::Answered, effect, .. }) => {
                    server.write_all(&frame).await?;
                    swallowing = Some(effect);
                }
            }
        }
        if *flow.borrow() != state {
            continue;
        }
        tokio::select! {
            changed = flow.changed() => changed.map_err(io::Error::other)?,
            read = client.read_buf(&mut upward.bytes) => {
                if read? == 0 {
                    return Ok(());
                }
            }
            read = server.read_buf(&mut downward.bytes) => {
                if read? == 0 {
                    return Ok(());
                }
                while let Some((kind, frame)) = downward.next() {
                    match swallowing {
                        None => client.write_all(&frame).await?,
                        Some(effect) if kind == b'Z' => {
                            swallowing = None;
                            strike(shared, effect, client)?;
                        }
                        Some(_) => {}
                    }
                }
            }
        }
    }
}

fn strike(shared: &Shared, effect: Effect, client: &TcpStream) -> io::Result<()> {
    let last = shared.connections.load(Ordering::SeqCst);
    shared.hit.send_replace(true);
    match effect {
        Effect::Halt | Effect::Silence => {
            shared.flow.send_replace(Flow::Halted(last));
            Ok(())
        }
        Effect::ResetAll => {
            shared.flow.send_replace(Flow::Reset(last));
            Ok(())
        }
        Effect::Reset => {
            client.set_zero_linger()?;
            Err(io::Error::other("the fault"))
        }
        Effect::SilenceOne => Err(io::Error::from(io::ErrorKind::WouldBlock)),
    }
}
