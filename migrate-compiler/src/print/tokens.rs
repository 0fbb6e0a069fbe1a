//! SQL text as tokens of Rust: the same words and operators, with names and texts in the quotes that Rust has.

use migrate_core::sql::{keywords, lex};
use migrate_core::token::{Bracket, Token};
use migrate_core::types::Type;

use super::words::{is_identifier, is_word, text as text_of};

/// How names are written that would be taken for texts or for words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Odd {
    /// `."unit price"`, unless they stand where nothing but a name can, as behind `from`.
    Dotted,
    /// The same, but `from` is taken for that of `extract(year from .x)` and `is distinct from .x`.
    DottedBehindFrom,
    /// `"unit price"`
    Quoted,
}

/// Words that a round bracket follows without being called.
const NOT_CALLED: [&str; 34] = [
    "all",
    "and",
    "any",
    "as",
    "between",
    "by",
    "case",
    "else",
    "except",
    "exists",
    "filter",
    "from",
    "group",
    "having",
    "in",
    "intersect",
    "into",
    "is",
    "join",
    "like",
    "not",
    "on",
    "or",
    "over",
    "returning",
    "select",
    "set",
    "some",
    "then",
    "union",
    "using",
    "values",
    "when",
    "where",
];

/// Words that a name follows, which may be any text.
const BEFORE_NAMES: [&str; 11] =
    ["as", "collate", "from", "into", "join", "materialized", "only", "operator", "recursive", "table", "update"];

impl Odd {
    /// What is tried, in this order.
    pub(super) const ALL: [Odd; 3] = [Odd::Dotted, Odd::DottedBehindFrom, Odd::Quoted];
}

/// The tokens; `None` where the text is not SQL.
pub(super) fn rust_tokens(sql: &str, odd: Odd) -> Option<String> {
    let tokens = lex(sql).ok()?;
    let mut text = String::with_capacity(sql.len() + 16);
    let mut targets = Targets::default();
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        if is_public_type(&tokens, index) {
            index += 2;
            continue;
        }
        let before = index.checked_sub(1).and_then(|before| tokens.get(before));
        // What was left out is not what stands before it.
        let after = tokens.get(index + 1);
        let is_target = targets.pass(token, before, after);
        let written = match token {
            Token::QuotedWord(name) if is_target && (!is_identifier(name) || is_word(name)) => text_of(name),
            token => written(token, before, after, odd)?,
        };
        if before.is_some_and(|before| is_apart(before, token)) {
            text.push(' ');
        }
        text.push_str(&written);
        index += 1;
    }
    Some(text)
}

/// Where columns are named that get a value: nothing but a name can stand there.
#[derive(Default)]
struct Targets {
    /// How many brackets are open.
    depth: usize,
    /// Behind `insert into`, before its columns.
    is_before_columns: bool,
    /// The depth of the columns of an `insert`.
    columns: Option<usize>,
    /// The depth of the assignments behind `set`.
    assignments: Option<usize>,
}

impl Targets {
    /// Goes on by a token. Whether it is one of these names.
    fn pass(&mut self, token: &Token, before: Option<&Token>, after: Option<&Token>) -> bool {
        let is_word = |token: Option<&Token>, word: &str| token == Some(&Token::Word(word.to_owned()));
        match token {
            Token::Open(_) => {
                self.depth += 1;
                if std::mem::take(&mut self.is_before_columns) {
                    self.columns = Some(self.depth);
                }
            }
            Token::Close(_) => {
                self.depth = self.depth.saturating_sub(1);
                self.columns.take_if(|depth| *depth > self.depth);
                self.assignments.take_if(|depth| *depth > self.depth);
            }
            Token::Word(word) => match word.as_str() {
                "into" if is_word(before, "insert") => self.is_before_columns = true,
                "select" | "values" | "default" | "overriding" | "with" => self.is_before_columns = false,
                "set" => self.assignments = Some(self.depth),
                "from" | "where" | "returning" => {
                    self.assignments.take_if(|depth| *depth == self.depth);
                }
                _ => {}
            },
            Token::QuotedWord(_) => {
                let begins = is_word(before, "set") || before.is_some_and(|token| is_symbol(token, ','));
                let is_assigned = after.is_some_and(|token| is_symbol(token, '='));
                return self.columns == Some(self.depth)
                    || self.assignments == Some(self.depth) && begins && is_assigned;
            }
            _ => {}
        }
        false
    }
}

/// Whether `public.` stands here before the name of a type that means the same without it.
fn is_public_type(tokens: &[Token], index: usize) -> bool {
    let is_cast = index >= 2 && tokens[index - 2..index].iter().all(|token| is_symbol(token, ':'));
    let is_public = tokens.get(index) == Some(&Token::Word("public".into()))
        && tokens.get(index + 1).is_some_and(|token| is_symbol(token, '.'));
    let Some(Token::Word(name)) = tokens.get(index + 2) else { return false };
    is_cast && is_public && !is_word(name) && name.parse::<Type>().is_ok_and(|found| found.as_named().is_some())
}

fn is_symbol(token: &Token, wanted: char) -> bool {
    matches!(token, Token::Symbol { symbol, .. } if *symbol == wanted)
}

fn written(token: &Token, before: Option<&Token>, after: Option<&Token>, odd: Odd) -> Option<String> {
    Some(match token {
        Token::Word(word) => word.clone(),
        Token::QuotedWord(name) => quoted_name(name, before, after, odd),
        Token::Number(number) => number.clone(),
        Token::Text(value) => text_of(value),
        Token::Symbol { symbol, .. } => symbol.to_string(),
        Token::Open(bracket) => match bracket {
            Bracket::Round => "(",
            Bracket::Square => "[",
            Bracket::Curly => "{",
        }
        .to_owned(),
        Token::Close(bracket) => match bracket {
            Bracket::Round => ")",
            Bracket::Square => "]",
            Bracket::Curly => "}",
        }
        .to_owned(),
        Token::Documentation(_) | Token::End => return None,
    })
}

fn quoted_name(name: &str, before: Option<&Token>, after: Option<&Token>, odd: Odd) -> String {
    let is_dot = |token: Option<&Token>| token.is_some_and(|token| is_symbol(token, '.'));
    // PostgreSQL's own types in quotes, such as "char", are others than without.
    let is_type = before.is_some_and(|token| is_symbol(token, ':'));
    let is_called = after == Some(&Token::Open(Bracket::Round));
    let has_capitals = name.bytes().any(|byte| byte.is_ascii_uppercase());
    if is_dot(before) {
        return if is_identifier(name) && !is_called { name.to_owned() } else { text_of(name) };
    }
    let word_before = match before {
        Some(Token::Word(word)) => word.as_str(),
        _ => "",
    };
    if word_before == "collate" {
        return text_of(name);
    }
    let is_of_value = odd == Odd::DottedBehindFrom && word_before == "from";
    let is_behind_word = BEFORE_NAMES.contains(&word_before) && !is_of_value;
    let is_other = is_called && has_capitals || is_type && !has_capitals;
    if is_identifier(name) && !is_word(name) && !is_other {
        return name.to_owned();
    }
    if is_type || is_dot(after) || is_behind_word || odd == Odd::Quoted {
        return text_of(name);
    }
    let dotted = if is_identifier(name) { format!(".{name}") } else { format!(".{}", text_of(name)) };
    // `case.x` would be a column of `case`.
    if word_before == "case" && !is_called { format!("({dotted})") } else { dotted }
}

/// Whether a space stands between two tokens.
fn is_apart(before: &Token, token: &Token) -> bool {
    let is_operator =
        |one: &Token| matches!(one, Token::Symbol { symbol, .. } if !matches!(symbol, '.' | ',' | ':' | '$' | ';'));
    match (before, token) {
        (Token::Open(_), _) | (_, Token::Close(_)) => false,
        (Token::Symbol { joint: true, .. }, Token::Symbol { .. }) => false,
        (Token::Symbol { symbol: '.' | '$', .. }, _) => false,
        (_, Token::Symbol { symbol: '.' | ',' | ';', .. }) => false,
        (_, Token::Symbol { symbol: ':', .. }) | (Token::Symbol { symbol: ':', .. }, _) => false,
        (Token::Word(word), Token::Open(Bracket::Round)) => {
            NOT_CALLED.contains(&word.as_str()) || keywords::category(word) == Some(keywords::KeywordCategory::Reserved)
        }
        (Token::QuotedWord(_), Token::Open(Bracket::Round)) => false,
        (Token::Word(_) | Token::QuotedWord(_) | Token::Close(_), Token::Open(Bracket::Square)) => false,
        _ => !is_operator(before) || !is_operator(token) || !matches!(before, Token::Symbol { joint: true, .. }),
    }
}
