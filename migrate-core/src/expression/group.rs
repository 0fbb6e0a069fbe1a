//! The parser of what stands in round brackets: an expression, a row, or a query.

use super::operator::Level;
use super::parse::Parser;
use super::{Expression, ExpressionKind};
use crate::query::Query;
use crate::token::{Bracket, Cursor, SyntaxError, Token};

/// What stands in round brackets.
#[expect(clippy::large_enum_variant, reason = "there are few of them at a time")]
pub(crate) enum Group {
    /// `(SELECT ...)`, in any number of brackets.
    Query(Query),
    /// `(a)`, `(a, b)`
    Items(Vec<Expression>),
}

impl Parser<'_, '_> {
    /// `(a)`, `(a, b)`, `(SELECT ...)`
    pub(super) fn round(&mut self) -> Result<Expression, SyntaxError> {
        let start = self.cursor.index();
        let group = self.group()?;
        self.grouped(group, start)
    }

    /// What a group means that stands alone.
    fn grouped(&mut self, group: Group, start: u32) -> Result<Expression, SyntaxError> {
        let at = self.cursor.since(start);
        Ok(match group {
            Group::Query(query) => Expression::new(ExpressionKind::Subquery(Box::new(query)), at),
            Group::Items(mut items) => match (items.len(), items.pop()) {
                (1, Some(only)) => only,
                (_, Some(last)) => {
                    items.push(last);
                    Expression::new(ExpressionKind::Row(items), at)
                }
                (_, None) => {
                    self.cursor.go_to(start + 1);
                    return Err(self.cursor.expected("an expression"));
                }
            },
        })
    }

    /// What stands in round brackets. The position is at the opening one.
    pub(crate) fn group(&mut self) -> Result<Group, SyntaxError> {
        self.deeper(1, |parser| {
            parser.cursor.next();
            if begins_query(parser.cursor) {
                let query = parser.query()?;
                parser.expect_close(Bracket::Round)?;
                return Ok(Group::Query(query));
            }
            if !parser.cursor.is_open(Bracket::Round) || !leads_to_query(parser.cursor) {
                return Ok(Group::Items(parser.items(Bracket::Round)?));
            }
            // `((select ...) union ...)` is a query, `((select ...) + 1)` is not.
            let start = parser.cursor.index();
            let first = match parser.group()? {
                Group::Query(query) => {
                    if parser.cursor.take_close(Bracket::Round) {
                        return Ok(Group::Query(query));
                    }
                    if continues_query(parser.cursor) {
                        let query = parser.query_behind(query, start)?;
                        parser.expect_close(Bracket::Round)?;
                        return Ok(Group::Query(query));
                    }
                    Group::Query(query)
                }
                items => items,
            };
            let first = parser.grouped(first, start)?;
            let mut items = vec![parser.inside(|parser| parser.continued(first, start, Level::Or))?];
            if parser.takes_comma(Bracket::Round)? {
                items.extend(parser.items(Bracket::Round)?);
            }
            Ok(Group::Items(items))
        })
    }
}

/// Whether a query begins here, without brackets before it.
pub(crate) fn begins_query(cursor: &Cursor<'_>) -> bool {
    let next = cursor.look_ahead(1);
    cursor.is_word("select") && !matches!(next, Token::Symbol { symbol: '.', .. })
        || (cursor.is_word("values") && *next == Token::Open(Bracket::Round))
        || (cursor.is_word("with") && cursor.name_ahead(1).is_some())
        || (cursor.is_word("table") && cursor.name_ahead(1).is_some())
}

/// Whether a query begins behind the brackets that are next.
pub(crate) fn leads_to_query(cursor: &Cursor<'_>) -> bool {
    let mut inner = cursor.clone();
    while inner.take_open(Bracket::Round) {}
    begins_query(&inner)
}

/// Whether what is next goes on with a query in brackets.
pub(crate) fn continues_query(cursor: &Cursor<'_>) -> bool {
    ["union", "intersect", "except", "order", "limit", "offset", "fetch", "for"].iter().any(|word| cursor.is_word(word))
}
