//! The command line, run as a function.

use std::io::Write;
use std::sync::{Arc, Mutex};

use migrate_runtime::Migrations;
use migrate_runtime::cli::{Exit, Output, run_to};
use serde_json::Value;
use sqlx::ConnectOptions as _;

use super::Database;

/// What a command printed, and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub exit: Exit,
    pub results: String,
    pub notes: String,
}

#[derive(Clone, Default)]
pub struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Buffer {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

pub async fn run_with_url(migrations: &'static Migrations, url: Option<String>, arguments: &str) -> Ran {
    run_noting(Buffer::default(), migrations, url, arguments).await
}

async fn run_noting(notes: Buffer, migrations: &'static Migrations, url: Option<String>, arguments: &str) -> Ran {
    let results = Buffer::default();
    let output = Output::plain(results.clone(), notes.clone());
    let arguments: Vec<String> = std::iter::once("app").chain(words(arguments)).map(str::to_owned).collect();
    let exit = run_to(output, migrations, arguments, url).await;
    Ran { exit, results: results.text(), notes: notes.text() }
}

pub async fn run_in(database: &Database, migrations: &'static Migrations, arguments: &str) -> Ran {
    run_with_url(migrations, Some(database.options.to_url_lossy().to_string()), arguments).await
}

/// A command that runs.
pub struct Running {
    notes: Buffer,
    task: tokio::task::JoinHandle<Ran>,
}

impl Running {
    pub fn start(database: &Database, migrations: &'static Migrations, arguments: &'static str) -> Self {
        let (notes, url) = (Buffer::default(), database.options.to_url_lossy().to_string());
        let task = tokio::spawn(run_noting(notes.clone(), migrations, Some(url), arguments));
        Running { notes, task }
    }

    /// Waits until it has printed a note with these words.
    pub async fn notes(&self, words: &str) {
        super::eventually(words, || self.notes.text().contains(words)).await;
    }

    pub async fn end(self) -> Ran {
        self.task.await.unwrap()
    }
}

/// Runs with `--json`, and expects success.
pub async fn json_in(database: &Database, migrations: &'static Migrations, arguments: &str) -> Value {
    let ran = run_in(database, migrations, &format!("{arguments} --json")).await;
    assert_eq!(ran.exit, Exit::Success, "{}", ran.notes);
    serde_json::from_str(&ran.results).unwrap()
}

/// The words of a command line, with what stands in single quotes as one.
fn words(arguments: &str) -> impl Iterator<Item = &str> {
    arguments.split('\'').enumerate().flat_map(|(place, part)| match place % 2 {
        0 => part.split_whitespace().collect::<Vec<_>>(),
        _ => vec![part],
    })
}
