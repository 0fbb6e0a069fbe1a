//! What is done to a partitioned table is done to its partitions: in the catalog operation by operation, at the server by
//! one statement where PostgreSQL does it by itself, else partition by partition, beside traffic.

use super::{
    AddColumn, AddConstraint, AlterConstraint, ChangeType, CreateIndex, DropColumn, DropConstraint, DropExpression,
    DropIndex, Operation, RenameColumn, SetCollation, SetDefault, SetExpression, SetNullability, ValidateConstraint,
    ddl, indexes,
};
use crate::catalog::{Catalog, Column, Constraint, ConstraintKind, ForeignKey, Index, Table};
use crate::expression::{Expression, ExpressionKind};
use crate::name::{QualifiedName, free_object_name};
use crate::plan::{LockMode, Lowering};
use crate::sql::Writer;

/// What an operation on a partitioned table does to each of its partitions.
pub(super) fn below(operation: &Operation, before: &Catalog) -> Vec<Operation> {
    let Some(parent) = table_of(operation) else { return Vec::new() };
    if before.table(parent).is_none_or(|table| table.partitioning.is_none()) {
        return Vec::new();
    }
    before.partitions(parent).filter_map(|(name, table)| of_partition(operation, name, table, before)).collect()
}

fn table_of(operation: &Operation) -> Option<&QualifiedName> {
    Some(match operation {
        Operation::AddColumn(add) => &add.table,
        Operation::DropColumn(drop) => &drop.table,
        Operation::RenameColumn(rename) => &rename.table,
        Operation::ChangeType(change) => &change.table,
        Operation::SetCollation(set) => &set.table,
        Operation::SetDefault(set) => &set.table,
        Operation::SetNullability(set) => &set.table,
        Operation::SetExpression(set) => &set.table,
        Operation::DropExpression(drop) => &drop.table,
        Operation::AddConstraint(add) => &add.table,
        Operation::DropConstraint(drop) => &drop.table,
        Operation::ValidateConstraint(validate) => &validate.table,
        Operation::AlterConstraint(alter) => &alter.table,
        Operation::CreateIndex(create) => &create.table,
        Operation::DropIndex(drop) => &drop.table,
        _ => return None,
    })
}

pub(super) fn of_partition(
    operation: &Operation,
    partition: &QualifiedName,
    table: &Table,
    catalog: &Catalog,
) -> Option<Operation> {
    let name = || partition.clone();
    let attached_constraint = |parent: &str| {
        table
            .constraints
            .iter()
            .find(|(_, one)| one.attached_to.as_deref() == Some(parent))
            .map(|(name, _)| name.clone())
    };
    Some(match operation {
        Operation::AddColumn(add) => AddColumn { table: name(), column: column_of_partition(&add.column) }.into(),
        Operation::DropColumn(drop) => DropColumn { table: name(), column: drop.column.clone() }.into(),
        Operation::RenameColumn(rename) => RenameColumn { table: name(), ..rename.clone() }.into(),
        Operation::ChangeType(change) => ChangeType { table: name(), ..change.clone() }.into(),
        Operation::SetCollation(set) => SetCollation { table: name(), ..set.clone() }.into(),
        Operation::SetDefault(set) => SetDefault { table: name(), ..set.clone() }.into(),
        Operation::SetNullability(set) => SetNullability { table: name(), ..set.clone() }.into(),
        Operation::SetExpression(set) => SetExpression { table: name(), ..set.clone() }.into(),
        Operation::DropExpression(drop) => DropExpression { table: name(), ..drop.clone() }.into(),
        Operation::AddConstraint(add) => {
            let constraint_name = name_of_constraint(&add.name, &add.constraint.kind, partition, table, catalog);
            let constraint = constraint_of_partition(&add.name, &add.constraint);
            AddConstraint { table: name(), name: constraint_name, constraint }.into()
        }
        Operation::DropConstraint(drop) => {
            DropConstraint { table: name(), name: attached_constraint(&drop.name)? }.into()
        }
        Operation::ValidateConstraint(validate) => {
            ValidateConstraint { table: name(), name: attached_constraint(&validate.name)? }.into()
        }
        Operation::AlterConstraint(alter) => {
            let constraint = attached_constraint(&alter.name)?;
            AlterConstraint { table: name(), name: constraint, deferral: alter.deferral }.into()
        }
        Operation::CreateIndex(create) => {
            let index_name = name_of_index(&create.index, partition, table, catalog);
            let index = index_of_partition(&create.name, &create.index);
            CreateIndex { table: name(), name: index_name, index }.into()
        }
        Operation::DropIndex(drop) => {
            let mut indexes = table.indexes.iter();
            let (index, _) = indexes.find(|(_, index)| index.attached_to.as_deref() == Some(&drop.name))?;
            DropIndex { table: name(), name: index.clone() }.into()
        }
        _ => return None,
    })
}

/// A column as a partition has it: values of an identity and of `on update` come by way of the partitioned table.
pub fn column_of_partition(column: &Column) -> Column {
    Column { identity: None, on_update: None, comment: None, grants: Default::default(), ..column.clone() }
}

/// An index as a partition has it.
pub fn index_of_partition(name: &str, index: &Index) -> Index {
    Index { attached_to: Some(name.to_owned()), comment: None, ..index.clone() }
}

/// A constraint as a partition has it.
pub fn constraint_of_partition(name: &str, constraint: &Constraint) -> Constraint {
    Constraint { attached_to: Some(name.to_owned()), comment: None, ..constraint.clone() }
}

/// The name of a partition's own part of an index: as PostgreSQL would choose it.
pub fn name_of_index(index: &Index, partition: &QualifiedName, table: &Table, catalog: &Catalog) -> String {
    let columns = index.keys.iter().map(|key| key_name(&key.expression)).collect::<Vec<_>>().join("_");
    free(partition, Some(&columns), "idx", table, catalog)
}

/// The name of a partition's own part of a constraint: that of the whole, unless it has an index.
pub fn name_of_constraint(
    name: &str,
    kind: &ConstraintKind,
    partition: &QualifiedName,
    table: &Table,
    catalog: &Catalog,
) -> String {
    match kind {
        ConstraintKind::PrimaryKey(_) => free(partition, None, "pkey", table, catalog),
        ConstraintKind::Unique(key) => free(partition, Some(&key.columns.join("_")), "key", table, catalog),
        ConstraintKind::Exclusion(exclusion) => {
            let keys = exclusion.elements.iter().map(|element| key_name(&element.key.expression));
            free(partition, Some(&keys.collect::<Vec<_>>().join("_")), "excl", table, catalog)
        }
        ConstraintKind::Check(_) => name.to_owned(),
        ConstraintKind::ForeignKey(_) if !table.constraints.contains_key(name) => name.to_owned(),
        ConstraintKind::ForeignKey(key) => free(partition, Some(&key.columns.join("_")), "fkey", table, catalog),
    }
}

fn free(partition: &QualifiedName, second: Option<&str>, label: &str, table: &Table, catalog: &Catalog) -> String {
    free_object_name(&partition.name, second, label, |candidate| {
        table.has_constraint_or_index(candidate) || catalog.has_relation(&partition.sibling(candidate))
    })
}

fn key_name(expression: &Expression) -> String {
    match &expression.kind {
        ExpressionKind::Name(parts) => parts.last().cloned().unwrap_or_default(),
        ExpressionKind::Call(call) => call.name.clone(),
        ExpressionKind::Cast { operand, .. } | ExpressionKind::Collate { operand, .. } => key_name(operand),
        _ => "expr".into(),
    }
}

/// Follows a constraint that has another name: partitions call a check by the same one.
pub(super) fn rename_constraint(catalog: &mut Catalog, parent: &QualifiedName, from: &str, to: &str) {
    let partitions: Vec<QualifiedName> = catalog.partitions(parent).map(|(name, _)| name.clone()).collect();
    for partition in partitions {
        let Some(table) = catalog.table_mut(&partition) else { continue };
        let mut renamed = None;
        for (name, constraint) in &mut table.constraints {
            if constraint.attached_to.as_deref() == Some(from) {
                constraint.attached_to = Some(to.to_owned());
                renamed = matches!(constraint.kind, ConstraintKind::Check(_)).then(|| name.clone());
            }
        }
        if let Some(name) = renamed
            && let Some(constraint) = table.constraints.remove(&name)
        {
            table.constraints.insert(to.to_owned(), constraint);
            rename_constraint(catalog, &partition, &name, to);
        }
    }
}

/// Follows an index that has another name.
pub(super) fn rename_index(catalog: &mut Catalog, parent: &QualifiedName, from: &str, to: &str) {
    let partitions: Vec<QualifiedName> = catalog.partitions(parent).map(|(name, _)| name.clone()).collect();
    for table in partitions {
        for index in catalog.table_mut(&table).into_iter().flat_map(|table| table.indexes.values_mut()) {
            if index.attached_to.as_deref() == Some(from) {
                index.attached_to = Some(to.to_owned());
            }
        }
    }
}

/// Whether a table is partitioned, so that what is built on it is built on each partition.
pub(super) fn is_partitioned(catalog: &Catalog, table: &QualifiedName) -> bool {
    catalog.table(table).is_some_and(|definition| definition.partitioning.is_some())
}

/// Builds an index on each partition beside traffic, and makes one of them all. `after` has all of them.
pub(super) fn lower_index(table: &QualifiedName, name: &str, index: &Index, after: &Catalog, plan: &mut Lowering) {
    if after.table(table).is_none_or(|definition| definition.partitioning.is_none()) {
        return indexes::lower_create(table, name, index, plan);
    }
    if after.foreign_partition(table).is_some() {
        return lower_index_beside_foreign(table, name, index, after, plan);
    }
    plan.sql(ddl::create_index_on_only(table, name, index)).locking_only(table, LockMode::Share);
    indexes::lower_statistics(table, name, index, plan);
    for (partition, definition) in after.partitions(table) {
        for (own, index) in definition.indexes.iter().filter(|(_, one)| one.attached_to.as_deref() == Some(name)) {
            lower_index(partition, own, index, after, plan);
            lower_attach_index(table, name, partition, own, plan);
        }
    }
}

/// Builds an index on each partition that is no foreign table, and then that of the whole, which takes over what it finds:
/// attached one by one it would stay invalid, since one is missing.
fn lower_index_beside_foreign(table: &QualifiedName, name: &str, index: &Index, after: &Catalog, plan: &mut Lowering) {
    for (partition, definition) in after.partitions(table) {
        for (own, index) in definition.indexes.iter().filter(|(_, one)| one.attached_to.as_deref() == Some(name)) {
            lower_index(partition, own, index, after, plan);
        }
    }
    plan.sql(ddl::create_index(table, name, index, false)).locking_all(table, LockMode::Share);
    indexes::lower_statistics(table, name, index, plan);
}

/// Builds the index of a key on each partition beside traffic, and makes one key of them all.
pub(super) fn lower_key(
    table: &QualifiedName,
    name: &str,
    constraint: &Constraint,
    after: &Catalog,
    plan: &mut Lowering,
) {
    let (words, key) = match &constraint.kind {
        ConstraintKind::PrimaryKey(key) => ("PRIMARY KEY USING INDEX", key),
        ConstraintKind::Unique(key) => ("UNIQUE USING INDEX", key),
        _ => return,
    };
    if after.table(table).is_none_or(|definition| definition.partitioning.is_none()) {
        indexes::lower_create(table, name, &ddl::index_of(key), plan);
        let writer = ddl::alter_table(table).keyword("ADD CONSTRAINT").identifier(name).keyword(words).identifier(name);
        plan.sql(ddl::deferral(writer, key.deferral).finish()).locking_only(table, LockMode::AccessExclusive);
        return;
    }
    let writer = Writer::new().keyword("ALTER TABLE ONLY").name(table).keyword("ADD");
    let sql = ddl::constraint_definition(writer, name, constraint).finish();
    plan.sql(sql).locking_only(table, LockMode::AccessExclusive);
    for (partition, definition) in after.partitions(table) {
        for (own, constraint) in
            definition.constraints.iter().filter(|(_, one)| one.attached_to.as_deref() == Some(name))
        {
            lower_key(partition, own, constraint, after, plan);
            lower_attach_index(table, name, partition, own, plan);
        }
    }
}

/// Adds a foreign key to each partition, checks its rows beside traffic, and makes one key of them all: PostgreSQL takes no
/// `NOT VALID` on a partitioned table before 18.
pub(super) fn lower_foreign_key(
    table: &QualifiedName,
    name: &str,
    (constraint, key): (&Constraint, &ForeignKey),
    after: &Catalog,
    plan: &mut Lowering,
    lower_one: &dyn Fn(&QualifiedName, &str, &Constraint, &mut Lowering),
) {
    if after.table(table).is_none_or(|definition| definition.partitioning.is_none()) {
        return lower_one(table, name, constraint, plan);
    }
    for (partition, definition) in after.partitions(table) {
        for (own, constraint) in
            definition.constraints.iter().filter(|(_, one)| one.attached_to.as_deref() == Some(name))
        {
            lower_foreign_key(partition, own, (constraint, key), after, plan, lower_one);
        }
    }
    let added = plan.sql(ddl::add_constraint(table, name, constraint).finish());
    // What the partitions have becomes a part of it, and loses triggers of its own on what is referenced.
    let added = added.locking_only(table, LockMode::ShareRowExclusive).locking(&key.table, LockMode::AccessExclusive);
    after
        .partitions(table)
        .fold(added, |added, (partition, _)| added.locking_only(partition, LockMode::ShareRowExclusive));
}

fn lower_attach_index(table: &QualifiedName, index: &str, partition: &QualifiedName, own: &str, plan: &mut Lowering) {
    let sql = Writer::new()
        .keyword("ALTER INDEX")
        .name(&table.sibling(index))
        .keyword("ATTACH PARTITION")
        .name(&partition.sibling(own))
        .finish();
    plan.sql(sql);
}
