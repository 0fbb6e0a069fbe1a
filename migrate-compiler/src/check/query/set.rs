//! `UNION`, `INTERSECT`, `EXCEPT` and `VALUES`: what each column is, by PostgreSQL's rules (manual, 10.5).

use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::query::{Body, Query, SetOperation, SetOperator};
use migrate_core::resolve::Given;
use migrate_core::types::Type;

use super::{Clause, Output, QueryCheck, Scope};
use crate::diagnostic::{Diagnostic, code};

impl QueryCheck<'_, '_> {
    pub(super) fn set(&mut self, set: &mut SetOperation, outer: Option<&Scope<'_>>) -> Vec<Output> {
        let known = self.checker.mistakes();
        let left = self.query(&mut set.left, outer);
        let right = self.query(&mut set.right, outer);
        let is_good = self.checker.mistakes() == known;
        let word = word_of(set.operator);
        for side in [&set.left, &set.right] {
            if let Some(locking) = side.locking.first() {
                let message = format!("rows cannot be locked in a query with `{word}`");
                self.fail(Diagnostic::new(code::INVALID_QUERY, message, locking.at).help("lock them in a subquery"));
            }
        }
        if left.len() != right.len() {
            if !self.failed && !self.is_open {
                let (one, two) = (left.len(), right.len());
                let message =
                    format!("both sides of `{word}` must have the same number of columns, found {one} and {two}");
                self.fail(Diagnostic::new(code::INVALID_QUERY, message, set.right.at));
            }
            return left;
        }
        let mut outputs = Vec::new();
        for (index, (one, other)) in left.into_iter().zip(right).enumerate() {
            let data_type = if is_good { self.type_of_both(set, index, &one, &other) } else { None };
            if let Some(found) = data_type.as_ref().filter(|_| !(set.is_all && set.operator == SetOperator::Union))
                && !self.checker.has_equality(found)
                && !self.failed
            {
                let message = format!("`{word}` cannot compare column `{}`, which is of type `{found}`", one.name);
                let mistake = Diagnostic::new(code::TYPE_MISMATCH, message, set.right.at);
                self.fail(mistake.help("cast it to a type that has an equality operator, or write `union all`"));
            }
            outputs.push(Output { data_type, nullable: one.nullable || other.nullable, name: one.name });
        }
        outputs
    }

    /// The type that a column has where two queries are put together. A literal takes that of the other side.
    fn type_of_both(&mut self, set: &mut SetOperation, index: usize, one: &Output, other: &Output) -> Option<Type> {
        let given = |query: &Query, output: &Output| match &output.data_type {
            _ if is_literal(query, index) => Given::Literal,
            Some(found) => Given::Type(found.clone()),
            None => Given::Open,
        };
        let (left, right) = (given(&set.left, one), given(&set.right, other));
        if left == right {
            return one.data_type.clone();
        }
        match self.checker.common_type(&[left, right]) {
            Ok(found) => {
                for side in [&mut set.left, &mut set.right] {
                    self.read_literal(side, index, found.as_ref());
                }
                found
            }
            Err(apart) => {
                let (left, right) = *apart;
                let word = word_of(set.operator);
                let message = format!("`{word}` cannot match `{left}` and `{right}` in column `{}`", one.name);
                let item = match &set.right.body {
                    Body::Select(select) => select.items.get(index).map(|item| item.value.at),
                    _ => None,
                };
                let at = item.filter(|at| at.end > at.start).unwrap_or(set.right.at);
                let mistake = Diagnostic::new(code::TYPE_MISMATCH, message, at);
                self.fail(mistake.help(format!("cast it: `::{left}`")));
                None
            }
        }
    }

    /// A literal of a side is read as a value of the type of the column.
    fn read_literal(&mut self, side: &mut Query, index: usize, data_type: Option<&Type>) {
        let Body::Select(select) = &mut side.body else { return };
        if let Some(item) = select.items.get_mut(index)
            && let ExpressionKind::Text(_) = &item.value.kind
        {
            let nothing = Scope::default();
            self.value(&mut item.value.clone(), data_type, &nothing);
        }
    }

    pub(super) fn values(&mut self, rows: &mut [Vec<Expression>], outer: Option<&Scope<'_>>) -> Vec<Output> {
        let scope = self.empty(outer);
        scope.enter(Clause::Values);
        let mut outputs: Vec<Output> = Vec::new();
        let mut given: Vec<Vec<Given>> = Vec::new();
        for (number, row) in rows.iter_mut().enumerate() {
            let width = outputs.len();
            if number > 0 && row.len() != width {
                let at = row.first().map_or_else(Default::default, |value| value.at);
                let (found, message) = (row.len(), "every row of `values` must have the same number of values");
                self.fail(Diagnostic::new(code::INVALID_QUERY, format!("{message}: {width}, found {found}"), at));
            }
            for (column, value) in row.iter_mut().enumerate() {
                let is_literal = is_open_literal(value);
                let found = self.typed(value, None, &scope);
                let known = match &found.data_type {
                    _ if is_literal => Given::Literal,
                    Some(data_type) => Given::Type(data_type.clone()),
                    None => Given::Open,
                };
                if number == 0 {
                    outputs.push(Output { name: format!("column{}", column + 1), ..found });
                    given.push(vec![known]);
                } else if let Some(output) = outputs.get_mut(column) {
                    output.nullable |= found.nullable;
                    given.get_mut(column).into_iter().for_each(|given| given.push(known.clone()));
                }
            }
        }
        for (index, (output, given)) in outputs.iter_mut().zip(&given).enumerate() {
            if given.len() < 2 || given.windows(2).all(|pair| pair.first() == pair.last()) {
                continue;
            }
            match self.checker.common_type(given) {
                Ok(found) => {
                    if let Some(found) = &found {
                        for value in rows.iter_mut().filter_map(|row| row.get_mut(index)) {
                            if is_open_literal(value) && !value.is_null() {
                                self.value(value, Some(found), &scope);
                            }
                        }
                    }
                    output.data_type = found;
                }
                Err(apart) => {
                    let (one, other) = *apart;
                    let at =
                        rows.iter().filter_map(|row| row.get(index)).nth(1).map_or_else(Default::default, |v| v.at);
                    let message = format!("`values` cannot match the types `{one}` and `{other}`");
                    let mistake = Diagnostic::new(code::TYPE_MISMATCH, message, at);
                    self.fail(mistake.help(format!("cast one of them, as in `(...)::{one}`")));
                }
            }
        }
        outputs
    }
}

pub(super) fn word_of(operator: SetOperator) -> &'static str {
    match operator {
        SetOperator::Union => "union",
        SetOperator::Intersect => "intersect",
        SetOperator::Except => "except",
    }
}

fn is_open_literal(value: &Expression) -> bool {
    matches!(value.kind, ExpressionKind::Text(_) | ExpressionKind::Null)
}

/// Whether a column of a query is a literal, whose type its place gives.
pub(super) fn is_literal(query: &Query, index: usize) -> bool {
    match &query.body {
        Body::Select(select) => select.items.get(index).is_some_and(|item| is_open_literal(&item.value)),
        Body::Values(rows) => rows.iter().all(|row| row.get(index).is_some_and(is_open_literal)),
        // Two literals have become texts.
        Body::Set(_) | Body::Table(_) => false,
    }
}
