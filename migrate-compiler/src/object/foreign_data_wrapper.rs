//! `create foreign data wrapper files handler file_handler validator file_validator options (debug "true");`

use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, ForeignDataWrapper, FunctionName, Kind, Object, ObjectId};
use migrate_core::token::At;
use migrate_core::types::{BuiltIn, Type};

use super::options::OptionsClause;
use super::{Action, Identity, OfDatabase, Write, Written};
use crate::check::Checker;
use crate::parser::{Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
use migrate_core::sorted::SortedMap;
#[cfg(feature = "print")]
use super::options::{print_changed_options, print_options};
#[cfg(feature = "print")]
use super::{function_name::print_function, not_of_kind};
#[cfg(feature = "print")]
use crate::print::{Piece, Printed, identity};

pub(super) struct Syntax;

#[derive(Default)]
struct Clauses {
    handler: Option<Option<Spanned<QualifiedName>>>,
    validator: Option<Option<Spanned<QualifiedName>>>,
    options: OptionsClause,
    at: At,
}

impl Write for Syntax {
    const KIND: Kind = Kind::ForeignDataWrapper;
    const ACTIONS: &'static [&'static str] = &["handler", "validator", "options"];

    fn identity(parser: &mut Parser<'_>) -> Parsed<Box<dyn Identity>> {
        Ok(Box::new(OfDatabase::parse(Self::KIND, parser)?))
    }

    fn definition(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<Box<dyn Written>> {
        Ok(Box::new(Clauses::parse(parser, false)?))
    }

    fn action(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
        let start = parser.cursor.index();
        let clauses = Clauses::parse(parser, true)?;
        let is_any = parser.cursor.index() > start;
        Ok(is_any.then(|| Box::new(clauses) as Box<dyn Action>))
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, catalog: &Catalog) -> Printed {
        let Definition::ForeignDataWrapper(wrapper) = definition else { return Err(not_of_kind(id)) };
        let mut written = format!("foreign data wrapper {}", identity(id));
        for (word, function) in [("handler", &wrapper.handler), ("validator", &wrapper.validator)] {
            if let Some(function) = function {
                written.push_str(&format!(" {word} {}", print_function(function, catalog)));
            }
        }
        written.push_str(&print_options(&wrapper.options));
        Ok(written)
    }

    #[cfg(feature = "print")]
    fn print_change(id: &ObjectId, before: &Definition, after: &Definition, catalog: &Catalog) -> Printed<Vec<Piece>> {
        let (Definition::ForeignDataWrapper(before), Definition::ForeignDataWrapper(after)) = (before, after) else {
            return Err(not_of_kind(id));
        };
        let mut clauses = Vec::new();
        for (word, before, after) in
            [("handler", &before.handler, &after.handler), ("validator", &before.validator, &after.validator)]
        {
            match after {
                after if after == before => {}
                Some(function) => clauses.push(format!("{word} {}", print_function(function, catalog))),
                None => clauses.push(format!("no {word}")),
            }
        }
        clauses.extend(print_changed_options(&before.options, &after.options));
        Ok(vec![super::action(id, clauses.join(" "))])
    }
}

impl Clauses {
    fn parse(parser: &mut Parser<'_>, is_change: bool) -> Parsed<Self> {
        let start = parser.cursor.index();
        let mut clauses = Clauses::default();
        loop {
            if parser.cursor.take_word("handler") {
                clauses.handler = Some(Some(parser.qualified_name("the function")?));
            } else if parser.cursor.take_word("validator") {
                clauses.validator = Some(Some(parser.qualified_name("the function")?));
            } else if parser.cursor.take_words(&["no", "handler"]) {
                clauses.handler = Some(None);
            } else if parser.cursor.take_words(&["no", "validator"]) {
                clauses.validator = Some(None);
            } else if let Some(options) = OptionsClause::parse(parser, is_change)? {
                clauses.options = options;
            } else {
                clauses.at = parser.cursor.since(start);
                return Ok(clauses);
            }
        }
    }

    fn put_into(&self, wrapper: &mut ForeignDataWrapper, checker: &mut Checker<'_>) -> Option<()> {
        let handler_result = Type::BuiltIn(BuiltIn::FdwHandler);
        let validated = [Type::TEXT.array(), Type::BuiltIn(BuiltIn::Oid)];
        let mut function = |name: &Spanned<QualifiedName>, takes: &[Type], gives: Option<&Type>| -> Option<FunctionName> {
            checker.function_named(name, takes, gives, "a foreign-data wrapper")
        };
        match &self.handler {
            Some(Some(name)) => wrapper.handler = Some(function(name, &[], Some(&handler_result))?),
            Some(None) => wrapper.handler = None,
            None => {}
        }
        match &self.validator {
            Some(Some(name)) => wrapper.validator = Some(function(name, &validated, None)?),
            Some(None) => wrapper.validator = None,
            None => {}
        }
        self.options.put_into(&mut wrapper.options, checker)
    }
}

impl Written for Clauses {
    fn check(&self, _: &ObjectId, _: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let mut wrapper = ForeignDataWrapper { handler: None, validator: None, options: SortedMap::new() };
        self.put_into(&mut wrapper, checker)?;
        Some(wrapper.into())
    }
}

impl Action for Clauses {
    fn at(&self) -> At {
        self.at
    }

    fn check(&self, _: &ObjectId, before: &Object, checker: &mut Checker<'_>) -> Option<Definition> {
        let Definition::ForeignDataWrapper(wrapper) = &before.definition else { return None };
        let mut wrapper = wrapper.clone();
        self.put_into(&mut wrapper, checker)?;
        Some(wrapper.into())
    }
}
