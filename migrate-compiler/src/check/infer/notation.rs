//! The notation in which a function of a row looks like one of its columns, and a column like a function (manual, 4.2.6 and 38.5.2).

use migrate_core::expression::{Argument, Call, Expression, ExpressionKind};
use migrate_core::name::QualifiedName;
use migrate_core::token::At;

use super::Walk;
use crate::check::around::Around;
use crate::check::is_system_function;
use crate::check::query::Meaning;

impl Walk<'_, '_> {
    /// `value.function` stands for `function(value)`, where the value has no such field and the function takes it.
    pub(in crate::check) fn as_call(&self, name: &str, value: Expression, at: At) -> Option<ExpressionKind> {
        if !self.checker.may_be_function(name) {
            return None;
        }
        let arguments = vec![Argument { name: None, value }];
        let call = Expression::new(ExpressionKind::Call(Call { arguments, ..Call::new(name) }), at);
        self.checker.resolves(&call, self.around).then_some(call.kind)
    }

    /// Names the user's function by its schema, where PostgreSQL has functions of the name as well, and none of them takes
    /// these arguments: without a schema the name means those.
    pub(super) fn means_own(&self, expression: &mut Expression) {
        let ExpressionKind::Call(call) = &expression.kind else { return };
        let own = QualifiedName::new(call.name.as_str());
        if self.failed
            || call.schema.is_some()
            || !is_system_function(&call.name)
            || !self.checker.catalog().has_routine(&own)
            || self.checker.resolves(expression, self.around)
        {
            return;
        }
        let mut named = expression.clone();
        if let ExpressionKind::Call(call) = &mut named.kind {
            call.schema = Some(own.schema);
        }
        if self.checker.resolves(&named, self.around) {
            *expression = named;
        }
    }

    /// The same for `(value).function`, whose value is resolved.
    pub(super) fn field_as_call(&self, value: &Expression, field: &str, at: At) -> Option<ExpressionKind> {
        let has_no_field = match (&value.kind, self.around) {
            (ExpressionKind::Name(parts), Around::Query(scope)) if matches!(scope.find(parts), Meaning::Row(_)) => {
                let column: Vec<String> = parts.iter().cloned().chain([field.to_owned()]).collect();
                matches!(scope.find(&column), Meaning::NoColumn { .. })
            }
            _ => {
                let access = ExpressionKind::Field { operand: Box::new(value.clone()), field: field.to_owned() };
                self.checker.may_be_function(field) && !self.checker.resolves(&Expression::new(access, at), self.around)
            }
        };
        if has_no_field { self.as_call(field, value.clone(), at) } else { None }
    }

    /// `column(row)` stands for `row.column`, where no function has that name.
    pub(super) fn as_column(&self, call: &Call) -> Option<ExpressionKind> {
        let Around::Query(scope) = self.around else { return None };
        let [Argument { name: None, value }] = call.arguments.as_slice() else { return None };
        let ExpressionKind::Name(parts) = &value.kind else { return None };
        let [row] = parts.as_slice() else { return None };
        let is_plain = *call == Call { arguments: call.arguments.clone(), ..Call::new(call.name.clone()) };
        if !is_plain || self.checker.may_be_function(&call.name) || !matches!(scope.find(parts), Meaning::Row(_)) {
            return None;
        }
        let column = vec![row.clone(), call.name.clone()];
        matches!(scope.find(&column), Meaning::Column { .. }).then_some(ExpressionKind::Name(column))
    }
}
