//! What a layout must not change: that the tokens, the comments and the meaning are what they were.

use std::str::FromStr as _;

use migrate_core::token::Bracket;
use proc_macro2::{Span, TokenStream};

use super::lex::{Kind, lex};
use super::{Error, Fault};
use crate::ops::parse_statements;
use crate::parser::Parser;
use crate::source::Source;

/// The text over which the checksum of a block goes, or the first mistake of its syntax.
pub(super) fn meaning(block: &str) -> Result<String, Error> {
    let tokens = TokenStream::from_str(block).map_err(|error| {
        let start = error.span().start();
        Error::at_line(Fault::Syntax("this is not a Rust token".to_owned()), start.line, start.column)
    })?;
    let mut mistakes = Vec::new();
    let source = Source::new(tokens, Span::call_site(), "", &mut mistakes);
    let mut parser = Parser::new(&source.tokens);
    // Where it may not stand, the compiler says so.
    parser.is_schema = true;
    parse_statements(&mut parser);
    if !parser.cursor.is_at_end() {
        parser.mistakes.push(parser.cursor.expected("an operation").into());
    }
    mistakes.append(&mut parser.mistakes);
    mistakes.append(&mut parser.habits);
    match mistakes.iter().min_by_key(|mistake| mistake.at.start) {
        Some(mistake) => {
            let place = source.place(mistake.at);
            let column = usize::try_from(place.column.saturating_sub(1)).unwrap_or(0);
            let fault = Fault::Syntax(mistake.text());
            Err(Error::at_line(fault, usize::try_from(place.line).unwrap_or(0), column))
        }
        None => Ok(source.canonical_text()),
    }
}

/// The tokens without optional commas, and the comments.
pub(super) fn parts(block: &str) -> Result<(Vec<&str>, Vec<&str>), Error> {
    let tokens = lex(block)?;
    let mut texts = Vec::new();
    let mut comments = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        comments.extend(token.comments.iter().map(|comment| comment.text));
        let closes = tokens.get(index + 1).is_some_and(|next| next.kind == Kind::Close(Bracket::Curly));
        if !(token.is_symbol(",") && closes) {
            texts.push(token.text);
        }
    }
    Ok((texts, comments))
}

/// Whether a layout left tokens, comments and meaning as they were.
pub(super) fn compare(before: &str, meaning_before: &str, after: &str) -> Result<(), Error> {
    let is_same = parts(before)? == parts(after)? && meaning(after).is_ok_and(|meaning| meaning == meaning_before);
    if is_same { Ok(()) } else { Err(Error::at_line(Fault::Changed, 1, 0)) }
}
