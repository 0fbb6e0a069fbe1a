//! `LIMIT`, `OFFSET`, and locking clauses.

use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::query::{Body, Distinct, Query};
use migrate_core::types::Type;

use super::{QueryCheck, Scope};
use crate::diagnostic::{Diagnostic, choices, code};

impl QueryCheck<'_, '_> {
    /// How many rows: a `bigint`.
    pub(super) fn count(&mut self, value: &mut Expression, clause: &str, scope: &Scope<'_>) {
        let known = self.checker.mistakes.len();
        let expected = matches!(value.kind, ExpressionKind::Text(_)).then_some(&Type::BIGINT);
        let found = self.value(value, expected, scope);
        if let Some(found) = found
            && self.checker.mistakes.len() == known
            && !self.checker.assigns(&found, &Type::BIGINT)
        {
            let message = format!("`{clause}` must be a `bigint`, found `{found}`");
            self.fail(Diagnostic::new(code::TYPE_MISMATCH, message, value.at));
        }
    }

    /// Rows can be locked that are rows of a table.
    pub(super) fn locked(&mut self, query: &Query, scope: &Scope<'_>) {
        let Some(locking) = query.locking.first() else { return };
        let has_window = |value: &Expression| {
            let mut found = false;
            value.visit(&mut |part| {
                found |= matches!(&part.kind, ExpressionKind::Call(call) if call.over.is_some());
            });
            found
        };
        let refused = match &query.body {
            Body::Set(_) => Some("`union`, `intersect` and `except`"),
            Body::Values(_) => Some("`values`"),
            Body::Table(_) => None,
            Body::Select(select) => {
                if select.distinct != Distinct::All {
                    Some("`distinct`")
                } else if select.group_by.is_some() {
                    Some("`group by`")
                } else if select.having.is_some() {
                    Some("`having`")
                } else if scope.has_aggregates() {
                    Some("aggregate functions")
                } else if select.items.iter().any(|item| has_window(&item.value)) {
                    Some("window functions")
                } else {
                    None
                }
            }
        };
        if let Some(what) = refused {
            let message = format!("rows cannot be locked in a query with {what}");
            let mistake = Diagnostic::new(code::INVALID_QUERY, message, locking.at);
            self.fail(mistake.help("lock them in a subquery"));
            return;
        }
        for locking in &query.locking {
            for of in &locking.of {
                if !scope.sources.iter().any(|source| source.name == of.name.value) && !self.failed {
                    let name = &of.name.value;
                    let known = scope.sources.iter().map(|source| source.name.as_str());
                    let help = choices(name, known, "tables in `from`");
                    let message = format!("cannot find `{name}` in this query");
                    self.fail(Diagnostic::new(code::UNKNOWN_TABLE, message, of.at()).maybe_help(help));
                }
            }
        }
    }
}
