//! `drop extension citext;`

use migrate_core::operation::DropExtension;

use super::Item;
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Head, Name, Parsed, Parser};

pub(super) const WORDS: &[&[&str]] = &[&["drop", "extension"]];

#[derive(Debug)]
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
        if !checker.catalog().extensions.contains_key(name) {
            let known: Vec<String> = checker.catalog().extensions.keys().cloned().collect();
            checker.report(
                Diagnostic::new(code::UNKNOWN_EXTENSION, format!("cannot find extension `{name}`"), self.name.at)
                    .maybe_help(choices(name, known.iter().map(String::as_str), "extensions")),
            );
            return;
        }
        checker.emit(DropExtension { name: name.clone() }, self.name.at);
    }
}
