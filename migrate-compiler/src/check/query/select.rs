//! `SELECT`: what comes out, and by what it is grouped and ordered.

use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::query::{Distinct, GroupItem, Item, Select, output_name};
use migrate_core::types::Type;

use super::expression::no_source;
use super::{Clause, Meaning, Output, QueryCheck, Scope};
use crate::diagnostic::{Diagnostic, code};

impl QueryCheck<'_, '_> {
    /// Checks a `SELECT`, and gives what comes out of it and what it sees.
    pub(super) fn select<'o>(
        &mut self,
        select: &mut Select,
        filled: &[Option<Type>],
        outer: Option<&'o Scope<'o>>,
    ) -> (Vec<Output>, Scope<'o>) {
        let mut scope = self.empty(outer);
        scope.is_level = true;
        scope.windows.clone_from(&select.windows);
        scope.enter(Clause::From);
        for source in &mut select.from {
            self.source(source, &mut scope);
        }
        if let Some(filter) = &mut select.filter {
            scope.enter(Clause::Where);
            self.condition(filter, &scope);
        }
        scope.enter(Clause::Items);
        let mut outputs = self.items(&mut select.items, filled, &scope);
        scope.enter(Clause::GroupBy);
        for item in select.group_by.iter_mut().flat_map(|group_by| &mut group_by.items) {
            self.group_item(item, &outputs, &scope);
            self.placed_key(item, &select.items, &scope);
        }
        let is_whole = |item: &GroupItem| matches!(item, GroupItem::Expression(_) | GroupItem::List(_));
        if select.group_by.iter().flat_map(|group_by| &group_by.items).any(|item| !is_whole(item)) {
            // By what a set does not group, it is NULL.
            outputs.iter_mut().for_each(|output| output.nullable = true);
        }
        if let Some(having) = &mut select.having {
            scope.enter(Clause::Having);
            self.truth(having, &scope);
        }
        self.windows(&mut select.windows, &scope);
        if let Distinct::On(values) = &mut select.distinct {
            self.distinct_on(values, &outputs, &scope);
        }
        (outputs, scope)
    }

    /// What comes out, with `*` as the columns that it stands for. A text or a bare word becomes a value of the column that
    /// it fills, where it fills one.
    pub(super) fn items(&mut self, items: &mut Vec<Item>, filled: &[Option<Type>], scope: &Scope<'_>) -> Vec<Output> {
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
            let name = output_name(&item.value);
            let takes_type = match &item.value.kind {
                ExpressionKind::Text(_) => true,
                ExpressionKind::Name(parts) => parts.len() == 1,
                _ => false,
            };
            let expected = filled.get(outputs.len()).and_then(Option::as_ref).filter(|_| takes_type);
            let mut output = self.typed(&mut item.value, expected, scope);
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
        let Some(name) = parts.last() else {
            if scope.sources.is_empty() {
                self.fail(Diagnostic::new(code::INVALID_QUERY, "`*` needs a table: there is no `from`", item.value.at));
            }
            if scope.sources.iter().any(|source| source.is_open) {
                return None;
            }
            return Some(scope.star(0));
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
            let mistake = no_source(name, &sources, alias.as_deref(), item.value.at);
            self.fail(mistake);
        }
        None
    }
}
