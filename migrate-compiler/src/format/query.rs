//! Queries: where one is too long, or was written on several lines, each clause has its line.

use super::document::{Document, LINE, group, group_that, indent, sequence, text};
use super::layout::Layout;
use super::tree::Node;

impl Layout<'_> {
    /// Whether these are a query.
    pub(super) fn is_query(&self, nodes: &[Node]) -> bool {
        match self.word(nodes, 0) {
            "select" => true,
            "with" => (0..nodes.len()).any(|index| self.word(nodes, index) == "select"),
            "values" => nodes.len() > 1,
            _ => (1..nodes.len()).any(|index| {
                matches!(self.word(nodes, index), "union" | "intersect" | "except")
                    && matches!(nodes[0], Node::Group { .. })
            }),
        }
    }

    /// A query.
    pub(super) fn query(&self, nodes: &[Node]) -> Document {
        let parts = Layout::cut(nodes, |index| self.begins_clause(nodes, index));
        let is_broken = parts.iter().skip(1).any(|part| part.first().is_some_and(|first| self.is_on_new_line(first)));
        let mut document = Vec::new();
        for part in parts {
            document.extend((!document.is_empty()).then_some(LINE));
            document.push(self.clause(part));
        }
        group_that(is_broken, sequence(document))
    }

    /// Whether a clause of a query begins at an index.
    fn begins_clause(&self, nodes: &[Node], index: usize) -> bool {
        let word = |index: usize| self.word(nodes, index);
        let before = |back: usize| index.checked_sub(back).map_or("", word);
        match word(index) {
            "select" => true,
            _ if before(1) == "as" => false,
            "where" | "having" | "limit" | "offset" | "fetch" | "returning" | "union" | "intersect" | "except" => true,
            "from" => before(1) != "distinct" || !matches!(before(2), "is" | "not"),
            "group" | "order" => word(index + 1) == "by",
            "window" => word(index + 2) == "as",
            "for" => matches!(word(index + 1), "update" | "share" | "no" | "key"),
            "with" => matches!(word(index + 1), "no" | "data" | "check" | "local" | "cascaded"),
            "values" => before(1) == "all" || matches!(before(1), "union" | "intersect" | "except"),
            _ => false,
        }
    }

    /// A clause of a query or of another statement.
    pub(super) fn clause(&self, nodes: &[Node]) -> Document {
        match self.word(nodes, 0) {
            "select" => self.selected(nodes),
            "from" | "using" => self.from(nodes),
            "with" if self.elements(nodes).iter().all(|(element, _)| element.last().is_some_and(is_round)) => {
                let mut parts = Vec::new();
                for (element, comma) in self.elements(nodes) {
                    parts.extend((!parts.is_empty()).then_some(LINE));
                    parts.push(self.plain(element));
                    parts.extend(comma.map(|comma| self.comma(comma)));
                }
                group(sequence(parts))
            }
            "values" => self.rows(nodes),
            _ if self.elements(nodes).len() > 1 => self.list(nodes),
            _ => self.expression(nodes),
        }
    }

    /// `select` and what it selects.
    fn selected(&self, nodes: &[Node]) -> Document {
        let mut head = 1;
        if matches!(self.word(nodes, 1), "distinct" | "all") {
            head = 2;
            if self.word(nodes, 2) == "on" && nodes.get(3).is_some_and(is_round) {
                head = 4;
            }
        }
        let (head, columns) = nodes.split_at(head.min(nodes.len()));
        self.behind(self.plain(head), columns)
    }

    /// `values` and its rows; those that were written on lines of their own stay there.
    pub(super) fn rows(&self, nodes: &[Node]) -> Document {
        let (head, rows) = nodes.split_at(1.min(nodes.len()));
        let elements = self.elements(rows);
        let is_broken = elements.iter().any(|(row, _)| row.first().is_some_and(|first| self.is_on_new_line(first)));
        let mut parts = Vec::new();
        for (position, (row, comma)) in elements.into_iter().enumerate() {
            let first = row.first().map_or(0, Node::first);
            parts.push(self.break_before(first, position == 0));
            parts.push(self.lines_before(first));
            parts.push(self.element(row));
            parts.extend(comma.map(|comma| self.comma(comma)));
        }
        group_that(is_broken, sequence([self.plain(head), indent(sequence(parts))]))
    }

    /// A list behind a word: on the line of the word, or on a line for each.
    fn behind(&self, word: Document, nodes: &[Node]) -> Document {
        let elements = self.elements(nodes);
        if elements.len() < 2 {
            return sequence([word, text(" "), self.expression(nodes)]);
        }
        let mut parts = Vec::new();
        for (element, comma) in elements {
            parts.push(LINE);
            parts.push(self.expression(element));
            parts.extend(comma.map(|comma| self.comma(comma)));
        }
        group(sequence([word, indent(sequence(parts))]))
    }

    /// `from` and its joins; where they are too long, each join has its line.
    fn from(&self, nodes: &[Node]) -> Document {
        let is_kind = |index: usize| {
            matches!(self.word(nodes, index), "natural" | "left" | "right" | "full" | "inner" | "cross" | "outer")
        };
        let begins = |index: usize| {
            let mut join = index;
            while is_kind(join) {
                join += 1;
            }
            self.word(nodes, join) == "join" && !index.checked_sub(1).is_some_and(is_kind)
        };
        let mut parts = Layout::cut(nodes, begins).into_iter();
        let first = parts.next().unwrap_or_default();
        let first = if self.elements(first).len() > 1 { self.list(first) } else { self.expression(first) };
        let joins = parts.map(|join| sequence([LINE, self.list(join)]));
        group(sequence([first, indent(sequence(joins))]))
    }
}

/// Whether these are round brackets.
pub(super) fn is_round(node: &Node) -> bool {
    node.is(migrate_core::token::Bracket::Round)
}
