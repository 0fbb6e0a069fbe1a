//! The operations that make one difference go away.

use super::access::change_access;
use super::renames::between;
use crate::catalog::{AccessTarget, Catalog, Column, Constraint, ConstraintKind, Generated, Index, Table};
use crate::diff::{Difference, Object, Property};
use crate::expression::Expression;
use crate::name::QualifiedName;
use crate::object::{Definition, Kind, MaterializedView, Namespace, ObjectId};
use crate::operation::{
    AddColumn, AddConstraint, AddEnumValue, AlterConstraint, AttachPartition, ChangeObject, ChangeType, CommentTarget,
    CreateEnum, CreateExtension, CreateIndex, CreateObject, CreateTable, DetachPartition, DropColumn, DropConstraint,
    DropEnum, DropExpression, DropExtension, DropIndex, DropObject, DropTable, Inherit, NoInherit, Operation,
    RemoveEnumValue, RenameEnum, RenameObject, SetCollation, SetColumnSettings, SetComment, SetDefault, SetExpression,
    SetIdentity, SetIndexSettings, SetNullability, SetOnUpdate, SetRowSecurity, SetTableSettings, ValidateConstraint,
    ValuePlace,
};
use crate::sorted::SortedSet;
use crate::types::{BuiltIn, Type};

/// Whether rows and values may be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Losses {
    /// They may.
    Taken,
    /// They may not.
    Refused,
}

/// The operations that make a difference go away on servers of this major version and newer; `None` where there are none, or none
/// without a loss.
pub(crate) fn operations(
    live: &Catalog,
    expected: &Catalog,
    difference: &Difference,
    losses: Losses,
    postgres: u32,
) -> Option<Vec<Operation>> {
    match difference {
        Difference::Missing(object) => create(expected, object).map(|operation| vec![operation]),
        Difference::Unexpected(object) => match (object, losses) {
            (Object::Table(_) | Object::Column { .. }, Losses::Refused) => None,
            _ => drop_it(live, object).map(|operation| vec![operation]),
        },
        Difference::Different { object, property: Property::Comment, .. } => {
            let target = CommentTarget::from(object.clone());
            let comment = target.comment(expected);
            Some(vec![SetComment { target, comment }.into()])
        }
        Difference::Different { object, property: Property::Other(word @ ("owner" | "privileges")), .. }
            if has_access(object) =>
        {
            change_access(live, expected, &access_target(object)?, word)
        }
        Difference::Different { object, property, .. } => change(live, expected, object, *property, (losses, postgres)),
    }
}

fn create(expected: &Catalog, object: &Object) -> Option<Operation> {
    Some(match object.clone() {
        Object::Extension(name) => CreateExtension::of(&name, expected.extensions.get(&name)?).into(),
        Object::Enum(name) => CreateEnum { definition: expected.enum_type(&name)?.clone(), name }.into(),
        Object::Table(name) => CreateTable { definition: expected.table(&name)?.clone(), name }.into(),
        Object::Column { table, column } => {
            AddColumn { column: expected.table(&table)?.column(&column)?.clone(), table }.into()
        }
        Object::Constraint { table, name } => {
            let constraint = expected.table(&table)?.constraints.get(&name)?.clone();
            AddConstraint { table, name, constraint }.into()
        }
        Object::Index { table, name } => {
            let index = expected.indexable(&table)?.indexes.get(&name)?.clone();
            CreateIndex { table, name, index }.into()
        }
        Object::Other(id) => CreateObject { object: expected.object(&id)?.clone(), id }.into(),
    })
}

fn drop_it(live: &Catalog, object: &Object) -> Option<Operation> {
    Some(match object.clone() {
        Object::Extension(name) => DropExtension { name }.into(),
        Object::Enum(name) => DropEnum { name }.into(),
        Object::Table(name) => DropTable { name }.into(),
        Object::Column { table, column } => DropColumn { table, column }.into(),
        Object::Constraint { table, name } => DropConstraint { table, name }.into(),
        Object::Index { table, name } => DropIndex { table, name }.into(),
        Object::Other(id) => {
            live.object(&id)?;
            DropObject { id }.into()
        }
    })
}

fn change(
    live: &Catalog,
    expected: &Catalog,
    object: &Object,
    property: Property,
    (losses, postgres): (Losses, u32),
) -> Option<Vec<Operation>> {
    match object.clone() {
        Object::Column { table, column } => {
            change_column(live, expected, (table, column), property, (losses, postgres))
        }
        Object::Constraint { table, name } => change_constraint(live, expected, &table, &name),
        Object::Index { table, name } if matches!(property, Property::Definition) => {
            let is_part = |catalog: &Catalog| {
                let index = catalog.indexable(&table).and_then(|table| table.indexes.get(&name).cloned());
                index.is_some_and(|index| index.attached_to.is_some())
            };
            // It follows the one that it is a part of.
            if is_part(live) || is_part(expected) {
                return None;
            }
            Some(vec![drop_it(live, object)?, create(expected, object)?])
        }
        Object::Index { table, name } if matches!(property, Property::Other("storage parameters" | "statistics")) => {
            let index = expected.indexable(&table)?.indexes.get(&name)?.clone();
            let (parameters, statistics) = (index.parameters, index.statistics);
            Some(vec![SetIndexSettings { table, name, parameters, statistics }.into()])
        }
        Object::Index { .. } => None,
        Object::Table(table) => change_table(live, expected, table, property),
        Object::Other(id) => change_object(live, expected, id),
        Object::Enum(name) => change_values(live, expected, &name, losses),
        // It was moved before everything else.
        Object::Extension(_) => None,
    }
}

fn change_column(
    live: &Catalog,
    expected: &Catalog,
    (table, column): (QualifiedName, String),
    property: Property,
    (losses, postgres): (Losses, u32),
) -> Option<Vec<Operation>> {
    let one = |operation: Operation| Some(vec![operation]);
    let found = live.table(&table)?.column(&column)?;
    let wanted = expected.table(&table)?.column(&column)?.clone();
    match property {
        // A generated column has the type of what it is generated from.
        Property::Type | Property::Generated if wanted.generated.is_some() || found.generated.is_some() => {
            let own = live.table(&table)?;
            let of_partition = own.partition_of.as_ref().map(|of| &of.parent);
            let mut parents = live.parents_with_column(own, &column).into_iter().chain(of_partition);
            let generated = |catalog: &Catalog, of: &QualifiedName| {
                catalog.table(of).and_then(|table| table.column(&column)).map(|column| column.generated.clone())
            };
            // It goes and comes with that of the table that it is from.
            let follows = parents.any(|parent| generated(live, parent) != generated(expected, parent));
            match follows {
                true => Some(Vec::new()),
                false => change_generated(found, wanted, table, (losses, postgres)),
            }
        }
        Property::Type => {
            let using = match losses {
                Losses::Taken => using(live, expected, found, &wanted),
                Losses::Refused => None,
            };
            let is_read_otherwise = live.assigns(live.base_type(&found.data_type), &wanted.data_type) != Some(true)
                && found.default.is_some()
                && found.default != wanted.default;
            let change = ChangeType { table, column, data_type: wanted.data_type, using };
            // What the new type would make of the old default is nothing that anybody wants.
            let undone = (losses == Losses::Taken && (is_read_otherwise || change.moves_default(live))).then(|| {
                let (table, column) = (change.table.clone(), change.column.clone());
                Operation::from(SetDefault { table, column, default: None })
            });
            Some(undone.into_iter().chain([change.into()]).collect())
        }
        Property::Collation => {
            let collation = wanted.collation.filter(|collation| collation != "default");
            one(SetCollation { table, column, collation }.into())
        }
        Property::Nullability => one(SetNullability { table, column, nullable: wanted.nullable }.into()),
        Property::Default => one(SetDefault { table, column, default: wanted.default }.into()),
        Property::OnUpdate => one(SetOnUpdate { table, column, on_update: wanted.on_update }.into()),
        // Told with the sequence.
        Property::Identity
            if losses == Losses::Taken
                && found.sequence != wanted.sequence
                && found.identity.is_some()
                && wanted.identity.is_some() =>
        {
            Some(Vec::new())
        }
        Property::Identity | Property::Other("sequence") => {
            let Column { identity, sequence, .. } = wanted;
            one(SetIdentity { table, column, identity, sequence }.into())
        }
        Property::Other("storage" | "compression" | "statistics" | "parameters") => {
            one(SetColumnSettings { table, column, settings: wanted.settings }.into())
        }
        _ => None,
    }
}

/// The cast to the new type, where PostgreSQL does not take the old one by itself, and has one.
fn using(live: &Catalog, expected: &Catalog, found: &Column, wanted: &Column) -> Option<Expression> {
    let (from, to) = (live.base_type(&found.data_type), &wanted.data_type);
    let name = || Expression::name(&found.name);
    let is_enum = |one: &Type, catalog: &Catalog| one.depends_on().is_some_and(|name| catalog.enums.contains_key(name));
    if is_enum(from, live) && is_enum(to, expected) {
        // They share no cast but that over their texts.
        let text = Type::BuiltIn(BuiltIn::Text);
        let text = if matches!(to, Type::Array(_)) { Type::Array(Box::new(text)) } else { text };
        return Some(Expression::cast(Expression::cast(name(), text), to.clone()));
    }
    let is_written = expected.assigns(from, to) == Some(false) && expected.casts(from, to) != Some(false);
    is_written.then(|| Expression::cast(name(), to.clone()))
}

/// Computes a column in another way where the servers can, which keeps whatever is about it and over it; else drops and adds it.
/// One that is not generated anymore keeps its values.
fn change_generated(
    found: &Column,
    wanted: Column,
    table: QualifiedName,
    (losses, postgres): (Losses, u32),
) -> Option<Vec<Operation>> {
    let is_stored = |generated: &Generated| generated.stored;
    let is_set =
        |found: &Generated, new: &Generated| found.stored == new.stored && postgres >= if new.stored { 17 } else { 18 };
    match (&found.generated, &wanted.generated) {
        (Some(old), Some(new)) if found.data_type == wanted.data_type && is_set(old, new) => {
            Some(vec![SetExpression { table, column: wanted.name, expression: new.expression.clone() }.into()])
        }
        (Some(generated), None) if is_stored(generated) => {
            Some(vec![DropExpression { table, column: wanted.name }.into()])
        }
        (Some(_), _) => {
            let drop = DropColumn { table: table.clone(), column: wanted.name.clone() }.into();
            Some(vec![drop, AddColumn { table, column: wanted }.into()])
        }
        (None, Some(_)) if losses == Losses::Taken => {
            let drop = DropColumn { table: table.clone(), column: wanted.name.clone() }.into();
            Some(vec![drop, AddColumn { table, column: wanted }.into()])
        }
        (None, _) => None,
    }
}

fn change_constraint(live: &Catalog, expected: &Catalog, table: &QualifiedName, name: &str) -> Option<Vec<Operation>> {
    let found = live.table(table)?.constraints.get(name)?;
    let wanted = expected.table(table)?.constraints.get(name)?;
    let (table, name) = (table.clone(), name.to_owned());
    if found.attached_to.is_some() || wanted.attached_to.is_some() {
        // It follows the one that it is a part of.
        return None;
    }
    if found.not_valid && *wanted == (Constraint { not_valid: false, ..found.clone() }) {
        return Some(vec![ValidateConstraint { table, name }.into()]);
    }
    if let Some(parameters) = wanted.kind.parameters() {
        let mut same = found.clone();
        same.kind.parameters_mut()?.clone_from(parameters);
        if same.kind == wanted.kind {
            let parameters = parameters.clone();
            return Some(vec![SetIndexSettings { table, name, parameters, statistics: Default::default() }.into()]);
        }
    }
    if let (ConstraintKind::ForeignKey(old), ConstraintKind::ForeignKey(new)) = (&found.kind, &wanted.kind) {
        let deferred = crate::catalog::ForeignKey { deferral: new.deferral, ..old.clone() };
        if deferred == *new && found.not_valid == wanted.not_valid {
            return Some(vec![AlterConstraint { table, name, deferral: new.deferral }.into()]);
        }
    }
    let drop = DropConstraint { table: table.clone(), name: name.clone() }.into();
    Some(vec![drop, AddConstraint { table, name, constraint: wanted.clone() }.into()])
}

fn change_table(
    live: &Catalog,
    expected: &Catalog,
    table: QualifiedName,
    property: Property,
) -> Option<Vec<Operation>> {
    let wanted = expected.table(&table)?;
    Some(match property {
        Property::Other("row level security") => {
            vec![SetRowSecurity { row_security: wanted.row_security, table }.into()]
        }
        Property::Other("logging" | "storage parameters" | "replica identity") => {
            vec![SetTableSettings { settings: wanted.settings.clone(), table }.into()]
        }
        Property::Other("inherits") => {
            let found = live.table(&table)?;
            let of = |names: &[QualifiedName], others: &[QualifiedName]| -> Vec<QualifiedName> {
                names.iter().filter(|name| !others.contains(name)).cloned().collect()
            };
            let gone = of(&found.inherits, &wanted.inherits).into_iter();
            let new = of(&wanted.inherits, &found.inherits).into_iter();
            gone.map(|parent| NoInherit { table: table.clone(), parent }.into())
                .chain(new.map(|parent| Inherit { table: table.clone(), parent }.into()))
                .collect()
        }
        Property::Other("partition of") => {
            let detach = live
                .table(&table)?
                .partition_of
                .as_ref()
                .map(|of| DetachPartition { table: of.parent.clone(), partition: table.clone() }.into());
            let attach = wanted.partition_of.as_ref().map(|of| {
                let bound = of.bound.clone();
                AttachPartition { table: of.parent.clone(), partition: table.clone(), bound }.into()
            });
            let lacking = match &wanted.partition_of {
                Some(_) => lacking_of_parent(live.table(&table)?, wanted, &table),
                None => Vec::new(),
            };
            detach.into_iter().chain(lacking).chain(attach).collect()
        }
        _ => return None,
    })
}

/// What a table gets of its new parent: where it lacks a constraint or an index of that, `ATTACH PARTITION` would make it under its lock.
fn lacking_of_parent(found: &Table, wanted: &Table, table: &QualifiedName) -> Vec<Operation> {
    let (constraints, indexes) = lacks(found, wanted);
    let constraints = constraints.map(|(name, one)| {
        let constraint = Constraint { attached_to: None, ..one.clone() };
        AddConstraint { table: table.clone(), name: name.clone(), constraint }.into()
    });
    let indexes = indexes.map(|(name, one)| {
        let index = Index { attached_to: None, ..one.clone() };
        CreateIndex { table: table.clone(), name: name.clone(), index }.into()
    });
    constraints.chain(indexes).collect()
}

/// The parts of what its parent has that a table has under no name.
pub(super) fn lacks<'t>(
    found: &'t Table,
    wanted: &'t Table,
) -> (impl Iterator<Item = (&'t String, &'t Constraint)>, impl Iterator<Item = (&'t String, &'t Index)>) {
    let constraints = wanted.constraints.iter().filter(|(name, one)| {
        let is_there =
            found.constraints.contains_key(*name) || found.constraints.values().any(|own| own.kind == one.kind);
        one.attached_to.is_some() && !is_there
    });
    let plain =
        |index: &Index| Index { attached_to: None, comment: None, parameters: Default::default(), ..index.clone() };
    let indexes = wanted.indexes.iter().filter(move |(name, one)| {
        let is_there = found.indexes.contains_key(*name) || found.indexes.values().any(|own| plain(own) == plain(one));
        one.attached_to.is_some() && !is_there
    });
    (constraints, indexes)
}

fn change_object(live: &Catalog, expected: &Catalog, id: ObjectId) -> Option<Vec<Operation>> {
    let mut definition = expected.object(&id)?.definition.clone();
    if let (Definition::MaterializedView(wanted), Some(Definition::MaterializedView(found))) =
        (&mut definition, live.object(&id).map(|object| &object.definition))
    {
        // The others are told by themselves.
        let mut indexes = found.indexes.clone();
        indexes.retain(|name, index| wanted.indexes.get(name) == Some(index));
        *wanted = MaterializedView { indexes, ..wanted.clone() };
    }
    Some(vec![ChangeObject { definition, id }.into()])
}

/// The values that an enum lacks, and those that it has too many. Where the others are in another order only the latter: then
/// [`replaced`] says what to do.
fn change_values(live: &Catalog, expected: &Catalog, name: &QualifiedName, losses: Losses) -> Option<Vec<Operation>> {
    let (found, wanted) = (&live.enum_type(name)?.values, &expected.enum_type(name)?.values);
    let removed: Vec<&String> = found.iter().filter(|value| !wanted.contains(value)).collect();
    let is_in_order = is_in_order(found, wanted);
    if losses == Losses::Refused && (!is_in_order || !removed.is_empty()) {
        return None;
    }
    let mut operations: Vec<Operation> = Vec::new();
    let mut so_far: Vec<&String> = found.iter().collect();
    let mut before: Option<&String> = None;
    for value in wanted.iter().filter(|_| is_in_order) {
        if !found.contains(value) {
            let at = before.and_then(|before| so_far.iter().position(|one| *one == before)).map_or(0, |at| at + 1);
            let place = match (before, so_far.get(at)) {
                (_, None) => ValuePlace::Last,
                (Some(before), Some(_)) => ValuePlace::After(before.clone()),
                (None, Some(first)) => ValuePlace::Before((*first).clone()),
            };
            so_far.insert(at, value);
            operations.push(AddEnumValue { name: name.clone(), value: value.clone(), place }.into());
        }
        before = Some(value);
    }
    operations
        .extend(removed.into_iter().map(|value| RemoveEnumValue { name: name.clone(), value: value.clone() }.into()));
    Some(operations)
}

/// Whether the values that both have are in the same order.
fn is_in_order(found: &[String], wanted: &[String]) -> bool {
    let kept = found.iter().filter(|value| wanted.contains(value));
    kept.eq(wanted.iter().filter(|value| found.contains(value)))
}

/// What gives way to a new type of the same name, by another name meanwhile: an enum whose values have another order and are no
/// more than those of the goal, and a domain, a composite type or a range type that PostgreSQL does not change while columns have it.
pub(super) fn replaced(from: &Catalog, goal: &Catalog) -> Vec<Operation> {
    let enums = from.enums.iter().filter(|(name, found)| {
        goal.enum_type(name).is_some_and(|wanted| {
            !is_in_order(&found.values, &wanted.values) && found.values.iter().all(|value| wanted.has(value))
        })
    });
    let enums = enums.map(|(name, _)| RenameEnum { from: name.clone(), to: between(&name.name) }.into());
    let types = changing_types(from, goal).into_iter().map(|id| {
        let to = id.name.sibling(between(&id.name.name));
        RenameObject { id, to }.into()
    });
    enums.chain(types).collect()
}

/// The domains, composite types and range types that are another thing in the goal.
pub(super) fn changing_types(from: &Catalog, goal: &Catalog) -> SortedSet<ObjectId> {
    let types = goal.differences(from).into_iter().filter_map(|difference| match difference {
        Difference::Different { object: Object::Other(id), property, .. }
            if id.kind.namespace() == Namespace::Type
                && !matches!(
                    property,
                    Property::Comment | Property::Other("owner" | "privileges" | "comment on a check")
                ) =>
        {
            Some(id)
        }
        _ => None,
    });
    types.collect()
}

/// Whether these are its own owner and privileges. Default privileges are what is said of others.
pub(super) fn has_access(object: &Object) -> bool {
    !matches!(object, Object::Other(id) if id.kind == Kind::DefaultPrivileges)
}

/// What owners and privileges are of.
fn access_target(object: &Object) -> Option<AccessTarget> {
    Some(match object.clone() {
        Object::Table(name) => AccessTarget::Table(name),
        Object::Column { table, column } => AccessTarget::Column(table, column),
        Object::Enum(name) => AccessTarget::Enum(name),
        Object::Other(id) => AccessTarget::Object(id),
        Object::Extension(_) | Object::Constraint { .. } | Object::Index { .. } => return None,
    })
}
