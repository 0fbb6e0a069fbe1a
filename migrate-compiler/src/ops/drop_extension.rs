//! `drop extension citext;`

use migrate_core::operation::DropExtension;

use super::Item;
use crate::check::Checker;
use crate::parser::{Head, Name, Parsed, Parser};

pub(super) const WORDS: &[&[&str]] = &[&["drop", "extension"]];

pub(super) struct Drop {
    name: Name,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Drop> {
    let name = parser.name("the extension")?;
    parser.no_drop_behavior("it");
    Ok(Drop { name })
}

impl Item for Drop {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`drop extension`");
        let name = &self.name.value;
        if checker.extension_exists(&self.name) {
            checker.emit(DropExtension { name: name.clone() }, self.name.at);
        }
    }
}
