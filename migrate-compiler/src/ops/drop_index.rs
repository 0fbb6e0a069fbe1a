//! `drop index bookings_user_id_idx;`

use migrate_core::name::QualifiedName;
use migrate_core::operation::DropIndex;

use super::Item;
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["drop", "index"]];

pub(super) struct Drop {
    name: Spanned<QualifiedName>,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Drop> {
    parser.takes_habit(
        &["concurrently"],
        "remove it: indexes of existing tables are always dropped concurrently",
    );
    parser.no_existence_check();
    let name = parser.qualified_name("the index")?;
    parser.no_drop_behavior("the index");
    Ok(Drop { name })
}

impl Item for Drop {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`drop index`");
        let Some((table, index)) = checker.index(&self.name) else { return };
        if let Some(whole) = index.attached_to {
            checker.report(
                Diagnostic::new(
                    code::STILL_NEEDED,
                    format!("the index `{}` is the part of `{whole}` on a partition", self.name.value),
                    self.name.at,
                )
                .help(format!("write `drop index {whole};`")),
            );
            return;
        }
        if checker.report_replica_identity(&table, &self.name.value.name, self.name.at) {
            return;
        }
        checker.emit(DropIndex { table, name: self.name.value.name.clone() }, self.name.at);
    }
}
