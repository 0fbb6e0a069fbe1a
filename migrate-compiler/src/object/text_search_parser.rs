//! `create text search parser plain { start: prsd_start, gettoken: prsd_nexttoken, end: prsd_end, lextypes: prsd_lextype }`

use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Kind, ObjectId, TextSearchParser};
use migrate_core::token::At;
use migrate_core::types::{BuiltIn, Type};

use super::properties::{parse_properties, required};
use super::{Write, Written};
use crate::check::Checker;
use crate::parser::{Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
#[cfg(feature = "print")]
use super::{function_name::print_function, not_of_kind, properties::print_properties};
#[cfg(feature = "print")]
use crate::print::{Printed, qualified};

pub(super) struct Syntax;

#[derive(Default)]
struct Clauses {
    start: Option<Spanned<QualifiedName>>,
    token: Option<Spanned<QualifiedName>>,
    end: Option<Spanned<QualifiedName>>,
    types: Option<Spanned<QualifiedName>>,
    headline: Option<Spanned<QualifiedName>>,
}

const WHAT: &str = "a text search parser";

const PROPERTIES: [&str; 5] = ["start", "gettoken", "end", "lextypes", "headline"];

impl Write for Syntax {
    const KIND: Kind = Kind::TextSearchParser;

    fn definition(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<Box<dyn Written>> {
        let mut clauses = Clauses::default();
        parse_properties(parser, &PROPERTIES, WHAT, |parser, name| {
            let function = parser.qualified_name("the function")?;
            match name {
                "start" => clauses.start = Some(function),
                "gettoken" => clauses.token = Some(function),
                "end" => clauses.end = Some(function),
                "lextypes" => clauses.types = Some(function),
                _ => clauses.headline = Some(function),
            }
            Ok(())
        })?;
        Ok(Box::new(clauses))
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, catalog: &Catalog) -> Printed {
        let Definition::TextSearchParser(parser) = definition else { return Err(not_of_kind(id)) };
        let properties = print_properties([
            ("start", Some(print_function(&parser.start, catalog))),
            ("gettoken", Some(print_function(&parser.token, catalog))),
            ("end", Some(print_function(&parser.end, catalog))),
            ("lextypes", Some(print_function(&parser.types, catalog))),
            ("headline", parser.headline.as_ref().map(|function| print_function(function, catalog))),
        ]);
        Ok(format!("text search parser {} {properties}", qualified(&id.name)))
    }
}

impl Written for Clauses {
    fn check(&self, _: &ObjectId, at: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let internal = Type::BuiltIn(BuiltIn::Internal);
        let start = required(&self.start, (WHAT, "start"), at, checker)?;
        let start = checker.function_named(start, &[internal.clone(), internal.clone()], None, WHAT)?;
        let token = required(&self.token, (WHAT, "gettoken"), at, checker)?;
        let token = checker.function_named(token, &[internal.clone(), internal.clone(), internal.clone()], None, WHAT)?;
        let end = required(&self.end, (WHAT, "end"), at, checker)?;
        let end = checker.function_named(end, std::slice::from_ref(&internal), None, WHAT)?;
        let types = required(&self.types, (WHAT, "lextypes"), at, checker)?;
        let types = checker.function_named(types, std::slice::from_ref(&internal), None, WHAT)?;
        let headline = match &self.headline {
            Some(name) => Some(checker.function_named(name, &[internal.clone(), internal.clone(), internal.clone()], None, WHAT)?),
            None => None,
        };
        Some(TextSearchParser { start, token, end, types, headline }.into())
    }
}
