//! The parser of queries. It reads SQL text and Rust source, as that of expressions does, which it is a part of.

mod insert;
mod json;
mod json_path;
mod json_table;
mod merge;
mod name;
mod select;
mod set;
mod source;
mod table_source;
mod update;
mod window;
mod with;
mod xml;

pub(crate) use json::is_json_function;
pub(crate) use xml::is_xml_function;

use super::{Body, Limit, LockStrength, LockWait, Locking, Query, Statement};
use crate::expression::{Expression, ExpressionKind, Group, Parser};
use crate::token::{Bracket, Cursor, SyntaxError, Token};

/// Reads a query and stops before what cannot continue it.
///
/// # Errors
/// A [`SyntaxError`] at the token that stands in the way.
pub fn parse(cursor: &mut Cursor<'_>) -> Result<Query, SyntaxError> {
    Parser::new(cursor).query()
}

/// Reads a query, `INSERT`, `UPDATE`, `DELETE` or `MERGE`, and stops before what cannot continue it.
///
/// # Errors
/// A [`SyntaxError`] at the token that stands in the way.
pub fn parse_statement(cursor: &mut Cursor<'_>) -> Result<Statement, SyntaxError> {
    Parser::new(cursor).statement()
}

/// How many levels of nesting a query stands for: its rules need more of the stack than those of expressions.
const LEVELS: u32 = 4;

impl Parser<'_, '_> {
    /// Reads inside a query, whose words cannot be names.
    pub(super) fn in_query<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, SyntaxError>,
    ) -> Result<T, SyntaxError> {
        let was = std::mem::replace(&mut self.is_in_query, true);
        let found = self.deeper(LEVELS, |parser| parser.inside(read));
        self.is_in_query = was;
        found
    }

    /// A query.
    pub(crate) fn query(&mut self) -> Result<Query, SyntaxError> {
        self.in_query(|parser| {
            let start = parser.cursor.index();
            let with = if parser.cursor.is_word("with") { Some(parser.with()?) } else { None };
            let first = parser.operand_of_set()?;
            let mut query = parser.query_with_options(first, start)?;
            if let Some(with) = with {
                if let Some(inner) = &query.with {
                    return Err(twice("`with`", inner.at));
                }
                query.with = Some(with);
                query.at = parser.cursor.since(start);
            }
            Ok(query)
        })
    }

    /// A query whose word `SELECT` is not written, as in PL/pgSQL.
    pub(crate) fn bare_select(&mut self) -> Result<Query, SyntaxError> {
        self.in_query(|parser| {
            let start = parser.cursor.index();
            let select = parser.select(start)?;
            let first = Query::new(Body::Select(Box::new(select)), parser.cursor.since(start));
            parser.query_with_options(first, start)
        })
    }

    /// The rest of a query that begins with one in brackets.
    pub(crate) fn query_behind(&mut self, first: Query, start: u32) -> Result<Query, SyntaxError> {
        self.in_query(|parser| parser.query_with_options(first, start))
    }

    /// A query in round brackets.
    pub(crate) fn enclosed_query(&mut self) -> Result<Query, SyntaxError> {
        if !self.cursor.is_open(Bracket::Round) {
            return Err(self.cursor.expected("`(`"));
        }
        let inside = self.cursor.index() + 1;
        match self.group()? {
            Group::Query(query) => Ok(query),
            Group::Items(_) => {
                self.cursor.go_to(inside);
                Err(self.cursor.expected("a query"))
            }
        }
    }

    fn query_with_options(&mut self, first: Query, start: u32) -> Result<Query, SyntaxError> {
        let mut query = self.set_operations(first, start)?;
        let before = self.cursor.index();
        if self.cursor.is_word("order") {
            let at = self.cursor.at();
            self.cursor.next();
            self.expect_word("by")?;
            if !query.order_by.is_empty() {
                return Err(twice("`order by`", at));
            }
            query.order_by = self.order_items()?;
        }
        let locking = self.locking()?;
        while self.limit_or_offset(&mut query)? {}
        query.locking.extend(match locking.is_empty() {
            true => self.locking()?,
            false => locking,
        });
        if self.cursor.index() > before {
            query.at = self.cursor.since(start);
        }
        Ok(query)
    }

    /// `LIMIT 1`, `OFFSET 1 ROW`, `FETCH FIRST 1 ROWS WITH TIES`; says whether one was there.
    fn limit_or_offset(&mut self, query: &mut Query) -> Result<bool, SyntaxError> {
        let at = self.cursor.at();
        let limit = if self.cursor.take_word("limit") {
            let start = self.cursor.index();
            // `LIMIT ALL` is `LIMIT NULL`.
            let count = match self.cursor.take_word("all") {
                true => Expression::new(ExpressionKind::Null, self.cursor.since(start)),
                false => self.expression()?,
            };
            if self.cursor.is_symbol(',') {
                let mut error = self.cursor.expected("the end of `limit`");
                error.help = Some("write `limit count offset start`".into());
                return Err(error);
            }
            Limit { count: Box::new(count), with_ties: false }
        } else if self.cursor.take_word("fetch") {
            self.fetch()?
        } else if self.cursor.take_word("offset") {
            if query.offset.is_some() {
                return Err(twice("`offset`", at));
            }
            query.offset = Some(Box::new(self.expression()?));
            if !self.cursor.take_word("row") {
                self.cursor.take_word("rows");
            }
            return Ok(true);
        } else {
            return Ok(false);
        };
        if query.limit.is_some() {
            return Err(twice("`limit`", at));
        }
        query.limit = Some(limit);
        Ok(true)
    }

    /// `FIRST 1 ROWS ONLY`
    fn fetch(&mut self) -> Result<Limit, SyntaxError> {
        if !self.cursor.take_word("first") && !self.cursor.take_word("next") {
            return Err(self.cursor.expected("`first` or `next`"));
        }
        let is_one = self.cursor.is_word("row") || self.cursor.is_word("rows");
        let count = if is_one { Expression::number(1) } else { self.continued_operand()? };
        if !self.cursor.take_word("row") && !self.cursor.take_word("rows") {
            return Err(self.cursor.expected("`rows`"));
        }
        let with_ties = self.cursor.take_words(&["with", "ties"]);
        if !with_ties && !self.cursor.take_word("only") {
            return Err(self.cursor.expected("`only` or `with ties`"));
        }
        Ok(Limit { count: Box::new(count), with_ties })
    }

    /// A number with a sign, or one operand.
    fn continued_operand(&mut self) -> Result<Expression, SyntaxError> {
        let start = self.cursor.index();
        let is_signed = self.cursor.is_symbol('-') || self.cursor.is_symbol('+');
        if is_signed {
            return self.prefix();
        }
        let operand = self.operand()?;
        self.continued(operand, start, crate::expression::Level::Operand)
    }

    fn locking(&mut self) -> Result<Vec<Locking>, SyntaxError> {
        const STRENGTHS: [(&[&str], LockStrength); 4] = [
            (&["for", "update"], LockStrength::Update),
            (&["for", "no", "key", "update"], LockStrength::NoKeyUpdate),
            (&["for", "share"], LockStrength::Share),
            (&["for", "key", "share"], LockStrength::KeyShare),
        ];
        let mut locking = Vec::new();
        loop {
            let start = self.cursor.index();
            if self.cursor.take_words(&["for", "read", "only"]) {
                return Ok(locking);
            }
            let Some((_, strength)) = STRENGTHS.iter().find(|(words, _)| self.cursor.take_words(words)) else {
                return Ok(locking);
            };
            let mut of = Vec::new();
            if self.cursor.take_word("of") {
                of.push(self.object_name("a table of the query")?);
                while self.cursor.take_symbol(',') {
                    of.push(self.object_name("a table of the query")?);
                }
            }
            let wait = if self.cursor.take_word("nowait") {
                LockWait::Error
            } else if self.cursor.take_words(&["skip", "locked"]) {
                LockWait::Skip
            } else {
                LockWait::Wait
            };
            locking.push(Locking { strength: *strength, of, wait, at: self.cursor.since(start) });
        }
    }

    /// A query, `INSERT`, `UPDATE`, `DELETE` or `MERGE`.
    pub(crate) fn statement(&mut self) -> Result<Statement, SyntaxError> {
        self.in_query(|parser| {
            let start = parser.cursor.index();
            let with = if parser.cursor.is_word("with") { Some(parser.with()?) } else { None };
            let mut statement = match parser.cursor.peek() {
                Token::Word(word) => match word.to_ascii_lowercase().as_str() {
                    "insert" => Statement::Insert(parser.insert()?),
                    "update" => Statement::Update(parser.update()?),
                    "delete" => Statement::Delete(parser.delete()?),
                    "merge" => Statement::Merge(parser.merge()?),
                    _ => Statement::Query(parser.query()?),
                },
                _ => Statement::Query(parser.query()?),
            };
            let at = parser.cursor.since(start);
            let (slot, place) = match &mut statement {
                Statement::Query(query) => (&mut query.with, &mut query.at),
                Statement::Insert(insert) => (&mut insert.with, &mut insert.at),
                Statement::Update(update) => (&mut update.with, &mut update.at),
                Statement::Delete(delete) => (&mut delete.with, &mut delete.at),
                Statement::Merge(merge) => (&mut merge.with, &mut merge.at),
            };
            if with.is_some() {
                if let Some(inner) = slot {
                    return Err(twice("`with`", inner.at));
                }
                *slot = with;
                *place = at;
            }
            Ok(statement)
        })
    }
}

/// A clause that stands twice.
fn twice(clause: &str, at: crate::token::At) -> SyntaxError {
    SyntaxError { message: format!("multiple {clause} clauses"), help: None, at }
}

impl Query {
    /// What may come behind it, for the message about something else.
    pub fn expected_next(&self) -> &'static str {
        let is_open = |select: &super::Select| {
            select.from.is_empty()
                && select.filter.is_none()
                && select.group_by.is_none()
                && select.having.is_none()
                && select.windows.is_empty()
        };
        match &self.body {
            Body::Select(select) if self.is_plain() && is_open(select) => "`from` or the end of the query",
            _ => "the end of the query",
        }
    }
}

impl Statement {
    /// What may come behind it, for the message about something else.
    pub fn expected_next(&self) -> &'static str {
        match self {
            Statement::Query(query) => query.expected_next(),
            _ => "the end of the statement",
        }
    }
}
