//! `jsonpath` (manual, 9.16.2; `jsonpath_scan.l`, `jsonpath_gram.y`). What is written as it should be is printed by the server.

use super::moment::is_blank;
use super::{Failure, Outcome};

/// The methods of all versions (manual, 9.16.2.3).
const METHODS: [&str; 19] = [
    "abs",
    "bigint",
    "boolean",
    "ceiling",
    "date",
    "datetime",
    "decimal",
    "double",
    "floor",
    "integer",
    "keyvalue",
    "number",
    "size",
    "string",
    "time",
    "time_tz",
    "timestamp",
    "timestamp_tz",
    "type",
];

/// Reads a `jsonpath`.
pub(super) fn path(text: &str) -> Outcome {
    let tokens = lex(text)?;
    let mut parser = Parser { tokens: &tokens, index: 0, filters: 0, subscripts: 0 };
    let _ = parser.take_word("strict") || parser.take_word("lax");
    parser.either()?;
    if parser.index < tokens.len() {
        return Err(Failure::Syntax);
    }
    Err(Failure::Undecided)
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// A character, or several that belong together.
    Symbol(&'static str),
    /// A bare word: a key, or a word of the grammar in small letters.
    Word(String),
    /// What is between the quotes.
    Text(String),
    Number,
    /// `$name`
    Variable,
}

const SYMBOLS: [&str; 31] = [
    "&&", "||", "**", "<=", "==", "<>", "!=", ">=", "?", "%", "$", ".", "[", "]", "{", "}", "(", ")", "!", "<", ">",
    "@", "#", ",", "*", ":", "-", "+", "/", "=", "|",
];

fn is_special(character: char) -> bool {
    "?%$.[]{}()|&!=<>@#,*:-+/".contains(character)
}

fn is_other(character: char) -> bool {
    !is_special(character) && character != '"' && character != '\\' && !u8::try_from(character).is_ok_and(is_blank)
}

fn lex(text: &str) -> Result<Vec<Token>, Failure> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|character: char| u8::try_from(character).is_ok_and(is_blank));
        let Some(first) = rest.chars().next() else { return Ok(tokens) };
        if let Some(comment) = rest.strip_prefix("/*") {
            rest = &comment[comment.find("*/").ok_or(Failure::Syntax)? + 2..];
        } else if first == '"' {
            let behind = quoted(rest)?;
            tokens.push(Token::Text(rest[1..rest.len() - behind.len() - 1].to_owned()));
            rest = behind;
        } else if let Some(name) =
            rest.strip_prefix('$').filter(|name| name.starts_with(|next| is_other(next) || next == '"'))
        {
            rest = match name.starts_with('"') {
                true => quoted(name)?,
                false => name.trim_start_matches(is_other),
            };
            tokens.push(Token::Variable);
        } else if first.is_ascii_digit() || first == '.' && rest[1..].starts_with(|next: char| next.is_ascii_digit()) {
            rest = number(rest)?;
            tokens.push(Token::Number);
        } else if first == '\\' {
            return Err(Failure::Undecided);
        } else if is_special(first) {
            let symbol = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)).ok_or(Failure::Syntax)?;
            rest = &rest[symbol.len()..];
            tokens.push(Token::Symbol(symbol));
        } else {
            let length = rest.find(|character| !is_other(character)).unwrap_or(rest.len());
            // A comment swallows the word before it.
            if rest[length..].starts_with('\\') || rest[length..].starts_with("/*") {
                return Err(Failure::Undecided);
            }
            tokens.push(Token::Word(rest[..length].to_lowercase()));
            rest = &rest[length..];
        }
    }
}

/// Whether a pattern is no regular expression whatever its flavour: a bracket without its other one, or nothing to repeat. One
/// with an escape is not looked at.
fn is_broken_pattern(pattern: &str) -> bool {
    if pattern.contains('\\') {
        return false;
    }
    let (mut depth, mut is_class, mut before) = (0_i32, false, None);
    for character in pattern.chars() {
        match character {
            ']' if is_class && !matches!(before, Some('[' | '^')) => is_class = false,
            _ if is_class => {}
            '[' => is_class = true,
            '(' => depth += 1,
            ')' if depth == 0 => return true,
            ')' => depth -= 1,
            '+' | '?' if matches!(before, None | Some('|')) => return true,
            _ => {}
        }
        before = Some(character);
    }
    depth != 0 || is_class
}

/// Passes over a text in double quotes.
fn quoted(text: &str) -> Result<&str, Failure> {
    let mut is_escaped = false;
    for (index, character) in text.char_indices().skip(1) {
        match character {
            _ if is_escaped => {
                if matches!(character, 'u' | 'x') {
                    return Err(Failure::Undecided);
                }
                is_escaped = false;
            }
            '\\' => is_escaped = true,
            '"' => return Ok(&text[index + 1..]),
            _ => {}
        }
    }
    Err(Failure::Syntax)
}

/// Passes over a number. What is a number for newer versions only is left to the server.
fn number(text: &str) -> Result<&str, Failure> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(text);
    if whole > 1 && text.starts_with('0') || text[whole..].starts_with(['_', 'x', 'X', 'o', 'O', 'b', 'B']) {
        return Err(Failure::Undecided);
    }
    let mut rest = &text[whole..];
    // `1.type()` is a number with a dot at its end.
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = &fraction[digits(fraction)..];
        // Older versions leave the dot of `1.*` to what follows it.
        if rest.len() == fraction.len() && rest.starts_with('*') {
            return Err(Failure::Undecided);
        }
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let length = digits(exponent);
        if length == 0 {
            return Err(Failure::Undecided);
        }
        rest = &exponent[length..];
    }
    // Older versions read a word behind a number as one of its own.
    if rest.starts_with(is_other) { Err(Failure::Undecided) } else { Ok(rest) }
}

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Value,
    Predicate,
}

struct Parser<'t> {
    tokens: &'t [Token],
    index: usize,
    /// How many filters are around: `@` stands in them only.
    filters: usize,
    /// How many subscripts are around: `last` stands in them only.
    subscripts: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.index)
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Some(Token::Symbol(found)) if *found == symbol)
    }

    fn take_symbol(&mut self, symbol: &str) -> bool {
        let is_there = self.is_symbol(symbol);
        self.index += usize::from(is_there);
        is_there
    }

    fn expect(&mut self, symbol: &str) -> Result<(), Failure> {
        if self.take_symbol(symbol) { Ok(()) } else { Err(Failure::Syntax) }
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is_there = matches!(self.peek(), Some(Token::Word(found)) if found == word);
        self.index += usize::from(is_there);
        is_there
    }

    fn predicate(&mut self) -> Result<(), Failure> {
        if self.either()? == Found::Predicate { Ok(()) } else { Err(Failure::Syntax) }
    }

    fn value(&mut self) -> Result<(), Failure> {
        if self.sum()? == Found::Value { Ok(()) } else { Err(Failure::Syntax) }
    }

    /// `a || b`, or what binds tighter.
    fn either(&mut self) -> Result<Found, Failure> {
        let mut found = self.both()?;
        while self.take_symbol("||") {
            if found != Found::Predicate || self.both()? != Found::Predicate {
                return Err(Failure::Syntax);
            }
            found = Found::Predicate;
        }
        Ok(found)
    }

    fn both(&mut self) -> Result<Found, Failure> {
        let found = self.comparison()?;
        while self.take_symbol("&&") {
            if found != Found::Predicate || self.comparison()? != Found::Predicate {
                return Err(Failure::Syntax);
            }
        }
        Ok(found)
    }

    fn comparison(&mut self) -> Result<Found, Failure> {
        if self.take_symbol("!") {
            if self.take_word("exists") {
                self.in_brackets()?;
            } else {
                self.expect("(")?;
                self.predicate()?;
                self.expect(")")?;
            }
            return Ok(Found::Predicate);
        }
        if matches!(self.tokens.get(self.index + 1), Some(Token::Symbol("("))) && self.take_word("exists") {
            self.in_brackets()?;
            return Ok(Found::Predicate);
        }
        let found = self.sum()?;
        if found == Found::Predicate {
            return Ok(found);
        }
        if ["==", "<>", "!=", "<=", ">=", "<", ">"].into_iter().any(|symbol| self.take_symbol(symbol)) {
            self.value()?;
            return Ok(Found::Predicate);
        }
        if self.take_word("starts") {
            let is_good = self.take_word("with") && matches!(self.peek(), Some(Token::Text(_) | Token::Variable));
            self.index += 1;
            return if is_good { Ok(Found::Predicate) } else { Err(Failure::Syntax) };
        }
        if self.take_word("like_regex") {
            let pattern = self.text()?;
            let flags = if self.take_word("flag") { self.text()? } else { String::new() };
            // `x` is a flag of XQuery that PostgreSQL does not have.
            if flags.chars().any(|flag| !"ismq".contains(flag)) || !flags.contains('q') && is_broken_pattern(&pattern) {
                return Err(Failure::Syntax);
            }
            return Ok(Found::Predicate);
        }
        Ok(Found::Value)
    }

    /// A text in quotes, as it is written.
    fn text(&mut self) -> Result<String, Failure> {
        let Some(Token::Text(text)) = self.peek().cloned() else { return Err(Failure::Syntax) };
        self.index += 1;
        Ok(text)
    }

    fn in_brackets(&mut self) -> Result<(), Failure> {
        self.expect("(")?;
        self.value()?;
        self.expect(")")
    }

    fn sum(&mut self) -> Result<Found, Failure> {
        let found = self.signed()?;
        while ["+", "-", "*", "/", "%"].into_iter().any(|symbol| self.take_symbol(symbol)) {
            if found != Found::Value || self.signed()? != Found::Value {
                return Err(Failure::Syntax);
            }
        }
        Ok(found)
    }

    fn signed(&mut self) -> Result<Found, Failure> {
        if self.take_symbol("+") || self.take_symbol("-") {
            return if self.signed()? == Found::Value { Ok(Found::Value) } else { Err(Failure::Syntax) };
        }
        let mut found = self.primary()?;
        while self.accessor()? {
            found = Found::Value;
        }
        Ok(found)
    }

    fn primary(&mut self) -> Result<Found, Failure> {
        let token = self.peek().cloned().ok_or(Failure::Syntax)?;
        self.index += 1;
        match token {
            Token::Text(_) | Token::Number | Token::Variable | Token::Symbol("$") => Ok(Found::Value),
            Token::Symbol("@") if self.filters > 0 => Ok(Found::Value),
            Token::Word(word) => match word.as_str() {
                "null" | "true" | "false" => Ok(Found::Value),
                "last" if self.subscripts > 0 => Ok(Found::Value),
                _ => Err(Failure::Syntax),
            },
            Token::Symbol("(") => {
                let found = self.either()?;
                self.expect(")")?;
                if found == Found::Predicate && self.take_word("is") && !self.take_word("unknown") {
                    return Err(Failure::Syntax);
                }
                Ok(found)
            }
            Token::Symbol(_) => Err(Failure::Syntax),
        }
    }

    /// `.key`, `[...]`, `?(...)`, if one stands here.
    fn accessor(&mut self) -> Result<bool, Failure> {
        if self.take_symbol("?") {
            self.expect("(")?;
            self.filters += 1;
            self.predicate()?;
            self.filters -= 1;
            self.expect(")")?;
            return Ok(true);
        }
        if self.take_symbol("[") {
            if !self.take_symbol("*") {
                self.subscripts += 1;
                loop {
                    self.value()?;
                    if self.take_word("to") {
                        self.value()?;
                    }
                    if !self.take_symbol(",") {
                        break;
                    }
                }
                self.subscripts -= 1;
            }
            self.expect("]")?;
            return Ok(true);
        }
        if !self.take_symbol(".") {
            return Ok(false);
        }
        if self.take_symbol("*") {
            return Ok(true);
        }
        if self.take_symbol("**") {
            if self.take_symbol("{") {
                self.level()?;
                if self.take_word("to") {
                    self.level()?;
                }
                self.expect("}")?;
            }
            return Ok(true);
        }
        let word = match self.peek() {
            Some(Token::Word(word)) => Some(word.clone()),
            Some(Token::Text(_)) => None,
            _ => return Err(Failure::Syntax),
        };
        self.index += 1;
        if let Some(word) = word
            && self.take_symbol("(")
        {
            if !METHODS.contains(&word.as_str()) {
                return Err(Failure::Syntax);
            }
            if !self.take_symbol(")") {
                // Newer versions have methods with arguments.
                return Err(Failure::Undecided);
            }
        }
        Ok(true)
    }

    fn level(&mut self) -> Result<(), Failure> {
        let is_number = self.peek() == Some(&Token::Number);
        self.index += usize::from(is_number);
        if is_number || self.take_word("last") { Ok(()) } else { Err(Failure::Syntax) }
    }
}
