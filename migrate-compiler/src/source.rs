//! Rust tokens, flattened: what the parsers of the language and of core read, with the span of each token beside it.

use migrate_core::plan::Place;
use migrate_core::token::{At, Bracket, Token};
use proc_macro2::{Delimiter, Group, LineColumn, Spacing, Span, TokenStream, TokenTree};

use crate::diagnostic::{Diagnostic, code};

/// The tokens of one block, flat, and where each one stands.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// The tokens.
    pub(crate) tokens: Vec<Token>,
    spans: Vec<Span>,
    /// The place of the whole block, for what has no place of its own.
    whole: Span,
    /// The file, relative to the crate.
    file: String,
}

impl Source {
    /// Flattens the tokens of a block. Literals that the language does not have are reported.
    pub(crate) fn new(tokens: TokenStream, whole: Span, file: &str, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut source = Source { tokens: Vec::new(), spans: Vec::new(), whole, file: file.to_owned() };
        source.flatten(tokens, diagnostics);
        source
    }

    /// The first and the last span of a place.
    pub(crate) fn spans(&self, at: At) -> (Span, Span) {
        let clamp = |index: usize| self.spans.get(index.min(self.spans.len().saturating_sub(1))).copied();
        let first = clamp(at.start as usize).unwrap_or(self.whole);
        let last = clamp((at.end as usize).saturating_sub(1).max(at.start as usize)).unwrap_or(first);
        (first, last)
    }

    /// The place for people: file, line, column.
    pub(crate) fn place(&self, at: At) -> Place {
        let LineColumn { line, column } = self.spans(at).0.start();
        let (line, column) = (u32::try_from(line).unwrap_or(0), u32::try_from(column).unwrap_or(0));
        Place { file: self.file.clone().into(), line, column: if line == 0 { 0 } else { column + 1 } }
    }

    /// The canonical text of the source, over which the checksum goes: its tokens without comments, layout, optional
    /// trailing separators, attributes, and what raw SQL says that it changes, which runs nothing.
    pub(crate) fn canonical_text(&self) -> String {
        self.text(true)
    }

    /// The canonical text without the `///` comments on objects; `None` where there is none of these.
    pub(crate) fn text_without_comments(&self) -> Option<String> {
        let has_comments = self.tokens.iter().any(|token| matches!(token, Token::Documentation(_)));
        has_comments.then(|| self.text(false))
    }

    fn text(&self, with_comments: bool) -> String {
        use std::fmt::Write;
        let mut text = String::new();
        let mut index = 0;
        while let Some(token) = self.tokens.get(index) {
            if let Some(end) = self.end_of_attribute(index).or_else(|| self.end_of_changes(index)) {
                index = end;
                continue;
            }
            index += 1;
            if !with_comments && matches!(token, Token::Documentation(_)) {
                continue;
            }
            let is_separator = matches!(token, Token::Symbol { symbol: ',' | ';', .. });
            if is_separator && matches!(self.tokens.get(index), Some(Token::Close(_)) | None) {
                continue;
            }
            let written = match token {
                Token::Word(word) => write!(text, "{word}"),
                Token::QuotedWord(word) => write!(text, "\"{word}\""),
                Token::Number(number) => write!(text, "{number}"),
                Token::Text(value) => write!(text, "{value:?}"),
                Token::Symbol { symbol, .. } => write!(text, "{symbol}"),
                Token::Open(bracket) => write!(text, "{}", pair(*bracket).0),
                Token::Close(bracket) => write!(text, "{}", pair(*bracket).1),
                Token::Documentation(line) => write!(text, "///{line:?}"),
                Token::End => Ok(()),
            };
            // Writing to a String cannot fail.
            let _ = written;
            text.push(' ');
        }
        text
    }

    /// The index after an attribute `#[...]` that starts here.
    fn end_of_attribute(&self, index: usize) -> Option<usize> {
        let starts = matches!(self.tokens.get(index), Some(Token::Symbol { symbol: '#', .. }))
            && self.tokens.get(index + 1) == Some(&Token::Open(Bracket::Square));
        starts.then(|| self.end_of_brackets(index + 1)).flatten()
    }

    /// The index after `changes { ... }` behind a text, which is raw SQL.
    fn end_of_changes(&self, index: usize) -> Option<usize> {
        let is_behind_text = matches!(self.tokens.get(index.checked_sub(1)?), Some(Token::Text(_)));
        let starts = matches!(self.tokens.get(index), Some(Token::Word(word)) if word.eq_ignore_ascii_case("changes"))
            && self.tokens.get(index + 1) == Some(&Token::Open(Bracket::Curly));
        (is_behind_text && starts).then(|| self.end_of_brackets(index + 1)).flatten()
    }

    /// The index after the bracket that closes the one at this index.
    fn end_of_brackets(&self, index: usize) -> Option<usize> {
        let mut depth = 0_u32;
        for (position, token) in self.tokens.iter().enumerate().skip(index) {
            match token {
                Token::Open(_) => depth += 1,
                Token::Close(_) => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(position + 1);
                    }
                }
                _ => {}
            }
        }
        None
    }

    fn push(&mut self, token: Token, span: Span) {
        self.tokens.push(token);
        self.spans.push(span);
    }

    fn flatten(&mut self, tokens: TokenStream, diagnostics: &mut Vec<Diagnostic>) {
        let mut trees = tokens.into_iter().peekable();
        while let Some(tree) = trees.next() {
            match tree {
                TokenTree::Ident(ident) => {
                    let text = ident.to_string();
                    let name = text.strip_prefix("r#").unwrap_or(&text).to_owned();
                    self.push(Token::Word(name), ident.span());
                }
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    if let Some(TokenTree::Group(group)) = trees.peek()
                        && let Some(line) = documentation(group)
                    {
                        self.push(Token::Documentation(line), group.span());
                        trees.next();
                    } else {
                        self.push(Token::Symbol { symbol: '#', joint: false }, punct.span());
                    }
                }
                TokenTree::Punct(punct) => {
                    let joint = punct.spacing() == Spacing::Joint;
                    self.push(Token::Symbol { symbol: punct.as_char(), joint }, punct.span());
                }
                TokenTree::Literal(literal) => {
                    let span = literal.span();
                    let token = token_of_literal(&literal);
                    if let Err(message) = &token {
                        let at = At { start: self.tokens.len() as u32, end: self.tokens.len() as u32 + 1 };
                        diagnostics.push(Diagnostic::new(code::SYNTAX, message.0.clone(), at).help(message.1));
                    }
                    match token {
                        Ok(token) => self.push(token, span),
                        Err(_) => {
                            // A parameter has no type that could be wrong in its place.
                            self.push(Token::Symbol { symbol: '$', joint: false }, span);
                            self.push(Token::Number("1".into()), span);
                        }
                    }
                }
                TokenTree::Group(group) => self.flatten_group(&group, diagnostics),
            }
        }
    }

    fn flatten_group(&mut self, group: &Group, diagnostics: &mut Vec<Diagnostic>) {
        let bracket = match group.delimiter() {
            Delimiter::Parenthesis => Bracket::Round,
            Delimiter::Bracket => Bracket::Square,
            Delimiter::Brace => Bracket::Curly,
            Delimiter::None => return self.flatten(group.stream(), diagnostics),
        };
        self.push(Token::Open(bracket), group.span_open());
        self.flatten(group.stream(), diagnostics);
        self.push(Token::Close(bracket), group.span_close());
    }
}

fn pair(bracket: Bracket) -> (char, char) {
    match bracket {
        Bracket::Round => ('(', ')'),
        Bracket::Square => ('[', ']'),
        Bracket::Curly => ('{', '}'),
    }
}

/// The text of `#[doc = "..."]`, which is what rustc makes of a `///` comment.
fn documentation(group: &Group) -> Option<String> {
    if group.delimiter() != Delimiter::Bracket {
        return None;
    }
    let mut trees = group.stream().into_iter();
    match (trees.next(), trees.next(), trees.next(), trees.next()) {
        (Some(TokenTree::Ident(doc)), Some(TokenTree::Punct(equals)), Some(TokenTree::Literal(text)), None)
            if doc == "doc" && equals.as_char() == '=' =>
        {
            let text = litrs::StringLit::try_from(&text).ok()?.into_value();
            Some(text.strip_prefix(' ').unwrap_or(&text).to_owned())
        }
        _ => None,
    }
}

/// The token of a Rust literal, or a headline and a help line for one that the language does not have.
fn token_of_literal(literal: &proc_macro2::Literal) -> Result<Token, (String, &'static str)> {
    let number = |text: String| Token::Number(text.replace('_', ""));
    match litrs::Literal::from(literal) {
        litrs::Literal::String(text) => Ok(Token::Text(text.into_value().to_string())),
        litrs::Literal::Integer(integer) if integer.suffix().is_empty() => {
            match (integer.base(), integer.value::<u128>()) {
                (litrs::IntegerBase::Decimal, _) => Ok(number(literal.to_string())),
                (_, Some(value)) => Ok(Token::Number(value.to_string())),
                (_, None) => Err((format!("the number `{literal}` is too large"), "write it in decimal digits")),
            }
        }
        litrs::Literal::Float(float) if float.suffix().is_empty() => Ok(number(literal.to_string())),
        litrs::Literal::Integer(_) | litrs::Literal::Float(_) => Err((
            format!("the number `{literal}` has a suffix"),
            "write the number without it: its type is that of the column",
        )),
        _ => Err((
            format!("unexpected literal `{literal}`"),
            "write strings in double quotes, \"...\", and numbers in digits",
        )),
    }
}
