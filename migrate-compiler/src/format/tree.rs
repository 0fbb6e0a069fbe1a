//! Tokens as trees of brackets.

use migrate_core::token::Bracket;

use super::lex::{Kind, Token};
use super::{Error, Fault};

/// A token, or what stands in brackets.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// A token, by its index.
    Leaf(usize),
    /// Brackets and what is in them.
    Group {
        /// Which ones.
        bracket: Bracket,
        /// The index of the opening one.
        open: usize,
        /// The index of the closing one.
        close: usize,
        /// What is in them.
        inside: Vec<Node>,
    },
}

impl Node {
    /// The index of the first token.
    pub(super) fn first(&self) -> usize {
        match self {
            Node::Leaf(index) | Node::Group { open: index, .. } => *index,
        }
    }

    /// The index of the last token.
    pub(super) fn last(&self) -> usize {
        match self {
            Node::Leaf(index) | Node::Group { close: index, .. } => *index,
        }
    }

    /// Whether these are brackets of a kind.
    pub(super) fn is(&self, wanted: Bracket) -> bool {
        matches!(self, Node::Group { bracket, .. } if *bracket == wanted)
    }
}

/// How deep brackets may be nested: far more than people write, and safe for the stack.
const DEEPEST: usize = 64;

/// The index of the bracket that belongs to each bracket; its own index for any other token.
pub(super) fn partners(tokens: &[Token<'_>], source: &str) -> Result<Vec<usize>, Error> {
    let mut partners: Vec<usize> = (0..tokens.len()).collect();
    let mut open: Vec<(usize, Bracket)> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open(bracket) => open.push((index, bracket)),
            Kind::Close(bracket) => match open.pop() {
                Some((start, opened)) if opened == bracket => {
                    partners[start] = index;
                    partners[index] = start;
                }
                Some((start, opened)) => {
                    // The one that is not closed is worth more than the one that closes another.
                    let at = tokens.get(start).map_or(0, |token| token.start);
                    return Err(Error::new(Fault::Unclosed(opened), source, at));
                }
                None => return Err(Error::new(Fault::Unopened(bracket), source, token.start)),
            },
            _ => {}
        }
    }
    match open.last() {
        Some((start, bracket)) => {
            let at = tokens.get(*start).map_or(0, |token| token.start);
            Err(Error::new(Fault::Unclosed(*bracket), source, at))
        }
        None => Ok(partners),
    }
}

/// The trees of tokens whose brackets match, up to the end.
pub(super) fn trees(tokens: &[Token<'_>], source: &str) -> Result<Vec<Node>, Error> {
    partners(tokens, source)?;
    let mut levels: Vec<(usize, Bracket, Vec<Node>)> = Vec::new();
    let mut nodes = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open(bracket) => {
                if levels.len() >= DEEPEST {
                    return Err(Error::new(Fault::TooDeep, source, token.start));
                }
                levels.push((index, bracket, std::mem::take(&mut nodes)));
            }
            Kind::Close(_) => {
                if let Some((open, bracket, outside)) = levels.pop() {
                    let inside = std::mem::replace(&mut nodes, outside);
                    nodes.push(Node::Group { bracket, open, close: index, inside });
                }
            }
            Kind::End => {}
            _ => nodes.push(Node::Leaf(index)),
        }
    }
    Ok(nodes)
}
