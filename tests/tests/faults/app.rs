//! The application as a process.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};

/// No process of the suite takes longer.
const LONGEST: Duration = Duration::from_secs(120);

/// A process that was started.
pub(crate) struct App {
    child: Child,
    output: Arc<Mutex<Vec<String>>>,
    readers: Vec<tokio::task::JoinHandle<()>>,
    ready: Option<tokio::sync::oneshot::Receiver<()>>,
}

/// How a process ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) success: bool,
    /// It had reached the database. Before that, a database that cannot be reached ends an application, as it does
    /// without migrations.
    pub(crate) began: bool,
    pub(crate) output: String,
    pub(crate) elapsed: Duration,
}

impl Ended {
    /// How many migrations it says it applied.
    pub(crate) fn applied(&self) -> usize {
        let line = self.output.lines().find_map(|line| line.trim().strip_prefix("done: "));
        line.and_then(|line| line.split(' ').next()?.parse().ok()).unwrap_or(0)
    }
}

impl App {
    /// Starts `replica HISTORY VERB...`.
    pub(crate) fn start(url: &str, history: &Path, verb: &[impl AsRef<OsStr>]) -> App {
        let mut child = Command::new(program())
            .arg(history)
            .args(verb)
            .env("DATABASE_URL", url)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the replica starts");
        let output = Arc::new(Mutex::new(Vec::new()));
        let (ready, is_ready) = tokio::sync::oneshot::channel();
        let stdout = child.stdout.take().expect("a pipe");
        let stderr = child.stderr.take().expect("a pipe");
        let readers = vec![
            tokio::spawn(read(stdout, Arc::clone(&output), Some(ready))),
            tokio::spawn(read(stderr, Arc::clone(&output), None)),
        ];
        App { child, output, readers, ready: Some(is_ready) }
    }

    /// Waits until it is about to ask the database for anything.
    pub(crate) async fn ready(&mut self) {
        if let Some(ready) = self.ready.take() {
            let _ = tokio::time::timeout(LONGEST, ready).await;
        }
    }

    /// SIGKILL. Answers whether it was still running.
    pub(crate) fn kill(&mut self) -> bool {
        let running = matches!(self.child.try_wait(), Ok(None));
        let _ = self.child.start_kill();
        running
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let Some(id) = self.child.id() else { return };
        let process = i32::try_from(id).ok().and_then(Pid::from_raw).expect("the number of a process");
        kill_process(process, signal).unwrap_or_else(|error| panic!("process {id} gets {signal:?}: {error}"));
    }

    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits for its end.
    pub(crate) async fn end(mut self) -> Ended {
        self.ready().await;
        let started = Instant::now();
        let status = tokio::time::timeout(LONGEST, self.child.wait()).await;
        if status.is_err() {
            let _ = self.child.kill().await;
        }
        for reader in self.readers {
            let _ = reader.await;
        }
        let mut lines = std::mem::take(&mut *self.output.lock().unwrap_or_else(PoisonError::into_inner));
        let success = match status {
            Ok(Ok(status)) => {
                lines.push(format!("[{status}]"));
                status.success()
            }
            Ok(Err(error)) => {
                lines.push(format!("[{error}]"));
                false
            }
            Err(_) => {
                lines.push(format!("[killed: it had not ended after {} s]", LONGEST.as_secs()));
                false
            }
        };
        let began = lines.iter().any(|line| line.contains(" ms "));
        let skip = lines.len().saturating_sub(40);
        Ended { success, began, output: lines.split_off(skip).join("\n      "), elapsed: started.elapsed() }
    }
}

/// The application: a copy, so that a build that goes on beside a long run does not change it.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        // Those of earlier runs; one that still runs stays where it is.
        for old in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = old.file_name().to_string_lossy().into_owned();
            let owner = name.strip_prefix("replica-").and_then(|owner| owner.parse::<u32>().ok());
            if owner.is_some_and(|owner| !Path::new(&format!("/proc/{owner}")).exists()) {
                let _ = std::fs::remove_file(old.path());
            }
        }
        let copy = folder.join(format!("replica-{}", std::process::id()));
        std::fs::copy(env!("CARGO_BIN_EXE_replica"), &copy).expect("the replica can be copied");
        copy
    })
}

async fn read(
    stream: impl AsyncRead + Unpin,
    output: Arc<Mutex<Vec<String>>>,
    mut ready: Option<tokio::sync::oneshot::Sender<()>>,
) {
    let mut lines = BufReader::new(stream).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if line == "ready"
            && let Some(ready) = ready.take()
        {
            let _ = ready.send(());
        }
        output.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }
}
