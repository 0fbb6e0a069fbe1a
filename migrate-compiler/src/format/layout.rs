//! What all parts of the layout share: the tokens of a block with their comments, as documents.

use std::cell::Cell;

use migrate_core::token::{Bracket, Token as Plain};

use super::document::{Document, LINE, SOFT, group, group_that, indent, sequence, text};
use super::lex::{Comment, Kind, Token};
use super::tree::Node;

/// The layout of one block.
pub(super) struct Layout<'s> {
    pub(super) tokens: &'s [Token<'s>],
    /// The bracket that belongs to each bracket.
    pub(super) partners: Vec<usize>,
    /// The same tokens as the parsers read them, one for one.
    pub(super) plain: Vec<Plain>,
    /// Each word in lower case, where it cannot be a name for what stands around it.
    keywords: Vec<Option<String>>,
    /// Whether the comments before a token are written by whoever is around it.
    leading_done: Vec<Cell<bool>>,
    /// The same for those behind it.
    trailing_done: Vec<Cell<bool>>,
}

impl<'s> Layout<'s> {
    pub(super) fn new(tokens: &'s [Token<'s>], partners: Vec<usize>) -> Self {
        let mut plain: Vec<Plain> = tokens.iter().map(plain_token).collect();
        plain.pop();
        let keywords = (0..tokens.len()).map(|index| keyword(tokens, index)).collect();
        let flags = || vec![Cell::new(false); tokens.len() + 1];
        Layout { tokens, partners, plain, keywords, leading_done: flags(), trailing_done: flags() }
    }

    /// The keyword at an index.
    pub(super) fn keyword(&self, index: usize) -> &str {
        self.keywords.get(index).and_then(Option::as_deref).unwrap_or_default()
    }

    /// The keyword that a node is; empty for all others.
    pub(super) fn word<'a>(&'a self, nodes: &[Node], index: usize) -> &'a str {
        match nodes.get(index) {
            Some(Node::Leaf(token)) => self.keyword(*token),
            _ => "",
        }
    }

    /// Whether a node is a symbol.
    pub(super) fn is_symbol(&self, node: &Node, symbol: &str) -> bool {
        matches!(node, Node::Leaf(index) if self.tokens.get(*index).is_some_and(|token| token.is_symbol(symbol)))
    }

    /// Whether a node begins a line as it is written.
    pub(super) fn is_on_new_line(&self, node: &Node) -> bool {
        self.tokens.get(node.first()).is_some_and(Token::is_on_new_line)
    }

    /// How many of the comments before a token belong to the end of the line of the token before it.
    fn trailing_count(&self, index: usize) -> usize {
        let Some(token) = self.tokens.get(index) else { return 0 };
        let on_line = token.comments.iter().take_while(|comment| comment.newlines == 0).count();
        match token.comments.iter().take(on_line).position(|comment| comment.is_line) {
            Some(position) => position + 1,
            None if on_line < token.comments.len() || token.newlines > 0 || token.kind == Kind::End => on_line,
            None => 0,
        }
    }

    /// The comments before a token, but for those at the end of the line before.
    fn leading(&self, index: usize) -> &'s [Comment<'s>] {
        let count = self.trailing_count(index);
        self.tokens.get(index).and_then(|token| token.comments.get(count..)).unwrap_or_default()
    }

    /// The comments at the end of the line that a token is on.
    pub(super) fn trailing(&self, index: usize) -> Document {
        let comments = self.tokens.get(index + 1).map_or(&[][..], |token| &token.comments);
        let count = self.trailing_count(index + 1);
        sequence(comments.iter().take(count).map(suffix))
    }

    /// The comments at the end of the line that the block's bracket is on.
    pub(super) fn first_line(&self) -> String {
        let comments = self.tokens.first().map_or(&[][..], |token| &token.comments);
        comments.iter().take(self.trailing_count(0)).map(|comment| format!(" {}", comment.text)).collect()
    }

    /// Leaves the comments at the end of the line of a token to the caller.
    pub(super) fn take_trailing(&self, index: usize) -> Document {
        if let Some(done) = self.trailing_done.get(index) {
            done.set(true);
        }
        self.trailing(index)
    }

    /// The comments before the token that an item or an entry begins with, each on its line, and the empty lines
    /// between them. That before the first of all is the caller's.
    pub(super) fn lines_before(&self, index: usize) -> Document {
        if let Some(done) = self.leading_done.get(index) {
            done.set(true);
        }
        let mut parts = Vec::new();
        let comments = self.leading(index);
        let newlines = self.tokens.get(index).map_or(0, |token| token.newlines);
        for (position, comment) in comments.iter().enumerate() {
            if position > 0 && comment.newlines > 1 {
                parts.push(Document::Blank);
            }
            let is_last = position + 1 == comments.len();
            parts.push(own_line(comment, is_last && newlines == 0));
        }
        if !comments.is_empty() && newlines > 1 && self.tokens.get(index).is_some_and(|token| !is_end(token.kind)) {
            parts.push(Document::Blank);
        }
        sequence(parts)
    }

    /// Whether an empty line stands before what an item or an entry begins with.
    pub(super) fn is_blank_before(&self, index: usize) -> bool {
        let newlines = self.tokens.get(index).map_or(0, |token| token.newlines);
        self.leading(index).first().map_or(newlines, |comment| comment.newlines) > 1
    }

    /// The break before an entry of a list.
    pub(super) fn break_before(&self, index: usize, is_first: bool) -> Document {
        Document::Line { flat: " ", is_blank: !is_first && self.is_blank_before(index) }
    }

    /// A token with its comments.
    pub(super) fn token(&self, index: usize) -> Document {
        let Some(token) = self.tokens.get(index) else { return sequence([]) };
        let mut parts = Vec::new();
        if self.leading_done.get(index).is_some_and(|done| !done.get()) {
            let comments = self.leading(index);
            for (position, comment) in comments.iter().enumerate() {
                parts.push(own_line(comment, position + 1 == comments.len() && token.newlines == 0));
            }
        }
        parts.push(text(token.text));
        if token.kind == Kind::Documentation {
            parts.push(Document::Fresh);
        }
        if self.trailing_done.get(index).is_some_and(|done| !done.get()) {
            parts.push(self.trailing(index));
        }
        sequence(parts)
    }

    /// The comments before a closing bracket.
    pub(super) fn comments_before_closing(&self, close: usize, is_empty: bool) -> Document {
        let mut parts = Vec::new();
        let is_blank = !is_empty && self.is_blank_before(close) && !self.leading(close).is_empty();
        if is_blank {
            parts.push(Document::Blank);
        }
        let is_inline = |comment: &Comment<'_>| !comment.is_line && comment.newlines == 0;
        if self.leading(close).iter().any(|comment| !is_inline(comment)) {
            parts.push(Document::Fresh);
        } else if !self.leading(close).is_empty() {
            parts.push(text(" "));
        }
        parts.push(self.lines_before(close));
        sequence(parts)
    }

    /// Whether there is a comment before or behind a bracket, inside of it.
    fn has_comments(&self, close: usize) -> bool {
        self.tokens.get(close).is_some_and(|token| !token.comments.is_empty())
    }

    /// Round or square brackets, or JSON.
    pub(super) fn brackets(&self, node: &Node) -> Document {
        let Node::Group { bracket, open, close, inside } = node else { return sequence([]) };
        if inside.is_empty() && !self.has_comments(*close) {
            return sequence([self.token(*open), self.token(*close)]);
        }
        let is_json = *bracket == Bracket::Curly;
        let is_broken = is_json && inside.first().is_some_and(|first| self.is_on_new_line(first));
        let edge = if is_json { LINE } else { SOFT };
        let mut parts = vec![edge.clone()];
        let elements = if self.is_query(inside) { vec![(&inside[..], None)] } else { self.elements(inside) };
        for (position, (element, comma)) in elements.into_iter().enumerate() {
            if position > 0 && !element.is_empty() {
                parts.push(LINE);
            }
            parts.push(self.element(element));
            parts.extend(comma.map(|comma| self.comma(comma)));
        }
        parts.push(self.comments_before_closing(*close, inside.is_empty()));
        let inside = indent(sequence(parts));
        group_that(is_broken, sequence([self.token(*open), inside, edge, self.token(*close)]))
    }

    /// What stands between commas, each with the comma behind it.
    pub(super) fn elements<'n>(&self, nodes: &'n [Node]) -> Vec<(&'n [Node], Option<usize>)> {
        let mut elements = Vec::new();
        let mut start = 0;
        for (index, node) in nodes.iter().enumerate() {
            if self.is_symbol(node, ",") {
                elements.push((nodes.get(start..index).unwrap_or_default(), Some(node.first())));
                start = index + 1;
            }
        }
        if start < nodes.len() {
            elements.push((nodes.get(start..).unwrap_or_default(), None));
        }
        elements
    }

    /// A comma; the comments before it come behind it.
    pub(super) fn comma(&self, index: usize) -> Document {
        self.separator(index, text(self.tokens.get(index).map_or("", |token| token.text)))
    }

    /// What is written for a comma or a semicolon, and its comments.
    pub(super) fn separator(&self, index: usize, written: Document) -> Document {
        let done = |flags: &[Cell<bool>]| flags.get(index).is_some_and(|done| done.replace(true));
        let before = if done(&self.leading_done) { &[] } else { self.leading(index) };
        let behind = if done(&self.trailing_done) { sequence([]) } else { self.trailing(index) };
        let inline = before.iter().take_while(|comment| !comment.is_line && comment.newlines == 0).count();
        let (inline, before) = before.split_at(inline);
        let inline = inline.iter().flat_map(|comment| [text(" "), Document::Inline(comment.text.to_owned())]);
        let before = before.iter().map(|comment| own_line(comment, false));
        sequence(inline.chain([written]).chain(before).chain([behind]))
    }

    /// What stands between two commas.
    pub(super) fn element(&self, nodes: &[Node]) -> Document {
        if self.is_query(nodes) { self.query(nodes) } else { self.expression(nodes) }
    }

    /// A list without brackets around it.
    pub(super) fn list(&self, nodes: &[Node]) -> Document {
        let mut elements = self.elements(nodes).into_iter();
        let Some((first, comma)) = elements.next() else { return sequence([]) };
        let mut parts = vec![self.expression(first)];
        parts.extend(comma.map(|comma| self.comma(comma)));
        let mut rest = Vec::new();
        for (element, comma) in elements {
            rest.push(LINE);
            rest.push(self.expression(element));
            rest.extend(comma.map(|comma| self.comma(comma)));
        }
        parts.push(indent(sequence(rest)));
        group(sequence(parts))
    }

    /// Cuts nodes where a part begins.
    pub(super) fn cut(nodes: &[Node], begins: impl Fn(usize) -> bool) -> Vec<&[Node]> {
        let mut parts = Vec::new();
        let mut start = 0;
        for index in 1..nodes.len() {
            if begins(index) {
                parts.extend(nodes.get(start..index));
                start = index;
            }
        }
        parts.extend(nodes.get(start..).filter(|last| !last.is_empty()));
        parts
    }
}

fn is_end(kind: Kind) -> bool {
    matches!(kind, Kind::Close(_) | Kind::End)
}

fn suffix(comment: &Comment<'_>) -> Document {
    Document::Suffix { text: comment.text.to_owned(), is_line: comment.is_line }
}

/// A comment before a token: on its own line, unless the token follows on the same one.
fn own_line(comment: &Comment<'_>, token_follows: bool) -> Document {
    if comment.is_line || !token_follows {
        return Document::Comment(comment.text.to_owned());
    }
    let before = if comment.newlines > 0 { Document::Fresh } else { sequence([]) };
    sequence([before, Document::Inline(comment.text.to_owned()), text(" ")])
}

/// A token as the parsers read it.
fn plain_token(token: &Token<'_>) -> Plain {
    match token.kind {
        Kind::Word => Plain::Word(token.text.trim_start_matches("r#").to_owned()),
        Kind::Number => Plain::Number(token.text.to_owned()),
        Kind::Text => Plain::Text(token.text.to_owned()),
        Kind::Documentation => Plain::Documentation(token.text.to_owned()),
        Kind::Open(bracket) => Plain::Open(bracket),
        Kind::Close(bracket) => Plain::Close(bracket),
        Kind::Operator | Kind::Symbol | Kind::Nullable | Kind::End => {
            Plain::Symbol { symbol: token.text.chars().next().unwrap_or(' '), joint: false }
        }
    }
}

/// A word that may be a keyword: not one beside a dot, nor one that is defined by a `:`.
fn keyword(tokens: &[Token<'_>], index: usize) -> Option<String> {
    let token = tokens.get(index).filter(|token| token.kind == Kind::Word)?;
    let before = index.checked_sub(1).and_then(|before| tokens.get(before));
    let is_name = before.is_some_and(|before| before.is_symbol("."))
        || tokens.get(index + 1).is_some_and(|next| next.is_symbol(".") || next.is_symbol(":"));
    (!is_name).then(|| token.text.to_lowercase())
}
