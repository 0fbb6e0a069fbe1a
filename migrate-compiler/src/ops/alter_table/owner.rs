//! `owner to ROLE`

use migrate_core::catalog::{AccessTarget, Role};
use migrate_core::name::QualifiedName;

use super::Action;
use crate::check::Checker;
use crate::clause::{parse_role, set_owner};
use crate::parser::{Head, Parsed, Parser, Spanned};

struct Owner {
    role: Spanned<Role>,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
    if !parser.cursor.take_words(&["owner", "to"]) {
        return Ok(None);
    }
    Ok(Some(Box::new(Owner { role: parse_role(parser)? })))
}

impl Action for Owner {
    fn check(&self, _: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        set_owner(AccessTarget::Table(table.value.clone()), &self.role, checker);
    }
}
