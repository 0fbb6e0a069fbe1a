//! A lexer that loses nothing: the tokens of Rust text with the comments and line breaks between them.

use migrate_core::token::Bracket;

use super::{Error, Fault};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or a keyword.
    Word,
    /// A number.
    Number,
    /// A text or a character, with its quotes.
    Text,
    /// Punctuation that belongs together, as PostgreSQL reads it: `->>`, `=`, `?`.
    Operator,
    /// `,`, `;`, `.`, `:`, `::`, and what the language has no use for.
    Symbol,
    /// The `?` behind a type.
    Nullable,
    /// An opening bracket.
    Open(Bracket),
    /// A closing bracket.
    Close(Bracket),
    /// A `///` comment, which is part of the meaning.
    Documentation,
    /// The end of the text.
    End,
}

/// A comment that is for readers of the source only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Comment<'s> {
    /// The comment with its slashes, without the end of its line.
    pub(super) text: &'s str,
    /// Where it starts, in bytes.
    pub(super) start: usize,
    /// The line breaks before it, since the comment or token before.
    pub(super) newlines: usize,
    /// Whether it goes to the end of its line.
    pub(super) is_line: bool,
}

/// A token, and what stands before it.
#[derive(Clone, Debug)]
pub(super) struct Token<'s> {
    pub(super) kind: Kind,
    pub(super) text: &'s str,
    /// Where it starts, in bytes.
    pub(super) start: usize,
    /// The comments before it.
    pub(super) comments: Vec<Comment<'s>>,
    /// The line breaks before it, since the last comment or the token before.
    pub(super) newlines: usize,
}

impl Token<'_> {
    /// Where it ends, in bytes.
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether it stands on another line than the token before.
    pub(super) fn is_on_new_line(&self) -> bool {
        self.newlines > 0 || self.comments.iter().any(|comment| comment.newlines > 0)
    }

    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == Kind::Symbol && self.text == symbol
    }
}

/// The tokens of a text; the last one is [`Kind::End`].
pub(super) fn lex(source: &str) -> Result<Vec<Token<'_>>, Error> {
    let mut lexer = Lexer { source, at: 0, tokens: Vec::new(), comments: Vec::new(), newlines: 0 };
    lexer.skip_first_line();
    while lexer.step()? {}
    lexer.push(Kind::End, 0);
    mark_nullable_types(&mut lexer.tokens);
    Ok(lexer.tokens)
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
    tokens: Vec<Token<'s>>,
    comments: Vec<Comment<'s>>,
    newlines: usize,
}

/// The characters of PostgreSQL's operators.
const OPERATOR: &str = "+-*/<>=~!@#%^&|`?";

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    /// A mark of byte order, and a line for the shell.
    fn skip_first_line(&mut self) {
        if self.rest().starts_with('\u{feff}') {
            self.at += '\u{feff}'.len_utf8();
        }
        if self.rest().starts_with("#!") && !self.rest().trim_start_matches("#!").trim_start().starts_with('[') {
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        }
    }

    fn push(&mut self, kind: Kind, length: usize) {
        let text = self.rest().get(..length).unwrap_or_default();
        let comments = std::mem::take(&mut self.comments);
        let newlines = std::mem::take(&mut self.newlines);
        self.tokens.push(Token { kind, text, start: self.at, comments, newlines });
        self.at += length;
    }

    /// Takes a space, a comment or a token; whether there was one.
    fn step(&mut self) -> Result<bool, Error> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(false) };
        if first.is_whitespace() || first == '\u{feff}' {
            self.newlines += usize::from(first == '\n');
            self.at += first.len_utf8();
        } else if rest.starts_with("//") {
            let length = rest.find('\n').unwrap_or(rest.len());
            let text = rest.get(..length).unwrap_or_default();
            let text = text.strip_suffix('\r').unwrap_or(text);
            let is_documentation = text.starts_with("///") && !text.starts_with("////") || text.starts_with("//!");
            match is_documentation {
                true => self.push(Kind::Documentation, text.len()),
                false => self.comment(text, true),
            }
        } else if rest.starts_with("/*") {
            let length = block_comment(rest).ok_or_else(|| self.fault(Fault::UnclosedComment))?;
            let text = rest.get(..length).unwrap_or_default();
            let is_documentation = text.len() > 4 && text.starts_with("/**") && !text.starts_with("/***");
            match is_documentation || text.starts_with("/*!") {
                true => self.push(Kind::Documentation, length),
                false => self.comment(text, false),
            }
        } else {
            self.token(first)?;
        }
        Ok(true)
    }

    fn comment(&mut self, text: &'s str, is_line: bool) {
        let newlines = std::mem::take(&mut self.newlines);
        let start = self.at;
        self.at += text.len();
        let text = if is_line { text.trim_end() } else { text };
        self.comments.push(Comment { text, start, newlines, is_line });
    }

    fn fault(&self, fault: Fault) -> Error {
        Error::new(fault, self.source, self.at)
    }

    fn token(&mut self, first: char) -> Result<(), Error> {
        let rest = self.rest();
        if let Some(prefix) = text_prefix(rest) {
            let length = text_length(rest, prefix).ok_or_else(|| self.fault(Fault::UnclosedText))?;
            self.push(Kind::Text, length);
        } else if first == '\'' || rest.starts_with("b'") {
            let prefix = usize::from(first == 'b');
            match character_length(rest.get(prefix..).unwrap_or_default()) {
                Some(length) => self.push(Kind::Text, prefix + length),
                // A lifetime.
                None => self.push(Kind::Word, prefix + 1 + word_length(rest.get(prefix + 1..).unwrap_or_default())),
            }
        } else if first.is_ascii_digit() {
            self.push(Kind::Number, number_length(rest));
        } else if let Some(raw) = rest.strip_prefix("r#").filter(|raw| word_length(raw) > 0) {
            self.push(Kind::Word, 2 + word_length(raw));
        } else if word_length(rest) > 0 {
            self.push(Kind::Word, word_length(rest));
        } else {
            self.punctuation(first);
        }
        Ok(())
    }

    fn punctuation(&mut self, first: char) {
        let kind = match first {
            '(' => Kind::Open(Bracket::Round),
            '[' => Kind::Open(Bracket::Square),
            '{' => Kind::Open(Bracket::Curly),
            ')' => Kind::Close(Bracket::Round),
            ']' => Kind::Close(Bracket::Square),
            '}' => Kind::Close(Bracket::Curly),
            ':' if self.rest().starts_with(":=") => return self.push(Kind::Operator, 2),
            ':' if self.rest().starts_with("::") => return self.push(Kind::Symbol, 2),
            _ if OPERATOR.contains(first) => return self.push(Kind::Operator, operator_length(self.rest())),
            _ => Kind::Symbol,
        };
        self.push(kind, first.len_utf8());
    }
}

/// The length of the operator at the start, as PostgreSQL cuts them.
fn operator_length(text: &str) -> usize {
    let mut run = text.find(|character| !OPERATOR.contains(character)).map_or(text, |end| &text[..end]);
    // What begins a comment ends an operator.
    for comment in ["//", "/*"] {
        if let Some(end) = run.find(comment).filter(|end| *end > 0) {
            run = run.get(..end).unwrap_or(run);
        }
    }
    if !run.contains(|character| "~!@#%^&|`?".contains(character)) {
        while run.len() > 1 && run.ends_with(['+', '-']) {
            run = run.get(..run.len() - 1).unwrap_or(run);
        }
    }
    run.len()
}

/// The length of a comment with those that are nested in it.
fn block_comment(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        match bytes.get(at..at + 2)? {
            b"/*" => {
                depth += 1;
                at += 2;
            }
            b"*/" => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
}

/// What stands before the quote of a text: its length, and for a raw one the number of `#`.
#[derive(Clone, Copy)]
struct Prefix {
    length: usize,
    hashes: Option<usize>,
}

fn text_prefix(text: &str) -> Option<Prefix> {
    let after = text.strip_prefix(['b', 'c']).unwrap_or(text);
    if after.starts_with('"') {
        return Some(Prefix { length: text.len() - after.len(), hashes: None });
    }
    let raw = after.strip_prefix('r')?;
    let quoted = raw.trim_start_matches('#');
    let hashes = raw.len() - quoted.len();
    quoted.starts_with('"').then_some(Prefix { length: text.len() - quoted.len(), hashes: Some(hashes) })
}

/// The length of a text with its quotes.
fn text_length(text: &str, prefix: Prefix) -> Option<usize> {
    let start = prefix.length + 1;
    let inside = text.get(start..)?;
    if let Some(hashes) = prefix.hashes {
        let end = format!("\"{}", "#".repeat(hashes));
        return Some(start + inside.find(&end)? + end.len());
    }
    let mut is_escaped = false;
    for (at, character) in inside.char_indices() {
        match character {
            '"' if !is_escaped => return Some(start + at + 1),
            _ => is_escaped = character == '\\' && !is_escaped,
        }
    }
    None
}

/// The length of a character in single quotes.
fn character_length(text: &str) -> Option<usize> {
    let mut characters = text.char_indices().skip(1);
    let (_, first) = characters.next()?;
    if first == '\\' {
        characters.next()?;
        let (end, _) = characters.find(|(_, character)| *character == '\'' || *character == '\n')?;
        return text.get(end..)?.starts_with('\'').then_some(end + 1);
    }
    let (end, second) = characters.next()?;
    (second == '\'').then_some(end + 1)
}

fn word_length(text: &str) -> usize {
    if !text.starts_with(|first: char| first.is_alphabetic() || first == '_') {
        return 0;
    }
    let goes_on = |character: char| character.is_alphanumeric() || character == '_' || is_mark(character);
    text.find(|character| !goes_on(character)).unwrap_or(text.len())
}

/// Marks that combine with the letter before them.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{dff}' | '\u{e31}'..='\u{e4e}' | '\u{1ab0}'..='\u{1aff}' | '\u{20d0}'..='\u{20ff}')
}

fn number_length(text: &str) -> usize {
    let digits = |text: &str| text.find(|next: char| !next.is_alphanumeric() && next != '_').unwrap_or(text.len());
    let exponent = |length: usize| {
        let (number, rest) = text.split_at(length);
        let is_exponent = number.ends_with(['e', 'E']) && !number.starts_with("0x");
        let is_signed = rest.starts_with(['+', '-']) && rest[1..].starts_with(|next: char| next.is_ascii_digit());
        if is_exponent && is_signed { length + 1 + digits(&rest[1..]) } else { length }
    };
    let whole = digits(text);
    let Some(fraction) = text.get(whole..).and_then(|rest| rest.strip_prefix('.')) else { return exponent(whole) };
    match fraction.chars().next() {
        Some(next) if next.is_ascii_digit() => exponent(whole + 1 + digits(fraction)),
        Some(next) if next == '.' || next == '_' || next.is_alphabetic() => whole,
        _ if exponent(whole) == whole => whole + 1,
        _ => exponent(whole),
    }
}

/// Tells the `?` behind a type from the operator: between it and the `:` is nothing but a type.
fn mark_nullable_types(tokens: &mut Vec<Token<'_>>) {
    let mut index = 0;
    while index < tokens.len() {
        if tokens[index].is_symbol(":")
            && let Some(end) = end_of_type(tokens, index + 1)
            && let Some(token) = tokens.get_mut(end)
        {
            let (first, rest) = token.text.split_at(1);
            let start = token.start + 1;
            (token.kind, token.text) = (Kind::Nullable, first);
            if !rest.is_empty() {
                tokens.insert(
                    end + 1,
                    Token { kind: Kind::Operator, text: rest, start, comments: Vec::new(), newlines: 0 },
                );
            }
        }
        index += 1;
    }
}

/// The index of the `?` of the type that starts at this index.
fn end_of_type(tokens: &[Token<'_>], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(start) {
        match token.kind {
            Kind::Open(Bracket::Round | Bracket::Square) if index > start => depth += 1,
            Kind::Close(Bracket::Round | Bracket::Square) if depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            Kind::Operator if token.text.starts_with('?') && index > start => return Some(index),
            Kind::Word => {}
            Kind::Symbol if token.text == "." => {}
            Kind::Text if tokens.get(index + 1).is_some_and(|next| next.kind != Kind::Word) => {}
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<&str> {
        lex(source).unwrap().into_iter().map(|token| token.text).filter(|text| !text.is_empty()).collect()
    }

    #[test]
    fn operators_are_cut_as_postgresql_cuts_them() {
        assert_eq!(
            texts("a=-1 b->>'x' c #>> d @- e"),
            ["a", "=", "-", "1", "b", "->>", "'x'", "c", "#>>", "d", "@-", "e"]
        );
        assert_eq!(texts("a<=>b||c::int[] f(x=>1, y:=2)")[..8], ["a", "<=>", "b", "||", "c", "::", "int", "["]);
        assert_eq!(texts("a*/* b */c +// d\n1"), ["a", "*", "c", "+", "1"]);
    }

    #[test]
    fn the_question_mark_of_a_type_is_told_from_the_operator() {
        let kinds = |source: &str| {
            lex(source).unwrap().iter().filter(|token| token.text == "?").map(|token| token.kind).collect::<Vec<_>>()
        };
        assert_eq!(kinds("a: numeric(12, 2)?= 1, b: text[]?, c: app.state?"), [Kind::Nullable; 3]);
        assert_eq!(kinds("check (details ? \"a\")"), [Kind::Operator]);
        assert_eq!(kinds("a: jsonb = d ? \"a\""), [Kind::Operator]);
    }

    #[test]
    fn literals_are_whole() {
        assert_eq!(
            texts(r##"r#"a "b" // c"# "\" //" 'a' '\'' 'static b"x" 1.5e-3 0xff 1_000 1..2 r#type"##),
            [
                r##"r#"a "b" // c"#"##,
                r#""\" //""#,
                "'a'",
                r"'\''",
                "'static",
                r#"b"x""#,
                "1.5e-3",
                "0xff",
                "1_000",
                "1",
                ".",
                ".",
                "2",
                "r#type"
            ]
        );
        assert!(lex("\"a").is_err() && lex("/* a").is_err() && lex("r#\"a\"").is_err());
    }

    #[test]
    fn comments_and_line_breaks_are_kept() {
        let tokens = lex("a // one\n\n/* two */ b /// three\n//// four\n").unwrap();
        assert_eq!(tokens[1].comments.len(), 2);
        assert_eq!((tokens[1].comments[0].newlines, tokens[1].comments[1].newlines, tokens[1].newlines), (0, 2, 0));
        assert_eq!(tokens[2].kind, Kind::Documentation);
        assert_eq!(tokens[3].comments[0].text, "//// four");
    }
}
