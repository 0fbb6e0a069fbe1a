//! `create text search configuration words { copy: english }`, `alter text search configuration words alter mapping for word with stems;`

#[cfg(feature = "print")]
use migrate_core::sorted::SortedSet;

use migrate_core::extension;
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::object::{Definition, Kind, Object, ObjectId, TextSearchConfiguration};
use migrate_core::token::{At, Bracket};

use super::properties::parse_properties;
use super::{Action, Write, Written};
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Name, Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
use migrate_core::sorted::SortedMap;
#[cfg(feature = "print")]
use super::{not_of_kind, text_search_dictionary::of_system_or_own};
#[cfg(feature = "print")]
use crate::print::{Piece, Printed, Unprintable, qualified};

pub(super) struct Syntax;

#[derive(Default)]
struct Clauses {
    parser: Option<Spanned<QualifiedName>>,
    copy: Option<Spanned<QualifiedName>>,
}

enum Change {
    Add(Vec<Name>, Vec<Spanned<QualifiedName>>),
    Alter(Vec<Name>, Vec<Spanned<QualifiedName>>),
    Replace(Vec<Name>, Spanned<QualifiedName>, Spanned<QualifiedName>),
    Drop(Vec<Name>),
}

struct ChangeClause {
    change: Change,
    at: At,
}

impl Write for Syntax {
    const KIND: Kind = Kind::TextSearchConfiguration;
    const ACTIONS: &'static [&'static str] = &["add mapping for", "alter mapping", "drop mapping for"];

    fn definition(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<Box<dyn Written>> {
        let mut clauses = Clauses::default();
        parse_properties(parser, &["parser", "copy"], "a text search configuration", |parser, name| {
            match name {
                "parser" => clauses.parser = Some(parser.qualified_name("the parser")?),
                _ => clauses.copy = Some(parser.qualified_name("the configuration")?),
            }
            Ok(())
        })?;
        Ok(Box::new(clauses))
    }

    fn action(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
        let start = parser.cursor.index();
        let change = if parser.cursor.take_words(&["add", "mapping"]) {
            parser.word("for")?;
            let tokens = parse_tokens(parser)?;
            parser.word("with")?;
            Change::Add(tokens, parse_dictionaries(parser)?)
        } else if parser.cursor.take_words(&["drop", "mapping"]) {
            parser.word("for")?;
            Change::Drop(parse_tokens(parser)?)
        } else if parser.cursor.take_words(&["alter", "mapping"]) {
            let tokens = if parser.cursor.take_word("for") { parse_tokens(parser)? } else { Vec::new() };
            if parser.cursor.take_word("replace") {
                let old = parser.qualified_name("the dictionary")?;
                parser.word("with")?;
                Change::Replace(tokens, old, parser.qualified_name("the dictionary")?)
            } else {
                parser.word("with")?;
                Change::Alter(tokens, parse_dictionaries(parser)?)
            }
        } else {
            return Ok(None);
        };
        Ok(Some(Box::new(ChangeClause { change, at: parser.cursor.since(start) })))
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, _: &Catalog) -> Printed {
        let Definition::TextSearchConfiguration(configuration) = definition else { return Err(not_of_kind(id)) };
        let copied = TextSearchConfiguration::names_of_system(u32::MAX)
            .find(|name| TextSearchConfiguration::of_system(name).as_ref() == Some(configuration));
        let property = match copied {
            Some(name) => format!("copy: {name}"),
            None => format!("parser: {}", of_system_or_own(&configuration.parser)),
        };
        Ok(format!("text search configuration {} {{ {property} }}", qualified(&id.name)))
    }

    /// The copy of one of PostgreSQL that is the most like it, or one without mappings.
    #[cfg(feature = "print")]
    fn as_made(definition: &Definition, _: &Catalog) -> Definition {
        let Definition::TextSearchConfiguration(configuration) = definition else { return definition.clone() };
        let empty = TextSearchConfiguration { mappings: SortedMap::new(), ..configuration.clone() };
        let of_system = TextSearchConfiguration::names_of_system(u32::MAX).filter_map(TextSearchConfiguration::of_system);
        let all = std::iter::once(empty).chain(of_system.filter(|found| found.parser == configuration.parser));
        let nearest = all.min_by_key(|found| {
            let tokens = found.mappings.keys().chain(configuration.mappings.keys()).collect::<SortedSet<_>>();
            tokens.into_iter().filter(|token| found.mappings.get(*token) != configuration.mappings.get(*token)).count()
        });
        nearest.unwrap_or_else(|| configuration.clone()).into()
    }

    #[cfg(feature = "print")]
    fn print_change(id: &ObjectId, before: &Definition, after: &Definition, _: &Catalog) -> Printed<Vec<Piece>> {
        let (Definition::TextSearchConfiguration(before), Definition::TextSearchConfiguration(after)) = (before, after)
        else {
            return Err(not_of_kind(id));
        };
        if before.parser != after.parser {
            let what = format!("a change of {}", id.told());
            return Err(Unprintable::new(what, "it must be dropped and created again"));
        }
        let mut actions = Vec::new();
        let is_gone = |token: &&String| !after.mappings.contains_key(*token);
        let gone: Vec<String> = before.mappings.keys().filter(is_gone).map(|token| crate::print::name(token)).collect();
        if !gone.is_empty() {
            actions.push(format!("drop mapping for {}", gone.join(", ")));
        }
        // Kinds of words with the same dictionaries are told together.
        let mut grouped: SortedMap<(&str, &Vec<QualifiedName>), Vec<String>> = SortedMap::new();
        for (token, dictionaries) in &after.mappings {
            let verb = match before.mappings.get(token) {
                Some(known) if known == dictionaries => continue,
                Some(_) => "alter",
                None => "add",
            };
            grouped.entry((verb, dictionaries)).or_default().push(crate::print::name(token));
        }
        for ((verb, dictionaries), tokens) in grouped {
            let dictionaries: Vec<String> = dictionaries.iter().map(of_system_or_own).collect();
            actions.push(format!("{verb} mapping for {} with {}", tokens.join(", "), dictionaries.join(", ")));
        }
        Ok(actions.into_iter().map(|text| super::action(id, text)).collect())
    }
}

fn parse_tokens(parser: &mut Parser<'_>) -> Parsed<Vec<Name>> {
    let mut tokens = vec![parser.name("a kind of words")?];
    while !begins_action(parser) && parser.cursor.take_symbol(',') {
        tokens.push(parser.name("a kind of words")?);
    }
    Ok(tokens)
}

fn parse_dictionaries(parser: &mut Parser<'_>) -> Parsed<Vec<Spanned<QualifiedName>>> {
    let mut names = vec![parser.qualified_name("a dictionary")?];
    while !begins_action(parser) && parser.cursor.take_symbol(',') {
        names.push(parser.qualified_name("a dictionary")?);
    }
    Ok(names)
}

/// Whether an action begins behind a comma, rather than that a list goes on.
fn begins_action(parser: &Parser<'_>) -> bool {
    let mut cursor = parser.cursor.clone();
    cursor.next();
    let forms: [&[&str]; 6] = [
        &["add", "mapping"],
        &["alter", "mapping"],
        &["drop", "mapping"],
        &["rename", "to"],
        &["set", "schema"],
        &["owner", "to"],
    ];
    cursor.is_close(Bracket::Curly) || forms.iter().any(|words| cursor.is_words(words))
}

/// The dictionary with its schema; reported where there is none.
fn dictionary(name: &Spanned<QualifiedName>, checker: &mut Checker<'_>) -> Option<QualifiedName> {
    let QualifiedName { schema, name: bare } = &name.value;
    let id = ObjectId::new(Kind::TextSearchDictionary, name.value.clone());
    if checker.catalog().objects.contains_key(&id) {
        return Some(name.value.clone());
    }
    let language = bare.strip_suffix("_stem").unwrap_or(bare);
    let is_of_system = bare == "simple" || bare.ends_with("_stem");
    if matches!(schema.as_str(), DEFAULT_SCHEMA | "pg_catalog")
        && is_of_system
        && TextSearchConfiguration::of_system(language).is_some()
    {
        return Some(QualifiedName::in_schema("pg_catalog", bare.clone()));
    }
    let extensions = &checker.catalog().extensions;
    if let Some(extension) = extension::providing_template(bare).and_then(|extension| extensions.get(extension)) {
        return Some(QualifiedName::in_schema(extension.schema(), bare.clone()));
    }
    let has_unknown = checker.catalog().has_unknown_extension();
    if has_unknown || checker.state.undeclared.may_have_made(bare) {
        return Some(name.value.clone());
    }
    checker.object(&id, name.at).map(|_| name.value.clone())
}

impl Written for Clauses {
    fn check(&self, _: &ObjectId, at: At, checker: &mut Checker<'_>) -> Option<Definition> {
        match (&self.parser, &self.copy) {
            (Some(parser), None) => {
                let QualifiedName { schema, name } = &parser.value;
                let is_default = matches!(schema.as_str(), DEFAULT_SCHEMA | "pg_catalog") && name == "default";
                let parser = match is_default {
                    true => QualifiedName::in_schema("pg_catalog", "default"),
                    false => {
                        checker.object(&ObjectId::new(Kind::TextSearchParser, parser.value.clone()), parser.at)?;
                        parser.value.clone()
                    }
                };
                Some(TextSearchConfiguration { parser, mappings: SortedMap::new() }.into())
            }
            (None, Some(copy)) => {
                let id = ObjectId::new(Kind::TextSearchConfiguration, copy.value.clone());
                if let Some(object) = checker.catalog().object(&id) {
                    return Some(object.definition.clone());
                }
                let QualifiedName { schema, name } = &copy.value;
                let found = match schema.as_str() {
                    DEFAULT_SCHEMA | "pg_catalog" => TextSearchConfiguration::of_system(name),
                    _ => None,
                };
                if found.is_some() && !TextSearchConfiguration::names_of_system(checker.postgres()).any(|known| known == name) {
                    checker.needs_postgres(18, &format!("the text search configuration `{name}`"), copy.at);
                }
                match found {
                    Some(found) => Some(found.into()),
                    None => {
                        report_no_copy(&id, copy, checker);
                        None
                    }
                }
            }
            (Some(_), Some(copy)) => {
                let headline = "a text search configuration has either a `parser` or another one to `copy`";
                checker.report(
                    Diagnostic::new(code::INVALID_DEFINITION, headline, copy.at)
                        .help("remove one of them: a copy has the parser of its original"),
                );
                None
            }
            (None, None) => {
                checker.report(
                    Diagnostic::new(
                        code::INVALID_DEFINITION,
                        "a text search configuration needs a `parser`, or another one to `copy`",
                        at,
                    )
                    .help("write `parser: default`, or `copy: english`"),
                );
                None
            }
        }
    }
}

/// Reports that there is no such configuration to copy, neither of PostgreSQL nor of the migrations.
fn report_no_copy(id: &ObjectId, copy: &Spanned<QualifiedName>, checker: &mut Checker<'_>) {
    let objects = checker.catalog().objects.keys().filter(|other| other.kind == id.kind);
    let mut names: Vec<String> = objects.map(|other| other.name.to_string()).collect();
    let names_of_system = TextSearchConfiguration::names_of_system(checker.postgres());
    names.extend(names_of_system.map(str::to_owned));
    match choices(&copy.value.to_string(), names.iter().map(String::as_str), "text search configurations") {
        Some(help) if !checker.state.undeclared.may_have_made(&id.name.name) && !checker.state.broken.has_object(id) => {
            checker.report(Diagnostic::new(code::UNKNOWN_OBJECT, format!("cannot find {id}"), copy.at).help(help));
        }
        _ => {
            checker.object(id, copy.at);
        }
    }
}

impl ChangeClause {
    /// Whether the parser finds such words; reported where it does not.
    fn check_tokens(
        &self,
        tokens: &[Name],
        configuration: &TextSearchConfiguration,
        is_there: Option<bool>,
        id: &ObjectId,
        checker: &mut Checker<'_>,
    ) -> Option<()> {
        let is_drop = matches!(self.change, Change::Drop(_));
        for token in tokens {
            let is_default = configuration.parser.schema == "pg_catalog";
            if is_default && !TextSearchConfiguration::TOKENS.contains(&token.value.as_str()) {
                let headline = format!("the parser has no token type `{}`", token.value);
                checker.report(Diagnostic::new(code::UNKNOWN_OBJECT, headline, token.at).maybe_help(choices(
                    &token.value,
                    TextSearchConfiguration::TOKENS,
                    "kinds of words",
                )));
                return None;
            }
            let has = configuration.mappings.contains_key(&token.value);
            if is_there.is_some_and(|is_there| is_there != has) {
                let (headline, help) = match (has, is_drop) {
                    (true, _) => ("already has a mapping for", "write `alter mapping for`"),
                    (false, true) => ("has no mapping for", "remove it here"),
                    (false, false) => ("has no mapping for", "write `add mapping for`"),
                };
                checker.report(
                    Diagnostic::new(code::INVALID_DEFINITION, format!("{id} {headline} `{}`", token.value), token.at)
                        .help(help),
                );
                return None;
            }
        }
        Some(())
    }
}

impl Action for ChangeClause {
    fn at(&self) -> At {
        self.at
    }

    fn check(&self, id: &ObjectId, before: &Object, checker: &mut Checker<'_>) -> Option<Definition> {
        let Definition::TextSearchConfiguration(configuration) = &before.definition else { return None };
        let mut configuration = configuration.clone();
        match &self.change {
            Change::Add(tokens, names) | Change::Alter(tokens, names) => {
                let is_there = matches!(self.change, Change::Alter(..));
                self.check_tokens(tokens, &configuration, Some(is_there), id, checker)?;
                let names: Vec<QualifiedName> =
                    names.iter().map(|name| dictionary(name, checker)).collect::<Option<_>>()?;
                for token in tokens {
                    configuration.mappings.insert(token.value.clone(), names.clone());
                }
            }
            Change::Drop(tokens) => {
                self.check_tokens(tokens, &configuration, Some(true), id, checker)?;
                for token in tokens {
                    configuration.mappings.remove(&token.value);
                }
            }
            Change::Replace(tokens, old, new) => {
                self.check_tokens(tokens, &configuration, Some(true), id, checker)?;
                let (old, new) = (dictionary(old, checker)?, dictionary(new, checker)?);
                let is_meant = |token: &String| tokens.is_empty() || tokens.iter().any(|name| name.value == *token);
                let meant = configuration.mappings.iter_mut().filter(|(token, _)| is_meant(token));
                for name in meant.flat_map(|(_, names)| names).filter(|name| **name == old) {
                    name.clone_from(&new);
                }
            }
        }
        Some(configuration.into())
    }
}
