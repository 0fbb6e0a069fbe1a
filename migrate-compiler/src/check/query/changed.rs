//! The columns that a statement sets, and the values that they get.

use migrate_core::catalog::{Column, Identity, Table};
use migrate_core::expression::{Expression, ExpressionKind, Subscript};
use migrate_core::query::{Assignment, Overriding, PathStep, Target};
use migrate_core::system::TypeId;
use migrate_core::token::At;
use migrate_core::types::{BuiltIn, Category, Type};

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
    pub(in crate::check) fn part(&mut self, whole: Option<Type>, path: &[PathStep], scope: &Scope<'_>) -> Option<Type> {
        let mut found = whole?;
        for step in path {
            let below = self.checker.catalog().base_type(&found).clone();
            found = match step {
                PathStep::Field(field) => {
                    let Some(named) = below.as_named() else {
                        let message = format!("cannot set field `{}` of a value of type `{below}`", field.value);
                        let mistake = Diagnostic::new(code::TYPE_MISMATCH, message, field.at);
                        self.fail(mistake.help("only values of composite types have fields"));
                        return None;
                    };
                    let fields = self.checker.fields(named)?;
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
                    let element = self.element(&below, index.at)?;
                    self.value(&mut index.clone(), Some(&Type::INTEGER), scope);
                    element
                }
                // Several elements are set to those of an array.
                PathStep::Subscript(Subscript::Slice(low, high)) => {
                    let at = low.as_ref().or(high.as_ref()).map_or_else(At::default, |end| end.at);
                    self.element(&below, at)?.array()
                }
            };
        }
        Some(found)
    }

    /// The type of what a subscript of a value is; `None` where that is not known, or there is a mistake.
    fn element(&mut self, whole: &Type, at: At) -> Option<Type> {
        if let Some(element) = whole.element() {
            return Some(element.clone());
        }
        if whole.as_named().is_none() && !has_elements(whole) {
            let message = format!("`{whole}` cannot be subscripted");
            self.fail(Diagnostic::new(code::TYPE_MISMATCH, message, at));
        }
        None
    }

    /// Each column can be set once, unless different parts of it are.
    pub(super) fn once(&mut self, targets: &[&Target]) {
        for (index, target) in targets.iter().enumerate() {
            let is_same =
                |other: &Target| other.column == target.column && (other.path.is_empty() || target.path.is_empty());
            if targets.iter().take(index).any(|other| is_same(other)) {
                let message = format!("column `{}` is set more than once", target.column.value);
                self.fail(
                    Diagnostic::new(code::DUPLICATE_CLAUSE, message, target.column.at).help("remove one of them"),
                );
                return;
            }
        }
    }

    /// What the statement changes, if it is a table whose columns are known.
    fn changed_table(&self, scope: &Scope<'_>) -> Option<&Table> {
        let relation = scope.sources.first().and_then(|source| source.relation.as_ref());
        relation.and_then(|name| self.checker.catalog().table(name))
    }

    /// A generated column, and an identity that is always generated, can be set to their defaults only. Says whether this
    /// is neither.
    fn not_generated(&mut self, target: &Target, value: &Expression, scope: &Scope<'_>) -> bool {
        let name = &target.column.value;
        let Some(column) = self.changed_table(scope).and_then(|table| table.column(name)) else { return true };
        if matches!(value.kind, ExpressionKind::Default) {
            return true;
        }
        let mistake = set_always(column, target.column.at);
        let is_free = mistake.is_none();
        mistake.into_iter().for_each(|mistake| self.fail(mistake));
        is_free
    }

    /// Rows that are inserted give generated columns nothing, and identities that are always generated only if they
    /// override them; whether they have to.
    pub(super) fn inserts_generated(
        &mut self,
        targets: &[Target],
        source: &[&[Expression]],
        width: usize,
        overriding: Option<Overriding>,
        scope: &Scope<'_>,
    ) -> bool {
        let Some(table) = self.changed_table(scope) else { return false };
        let named: Vec<(&Column, Option<At>)> = match targets {
            [] => table.columns.iter().map(|column| (column, None)).take(width).collect(),
            targets => {
                let columns = targets.iter().map(|target| (table.column(&target.column.value), Some(target.column.at)));
                columns.filter_map(|(column, at)| Some((column?, at))).collect()
            }
        };
        if named.len() != if targets.is_empty() { width.min(table.columns.len()) } else { targets.len() } {
            return false;
        }
        let mut must_override = false;
        let mut mistakes = Vec::new();
        for (index, (column, at)) in named.into_iter().enumerate() {
            let given = source.iter().filter_map(|row| row.get(index));
            let given = given.filter(|value| !matches!(value.kind, ExpressionKind::Default)).map(|value| value.at);
            let given: Vec<At> = given.collect();
            if !source.is_empty() && given.is_empty() {
                continue;
            }
            let at = at.or(given.first().copied()).unwrap_or_default();
            let name = &column.name;
            if column.generated.is_some() {
                let message = format!("cannot insert a value into the generated column `{name}`");
                let help = match targets {
                    [] => "name the columns that get values, without it",
                    _ => "remove the column from the list",
                };
                mistakes.push(Diagnostic::new(code::INVALID_DEFINITION, message, at).help(help));
            } else if column.identity == Some(Identity::Always) && overriding.is_none() {
                must_override = true;
                if !self.is_run {
                    let message =
                        format!("cannot insert a value into `{name}`, because it is `generated always as identity`");
                    mistakes.push(
                        Diagnostic::new(code::INVALID_DEFINITION, message, at)
                            .help("leave it out, or write `overriding system value` before the values"),
                    );
                }
            }
        }
        mistakes.into_iter().for_each(|mistake| self.fail(mistake));
        must_override
    }

    pub(super) fn assignments(&mut self, assignments: &mut [Assignment], scope: &Scope<'_>) {
        self.once(&assignments.iter().flat_map(Assignment::targets).collect::<Vec<_>>());
        for assignment in assignments {
            match assignment {
                Assignment::One { target, value } => {
                    let is_free = self.not_generated(target, value, scope);
                    let targets = self.targets(std::slice::from_ref(target), scope);
                    self.must_have_value(value, targets.first().filter(|_| is_free));
                    self.assigned(value, targets.first(), scope);
                }
                Assignment::Several { targets, value } => {
                    let columns = self.targets(targets, scope);
                    let at = value.at;
                    let given = match &mut value.kind {
                        ExpressionKind::Row(values) => {
                            for (index, value) in values.iter_mut().enumerate() {
                                let is_free =
                                    targets.get(index).is_none_or(|target| self.not_generated(target, value, scope));
                                self.must_have_value(value, columns.get(index).filter(|_| is_free));
                                self.assigned(value, columns.get(index), scope);
                            }
                            (!values.iter().any(Expression::is_star)).then_some(values.len())
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
            self.fail(
                Diagnostic::new(code::TYPE_MISMATCH, message, value.at).maybe_help(how_to_convert(&found, expected)),
            );
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

/// How a value that is no text becomes JSON: no cast does that.
pub(super) fn how_to_convert(found: &Type, expected: &Type) -> Option<String> {
    match expected {
        Type::BuiltIn(BuiltIn::Jsonb) if found.category() != Category::String => Some("write `to_jsonb(...)`".into()),
        Type::BuiltIn(BuiltIn::Json) if found.category() != Category::String => Some("write `to_json(...)`".into()),
        _ => None,
    }
}

/// Whether a built-in type that is not an array takes subscripts, as `jsonb` and `point` do.
fn has_elements(data_type: &Type) -> bool {
    let Type::BuiltIn(built_in) = data_type else { return false };
    let entry = TypeId::of(*built_in).entry();
    entry.subscripts_itself() || entry.part().is_some()
}

/// What is said about a value for a column that has one of its own.
pub(in crate::check) fn set_always(column: &Column, at: At) -> Option<Diagnostic> {
    let name = &column.name;
    let (message, help) = if column.generated.is_some() {
        (format!("cannot set the generated column `{name}`"), "remove it: its value follows from its expression")
    } else if column.identity == Some(Identity::Always) {
        (
            format!("cannot set `{name}`, because it is `generated always as identity`"),
            "set it to `default`, or change the column to `generated by default`",
        )
    } else {
        return None;
    };
    Some(Diagnostic::new(code::INVALID_DEFINITION, message, at).help(help))
}
