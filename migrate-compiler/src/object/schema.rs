//! `create schema billing;`

use migrate_core::object::{Definition, Kind, ObjectId, Schema};
use migrate_core::token::At;

use super::{Identity, Write, Written};
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Name, Parsed, Parser};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
#[cfg(feature = "print")]
use crate::print::{Printed, name};

pub(super) struct Syntax;

struct SchemaName(Name);

struct Plain;

impl Write for Syntax {
    const KIND: Kind = Kind::Schema;

    fn identity(parser: &mut Parser<'_>) -> Parsed<Box<dyn Identity>> {
        Ok(Box::new(SchemaName(parser.name("the schema")?)))
    }

    fn definition(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<Box<dyn Written>> {
        if parser.cursor.is_word("authorization") {
            let mistake =
                Diagnostic::new(code::SYNTAX, "`create schema` does not take an owner", parser.cursor.at());
            return Err(mistake.help("remove it: the role that migrates owns the schema"));
        }
        Ok(Box::new(Plain))
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, _: &Definition, _: &Catalog) -> Printed {
        Ok(format!("schema {}", name(&id.name.name)))
    }
}

impl Identity for SchemaName {
    fn at(&self) -> At {
        self.0.at
    }

    fn check(&self, checker: &mut Checker<'_>) -> Option<ObjectId> {
        let name = &self.0.value;
        if name.starts_with("pg_") || name == "information_schema" {
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, format!("`{name}` is reserved for system schemas"), self.0.at)
                    .help("choose another name"),
            );
            return None;
        }
        if name == "public" {
            checker.report(
                Diagnostic::new(code::DUPLICATE_OBJECT, "the schema `public` already exists", self.0.at)
                    .help("remove it: every database has it"),
            );
            return None;
        }
        Some(Schema::id(name.clone()))
    }
}

impl Written for Plain {
    fn check(&self, _: &ObjectId, _: At, _: &mut Checker<'_>) -> Option<Definition> {
        Some(Schema {}.into())
    }
}
