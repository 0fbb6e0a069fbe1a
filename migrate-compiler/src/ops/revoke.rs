//! `revoke execute on function f from public;`, `revoke grant option for select on bookings from app;`

use migrate_core::catalog::{Privilege, Role, Said};
use migrate_core::operation::SetGrants;
use migrate_core::sorted::SortedMap;
use migrate_core::token::At;

use super::Item;
use crate::check::Checker;
use crate::clause::{PrivilegesClause, Targets, each_grant, parse_roles};
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["revoke"]];

pub(super) struct Revoke {
    option_only: bool,
    privileges: PrivilegesClause,
    targets: Targets,
    roles: Vec<Spanned<Role>>,
    at: At,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Revoke> {
    let start = parser.cursor.index();
    let option_only = parser.cursor.take_words(&["grant", "option", "for"]);
    let privileges = PrivilegesClause::parse(parser)?;
    let targets = Targets::parse(parser)?;
    parser.word("from")?;
    let roles = parse_roles(parser, |_| false)?;
    if parser.cursor.is_word("cascade") {
        return Err(Diagnostic::new(code::SYNTAX, "unexpected `cascade`", parser.cursor.at())
            .help("remove it, and first revoke what these roles have granted to others"));
    }
    Ok(Revoke { option_only, privileges, targets, roles, at: parser.cursor.since(start) })
}

impl Item for Revoke {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`revoke`");
        let Some(each) = each_grant(&self.privileges, &self.targets, &self.roles, checker) else { return };
        let mut emitted = false;
        for (target, role, privileges) in each {
            let before = target.grants(checker.catalog());
            let after = |privilege: &Privilege| match (self.option_only, before.said(&role, *privilege)) {
                (false, Some(Said::Revoked)) => None,
                (false, _) => Some(Said::Revoked),
                (true, Some(Said::Granted { with_option: true })) => Some(Said::Granted { with_option: false }),
                (true, _) => None,
            };
            let changed = privileges.into_iter().filter_map(|privilege| Some((privilege, Some(after(&privilege)?))));
            let privileges: SortedMap<Privilege, Option<Said>> = changed.collect();
            if !privileges.is_empty() {
                emitted = true;
                checker.emit(SetGrants { target, role, privileges }, self.at);
            }
        }
        if !emitted {
            let headline = match self.option_only {
                true => "nobody has granted these with the grant option",
                false => "these privileges are revoked already",
            };
            checker.report(
                Diagnostic::new(code::EMPTY, headline, self.at).help("remove it, or write what else should be revoked"),
            );
        }
    }
}
