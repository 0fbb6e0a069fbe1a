//! Bodies in PL/pgSQL: variables are known where they are declared, static statements are checked as queries are.
//! Dynamic SQL and commands that change the schema are left alone.

use std::collections::BTreeSet;

use migrate_core::catalog::{Scope as UseScope, Used};
use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::name::QualifiedName;
use migrate_core::object::{Function, Kind, Returns};
use migrate_core::plpgsql::{
    Block, CONDITIONS, Commanded, CursorCall, DeclarationKind, Handled, Instruction, InstructionKind, Into, LoopOver,
    Opened, Target, Value, VariableType, is_condition, parse,
};
use migrate_core::query::{Query, Statement};
use migrate_core::token::At;
use migrate_core::types::{BuiltIn, Type};

use crate::check::query::{Meaning, Output, QueryCheck, Scope, Visible};
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::Spanned;

/// Checks a body, and gives what it uses.
pub(super) fn check(check: &mut QueryCheck<'_, '_>, text: &str, gives: Gives, scope: &Scope<'_>) -> BTreeSet<Used> {
    let Ok(block) = parse(text) else { return BTreeSet::new() };
    let mut walk = Walk { check, gives, uses: BTreeSet::new() };
    walk.block(&block, scope);
    walk.uses
}

struct Walk<'k, 'w, 'c> {
    check: &'k mut QueryCheck<'w, 'c>,
    gives: Gives,
    uses: BTreeSet<Used>,
}

impl Walk<'_, '_, '_> {
    fn block(&mut self, block: &Block, outer: &Scope<'_>) {
        let name = block.label.as_ref().map_or("", |label| label.value.as_str());
        let mut scope = Scope { outer: Some(outer), ..Scope::default() };
        let mut variables: Vec<(String, Option<Type>)> = Vec::new();
        let mut rows = Vec::new();
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
                DeclarationKind::Alias(_) => variables.push((declaration.name.value.clone(), None)),
                DeclarationKind::Cursor { arguments, query } => {
                    let arguments: Vec<(String, Option<Type>)> = arguments
                        .iter()
                        .map(|(name, data_type)| (name.value.clone(), self.type_of(data_type, &scope, name.at)))
                        .collect();
                    let inner = Scope {
                        sources: self.check.checker.variables("", arguments),
                        outer: Some(&scope),
                        ..Scope::default()
                    };
                    self.query(query, &inner);
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
                    && (catalog.enums.keys().chain(catalog.objects.keys().map(|id| &id.name)).any(elsewhere)
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
                    [variable] => return scope.data_type(&[(*variable).to_owned()]),
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

    fn note(&mut self, note: impl FnOnce(&UseScope<'_>, &mut BTreeSet<Used>)) {
        note(&UseScope::of(&self.check.checker.state.catalog), &mut self.uses);
    }

    fn statement(&mut self, statement: &Statement, scope: &Scope<'_>) -> Vec<Output> {
        let mut statement = statement.clone();
        let outputs = self.check.statement(&mut statement, Some(scope));
        self.note(|catalog, uses| statement.note_uses(catalog, uses));
        let mut names = Vec::new();
        statement.walk(&mut |part| {
            if let migrate_core::query::Part::Expression(expression) = part {
                names.extend(row_name(expression));
            }
        });
        self.note_rows(names, scope);
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

    fn expression(&mut self, expression: &Expression, scope: &Scope<'_>) {
        let mut expression = expression.clone();
        self.check.value(&mut expression, None, scope);
        self.note(|catalog, uses| catalog.note_expression(&expression, uses));
        let mut names = Vec::new();
        expression.walk(&mut |part| {
            if let migrate_core::query::Part::Expression(expression) = part {
                names.extend(row_name(expression));
            }
        });
        self.note_rows(names, scope);
    }

    /// `new.total`: a column of the table that the trigger is on.
    fn note_rows(&mut self, names: Vec<(String, String)>, scope: &Scope<'_>) {
        for (row, column) in names {
            let mut around = Some(scope);
            while let Some(scope) = around {
                if let Some(source) = scope.sources.iter().find(|source| source.name == row) {
                    let is_column = source.columns.iter().any(|found| found.name == column);
                    if let Some(table) = source.relation.clone().filter(|_| is_column) {
                        self.uses.insert(Used::Column(table, column));
                    }
                    break;
                }
                around = scope.outer;
            }
        }
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
        self.check.procedure(call, scope);
        self.note(|catalog, uses| catalog.note_expression(call, uses));
    }

    /// A value that becomes one of a type: a literal is read as that.
    fn assigned(&mut self, value: &Value, data_type: Option<&Type>, scope: &Scope<'_>) {
        match (value, data_type) {
            (Value::Expression(expression), Some(data_type)) if expression.as_text().is_some() => {
                self.check.value(&mut (**expression).clone(), Some(&data_type.without_modifier()), scope);
            }
            _ => self.value(value, scope),
        }
    }

    /// `return`, as the function gives something.
    fn returned(&mut self, value: Option<&Value>, at: At, scope: &Scope<'_>) {
        let problem = match (&self.gives, value) {
            (Gives::Nothing(whose), Some(_)) => Some(format!("`return` cannot have a value in {whose}")),
            (Gives::Value(_), None) => Some("`return` needs a value here".to_owned()),
            _ => None,
        };
        if let Some(message) = problem {
            self.report(Diagnostic::new(code::INVALID_DEFINITION, message, at));
            return;
        }
        if let Some(value) = value {
            let data_type = match &self.gives {
                Gives::Value(data_type) => Some(data_type.clone()),
                Gives::Nothing(_) | Gives::Rows | Gives::Any => None,
            };
            self.assigned(value, data_type.as_ref(), scope);
        }
    }

    /// `return next`, `return query`: of a function that returns a set.
    fn must_be_set(&mut self, words: &str, at: At) {
        if matches!(self.gives, Gives::Rows | Gives::Any) {
            return;
        }
        let message = format!("`{words}` needs a function that returns a set");
        self.report(Diagnostic::new(code::INVALID_DEFINITION, message, at).help("write `returns setof ...`"));
    }

    fn value(&mut self, value: &Value, scope: &Scope<'_>) {
        match value {
            Value::Expression(expression) => self.expression(expression, scope),
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
        for argument in &cursor.arguments {
            if !matches!(argument.kind, ExpressionKind::Binary { .. }) {
                self.expression(argument, scope);
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
                    self.note_rows(vec![(row.clone(), column.clone())], scope);
                }
            }
            Meaning::Merged(_) | Meaning::Row(_) | Meaning::Open | Meaning::Ambiguous(_) => {}
        }
    }

    fn all(&mut self, instructions: &[Instruction], scope: &Scope<'_>) {
        for instruction in instructions {
            self.instruction(instruction, scope);
        }
    }

    /// A loop whose variable is its own.
    fn with_variable(&mut self, name: &str, data_type: Option<Type>, body: &[Instruction], outer: &Scope<'_>) {
        let sources = self.check.checker.variables("", vec![(name.to_owned(), data_type)]);
        let scope = Scope { sources, outer: Some(outer), ..Scope::default() };
        self.all(body, &scope);
    }

    fn looped(&mut self, over: &LoopOver, body: &[Instruction], scope: &Scope<'_>) {
        match over {
            LoopOver::Forever => {}
            LoopOver::While(condition) => self.value(condition, scope),
            LoopOver::Numbers { variable, bounds } => {
                for bound in [&bounds.from, &bounds.to].into_iter().chain(&bounds.step) {
                    self.value(bound, scope);
                }
                return self.with_variable(&variable.value, Some(Type::INTEGER), body, scope);
            }
            LoopOver::Rows { targets, statement } => {
                self.targets(targets, scope);
                let columns = self.columns_of(statement, scope);
                // A row whose columns are known, as long as nothing else is put into it.
                if let ([Target { names, .. }], Some(columns)) = (targets.as_slice(), columns)
                    && let [row] = names.as_slice()
                    && scope.data_type(std::slice::from_ref(&row.value)).is_none()
                    && !sets(body, &row.value)
                {
                    let row = Visible {
                        name: row.value.clone(),
                        relation: None,
                        columns,
                        is_open: false,
                        is_by_name_only: true,
                    };
                    let scope = Scope { sources: vec![row], outer: Some(scope), ..Scope::default() };
                    return self.all(body, &scope);
                }
            }
            LoopOver::Cursor { variable, cursor } => {
                self.cursor(cursor, scope);
                return self.with_variable(&variable.value, Some(Type::BuiltIn(BuiltIn::Record)), body, scope);
            }
            LoopOver::Command { targets, command } => {
                self.targets(targets, scope);
                self.command(command, scope);
            }
            LoopOver::Elements { targets, array } => {
                self.targets(targets, scope);
                self.value(array, scope);
            }
        }
        self.all(body, scope);
    }

    fn instruction(&mut self, instruction: &Instruction, scope: &Scope<'_>) {
        match &instruction.kind {
            InstructionKind::Block(block) => self.block(block, scope),
            InstructionKind::Assign { target, value } => {
                self.targets(std::slice::from_ref(target), scope);
                let parts: Vec<String> = target.names.iter().map(|name| name.value.clone()).collect();
                let data_type = scope.data_type(&parts).filter(|_| target.subscripts.is_empty());
                self.assigned(value, data_type.as_ref(), scope);
            }
            InstructionKind::If { branches, otherwise } => {
                for branch in branches {
                    self.value(&branch.condition, scope);
                    self.all(&branch.body, scope);
                }
                otherwise.iter().for_each(|body| self.all(body, scope));
            }
            InstructionKind::Case { operand, branches, otherwise } => {
                operand.iter().for_each(|operand| self.value(operand, scope));
                for branch in branches {
                    branch.values.iter().for_each(|value| self.value(value, scope));
                    self.all(&branch.body, scope);
                }
                otherwise.iter().for_each(|body| self.all(body, scope));
            }
            InstructionKind::Loop { over, body, .. } => self.looped(over, body, scope),
            InstructionKind::Leave { condition, .. } => {
                condition.iter().for_each(|condition| self.value(condition, scope));
            }
            InstructionKind::Return(value) => self.returned(value.as_ref(), instruction.at, scope),
            InstructionKind::ReturnNext(value) => {
                self.must_be_set("return next", instruction.at);
                value.iter().for_each(|value| self.value(value, scope));
            }
            InstructionKind::ReturnQuery(statement) => {
                self.must_be_set("return query", instruction.at);
                self.statement(statement, scope);
            }
            InstructionKind::Statement { statement, into } => {
                self.into(into.as_ref(), scope);
                self.statement(statement, scope);
            }
            InstructionKind::ReturnCommand(command) => {
                self.must_be_set("return query", instruction.at);
                self.command(command, scope);
            }
            InstructionKind::Execute { command, into } => {
                self.command(command, scope);
                self.into(into.as_ref(), scope);
            }
            InstructionKind::Raise(raised) => {
                if let Some(raised) = raised {
                    raised.condition.iter().for_each(|condition| self.condition(condition));
                    raised.arguments.iter().for_each(|value| self.value(value, scope));
                    raised.options.iter().for_each(|option| self.value(&option.value, scope));
                }
            }
            InstructionKind::Assert { condition, message } => {
                self.value(condition, scope);
                message.iter().for_each(|message| self.value(message, scope));
            }
            InstructionKind::Perform(query) => self.query(query, scope),
            // A procedure is not among the functions.
            InstructionKind::Call(call) => self.called(call, scope),
            InstructionKind::Open(Opened::Declared(cursor)) => self.cursor(cursor, scope),
            InstructionKind::Open(Opened::Query(name, query)) => {
                self.variable(std::slice::from_ref(name), name.at, scope);
                self.query(query, scope);
            }
            InstructionKind::Open(Opened::Command(name, command)) => {
                self.variable(std::slice::from_ref(name), name.at, scope);
                self.command(command, scope);
            }
            InstructionKind::Fetch { cursor, into } => {
                self.variable(std::slice::from_ref(cursor), cursor.at, scope);
                self.into(into.as_ref(), scope);
            }
            InstructionKind::Close(cursor) => self.variable(std::slice::from_ref(cursor), cursor.at, scope),
            InstructionKind::Diagnostics { items, .. } => {
                items.iter().for_each(|item| self.targets(std::slice::from_ref(&item.target), scope));
            }
            InstructionKind::Nothing | InstructionKind::Other | InstructionKind::EndTransaction { .. } => {}
        }
    }
}

/// What a function gives, as `return` sees it.
pub(super) enum Gives {
    /// What is not known: nothing is said about it.
    Any,
    /// Nothing that `return` could have: of whom.
    Nothing(&'static str),
    /// Rows, one after the other.
    Rows,
    /// A value of this type.
    Value(Type),
}

impl Gives {
    pub(super) fn of(function: &Function, kind: Kind) -> Gives {
        if kind == Kind::Procedure {
            return Gives::Nothing("a procedure");
        }
        match &function.returns {
            _ if function.returns_set() => Gives::Rows,
            Returns::Type { data_type: Type::BuiltIn(BuiltIn::Void), .. } => {
                Gives::Nothing("a function that returns `void`")
            }
            Returns::Type { data_type, .. } if function.arguments.iter().all(|argument| !argument.mode.is_output()) => {
                Gives::Value(data_type.clone())
            }
            Returns::Type { .. } | Returns::Outputs { .. } | Returns::Table(_) => {
                Gives::Nothing("a function with output arguments")
            }
        }
    }
}

/// Whether something puts another row into a variable.
fn sets(instructions: &[Instruction], name: &str) -> bool {
    let is_it = |target: &Target| matches!(target.names.as_slice(), [found] if found.value == name);
    let any = |targets: &[Target]| targets.iter().any(is_it);
    let into = |into: &Option<Into>| into.as_ref().is_some_and(|into| any(&into.targets));
    let inner = |body: &[Instruction]| sets(body, name);
    instructions.iter().any(|instruction| match &instruction.kind {
        InstructionKind::Block(block) => {
            inner(&block.body) || block.handlers.iter().any(|handler| inner(&handler.body))
        }
        InstructionKind::Assign { target, .. } => is_it(target),
        InstructionKind::If { branches, otherwise } => {
            branches.iter().any(|branch| inner(&branch.body)) || otherwise.as_deref().is_some_and(inner)
        }
        InstructionKind::Case { branches, otherwise, .. } => {
            branches.iter().any(|branch| inner(&branch.body)) || otherwise.as_deref().is_some_and(inner)
        }
        InstructionKind::Loop { over, body, .. } => {
            inner(body)
                || match over {
                    LoopOver::Rows { targets, .. }
                    | LoopOver::Command { targets, .. }
                    | LoopOver::Elements { targets, .. } => any(targets),
                    _ => false,
                }
        }
        InstructionKind::Statement { into: found, .. }
        | InstructionKind::Execute { into: found, .. }
        | InstructionKind::Fetch { into: found, .. } => into(found),
        _ => false,
    })
}

/// `new.total`: the names of a row and of its column.
fn row_name(expression: &Expression) -> Option<(String, String)> {
    match &expression.kind {
        ExpressionKind::Name(parts) => match parts.as_slice() {
            [row, column] => Some((row.clone(), column.clone())),
            _ => None,
        },
        _ => None,
    }
}
