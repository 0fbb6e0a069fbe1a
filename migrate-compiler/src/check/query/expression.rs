//! Expressions in queries.

use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::object::{Kind, ObjectId};
use migrate_core::system::{FunctionKind, functions};
use migrate_core::token::At;
use migrate_core::types::{Category, Type};

use super::{CommonTables, Meaning, Output, QueryCheck, Scope, Visible};
use crate::check::around::Around;
use crate::check::expression::Context;
use crate::check::infer::Walk;
use crate::check::qualify::qualify;
use crate::diagnostic::{Diagnostic, choices, closest, code};

impl QueryCheck<'_, '_> {
    /// What sees nothing but what is around the query.
    pub(super) fn empty<'o>(&self, outer: Option<&'o Scope<'o>>) -> Scope<'o> {
        Scope { outer, common: self.common.clone(), ..Scope::default() }
    }

    /// A value: names are put in full, and it gives the type, where it is known.
    pub(in crate::check) fn value(
        &mut self,
        value: &mut Expression,
        expected: Option<&Type>,
        scope: &Scope<'_>,
    ) -> Option<Type> {
        self.infer(value, expected, scope, Context::Query)
    }

    /// A value, and what comes out of it.
    pub(super) fn typed(&mut self, value: &mut Expression, expected: Option<&Type>, scope: &Scope<'_>) -> Output {
        let data_type = self.value(value, expected, scope);
        let nullable = self.is_nullable(value, scope);
        // A literal that nothing gives a type becomes a text.
        let data_type = data_type
            .or_else(|| (matches!(value.kind, ExpressionKind::Text(_) | ExpressionKind::Null)).then_some(Type::TEXT));
        Output { name: String::new(), data_type, nullable }
    }

    /// A condition over rows, before they are grouped: `WHERE`, `ON`.
    pub(super) fn condition(&mut self, condition: &mut Expression, scope: &Scope<'_>) {
        let found = self.infer(condition, Some(&Type::BOOLEAN), scope, Context::Filter);
        self.must_be_boolean(condition.at, found);
    }

    /// A condition over groups: `HAVING`.
    pub(super) fn truth(&mut self, condition: &mut Expression, scope: &Scope<'_>) {
        let found = self.infer(condition, Some(&Type::BOOLEAN), scope, Context::Query);
        self.must_be_boolean(condition.at, found);
    }

    fn must_be_boolean(&mut self, at: At, found: Option<Type>) {
        if let Some(found) = found
            && !self.checker.assigns(&found, &Type::BOOLEAN)
        {
            let message = format!("this must be a `boolean` condition, found `{found}`");
            self.fail(Diagnostic::new(code::TYPE_MISMATCH, message, at).help("compare it with something"));
        }
    }

    /// `CALL p(1)`: the procedure and its arguments, which are named in full.
    pub(in crate::check) fn procedure(&mut self, checked: &mut Expression, scope: &Scope<'_>) {
        let at = checked.at;
        let ExpressionKind::Call(call) = &mut checked.kind else { return };
        let mistakes = self.checker.mistakes.len();
        for argument in &mut call.arguments {
            self.value(&mut argument.value, None, scope);
        }
        if self.checker.mistakes.len() > mistakes {
            return;
        }
        let (schema, name) = (call.schema.clone(), call.name.clone());
        let objects = self.checker.catalog().objects.keys();
        let named: Vec<&ObjectId> = objects.filter(|id| id.kind == Kind::Procedure && id.name.name == name).collect();
        let is_there = |id: &&ObjectId| schema.as_ref().is_none_or(|schema| *schema == id.name.schema);
        let is_known = match named.is_empty() {
            false => named.iter().any(is_there),
            true => {
                self.checker.may_have(Kind::Procedure, &name)
                    || functions(&name).any(|function| function.kind() == FunctionKind::Procedure)
            }
        };
        if is_known {
            let is_good = self.checker.judge_procedure(checked, Around::Query(scope));
            self.failed |= !is_good;
            qualify(checked, Around::Query(scope), self.checker.state);
            return;
        }
        let written = schema.map_or(name.clone(), |schema| format!("{schema}.{name}"));
        let is_function = |id: &ObjectId| id.kind == Kind::Function && id.name.name == name;
        if self.checker.catalog().objects.keys().any(is_function) {
            let message = format!("`{written}` is a function, not a procedure");
            let mistake = Diagnostic::new(code::UNKNOWN_FUNCTION, message, at);
            self.fail(mistake.help(format!("call it in a query: `select {written}(...)`")));
            return;
        }
        let procedures = self.checker.catalog().objects.keys().filter(|id| id.kind == Kind::Procedure);
        let names: Vec<&str> = procedures.map(|id| id.name.name.as_str()).collect();
        let help = choices(&name, names, "procedures");
        let message = format!("cannot find procedure `{written}`");
        self.fail(Diagnostic::new(code::UNKNOWN_FUNCTION, message, at).maybe_help(help));
    }

    fn infer(
        &mut self,
        value: &mut Expression,
        expected: Option<&Type>,
        scope: &Scope<'_>,
        context: Context,
    ) -> Option<Type> {
        let around = Around::Query(scope);
        let mut walk = Walk { checker: self.checker, around, context, failed: false };
        let found = walk.infer(value, expected);
        if walk.failed {
            self.failed = true;
            return found;
        }
        let Some(judged) = self.checker.judge(value, around, context) else {
            self.failed = true;
            return found;
        };
        qualify(value, around, self.checker.state);
        self.placed(value, scope);
        // Of what is written as a type its length stays.
        let is_written = matches!(value.kind, ExpressionKind::Cast { .. } | ExpressionKind::TypedText { .. });
        if is_written { found.or(judged) } else { judged.or(found) }
    }

    /// A scope with one source.
    pub(super) fn over<'o>(&self, name: &str, columns: Vec<Output>, outer: Option<&'o Scope<'o>>) -> Scope<'o> {
        let source = Visible { is_open: self.failed, ..Visible::of_rows(name, columns) };
        Scope { sources: vec![source], is_level: true, ..self.empty(outer) }
    }
}

/// What is said about a name in front of a dot that nothing has.
pub(in crate::check) fn no_source(name: &str, sources: &[String], alias: Option<&str>, at: At) -> Diagnostic {
    let mistake = Diagnostic::new(code::UNKNOWN_TABLE, format!("cannot find `{name}` in this query"), at);
    match alias {
        Some(alias) => mistake.help(format!("write `{alias}`: `{name}` has that alias here")),
        None => mistake.maybe_help(choices(name, sources.iter().map(String::as_str), "tables in `from`")),
    }
}

impl<'w> Walk<'w, '_> {
    /// A name in a query: it is put in full. `None` where it is not a column.
    pub(in crate::check) fn name_in_query(
        &mut self,
        expression: &mut Expression,
        parts: &[String],
        scope: &Scope<'_>,
    ) -> Option<Option<Type>> {
        let at = expression.at;
        match scope.find(parts) {
            Meaning::Column { .. } | Meaning::Merged(_)
                if self.checker.names_conflict && matches!(parts, [name] if scope.hides_variable(name)) =>
            {
                let name = parts.last().map_or("", String::as_str);
                let message = format!("`{name}` is ambiguous: a variable and a column have this name");
                let help = "write the column with its table, or give the variable another name";
                self.fail(Diagnostic::new(code::INVALID_QUERY, message, at).help(help));
                Some(None)
            }
            Meaning::Column { source, column } => {
                expression.kind = ExpressionKind::Name(vec![source, column.name]);
                Some(column.data_type)
            }
            Meaning::Merged(column) => Some(column.data_type),
            Meaning::Row(source) => Some(scope.row_type(&source)),
            Meaning::Open => Some(None),
            Meaning::Ambiguous(sources) => {
                let name = parts.last().map_or("", String::as_str);
                let ways: Vec<String> = sources.iter().map(|source| format!("`{source}.{name}`")).collect();
                let mistake = Diagnostic::new(code::INVALID_QUERY, format!("column `{name}` is ambiguous"), at);
                self.fail(match ways.as_slice() {
                    [_] => mistake.help("give the columns of the subquery different names"),
                    ways => mistake.help(format!("write {}", ways.join(" or "))),
                });
                Some(None)
            }
            Meaning::NoColumn { source, columns } => {
                let name = parts.last().map_or("", String::as_str);
                let row = Expression::new(ExpressionKind::Name(vec![source.clone()]), first(at, parts));
                // No row is cast to a string by the name of its type.
                let is_string = name.parse::<Type>().is_ok_and(|found| found.category() == Category::String);
                if scope.takes_functions(&source)
                    && !is_string
                    && let Some(call) = self.as_call(name, row, at)
                {
                    expression.kind = call;
                    return Some(None);
                }
                let message = format!("cannot find column `{name}` in `{source}`");
                let known = columns.iter().map(String::as_str);
                let at = last(at, parts);
                self.fail(
                    Diagnostic::new(code::UNKNOWN_COLUMN, message, at).maybe_help(choices(name, known, "columns")),
                );
                Some(None)
            }
            Meaning::NoSource { sources, alias: _ } if matches!(parts, [first, _, _] if sources.contains(first)) => {
                let (of, field) = parts.split_at(2);
                let message = format!("cannot find table `{}` in this query", of.join("."));
                let help = format!("for the field of a column, write `({}).{}`", of.join("."), field.join("."));
                self.fail(Diagnostic::new(code::UNKNOWN_TABLE, message, at).help(help));
                Some(None)
            }
            Meaning::NoSource { sources, alias } => {
                let name = parts.first().map_or("", String::as_str);
                self.fail(no_source(name, &sources, alias.as_deref(), first(at, parts)));
                Some(None)
            }
            Meaning::Nothing { .. } => None,
        }
    }

    /// What is said about a bare name that nothing has.
    pub(in crate::check) fn no_name_in_query(&mut self, name: &str, scope: &Scope<'_>, at: At) {
        let Meaning::Nothing { columns } = scope.find(&[name.to_owned()]) else { return };
        let mut mistake =
            Diagnostic::new(code::UNKNOWN_COLUMN, format!("cannot find column `{name}` in this query"), at);
        match closest(name, columns.iter().map(String::as_str)) {
            Some(column) => mistake = mistake.help(format!("did you mean `{column}`?")),
            None if scope.is_sql() => {
                mistake = mistake.help(format!("for a string, write `'{name}'`; for a function call, `{name}()`"));
            }
            None => {
                mistake = mistake.help(format!("for a string, write `\"{name}\"`; for a function call, `{name}()`"));
            }
        }
        self.fail(mistake);
    }

    /// A sub-select: it gives the type of its first column.
    pub(in crate::check) fn subquery(&mut self, expression: &mut Expression) -> Option<Type> {
        let shape = match &expression.kind {
            ExpressionKind::Exists(_) => Some(Type::BOOLEAN),
            _ => None,
        };
        let is_array = matches!(expression.kind, ExpressionKind::ArraySubquery(_));
        let mut query = match &mut expression.kind {
            ExpressionKind::Subquery(query) | ExpressionKind::Exists(query) | ExpressionKind::ArraySubquery(query) => {
                query.clone()
            }
            _ => return None,
        };
        let outputs = {
            let is_open = self.around.table().is_some_and(|(name, _)| self.checker.state.broken.is_incomplete(name));
            let (around, common) = around_subquery(self.around, is_open);
            self.checker.query_within(&mut query, Some(&around), &common)
        };
        let Some(outputs) = outputs else {
            self.failed = true;
            return shape;
        };
        if let ExpressionKind::Subquery(inner) | ExpressionKind::Exists(inner) | ExpressionKind::ArraySubquery(inner) =
            &mut expression.kind
        {
            *inner = query;
        }
        let first = outputs.into_iter().next().and_then(|output| output.data_type);
        match is_array {
            true => first.map(Type::array),
            false => shape.or(first),
        }
    }
}

/// Where the last of several parts of a name stands.
pub(in crate::check) fn last(at: At, parts: &[String]) -> At {
    if parts.len() > 1 { At { start: at.end.saturating_sub(1).max(at.start), end: at.end } } else { at }
}

/// Where the first of several parts of a name stands.
fn first(at: At, parts: &[String]) -> At {
    if parts.len() > 1 { At { start: at.start, end: at.start + 1 } } else { at }
}

/// What a sub-select sees of the place where it stands, and the common tables there.
fn around_subquery<'w>(around: Around<'w>, is_open: bool) -> (Scope<'w>, CommonTables) {
    match around {
        Around::Nothing => (Scope::default(), CommonTables::new()),
        Around::Query(scope) => (Scope { outer: Some(scope), ..Scope::default() }, scope.common.clone()),
        Around::Table(name, table) => {
            let columns = super::from::outputs_of(table);
            let relation = Some(name.clone());
            let source = Visible { relation, is_open, ..Visible::of_rows(name.name.clone(), columns) };
            (Scope { sources: vec![source], ..Scope::default() }, CommonTables::new())
        }
    }
}
