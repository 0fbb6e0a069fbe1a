//! `GRANT`, `REVOKE` and `OWNER TO`, as operations of their own and beside what makes an object.

use crate::catalog::{Access, AccessTarget, Grants, Privilege, Privileges, Role, Said, Securable, Table};
use crate::name::QualifiedName;
use crate::object::DefaultPrivileges;
use crate::plan::{LockMode, Lowering};
use crate::sorted::SortedMap;
use crate::sql::Writer;

/// What a `GRANT` or `REVOKE` is about.
#[derive(Clone, Copy)]
pub(crate) enum Granted<'g> {
    /// Something that is there.
    Target(&'g AccessTarget),
    /// What is made later.
    Defaults(&'g DefaultPrivileges),
}

impl Granted<'_> {
    fn securable(self) -> Option<Securable> {
        match self {
            Granted::Target(target) => target.securable(),
            Granted::Defaults(defaults) => Some(defaults.of.securable()),
        }
    }

    fn is_built_in(self, role: &Role, privilege: Privilege) -> bool {
        match self {
            Granted::Target(target) => target.is_built_in(role, privilege),
            Granted::Defaults(defaults) => defaults.is_built_in(role, privilege),
        }
    }
}

/// Adds the statements that give one role what is said of it after, where it has what was said before.
pub(crate) fn lower_grants(
    target: Granted<'_>,
    role: &Role,
    before: &Privileges,
    after: &Privileges,
    plan: &mut Lowering,
) {
    let mut changes: SortedMap<Change, Vec<Privilege>> = SortedMap::new();
    for privilege in before.keys().chain(after.keys()).copied() {
        let is_built_in = target.is_built_in(role, privilege);
        let change = match (before.get(&privilege), after.get(&privilege)) {
            (one, other) if one == other => continue,
            (Some(Said::Granted { with_option: true }), Some(Said::Granted { with_option: false })) => {
                Change::RevokeOption
            }
            (_, Some(Said::Granted { with_option: true })) => Change::GrantWithOption,
            (_, Some(Said::Granted { with_option: false })) => Change::Grant,
            (_, Some(Said::Revoked)) => Change::Revoke,
            (Some(Said::Granted { with_option: true }), None) if is_built_in => Change::RevokeOption,
            (Some(Said::Granted { .. }), None) if is_built_in => continue,
            (Some(Said::Granted { .. }), None) => Change::Revoke,
            (Some(Said::Revoked), None) if is_built_in => Change::Grant,
            (_, None) => continue,
        };
        let privileges = changes.entry(change).or_default();
        if !privileges.contains(&privilege) {
            privileges.push(privilege);
        }
    }
    for (change, privileges) in changes {
        let all = target.securable().map_or(&[][..], Securable::privileges);
        let is_all = all.iter().all(|privilege| privileges.contains(privilege));
        // Older servers do not know the word, and newer ones grant it with all of them.
        let is_unwritable = privileges.contains(&Privilege::Maintain) && plan.postgres() < 17;
        if is_all || !is_unwritable {
            let privileges = if is_all { None } else { Some(privileges.as_slice()) };
            write(target, role, change, privileges, plan);
            continue;
        }
        write(target, role, change, None, plan);
        let has = |privilege: &&Privilege, option: bool| matches!(after.get(privilege), Some(Said::Granted { with_option }) if *with_option || !option);
        let rest: Vec<Privilege> = all.iter().filter(|one| !privileges.contains(one)).copied().collect();
        let (kept, gone): (Vec<&Privilege>, Vec<&Privilege>) = match change {
            Change::Grant | Change::Revoke => rest.iter().partition(|one| has(one, false)),
            Change::GrantWithOption | Change::RevokeOption => rest.iter().partition(|one| has(one, true)),
        };
        let (back, privileges) = match change {
            Change::Grant => (Change::Revoke, gone),
            Change::GrantWithOption => (Change::RevokeOption, gone),
            Change::Revoke => (Change::Grant, kept),
            Change::RevokeOption => (Change::GrantWithOption, kept),
        };
        let privileges: Vec<Privilege> = privileges.into_iter().copied().collect();
        if !privileges.is_empty() {
            write(target, role, back, Some(&privileges), plan);
        }
    }
}

/// What a statement does with privileges. What is revoked comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Revoke,
    RevokeOption,
    Grant,
    GrantWithOption,
}

/// Writes one statement; without privileges, for all of them.
fn write(target: Granted<'_>, role: &Role, change: Change, privileges: Option<&[Privilege]>, plan: &mut Lowering) {
    let column = match target {
        Granted::Target(AccessTarget::Column(_, column)) => Some(column),
        _ => None,
    };
    let in_column = |writer: Writer| writer.optional(column, |writer, column| writer.identifiers([column]));
    let writer = match target {
        Granted::Target(_) => Writer::new(),
        Granted::Defaults(defaults) => defaults.write_scope(Writer::new().keyword("ALTER DEFAULT PRIVILEGES")),
    };
    let writer = writer.keyword(match change {
        Change::Grant | Change::GrantWithOption => "GRANT",
        Change::Revoke => "REVOKE",
        Change::RevokeOption => "REVOKE GRANT OPTION FOR",
    });
    let writer = match privileges {
        None => in_column(writer.keyword("ALL PRIVILEGES")),
        Some(privileges) => {
            writer.comma_separated(privileges, |writer, privilege| in_column(writer.keyword(privilege.keyword())))
        }
    };
    let writer = match target {
        Granted::Target(target) => target.write_granted(writer.keyword("ON")),
        Granted::Defaults(defaults) => writer.keyword("ON").keyword(defaults.of.keyword()),
    };
    let writer = writer.keyword(match change {
        Change::Grant | Change::GrantWithOption => "TO",
        Change::Revoke | Change::RevokeOption => "FROM",
    });
    let writer = role.write(writer).keyword_if(change == Change::GrantWithOption, "WITH GRANT OPTION");
    plan.sql(writer.finish());
}

/// Adds the statement that gives it another owner; `None` for the role that migrates.
pub(super) fn lower_owner(target: &AccessTarget, owner: Option<&Role>, plan: &mut Lowering) {
    let writer = target.write(Writer::new().keyword("ALTER")).keyword("OWNER TO");
    let added = plan.sql(owner.unwrap_or(&Role::CurrentUser).write(writer).finish());
    match target {
        AccessTarget::Table(table) => {
            added.locking(table, LockMode::AccessExclusive);
        }
        AccessTarget::Object(id) => {
            if let Some(view) = id.materialized_view() {
                added.locking_view(view, LockMode::AccessExclusive);
            }
        }
        _ => {}
    }
}

/// Adds the statements that give something new the privileges that are said of it.
pub(super) fn lower_new_grants(target: &AccessTarget, grants: &Grants, plan: &mut Lowering) {
    for (role, privileges) in &grants.0 {
        lower_grants(Granted::Target(target), role, &Privileges::new(), privileges, plan);
    }
}

/// Adds the statements that give something new its privileges and its owner.
pub(super) fn lower_new(target: &AccessTarget, access: &Access, plan: &mut Lowering) {
    lower_new_grants(target, &access.grants, plan);
    if let AccessTarget::Object(id) = target {
        for (column, grants) in &access.columns {
            lower_new_grants(&AccessTarget::Column(id.name.clone(), column.clone()), grants, plan);
        }
    }
    if access.owner.is_some() {
        lower_owner(target, access.owner.as_ref(), plan);
    }
}

/// Adds the statements that give a new table and its columns their privileges and their owner.
pub(super) fn lower_new_table(name: &QualifiedName, table: &Table, plan: &mut Lowering) {
    for column in &table.columns {
        lower_new_grants(&AccessTarget::Column(name.clone(), column.name.clone()), &column.grants, plan);
    }
    lower_new(&AccessTarget::Table(name.clone()), &table.access, plan);
}
