//! `create user mapping for app server other options (user "reader");`

use migrate_core::catalog::Role;
use migrate_core::object::{Definition, Kind, Object, ObjectId, Server, UserMapping};
use migrate_core::token::At;

use super::options::OptionsClause;
use super::{Action, Identity, Write, Written};
use crate::check::Checker;
use crate::clause::parse_role;
use crate::parser::{Name, Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
use migrate_core::sorted::SortedMap;
#[cfg(feature = "print")]
use super::{not_of_kind, options::{print_changed_options, print_options}};
#[cfg(feature = "print")]
use crate::print::{Piece, Printed, identity};

pub(super) struct Syntax;

/// `for app server other`
struct Mapped {
    role: Spanned<Role>,
    server: Name,
}

struct Clauses {
    options: OptionsClause,
    at: At,
}

impl Write for Syntax {
    const KIND: Kind = Kind::UserMapping;
    const ACTIONS: &'static [&'static str] = &["options"];

    fn identity(parser: &mut Parser<'_>) -> Parsed<Box<dyn Identity>> {
        parser.word("for")?;
        let role = parse_role(parser)?;
        parser.word("server")?;
        Ok(Box::new(Mapped { role, server: parser.name("the server")? }))
    }

    fn definition(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<Box<dyn Written>> {
        let start = parser.cursor.index();
        let options = OptionsClause::parse(parser, false)?.unwrap_or_default();
        Ok(Box::new(Clauses { options, at: parser.cursor.since(start) }))
    }

    fn action(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
        let start = parser.cursor.index();
        let Some(options) = OptionsClause::parse(parser, true)? else { return Ok(None) };
        Ok(Some(Box::new(Clauses { options, at: parser.cursor.since(start) })))
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, _: &Catalog) -> Printed {
        let Definition::UserMapping(mapping) = definition else { return Err(not_of_kind(id)) };
        Ok(format!("user mapping {}{}", identity(id), print_options(&mapping.options)))
    }

    #[cfg(feature = "print")]
    fn print_change(id: &ObjectId, before: &Definition, after: &Definition, _: &Catalog) -> Printed<Vec<Piece>> {
        let (Definition::UserMapping(before), Definition::UserMapping(after)) = (before, after) else {
            return Err(not_of_kind(id));
        };
        let changed = print_changed_options(&before.options, &after.options);
        Ok(changed.map(|options| super::action(id, options)).into_iter().collect())
    }
}

impl Identity for Mapped {
    fn at(&self) -> At {
        self.role.at
    }

    fn check(&self, checker: &mut Checker<'_>) -> Option<ObjectId> {
        checker.object(&Server::id(self.server.value.clone()), self.server.at)?;
        let id = ObjectId::without_schema(Kind::UserMapping, self.role.value.to_string());
        Some(ObjectId { of: Some(self.server.value.clone()), ..id })
    }
}

impl Written for Clauses {
    fn check(&self, _: &ObjectId, _: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let mut options = SortedMap::new();
        self.options.put_into(&mut options, checker)?;
        Some(UserMapping { options }.into())
    }
}

impl Action for Clauses {
    fn at(&self) -> At {
        self.at
    }

    fn check(&self, _: &ObjectId, before: &Object, checker: &mut Checker<'_>) -> Option<Definition> {
        let Definition::UserMapping(mapping) = &before.definition else { return None };
        let mut options = mapping.options.clone();
        self.options.put_into(&mut options, checker)?;
        Some(UserMapping { options }.into())
    }
}
