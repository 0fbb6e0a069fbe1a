//! The parser of `UNION`, `INTERSECT` and `EXCEPT`, and of what they put together.

use crate::expression::{Group, Parser};
use crate::query::{Body, Query, SetOperation, SetOperator, TableSource};
use crate::token::{Bracket, SyntaxError};

/// How many queries may be put together at one level: each makes the tree deeper by one.
const LONGEST: u32 = 1000;

impl Parser<'_, '_> {
    /// `SELECT`, `VALUES`, `TABLE`, or a query in brackets.
    pub(super) fn operand_of_set(&mut self) -> Result<Query, SyntaxError> {
        let start = self.cursor.index();
        if self.cursor.is_open(Bracket::Round) {
            return match self.group()? {
                Group::Query(query) => Ok(query),
                Group::Items(_) => {
                    self.cursor.go_to(start + 1);
                    Err(self.cursor.expected("a query"))
                }
            };
        }
        let body = if self.cursor.take_word("select") {
            Body::Select(Box::new(self.select(start)?))
        } else if self.cursor.take_word("values") {
            Body::Values(self.rows(false)?)
        } else if self.cursor.take_word("table") {
            let (name, is_only) = self.relation()?;
            Body::Table(TableSource { name, is_only, sample: None })
        } else {
            return Err(self.cursor.expected("`select`"));
        };
        Ok(Query::new(body, self.cursor.since(start)))
    }

    /// The operators behind a query that began at `start`, and what they put together with it.
    pub(super) fn set_operations(&mut self, first: Query, start: u32) -> Result<Query, SyntaxError> {
        let mut left = self.intersections(first, start)?;
        for _ in 0..LONGEST {
            let operator = if self.cursor.take_word("union") {
                SetOperator::Union
            } else if self.cursor.take_word("except") {
                SetOperator::Except
            } else {
                return Ok(left);
            };
            let is_all = self.takes_all();
            let begin = self.cursor.index();
            let right = self.operand_of_set()?;
            let right = self.intersections(right, begin)?;
            left = self.put_together(operator, is_all, left, right, start);
        }
        Err(self.too_long())
    }

    fn intersections(&mut self, first: Query, start: u32) -> Result<Query, SyntaxError> {
        let mut left = first;
        for _ in 0..LONGEST {
            if !self.cursor.take_word("intersect") {
                return Ok(left);
            }
            let is_all = self.takes_all();
            let right = self.operand_of_set()?;
            left = self.put_together(SetOperator::Intersect, is_all, left, right, start);
        }
        Err(self.too_long())
    }

    fn put_together(&self, operator: SetOperator, is_all: bool, left: Query, right: Query, start: u32) -> Query {
        let operation = SetOperation { operator, is_all, left, right };
        Query::new(Body::Set(Box::new(operation)), self.cursor.since(start))
    }

    fn too_long(&self) -> SyntaxError {
        SyntaxError { message: "the query is too long".into(), help: None, at: self.cursor.at() }
    }

    fn takes_all(&mut self) -> bool {
        if self.cursor.take_word("all") {
            return true;
        }
        self.cursor.take_word("distinct");
        false
    }
}
