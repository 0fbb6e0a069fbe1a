//! `tsvector` and `tsquery` (`tsvector_parser.c`, `tsvector.c`, `tsquery.c`).

use crate::sorted::SortedMap;

use super::{Failure, Outcome};

/// The last position that is kept apart.
const LAST_POSITION: u32 = 16_383;
/// The longest word, in bytes.
const LONGEST_WORD: usize = 2_046;
/// How many positions a word keeps.
const MOST_POSITIONS: usize = 255;

/// Reads a `tsvector`: words with their positions and weights.
pub(super) fn vector(text: &str) -> Outcome {
    let mut reader = Reader::new(text)?;
    let mut words: SortedMap<Vec<u8>, SortedMap<u32, u8>> = SortedMap::new();
    while let Some((word, positions)) = reader.word(false)? {
        if word.len() > LONGEST_WORD {
            return Err(Failure::Undecided);
        }
        let known = words.entry(word.into_bytes()).or_default();
        for (position, weight) in positions {
            let kept = known.entry(position).or_default();
            *kept = weight.max(*kept);
        }
    }
    let mut printed: Vec<String> = Vec::new();
    for (word, positions) in words {
        if positions.len() > MOST_POSITIONS {
            return Err(Failure::Undecided);
        }
        let word = String::from_utf8(word).map_err(|_| Failure::Undecided)?;
        let mut one = quoted(&word);
        for (index, (position, weight)) in positions.iter().enumerate() {
            one.push(if index == 0 { ':' } else { ',' });
            one.push_str(&position.to_string());
            one.push_str(["", "C", "B", "A"].get(usize::from(*weight)).copied().unwrap_or_default());
        }
        printed.push(one);
    }
    Ok(printed.join(" "))
}

/// Reads a `tsquery`: words with `&`, `|`, `!`, `<->` and parentheses.
pub(super) fn query(text: &str) -> Outcome {
    let mut reader = Reader::new(text)?;
    reader.skip_blanks();
    if reader.peek().is_none() {
        return Ok(String::new());
    }
    let node = reader.alternatives(0)?;
    reader.skip_blanks();
    match reader.peek() {
        None => Ok(node.printed(0, false)),
        Some(_) => Err(Failure::Syntax),
    }
}

fn quoted(word: &str) -> String {
    let mut printed = String::from("'");
    for character in word.chars() {
        if matches!(character, '\'' | '\\') {
            printed.push(character);
        }
        printed.push(character);
    }
    printed.push('\'');
    printed
}

/// A part of a `tsquery`.
enum Node {
    Word { word: String, is_prefix: bool, weights: u8 },
    Not(Box<Node>),
    Both { symbol: char, distance: u32, left: Box<Node>, right: Box<Node> },
}

impl Node {
    fn priority(&self) -> u8 {
        match self {
            Node::Word { .. } => 9,
            Node::Not(_) => 4,
            Node::Both { symbol: '<', .. } => 3,
            Node::Both { symbol: '&', .. } => 2,
            Node::Both { .. } => 1,
        }
    }

    fn printed(&self, around: u8, is_right_of_phrase: bool) -> String {
        let inner = match self {
            Node::Word { word, is_prefix, weights } => {
                let mut printed = quoted(word);
                if *is_prefix || *weights > 0 {
                    printed.push(':');
                    printed.push_str(if *is_prefix { "*" } else { "" });
                    for (bit, letter) in [(8, 'A'), (4, 'B'), (2, 'C'), (1, 'D')] {
                        if weights & bit > 0 {
                            printed.push(letter);
                        }
                    }
                }
                return printed;
            }
            Node::Not(operand) => format!("!{}", operand.printed(4, false)),
            Node::Both { symbol, distance, left, right } => {
                let priority = self.priority();
                let operator = match (symbol, distance) {
                    ('<', 1) => "<->".to_owned(),
                    ('<', distance) => format!("<{distance}>"),
                    (symbol, _) => symbol.to_string(),
                };
                let right = right.printed(priority, *symbol == '<');
                format!("{} {operator} {right}", left.printed(priority, false))
            }
        };
        let is_phrase = matches!(self, Node::Both { symbol: '<', .. });
        if self.priority() < around || (is_phrase && is_right_of_phrase) { format!("( {inner} )") } else { inner }
    }
}

struct Reader {
    characters: Vec<char>,
    index: usize,
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r')
}

/// What ends a word of a `tsquery`.
fn is_operator(character: char) -> bool {
    matches!(character, '!' | '&' | '|' | '(' | ')' | '<')
}

/// A word with its positions and their weights.
type Word = (String, Vec<(u32, u8)>);

impl Reader {
    fn new(text: &str) -> Result<Self, Failure> {
        // Blanks and digits beyond ASCII depend on the locale.
        if text.chars().any(|character| !character.is_ascii() && (character.is_whitespace() || character.is_numeric()))
        {
            return Err(Failure::Undecided);
        }
        Ok(Reader { characters: text.chars().collect(), index: 0 })
    }

    fn peek(&self) -> Option<char> {
        self.characters.get(self.index).copied()
    }

    fn next(&mut self) -> Option<char> {
        let found = self.peek();
        self.index += usize::from(found.is_some());
        found
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(is_blank) {
            self.index += 1;
        }
    }

    /// The next word; `None` at the end.
    fn word(&mut self, is_query: bool) -> Result<Option<Word>, Failure> {
        self.skip_blanks();
        let Some(first) = self.peek() else { return Ok(None) };
        if is_query && is_operator(first) {
            return Err(Failure::Syntax);
        }
        let mut word = String::new();
        let is_quoted = first == '\'';
        if is_quoted {
            self.index += 1;
            loop {
                match self.next() {
                    None => return Err(Failure::Syntax),
                    Some('\\') => word.push(self.next().ok_or(Failure::Syntax)?),
                    Some('\'') if self.peek() == Some('\'') => {
                        self.index += 1;
                        word.push('\'');
                    }
                    Some('\'') => break,
                    Some(character) => word.push(character),
                }
            }
        } else {
            let mut is_first = true;
            while let Some(character) = self.peek() {
                if character == '\\' {
                    self.index += 1;
                    word.push(self.next().ok_or(Failure::Syntax)?);
                } else if is_blank(character) || is_query && is_operator(character) || character == ':' && !is_first {
                    break;
                } else {
                    self.index += 1;
                    word.push(character);
                }
                is_first = false;
            }
        }
        if word.is_empty() {
            return Err(Failure::Syntax);
        }
        if is_query || self.peek() != Some(':') {
            return Ok(Some((word, Vec::new())));
        }
        self.index += 1;
        let mut positions = Vec::new();
        loop {
            let start = self.index;
            while self.peek().is_some_and(|character| character.is_ascii_digit()) {
                self.index += 1;
            }
            let digits: String = self.characters.get(start..self.index).unwrap_or_default().iter().collect();
            if digits.is_empty() {
                return Err(Failure::Syntax);
            }
            let Ok(position) = digits.parse::<i32>() else { return Err(Failure::Undecided) };
            if position == 0 {
                return Err(Failure::Syntax);
            }
            let mut weight = 0;
            loop {
                let found = match self.peek() {
                    Some('a' | 'A' | '*') => 3,
                    Some('b' | 'B') => 2,
                    Some('c' | 'C') => 1,
                    Some('d' | 'D') => 0,
                    _ => break,
                };
                if weight > 0 {
                    return Err(Failure::Syntax);
                }
                weight = found;
                self.index += 1;
                // Digits behind the letter say nothing.
                while self.peek().is_some_and(|character| character.is_ascii_digit()) {
                    self.index += 1;
                }
            }
            positions.push((u32::try_from(position).unwrap_or(1).min(LAST_POSITION), weight));
            match self.peek() {
                Some(',') => self.index += 1,
                None => break,
                Some(character) if is_blank(character) => break,
                Some(_) => return Err(Failure::Syntax),
            }
        }
        Ok(Some((word, positions)))
    }

    fn alternatives(&mut self, depth: usize) -> Result<Node, Failure> {
        self.chain('|', depth, Self::all)
    }

    fn all(&mut self, depth: usize) -> Result<Node, Failure> {
        self.chain('&', depth, Self::phrase)
    }

    fn chain(
        &mut self,
        symbol: char,
        depth: usize,
        part: fn(&mut Self, usize) -> Result<Node, Failure>,
    ) -> Result<Node, Failure> {
        let mut left = part(self, depth)?;
        loop {
            self.skip_blanks();
            if self.peek() != Some(symbol) {
                return Ok(left);
            }
            self.index += 1;
            let right = part(self, depth)?;
            left = Node::Both { symbol, distance: 1, left: Box::new(left), right: Box::new(right) };
        }
    }

    fn phrase(&mut self, depth: usize) -> Result<Node, Failure> {
        let mut left = self.negated(depth)?;
        loop {
            self.skip_blanks();
            if self.peek() != Some('<') {
                return Ok(left);
            }
            self.index += 1;
            let distance = if self.peek() == Some('-') {
                self.index += 1;
                1
            } else {
                let start = self.index;
                while self.peek().is_some_and(|character| character.is_ascii_digit()) {
                    self.index += 1;
                }
                let digits: String = self.characters.get(start..self.index).unwrap_or_default().iter().collect();
                if digits.is_empty() {
                    return Err(Failure::Syntax);
                }
                match digits.parse::<u32>() {
                    Ok(distance) if distance <= LAST_POSITION + 1 => distance,
                    _ => return Err(Failure::Undecided),
                }
            };
            if self.next() != Some('>') {
                return Err(Failure::Syntax);
            }
            let right = self.negated(depth)?;
            left = Node::Both { symbol: '<', distance, left: Box::new(left), right: Box::new(right) };
        }
    }

    fn negated(&mut self, depth: usize) -> Result<Node, Failure> {
        if depth > 100 {
            return Err(Failure::Undecided);
        }
        self.skip_blanks();
        match self.peek() {
            Some('!') => {
                self.index += 1;
                Ok(Node::Not(Box::new(self.negated(depth + 1)?)))
            }
            Some('(') => {
                self.index += 1;
                let inner = self.alternatives(depth + 1)?;
                self.skip_blanks();
                match self.next() {
                    Some(')') => Ok(inner),
                    _ => Err(Failure::Syntax),
                }
            }
            Some(':') | None => Err(Failure::Syntax),
            Some(_) => {
                let Some((word, _)) = self.word(true)? else { return Err(Failure::Syntax) };
                if word.len() > LONGEST_WORD {
                    return Err(Failure::Undecided);
                }
                let (mut is_prefix, mut weights) = (false, 0);
                if self.peek() == Some(':') {
                    self.index += 1;
                    loop {
                        match self.peek() {
                            Some('*') => is_prefix = true,
                            Some('a' | 'A') => weights |= 8,
                            Some('b' | 'B') => weights |= 4,
                            Some('c' | 'C') => weights |= 2,
                            Some('d' | 'D') => weights |= 1,
                            _ => break,
                        }
                        self.index += 1;
                    }
                }
                Ok(Node::Word { word, is_prefix, weights })
            }
        }
    }
}
