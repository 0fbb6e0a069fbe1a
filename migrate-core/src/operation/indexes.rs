//! Building and dropping the indexes of live tables without stopping their traffic.

use std::borrow::Cow;

use super::{CommentTarget, comments, ddl, settings};
use crate::catalog::{Catalog, Index};
use crate::name::QualifiedName;
use crate::plan::{Duration, LockMode, Lowering, Postcondition};
use crate::sorted::SortedMap;

/// Adds `CREATE INDEX`: plain on a table that was made in this migration, else CONCURRENTLY and by itself.
pub(super) fn lower_create(table: &QualifiedName, name: &str, index: &Index, plan: &mut Lowering) {
    if plan.is_new(table) {
        plan.sql(ddl::create_index(table, name, index, false));
        lower_statistics(table, name, index, plan);
        return;
    }
    plan.sql(ddl::create_index(table, name, index, true))
        .locking(table, LockMode::ShareUpdateExclusive)
        .alone()
        .taking(Duration::IndexBuild)
        .ensuring(Postcondition::IndexExists {
            schema: Cow::Owned(table.schema.clone()),
            table: Cow::Owned(table.name.clone()),
            index: Cow::Owned(name.to_owned()),
            looks_up_names: index.may_follow_search_path(),
        });
    lower_statistics(table, name, index, plan);
}

/// Adds the statistics targets of the keys of a new index.
pub(super) fn lower_statistics(table: &QualifiedName, name: &str, index: &Index, plan: &mut Lowering) {
    if !index.statistics.is_empty() {
        settings::lower_statistics(&table.sibling(name), &SortedMap::new(), &index.statistics, plan);
    }
}

/// Adds `DROP INDEX`: plain on a table that was made in this migration and on a partitioned one, of which PostgreSQL drops no
/// index CONCURRENTLY; else so, and by itself.
pub(super) fn lower_drop(table: &QualifiedName, name: &str, before: &Catalog, plan: &mut Lowering) {
    let is_partitioned = before.table(table).is_some_and(|table| table.partitioning.is_some());
    if is_partitioned || plan.is_new(table) {
        plan.sql(ddl::drop_index(table, name, false)).locking(table, LockMode::AccessExclusive);
        return;
    }
    plan.sql(ddl::drop_index(table, name, true)).locking(table, LockMode::ShareUpdateExclusive).alone().ensuring(
        Postcondition::IndexAbsent { schema: Cow::Owned(table.schema.clone()), index: Cow::Owned(name.to_owned()) },
    );
}

/// Adds what makes an index, with its comment, of something that was made in this migration.
pub(crate) fn lower_index_of_new(relation: &QualifiedName, name: &str, index: &Index, plan: &mut Lowering) {
    plan.sql(ddl::create_index(relation, name, index, false));
    lower_statistics(relation, name, index, plan);
    let target = CommentTarget::Index(relation.clone(), name.to_owned());
    comments::lower_comment_if_any(&target, index.comment.as_deref(), plan);
}
