//! `create text search template plain { init: dsimple_init, lexize: dsimple_lexize }`

use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Kind, ObjectId, TextSearchTemplate};
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
    init: Option<Spanned<QualifiedName>>,
    lexize: Option<Spanned<QualifiedName>>,
}

const WHAT: &str = "a text search template";

const PROPERTIES: [&str; 2] = ["init", "lexize"];

impl Write for Syntax {
    const KIND: Kind = Kind::TextSearchTemplate;

    fn definition(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<Box<dyn Written>> {
        let mut clauses = Clauses::default();
        parse_properties(parser, &PROPERTIES, WHAT, |parser, name| {
            let function = parser.qualified_name("the function")?;
            match name {
                "init" => clauses.init = Some(function),
                _ => clauses.lexize = Some(function),
            }
            Ok(())
        })?;
        Ok(Box::new(clauses))
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, catalog: &Catalog) -> Printed {
        let Definition::TextSearchTemplate(template) = definition else { return Err(not_of_kind(id)) };
        let properties = print_properties([
            ("init", template.init.as_ref().map(|function| print_function(function, catalog))),
            ("lexize", Some(print_function(&template.lexize, catalog))),
        ]);
        Ok(format!("text search template {} {properties}", qualified(&id.name)))
    }
}

impl Written for Clauses {
    fn check(&self, _: &ObjectId, at: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let internal = Type::BuiltIn(BuiltIn::Internal);
        let init = match &self.init {
            Some(name) => Some(checker.function_named(name, std::slice::from_ref(&internal), None, WHAT)?),
            None => None,
        };
        let lexize = required(&self.lexize, (WHAT, "lexize"), at, checker)?;
        let lexize = checker.function_named(lexize, &[internal.clone(), internal.clone(), internal.clone(), internal.clone()], None, WHAT)?;
        Some(TextSearchTemplate { init, lexize }.into())
    }
}
