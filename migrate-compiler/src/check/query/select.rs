//! `SELECT`: what comes out, and by what it is grouped and ordered.

use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::query::{Distinct, GroupItem, Item, OrderItem, Select, Window};
use migrate_core::types::Type;

use super::{Meaning, Output, QueryCheck, Scope};
use crate::diagnostic::{Diagnostic, code};

impl QueryCheck<'_, '_> {
    /// Checks a `SELECT`, and gives what comes out of it and what it sees.
    pub(super) fn select<'o>(&mut self, select: &mut Select, outer: Option<&'o Scope<'o>>) -> (Vec<Output>, Scope<'o>) {
        let mut scope = self.empty(outer);
        for source in &mut select.from {
            self.source(source, &mut scope);
        }
        if let Some(filter) = &mut select.filter {
            self.condition(filter, &scope);
        }
        let outputs = self.items(&mut select.items, &scope);
        for item in select.group_by.iter_mut().flat_map(|group_by| &mut group_by.items) {
            self.group_item(item, &outputs, &scope);
        }
        if let Some(having) = &mut select.having {
            self.truth(having, &scope);
        }
        for named in &mut select.windows {
            self.window(&mut named.window, &scope);
        }
        if let Distinct::On(values) = &mut select.distinct {
            for value in values {
                self.ordered_by(value, &outputs, &scope);
            }
        }
        (outputs, scope)
    }

    /// What comes out, with `*` as the columns that it stands for.
    pub(super) fn items(&mut self, items: &mut Vec<Item>, scope: &Scope<'_>) -> Vec<Output> {
        let mut outputs = Vec::new();
        for mut item in std::mem::take(items) {
            if let ExpressionKind::Star(parts) = &item.value.kind {
                let parts = parts.clone();
                match self.star(&parts, &item, scope) {
                    Some(columns) => {
                        for (column, output) in columns {
                            let value = Expression::new(ExpressionKind::Name(column), item.value.at);
                            items.push(Item { value, alias: None });
                            outputs.push(output);
                        }
                    }
                    None => {
                        self.is_open = true;
                        items.push(item);
                    }
                }
                continue;
            }
            // The name is that of what is written, not of what it becomes.
            let name = name_of(&item.value);
            let mut output = self.typed(&mut item.value, None, scope);
            // An alias that is the column's own name says nothing.
            let is_column = matches!(item.value.kind, ExpressionKind::Name(_));
            item.alias.take_if(|alias| is_column && alias.value == name);
            output.name = item.alias.as_ref().map_or(name, |alias| alias.value.clone());
            outputs.push(output);
            items.push(item);
        }
        outputs
    }

    /// The columns that `*` or `b.*` stands for, in full; `None` where not all of them are known.
    fn star(&mut self, parts: &[String], item: &Item, scope: &Scope<'_>) -> Option<Vec<(Vec<String>, Output)>> {
        let mut columns = Vec::new();
        let Some(name) = parts.last() else {
            if scope.sources.is_empty() {
                self.fail(Diagnostic::new(code::INVALID_QUERY, "`*` needs a table: there is no `from`", item.value.at));
            }
            if scope.sources.iter().any(|source| source.is_open) {
                return None;
            }
            columns.extend(scope.merged.iter().map(|merged| (vec![merged.name.clone()], merged.clone())));
            let is_merged = |name: &str| scope.merged.iter().any(|merged| merged.name == name);
            for source in scope.sources.iter().filter(|source| !source.is_by_name_only) {
                for column in source.columns.iter().filter(|column| !is_merged(&column.name)) {
                    columns.push((vec![source.name.clone(), column.name.clone()], column.clone()));
                }
            }
            return Some(columns);
        };
        let mut around = Some(scope);
        while let Some(scope) = around {
            if let Some(source) = scope.sources.iter().find(|source| source.name == *name) {
                if source.is_open {
                    return None;
                }
                let columns = source.columns.iter();
                return Some(columns.map(|column| (vec![name.clone(), column.name.clone()], column.clone())).collect());
            }
            around = scope.outer;
        }
        if let Meaning::NoSource { sources, alias } = scope.find(&[name.clone(), String::new()]) {
            let mistake = self.no_source(name, &sources, alias.as_deref(), item.value.at);
            self.fail(mistake);
        }
        None
    }

    fn group_item(&mut self, item: &mut GroupItem, outputs: &[Output], scope: &Scope<'_>) {
        match item {
            GroupItem::Expression(value) => self.grouped_by(value, outputs, scope),
            GroupItem::List(values) => values.iter_mut().for_each(|value| self.grouped_by(value, outputs, scope)),
            GroupItem::Rollup(items) | GroupItem::Cube(items) | GroupItem::Sets(items) => {
                items.iter_mut().for_each(|item| self.group_item(item, outputs, scope));
            }
        }
    }

    /// A bare name is a column of the sources, or else one that comes out; a number is the place of one.
    fn grouped_by(&mut self, value: &mut Expression, outputs: &[Output], scope: &Scope<'_>) {
        if self.is_place(value, outputs, "group by") {
            return;
        }
        let is_output =
            value.as_name().is_some_and(|name| !scope.has(name) && outputs.iter().any(|output| output.name == name));
        if !is_output {
            self.value(value, None, scope);
        }
    }

    /// A bare name is a column that comes out, or else one of the sources; a number is the place of one.
    pub(super) fn ordered_by(&mut self, value: &mut Expression, outputs: &[Output], scope: &Scope<'_>) {
        if self.is_place(value, outputs, "order by") {
            return;
        }
        let is_output = value.as_name().is_some_and(|name| outputs.iter().any(|output| output.name == name));
        if !is_output {
            self.value(value, None, scope);
        }
    }

    fn is_place(&mut self, value: &Expression, outputs: &[Output], clause: &str) -> bool {
        let ExpressionKind::Number(digits) = &value.kind else { return false };
        let count = outputs.len();
        if !self.is_open && digits.parse::<usize>().is_ok_and(|place| place == 0 || place > count) {
            let message = format!("`{clause} {digits}` names no column: {count} come out");
            self.fail(Diagnostic::new(code::INVALID_QUERY, message, value.at));
        }
        true
    }

    /// Checks what a window is partitioned and ordered by.
    pub(super) fn window(&mut self, window: &mut Window, scope: &Scope<'_>) {
        let by = window.partition_by.iter_mut();
        for value in by.chain(window.order_by.iter_mut().map(|OrderItem { value, .. }| value)) {
            self.value(value, None, scope);
        }
    }
}

/// The name of a column without an alias (`FigureColname` in `parse_target.c`).
pub(super) fn name_of(value: &Expression) -> String {
    figured(value).unwrap_or_else(|| "?column?".to_owned())
}

fn figured(value: &Expression) -> Option<String> {
    Some(match &value.kind {
        ExpressionKind::Name(parts) => parts.last()?.clone(),
        ExpressionKind::Field { field, .. } => field.clone(),
        ExpressionKind::Subscript { operand, .. } | ExpressionKind::Collate { operand, .. } => {
            return figured(operand);
        }
        ExpressionKind::Call(call) => call.name.clone(),
        ExpressionKind::Cast { operand, target } => match figured(operand).filter(|name| name != "case") {
            Some(name) => name,
            None => type_name(target)?,
        },
        ExpressionKind::TypedText { target, .. } => type_name(target)?,
        ExpressionKind::Case { otherwise, .. } => {
            return otherwise.as_deref().and_then(figured).or_else(|| Some("case".into()));
        }
        ExpressionKind::Exists(_) => "exists".into(),
        ExpressionKind::Array(_) | ExpressionKind::ArraySubquery(_) => "array".into(),
        ExpressionKind::Row(_) => "row".into(),
        ExpressionKind::SessionValue { value, .. } => value.sql().to_lowercase(),
        ExpressionKind::Extract { .. } => "extract".into(),
        ExpressionKind::Position { .. } => "position".into(),
        ExpressionKind::Substring { .. } => "substring".into(),
        ExpressionKind::Overlay { .. } => "overlay".into(),
        ExpressionKind::Trim { side, .. } => match side {
            migrate_core::expression::TrimSide::Both => "btrim".into(),
            migrate_core::expression::TrimSide::Leading => "ltrim".into(),
            migrate_core::expression::TrimSide::Trailing => "rtrim".into(),
        },
        ExpressionKind::AtTimeZone { .. } => "timezone".into(),
        ExpressionKind::Subquery(query) => match &query.body {
            migrate_core::query::Body::Select(select) => {
                let item = select.items.first()?;
                return item.alias.as_ref().map(|alias| alias.value.clone()).or_else(|| figured(&item.value));
            }
            _ => return None,
        },
        _ => return None,
    })
}

/// The name of a type in `pg_type`.
fn type_name(data_type: &Type) -> Option<String> {
    match data_type {
        Type::Array(element) => type_name(element),
        Type::Named { name, .. } => Some(name.name.clone()),
        data_type => data_type.internal_name().map(str::to_owned),
    }
}
