//! The only place that prints.

use std::fmt;
use std::io::{self, IsTerminal as _, Write};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

type Writer = Arc<Mutex<dyn Write + Send>>;

/// Where results and everything else go.
#[derive(Clone)]
pub struct Output {
    results: Writer,
    notes: Writer,
    redraws: bool,
    /// Why a result could not be written, the first time.
    unwritten: Arc<Mutex<Option<io::Error>>>,
}

impl fmt::Debug for Output {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Output").field("redraws", &self.redraws).finish_non_exhaustive()
    }
}

impl Output {
    /// Standard output and standard error, with colours if they are terminals.
    pub fn terminal() -> Self {
        Output {
            results: Arc::new(Mutex::new(anstream::AutoStream::auto(io::stdout()))),
            notes: Arc::new(Mutex::new(anstream::AutoStream::auto(io::stderr()))),
            redraws: io::stderr().is_terminal(),
            unwritten: Arc::default(),
        }
    }

    /// These two writers, without colours: one for results, one for everything else.
    pub fn plain(results: impl Write + Send + 'static, notes: impl Write + Send + 'static) -> Self {
        Output {
            results: Arc::new(Mutex::new(Plain(results))),
            notes: Arc::new(Mutex::new(Plain(notes))),
            redraws: false,
            unwritten: Arc::default(),
        }
    }

    /// Whether a line of the progress can be drawn again.
    pub(super) fn redraws(&self) -> bool {
        self.redraws
    }

    /// What the command was asked for.
    pub(super) fn result(&mut self, text: &str) {
        if let Err(error) = write(&self.results, text)
            && let Ok(mut unwritten) = self.unwritten.lock()
        {
            unwritten.get_or_insert(error);
        }
    }

    /// Why results could not be written, where some were not.
    pub(super) fn unwritten(&self) -> Option<io::Error> {
        self.unwritten.lock().ok()?.take()
    }

    /// What it was asked for, for programs.
    pub(super) fn json(&mut self, value: &impl Serialize) {
        // Values of this module's own: texts, numbers and lists of them.
        let text = serde_json::to_string_pretty(value).unwrap_or_else(|error| format!("{{\"error\": \"{error}\"}}"));
        self.result(&(text + "\n"));
    }

    /// One of several values for programs, in a line.
    pub(super) fn json_line(&mut self, value: &impl Serialize) {
        let text = serde_json::to_string(value).unwrap_or_else(|error| format!("{{\"error\": \"{error}\"}}"));
        self.result(&(text + "\n"));
    }

    /// Everything else.
    pub(super) fn note(&self, text: &str) {
        // Where nobody reads there is nobody to tell.
        let _ = write(&self.notes, text);
    }
}

fn write(writer: &Mutex<dyn Write + Send>, text: &str) -> io::Result<()> {
    let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
    writer.write_all(text.as_bytes())?;
    writer.flush()
}

/// Leaves the colours out. A text is always written at once.
struct Plain<W>(W);

impl<W: Write> Write for Plain<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_all(&anstream::adapter::strip_bytes(bytes).into_vec())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
