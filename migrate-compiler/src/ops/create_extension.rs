//! `create extension citext;`, `create extension "uuid-ossp" schema extensions;`

use migrate_core::operation::CreateExtension;
use migrate_core::token::At;

use super::Item;
use crate::check::{Checker, Origin};
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Name, Parsed, Parser};

pub(super) const WORDS: &[&[&str]] = &[&["create", "extension"]];

pub(super) struct Create {
    name: Name,
    schema: Option<Name>,
    at: At,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Create> {
    let name = parser.name("the extension")?;
    if parser.cursor.is_words(&["with", "schema"]) {
        parser.takes_habit(&["with"], "remove it");
    }
    let schema = if parser.cursor.take_word("schema") { Some(parser.name("a schema")?) } else { None };
    parser.takes_habit(&["cascade"], "write `create extension` for what it needs before it");
    Ok(Create { at: name.at, name, schema })
}

impl Item for Create {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        if checker.catalog().extensions.contains_key(&self.name.value) {
            checker.report(Diagnostic::new(
                code::DUPLICATE_EXTENSION,
                format!("extension `{}` already exists", self.name.value),
                self.name.at,
            ));
            return;
        }
        checker.note_origin(Origin::Extension(self.name.value.clone()), self.at);
        let schema = self.schema.as_ref().map(|schema| schema.value.clone());
        let comment = head.comment.clone();
        checker.emit(CreateExtension { name: self.name.value.clone(), schema, comment }, self.at);
    }
}
