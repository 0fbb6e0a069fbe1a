//! `alter index bookings_user_id_idx rename to bookings_by_user;`

use migrate_core::name::QualifiedName;
use migrate_core::operation::RenameIndex;

use super::Item;
use crate::check::Checker;
use crate::diagnostic::code;
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["alter", "index"]];

#[derive(Debug)]
pub(super) struct Rename {
    name: Spanned<QualifiedName>,
    to: Name,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Rename> {
    let name = parser.qualified_name("the index")?;
    parser.word("rename")?;
    parser.word("to")?;
    Ok(Rename { name, to: parser.name("the new name")? })
}

impl Item for Rename {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`alter index`");
        let Some((table, _)) = checker.index(&self.name) else { return };
        let target = Spanned { value: table.sibling(self.to.value.clone()), at: self.to.at };
        if checker.name_fits(&self.to) && checker.relation_name_is_free(&target, code::DUPLICATE_INDEX) {
            let from = self.name.value.name.clone();
            checker.emit(RenameIndex { table, from, to: self.to.value.clone() }, self.name.at);
        }
    }
}
