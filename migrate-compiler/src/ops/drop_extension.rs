//! `drop extension citext;`

use migrate_core::operation::DropExtension;
use migrate_core::types::operator_class;

use super::Item;
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, choices, code};
use crate::extensions;
use crate::parser::{Head, Name, Parsed, Parser};

pub(super) const WORDS: &[&[&str]] = &[&["drop", "extension"]];

#[derive(Debug)]
pub(super) struct Drop {
    name: Name,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Drop> {
    Ok(Drop { name: parser.name("the extension")? })
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
        let users: Vec<String> = checker
            .catalog()
            .tables
            .iter()
            .flat_map(|(table, definition)| {
                definition.columns.iter().filter_map(move |column| {
                    let type_name = column.data_type.depends_on()?;
                    (extensions::providing_type(&type_name.name) == Some(name.as_str()))
                        .then(|| format!("column `{table}.{}` is of type `{}`", column.name, column.data_type))
                })
            })
            .chain(checker.catalog().tables.values().flat_map(|definition| {
                definition.indexes.iter().filter_map(|(index, definition)| {
                    let uses = definition.keys.iter().filter_map(|key| key.operator_class.as_deref()).any(|class| {
                        operator_class(&definition.method, class).and_then(|class| class.extension)
                            == Some(name.as_str())
                    });
                    uses.then(|| format!("index `{index}` uses one of its operator classes"))
                })
            }))
            .collect();
        if !users.is_empty() {
            let mut mistake = Diagnostic::new(
                code::STILL_NEEDED,
                format!("cannot drop extension `{name}`, because it is still used"),
                self.name.at,
            );
            mistake.notes = users;
            checker.report(mistake);
            return;
        }
        checker.emit(DropExtension { name: name.clone() }, self.name.at);
    }
}
