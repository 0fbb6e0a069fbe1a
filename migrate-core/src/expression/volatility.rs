//! Whether the value of an expression can differ from call to call.

use super::functions::function_volatility;
use super::{Expression, ExpressionKind, SessionValue};
use crate::types::{Category, Type};

/// How much the value of an expression can change. The order is the order of caution: the volatility of a whole is
/// the largest of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Volatility {
    /// It depends on its arguments only: what an index and a generated column ask for.
    Immutable,
    /// It stays the same during a statement: a default that does not rewrite the table.
    Stable,
    /// Not known here: a function of the user, or an overload that the types decide.
    Unknown,
    /// It may differ from row to row: as a default of a new column it rewrites the table.
    Volatile,
}

/// The volatility of an expression, as far as names tell it.
///
/// Operators count as immutable: the few that are not depend on the types of their operands
/// (`timestamptz + interval`).
pub fn volatility(expression: &Expression) -> Volatility {
    let mut largest = Volatility::Immutable;
    expression.visit(&mut |part| largest = largest.max(own(&part.kind)));
    largest
}

impl Expression {
    /// [`volatility`]
    pub fn volatility(&self) -> Volatility {
        volatility(self)
    }
}

/// The volatility of one node without its children.
fn own(kind: &ExpressionKind) -> Volatility {
    match kind {
        ExpressionKind::Call(call) if call.schema.as_deref().is_none_or(|schema| schema == "pg_catalog") => {
            function_volatility(&call.name, call.arguments.len())
        }
        ExpressionKind::Call(_)
        | ExpressionKind::Subquery(_)
        | ExpressionKind::Exists(_)
        | ExpressionKind::ArraySubquery(_)
        | ExpressionKind::Treat { .. }
        | ExpressionKind::JsonFunction(_)
        | ExpressionKind::XmlFunction(_) => Volatility::Unknown,
        ExpressionKind::SessionValue { value: SessionValue::User, .. } | ExpressionKind::SessionValue { .. } => {
            Volatility::Stable
        }
        ExpressionKind::Cast { operand, target, .. } if !operand.is_literal() => cast(target),
        ExpressionKind::Extract { source, .. } => match &source.kind {
            ExpressionKind::Cast { target: Type::Timestamp { with_time_zone: false, .. } | Type::DATE, .. } => {
                Volatility::Immutable
            }
            // `extract(... from timestamptz)` is stable, from a timestamp immutable.
            _ => Volatility::Unknown,
        },
        _ => Volatility::Immutable,
    }
}

/// The volatility of a cast to a type, whatever it comes from.
fn cast(target: &Type) -> Volatility {
    match target.category() {
        Category::Boolean | Category::Numeric | Category::Uuid | Category::Bit | Category::Binary => {
            Volatility::Immutable
        }
        // From `timestamptz` these depend on the TimeZone, from `text` on DateStyle too.
        _ => Volatility::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_volatile_part_decides() {
        for (text, expected) in [
            ("1 + 2", Volatility::Immutable),
            ("lower(email)", Volatility::Immutable),
            ("now()", Volatility::Stable),
            ("CURRENT_TIMESTAMP", Volatility::Stable),
            ("now() + random() * interval '1 day'", Volatility::Volatile),
            ("gen_random_uuid()", Volatility::Volatile),
            ("nextval('s'::regclass)", Volatility::Volatile),
            ("my_function()", Volatility::Unknown),
            ("app.lower(email)", Volatility::Unknown),
            ("pg_catalog.lower(email)", Volatility::Immutable),
            ("coalesce(a, b)", Volatility::Immutable),
            ("created_at::date", Volatility::Unknown),
            ("'2020-01-01'::date", Volatility::Immutable),
            ("extract(year from created_at)", Volatility::Unknown),
            ("CASE WHEN clock_timestamp() > a THEN 1 END", Volatility::Volatile),
        ] {
            assert_eq!(volatility(&text.parse().unwrap()), expected, "{text}");
        }
    }
}
