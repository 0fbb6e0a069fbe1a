//! Writing queries as SQL text.

mod change;
mod json;
mod select;
mod source;
mod table_function;
mod window;
mod with;
mod xml;

use super::{Body, LockStrength, LockWait, Name, Query, SetOperation, SetOperator, Statement};
use crate::expression::{Level, Output};
use crate::sql::writer::quote_identifier;

/// The SQL text of a statement, at the end of a text.
pub(crate) fn write_statement_into(text: &mut String, statement: &Statement) {
    Output { text }.statement(statement);
}

/// The SQL text of a query, at the end of a text.
pub(crate) fn write_into(text: &mut String, query: &Query) {
    Output { text }.query(query);
}

/// How tightly a body binds.
fn level(body: &Body) -> u8 {
    match body {
        Body::Set(operation) => match operation.operator {
            SetOperator::Union | SetOperator::Except => 0,
            SetOperator::Intersect => 1,
        },
        _ => 2,
    }
}

impl Output<'_> {
    pub(crate) fn name(&mut self, name: &Name) {
        self.push(&quote_identifier(&name.value));
    }

    /// `(a, b)`
    pub(super) fn names(&mut self, names: &[Name]) {
        self.push("(");
        self.list(names, Self::name);
        self.push(")");
    }

    /// A query in parentheses.
    pub(crate) fn enclosed_query(&mut self, query: &Query) {
        self.push("(");
        self.query(query);
        self.push(")");
    }

    pub(crate) fn query(&mut self, query: &Query) {
        self.with(query.with.as_ref());
        match &query.body {
            Body::Select(select) => self.select(select),
            Body::Values(rows) => {
                self.push("VALUES ");
                self.list(rows, |output, row| {
                    output.push("(");
                    output.separated(", ", Level::Or, row);
                    output.push(")");
                });
            }
            Body::Table(table) => {
                self.push("TABLE ");
                self.table(table);
            }
            Body::Set(operation) => self.set_operation(operation),
        }
        self.order_by(&query.order_by);
        if let Some(limit) = &query.limit
            && !limit.with_ties
        {
            self.keyword_argument(" LIMIT ", Some(&limit.count));
        }
        self.keyword_argument(" OFFSET ", query.offset.as_deref());
        if let Some(limit) = &query.limit
            && limit.with_ties
        {
            self.push(" FETCH FIRST ");
            self.parenthesized(&limit.count);
            self.push(" ROWS WITH TIES");
        }
        for locking in &query.locking {
            self.push(match locking.strength {
                LockStrength::Update => " FOR UPDATE",
                LockStrength::NoKeyUpdate => " FOR NO KEY UPDATE",
                LockStrength::Share => " FOR SHARE",
                LockStrength::KeyShare => " FOR KEY SHARE",
            });
            if !locking.of.is_empty() {
                self.push(" OF ");
                self.list(&locking.of, Self::object_name);
            }
            self.push(match locking.wait {
                LockWait::Wait => "",
                LockWait::Error => " NOWAIT",
                LockWait::Skip => " SKIP LOCKED",
            });
        }
    }

    fn set_operation(&mut self, operation: &SetOperation) {
        let own = match operation.operator {
            SetOperator::Union | SetOperator::Except => 0,
            SetOperator::Intersect => 1,
        };
        self.operand_of_set(&operation.left, own);
        self.push(match operation.operator {
            SetOperator::Union => " UNION ",
            SetOperator::Intersect => " INTERSECT ",
            SetOperator::Except => " EXCEPT ",
        });
        self.push(if operation.is_all { "ALL " } else { "" });
        self.operand_of_set(&operation.right, own + 1);
    }

    fn operand_of_set(&mut self, query: &Query, minimum: u8) {
        if query.is_plain() && level(&query.body) >= minimum {
            self.query(query);
        } else {
            self.enclosed_query(query);
        }
    }

    pub(crate) fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Query(query) => self.query(query),
            Statement::Insert(insert) => self.insert(insert),
            Statement::Update(update) => self.update(update),
            Statement::Delete(delete) => self.delete(delete),
            Statement::Merge(merge) => self.merge(merge),
        }
    }
}
