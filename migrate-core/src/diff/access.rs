//! Comparing owners and privileges.
//!
//! What the history says nothing about is left alone: an owner that it does not name, roles that it does not mention for an
//! object. Of a role that it mentions, everything counts, on each column of a table too; and what every role may do counts always, beyond what PostgreSQL
//! gives by itself.

use super::compare::Differences;
use super::{Object, Property};
use crate::catalog::{Access, AccessTarget, Catalog, Grants, Privilege, Privileges, Role, Said, Securable};
use crate::name::DEFAULT_SCHEMA;
use crate::object::{DefaultPrivileges, DefaultsOf, Definition, Kind, Schema};
use crate::sorted::SortedSet;

/// Two catalogs while owners and privileges of their objects are compared.
pub(super) struct AccessComparison<'c> {
    expected: &'c Catalog,
    /// What new objects have from the beginning.
    defaults: Vec<&'c DefaultPrivileges>,
    /// Whether what every role may do is known.
    counts_everybody: bool,
}

impl<'c> AccessComparison<'c> {
    pub(super) fn new(expected: &'c Catalog) -> Self {
        let defaults = expected.objects.values().filter_map(|object| match &object.definition {
            Definition::DefaultPrivileges(defaults) => Some(defaults),
            _ => None,
        });
        AccessComparison { expected, defaults: defaults.collect(), counts_everybody: !expected.grants_by_hand }
    }

    /// Compares the schema `public`, which is in no list.
    pub(super) fn compare_public(&self, expected: &Catalog, found: &Catalog, differences: &mut Differences) {
        let id = Schema::id(DEFAULT_SCHEMA);
        let object = Object::Other(id.clone());
        self.compare(differences, &object, &AccessTarget::Object(id), &expected.public, &found.public);
    }

    /// Compares the owner and the privileges of an object.
    pub(super) fn compare(
        &self,
        differences: &mut Differences,
        object: &Object,
        target: &AccessTarget,
        expected: &Access,
        found: &Access,
    ) {
        if let (Some(Role::Named(one)), Some(Role::Named(other))) = (&expected.owner, &found.owner) {
            differences.compare(object, Property::Other("owner"), Some(one.clone()), Some(other.clone()));
        }
        let owner = found.owner.as_ref();
        self.compare_grants(differences, object, target, owner, &expected.grants, &found.grants);
        if let AccessTarget::Object(id) = target {
            let columns: SortedSet<&String> = expected.columns.keys().chain(found.columns.keys()).collect();
            for column in columns {
                let object = Object::Column { table: id.name.clone(), column: column.clone() };
                let target = AccessTarget::Column(id.name.clone(), column.clone());
                let of = |access: &Access| access.columns.get(column).cloned().unwrap_or_default();
                self.compare_grants(differences, &object, &target, owner, &of(expected), &of(found));
            }
        }
    }

    /// Compares privileges.
    pub(super) fn compare_grants(
        &self,
        differences: &mut Differences,
        object: &Object,
        target: &AccessTarget,
        owner: Option<&Role>,
        expected: &Grants,
        found: &Grants,
    ) {
        let nothing = Privileges::new();
        let public = Role::Public;
        let roles: SortedSet<&Role> = target.mentioned(self.expected).into_iter().chain([&public]).collect();
        for role in roles {
            let is_open = matches!(role, Role::CurrentUser | Role::SessionUser);
            // What an owner may do is implied.
            if is_open || owner == Some(role) || *role == Role::Public && !self.counts_everybody {
                continue;
            }
            let said = expected.0.get(role).unwrap_or(&nothing);
            let has = found.0.get(role).unwrap_or(&nothing);
            let all = target.securable().map_or(&[][..], Securable::privileges);
            let is_as_expected = |privilege: &&Privilege| {
                let has = has.get(privilege).filter(|said| **said != Said::Revoked);
                match said.get(privilege) {
                    // Older servers do not have it.
                    _ if **privilege == Privilege::Maintain && *role != Role::Public => true,
                    Some(Said::Revoked) => has.is_none(),
                    Some(granted) => has == Some(granted),
                    None => has.is_none() || self.is_given(target, role, **privilege),
                }
            };
            if all.iter().all(|privilege| is_as_expected(&privilege)) {
                continue;
            }
            let expected = |privilege: &&Privilege| match said.get(*privilege) {
                Some(Said::Granted { .. }) => true,
                Some(Said::Revoked) => false,
                None => has.contains_key(*privilege) && self.is_given(target, role, **privilege),
            };
            let wanted: Vec<&Privilege> = all.iter().filter(expected).collect();
            let there: Vec<&Privilege> = all.iter().filter(|privilege| has.contains_key(*privilege)).collect();
            differences.compare(
                object,
                Property::Other("privileges"),
                Some(told(role, &wanted, said)),
                Some(told(role, &there, has)),
            );
        }
    }

    /// Whether a role may have a privilege of which nothing is said: it is built in, or default privileges gave it.
    fn is_given(&self, target: &AccessTarget, role: &Role, privilege: Privilege) -> bool {
        let of = match (target, target.securable()) {
            (AccessTarget::Object(id), _) if id.kind == Kind::Schema => DefaultsOf::Schemas,
            (_, Some(Securable::Table)) => DefaultsOf::Tables,
            (_, Some(Securable::Sequence)) => DefaultsOf::Sequences,
            (_, Some(Securable::Routine)) => DefaultsOf::Functions,
            (_, Some(Securable::Type)) => DefaultsOf::Types,
            _ => return target.is_built_in(role, privilege),
        };
        target.is_built_in(role, privilege)
            || self.defaults.iter().any(|defaults| defaults.of == of && defaults.grants_to(role, privilege))
    }
}

/// A role with its privileges: `app: select, insert with grant option`.
fn told(role: &Role, privileges: &[&Privilege], said: &Privileges) -> String {
    let each: Vec<String> = privileges
        .iter()
        .map(|privilege| match said.get(privilege) {
            Some(Said::Granted { with_option: true }) => format!("{privilege} with grant option"),
            _ => privilege.to_string(),
        })
        .collect();
    match each.is_empty() {
        true => format!("{role}: nothing"),
        false => format!("{role}: {}", each.join(", ")),
    }
}
