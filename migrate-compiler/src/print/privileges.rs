//! Owners and privileges.

use migrate_core::catalog::{Access, AccessTarget, Grants, Privilege, Privileges, Role, Said};
use migrate_core::object::{DefaultPrivileges, Definition, Kind, ObjectId};
use migrate_core::operation::SetGrants;
use migrate_core::sorted::{SortedMap, SortedSet};

use super::{Piece, Printed, Unprintable, identity, name, qualified};

/// A role.
pub(crate) fn role(written: &Role) -> String {
    match written {
        Role::Public => "public".to_owned(),
        Role::CurrentUser => "current_user".to_owned(),
        Role::SessionUser => "session_user".to_owned(),
        Role::Named(role) => name(role),
    }
}

/// The owner and all privileges of something.
pub(super) fn access(target: &AccessTarget, access: &Access) -> Printed<Vec<Piece>> {
    let mut pieces = Vec::new();
    if let Some(owner) = &access.owner {
        pieces.push(self::owner(target, owner));
    }
    pieces.extend(grants(target, &access.grants)?);
    for (column, of_column) in &access.columns {
        let relation = match target {
            AccessTarget::Table(name) => name.clone(),
            AccessTarget::Object(id) => id.name.clone(),
            AccessTarget::Column(..) | AccessTarget::Enum(_) => continue,
        };
        pieces.extend(grants(&AccessTarget::Column(relation, column.clone()), of_column)?);
    }
    Ok(pieces)
}

/// `owner to billing_admin`
pub(super) fn owner(target: &AccessTarget, owner: &Role) -> Piece {
    let of = match target {
        AccessTarget::Table(table) | AccessTarget::Column(table, _) => format!("alter table {}", qualified(table)),
        AccessTarget::Enum(written) => format!("alter enum {}", qualified(written)),
        AccessTarget::Object(id) => format!("alter {} {}", crate::object::words_of(id.kind), identity(id)),
    };
    Piece::action(of, format!("owner to {}", role(owner)))
}

/// What is said of privileges, as grants and revocations.
pub(super) fn grants(target: &AccessTarget, grants: &Grants) -> Printed<Vec<Piece>> {
    let mut pieces = Vec::new();
    for (role, privileges) in &grants.0 {
        let each = privileges.iter().map(|(privilege, said)| (*privilege, Some(*said))).collect();
        pieces.extend(set(&SetGrants { target: target.clone(), role: role.clone(), privileges: each }, grants)?);
    }
    Ok(pieces)
}

/// The grants and revocations of an operation. `before` is what was said until then.
pub(super) fn set(operation: &SetGrants, before: &Grants) -> Printed<Vec<Piece>> {
    let mut by_form: SortedMap<(u8, &str), Vec<Privilege>> = SortedMap::new();
    for (privilege, said) in &operation.privileges {
        let had = before.said(&operation.role, *privilege);
        let form = match said {
            Some(Said::Granted { with_option: true }) => (2, "grant"),
            Some(Said::Granted { with_option: false }) if had == Some(Said::Granted { with_option: true }) => {
                (1, "revoke grant option for")
            }
            Some(Said::Granted { with_option: false }) => (0, "grant"),
            Some(Said::Revoked) => (0, "revoke"),
            None => {
                let what =
                    format!("the privilege `{privilege}` of `{}` on {}", operation.role, operation.target.told());
                return Err(Unprintable::new(what, "no statement restores its initial state"));
            }
        };
        by_form.entry(form).or_default().push(*privilege);
    }
    let (of, column) = granted_on(&operation.target);
    let role = role(&operation.role);
    Ok(by_form
        .into_iter()
        .map(|((option, verb), privileges)| {
            if operation
                .target
                .securable()
                .is_some_and(|one| one.privileges().len() > 1 && one.privileges() == privileges)
            {
                let columns = column.as_ref().map_or_else(String::new, |column| format!(" ({})", name(column)));
                return Piece::item(with_roles(verb, &format!("all privileges{columns} on {of}"), &role, option));
            }
            let listed: Vec<String> = privileges
                .iter()
                .map(|privilege| match &column {
                    Some(column) => format!("{privilege} ({})", name(column)),
                    None => privilege.to_string(),
                })
                .collect();
            Piece::item(with_roles(verb, &format!("{} on {of}", listed.join(", ")), &role, option))
        })
        .collect())
}

fn with_roles(verb: &str, what: &str, role: &str, option: u8) -> String {
    let direction = if verb == "grant" { "to" } else { "from" };
    let with = if option == 2 { " with grant option" } else { "" };
    format!("{verb} {what} {direction} {role}{with}")
}

/// What privileges are of, and the column.
fn granted_on(target: &AccessTarget) -> (String, Option<String>) {
    match target {
        AccessTarget::Table(table) => (qualified(table), None),
        AccessTarget::Column(relation, column) => (qualified(relation), Some(column.clone())),
        AccessTarget::Enum(written) => (format!("type {}", qualified(written)), None),
        AccessTarget::Object(id) => {
            let word = match id.kind {
                Kind::View | Kind::MaterializedView | Kind::ForeignTable => return (qualified(&id.name), None),
                Kind::Schema => "schema",
                Kind::Sequence => "sequence",
                Kind::Domain => "domain",
                Kind::Function => "function",
                Kind::Procedure => "procedure",
                kind if kind.securable() == Some(migrate_core::catalog::Securable::Type) => "type",
                kind => kind.noun(),
            };
            (format!("{word} {}", identity(id)), None)
        }
    }
}

/// Default privileges that lead from one definition to another.
pub(super) fn defaults(id: &ObjectId, before: Option<&Definition>, after: Option<&Definition>) -> Printed<Vec<Piece>> {
    fn of(definition: Option<&Definition>) -> Option<&DefaultPrivileges> {
        match definition {
            Some(Definition::DefaultPrivileges(defaults)) => Some(defaults),
            _ => None,
        }
    }
    let (before, after) = (of(before), of(after));
    let Some(scope) = after.or(before) else {
        return Err(Unprintable::new(id.told(), "these are no default privileges"));
    };
    let mut head = String::from("alter default privileges");
    if let Some(role) = &scope.role {
        head.push_str(&format!(" for role {}", name(role)));
    }
    if let Some(schema) = &scope.schema {
        head.push_str(&format!(" in schema {}", name(schema)));
    }
    let empty = Privileges::new();
    let of_role = |defaults: Option<&DefaultPrivileges>, role: &Role| -> Privileges {
        defaults.and_then(|defaults| defaults.grants.0.get(role)).unwrap_or(&empty).clone()
    };
    let roles = before.iter().chain(&after).flat_map(|defaults| defaults.grants.0.keys());
    let roles: SortedSet<&Role> = roles.collect();
    let objects = scope.of.keyword().to_lowercase();
    let mut pieces = Vec::new();
    for one in roles {
        let (had, has) = (of_role(before, one), of_role(after, one));
        let mut by_form: SortedMap<(u8, &str), Vec<String>> = SortedMap::new();
        let privileges: SortedSet<Privilege> = had.keys().chain(has.keys()).copied().collect();
        for privilege in privileges {
            let (was, is) = (had.get(&privilege), has.get(&privilege));
            if was == is {
                continue;
            }
            let built_in = scope.is_built_in(one, privilege);
            let form = match (was, is) {
                (_, Some(Said::Granted { with_option: true })) => (2, "grant"),
                (Some(Said::Granted { with_option: true }), Some(Said::Granted { with_option: false })) => {
                    (1, "revoke grant option for")
                }
                (_, Some(Said::Granted { with_option: false })) if !built_in => (0, "grant"),
                (_, Some(Said::Revoked)) if built_in => (0, "revoke"),
                (_, None) if built_in => (0, "grant"),
                (_, None) => (0, "revoke"),
                _ => {
                    let what = format!("the default privilege `{privilege}` of `{one}` on {objects}");
                    return Err(Unprintable::new(what, "PostgreSQL grants it by default"));
                }
            };
            by_form.entry(form).or_default().push(privilege.to_string());
        }
        for ((option, verb), listed) in by_form {
            let what = format!("{} on {objects}", listed.join(", "));
            pieces.push(Piece::item(format!("{head} {}", with_roles(verb, &what, &role(one), option))));
        }
    }
    Ok(pieces)
}
