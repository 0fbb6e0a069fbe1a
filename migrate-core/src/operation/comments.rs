//! `COMMENT ON`, as an operation of its own and beside what makes the commented object.

use super::CommentTarget;
use crate::catalog::{Catalog, Table};
use crate::name::QualifiedName;
use crate::object::{Definition, ObjectId};
use crate::plan::{LockMode, Lowering};
use crate::sql::Writer;

/// Adds the statement; `None` drops the comment.
pub(crate) fn lower_comment(target: &CommentTarget, comment: Option<&str>, plan: &mut Lowering) {
    let (sql, lock) = statement(target, comment);
    let added = plan.sql(sql);
    if let Some((table, mode)) = lock {
        added.locking(table, mode);
    }
}

/// The statement, and the lock that it takes.
fn statement<'t>(target: &'t CommentTarget, comment: Option<&str>) -> (String, Option<(&'t QualifiedName, LockMode)>) {
    let writer = Writer::new().keyword("COMMENT ON");
    let (writer, lock) = match target {
        CommentTarget::Table(table) => {
            (writer.keyword("TABLE").name(table), Some((table, LockMode::ShareUpdateExclusive)))
        }
        CommentTarget::Column(table, column) => (
            writer.keyword("COLUMN").name(table).dot().identifier(column),
            Some((table, LockMode::ShareUpdateExclusive)),
        ),
        CommentTarget::Enum(name) => (writer.keyword("TYPE").name(name), None),
        CommentTarget::DomainConstraint(domain, name) => {
            (writer.keyword("CONSTRAINT").identifier(name).keyword("ON DOMAIN").name(domain), None)
        }
        CommentTarget::Extension(name) => (writer.keyword("EXTENSION").identifier(name), None),
        CommentTarget::Constraint(table, name) => (
            writer.keyword("CONSTRAINT").identifier(name).keyword("ON").name(table),
            Some((table, LockMode::AccessShare)),
        ),
        CommentTarget::Object(id) => (
            id.write(writer.keyword(id.kind.keywords())),
            id.materialized_view().map(|view| (view, LockMode::ShareUpdateExclusive)),
        ),
        // COMMENT ON INDEX locks the index only.
        CommentTarget::Index(table, name) => (writer.keyword("INDEX").name(&table.sibling(name)), None),
    };
    let writer = writer.keyword("IS");
    let writer = match comment {
        Some(comment) => writer.literal(comment),
        None => writer.keyword("NULL"),
    };
    (writer.finish(), lock)
}

/// Every comment of a catalog: what it says, and the statement that sets it.
pub(crate) fn comment_statements(catalog: &Catalog) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut add = |target: CommentTarget, comment: &Option<String>| {
        if let Some(text) = comment {
            found.push((text.clone(), statement(&target, Some(text)).0));
        }
    };
    for (name, table) in &catalog.tables {
        add(CommentTarget::Table(name.clone()), &table.comment);
        for column in &table.columns {
            add(CommentTarget::Column(name.clone(), column.name.clone()), &column.comment);
        }
        for (own, constraint) in &table.constraints {
            add(CommentTarget::Constraint(name.clone(), own.clone()), &constraint.comment);
        }
        for (own, index) in &table.indexes {
            add(CommentTarget::Index(name.clone(), own.clone()), &index.comment);
        }
    }
    for (name, one) in &catalog.enums {
        add(CommentTarget::Enum(name.clone()), &one.comment);
    }
    for (name, one) in &catalog.extensions {
        add(CommentTarget::Extension(name.clone()), &one.comment);
    }
    for (id, object) in &catalog.objects {
        add(CommentTarget::Object(id.clone()), &object.comment);
        for (column, comment) in &object.column_comments {
            add(CommentTarget::Column(id.name.clone(), column.clone()), &Some(comment.clone()));
        }
        if let Definition::Domain(domain) = &object.definition {
            for (own, comment) in &domain.comments {
                add(CommentTarget::DomainConstraint(id.name.clone(), own.clone()), &Some(comment.clone()));
            }
        }
        if let Definition::MaterializedView(view) = &object.definition {
            for (own, index) in &view.indexes {
                add(CommentTarget::Index(id.name.clone(), own.clone()), &index.comment);
            }
        }
    }
    found
}

/// Adds the statement for a column or an attribute of an object that is not a table.
pub(super) fn lower_column_of_object(id: &ObjectId, column: &str, comment: Option<&str>, plan: &mut Lowering) {
    let added = plan.sql(statement(&CommentTarget::Column(id.name.clone(), column.to_owned()), comment).0);
    if let Some(view) = id.materialized_view() {
        added.locking_view(view, LockMode::ShareUpdateExclusive);
    }
}

/// Adds the statement if there is a comment.
pub(super) fn lower_comment_if_any(target: &CommentTarget, comment: Option<&str>, plan: &mut Lowering) {
    if comment.is_some() {
        lower_comment(target, comment, plan);
    }
}

/// Adds the statements for everything of a new table that has a comment.
pub(super) fn lower_table_comments(name: &QualifiedName, table: &Table, plan: &mut Lowering) {
    lower_comment_if_any(&CommentTarget::Table(name.clone()), table.comment.as_deref(), plan);
    for column in &table.columns {
        let target = CommentTarget::Column(name.clone(), column.name.clone());
        lower_comment_if_any(&target, column.comment.as_deref(), plan);
    }
    for (constraint_name, constraint) in &table.constraints {
        let target = CommentTarget::Constraint(name.clone(), constraint_name.clone());
        lower_comment_if_any(&target, constraint.comment.as_deref(), plan);
    }
    for (index_name, index) in &table.indexes {
        let target = CommentTarget::Index(name.clone(), index_name.clone());
        lower_comment_if_any(&target, index.comment.as_deref(), plan);
    }
}
