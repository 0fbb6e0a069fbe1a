//! The only place that prints.

use std::fmt;
use std::io::{IsTerminal as _, Write};
use std::sync::{Arc, Mutex};

use serde::Serialize;

type Writer = Arc<Mutex<dyn Write + Send>>;

/// Where results and everything else go.
#[derive(Clone)]
pub struct Output {
    results: Writer,
    notes: Writer,
    redraws: bool,
}

impl fmt::Debug for Output {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Output").field("redraws", &self.redraws).finish_non_exhaustive()
    }
}

impl Output {
    /// Standard output and standard error, with colours where they show them.
    pub fn terminal() -> Self {
        Output {
            results: Arc::new(Mutex::new(anstream::AutoStream::auto(std::io::stdout()))),
            notes: Arc::new(Mutex::new(anstream::AutoStream::auto(std::io::stderr()))),
            redraws: std::io::stderr().is_terminal(),
        }
    }

    /// These two, without colours: one for results, one for everything else.
    pub fn plain(results: impl Write + Send + 'static, notes: impl Write + Send + 'static) -> Self {
        Output {
            results: Arc::new(Mutex::new(Plain(results))),
            notes: Arc::new(Mutex::new(Plain(notes))),
            redraws: false,
        }
    }

    /// Whether a line of the progress can be drawn again.
    pub(super) fn redraws(&self) -> bool {
        self.redraws
    }

    /// What the command was asked for.
    pub(super) fn result(&mut self, text: &str) {
        write(&self.results, text);
    }

    /// What it was asked for, for programs.
    pub(super) fn json(&mut self, value: &impl Serialize) {
        // Values of this module's own: texts, numbers and lists of them.
        let text = serde_json::to_string_pretty(value).unwrap_or_else(|error| format!("{{\"error\": \"{error}\"}}"));
        write(&self.results, &(text + "\n"));
    }

    /// One of several values for programs, in a line.
    pub(super) fn json_line(&mut self, value: &impl Serialize) {
        let text = serde_json::to_string(value).unwrap_or_else(|error| format!("{{\"error\": \"{error}\"}}"));
        write(&self.results, &(text + "\n"));
    }

    /// Everything else.
    pub(super) fn note(&self, text: &str) {
        write(&self.notes, text);
    }
}

fn write(writer: &Mutex<dyn Write + Send>, text: &str) {
    // Where nobody reads there is nobody to tell.
    if let Ok(mut writer) = writer.lock() {
        let _ = writer.write_all(text.as_bytes());
        let _ = writer.flush();
    }
}

/// Leaves the colours out. A text is always written at once.
struct Plain<W>(W);

impl<W: Write> Write for Plain<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write_all(&anstream::adapter::strip_bytes(bytes).into_vec())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}
