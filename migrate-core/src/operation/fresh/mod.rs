//! The short way to the end of a history, for a database that is empty: what was made and changed many times is made
//! once, as it is at the end.
//!
//! A run of migrations is *folded* to one transaction when that provably gives the same tables with the same rows:
//!
//! * What raw SQL and Rust functions do is not known, so a migration with one is run as it is written, on the catalog
//!   it was written for. Runs are what lies between.
//! * An `insert` runs on its table as it was then. So do all operations on that table, on what it references and on
//!   what was renamed with it, in their order: they are *kept*.
//! * An `update`, `delete` or `backfill` of a table that has no row yet does nothing, and is left out.
//! * Everything else holds no rows while the run lasts: it is *made* at the end, as it is at the end.
//! * The operations that are left must lead to the very catalog to which the history leads; else nothing is folded.
//!
//! What is not guaranteed: the names that PostgreSQL gives to what the catalog does not hold, such as the sequence of
//! an identity column whose table was renamed. A statement that fails rolls the transaction back; the caller then runs
//! the migrations as they are written.

mod effect;
mod kept;
mod made;
#[cfg(test)]
mod tests;

use super::{Operate, Operation, script};
use crate::catalog::Catalog;
use crate::json::ToJson;
use crate::plan::{Cow, Lowering, Mode, Script, Segment, Statement, cut_into_segments};
use effect::Opacity;

/// A migration of a history, as it was compiled.
#[derive(Clone, Debug)]
pub struct Written<'m> {
    /// Its operations.
    pub operations: Vec<Operation>,
    /// What they were lowered to, where it may be something else.
    pub up: Option<&'m Script>,
}

/// How to run the next migrations of a history.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// This many, at once: the script is one transaction (or nothing).
    Folded {
        /// How many.
        migrations: usize,
        /// What stands for all of them.
        script: Script,
    },
    /// This many, one after the other.
    AsWritten {
        /// How many.
        migrations: usize,
    },
}

/// How to bring an empty database through a history that leads to this catalog, for servers of this major version and newer.
pub fn from_empty(history: &[Written<'_>], end: &Catalog, postgres: u32) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut catalog = Catalog::default();
    let opacities = opacities(history, postgres);
    let mut start = 0;
    while start < history.len() {
        let rest = opacities.get(start..).unwrap_or_default();
        if rest.first() == Some(&Opacity::Boundless) {
            push_written(&mut parts, rest.len());
            break;
        }
        let clear = rest.iter().take_while(|opacity| **opacity == Opacity::Clear).count();
        let length = clear.max(1);
        let run = history.get(start..start + length).unwrap_or_default();
        let after = match length == rest.len() {
            true => Cow::Borrowed(end),
            false => Cow::Owned(script::fold(&catalog, run.iter().flat_map(|written| &written.operations))),
        };
        let folded = if clear > 1 { fold(run, &catalog, &after, start == 0, postgres) } else { None };
        match folded {
            Some(script) => parts.push(Part::Folded { migrations: length, script }),
            None => push_written(&mut parts, length),
        }
        catalog = after.into_owned();
        start += length;
    }
    parts
}

fn push_written(parts: &mut Vec<Part>, count: usize) {
    match parts.last_mut() {
        Some(Part::AsWritten { migrations }) => *migrations += count,
        _ => parts.push(Part::AsWritten { migrations: count }),
    }
}

/// What is known of each migration. One whose script is not what its operations lower to was made by something else.
fn opacities(history: &[Written<'_>], postgres: u32) -> Vec<Opacity> {
    let mut catalog = Catalog::default();
    let opacity = |written: &Written<'_>| {
        let opacity = written.operations.iter().map(effect::opacity).max().unwrap_or(Opacity::Clear);
        let Some(up) = written.up else { return opacity };
        let mut plan = Lowering::new(postgres);
        for operation in &written.operations {
            operation.lower(&catalog, &mut plan);
            operation.apply(&mut catalog);
        }
        if is_same(&cut_into_segments(plan), up) { opacity } else { Opacity::Boundless }
    };
    history.iter().map(opacity).collect()
}

fn is_same(ours: &Script, theirs: &Script) -> bool {
    let same_work = |(ours, theirs): (&Statement, &Statement)| ours.work == theirs.work;
    ours.segments.len() == theirs.segments.len()
        && ours.segments.iter().zip(theirs.segments.iter()).all(|(ours, theirs)| {
            ours.mode == theirs.mode
                && ours.statements.len() == theirs.statements.len()
                && ours.statements.iter().zip(theirs.statements.iter()).all(same_work)
        })
}

/// One transaction that does what a run of migrations does; `None` where that cannot be proved.
fn fold(run: &[Written<'_>], before: &Catalog, after: &Catalog, is_first: bool, postgres: u32) -> Option<Script> {
    let operations: Vec<&Operation> = run.iter().flat_map(|written| &written.operations).collect();
    let short = kept::shorten(&operations, before, after, is_first)?;
    let mut catalog = before.clone();
    let mut plan = Lowering::new(postgres);
    // Nobody uses the database yet: the plain form of everything will do.
    plan.note_all_as_new(before);
    for operation in &short {
        operation.lower(&catalog, &mut plan);
        operation.apply(&mut catalog);
    }
    // Also the order of columns: raw SQL may rely on it.
    (catalog == *after).then_some(())?;
    in_one_transaction(cut_into_segments(plan))
}

/// The cuts are there for live tables, and for values of an enum that is older than the transaction.
fn in_one_transaction(script: Script) -> Option<Script> {
    if script.segments.iter().any(|segment| segment.mode == Mode::Alone) {
        return None;
    }
    let statements: Vec<Statement> = script.statements().cloned().collect();
    let segments = match statements.is_empty() {
        true => Vec::new(),
        false => vec![Segment { mode: Mode::Transaction, statements: Cow::Owned(statements) }],
    };
    Some(Script { segments: Cow::Owned(segments) })
}
