//! `INSERT`, `UPDATE`, `DELETE` and `MERGE`, as they stand in `WITH`.

use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::object::{Kind, Namespace};
use migrate_core::query::{
    Body, ConflictAction, ConflictTarget, InsertSource, MergeAction, MergeBranch, MergeMatch, Overriding, Query,
    Statement, TargetTable,
};

use super::changed::how_to_convert;
use super::{Clause, Output, QueryCheck, Scope, Visible};
use crate::diagnostic::{Diagnostic, code};

impl QueryCheck<'_, '_> {
    /// Checks a statement, and gives what comes out of it.
    pub(in crate::check) fn statement(&mut self, statement: &mut Statement, outer: Option<&Scope<'_>>) -> Vec<Output> {
        let common = self.common.clone();
        let outputs = match statement {
            Statement::Query(query) => self.query(query, outer),
            Statement::Insert(insert) => {
                if let Some(with) = &mut insert.with {
                    self.with(with, outer);
                }
                let mut scope = self.empty(outer);
                scope.is_level = true;
                scope.enter(Clause::From);
                self.target(&mut insert.table, &mut scope);
                let columns = self.targets(&insert.columns, &scope);
                self.once(&insert.columns.iter().collect::<Vec<_>>());
                let mut given = 0;
                if let InsertSource::Query(query) = &mut insert.source {
                    given = self.inserted(query, &columns, outer).len();
                    let is_known = !self.failed && !self.is_open && scope.sources.iter().all(|one| !one.is_open);
                    let named = columns.len();
                    if is_known && (given > named || !insert.columns.is_empty() && given != named) {
                        let message = match insert.columns.is_empty() {
                            true => format!("the table has {named} columns, but {given} values are given"),
                            false => format!("{named} columns are named, but {given} values are given"),
                        };
                        // The first that is too many, or that has no value.
                        let beyond = match &query.body {
                            Body::Select(select) => select.items.get(named).map(|item| item.value.at),
                            _ => None,
                        };
                        let lacking = insert.columns.get(given).map(|target| target.column.at);
                        let at = beyond.or(lacking).filter(|at| at.end > at.start).unwrap_or(query.at);
                        self.fail(Diagnostic::new(code::INVALID_QUERY, message, at));
                    }
                }
                let rows: Vec<&[Expression]> = match &insert.source {
                    InsertSource::Query(query) => match &query.body {
                        Body::Values(rows) => rows.iter().map(Vec::as_slice).collect(),
                        _ => Vec::new(),
                    },
                    InsertSource::DefaultValues => Vec::new(),
                };
                let has_rows = !matches!(insert.source, InsertSource::DefaultValues);
                if has_rows && self.inserts_generated(&insert.columns, &rows, given, insert.overriding, &scope) {
                    insert.overriding = Some(Overriding::System);
                }
                scope.enter(Clause::Where);
                if let Some(conflict) = &mut insert.on_conflict {
                    if conflict.target.is_none() && matches!(conflict.action, ConflictAction::Update { .. }) {
                        let message = "`on conflict do update` needs the columns or the constraint of the conflict";
                        let mistake = Diagnostic::new(code::INVALID_QUERY, message, conflict.at);
                        self.fail(mistake.help("write `on conflict (column) do update ...`"));
                    }
                    if let Some(ConflictTarget::Index { elements, filter }) = &mut conflict.target {
                        for element in elements.iter_mut() {
                            self.value(&mut element.value, None, &scope);
                        }
                        if let Some(filter) = filter {
                            self.condition(filter, &scope);
                        }
                        self.conflict_of(&scope, elements, filter.is_some(), conflict.at);
                    }
                    if let Some(ConflictTarget::Constraint(constraint)) = &conflict.target {
                        self.constraint_of(&scope, constraint);
                    }
                    if let ConflictAction::Update { assignments, filter } = &mut conflict.action {
                        let mut seen = scope.clone();
                        add_by_name(&mut seen, "excluded");
                        seen.sources.iter_mut().for_each(|source| source.is_by_name_only = false);
                        seen.enter(Clause::Set);
                        self.assignments(assignments, &seen);
                        seen.enter(Clause::Where);
                        if let Some(filter) = filter {
                            self.condition(filter, &seen);
                        }
                    }
                }
                self.returning(insert.returning.as_mut(), &scope)
            }
            Statement::Update(update) => {
                if let Some(with) = &mut update.with {
                    self.with(with, outer);
                }
                let mut scope = self.empty(outer);
                scope.is_level = true;
                scope.enter(Clause::From);
                self.target(&mut update.table, &mut scope);
                for source in &mut update.from {
                    self.source(source, &mut scope);
                }
                scope.enter(Clause::Set);
                self.assignments(&mut update.assignments, &scope);
                scope.enter(Clause::Where);
                if let Some(filter) = &mut update.filter {
                    self.condition(filter, &scope);
                }
                self.returning(update.returning.as_mut(), &scope)
            }
            Statement::Delete(delete) => {
                if let Some(with) = &mut delete.with {
                    self.with(with, outer);
                }
                let mut scope = self.empty(outer);
                scope.is_level = true;
                scope.enter(Clause::From);
                self.target(&mut delete.table, &mut scope);
                for source in &mut delete.using {
                    self.source(source, &mut scope);
                }
                scope.enter(Clause::Where);
                if let Some(filter) = &mut delete.filter {
                    self.condition(filter, &scope);
                }
                self.returning(delete.returning.as_mut(), &scope)
            }
            Statement::Merge(merge) => {
                if let Some(with) = merge.with.as_ref().filter(|with| with.is_recursive) {
                    let message = "`with recursive` is not supported for `merge`";
                    self.fail(Diagnostic::new(code::INVALID_QUERY, message, with.at));
                }
                if let Some(with) = &mut merge.with {
                    self.with(with, outer);
                }
                let mut scope = self.empty(outer);
                scope.is_level = true;
                scope.enter(Clause::From);
                self.target(&mut merge.table, &mut scope);
                let of_target = scope.clone();
                self.source(&mut merge.source, &mut scope);
                scope.enter(Clause::On);
                self.condition(&mut merge.condition, &scope);
                scope.enter(Clause::When);
                of_target.enter(Clause::When);
                self.reachable(&merge.branches);
                for branch in &mut merge.branches {
                    let mut of_source = self.empty(outer);
                    of_source.is_level = true;
                    of_source.enter(Clause::When);
                    of_source.sources.extend(scope.sources.iter().skip(1).cloned());
                    let seen = match branch.matched {
                        MergeMatch::Both => &scope,
                        MergeMatch::TargetOnly => &of_target,
                        MergeMatch::SourceOnly => &of_source,
                    };
                    if let Some(condition) = &mut branch.condition {
                        self.condition(condition, seen);
                    }
                    match &mut branch.action {
                        MergeAction::Nothing | MergeAction::Delete => {}
                        MergeAction::Update(assignments) => {
                            let mut seen = seen.clone();
                            seen.sources.iter_mut().skip(1).for_each(|source| source.is_by_name_only |= false);
                            self.assignments(assignments, &seen);
                        }
                        MergeAction::Insert { columns: listed, overriding, values } => {
                            self.once(&listed.iter().collect::<Vec<_>>());
                            let is_listed = !listed.is_empty();
                            let columns = self.targets(listed, &of_target);
                            let is_known = of_target.sources.iter().all(|source| !source.is_open);
                            let (named, given) = (columns.len(), values.len());
                            let has_values = given > 0;
                            if is_known && has_values && (given > named || is_listed && given != named) {
                                let at = values.first().map_or_else(Default::default, |value| value.at);
                                let message = format!("{named} columns are named, but {given} values are given");
                                self.fail(Diagnostic::new(code::INVALID_QUERY, message, at));
                            }
                            for (index, value) in values.iter_mut().enumerate() {
                                self.assigned(value, columns.get(index), seen);
                            }
                            let rows: &[&[Expression]] = &[values];
                            if has_values && self.inserts_generated(listed, rows, given, *overriding, &of_target) {
                                *overriding = Some(Overriding::System);
                            }
                        }
                    }
                }
                let mut outputs = self.returning(merge.returning.as_mut(), &scope);
                // What is not matched has no values of the other side.
                outputs.iter_mut().for_each(|output| output.nullable = true);
                outputs
            }
        };
        self.common = common;
        self.through_view(statement);
        outputs
    }

    /// Nothing comes to a branch behind one of the same rows that has no condition.
    fn reachable(&mut self, branches: &[MergeBranch]) {
        for (index, branch) in branches.iter().enumerate() {
            let mut before = branches.iter().take(index);
            if before.any(|other| other.matched == branch.matched && other.condition.is_none()) {
                let message = "this branch is never reached, because one before it takes all of these rows";
                self.fail(
                    Diagnostic::new(code::INVALID_QUERY, message, branch.at)
                        .help("remove it, or give that one a condition"),
                );
                return;
            }
        }
    }

    /// The rows that are inserted: each value becomes one of its column.
    fn inserted(&mut self, query: &mut Query, columns: &[Output], outer: Option<&Scope<'_>>) -> Vec<Output> {
        if query.is_plain()
            && let Body::Values(rows) = &mut query.body
        {
            let scope = self.empty(outer);
            scope.enter(Clause::Values);
            let width = rows.first().map_or(0, Vec::len);
            for row in rows {
                if row.len() != width {
                    let at = row.first().map_or_else(Default::default, |value| value.at);
                    let message = format!(
                        "every row of `values` must have the same number of values: {width}, found {}",
                        row.len()
                    );
                    self.fail(Diagnostic::new(code::INVALID_QUERY, message, at));
                }
                for (index, value) in row.iter_mut().enumerate() {
                    self.assigned(value, columns.get(index), &scope);
                }
            }
            return (0..width).map(|_| Output::named("")).collect();
        }
        self.filled = columns.iter().map(|column| column.data_type.clone()).collect();
        let found = self.query(query, outer);
        if let Body::Select(select) = &mut query.body {
            for (item, column) in select.items.iter_mut().zip(columns) {
                self.keep_value(&mut item.value, column.data_type.as_ref());
            }
        }
        for (index, (output, column)) in found.iter().zip(columns).enumerate() {
            let item = match &query.body {
                Body::Select(select) => select.items.get(index).map(|item| &item.value),
                _ => None,
            };
            // A literal takes the type of the column.
            let is_literal =
                item.is_some_and(|item| matches!(item.kind, ExpressionKind::Text(_) | ExpressionKind::Null));
            if let (Some(given), Some(expected)) = (&output.data_type, &column.data_type)
                && !is_literal
                && !self.failed
                && !self.checker.assigns(given, expected)
            {
                let message =
                    format!("column `{}` is of type `{expected}`, but the value is of type `{given}`", column.name);
                let mistake = Diagnostic::new(code::TYPE_MISMATCH, message, item.map_or(query.at, |item| item.at));
                let help = how_to_convert(given, expected).unwrap_or_else(|| format!("cast it: `::{expected}`"));
                self.fail(mistake.help(help));
            }
        }
        found
    }

    /// The table that is changed: it is what the statement sees first.
    fn target(&mut self, table: &mut TargetTable, scope: &mut Scope<'_>) {
        let written = table.name.name.value.clone();
        let name = table.alias.as_ref().map_or(written, |alias| alias.value.clone());
        let found = self.named_relation(&mut table.name);
        if let Some(relation) = found.as_ref().and_then(|found| found.name.as_ref())
            && let Some((id, _)) = self.checker.catalog().object_named(Namespace::Relation, relation)
            && matches!(id.kind, Kind::MaterializedView | Kind::Sequence)
        {
            let message = format!("the rows of the {} `{relation}` cannot be changed", id.kind.noun());
            let help = match id.kind {
                Kind::Sequence => "call `setval`, or write `alter sequence ... restart`",
                _ => "refresh it: its rows are what its query gives",
            };
            self.fail(Diagnostic::new(code::INVALID_QUERY, message, table.name.at()).help(help));
        }
        let (relation, columns, is_open) = match found {
            Some(found) => (found.name, found.columns, found.is_open),
            None => (None, Vec::new(), true),
        };
        scope.sources.push(Visible { name, relation, columns, is_open, is_by_name_only: false, is_function: false });
    }
}

/// Adds the rows of the table under another name, which bare names do not reach.
pub(super) fn add_by_name(scope: &mut Scope<'_>, name: &str) {
    if let Some(table) = scope.sources.first().cloned() {
        scope.sources.push(Visible { name: name.to_owned(), is_by_name_only: true, is_function: false, ..table });
    }
}
