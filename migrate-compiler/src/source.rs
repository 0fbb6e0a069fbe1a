//! Rust tokens, flattened: what the parsers of the language and of core read, with the span of each token beside it.

use migrate_core::plan::Place;
use migrate_core::token::{At, Bracket, Token};
use proc_macro2::{Delimiter, Group, LineColumn, Punct, Spacing, Span, TokenStream, TokenTree};

use crate::diagnostic::{Diagnostic, code};

/// The tokens of one block, flat, and where each one stands.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// The tokens.
    pub(crate) tokens: Vec<Token>,
    spans: Vec<Span>,
    /// Comments of SQL, which are no tokens: the index of the token behind them, and their first and last span.
    comments: Vec<(u32, Span, Span)>,
    /// The place of the whole block, for what has no place of its own.
    whole: Span,
    /// The files, relative to the crate, each with the index of its first token.
    files: Vec<(u32, String)>,
}

impl Source {
    /// Flattens the tokens of a block. Literals that the language does not have are reported.
    pub(crate) fn new(tokens: TokenStream, whole: Span, file: &str, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let files = vec![(0, file.to_owned())];
        let mut source = Source { tokens: Vec::new(), spans: Vec::new(), comments: Vec::new(), whole, files };
        source.flatten(tokens, diagnostics);
        source
    }

    /// Adds the tokens of another file, and gives the index of the first one. A broken item does not go on into them.
    pub(crate) fn append(&mut self, tokens: TokenStream, file: &str, diagnostics: &mut Vec<Diagnostic>) -> u32 {
        if !self.tokens.is_empty() {
            let span = self.spans.last().copied().unwrap_or(self.whole);
            self.push(Token::Symbol { symbol: ';', joint: false }, span);
        }
        let start = u32::try_from(self.tokens.len()).unwrap_or(u32::MAX);
        self.files.push((start, file.to_owned()));
        self.flatten(tokens, diagnostics);
        start
    }

    /// The place behind the last token.
    pub(crate) fn end(&self) -> At {
        let last = u32::try_from(self.tokens.len().saturating_sub(1)).unwrap_or(u32::MAX);
        At { start: last, end: last.saturating_add(1) }
    }

    /// The first and the last span of a place.
    pub(crate) fn spans(&self, at: At) -> (Span, Span) {
        let comment = self.comments.iter().find(|(behind, ..)| at.end <= at.start && *behind == at.start);
        if let Some((_, first, last)) = comment {
            return (*first, *last);
        }
        let clamp = |index: usize| self.spans.get(index.min(self.spans.len().saturating_sub(1))).copied();
        let first = clamp(at.start as usize).unwrap_or(self.whole);
        let last = clamp((at.end as usize).saturating_sub(1).max(at.start as usize)).unwrap_or(first);
        (first, last)
    }

    /// The place for people: file, line, column.
    pub(crate) fn place(&self, at: At) -> Place {
        let LineColumn { line, column } = self.spans(at).0.start();
        let (line, column) = (u32::try_from(line).unwrap_or(0), u32::try_from(column).unwrap_or(0));
        let file = self.files.iter().rfind(|(start, _)| *start <= at.start).map(|(_, file)| file.clone());
        Place { file: file.unwrap_or_default().into(), line, column: if line == 0 { 0 } else { column + 1 } }
    }

    /// The canonical text of the source, over which the checksum goes: its tokens without comments, layout, optional
    /// trailing separators, attributes, what raw SQL says that it changes and what is taken over, which run nothing.
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
            let skipped = self.end_of_attribute(index).or_else(|| self.end_of_changes(index));
            if let Some(end) = skipped.or_else(|| self.end_of_adoption(index)) {
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

    /// The index after `adopts TOOL through VERSION { ... };` that starts here, behind another item or as the first one.
    fn end_of_adoption(&self, index: usize) -> Option<usize> {
        let is_word = |at: usize, word: &str| matches!(self.tokens.get(at), Some(Token::Word(found)) if found == word);
        let before = index.checked_sub(1).and_then(|before| self.tokens.get(before));
        let begins = matches!(
            before,
            None | Some(Token::Symbol { symbol: ';', .. } | Token::Close(Bracket::Curly | Bracket::Square))
        );
        let starts = begins
            && is_word(index, "adopts")
            && is_word(index + 2, "through")
            && matches!(self.tokens.get(index + 3), Some(Token::Number(_) | Token::Text(_)))
            && self.tokens.get(index + 4) == Some(&Token::Open(Bracket::Curly));
        let end = starts.then(|| self.end_of_brackets(index + 4)).flatten()?;
        let has_semicolon = matches!(self.tokens.get(end), Some(Token::Symbol { symbol: ';', .. }));
        Some(end + usize::from(has_semicolon))
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

    /// Without recursion: groups may be nested as deeply as rustc takes them.
    fn flatten(&mut self, tokens: TokenStream, diagnostics: &mut Vec<Diagnostic>) {
        let mut open: Vec<(Trees, Option<(Bracket, Span)>)> = vec![(tokens.into_iter().peekable(), None)];
        while let Some((trees, closing)) = open.last_mut() {
            match trees.next() {
                Some(TokenTree::Group(group)) => {
                    let bracket = match group.delimiter() {
                        Delimiter::Parenthesis => Some(Bracket::Round),
                        Delimiter::Bracket => Some(Bracket::Square),
                        Delimiter::Brace => Some(Bracket::Curly),
                        Delimiter::None => None,
                    };
                    if let Some(bracket) = bracket {
                        self.push(Token::Open(bracket), group.span_open());
                    }
                    open.push((
                        group.stream().into_iter().peekable(),
                        bracket.map(|bracket| (bracket, group.span_close())),
                    ));
                }
                Some(tree) => self.flatten_tree(tree, trees, diagnostics),
                None => {
                    if let Some((bracket, span)) = *closing {
                        self.push(Token::Close(bracket), span);
                    }
                    open.pop();
                }
            }
        }
    }

    /// Takes what is not a group, with what belongs to it.
    fn flatten_tree(&mut self, tree: TokenTree, trees: &mut Trees, diagnostics: &mut Vec<Diagnostic>) {
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
                    let span = group.span();
                    self.push_text(line, span, diagnostics, Token::Documentation);
                    trees.next();
                } else {
                    self.symbol(&punct);
                }
            }
            // `'name` is a lifetime to Rust.
            TokenTree::Punct(punct) if punct.as_char() == '\'' => {
                self.mistake("unexpected `'`", "write strings in double quotes, \"...\"", diagnostics);
                let text = match trees.peek() {
                    Some(TokenTree::Ident(ident)) => ident.to_string(),
                    _ => String::new(),
                };
                if !text.is_empty() {
                    trees.next();
                }
                self.push(Token::Text(text), punct.span());
            }
            TokenTree::Punct(punct) if take_dollar_quoted(&punct, trees) => {
                self.mistake("unexpected `$`", "write texts as `r#\"...\"#`", diagnostics);
                self.push(Token::Text(String::new()), punct.span());
            }
            TokenTree::Punct(punct) if is_comment(&punct, trees) => {
                let behind = u32::try_from(self.tokens.len()).unwrap_or(u32::MAX);
                let line = punct.span().start().line;
                let mut last = trees.next().map_or_else(|| punct.span(), |tree| tree.span());
                while let Some(tree) = trees.next_if(|tree| line != 0 && tree.span().start().line == line) {
                    last = tree.span();
                }
                match self.comments.last_mut() {
                    Some(above) if above.0 == behind => above.2 = last,
                    _ => {
                        self.comments.push((behind, punct.span(), last));
                        // A place without a token: what is wrong with the next one is told as well.
                        let at = At { start: behind, end: behind };
                        let mistake = Diagnostic::new(code::SYNTAX, "unexpected `--`", at);
                        diagnostics.push(mistake.help("write comments as `// ...`"));
                    }
                }
            }
            TokenTree::Punct(punct) => self.symbol(&punct),
            TokenTree::Literal(literal) => {
                let span = literal.span();
                if let Some(bits) = bits_of(&literal) {
                    // As `B'101'` in SQL, which is the same as `varbit '101'`.
                    self.push(Token::Word("varbit".into()), span);
                    return self.push(Token::Text(bits), span);
                }
                match token_of_literal(&literal) {
                    Ok(Token::Text(text)) => self.push_text(text, span, diagnostics, Token::Text),
                    Ok(token) => self.push(token, span),
                    Err(Misplaced { said, instead }) => {
                        if let Some((message, help)) = said {
                            self.mistake(&message, help, diagnostics);
                        }
                        self.push(instead, span);
                    }
                }
            }
            TokenTree::Group(_) => {}
        }
    }

    fn symbol(&mut self, punct: &Punct) {
        let joint = punct.spacing() == Spacing::Joint;
        self.push(Token::Symbol { symbol: punct.as_char(), joint }, punct.span());
    }

    fn push_text(
        &mut self,
        mut text: String,
        span: Span,
        diagnostics: &mut Vec<Diagnostic>,
        token: fn(String) -> Token,
    ) {
        if text.contains('\0') {
            self.mistake(
                "a string contains a NUL character",
                "remove it: PostgreSQL cannot store `\\0` in text",
                diagnostics,
            );
            text.retain(|character| character != '\0');
        }
        self.push(token(text), span);
    }

    /// Notes a mistake at the token that comes next.
    fn mistake(&self, message: &str, help: &str, diagnostics: &mut Vec<Diagnostic>) {
        let start = u32::try_from(self.tokens.len()).unwrap_or(u32::MAX);
        diagnostics.push(Diagnostic::new(code::SYNTAX, message, At { start, end: start.saturating_add(1) }).help(help));
    }
}

type Trees = std::iter::Peekable<proc_macro2::token_stream::IntoIter>;

/// Takes the rest of `$$ ... $$` or `$name$ ... $name$`, a text in SQL, if that starts here.
fn take_dollar_quoted(punct: &Punct, trees: &mut Trees) -> bool {
    let is_dollar = |tree: &TokenTree| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == '$');
    if punct.as_char() != '$' {
        return false;
    }
    let mut rest = trees.clone();
    let take_tag = |rest: &mut Trees| {
        let name = rest.next_if(|tree| matches!(tree, TokenTree::Ident(_))).map(|name| name.to_string());
        rest.next_if(is_dollar).map(|_| name.unwrap_or_default())
    };
    let Some(tag) = take_tag(&mut rest) else { return false };
    while let Some(tree) = rest.next() {
        if is_dollar(&tree) && take_tag(&mut rest).is_some_and(|end| end == tag) {
            *trees = rest;
            return true;
        }
    }
    false
}

/// Whether `--` starts here, which is a comment in SQL, and never part of an operator.
fn is_comment(punct: &Punct, trees: &mut Trees) -> bool {
    punct.as_char() == '-'
        && punct.spacing() == Spacing::Joint
        && matches!(trees.peek(), Some(TokenTree::Punct(next)) if next.as_char() == '-')
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
            let text = litrs::StringLit::parse(text.to_string().replace("\r\n", "\n")).ok()?.into_value();
            Some(text.strip_prefix(' ').unwrap_or(&text).to_owned())
        }
        _ => None,
    }
}

/// A literal that the language does not have.
struct Misplaced {
    /// A headline and a help line, unless rustc says it.
    said: Option<(String, &'static str)>,
    /// What it is taken for, so that the rest of the block can be read.
    instead: Token,
}

/// The digits of `b"101"`.
fn bits_of(literal: &proc_macro2::Literal) -> Option<String> {
    let written = literal.to_string();
    let digits = written.strip_prefix("b\"")?.strip_suffix('"')?;
    digits.bytes().all(|digit| matches!(digit, b'0' | b'1')).then(|| digits.to_owned())
}

/// The token of a Rust literal.
fn token_of_literal(literal: &proc_macro2::Literal) -> Result<Token, Misplaced> {
    const STRINGS: &str = "write strings in double quotes, \"...\"";
    let written = literal.to_string();
    let misplaced =
        |message: String, help: &'static str, instead: Token| Err(Misplaced { said: Some((message, help)), instead });
    let unexpected =
        |help: &'static str, instead: Token| misplaced(format!("unexpected literal `{written}`"), help, instead);
    // rustc takes `\r\n` for `\n` when it reads a file; a macro may be given either.
    let number = |text: &str| Token::Number(text.replace('_', ""));
    match litrs::Literal::parse(written.replace("\r\n", "\n")) {
        Ok(litrs::Literal::String(text)) if text.suffix().is_empty() => Ok(Token::Text(text.into_value().to_string())),
        Ok(litrs::Literal::String(text)) => {
            unexpected("remove what follows the quote", Token::Text(text.into_value().to_string()))
        }
        Ok(litrs::Literal::Integer(integer)) if integer.suffix().is_empty() => {
            match (integer.base(), integer.value::<u128>()) {
                (litrs::IntegerBase::Decimal, _) => Ok(number(&written)),
                (_, Some(value)) => Ok(Token::Number(value.to_string())),
                (_, None) => misplaced(
                    format!("the number `{written}` is too large"),
                    "write it in decimal digits",
                    Token::Number("0".into()),
                ),
            }
        }
        Ok(litrs::Literal::Float(float)) if float.suffix().is_empty() => Ok(number(&written)),
        Ok(litrs::Literal::Integer(integer)) => misplaced(
            format!("the number `{written}` has a suffix"),
            "remove it: the type is that of the column",
            number(integer.raw_main_part()),
        ),
        Ok(litrs::Literal::Float(float)) => misplaced(
            format!("the number `{written}` has a suffix"),
            "remove it: the type is that of the column",
            number(float.number_part()),
        ),
        Ok(litrs::Literal::Char(character)) => unexpected(STRINGS, Token::Text(character.value().to_string())),
        Ok(_) => unexpected(STRINGS, Token::Text(String::new())),
        // rustc has refused it already, as it does with `'active'`.
        Err(_) if written.starts_with('\'') => {
            Err(Misplaced { said: None, instead: Token::Text(written.trim_matches('\'').to_owned()) })
        }
        Err(_) => {
            unexpected("write strings in double quotes, \"...\", and numbers in digits", Token::Text(String::new()))
        }
    }
}
