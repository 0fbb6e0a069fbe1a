//! Which processes there are: from `/proc`, else from `ps`.

use std::fs;
use std::process::Command;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    pub(crate) parent: i32,
    pub(crate) state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Running,
    /// By SIGSTOP.
    Stopped,
    /// It has ended, but its parent has not noticed.
    Zombie,
}

impl State {
    /// Reads the letter that `/proc` and `ps` use.
    fn parse(text: &str) -> Self {
        match text.as_bytes().first() {
            Some(b'T') => Self::Stopped,
            Some(b'Z' | b'X') => Self::Zombie,
            _ => Self::Running,
        }
    }
}

/// The processes that run, without those that have ended.
pub(crate) fn running() -> Vec<Process> {
    let all = match fs::read_dir("/proc") {
        Ok(entries) if fs::exists("/proc/self/stat").unwrap_or(false) => entries
            .flatten()
            .filter(|entry| entry.file_name().to_str().is_some_and(|name| name.parse::<i32>().is_ok()))
            .filter_map(|entry| parse_stat(&fs::read_to_string(entry.path().join("stat")).ok()?))
            .collect(),
        _ => from_ps(),
    };
    all.into_iter().filter(|process| process.state != State::Zombie).collect()
}

fn from_ps() -> Vec<Process> {
    let output = Command::new("ps").args(["-axo", "pid=,ppid=,stat="]).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().filter_map(parse_ps).collect()
}

/// Reads `12 (a name) S 1 ...`; the name may hold anything.
fn parse_stat(stat: &str) -> Option<Process> {
    let (pid, rest) = stat.split_once(" (")?;
    let mut fields = rest.rsplit_once(") ")?.1.split(' ');
    let state = State::parse(fields.next()?);
    Some(Process { pid: pid.parse().ok()?, parent: fields.next()?.parse().ok()?, state })
}

/// Reads `  12     1 Ss`.
fn parse_ps(line: &str) -> Option<Process> {
    let mut fields = line.split_whitespace();
    let (pid, parent) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(Process { pid, parent, state: State::parse(fields.next()?) })
}

#[cfg(test)]
mod tests {
    use super::{Process, State, parse_ps, parse_stat, running};

    #[test]
    fn both_sources_say_the_same() {
        let expected = Some(Process { pid: 12, parent: 1, state: State::Zombie });
        assert_eq!(parse_stat("12 (a) b (c) Z 1 12 12 0 -1"), expected);
        assert_eq!(parse_ps("   12     1 Z+"), expected);
    }

    #[test]
    fn this_process_runs() {
        let own = std::process::id() as i32;
        assert!(running().iter().any(|process| process.pid == own));
    }
}
