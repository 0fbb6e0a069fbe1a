//! Whether a value may be NULL: what can be told without running anything. What is not certain may be.

use migrate_core::expression::{Call, Expression, ExpressionKind, SessionValue};
use migrate_core::object::Kind;
use migrate_core::system::functions;
use migrate_core::types::Type;

use super::{Meaning, QueryCheck, Scope};

/// Operators between values of PostgreSQL's own types that give a value wherever both sides are values.
const CERTAIN: [&str; 13] = ["=", "<>", "<", ">", "<=", ">=", "+", "-", "*", "/", "%", "^", "||"];

/// Functions that give a value whatever they are called with.
const ALWAYS: [&str; 24] = [
    "clock_timestamp",
    "concat",
    "count",
    "cume_dist",
    "current_database",
    "dense_rank",
    "gen_random_uuid",
    "json_build_array",
    "json_build_object",
    "jsonb_build_array",
    "jsonb_build_object",
    "nextval",
    "now",
    "num_nonnulls",
    "num_nulls",
    "percent_rank",
    "pg_backend_pid",
    "pg_typeof",
    "random",
    "rank",
    "row_number",
    "statement_timestamp",
    "transaction_timestamp",
    "version",
];

/// Functions that give a value wherever all of their arguments are values.
const STRICT: [&str; 33] = [
    "abs",
    "ascii",
    "bit_length",
    "btrim",
    "cardinality",
    "ceil",
    "ceiling",
    "char_length",
    "character_length",
    "date_trunc",
    "decode",
    "encode",
    "floor",
    "initcap",
    "left",
    "length",
    "lower",
    "lpad",
    "ltrim",
    "md5",
    "octet_length",
    "quote_ident",
    "quote_literal",
    "repeat",
    "replace",
    "reverse",
    "right",
    "round",
    "rpad",
    "rtrim",
    "sign",
    "to_jsonb",
    "upper",
];

impl QueryCheck<'_, '_> {
    /// Whether a value may be NULL.
    pub(super) fn is_nullable(&self, value: &Expression, scope: &Scope<'_>) -> bool {
        let is_nullable = |value: &Expression| self.is_nullable(value, scope);
        let any = |values: &[Expression]| values.iter().any(is_nullable);
        match &value.kind {
            ExpressionKind::Name(parts) => match scope.find(parts) {
                Meaning::Column { column, .. } | Meaning::Merged(column) => column.nullable,
                _ => true,
            },
            ExpressionKind::SessionValue { value, .. } => {
                matches!(value, SessionValue::CurrentSchema | SessionValue::SystemUser)
            }
            ExpressionKind::Boolean(_)
            | ExpressionKind::Number(_)
            | ExpressionKind::Text(_)
            | ExpressionKind::BitText { .. }
            | ExpressionKind::Json(_)
            | ExpressionKind::Exists(_)
            | ExpressionKind::ArraySubquery(_)
            | ExpressionKind::Array(_)
            | ExpressionKind::Is { .. }
            | ExpressionKind::IsDistinct { .. } => false,
            ExpressionKind::TypedText { target, .. } => !is_systems(target),
            // JSON's `null` becomes NULL, and a cast of the user may give anything.
            ExpressionKind::Cast { operand, target, .. } => {
                let from_json = !matches!(
                    operand.kind,
                    ExpressionKind::Text(_) | ExpressionKind::Number(_) | ExpressionKind::Boolean(_)
                ) && !is_text(target);
                from_json || !is_systems(target) || is_nullable(operand)
            }
            ExpressionKind::Collate { operand, .. } | ExpressionKind::Not(operand) => is_nullable(operand),
            ExpressionKind::And(parts) | ExpressionKind::Or(parts) => any(parts),
            ExpressionKind::Binary { operator, left, right } => {
                let is_certain = operator.schema.is_none()
                    && CERTAIN.contains(&operator.symbol.as_str())
                    && is_plain(left)
                    && is_plain(right)
                    && !self.has_own(Kind::OwnOperator, &operator.symbol);
                !is_certain || is_nullable(left) || is_nullable(right)
            }
            ExpressionKind::Between { operand, low, high, .. } => {
                let parts = [&**operand, low, high];
                parts.iter().any(|part| !is_plain(part) || is_nullable(part)) || self.has_own_operators()
            }
            ExpressionKind::In { operand, items, .. } => {
                let are_plain = is_plain(operand) && items.iter().all(is_plain);
                !are_plain || is_nullable(operand) || any(items) || self.has_own_operators()
            }
            ExpressionKind::Like { operand, pattern, escape, .. } => {
                is_nullable(operand)
                    || is_nullable(pattern)
                    || escape.as_deref().is_some_and(is_nullable)
                    || self.has_own_operators()
            }
            ExpressionKind::Case { branches, otherwise, .. } => {
                otherwise.as_deref().is_none_or(is_nullable)
                    || branches.iter().any(|branch| is_nullable(&branch.result))
            }
            ExpressionKind::Call(call) => self.may_give_null(call, scope),
            _ => true,
        }
    }

    fn may_give_null(&self, call: &Call, scope: &Scope<'_>) -> bool {
        let name = call.name.as_str();
        let is_systems = call.schema.as_deref().is_none_or(|schema| schema == "pg_catalog");
        if !is_systems || call.is_variadic {
            return true;
        }
        let mut arguments = call.arguments.iter().map(|argument| &argument.value);
        match name {
            "coalesce" | "greatest" | "least" => arguments.all(|value| self.is_nullable(value, scope)),
            // Before one of the user's, a name means that of the system.
            _ if functions(name).all(|function| function.extension().is_some()) => true,
            _ if ALWAYS.contains(&name) => false,
            _ if STRICT.contains(&name) => call.over.is_some() || arguments.any(|value| self.is_nullable(value, scope)),
            _ => true,
        }
    }

    fn has_own_operators(&self) -> bool {
        self.checker.catalog().objects.keys().any(|id| id.kind == Kind::OwnOperator)
    }

    fn has_own(&self, kind: Kind, name: &str) -> bool {
        self.checker.may_have(kind, name)
    }
}

/// Whether a comparison of the value cannot be NULL unless the value is.
fn is_plain(value: &Expression) -> bool {
    !matches!(value.kind, ExpressionKind::Row(_) | ExpressionKind::Subquery(_))
}

/// Whether a type is one of PostgreSQL itself: a domain or a composite type may be anything.
fn is_systems(data_type: &Type) -> bool {
    data_type.depends_on().is_none()
}

fn is_text(data_type: &Type) -> bool {
    matches!(data_type.without_modifier(), Type::TEXT | Type::CharacterVarying(None))
}
