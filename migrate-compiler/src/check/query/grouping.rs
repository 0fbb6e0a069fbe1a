//! `GROUP BY`: what comes out of groups is what they are grouped by, what depends on that, or an aggregate (PostgreSQL
//! manual, 7.2.3).

use migrate_core::catalog::ConstraintKind;
use migrate_core::expression::{Call, Expression, ExpressionKind};
use migrate_core::query::{Distinct, GroupItem, JsonFunction, OrderItem, Part, Query, Select};
use migrate_core::sorted::SortedSet;
use migrate_core::system::functions;

use super::level::{aliases, free_names};
use super::{Output, QueryCheck, Scope};
use crate::diagnostic::{Diagnostic, code};

/// What the rows of a `SELECT` are grouped by.
pub(super) struct Grouping {
    keys: Vec<Expression>,
    /// The sources that are grouped by their primary key, so that each of their columns is the same in a group.
    whole: Vec<String>,
    /// The sources of the query itself.
    sources: Vec<String>,
    /// Columns that joins have merged, and by which it is not grouped.
    merged: Vec<String>,
}

impl Grouping {
    /// Whether a name is one of a column of the query by which it is not grouped.
    fn misses(&self, parts: &[String]) -> bool {
        match parts {
            [source, _] => self.sources.contains(source) && !self.whole.contains(source) && !self.has(parts),
            // A merged column, or a whole row.
            [name] => self.merged.contains(name) || self.sources.contains(name) && !self.whole.contains(name),
            _ => false,
        }
    }

    fn has(&self, parts: &[String]) -> bool {
        self.keys.iter().any(|key| matches!(&key.kind, ExpressionKind::Name(found) if found == parts))
    }
}

impl QueryCheck<'_, '_> {
    /// What comes out of a query that was checked, and what orders it, must be what it is grouped by.
    pub(super) fn grouped_select(
        &mut self,
        select: &Select,
        order_by: &[OrderItem],
        outputs: &[Output],
        scope: &Scope<'_>,
    ) {
        let Some(grouping) = self.grouping(select, outputs, scope) else { return };
        let is_output = |value: &Expression| {
            value.as_name().is_some_and(|name| outputs.iter().any(|output| output.name == name))
                || matches!(value.kind, ExpressionKind::Number(_))
        };
        let mut values: Vec<&Expression> = select.items.iter().map(|item| &item.value).chain(&select.having).collect();
        values.extend(order_by.iter().map(|item| &item.value).filter(|value| !is_output(value)));
        if let Distinct::On(distinct) = &select.distinct {
            values.extend(distinct.iter().filter(|value| !is_output(value)));
        }
        for window in select.windows.iter().map(|named| &named.window) {
            values.extend(window.partition_by.iter().chain(window.order_by.iter().map(|item| &item.value)));
        }
        for value in values {
            self.grouped(&grouping, value);
            self.grouping_arguments(&grouping, value);
        }
    }

    /// What a query that was checked is grouped by; `None` where it is not, or where that is not known.
    fn grouping(&self, select: &Select, outputs: &[Output], scope: &Scope<'_>) -> Option<Grouping> {
        if self.failed || self.is_open || scope.sources.iter().any(|source| source.is_open) {
            return None;
        }
        if select.group_by.is_none() && select.having.is_none() && !scope.has_aggregates() {
            return None;
        }
        let mut keys = Vec::new();
        for item in select.group_by.iter().flat_map(|group_by| &group_by.items) {
            note_keys(item, select, outputs, scope, &mut keys);
        }
        let mut common = Vec::new();
        for item in select.group_by.iter().flat_map(|group_by| &group_by.items) {
            match item {
                GroupItem::Expression(_) | GroupItem::List(_) => note_keys(item, select, outputs, scope, &mut common),
                GroupItem::Sets(sets) => {
                    // What is in all of the sets.
                    let keys_of = |item: &GroupItem| {
                        let mut keys = Vec::new();
                        if matches!(item, GroupItem::Expression(_) | GroupItem::List(_)) {
                            note_keys(item, select, outputs, scope, &mut keys);
                        }
                        keys
                    };
                    let mut all = sets.iter().map(keys_of);
                    let first = all.next().unwrap_or_default();
                    common.extend(
                        all.fold(first, |known, keys| known.into_iter().filter(|key| keys.contains(key)).collect()),
                    );
                }
                GroupItem::Rollup(_) | GroupItem::Cube(_) => {}
            }
        }
        let has_column = |source: &str, column: &String| {
            common
                .iter()
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
        let whole: Vec<String> = whole.map(|source| source.name.clone()).collect();
        let sources = scope.sources.iter().map(|source| source.name.clone()).collect();
        let merged = scope.merged.iter().map(|merged| merged.column.name.clone());
        // A merged column is one of the columns that it is made of.
        let is_keyed = |name: &String| {
            !whole.is_empty()
                || keys.iter().any(|key| matches!(&key.kind, ExpressionKind::Name(parts) if parts.last() == Some(name)))
        };
        let merged = merged.filter(|name| !is_keyed(name)).collect();
        Some(Grouping { keys, whole, sources, merged })
    }

    /// Reports what is neither grouped nor in an aggregate.
    fn grouped(&mut self, grouping: &Grouping, value: &Expression) {
        let Some(found) = self.ungrouped(grouping, value) else { return };
        let ExpressionKind::Name(parts) = &found.kind else { return };
        let name = parts.join(".");
        let message = format!("column `{name}` must be in `group by` or in an aggregate function");
        let mistake = Diagnostic::new(code::INVALID_QUERY, message, found.at);
        self.fail(mistake.help(format!("add it to `group by`, or write `max({name})`")));
    }

    /// `grouping(a)` is about what is grouped.
    fn grouping_arguments(&mut self, grouping: &Grouping, value: &Expression) {
        let mut outside = None;
        value.visit(&mut |part| {
            if let ExpressionKind::Call(call) = &part.kind
                && call.name == "grouping"
            {
                let mut arguments = call.arguments.iter().map(|argument| &argument.value);
                outside = outside.or(arguments.find(|value| !grouping.keys.contains(value)).map(|value| value.at));
            }
        });
        if let Some(at) = outside {
            let message = "an argument of `grouping` must be one of the expressions in `group by`";
            self.fail(Diagnostic::new(code::INVALID_QUERY, message, at));
        }
    }

    fn ungrouped<'e>(&self, grouping: &Grouping, value: &'e Expression) -> Option<&'e Expression> {
        if grouping.keys.contains(value) {
            return None;
        }
        match &value.kind {
            ExpressionKind::Name(parts) => grouping.misses(parts).then_some(value),
            ExpressionKind::Call(call) if call.name == "grouping" => None,
            ExpressionKind::Call(call) if self.is_aggregate(call) => {
                // What stands before `within group` is the same for the whole group.
                let direct = call.arguments.iter().filter(|_| !call.within_group.is_empty());
                direct.map(|argument| &argument.value).find_map(|value| self.ungrouped(grouping, value))
            }
            ExpressionKind::JsonFunction(function) if is_json_aggregate(function) => None,
            _ => {
                let mut found = value.query().and_then(|query| self.ungrouped_in(grouping, query));
                value.for_each_child(&mut |child| {
                    found = found.or_else(|| self.ungrouped(grouping, child));
                });
                found
            }
        }
    }

    /// A column of the query in a sub-select that is not grouped, nor in an aggregate of the query.
    fn ungrouped_in<'e>(&self, grouping: &Grouping, query: &'e Query) -> Option<&'e Expression> {
        let inner = aliases(query);
        let place = |expression: &Expression| (expression.at.start, expression.at.end);
        let (mut covered, mut names) = (SortedSet::new(), Vec::new());
        query.walk(&mut |part| {
            let Part::Expression(expression) = part else { return };
            let is_covered = match &expression.kind {
                ExpressionKind::Name(parts) => {
                    if let [source, _] = parts.as_slice()
                        && !inner.contains(source)
                        && grouping.misses(parts)
                    {
                        names.push(expression);
                    }
                    false
                }
                ExpressionKind::Call(call) if self.is_aggregate(call) => free_names(expression)
                    .iter()
                    .all(|parts| parts.first().is_none_or(|source| !inner.contains(source))),
                _ => grouping.keys.contains(expression),
            };
            if is_covered {
                let mut cover = |value: &Expression| {
                    value.walk(&mut |part| {
                        if let Part::Expression(part) = part {
                            covered.insert(place(part));
                        }
                    });
                };
                match &expression.kind {
                    // What stands before `within group` is the same for the whole group.
                    ExpressionKind::Call(call) if !call.within_group.is_empty() => {
                        call.within_group.iter().for_each(|item| cover(&item.value));
                    }
                    _ => cover(expression),
                }
            }
        });
        names.into_iter().find(|name| !covered.contains(&place(name)))
    }

    /// Whether a call takes many rows. What is not known may.
    fn is_aggregate(&self, call: &Call) -> bool {
        let is_ours = |name: &str| self.checker.catalog().objects.keys().any(|id| id.name.name == name);
        let is_known = functions(&call.name).next().is_some() || call.is_choice() || is_ours(&call.name);
        call.over.is_none() && (self.checker.catalog().is_aggregate(&call.name) || !is_known)
    }
}

pub(super) fn is_json_aggregate(function: &JsonFunction) -> bool {
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
                .filter(|name| !scope.has_own(name))
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
