//! `GROUP BY`: what comes out of groups is what they are grouped by, what depends on that, or an aggregate (PostgreSQL
//! manual, 7.2.3).

use migrate_core::catalog::ConstraintKind;
use migrate_core::expression::{Call, Expression, ExpressionKind};
use migrate_core::query::{GroupItem, JsonFunction, Select};
use migrate_core::system::{FunctionKind, functions};

use super::{Output, QueryCheck, Scope};
use crate::diagnostic::{Diagnostic, code};

/// What the rows of a `SELECT` are grouped by.
pub(super) struct Grouping {
    keys: Vec<Expression>,
    /// The sources that are grouped by their primary key, so that each of their columns is the same in a group.
    whole: Vec<String>,
    /// The sources of the query itself.
    sources: Vec<String>,
}

impl QueryCheck<'_, '_> {
    /// What a query that was checked is grouped by; `None` where it is not, or where that is not known.
    pub(super) fn grouping(&self, select: &Select, outputs: &[Output], scope: &Scope<'_>) -> Option<Grouping> {
        if self.failed || self.is_open || scope.sources.iter().any(|source| source.is_open) {
            return None;
        }
        let values = select.items.iter().map(|item| &item.value).chain(&select.having);
        let is_grouped =
            select.group_by.is_some() || select.having.is_some() || values.clone().any(|value| self.aggregates(value));
        if !is_grouped {
            return None;
        }
        let mut keys = Vec::new();
        for item in select.group_by.iter().flat_map(|group_by| &group_by.items) {
            note_keys(item, select, outputs, scope, &mut keys);
        }
        let has_column = |source: &str, column: &String| {
            keys.iter()
                .any(|key| matches!(&key.kind, ExpressionKind::Name(parts) if *parts == [source, column.as_str()]))
        };
        let whole = scope.sources.iter().filter(|source| {
            let table = source.relation.as_ref().and_then(|relation| self.checker.catalog().table(relation));
            table.is_some_and(|table| {
                table.constraints.values().any(|constraint| match &constraint.kind {
                    ConstraintKind::PrimaryKey(key) => {
                        key.columns.iter().all(|column| has_column(&source.name, column))
                    }
                    _ => false,
                })
            })
        });
        let whole = whole.map(|source| source.name.clone()).collect();
        let sources = scope.sources.iter().map(|source| source.name.clone()).collect();
        Some(Grouping { keys, whole, sources })
    }

    /// Reports what is neither grouped nor in an aggregate.
    pub(super) fn grouped(&mut self, grouping: &Grouping, value: &Expression) {
        let Some(found) = self.ungrouped(grouping, value) else { return };
        let ExpressionKind::Name(parts) = &found.kind else { return };
        let name = parts.join(".");
        let message = format!("column `{name}` must be in `group by` or in an aggregate function");
        let mistake = Diagnostic::new(code::INVALID_QUERY, message, found.at);
        self.fail(mistake.help(format!("add it to `group by`, or write `max({name})`")));
    }

    fn ungrouped<'e>(&self, grouping: &Grouping, value: &'e Expression) -> Option<&'e Expression> {
        if grouping.keys.contains(value) {
            return None;
        }
        match &value.kind {
            ExpressionKind::Name(parts) => match parts.as_slice() {
                [source, _] => (grouping.sources.contains(source) && !grouping.whole.contains(source)).then_some(value),
                _ => None,
            },
            ExpressionKind::Call(call) if self.is_aggregate(call) => None,
            ExpressionKind::JsonFunction(function) if is_json_aggregate(function) => None,
            ExpressionKind::Subquery(_) | ExpressionKind::Exists(_) | ExpressionKind::ArraySubquery(_) => None,
            _ => {
                let mut found = None;
                value.for_each_child(&mut |child| {
                    found = found.or_else(|| self.ungrouped(grouping, child));
                });
                found
            }
        }
    }

    /// Whether it has an aggregate in it.
    fn aggregates(&self, value: &Expression) -> bool {
        match &value.kind {
            ExpressionKind::Call(call) if call.over.is_none() && is_known_aggregate(call) => return true,
            ExpressionKind::JsonFunction(function) if is_json_aggregate(function) => return true,
            ExpressionKind::Subquery(_) | ExpressionKind::Exists(_) | ExpressionKind::ArraySubquery(_) => return false,
            _ => {}
        }
        let mut found = false;
        value.for_each_child(&mut |child| found |= self.aggregates(child));
        found
    }

    /// Whether a call takes many rows. What is not known may.
    fn is_aggregate(&self, call: &Call) -> bool {
        let is_ours = |name: &str| self.checker.catalog().objects.keys().any(|id| id.name.name == name);
        let is_known = functions(&call.name).next().is_some() || call.is_choice() || is_ours(&call.name);
        call.over.is_none() && (is_known_aggregate(call) || !is_known)
    }
}

fn is_known_aggregate(call: &Call) -> bool {
    let mut known = functions(&call.name);
    known.any(|function| function.kind() == FunctionKind::Aggregate)
}

fn is_json_aggregate(function: &JsonFunction) -> bool {
    matches!(
        function,
        JsonFunction::ArrayAggregate { over: None, .. } | JsonFunction::ObjectAggregate { over: None, .. }
    )
}

/// Notes what a part of `GROUP BY` means: an expression, a column that comes out, or the place of one.
fn note_keys(item: &GroupItem, select: &Select, outputs: &[Output], scope: &Scope<'_>, keys: &mut Vec<Expression>) {
    let mut note = |value: &Expression| {
        let place = match &value.kind {
            ExpressionKind::Number(digits) => digits.parse::<usize>().ok().and_then(|place| place.checked_sub(1)),
            _ => value
                .as_name()
                .filter(|name| !scope.has(name))
                .and_then(|name| outputs.iter().position(|output| output.name == name)),
        };
        match place.and_then(|place| select.items.get(place)) {
            Some(item) => keys.push(item.value.clone()),
            None => keys.push(value.clone()),
        }
    };
    match item {
        GroupItem::Expression(value) => match &value.kind {
            ExpressionKind::Row(values) => values.iter().for_each(note),
            _ => note(value),
        },
        GroupItem::List(values) => values.iter().for_each(note),
        GroupItem::Rollup(items) | GroupItem::Cube(items) | GroupItem::Sets(items) => {
            items.iter().for_each(|item| note_keys(item, select, outputs, scope, keys));
        }
    }
}
