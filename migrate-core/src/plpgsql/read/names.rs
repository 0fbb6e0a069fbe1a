//! The names that blocks and loops give, as far as the steps in them must keep to what they are (`pl_gram.y`).

use super::mistake;
use crate::plpgsql::{Declaration, DeclarationKind, Target};
use crate::query::Name;
use crate::token::{At, SyntaxError};

/// The blocks and loops around a step, the innermost last.
#[derive(Default)]
pub(super) struct Names {
    levels: Vec<Level>,
}

struct Level {
    label: Option<String>,
    is_loop: bool,
    declared: Vec<(String, Declared)>,
}

#[derive(Clone, Copy)]
enum Declared {
    Variable,
    Constant,
    /// A cursor with a query of its own, and so many arguments.
    Cursor(usize),
}

impl Names {
    pub(super) fn enter(&mut self, label: Option<&Name>, is_loop: bool) {
        let label = label.map(|label| label.value.clone());
        self.levels.push(Level { label, is_loop, declared: Vec::new() });
    }

    pub(super) fn leave(&mut self) {
        self.levels.pop();
    }

    /// A name that the innermost block gives.
    pub(super) fn declare(&mut self, declaration: &Declaration) -> Result<(), SyntaxError> {
        let Name { value, at } = &declaration.name;
        let declared = match &declaration.kind {
            DeclarationKind::Variable { is_constant: true, .. } => Declared::Constant,
            DeclarationKind::Cursor { arguments, .. } => Declared::Cursor(arguments.len()),
            DeclarationKind::Variable { .. } | DeclarationKind::Alias(_) => Declared::Variable,
        };
        let Some(level) = self.levels.last_mut() else { return Ok(()) };
        if level.declared.iter().any(|(name, _)| name == value) {
            return Err(mistake(format!("`{value}` is declared more than once in this block"), *at));
        }
        level.declared.push((value.clone(), declared));
        Ok(())
    }

    /// A variable that a loop gives its body.
    pub(super) fn declare_in_loop(&mut self, name: &Name) {
        if let Some(level) = self.levels.last_mut() {
            level.declared.push((name.value.clone(), Declared::Variable));
        }
    }

    fn find(&self, name: &str) -> Option<Declared> {
        let mut declared = self.levels.iter().rev().flat_map(|level| &level.declared);
        declared.find(|(known, _)| known == name).map(|(_, declared)| *declared)
    }

    /// What is set is not a constant.
    pub(super) fn may_set(&self, targets: &[Target]) -> Result<(), SyntaxError> {
        let mut names = targets.iter().filter_map(|target| target.names.first());
        match names.find(|name| matches!(self.find(&name.value), Some(Declared::Constant))) {
            Some(name) => {
                Err(mistake(format!("`{}` is declared `constant`, so it cannot be set", name.value), name.at))
            }
            None => Ok(()),
        }
    }

    /// A cursor gets the arguments that it has.
    pub(super) fn may_open(&self, cursor: &Name, given: usize) -> Result<(), SyntaxError> {
        let Some(Declared::Cursor(wanted)) = self.find(&cursor.value) else { return Ok(()) };
        if wanted == given {
            return Ok(());
        }
        let noun = if wanted == 1 { "argument" } else { "arguments" };
        Err(mistake(format!("the cursor `{}` has {wanted} {noun}, but {given} are given", cursor.value), cursor.at))
    }

    /// A cursor that is opened with a query has none of its own.
    pub(super) fn may_open_for(&self, cursor: &Name) -> Result<(), SyntaxError> {
        match self.find(&cursor.value) {
            Some(Declared::Cursor(_)) => {
                let message = format!("the cursor `{}` has a query already, so `for` cannot follow", cursor.value);
                Err(mistake(message, cursor.at))
            }
            _ => Ok(()),
        }
    }

    /// `EXIT` and `CONTINUE` stand in what they leave.
    pub(super) fn may_leave(&self, is_continue: bool, label: Option<&Name>, at: At) -> Result<(), SyntaxError> {
        let word = if is_continue { "continue" } else { "exit" };
        let Some(label) = label else {
            return match self.levels.iter().any(|level| level.is_loop) {
                true => Ok(()),
                false => Err(mistake(format!("`{word}` without a label cannot be used outside a loop"), at)),
            };
        };
        let mut levels = self.levels.iter().rev();
        match levels.find(|level| level.label.as_ref() == Some(&label.value)) {
            None => {
                let message = format!("cannot find label `{}` at a block or a loop around this", label.value);
                Err(mistake(message, label.at))
            }
            Some(level) if is_continue && !level.is_loop => Err(mistake(
                format!("`continue` needs the label of a loop, and `{}` is one of a block", label.value),
                label.at,
            )),
            Some(_) => Ok(()),
        }
    }
}
