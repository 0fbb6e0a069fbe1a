//! Checking queries: tables, columns, aliases and functions are looked up, bare words become values of enums, and what
//! comes out has names and types. What was checked names everything in full, so that it means the same wherever it runs.

mod expression;
mod from;
mod grouping;
mod returned;
mod scope;
mod select;
mod statement;

use std::collections::BTreeMap;

use migrate_core::expression::{Argument, Call, Expression, ExpressionKind};
use migrate_core::object::RelationColumn;
use migrate_core::query::{Body, Query, SetOperation, SetOperator, With};
use migrate_core::token::At;
use migrate_core::types::Type;

use super::around::Around;
use super::{Checker, Context};
use crate::diagnostic::{Diagnostic, code};

pub(in crate::check) use from::outputs_of;
pub(crate) use scope::{Meaning, Output, Scope, Visible};

/// The common tables that a query may name, innermost last.
pub(crate) type CommonTables = BTreeMap<String, Vec<Output>>;

/// A check of a query, with what it has found.
pub(crate) struct QueryCheck<'w, 'c> {
    pub(crate) checker: &'w mut Checker<'c>,
    /// What `WITH` gives to this query.
    common: CommonTables,
    /// Whether columns may come out that are not known.
    pub(crate) is_open: bool,
    /// Whether something was reported.
    pub(crate) failed: bool,
}

impl<'c> Checker<'c> {
    /// Checks a query whose columns must be known, names everything in it in full, and gives the columns that come out.
    /// Where it is written as a text, mistakes are said to be at the text. `None`: there is a mistake.
    pub(crate) fn query(&mut self, query: &mut Query, text_at: Option<At>) -> Option<Vec<Output>> {
        let known = self.mistakes.len();
        let mut check = QueryCheck::new(self);
        let outputs = check.query(query, None);
        let (failed, is_open) = (check.failed, check.is_open);
        if is_open && !failed {
            self.report(
                Diagnostic::new(code::INVALID_QUERY, "the columns that `*` stands for are not known here", query.at)
                    .help("name the columns, or declare what raw SQL has created with `changes { ... }`"),
            );
        }
        if let Some(at) = text_at {
            self.mistakes.iter_mut().skip(known).for_each(|mistake| mistake.at = at);
        }
        (!failed && !is_open && self.mistakes.len() == known).then_some(outputs)
    }

    /// Checks a statement that changes rows, and names everything in it in full; whether there is no mistake.
    pub(crate) fn changing_statement(&mut self, statement: &mut migrate_core::query::Statement) -> bool {
        let known = self.mistakes.len();
        let mut check = QueryCheck::new(self);
        check.statement(statement, None);
        let (failed, is_open) = (check.failed, check.is_open);
        if is_open && !failed && self.mistakes.len() == known {
            self.report(
                Diagnostic::new(
                    code::INVALID_QUERY,
                    "the columns that `*` stands for are not known here",
                    statement.at(),
                )
                .help("name the columns, or declare what raw SQL has created with `changes { ... }`"),
            );
        }
        !failed && !is_open && self.mistakes.len() == known
    }

    /// Checks a statement in SQL, in which a bare word is never a value of an enum, and gives the columns that come out.
    pub(crate) fn judged(&mut self, statement: &mut migrate_core::query::Statement) -> Vec<RelationColumn> {
        let sql = Scope { is_sql: true, ..Scope::default() };
        let outputs = QueryCheck::new(self).statement(statement, Some(&sql));
        let column = |Output { name, data_type, nullable }| RelationColumn { name, data_type, nullable };
        outputs.into_iter().map(column).collect()
    }

    /// Whether a table may have columns, keys and constraints that are not known.
    pub(crate) fn is_table_open(&self, name: &migrate_core::name::QualifiedName) -> bool {
        self.state.broken.is_incomplete(name) || self.state.undeclared.is_altered(name)
    }

    /// Checks a query that stands in another one.
    pub(crate) fn query_within(
        &mut self,
        query: &mut Query,
        outer: Option<&Scope<'_>>,
        common: &CommonTables,
    ) -> Option<Vec<Output>> {
        let known = self.mistakes.len();
        let mut check = QueryCheck { checker: self, common: common.clone(), is_open: false, failed: false };
        let outputs = check.query(query, outer);
        let failed = check.failed || self.mistakes.len() > known;
        (!failed).then_some(outputs)
    }
}

impl<'w, 'c> QueryCheck<'w, 'c> {
    /// Begins a check of statements that stand by themselves.
    pub(in crate::check) fn new(checker: &'w mut Checker<'c>) -> Self {
        QueryCheck { checker, common: CommonTables::new(), is_open: false, failed: false }
    }
}

impl QueryCheck<'_, '_> {
    fn fail(&mut self, mistake: Diagnostic) {
        self.failed = true;
        self.checker.report(mistake);
    }

    /// Checks a query, and gives what comes out of it.
    pub(super) fn query(&mut self, query: &mut Query, outer: Option<&Scope<'_>>) -> Vec<Output> {
        let common = self.common.clone();
        if let Some(with) = &mut query.with {
            self.with(with, outer);
        }
        let (outputs, scope) = self.body(&mut query.body, outer);
        let scope = scope.unwrap_or_else(|| self.empty(outer));
        let known = self.checker.mistakes.len();
        for item in &mut query.order_by {
            self.ordered_by(&mut item.value, &outputs, &scope);
        }
        if let Body::Select(select) = &query.body
            && self.checker.mistakes.len() == known
            && let Some(grouping) = self.grouping(select, &outputs, &scope)
        {
            let is_output = |value: &Expression| {
                value.as_name().is_some_and(|name| outputs.iter().any(|output| output.name == name))
            };
            let ordered = query.order_by.iter().map(|item| &item.value).filter(|value| !is_output(value));
            let items = select.items.iter().map(|item| &item.value);
            for value in items.chain(&select.having).chain(ordered) {
                self.grouped(&grouping, value);
            }
        }
        let nothing = self.empty(outer);
        for count in query.limit.iter_mut().map(|limit| &mut limit.count).chain(&mut query.offset) {
            self.value(count, None, &nothing);
        }
        self.common = common;
        outputs
    }

    /// `WITH`: each table sees those before it; with `RECURSIVE` itself as well.
    fn with(&mut self, with: &mut With, outer: Option<&Scope<'_>>) {
        let is_recursive = with.is_recursive;
        for table in &mut with.tables {
            let name = table.name.value.clone();
            if is_recursive {
                self.announce(&name, &table.columns, &table.statement, outer);
            }
            let mut outputs = self.statement(&mut table.statement, outer);
            if table.columns.len() > outputs.len() {
                let (found, named) = (outputs.len(), table.columns.len());
                self.fail(Diagnostic::new(
                    code::INVALID_QUERY,
                    format!("`{name}` has {found} columns, but {named} column names are given"),
                    table.name.at,
                ));
            }
            for (output, name) in outputs.iter_mut().zip(&table.columns) {
                output.name.clone_from(&name.value);
            }
            let added = table.search.iter().map(|search| &search.sequence.value);
            let added = added.chain(table.cycle.iter().flat_map(|cycle| [&cycle.mark.value, &cycle.path.value]));
            outputs.extend(added.map(|name| Output::named(name.clone())));
            self.common.insert(name, outputs);
        }
    }

    /// What a recursive table is for itself: as its first part gives it.
    fn announce(
        &mut self,
        name: &str,
        columns: &[migrate_core::query::Name],
        statement: &migrate_core::query::Statement,
        outer: Option<&Scope<'_>>,
    ) {
        let migrate_core::query::Statement::Query(Query { body: Body::Set(set), .. }) = statement else { return };
        let mut first = set.left.clone();
        let (mistakes, failed) = (self.checker.mistakes.len(), self.failed);
        let mut outputs = self.query(&mut first, outer);
        // They are reported when all of it is checked.
        self.checker.mistakes.truncate(mistakes);
        self.failed = failed;
        for (output, name) in outputs.iter_mut().zip(columns) {
            output.name.clone_from(&name.value);
        }
        self.common.insert(name.to_owned(), outputs);
    }

    /// What comes out of a body, and what it sees, for `ORDER BY`.
    fn body<'o>(&mut self, body: &mut Body, outer: Option<&'o Scope<'o>>) -> (Vec<Output>, Option<Scope<'o>>) {
        match body {
            Body::Select(select) => {
                let (outputs, scope) = self.select(select, outer);
                (outputs, Some(scope))
            }
            Body::Values(rows) => (self.values(rows, outer), None),
            Body::Table(table) => (self.relation(table).map_or_else(Vec::new, |found| found.columns), None),
            Body::Set(set) => {
                let left = self.query(&mut set.left, outer);
                let right = self.query(&mut set.right, outer);
                if left.len() != right.len() && !self.failed {
                    let word = word_of(set.operator);
                    let (one, two) = (left.len(), right.len());
                    self.fail(Diagnostic::new(
                        code::INVALID_QUERY,
                        format!("both sides of `{word}` must have the same number of columns, found {one} and {two}"),
                        set.right.at,
                    ));
                }
                let both = left.into_iter().zip(right).enumerate().map(|(index, (one, other))| Output {
                    data_type: self.type_of_both(set, index, &one, &other),
                    nullable: one.nullable || other.nullable,
                    name: one.name,
                });
                (both.collect(), None)
            }
        }
    }

    /// The type that a column has where two queries are put together (PostgreSQL manual, 10.5). A literal takes that of the
    /// other side.
    fn type_of_both(&mut self, set: &SetOperation, index: usize, one: &Output, other: &Output) -> Option<Type> {
        match (is_literal(&set.left, index), is_literal(&set.right, index)) {
            (true, true) => return one.data_type.clone(),
            (true, false) => return other.data_type.clone(),
            (false, true) => return one.data_type.clone(),
            (false, false) => {}
        }
        let (Some(left), Some(right)) = (&one.data_type, &other.data_type) else { return None };
        if left == right {
            return Some(left.clone());
        }
        let cast = |target: &Type| Argument { name: None, value: Expression::cast(Expression::null(), target.clone()) };
        let known = self.checker.mistakes.len();
        let mut call = Call::new("coalesce");
        call.arguments = vec![cast(left), cast(right)];
        let both = Expression::new(ExpressionKind::Call(call), set.right.at);
        let judged = self.checker.judge(&both, Around::Nothing, Context::Query);
        self.checker.mistakes.truncate(known);
        if judged.is_none() {
            let word = word_of(set.operator);
            let message = format!("`{word}` cannot match `{left}` and `{right}` in column `{}`", one.name);
            self.fail(Diagnostic::new(code::TYPE_MISMATCH, message, set.right.at).help(format!("cast it: `::{left}`")));
        }
        judged.flatten()
    }

    fn values(&mut self, rows: &mut [Vec<Expression>], outer: Option<&Scope<'_>>) -> Vec<Output> {
        let scope = self.empty(outer);
        let mut outputs: Vec<Output> = Vec::new();
        for (number, row) in rows.iter_mut().enumerate() {
            let width = outputs.len();
            if number > 0 && row.len() != width {
                let at = row.first().map_or_else(Default::default, |value| value.at);
                let (found, message) = (row.len(), "every row of `values` must have the same number of values");
                self.fail(Diagnostic::new(code::INVALID_QUERY, format!("{message}: {width}, found {found}"), at));
            }
            for (column, value) in row.iter_mut().enumerate() {
                let found = self.typed(value, None, &scope);
                if number == 0 {
                    outputs.push(Output { name: format!("column{}", column + 1), ..found });
                } else if let Some(output) = outputs.get_mut(column) {
                    output.nullable |= found.nullable;
                    output.data_type = output.data_type.take().filter(|known| found.data_type.as_ref() == Some(known));
                }
            }
        }
        outputs
    }
}

fn word_of(operator: SetOperator) -> &'static str {
    match operator {
        SetOperator::Union => "union",
        SetOperator::Intersect => "intersect",
        SetOperator::Except => "except",
    }
}

/// Whether a column of a query is a literal, whose type its place gives.
fn is_literal(query: &Query, index: usize) -> bool {
    let is_open = |value: &Expression| matches!(value.kind, ExpressionKind::Text(_) | ExpressionKind::Null);
    match &query.body {
        Body::Select(select) => select.items.get(index).is_some_and(|item| is_open(&item.value)),
        Body::Values(rows) => rows.iter().all(|row| row.get(index).is_some_and(is_open)),
        Body::Set(set) => is_literal(&set.left, index) && is_literal(&set.right, index),
        Body::Table(_) => false,
    }
}
