//! `create server other type "postgresql" version "15" foreign data wrapper postgres_fdw options (host "example.org");`

use migrate_core::extension;
use migrate_core::object::{Definition, Kind, Object, ObjectId, Server};
use migrate_core::token::At;

use super::options::OptionsClause;
use super::{Action, Identity, OfDatabase, Write, Written};
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Name, Parsed, Parser};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
use migrate_core::sorted::SortedMap;
#[cfg(feature = "print")]
use super::{not_of_kind, options::{print_changed_options, print_options}};
#[cfg(feature = "print")]
use crate::print::{Piece, Printed, Unprintable, identity, text};

pub(super) struct Syntax;

struct Clauses {
    server_type: Option<Name>,
    version: Option<Name>,
    wrapper: Name,
    options: OptionsClause,
}

struct Change {
    version: Option<Name>,
    options: OptionsClause,
    at: At,
}

impl Write for Syntax {
    const KIND: Kind = Kind::Server;
    const ACTIONS: &'static [&'static str] = &["version", "options"];

    fn identity(parser: &mut Parser<'_>) -> Parsed<Box<dyn Identity>> {
        Ok(Box::new(OfDatabase::parse(Self::KIND, parser)?))
    }

    fn definition(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<Box<dyn Written>> {
        let server_type = match parser.cursor.take_word("type") {
            true => Some(parser.text("the type in double quotes")?),
            false => None,
        };
        let version = parse_version(parser)?;
        if !parser.cursor.take_words(&["foreign", "data", "wrapper"]) {
            return parser.expected("`foreign data wrapper`");
        }
        let wrapper = parser.name("the foreign-data wrapper")?;
        let options = OptionsClause::parse(parser, false)?.unwrap_or_default();
        Ok(Box::new(Clauses { server_type, version, wrapper, options }))
    }

    fn action(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
        let start = parser.cursor.index();
        let version = parse_version(parser)?;
        let options = OptionsClause::parse(parser, true)?.unwrap_or_default();
        if parser.cursor.index() == start {
            return Ok(None);
        }
        Ok(Some(Box::new(Change { version, options, at: parser.cursor.since(start) })))
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, _: &Catalog) -> Printed {
        let Definition::Server(server) = definition else { return Err(not_of_kind(id)) };
        let mut written = format!("server {}", identity(id));
        for (word, value) in [("type", &server.server_type), ("version", &server.version)] {
            if let Some(value) = value {
                written.push_str(&format!(" {word} {}", text(value)));
            }
        }
        let options = print_options(&server.options);
        written.push_str(&format!(" foreign data wrapper {}{options}", crate::print::name(&server.wrapper)));
        Ok(written)
    }

    #[cfg(feature = "print")]
    fn print_change(id: &ObjectId, before: &Definition, after: &Definition, _: &Catalog) -> Printed<Vec<Piece>> {
        let (Definition::Server(before), Definition::Server(after)) = (before, after) else {
            return Err(not_of_kind(id));
        };
        let is_one = before.wrapper == after.wrapper && before.server_type == after.server_type;
        if !is_one || (before.version.is_some() && after.version.is_none()) {
            let what = format!("a change of {}", id.told());
            return Err(Unprintable::new(what, "it must be dropped and created again"));
        }
        let mut clauses = Vec::new();
        if let Some(version) = after.version.as_ref().filter(|_| before.version != after.version) {
            clauses.push(format!("version {}", text(version)));
        }
        clauses.extend(print_changed_options(&before.options, &after.options));
        Ok(vec![super::action(id, clauses.join(" "))])
    }
}

fn parse_version(parser: &mut Parser<'_>) -> Parsed<Option<Name>> {
    match parser.cursor.take_word("version") {
        true => Ok(Some(parser.text("the version in double quotes")?)),
        false => Ok(None),
    }
}

impl Written for Clauses {
    fn check(&self, _: &ObjectId, _: At, checker: &mut Checker<'_>) -> Option<Definition> {
        check_wrapper(&self.wrapper, checker)?;
        let mut options = SortedMap::new();
        self.options.put_into(&mut options, checker)?;
        let text = |name: &Option<Name>| name.as_ref().map(|name| name.value.clone());
        Some(
            Server {
                wrapper: self.wrapper.value.clone(),
                server_type: text(&self.server_type),
                version: text(&self.version),
                options,
            }
            .into(),
        )
    }
}

/// Whether the foreign-data wrapper is there: made by a migration, or brought by an extension.
fn check_wrapper(name: &Name, checker: &mut Checker<'_>) -> Option<()> {
    let id = ObjectId::without_schema(Kind::ForeignDataWrapper, name.value.clone());
    let extensions = &checker.catalog().extensions;
    let has_unknown = checker.catalog().has_unknown_extension();
    let may_be_made = checker.state.undeclared.may_have_made(&name.value);
    match extension::providing_wrapper(&name.value) {
        Some(extension) if extensions.contains_key(extension) => Some(()),
        Some(extension) if !checker.catalog().objects.contains_key(&id) && !may_be_made => {
            let headline =
                format!("the foreign-data wrapper `{}` belongs to the extension `{extension}`", name.value);
            checker.report(
                Diagnostic::new(code::UNKNOWN_OBJECT, headline, name.at)
                    .help(format!("write `create extension {extension};` first")),
            );
            None
        }
        _ if has_unknown || may_be_made => Some(()),
        _ => checker.object(&id, name.at).map(|_| ()),
    }
}

impl Action for Change {
    fn at(&self) -> At {
        self.at
    }

    fn check(&self, _: &ObjectId, before: &Object, checker: &mut Checker<'_>) -> Option<Definition> {
        let Definition::Server(server) = &before.definition else { return None };
        let mut server = server.clone();
        if let Some(version) = &self.version {
            server.version = Some(version.value.clone());
        }
        self.options.put_into(&mut server.options, checker)?;
        Some(server.into())
    }
}
