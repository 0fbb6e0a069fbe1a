//! `&&` and `||` between conditions, where PostgreSQL reads them as operators that bind tighter than comparisons.

use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::token::At;

use super::Checker;
use crate::diagnostic::{Code, Diagnostic, code};

/// What such an operator makes of the types around it.
const FOLLOWS: [&Code; 2] = [code::TYPE_MISMATCH, code::UNKNOWN_OPERATOR];

impl Checker<'_> {
    /// Says what is meant where a condition is wrong that has such an operator, in place of what follows from it.
    pub(super) fn explain_logical(&mut self, condition: &Expression, known: usize) {
        let found = self.take_mistakes_since(known);
        let is_consequence = |mistake: &Diagnostic| FOLLOWS.iter().any(|code| code.name == mistake.code.name);
        let slip = found.iter().find(|mistake| is_consequence(mistake)).and_then(|_| slip(condition));
        for mistake in found {
            if slip.is_none() || !is_consequence(&mistake) {
                self.report(mistake);
            }
        }
        if let Some(slip) = slip {
            self.report(slip);
        }
    }
}

/// The first operator that stands beside a condition.
fn slip(condition: &Expression) -> Option<Diagnostic> {
    let mut found: Option<(At, &str)> = None;
    condition.visit(&mut |part| {
        let ExpressionKind::Binary { operator, left, right } = &part.kind else { return };
        let beside = match operator.symbol.as_str() {
            "&&" | "||" if is_condition(left) || is_condition(right) => Some((left.at, operator.symbol.as_str())),
            // `id > 3 && name is null`: the comparison is with what the operator gives.
            "=" | "<>" | "!=" | "<" | ">" | "<=" | ">=" => match &right.kind {
                ExpressionKind::Binary { operator, left, .. } if matches!(operator.symbol.as_str(), "&&" | "||") => {
                    Some((left.at, operator.symbol.as_str()))
                }
                _ => None,
            },
            _ => None,
        };
        if let Some(beside) = beside {
            found.get_or_insert(beside);
        }
    });
    let (left, symbol) = found?;
    let word = if symbol == "&&" { "and" } else { "or" };
    let at = At { start: left.end, end: left.end + 2 };
    let message = format!("unexpected `{symbol}` between two conditions");
    Some(Diagnostic::new(code::SYNTAX, message, at).help(format!("write `{word}`")))
}

/// Whether it can only be a condition, by its form.
fn is_condition(expression: &Expression) -> bool {
    match &expression.kind {
        ExpressionKind::Is { .. }
        | ExpressionKind::IsDistinct { .. }
        | ExpressionKind::In { .. }
        | ExpressionKind::Not(_)
        | ExpressionKind::And(_)
        | ExpressionKind::Or(_)
        | ExpressionKind::Boolean(_) => true,
        ExpressionKind::Binary { operator, .. } => {
            matches!(operator.symbol.as_str(), "=" | "<>" | "!=" | "<" | ">" | "<=" | ">=")
        }
        _ => false,
    }
}
