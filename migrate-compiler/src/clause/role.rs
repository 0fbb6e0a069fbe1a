//! `public`, `current_user`, `session_user`, or the name of a role.

use migrate_core::catalog::{AccessTarget, Role};
use migrate_core::operation::SetOwner;
use migrate_core::sorted::SortedSet;

use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Parsed, Parser, Spanned};

/// Takes one role.
pub(crate) fn parse_role(parser: &mut Parser<'_>) -> Parsed<Spanned<Role>> {
    let name = parser.name("a role")?;
    let role = match name.value.as_str() {
        "public" => Role::Public,
        "current_user" | "current_role" => Role::CurrentUser,
        "session_user" => Role::SessionUser,
        "none" => {
            let mistake = Diagnostic::new(code::SYNTAX, "`none` is not a role", name.at);
            return Err(mistake.help("write the name of a role, or `public` for every role"));
        }
        _ => Role::Named(name.value),
    };
    Ok(Spanned { value: role, at: name.at })
}

/// Takes roles between commas. `ends` says whether what follows a comma is not a role anymore.
pub(crate) fn parse_roles(parser: &mut Parser<'_>, ends: impl Fn(&Parser<'_>) -> bool) -> Parsed<Vec<Spanned<Role>>> {
    let mut roles = vec![parse_role(parser)?];
    loop {
        let comma = parser.cursor.index();
        if !parser.cursor.take_symbol(',') {
            return Ok(roles);
        }
        if ends(parser) {
            parser.cursor.go_to(comma);
            return Ok(roles);
        }
        roles.push(parse_role(parser)?);
    }
}

impl Checker<'_> {
    /// Roles that are named once each, as a set.
    pub(crate) fn roles(&mut self, written: &[Spanned<Role>]) -> Option<SortedSet<Role>> {
        let mut roles = SortedSet::new();
        for role in written {
            if !roles.insert(role.value.clone()) {
                self.report(Diagnostic::new(
                    code::DUPLICATE_CLAUSE,
                    format!("the role `{}` is named more than once", role.value),
                    role.at,
                ));
                return None;
            }
        }
        Some(roles)
    }
}

/// Gives something the owner that is written; reported where nothing can own it, or where it has that owner.
pub(crate) fn set_owner(target: AccessTarget, role: &Spanned<Role>, checker: &mut Checker<'_>) {
    if role.value == Role::Public {
        return checker.report(
            Diagnostic::new(code::INVALID_DEFINITION, "`public` cannot own anything", role.at)
                .help("write the name of a role"),
        );
    }
    let owner = Some(role.value.clone());
    if target.access(checker.catalog()).is_some_and(|access| access.owner == owner) {
        return checker.report(
            Diagnostic::new(code::EMPTY, format!("{} already has this owner", target.told()), role.at)
                .help("remove it"),
        );
    }
    checker.emit(SetOwner { target, owner }, role.at);
}
