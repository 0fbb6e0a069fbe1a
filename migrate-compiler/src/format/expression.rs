//! Expressions, and whatever else is tokens in a row.

use migrate_core::token::Bracket;

use super::document::{Document, LINE, group, indent, sequence, text};
use super::layout::Layout;
use super::lex::Kind;
use super::tree::Node;

/// Words before `{` that make it JSON.
const BEFORE_JSON: &[&str] = &["and", "default", "else", "in", "or", "return", "select", "then", "when", "with"];

impl Layout<'_> {
    /// An expression: where it is too long it is broken at its `or`, else at its `and`, else at its `||`.
    pub(super) fn expression(&self, nodes: &[Node]) -> Document {
        for operator in ["or", "and", "||"] {
            let places = self.places(nodes, operator);
            if places.is_empty() {
                continue;
            }
            let mut parts = Layout::cut(nodes, |index| places.contains(&index)).into_iter();
            let first = self.expression(parts.next().unwrap_or_default());
            let rest = parts.map(|part| sequence([LINE, self.operand(part)]));
            return group(sequence([first, indent(sequence(rest))]));
        }
        self.plain(nodes)
    }

    /// An operator and what stands behind it.
    fn operand(&self, nodes: &[Node]) -> Document {
        match nodes.split_first() {
            Some((operator, rest)) if !rest.is_empty() => {
                sequence([self.node(operator, None), text(" "), self.expression(rest)])
            }
            _ => self.plain(nodes),
        }
    }

    /// Where an operator stands that joins, on this level.
    fn places(&self, nodes: &[Node], operator: &str) -> Vec<usize> {
        let mut places = Vec::new();
        let (mut cases, mut between) = (0_usize, 0_usize);
        for (index, node) in nodes.iter().enumerate() {
            match self.word(nodes, index) {
                "case" => cases += 1,
                "end" => cases = cases.saturating_sub(1),
                "between" if cases == 0 => between += 1,
                "and" if cases == 0 && between > 0 => between -= 1,
                word if cases == 0 && index > 0 => {
                    let is_symbol = matches!(node, Node::Leaf(token) if self.tokens.get(*token).is_some_and(|token| {
                        token.kind == Kind::Operator && token.text == operator
                    }));
                    // `create or replace` is not an expression.
                    let is_word = word == operator && self.word(nodes, index + 1) != "replace";
                    if is_symbol || is_word {
                        places.push(index);
                    }
                }
                _ => {}
            }
        }
        places
    }

    /// Tokens in a row, without places to break outside of brackets.
    pub(super) fn plain(&self, nodes: &[Node]) -> Document {
        let mut parts = Vec::new();
        let mut index = 0;
        while let Some(node) = nodes.get(index) {
            let before = index.checked_sub(1).and_then(|before| nodes.get(before));
            if before.is_some_and(|before| self.is_apart(before.last(), node.first())) {
                parts.push(text(" "));
            }
            if let Some(end) = self.end_of_case(nodes, index) {
                parts.push(self.case(nodes.get(index..=end).unwrap_or_default()));
                index = end + 1;
                continue;
            }
            parts.push(self.node(node, before));
            index += 1;
        }
        sequence(parts)
    }

    /// A token, or brackets.
    pub(super) fn node(&self, node: &Node, before: Option<&Node>) -> Document {
        match node {
            Node::Leaf(index) => self.token(*index),
            Node::Group { bracket: Bracket::Curly, .. } if !self.is_json(before) => self.body(node, false),
            Node::Group { .. } => self.brackets(node),
        }
    }

    /// Whether curly brackets behind a node are JSON rather than a body.
    pub(super) fn is_json(&self, before: Option<&Node>) -> bool {
        let Some(Node::Leaf(index)) = before else { return before.is_none() };
        match self.tokens.get(*index).map(|token| token.kind) {
            Some(Kind::Operator | Kind::Symbol) => true,
            Some(Kind::Word) => BEFORE_JSON.contains(&self.keyword(*index)),
            _ => false,
        }
    }

    /// The index of the `end` of a `case` that begins at an index.
    fn end_of_case(&self, nodes: &[Node], start: usize) -> Option<usize> {
        if self.word(nodes, start) != "case" {
            return None;
        }
        let mut depth = 0_usize;
        for index in start..nodes.len() {
            match self.word(nodes, index) {
                "case" => depth += 1,
                "end" => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(index);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// `case ... end`: where it is too long, each `when` has its line.
    fn case(&self, nodes: &[Node]) -> Document {
        let Some((end, nodes)) = nodes.split_last() else { return sequence([]) };
        let mut depth = 0_usize;
        let mut places = Vec::new();
        for index in 0..nodes.len() {
            match self.word(nodes, index) {
                "case" => depth += 1,
                "end" => depth = depth.saturating_sub(1),
                "when" | "else" if depth == 1 => places.push(index),
                _ => {}
            }
        }
        let mut parts = Layout::cut(nodes, |index| places.contains(&index)).into_iter();
        let mut document = Vec::new();
        // Not as a `case` again, which has no end here.
        for (index, node) in parts.next().unwrap_or_default().iter().enumerate() {
            document.extend((index > 0).then(|| text(" ")));
            document.push(self.node(node, None));
        }
        document.push(indent(sequence(parts.map(|part| sequence([LINE, self.expression(part)])))));
        document.push(LINE);
        document.push(self.node(end, None));
        group(sequence(document))
    }
}
