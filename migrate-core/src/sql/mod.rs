//! SQL text: its words, its lexer, and the only place that writes and quotes it.

pub mod keywords;
pub mod lexer;
mod statements;
pub mod writer;

pub use keywords::is_reserved;
pub use lexer::{comments, lex, lex_with_offsets, line_of};
pub use statements::{Piece, Statements, split_statements};
#[cfg(feature = "runtime")]
pub(crate) use writer::enclosed;
pub use writer::{Writer, qualified, quote_identifier, quote_literal};
