//! Names of what every server has and migrations may add to: collations, configurations of text search.

use migrate_core::name::QualifiedName;
use migrate_core::object::{Kind, TextSearchConfiguration};
use migrate_core::system;
use migrate_core::token::At;

use super::Checker;
use crate::diagnostic::{Diagnostic, choices, code};

impl Checker<'_> {
    /// What is said about a collation that no server has: those of the operating system and of ICU are named by their locale.
    pub(super) fn unknown_collation(&self, collation: &[String], operand: At, whole: At) -> Option<Diagnostic> {
        let at = At { start: whole.end.saturating_sub(1).max(operand.end), end: whole.end };
        self.unknown_collation_at(collation, at)
    }

    /// The same, of a collation that stands there.
    pub(crate) fn unknown_collation_at(&self, collation: &[String], at: At) -> Option<Diagnostic> {
        let name = collation.last()?;
        let is_system = collation.len() == 1 || collation.first().is_some_and(|schema| schema == "pg_catalog");
        let is_locale = name.contains(['-', '_', '.', '@']) || matches!(name.len(), 2 | 3);
        let is_known = system::collations().any(|known| known.name() == name) || is_locale || !is_system;
        if is_known || self.may_have(Kind::Collation, name) {
            return None;
        }
        let known = system::collations().map(|known| known.name());
        let message = format!("cannot find collation `{name}`");
        Some(Diagnostic::new(code::UNKNOWN_OBJECT, message, at).maybe_help(choices(
            name,
            known.collect::<Vec<_>>(),
            "collations",
        )))
    }

    /// What is said about a configuration of text search that there is not.
    pub(super) fn unknown_text_search(&self, text: &str, at: At) -> Option<Diagnostic> {
        let name = text.trim().strip_prefix("pg_catalog.").unwrap_or(text.trim()).to_lowercase();
        let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let known = TextSearchConfiguration::names_of_system(self.postgres());
        let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
        if !is_plain
            || is_number
            || known.clone().any(|known| known == name)
            || self.may_have(Kind::TextSearchConfiguration, &name)
        {
            return None;
        }
        let message = format!("cannot find text search configuration `{name}`");
        if TextSearchConfiguration::of_system(&name).is_some() {
            let mistake = Diagnostic::new(code::UNKNOWN_OBJECT, message, at);
            return Some(mistake.help("it came with PostgreSQL 18: write `postgres = 18` in `migrations!`"));
        }
        Some(Diagnostic::new(code::UNKNOWN_OBJECT, message, at).maybe_help(choices(
            &name,
            known.collect::<Vec<_>>(),
            "configurations",
        )))
    }

    /// What is said about a dictionary of text search that there is not.
    pub(super) fn unknown_dictionary(&self, text: &str, at: At) -> Option<Diagnostic> {
        let name = text.trim().strip_prefix("pg_catalog.").unwrap_or(text.trim()).to_lowercase();
        let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
        let configurations = TextSearchConfiguration::names_of_system(self.postgres());
        let stems = configurations.filter(|name| *name != "simple").map(|name| format!("{name}_stem"));
        let known: Vec<String> = stems.chain(["simple".to_owned()]).collect();
        // Those of extensions are called as these are, or begin so.
        let is_of_extension = self.catalog().extensions.keys().any(|extension| {
            name.starts_with(extension.as_str())
                || extension.strip_prefix("dict_").is_some_and(|own| name.starts_with(own))
        });
        if !is_plain
            || is_number
            || is_of_extension
            || known.contains(&name)
            || self.may_have(Kind::TextSearchDictionary, &name)
        {
            return None;
        }
        let message = format!("cannot find text search dictionary `{name}`");
        let help = choices(&name, known.iter().map(String::as_str), "dictionaries");
        Some(Diagnostic::new(code::UNKNOWN_OBJECT, message, at).maybe_help(help))
    }

    /// Whether a function may have this name: `(row).name` calls it with the row.
    pub(crate) fn may_be_function(&self, name: &str) -> bool {
        system::functions(name).next().is_some() || self.may_have(Kind::Function, name)
    }

    /// Whether a migration makes such an object, in whatever schema, or may make one.
    pub(super) fn may_have(&self, kind: Kind, name: &str) -> bool {
        let catalog = self.catalog();
        catalog.objects.keys().any(|id| id.kind == kind && id.name.name == name)
            || self.state.undeclared.may_have_made(name)
            || self.state.undeclared.made(&QualifiedName::new(name)).is_some()
            || catalog.has_unknown_extension()
    }
}
