//! The parser of orders and windows.

use crate::expression::{Parser, take_operator};
use crate::query::{Direction, Exclusion, Frame, FrameBound, FrameUnit, Nulls, OrderItem, Window};
use crate::token::{Bracket, SyntaxError};

impl Parser<'_, '_> {
    /// What stands behind `ORDER BY`.
    pub(crate) fn order_items(&mut self) -> Result<Vec<OrderItem>, SyntaxError> {
        let mut items = Vec::new();
        loop {
            let value = self.inside(Self::expression)?;
            let direction = if self.cursor.take_word("desc") {
                Direction::Descending
            } else if self.cursor.take_word("using") {
                match take_operator(self.cursor)? {
                    Some(operator) => Direction::Using(operator),
                    None => return Err(self.cursor.expected("an operator")),
                }
            } else {
                self.cursor.take_word("asc");
                Direction::Ascending
            };
            let nulls = if self.cursor.take_words(&["nulls", "first"]) {
                Some(Nulls::First)
            } else if self.cursor.take_words(&["nulls", "last"]) {
                Some(Nulls::Last)
            } else {
                None
            };
            items.push(OrderItem { value, direction, nulls });
            if !self.cursor.take_symbol(',') {
                return Ok(items);
            }
        }
    }

    /// `(w PARTITION BY ... ORDER BY ... ROWS ...)`
    pub(crate) fn window(&mut self) -> Result<Window, SyntaxError> {
        let start = self.cursor.index();
        self.expect_open()?;
        let is_clause = ["partition", "order", "range", "rows", "groups"].iter().any(|word| self.cursor.is_word(word));
        let base = if !is_clause && self.is_name() { Some(self.name("a window")?) } else { None };
        let mut window =
            Window { base, partition_by: Vec::new(), order_by: Vec::new(), frame: None, at: self.cursor.since(start) };
        if self.cursor.take_words(&["partition", "by"]) {
            window.partition_by.push(self.inner_expression()?);
            while self.cursor.take_symbol(',') {
                window.partition_by.push(self.inner_expression()?);
            }
        }
        if self.cursor.take_words(&["order", "by"]) {
            window.order_by = self.order_items()?;
        }
        window.frame = self.frame()?;
        self.expect_close(Bracket::Round)?;
        window.at = self.cursor.since(start);
        Ok(window)
    }

    fn frame(&mut self) -> Result<Option<Frame>, SyntaxError> {
        let unit = if self.cursor.take_word("range") {
            FrameUnit::Range
        } else if self.cursor.take_word("rows") {
            FrameUnit::Rows
        } else if self.cursor.take_word("groups") {
            FrameUnit::Groups
        } else {
            return Ok(None);
        };
        let is_between = self.cursor.take_word("between");
        let start = self.bound()?;
        let end = match is_between {
            true => {
                self.expect_word("and")?;
                Some(self.bound()?)
            }
            false => None,
        };
        let exclusion = if self.cursor.take_word("exclude") { Some(self.exclusion()?) } else { None };
        Ok(Some(Frame { unit, start, end, exclusion }))
    }

    fn bound(&mut self) -> Result<FrameBound, SyntaxError> {
        if self.cursor.take_words(&["current", "row"]) {
            return Ok(FrameBound::CurrentRow);
        }
        if self.cursor.take_words(&["unbounded", "preceding"]) {
            return Ok(FrameBound::UnboundedPreceding);
        }
        if self.cursor.take_words(&["unbounded", "following"]) {
            return Ok(FrameBound::UnboundedFollowing);
        }
        let distance = Box::new(self.inner_expression()?);
        if self.cursor.take_word("preceding") {
            return Ok(FrameBound::Preceding(distance));
        }
        if self.cursor.take_word("following") {
            return Ok(FrameBound::Following(distance));
        }
        Err(self.cursor.expected("`preceding` or `following`"))
    }

    fn exclusion(&mut self) -> Result<Exclusion, SyntaxError> {
        const EXCLUSIONS: [(&[&str], Exclusion); 4] = [
            (&["current", "row"], Exclusion::CurrentRow),
            (&["group"], Exclusion::Group),
            (&["ties"], Exclusion::Ties),
            (&["no", "others"], Exclusion::NoOthers),
        ];
        match EXCLUSIONS.iter().find(|(words, _)| self.cursor.take_words(words)) {
            Some((_, exclusion)) => Ok(*exclusion),
            None => Err(self.cursor.expected("`current row`, `group`, `ties` or `no others`")),
        }
    }
}
