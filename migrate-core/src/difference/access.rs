//! Owners and privileges.

use crate::catalog::{AccessTarget, Catalog, Grants, Privilege, Role, Said};
use crate::name::DEFAULT_SCHEMA;
use crate::object::{Definition, Schema};
use crate::operation::{Operate as _, Operation, SetGrants, SetOwner};
use crate::sorted::{SortedMap, SortedSet};

/// What gives everything that both have the owner and the privileges that it has in the goal.
pub(super) fn operations(from: &Catalog, goal: &Catalog) -> Vec<Operation> {
    let public = AccessTarget::Object(Schema::id(DEFAULT_SCHEMA));
    let enums = goal.enums.keys().cloned().map(AccessTarget::Enum);
    let tables = goal.tables.iter().flat_map(|(name, table)| {
        let columns = table.columns.iter().map(|column| AccessTarget::Column(name.clone(), column.name.clone()));
        std::iter::once(AccessTarget::Table(name.clone())).chain(columns.collect::<Vec<_>>())
    });
    let objects = goal.objects.iter().flat_map(|(id, object)| {
        let found = from.object(id).map(|object| &object.access.columns);
        let columns: SortedSet<&String> =
            object.access.columns.keys().chain(found.into_iter().flat_map(|one| one.keys())).collect();
        let columns = columns.into_iter().map(|column| AccessTarget::Column(id.name.clone(), column.clone()));
        std::iter::once(AccessTarget::Object(id.clone())).chain(columns.collect::<Vec<_>>())
    });
    let targets = std::iter::once(public).chain(enums).chain(tables).chain(objects);
    targets.flat_map(|target| of_target(from, goal, &target)).collect()
}

/// What takes from the things that these operations make what default privileges give them, and what they do not have in the
/// goal. Both catalogs are live: a privilege of which they say nothing is one that nobody has.
pub fn taken_from_defaults(from: &Catalog, operations: &[Operation], goal: &Catalog) -> Vec<Operation> {
    let mut so_far = from.clone();
    let mut taken: SortedMap<(AccessTarget, Role), SortedMap<Privilege, Option<Said>>> = SortedMap::new();
    for operation in operations {
        for (target, role, privilege) in given(operation, &so_far) {
            if target.access(goal).is_some() && target.grants(goal).said(&role, privilege).is_none() {
                taken.entry((target, role)).or_default().insert(privilege, Some(Said::Revoked));
            }
        }
        operation.apply(&mut so_far);
    }
    let taken = taken.into_iter();
    taken.map(|((target, role), privileges)| SetGrants { target, role, privileges }.into()).collect()
}

/// The privileges that default privileges of the role that migrates give to what an operation makes.
fn given(operation: &Operation, before: &Catalog) -> Vec<(AccessTarget, Role, Privilege)> {
    let (target, name) = match operation {
        Operation::CreateTable(create) => (AccessTarget::Table(create.name.clone()), &create.name),
        Operation::CreateEnum(create) => (AccessTarget::Enum(create.name.clone()), &create.name),
        Operation::CreateObject(create) => (AccessTarget::Object(create.id.clone()), &create.id.name),
        _ => return Vec::new(),
    };
    let Some(securable) = target.securable() else { return Vec::new() };
    let mut found = Vec::new();
    for object in before.objects.values() {
        let Definition::DefaultPrivileges(defaults) = &object.definition else { continue };
        let is_here = defaults.schema.as_ref().is_none_or(|schema| *schema == name.schema);
        if defaults.role.is_some() || defaults.of.securable() != securable || !is_here {
            continue;
        }
        for (role, privileges) in &defaults.grants.0 {
            let granted = privileges.keys().copied().filter(|privilege| defaults.grants_to(role, *privilege));
            let granted = granted.filter(|privilege| !target.is_built_in(role, *privilege));
            found.extend(granted.map(|privilege| (target.clone(), role.clone(), privilege)));
        }
    }
    found
}

fn of_target(from: &Catalog, goal: &Catalog, target: &AccessTarget) -> Vec<Operation> {
    let mut operations = Vec::new();
    if !matches!(target, AccessTarget::Column(..)) {
        let owner = |catalog: &Catalog| target.access(catalog).and_then(|access| access.owner.clone());
        let wanted = owner(goal);
        if wanted != owner(from) && target.access(from).is_some() {
            operations.push(SetOwner { target: target.clone(), owner: wanted }.into());
        }
    }
    let (Grants(wanted), Grants(found)) = (target.grants(goal), target.grants(from));
    let roles: SortedSet<&Role> = wanted.keys().chain(found.keys()).collect();
    for role in roles {
        let nothing = SortedMap::new();
        let (wanted, found) = (wanted.get(role).unwrap_or(&nothing), found.get(role).unwrap_or(&nothing));
        let said: SortedSet<&Privilege> = wanted.keys().chain(found.keys()).collect();
        let differs = said.into_iter().filter(|privilege| wanted.get(privilege) != found.get(privilege));
        let privileges: SortedMap<_, _> = differs
            .filter_map(|privilege| {
                let is_built_in = target.is_built_in(role, *privilege);
                let said = match (wanted.get(privilege), found.get(privilege)) {
                    // Nothing is said in the end: it is as where nothing ever was.
                    (None, Some(Said::Granted { .. })) if !is_built_in => Said::Revoked,
                    (None, Some(Said::Revoked)) if is_built_in => Said::Granted { with_option: false },
                    (None, _) => return None,
                    (Some(said), _) => *said,
                };
                Some((*privilege, Some(said)))
            })
            .collect();
        if !privileges.is_empty() {
            operations.push(SetGrants { target: target.clone(), role: role.clone(), privileges }.into());
        }
    }
    operations
}

/// The owner, or all privileges of the roles that are mentioned; those that nobody gave are taken.
pub(crate) fn change_access(
    live: &Catalog,
    expected: &Catalog,
    target: &AccessTarget,
    property: &str,
) -> Option<Vec<Operation>> {
    if property == "owner" {
        let owner = target.access(expected)?.owner.clone();
        return Some(vec![SetOwner { target: target.clone(), owner }.into()]);
    }
    let (wanted, found) = (target.grants(expected), target.grants(live));
    let roles: SortedSet<&Role> = target.mentioned(expected).into_iter().chain([&Role::Public]).collect();
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
