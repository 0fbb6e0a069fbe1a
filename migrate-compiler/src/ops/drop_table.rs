//! `drop table bookings;`

use migrate_core::name::QualifiedName;
use migrate_core::operation::DropTable;

use super::Item;
use crate::check::Checker;
use crate::parser::{Head, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["drop", "table"]];

pub(super) struct Drop {
    name: Spanned<QualifiedName>,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Drop> {
    let name = parser.qualified_name("the table")?;
    parser.no_drop_behavior("the table");
    Ok(Drop { name })
}

impl Item for Drop {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`drop table`");
        if checker.table(&self.name).is_none() {
            return;
        }
        let name = &self.name.value;
        if checker.emit_unless_needed(DropTable { name: name.clone() }, self.name.at) {
            checker.state.undeclared.forget(name);
        } else {
            // It is meant to be gone: what comes later is not judged by it.
            checker.state.broken.relations.insert(name.clone());
        }
    }
}
