//! What is a definition, and what is said about anything else.

use migrate_core::object::Kind;
use migrate_core::operation::Operation;

use crate::check::{Checker, Renamed, Spots, State, Undo};
use crate::diagnostic::{Diagnostic, code};
use crate::ops::Statement;
use crate::parser::Spanned;

/// Whether an item may be a definition. What could not be parsed may be anything.
pub(super) fn is_one(statement: &Statement) -> bool {
    match statement.words {
        ["create", "or", "replace", ..] => false,
        ["create" | "comment" | "grant" | "revoke" | "alter", ..] | [] => true,
        _ => false,
    }
}

/// What is said about an item that is not allowed here.
pub(super) fn instead(statement: &Statement) -> Diagnostic {
    let verb = statement.words.join(" ");
    let help = match statement.words {
        ["create", "or", "replace", rest @ ..] => format!("write `create {}`", rest.join(" ")),
        ["drop", ..] => "remove the definition: what a schema does not have is dropped".to_owned(),
        ["sql"] => "leave it out: what raw SQL of a migration creates is not compared".to_owned(),
        _ => "write it in a migration: `cargo migrate new NAME`".to_owned(),
    };
    Diagnostic::new(code::NOT_A_DEFINITION, format!("`{verb}` is not a definition"), statement.at).help(help)
}

/// What is said about a `down`.
pub(super) fn undone(statement: &Statement) -> Option<Diagnostic> {
    let at = match &statement.undo {
        Undo::Derived => return None,
        Undo::Written { at, .. } => *at,
        Undo::Irreversible { .. } => statement.at,
    };
    Some(
        Diagnostic::new(code::NOT_A_DEFINITION, "a definition cannot be undone", at)
            .help("remove what follows the definition: only migrations are reverted"),
    )
}

impl State {
    /// The state in which a schema begins: nothing is there, and what raw SQL of the history may have made is not known.
    pub(super) fn for_schema(history: &State) -> Self {
        let mut state = State::default();
        state.undeclared.clone_from(&history.undeclared);
        state.routine_names.clone_from(&history.routine_names);
        state.spots = Some(Spots::default());
        state.catalog.by_hand.clone_from(&history.catalog.by_hand);
        state.catalog.grants_by_hand = history.catalog.grants_by_hand;
        state
    }
}

impl Checker<'_> {
    /// Checks a definition, and takes it back where it has a mistake.
    pub(super) fn try_definition(&mut self, statement: &Statement) -> bool {
        let (known, before) = (self.mistakes(), self.state.clone());
        self.definition(statement);
        let is_right = self.mistakes() == known;
        if !is_right {
            self.take_mistakes_since(known);
            *self.state = before;
        }
        is_right
    }

    /// Checks a definition.
    pub(super) fn definition(&mut self, statement: &Statement) {
        let known = self.mistakes();
        let operations = self.sketch(std::slice::from_ref(statement));
        if self.mistakes() > known {
            return;
        }
        if statement.words.first() == Some(&"alter") && !operations.iter().all(says_what_is) {
            let message = format!("`{}` is not a definition", statement.words.join(" "));
            let help = match statement.words {
                ["alter", "table"] => "write it between the braces of `create table`, without `add`, in its final form",
                _ => "write it where the object is created, in its final form",
            };
            return self.report(Diagnostic::new(code::NOT_A_DEFINITION, message, statement.at).help(help));
        }
        let Some(was) = &statement.head.was else { return };
        // A table with serial columns makes sequences before it.
        let made: Vec<Renamed> = operations.iter().filter_map(renamed).collect();
        let main = made.iter().find(|one| !matches!(one, Renamed::Object(_))).or(made.first()).cloned();
        match main {
            Some(renamed) => self.note_was(renamed, &Spanned { value: was.value.clone(), at: was.at }),
            None => {
                let verb = format!("`{}`", statement.words.join(" "));
                if let Err(mistake) = statement.head.without_was(&verb) {
                    self.report(mistake);
                }
            }
        }
    }

    /// Checks the foreign keys of a table.
    pub(super) fn definition_references(&mut self, statement: &Statement) {
        self.sketched(|checker| statement.item.check_references(checker));
    }
}

/// What an operation makes, which may have had another name.
fn renamed(operation: &Operation) -> Option<Renamed> {
    match operation {
        Operation::CreateTable(create) => Some(Renamed::Table(create.name.clone())),
        Operation::CreateEnum(create) => Some(Renamed::Enum(create.name.clone())),
        Operation::CreateIndex(create) => Some(Renamed::Index(create.table.clone(), create.name.clone())),
        Operation::CreateObject(create) => Some(Renamed::Object(create.id.clone())),
        _ => None,
    }
}

/// Whether an operation says something of an object for which `create` has no words.
fn says_what_is(operation: &Operation) -> bool {
    match operation {
        Operation::SetOwner(_) | Operation::SetGrants(_) | Operation::SetTableSettings(_) => true,
        Operation::CreateObject(create) => create.id.kind == Kind::DefaultPrivileges,
        Operation::ChangeObject(change) => {
            matches!(change.id.kind, Kind::DefaultPrivileges | Kind::Trigger | Kind::EventTrigger | Kind::Sequence)
        }
        Operation::SetComment(_) => true,
        _ => false,
    }
}
