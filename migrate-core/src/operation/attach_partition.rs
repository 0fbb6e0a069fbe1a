use super::{DetachPartition, Inverse, Operate, Touched, ddl, partition_proof};
use crate::catalog::{Catalog, PartitionBound, PartitionOf, Table};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{Hazard, LockMode, Lowering};
use crate::sorted::SortedSet;

/// `ALTER TABLE ... ATTACH PARTITION`. The table has the columns, the constraints and the indexes of the partitioned one.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct AttachPartition {
    /// The partitioned table.
    pub table: QualifiedName,
    /// The table that becomes a partition of it.
    pub partition: QualifiedName,
    /// Which rows it takes.
    pub bound: PartitionBound,
}

/// What of a table becomes a part of what its new parent has: (own name, name of the parent's), of constraints and indexes.
pub(super) fn matches(parent: &Table, partition: &Table) -> [Vec<(String, String)>; 2] {
    let mut constraints: Vec<(String, String)> = Vec::new();
    for (name, wanted) in parent.constraints.iter().filter(|(_, constraint)| !constraint.no_inherit) {
        let is_taken = |own: &str| constraints.iter().any(|(taken, _)| taken == own);
        let is_same = |own: &str, one: &crate::catalog::Constraint| {
            one.attached_to.is_none() && !is_taken(own) && one.kind == wanted.kind
        };
        // A check by its name; others by what they demand.
        let found = match &wanted.kind {
            crate::catalog::ConstraintKind::Check(_) => partition.constraints.get_key_value(name),
            _ => partition.constraints.iter().find(|(own, one)| is_same(own, one)),
        };
        if let Some((own, _)) = found {
            constraints.push((own.clone(), name.clone()));
        }
    }
    let mut indexes: Vec<(String, String)> = Vec::new();
    for (name, wanted) in &parent.indexes {
        let plain = |index: &crate::catalog::Index| crate::catalog::Index {
            comment: None,
            attached_to: None,
            parameters: Default::default(),
            ..index.clone()
        };
        let is_taken = |own: &str| indexes.iter().any(|(taken, _)| taken == own);
        let found = partition
            .indexes
            .iter()
            .find(|(own, one)| one.attached_to.is_none() && !is_taken(own) && plain(one) == plain(wanted));
        if let Some((own, _)) = found {
            indexes.push((own.clone(), name.clone()));
        }
    }
    [constraints, indexes]
}

impl Operate for AttachPartition {
    fn apply(&self, catalog: &mut Catalog) {
        let Some(parent) = catalog.table(&self.table).cloned() else { return };
        let Some(partition) = catalog.table_mut(&self.partition) else { return };
        let [constraints, indexes] = matches(&parent, partition);
        for (own, of) in constraints {
            if let Some(constraint) = partition.constraints.get_mut(&own) {
                constraint.attached_to = Some(of);
            }
        }
        for (own, of) in indexes {
            if let Some(index) = partition.indexes.get_mut(&own) {
                index.attached_to = Some(of);
            }
        }
        partition.partition_of = Some(PartitionOf { parent: self.table.clone(), bound: self.bound.clone() });
    }

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::operation(DetachPartition { table: self.table.clone(), partition: self.partition.clone() })
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        lower_attach(&self.table, &self.partition, &self.bound, before, plan);
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        touched.table(&self.table);
        touched.table(&self.partition);
    }

    fn hazards(&self, _before: &Catalog, is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        if is_new(&self.partition) || !matches!(self.bound, PartitionBound::Hash { .. }) {
            return Vec::new();
        }
        vec![(
            Hazard::BlocksWrites,
            format!(
                "nobody can read or write `{}` while its rows are hashed: no check can prove beforehand that they fit",
                self.partition
            ),
        )]
    }
}

/// Adds `ATTACH PARTITION`, and what lets it look at no row.
pub(crate) fn lower_attach(
    table: &QualifiedName,
    partition: &QualifiedName,
    bound: &PartitionBound,
    before: &Catalog,
    plan: &mut Lowering,
) {
    let proofs = partition_proof::needed(table, partition, bound, before, plan);
    proofs.iter().for_each(|proof| proof.lower_before(plan));
    let writer = ddl::alter_table(table).keyword("ATTACH PARTITION").name(partition);
    let mut added = plan
        .sql(bound.write(writer).finish())
        .locking_only(table, LockMode::ShareUpdateExclusive)
        .locking(partition, LockMode::AccessExclusive);
    if let Some(default) = default_partition(before, table) {
        added = added.locking(default, LockMode::AccessExclusive);
    }
    let keys = before.table(partition).into_iter().flat_map(Table::referenced_tables);
    for referenced in keys.filter(|referenced| *referenced != table) {
        added = added.locking(referenced, LockMode::AccessExclusive);
    }
    // The foreign keys to the whole refer to the partition as well, with triggers of their own.
    for referencing in referencing_tables(table, before) {
        added = added.locking(referencing, LockMode::ShareRowExclusive);
    }
    proofs.iter().for_each(|proof| proof.lower_after(plan));
}

/// The tables with foreign keys to a partitioned table or to one that it is a partition of.
pub(super) fn referencing_tables<'c>(table: &QualifiedName, catalog: &'c Catalog) -> SortedSet<&'c QualifiedName> {
    let mut found = SortedSet::new();
    let mut whole = catalog.tables.get_key_value(table);
    while let Some((name, definition)) = whole {
        found.extend(catalog.references_to(name).map(|(referencing, ..)| referencing));
        whole = definition.partition_of.as_ref().and_then(|of| catalog.tables.get_key_value(&of.parent));
    }
    found
}

/// The partition that takes what no other does.
pub(super) fn default_partition<'c>(catalog: &'c Catalog, table: &'c QualifiedName) -> Option<&'c QualifiedName> {
    let mut bounds = catalog.bounds_of_partitions(table).into_iter();
    bounds.find(|(_, bound)| **bound == PartitionBound::Default).map(|(name, _)| name)
}
