//! `grant select, update (name) on bookings to app with grant option;`

use migrate_core::catalog::{Privilege, Role, Said};
use migrate_core::operation::SetGrants;
use migrate_core::sorted::SortedMap;
use migrate_core::token::At;

use super::Item;
use crate::check::Checker;
use crate::clause::{PrivilegesClause, Targets, each_grant, parse_roles};
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["grant"]];

pub(super) struct Grant {
    privileges: PrivilegesClause,
    targets: Targets,
    roles: Vec<Spanned<Role>>,
    with_option: bool,
    at: At,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Grant> {
    let start = parser.cursor.index();
    let privileges = PrivilegesClause::parse(parser)?;
    let targets = Targets::parse(parser)?;
    parser.word("to")?;
    let roles = parse_roles(parser, |_| false)?;
    let with_option = parser.cursor.take_words(&["with", "grant", "option"]);
    if parser.cursor.is_words(&["granted", "by"]) {
        return Err(Diagnostic::new(code::SYNTAX, "unexpected `granted by`", parser.cursor.at())
            .help("remove it: privileges are granted by the role that migrates"));
    }
    Ok(Grant { privileges, targets, roles, with_option, at: parser.cursor.since(start) })
}

impl Item for Grant {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`grant`");
        if let Some(public) = self.roles.iter().find(|role| role.value == Role::Public).filter(|_| self.with_option) {
            return checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, "`public` cannot have the grant option", public.at)
                    .help("remove `with grant option`, or name the roles"),
            );
        }
        let Some(each) = each_grant(&self.privileges, &self.targets, &self.roles, checker) else { return };
        let mut emitted = false;
        for (target, role, privileges) in each {
            let before = target.grants(checker.catalog());
            let wanted = Said::Granted { with_option: self.with_option };
            // What has the grant option keeps it.
            let has = |said| said == Some(wanted) || said == Some(Said::Granted { with_option: true });
            let missing = privileges.into_iter().filter(|privilege| !has(before.said(&role, *privilege)));
            let privileges: SortedMap<Privilege, Option<Said>> = missing.map(|one| (one, Some(wanted))).collect();
            if !privileges.is_empty() {
                emitted = true;
                checker.emit(SetGrants { target, role, privileges }, self.at);
            }
        }
        if !emitted {
            checker.report(
                Diagnostic::new(code::EMPTY, "these privileges are already granted", self.at)
                    .help("remove it, or write what else should be granted"),
            );
        }
    }
}
