//! Writing `INSERT`, `UPDATE`, `DELETE` and `MERGE`.

use crate::expression::{Level, Output};
use crate::query::{
    Assignment, ConflictAction, ConflictTarget, Delete, Insert, InsertSource, Merge, MergeAction, MergeBranch,
    MergeMatch, OnConflict, Overriding, PathStep, Returning, Target, TargetTable, Update,
};

impl Output<'_> {
    fn target_table(&mut self, table: &TargetTable) {
        self.push(if table.is_only { "ONLY " } else { "" });
        self.object_name(&table.name);
        if let Some(alias) = &table.alias {
            self.push(" AS ");
            self.name(alias);
        }
    }

    fn target(&mut self, target: &Target) {
        self.name(&target.column);
        for step in &target.path {
            match step {
                PathStep::Field(name) => {
                    self.push(".");
                    self.name(name);
                }
                PathStep::Subscript(subscript) => self.subscript(subscript),
            }
        }
    }

    /// ` (a, b)`, unless there are none.
    fn targets(&mut self, targets: &[Target]) {
        if !targets.is_empty() {
            self.push(" (");
            self.list(targets, Self::target);
            self.push(")");
        }
    }

    fn overriding(&mut self, overriding: Option<Overriding>) {
        self.push(match overriding {
            None => "",
            Some(Overriding::System) => " OVERRIDING SYSTEM VALUE",
            Some(Overriding::User) => " OVERRIDING USER VALUE",
        });
    }

    pub(super) fn insert(&mut self, insert: &Insert) {
        self.with(insert.with.as_ref());
        self.push("INSERT INTO ");
        self.target_table(&insert.table);
        self.targets(&insert.columns);
        self.overriding(insert.overriding);
        match &insert.source {
            InsertSource::DefaultValues => self.push(" DEFAULT VALUES"),
            InsertSource::Query(query) => {
                self.push(" ");
                self.query(query);
            }
        }
        if let Some(on_conflict) = &insert.on_conflict {
            self.on_conflict(on_conflict);
        }
        self.returning(insert.returning.as_ref());
    }

    fn on_conflict(&mut self, on_conflict: &OnConflict) {
        self.push(" ON CONFLICT");
        match &on_conflict.target {
            None => {}
            Some(ConflictTarget::Constraint(name)) => {
                self.push(" ON CONSTRAINT ");
                self.name(name);
            }
            Some(ConflictTarget::Index { elements, filter }) => {
                self.push(" (");
                self.list(elements, |output, element| {
                    if element.value.is_index_element() {
                        output.expression(&element.value);
                    } else {
                        output.parenthesized(&element.value);
                    }
                    if !element.collation.is_empty() {
                        output.push(" COLLATE ");
                        output.dotted(&element.collation);
                    }
                    if let Some(class) = &element.operator_class {
                        output.push(" ");
                        output.object_name(class);
                    }
                });
                self.push(")");
                self.filter(filter.as_deref());
            }
        }
        match &on_conflict.action {
            ConflictAction::Nothing => self.push(" DO NOTHING"),
            ConflictAction::Update { assignments, filter } => {
                self.push(" DO UPDATE SET ");
                self.list(assignments, Self::assignment);
                self.filter(filter.as_deref());
            }
        }
    }

    fn assignment(&mut self, assignment: &Assignment) {
        match assignment {
            Assignment::One { target, value } => {
                self.target(target);
                self.keyword_argument(" = ", Some(value));
            }
            Assignment::Several { targets, value } => {
                self.push("(");
                self.list(targets, Self::target);
                self.push(")");
                self.keyword_argument(" = ", Some(value));
            }
        }
    }

    fn returning(&mut self, returning: Option<&Returning>) {
        let Some(returning) = returning else { return };
        self.push(" RETURNING ");
        match (&returning.old, &returning.new) {
            (None, None) => {}
            (old, new) => {
                self.push("WITH (");
                if let Some(old) = old {
                    self.push("OLD AS ");
                    self.name(old);
                }
                self.push(if old.is_some() && new.is_some() { ", " } else { "" });
                if let Some(new) = new {
                    self.push("NEW AS ");
                    self.name(new);
                }
                self.push(") ");
            }
        }
        self.items(&returning.items);
    }

    pub(super) fn update(&mut self, update: &Update) {
        self.with(update.with.as_ref());
        self.push("UPDATE ");
        self.target_table(&update.table);
        self.push(" SET ");
        self.list(&update.assignments, Self::assignment);
        if !update.from.is_empty() {
            self.push(" FROM ");
            self.list(&update.from, Self::source);
        }
        self.filter(update.filter.as_ref());
        self.returning(update.returning.as_ref());
    }

    pub(super) fn delete(&mut self, delete: &Delete) {
        self.with(delete.with.as_ref());
        self.push("DELETE FROM ");
        self.target_table(&delete.table);
        if !delete.using.is_empty() {
            self.push(" USING ");
            self.list(&delete.using, Self::source);
        }
        self.filter(delete.filter.as_ref());
        self.returning(delete.returning.as_ref());
    }

    pub(super) fn merge(&mut self, merge: &Merge) {
        self.with(merge.with.as_ref());
        self.push("MERGE INTO ");
        self.target_table(&merge.table);
        self.push(" USING ");
        self.source(&merge.source);
        self.keyword_argument(" ON ", Some(&merge.condition));
        for branch in &merge.branches {
            self.merge_branch(branch);
        }
        self.returning(merge.returning.as_ref());
    }

    fn merge_branch(&mut self, branch: &MergeBranch) {
        self.push(match branch.matched {
            MergeMatch::Both => " WHEN MATCHED",
            MergeMatch::TargetOnly => " WHEN NOT MATCHED BY SOURCE",
            MergeMatch::SourceOnly => " WHEN NOT MATCHED",
        });
        self.keyword_argument(" AND ", branch.condition.as_ref());
        self.push(" THEN ");
        match &branch.action {
            MergeAction::Nothing => self.push("DO NOTHING"),
            MergeAction::Delete => self.push("DELETE"),
            MergeAction::Update(assignments) => {
                self.push("UPDATE SET ");
                self.list(assignments, Self::assignment);
            }
            MergeAction::Insert { columns, overriding, values } => {
                self.push("INSERT");
                self.targets(columns);
                self.overriding(*overriding);
                if values.is_empty() {
                    self.push(" DEFAULT VALUES");
                } else {
                    self.push(" VALUES (");
                    self.separated(", ", Level::Or, values);
                    self.push(")");
                }
            }
        }
    }
}
