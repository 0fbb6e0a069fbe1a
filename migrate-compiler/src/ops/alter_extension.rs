//! `alter extension citext set schema extensions;`, `alter extension citext update to "1.6";`

use migrate_core::extension::stays_in_its_schema;
use migrate_core::operation::{MoveExtension, UpdateExtension};
use migrate_core::token::At;

use super::Item;
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Head, Name, Parsed, Parser};

pub(super) const WORDS: &[&[&str]] = &[&["alter", "extension"]];

pub(super) struct Alter {
    name: Name,
    action: Action,
    at: At,
}

enum Action {
    SetSchema { to: Name },
    Update { version: Option<String> },
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Alter> {
    let start = parser.cursor.index();
    let name = parser.name("the extension")?;
    let action = if parser.cursor.take_words(&["set", "schema"]) {
        Action::SetSchema { to: parser.name("the new schema")? }
    } else if parser.cursor.take_word("update") {
        let version = match parser.cursor.take_word("to") {
            true => Some(parser.text("the version in double quotes")?.value),
            false => None,
        };
        Action::Update { version }
    } else if parser.cursor.is_word("add") || parser.cursor.is_word("drop") {
        let mistake = Diagnostic::new(code::SYNTAX, "expected `set schema` or `update`", parser.cursor.at());
        return Err(mistake.help("leave the members of an extension to its scripts"));
    } else {
        return parser.expected("`set schema` or `update`");
    };
    Ok(Alter { name, action, at: parser.cursor.since(start) })
}

impl Item for Alter {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`alter extension`");
        if !checker.extension_exists(&self.name) {
            return;
        }
        let name = self.name.value.clone();
        match &self.action {
            Action::Update { version } => checker.emit(UpdateExtension { name, version: version.clone() }, self.at),
            Action::SetSchema { to } => {
                if stays_in_its_schema(&name) {
                    checker.report(
                        Diagnostic::new(
                            code::INVALID_DEFINITION,
                            format!("extension `{name}` cannot be moved to another schema"),
                            to.at,
                        )
                        .help("create it in that schema, or leave it where it is"),
                    );
                } else if checker.catalog().extensions.get(&name).is_some_and(|found| found.schema() == to.value) {
                    checker.report(
                        Diagnostic::new(
                            code::NO_CHANGE,
                            format!("extension `{name}` is already in schema `{}`", to.value),
                            self.at,
                        )
                        .help("remove it"),
                    );
                } else if checker.schema_exists(&to.value, to.at) {
                    checker.emit(MoveExtension { name, schema: Some(to.value.clone()) }, self.at);
                }
            }
        }
    }
}

impl Checker<'_> {
    /// Whether a migration has created the extension; reported when none has.
    pub(super) fn extension_exists(&mut self, name: &Name) -> bool {
        let extensions = &self.catalog().extensions;
        if extensions.contains_key(&name.value) {
            return true;
        }
        let known: Vec<String> = extensions.keys().cloned().collect();
        self.report(
            Diagnostic::new(code::UNKNOWN_EXTENSION, format!("cannot find extension `{}`", name.value), name.at)
                .maybe_help(choices(&name.value, known.iter().map(String::as_str), "extensions")),
        );
        false
    }
}
