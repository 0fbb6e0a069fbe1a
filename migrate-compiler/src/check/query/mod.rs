//! Checking queries: tables, columns, aliases and functions are looked up, bare words become values of enums, and what
//! comes out has names and types. What was checked names everything in full, so that it means the same wherever it runs.

mod changed;
mod conflict;
mod document;
mod expression;
mod from;
mod function;
mod grouping;
mod level;
mod limit;
mod nullable;
mod order;
mod recursion;
mod returned;
mod scope;
mod select;
mod set;
mod statement;
mod through_view;
mod window;
mod with;

use migrate_core::expression::Expression;
use migrate_core::object::RelationColumn;
use migrate_core::query::{Body, Query};
use migrate_core::sorted::SortedMap;
use migrate_core::token::At;
use migrate_core::types::Type;

use super::Checker;
use crate::diagnostic::{Diagnostic, code};

pub(in crate::check) use changed::set_always;
pub(in crate::check) use expression::{last, no_source};
pub(in crate::check) use from::outputs_of;
pub(in crate::check) use function::{is_polymorphic, plain_type};
use level::Clause;
pub(crate) use scope::{Meaning, Merged, Output, Scope, Visible};

/// The common tables that a query may name, innermost last.
pub(crate) type CommonTables = SortedMap<String, Common>;

/// A common table, as those see it that name it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Common {
    columns: Vec<Output>,
    /// Whether there is a mistake in it, so that nothing more is said about its columns.
    is_open: bool,
    /// Whether it changes rows and gives none.
    is_silent: bool,
}

/// A check of a query, with what it has found.
pub(crate) struct QueryCheck<'w, 'c> {
    pub(crate) checker: &'w mut Checker<'c>,
    /// What `WITH` gives to this query.
    common: CommonTables,
    /// Whether columns may come out that are not known.
    pub(crate) is_open: bool,
    /// Whether something was reported.
    pub(crate) failed: bool,
    /// Whether it stays, and follows what is renamed: then a value of an enum says of which, as the server prints it.
    pub(crate) is_kept: bool,
    /// Whether it runs with the migration: what it does with the rows must be possible.
    is_run: bool,
    /// The types of the columns that the next query is to fill: a text or a bare word among what comes out of it is
    /// one of their values.
    filled: Vec<Option<Type>>,
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
            self.report_open_star(query.at);
        }
        if let Some(at) = text_at {
            self.mistakes.iter_mut().skip(known).for_each(|mistake| mistake.at = at);
        }
        (!failed && !is_open && self.mistakes.len() == known).then_some(outputs)
    }

    /// Columns must be known that are not.
    pub(in crate::check) fn report_open_star(&mut self, at: At) {
        self.report(
            Diagnostic::new(code::INVALID_QUERY, "the columns that `*` stands for are not known here", at)
                .help("name the columns, or declare what raw SQL has created with `changes { ... }`"),
        );
    }

    /// Checks a statement that changes rows, and names everything in it in full; whether there is no mistake.
    pub(crate) fn changing_statement(&mut self, statement: &mut migrate_core::query::Statement) -> bool {
        let known = self.mistakes.len();
        let mut check = QueryCheck { is_run: true, ..QueryCheck::new(self) };
        check.statement(statement, None);
        let (failed, is_open) = (check.failed, check.is_open);
        if is_open && !failed && self.mistakes.len() == known {
            self.report_open_star(statement.at());
        }
        !failed && !is_open && self.mistakes.len() == known
    }

    /// Checks a call of a procedure, and names everything in it in full. `None`: there is a mistake.
    pub(crate) fn call(&mut self, call: &Expression) -> Option<Expression> {
        let known = self.mistakes.len();
        let mut call = call.clone();
        let mut check = QueryCheck { is_run: true, ..QueryCheck::new(self) };
        check.procedure(&mut call, &Scope::default());
        let failed = check.failed;
        (!failed && self.mistakes.len() == known).then_some(call)
    }

    /// Checks a statement in SQL, in which a bare word is never a value of an enum, and gives the columns that come out.
    pub(crate) fn judged(&mut self, statement: &mut migrate_core::query::Statement) -> Vec<RelationColumn> {
        let sql = Scope { is_sql: true, ..Scope::default() };
        let outputs = QueryCheck::new(self).statement(statement, Some(&sql));
        let column = |Output { name, data_type, nullable }| RelationColumn { name, data_type, nullable };
        outputs.into_iter().map(column).collect()
    }

    /// Checks a statement that sees rows of a table under these names, and names everything else in it in full; whether
    /// there is no mistake. Where it is written as a text, mistakes are said to be at the text.
    pub(crate) fn statement_over(
        &mut self,
        statement: &mut migrate_core::query::Statement,
        rows: &[&str],
        table: &migrate_core::name::QualifiedName,
        text_at: Option<At>,
    ) -> bool {
        self.over(rows, table, text_at, |check, scope| {
            check.statement(statement, Some(scope));
        })
    }

    /// The same of a condition over rows of a view.
    pub(crate) fn condition_over(
        &mut self,
        condition: &mut Expression,
        rows: &[&str],
        view: &migrate_core::name::QualifiedName,
        text_at: Option<At>,
    ) -> bool {
        self.over(rows, view, text_at, |check, scope| {
            scope.enter(Clause::Where);
            check.condition(condition, scope);
        })
    }

    fn over(
        &mut self,
        rows: &[&str],
        relation: &migrate_core::name::QualifiedName,
        text_at: Option<At>,
        run: impl FnOnce(&mut QueryCheck<'_, '_>, &Scope<'_>),
    ) -> bool {
        let known = self.mistakes.len();
        let sources = rows.iter().map(|row| self.row_of(row, Some(relation))).collect();
        let scope = Scope { sources, ..Scope::default() };
        let mut check = QueryCheck::new(self);
        check.is_kept = true;
        run(&mut check, &scope);
        let failed = check.failed;
        if let Some(at) = text_at {
            self.mistakes.iter_mut().skip(known).for_each(|mistake| mistake.at = at);
        }
        !failed && self.mistakes.len() == known
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
        let mut check = QueryCheck { common: common.clone(), ..QueryCheck::new(self) };
        let outputs = check.query(query, outer);
        let (is_open, failed) = (check.is_open, check.failed || self.mistakes.len() > known);
        let place = (query.at.start, query.at.end);
        self.subqueries.remove(&place);
        if !failed && !is_open {
            let types = outputs.iter().map(|output| output.data_type.clone());
            self.subqueries.insert(place, types.collect());
        }
        (!failed).then_some(outputs)
    }

    /// The types of what comes out of a sub-select that was checked; `None` where that is not known.
    pub(super) fn columns_of_subquery(&self, query: &Query) -> Option<Vec<Option<Type>>> {
        self.subqueries.get(&(query.at.start, query.at.end)).cloned()
    }
}

impl<'w, 'c> QueryCheck<'w, 'c> {
    /// Begins a check of statements that stand by themselves.
    pub(in crate::check) fn new(checker: &'w mut Checker<'c>) -> Self {
        QueryCheck {
            checker,
            common: CommonTables::new(),
            is_open: false,
            failed: false,
            is_kept: false,
            is_run: false,
            filled: Vec::new(),
        }
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
        let filled = std::mem::take(&mut self.filled);
        if let Some(with) = &mut query.with {
            self.with(with, outer);
        }
        let (outputs, scope) = self.body(&mut query.body, &filled, outer);
        let scope = scope.unwrap_or_else(|| self.empty(outer));
        let known = self.checker.mistakes.len();
        self.order(query, &outputs, &scope);
        if let Body::Select(select) = &query.body
            && self.checker.mistakes.len() == known
        {
            self.grouped_select(select, &query.order_by, &outputs, &scope);
        }
        self.locked(query, &scope);
        let nothing = self.empty(outer);
        nothing.enter(Clause::Limit);
        if let Some(limit) = query.limit.as_ref().filter(|limit| limit.with_ties && query.order_by.is_empty()) {
            let mistake = Diagnostic::new(code::INVALID_QUERY, "`with ties` requires `order by`", limit.count.at);
            self.fail(mistake.help("add `order by`, or write `only`"));
        }
        if let Some(limit) = &mut query.limit {
            self.count(&mut limit.count, "limit", &nothing);
        }
        if let Some(offset) = &mut query.offset {
            self.count(offset, "offset", &nothing);
        }
        self.common = common;
        outputs
    }

    /// What comes out of a body, and what it sees, for `ORDER BY`.
    fn body<'o>(
        &mut self,
        body: &mut Body,
        filled: &[Option<Type>],
        outer: Option<&'o Scope<'o>>,
    ) -> (Vec<Output>, Option<Scope<'o>>) {
        match body {
            Body::Select(select) => {
                let (outputs, scope) = self.select(select, filled, outer);
                (outputs, Some(scope))
            }
            Body::Values(rows) => {
                let outputs = self.values(rows, outer);
                let scope = self.over("*VALUES*", outputs.clone(), outer);
                (outputs, Some(scope))
            }
            Body::Table(table) => {
                let name = table.name.name.value.clone();
                let outputs = self.relation(table).map_or_else(Vec::new, |found| found.columns);
                let scope = self.over(&name, outputs.clone(), outer);
                (outputs, Some(scope))
            }
            Body::Set(set) => (self.set(set, outer), None),
        }
    }
}

/// `1 column`, `2 columns`
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
