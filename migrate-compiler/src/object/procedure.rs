//! `create procedure close_month(month: date) language plpgsql as r#"begin ... end"#;`

use migrate_core::object::Kind;

use super::{Action, Identity, Write, Written, routine};
use crate::parser::{Parsed, Parser};
#[cfg(feature = "print")]
use super::not_of_kind;
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
#[cfg(feature = "print")]
use migrate_core::object::{Definition, ObjectId};
#[cfg(feature = "print")]
use crate::print::Printed;

pub(super) struct Syntax;

impl Write for Syntax {
    const KIND: Kind = Kind::Procedure;
    const IS_REPLACED: bool = true;
    const ACTIONS: &'static [&'static str] = &["security definer", "security invoker", "set", "reset"];

    fn identity(parser: &mut Parser<'_>) -> Parsed<Box<dyn Identity>> {
        Ok(Box::new(routine::parse_signature(parser, Self::KIND)?))
    }

    fn created(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<(Box<dyn Identity>, Box<dyn Written>)> {
        let (made, definition) = routine::parse_created(parser, Self::KIND)?;
        Ok((Box::new(made), Box::new(definition)))
    }

    fn action(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
        super::routine_options::parse_change(parser)
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, catalog: &Catalog) -> Printed {
        let Definition::Procedure(migrate_core::object::Procedure(function)) = definition else { return Err(not_of_kind(id)) };
        super::routine_print::print(id, function, catalog)
    }
}
