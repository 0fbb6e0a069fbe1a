//! Whether a value may be NULL.

use migrate_core::expression::{Expression, ExpressionKind};

use super::{Meaning, Scope};

/// Whether a value may be NULL, as far as it is plain.
pub(super) fn is_nullable(value: &Expression, scope: &Scope<'_>) -> bool {
    match &value.kind {
        ExpressionKind::Name(parts) => match scope.find(parts) {
            Meaning::Column { column, .. } | Meaning::Merged(column) => column.nullable,
            _ => true,
        },
        ExpressionKind::Boolean(_)
        | ExpressionKind::Number(_)
        | ExpressionKind::Text(_)
        | ExpressionKind::TypedText { .. }
        | ExpressionKind::SessionValue { .. }
        | ExpressionKind::Exists(_)
        | ExpressionKind::Is { .. }
        | ExpressionKind::IsDistinct { .. } => false,
        ExpressionKind::Cast { operand, .. } | ExpressionKind::Collate { operand, .. } => is_nullable(operand, scope),
        ExpressionKind::Call(call) if call.name == "count" || call.name == "now" => false,
        ExpressionKind::Call(call) if call.name == "coalesce" => {
            call.arguments.iter().all(|argument| is_nullable(&argument.value, scope))
        }
        _ => true,
    }
}
