//! The parser of `INSERT`, and of what it shares with the other statements.

use crate::expression::{Expression, ExpressionKind, Parser, leads_to_query};
use crate::query::{
    ConflictAction, ConflictElement, ConflictTarget, Insert, InsertSource, Item, Name, OnConflict, Overriding,
    PathStep, Query, Returning, Target, TargetTable,
};
use crate::token::{Bracket, SyntaxError, Token};

impl Parser<'_, '_> {
    pub(super) fn insert(&mut self) -> Result<Insert, SyntaxError> {
        let start = self.cursor.index();
        self.cursor.next();
        self.expect_word("into")?;
        let name = self.object_name("a table")?;
        let alias = if self.cursor.take_word("as") { Some(self.name("an alias")?) } else { None };
        let has_columns = self.cursor.is_open(Bracket::Round) && !leads_to_query(self.cursor);
        let columns = if has_columns { self.target_list()? } else { Vec::new() };
        let overriding = self.overriding()?;
        let source = if overriding.is_none() && columns.is_empty() && self.cursor.take_words(&["default", "values"]) {
            InsertSource::DefaultValues
        } else {
            InsertSource::Query(Box::new(self.inserted()?))
        };
        let on_conflict = if self.cursor.is_words(&["on", "conflict"]) { Some(self.on_conflict()?) } else { None };
        let returning = self.returning()?;
        Ok(Insert {
            with: None,
            table: TargetTable { name, is_only: false, alias },
            columns,
            overriding,
            source,
            on_conflict,
            returning,
            at: self.cursor.since(start),
        })
    }

    /// The query behind `INSERT INTO`; in the rows of `VALUES` there may be `DEFAULT`.
    fn inserted(&mut self) -> Result<Query, SyntaxError> {
        if !self.cursor.is_word("values") || *self.cursor.look_ahead(1) != Token::Open(Bracket::Round) {
            return self.query();
        }
        let start = self.cursor.index();
        self.cursor.next();
        let rows = self.rows(true)?;
        let query = Query::new(crate::query::Body::Values(rows), self.cursor.since(start));
        self.query_behind(query, start)
    }

    /// What stands behind `VALUES`.
    pub(super) fn rows(&mut self, may_be_default: bool) -> Result<Vec<Vec<Expression>>, SyntaxError> {
        let mut rows = Vec::new();
        loop {
            rows.push(self.row(may_be_default)?);
            if !self.cursor.take_symbol(',') {
                return Ok(rows);
            }
        }
    }

    /// `(1, 'a', DEFAULT)`
    pub(super) fn row(&mut self, may_be_default: bool) -> Result<Vec<Expression>, SyntaxError> {
        self.expect_open()?;
        let mut values = Vec::new();
        loop {
            values.push(if may_be_default { self.value_or_default()? } else { self.inner_expression()? });
            if !self.cursor.take_symbol(',') {
                self.expect_close(Bracket::Round)?;
                return Ok(values);
            }
        }
    }

    /// A value, or `DEFAULT`.
    pub(super) fn value_or_default(&mut self) -> Result<Expression, SyntaxError> {
        if !self.cursor.is_word("default") {
            return self.inside(Self::expression);
        }
        let value = Expression::new(ExpressionKind::Default, self.cursor.at());
        self.cursor.next();
        Ok(value)
    }

    pub(super) fn overriding(&mut self) -> Result<Option<Overriding>, SyntaxError> {
        if !self.cursor.take_word("overriding") {
            return Ok(None);
        }
        let overriding = if self.cursor.take_word("system") {
            Overriding::System
        } else if self.cursor.take_word("user") {
            Overriding::User
        } else {
            return Err(self.cursor.expected("`system value` or `user value`"));
        };
        self.expect_word("value")?;
        Ok(Some(overriding))
    }

    /// `(a, b.c, d[1])`
    pub(super) fn target_list(&mut self) -> Result<Vec<Target>, SyntaxError> {
        self.expect_open()?;
        let mut targets = vec![self.target()?];
        while self.cursor.take_symbol(',') {
            targets.push(self.target()?);
        }
        self.expect_close(Bracket::Round)?;
        Ok(targets)
    }

    /// `a`, `a.b`, `a[1]`
    pub(super) fn target(&mut self) -> Result<Target, SyntaxError> {
        let column = self.name("a column")?;
        let mut path = Vec::new();
        loop {
            if self.cursor.take_symbol('.') {
                path.push(PathStep::Field(self.label("a field")?));
            } else if self.cursor.is_open(Bracket::Square) {
                path.push(PathStep::Subscript(self.subscript()?));
            } else {
                return Ok(Target { column, path });
            }
        }
    }

    fn on_conflict(&mut self) -> Result<OnConflict, SyntaxError> {
        let start = self.cursor.index();
        self.cursor.next();
        self.cursor.next();
        let target = if self.cursor.take_words(&["on", "constraint"]) {
            Some(ConflictTarget::Constraint(self.name("a constraint")?))
        } else if self.cursor.is_open(Bracket::Round) {
            let elements = self.conflict_elements()?;
            Some(ConflictTarget::Index { elements, filter: self.filter()?.map(Box::new) })
        } else {
            None
        };
        self.expect_word("do")?;
        let action = if self.cursor.take_word("nothing") {
            ConflictAction::Nothing
        } else if self.cursor.take_word("update") {
            if target.is_none() {
                return Err(SyntaxError {
                    message: "`do update` needs to know the conflict".into(),
                    help: Some("write `on conflict (column) do update`".into()),
                    at: self.cursor.since(start),
                });
            }
            self.expect_word("set")?;
            let assignments = self.assignments()?;
            ConflictAction::Update { assignments, filter: self.filter()?.map(Box::new) }
        } else {
            return Err(self.cursor.expected("`nothing` or `update`"));
        };
        Ok(OnConflict { target, action, at: self.cursor.since(start) })
    }

    fn conflict_elements(&mut self) -> Result<Vec<ConflictElement>, SyntaxError> {
        self.expect_open()?;
        let mut elements = Vec::new();
        loop {
            let start = self.cursor.index();
            let operand = self.operand()?;
            let value = self.continued(operand, start, crate::expression::Level::Operand)?;
            let collation = if self.cursor.is_word("collate") { self.collation()? } else { Vec::new() };
            let operator_class = if self.is_name() { Some(self.object_name("an operator class")?) } else { None };
            elements.push(ConflictElement { value, collation, operator_class });
            if !self.cursor.take_symbol(',') {
                self.expect_close(Bracket::Round)?;
                return Ok(elements);
            }
        }
    }

    /// `RETURNING ...`, if it follows.
    pub(super) fn returning(&mut self) -> Result<Option<Returning>, SyntaxError> {
        if !self.cursor.take_word("returning") {
            return Ok(None);
        }
        let (mut old, mut new) = (None, None);
        if self.cursor.take_word("with") {
            self.expect_open()?;
            loop {
                let slot = if self.cursor.is_word("old") {
                    &mut old
                } else if self.cursor.is_word("new") {
                    &mut new
                } else {
                    return Err(self.cursor.expected("`old` or `new`"));
                };
                if slot.is_some() {
                    return Err(self.cursor.expected("each of `old` and `new` once"));
                }
                self.cursor.next();
                self.expect_word("as")?;
                *slot = Some(self.name("an alias")?);
                if !self.cursor.take_symbol(',') {
                    self.expect_close(Bracket::Round)?;
                    break;
                }
            }
        }
        let items: Vec<Item> = self.select_items()?;
        Ok(Some(Returning { old, new, items }))
    }

    /// The name that a table has in the statement; `set` is not one, because it may follow the table.
    pub(super) fn target_alias(&mut self) -> Result<Option<Name>, SyntaxError> {
        if self.cursor.take_word("as") || self.is_name() && !self.cursor.is_word("set") {
            return self.name("an alias").map(Some);
        }
        Ok(None)
    }
}
