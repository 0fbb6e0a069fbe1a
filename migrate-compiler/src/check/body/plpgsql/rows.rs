//! Rows whose columns follow from a query: of a loop, of a `record`.

use migrate_core::plpgsql::{Instruction, InstructionKind, Into, LoopOver, Target};
use migrate_core::query::Statement;

use super::Walk;
use crate::check::query::{Output, Scope, Visible};

impl Walk<'_, '_, '_> {
    /// Steps that see a row whose columns are known.
    pub(super) fn with_row(&mut self, name: &str, columns: Vec<Output>, body: &[Instruction], outer: &Scope<'_>) {
        let name = name.to_owned();
        let row = Visible { is_by_name_only: true, ..Visible::of_rows(name, columns) };
        let scope = Scope { sources: vec![row], outer: Some(outer), ..Scope::default() };
        self.all(body, &scope);
    }

    /// The columns of a statement that was checked, where they are known.
    pub(super) fn known_columns(&mut self, statement: &Statement, scope: &Scope<'_>) -> Option<Vec<Output>> {
        let (mistakes, failed, is_open) = (self.check.checker.mistakes(), self.check.failed, self.check.is_open);
        self.check.is_open = false;
        self.check.failed = false;
        let outputs = self.check.statement(&mut statement.clone(), Some(scope));
        let is_known = !self.check.is_open && !self.check.failed && self.check.checker.mistakes() == mistakes;
        self.check.checker.take_mistakes_since(mistakes);
        self.check.failed = failed;
        self.check.is_open = is_open;
        is_known.then_some(outputs)
    }
}

/// Whether something puts another row into a variable.
pub(super) fn sets(instructions: &[Instruction], name: &str) -> bool {
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

/// The variable that a statement puts its row into, and the statement.
pub(super) fn row_of_statement(instruction: &Instruction) -> Option<(&String, &Statement)> {
    let InstructionKind::Statement { statement, into: Some(into) } = &instruction.kind else { return None };
    match into.targets.as_slice() {
        [Target { names, path, .. }] if path.is_empty() => match names.as_slice() {
            [name] => Some((&name.value, statement)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a variable is a row whose columns are not known.
pub(super) fn is_open_row(scope: &Scope<'_>, name: &str) -> bool {
    let mut around = Some(scope);
    while let Some(scope) = around {
        if let Some(source) = scope.sources.iter().find(|source| source.name == name && source.is_by_name_only) {
            return source.is_open && source.relation.is_none();
        }
        around = scope.outer;
    }
    false
}
