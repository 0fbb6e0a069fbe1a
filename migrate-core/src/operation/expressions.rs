//! What operations ask of expressions.

use crate::expression::{Expression, ExpressionKind, IsTest};
use crate::name::QualifiedName;

/// The parts that must all be true: `a` and `b` of `a AND b`.
pub(super) fn conjuncts(expression: &Expression) -> Vec<&Expression> {
    match &expression.kind {
        ExpressionKind::And(parts) => parts.iter().flat_map(conjuncts).collect(),
        _ => vec![expression],
    }
}

/// Whether a check that demands this lets no NULL into the column.
pub(super) fn implies_not_null(check: &Expression, column: &str) -> bool {
    conjuncts(check).into_iter().any(|part| match &part.kind {
        ExpressionKind::Is { operand, test: IsTest::Null, is_negated: true } => operand.as_name() == Some(column),
        _ => false,
    })
}

/// `operand IS NULL`
pub(super) fn is_null(operand: Expression) -> Expression {
    ExpressionKind::Is { operand: Box::new(operand), test: IsTest::Null, is_negated: false }.into()
}

/// The expression as it reads inside a trigger function, where columns are fields of `NEW`. `old.total` stays.
pub(super) fn of_new_row(expression: &Expression) -> Expression {
    let mut inside = expression.clone();
    inside.visit_mut(&mut |part| {
        if let ExpressionKind::Name(parts) = &mut part.kind
            && let [column] = parts.as_mut_slice()
        {
            *parts = vec!["new".into(), std::mem::take(column)];
        }
    });
    inside
}

/// Whether a cast names the type.
pub(super) fn mentions_type(expression: &Expression, name: &QualifiedName) -> bool {
    expression.types().into_iter().any(|target| target.depends_on() == Some(name))
}
