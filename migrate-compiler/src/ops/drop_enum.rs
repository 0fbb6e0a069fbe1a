//! `drop enum booking_status;`

use migrate_core::name::QualifiedName;
use migrate_core::operation::DropEnum;

use super::Item;
use crate::check::Checker;
use crate::parser::{Head, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["drop", "enum"]];

pub(super) struct Drop {
    name: Spanned<QualifiedName>,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Drop> {
    let name = parser.qualified_name("the enum")?;
    parser.no_drop_behavior("the enum");
    Ok(Drop { name })
}

impl Item for Drop {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`drop enum`");
        if checker.enum_type(&self.name).is_none() {
            return;
        }
        if checker.emit_unless_needed(DropEnum { name: self.name.value.clone() }, self.name.at) {
            checker.state.undeclared.forget(&self.name.value);
        } else {
            // It is meant to be gone: what comes later is not judged by it.
            checker.state.broken.types.insert(self.name.value.clone());
        }
    }
}
