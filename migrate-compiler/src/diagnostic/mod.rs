//! What the compiler says about a mistake.

pub mod code;
mod suggest;

use migrate_core::token::{At, SyntaxError};

pub use code::Code;
pub(crate) use suggest::{choices, choices_of_names, closest, list};

/// One mistake: what it is, where it is, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind of mistake.
    pub code: &'static Code,
    /// The headline: lower case, no full stop, makes sense alone.
    pub message: String,
    /// Actions, each a line.
    pub help: Vec<String>,
    /// Other places and facts, each a line.
    pub notes: Vec<String>,
    /// Where it is.
    pub at: At,
    /// The version of PostgreSQL that what is written needs, where that is all that is wrong.
    pub needs: Option<u32>,
}

/// Brings mistakes in the order of the source.
pub(crate) fn in_order(mistakes: &mut [Diagnostic]) {
    mistakes.sort_by_key(|mistake| mistake.at.start);
}

impl Diagnostic {
    /// A mistake without help.
    pub fn new(code: &'static Code, message: impl Into<String>, at: At) -> Self {
        Diagnostic { code, message: message.into(), help: Vec::new(), notes: Vec::new(), at, needs: None }
    }

    /// Adds an action.
    #[must_use]
    pub fn help(mut self, line: impl Into<String>) -> Self {
        self.help.push(line.into());
        self
    }

    /// Adds an action, if there is one.
    #[must_use]
    pub fn maybe_help(mut self, line: Option<String>) -> Self {
        self.help.extend(line);
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, line: impl Into<String>) -> Self {
        self.notes.push(line.into());
        self
    }

    /// The text the user reads, below rustc's `error: `.
    pub fn text(&self) -> String {
        let mut text = format!("{} [{}]", self.message, self.code.name);
        for (label, lines) in [("help", &self.help), ("note", &self.notes)] {
            for line in lines {
                text.push_str(&format!("\n{label}: {line}"));
            }
        }
        text
    }
}

impl From<SyntaxError> for Diagnostic {
    fn from(error: SyntaxError) -> Self {
        Diagnostic::new(code::SYNTAX, error.message, error.at).maybe_help(error.help)
    }
}
