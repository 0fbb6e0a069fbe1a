//! Items and the bodies in braces: what is on lines of its own.

use migrate_core::token::{Bracket, Cursor, Token};

use super::document::{Document, LINE, group, group_that, indent, sequence, text};
use super::layout::Layout;
use super::lex::Kind;
use super::tree::Node;
use crate::ops::begins_item;

/// Objects, before whose names `down` and `changes` would be names.
const OBJECTS: &[&str] =
    &["table", "enum", "type", "view", "schema", "sequence", "domain", "function", "index", "on", "of"];

impl Layout<'_> {
    /// The items of a block, each on lines of its own.
    pub(super) fn items(&self, nodes: &[Node], end: usize) -> Document {
        let mut parts = Vec::new();
        for (position, item) in self.split_items(nodes).into_iter().enumerate() {
            let (Some(first), Some(last)) = (item.first().map(Node::first), item.last().map(Node::last)) else {
                continue;
            };
            if position > 0 && self.is_blank_before(first) {
                parts.push(Document::Blank);
            }
            parts.push(Document::Fresh);
            parts.push(self.lines_before(first));
            let trailing = self.take_trailing(last);
            parts.push(self.headed(item, |item| self.item(item)));
            parts.push(trailing);
        }
        parts.push(self.comments_before_closing(end, nodes.is_empty()));
        sequence(parts)
    }

    /// Cuts a block into its items.
    fn split_items<'n>(&self, nodes: &'n [Node]) -> Vec<&'n [Node]> {
        let mut items: Vec<&[Node]> = Vec::new();
        let mut start = 0;
        for (index, node) in nodes.iter().enumerate() {
            let ends = match nodes.get(index + 1) {
                None => true,
                Some(next) if self.is_symbol(next, ";") => false,
                Some(next) => self.is_symbol(node, ";") || node.is(Bracket::Curly) && self.may_begin_item(next.first()),
            };
            if ends {
                items.extend(nodes.get(start..=index));
                start = index + 1;
            }
        }
        items
    }

    /// Whether an item may begin behind a closing brace.
    fn may_begin_item(&self, index: usize) -> bool {
        let mut cursor = Cursor::new(&self.plain);
        cursor.go_to(u32::try_from(index).unwrap_or(u32::MAX));
        // `with (fillfactor = 70)` belongs to a table.
        let is_query =
            cursor.is_word("select") || cursor.is_word("with") && *cursor.look_ahead(1) != Token::Open(Bracket::Round);
        is_query || begins_item(&cursor)
    }

    /// What stands before an item or an entry on lines of its own, and the rest.
    fn headed(&self, nodes: &[Node], rest: impl FnOnce(&[Node]) -> Document) -> Document {
        let mut parts = Vec::new();
        let mut index = 0;
        loop {
            match (nodes.get(index), nodes.get(index + 1)) {
                (Some(Node::Leaf(token)), _) if self.is_documentation(*token) => {
                    parts.push(self.token(*token));
                    index += 1;
                }
                (Some(Node::Leaf(token)), Some(group)) if self.is_hash(*token) && group.is(Bracket::Square) => {
                    parts.extend([self.token(*token), self.attribute(group)]);
                    parts.push(Document::Fresh);
                    index += 2;
                }
                _ => break,
            }
        }
        parts.push(group(rest(nodes.get(index..).unwrap_or_default())));
        sequence(parts)
    }

    /// The brackets of an attribute: only what is in those of `allow` is broken.
    fn attribute(&self, node: &Node) -> Document {
        match node {
            Node::Group { open, close, inside, .. } => sequence([
                self.token(*open),
                self.expression(inside),
                self.comments_before_closing(*close, inside.is_empty()),
                self.token(*close),
            ]),
            Node::Leaf(index) => self.token(*index),
        }
    }

    fn is_documentation(&self, index: usize) -> bool {
        self.tokens.get(index).is_some_and(|token| token.kind == Kind::Documentation)
    }

    fn is_hash(&self, index: usize) -> bool {
        self.tokens.get(index).is_some_and(|token| token.kind == Kind::Operator && token.text == "#")
    }

    /// An item, without what stands before it.
    fn item(&self, nodes: &[Node]) -> Document {
        let semicolons = nodes.iter().rev().take_while(|node| self.is_symbol(node, ";")).count();
        let (nodes, semicolons) = nodes.split_at(nodes.len() - semicolons);
        let (main, undo) = self.split_undo(nodes);
        let document = match undo.is_empty() {
            true => self.main(main),
            false => self.with_undo(main, &undo),
        };
        sequence([document].into_iter().chain(semicolons.iter().map(|semicolon| self.comma(semicolon.first()))))
    }

    /// An item, and what follows it: `changes { ... }`, `down { ... }`, `irreversible "..."`.
    fn split_undo<'n>(&self, nodes: &'n [Node]) -> (&'n [Node], Vec<&'n [Node]>) {
        let mut parts = Vec::new();
        let mut end = nodes.len();
        while let Some(start) = end.checked_sub(2).filter(|start| *start > 0) {
            let is_name = OBJECTS.contains(&self.word(nodes, start - 1));
            let is_part = match (self.word(nodes, start), &nodes[start + 1]) {
                ("down" | "changes", body) => body.is(Bracket::Curly) && !is_name,
                ("irreversible", Node::Leaf(why)) => self.tokens.get(*why).is_some_and(|why| why.kind == Kind::Text),
                _ => false,
            };
            if !is_part {
                break;
            }
            parts.insert(0, nodes.get(start..end).unwrap_or_default());
            end = start;
        }
        (nodes.get(..end).unwrap_or_default(), parts)
    }

    fn with_undo(&self, main: &[Node], undo: &[&[Node]]) -> Document {
        let ends_with_body = main.len() > 1
            && main.last().is_some_and(|last| last.is(Bracket::Curly))
            && !self.is_json(main.get(main.len() - 2));
        let main = group(self.main(main));
        let parts: Vec<Document> = undo.iter().map(|part| self.undo(part)).collect();
        let behind = sequence(parts.iter().flat_map(|part| [text(" "), part.clone()]));
        let below = indent(sequence(parts.iter().flat_map(|part| [LINE, part.clone()])));
        if main.is_broken() && ends_with_body {
            return sequence([main, behind]);
        }
        let is_one_block = parts.len() == 1 && parts.iter().all(Document::is_broken);
        if !main.is_broken() && is_one_block {
            let below = group(sequence([main.clone(), below]));
            return Document::Choice(Box::new(sequence([main, behind])), Box::new(below));
        }
        group(sequence([main, below]))
    }

    fn undo(&self, nodes: &[Node]) -> Document {
        match nodes {
            [word, body] if body.is(Bracket::Curly) => sequence([self.node(word, None), text(" "), self.nested(body)]),
            _ => self.plain(nodes),
        }
    }

    /// Items in braces: on one line where they were written so.
    fn nested(&self, node: &Node) -> Document {
        let Node::Group { open, close, inside, .. } = node else { return sequence([]) };
        let items = self.split_items(inside);
        let mut parts = Vec::new();
        for (position, item) in items.into_iter().enumerate() {
            let (Some(first), Some(last)) = (item.first().map(Node::first), item.last().map(Node::last)) else {
                continue;
            };
            parts.push(self.break_before(first, position == 0));
            parts.push(self.lines_before(first));
            let trailing = self.take_trailing(last);
            parts.push(self.headed(item, |item| self.item(item)));
            parts.push(trailing);
        }
        self.braces(*open, *close, inside, sequence(parts))
    }

    /// A body: its entries, on one line where they were written so. `has_lists`: a comma may also stand within an action.
    pub(super) fn body(&self, node: &Node, has_lists: bool) -> Document {
        let Node::Group { open, close, inside, .. } = node else { return sequence([]) };
        let mut parts = Vec::new();
        let elements = if has_lists { self.actions_with_lists(inside) } else { self.elements(inside) };
        let count = elements.len();
        for (position, (entry, comma)) in elements.into_iter().enumerate() {
            let first = entry.first().map(Node::first).or(comma).unwrap_or(*close);
            let last = entry.last().map(Node::last).or(comma).unwrap_or(*close);
            parts.push(self.break_before(first, position == 0));
            parts.push(self.lines_before(first));
            let trailing = self.take_trailing(last);
            parts.push(self.headed(entry, |entry| self.entry(entry)));
            let is_last = position + 1 == count;
            match comma {
                Some(comma) if !is_last => parts.extend([trailing, self.comma(comma)]),
                Some(comma) => parts.extend([trailing, self.separator(comma, Document::IfBroken(","))]),
                None => parts.extend([Document::IfBroken(","), trailing]),
            }
        }
        self.braces(*open, *close, inside, sequence(parts))
    }

    /// Actions between commas, of which each begins with a verb.
    fn actions_with_lists<'n>(&self, nodes: &'n [Node]) -> Vec<(&'n [Node], Option<usize>)> {
        let is_verb = |word: &str| matches!(word, "add" | "alter" | "drop" | "set" | "rename" | "owner");
        let mut actions = Vec::new();
        let mut start = 0;
        for (index, node) in nodes.iter().enumerate() {
            if self.is_symbol(node, ",") && (index + 1 == nodes.len() || is_verb(self.word(nodes, index + 1))) {
                actions.push((nodes.get(start..index).unwrap_or_default(), Some(node.first())));
                start = index + 1;
            }
        }
        actions.extend(nodes.get(start..).filter(|rest| !rest.is_empty()).map(|rest| (rest, None)));
        actions
    }

    /// Braces around what is broken where it was written on lines of its own.
    fn braces(&self, open: usize, close: usize, inside: &[Node], document: Document) -> Document {
        let is_broken = inside.first().is_some_and(|first| self.is_on_new_line(first));
        let inside = indent(sequence([document, self.comments_before_closing(close, inside.is_empty())]));
        group_that(is_broken, sequence([self.token(open), inside, LINE, self.token(close)]))
    }

    /// An entry of a body, or an action: where it is too long it is broken before its constraints.
    pub(super) fn entry(&self, nodes: &[Node]) -> Document {
        let parts = Layout::cut(nodes, |index| self.begins_option(nodes, index));
        let mut parts = parts.into_iter().map(|part| self.clause_of_entry(part));
        let first = parts.next().unwrap_or_else(|| sequence([]));
        group(sequence([first, indent(sequence(parts.flat_map(|part| [LINE, part])))]))
    }

    fn clause_of_entry(&self, nodes: &[Node]) -> Document {
        if self.elements(nodes).len() > 1 { self.list(nodes) } else { self.expression(nodes) }
    }

    /// Whether an option of a column or a constraint begins at an index.
    fn begins_option(&self, nodes: &[Node], index: usize) -> bool {
        let word = |index: usize| self.word(nodes, index);
        let before = |back: usize| index.checked_sub(back).map_or("", word);
        if before(2) == "constraint" || matches!(before(1), "add" | "drop" | "constraint" | "validate" | "with" | "set")
        {
            return false;
        }
        match word(index) {
            "references" | "check" | "generated" | "constraint" | "unique" | "collate" => true,
            "primary" => word(index + 1) == "key",
            "using" => before(1) != "exclude" && before(1) != "index",
            "where" => true,
            "for" => word(index + 1) == "values",
            "on" => word(index + 1) == "update" && !(0..index).any(|index| word(index) == "references"),
            _ => false,
        }
    }
}
