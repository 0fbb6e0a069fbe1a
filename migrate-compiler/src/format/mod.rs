//! The layout of migrations: one for all of them, which keeps the comments and the empty lines of those who write them.
//!
//! ```text
//! text -> tokens with the comments between them -> trees of brackets -> documents -> text
//!         lex                                      tree                 items, ...   document
//! ```
//!
//! Only the layout changes: the same tokens in the same order, except for a comma after the last entry of a body. This
//! is proved for each block before a text is returned ([`Fault::Changed`]).

mod document;
mod expression;
mod items;
mod layout;
mod lex;
mod proof;
mod query;
mod spacing;
mod statement;
#[cfg(test)]
mod tests;
mod tree;

use std::fmt;
use std::ops::Range;

use migrate_core::token::Bracket;

use layout::Layout;
use lex::{Kind, Token, lex};

/// The columns of a line.
const WIDTH: usize = 100;

/// Why a text cannot be formatted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// A bracket that is not closed.
    Unclosed(Bracket),
    /// An unexpected closing bracket.
    Unopened(Bracket),
    /// An unterminated string.
    UnclosedText,
    /// An unterminated comment.
    UnclosedComment,
    /// Brackets that are nested too deeply.
    TooDeep,
    /// Something that is not a migration: a headline with its help.
    Syntax(String),
    /// The layout would change what the block means: a bug of ours.
    Changed,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pair = |bracket: &Bracket| match bracket {
            Bracket::Round => ('(', ')'),
            Bracket::Square => ('[', ']'),
            Bracket::Curly => ('{', '}'),
        };
        match self {
            Fault::Unclosed(bracket) => write!(formatter, "`{}` is not closed", pair(bracket).0),
            Fault::Unopened(bracket) => write!(formatter, "unexpected closing `{}`", pair(bracket).1),
            Fault::UnclosedText => write!(formatter, "unterminated string"),
            Fault::UnclosedComment => write!(formatter, "unterminated comment"),
            Fault::TooDeep => write!(formatter, "the brackets are nested too deeply"),
            Fault::Syntax(message) => write!(formatter, "{message}"),
            Fault::Changed => write!(
                formatter,
                "this block is left as it is: its layout would change what it means, which is a bug in migrate\n\
                 help: please report it with this migration"
            ),
        }
    }
}

/// Why a text cannot be formatted, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong.
    pub fault: Fault,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}

impl Error {
    /// At a place in bytes.
    fn new(fault: Fault, source: &str, at: usize) -> Self {
        let before = source.get(..at).unwrap_or(source);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
        Error::at_line(fault, line, column)
    }

    /// At a line from 1 and a column from 0.
    fn at_line(fault: Fault, line: usize, column: usize) -> Self {
        Error { fault, line: line.max(1), column: column + 1 }
    }

    /// In a block that begins at a place of a file.
    fn within(mut self, source: &str, start: usize) -> Self {
        let begin = Error::new(Fault::Changed, source, start);
        if self.line == 1 {
            self.column += begin.column - 1;
        }
        self.line += begin.line - 1;
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.line, self.column, self.fault)
    }
}

impl std::error::Error for Error {}

/// Formats the contents of a `migration! { ... }`: lines without the indentation of the block, for the remaining
/// columns.
///
/// # Errors
/// What is not a migration, with its place.
pub fn block(source: &str) -> Result<String, Error> {
    let source = source.replace("\r\n", "\n");
    Ok(formatted(&source, WIDTH - 4)?.lines)
}

/// Formats each `migration! { ... }` and each `schema! { ... }` of a Rust file, including those inside `migrations! {
/// ... }`, and leaves everything else as it is, byte for byte.
///
/// # Errors
/// What is not a migration, with its place in the file.
pub fn file(source: &str) -> Result<String, Error> {
    let line_end = match source.find('\n') {
        Some(end) if source.get(..end).is_some_and(|line| line.ends_with('\r')) => "\r\n",
        _ => "\n",
    };
    let mut out = String::with_capacity(source.len());
    let mut done = 0;
    for Range { start, end } in blocks(source)? {
        out.push_str(source.get(done..start).unwrap_or_default());
        done = end;
        let inside = source.get(start..end).unwrap_or_default();
        if inside.trim().is_empty() {
            out.push_str(inside);
            continue;
        }
        let line = source.get(..start).and_then(|before| before.rsplit('\n').next()).unwrap_or_default();
        let indentation = line.get(..line.len() - line.trim_start().len()).unwrap_or_default();
        let width = WIDTH.saturating_sub(indentation.chars().count() + 4).max(40);
        let inside = inside.replace("\r\n", "\n");
        let Formatted { first_line, lines } = formatted(&inside, width).map_err(|error| error.within(source, start))?;
        let mut text = first_line;
        text.push('\n');
        text.push_str(&indented(&lines, &format!("{indentation}    ")));
        text.push_str(indentation);
        out.push_str(&text.replace('\n', line_end));
    }
    out.push_str(source.get(done..).unwrap_or_default());
    Ok(out)
}

/// Where the blocks of a Rust file are: the contents of their brackets, in bytes.
///
/// # Errors
/// Unterminated strings, comments and brackets.
pub fn blocks(source: &str) -> Result<Vec<Range<usize>>, Error> {
    let tokens = lex(source)?;
    let partners = tree::partners(&tokens, source)?;
    let is_word = |index: usize, word: &str| {
        tokens.get(index).is_some_and(|token| token.kind == Kind::Word && token.text == word)
    };
    let opens = |index: usize| tokens.get(index).is_some_and(|token| matches!(token.kind, Kind::Open(_)));
    let is_macro = |index: usize, name: &str| {
        is_word(index, name) && tokens.get(index + 1).is_some_and(|token| token.text == "!") && opens(index + 2)
    };
    let mut found = Vec::new();
    let mut index = 0;
    // The end of the `migrations!` that is open.
    let mut inline = 0;
    while index < tokens.len() {
        let named = is_word(index, "migration") && tokens.get(index + 1).is_some_and(|name| name.kind == Kind::Text);
        let is_inline = index < inline;
        let open =
            if is_macro(index, "migration") || is_macro(index, "schema") || is_inline && named && opens(index + 2) {
                index + 2
            } else if is_inline && is_word(index, "schema") && opens(index + 1) {
                index + 1
            } else {
                if is_macro(index, "migrations") {
                    inline = partners.get(index + 2).copied().unwrap_or(0);
                }
                index += 1;
                continue;
            };
        let close = partners.get(open).copied().unwrap_or(open);
        // The pattern of somebody's macro is not a migration.
        let is_pattern = tokens.get(open..close).is_some_and(|inside| inside.iter().any(|token| token.is_symbol("$")));
        if let (Some(opening), Some(closing), false) = (tokens.get(open), tokens.get(close), is_pattern) {
            // What stands first in a schema by itself: `#![migrations = "history"]`.
            let names_history = ["#", "!", "["]
                .iter()
                .enumerate()
                .all(|(distance, text)| tokens.get(open + 1 + distance).is_some_and(|token| token.text == *text));
            let options = names_history.then(|| tokens.get(*partners.get(open + 3)?)).flatten();
            found.push(options.unwrap_or(opening).end()..closing.start);
        }
        index = close.max(index) + 1;
    }
    Ok(found)
}

struct Formatted {
    /// The comment on the line of the bracket.
    first_line: String,
    lines: String,
}

/// Formats a block, until formatting it again changes nothing.
fn formatted(source: &str, width: usize) -> Result<Formatted, Error> {
    // What is unbalanced is said in our words.
    let before = lex(source)?;
    tree::trees(&before, source)?;
    let meaning = proof::meaning(source)?;
    let mut now = once(&before, source, width)?;
    for _ in 0..4 {
        let text = whole(&now);
        let next = once(&lex(&text)?, &text, width)?;
        let is_settled = next.lines == now.lines;
        now = next;
        if is_settled {
            break;
        }
    }
    proof::compare(source, &meaning, &whole(&now))?;
    Ok(now)
}

fn whole(formatted: &Formatted) -> String {
    format!("{}\n{}", formatted.first_line, formatted.lines)
}

fn once(tokens: &[Token<'_>], source: &str, width: usize) -> Result<Formatted, Error> {
    let trees = tree::trees(tokens, source)?;
    let layout = Layout::new(tokens, tree::partners(tokens, source)?);
    let document = layout.items(&trees, tokens.len().saturating_sub(1));
    Ok(Formatted { first_line: layout.first_line(), lines: document::print(&document, width) })
}

/// Lines with something before each, except for the empty ones and for those inside of texts.
fn indented(lines: &str, indentation: &str) -> String {
    let inside = inside_of_texts(lines);
    let mut out = String::with_capacity(lines.len() * 2);
    let mut start = 0;
    for line in lines.split_inclusive('\n') {
        if line.len() > 1 && !inside.iter().any(|text| text.contains(&start)) {
            out.push_str(indentation);
        }
        out.push_str(line);
        start += line.len();
    }
    out
}

/// The places in which a line may begin without being one of the layout.
fn inside_of_texts(lines: &str) -> Vec<Range<usize>> {
    let tokens = lex(lines).unwrap_or_default();
    let mut texts = Vec::new();
    for token in &tokens {
        if token.text.contains('\n') {
            texts.push(token.start + 1..token.end());
        }
        for comment in token.comments.iter().filter(|comment| comment.text.contains('\n')) {
            texts.push(comment.start + 1..comment.start + comment.text.len());
        }
    }
    texts
}
