//! What was seen beside what was predicted. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use migrate_core::plan::{Duration as Grows, LockMode, Mode, RelationLock, Script, Statement, Work};
use migrate_core::sql::quote_identifier;

use super::observe::Seen;
use super::sample::{Oid, Sample};
use super::{RehearsedStatement, Surprise};
use crate::execute::describe;

/// The weakest lock that is compared. Weaker ones come with rows and foreign keys, and hold nobody up.
const WEAKEST: LockMode = LockMode::ShareUpdateExclusive;

/// The statements of a script, with what was seen of them. `before` was seen before the migration.
pub(super) fn statements(script: &Script, seen: &Seen, before: &Sample) -> Vec<RehearsedStatement> {
    let mut compared = Vec::new();
    let mut first = 0;
    let mut names = Names::of(before);
    for segment in script.segments.iter() {
        let mut transaction = Transaction::default();
        let mut last = seen.begins.get(&first);
        for (offset, statement) in segment.statements.iter().enumerate() {
            let number = first + offset;
            compared.push(match segment.mode {
                Mode::Transaction => {
                    let after = seen.after.get(&number);
                    let one = transaction.statement(statement, last, after, &mut names);
                    last = after;
                    one
                }
                Mode::Alone => alone(statement, seen, number, &names),
            });
        }
        first += segment.statements.len();
    }
    compared
}

/// The names of the tables and materialized views that existed before the migration: those they had, and those they got since.
struct Names {
    known: BTreeMap<Oid, Vec<String>>,
}

impl Names {
    fn of(before: &Sample) -> Self {
        let known = before.tables.iter().map(|(oid, (name, _))| (*oid, vec![name.clone()])).collect();
        Names { known }
    }

    fn follow(&mut self, sample: &Sample) {
        for (oid, names) in &mut self.known {
            if let Some((name, _)) = sample.tables.get(oid).filter(|(name, _)| !names.contains(name)) {
                names.push(name.clone());
            }
        }
    }

    fn last(&self, oid: Oid) -> String {
        self.known.get(&oid).and_then(|names| names.last()).cloned().unwrap_or_default()
    }

    fn find(&self, lock: &RelationLock) -> Option<Oid> {
        let name = format!("{}.{}", quote_identifier(&lock.schema), quote_identifier(&lock.table));
        self.known.iter().find(|(_, names)| names.contains(&name)).map(|(oid, _)| *oid)
    }
}

/// What a transaction has so far.
#[derive(Default)]
struct Transaction {
    predicted: BTreeMap<Oid, LockMode>,
    /// What was different after the statement before.
    different: BTreeSet<Oid>,
}

impl Transaction {
    fn statement(
        &mut self,
        statement: &Statement,
        last: Option<&Sample>,
        after: Option<&Sample>,
        names: &mut Names,
    ) -> RehearsedStatement {
        let mut compared = blank(statement);
        for lock in statement.locks.iter() {
            // What was dropped, and is made again under its name, is nobody else's until the end.
            let is_there = |oid: &Oid| last.is_none_or(|last| last.tables.contains_key(oid));
            if let Some(oid) = names.find(lock).filter(is_there) {
                let mode = self.predicted.entry(oid).or_insert(lock.mode);
                *mode = lock.mode.max(*mode);
            }
        }
        let (Some(last), Some(after)) = (last, after) else { return compared };
        names.follow(after);
        compared.elapsed = Some(Duration::from_secs_f64((after.began - last.ended).max(0.0) / 1000.0));
        let nothing = Vec::new();
        for (oid, modes) in after.locks.iter().filter(|(oid, _)| names.known.contains_key(oid)) {
            let had = last.locks.get(oid).unwrap_or(&nothing);
            let new = modes.iter().filter(|mode| !had.contains(mode));
            compared.observed.extend(new.map(|mode| lock(&names.last(*oid), *mode)));
        }
        compared.rewritten = names
            .known
            .keys()
            .filter(|oid| match (last.tables.get(oid), after.tables.get(oid)) {
                (Some((_, before)), Some((_, after))) => before != after,
                _ => false,
            })
            .map(|oid| names.last(*oid))
            .collect();
        if is_predictable(statement) {
            compared.surprises = self.surprises(after, names);
            compared.surprises.extend(rewrites(statement, &compared.rewritten));
        } else {
            self.take_for_granted(after, names);
        }
        compared
    }

    /// What a statement has locked of which nothing is predicted is still locked after the next ones.
    fn take_for_granted(&mut self, after: &Sample, names: &Names) {
        for (oid, modes) in after.locks.iter().filter(|(oid, _)| names.known.contains_key(oid)) {
            let strongest = self.predicted.get(oid).into_iter().chain(modes).max().copied();
            self.predicted.extend(strongest.map(|mode| (*oid, mode)));
        }
    }

    fn surprises(&mut self, after: &Sample, names: &Names) -> Vec<Surprise> {
        let strongest = |oid: &Oid| after.locks.get(oid).and_then(|modes| modes.iter().max().copied());
        let counts = |mode: &LockMode| *mode >= WEAKEST;
        let mut surprises = Vec::new();
        for oid in names.known.keys() {
            let predicted = self.predicted.get(oid).copied().filter(counts);
            let observed = strongest(oid).filter(counts);
            if predicted == observed {
                self.different.remove(oid);
            } else if self.different.insert(*oid) {
                surprises.push(Surprise::Lock { table: names.last(*oid), predicted, observed });
            }
        }
        surprises
    }
}

/// Statements outside of transactions are looked at from outside, now and then: what was not seen may have been there.
fn alone(statement: &Statement, seen: &Seen, number: usize, names: &Names) -> RehearsedStatement {
    let mut compared = blank(statement);
    compared.elapsed = seen.alone.get(&number).copied();
    for (oid, modes) in seen.locks.get(&number).into_iter().flatten() {
        if !names.known.contains_key(oid) {
            continue;
        }
        compared.observed.extend(modes.iter().map(|mode| lock(&names.last(*oid), *mode)));
        let predicted =
            statement.locks.iter().filter(|lock| names.find(lock) == Some(*oid)).map(|lock| lock.mode).max();
        let observed = modes.iter().max().copied().filter(|mode| *mode >= WEAKEST);
        if observed > predicted && is_predictable(statement) {
            compared.surprises.push(Surprise::Lock { table: names.last(*oid), predicted, observed });
        }
    }
    compared
}

fn blank(statement: &Statement) -> RehearsedStatement {
    RehearsedStatement {
        sql: describe(statement),
        place: statement.place.clone(),
        elapsed: None,
        predicted: statement.locks.to_vec(),
        observed: Vec::new(),
        rewritten: Vec::new(),
        surprises: Vec::new(),
    }
}

/// Nothing is predicted of raw SQL and of Rust functions.
fn is_predictable(statement: &Statement) -> bool {
    match statement.work {
        Work::Sql(_) => statement.duration != Grows::Unknown || !statement.locks.is_empty(),
        Work::Backfill(_) => true,
        Work::Run(_) => false,
    }
}

fn rewrites(statement: &Statement, rewritten: &[String]) -> Vec<Surprise> {
    // What is emptied gets a new file, and no row is written.
    if matches!(&statement.work, Work::Sql(sql) if sql.starts_with("TRUNCATE TABLE")) {
        return Vec::new();
    }
    let is_predicted = statement.duration == Grows::Rewrite;
    match (is_predicted, rewritten) {
        // Of a table that the migration makes, nobody sees how it is rewritten.
        (true, []) if statement.locks.is_empty() => Vec::new(),
        (true, []) => vec![Surprise::NotRewritten],
        (false, tables) => tables.iter().map(|table| Surprise::Rewritten { table: table.clone() }).collect(),
        (true, _) => Vec::new(),
    }
}

/// A lock on a table of which only the printed name is known.
fn lock(name: &str, mode: LockMode) -> RelationLock {
    let (schema, table) = name.split_once('.').unwrap_or(("", name));
    RelationLock { schema: schema.to_string().into(), table: table.to_string().into(), mode }
}
