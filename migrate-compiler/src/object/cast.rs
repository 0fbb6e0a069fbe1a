//! `create cast (text as email) with function to_email(text) as assignment;`

use migrate_core::name::QualifiedName;
use migrate_core::object::{Cast, CastApplies, CastMethod, Definition, Kind, Namespace, ObjectId};
use migrate_core::token::{At, Bracket};
use migrate_core::types::{BuiltIn, Type};

use super::argument_type::ArgumentType;
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
struct Types {
    source: Spanned<Type>,
    target: Spanned<Type>,
}

struct Clauses {
    method: MethodClause,
    applies: CastApplies,
}

enum MethodClause {
    Function(Spanned<QualifiedName>, Option<Vec<ArgumentType>>),
    Binary(At),
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
        let start = parser.cursor.index();
        let method = if parser.cursor.take_words(&["without", "function"]) {
            MethodClause::Binary(parser.cursor.since(start))
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
                Diagnostic::new(code::INVALID_DEFINITION, "a type cannot be cast to itself", at)
                    .help("write another type"),
            );
            return None;
        }
        let method = match &self.method {
            MethodClause::Binary(at) => {
                if !stored_alike([source, target], *at, checker) {
                    return None;
                }
                CastMethod::Binary
            }
            MethodClause::Text => CastMethod::Text,
            MethodClause::Function(name, written) => {
                let arguments = match written {
                    Some(written) => {
                        written.iter().map(|argument| argument.check(checker)).collect::<Option<Vec<_>>>()?
                    }
                    None => vec![source.clone()],
                };
                if let Some(written) = written
                    && !fits_cast(written, &arguments, source, name.at, checker)
                {
                    return None;
                }
                CastMethod::Function(checker.function_named(name, &arguments, Some(target), "this cast")?)
            }
        };
        Some(Cast { method, applies: self.applies }.into())
    }
}

/// Whether the values of two types may be taken for one another as they are: PostgreSQL never does that where a type is more
/// than its bytes (`CreateCast`).
fn stored_alike(types: [&Type; 2], at: At, checker: &mut Checker<'_>) -> bool {
    for data_type in types {
        let what = match data_type.as_named() {
            _ if data_type.element().is_some() => "an array",
            Some(name) if checker.catalog().enums.contains_key(name) => "an enum",
            Some(name) if checker.catalog().tables.contains_key(name) => "the row of a table",
            Some(name) => match checker.catalog().object_named(Namespace::Type, name).map(|(id, _)| id.kind) {
                Some(Kind::CompositeType) => "a composite type",
                Some(Kind::Domain) => "a domain",
                Some(Kind::RangeType) => "a range type",
                _ => continue,
            },
            None => continue,
        };
        let message = format!("`{data_type}` is {what}, which is not binary-compatible with any other type");
        checker.report(
            Diagnostic::new(code::INVALID_DEFINITION, message, at)
                .help("write `with function NAME(...)`, or `with inout` to go through the text"),
        );
        return false;
    }
    if let [Some(one), Some(other)] = types.map(size_of)
        && one != other
    {
        let [source, target] = types;
        let message = format!("values of `{source}` and of `{target}` are stored differently");
        checker.report(
            Diagnostic::new(code::INVALID_DEFINITION, message, at)
                .help("write `with function NAME(...)`, or `with inout` to go through the text"),
        );
        return false;
    }
    true
}

/// Whether a cast from `source` can call a function with these arguments: the value, the modifier of the type as an `integer`,
/// and whether the cast is written as a `boolean`.
fn fits_cast(
    written: &[ArgumentType],
    arguments: &[Type],
    source: &Type,
    at: At,
    checker: &mut Checker<'_>,
) -> bool {
    let mistake = match arguments {
        [] | [_, _, _, _, ..] => {
            Some(("a cast function must take one to three arguments".to_owned(), at, "its first argument has the type that is cast"))
        }
        [first, ..] if !checker.is_stored_as(source, first) => Some((
            format!("the function takes `{first}`, but this cast is from `{source}`"),
            written.first().map_or(at, ArgumentType::at),
            "write a function that takes the type that is cast",
        )),
        [_, second, ..] if *second != Type::INTEGER => Some((
            "the second argument of a cast function must be an `integer`: the length or precision".to_owned(),
            written.get(1).map_or(at, ArgumentType::at),
            "write `integer`, or leave it out",
        )),
        [_, _, third] if *third != Type::BOOLEAN => Some((
            "the third argument of a cast function must be a `boolean`: whether the cast is explicit".to_owned(),
            written.get(2).map_or(at, ArgumentType::at),
            "write `boolean`, or leave it out",
        )),
        _ => None,
    };
    if let Some((message, at, help)) = &mistake {
        checker.report(Diagnostic::new(code::INVALID_DEFINITION, message.clone(), *at).help(*help));
    }
    mistake.is_none()
}

/// In how many bytes PostgreSQL stores values of a type (`typlen`); 0 where they have no fixed length. `None`: not known here.
fn size_of(data_type: &Type) -> Option<u8> {
    Some(match data_type {
        Type::BuiltIn(BuiltIn::Boolean) => 1,
        Type::BuiltIn(BuiltIn::SmallInt) => 2,
        Type::BuiltIn(BuiltIn::Integer | BuiltIn::Real | BuiltIn::Date | BuiltIn::Oid) => 4,
        Type::BuiltIn(BuiltIn::BigInt | BuiltIn::DoublePrecision | BuiltIn::Money) | Type::Timestamp { .. } => 8,
        Type::BuiltIn(BuiltIn::Text | BuiltIn::Bytea | BuiltIn::Json | BuiltIn::Jsonb | BuiltIn::Xml)
        | Type::CharacterVarying(_)
        | Type::Character(_)
        | Type::Numeric(_) => 0,
        _ => return None,
    })
}
