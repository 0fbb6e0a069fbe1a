//! Casts that PostgreSQL makes by itself.

use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::resolve::{Resolution, Used};
use migrate_core::token::At;
use migrate_core::types::Type;

use super::Reader;
use crate::check::around::Around;

/// A cast that is left out: the place of its operand, and its type.
struct LeftOut {
    child: usize,
    at: At,
    target: Type,
    is_literal: bool,
}

impl Reader<'_> {
    /// Leaves out the casts of the direct parts of an expression that are made anyway.
    pub(super) fn without_casts(&self, expression: &mut Expression, around: Around<'_>) {
        if !matches!(expression.kind, ExpressionKind::Cast { .. }) {
            // In a cast the items of a list are converted one by one.
            expression.for_each_child_mut(&mut |part| {
                if matches!(part.kind, ExpressionKind::Array(_)) {
                    self.of_parts(part, around);
                }
            });
        }
        if !matches!(expression.kind, ExpressionKind::Array(_)) {
            self.of_parts(expression, around);
        }
    }

    fn of_parts(&self, expression: &mut Expression, around: Around<'_>) {
        let places = places(expression);
        if places.is_empty() {
            return;
        }
        let before = self.checker.resolution(expression, around);
        let is_list = matches!(expression.kind, ExpressionKind::Array(_));
        if self.leave_out(expression, &places, &before, around) || places.len() == 1 || is_list {
            return;
        }
        for place in &places {
            self.leave_out(expression, std::slice::from_ref(place), &before, around);
        }
    }

    /// Leaves out these casts where that gives the same.
    fn leave_out(
        &self,
        expression: &mut Expression,
        places: &[usize],
        before: &Resolution,
        around: Around<'_>,
    ) -> bool {
        let mut bare = expression.clone();
        let mut left_out = Vec::new();
        let mut child = 0;
        bare.for_each_child_mut(&mut |part| {
            if places.contains(&child)
                && let ExpressionKind::Cast { operand, target, .. } = &mut part.kind
            {
                let mut operand = std::mem::replace(&mut **operand, Expression::null());
                // By its place it is found among what is told of literals.
                operand.at = At { start: u32::MAX, end: u32::try_from(child).unwrap_or(u32::MAX) };
                let is_literal = operand.as_text().is_some();
                left_out.push(LeftOut { child, at: operand.at, target: target.clone(), is_literal });
                *part = operand;
            }
            child += 1;
        });
        let after = self.checker.resolution(&bare, around);
        let is_same = is_same(before, &after) && left_out.iter().all(|one| one.is_made(expression, &after));
        if is_same {
            bare.for_each_child_mut(&mut |part| part.at = At::default());
            *expression = bare;
        }
        is_same
    }
}

impl LeftOut {
    /// Whether PostgreSQL converts the part to this type.
    fn is_made(&self, parent: &Expression, after: &Resolution) -> bool {
        if self.is_literal {
            let is_it = |at: At| (at.start, at.end) == (self.at.start, self.at.end);
            return after.literals.iter().any(|literal| is_it(literal.at) && literal.data_type == self.target);
        }
        // What is used last is the operator or the function itself.
        let taken = match (&parent.kind, after.uses.last().map(|used| &used.what)) {
            (ExpressionKind::Binary { operator, .. }, Some(Used::Operator { symbol, operands }))
                if operator.is(symbol) =>
            {
                operands.get(self.child)
            }
            (ExpressionKind::Call(call), Some(Used::Function { name, arguments, .. })) if call.name == *name => {
                arguments.get(self.child)
            }
            _ => None,
        };
        taken == Some(&self.target)
    }
}

/// Whether both use the same for the same types, and all of it is known.
fn is_same(before: &Resolution, after: &Resolution) -> bool {
    let used =
        |resolution: &Resolution| -> Vec<Used> { resolution.uses.iter().map(|used| used.what.clone()).collect() };
    before.mistakes.is_empty()
        && after.mistakes.is_empty()
        && before.data_type.is_some()
        && before.data_type == after.data_type
        && used(before) == used(after)
}

/// The places among the direct parts at which a cast stands that may be made anyway.
fn places(parent: &Expression) -> Vec<usize> {
    let takes_literals = match &parent.kind {
        ExpressionKind::Call(call) => call.over.is_none() && call.within_group.is_empty(),
        kind => matches!(
            kind,
            ExpressionKind::Binary { .. }
                | ExpressionKind::IsDistinct { .. }
                | ExpressionKind::Like { .. }
                | ExpressionKind::Between { .. }
                | ExpressionKind::In { .. }
                | ExpressionKind::Array(_)
                | ExpressionKind::Case { .. }
                | ExpressionKind::AtTimeZone { .. }
                | ExpressionKind::Position { .. }
                | ExpressionKind::Substring { .. }
                | ExpressionKind::Trim { .. }
        ),
    };
    let takes_others = matches!(&parent.kind, ExpressionKind::Binary { .. } | ExpressionKind::Call(_));
    let mut places = Vec::new();
    let mut child = 0;
    parent.for_each_child(&mut |part| {
        if let ExpressionKind::Cast { operand, target, .. } = &part.kind
            && takes_literals
            && *target == target.without_modifier()
            && (takes_others || operand.as_text().is_some())
            // The name of something is written as it is found.
            && !target.to_string().starts_with("reg")
        {
            places.push((!operand.is_literal(), child));
        }
        child += 1;
    });
    // Of `a::numeric / 2::numeric` one is needed: that which is not a constant tells more.
    places.sort_unstable();
    places.into_iter().map(|(_, child)| child).collect()
}
