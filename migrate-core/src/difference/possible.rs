//! What can be done now, and what comes first of that.

use super::steps::lacks;
use crate::catalog::inheritance::{can_inherit, is_inherited};
use crate::catalog::{Catalog, Column, ConstraintKind, Part, ReplicaIdentity, Table, Used, User, are_ambiguous};
use crate::name::QualifiedName;
use crate::object::{Define as _, Definition, ForeignColumn, Kind, Namespace, ObjectId};
use crate::operation::{AttachPartition, ChangeType, Operation, SetCollation, script};
use crate::sorted::SortedSet;

/// What comes first, of what is possible: what is in the way goes, then what others are made of comes; what is lost goes
/// last.
pub(crate) fn rank(operation: &Operation) -> u8 {
    let is_foundation =
        |id: &ObjectId| matches!(id.kind, Kind::Schema | Kind::Sequence) || id.kind.namespace() == Namespace::Type;
    match operation {
        Operation::DropObject(drop) if !is_foundation(&drop.id) => 0,
        Operation::DetachPartition(_)
        | Operation::NoInherit(_)
        | Operation::DropConstraint(_)
        | Operation::DropIndex(_) => 1,
        Operation::CreateExtension(_) | Operation::CreateEnum(_) | Operation::AddEnumValue(_) => 2,
        Operation::CreateObject(create) if is_foundation(&create.id) => 2,
        Operation::CreateTable(_) => 3,
        Operation::AddColumn(_) => 4,
        Operation::CreateObject(_) | Operation::ChangeObject(_) => 6,
        Operation::AttachPartition(_) | Operation::Inherit(_) | Operation::CreateIndex(_) => 7,
        Operation::AddConstraint(add) if matches!(add.constraint.kind, ConstraintKind::ForeignKey(_)) => 8,
        Operation::AddConstraint(_) => 7,
        Operation::RemoveEnumValue(_) | Operation::DropColumn(_) => 9,
        Operation::DropTable(_) | Operation::DropEnum(_) | Operation::DropObject(_) | Operation::DropExtension(_) => 10,
        Operation::SetComment(_) => 11,
        _ => 5,
    }
}

/// Whether nothing needs anymore what a step removes, all is there that it needs, and names are free.
pub(super) fn is_step_possible(step: &[Operation], so_far: &Catalog, goal: &Catalog) -> bool {
    match step {
        [operation] => is_possible(operation, so_far, goal),
        // A column with its sequences.
        several => several.iter().all(|operation| match operation {
            Operation::ChangeObject(_) => true,
            Operation::CreateTable(_) | Operation::AddColumn(_) => {
                let own: SortedSet<Used> = several
                    .iter()
                    .filter_map(|one| match one {
                        Operation::CreateObject(create) => Some(create.id.as_used()),
                        _ => None,
                    })
                    .collect();
                has_place(operation, so_far)
                    && needed(operation, goal).iter().all(|used| own.contains(used) || is_met(used, so_far, goal))
            }
            other => is_possible(other, so_far, goal),
        }),
    }
}

/// Whether nothing needs anymore what it removes, and all is there that it needs.
pub(crate) fn is_possible(operation: &Operation, so_far: &Catalog, goal: &Catalog) -> bool {
    has_place(operation, so_far)
        && !is_of_columns(operation, so_far)
        && !waits_for_another(operation, so_far, goal)
        && needed(operation, goal).iter().all(|used| is_met(used, so_far, goal))
        && in_the_way(operation, so_far).is_empty()
        && so_far.rows_in_the_way(operation).is_none()
        && is_ready_to_be_attached(operation, so_far, goal)
}

/// Whether it makes a column that stores rows of a table that another step can change now, and could not afterwards.
pub(super) fn waits_for_rows(step: &[Operation], steps: &[Vec<Operation>], so_far: &Catalog, goal: &Catalog) -> bool {
    let is_of_own_type = |column: &Column| column.data_type.depends_on().is_some();
    let makes_column = |operation: &Operation| match operation {
        Operation::AddColumn(add) => is_of_own_type(&add.column),
        Operation::CreateTable(create) => create.definition.columns.iter().any(is_of_own_type),
        _ => false,
    };
    if !step.iter().any(makes_column) {
        return false;
    }
    let mut others = steps.iter().flatten().filter(|other| {
        goal.rows_in_the_way(other).is_some()
            && so_far.rows_in_the_way(other).is_none()
            && is_possible(other, so_far, goal)
    });
    let Some(first) = others.next() else { return false };
    let after = script::fold(so_far, step);
    std::iter::once(first).chain(others).any(|other| after.rows_in_the_way(other).is_some())
}

/// Whether it changes an attribute of a composite type of which there are columns: PostgreSQL only adds and drops them there.
fn is_of_columns(operation: &Operation, so_far: &Catalog) -> bool {
    let Operation::ChangeObject(change) = operation else { return false };
    let Definition::CompositeType(wanted) = &change.definition else { return false };
    let found = so_far.object(&change.id).map(|object| &object.definition);
    let Some(Definition::CompositeType(found)) = found else { return false };
    so_far.columns_of_type(&change.id.name).next().is_some() && !found.adds_and_drops(wanted)
}

/// Whether it makes a function beside one that goes, and calls could mean either.
fn waits_for_another(operation: &Operation, so_far: &Catalog, goal: &Catalog) -> bool {
    let Operation::CreateObject(create) = operation else { return false };
    create.id.kind.namespace() == Namespace::Routine
        && so_far.objects.iter().any(|(id, object)| {
            let goes =
                id.name == create.id.name && id.kind.namespace() == Namespace::Routine && goal.object(id).is_none();
            goes && are_ambiguous((&create.id, &create.object), (id, object))
        })
}

/// What uses something that it removes. A view over one that loses a column cannot be made again as it is.
pub(super) fn in_the_way<'c>(operation: &Operation, so_far: &'c Catalog) -> Vec<User<'c>> {
    let mut users: Vec<User<'c>> = operation.still_needed_by(so_far).into_iter().map(|(user, _)| user).collect();
    if let Operation::ChangeObject(change) = operation
        && let Some(object) = so_far.object(&change.id)
    {
        let lost = object.definition.loses(&change.id, &change.definition);
        users.extend(so_far.users_of_any(&lost));
    }
    users.extend(keys_over(operation, so_far));
    users
}

/// The foreign keys that reference what a key is over: each depends on one of the keys over these columns, and which one that is
/// is not known where there are several.
fn keys_over<'c>(operation: &Operation, so_far: &'c Catalog) -> Vec<User<'c>> {
    let Operation::DropConstraint(drop) = operation else { return Vec::new() };
    let constraint = so_far.table(&drop.table).and_then(|table| table.constraints.get(&drop.name));
    let Some(ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key)) = constraint.map(|one| &one.kind) else {
        return Vec::new();
    };
    let columns: SortedSet<&String> = key.columns.iter().collect();
    let of_tables = so_far.tables.iter().flat_map(|(table, definition)| {
        definition.constraints.iter().map(move |(name, constraint)| (table, name, constraint))
    });
    let referencing = of_tables.filter(|(_, _, constraint)| match &constraint.kind {
        ConstraintKind::ForeignKey(key) => {
            key.table == drop.table && key.referenced.iter().collect::<SortedSet<_>>() == columns
        }
        _ => false,
    });
    referencing.map(|(table, name, constraint)| User::Table(table, Part::Constraint(name, constraint))).collect()
}

/// Whether its name is free, and what it is made in or changes is there.
fn has_place(operation: &Operation, so_far: &Catalog) -> bool {
    let table = |name: &QualifiedName| so_far.table(name);
    match operation {
        Operation::CreateTable(create) => {
            !so_far.has_relation(&create.name)
                && !so_far.has_type(&create.name)
                && are_names_free(&create.name, &create.definition, so_far)
                && has_indexes_of_parent(&create.definition, so_far)
        }
        Operation::CreateEnum(create) => !so_far.has_type(&create.name) && !so_far.has_relation(&create.name),
        Operation::CreateObject(create) => match create.id.kind.namespace() {
            Namespace::Relation => {
                !so_far.has_relation(&create.id.name) && has_what_comes_from_above(&create.object.definition, so_far)
            }
            Namespace::Type => {
                let made = create.object.definition.also_makes(&create.id);
                let mut made = made.iter().filter_map(|used| match used {
                    Used::Type(name) => Some(name),
                    _ => None,
                });
                !so_far.has_type(&create.id.name) && made.all(|name| !so_far.has_type(name))
            }
            Namespace::Table => {
                let table = create.id.table();
                let is_there = table.is_none_or(|table| so_far.has_relation(&table));
                is_there && so_far.object(&create.id).is_none()
            }
            _ => so_far.object(&create.id).is_none(),
        },
        Operation::ChangeObject(change) => {
            so_far.object(&change.id).is_some() && has_what_comes_from_above(&change.definition, so_far)
        }
        Operation::DropObject(drop) => so_far.object(&drop.id).is_some(),
        Operation::DropTable(drop) => table(&drop.name).is_some(),
        Operation::DropEnum(drop) => so_far.enum_type(&drop.name).is_some(),
        Operation::AddColumn(add) => table(&add.table).is_some_and(|table| table.column(&add.column.name).is_none()),
        Operation::DropColumn(drop) => table(&drop.table).is_some_and(|table| table.column(&drop.column).is_some()),
        Operation::AddConstraint(add) => {
            let is_free = |table: &Table| !table.constraints.contains_key(&add.name);
            let has_index = add.constraint.kind.has_index();
            table(&add.table).is_some_and(is_free)
                && !(has_index && so_far.has_relation(&add.table.sibling(&*add.name)))
        }
        Operation::DropConstraint(drop) => table(&drop.table)
            .is_some_and(|table| table.constraints.contains_key(&drop.name) && !is_replica_identity(table, &drop.name)),
        Operation::CreateIndex(create) => {
            so_far.indexable(&create.table).is_some() && !so_far.has_relation(&create.table.sibling(&*create.name))
        }
        Operation::DropIndex(drop) => so_far
            .indexable(&drop.table)
            .is_some_and(|table| table.indexes.contains_key(&drop.name) && !is_replica_identity(&table, &drop.name)),
        Operation::SetTableSettings(set) => {
            table(&set.table).is_some_and(|table| match &set.settings.replica_identity {
                ReplicaIdentity::Index(index) => table.has_constraint_or_index(index),
                _ => true,
            })
        }
        Operation::Inherit(inherit) => {
            let tables = table(&inherit.table).zip(table(&inherit.parent));
            tables.is_some_and(|(own, of)| can_inherit(&inherit.table, own, &inherit.parent, of).is_ok())
        }
        Operation::AttachPartition(attach) => table(&attach.table).is_some() && table(&attach.partition).is_some(),
        // What is inherited changes where it comes from.
        Operation::ChangeType(ChangeType { table: of, column, .. })
        | Operation::SetCollation(SetCollation { table: of, column, .. }) => {
            table(of).is_none_or(|table| so_far.parents_with_column(table, column).is_empty())
        }
        Operation::SetNullability(set) => {
            let takes_null = |table: &Table| table.column(&set.column).is_none_or(|column| column.nullable);
            let mut parents = table(&set.table).into_iter().flat_map(|table| so_far.inherited_from(table));
            !set.nullable || parents.all(|(_, parent)| takes_null(parent))
        }
        _ => true,
    }
}

/// Whether a foreign table has what the tables above it have, and no more from them: these are changed first.
fn has_what_comes_from_above(definition: &Definition, so_far: &Catalog) -> bool {
    let Definition::ForeignTable(table) = definition else { return true };
    let as_table = table.as_table();
    let is_there = |parent: &QualifiedName| {
        so_far.table(parent).is_some_and(|parent| {
            let mut checks = parent.constraints.iter().filter(|(_, constraint)| is_inherited(constraint));
            checks.all(|(name, _)| table.checks.contains_key(name))
                && parent.columns.iter().all(|column| {
                    table
                        .column(&column.name)
                        .is_some_and(|own| own.data_type == column.data_type && (column.nullable || !own.nullable))
                })
        })
    };
    let comes = |column: &ForeignColumn| {
        let from = so_far.parents_with_column(&as_table, &column.name).into_iter();
        let of_partition = table.partition_of.iter().map(|of| &of.parent);
        let is_from = |parent: &QualifiedName| so_far.table(parent).is_some_and(|of| of.column(&column.name).is_some());
        let is_below = column.inherited || table.partition_of.is_some();
        !is_below || from.chain(of_partition).any(is_from)
    };
    let is_checked = |name: &str| {
        table.parents().any(|parent| so_far.table(parent).is_some_and(|of| of.constraints.contains_key(name)))
    };
    table.parents().all(is_there)
        && table.columns.iter().all(comes)
        && table.checks.iter().all(|(name, check)| !check.inherited || is_checked(name))
}

fn is_replica_identity(table: &Table, index: &str) -> bool {
    table.settings.replica_identity == ReplicaIdentity::Index(index.to_owned())
}

/// Whether nothing has the names of the indexes and of the functions that are made with a table.
fn are_names_free(name: &QualifiedName, table: &Table, so_far: &Catalog) -> bool {
    let keys = table.constraints.iter().filter(|(_, constraint)| constraint.kind.has_index()).map(|(name, _)| name);
    let mut indexes = keys.chain(table.indexes.keys());
    let functions = |table: &Table| -> SortedSet<String> {
        table.columns.iter().filter_map(|column| Some(column.on_update.as_ref()?.trigger.clone())).collect()
    };
    let made = functions(table);
    let is_made = |(other, table): (&QualifiedName, &std::sync::Arc<Table>)| {
        other.schema == name.schema && !made.is_disjoint(&functions(table))
    };
    !indexes.any(|index| so_far.has_relation(&name.sibling(index.as_str())))
        && (made.is_empty() || !so_far.tables.iter().any(is_made))
}

/// A partition gets its part of each index when it is made, with the name that it has here.
fn has_indexes_of_parent(table: &Table, so_far: &Catalog) -> bool {
    let Some(parent) = table.partition_of.as_ref().and_then(|of| so_far.table(&of.parent)) else { return true };
    let of_indexes = table.indexes.values().filter_map(|index| index.attached_to.as_ref());
    let of_keys = table.constraints.values().filter_map(|constraint| constraint.attached_to.as_ref());
    let mut all = of_indexes.chain(of_keys);
    all.all(|name| parent.has_constraint_or_index(name))
}

/// Whether a table that becomes a partition has all that its new parent has, so that nothing is made under the lock of that.
fn is_ready_to_be_attached(operation: &Operation, so_far: &Catalog, goal: &Catalog) -> bool {
    let Operation::AttachPartition(AttachPartition { partition, .. }) = operation else { return true };
    let (Some(found), Some(wanted)) = (so_far.table(partition), goal.table(partition)) else { return true };
    let (mut constraints, mut indexes) = lacks(found, wanted);
    constraints.next().is_none() && indexes.next().is_none()
}

/// What must be there before an operation, by what it leads to.
fn needed(operation: &Operation, goal: &Catalog) -> SortedSet<Used> {
    let parts = |name: &QualifiedName, is_asked: &dyn Fn(&Part<'_>) -> bool| -> SortedSet<Used> {
        let Some((name, table)) = goal.tables.get_key_value(name) else { return SortedSet::new() };
        let asked = table.parts().filter(|part| is_asked(part));
        asked.flat_map(|part| goal.uses_of(&User::Table(name, part))).collect()
    };
    let of_column = |part: &Part<'_>, name: &str| match part {
        Part::Type(column) | Part::Default(column) | Part::Generated(column) | Part::OnUpdate(column) => {
            column.name == name
        }
        _ => false,
    };
    let own = |mut used: SortedSet<Used>, table: &QualifiedName| {
        // A table does not wait for itself.
        used.retain(|one| !matches!(one, Used::Table(name) if name == table));
        used
    };
    match operation {
        Operation::CreateObject(create) => goal.uses_of_object(&create.id, &create.object),
        Operation::ChangeObject(change) => {
            goal.object(&change.id).map(|object| goal.uses_of_object(&change.id, object)).unwrap_or_default()
        }
        Operation::CreateTable(create) => {
            let made = &create.definition;
            let used = parts(&create.name, &|part| match part {
                Part::Constraint(name, _) => made.constraints.contains_key(*name),
                Part::Index(name, _) => made.indexes.contains_key(*name),
                _ => true,
            });
            let is_own = |used: &Used| matches!(used, Used::Table(name) | Used::Column(name, _) | Used::Key(name, _) if *name == create.name);
            used.into_iter().filter(|used| !is_own(used)).collect()
        }
        Operation::AddColumn(add) => {
            let mut used = parts(&add.table, &|part| of_column(part, &add.column.name));
            used.remove(&Used::Column(add.table.clone(), add.column.name.clone()));
            own(used, &add.table)
        }
        Operation::ChangeType(change) => {
            parts(&change.table, &|part| matches!(part, Part::Type(column) if column.name == change.column))
        }
        Operation::SetExpression(set) => {
            parts(&set.table, &|part| matches!(part, Part::Generated(column) if column.name == set.column))
        }
        Operation::SetDefault(set) => parts(
            &set.table,
            &|part| matches!(part, Part::Default(column) if column.name == set.column && set.default.is_some()),
        ),
        Operation::SetOnUpdate(set) => parts(
            &set.table,
            &|part| matches!(part, Part::OnUpdate(column) if column.name == set.column && set.on_update.is_some()),
        ),
        Operation::AddConstraint(add) => {
            parts(&add.table, &|part| matches!(part, Part::Constraint(name, _) if *name == add.name))
        }
        Operation::CreateIndex(create) => match goal.table(&create.table) {
            Some(_) => parts(&create.table, &|part| matches!(part, Part::Index(name, _) if *name == create.name)),
            None => SortedSet::from([Used::Table(create.table.clone())]),
        },
        Operation::AttachPartition(attach) => SortedSet::from([Used::Table(attach.table.clone())]),
        _ => SortedSet::new(),
    }
}

/// Whether it is there, or never will be.
fn is_met(used: &Used, so_far: &Catalog, goal: &Catalog) -> bool {
    is_there(used, so_far) || !is_there(used, goal)
}

fn is_there(used: &Used, catalog: &Catalog) -> bool {
    match used {
        Used::Extension(name) => catalog.extensions.contains_key(name),
        Used::Type(name) => catalog.has_type(name) || catalog.has_relation(name),
        Used::Value(name, value) => catalog.enum_type(name).is_some_and(|one| one.has(value)),
        Used::Table(name) => catalog.has_relation(name),
        Used::Column(name, column) => match catalog.table(name) {
            Some(table) => table.column(column).is_some(),
            None => match catalog.columns_of_object(name) {
                columns if columns.is_empty() => catalog.has_relation(name),
                columns => columns.iter().any(|one| one.name == *column),
            },
        },
        Used::Key(name, columns) => {
            let columns: Vec<String> = columns.iter().cloned().collect();
            catalog.table(name).is_some_and(|table| table.has_unique_key(&columns))
        }
        Used::Object(id) => catalog.objects.contains_key(id),
        // An operator is known by its name alone, as a function is.
        Used::Function(name) => catalog
            .objects
            .keys()
            .any(|id| (id.kind.namespace() == Namespace::Routine || id.kind == Kind::OwnOperator) && id.name == *name),
    }
}

/// Whether what an operation would do has come about by another one: for a partition, with its table.
pub(super) fn is_done(operation: &Operation, so_far: &Catalog, goal: &Catalog) -> bool {
    let table = |name: &QualifiedName| so_far.table(name).zip(goal.table(name));
    match operation {
        Operation::SetComment(set) => set.target.comment(so_far) == set.comment,
        Operation::ChangeType(change) => table(&change.table).is_some_and(|(found, _)| {
            found.column(&change.column).is_none_or(|column| column.data_type == change.data_type)
        }),
        Operation::SetDefault(set) => table(&set.table)
            .is_some_and(|(found, _)| found.column(&set.column).is_none_or(|column| column.default == set.default)),
        Operation::SetCollation(set) => table(&set.table)
            .is_some_and(|(found, _)| found.column(&set.column).is_none_or(|column| column.collation == set.collation)),
        Operation::SetNullability(set) => table(&set.table)
            .is_some_and(|(found, _)| found.column(&set.column).is_none_or(|column| column.nullable == set.nullable)),
        Operation::SetIdentity(set) => table(&set.table).is_some_and(|(found, _)| {
            let is_set = |column: &Column| column.identity == set.identity && column.sequence == set.sequence;
            found.column(&set.column).is_none_or(is_set)
        }),
        Operation::SetTableSettings(set) => table(&set.table).is_some_and(|(found, _)| found.settings == set.settings),
        Operation::SetRowSecurity(set) => {
            table(&set.table).is_some_and(|(found, _)| found.row_security == set.row_security)
        }
        Operation::ChangeObject(change) => {
            so_far.object(&change.id).is_some_and(|object| object.definition == change.definition)
        }
        _ => false,
    }
}
