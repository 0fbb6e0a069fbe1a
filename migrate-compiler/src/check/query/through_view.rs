//! Views that a statement changes rows through, while the migration runs.

use migrate_core::catalog::Updatable;
use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Kind, ObjectId, RuleEvent, View};
use migrate_core::query::{Assignment, Body, InsertSource, MergeAction, Statement, Target, full_name};
use migrate_core::token::At;

use super::QueryCheck;
use crate::diagnostic::{Diagnostic, code};

/// What a statement does through a view, in words.
struct Change {
    event: RuleEvent,
    verb: &'static str,
    /// The columns that it sets, with where they are named.
    columns: Vec<(String, At)>,
}

impl QueryCheck<'_, '_> {
    /// Rows are changed through a view if PostgreSQL can do that by itself, or a trigger or rule says how.
    pub(super) fn through_view(&mut self, statement: &Statement) {
        let Some(target) = statement.target().filter(|_| self.is_run && !self.failed) else { return };
        let relation = full_name(&target.name);
        let Some(view) = self.view(&relation) else { return };
        let all: Vec<String> = view.columns.iter().map(|column| column.name.clone()).collect();
        let at = target.name.at();
        if matches!(statement, Statement::Merge(_)) {
            self.checker.needs_postgres(17, "`merge` into a view", at);
        }
        for change in changes(statement, &all, at) {
            if !self.reaches_table(&relation, &change, at) {
                return;
            }
        }
    }

    fn view(&self, relation: &QualifiedName) -> Option<&View> {
        match &self.checker.catalog().object(&ObjectId::new(Kind::View, relation.clone()))?.definition {
            Definition::View(view) => Some(view),
            _ => None,
        }
    }

    fn reaches_table(&mut self, relation: &QualifiedName, change: &Change, at: At) -> bool {
        let mut name = relation.clone();
        // Each column that is set, with what it is called in the view that is looked at.
        let mut columns = change.columns.clone();
        let verb = change.verb;
        loop {
            let Some(view) = self.view(&name) else { return true };
            let catalog = self.checker.catalog();
            if catalog.is_replaced_event(&name, change.event) {
                return true;
            }
            let Updatable { relation: behind, columns: below } = match catalog.updatable(view) {
                Ok(updatable) => updatable,
                Err(why) => {
                    let message = format!("cannot {verb} view `{name}`, because its query has {why}");
                    self.fail(Diagnostic::new(code::INVALID_QUERY, message, at).help(format!(
                        "change the rows of its tables, or create an `instead of {}` trigger on it",
                        change.event.word()
                    )));
                    return false;
                }
            };
            let positions = view.columns.iter().zip(below);
            let positions: Vec<(String, Option<String>)> =
                positions.map(|(column, below)| (column.name.clone(), below)).collect();
            for (called, place) in &mut columns {
                match positions.iter().find(|(column, _)| column == called) {
                    Some((_, Some(below))) => *called = below.clone(),
                    Some((_, None)) => {
                        let message =
                            format!("cannot {verb} column `{called}` of view `{name}`, because it is computed");
                        let help = format!("set columns that the view takes from `{behind}` as they are");
                        let mistake = Diagnostic::new(code::INVALID_QUERY, message, *place).help(help);
                        self.fail(mistake);
                        return false;
                    }
                    None => return true,
                }
            }
            name = behind;
        }
    }
}

/// What a statement does with the rows of the view with these columns; a `merge` may do several things.
fn changes(statement: &Statement, all: &[String], at: At) -> Vec<Change> {
    let insert = |targets: &[Target], count: usize| {
        let named: Vec<(String, At)> =
            targets.iter().map(|target| (target.column.value.clone(), target.column.at)).collect();
        let columns = match named.is_empty() {
            true => all.iter().take(count).map(|column| (column.clone(), at)).collect(),
            false => named,
        };
        Change { event: RuleEvent::Insert, verb: "insert into", columns }
    };
    let update = |assignments| Change { event: RuleEvent::Update, verb: "update", columns: set(assignments) };
    let delete = || Change { event: RuleEvent::Delete, verb: "delete from", columns: Vec::new() };
    match statement {
        Statement::Query(_) => Vec::new(),
        Statement::Insert(one) => vec![insert(&one.columns, width(&one.source))],
        Statement::Update(one) => vec![update(&one.assignments)],
        Statement::Delete(_) => vec![delete()],
        Statement::Merge(merge) => {
            let branches = merge.branches.iter().filter_map(|branch| match &branch.action {
                MergeAction::Nothing => None,
                MergeAction::Delete => Some(delete()),
                MergeAction::Update(assignments) => Some(update(assignments)),
                MergeAction::Insert { columns, values, .. } => Some(insert(columns, values.len())),
            });
            branches.collect()
        }
    }
}

/// How many values each inserted row has.
fn width(source: &InsertSource) -> usize {
    match source {
        InsertSource::DefaultValues => 0,
        InsertSource::Query(query) => match &query.body {
            Body::Select(select) => select.items.len(),
            Body::Values(rows) => rows.first().map_or(0, Vec::len),
            Body::Table(_) | Body::Set(_) => usize::MAX,
        },
    }
}

fn set(assignments: &[Assignment]) -> Vec<(String, At)> {
    let targets = assignments.iter().flat_map(Assignment::targets);
    targets.map(|target| (target.column.value.clone(), target.column.at)).collect()
}
