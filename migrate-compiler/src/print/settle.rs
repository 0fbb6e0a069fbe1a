//! A block as the compiler takes it: hazards allowed, and raw SQL where the language does not do.

use migrate_core::catalog::Catalog;
use migrate_core::object::Namespace;
use migrate_core::operation::{CreateObject, DropObject, Inverse, Operate as _, Operation, RawSql, script};
use migrate_core::plan::{Hazard, Place, Work};
use migrate_core::query::Statement;
use migrate_core::sorted::SortedSet;

use super::{Source, Undo, Unprintable, Written, all_pieces, attributed, body, operation, piece};
use crate::inline::History;

/// The source of a block that comes next in a history: hazards are allowed with this reason, and what the language has no
/// words for, or the compiler refuses, becomes raw SQL, and is told.
pub fn block(written: Vec<Written>, history: &History, reason: &str) -> Source {
    block_with(written, history, Some(reason))
}

/// The same for somebody who reviews it: no hazard is allowed, and what is to be filled in stays as it is.
pub fn block_to_review(written: Vec<Written>, history: &History) -> Source {
    block_with(written, history, None)
}

fn block_with(written: Vec<Written>, history: &History, reason: Option<&str>) -> Source {
    let mut before = history.catalog().clone();
    let mut goal = before.clone();
    written.iter().for_each(|one| one.operation.apply(&mut goal));
    let mut unprintable = Vec::new();
    let mut parts: Vec<Part> = Vec::new();
    let mut known = before.clone();
    for written in written.into_iter().flat_map(|one| in_the_language(one, &mut known)) {
        let mut part = Part { written, form: Form::Own };
        let operation = part.written.operation.clone();
        if let Some(reason) = reason {
            part.allow(operation.hazards(&before, &|_| true).into_iter().map(|(hazard, _)| hazard), reason);
        }
        if matches!(part.written.undo, Undo::Derived)
            && !is_read_as_rows(&operation)
            && let Inverse::NotDerivable { why } = operation.invert(&before)
        {
            part.written.undo = Undo::Irreversible(why);
        }
        if let Operation::CreateObject(create) = &operation
            && body::needs_another_path(&create.object.definition, &goal)
        {
            part.written
                .allowed
                .push((Hazard::UncheckedBody, "it finds its tables through another search path".to_owned()));
        }
        if let Err(why) = attributed(&part.written, &before, &[]) {
            unprintable.push(why);
            part.form = Form::ByHand;
        }
        parts.push(part);
        operation.apply(&mut before);
    }
    settle(parts, unprintable, history, reason)
}

/// Whether the compiler may read a statement as rows that are written out, which it can delete again.
fn is_read_as_rows(operation: &Operation) -> bool {
    match operation {
        Operation::RunStatement(run) => {
            matches!(&run.statement, Statement::Insert(insert) if insert.on_conflict.is_none() && insert.with.is_none())
        }
        _ => false,
    }
}

/// The operation, or what makes an object anew that the language cannot change.
fn in_the_language(written: Written, known: &mut Catalog) -> Vec<Written> {
    let mut all = Vec::new();
    if let Operation::ChangeObject(change) = &written.operation
        && operation(&written.operation, known).is_err()
        && let Some(object) = known.object(&change.id)
    {
        let drop: Operation = DropObject { id: change.id.clone() }.into();
        let object = object.with_definition(change.definition.clone());
        let create: Operation = CreateObject { id: change.id.clone(), object }.into();
        let is_free = drop.still_needed_by(known).is_empty();
        if is_free && operation(&drop, known).is_ok() {
            let drop = Written { remarks: written.remarks.clone(), ..drop.into() };
            all = vec![drop, create.into()];
        }
    }
    written.operation.apply(known);
    if all.is_empty() { vec![written] } else { all }
}

/// An operation, and how it stands in the source.
struct Part {
    written: Written,
    form: Form,
}

/// How an operation stands in the source.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// In the words of the language.
    Own,
    /// As raw SQL that says what it changes.
    Declared,
    /// As raw SQL.
    ByHand,
}

impl Part {
    fn allow(&mut self, hazards: impl Iterator<Item = Hazard>, reason: &str) {
        let hazards: SortedSet<Hazard> = hazards.filter(|hazard| hazard.is_denied()).collect();
        for hazard in hazards {
            if self.written.allowed.iter().all(|(allowed, _)| *allowed != hazard) {
                self.written.allowed.push((hazard, reason.to_owned()));
            }
        }
    }

    fn in_form(&self, before: &Catalog) -> Written {
        match self.form {
            Form::Own => self.written.clone(),
            Form::Declared => by_hand(&self.written, before, true),
            Form::ByHand => by_hand(&self.written, before, false),
        }
    }

    /// The next form, where this one is refused.
    fn give_way(&mut self, before: &Catalog) -> bool {
        let can_declare = self.form == Form::Own
            && !matches!(self.written.operation, Operation::RawSql(_))
            && operation(&self.written.operation, before).is_ok();
        self.form = match self.form {
            Form::Own if can_declare => Form::Declared,
            Form::Own | Form::Declared => Form::ByHand,
            Form::ByHand => return false,
        };
        true
    }
}

/// How often what is printed is given to the compiler: each time, everything that it has told is taken care of.
const ROUNDS: usize = 12;

/// Prints everything and lets the compiler read it, until nothing is wrong.
fn settle(mut parts: Vec<Part>, mut unprintable: Vec<Unprintable>, history: &History, reason: Option<&str>) -> Source {
    let mut text = String::new();
    let mut told: SortedSet<usize> = SortedSet::new();
    for _ in 0..ROUNDS {
        let mut catalog = history.catalog().clone();
        let mut written: Vec<Written> = Vec::new();
        let mut befores: Vec<Catalog> = Vec::new();
        for part in &parts {
            written.push(part.in_form(&catalog));
            befores.push(catalog.clone());
            part.written.operation.apply(&mut catalog);
        }
        let pieces = match all_pieces(&written, history.catalog()) {
            Ok(pieces) => pieces,
            Err(more) => {
                unprintable.extend(more);
                return Source { text: String::new(), unprintable };
            }
        };
        let begins;
        (text, begins) = piece::joined_from(&pieces);
        // One change for each operation and round: it may have been all that was wrong.
        let mut changed: SortedSet<usize> = SortedSet::new();
        let wrong = if parts.is_empty() { Vec::new() } else { history.check(&text) };
        for mistake in wrong {
            let found = begins.iter().rev().find(|(line, _)| *line <= mistake.line as usize);
            let Some((origin, part)) = found.and_then(|(_, origin)| Some((*origin, parts.get_mut(*origin)?))) else {
                continue;
            };
            // What is wrong in a body is told with a code of its own.
            let is_body = match &part.written.operation {
                Operation::CreateObject(create) => create.id.kind.namespace() == Namespace::Routine,
                Operation::ChangeObject(change) => change.id.kind.namespace() == Namespace::Routine,
                _ => false,
            };
            let of_body = Some(Hazard::UncheckedBody).filter(|_| is_body);
            if changed.contains(&origin) {
                continue;
            }
            let hazard = Hazard::from_code(mistake.code).or(of_body);
            let is_for_review = hazard.is_some() || ["todo", "not_invertible"].contains(&mistake.code);
            let Some(reason) = reason.or_else(|| (!is_for_review).then_some("")) else { continue };
            let is_changed = match hazard {
                Some(hazard)
                    if part.form == Form::Own && part.written.allowed.iter().all(|(allowed, _)| *allowed != hazard) =>
                {
                    part.written.allowed.push((hazard, reason.to_owned()));
                    true
                }
                _ if part.form == Form::Own
                    && mistake.code == "not_invertible"
                    && matches!(part.written.undo, Undo::Derived) =>
                {
                    let why = befores.get(origin).map(|before| part.written.operation.invert(before));
                    part.written.undo = Undo::Irreversible(match why {
                        Some(Inverse::NotDerivable { why }) => why,
                        _ => reason.to_owned(),
                    });
                    true
                }
                _ => {
                    if told.insert(origin) {
                        let what = Unprintable::new(what_of(&part.written.operation), mistake.message);
                        unprintable.push(Unprintable { needs: mistake.needs, ..what });
                    }
                    befores.get(origin).is_some_and(|before| part.give_way(before))
                }
            };
            changed.extend(is_changed.then_some(origin));
        }
        if changed.is_empty() {
            break;
        }
    }
    Source { text, unprintable }
}

/// What an operation makes, in words.
fn what_of(operation: &Operation) -> String {
    match operation {
        Operation::CreateTable(create) => format!("table `{}`", create.name),
        Operation::CreateIndex(create) => format!("index `{}` of `{}`", create.name, create.table),
        Operation::CreateObject(create) => create.id.told(),
        Operation::AddConstraint(add) => format!("constraint `{}` of `{}`", add.name, add.table),
        Operation::CreateEnum(create) => format!("enum `{}`", create.name),
        Operation::CreateExtension(create) => format!("extension `{}`", create.name),
        other => other.name().replace('_', " "),
    }
}

/// An operation as raw SQL, which says what it changes or not.
fn by_hand(written: &Written, before: &Catalog, is_declared: bool) -> Written {
    let operation = &written.operation;
    let mut after = before.clone();
    operation.apply(&mut after);
    let changes = |operations: &[Operation]| if is_declared { operations.to_vec() } else { Vec::new() };
    let raw = |operations: &[Operation], before: &Catalog| RawSql {
        commands: commands(operations, before),
        changes: changes(operations),
    };
    let undo = match (&written.undo, operation.invert(before)) {
        (Undo::Irreversible(why), _) => Undo::Irreversible(why.clone()),
        (_, Inverse::Operations { operations, .. }) => match raw(&operations, &after) {
            down if down.commands.is_empty() => Undo::Irreversible("it is not known what undoes it".to_owned()),
            down => Undo::Operations(vec![down.into()]),
        },
        _ => Undo::Irreversible("it is not known what undoes it".to_owned()),
    };
    let operation = raw(std::slice::from_ref(operation), before).into();
    Written { operation, allowed: Vec::new(), undo, remarks: written.remarks.clone() }
}

fn commands(operations: &[Operation], before: &Catalog) -> Vec<String> {
    let placed: Vec<script::Placed> =
        operations.iter().map(|operation| (operation.clone(), Place::default(), Vec::new())).collect();
    let script = script::lower(before, &placed, NEWEST);
    let sql = script.statements().filter_map(|statement| match &statement.work {
        Work::Sql(sql) => Some(sql.to_string()),
        Work::Backfill(_) | Work::Run(_) => None,
    });
    sql.collect()
}

/// The newest version whose words raw SQL may use.
const NEWEST: u32 = 18;
