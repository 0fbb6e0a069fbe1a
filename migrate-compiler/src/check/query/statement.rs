//! `INSERT`, `UPDATE`, `DELETE` and `MERGE`, as they stand in `WITH`.

use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::query::{
    Assignment, Body, ConflictAction, ConflictTarget, InsertSource, MergeAction, MergeMatch, Query, Statement, Target,
    TargetTable,
};
use migrate_core::types::Type;

use super::{Output, QueryCheck, Scope, Visible};
use crate::diagnostic::{Diagnostic, choices, code};

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
                self.target(&mut insert.table, &mut scope);
                let columns = self.targets(&insert.columns, &scope);
                if let InsertSource::Query(query) = &mut insert.source {
                    let found = self.inserted(query, &columns, outer);
                    if !self.failed && !self.is_open && !insert.columns.is_empty() && found.len() != columns.len() {
                        let (named, given) = (columns.len(), found.len());
                        self.fail(Diagnostic::new(
                            code::INVALID_QUERY,
                            format!("{named} columns are named, but {given} values are given"),
                            query.at,
                        ));
                    }
                }
                if let Some(conflict) = &mut insert.on_conflict {
                    if let Some(ConflictTarget::Index { elements, filter }) = &mut conflict.target {
                        for element in elements {
                            self.value(&mut element.value, None, &scope);
                        }
                        if let Some(filter) = filter {
                            self.condition(filter, &scope);
                        }
                    }
                    if let ConflictAction::Update { assignments, filter } = &mut conflict.action {
                        let mut seen = scope.clone();
                        add_by_name(&mut seen, "excluded");
                        self.assignments(assignments, &seen);
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
                self.target(&mut update.table, &mut scope);
                for source in &mut update.from {
                    self.source(source, &mut scope);
                }
                self.assignments(&mut update.assignments, &scope);
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
                self.target(&mut delete.table, &mut scope);
                for source in &mut delete.using {
                    self.source(source, &mut scope);
                }
                if let Some(filter) = &mut delete.filter {
                    self.condition(filter, &scope);
                }
                self.returning(delete.returning.as_mut(), &scope)
            }
            Statement::Merge(merge) => {
                if let Some(with) = &mut merge.with {
                    self.with(with, outer);
                }
                let mut scope = self.empty(outer);
                self.target(&mut merge.table, &mut scope);
                let of_target = scope.clone();
                self.source(&mut merge.source, &mut scope);
                self.condition(&mut merge.condition, &scope);
                for branch in &mut merge.branches {
                    let mut of_source = self.empty(outer);
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
                        MergeAction::Insert { columns, values, .. } => {
                            let columns = self.targets(columns, &of_target);
                            for (index, value) in values.iter_mut().enumerate() {
                                let expected = columns.get(index).and_then(|column| column.data_type.clone());
                                self.assigned(value, expected.as_ref(), seen);
                            }
                        }
                    }
                }
                self.returning(merge.returning.as_mut(), &scope)
            }
        };
        self.common = common;
        outputs
    }

    /// The rows that are inserted: each value becomes one of its column.
    fn inserted(&mut self, query: &mut Query, columns: &[Output], outer: Option<&Scope<'_>>) -> Vec<Output> {
        if query.is_plain()
            && let Body::Values(rows) = &mut query.body
        {
            let scope = self.empty(outer);
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
                    let expected = columns.get(index).and_then(|column| column.data_type.clone());
                    self.assigned(value, expected.as_ref(), &scope);
                }
            }
            return (0..width).map(|_| Output::named("")).collect();
        }
        let found = self.query(query, outer);
        let Body::Select(select) = &query.body else { return found };
        if select.items.len() != found.len() {
            return found;
        }
        for ((item, output), column) in select.items.iter().zip(&found).zip(columns) {
            // A literal takes the type of the column.
            if let (Some(given), Some(expected)) = (&output.data_type, &column.data_type)
                && item.value.as_text().is_none()
                && !self.checker.assigns(given, expected)
            {
                let message =
                    format!("column `{}` is of type `{expected}`, but the value is of type `{given}`", column.name);
                let mistake = Diagnostic::new(code::TYPE_MISMATCH, message, item.value.at);
                self.fail(mistake.help(format!("cast it: `::{expected}`")));
            }
        }
        found
    }

    /// The table that is changed: it is what the statement sees first.
    fn target(&mut self, table: &mut TargetTable, scope: &mut Scope<'_>) {
        let written = table.name.name.value.clone();
        let name = table.alias.as_ref().map_or(written, |alias| alias.value.clone());
        let found = self.named_relation(&mut table.name);
        let (relation, columns, is_open) = match found {
            Some(found) => (found.name, found.columns, found.is_open),
            None => (None, Vec::new(), true),
        };
        scope.sources.push(Visible { name, relation, columns, is_open, is_by_name_only: false });
    }

    /// The columns that are set; all of the table where none is named.
    fn targets(&mut self, targets: &[Target], scope: &Scope<'_>) -> Vec<Output> {
        let Some(table) = scope.sources.first() else { return Vec::new() };
        if targets.is_empty() {
            return table.columns.clone();
        }
        let mut outputs = Vec::new();
        for target in targets {
            let name = &target.column.value;
            let found = table.columns.iter().find(|column| column.name == *name).cloned();
            if found.is_none() && !table.is_open {
                let known = table.columns.iter().map(|column| column.name.as_str());
                self.fail(
                    Diagnostic::new(
                        code::UNKNOWN_COLUMN,
                        format!("cannot find column `{name}` in `{}`", table.name),
                        target.column.at,
                    )
                    .maybe_help(choices(name, known, "columns")),
                );
            }
            let is_whole = target.path.is_empty();
            outputs.push(found.filter(|_| is_whole).unwrap_or_else(|| Output::named(name.clone())));
        }
        outputs
    }

    fn assignments(&mut self, assignments: &mut [Assignment], scope: &Scope<'_>) {
        for assignment in assignments {
            match assignment {
                Assignment::One { target, value } => {
                    let targets = self.targets(std::slice::from_ref(target), scope);
                    let expected = targets.first().and_then(|column| column.data_type.clone());
                    self.assigned(value, expected.as_ref(), scope);
                }
                Assignment::Several { targets, value } => {
                    let columns = self.targets(targets, scope);
                    match &mut value.kind {
                        ExpressionKind::Row(values) => {
                            for (value, column) in values.iter_mut().zip(&columns) {
                                self.assigned(value, column.data_type.as_ref(), scope);
                            }
                        }
                        _ => {
                            self.value(value, None, scope);
                        }
                    }
                }
            }
        }
    }

    /// A value that becomes one of a column; `DEFAULT` is one, too.
    fn assigned(&mut self, value: &mut Expression, expected: Option<&Type>, scope: &Scope<'_>) {
        if matches!(value.kind, ExpressionKind::Default) {
            return;
        }
        let found = self.value(value, expected, scope);
        if let (Some(found), Some(expected)) = (found, expected)
            && !self.checker.assigns(&found, expected)
        {
            let message = format!("the column is of type `{expected}`, but the value is of type `{found}`");
            self.fail(Diagnostic::new(code::TYPE_MISMATCH, message, value.at));
        }
    }
}

/// Adds the rows of the table under another name, which bare names do not reach.
pub(super) fn add_by_name(scope: &mut Scope<'_>, name: &str) {
    if let Some(table) = scope.sources.first().cloned() {
        scope.sources.push(Visible { name: name.to_owned(), is_by_name_only: true, ..table });
    }
}
