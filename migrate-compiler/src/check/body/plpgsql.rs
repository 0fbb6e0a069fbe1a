//! Bodies in PL/pgSQL: variables are known where they are declared, static statements are checked as queries are.
//! Dynamic SQL and commands that change the schema are left alone.

mod instruction;
mod returned;
mod rows;

use migrate_core::catalog::{Catalog, Scope as UseScope, Used};
use migrate_core::expression::{Argument, Expression, ExpressionKind};
use migrate_core::name::QualifiedName;
use migrate_core::object::{Function, FunctionArgument, Kind, Namespace, ObjectId};
use migrate_core::plpgsql::{
    Block, CONDITIONS, Commanded, CursorCall, DeclarationKind, Handled, Into, Target, Value, VariableType,
    is_condition, parse,
};
use migrate_core::query::{PathStep, Query, Statement};
use migrate_core::sorted::SortedSet;
use migrate_core::token::At;
use migrate_core::types::{BuiltIn, Type};

use returned::Gives;

use super::row_fields;
use crate::check::query::{Meaning, Output, QueryCheck, Scope, counted};
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::Spanned;

/// Checks a body, and gives what it uses.
pub(super) fn check(
    check: &mut QueryCheck<'_, '_>,
    text: &str,
    function: Option<(&Function, Kind)>,
    scope: &Scope<'_>,
) -> SortedSet<Used> {
    let Ok(block) = parse(text) else { return SortedSet::new() };
    let gives = function.map_or(Gives::Any, |(function, kind)| Gives::of(function, kind));
    let is_procedure = function.is_none_or(|(_, kind)| kind == Kind::Procedure);
    let arguments = function.map(|(function, _)| function.arguments.as_slice());
    let mut walk = Walk { check, gives, is_procedure, arguments, uses: SortedSet::new(), cursors: Vec::new() };
    // `#variable_conflict use_column` and `use_variable` decide.
    walk.check.checker.names_conflict = !text.contains("#variable_conflict use_");
    walk.block(&block, scope);
    walk.check.checker.names_conflict = false;
    walk.uses
}

struct Walk<'k, 'w, 'c> {
    check: &'k mut QueryCheck<'w, 'c>,
    gives: Gives,
    /// Whether it may end transactions: a procedure, or a `do` block.
    is_procedure: bool,
    /// The arguments of the function.
    arguments: Option<&'k [FunctionArgument]>,
    uses: SortedSet<Used>,
    /// The cursors that have queries of their own, with the columns of these, where they are known.
    cursors: Vec<Declared>,
}

/// A cursor of a block.
struct Declared {
    name: String,
    /// The types of its arguments, where they are known.
    takes: Vec<Option<Type>>,
    columns: Option<Vec<Output>>,
}

impl Walk<'_, '_, '_> {
    fn block(&mut self, block: &Block, outer: &Scope<'_>) {
        let name = block.label.as_ref().map_or("", |label| label.value.as_str());
        let mut scope = Scope { outer: Some(outer), ..Scope::default() };
        let mut variables: Vec<(String, Option<Type>)> = Vec::new();
        let mut rows = Vec::new();
        let around = self.cursors.len();
        for declaration in &block.declarations {
            match &declaration.kind {
                DeclarationKind::Variable { data_type, default, .. } => {
                    let mut of_default = None;
                    match data_type {
                        VariableType::RowOf(table) => {
                            let mut written = table.clone();
                            let found = self.check.named_relation(&mut written);
                            let relation = found.and_then(|found| found.name);
                            self.uses.extend(relation.clone().map(Used::Table));
                            rows.push(self.check.checker.row_of(&declaration.name.value, relation.as_ref()));
                        }
                        other => {
                            let found = self.type_of(other, &scope, declaration.at);
                            of_default.clone_from(&found);
                            variables.push((declaration.name.value.clone(), found));
                        }
                    }
                    if let Some(default) = default {
                        self.assigned(default, of_default.as_ref(), &scope);
                    }
                }
                DeclarationKind::Alias(of) => {
                    let found = self.aliased(of, &scope, declaration.at);
                    variables.push((declaration.name.value.clone(), found));
                }
                DeclarationKind::Cursor { arguments, query } => {
                    let arguments: Vec<(String, Option<Type>)> = arguments
                        .iter()
                        .map(|(name, data_type)| (name.value.clone(), self.type_of(data_type, &scope, name.at)))
                        .collect();
                    let takes = arguments.iter().map(|(_, data_type)| data_type.clone()).collect();
                    let inner = Scope {
                        sources: self.check.checker.variables("", arguments),
                        outer: Some(&scope),
                        ..Scope::default()
                    };
                    let columns = self.columns_of(&Statement::Query((**query).clone()), &inner);
                    self.cursors.push(Declared { name: declaration.name.value.clone(), takes, columns });
                    variables.push((declaration.name.value.clone(), None));
                }
            }
            // The next one sees those before it.
            let so_far = self.check.checker.variables(name, variables.clone());
            scope.sources = so_far.into_iter().chain(rows.iter().cloned()).collect();
        }
        self.all(&block.body, &scope);
        for handler in &block.handlers {
            handler.conditions.iter().for_each(|condition| self.condition(condition));
            self.all(&handler.body, &scope);
        }
        self.cursors.truncate(around);
    }

    /// The type of what has another name, `$1` or a variable.
    fn aliased(&mut self, of: &str, scope: &Scope<'_>, at: At) -> Option<Type> {
        let Some(number) = of.strip_prefix('$') else {
            let parts: Vec<String> = of.split('.').map(str::to_owned).collect();
            if self.arguments.is_some() {
                self.variable_is_known(&parts, scope, at);
            }
            return scope.data_type(&parts);
        };
        let arguments = self.arguments?;
        let found = number.parse::<usize>().ok().and_then(|number| arguments.get(number.checked_sub(1)?));
        if found.is_none() {
            let message = format!("there is no parameter `{of}`");
            let help = format!("the function has {}", counted(arguments.len(), "argument"));
            self.report(Diagnostic::new(code::UNKNOWN_COLUMN, message, at).help(help));
        }
        found.map(|argument| argument.data_type.clone())
    }

    /// Looks for a variable; reported when there is none.
    fn variable_is_known(&mut self, parts: &[String], scope: &Scope<'_>, at: At) {
        let Meaning::Nothing { columns: known } = scope.find(parts) else { return };
        let name = parts.join(".");
        let help = choices(&name, known.iter().map(String::as_str), "variables");
        let message = format!("cannot find variable `{name}`");
        self.report(Diagnostic::new(code::UNKNOWN_COLUMN, message, at).maybe_help(help));
    }

    /// The type of a variable, where it is known.
    fn type_of(&mut self, data_type: &VariableType, scope: &Scope<'_>, at: At) -> Option<Type> {
        match data_type {
            VariableType::Type(found) => {
                let Some(name) = found.depends_on() else { return Some(found.without_modifier()) };
                let catalog = self.check.checker.catalog();
                if catalog.tables.contains_key(name) {
                    self.uses.insert(Used::Table(name.clone()));
                    return Some(found.clone());
                }
                let elsewhere = |other: &QualifiedName| other.name == name.name && other != name;
                if !catalog.has_type(name)
                    && (catalog.enums.keys().chain(with_types(catalog)).any(elsewhere)
                        || catalog.tables.keys().any(elsewhere))
                {
                    return None;
                }
                let known = self.check.checker.data_type(&Spanned { value: found.clone(), at })?;
                self.uses.extend(known.depends_on().cloned().map(Used::Type));
                Some(known.without_modifier())
            }
            VariableType::RowOf(_) => None,
            VariableType::SameAs(names) | VariableType::ArrayOf(names) => {
                let parts: Vec<&str> = names.iter().map(|name| name.value.as_str()).collect();
                let (table, column) = match parts.as_slice() {
                    [variable] => {
                        let parts = [(*variable).to_owned()];
                        self.variable_is_known(&parts, scope, at);
                        return scope.data_type(&parts);
                    }
                    [table, column] => {
                        let schema = self.check.checker.schema_of_relation(table);
                        (QualifiedName::in_schema(schema, *table), *column)
                    }
                    [schema, table, column] => (QualifiedName::in_schema(*schema, *table), *column),
                    _ => return None,
                };
                let definition = self.check.checker.catalog().table(&table)?;
                let found = definition.column(column).map(|column| column.data_type.without_modifier());
                let Some(found) = found else {
                    let known: Vec<String> = definition.columns.iter().map(|column| column.name.clone()).collect();
                    self.report(
                        Diagnostic::new(
                            code::UNKNOWN_COLUMN,
                            format!("cannot find column `{column}` in table `{table}`"),
                            names.last().map_or(at, |name| name.at),
                        )
                        .maybe_help(choices(
                            column,
                            known.iter().map(String::as_str),
                            "columns",
                        )),
                    );
                    return None;
                };
                self.uses.insert(Used::Column(table, column.to_owned()));
                matches!(data_type, VariableType::SameAs(_)).then_some(found)
            }
        }
    }

    fn report(&mut self, mistake: Diagnostic) {
        self.check.checker.report(mistake);
    }

    fn note(&mut self, note: impl FnOnce(&UseScope<'_>, &mut SortedSet<Used>)) {
        note(&UseScope::of(&self.check.checker.state.catalog), &mut self.uses);
    }

    fn statement(&mut self, statement: &Statement, scope: &Scope<'_>) -> Vec<Output> {
        let mut statement = statement.clone();
        let outputs = self.check.statement(&mut statement, Some(scope));
        self.note(|catalog, uses| statement.note_uses(catalog, uses));
        row_fields::note_in_statement(&statement, scope, &mut self.uses);
        outputs
    }

    /// Checks a statement, and gives its columns, where they are known.
    fn columns_of(&mut self, statement: &Statement, scope: &Scope<'_>) -> Option<Vec<Output>> {
        let known = self.check.checker.mistakes();
        let (is_open, failed) = (std::mem::take(&mut self.check.is_open), std::mem::take(&mut self.check.failed));
        let outputs = self.statement(statement, scope);
        let is_known = !self.check.is_open && !self.check.failed && self.check.checker.mistakes() == known;
        self.check.is_open |= is_open;
        self.check.failed |= failed;
        is_known.then_some(outputs)
    }

    fn query(&mut self, query: &Query, scope: &Scope<'_>) {
        self.statement(&Statement::Query(query.clone()), scope);
    }

    fn expression(&mut self, expression: &Expression, scope: &Scope<'_>) -> Option<Type> {
        let mut expression = expression.clone();
        let found = self.check.value(&mut expression, None, scope);
        self.note(|catalog, uses| catalog.note_expression(&expression, uses));
        row_fields::note_in_expression(&expression, scope, &mut self.uses);
        found
    }

    /// What a handler catches, or `raise` raises.
    fn condition(&mut self, condition: &Handled) {
        let Handled::Named(name) = condition else { return };
        if is_condition(&name.value) {
            return;
        }
        let message = format!("cannot find error condition `{}`", name.value);
        let help = choices(&name.value, CONDITIONS.iter().copied(), "conditions");
        self.report(Diagnostic::new(code::UNKNOWN_OBJECT, message, name.at).maybe_help(help));
    }

    /// `call close_month(...)`
    fn called(&mut self, call: &Expression, scope: &Scope<'_>) {
        let known = self.check.checker.mistakes();
        self.check.procedure(&mut call.clone(), scope);
        if self.check.checker.mistakes() == known {
            self.takes_outputs(call, scope);
        }
        self.note(|catalog, uses| catalog.note_expression(call, uses));
    }

    /// What a procedure gives goes into variables.
    fn takes_outputs(&mut self, call: &Expression, scope: &Scope<'_>) {
        let at = call.at;
        let ExpressionKind::Call(call) = &call.kind else { return };
        let Some(only) = self.check.checker.catalog().only_procedure(&call.name) else { return };
        let outputs = only.arguments.iter().enumerate().filter(|(_, argument)| argument.mode.is_output());
        let outputs: Vec<(Option<String>, Type, Option<&Expression>)> = outputs
            .map(|(index, argument)| {
                let by_place = call.arguments.get(index).filter(|given| given.name.is_none());
                let named =
                    |given: &&Argument| given.name.as_ref().is_some_and(|name| argument.name.as_ref() == Some(name));
                let given = by_place.or_else(|| call.arguments.iter().find(named));
                (argument.name.clone(), argument.data_type.clone(), given.map(|given| &given.value))
            })
            .collect();
        for (name, data_type, given) in outputs {
            let output = format!("the argument for the output `{}` of `{}`", name.unwrap_or_default(), call.name);
            let Some(given) = given else {
                let message = format!("{output} must be a variable, and none is given");
                self.report(Diagnostic::new(code::INVALID_DEFINITION, message, at).help("write the variable for it"));
                return;
            };
            let parts = match &given.kind {
                ExpressionKind::Name(parts) => parts,
                ExpressionKind::Parameter(_) => continue,
                _ => {
                    let message = format!("{output} must be a variable");
                    self.report(Diagnostic::new(code::INVALID_DEFINITION, message, given.at));
                    return;
                }
            };
            // A value that is converted is no variable.
            if let Some(found) = scope.data_type(parts)
                && !data_type.is_polymorphic()
                && returned::is_other(&found.without_modifier(), &data_type.without_modifier())
            {
                let message = format!(
                    "{output} must be a variable of type `{data_type}`, and `{}` is `{found}`",
                    parts.join(".")
                );
                self.report(Diagnostic::new(code::TYPE_MISMATCH, message, given.at));
                return;
            }
        }
    }

    /// A value that becomes one of a type: a literal is read as that.
    fn assigned(&mut self, value: &Value, data_type: Option<&Type>, scope: &Scope<'_>) -> Option<Type> {
        match (value, data_type) {
            (Value::Expression(expression), Some(data_type)) if expression.as_text().is_some() => {
                self.check.value(&mut (**expression).clone(), Some(&data_type.without_modifier()), scope)
            }
            (Value::Expression(expression), data_type) => {
                if let (ExpressionKind::Row(items), Some(name)) = (&expression.kind, data_type.and_then(Type::as_named))
                    && !items.iter().any(Expression::is_star)
                {
                    let fields = self.check.checker.fields(name).unwrap_or_default();
                    for (item, (_, field)) in items.iter().zip(&fields).filter(|(item, _)| item.as_text().is_some()) {
                        self.check.value(&mut item.clone(), Some(&field.without_modifier()), scope);
                    }
                }
                self.expression(expression, scope)
            }
            (Value::Query(query), _) => {
                self.query(query, scope);
                None
            }
        }
    }

    fn value(&mut self, value: &Value, scope: &Scope<'_>) {
        match value {
            Value::Expression(expression) => {
                self.expression(expression, scope);
            }
            Value::Query(query) => self.query(query, scope),
        }
    }

    fn command(&mut self, command: &Commanded, scope: &Scope<'_>) {
        self.value(&command.command, scope);
        command.using.iter().for_each(|value| self.value(value, scope));
    }

    fn cursor(&mut self, cursor: &CursorCall, scope: &Scope<'_>) {
        self.variable(std::slice::from_ref(&cursor.name), cursor.name.at, scope);
        // An argument may have its name: `c (first := 1)`.
        let declared = self.cursors.iter().rev().find(|declared| declared.name == cursor.name.value);
        let takes = declared.map(|declared| declared.takes.clone()).unwrap_or_default();
        for (index, argument) in cursor.arguments.iter().enumerate() {
            match (&argument.kind, takes.get(index)) {
                (ExpressionKind::Binary { .. }, _) => {}
                (ExpressionKind::Text(_), Some(Some(data_type))) => {
                    self.check.value(&mut argument.clone(), Some(&data_type.without_modifier()), scope);
                }
                _ => {
                    self.expression(argument, scope);
                }
            }
        }
    }

    fn targets(&mut self, targets: &[Target], scope: &Scope<'_>) {
        for target in targets {
            self.variable(&target.names, target.at, scope);
        }
    }

    fn into(&mut self, into: Option<&Into>, scope: &Scope<'_>) {
        if let Some(into) = into {
            self.targets(&into.targets, scope);
        }
    }

    /// A variable that is set.
    fn variable(&mut self, names: &[migrate_core::query::Name], at: At, scope: &Scope<'_>) {
        let parts: Vec<String> = names.iter().take(2).map(|name| name.value.clone()).collect();
        if parts.first().is_some_and(|first| first.starts_with('$')) {
            return;
        }
        let written = parts.join(".");
        match scope.find(&parts) {
            Meaning::NoColumn { source, columns } => {
                let name = parts.last().map_or("", String::as_str);
                let known = columns.iter().map(String::as_str);
                self.report(
                    Diagnostic::new(code::UNKNOWN_COLUMN, format!("cannot find column `{name}` in `{source}`"), at)
                        .maybe_help(choices(name, known, "columns")),
                );
            }
            // A field of a variable whose fields are not known.
            Meaning::NoSource { .. } if !matches!(scope.find(&parts[..1]), Meaning::Nothing { .. }) => {}
            Meaning::NoSource { sources: known, .. } | Meaning::Nothing { columns: known } => {
                self.report(
                    Diagnostic::new(code::UNKNOWN_COLUMN, format!("cannot find variable `{written}`"), at)
                        .maybe_help(choices(&written, known.iter().map(String::as_str), "variables")),
                );
            }
            Meaning::Column { .. } => {
                if let [row, column] = parts.as_slice() {
                    row_fields::note(row, column, scope, &mut self.uses);
                }
            }
            Meaning::Merged(_) | Meaning::Row(_) | Meaning::Open | Meaning::Ambiguous(_) => {}
        }
    }

    /// The type of a variable that is set, or of the part of it.
    fn part(&mut self, target: &Target, scope: &Scope<'_>) -> Option<Type> {
        let parts: Vec<String> = target.names.iter().map(|name| name.value.clone()).collect();
        let whole = |count: usize| parts.get(..count).and_then(|parts| scope.data_type(parts));
        // `row.field` is a name; what is behind it are fields of the field.
        let count = parts.len().min(2);
        let fields = target.names.iter().skip(count).cloned().map(PathStep::Field);
        let path: Vec<PathStep> = fields.chain(target.path.iter().cloned()).collect();
        let is_record = |data_type: &Type| matches!(data_type, Type::BuiltIn(BuiltIn::Record));
        let found = whole(count).filter(|found| path.is_empty() || !is_record(found))?;
        if path.is_empty() {
            return Some(found);
        }
        self.check.part(Some(found), &path, scope)
    }
}

/// The objects that are types, or have rows.
fn with_types(catalog: &Catalog) -> impl Iterator<Item = &QualifiedName> {
    let is_type = |id: &&ObjectId| matches!(id.kind.namespace(), Namespace::Type | Namespace::Relation);
    catalog.objects.keys().filter(is_type).map(|id| &id.name)
}
