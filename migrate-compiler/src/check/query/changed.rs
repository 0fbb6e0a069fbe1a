//! The columns that a statement sets, and the values that they get.

use migrate_core::expression::{Expression, ExpressionKind, Subscript};
use migrate_core::query::{Assignment, PathStep, Target};
use migrate_core::types::Type;

use super::{Output, QueryCheck, Scope};
use crate::diagnostic::{Diagnostic, choices, code};

impl QueryCheck<'_, '_> {
    /// The columns that are set; all of the table where none is named.
    pub(super) fn targets(&mut self, targets: &[Target], scope: &Scope<'_>) -> Vec<Output> {
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
            let mut output = found.unwrap_or_else(|| Output::named(name.clone()));
            output.data_type = self.part(output.data_type, &target.path, scope);
            outputs.push(output);
        }
        outputs
    }

    /// The type of a part of a value that is set: of a field, of an element.
    fn part(&mut self, whole: Option<Type>, path: &[PathStep], scope: &Scope<'_>) -> Option<Type> {
        let mut found = whole?;
        for step in path {
            let below = self.checker.catalog().base_type(&found).clone();
            found = match step {
                PathStep::Field(field) => {
                    let fields = self.checker.fields(below.as_named()?)?;
                    let Some((_, data_type)) = fields.iter().find(|(name, _)| *name == field.value) else {
                        let message = format!("cannot find field `{}` in type `{below}`", field.value);
                        let known = fields.iter().map(|(name, _)| name.as_str());
                        let mistake = Diagnostic::new(code::UNKNOWN_COLUMN, message, field.at);
                        self.fail(mistake.maybe_help(choices(&field.value, known, "fields")));
                        return None;
                    };
                    data_type.clone()
                }
                PathStep::Subscript(Subscript::Index(index)) => {
                    if below == Type::JSONB {
                        continue;
                    }
                    let element = below.element()?.clone();
                    self.value(&mut index.clone(), Some(&Type::INTEGER), scope);
                    element
                }
                // Several elements are set to those of an array.
                PathStep::Subscript(Subscript::Slice(..)) => below.element()?.clone().array(),
            };
        }
        Some(found)
    }

    /// Each column can be set once, unless different parts of it are.
    pub(super) fn once(&mut self, targets: &[&Target]) {
        for (index, target) in targets.iter().enumerate() {
            let is_same = |other: &&&Target| other.column == target.column && other.path.is_empty();
            if target.path.is_empty() && targets.iter().take(index).any(|other| is_same(&other)) {
                let message = format!("column `{}` is set more than once", target.column.value);
                self.fail(
                    Diagnostic::new(code::DUPLICATE_CLAUSE, message, target.column.at).help("remove one of them"),
                );
                return;
            }
        }
    }

    /// A generated column can be set to its default only.
    fn not_generated(&mut self, target: &Target, value: &Expression, scope: &Scope<'_>) {
        let relation = scope.sources.first().and_then(|source| source.relation.as_ref());
        let Some(table) = relation.and_then(|name| self.checker.catalog().table(name)) else { return };
        let name = &target.column.value;
        if table.column(name).is_some_and(|column| column.generated.is_some())
            && !matches!(value.kind, ExpressionKind::Default)
        {
            let message = format!("cannot set the generated column `{name}`");
            let mistake = Diagnostic::new(code::INVALID_DEFINITION, message, target.column.at);
            self.fail(mistake.help("remove it: its value follows from its expression"));
        }
    }

    pub(super) fn assignments(&mut self, assignments: &mut [Assignment], scope: &Scope<'_>) {
        let all: Vec<&Target> = assignments
            .iter()
            .flat_map(|assignment| match assignment {
                Assignment::One { target, .. } => std::slice::from_ref(target),
                Assignment::Several { targets, .. } => targets.as_slice(),
            })
            .collect();
        self.once(&all);
        for assignment in assignments {
            match assignment {
                Assignment::One { target, value } => {
                    self.not_generated(target, value, scope);
                    let targets = self.targets(std::slice::from_ref(target), scope);
                    self.must_have_value(value, targets.first());
                    self.assigned(value, targets.first(), scope);
                }
                Assignment::Several { targets, value } => {
                    let columns = self.targets(targets, scope);
                    let at = value.at;
                    let given = match &mut value.kind {
                        ExpressionKind::Row(values) => {
                            for (index, value) in values.iter_mut().enumerate() {
                                if let Some(target) = targets.get(index) {
                                    self.not_generated(target, value, scope);
                                }
                                self.must_have_value(value, columns.get(index));
                                self.assigned(value, columns.get(index), scope);
                            }
                            Some(values.len())
                        }
                        ExpressionKind::Subquery(query) => {
                            let common = self.common.clone();
                            let known = self.checker.mistakes.len();
                            let found = self.checker.query_within(query, Some(scope), &common);
                            self.failed |= self.checker.mistakes.len() > known;
                            let types = self.checker.columns_of_subquery(query).filter(|_| found.is_some());
                            for (index, (found, column)) in types.iter().flatten().zip(&columns).enumerate() {
                                if let (Some(found), Some(expected)) = (found, &column.data_type)
                                    && !super::set::is_literal(query, index)
                                    && !self.checker.assigns(found, expected)
                                {
                                    let message = format!(
                                        "column `{}` is of type `{expected}`, but the value is of type `{found}`",
                                        column.name
                                    );
                                    self.fail(Diagnostic::new(code::TYPE_MISMATCH, message, at));
                                }
                            }
                            types.map(|types| types.len())
                        }
                        _ => {
                            self.value(value, None, scope);
                            None
                        }
                    };
                    if let Some(given) = given.filter(|given| *given != columns.len()) {
                        let message = format!("{} columns are set, but {given} values are given", columns.len());
                        self.fail(Diagnostic::new(code::INVALID_QUERY, message, at));
                    }
                }
            }
        }
    }

    /// A value that becomes one of a column; `DEFAULT` is one, too.
    pub(super) fn assigned(&mut self, value: &mut Expression, column: Option<&Output>, scope: &Scope<'_>) {
        let expected = column.and_then(|column| column.data_type.as_ref());
        if matches!(value.kind, ExpressionKind::Default) {
            return;
        }
        let found = self.value(value, expected, scope);
        if let (Some(found), Some(expected)) = (found, expected)
            && !self.checker.assigns(&found, expected)
        {
            let name = column.map_or("", |column| column.name.as_str());
            let message = format!("column `{name}` is of type `{expected}`, but the value is of type `{found}`");
            self.fail(Diagnostic::new(code::TYPE_MISMATCH, message, value.at));
        }
        self.keep_value(value, expected);
    }

    /// A column that is NOT NULL, or of a domain that is, cannot be set to `null` by a statement of the migration.
    fn must_have_value(&mut self, value: &Expression, column: Option<&Output>) {
        let Some(column) = column.filter(|_| self.is_run && value.is_null()) else { return };
        let catalog = self.checker.catalog();
        if !column.nullable || column.data_type.as_ref().is_some_and(|data_type| catalog.refuses_null(data_type)) {
            let message = format!("cannot set `{}` to `null`, because it is NOT NULL", column.name);
            self.fail(Diagnostic::new(code::INVALID_DEFINITION, message, value.at));
        }
    }

    /// Says of which enum a text is a value, where the statement is kept.
    pub(super) fn keep_value(&self, value: &mut Expression, expected: Option<&Type>) {
        let is_enum = |name| self.checker.catalog().enums.contains_key(name);
        if let Some(expected) = expected.filter(|expected| expected.as_named().is_some_and(is_enum))
            && self.is_kept
            && matches!(value.kind, ExpressionKind::Text(_))
        {
            let at = value.at;
            let operand = Box::new(std::mem::replace(value, Expression::null()));
            *value = Expression::new(ExpressionKind::Cast { operand, target: expected.clone(), place: at }, at);
        }
    }
}
