//! `LIMIT`, `OFFSET`, and locking clauses.

use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::query::{Body, Distinct, Query, Source, SourceKind};
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
        let own = if scope.has_aggregates() { Some("aggregate functions") } else { None };
        let below = || {
            // Without names the rows of subqueries are locked as well (`transformLockingClause`).
            let is_meant = |alias: Option<&str>| {
                query.locking.iter().any(|locking| {
                    locking.of.is_empty() || locking.of.iter().any(|of| Some(of.name.value.as_str()) == alias)
                })
            };
            self.unlockable_below(&query.body, &is_meant)
        };
        let refused = unlockable(&query.body).or(own).or_else(below);
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

    /// What of a subquery in `from` keeps its rows from being locked.
    fn unlockable_below(&self, body: &Body, is_meant: &dyn Fn(Option<&str>) -> bool) -> Option<&'static str> {
        let Body::Select(select) = body else { return None };
        let mut sources: Vec<&Source> = select.from.iter().collect();
        while let Some(source) = sources.pop() {
            match &source.kind {
                SourceKind::Join(join) => sources.extend([&join.left, &join.right]),
                SourceKind::Query(below) if is_meant(source.alias.as_ref().map(|alias| alias.name.value.as_str())) => {
                    let body = &below.query.body;
                    let aggregates = || self.calls_aggregates(body).then_some("aggregate functions");
                    let found = unlockable(body).or_else(aggregates);
                    let found = found.or_else(|| self.unlockable_below(body, &|_| true));
                    if found.is_some() {
                        return found;
                    }
                }
                _ => {}
            }
        }
        None
    }

    fn calls_aggregates(&self, body: &Body) -> bool {
        let Body::Select(select) = body else { return false };
        select.items.iter().any(|item| self.checker.catalog().calls_aggregate(&item.value))
    }
}

/// What of a query keeps its rows from being locked, aggregates left out.
fn unlockable(body: &Body) -> Option<&'static str> {
    match body {
        Body::Set(_) => Some("`union`, `intersect` and `except`"),
        Body::Values(_) => Some("`values`"),
        Body::Table(_) => None,
        Body::Select(select) if select.distinct != Distinct::All => Some("`distinct`"),
        Body::Select(select) if select.group_by.is_some() => Some("`group by`"),
        Body::Select(select) if select.having.is_some() => Some("`having`"),
        Body::Select(select) if select.items.iter().any(|item| item.value.has_window()) => Some("window functions"),
        Body::Select(_) => None,
    }
}
