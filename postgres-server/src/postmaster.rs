//! The server's first process: started, awaited, stopped, killed.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::account::Account;
use crate::cluster::clean_environment;
use crate::process_table::{self, State};
use crate::running::{PidFile, Status};

/// Becomes the server after leaving a watcher behind that reads from the pipe of the owner. The pipe brings
/// a line when the owner has stopped the server itself, and ends without one when the owner is gone: then
/// the watcher stops the server and removes its temporary directory. The watcher is orphaned at once, so the
/// server never sees it as a child of its own.
///
/// The server removes its pid file when it has ended; its number may stay taken until someone reaps it.
///
/// $1: the signal, $2: the temporary directory or nothing, then the server and its arguments.
const LAUNCHER: &str = r#"
exec 3<&0 </dev/null
( {
    read -r word <&3 && exit
    kill -s "$1" $$
    tries=0
    while [ -e "$2/data/postmaster.pid" ] && kill -0 $$ 2>/dev/null && [ $tries -lt 600 ]; do
        tries=$((tries + 1))
        sleep 0.1 2>/dev/null || sleep 1
    done
    [ -z "$2" ] || rm -rf -- "$2"
} & )
shift 2
exec "$@" 3<&-
"#;

/// How long a start may take; recovery after a crash is part of it.
const START: Duration = Duration::from_secs(120);
/// How long a stop may take before the server is killed.
const STOP: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(5);

/// How the server ends when it is not killed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stop {
    /// Nothing is written any more; for data that is not to survive.
    Immediate,
    /// Sessions are ended, then all data is written.
    Fast,
}

impl Stop {
    fn signal(self) -> Signal {
        match self {
            Self::Immediate => Signal::QUIT,
            Self::Fast => Signal::INT,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Immediate => "QUIT",
            Self::Fast => "INT",
        }
    }
}

/// A server process of ours that has not been waited for.
#[derive(Debug)]
pub(crate) struct Postmaster {
    child: Child,
    /// Closed by the system when this process ends.
    leash: Option<ChildStdin>,
    stop: Stop,
}

impl Postmaster {
    /// Starts `program` in a process group of its own, so that Ctrl-C in a terminal does not reach it.
    pub(crate) fn spawn(
        program: &Path,
        arguments: &[String],
        log: File,
        scratch: Option<&Path>,
        stop: Stop,
        account: &Account,
    ) -> io::Result<Self> {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", LAUNCHER, "postgres-server", stop.name()])
            .arg(scratch.unwrap_or(Path::new("")))
            .arg(program)
            .args(arguments)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0);
        clean_environment(&mut command);
        account.apply(&mut command);
        let mut child = command.spawn()?;
        let leash = child.stdin.take();
        Ok(Self { child, leash, stop })
    }

    /// Waits until the server accepts connections; says how it ended when it does not.
    pub(crate) fn wait_until_ready(&mut self, data: &Path) -> Result<(), String> {
        let deadline = Instant::now() + START;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().map_err(|error| error.to_string())? {
                return Err(format!("it ended with {status}"));
            }
            // A crash leaves the file of the server before.
            if PidFile::read(data).is_some_and(|file| file.pid == self.child.id() && file.status == Status::Ready) {
                return Ok(());
            }
            sleep(POLL);
        }
        Err(format!("it was not ready after {} seconds", START.as_secs()))
    }

    /// Stops the server and waits for its end.
    pub(crate) fn stop(mut self) {
        self.signal(self.stop.signal());
        let deadline = Instant::now() + STOP;
        while let Ok(None) = self.child.try_wait() {
            if Instant::now() > deadline {
                return self.kill();
            }
            sleep(POLL);
        }
        self.release();
    }

    /// Ends the server and all its processes with SIGKILL, as a crash does, and waits until they are gone.
    pub(crate) fn kill(mut self) {
        // It must not start or reap children while they are looked for.
        self.signal(Signal::STOP);
        let children = self.children_once_stopped();
        self.signal(Signal::KILL);
        for child in children.iter().copied().filter_map(Pid::from_raw) {
            // It may have ended by itself.
            let _ = kill_process(child, Signal::KILL);
        }
        let _: io::Result<ExitStatus> = self.child.wait();
        // The next server refuses the data while one of these holds the shared memory.
        let deadline = Instant::now() + STOP;
        while Instant::now() < deadline
            && process_table::running().iter().any(|process| children.contains(&process.pid))
        {
            sleep(POLL);
        }
        self.release();
    }

    /// The children, looked up when the server has come to a halt, or has ended.
    fn children_once_stopped(&mut self) -> Vec<i32> {
        let own = self.child.id().cast_signed();
        let deadline = Instant::now() + Duration::from_secs(5);
        loop {
            let all = process_table::running();
            let halted =
                all.iter().find(|process| process.pid == own).is_none_or(|process| process.state == State::Stopped);
            if halted || Instant::now() > deadline {
                // The look that found it halted may have begun before it started the last of them.
                return process_table::running()
                    .iter()
                    .filter(|process| process.parent == own)
                    .map(|process| process.pid)
                    .collect();
            }
            sleep(POLL);
        }
    }

    /// Whether it is still there.
    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    fn signal(&mut self, signal: Signal) {
        // Once waited for, the number may be that of another process.
        if self.is_running()
            && let Some(pid) = Pid::from_raw(self.child.id().cast_signed())
        {
            let _ = kill_process(pid, signal);
        }
    }

    /// Tells the watcher that there is nothing left to do.
    fn release(&mut self) {
        if let Some(mut leash) = self.leash.take() {
            // A watcher that is gone needs no telling.
            let _ = leash.write_all(b"released\n");
        }
    }
}
