//! Literals in the form in which a column of a known type takes them.

use super::{Expression, ExpressionKind};
use crate::json::Value;
use crate::token::At;
use crate::types::{Category, Type};

impl Expression {
    /// The expression as it is assigned to a column of a type: `{ ... }` and `[...]` become literals of that type.
    ///
    /// * `{ "a": 1 }` for `jsonb` becomes `'{"a": 1}'::jsonb`; so does `[1, 2]`;
    /// * `[]` for `text[]` becomes `'{}'::text[]`, as PostgreSQL prints it;
    /// * `["a"]` for an array of anything but text gets its type too, since `ARRAY['a']` alone is `text[]`.
    ///
    /// Everything else stays as it is.
    pub fn assigned_to(self, target: &Type) -> Expression {
        let at = self.at;
        let kind = match (self.kind, target) {
            (ExpressionKind::Json(value), _) => {
                let text = ExpressionKind::Text(value.to_string());
                match target.category() {
                    Category::Json => cast(text, at, target),
                    _ => text,
                }
            }
            (ExpressionKind::Array(items), _) if target.category() == Category::Json => {
                let value: Option<Vec<Value>> = items.iter().map(json_value).collect();
                match value {
                    Some(values) => cast(ExpressionKind::Text(Value::Array(values).to_string()), at, target),
                    None => ExpressionKind::Array(items),
                }
            }
            (ExpressionKind::Array(items), Type::Array(_)) if items.is_empty() => {
                cast(ExpressionKind::Text("{}".into()), at, target)
            }
            (ExpressionKind::Array(items), Type::Array(element)) if **element != Type::TEXT => {
                cast(ExpressionKind::Array(items), at, target)
            }
            (kind, _) => kind,
        };
        Expression::new(kind, at)
    }
}

fn cast(literal: ExpressionKind, at: At, target: &Type) -> ExpressionKind {
    ExpressionKind::Cast {
        operand: Box::new(Expression::new(literal, at)),
        target: target.clone(),
        place: At::default(),
    }
}

/// The JSON value of a literal.
fn json_value(literal: &Expression) -> Option<Value> {
    match &literal.kind {
        ExpressionKind::Null => Some(Value::Plain("null".to_owned())),
        ExpressionKind::Boolean(value) => Some(Value::Plain(value.to_string())),
        ExpressionKind::Number(number) => Value::number(number),
        ExpressionKind::Text(text) => Some(Value::Text(text.clone())),
        ExpressionKind::Json(value) => Some(value.clone()),
        ExpressionKind::Array(items) => items.iter().map(json_value).collect::<Option<Vec<_>>>().map(Value::Array),
        ExpressionKind::Unary { operator, operand } if operator.is("-") => match &operand.kind {
            ExpressionKind::Number(number) => Value::number(&format!("-{number}")),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(items: impl IntoIterator<Item = Expression>) -> Expression {
        ExpressionKind::Array(items.into_iter().collect()).into()
    }

    #[test]
    fn brackets_take_the_type_of_their_column() {
        let text_array = Type::TEXT.array();
        for (expression, target, sql) in [
            (array([]), &text_array, "'{}'::text[]"),
            (array([Expression::text("a")]), &text_array, "ARRAY['a']"),
            (array([]), &Type::JSONB, "'[]'::jsonb"),
            (array([Expression::number(-1), Expression::text("a")]), &Type::JSON, "'[-1, \"a\"]'::json"),
            (
                ExpressionKind::Json(Value::object(vec![("a".into(), Value::Plain("1".into()))])).into(),
                &Type::JSONB,
                "'{\"a\": 1}'::jsonb",
            ),
            (Expression::call("now", []), &Type::TIMESTAMPTZ, "now()"),
        ] {
            let assigned = expression.assigned_to(target);
            assert_eq!(assigned.sql(), sql);
            assert_eq!(assigned.sql().parse::<Expression>().unwrap(), assigned);
        }
    }
}
