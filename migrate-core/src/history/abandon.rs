//! Taking back a migration that was started and cannot be finished.
//!
//! What its finished statements did is undone with the migration's own down. A statement of the down belongs to those
//! of the up that come from the same place in the source: where none of them ran there is nothing to undo, where all
//! of them ran it runs as it is, and in between it is tolerant of what the up had not made yet. What such a half-done
//! place leaves beside (an index that no constraint owns yet, the check that proves a NOT NULL) is dropped first.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Catalog;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::operation::script::{Placed, lower};
use crate::operation::{Inverse, Operate, Operation};
use crate::plan::{
    Down, Duration, Footprint, LockMode, Mode, Place, Postcondition, RelationLock, Script, Segment, Statement, Work,
};
use crate::sql::{quote_identifier, quote_literal};

/// The step at the end of what [`decide_abandon`] and [`decide_restore`] give: it is not a path of a function. It compares the live catalog with
/// the one before the migration.
pub const COMPARE: &str = "(compare with the catalog before it)";

/// A migration that was started, and how far it came.
#[derive(Clone, Copy, Debug)]
pub struct HalfApplied<'m> {
    /// What applies it.
    pub up: &'m Script,
    /// What reverts it when it is finished.
    pub down: &'m Down,
    /// Segments of `up` that are done.
    pub segments_done: usize,
    /// Whether the next one, which stands alone, was started.
    pub is_running: bool,
}

/// What a migration was compiled from.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'m> {
    /// Its operations.
    pub operations: &'m [Operation],
    /// The catalog before it.
    pub before: &'m Catalog,
    /// The oldest server that its SQL must run on.
    pub oldest_server: u32,
}

/// What a live database has of what a half-done statement may leave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leftovers {
    /// The indexes, by their schema and name.
    pub indexes: BTreeMap<QualifiedName, LeftIndex>,
    /// The constraints that may be left, by their table and name.
    pub constraints: BTreeMap<(QualifiedName, String), LeftConstraint>,
}

/// An index that is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftIndex {
    /// Whether it is finished.
    pub is_valid: bool,
    /// Whether it belongs to a constraint.
    pub is_owned: bool,
    /// Whether it is attached to an index of the partitioned table, which must go first.
    pub is_attached: bool,
    /// Whether it is one of a partitioned table, which PostgreSQL does not drop CONCURRENTLY.
    pub is_partitioned: bool,
}

/// A constraint that is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftConstraint {
    /// Whether it is validated.
    pub is_valid: bool,
    /// Whether it is a part of one of the partitioned table, which must go first.
    pub is_attached: bool,
}

/// The indexes and constraints that were there before a migration, or a revert, was started, of the tables that it
/// touches.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct There {
    /// The indexes, by their schema and name; those that belong to constraints, too.
    indexes: BTreeSet<QualifiedName>,
    /// The constraints, by their tables, and whether each is validated.
    constraints: BTreeSet<(QualifiedName, String, bool)>,
}

impl There {
    /// What a catalog has of the tables of a footprint.
    pub fn of(catalog: &Catalog, footprint: &Footprint) -> Self {
        let is_touched = |name: &QualifiedName| {
            let object = format!("table {}.{}", name.schema, name.name);
            footprint.unknown || footprint.objects.iter().any(|touched| *touched == object)
        };
        let mut there = There::default();
        for (name, table) in catalog.tables.iter().filter(|(name, _)| is_touched(name)) {
            there
                .indexes
                .extend(table.indexes.keys().chain(table.constraints.keys()).map(|index| name.sibling(index.as_str())));
            let constraints = table.constraints.iter();
            there.constraints.extend(constraints.map(|(own, one)| (name.clone(), own.clone(), !one.not_valid)));
        }
        there
    }

    fn has_index(&self, name: &QualifiedName) -> bool {
        self.indexes.contains(name)
    }

    /// Whether it is validated, where it was there.
    fn constraint(&self, table: &QualifiedName, name: &str) -> Option<bool> {
        let found = self.constraints.iter().find(|(of, own, _)| of == table && own == name);
        found.map(|(_, _, is_valid)| *is_valid)
    }
}

/// What takes a migration back.
#[derive(Clone, Debug, PartialEq)]
pub struct Abandoning {
    /// The statements; the last one is [`COMPARE`].
    pub script: Script,
    /// What does not come back, one line each.
    pub loses: Vec<String>,
}

/// How much of a place in the source was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Untouched,
    Partial,
    Done,
}

/// What takes back a migration that was started.
pub fn decide_abandon(half: &HalfApplied<'_>, origin: &Origin<'_>, there: &There, live: &Leftovers) -> Abandoning {
    let (derived, loses) = derive(half, origin, &Places::of(half));
    let down = match half.down {
        Down::Script { script, .. } => script,
        Down::Irreversible { .. } => &derived,
    };
    Abandoning { script: take_back(half, down, there, live), loses }
}

/// What takes back a revert that was started, by doing again what it undid.
pub fn decide_restore(half: &HalfApplied<'_>, there: &There, live: &Leftovers) -> Script {
    match half.down {
        Down::Script { script, .. } => take_back(half, script, there, live),
        Down::Irreversible { .. } => take_back(half, &Script::default(), there, live),
    }
}

fn take_back(half: &HalfApplied<'_>, down: &Script, there: &There, live: &Leftovers) -> Script {
    let places = Places::of(half);
    let mut segments = Vec::new();
    let mut ended = Vec::new();
    let mut dropped = BTreeSet::new();
    for statement in places.begun_statements(half).rev() {
        clean_up(statement, there, live, &mut segments, &mut ended, &mut dropped);
    }
    for statement in places.other_statements(half) {
        clean_up_what_is_left_to_remove(statement, there, live, &mut ended);
    }
    let known: BTreeSet<Key<'_>> = down.statements().map(|statement| key(&statement.place)).collect();
    for segment in down.segments.iter() {
        let mut kept = Vec::new();
        for statement in segment.statements.iter() {
            match (places.progress(&statement.place, &known), segment.mode) {
                (Progress::Untouched, _) => {}
                (Progress::Done, _) => kept.push(statement.clone()),
                (Progress::Partial, Mode::Transaction) => kept.push(tolerant(statement)),
                (Progress::Partial, Mode::Alone) => kept.extend(still_needed(statement, live, &dropped, &mut segments)),
            }
        }
        if !kept.is_empty() {
            segments.push(Segment { mode: segment.mode, statements: Cow::Owned(kept) });
        }
    }
    segments.append(&mut ended);
    segments
        .push(Segment { mode: Mode::Alone, statements: Cow::Owned(vec![Statement::of(Work::Run(COMPARE.into()))]) });
    Script { segments: Cow::Owned(segments) }
}

type Key<'a> = (&'a str, u32, u32);

fn key(place: &Place) -> Key<'_> {
    (place.file.as_ref(), place.line, place.column)
}

/// For each place: how many of its statements were started and done, and how many there are.
struct Places<'a> {
    counts: BTreeMap<Key<'a>, (usize, usize, usize)>,
    begun: usize,
}

impl<'a> Places<'a> {
    fn of(half: &HalfApplied<'a>) -> Self {
        let mut counts: BTreeMap<Key<'a>, (usize, usize, usize)> = BTreeMap::new();
        let mut begun = 0;
        for (index, segment) in half.up.segments.iter().enumerate() {
            let is_done = index < half.segments_done;
            let is_begun = is_done || (index == half.segments_done && half.is_running);
            for statement in segment.statements.iter() {
                let count = counts.entry(key(&statement.place)).or_default();
                count.0 += usize::from(is_begun);
                count.1 += usize::from(is_done);
                count.2 += 1;
                begun += usize::from(is_begun);
            }
        }
        Places { counts, begun }
    }

    /// How much was done of what a statement of the down undoes. A derived one has the place of what it undoes, a
    /// written one that of the item it stands behind: `known` tells where the next item may begin.
    fn progress(&self, place: &Place, known: &BTreeSet<Key<'_>>) -> Progress {
        let place = key(place);
        if let Some(count) = self.counts.get(&place) {
            return progress(*count);
        }
        let next = known.range((std::ops::Bound::Excluded(place), std::ops::Bound::Unbounded)).next();
        let in_item = self.counts.iter().filter(|(at, _)| **at > place && next.is_none_or(|next| *at < next));
        let sum = in_item.fold((0, 0, 0), |sum, (_, count)| (sum.0 + count.0, sum.1 + count.1, sum.2 + count.2));
        // What belongs nowhere is tried.
        if sum.2 == 0 { Progress::Partial } else { progress(sum) }
    }

    /// The statements that were started at places that are half done.
    fn begun_statements<'s>(&'s self, half: &'s HalfApplied<'_>) -> impl DoubleEndedIterator<Item = &'s Statement> {
        let all: Vec<&Statement> = half.up.statements().take(self.begun).collect();
        all.into_iter().filter(|statement| self.is_partial(statement))
    }

    /// The statements that were not begun, at the same places.
    fn other_statements<'s>(&'s self, half: &HalfApplied<'s>) -> impl Iterator<Item = &'s Statement> {
        half.up.statements().skip(self.begun).filter(|statement| self.is_partial(statement))
    }

    fn is_partial(&self, statement: &Statement) -> bool {
        self.counts.get(&key(&statement.place)).is_some_and(|count| progress(*count) == Progress::Partial)
    }
}

fn progress((begun, done, all): (usize, usize, usize)) -> Progress {
    match begun {
        0 => Progress::Untouched,
        _ if done == all => Progress::Done,
        _ => Progress::Partial,
    }
}

/// The down that follows from the operations, where data is left as it is, and what the begun ones lose.
fn derive(half: &HalfApplied<'_>, origin: &Origin<'_>, places: &Places<'_>) -> (Script, Vec<String>) {
    let Origin { operations, before, oldest_server } = *origin;
    let statements: Vec<&Statement> = half.up.statements().collect();
    let is_irreversible = matches!(half.down, Down::Irreversible { .. });
    let mut catalog = before.clone();
    let mut placed: Vec<Placed> = Vec::new();
    let mut inverses: Vec<Vec<Placed>> = Vec::new();
    let mut loses = Vec::new();
    let mut count = 0;
    for operation in operations {
        let first = count;
        placed.push((operation.clone(), Place::default(), Vec::new()));
        count = lower(before, &placed, oldest_server).statements().count();
        let place = statements.get(first).map(|statement| statement.place.clone()).unwrap_or_default();
        let is_begun = first < places.begun && first < count;
        match operation.invert(&catalog) {
            Inverse::Operations { operations, loses: lost } => {
                inverses.push(operations.into_iter().map(|one| (one, place.clone(), Vec::new())).collect());
                loses.extend(lost.into_iter().filter(|_| is_begun));
            }
            Inverse::NotDerivable { why } => loses.extend((is_begun && is_irreversible).then_some(why)),
        }
        operation.apply(&mut catalog);
    }
    loses.sort();
    loses.dedup();
    let undo: Vec<Placed> = inverses.into_iter().rev().flatten().collect();
    (lower(&catalog, &undo, oldest_server), loses)
}

/// Removes what a statement at a half-done place left that its down does not know of.
fn clean_up(
    statement: &Statement,
    there: &There,
    live: &Leftovers,
    segments: &mut Vec<Segment>,
    ended: &mut Vec<Segment>,
    dropped: &mut BTreeSet<QualifiedName>,
) {
    for (name, left) in &live.indexes {
        if !left.is_owned && makes_index(statement, name, there) && dropped.insert(name.clone()) {
            let place = if left.is_attached { &mut *ended } else { &mut *segments };
            place.push(drop_index(statement, name, left.is_partitioned));
        }
    }
    let Work::Sql(sql) = &statement.work else { return };
    for ((table, name), left) in &live.constraints {
        let adds = format!("ADD CONSTRAINT {} ", quote_identifier(name));
        if statement.lock_on(&table.schema, &table.name).is_none() || !sql.contains(&adds) {
            continue;
        }
        let was_valid = there.constraint(table, name);
        if was_valid.is_none() {
            let place = if left.is_attached { &mut *ended } else { &mut *segments };
            place.push(drop_constraint(statement, table, name));
        } else if !left.is_valid && was_valid == Some(true) {
            let (schema, relation) = (quote_identifier(&table.schema), quote_identifier(&table.name));
            let constraint = quote_identifier(name);
            let validate = format!("ALTER TABLE {schema}.{relation} VALIDATE CONSTRAINT {constraint}");
            ended.push(in_transaction(statement, validate, LockMode::ShareUpdateExclusive, Duration::Scan));
        }
    }
}

/// Whether a statement makes an index that was not there before.
fn makes_index(statement: &Statement, name: &QualifiedName, there: &There) -> bool {
    let is_made = match (&statement.postcondition, &statement.work) {
        (Some(Postcondition::IndexExists { schema, index, .. }), _) => *schema == *name.schema && *index == *name.name,
        (None, Work::Sql(sql)) if sql.starts_with("CREATE ") => {
            let on = format!(" INDEX {} ON ONLY {}.", quote_identifier(&name.name), quote_identifier(&name.schema));
            sql.contains(&on)
        }
        _ => false,
    };
    is_made && !there.has_index(name)
}

/// Removes what a statement that was not begun would have removed: what the one before it leaves.
fn clean_up_what_is_left_to_remove(statement: &Statement, there: &There, live: &Leftovers, ended: &mut Vec<Segment>) {
    let Work::Sql(sql) = &statement.work else { return };
    for (table, name) in live.constraints.keys() {
        let is_new = there.constraint(table, name).is_none();
        let drops = format!("DROP CONSTRAINT IF EXISTS {}", quote_identifier(name));
        if is_new && statement.lock_on(&table.schema, &table.name).is_some() && sql.ends_with(&drops) {
            ended.push(drop_constraint(statement, table, name));
        }
    }
}

/// A statement of the down that stands alone, if what it undoes is there; what must go before it goes first.
fn still_needed(
    statement: &Statement,
    live: &Leftovers,
    dropped: &BTreeSet<QualifiedName>,
    segments: &mut Vec<Segment>,
) -> Option<Statement> {
    match &statement.postcondition {
        Some(Postcondition::IndexAbsent { schema, index }) => {
            let name = QualifiedName::in_schema(schema.as_ref(), index.as_ref());
            let is_there = live.indexes.contains_key(&name) && !dropped.contains(&name);
            is_there.then(|| statement.clone())
        }
        Some(Postcondition::IndexExists { schema, index, .. }) => {
            let name = QualifiedName::in_schema(schema.as_ref(), index.as_ref());
            match live.indexes.get(&name) {
                Some(LeftIndex { is_valid: true, .. }) => return None,
                Some(_) if !dropped.contains(&name) => segments.push(drop_index(statement, &name, false)),
                _ => {}
            }
            Some(statement.clone())
        }
        // Where it is attached is seen when it runs.
        Some(Postcondition::PartitionDetached { .. }) | None => Some(statement.clone()),
    }
}

/// The statement; it does nothing where what it needs is not there, or what it makes is there already.
fn tolerant(statement: &Statement) -> Statement {
    let Work::Sql(sql) = &statement.work else { return statement.clone() };
    let body = format!(
        "BEGIN EXECUTE {}; EXCEPTION WHEN undefined_object OR undefined_table OR undefined_column OR \
         undefined_function OR invalid_schema_name OR duplicate_object OR duplicate_table OR duplicate_column OR \
         duplicate_function OR duplicate_schema OR invalid_table_definition OR object_not_in_prerequisite_state \
         OR wrong_object_type THEN NULL; END",
        quote_literal(sql)
    );
    Statement { work: Work::Sql(format!("DO {}", quote_literal(&body)).into()), ..statement.clone() }
}

fn drop_index(of: &Statement, name: &QualifiedName, is_partitioned: bool) -> Segment {
    let (schema, index) = (quote_identifier(&name.schema), quote_identifier(&name.name));
    if is_partitioned {
        let sql = format!("DROP INDEX IF EXISTS {schema}.{index}");
        return in_transaction(of, sql, LockMode::AccessExclusive, Duration::Constant);
    }
    let statement = Statement {
        locks: of.locks.clone(),
        postcondition: Some(Postcondition::IndexAbsent {
            schema: name.schema.clone().into(),
            index: name.name.clone().into(),
        }),
        place: of.place.clone(),
        ..Statement::of(Work::Sql(format!("DROP INDEX CONCURRENTLY IF EXISTS {schema}.{index}").into()))
    };
    Segment { mode: Mode::Alone, statements: Cow::Owned(vec![statement]) }
}

fn drop_constraint(of: &Statement, table: &QualifiedName, name: &str) -> Segment {
    let (schema, relation) = (quote_identifier(&table.schema), quote_identifier(&table.name));
    let name = quote_identifier(name);
    let sql = format!("ALTER TABLE IF EXISTS {schema}.{relation} DROP CONSTRAINT IF EXISTS {name}");
    in_transaction(of, sql, LockMode::AccessExclusive, Duration::Constant)
}

fn in_transaction(of: &Statement, sql: String, mode: LockMode, duration: Duration) -> Segment {
    let locks: Vec<RelationLock> = of.locks.iter().map(|lock| RelationLock { mode, ..lock.clone() }).collect();
    let statement =
        Statement { locks: locks.into(), duration, place: of.place.clone(), ..Statement::of(Work::Sql(sql.into())) };
    Segment { mode: Mode::Transaction, statements: Cow::Owned(vec![statement]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Table;
    use crate::operation::BackfillRows;

    fn at(line: u32, text: &str) -> Statement {
        let place = Place { file: "migrations/1_a.rs".into(), line, column: 1 };
        let lock = RelationLock { schema: "public".into(), table: "t".into(), mode: LockMode::AccessExclusive };
        Statement { place, locks: vec![lock].into(), ..Statement::of(Work::Sql(text.to_string().into())) }
    }

    fn index(line: u32) -> Statement {
        let exists = Postcondition::IndexExists {
            schema: "public".into(),
            table: "t".into(),
            index: "i".into(),
            looks_up_names: false,
        };
        Statement { postcondition: Some(exists), ..at(line, "CREATE INDEX CONCURRENTLY i ON public.t (a)") }
    }

    fn script(segments: &[&[Statement]]) -> Script {
        let segment = |statements: &&[Statement]| {
            let is_alone = statements.iter().any(|statement| statement.postcondition.is_some());
            let mode = if is_alone { Mode::Alone } else { Mode::Transaction };
            Segment { mode, statements: Cow::Owned(statements.to_vec()) }
        };
        Script { segments: segments.iter().map(segment).collect::<Vec<_>>().into() }
    }

    fn lines(abandoning: &Abandoning) -> Vec<String> {
        let text = |statement: &Statement| match &statement.work {
            Work::Sql(sql) | Work::Run(sql) => sql.to_string(),
            Work::Backfill(backfill) => format!("backfill {}", backfill.table),
        };
        abandoning.script.statements().map(text).collect()
    }

    fn decide(up: &Script, down: Script, (done, is_running): (usize, bool), live: &Leftovers) -> Vec<String> {
        let down = Down::Script { script: down, loses: [].as_slice().into() };
        let half = HalfApplied { up, down: &down, segments_done: done, is_running };
        let origin = Origin { operations: &[], before: &Catalog::default(), oldest_server: 14 };
        lines(&decide_abandon(&half, &origin, &There::default(), live))
    }

    #[test]
    fn what_was_not_begun_is_not_undone() {
        let up = script(&[&[at(1, "up one")], &[at(2, "up two")], &[at(3, "up three")]]);
        let down = script(&[&[at(3, "down three"), at(2, "down two"), at(1, "down one")]]);
        assert_eq!(decide(&up, down, (2, false), &Leftovers::default()), ["down two", "down one", COMPARE]);
    }

    #[test]
    fn what_is_half_done_is_undone_as_far_as_it_goes() {
        let up = script(&[&[at(1, "a")], &[at(2, "b")], &[at(2, "c")]]);
        let down = script(&[&[at(2, "it's"), at(1, "down a")]]);
        let lines = decide(&up, down, (2, false), &Leftovers::default());
        assert!(
            lines[0].starts_with("DO 'BEGIN EXECUTE ''it''''s''; EXCEPTION WHEN undefined_object OR "),
            "{lines:?}"
        );
        assert_eq!(lines[1..], ["down a", COMPARE]);
    }

    #[test]
    fn a_written_down_belongs_to_the_item_before_it() {
        let up = script(&[&[at(12, "a")], &[at(14, "b")], &[at(22, "c")]]);
        let down = script(&[&[at(20, "down c"), at(10, "down a and b")]]);
        assert_eq!(decide(&up, down.clone(), (2, false), &Leftovers::default()), ["down a and b", COMPARE]);
        assert!(decide(&up, down, (1, false), &Leftovers::default())[0].starts_with("DO "));
    }

    #[test]
    fn what_a_half_done_statement_left_is_dropped_first() {
        let up = script(&[
            &[at(1, "ALTER TABLE public.t ADD CONSTRAINT a_not_null CHECK (a IS NOT NULL) NOT VALID")],
            &[index(1)],
            &[at(1, "z")],
        ]);
        let down = script(&[&[at(1, "down")]]);
        let table = QualifiedName::new("t");
        let mut live = Leftovers::default();
        live.indexes.insert(QualifiedName::new("i"), LeftIndex::default());
        live.indexes.insert(QualifiedName::new("other"), LeftIndex::default());
        live.constraints.insert((table.clone(), "a_not_null".into()), LeftConstraint::default());
        live.constraints.insert((table, "another".into()), LeftConstraint::default());
        let lines = decide(&up, down, (1, true), &live);
        assert_eq!(
            lines[..2],
            [
                "DROP INDEX CONCURRENTLY IF EXISTS public.i",
                "ALTER TABLE IF EXISTS public.t DROP CONSTRAINT IF EXISTS a_not_null",
            ]
        );
        assert!(lines[2].starts_with("DO ") && lines.len() == 4, "{lines:?}");
    }

    #[test]
    fn an_index_that_is_attached_goes_after_what_it_is_attached_to() {
        let up = script(&[&[at(1, "CREATE INDEX i_of_all ON ONLY public.all_t (a)")], &[index(1)], &[at(1, "z")]]);
        let down = script(&[&[at(1, "DROP INDEX public.i_of_all")]]);
        let mut live = Leftovers::default();
        live.indexes.insert(QualifiedName::new("i"), LeftIndex { is_attached: true, ..LeftIndex::default() });
        let lines = decide(&up, down, (2, false), &live);
        assert!(lines[0].starts_with("DO "), "{lines:?}");
        assert_eq!(lines[1..], ["DROP INDEX CONCURRENTLY IF EXISTS public.i", COMPARE]);
    }

    #[test]
    fn an_irreversible_one_is_undone_as_its_operations_say_and_says_what_stays() {
        let mut before = Catalog::default();
        before.tables.insert(QualifiedName::new("t"), Table::default().into());
        let backfill: Operation =
            BackfillRows { table: QualifiedName::new("t"), assignments: Vec::new(), condition: None, batch: 10 }.into();
        let up = lower(&before, &[(backfill.clone(), Place::default(), Vec::new())], 14);
        let down = Down::Irreversible { why: "no".into() };
        let half = HalfApplied { up: &up, down: &down, segments_done: 0, is_running: true };
        let origin = Origin { operations: &[backfill], before: &before, oldest_server: 14 };
        let abandoning = decide_abandon(&half, &origin, &There::default(), &Leftovers::default());
        assert_eq!(lines(&abandoning), [COMPARE]);
        assert_eq!(abandoning.loses, ["the old values are not kept"]);
    }
}
