//! `set (fillfactor = 70)`, `reset (fillfactor)`, `set unlogged`, `set logged`, `replica identity full`

use migrate_core::catalog::{Table, TableSettings};
use migrate_core::name::QualifiedName;
use migrate_core::operation::SetTableSettings;
use migrate_core::sorted::SortedMap;
use migrate_core::token::{At, Bracket};

use super::Action;
use crate::check::Checker;
use crate::clause::{ReplicaIdentityClause, parse_parameters, parse_storage};
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

struct Change {
    setting: Setting,
    at: At,
}

enum Setting {
    Set(SortedMap<String, String>),
    Reset(Vec<Name>),
    Unlogged(bool),
    ReplicaIdentity(ReplicaIdentityClause),
}

/// Takes the action, where it begins here.
pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
    let start = parser.cursor.index();
    let setting = if parser.cursor.take_words(&["set", "unlogged"]) {
        Setting::Unlogged(true)
    } else if parser.cursor.take_words(&["set", "logged"]) {
        Setting::Unlogged(false)
    } else if parser.cursor.take_words(&["replica", "identity"]) {
        Setting::ReplicaIdentity(ReplicaIdentityClause::parse(parser)?)
    } else if parser.cursor.take_word_before("set", Bracket::Round) {
        Setting::Set(parse_storage(parser)?)
    } else if parser.cursor.take_word("reset") {
        Setting::Reset(parse_parameters(parser)?)
    } else {
        return Ok(None);
    };
    Ok(Some(Box::new(Change { setting, at: parser.cursor.since(start) })))
}

impl Action for Change {
    fn check(&self, head: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        checker.no_comment(head, "a setting");
        let Some(definition) = checker.table(table) else { return };
        let Some(settings) = self.changed(&table.value, &definition, checker) else { return };
        if settings == definition.settings {
            let text = format!("`{}` already has this setting", table.value);
            checker.report(Diagnostic::new(code::NO_CHANGE, text, self.at).help("remove it"));
            return;
        }
        drop(definition);
        checker.emit(SetTableSettings { table: table.value.clone(), settings }, self.at);
    }
}

impl Change {
    fn changed(&self, name: &QualifiedName, table: &Table, checker: &mut Checker<'_>) -> Option<TableSettings> {
        let mut settings = table.settings.clone();
        match &self.setting {
            Setting::Set(parameters) => settings.parameters.extend(parameters.clone()),
            Setting::Reset(names) => {
                settings.parameters.retain(|parameter, _| names.iter().all(|name| name.value != *parameter));
            }
            Setting::Unlogged(is_unlogged) => {
                settings.unlogged = *is_unlogged;
                self.check_neighbours(name, table, checker)?;
            }
            Setting::ReplicaIdentity(clause) => settings.replica_identity = clause.check(name, table, checker)?,
        }
        if table.partitioning.is_some() && matches!(self.setting, Setting::Set(_) | Setting::Unlogged(_)) {
            let text = format!("`{name}` is partitioned, so it has no rows of its own");
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, text, self.at).help("write it for each of its partitions"),
            );
            return None;
        }
        Some(settings)
    }

    /// A table in the log references none that is not: after a crash its rows would reference nothing.
    fn check_neighbours(&self, name: &QualifiedName, table: &Table, checker: &mut Checker<'_>) -> Option<()> {
        let Setting::Unlogged(becomes_unlogged) = self.setting else { return Some(()) };
        let catalog = checker.catalog();
        let is_unlogged =
            |other: &QualifiedName| catalog.table(other).is_some_and(|definition| definition.settings.unlogged);
        let in_the_way: Option<(String, QualifiedName)> = if becomes_unlogged {
            let mut users = catalog.references_to(name).filter(|(other, ..)| *other != name && !is_unlogged(other));
            users.next().map(|(other, key, _)| (key.to_owned(), other.clone()))
        } else {
            let mut keys = table.foreign_keys().filter(|(_, key)| key.table != *name && is_unlogged(&key.table));
            keys.next().map(|(key, other)| (key.to_owned(), other.table.clone()))
        };
        let Some((key, other)) = in_the_way else { return Some(()) };
        let text = match becomes_unlogged {
            true => format!("`{name}` cannot be unlogged, because `{other}`, which is logged, references it with \
                             `{key}`"),
            false => format!("`{name}` cannot be logged, because it references `{other}`, which is unlogged, with \
                              `{key}`"),
        };
        checker.report(Diagnostic::new(code::INVALID_DEFINITION, text, self.at));
        None
    }
}
