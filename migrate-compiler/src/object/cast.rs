//! `create cast (text as email) with function to_email(text) as assignment;`

use migrate_core::name::QualifiedName;
use migrate_core::object::{Cast, CastApplies, CastMethod, Definition, Kind, ObjectId};
use migrate_core::token::{At, Bracket};
use migrate_core::types::Type;

use super::{Identity, Write, Written, routine};
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
#[cfg(feature = "print")]
use super::{function_name::print_function, not_of_kind};
#[cfg(feature = "print")]
use crate::print::{Printed, data_type, identity};

pub(super) struct Syntax;

/// `(text as email)`
#[derive(Debug)]
struct Types {
    source: Spanned<Type>,
    target: Spanned<Type>,
}

#[derive(Debug)]
struct Clauses {
    method: MethodClause,
    applies: CastApplies,
}

#[derive(Debug)]
enum MethodClause {
    Function(Spanned<QualifiedName>, Option<Vec<Spanned<Type>>>),
    Binary,
    Text,
}

impl Write for Syntax {
    const KIND: Kind = Kind::Cast;

    fn identity(parser: &mut Parser<'_>) -> Parsed<Box<dyn Identity>> {
        parser.open(Bracket::Round, "`(` and the types")?;
        let (source, _) = parser.column_type()?;
        parser.word("as")?;
        let (target, _) = parser.column_type()?;
        parser.close(Bracket::Round, "`)`")?;
        Ok(Box::new(Types { source, target }))
    }

    fn definition(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<Box<dyn Written>> {
        let method = if parser.cursor.take_words(&["without", "function"]) {
            MethodClause::Binary
        } else if parser.cursor.take_words(&["with", "inout"]) {
            MethodClause::Text
        } else if parser.cursor.take_words(&["with", "function"]) {
            let name = parser.qualified_name("the function")?;
            let arguments = match parser.cursor.take_open(Bracket::Round) {
                true => {
                    let clauses = parser.separated(Bracket::Round, routine::parse_argument)?;
                    Some(clauses.into_iter().map(|clause| clause.data_type).collect())
                }
                false => None,
            };
            MethodClause::Function(name, arguments)
        } else {
            return parser.expected("`with function`, `without function` or `with inout`");
        };
        let applies = if parser.cursor.take_words(&["as", "assignment"]) {
            CastApplies::Assignment
        } else if parser.cursor.take_words(&["as", "implicit"]) {
            CastApplies::Implicit
        } else {
            CastApplies::Explicit
        };
        Ok(Box::new(Clauses { method, applies }))
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, catalog: &Catalog) -> Printed {
        let Definition::Cast(cast) = definition else { return Err(not_of_kind(id)) };
        let method = match &cast.method {
            CastMethod::Binary => "without function".to_owned(),
            CastMethod::Text => "with inout".to_owned(),
            CastMethod::Function(function) => {
                let arguments: Vec<String> = function.arguments.iter().map(data_type).collect();
                format!("with function {}({})", print_function(function, catalog), arguments.join(", "))
            }
        };
        let applies = match cast.applies {
            CastApplies::Explicit => "",
            CastApplies::Assignment => " as assignment",
            CastApplies::Implicit => " as implicit",
        };
        Ok(format!("cast {} {method}{applies}", identity(id)))
    }
}

impl Identity for Types {
    fn at(&self) -> At {
        self.source.at.to(self.target.at)
    }

    fn check(&self, checker: &mut Checker<'_>) -> Option<ObjectId> {
        let source = checker.argument_type(&self.source);
        let target = checker.argument_type(&self.target);
        Some(ObjectId { arguments: vec![source?, target?], ..ObjectId::without_schema(Kind::Cast, "") })
    }
}

impl Written for Clauses {
    fn check(&self, id: &ObjectId, at: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let [source, target] = id.arguments.as_slice() else { return None };
        if source == target {
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, "a cast is between two types", at)
                    .help("name another type"),
            );
            return None;
        }
        let method = match &self.method {
            MethodClause::Binary => CastMethod::Binary,
            MethodClause::Text => CastMethod::Text,
            MethodClause::Function(name, written) => {
                let arguments = match written {
                    Some(written) => {
                        written.iter().map(|argument| checker.argument_type(argument)).collect::<Option<Vec<_>>>()?
                    }
                    None => vec![source.clone()],
                };
                CastMethod::Function(checker.function_named(name, &arguments, Some(target), "this cast")?)
            }
        };
        Some(Cast { method, applies: self.applies }.into())
    }
}
