//! `create function overdue(at: timestamptz, grace: interval = "1 day") returns boolean language sql stable as "..."`

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

/// `routine`, which PostgreSQL takes for a function, a procedure or an aggregate that is there.
pub(super) struct AnyRoutine;

impl Write for AnyRoutine {
    const KIND: Kind = Kind::Function;
    const ACTIONS: &'static [&'static str] = Syntax::ACTIONS;

    fn identity(parser: &mut Parser<'_>) -> Parsed<Box<dyn Identity>> {
        Ok(Box::new(routine::parse_any(parser)?))
    }

    fn action(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
        Syntax::action(parser)
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, catalog: &Catalog) -> Printed {
        Syntax::print(id, definition, catalog)
    }
}

impl Write for Syntax {
    const KIND: Kind = Kind::Function;
    const IS_REPLACED: bool = true;
    const ACTIONS: &'static [&'static str] = &[
        "immutable", "stable", "volatile", "strict", "called on null input", "leakproof", "not leakproof",
        "security definer", "security invoker", "parallel", "cost", "rows", "support", "set", "reset",
    ];

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
        let Definition::Function(function) = definition else { return Err(not_of_kind(id)) };
        super::routine_print::print(id, function, catalog)
    }
}
