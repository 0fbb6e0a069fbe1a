//! Rows and sub-selects: comparisons of several values at once (`make_row_comparison_op`), fields.

use super::Problem;
use super::types::{BOOLEAN, RECORD, UNKNOWN};
use super::walk::{OPEN, Value, Walk, is_comparison};
use crate::expression::{Expression, ExpressionKind, Operator};
use crate::query::Query;
use crate::system::{CastContext, TypeId};
use crate::token::At;
use crate::types::{BuiltIn, Type};

/// Whether a row has more values than are written: `row(users.*)`.
pub(super) fn has_star(items: &[Expression]) -> bool {
    items.iter().any(Expression::is_star)
}

impl Walk<'_> {
    /// The types that come out of a sub-select.
    fn columns(&mut self, query: &Query) -> Option<Vec<TypeId>> {
        let columns = self.surroundings.columns(query)?;
        Some(columns.into_iter().map(|column| column.map_or(OPEN, |data_type| self.types.id(&data_type))).collect())
    }

    /// A sub-select that gives one value.
    pub(super) fn scalar(&mut self, query: &Query, at: At) -> TypeId {
        let Some(columns) = self.columns(query) else { return OPEN };
        match columns.as_slice() {
            [column] => *column,
            columns => self.mistake(at, Problem::Columns { found: columns.len(), expected: 1 }),
        }
    }

    /// Values beside as many others.
    pub(super) fn compare_rows(
        &mut self,
        operator: &Operator,
        left_items: &[Expression],
        right_items: &[Expression],
        at: At,
    ) -> TypeId {
        let left: Vec<Value<'_>> = left_items.iter().map(|value| self.value(value)).collect();
        let right: Vec<Value<'_>> = right_items.iter().map(|value| self.value(value)).collect();
        if has_star(left_items) || has_star(right_items) {
            return BOOLEAN;
        }
        if left.len() != right.len() {
            return self.mistake(at, Problem::UnequalRows { left: left.len(), right: right.len() });
        }
        self.compare_each(operator, &left, &right, at)
    }

    /// Values beside the columns of a sub-select.
    pub(super) fn compare_columns(&mut self, operator: &Operator, left: &[Value<'_>], query: &Query, at: At) -> TypeId {
        let Some(right) = self.columns(query) else { return BOOLEAN };
        let right: Vec<Value<'_>> = right.into_iter().map(Value::from).collect();
        if left.len() != right.len() {
            return self.mistake(at, Problem::Columns { found: right.len(), expected: left.len() });
        }
        self.compare_each(operator, left, &right, at)
    }

    fn compare_each(&mut self, operator: &Operator, left: &[Value<'_>], right: &[Value<'_>], at: At) -> TypeId {
        if left.len() > 1 && operator.schema.is_none() && !is_comparison(&operator.symbol) {
            let is_open = self.surroundings.may_have_operator(None, &operator.symbol);
            if !is_open {
                return self.mistake(at, Problem::NoRowComparison { symbol: operator.symbol.clone() });
            }
        }
        for (left, right) in left.iter().zip(right) {
            let found = self.operator(operator, Some(*left), *right, at);
            if found != BOOLEAN && !self.is_open(found) {
                return self.mistake(at, Problem::NotBoolean { found: self.types.type_of(found) });
            }
        }
        BOOLEAN
    }

    /// `row(a, b)` that becomes a value of a composite type: each of its values becomes one of the field's. `None` where the
    /// fields are not known.
    pub(super) fn row_becomes(
        &mut self,
        items: &[Expression],
        target: &Type,
        to: TypeId,
        context: CastContext,
        at: At,
    ) -> Option<TypeId> {
        let base = self.types.type_of(self.types.base(to));
        let fields = self.surroundings.fields(base.as_named()?)?;
        if has_star(items) {
            items.iter().for_each(|item| {
                self.type_of(item);
            });
            return Some(to);
        }
        if fields.len() != items.len() {
            let from = self.types.type_of(RECORD);
            return Some(self.mistake(at, Problem::NoCast { from, to: target.clone() }));
        }
        for (item, (_, field)) in items.iter().zip(&fields) {
            self.becomes(item, field, context);
        }
        Some(to)
    }

    /// `(value).field`
    pub(super) fn field(&mut self, operand: &Expression, field: &str, at: At) -> TypeId {
        let id = self.type_of(operand);
        if id == RECORD
            && field != "*"
            && let ExpressionKind::Call(call) = &operand.kind
            && let Some(columns) = self.surroundings.columns_of_function(call.schema.as_deref(), &call.name)
        {
            return self.one_of(columns, field, Type::BuiltIn(BuiltIn::Record), at);
        }
        if let ExpressionKind::Row(items) = &operand.kind
            && field != "*"
            && !has_star(items)
        {
            // A row that is written has no other names.
            let known = (1..=items.len()).map(|number| format!("f{number}")).collect::<Vec<_>>();
            if !known.iter().any(|name| name == field) {
                let of = Type::BuiltIn(BuiltIn::Record);
                let last = At { start: at.end.saturating_sub(1).max(at.start), end: at.end };
                return self.mistake(last, Problem::NoField { field: field.to_owned(), of, fields: known });
            }
        }
        if id == UNKNOWN || id == RECORD || self.is_open(id) {
            return OPEN;
        }
        let of = self.types.type_of(self.types.base(id));
        let Some(fields) = of.as_named().and_then(|name| self.surroundings.fields(name)) else {
            return match self.types.is_composite(self.types.base(id)) || of.as_named().is_some() {
                true => OPEN,
                false => self.mistake(at, Problem::NotComposite { field: field.to_owned(), found: of }),
            };
        };
        if field == "*" {
            return OPEN;
        }
        self.one_of(fields, field, of, at)
    }

    /// The type of a field, which must be one of these.
    fn one_of(&mut self, fields: Vec<(String, Type)>, field: &str, of: Type, at: At) -> TypeId {
        match fields.iter().find(|(name, _)| name == field) {
            Some((_, data_type)) => self.types.id(data_type),
            None => {
                let fields = fields.into_iter().map(|(name, _)| name).collect();
                let last = At { start: at.end.saturating_sub(1).max(at.start), end: at.end };
                self.mistake(last, Problem::NoField { field: field.to_owned(), of, fields })
            }
        }
    }
}
