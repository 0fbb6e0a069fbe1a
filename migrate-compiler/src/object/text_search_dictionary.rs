//! `create text search dictionary stems { template: snowball, language: "english" }`

#[cfg(feature = "print")]
use migrate_core::sorted::SortedSet;

use migrate_core::extension;
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::object::{Definition, Kind, Object, ObjectId, TextSearchConfiguration, TextSearchDictionary};
use migrate_core::token::{At, Bracket, Token};

use super::{Action, Write, Written};
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Name, Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
use migrate_core::sorted::SortedMap;
#[cfg(feature = "print")]
use super::not_of_kind;
#[cfg(feature = "print")]
use crate::print::{Piece, Printed, Unprintable, declared, qualified, text};

pub(super) struct Syntax;

struct Clauses {
    template: Option<Spanned<QualifiedName>>,
    options: Vec<(Name, String)>,
}

/// `set (stopwords = "german")`
struct Change {
    options: Vec<(Name, Option<String>)>,
    at: At,
}

const TEMPLATES: [&str; 5] = ["simple", "synonym", "thesaurus", "ispell", "snowball"];

impl Write for Syntax {
    const KIND: Kind = Kind::TextSearchDictionary;
    const ACTIONS: &'static [&'static str] = &["set (...)"];

    fn definition(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<Box<dyn Written>> {
        let mut clauses = Clauses { template: None, options: Vec::new() };
        if !parser.cursor.is_open(Bracket::Curly) {
            return parser.expected("`{` and the template");
        }
        let mut template = None;
        let options = parser.body(|parser| {
            let name = parser.name("`template`, or an option")?;
            parser.symbol(':')?;
            if name.value == "template" {
                template = Some(parser.qualified_name("the template")?);
                return Ok(None);
            }
            Ok(Some((name, parse_value(parser)?)))
        })?;
        clauses.template = template;
        clauses.options = options.into_iter().flatten().collect();
        Ok(Box::new(clauses))
    }

    fn action(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
        let start = parser.cursor.index();
        if parser.cursor.is_words(&["set", "schema"]) || !parser.cursor.take_word("set") {
            return Ok(None);
        }
        parser.open(Bracket::Round, "`(`")?;
        let options = parser.separated(Bracket::Round, |parser| {
            let name = parser.name("an option")?;
            if name.value == "template" {
                let mistake = Diagnostic::new(code::SYNTAX, "a text search dictionary keeps its template", name.at);
                return Err(mistake.help("drop it, and create another one"));
            }
            let value = if parser.cursor.take_symbol('=') { Some(parse_value(parser)?) } else { None };
            Ok((name, value))
        })?;
        Ok(Some(Box::new(Change { options, at: parser.cursor.since(start) })))
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, _: &Catalog) -> Printed {
        let Definition::TextSearchDictionary(dictionary) = definition else { return Err(not_of_kind(id)) };
        let mut properties = vec![format!("template: {}", of_system_or_own(&dictionary.template))];
        properties.extend(dictionary.options.iter().map(|(name, value)| format!("{}: {}", declared(name), text(value))));
        Ok(format!("text search dictionary {} {{ {} }}", qualified(&id.name), properties.join(", ")))
    }

    #[cfg(feature = "print")]
    fn print_change(id: &ObjectId, before: &Definition, after: &Definition, _: &Catalog) -> Printed<Vec<Piece>> {
        let (Definition::TextSearchDictionary(before), Definition::TextSearchDictionary(after)) = (before, after) else {
            return Err(not_of_kind(id));
        };
        if before.template != after.template {
            let what = format!("a change of {}", id.told());
            return Err(Unprintable::new(what, "it must be dropped and created again"));
        }
        let names: SortedSet<&String> = before.options.keys().chain(after.options.keys()).collect();
        let changed = names.into_iter().filter(|name| before.options.get(*name) != after.options.get(*name));
        let changed = changed.map(|name| match after.options.get(name) {
            Some(value) => format!("{} = {}", declared(name), text(value)),
            None => declared(name),
        });
        Ok(vec![super::action(id, format!("set ({})", changed.collect::<Vec<_>>().join(", ")))])
    }
}

/// Takes a text, a word or a number.
fn parse_value(parser: &mut Parser<'_>) -> Parsed<String> {
    let value = match parser.cursor.peek() {
        Token::Text(value) | Token::Word(value) | Token::Number(value) => value.clone(),
        _ => return parser.expected("a value"),
    };
    parser.cursor.next();
    Ok(value)
}

/// The template with its schema; reported where there is none.
fn template(name: &Spanned<QualifiedName>, checker: &mut Checker<'_>) -> Option<QualifiedName> {
    let QualifiedName { schema, name: bare } = &name.value;
    if matches!(schema.as_str(), DEFAULT_SCHEMA | "pg_catalog") && TEMPLATES.contains(&bare.as_str()) {
        return Some(QualifiedName::in_schema("pg_catalog", bare.clone()));
    }
    let id = ObjectId::new(Kind::TextSearchTemplate, name.value.clone());
    let extensions = &checker.catalog().extensions;
    if let Some(extension) = extension::providing_template(bare).and_then(|extension| extensions.get(extension)) {
        return Some(QualifiedName::in_schema(extension.schema(), bare.clone()));
    }
    let has_unknown = checker.catalog().has_unknown_extension();
    if checker.catalog().objects.contains_key(&id) || has_unknown || checker.state.undeclared.may_have_made(bare) {
        return Some(name.value.clone());
    }
    if let Some(extension) = extension::providing_template(bare) {
        let headline = format!("the template `{bare}` belongs to the extension `{extension}`");
        checker.report(
            Diagnostic::new(code::UNKNOWN_OBJECT, headline, name.at)
                .help(format!("write `create extension {extension};` first")),
        );
    } else {
        checker.report(
            Diagnostic::new(code::UNKNOWN_OBJECT, format!("cannot find text search template `{}`", name.value), name.at)
                .maybe_help(choices(bare, TEMPLATES, "templates")),
        );
    }
    None
}

/// Whether one of PostgreSQL's own templates has an option (`dict_*.c`). Files of the server are not looked at.
fn fits_template(template: &QualifiedName, name: &Name, value: &str, checker: &mut Checker<'_>) -> Option<()> {
    let known: &[&str] = match template.name.as_str() {
        _ if template.schema != "pg_catalog" => return Some(()),
        "simple" => &["stopwords", "accept"],
        "synonym" => &["synonyms", "casesensitive"],
        "thesaurus" => &["dictfile", "dictionary"],
        "ispell" => &["dictfile", "afffile", "stopwords"],
        "snowball" => &["language", "stopwords"],
        _ => return Some(()),
    };
    let option = name.value.to_lowercase();
    if !known.contains(&option.as_str()) {
        let headline = format!("the template `{}` has no option `{}`", template.name, name.value);
        let mistake = Diagnostic::new(code::INVALID_DEFINITION, headline, name.at);
        checker.report(mistake.maybe_help(choices(&option, known.iter().copied(), "options")));
        return None;
    }
    let language = value.to_lowercase();
    let mut languages = TextSearchConfiguration::names_of_system(checker.postgres());
    let is_stemmed = language != "simple" && languages.any(|known| known == language);
    if option == "language" && !is_stemmed && !language.contains("porter") {
        let headline = format!("there is no stemmer for the language `{value}`");
        let known = TextSearchConfiguration::names_of_system(checker.postgres()).filter(|name| *name != "simple");
        let help = choices(&language, known.collect::<Vec<_>>(), "languages");
        checker.report(Diagnostic::new(code::UNKNOWN_OBJECT, headline, name.at).maybe_help(help));
        return None;
    }
    Some(())
}

impl Written for Clauses {
    fn check(&self, _: &ObjectId, at: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let Some(written) = &self.template else {
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, "a text search dictionary needs a `template`", at)
                    .help("write `template: simple`, for example"),
            );
            return None;
        };
        let template = template(written, checker)?;
        let mut options = SortedMap::new();
        for (name, value) in &self.options {
            fits_template(&template, name, value, checker)?;
            // The server keeps them in lower case.
            if options.insert(name.value.to_lowercase(), value.clone()).is_some() {
                let headline = format!("the option `{}` is given more than once", name.value);
                checker.report(Diagnostic::new(code::DUPLICATE_CLAUSE, headline, name.at).help("remove one of them"));
                return None;
            }
        }
        Some(TextSearchDictionary { template, options }.into())
    }
}

impl Action for Change {
    fn at(&self) -> At {
        self.at
    }

    fn check(&self, _: &ObjectId, before: &Object, _: &mut Checker<'_>) -> Option<Definition> {
        let Definition::TextSearchDictionary(dictionary) = &before.definition else { return None };
        let mut dictionary = dictionary.clone();
        for (name, value) in &self.options {
            let name = name.value.to_lowercase();
            match value {
                Some(value) => dictionary.options.insert(name, value.clone()),
                None => dictionary.options.remove(&name),
            };
        }
        Some(dictionary.into())
    }
}

/// A template, a dictionary or a parser: one of PostgreSQL without its schema.
#[cfg(feature = "print")]
pub(super) fn of_system_or_own(name: &QualifiedName) -> String {
    match name.schema.as_str() {
        "pg_catalog" => crate::print::name(&name.name),
        _ => qualified(name),
    }
}
