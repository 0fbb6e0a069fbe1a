//! `ORDER BY`, `GROUP BY` and `DISTINCT`: which column is meant, and whether it has an order (`parse_clause.c`).

use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::query::{Body, Direction, Distinct, GroupItem, Item, Query, Select};

use super::{Clause, Output, QueryCheck, Scope};
use crate::diagnostic::{Diagnostic, code};

/// What a part of `ORDER BY` or `DISTINCT ON` means.
#[derive(Clone, Debug, PartialEq)]
enum Key {
    /// The column of this place that comes out.
    Place(usize),
    /// Something else.
    Value(Expression),
}

impl QueryCheck<'_, '_> {
    /// `ORDER BY` and `DISTINCT` of a query whose body was checked.
    pub(super) fn order(&mut self, query: &mut Query, outputs: &[Output], scope: &Scope<'_>) {
        scope.enter(Clause::OrderBy);
        if let Body::Set(_) = &query.body {
            for item in &query.order_by {
                let is_output = item.value.as_name().is_some_and(|name| outputs.iter().any(|one| one.name == name));
                let is_place = matches!(item.value.kind, ExpressionKind::Number(_));
                if !is_output && !is_place && !self.is_open {
                    let message = "this can be ordered only by its result columns, by name or by position";
                    let mistake = Diagnostic::new(code::INVALID_QUERY, message, item.value.at);
                    self.fail(mistake.help("put it into a subquery: `select * from (...) as q order by ...`"));
                    return;
                }
            }
        }
        for item in &mut query.order_by {
            let known = self.checker.mistakes.len();
            let written = item.value.clone();
            let data_type = self.ordered_by(&mut item.value, outputs, scope);
            if let Direction::Using(operator) = &item.direction
                && self.checker.mistakes.len() == known
                && data_type.is_some()
            {
                // What no operator class of any type has as the first or the last of its operators.
                if matches!(operator.symbol.as_str(), "=" | "<>" | "!=" | "<=" | ">=") {
                    let message = format!("`{}` is not an ordering operator", operator.symbol);
                    let mistake = Diagnostic::new(code::INVALID_QUERY, message, item.value.at);
                    self.fail(
                        mistake.help("write `asc` or `desc`, or `using` with the `<` or `>` of an operator class"),
                    );
                    return;
                }
                let (left, right) = (Box::new(written.clone()), Box::new(written));
                let kind = ExpressionKind::Binary { operator: operator.clone(), left, right };
                self.value(&mut Expression::new(kind, item.value.at), None, scope);
            }
            if let Some(found) =
                data_type.filter(|_| matches!(item.direction, Direction::Ascending | Direction::Descending))
                && self.checker.mistakes.len() == known
                && !self.checker.has_order(&found)
            {
                let message = format!("values of `{found}` have no order");
                let mistake = Diagnostic::new(code::TYPE_MISMATCH, message, item.value.at);
                self.fail(mistake.help("cast it to a type that has one, as in `(...)::text`"));
            }
        }
        if self.failed || self.is_open {
            return;
        }
        let Body::Select(select) = &query.body else { return };
        // What is there already orders nothing once more.
        let mut ordered: Vec<Key> = Vec::new();
        let mut places = Vec::new();
        for item in &query.order_by {
            let key = key(&item.value, select, outputs, scope, true);
            if !ordered.contains(&key) {
                ordered.push(key);
                places.push(item.value.at);
            }
        }
        match &select.distinct {
            Distinct::All => {}
            Distinct::Rows => {
                if let Some(index) = ordered.iter().position(|key| matches!(key, Key::Value(_))) {
                    let at = places.get(index).copied().unwrap_or(query.at);
                    let message = "with `distinct`, `order by` can use only what is selected";
                    let mistake = Diagnostic::new(code::INVALID_QUERY, message, at);
                    self.fail(mistake.help("select it too, or remove `distinct`"));
                }
                for (item, output) in select.items.iter().zip(outputs) {
                    self.distinct(output, item.value.at);
                }
            }
            Distinct::On(values) => {
                let keys: Vec<Key> = values.iter().map(|value| key(value, select, outputs, scope, true)).collect();
                // The first of `ORDER BY` are those of `DISTINCT ON`, in any order.
                let leading = ordered.iter().take_while(|key| keys.contains(key)).count();
                let is_apart = ordered.iter().skip(leading).any(|key| keys.contains(key))
                    || (leading < ordered.len() && keys.iter().any(|key| !ordered.contains(key)));
                if is_apart {
                    let at = places.get(leading).copied().unwrap_or(query.at);
                    let message = "`order by` must begin with the expressions of `distinct on`";
                    let mistake = Diagnostic::new(code::INVALID_QUERY, message, at);
                    self.fail(mistake.help("order by these first"));
                }
            }
        }
    }

    /// Whether what comes out can be compared for equality.
    fn distinct(&mut self, output: &Output, at: migrate_core::token::At) {
        if let Some(found) = &output.data_type
            && !self.checker.has_equality(found)
        {
            let message = format!("`distinct` cannot compare `{}`, which is of type `{found}`", output.name);
            let mistake = Diagnostic::new(code::TYPE_MISMATCH, message, at);
            self.fail(mistake.help("cast it to a type that has an equality operator"));
        }
    }

    pub(super) fn distinct_on(&mut self, values: &mut [Expression], outputs: &[Output], scope: &Scope<'_>) {
        scope.enter(Clause::DistinctOn);
        for value in values {
            let known = self.checker.mistakes.len();
            let found = self.ordered_by(value, outputs, scope);
            if self.checker.mistakes.len() == known {
                self.distinct(&Output { name: value.to_string(), data_type: found, nullable: true }, value.at);
            }
        }
    }

    /// What a place in `GROUP BY` stands for must be able to stand there itself.
    pub(super) fn placed_key(&mut self, item: &GroupItem, items: &[Item], scope: &Scope<'_>) {
        match item {
            GroupItem::Expression(value) => {
                if let Some(found) = place_of(value).and_then(|place| items.get(place))
                    && let Err(mistake) = self.place_of_level(&found.value, scope)
                {
                    self.fail(Diagnostic { at: value.at, ..mistake });
                }
            }
            GroupItem::List(_) => {}
            GroupItem::Rollup(items_of) | GroupItem::Cube(items_of) | GroupItem::Sets(items_of) => {
                items_of.iter().for_each(|item| self.placed_key(item, items, scope));
            }
        }
    }

    pub(super) fn group_item(&mut self, item: &mut GroupItem, outputs: &[Output], scope: &Scope<'_>) {
        match item {
            GroupItem::Expression(Expression { kind: ExpressionKind::Row(values), .. }) => {
                values.iter_mut().for_each(|value| self.grouped_by(value, outputs, scope));
            }
            GroupItem::Expression(value) => self.grouped_by(value, outputs, scope),
            GroupItem::List(values) => values.iter_mut().for_each(|value| self.grouped_by(value, outputs, scope)),
            GroupItem::Rollup(items) | GroupItem::Cube(items) | GroupItem::Sets(items) => {
                items.iter_mut().for_each(|item| self.group_item(item, outputs, scope));
            }
        }
    }

    /// A bare name is a column of the sources, or else one that comes out; a number is the place of one.
    fn grouped_by(&mut self, value: &mut Expression, outputs: &[Output], scope: &Scope<'_>) {
        let known = self.checker.mistakes.len();
        let found = if self.is_place(value, outputs, "group by") {
            place_of(value).and_then(|place| outputs.get(place)).and_then(|output| output.data_type.clone())
        } else {
            let output = value.as_name().filter(|name| !scope.has_own(name));
            match output.and_then(|name| outputs.iter().find(|output| output.name == name)) {
                Some(output) => output.data_type.clone(),
                None => self.value(value, None, scope),
            }
        };
        if let Some(found) = found
            && self.checker.mistakes.len() == known
            && !self.checker.has_equality(&found)
        {
            let message = format!("`group by` cannot compare values of `{found}`");
            let mistake = Diagnostic::new(code::TYPE_MISMATCH, message, value.at);
            self.fail(mistake.help("cast it to a type that has an equality operator"));
        }
    }

    /// A bare name is a column that comes out, or else one of the sources; a number is the place of one. Gives its type.
    fn ordered_by(
        &mut self,
        value: &mut Expression,
        outputs: &[Output],
        scope: &Scope<'_>,
    ) -> Option<migrate_core::types::Type> {
        if self.is_place(value, outputs, "order by") {
            return outputs.get(place_of(value)?)?.data_type.clone();
        }
        let named: Vec<&Output> = match value.as_name() {
            Some(name) => outputs.iter().filter(|output| output.name == name).collect(),
            None => Vec::new(),
        };
        match named.as_slice() {
            [] => self.value(value, None, scope),
            [output, ..] => output.data_type.clone(),
        }
    }

    fn is_place(&mut self, value: &Expression, outputs: &[Output], clause: &str) -> bool {
        let digits = match &value.kind {
            ExpressionKind::Number(digits) => digits.clone(),
            ExpressionKind::Text(_) | ExpressionKind::Null | ExpressionKind::Boolean(_) => {
                let message = format!("a constant in `{clause}` must be the position of a column");
                self.fail(Diagnostic::new(code::INVALID_QUERY, message, value.at).help("remove it"));
                return true;
            }
            _ => return false,
        };
        let count = outputs.len();
        if digits.bytes().any(|byte| !byte.is_ascii_digit()) {
            let message = format!("`{clause} {digits}`: the position of a column must be an integer");
            self.fail(Diagnostic::new(code::INVALID_QUERY, message, value.at));
        } else if !self.is_open && digits.parse::<usize>().map_or(true, |place| place == 0 || place > count) {
            let message = format!("`{clause}` position {digits} is not in the select list, which has {count} columns");
            self.fail(Diagnostic::new(code::INVALID_QUERY, message, value.at));
        }
        true
    }
}

fn place_of(value: &Expression) -> Option<usize> {
    match &value.kind {
        ExpressionKind::Number(digits) => digits.parse::<usize>().ok()?.checked_sub(1),
        _ => None,
    }
}

/// What a part of `ORDER BY` means.
fn key(value: &Expression, select: &Select, outputs: &[Output], scope: &Scope<'_>, outputs_first: bool) -> Key {
    let named = value.as_name().filter(|name| outputs_first || !scope.has_own(name));
    let place = place_of(value)
        .or_else(|| named.and_then(|name| outputs.iter().position(|output| output.name == name)))
        .or_else(|| select.items.iter().position(|item| item.value == *value));
    match place.filter(|place| *place < select.items.len()) {
        // Columns of the same value are one.
        Some(place) => {
            let item = select.items.get(place).map(|item| &item.value);
            let first = select.items.iter().position(|other| Some(&other.value) == item);
            Key::Place(first.unwrap_or(place))
        }
        None => Key::Value(value.clone()),
    }
}
