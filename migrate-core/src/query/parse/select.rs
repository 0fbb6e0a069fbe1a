//! The parser of `SELECT`.

use crate::expression::{Expression, ExpressionKind, Parser};
use crate::query::{Distinct, GroupBy, GroupItem, Item, NamedWindow, Select};
use crate::token::{Bracket, SyntaxError, Token};

/// The words behind an empty list of what comes out.
const BEHIND_ITEMS: &[&str] = &[
    "except",
    "fetch",
    "for",
    "from",
    "group",
    "having",
    "intersect",
    "into",
    "limit",
    "offset",
    "order",
    "union",
    "where",
    "window",
];

/// What a list of what rows are grouped by becomes.
type MakeGroup = fn(Vec<GroupItem>) -> GroupItem;

impl Parser<'_, '_> {
    /// What stands behind `SELECT`, which began at `start`.
    pub(super) fn select(&mut self, start: u32) -> Result<Select, SyntaxError> {
        let distinct = self.distinct()?;
        let items = if distinct == Distinct::All && self.is_behind_items() { Vec::new() } else { self.select_items()? };
        if self.cursor.is_word("into") {
            let mut error = self.cursor.expected("`from`");
            error.help = Some("`create table ... as` makes a table of a query".into());
            return Err(error);
        }
        let mut select = Select { distinct, ..Select::new(items, Vec::new(), self.cursor.since(start)) };
        if self.cursor.take_word("from") {
            select.from = self.sources()?;
        }
        select.filter = self.filter()?;
        if self.cursor.take_words(&["group", "by"]) {
            let is_distinct = self.cursor.take_word("distinct");
            if !is_distinct {
                self.cursor.take_word("all");
            }
            select.group_by = Some(GroupBy { is_distinct, items: self.group_items()? });
        }
        if self.cursor.take_word("having") {
            select.having = Some(self.expression()?);
        }
        if self.cursor.take_word("window") {
            loop {
                let name = self.name("the name of a window")?;
                self.expect_word("as")?;
                select.windows.push(NamedWindow { name, window: self.window()? });
                if !self.cursor.take_symbol(',') {
                    break;
                }
            }
        }
        select.at = self.cursor.since(start);
        Ok(select)
    }

    fn distinct(&mut self) -> Result<Distinct, SyntaxError> {
        if self.cursor.take_word("all") || !self.cursor.take_word("distinct") {
            return Ok(Distinct::All);
        }
        if !self.cursor.take_word("on") {
            return Ok(Distinct::Rows);
        }
        self.expect_open()?;
        let items = self.items(Bracket::Round)?;
        if items.is_empty() {
            return Err(self.cursor.expected("an expression"));
        }
        Ok(Distinct::On(items))
    }

    fn is_behind_items(&self) -> bool {
        match self.cursor.peek() {
            Token::Word(word) => BEHIND_ITEMS.contains(&word.to_ascii_lowercase().as_str()),
            Token::Close(_) | Token::End | Token::Symbol { symbol: ';', .. } => true,
            _ => false,
        }
    }

    /// What comes out, with commas between.
    pub(super) fn select_items(&mut self) -> Result<Vec<Item>, SyntaxError> {
        let mut items = Vec::new();
        loop {
            if self.cursor.is_symbol('*') {
                let value = Expression::new(ExpressionKind::Star(Vec::new()), self.cursor.at());
                self.cursor.next();
                items.push(Item { value, alias: None });
            } else {
                let value = self.expression()?;
                let alias = self.item_alias()?;
                items.push(Item { value, alias });
            }
            if !self.cursor.take_symbol(',') {
                return Ok(items);
            }
        }
    }

    /// `WHERE ...`, if it follows.
    pub(super) fn filter(&mut self) -> Result<Option<Expression>, SyntaxError> {
        if self.cursor.take_word("where") { self.expression().map(Some) } else { Ok(None) }
    }

    fn group_items(&mut self) -> Result<Vec<GroupItem>, SyntaxError> {
        let mut items = vec![self.group_item()?];
        while self.cursor.take_symbol(',') {
            items.push(self.group_item()?);
        }
        Ok(items)
    }

    fn group_item(&mut self) -> Result<GroupItem, SyntaxError> {
        let is_called = |distance: usize| *self.cursor.look_ahead(distance) == Token::Open(Bracket::Round);
        let kind: Option<(u32, MakeGroup)> = if self.cursor.is_word("rollup") && is_called(1) {
            Some((2, GroupItem::Rollup))
        } else if self.cursor.is_word("cube") && is_called(1) {
            Some((2, GroupItem::Cube))
        } else if self.cursor.is_words(&["grouping", "sets"]) && is_called(2) {
            Some((3, GroupItem::Sets))
        } else {
            None
        };
        if let Some((words, make)) = kind {
            self.cursor.go_to(self.cursor.index() + words);
            let items = self.deeper(1, Self::group_items)?;
            self.expect_close(Bracket::Round)?;
            return Ok(make(items));
        }
        let start = self.cursor.index();
        let is_enclosed = self.cursor.is_open(Bracket::Round);
        if is_enclosed && *self.cursor.look_ahead(1) == Token::Close(Bracket::Round) {
            self.cursor.go_to(start + 2);
            return Ok(GroupItem::List(Vec::new()));
        }
        let value = self.expression()?;
        // `(a, b)` are two, `ROW(a, b)` is one.
        let is_written_as_row = self.starts_with_row(start);
        Ok(match value.kind {
            ExpressionKind::Row(items) if is_enclosed && !is_written_as_row => GroupItem::List(items),
            _ => GroupItem::Expression(value),
        })
    }

    /// Whether the word `row` is the first behind the brackets at this place.
    fn starts_with_row(&self, start: u32) -> bool {
        let mut cursor = self.cursor.clone();
        cursor.go_to(start);
        while cursor.take_open(Bracket::Round) {}
        cursor.is_word("row") && *cursor.look_ahead(1) == Token::Open(Bracket::Round)
    }
}
