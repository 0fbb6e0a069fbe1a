//! Checking one migration against the catalog that the migrations before it leave.
//!
//! Items of the language look things up here, report here, and emit the operations they mean. [`Checker::emit`] is the
//! one place where an operation is judged, lowered, inverted and applied, so that none of it can be forgotten.

mod advice;
pub(crate) mod around;
mod body;
mod explain;
mod expression;
mod immutable;
mod infer;
mod literal;
mod logical;
mod lookup;
mod named_in_text;
mod names;
mod of_system;
mod qualify;
pub(crate) mod query;
mod resolution;
mod retype;
mod spots;
mod state;
mod still_needed;
mod stored_rows;
mod undeclared;
mod undo;
mod virtual_columns;
mod warning;

use migrate_core::adopt::Adoption;
use migrate_core::catalog::Catalog;
use migrate_core::name::QualifiedName;
use migrate_core::object::{Define as _, Namespace};
use migrate_core::operation::script::lower;
use migrate_core::operation::{CreateObject, DropObject, inheritance};
use migrate_core::operation::{Inverse, Operate, Operation, Touched};
use migrate_core::plan::{Hazard, Limits, Lowering, Place, Script, cut_into_segments};
use migrate_core::sorted::{SortedMap, SortedSet};
use migrate_core::token::At;

pub(crate) use expression::Context;
pub(crate) use qualify::is_system_function;
pub(crate) use query::counted;
pub use spots::Renamed;
pub(crate) use spots::{Spots, Was};
use state::told;
pub(crate) use state::{Origin, State};
use stored_rows::rows_in_the_way;
pub(crate) use undeclared::words_of;
pub(crate) use undo::Undo;
use undo::{may_differ, only_table};
pub(crate) use warning::Warning;
use warning::Warnings;

use crate::attribute::Allowance;
use crate::diagnostic::{Diagnostic, code};
use crate::emit::makes_code;
use crate::parser::{Head, Spanned};
use crate::source::Source;

/// Checks one migration.
pub(crate) struct Checker<'c> {
    /// What is known of the database at this point.
    pub(crate) state: &'c mut State,
    source: &'c Source,
    /// The migration, as its file is called.
    migration: &'c str,
    mistakes: Vec<Diagnostic>,
    warnings: Warnings,
    plan: Lowering,
    /// Hazards and warnings that the current item allows.
    allowed: Vec<Spanned<Allowance>>,
    /// How the current item behaves beside live traffic.
    limits: Limits,
    /// What the current item emitted: each operation with its inverse and its place.
    emitted: Vec<(Operation, Inverse, At)>,
    operations: Vec<Operation>,
    /// What undoes the items so far, first item first.
    undo: Vec<Vec<(Operation, At)>>,
    /// The catalog before the migration.
    before: Catalog,
    loses: Vec<String>,
    irreversible: Option<String>,
    touched: Touched,
    breaks: Vec<String>,
    /// Rust functions that steps run: the path as text and its tokens' place.
    functions: Vec<Spanned<String>>,
    mode: Mode,
    /// Bodies that are checked at the end of the migration.
    bodies: Vec<body::Waiting>,
    /// What was taken away or renamed, and where.
    gone: Vec<body::Gone>,
    /// How the body that is being checked finds tables that it names without a schema.
    lookup: Option<body::Lookup>,
    /// Whether a name that a variable and a column have is a mistake: in PL/pgSQL.
    names_conflict: bool,
    /// What came out of the sub-selects that were checked, by their places.
    subqueries: SortedMap<(u32, u32), Vec<Option<migrate_core::types::Type>>>,
    /// The sequences of the serial columns of the table that is being made: PostgreSQL makes them before it.
    pub(crate) coming: Vec<QualifiedName>,
    /// Whether the state stays as it is: what raw SQL in a `down` makes is not there after the migration.
    leaves_no_trace: bool,
    /// What was there before the migration and is taken over with it.
    adoption: Option<Adoption>,
}

/// What the items being checked are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Changes to apply.
    Up,
    /// A written `down`, or the declared changes of raw SQL: no hazards, no inverse.
    Sketch,
}

/// What checking a migration gives.
pub(crate) struct Checked {
    pub(crate) mistakes: Vec<Diagnostic>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) up: Script,
    pub(crate) down: migrate_core::plan::Down,
    pub(crate) operations: Vec<Operation>,
    pub(crate) touched: Touched,
    pub(crate) breaks: Vec<String>,
    pub(crate) functions: Vec<Spanned<String>>,
    pub(crate) adoption: Option<Adoption>,
}

impl<'c> Checker<'c> {
    /// Starts with what the migrations before leave.
    pub(crate) fn new(state: &'c mut State, source: &'c Source, migration: &'c str, postgres: u32) -> Self {
        Checker {
            before: state.catalog.clone(),
            state,
            source,
            migration,
            mistakes: Vec::new(),
            warnings: Warnings::default(),
            plan: Lowering::new(postgres),
            allowed: Vec::new(),
            limits: Limits::default(),
            emitted: Vec::new(),
            operations: Vec::new(),
            undo: Vec::new(),
            loses: Vec::new(),
            irreversible: None,
            touched: Touched::default(),
            breaks: Vec::new(),
            functions: Vec::new(),
            mode: Mode::Up,
            bodies: Vec::new(),
            gone: Vec::new(),
            lookup: None,
            names_conflict: false,
            subqueries: SortedMap::new(),
            coming: Vec::new(),
            leaves_no_trace: false,
            adoption: None,
        }
    }

    /// Goes on with the migration that made all there is, instead of starting the one after it.
    pub(crate) fn continue_migration(&mut self) {
        self.plan.note_all_as_new(&self.state.catalog);
    }

    /// The catalog at this point.
    pub(crate) fn catalog(&self) -> &Catalog {
        &self.state.catalog
    }

    /// The oldest server that must be served.
    pub(crate) fn postgres(&self) -> u32 {
        self.plan.postgres()
    }

    /// Whether the table was made in this migration.
    pub(crate) fn is_new(&self, table: &QualifiedName) -> bool {
        self.plan.is_new(table)
    }

    /// The place in the source, for people.
    pub(crate) fn place(&self, at: At) -> Place {
        self.source.place(at)
    }

    /// Works on something in the current item that has attributes of its own: what they allow and limit counts as well.
    pub(crate) fn within(&mut self, head: &Head, check: impl FnOnce(&mut Self)) {
        let (allowed, limits) = (self.allowed.len(), self.limits);
        self.allowed.extend(head.allowed.iter().cloned());
        self.limits = head.limits.or(limits);
        let mistakes = self.mistakes.len();
        check(self);
        self.warn_of_unneeded(&head.allowed, mistakes);
        self.allowed.truncate(allowed);
        self.limits = limits;
    }

    /// Notes a mistake.
    pub(crate) fn report(&mut self, mistake: Diagnostic) {
        self.mistakes.push(mistake);
    }

    /// Checks what must come to something: to statements of the plan, or to a mistake. What is written and would be left
    /// out of the migration without a word becomes a mistake here.
    pub(crate) fn accounted(&mut self, at: At, check: impl FnOnce(&mut Self)) {
        let before = (self.emitted.len(), self.plan.count());
        check(self);
        let (emitted, statements) = (self.emitted.len() > before.0, self.plan.count() > before.1);
        // A sketch is folded only.
        if !emitted || (self.mode == Mode::Up && !statements) {
            self.report_left_out(at);
        }
    }

    /// Hands on a part of an item that was checked. Without one there must be a mistake.
    pub(crate) fn accounted_part<T>(&mut self, at: At, part: Option<T>) -> Option<T> {
        if part.is_none() {
            self.report_left_out(at);
        }
        part
    }

    fn report_left_out(&mut self, at: At) {
        if self.state.has_mistakes || !self.mistakes.is_empty() {
            return;
        }
        self.report(
            Diagnostic::new(code::EMPTY, "this does nothing", at).help("write what it should do, or remove it").note(
                "if it should do something, this is a bug in the compiler: please report it, and use raw SQL in the \
                 meantime",
            ),
        );
    }

    /// Notes a Rust function that a step runs.
    pub(crate) fn note_function(&mut self, path: Spanned<String>) {
        if !self.functions.iter().any(|known| known.value == path.value) {
            self.functions.push(path);
        }
    }

    /// A mistake where the oldest server lacks something.
    pub(crate) fn needs_postgres(&mut self, version: u32, what: &str, at: At) {
        if self.postgres() < version {
            let mistake = Diagnostic::new(
                code::SERVER_TOO_OLD,
                format!(
                    "{what} requires PostgreSQL {version}, but these migrations must run on {} and newer",
                    self.postgres()
                ),
                at,
            );
            let mistake = mistake.help(format!("remove it, or write `postgres = {version}` in `migrations!`"));
            self.report(Diagnostic { needs: Some(version), ..mistake });
        }
    }

    /// The same, of a place that is looked at more than once.
    pub(crate) fn needs_postgres_once(&mut self, version: u32, what: &str, at: At) {
        let is_known = |mistake: &Diagnostic| mistake.at == at && mistake.code.name == code::SERVER_TOO_OLD.name;
        if !self.mistakes.iter().any(is_known) {
            self.needs_postgres(version, what, at);
        }
    }

    /// Takes an operation that is right: judges its hazards, lowers it, derives its inverse and advances the catalog. One
    /// that removes what is still needed is a mistake.
    pub(crate) fn emit(&mut self, operation: impl Into<Operation>, at: At) {
        self.emit_unless_needed(operation, at);
    }

    /// [`Checker::emit`], which answers whether nothing needs what the operation removes.
    pub(crate) fn emit_unless_needed(&mut self, operation: impl Into<Operation>, at: At) -> bool {
        // Compiled once, not for each operation: every user's first build pays for it.
        self.emit_operation(operation.into(), at)
    }

    fn emit_operation(&mut self, operation: Operation, at: At) -> bool {
        if let Some(conflict) = inheritance::conflict(&operation, &self.state.catalog) {
            self.report(crate::clause::inheritance_mistake(conflict, at));
            return false;
        }
        if let Some(stored) = self.state.catalog.rows_in_the_way(&operation) {
            self.report(rows_in_the_way(&operation, &stored, at));
            return false;
        }
        if self.report_still_needed(&operation, at) || self.report_raw_users(&operation, at) {
            return false;
        }
        let before = &self.state.catalog;
        let rebuilt = before.built_on(&operation.disturbs(before)).into_iter().map(|(id, object)| {
            let object = operation.rebuilt(&id, &object, before);
            (id, object)
        });
        let rebuilt: Vec<_> = rebuilt.collect();
        for (id, _) in &rebuilt {
            if self.report_held(id, &rebuilt, at) {
                return false;
            }
        }
        for (id, _) in rebuilt.iter().rev() {
            self.take(DropObject { id: id.clone() }.into(), at, Occasion::Rebuild);
        }
        self.take(operation, at, Occasion::Asked);
        for (id, object) in rebuilt {
            let Some(object) = self.refitted(&id, object, at) else {
                self.state.broken.objects.insert(id);
                continue;
            };
            self.take(CreateObject { id, object }.into(), at, Occasion::Rebuild);
        }
        true
    }

    /// Whether a hazard is allowed here; reported when it is not.
    pub(crate) fn hazard(&mut self, hazard: Hazard, text: String, at: At) -> bool {
        if self.mode != Mode::Up || self.is_allowed(Allowance::Hazard(hazard)) || !hazard.is_denied() {
            return true;
        }
        self.report(
            Diagnostic::new(code::of_hazard(hazard), text, at)
                .help(format!("if this is acceptable here, write `#[allow({hazard}, reason = \"...\")]` before it")),
        );
        false
    }

    /// How many mistakes there are so far.
    pub(crate) fn mistakes(&self) -> usize {
        self.mistakes.len()
    }

    /// Takes back the mistakes after these.
    pub(crate) fn take_mistakes_since(&mut self, known: usize) -> Vec<Diagnostic> {
        self.mistakes.split_off(known.min(self.mistakes.len()))
    }

    /// Judges, lowers, inverts and applies one operation.
    fn take(&mut self, operation: Operation, at: At, occasion: Occasion) {
        let plan = &self.plan;
        let found = operation.hazards(&self.state.catalog, &|table| plan.is_new(table));
        let mut hazards: Vec<_> = found.iter().map(|(hazard, _)| *hazard).collect();
        hazards.sort_unstable();
        hazards.dedup();
        // What is put back was judged when it was made.
        let judged = match (&operation, occasion) {
            (_, Occasion::Asked) => found,
            (Operation::CreateObject(create), Occasion::Rebuild) if !self.plan.is_new(&create.id.name) => {
                create.object.definition.hazards_of_rebuild(&create.id)
            }
            (_, Occasion::Rebuild) => Vec::new(),
        };
        for (hazard, _) in &judged {
            if !hazards.contains(hazard) {
                hazards.push(*hazard);
            }
        }
        for (hazard, text) in judged {
            self.hazard(hazard, text, at);
        }
        if self.mode == Mode::Up && occasion == Occasion::Asked {
            self.warn_of_newly_refused_changes(&operation, at);
        }
        self.note_gone(&operation, at);
        self.follow_in_bodies(&operation);
        operation.touch(&self.state.catalog, &mut self.touched);
        // Nobody uses a table yet that is made in the same migration.
        if occasion == Occasion::Asked && !only_table(&operation).is_some_and(|table| self.plan.is_new(table)) {
            self.breaks.extend(operation.breaks(&self.state.catalog));
        }
        let place = self.place(at);
        self.plan.at(place, hazards);
        self.plan.limited(self.limits);
        self.plan.putting_back(occasion == Occasion::Rebuild || self.is_body_unchecked(&operation));
        self.plan.rebuilding(occasion == Occasion::Rebuild);
        if self.mode == Mode::Up {
            migrate_core::operation::script::lower_one(&operation, &self.state.catalog, &mut self.plan);
        }
        let inverse = operation.invert(&self.state.catalog);
        if !self.leaves_no_trace {
            self.state.apply(&operation);
        }
        self.emitted.push((operation, inverse, at));
    }

    /// Whether nobody looks into the body of a function that an operation makes, the server neither.
    fn is_body_unchecked(&self, operation: &Operation) -> bool {
        let id = match operation {
            Operation::CreateObject(create) => &create.id,
            Operation::ChangeObject(change) => &change.id,
            _ => return false,
        };
        let unchecked = Allowance::Hazard(Hazard::UncheckedBody);
        id.kind.namespace() == Namespace::Routine && self.allowed.iter().any(|allowed| allowed.value == unchecked)
    }

    /// Checks one item with its `down`.
    pub(crate) fn statement(&mut self, statement: &crate::ops::Statement) {
        // Only a written `down` is compared with what was before, and there is nothing to compare where neither changes it.
        let before = match &statement.undo {
            Undo::Written { items, .. } if may_differ(statement, items) => Some(self.state.catalog.clone()),
            _ => None,
        };
        let mistakes = self.mistakes.len();
        self.allowed.clone_from(&statement.head.allowed);
        self.limits = statement.head.limits;
        if statement.item.is_declaration() {
            self.declaration(statement);
            return;
        }
        self.accounted(statement.at, |checker| statement.item.check(&statement.head, checker));
        self.warn_of_unneeded(&statement.head.allowed, mistakes);
        let emitted = std::mem::take(&mut self.emitted);
        if self.mistakes.len() > mistakes {
            // What a broken item would leave is not known well enough to judge its `down`.
            return;
        }
        if self.mode == Mode::Up {
            self.undo_of(statement, before, &emitted);
        }
        self.operations.extend(emitted.into_iter().map(|(operation, _, _)| operation));
    }

    /// Checks an item that says something about the migration, and does nothing: nothing of it can be undone, nor stand in
    /// what undoes something else.
    fn declaration(&mut self, statement: &crate::ops::Statement) {
        if self.mode != Mode::Up {
            self.report(
                Diagnostic::new(
                    code::SYNTAX,
                    "this describes a migration, and cannot be part of a `down`",
                    statement.at,
                )
                .help("write it directly in the migration"),
            );
            return;
        }
        if !matches!(statement.undo, Undo::Derived) {
            self.report(
                Diagnostic::new(code::UNNEEDED_DOWN, "this does nothing that could be undone", statement.at)
                    .help("remove the `down` or the `irreversible`"),
            );
        }
        statement.item.check(&statement.head, self);
    }

    /// Notes what is taken over with the migration.
    pub(crate) fn adopt(&mut self, adoption: Adoption, at: At) {
        if let Some(other) = self.state.adopted.clone() {
            let mut mistake = Diagnostic::new(code::INVALID_ADOPTION, "this history already takes over a database", at)
                .help("keep the one that describes your databases, in the migration that they are at");
            if let Some(place) = told(&other) {
                mistake = mistake.note(format!("the other one is {place}"));
            }
            self.report(mistake);
            return;
        }
        self.state.adopted = Some(self.place(at));
        self.adoption = Some(adoption);
    }

    /// Folds items without judging hazards or inverses: a written `down`, or the declared changes of raw SQL. Gives the
    /// operations they mean.
    pub(crate) fn sketch(&mut self, items: &[crate::ops::Statement]) -> Vec<Operation> {
        self.sketched(|checker| items.iter().for_each(|item| checker.statement(item)))
    }

    /// As [`Checker::sketch`], of whatever is checked in the closure.
    pub(crate) fn sketched(&mut self, check: impl FnOnce(&mut Self)) -> Vec<Operation> {
        let outer_mode = std::mem::replace(&mut self.mode, Mode::Sketch);
        let outer_operations = std::mem::take(&mut self.operations);
        let outer_emitted = std::mem::take(&mut self.emitted);
        let outer_allowed = std::mem::take(&mut self.allowed);
        let outer_limits = self.limits;
        check(self);
        self.mode = outer_mode;
        self.allowed = outer_allowed;
        self.limits = outer_limits;
        self.emitted = outer_emitted;
        std::mem::replace(&mut self.operations, outer_operations)
    }

    /// Checks what does not change the catalog, and leaves no trace of it.
    fn without_effect<T>(&mut self, check: impl FnOnce(&mut Self) -> T) -> T {
        self.leaves_no_trace = true;
        let result = check(self);
        self.leaves_no_trace = false;
        result
    }

    /// Ends a schema: checks the bodies, and gives all mistakes.
    pub(crate) fn finish_schema(mut self) -> Vec<Diagnostic> {
        self.check_bodies();
        self.mistakes
    }

    /// The tokens of the source.
    pub(crate) fn tokens(&self) -> &'c [migrate_core::token::Token] {
        &self.source.tokens
    }

    /// Ends the migration: cuts the plan into segments and lowers what undoes it.
    pub(crate) fn finish(mut self) -> Checked {
        let wrong = self.check_bodies();
        self.report_gone(&wrong);
        let down = match self.irreversible.take() {
            Some(why) => migrate_core::plan::Down::Irreversible { why: why.into() },
            None => {
                let undo = self.down_in_order();
                // Nobody can read it where no code is made.
                let script = match makes_code() {
                    true => lower(&self.state.catalog, &undo, self.plan.postgres()),
                    false => Script::default(),
                };
                let loses: SortedSet<String> = std::mem::take(&mut self.loses).into_iter().collect();
                migrate_core::plan::Down::Script { script, loses: loses.into_iter().map(Into::into).collect() }
            }
        };
        Checked {
            mistakes: self.mistakes,
            warnings: self.warnings.at_the_end(&self.state.catalog),
            up: cut_into_segments(self.plan),
            down,
            operations: self.operations,
            touched: self.touched,
            breaks: self.breaks,
            functions: self.functions,
            adoption: self.adoption,
        }
    }
}

/// Why an operation is done.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Occasion {
    /// The source asks for it.
    Asked,
    /// What it is about stands in the way of what the source asks for, and is put back.
    Rebuild,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{Item, Statement};

    /// An item that loses what it says.
    #[derive(Debug)]
    struct Silent;

    impl Item for Silent {
        fn check(&self, _: &Head, _: &mut Checker<'_>) {}
    }

    fn mistakes(state: &mut State) -> Vec<String> {
        let source = Source::new(Default::default(), proc_macro2::Span::call_site(), "", &mut Vec::new());
        let mut checker = Checker::new(state, &source, "1_m", 14);
        let (head, at) = (Head::default(), At::default());
        checker.statement(&Statement { head, words: &[], item: Box::new(Silent), undo: Undo::Derived, at });
        checker.finish().mistakes.into_iter().map(|mistake| mistake.message).collect()
    }

    #[test]
    fn an_item_that_comes_to_nothing_is_a_mistake() {
        assert_eq!(mistakes(&mut State::default()), ["this does nothing"]);
    }

    #[test]
    fn an_item_that_needs_what_is_broken_stays_silent() {
        let mut state = State::default();
        state.has_mistakes = true;
        assert!(mistakes(&mut state).is_empty());
    }

    #[test]
    fn a_part_of_an_item_that_comes_to_nothing_is_a_mistake() {
        let mut state = State::default();
        let source = Source::new(Default::default(), proc_macro2::Span::call_site(), "", &mut Vec::new());
        let mut checker = Checker::new(&mut state, &source, "1_m", 14);
        assert_eq!(checker.accounted_part(At::default(), Some(1)), Some(1));
        assert!(checker.mistakes.is_empty());
        assert_eq!(checker.accounted_part(At::default(), None::<i32>), None);
        assert_eq!(checker.mistakes.len(), 1);
    }
}
