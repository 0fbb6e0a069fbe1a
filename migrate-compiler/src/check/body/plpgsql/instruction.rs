//! The instructions of a body in PL/pgSQL, one after another, and loops.

use migrate_core::catalog::Used;
use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::plpgsql::{Instruction, InstructionKind, LoopOver, Opened, Target, Value};
use migrate_core::query::Statement;
use migrate_core::types::{BuiltIn, Type};

use super::Walk;
use super::rows::{is_open_row, row_of_statement, sets};
use crate::check::query::{Meaning, Scope};
use crate::diagnostic::{Diagnostic, code};

impl Walk<'_, '_, '_> {
    pub(super) fn all(&mut self, instructions: &[Instruction], scope: &Scope<'_>) {
        for (index, instruction) in instructions.iter().enumerate() {
            let Some((row, statement)) = row_of_statement(instruction) else {
                self.instruction(instruction, scope);
                continue;
            };
            self.instruction(instruction, scope);
            let rest = instructions.get(index + 1..).unwrap_or_default();
            // The columns of a `record` are those of what was put into it, as long as nothing else is.
            let is_record = scope.data_type(std::slice::from_ref(row)).is_none() && is_open_row(scope, row);
            if is_record
                && !sets(rest, row)
                && let Some(columns) = self.known_columns(statement, scope)
            {
                return self.with_row(row, columns, rest, scope);
            }
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
                    self.assigned(bound, Some(&Type::INTEGER), scope);
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
                    return self.with_row(&row.value, columns, body, scope);
                }
            }
            LoopOver::Cursor { variable, cursor } => {
                self.cursor(cursor, scope);
                let mut known = self.cursors.iter().rev();
                let of_query = known
                    .find(|declared| declared.name == cursor.name.value)
                    .and_then(|declared| declared.columns.clone());
                if let Some(columns) = of_query.filter(|_| !sets(body, &variable.value)) {
                    return self.with_row(&variable.value, columns, body, scope);
                }
                return self.with_variable(&variable.value, Some(Type::BuiltIn(BuiltIn::Record)), body, scope);
            }
            LoopOver::Command { targets, command } => {
                self.targets(targets, scope);
                self.command(command, scope);
            }
            LoopOver::Elements { targets, slice, array } => {
                self.targets(targets, scope);
                if let Some(found) = self.assigned(array, None, scope)
                    && self.check.checker.catalog().base_type(&found).element().is_none()
                    && found.as_named().is_none()
                {
                    let message = format!("`foreach` needs an array, and this is `{found}`");
                    let at = match array {
                        Value::Expression(expression) => expression.at,
                        Value::Query(query) => query.at,
                    };
                    self.report(Diagnostic::new(code::TYPE_MISMATCH, message, at));
                }
                self.takes_slices(targets, *slice, scope);
            }
        }
        if let LoopOver::Rows { targets, .. } | LoopOver::Command { targets, .. } | LoopOver::Elements { targets, .. } =
            over
            && let [Target { names, .. }] = targets.as_slice()
            && let [name] = names.as_slice()
            && matches!(scope.find(std::slice::from_ref(&name.value)), Meaning::Nothing { .. })
        {
            // That it is not declared is told already.
            return self.with_variable(&name.value, None, body, scope);
        }
        self.all(body, scope);
    }

    /// The variable of `foreach`: an element, or a slice, which is an array.
    fn takes_slices(&mut self, targets: &[Target], slice: u32, scope: &Scope<'_>) {
        let [target] = targets else { return };
        let Some(found) = self.part(target, scope) else { return };
        let Some(name) = target.names.last() else { return };
        let is_array = found.element().is_some();
        let (message, help) = match slice {
            0 if is_array => (
                format!("`foreach` gives elements, and `{}` is an array: `{found}`", name.value),
                "write `slice 1`, or declare the variable with the type of the elements".to_owned(),
            ),
            0 => return,
            _ if is_array || found.as_named().is_some() || found.is_polymorphic() => return,
            _ => (
                format!("`foreach ... slice` gives arrays, and `{}` is of type `{found}`", name.value),
                format!("leave `slice {slice}` out, or declare the variable as an array"),
            ),
        };
        self.report(Diagnostic::new(code::TYPE_MISMATCH, message, name.at).help(help));
    }

    /// `WHEN value`, of a `CASE` with an operand: both are compared.
    fn compared(&mut self, operand: Option<&Value>, value: &Value, data_type: Option<&Type>, scope: &Scope<'_>) {
        let known = self.check.checker.mistakes();
        self.assigned(value, data_type, scope);
        if let (Some(Value::Expression(operand)), Value::Expression(value), Some(_)) = (operand, value, data_type)
            && value.as_text().is_none()
            && self.check.checker.mistakes() == known
        {
            let items = vec![(**value).clone()];
            let kind = ExpressionKind::In { operand: operand.clone(), items, is_negated: false };
            self.expression(&Expression { kind, at: value.at }, scope);
        }
    }

    fn instruction(&mut self, instruction: &Instruction, scope: &Scope<'_>) {
        match &instruction.kind {
            InstructionKind::Block(block) => self.block(block, scope),
            InstructionKind::Assign { target, value } => {
                self.targets(std::slice::from_ref(target), scope);
                let data_type = self.part(target, scope);
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
                let compared = match operand {
                    Some(operand) => self.assigned(operand, None, scope),
                    None => None,
                };
                for branch in branches {
                    for value in &branch.values {
                        self.compared(operand.as_ref(), value, compared.as_ref(), scope);
                    }
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
                let data_type = self.next_type();
                value.iter().for_each(|value| {
                    self.assigned(value, data_type.as_ref(), scope);
                });
            }
            InstructionKind::ReturnQuery(statement) => {
                self.must_be_set("return query", instruction.at);
                let columns = self.columns_of(statement, scope);
                self.must_give(columns, statement.at());
            }
            InstructionKind::Statement { statement, into } => {
                let known = self.check.checker.mistakes();
                self.into(into.as_ref(), scope);
                self.statement(statement, scope);
                let gives_rows = matches!(&**statement, Statement::Query(_)) || statement.returning().is_some();
                if into.is_none() && gives_rows && self.check.checker.mistakes() == known {
                    let message = "the rows of this statement go nowhere, which fails when it runs";
                    let help = match &**statement {
                        Statement::Query(_) => "write `perform` in the place of `select`, or add `into variable`",
                        _ => "remove `returning`, or add `into variable`",
                    };
                    self.report(Diagnostic::new(code::INVALID_DEFINITION, message, instruction.at).help(help));
                }
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
            InstructionKind::EndTransaction { is_commit } if !self.is_procedure => {
                let word = if *is_commit { "commit" } else { "rollback" };
                let message = format!("`{word}` can be used in procedures only, not in functions");
                self.report(Diagnostic::new(code::INVALID_DEFINITION, message, instruction.at));
            }
            InstructionKind::Relations(relations) => {
                for relation in relations {
                    let found = self.check.named_relation(&mut relation.clone()).and_then(|relation| relation.name);
                    self.uses.extend(found.map(Used::Table));
                }
            }
            InstructionKind::Nothing | InstructionKind::Other | InstructionKind::EndTransaction { .. } => {}
        }
    }
}
