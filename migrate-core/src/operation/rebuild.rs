//! What a change of a column's type takes down and makes again, in one transaction, while the table is locked and rewritten
//! anyway: what PostgreSQL would keep with literals and operators of the old type, and generated columns, whose source it
//! does not change.

use super::{
    AddColumn, AddConstraint, CommentTarget, CreateIndex, DropColumn, DropConstraint, DropIndex, Operation, access,
    comments, ddl,
};
use crate::catalog::{AccessTarget, Catalog, Column, Constraint, ConstraintKind, Index, IndexKey, Table};
use crate::expression::Expression;
use crate::name::QualifiedName;
use crate::plan::{Duration, LockMode, Lowering};
use crate::sorted::SortedSet;

/// The generated columns that are made anew when the type of this column changes: itself, and those that read it.
pub(super) fn generated_anew<'t>(table: &'t Table, column: &str) -> Vec<&'t Column> {
    let is_concerned = |other: &&Column| {
        let generated = other.generated.as_ref();
        generated
            .is_some_and(|generated| other.name == column || table.columns_read(&generated.expression).contains(column))
    };
    table.columns.iter().filter(is_concerned).collect()
}

/// Notes that generated columns were made anew: they are last.
pub(super) fn apply(table: &mut Table, column: &str) {
    let moved: Vec<Column> = generated_anew(table, column).into_iter().cloned().collect();
    table.columns.retain(|column| moved.iter().all(|other| other.name != column.name));
    table.columns.extend(moved);
}

/// What is taken down in a table.
pub(super) struct Rebuilt<'c> {
    table: &'c QualifiedName,
    generated: Vec<&'c Column>,
    constraints: Vec<(&'c str, &'c Constraint)>,
    indexes: Vec<(&'c str, &'c Index)>,
}

impl<'c> Rebuilt<'c> {
    /// What there is. `by_meaning`: whether literals and operators beside the column may mean something else afterwards.
    pub(super) fn of(table: &'c QualifiedName, definition: &'c Table, column: &str, by_meaning: bool) -> Self {
        let generated = generated_anew(definition, column);
        let is_over = |names: SortedSet<String>| generated.iter().any(|column| names.contains(&column.name));
        let by_meaning = |expression: &Expression| by_meaning && definition.columns_read(expression).contains(column);
        // A key that is the bare column means its new type.
        let by_meaning_unless_bare = |expression: &Expression| expression.as_name().is_none() && by_meaning(expression);
        let constraints = definition.constraints.iter().filter(|(_, constraint)| {
            let means = constraint.kind.expressions().into_iter().any(by_meaning_unless_bare);
            means || is_over(definition.columns_of_constraint(&constraint.kind))
        });
        let of_expression = |key: &IndexKey| key.column().is_none() && by_meaning(&key.expression);
        let indexes = definition.indexes.iter().filter(|(_, index)| {
            index.keys.iter().any(of_expression)
                || index.predicate.as_ref().is_some_and(by_meaning)
                || is_over(definition.columns_of_index(index))
        });
        Rebuilt {
            table,
            constraints: constraints.map(|(name, constraint)| (name.as_str(), constraint)).collect(),
            indexes: indexes.map(|(name, index)| (name.as_str(), index)).collect(),
            generated,
        }
    }

    /// Takes it down.
    pub(super) fn lower_before(&self, plan: &mut Lowering) {
        for (name, constraint) in &self.constraints {
            let added = plan.sql(ddl::drop_constraint(self.table, name)).locking(self.table, LockMode::AccessExclusive);
            if let ConstraintKind::ForeignKey(key) = &constraint.kind
                && key.table != *self.table
            {
                added.locking(&key.table, LockMode::AccessExclusive);
            }
        }
        for (name, _) in &self.indexes {
            plan.sql(ddl::drop_index(self.table, name, false)).locking(self.table, LockMode::AccessExclusive);
        }
        for column in &self.generated {
            plan.sql(ddl::alter_table(self.table).keyword("DROP COLUMN").identifier(&column.name).finish())
                .locking(self.table, LockMode::AccessExclusive);
        }
    }

    /// Makes it again, as it is in the catalog after the change.
    pub(super) fn lower_after(&self, after: &Catalog, plan: &mut Lowering) {
        let Some(definition) = after.table(self.table) else { return };
        for column in self.generated.iter().filter_map(|column| definition.column(&column.name)) {
            let sql =
                ddl::column_definition(ddl::alter_table(self.table).keyword("ADD COLUMN"), self.table, column).finish();
            plan.sql(sql).locking(self.table, LockMode::AccessExclusive).taking(Duration::Rewrite);
            let target = CommentTarget::Column(self.table.clone(), column.name.clone());
            comments::lower_comment_if_any(&target, column.comment.as_deref(), plan);
            let target = AccessTarget::Column(self.table.clone(), column.name.clone());
            access::lower_new_grants(&target, &column.grants, plan);
        }
        for (name, index) in self.indexes.iter().filter_map(|(name, _)| definition.indexes.get_key_value(*name)) {
            plan.sql(ddl::create_index(self.table, name, index, false))
                .locking(self.table, LockMode::Share)
                .taking(Duration::IndexBuild);
            let target = CommentTarget::Index(self.table.clone(), name.clone());
            comments::lower_comment_if_any(&target, index.comment.as_deref(), plan);
        }
        for (name, constraint) in
            self.constraints.iter().filter_map(|(name, _)| definition.constraints.get_key_value(*name))
        {
            plan.sql(ddl::add_constraint(self.table, name, constraint).finish())
                .locking(self.table, LockMode::AccessExclusive)
                .taking(Duration::Scan);
            let target = CommentTarget::Constraint(self.table.clone(), name.clone());
            comments::lower_comment_if_any(&target, constraint.comment.as_deref(), plan);
        }
    }
}

/// What makes generated columns, constraints and indexes of a table what they were, where they are not.
pub(super) fn restore(table: &QualifiedName, was: &Table, is: &Table) -> Vec<Operation> {
    let mut operations: Vec<Operation> = Vec::new();
    let is_other = |column: &&Column| {
        column.generated.is_some() && is.column(&column.name).is_some_and(|now| now.generated != column.generated)
    };
    let columns: Vec<&Column> = was.columns.iter().filter(is_other).collect();
    let is_over = |names: SortedSet<String>| columns.iter().any(|column| names.contains(&column.name));
    let constraints: Vec<(&String, &Constraint)> = was
        .constraints
        .iter()
        .filter(|(name, constraint)| {
            is.constraints.get(*name) != Some(constraint) || is_over(was.columns_of_constraint(&constraint.kind))
        })
        .collect();
    let indexes: Vec<(&String, &Index)> = was
        .indexes
        .iter()
        .filter(|(name, index)| is.indexes.get(*name) != Some(index) || is_over(was.columns_of_index(index)))
        .collect();
    let owner = || table.clone();
    operations
        .extend(constraints.iter().map(|(name, _)| DropConstraint { table: owner(), name: (*name).clone() }.into()));
    operations.extend(indexes.iter().map(|(name, _)| DropIndex { table: owner(), name: (*name).clone() }.into()));
    operations.extend(columns.iter().map(|column| DropColumn { table: owner(), column: column.name.clone() }.into()));
    operations.extend(columns.iter().map(|column| AddColumn { table: owner(), column: (*column).clone() }.into()));
    for (name, index) in indexes {
        operations.push(CreateIndex { table: owner(), name: name.clone(), index: index.clone() }.into());
    }
    for (name, constraint) in constraints {
        let (name, constraint) = (name.clone(), constraint.clone());
        operations.push(AddConstraint { table: owner(), name, constraint }.into());
    }
    operations
}
