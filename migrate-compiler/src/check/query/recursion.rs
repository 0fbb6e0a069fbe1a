//! Recursive tables of `WITH` (`parse_cte.c`).

use migrate_core::expression::ExpressionKind;
use migrate_core::query::{Body, CommonTable, JoinKind, Part, Query, SetOperator, Source, SourceKind, Statement};
use migrate_core::system::is_aggregate;

use super::{Common, Output, QueryCheck, Scope};
use crate::diagnostic::{Diagnostic, code};

impl QueryCheck<'_, '_> {
    /// Whether a table that names itself has the form that it must have.
    pub(super) fn recursive_form(&mut self, table: &CommonTable) -> bool {
        let name = table.name.value.as_str();
        let at = table.name.at;
        let message = match &*table.statement {
            Statement::Query(query) => not_recursive(query, name),
            _ => Some(format!("recursive `{name}` cannot change rows")),
        };
        let Some(message) = message else { return true };
        let mistake = Diagnostic::new(code::INVALID_QUERY, message, at);
        self.fail(mistake.help(format!("write `{name} as (first rows union all select ... from {name} ...)`")));
        false
    }

    /// What a recursive table is for itself: as its first part gives it.
    pub(super) fn announce(&mut self, table: &CommonTable, outer: Option<&Scope<'_>>) {
        let Statement::Query(Query { body: Body::Set(set), .. }) = &*table.statement else { return };
        let mut first = set.left.clone();
        let (mistakes, failed) = (self.checker.mistakes.len(), self.failed);
        let mut outputs = self.query(&mut first, outer);
        // They are reported when all of it is checked.
        self.checker.mistakes.truncate(mistakes);
        self.failed = failed;
        for (index, output) in outputs.iter_mut().enumerate() {
            output.nullable = true;
            if let Some(name) = table.columns.get(index) {
                output.name.clone_from(&name.value);
            }
        }
        self.common.insert(table.name.value.clone(), Common { columns: outputs, ..Common::default() });
    }

    /// The first part decides the types of the columns; both together must have the same.
    pub(super) fn same_types(&mut self, table: &CommonTable, outputs: &[Output]) {
        let Some(first) = self.common.get(&table.name.value).cloned() else { return };
        for (index, (one, all)) in first.columns.iter().zip(outputs).enumerate() {
            let (Some(one_type), Some(all_type)) = (&one.data_type, &all.data_type) else { continue };
            // A length is lost where the second part has another one, or none.
            let loses_length = one_type != all_type && is_length_known(&table.statement, index);
            if one_type.without_modifier() != all_type.without_modifier() || loses_length {
                let message = format!(
                    "column `{}` of recursive `{}` is `{one_type}` in the first part, but `{all_type}` overall",
                    one.name, table.name.value
                );
                let mistake = Diagnostic::new(code::TYPE_MISMATCH, message, table.name.at);
                self.fail(mistake.help(format!("cast it in the first part: `::{all_type}`")));
                return;
            }
        }
    }
}

/// Whether a column of the second part certainly has the length that its type shows.
fn is_length_known(statement: &Statement, index: usize) -> bool {
    let Statement::Query(Query { body: Body::Set(set), .. }) = statement else { return false };
    let Body::Select(select) = &set.right.body else { return false };
    select.items.get(index).is_some_and(|item| match &item.value.kind {
        ExpressionKind::Name(_)
        | ExpressionKind::Cast { .. }
        | ExpressionKind::TypedText { .. }
        | ExpressionKind::Text(_)
        | ExpressionKind::Unary { .. }
        | ExpressionKind::Binary { .. } => true,
        ExpressionKind::Call(call) => !call.is_choice(),
        _ => false,
    })
}

/// Why a query cannot be that of a recursive table.
fn not_recursive(query: &Query, name: &str) -> Option<String> {
    let Body::Set(set) = &query.body else {
        return Some(format!("recursive `{name}` must consist of two parts joined by `union` or `union all`"));
    };
    if set.operator != SetOperator::Union {
        return Some(format!("recursive `{name}` must consist of two parts joined by `union` or `union all`"));
    }
    if !query.order_by.is_empty() || query.limit.is_some() || query.offset.is_some() || !query.locking.is_empty() {
        return Some(format!("recursive `{name}` cannot have `order by`, `limit` or `for update` around its parts"));
    }
    if names(&set.left, name) > 0 {
        return Some(format!("`{name}` cannot refer to itself in its first part"));
    }
    match names(&set.right, name) {
        0 => return Some(format!("`{name}` must refer to itself in its second part")),
        1 => {}
        _ => return Some(format!("`{name}` can refer to itself only once")),
    }
    in_second(&set.right, name)
}

fn in_second(query: &Query, name: &str) -> Option<String> {
    match &query.body {
        Body::Select(select) => {
            let mut found = None;
            for source in &select.from {
                found = found.or_else(|| on_nullable_side(source, name, false));
            }
            // What is in `from` is allowed; elsewhere it is a sub-select in an expression.
            let from: usize = select.from.iter().map(|source| names_in(source, name)).sum();
            if found.is_none() && from == 0 {
                return Some(format!("`{name}` cannot refer to itself in a subquery"));
            }
            let mut has_aggregate = false;
            for value in select.items.iter().map(|item| &item.value).chain(&select.having) {
                value.visit(&mut |part| {
                    has_aggregate |= matches!(&part.kind, ExpressionKind::Call(call) if call.over.is_none() && is_aggregate(&call.name));
                });
            }
            let is_direct = select.from.iter().any(|source| is_direct(source, name));
            if found.is_none() && has_aggregate && is_direct {
                return Some(format!("the second part of recursive `{name}` cannot use aggregate functions"));
            }
            found
        }
        Body::Set(set) => {
            if set.operator == SetOperator::Except && names(&set.right, name) > 0 {
                return Some(format!("`{name}` cannot refer to itself on the right side of `except`"));
            }
            let side = if names(&set.left, name) > 0 { &set.left } else { &set.right };
            in_second(side, name)
        }
        Body::Values(_) | Body::Table(_) => None,
    }
}

/// Whether it stands on the side of a join where rows come without a partner.
fn on_nullable_side(source: &Source, name: &str, is_nullable: bool) -> Option<String> {
    let said = || Some(format!("`{name}` cannot refer to itself on the nullable side of an outer join"));
    match &source.kind {
        SourceKind::Join(join) => {
            let (left, right) = match join.kind {
                JoinKind::Inner => (false, false),
                JoinKind::Left => (false, true),
                JoinKind::Right => (true, false),
                JoinKind::Full => (true, true),
            };
            on_nullable_side(&join.left, name, is_nullable || left)
                .or_else(|| on_nullable_side(&join.right, name, is_nullable || right))
        }
        _ if is_nullable && names_in(source, name) > 0 => said(),
        _ => None,
    }
}

/// Whether it stands in `FROM` itself, not in a sub-select there.
fn is_direct(source: &Source, name: &str) -> bool {
    match &source.kind {
        SourceKind::Table(_) => names_in(source, name) > 0,
        SourceKind::Join(join) => is_direct(&join.left, name) || is_direct(&join.right, name),
        _ => false,
    }
}

fn names_in(source: &Source, name: &str) -> usize {
    match &source.kind {
        SourceKind::Table(table) => usize::from(table.name.schema.is_none() && table.name.name.value == name),
        SourceKind::Query(query) => names(&query.query, name),
        SourceKind::Join(join) => names_in(&join.left, name) + names_in(&join.right, name),
        _ => 0,
    }
}

fn names(query: &Query, name: &str) -> usize {
    let mut count = 0;
    query.walk(&mut |part| {
        if let Part::Table(found, migrate_core::query::TableRole::Read) = part {
            count += usize::from(found.schema.is_none() && found.name.value == name);
        }
    });
    count
}
