use std::borrow::Cow;

use super::attach_partition::{default_partition, referencing_tables};
use super::{AttachPartition, Inverse, Operate, Touched, ddl, partition_proof};
use crate::catalog::{Catalog, PartitionBound, PartitionOf};
use crate::json::ToJson;
use crate::name::{QualifiedName, free_object_name};
use crate::plan::{Added, LockMode, Lowering, Postcondition};
use crate::sorted::SortedSet;

/// `ALTER TABLE ... DETACH PARTITION`. The table stays, with its rows.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct DetachPartition {
    /// The partitioned table.
    pub table: QualifiedName,
    /// Its partition.
    pub partition: QualifiedName,
}

impl DetachPartition {
    fn partition_of<'c>(&self, catalog: &'c Catalog) -> Option<&'c PartitionOf> {
        catalog.table(&self.partition)?.partition_of.as_ref()
    }
}

/// Adds `DETACH PARTITION`, concurrently where PostgreSQL can: not from a table with a default partition.
pub(crate) fn lower_detach(
    table: &QualifiedName,
    partition: &QualifiedName,
    bound: &PartitionBound,
    before: &Catalog,
    plan: &mut Lowering,
) {
    let default = default_partition(before, table);
    if default.is_none() && !plan.is_new(table) && !plan.is_new(partition) {
        return lower_concurrently(table, partition, bound, before, plan);
    }
    let writer = ddl::alter_table(table).keyword("DETACH PARTITION").name(partition);
    let mut added = plan
        .sql(writer.finish())
        .locking_only(table, LockMode::AccessExclusive)
        .locking(partition, LockMode::AccessExclusive);
    if let Some(default) = default.filter(|default| *default != partition) {
        added = added.locking(default, LockMode::AccessExclusive);
    }
    lock_others(table, partition, before, added);
}

/// Locks the tables on both sides of foreign keys. Those of the partition become its own, with triggers on what they refer to.
fn lock_others(table: &QualifiedName, partition: &QualifiedName, before: &Catalog, mut added: Added<'_>) {
    let referenced = before.table(partition).into_iter().flat_map(|table| table.referenced_tables());
    for referenced in referenced {
        added = added.locking(referenced, LockMode::ShareRowExclusive);
    }
    for referencing in referencing_tables(table, before) {
        added = added.locking(referencing, LockMode::AccessExclusive);
    }
}

fn lower_concurrently(
    table: &QualifiedName,
    partition: &QualifiedName,
    bound: &PartitionBound,
    before: &Catalog,
    plan: &mut Lowering,
) {
    let writer = ddl::alter_table(table).keyword("DETACH PARTITION").name(partition);
    let added = plan
        .sql(writer.keyword("CONCURRENTLY").finish())
        .locking_only(table, LockMode::ShareUpdateExclusive)
        .locking_only(partition, LockMode::AccessExclusive)
        .alone()
        .ensuring(Postcondition::PartitionDetached {
            schema: Cow::Owned(partition.schema.clone()),
            table: Cow::Owned(partition.name.clone()),
            parent_schema: Cow::Owned(table.schema.clone()),
            parent: Cow::Owned(table.name.clone()),
        });
    lock_others(table, partition, before, added);
    // PostgreSQL leaves a check behind that says what the bound did.
    let Some(check) = partition_proof::condition(table, bound, before) else { return };
    // It says what the bounds around it did, too, and is called after its column, if there is only one.
    let around = keys_around(table, before);
    let columns: SortedSet<&str> = check.columns().into_iter().chain(around).collect();
    let mut columns = columns.into_iter();
    let only = columns.next().filter(|_| columns.next().is_none());
    let of_table = before.table(partition);
    let foreign = before.foreign_table(partition);
    let name = free_object_name(&partition.name, only, "check", |taken| {
        of_table.is_some_and(|table| table.constraints.contains_key(taken))
            || foreign.is_some_and(|table| table.checks.contains_key(taken))
    });
    let writer = ddl::alter_table(partition).keyword("DROP CONSTRAINT IF EXISTS").identifier(&name);
    plan.sql(writer.finish()).locking(partition, LockMode::AccessExclusive);
}

/// The columns by which the tables are partitioned that a partitioned table is a partition of.
fn keys_around<'c>(table: &QualifiedName, catalog: &'c Catalog) -> Vec<&'c str> {
    let parent = |name: &QualifiedName| catalog.table(name)?.partition_of.as_ref().map(|of| &of.parent);
    let mut columns = Vec::new();
    let mut around = parent(table);
    while let Some(name) = around {
        let partitioning = catalog.table(name).and_then(|table| table.partitioning.as_ref());
        columns.extend(partitioning.iter().flat_map(|found| &found.keys).flat_map(|key| key.expression.columns()));
        around = parent(name);
    }
    columns
}

impl Operate for DetachPartition {
    fn apply(&self, catalog: &mut Catalog) {
        let Some(partition) = catalog.table_mut(&self.partition) else { return };
        partition.partition_of = None;
        partition.constraints.values_mut().for_each(|constraint| constraint.attached_to = None);
        partition.indexes.values_mut().for_each(|index| index.attached_to = None);
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        match self.partition_of(before) {
            Some(of) => Inverse::operation(AttachPartition {
                table: self.table.clone(),
                partition: self.partition.clone(),
                bound: of.bound.clone(),
            }),
            None => Inverse::NotDerivable { why: format!("the bound of `{}` is not known", self.partition) },
        }
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        if let Some(of) = self.partition_of(before) {
            lower_detach(&self.table, &self.partition, &of.bound, before, plan);
        }
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        touched.table(&self.table);
        touched.table(&self.partition);
    }

    fn breaks(&self, _before: &Catalog) -> Vec<String> {
        vec![format!("the rows of `{}` no longer belong to `{}`", self.partition, self.table)]
    }
}
