//! What PL/pgSQL hands to SQL: expressions and queries, up to a word or a character that ends them.

use super::Reader;
use crate::expression::{Expression, Parser};
use crate::plpgsql::{Commanded, Into, Target, Value};
use crate::query::{PathStep, Query, Statement};
use crate::token::{Bracket, Cursor, SyntaxError, Token};

/// What ends a part of SQL, outside of brackets.
#[derive(Clone, Copy)]
pub(super) enum End {
    Word(&'static str),
    Symbol(char),
    /// `..`
    Dots,
}

impl End {
    fn is_next(self, cursor: &Cursor<'_>) -> bool {
        match self {
            End::Word(word) => cursor.is_word(word),
            End::Symbol(symbol) => cursor.is_symbol(symbol),
            End::Dots => {
                matches!(cursor.peek(), Token::Symbol { symbol: '.', joint: true })
                    && matches!(cursor.look_ahead(1), Token::Symbol { symbol: '.', .. })
            }
        }
    }

    fn describe(self) -> String {
        match self {
            End::Word(word) => format!("`{word}`"),
            End::Symbol(symbol) => format!("`{symbol}`"),
            End::Dots => "`..`".into(),
        }
    }
}

/// The words with which a value goes on as a query does behind `SELECT`.
const GOES_ON: &[&str] = &[
    "except",
    "fetch",
    "for",
    "from",
    "group",
    "having",
    "intersect",
    "limit",
    "offset",
    "order",
    "union",
    "where",
    "window",
];

const STATEMENT: [End; 1] = [End::Symbol(';')];

impl<'t> Reader<'t> {
    /// Where the next of these stands, outside of brackets; never behind the end of the statement.
    pub(super) fn find(&self, ends: &[End]) -> Option<u32> {
        let mut cursor = self.cursor.clone();
        let mut depth = 0_u32;
        loop {
            if depth == 0 && ends.iter().any(|end| end.is_next(&cursor)) {
                return Some(cursor.index());
            }
            match cursor.peek() {
                Token::End => return None,
                Token::Open(_) => depth += 1,
                Token::Close(_) if depth == 0 => return None,
                Token::Close(_) => depth -= 1,
                Token::Symbol { symbol: ';', .. } => return None,
                _ => {}
            }
            cursor.next();
        }
    }

    /// Reads what stands before one of the ends, all of it. The end is not taken.
    pub(super) fn before<T>(
        &mut self,
        ends: &[End],
        read: impl FnOnce(&mut Parser<'_, 't>) -> Result<T, SyntaxError>,
    ) -> Result<T, SyntaxError> {
        let end = self.find(ends);
        let mut cursor = match end {
            Some(end) => self.cursor.until(end),
            None => self.cursor.clone(),
        };
        let found = read(&mut Parser::in_body(&mut cursor)).map_err(|error| self.in_the_text(error, end))?;
        match end {
            Some(end) if cursor.index() == end => {
                self.cursor.go_to(end);
                Ok(found)
            }
            _ => {
                let ends: Vec<String> = ends.iter().map(|end| end.describe()).collect();
                self.cursor.go_to(cursor.index());
                Err(self.cursor.expected(&ends.join(" or ")))
            }
        }
    }

    /// Where a part ends for the parser of SQL, something stands in the text.
    fn in_the_text(&self, mut error: SyntaxError, end: Option<u32>) -> SyntaxError {
        if end == Some(error.at.start)
            && let Some(message) = error.message.strip_suffix(&Token::End.describe())
        {
            let mut cursor = self.cursor.clone();
            cursor.go_to(error.at.start);
            error.message = format!("{message}{}", cursor.peek().describe());
        }
        error
    }

    /// An expression, which may go on as a query does.
    pub(super) fn value(&mut self, ends: &[End]) -> Result<Value, SyntaxError> {
        let start = self.cursor.index();
        let error = match self.before(ends, |parser| parser.expression()) {
            Ok(expression) => return Ok(Value::Expression(Box::new(expression))),
            Err(error) => error,
        };
        self.cursor.go_to(error.at.start);
        let goes_on = GOES_ON.iter().any(|word| self.cursor.is_word(word));
        self.cursor.go_to(start);
        if !goes_on {
            return Err(error);
        }
        let query = self.before(ends, |parser| parser.bare_select())?;
        Ok(Value::Query(Box::new(query)))
    }

    /// Values with commas between.
    pub(super) fn values(&mut self, ends: &[End]) -> Result<Vec<Value>, SyntaxError> {
        let mut all = vec![End::Symbol(',')];
        all.extend(ends);
        let mut values = vec![self.value(&all)?];
        while self.cursor.take_symbol(',') {
            values.push(self.value(&all)?);
        }
        Ok(values)
    }

    /// What stands behind `PERFORM`.
    pub(super) fn bare_query(&mut self) -> Result<Query, SyntaxError> {
        self.before(&STATEMENT, |parser| parser.bare_select())
    }

    pub(super) fn query(&mut self, ends: &[End]) -> Result<Query, SyntaxError> {
        self.before(ends, |parser| parser.query())
    }

    pub(super) fn statement(&mut self, ends: &[End]) -> Result<Statement, SyntaxError> {
        self.before(ends, |parser| parser.statement())
    }

    /// `EXECUTE command USING a, b`, behind the word.
    pub(super) fn commanded(&mut self, ends: &[End]) -> Result<Commanded, SyntaxError> {
        let mut all = vec![End::Word("using")];
        all.extend(ends);
        let command = self.value(&all)?;
        let using = if self.cursor.take_word("using") { self.values(ends)? } else { Vec::new() };
        Ok(Commanded { command, using })
    }

    /// `a`, `new.total`, `names[1]`
    pub(super) fn target(&mut self) -> Result<Target, SyntaxError> {
        let start = self.cursor.index();
        let mut names = vec![self.variable()?];
        while self.cursor.is_symbol('.') && self.cursor.name_ahead(1).is_some() {
            self.cursor.next();
            names.push(self.name("a field")?);
        }
        let mut path = Vec::new();
        while self.cursor.is_open(Bracket::Square) {
            path.push(PathStep::Subscript(Parser::in_body(&mut self.cursor).subscript()?));
            while self.cursor.is_symbol('.') && self.cursor.name_ahead(1).is_some() {
                self.cursor.next();
                path.push(PathStep::Field(self.name("a field")?));
            }
        }
        Ok(Target { names, path, at: self.cursor.since(start) })
    }

    /// The name of a variable, or `$1`.
    pub(super) fn variable(&mut self) -> Result<crate::query::Name, SyntaxError> {
        if self.cursor.is_symbol('$')
            && let Token::Number(number) = self.cursor.look_ahead(1)
        {
            let start = self.cursor.index();
            self.cursor.next();
            self.cursor.next();
            return Ok(crate::query::Name::new(format!("${number}"), self.cursor.since(start)));
        }
        self.name("a variable")
    }

    pub(super) fn targets(&mut self) -> Result<Vec<Target>, SyntaxError> {
        let mut targets = vec![self.target()?];
        while self.cursor.take_symbol(',') {
            targets.push(self.target()?);
        }
        Ok(targets)
    }

    /// What stands behind `INTO`.
    pub(super) fn read_into(&mut self) -> Result<Into, SyntaxError> {
        let is_strict = self.cursor.take_word("strict");
        let targets = self.targets()?;
        self.names.may_set(&targets)?;
        Ok(Into { is_strict, targets })
    }

    /// Arguments in round brackets, if they follow.
    pub(super) fn arguments(&mut self) -> Result<Vec<Expression>, SyntaxError> {
        if !self.cursor.is_open(Bracket::Round) {
            return Ok(Vec::new());
        }
        Parser::in_body(&mut self.cursor).cursor_arguments()
    }
}
