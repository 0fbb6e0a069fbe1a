//! The parser of what stands behind `FROM`: joins, and what is in brackets.

use crate::expression::{Parser, begins_query, continues_query, leads_to_query};
use crate::query::{Join, JoinCondition, JoinKind, Query, QuerySource, Source, SourceKind};
use crate::token::{Bracket, SyntaxError};

/// How many joins may follow each other: each makes the tree deeper by one.
const LONGEST: u32 = 1000;

/// What stands in round brackets behind `FROM`.
enum Enclosed {
    Query(Query),
    Source(Source),
}

impl Parser<'_, '_> {
    /// What stands behind `FROM`, with commas between.
    pub(super) fn sources(&mut self) -> Result<Vec<Source>, SyntaxError> {
        let mut sources = vec![self.source()?];
        while self.cursor.take_symbol(',') {
            sources.push(self.source()?);
        }
        Ok(sources)
    }

    /// One that may be a join.
    pub(super) fn source(&mut self) -> Result<Source, SyntaxError> {
        self.deeper(1, |parser| {
            let start = parser.cursor.index();
            let first = parser.single_source()?;
            parser.joins(first, start)
        })
    }

    /// The joins behind a source that began at `start`.
    fn joins(&mut self, first: Source, start: u32) -> Result<Source, SyntaxError> {
        let mut left = first;
        for _ in 0..LONGEST {
            let Some((kind, condition)) = self.join_words()? else { return Ok(left) };
            let (right, condition) = match condition {
                Some(condition) => (self.single_source()?, condition),
                None => {
                    let right = self.source()?;
                    (right, self.join_condition()?)
                }
            };
            let join = Join { kind, condition, left, right };
            left = Source { kind: SourceKind::Join(Box::new(join)), alias: None, at: self.cursor.since(start) };
        }
        Err(SyntaxError { message: "too many joins".into(), help: None, at: self.cursor.at() })
    }

    /// `CROSS JOIN`, `NATURAL LEFT JOIN`, `FULL OUTER JOIN`, if they follow; the condition where the words say it.
    fn join_words(&mut self) -> Result<Option<(JoinKind, Option<JoinCondition>)>, SyntaxError> {
        if self.cursor.take_words(&["cross", "join"]) {
            return Ok(Some((JoinKind::Inner, Some(JoinCondition::Always))));
        }
        let condition = self.cursor.take_word("natural").then_some(JoinCondition::Natural);
        let kinds = [
            ("inner", JoinKind::Inner),
            ("left", JoinKind::Left),
            ("right", JoinKind::Right),
            ("full", JoinKind::Full),
        ];
        let kind = match kinds.into_iter().find(|(word, _)| self.cursor.take_word(word)) {
            Some((_, kind)) => {
                if kind != JoinKind::Inner {
                    self.cursor.take_word("outer");
                }
                self.expect_word("join")?;
                kind
            }
            None if self.cursor.take_word("join") => JoinKind::Inner,
            None if condition.is_some() => return Err(self.cursor.expected("`join`")),
            None => return Ok(None),
        };
        Ok(Some((kind, condition)))
    }

    fn join_condition(&mut self) -> Result<JoinCondition, SyntaxError> {
        if self.cursor.take_word("on") {
            return Ok(JoinCondition::On(Box::new(self.expression()?)));
        }
        if self.cursor.take_word("using") {
            let columns = self.names("a column")?;
            let alias = if self.cursor.take_word("as") { Some(self.name("an alias")?) } else { None };
            return Ok(JoinCondition::Using { columns, alias });
        }
        let mut error = self.cursor.expected("`on` or `using`");
        error.help = Some("write `cross join` for each row with each".into());
        Err(error)
    }

    fn single_source(&mut self) -> Result<Source, SyntaxError> {
        let start = self.cursor.index();
        let is_lateral = self.cursor.take_word("lateral");
        if !self.cursor.is_open(Bracket::Round) {
            return self.table_or_function(is_lateral, start);
        }
        match self.enclosed_source()? {
            Enclosed::Query(query) => self.query_source(query, is_lateral, start),
            Enclosed::Source(_) if is_lateral => {
                self.cursor.go_to(start + 2);
                Err(self.cursor.expected("a query"))
            }
            Enclosed::Source(mut source) => {
                source.alias = self.alias()?;
                source.at = self.cursor.since(start);
                Ok(source)
            }
        }
    }

    fn query_source(&mut self, query: Query, is_lateral: bool, start: u32) -> Result<Source, SyntaxError> {
        let kind = SourceKind::Query(QuerySource { query: Box::new(query), is_lateral });
        let alias = self.alias()?;
        Ok(Source { kind, alias, at: self.cursor.since(start) })
    }

    /// `(SELECT ...)`, `(a JOIN b ON ...)`
    fn enclosed_source(&mut self) -> Result<Enclosed, SyntaxError> {
        self.deeper(1, |parser| {
            parser.cursor.next();
            let start = parser.cursor.index();
            if begins_query(parser.cursor) {
                let query = parser.query()?;
                parser.expect_close(Bracket::Round)?;
                return Ok(Enclosed::Query(query));
            }
            if !parser.cursor.is_open(Bracket::Round) || !leads_to_query(parser.cursor) {
                return parser.enclosed_join(None, start);
            }
            // `((select ...) union ...)` is a query, `((select ...) as a join b on ...)` is a join.
            match parser.enclosed_source()? {
                Enclosed::Query(query) => {
                    if parser.cursor.take_close(Bracket::Round) {
                        return Ok(Enclosed::Query(query));
                    }
                    if continues_query(parser.cursor) {
                        let query = parser.query_behind(query, start)?;
                        parser.expect_close(Bracket::Round)?;
                        return Ok(Enclosed::Query(query));
                    }
                    let first = parser.query_source(query, false, start)?;
                    parser.enclosed_join(Some(first), start)
                }
                Enclosed::Source(mut first) => {
                    first.alias = parser.alias()?;
                    first.at = parser.cursor.since(start);
                    parser.enclosed_join(Some(first), start)
                }
            }
        })
    }

    /// A join up to its closing bracket.
    fn enclosed_join(&mut self, first: Option<Source>, start: u32) -> Result<Enclosed, SyntaxError> {
        let first = match first {
            Some(first) => first,
            None => self.single_source()?,
        };
        let source = self.joins(first, start)?;
        if !matches!(source.kind, SourceKind::Join(_)) {
            return Err(self.cursor.expected("`join`"));
        }
        self.expect_close(Bracket::Round)?;
        Ok(Enclosed::Source(source))
    }
}
