//! What brings a database that has an earlier form of a migration to the corrected one.

use std::collections::BTreeSet;

use crate::catalog::{AccessTarget, Catalog, Column, ConstraintKind, Privilege, Role, Said, Used, User};
use crate::diff::{Difference, Object, Property};
use crate::name::QualifiedName;
use crate::object::Namespace;
use crate::operation::script::{Placed, lower};
use crate::operation::{
    AddColumn, AddConstraint, AddEnumValue, ChangeObject, ChangeType, CreateEnum, CreateExtension, CreateIndex,
    CreateObject, CreateTable, DropConstraint, DropEnum, DropExtension, DropIndex, DropObject, Operate as _, Operation,
    SetColumnSettings, SetDefault, SetGrants, SetIdentity, SetNullability, SetOnUpdate, SetOwner, SetRowSecurity,
    SetTableSettings, ValuePlace,
};
use crate::plan::{Hazard, Place, Script};

/// What brings a live database to what is expected.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mending {
    /// The statements.
    pub script: Script,
    /// What is dangerous about them on a live table, one line each.
    pub risks: Vec<String>,
    /// What cannot be changed without losing data, or not at all: that is done by hand.
    pub left: Vec<Difference>,
}

/// What brings the live catalog to the expected one, as far as these differences go. Rows and values are never dropped, and
/// values are not brought to a type that may not hold them.
pub fn mend(live: &Catalog, expected: &Catalog, differences: &[Difference], oldest_server: u32) -> Mending {
    let mut pool: Vec<(usize, Operation)> = Vec::new();
    let mut left = BTreeSet::new();
    for (index, difference) in differences.iter().enumerate() {
        match operations(live, expected, difference) {
            Some(operations) => pool.extend(operations.into_iter().map(|operation| (index, operation))),
            None => {
                left.insert(index);
            }
        }
    }
    pool.sort_by_key(|(index, operation)| (rank(operation), *index));
    pool.dedup_by(|(_, one), (_, other)| one == other);
    let mut catalog = live.clone();
    let mut placed: Vec<Placed> = Vec::new();
    let mut risks = Vec::new();
    while let Some(at) = pool.iter().position(|(_, operation)| is_possible(operation, &catalog, expected)) {
        let (index, operation) = pool.remove(at);
        let hazards = operation.hazards(&catalog, &|table| live.table(table).is_none());
        if hazards.iter().any(|(hazard, _)| matches!(hazard, Hazard::DropsData | Hazard::NarrowsType)) {
            left.insert(index);
            continue;
        }
        operation.apply(&mut catalog);
        let (hazards, lines): (Vec<_>, Vec<_>) = hazards.into_iter().unzip();
        risks.extend(lines);
        placed.push((operation, Place::default(), hazards));
    }
    left.extend(pool.into_iter().map(|(index, _)| index));
    let left: Vec<Difference> = left.into_iter().filter_map(|index| differences.get(index)).cloned().collect();
    Mending { script: lower(live, &placed, oldest_server), risks, left }
}

/// The operations that make a difference go away; `None` where none do without losing something.
fn operations(live: &Catalog, expected: &Catalog, difference: &Difference) -> Option<Vec<Operation>> {
    match difference {
        Difference::Missing(object) => create(expected, object).map(|operation| vec![operation]),
        Difference::Unexpected(object) => drop_it(live, object).map(|operation| vec![operation]),
        Difference::Different { object, property, .. } => change(live, expected, object, *property),
    }
}

fn create(expected: &Catalog, object: &Object) -> Option<Operation> {
    Some(match object.clone() {
        Object::Extension(name) => {
            CreateExtension { schema: expected.extensions.get(&name)?.schema.clone(), name }.into()
        }
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
            let index = expected.table(&table)?.indexes.get(&name)?.clone();
            CreateIndex { table, name, index }.into()
        }
        Object::Other(id) => CreateObject { object: expected.object(&id)?.clone(), id }.into(),
    })
}

fn drop_it(live: &Catalog, object: &Object) -> Option<Operation> {
    Some(match object.clone() {
        Object::Extension(name) => DropExtension { name }.into(),
        Object::Enum(name) => DropEnum { name }.into(),
        // With rows, or values.
        Object::Table(_) | Object::Column { .. } => return None,
        Object::Constraint { table, name } => DropConstraint { table, name }.into(),
        Object::Index { table, name } => DropIndex { table, name }.into(),
        Object::Other(id) => {
            live.object(&id)?;
            DropObject { id }.into()
        }
    })
}

fn change(live: &Catalog, expected: &Catalog, object: &Object, property: Property) -> Option<Vec<Operation>> {
    if property == Property::Comment {
        // They are set with what is recorded.
        return Some(Vec::new());
    }
    let one = |operation: Operation| Some(vec![operation]);
    if let Property::Other("owner" | "privileges") = property {
        return change_access(live, expected, &access_target(object)?, property);
    }
    match object.clone() {
        Object::Column { table, column } => {
            let wanted = expected.table(&table)?.column(&column)?.clone();
            match property {
                Property::Type => one(ChangeType { table, column, data_type: wanted.data_type, using: None }.into()),
                Property::Nullability => one(SetNullability { table, column, nullable: wanted.nullable }.into()),
                Property::Default => one(SetDefault { table, column, default: wanted.default }.into()),
                Property::OnUpdate => one(SetOnUpdate { table, column, on_update: wanted.on_update }.into()),
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
        Object::Constraint { .. } | Object::Index { .. } => {
            Some(vec![drop_it(live, object)?, create(expected, object)?])
        }
        Object::Table(table) => {
            let wanted = expected.table(&table)?;
            match property {
                Property::Other("row level security") => {
                    one(SetRowSecurity { row_security: wanted.row_security, table }.into())
                }
                Property::Other("logging" | "storage parameters" | "replica identity") => {
                    one(SetTableSettings { settings: wanted.settings.clone(), table }.into())
                }
                _ => None,
            }
        }
        Object::Other(id) => one(ChangeObject { definition: expected.object(&id)?.definition.clone(), id }.into()),
        Object::Enum(name) => new_values(live, expected, &name),
        Object::Extension(_) => None,
    }
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

/// The owner, or all privileges of the roles that are mentioned; those that nobody gave are taken.
fn change_access(
    live: &Catalog,
    expected: &Catalog,
    target: &AccessTarget,
    property: Property,
) -> Option<Vec<Operation>> {
    if property == Property::Other("owner") {
        let owner = target.access(expected)?.owner.clone();
        return Some(vec![SetOwner { target: target.clone(), owner }.into()]);
    }
    let (wanted, found) = (target.grants(expected), target.grants(live));
    let roles: BTreeSet<&Role> = wanted.0.keys().chain([&Role::Public]).collect();
    let owner = target.access(live).and_then(|access| access.owner.as_ref());
    let all = target.securable()?.privileges();
    let of_role = |role: &Role| -> Operation {
        let said = |privilege: &Privilege| match (wanted.said(role, *privilege), found.said(role, *privilege)) {
            (None, Some(Said::Granted { .. })) if !target.is_built_in(role, *privilege) => Some(Said::Revoked),
            (wanted, _) => wanted,
        };
        let privileges = all.iter().filter(|privilege| said(privilege) != found.said(role, **privilege));
        let privileges = privileges.filter_map(|privilege| Some((*privilege, Some(said(privilege)?)))).collect();
        SetGrants { target: target.clone(), role: role.clone(), privileges }.into()
    };
    Some(roles.into_iter().filter(|role| owner != Some(role)).map(of_role).collect())
}

/// The values that an enum lacks, where it has no others and those that it has are in their order.
fn new_values(live: &Catalog, expected: &Catalog, name: &QualifiedName) -> Option<Vec<Operation>> {
    let (found, wanted) = (&live.enum_type(name)?.values, &expected.enum_type(name)?.values);
    if !found.iter().eq(wanted.iter().filter(|value| found.contains(value))) {
        return None;
    }
    let mut operations = Vec::new();
    let mut before: Option<&String> = None;
    for value in wanted {
        if !found.contains(value) {
            let first = found.first().filter(|_| before.is_none());
            let place = match (before, first) {
                (Some(before), _) => ValuePlace::After(before.clone()),
                (None, Some(first)) => ValuePlace::Before(first.clone()),
                (None, None) => ValuePlace::Last,
            };
            operations.push(AddEnumValue { name: name.clone(), value: value.clone(), place }.into());
        }
        before = Some(value);
    }
    Some(operations)
}

/// What comes first, of what is possible: what is in the way goes, then what others are made of comes.
fn rank(operation: &Operation) -> u8 {
    match operation {
        Operation::DropObject(drop) if !matches!(drop.id.kind.namespace(), Namespace::Relation) => 0,
        Operation::DropConstraint(_) | Operation::DropIndex(_) => 1,
        Operation::CreateExtension(_) | Operation::CreateEnum(_) | Operation::AddEnumValue(_) => 2,
        Operation::CreateObject(_) | Operation::CreateTable(_) => 3,
        Operation::AddColumn(_) => 4,
        Operation::AddConstraint(add) if matches!(add.constraint.kind, ConstraintKind::ForeignKey(_)) => 7,
        Operation::AddConstraint(_) | Operation::CreateIndex(_) => 6,
        Operation::DropObject(_) | Operation::DropEnum(_) | Operation::DropExtension(_) => 8,
        _ => 5,
    }
}

/// Whether nothing needs any more what it removes, and all is there that it needs.
fn is_possible(operation: &Operation, live: &Catalog, expected: &Catalog) -> bool {
    if !operation.still_needed_by(live).is_empty() {
        return false;
    }
    let is_taken = |table: &QualifiedName, name: &str| {
        live.table(table).is_none_or(|definition| definition.has_constraint_or_index(name))
    };
    match operation {
        Operation::AddConstraint(add) if is_taken(&add.table, &add.name) => return false,
        Operation::CreateIndex(create) if is_taken(&create.table, &create.name) => return false,
        _ => {}
    }
    let mut after = live.clone();
    operation.apply(&mut after);
    let uses: BTreeSet<Used> = match operation {
        Operation::CreateObject(create) => after.uses_of_object(&create.id, &create.object),
        Operation::ChangeObject(change) => {
            after.object(&change.id).map(|object| after.uses_of_object(&change.id, object)).unwrap_or_default()
        }
        Operation::CreateTable(create) => uses_of_table(&after, &create.name),
        Operation::AddColumn(add) => uses_of_table(&after, &add.table),
        Operation::AddConstraint(add) => uses_of_table(&after, &add.table),
        Operation::CreateIndex(create) => uses_of_table(&after, &create.table),
        Operation::SetDefault(set) => uses_of_table(&after, &set.table),
        Operation::SetOnUpdate(set) => uses_of_table(&after, &set.table),
        Operation::ChangeType(change) => uses_of_table(&after, &change.table),
        _ => BTreeSet::new(),
    };
    uses.iter().all(|used| is_there(used, &after) || !is_there(used, expected))
}

fn uses_of_table(catalog: &Catalog, name: &QualifiedName) -> BTreeSet<Used> {
    let Some((name, table)) = catalog.tables.get_key_value(name) else { return BTreeSet::new() };
    table.parts().flat_map(|part| catalog.uses_of(&User::Table(name, part))).collect()
}

fn is_there(used: &Used, catalog: &Catalog) -> bool {
    match used {
        Used::Extension(name) => catalog.extensions.contains_key(name),
        Used::Type(name) => catalog.has_type(name),
        Used::Value(name, value) => catalog.enum_type(name).is_some_and(|one| one.has(value)),
        Used::Table(name) => catalog.has_relation(name),
        Used::Column(name, column) => match catalog.table(name) {
            Some(table) => table.column(column).is_some(),
            None => catalog.has_relation(name),
        },
        Used::Key(name, columns) => {
            let columns: Vec<String> = columns.iter().cloned().collect();
            catalog.table(name).is_some_and(|table| table.has_unique_key(&columns))
        }
        Used::Object(id) => catalog.objects.contains_key(id),
        Used::Function(name) => catalog.object_named(Namespace::Routine, name).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::testing::{catalog, check, column, name, unique};
    use crate::plan::Work;

    fn sql(mending: &Mending) -> Vec<String> {
        let sql = |work: &Work| match work {
            Work::Sql(sql) => sql.to_string(),
            other => format!("{other:?}"),
        };
        mending.script.statements().map(|statement| sql(&statement.work)).collect()
    }

    fn mended(change: impl FnOnce(&mut Catalog)) -> Mending {
        let live = catalog();
        let mut expected = live.clone();
        change(&mut expected);
        mend(&live, &expected, &expected.differences(&live), 14)
    }

    #[test]
    fn nothing_is_to_do_where_nothing_differs() {
        assert_eq!(mended(|_| {}), Mending::default());
    }

    #[test]
    fn what_is_missing_is_made_in_the_order_of_what_it_needs() {
        let mending = mended(|expected| {
            let table = expected.table_mut(&name("bookings")).unwrap();
            table.columns.push(column("extra", "text?"));
            table.constraints.insert("extra_key".into(), unique(&["extra"]));
            table.constraints.insert("extra_check".into(), check("length(extra) > 1"));
        });
        assert_eq!(mending.left, []);
        let sql = sql(&mending);
        assert!(sql[0].contains("ADD COLUMN extra"), "{sql:?}");
        assert!(sql.iter().any(|one| one.contains("CREATE UNIQUE INDEX CONCURRENTLY extra_key")), "{sql:?}");
        assert!(sql.iter().any(|one| one.contains("VALIDATE CONSTRAINT extra_check")), "{sql:?}");
    }

    #[test]
    fn privileges_and_owners_are_brought_to_what_is_said() {
        let mut live = catalog();
        let target = AccessTarget::Table(name("bookings"));
        let (app, granted) = (Role::Named("app".into()), Said::Granted { with_option: false });
        let mut expected = live.clone();
        let access = target.access_mut(&mut expected).unwrap();
        access.owner = Some(Role::Named("owner".into()));
        access.grants.0.entry(app.clone()).or_default().insert(Privilege::Select, granted);
        let access = target.access_mut(&mut live).unwrap();
        access.owner = Some(Role::Named("somebody".into()));
        access.grants.0.entry(app).or_default().insert(Privilege::Delete, granted);
        access.grants.0.entry(Role::Public).or_default().insert(Privilege::Select, granted);
        let mending = mend(&live, &expected, &expected.differences(&live), 14);
        assert_eq!(mending.left, []);
        assert_eq!(
            sql(&mending),
            [
                "ALTER TABLE public.bookings OWNER TO owner",
                "REVOKE SELECT ON TABLE public.bookings FROM PUBLIC",
                "REVOKE DELETE ON TABLE public.bookings FROM app",
                "GRANT SELECT ON TABLE public.bookings TO app",
            ]
        );
    }

    #[test]
    fn nothing_is_dropped_that_has_rows_or_values() {
        let live = catalog();
        let mending = mend(&live, &Catalog::default(), &Catalog::default().differences(&live), 14);
        let left: Vec<String> = mending.left.iter().map(ToString::to_string).collect();
        assert!(left.iter().any(|line| line.starts_with("table `bookings`")), "{left:?}");
        assert!(!sql(&mending).iter().any(|sql| sql.contains("DROP TABLE") || sql.contains("DROP COLUMN")));
        let mending = mended(|expected| {
            expected.table_mut(&name("bookings")).unwrap().columns.pop();
        });
        assert_eq!(mending.left.len(), 1);
        assert_eq!(sql(&mending), [] as [String; 0]);
    }
}
