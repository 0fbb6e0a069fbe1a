//! What is said where something varies that must not, with the usual way out.

use migrate_core::expression::{Expression, ExpressionKind, Operator, Volatility};
use migrate_core::resolve::{Use, Used};
use migrate_core::types::Type;

use super::explain::is_at;
use super::expression::Context;
use crate::diagnostic::{Diagnostic, code};

/// What is said where something varies that must not.
pub(super) fn mutable(used: &Use, whole: &Expression, context: Context) -> Diagnostic {
    let noun = context.noun();
    let what = match &used.what {
        Used::Function { name, arguments, .. } => {
            let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
            format!("`{name}({})`", arguments.join(", "))
        }
        Used::Operator { symbol, operands } => {
            let operands: Vec<String> = operands.iter().map(ToString::to_string).collect();
            format!("`{}`", operands.join(&format!(" {symbol} ")))
        }
        Used::Cast { from, to } => format!("the cast from `{from}` to `{to}`"),
        Used::SessionValue(name) => format!("`{}`", name.to_lowercase()),
    };
    let mut part = None;
    whole.visit(&mut |found| {
        if is_at(found.at, used.at) {
            part.get_or_insert_with(|| found.clone());
        }
    });
    Diagnostic::new(code::NOT_IMMUTABLE, format!("{noun} cannot use {what}: it is not immutable"), used.at)
        .help(way_out(used, part.as_ref()))
}

/// `x at time zone "UTC"`
fn in_utc(expression: &Expression) -> Expression {
    ExpressionKind::AtTimeZone { operand: Box::new(expression.clone()), zone: Box::new(Expression::text("UTC")) }.into()
}

/// An expression as it stands in the source of a migration.
pub(super) fn in_source(sql: &str) -> String {
    sql.replace('\'', "\"").replace(" AT TIME ZONE ", " at time zone ")
}

/// What to write in place of something that varies.
fn way_out(used: &Use, part: Option<&Expression>) -> String {
    let general = || match used.volatility {
        Volatility::Volatile => "keep the value in a column with this as its default".to_owned(),
        _ => "leave out what depends on the time, on a setting or on other rows".to_owned(),
    };
    let Some(part) = part else { return general() };
    let is_instant = |data_type: &Type| data_type.without_modifier() == Type::TIMESTAMPTZ;
    let fixed: Option<Expression> = match (&used.what, &part.kind) {
        (Used::Cast { from, to }, ExpressionKind::Cast { operand, .. }) if is_instant(from) => {
            Some(Expression::cast(in_utc(operand), to.clone()))
        }
        (Used::Cast { from, .. }, _) if is_instant(from) => Some(in_utc(part)),
        (Used::Cast { from: Type::Named { .. }, .. }, ExpressionKind::Cast { operand, .. }) => {
            return format!("use `{operand}` itself, without the cast");
        }
        (Used::Function { arguments, .. }, ExpressionKind::Extract { field, source })
            if arguments.iter().any(is_instant) =>
        {
            Some(ExpressionKind::Extract { field: field.clone(), source: Box::new(in_utc(source)) }.into())
        }
        (Used::Function { name, arguments, .. }, ExpressionKind::Call(call)) => match name.as_str() {
            "to_tsvector" | "to_tsquery" | "plainto_tsquery" | "phraseto_tsquery" | "websearch_to_tsquery"
                if call.arguments.len() == 1 =>
            {
                let mut call = call.clone();
                let value = Expression::text("english");
                call.arguments.insert(0, migrate_core::expression::Argument { name: None, value });
                Some(ExpressionKind::Call(call).into())
            }
            "concat" => {
                let mut joined: Option<Expression> = None;
                for argument in &call.arguments {
                    let next = Expression::call("coalesce", [argument.value.clone(), Expression::text("")]);
                    joined = Some(match joined {
                        Some(before) => Expression::binary(before, "||", next),
                        None => next,
                    });
                }
                joined
            }
            "date_trunc" | "date_part" if arguments.iter().any(is_instant) => {
                let mut call = call.clone();
                let mut argument = call.arguments.pop();
                if let Some(argument) = &mut argument {
                    argument.value = in_utc(&argument.value);
                }
                call.arguments.extend(argument);
                Some(ExpressionKind::Call(call).into())
            }
            _ => None,
        },
        (Used::Operator { operands, .. }, ExpressionKind::Binary { operator, left, right })
            if operands.first().is_some_and(is_instant) =>
        {
            let operator = Operator::new(&operator.symbol);
            let (left, right) = (Box::new(in_utc(left)), right.clone());
            Some(ExpressionKind::Binary { operator, left, right }.into())
        }
        _ => None,
    };
    fixed.map_or_else(general, |fixed| {
        format!("name the setting that it depends on: `{}`", in_source(&fixed.to_string()))
    })
}
