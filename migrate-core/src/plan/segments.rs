use std::borrow::Cow;

use crate::json::ToJson;
use crate::sorted::SortedSet;

use super::{Statement, is_default};

/// How a segment runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// All statements in one transaction.
    #[default]
    Transaction,
    /// One statement, outside any transaction.
    Alone,
}

/// A run of statements that share a transaction, or one statement that must stand alone.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Segment {
    /// How it runs.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mode: Mode,
    /// Its statements; exactly one for [`Mode::Alone`].
    pub statements: Cow<'static, [Statement]>,
}

/// The statements of one direction of a migration.
#[derive(Clone, Debug, Default, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Script {
    /// The segments, in order. Each is recorded when it is done.
    pub segments: Cow<'static, [Segment]>,
}

impl Script {
    /// All statements, in order.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.segments.iter().flat_map(|segment| segment.statements.iter())
    }

    /// Whether all of it is at most one transaction: then it is done or not, and no journal says how far it is.
    pub fn is_one_transaction(&self) -> bool {
        self.segments.len() <= 1 && self.segments.iter().all(|segment| segment.mode == Mode::Transaction)
    }
}

/// A statement with what decides where a segment ends.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) statement: Statement,
    pub(super) mode: Mode,
    /// Must be committed before the next statement that is not of the same kind.
    pub(super) commit_after: bool,
    /// Must not share a transaction with a strong lock on an existing table.
    pub(super) commit_before_if_locked: bool,
    /// Belongs to the next statement, and must share its transaction.
    pub(super) with_next: bool,
    /// Its strong locks may be held together with others, and during a scan.
    pub(super) locks_with_others: bool,
}

/// Cuts statements into segments. A new segment starts
/// * around a statement that cannot be in a transaction;
/// * before a scan (VALIDATE, data) when the segment already holds a strong lock on an existing table, since the lock
///   would be held during the scan;
/// * before a strong lock when the segment already holds a scan: giving up the lock would repeat the scan;
/// * before a strong lock on a second existing table: two in one transaction deadlock with the application;
/// * after a new enum value, which cannot be used before it is committed.
pub fn cut_into_segments(steps: super::Lowering) -> Script {
    let mut segments: Vec<Segment> = Vec::new();
    let mut open: Vec<Statement> = Vec::new();
    let mut locked: SortedSet<(String, String)> = SortedSet::new();
    let mut commit_pending = false;
    let mut scanned = false;

    fn close(segments: &mut Vec<Segment>, open: &mut Vec<Statement>) {
        if !open.is_empty() {
            segments.push(Segment { mode: Mode::Transaction, statements: Cow::Owned(std::mem::take(open)) });
        }
    }

    let steps = steps.into_steps();
    // What the next statement locks counts for one that must be in its transaction.
    let locks_of: Vec<_> = steps
        .iter()
        .enumerate()
        .map(|(index, step)| match steps.get(index + 1) {
            Some(next) if step.with_next => next.statement.locks.clone(),
            _ => step.statement.locks.clone(),
        })
        .collect();
    for (step, locks) in steps.into_iter().zip(locks_of) {
        if step.mode == Mode::Alone {
            close(&mut segments, &mut open);
            locked.clear();
            commit_pending = false;
            scanned = false;
            segments.push(Segment { mode: Mode::Alone, statements: Cow::Owned(vec![step.statement]) });
            continue;
        }
        let strong: SortedSet<(String, String)> = locks
            .iter()
            .filter(|lock| lock.mode.is_strong() && !step.locks_with_others)
            .map(|lock| (lock.schema.to_string(), lock.table.to_string()))
            .collect();
        let locks_another_table = !locked.is_empty() && !strong.is_subset(&locked);
        let scans_under_lock = step.commit_before_if_locked && !locked.is_empty();
        let locks_after_scan = scanned && !strong.is_empty();
        let uses_what_must_be_committed = commit_pending && !step.commit_after;
        if locks_another_table || scans_under_lock || locks_after_scan || uses_what_must_be_committed {
            close(&mut segments, &mut open);
            locked.clear();
            commit_pending = false;
            scanned = false;
        }
        locked.extend(strong);
        scanned |= step.commit_before_if_locked;
        commit_pending |= step.commit_after;
        open.push(step.statement);
    }
    close(&mut segments, &mut open);
    Script { segments: Cow::Owned(segments) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::QualifiedName;
    use crate::plan::{LockMode, Lowering};

    fn table(name: &str) -> QualifiedName {
        QualifiedName::new(name)
    }

    fn segments(plan: Lowering) -> Vec<String> {
        let script = cut_into_segments(plan);
        let text = |segment: &Segment| {
            let statements = segment.statements.iter().map(|statement| match &statement.work {
                crate::plan::Work::Sql(sql) => sql.to_string(),
                other => format!("{other:?}"),
            });
            format!("{:?}: {}", segment.mode, statements.collect::<Vec<_>>().join("; "))
        };
        script.segments.iter().map(text).collect()
    }

    fn strong(plan: &mut Lowering, sql: &str, name: &str) {
        plan.sql(sql).locking(&table(name), LockMode::AccessExclusive);
    }

    #[test]
    fn a_statement_that_must_be_alone_cuts_before_and_after() {
        let mut plan = Lowering::new(15);
        strong(&mut plan, "a", "t");
        plan.sql("b").locking(&table("t"), LockMode::ShareUpdateExclusive).alone();
        plan.sql("c").locking(&table("t"), LockMode::ShareUpdateExclusive).alone();
        strong(&mut plan, "d", "t");
        assert_eq!(segments(plan), ["Transaction: a", "Alone: b", "Alone: c", "Transaction: d"]);
    }

    #[test]
    fn a_scan_shares_no_transaction_with_a_strong_lock_before_or_after_it() {
        let mut plan = Lowering::new(15);
        strong(&mut plan, "add", "t");
        plan.sql("validate").locking(&table("t"), LockMode::ShareUpdateExclusive).apart_from_locks();
        strong(&mut plan, "set", "t");
        strong(&mut plan, "drop", "t");
        assert_eq!(segments(plan), ["Transaction: add", "Transaction: validate", "Transaction: set; drop"]);
    }

    #[test]
    fn two_live_tables_are_locked_in_two_transactions() {
        let mut plan = Lowering::new(15);
        strong(&mut plan, "a", "t");
        strong(&mut plan, "b", "t");
        strong(&mut plan, "c", "u");
        assert_eq!(segments(plan), ["Transaction: a; b", "Transaction: c"]);
    }

    #[test]
    fn a_statement_that_prepares_the_next_is_in_its_transaction() {
        let mut plan = Lowering::new(15);
        strong(&mut plan, "a", "t");
        plan.sql("prepare").with_next();
        strong(&mut plan, "b", "u");
        assert_eq!(segments(plan), ["Transaction: a", "Transaction: prepare; b"]);
    }

    #[test]
    fn one_statement_may_lock_two_tables_and_what_follows_on_either_stays_with_it() {
        let mut plan = Lowering::new(15);
        plan.sql("a").locking(&table("t"), LockMode::AccessExclusive).locking(&table("u"), LockMode::AccessExclusive);
        strong(&mut plan, "b", "u");
        assert_eq!(segments(plan), ["Transaction: a; b"]);
    }

    #[test]
    fn a_new_enum_value_is_committed_before_it_is_used() {
        let mut plan = Lowering::new(15);
        plan.sql("add x").committed_before_use();
        plan.sql("add y").committed_before_use();
        plan.sql("use x");
        assert_eq!(segments(plan), ["Transaction: add x; add y", "Transaction: use x"]);
    }

    #[test]
    fn new_tables_are_made_and_filled_in_one_transaction() {
        let mut plan = Lowering::new(15);
        plan.note_new_table(&table("t"));
        plan.note_new_table(&table("u"));
        for name in ["t", "u"] {
            strong(&mut plan, name, name);
        }
        plan.sql("insert").locking(&table("t"), LockMode::RowExclusive);
        assert_eq!(segments(plan), ["Transaction: t; u; insert"]);
    }

    #[test]
    fn weak_locks_do_not_cut() {
        let mut plan = Lowering::new(15);
        plan.sql("comment on t").locking(&table("t"), LockMode::ShareUpdateExclusive);
        plan.sql("comment on u").locking(&table("u"), LockMode::ShareUpdateExclusive);
        strong(&mut plan, "a", "t");
        assert_eq!(segments(plan), ["Transaction: comment on t; comment on u; a"]);
    }
}
