//! What a statement reads from, and the columns that it sets.

use super::{
    Assignment, Body, ConflictAction, InsertSource, MergeAction, Name, Query, Source, SourceKind, Statement,
    TargetTable,
};

impl Statement {
    /// What it reads beside the table that it changes, to change it.
    pub(super) fn sources_mut(&mut self) -> Vec<&mut Source> {
        match self {
            Statement::Query(_) | Statement::Insert(_) => Vec::new(),
            Statement::Update(update) => update.from.iter_mut().collect(),
            Statement::Delete(delete) => delete.using.iter_mut().collect(),
            Statement::Merge(merge) => vec![&mut merge.source],
        }
    }

    /// The columns that it names as those that are set.
    pub(super) fn assigned_mut(&mut self) -> Vec<&mut Name> {
        match self {
            Statement::Query(_) | Statement::Delete(_) => Vec::new(),
            Statement::Insert(insert) => {
                let mut columns: Vec<&mut Name> = insert.columns.iter_mut().map(|target| &mut target.column).collect();
                if let Some(ConflictAction::Update { assignments, .. }) =
                    insert.on_conflict.as_mut().map(|conflict| &mut conflict.action)
                {
                    columns.extend(assigned_by_mut(assignments));
                }
                columns
            }
            Statement::Update(update) => assigned_by_mut(&mut update.assignments),
            Statement::Merge(merge) => {
                let mut columns = Vec::new();
                for branch in &mut merge.branches {
                    match &mut branch.action {
                        MergeAction::Nothing | MergeAction::Delete => {}
                        MergeAction::Update(assignments) => columns.extend(assigned_by_mut(assignments)),
                        MergeAction::Insert { columns: named, .. } => {
                            columns.extend(named.iter_mut().map(|target| &mut target.column));
                        }
                    }
                }
                columns
            }
        }
    }

    /// The table that is changed; a query has none.
    pub fn target(&self) -> Option<&TargetTable> {
        match self {
            Statement::Query(_) => None,
            Statement::Insert(insert) => Some(&insert.table),
            Statement::Update(update) => Some(&update.table),
            Statement::Delete(delete) => Some(&delete.table),
            Statement::Merge(merge) => Some(&merge.table),
        }
    }

    /// What it reads beside the table that it changes.
    pub(super) fn sources(&self) -> Vec<&Source> {
        match self {
            Statement::Query(_) | Statement::Insert(_) => Vec::new(),
            Statement::Update(update) => update.from.iter().collect(),
            Statement::Delete(delete) => delete.using.iter().collect(),
            Statement::Merge(merge) => vec![&merge.source],
        }
    }

    /// The columns that are set; `None` where none are named, and so all are.
    pub(super) fn assigned(&self) -> Option<Vec<&Name>> {
        match self {
            Statement::Query(_) | Statement::Delete(_) => Some(Vec::new()),
            Statement::Insert(insert) if insert.columns.is_empty() => match insert.source {
                InsertSource::DefaultValues => Some(Vec::new()),
                InsertSource::Query(_) => None,
            },
            Statement::Insert(insert) => {
                let mut columns: Vec<&Name> = insert.columns.iter().map(|target| &target.column).collect();
                let action = insert.on_conflict.as_ref().map(|conflict| &conflict.action);
                if let Some(ConflictAction::Update { assignments, .. }) = action {
                    columns.extend(assigned_by(assignments));
                }
                Some(columns)
            }
            Statement::Update(update) => Some(assigned_by(&update.assignments)),
            Statement::Merge(merge) => {
                let mut columns = Vec::new();
                for branch in &merge.branches {
                    match &branch.action {
                        MergeAction::Nothing | MergeAction::Delete => {}
                        MergeAction::Update(assignments) => columns.extend(assigned_by(assignments)),
                        MergeAction::Insert { columns: named, .. } if named.is_empty() => return None,
                        MergeAction::Insert { columns: named, .. } => {
                            columns.extend(named.iter().map(|target| &target.column))
                        }
                    }
                }
                Some(columns)
            }
        }
    }
}

impl Query {
    /// Calls `see` for each source of the query itself, joins and what is joined.
    pub fn each_source<'q>(&'q self, see: &mut dyn FnMut(&'q Source)) {
        if let Body::Select(select) = &self.body {
            each_source_in(select.from.iter().collect(), see);
        }
    }

    /// [`Query::each_source`], to change them.
    pub(super) fn each_source_mut(&mut self, change: &mut dyn FnMut(&mut Source)) {
        if let Body::Select(select) = &mut self.body {
            each_source_of(select.from.iter_mut().collect(), change);
        }
    }
}

fn assigned_by(assignments: &[Assignment]) -> Vec<&Name> {
    assignments.iter().flat_map(Assignment::targets).map(|target| &target.column).collect()
}

fn assigned_by_mut(assignments: &mut [Assignment]) -> Vec<&mut Name> {
    let targets = assignments.iter_mut().flat_map(|assignment| match assignment {
        Assignment::One { target, .. } => std::slice::from_mut(target),
        Assignment::Several { targets, .. } => targets.as_mut_slice(),
    });
    targets.map(|target| &mut target.column).collect()
}

/// Calls `change` for each of the sources, joins and what is joined.
pub(super) fn each_source_of(mut waiting: Vec<&mut Source>, change: &mut dyn FnMut(&mut Source)) {
    while let Some(source) = waiting.pop() {
        change(source);
        if let SourceKind::Join(join) = &mut source.kind {
            let join = join.as_mut();
            waiting.extend([&mut join.left, &mut join.right]);
        }
    }
}

/// Calls `see` for each of the sources, joins and what is joined.
pub(super) fn each_source_in<'q>(mut waiting: Vec<&'q Source>, see: &mut dyn FnMut(&'q Source)) {
    while let Some(source) = waiting.pop() {
        see(source);
        if let SourceKind::Join(join) = &source.kind {
            waiting.extend([&join.left, &join.right]);
        }
    }
}
