//! Statements: where one is too long, each of its clauses has its line.

use migrate_core::token::Bracket;

use super::document::{Document, LINE, group, group_that, indent, sequence, text};
use super::layout::Layout;
use super::query::is_round;
use super::tree::Node;

/// Options of functions.
const OPTIONS: &[&str] = &[
    "language",
    "immutable",
    "stable",
    "volatile",
    "strict",
    "called",
    "security",
    "leakproof",
    "parallel",
    "cost",
    "rows",
    "support",
    "window",
    "transform",
    "set",
];

impl Layout<'_> {
    /// An item without its way back.
    pub(super) fn main(&self, nodes: &[Node]) -> Document {
        let mut object = 1;
        while matches!(self.word(nodes, object), "or" | "replace" | "unique" | "constraint" | "materialized" | "event")
        {
            object += 1;
        }
        let verb = self.word(nodes, 0);
        let object = self.word(nodes, object);
        let is_routine = verb == "create" && matches!(object, "function" | "procedure");
        if matches!(verb, "create" | "alter")
            && !is_routine
            && let Some(body) = (1..nodes.len()).rev().find(|index| self.is_body(nodes, *index))
        {
            return self.with_body(nodes, body);
        }
        match (verb, object) {
            ("alter", "default") => self.clauses(nodes, |index, word| {
                matches!(word, "grant" | "revoke") && self.word(nodes, index - 1) != "with"
            }),
            ("alter", "policy") | ("create", "policy") => {
                self.clauses(nodes, |_, word| matches!(word, "using" | "with"))
            }
            ("alter", _) => self.entry(nodes),
            ("create", "function" | "procedure") => self.function(nodes),
            ("create", "trigger") => self.trigger(nodes),
            ("create", "index") => self.clauses(nodes, |index, word| match word {
                // One without a name has its table beside `index`.
                "on" => self.word(nodes, index - 1) != "index",
                _ => matches!(word, "include" | "with" | "where"),
            }),
            ("create", "view") => self.view(nodes),
            ("create", "rule") => self.rule(nodes),
            ("create", "domain") => self.clauses(nodes, |index, word| {
                let before = |back: usize| index.checked_sub(back).map_or("", |index| self.word(nodes, index));
                word == "constraint" || word == "check" && before(2) != "constraint"
            }),
            ("create", "statistics") => self.clauses(nodes, |_, word| matches!(word, "on" | "from")),
            ("create", "table") => self.clauses(nodes, |index, word| {
                matches!(word, "for" | "default") || word == "partition" && self.word(nodes, index + 1) == "by"
            }),
            ("insert", _) => self.insert(nodes),
            ("update" | "delete" | "backfill" | "merge", _) => self.change(nodes),
            ("grant" | "revoke", _) => self.clauses(nodes, |_, word| matches!(word, "on" | "to" | "from")),
            ("comment", _) => self.clauses(nodes, |_, word| word == "is"),
            ("sql", _) => {
                let parts = Layout::cut(nodes, |index| index > 1);
                self.below(parts.into_iter().map(|part| self.plain(part)))
            }
            ("truncate", _) => self.list(nodes),
            _ => self.expression(nodes),
        }
    }

    fn is_body(&self, nodes: &[Node], index: usize) -> bool {
        // An operator's name is one, before which no value stands.
        let is_of_operator = self.word(nodes, 1) == "operator";
        nodes.get(index).is_some_and(|node| node.is(Bracket::Curly))
            && (is_of_operator || !self.is_json(index.checked_sub(1).and_then(|before| nodes.get(before))))
    }

    fn with_body(&self, nodes: &[Node], body: usize) -> Document {
        let (head, rest) = nodes.split_at(body);
        let (body, tail) = rest.split_at(1);
        let mut parts = vec![self.plain(head), text(" ")];
        let has_lists = self.word(head, 1) == "publication" || self.word(head, 3) == "configuration";
        parts.extend(body.iter().map(|body| self.body(body, has_lists)));
        if !tail.is_empty() {
            parts.extend([text(" "), self.expression(tail)]);
        }
        sequence(parts)
    }

    /// A statement that is cut into clauses.
    fn clauses(&self, nodes: &[Node], begins: impl Fn(usize, &str) -> bool) -> Document {
        // What follows `as` is a name.
        let parts =
            Layout::cut(nodes, |index| self.word(nodes, index - 1) != "as" && begins(index, self.word(nodes, index)));
        self.below(parts.into_iter().map(|part| self.clause(part)))
    }

    /// One part, and the others below it where they do not fit.
    fn below(&self, parts: impl IntoIterator<Item = Document>) -> Document {
        let mut parts = parts.into_iter();
        let first = parts.next().unwrap_or_else(|| sequence([]));
        group(sequence([first, indent(sequence(parts.flat_map(|part| [LINE, part])))]))
    }

    fn function(&self, nodes: &[Node]) -> Document {
        let arguments = nodes.iter().position(is_round).unwrap_or(0);
        let options = (arguments + 1..nodes.len()).find(|index| OPTIONS.contains(&self.word(nodes, *index)));
        let body = (arguments + 1..nodes.len()).rev().find(|index| self.word(nodes, *index) == "as");
        let standard = (arguments + 1..nodes.len()).find(|index| {
            self.word(nodes, *index) == "return"
                || self.word(nodes, *index) == "begin" && self.word(nodes, index + 1) == "atomic"
        });
        if let Some(standard) = standard.filter(|_| body.is_none()) {
            return self.standard_function(nodes.split_at(standard), options);
        }
        let begins = |index: usize| {
            let is_setting = Some(index) > options && self.word(nodes, index) == "set";
            Some(index) == options || Some(index) == body || is_setting
        };
        self.below(Layout::cut(nodes, begins).into_iter().map(|part| match self.elements(part).len() {
            0 | 1 => self.expression(part),
            _ => self.list(part),
        }))
    }

    /// A function with a body in standard SQL: what it returns is on a line of its own where it is too long, and its
    /// statements always are.
    fn standard_function(&self, (head, body): (&[Node], &[Node]), options: Option<usize>) -> Document {
        let begins = |index: usize| {
            Some(index) == options || Some(index) > options && options.is_some() && self.word(head, index) == "set"
        };
        let parts = Layout::cut(head, begins).into_iter().map(|part| match self.elements(part).len() {
            0 | 1 => self.expression(part),
            _ => self.list(part),
        });
        match body {
            [words @ .., statements] if statements.is(Bracket::Curly) => {
                let head = self.below(parts);
                sequence([head, text(" "), self.plain(words), text(" "), self.actions(statements)])
            }
            _ => {
                let (word, value) = body.split_at(1);
                let body = sequence([self.plain(word), text(" "), self.expression(value)]);
                self.below(parts.chain([body]))
            }
        }
    }

    fn trigger(&self, nodes: &[Node]) -> Document {
        self.clauses(nodes, |index, word| {
            let is_event_trigger = self.word(nodes, 1) == "event";
            match word {
                "before" | "after" | "instead" | "referencing" | "for" | "when" | "execute" | "deferrable" => {
                    index > 2 && self.word(nodes, index - 1) != "not"
                }
                "from" => true,
                "not" => self.word(nodes, index + 1) == "deferrable",
                "on" => is_event_trigger,
                _ => false,
            }
        })
    }

    /// A view: its query is on the line of `as`, or below it.
    fn view(&self, nodes: &[Node]) -> Document {
        let Some(place) = (2..nodes.len()).find(|index| self.word(nodes, *index) == "as") else {
            return self.expression(nodes);
        };
        let (head, query) = nodes.split_at(place + 1);
        let is_broken = query.first().is_some_and(|first| self.is_on_new_line(first)) && self.is_query(query);
        group_that(is_broken, sequence([self.plain(head), indent(sequence([LINE, self.query(query)]))]))
    }

    /// A rule: what it does is on the line of `do`, or below it.
    fn rule(&self, nodes: &[Node]) -> Document {
        let Some(place) = (2..nodes.len()).find(|index| self.word(nodes, *index) == "do") else {
            return self.expression(nodes);
        };
        let words = 1 + usize::from(matches!(self.word(nodes, place + 1), "also" | "instead"));
        let (head, action) = nodes.split_at((place + words).min(nodes.len()));
        let head = self.clauses(head, |_, word| matches!(word, "where" | "do"));
        if let [several] = action
            && several.is(Bracket::Round)
        {
            return sequence([head, text(" "), self.actions(several)]);
        }
        let is_broken = action.first().is_some_and(|first| self.is_on_new_line(first));
        group_that(is_broken, sequence([head, indent(sequence([LINE, self.statement(action)]))]))
    }

    /// Statements in brackets, each on lines of its own.
    fn actions(&self, node: &Node) -> Document {
        let Node::Group { open, close, inside, .. } = node else { return sequence([]) };
        let mut parts = Vec::new();
        for part in Layout::cut(inside, |index| self.is_symbol(&inside[index - 1], ";")) {
            let end = part.iter().position(|node| self.is_symbol(node, ";")).unwrap_or(part.len());
            let (statement, semicolons) = part.split_at(end);
            let semicolons = semicolons.iter().map(|semicolon| self.comma(semicolon.first()));
            let statement = group(self.statement(statement));
            parts.push(sequence([LINE, statement].into_iter().chain(semicolons)));
        }
        let inside = sequence([indent(sequence(parts)), self.comments_before_closing(*close, inside.is_empty())]);
        group_that(true, sequence([self.token(*open), inside, LINE, self.token(*close)]))
    }

    /// A statement that reads or changes rows.
    fn statement(&self, nodes: &[Node]) -> Document {
        match self.word(nodes, 0) {
            "insert" => self.insert(nodes),
            "update" | "delete" | "merge" => self.change(nodes),
            _ if self.is_query(nodes) => self.query(nodes),
            _ => self.plain(nodes),
        }
    }

    fn insert(&self, nodes: &[Node]) -> Document {
        let conflict = |index: usize| self.word(nodes, index) == "on" && self.word(nodes, index + 1) == "conflict";
        let end = (1..nodes.len())
            .find(|index| conflict(*index) || self.word(nodes, *index) == "returning")
            .unwrap_or(nodes.len());
        let (rows, rest) = nodes.split_at(end);
        let values = (1..rows.len())
            .find(|index| self.word(rows, *index) == "values" && self.word(rows, index - 1) != "default");
        let query = (1..rows.len()).find(|index| matches!(self.word(rows, *index), "select" | "with"));
        let mut parts = Vec::new();
        match (values, query) {
            (Some(values), None) => {
                let (head, rows) = rows.split_at(values);
                parts.push(group(sequence([self.plain(head), text(" "), self.rows(rows)])));
            }
            (_, Some(query)) => {
                let (head, query) = rows.split_at(query);
                parts.extend([self.plain(head), self.query(query)]);
            }
            (None, None) => parts.push(self.plain(rows)),
        }
        let rest = Layout::cut(rest, |index| self.word(rest, index) == "returning");
        for part in rest {
            let parts_of_it = Layout::cut(part, |index| matches!(self.word(part, index), "do" | "where"));
            parts.push(self.below(parts_of_it.into_iter().map(|part| self.clause(part))));
        }
        self.below(parts)
    }

    /// `update`, `delete from`, `backfill`, `merge into`.
    fn change(&self, nodes: &[Node]) -> Document {
        let is_merge = self.word(nodes, 0) == "merge";
        self.clauses(nodes, |index, word| {
            let before = |back: usize| index.checked_sub(back).map_or("", |index| self.word(nodes, index));
            match word {
                "when" => is_merge,
                "set" | "where" => !is_merge,
                "from" => !is_merge && index > 1 && (before(1) != "distinct" || !matches!(before(2), "is" | "not")),
                "using" | "touching" | "returning" => true,
                "in" => self.word(nodes, index + 1) == "batches",
                _ => false,
            }
        })
    }
}
