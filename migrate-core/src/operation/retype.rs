//! What expressions become when the type of a column changes.

use crate::expression::{Expression, ExpressionKind};
use crate::types::{Category, Type};

/// The default of a column under its new type: a literal is read by the new type, whatever the old one was; anything
/// else is assigned to it.
pub(super) fn default_after(default: Expression, from: &Type, to: &Type) -> Expression {
    if from.without_modifier() == to.without_modifier() {
        return default;
    }
    let at = default.at;
    let kind = match default.kind {
        ExpressionKind::Cast { operand, target, .. } if is_type(&target, from) && is_plain(&operand) => operand.kind,
        ExpressionKind::TypedText { target, text } if is_type(&target, from) => ExpressionKind::Text(text),
        kind => kind,
    };
    match kind {
        ExpressionKind::Text(text) if to.category() == Category::Json => {
            Expression::cast(Expression::new(ExpressionKind::Text(text), at), to.clone())
        }
        kind => Expression::new(kind, at).assigned_to(to),
    }
}

fn is_type(target: &Type, from: &Type) -> bool {
    target.without_modifier() == from.without_modifier()
}

fn is_plain(operand: &Expression) -> bool {
    operand.is_literal() || matches!(operand.kind, ExpressionKind::Array(_))
}

/// Gives the new type to literals of the old one that are compared with the column.
pub(crate) fn retype_literals(expression: &mut Expression, column: &str, from: &Type, to: &Type) {
    let is_column = |side: &Expression| side.as_name() == Some(column);
    let retype = |side: &mut Expression| {
        if let ExpressionKind::Cast { operand, target, .. } = &mut side.kind
            && is_plain(operand)
        {
            let element = target.element().filter(|element| is_type(element, from));
            if is_type(target, from) {
                *target = to.without_modifier();
            } else if element.is_some() {
                *target = to.without_modifier().array();
            }
        }
    };
    expression.visit_mut(&mut |part| match &mut part.kind {
        ExpressionKind::Binary { left, right, .. }
        | ExpressionKind::IsDistinct { left, right, .. }
        | ExpressionKind::Quantified { operand: left, array: right, .. } => {
            if is_column(left) {
                retype(right);
            } else if is_column(right) {
                retype(left);
            }
        }
        ExpressionKind::In { operand, items, .. } if is_column(operand) => items.iter_mut().for_each(retype),
        ExpressionKind::Between { operand, low, high, .. } if is_column(operand) => {
            retype(low);
            retype(high);
        }
        _ => {}
    });
}

#[cfg(test)]
mod tests {
    use super::super::testing::{data_type, expression};
    use super::*;

    #[test]
    fn a_default_is_read_by_the_new_type() {
        for (default, from, to, expected) in [
            ("'a'::status", "status", "text", "'a'"),
            ("'{}'::jsonb", "jsonb", "text", "'{}'"),
            ("'{}'", "text", "jsonb", "'{}'::jsonb"),
            ("ARRAY['a']::status[]", "status[]", "text[]", "ARRAY['a']"),
            ("ARRAY['a']", "text[]", "status[]", "ARRAY['a']::status[]"),
            ("date '2020-01-01'", "date", "text", "'2020-01-01'"),
            ("now()", "timestamptz", "date", "now()"),
            ("'x'::varchar(5)", "varchar(5)", "varchar(9)", "'x'::varchar(5)"),
        ] {
            let after = default_after(expression(default), &data_type(from), &data_type(to));
            assert_eq!(after, expression(expected), "{default} of {from} as {to}");
        }
    }

    #[test]
    fn literals_beside_the_column_get_its_new_type_and_others_stay() {
        let mut check = expression("a = ANY (ARRAY['x']::text[]) AND 'y'::text <> a AND b = 'z'::text");
        retype_literals(&mut check, "a", &Type::TEXT, &data_type("status"));
        assert_eq!(check, expression("a = ANY (ARRAY['x']::status[]) AND 'y'::status <> a AND b = 'z'::text"));
    }
}
