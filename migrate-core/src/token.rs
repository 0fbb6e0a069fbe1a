//! Tokens: what both lexers produce (Rust source in the compiler, SQL text in [`crate::sql::lexer`])
//! and what the one parser of types and expressions reads.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

/// A half-open range of token indexes: where in the source a node stands.
///
/// Two places are always equal, so that trees compare by meaning.
#[derive(Clone, Copy, Debug, Default)]
pub struct At {
    /// Index of the first token.
    pub start: u32,
    /// Index after the last token.
    pub end: u32,
}

impl At {
    /// The range from the start of `self` to the end of `other`.
    pub fn to(self, other: At) -> At {
        At { start: self.start, end: other.end.max(self.start) }
    }
}

impl PartialEq for At {
    fn eq(&self, _: &At) -> bool {
        true
    }
}
impl Eq for At {}
impl Hash for At {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}
impl PartialOrd for At {
    fn partial_cmp(&self, other: &At) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for At {
    fn cmp(&self, _: &At) -> Ordering {
        Ordering::Equal
    }
}

/// The three pairs of brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bracket {
    /// `( )`
    Round,
    /// `[ ]`
    Square,
    /// `{ }`
    Curly,
}

/// One token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A keyword or a name. SQL text folds it to lower case; Rust source is taken as written.
    Word(String),
    /// A name in double quotes (SQL text only; in Rust source a quoted name is [`Token::Text`]).
    QuotedWord(String),
    /// A number as written, without a sign and without `_`.
    Number(String),
    /// The value of a string literal.
    Text(String),
    /// One character of punctuation; `joint` when another one follows without a space.
    Symbol {
        /// The character.
        symbol: char,
        /// Whether the next token is punctuation that touches this one.
        joint: bool,
    },
    /// An opening bracket.
    Open(Bracket),
    /// A closing bracket.
    Close(Bracket),
    /// A `///` comment (Rust source only), without its leading space.
    Documentation(String),
    /// The end of the input.
    End,
}

impl Token {
    /// What the reader of an error message sees for this token.
    pub fn describe(&self) -> String {
        match self {
            Token::Word(word) => format!("`{word}`"),
            Token::QuotedWord(word) => format!("`\"{word}\"`"),
            Token::Number(number) => format!("`{number}`"),
            Token::Text(text) => format!("`\"{text}\"`"),
            Token::Symbol { symbol, .. } => format!("`{symbol}`"),
            Token::Open(Bracket::Round) => "`(`".into(),
            Token::Open(Bracket::Square) => "`[`".into(),
            Token::Open(Bracket::Curly) => "`{`".into(),
            Token::Close(Bracket::Round) => "`)`".into(),
            Token::Close(Bracket::Square) => "`]`".into(),
            Token::Close(Bracket::Curly) => "`}`".into(),
            Token::Documentation(_) => "a doc comment".into(),
            Token::End => "the end".into(),
        }
    }
}

/// A syntax error: what stands in the way, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The headline: lower case, no full stop.
    pub message: String,
    /// What to write instead, where it is known.
    pub help: Option<String>,
    /// The place.
    pub at: At,
}

/// A reading position in a list of tokens.
#[derive(Clone, Debug)]
pub struct Cursor<'t> {
    tokens: &'t [Token],
    index: usize,
    /// Whether a text may be a name: in Rust source both are in double quotes.
    texts_are_names: bool,
    /// Tokens that are passed over as if they were not there.
    gap: (usize, usize),
}

impl<'t> Cursor<'t> {
    /// Starts at the first token.
    pub fn new(tokens: &'t [Token]) -> Self {
        Cursor { tokens, index: 0, texts_are_names: true, gap: (0, 0) }
    }

    /// Whether the tokens are those of Rust source, where a name needs no quotes to be told from a word of SQL.
    pub fn is_rust_source(&self) -> bool {
        self.texts_are_names
    }

    /// Starts at the first token of SQL text, where names and texts have quotes of their own.
    pub fn of_sql(tokens: &'t [Token]) -> Self {
        Cursor { tokens, index: 0, texts_are_names: false, gap: (0, 0) }
    }

    /// The same position where the input ends before the token `end`.
    pub fn until(&self, end: u32) -> Cursor<'t> {
        Cursor { tokens: self.tokens.get(..end as usize).unwrap_or(self.tokens), ..self.clone() }
    }

    /// The same position where the tokens from `start` to `end` are not there.
    pub fn without(&self, start: u32, end: u32) -> Cursor<'t> {
        let mut cursor = Cursor { gap: (start as usize, end as usize), ..self.clone() };
        cursor.pass_gap();
        cursor
    }

    fn pass_gap(&mut self) {
        if (self.gap.0..self.gap.1).contains(&self.index) {
            self.index = self.gap.1;
        }
    }

    /// Whether it is SQL text.
    pub fn is_sql(&self) -> bool {
        !self.texts_are_names
    }

    /// The name that the token `distance` tokens after the position is, where nothing but a name can stand.
    pub fn name_ahead(&self, distance: usize) -> Option<&'t str> {
        match self.look_ahead(distance) {
            Token::Word(name) | Token::QuotedWord(name) => Some(name),
            Token::Text(name) if self.texts_are_names => Some(name),
            _ => None,
        }
    }

    /// The token at the position.
    pub fn peek(&self) -> &'t Token {
        self.look_ahead(0)
    }

    /// The token `distance` tokens after the position.
    pub fn look_ahead(&self, distance: usize) -> &'t Token {
        let mut index = self.index + distance;
        if self.index < self.gap.0 && index >= self.gap.0 {
            index += self.gap.1 - self.gap.0;
        }
        self.tokens.get(index).unwrap_or(&Token::End)
    }

    /// Takes one token.
    #[expect(clippy::should_implement_trait, reason = "it never ends: behind the last token stands the end")]
    pub fn next(&mut self) -> &'t Token {
        let token = self.peek();
        if self.index < self.tokens.len() {
            self.index += 1;
            self.pass_gap();
        }
        token
    }

    /// Whether nothing is left.
    pub fn is_at_end(&self) -> bool {
        self.index >= self.tokens.len()
    }

    /// The index of the next token.
    pub fn index(&self) -> u32 {
        self.index as u32
    }

    /// Goes (back) to an index that [`Cursor::index`] gave.
    pub fn go_to(&mut self, index: u32) {
        self.index = index as usize;
    }

    /// The place of the next token.
    pub fn at(&self) -> At {
        At { start: self.index(), end: self.index() + 1 }
    }

    /// The place from `start` up to what was read last.
    pub fn since(&self, start: u32) -> At {
        At { start, end: self.index().max(start + 1) }
    }

    /// Whether the next token is this word. Keywords are compared without regard to case.
    pub fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word(found) if found.eq_ignore_ascii_case(word))
    }

    /// Whether the next tokens are these words.
    pub fn is_words(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(
            |(distance, word)| matches!(self.look_ahead(distance), Token::Word(found) if found.eq_ignore_ascii_case(word)),
        )
    }

    /// Takes the word if it is next.
    pub fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.next();
        }
        found
    }

    /// Takes the words if they are next, all or none.
    pub fn take_words(&mut self, words: &[&str]) -> bool {
        let found = self.is_words(words);
        if found {
            for _ in words {
                self.next();
            }
        }
        found
    }

    /// Whether the next token is this character.
    pub fn is_symbol(&self, character: char) -> bool {
        matches!(self.peek(), Token::Symbol { symbol, .. } if *symbol == character)
    }

    /// Takes the character if it is next.
    pub fn take_symbol(&mut self, character: char) -> bool {
        let found = self.is_symbol(character);
        if found {
            self.next();
        }
        found
    }

    /// Whether the next token opens this bracket.
    pub fn is_open(&self, bracket: Bracket) -> bool {
        *self.peek() == Token::Open(bracket)
    }

    /// Takes the word if it is next, and an opening bracket stands behind it.
    pub fn take_word_before(&mut self, word: &str, bracket: Bracket) -> bool {
        let found = self.is_word(word) && *self.look_ahead(1) == Token::Open(bracket);
        if found {
            self.next();
        }
        found
    }

    /// Takes the opening bracket if it is next.
    pub fn take_open(&mut self, bracket: Bracket) -> bool {
        let found = self.is_open(bracket);
        if found {
            self.next();
        }
        found
    }

    /// Whether the next token closes this bracket.
    pub fn is_close(&self, bracket: Bracket) -> bool {
        *self.peek() == Token::Close(bracket)
    }

    /// Takes the closing bracket if it is next.
    pub fn take_close(&mut self, bracket: Bracket) -> bool {
        let found = self.is_close(bracket);
        if found {
            self.next();
        }
        found
    }

    /// All that may be names from `start` up to what was read last.
    pub fn names_since(&self, start: u32) -> Vec<String> {
        let read = self.tokens.get(start as usize..self.index).unwrap_or_default();
        let name = |token: &Token| match token {
            Token::Word(name) | Token::QuotedWord(name) | Token::Text(name) => Some(name.clone()),
            _ => None,
        };
        read.iter().filter_map(name).collect()
    }

    /// A syntax error at the next token: `expected WHAT, found TOKEN`.
    pub fn expected(&self, what: &str) -> SyntaxError {
        SyntaxError { message: format!("expected {what}, found {}", self.peek().describe()), help: None, at: self.at() }
    }
}
