//! A whole catalog as one migration.

use std::collections::BTreeSet;

use migrate_core::catalog::Catalog;
use migrate_core::object::Namespace;
use migrate_core::operation::{Inverse, Operate as _, Operation, RawSql, script};
use migrate_core::plan::{Hazard, Place, Work};

use super::{Undo, Unprintable, Written, all_pieces, attributed, body, operations_of, piece};
use crate::inline::mistakes_of;

/// Source, and what the language has no words for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// What stands in a `migration!` block.
    pub text: String,
    /// What stands there as raw SQL, or not at all.
    pub unprintable: Vec<Unprintable>,
}

/// The source of a migration that makes a catalog from an empty database, for servers of this major version and newer. What
/// the language has no words for becomes raw SQL, and is told; so does what the compiler refuses.
pub fn catalog(catalog: &Catalog, postgres: u32) -> Source {
    let mut unprintable = Vec::new();
    for (kind, name) in &catalog.by_hand {
        unprintable.push(Unprintable::new(format!("{} `{name}`", kind.noun()), "raw SQL has made it"));
    }
    if catalog.grants_by_hand {
        unprintable.push(Unprintable::new("what raw SQL has granted", "nobody knows what it is"));
    }
    let mut before = Catalog::default();
    let mut parts: Vec<Part> = Vec::new();
    for operation in operations_of(catalog) {
        let undo = match operation.invert(&before) {
            Inverse::Operations { .. } => Undo::Derived,
            Inverse::NotDerivable { why } => Undo::Irreversible(why),
        };
        let mut allowed = allowed(&operation, &before);
        if let Operation::CreateObject(create) = &operation
            && body::needs_another_path(&create.object.definition, catalog)
        {
            allowed.push((Hazard::UncheckedBody, "it finds its tables under another path".to_owned()));
        }
        let written = Written { allowed, undo, operation: operation.clone() };
        let mut part = Part { written, by_hand: None };
        if let Err(why) = attributed(&part.written, &before, &[]) {
            unprintable.push(why);
            part.by_hand = Some(by_hand(&operation, &before));
        }
        parts.push(part);
        operation.apply(&mut before);
    }
    settle(parts, unprintable, postgres)
}

/// An operation, or the raw SQL that stands for it.
struct Part {
    written: Written,
    by_hand: Option<Written>,
}

/// How often what is printed is given to the compiler: each time, everything that it has told is taken care of.
const ROUNDS: usize = 8;

/// Prints everything and lets the compiler read it, until nothing is wrong.
fn settle(mut parts: Vec<Part>, mut unprintable: Vec<Unprintable>, postgres: u32) -> Source {
    let mut text = String::new();
    for _ in 0..ROUNDS {
        let written: Vec<Written> =
            parts.iter().map(|part| part.by_hand.clone().unwrap_or_else(|| part.written.clone())).collect();
        let pieces = match all_pieces(&written, &Catalog::default()) {
            Ok(pieces) => pieces,
            Err(more) => {
                unprintable.extend(more);
                return Source { text: String::new(), unprintable };
            }
        };
        let begins;
        (text, begins) = piece::joined_from(&pieces);
        // One change for each operation and round: it may have been all that was wrong.
        let mut changed: BTreeSet<usize> = BTreeSet::new();
        for mistake in mistakes_of(&text, postgres) {
            let found = begins.iter().rev().find(|(line, _)| *line <= mistake.line as usize);
            let Some((origin, part)) = found.and_then(|(_, origin)| Some((*origin, parts.get_mut(*origin)?))) else {
                continue;
            };
            // What is wrong in a body is told with a code of its own.
            let is_body = matches!(&part.written.operation, Operation::CreateObject(create)
                if create.id.kind.namespace() == Namespace::Routine);
            let of_body = Some(Hazard::UncheckedBody).filter(|_| is_body);
            if changed.contains(&origin) {
                continue;
            }
            let is_changed = match Hazard::from_code(mistake.code).or(of_body) {
                _ if part.by_hand.is_some() => false,
                Some(hazard) if part.written.allowed.iter().all(|(allowed, _)| *allowed != hazard) => {
                    part.written.allowed.push((hazard, REASON.to_owned()));
                    true
                }
                _ if mistake.code == "not_invertible" && matches!(part.written.undo, Undo::Derived) => {
                    part.written.undo = Undo::Irreversible(REASON.to_owned());
                    true
                }
                _ => {
                    let before = before_of(&written, origin);
                    part.by_hand = Some(by_hand(&part.written.operation, &before));
                    unprintable.push(Unprintable::new(what_of(&part.written.operation), mistake.message));
                    true
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

/// Why a hazard is allowed, or nothing undone, in what is printed.
const REASON: &str = "it was like this";

fn before_of(written: &[Written], index: usize) -> Catalog {
    let mut catalog = Catalog::default();
    written.iter().take(index).for_each(|one| one.operation.apply(&mut catalog));
    catalog
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

/// The hazards that even new objects have.
fn allowed(operation: &Operation, before: &Catalog) -> Vec<(Hazard, String)> {
    let found =
        operation.hazards(before, &|_| true).into_iter().map(|(hazard, _)| hazard).filter(|one| one.is_denied());
    let found: BTreeSet<_> = found.collect();
    found.into_iter().map(|hazard| (hazard, REASON.to_owned())).collect()
}

/// An operation as raw SQL.
fn by_hand(operation: &Operation, before: &Catalog) -> Written {
    let mut after = before.clone();
    operation.apply(&mut after);
    let down = match operation.invert(before) {
        Inverse::Operations { operations, .. } => commands(&operations, &after),
        Inverse::NotDerivable { .. } => Vec::new(),
    };
    let undo = match down.is_empty() {
        true => Undo::Irreversible("nothing is known that undoes it".to_owned()),
        false => Undo::Operations(vec![RawSql { commands: down, changes: Vec::new() }.into()]),
    };
    let commands = commands(std::slice::from_ref(operation), before);
    let operation = RawSql { commands, changes: Vec::new() }.into();
    Written { operation, allowed: Vec::new(), undo }
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
