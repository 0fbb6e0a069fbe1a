//! In which order definitions are checked: each behind those whose names are among its words. It is a guess, since a word
//! may be anything; what it gets wrong is tried again.

use migrate_core::sorted::{SortedMap, SortedSet};
use migrate_core::token::{At, Cursor, Token};

use crate::check::words_of;
use crate::ops::Statement;

/// The indexes of the statements in that order.
pub(super) fn by_needs(statements: &[Statement], tokens: &[Token]) -> Vec<usize> {
    let mut makers: SortedMap<&str, Vec<usize>> = SortedMap::new();
    for (index, statement) in statements.iter().enumerate() {
        if let Some(name) = name_of(statement, tokens) {
            makers.entry(name).or_default().push(index);
        }
    }
    let needs = |(index, statement): (usize, &Statement)| {
        let words = words_in(statement, tokens);
        let needed = words.iter().filter_map(|word| makers.get(word.as_str())).flatten().copied();
        needed.filter(|needed| *needed != index).collect::<SortedSet<usize>>()
    };
    let needs = statements.iter().enumerate().map(needs).collect();
    let mut visit = Visit { needs, seen: SortedSet::new(), order: Vec::new() };
    let mut roots: Vec<usize> = (0..statements.len()).collect();
    roots.sort_by_key(|index| statements.get(*index).map(rank));
    for root in roots {
        visit.visit(root);
    }
    visit.order
}

struct Visit {
    needs: Vec<SortedSet<usize>>,
    seen: SortedSet<usize>,
    order: Vec<usize>,
}

impl Visit {
    /// Without recursion: a chain of views may be long.
    fn visit(&mut self, root: usize) {
        let mut open: Vec<(usize, Vec<usize>)> = Vec::new();
        self.enter(root, &mut open);
        while let Some((index, needed)) = open.last_mut() {
            match needed.pop() {
                Some(next) => self.enter(next, &mut open),
                None => {
                    self.order.push(*index);
                    open.pop();
                }
            }
        }
    }

    fn enter(&mut self, index: usize, open: &mut Vec<(usize, Vec<usize>)>) {
        if self.seen.insert(index) {
            let needed = self.needs.get(index).map(|needed| needed.iter().rev().copied().collect());
            open.push((index, needed.unwrap_or_default()));
        }
    }
}

/// What comes first where names do not decide.
fn rank(statement: &Statement) -> u32 {
    match statement.words {
        // What could not be parsed may have made anything.
        [] | ["create", "schema", ..] => 0,
        ["create", "extension", ..] => 1,
        ["create", "enum" | "domain" | "type" | "collation", ..] => 2,
        ["create", .., "index"] => 4,
        ["create", "trigger" | "constraint" | "policy" | "rule" | "statistics" | "publication", ..] => 5,
        ["create", ..] => 3,
        ["alter", ..] => 6,
        _ => 7,
    }
}

/// The name of what a statement makes, where others may use it.
fn name_of<'t>(statement: &Statement, tokens: &'t [Token]) -> Option<&'t str> {
    let kind = statement.words.last()?;
    let is_used = statement.words.first() == Some(&"create")
        && !["index", "trigger", "policy", "rule", "cast", "statistics", "publication"].contains(kind);
    let mut cursor = Cursor::new(tokens);
    cursor.go_to(statement.at.start + u32::try_from(statement.words.len()).ok()?);
    let first = cursor.name_ahead(0).filter(|_| is_used)?;
    match cursor.look_ahead(1) {
        Token::Symbol { symbol: '.', .. } => cursor.name_ahead(2),
        _ => Some(first),
    }
}

/// The words of a statement, and those in its texts, without those of its foreign keys.
fn words_in(statement: &Statement, tokens: &[Token]) -> SortedSet<String> {
    let references = statement.item.references();
    let is_reference = |index: u32| references.iter().any(|At { start, end }| (*start..*end).contains(&index));
    let mut words = SortedSet::new();
    for index in statement.at.start..statement.at.end {
        match tokens.get(index as usize) {
            Some(Token::Word(word)) if !is_reference(index) => {
                words.insert(word.clone());
            }
            Some(Token::Text(text)) if !is_reference(index) => {
                words.insert(text.clone());
                words.extend(words_of(text).map(str::to_owned));
            }
            _ => {}
        }
    }
    words
}
