//! `create operator === { function: alike, leftarg: text, rightarg: text, commutator: === }`

use migrate_core::expression::Operator;
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::object::{Definition, Kind, Object, ObjectId, OwnOperator};
use migrate_core::system::functions;
use migrate_core::token::{At, Bracket, Token};
use migrate_core::types::Type;

use super::properties::{parse_flag, parse_operator, parse_properties, parse_symbol};
use super::{Action, Identity, Write, Written};
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
#[cfg(feature = "print")]
use super::properties::{print_flag, print_operator, print_properties, print_symbol};
#[cfg(feature = "print")]
use super::{function_name::print_function, not_of_kind};
#[cfg(feature = "print")]
use crate::print::{Piece, Printed, Unprintable, data_type, qualified};

pub(super) struct Syntax;

/// `=== (text, text)`, `!! (none, bigint)`
#[derive(Clone)]
struct Named {
    name: Spanned<QualifiedName>,
    left: Option<Spanned<Type>>,
    right: Option<Spanned<Type>>,
}

#[derive(Default)]
struct Clauses {
    function: Option<Spanned<QualifiedName>>,
    left: Option<Spanned<Type>>,
    right: Option<Spanned<Type>>,
    commutator: Option<Spanned<Operator>>,
    negator: Option<Spanned<Operator>>,
    restrict: Option<Spanned<QualifiedName>>,
    join: Option<Spanned<QualifiedName>>,
    hashes: bool,
    merges: bool,
    /// Which of the properties that only conditions have are given, and where.
    of_conditions: Vec<(&'static str, At)>,
}

/// `set (restrict = eqsel, join = none)`
struct Change {
    restrict: Option<Option<Spanned<QualifiedName>>>,
    join: Option<Option<Spanned<QualifiedName>>>,
    at: At,
}

const PROPERTIES: [&str; 10] = [
    "function", "procedure", "leftarg", "rightarg", "commutator", "negator", "restrict", "join", "hashes", "merges",
];

fn parse_name(parser: &mut Parser<'_>) -> Parsed<Spanned<QualifiedName>> {
    let start = parser.cursor.index();
    let schema = match parser.cursor.peek() {
        Token::Word(_) if !matches!(parser.cursor.look_ahead(1), Token::Symbol { symbol: '.', .. }) => {
            return parser.expected("the characters of an operator");
        }
        Token::Word(_) => {
            let schema = parser.name("the schema")?;
            parser.symbol('.')?;
            schema.value
        }
        _ => DEFAULT_SCHEMA.to_owned(),
    };
    let symbol = parse_symbol(parser)?;
    Ok(Spanned { value: QualifiedName::in_schema(schema, symbol), at: parser.cursor.since(start) })
}

impl Write for Syntax {
    const KIND: Kind = Kind::OwnOperator;
    const ACTIONS: &'static [&'static str] = &["set (...)"];

    fn identity(parser: &mut Parser<'_>) -> Parsed<Box<dyn Identity>> {
        let name = parse_name(parser)?;
        parser.open(Bracket::Round, "`(` and the types of its operands")?;
        let left = match parser.cursor.take_word("none") {
            true => None,
            false => Some(parser.column_type()?.0),
        };
        parser.symbol(',')?;
        let right = Some(parser.column_type()?.0);
        parser.close(Bracket::Round, "`)`")?;
        Ok(Box::new(Named { name, left, right }))
    }

    fn created(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<(Box<dyn Identity>, Box<dyn Written>)> {
        let name = parse_name(parser)?;
        let mut clauses = Clauses::default();
        parse_properties(parser, &PROPERTIES, "an operator", |parser, property| {
            let start = parser.cursor.index();
            match property {
                "function" | "procedure" => clauses.function = Some(parser.qualified_name("the function")?),
                "leftarg" => clauses.left = Some(parser.column_type()?.0),
                "rightarg" => clauses.right = Some(parser.column_type()?.0),
                "commutator" => clauses.commutator = Some(parse_operator(parser)?),
                "negator" => clauses.negator = Some(parse_operator(parser)?),
                "restrict" => clauses.restrict = Some(parser.qualified_name("the function")?),
                "join" => clauses.join = Some(parser.qualified_name("the function")?),
                "hashes" => clauses.hashes = parse_flag(parser)?,
                _ => clauses.merges = parse_flag(parser)?,
            }
            if let Some(property @ ("negator" | "hashes" | "merges" | "restrict" | "join")) =
                PROPERTIES.iter().find(|known| **known == property).copied()
            {
                clauses.of_conditions.push((property, parser.cursor.since(start)));
            }
            Ok(())
        })?;
        let named = Named { name, left: clauses.left.clone(), right: clauses.right.clone() };
        Ok((Box::new(named), Box::new(clauses)))
    }

    fn action(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
        let start = parser.cursor.index();
        if parser.cursor.is_words(&["set", "schema"]) || !parser.cursor.take_word("set") {
            return Ok(None);
        }
        parser.open(Bracket::Round, "`(`")?;
        let mut change = Change { restrict: None, join: None, at: At::default() };
        parser.separated(Bracket::Round, |parser| {
            let name = parser.name("`restrict` or `join`")?;
            parser.symbol('=')?;
            let function = match parser.cursor.take_word("none") {
                true => None,
                false => Some(parser.qualified_name("the function, or `none`")?),
            };
            match name.value.as_str() {
                "restrict" => change.restrict = Some(function),
                "join" => change.join = Some(function),
                _ => {
                    let headline = format!("`{}` of an operator cannot be changed", name.value);
                    return Err(Diagnostic::new(code::SYNTAX, headline, name.at)
                        .help("set `restrict` or `join`, or drop the operator and create it again"));
                }
            }
            Ok(())
        })?;
        change.at = parser.cursor.since(start);
        Ok(Some(Box::new(change)))
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, catalog: &Catalog) -> Printed {
        let Definition::OwnOperator(operator) = definition else { return Err(not_of_kind(id)) };
        let (left, right) = match id.arguments.as_slice() {
            [left, right] => (Some(data_type(left)), Some(data_type(right))),
            others => (None, others.first().map(data_type)),
        };
        let swapped = id.arguments.iter().rev().cloned().collect();
        let commutator = print_partner(operator.commutator.as_ref(), swapped, id, catalog);
        let negator = print_partner(operator.negator.as_ref(), id.arguments.clone(), id, catalog);
        let properties = print_properties([
            ("function", Some(print_function(&operator.function, catalog))),
            ("leftarg", left),
            ("rightarg", right),
            ("commutator", commutator),
            ("negator", negator),
            ("restrict", operator.restrict.as_ref().map(print_estimator)),
            ("join", operator.join.as_ref().map(print_estimator)),
            ("hashes", print_flag(operator.hashes)),
            ("merges", print_flag(operator.merges)),
        ]);
        Ok(format!("operator {} {properties}", print_own_operator(&id.name)))
    }

    #[cfg(feature = "print")]
    fn print_change(id: &ObjectId, before: &Definition, after: &Definition, _: &Catalog) -> Printed<Vec<Piece>> {
        let (Definition::OwnOperator(before), Definition::OwnOperator(after)) = (before, after) else {
            return Err(not_of_kind(id));
        };
        if (OwnOperator { restrict: after.restrict.clone(), join: after.join.clone(), ..before.clone() }) != *after {
            let what = format!("a change of {}", id.told());
            return Err(Unprintable::new(what, "it must be dropped and created again"));
        }
        let set = [("restrict", &before.restrict, &after.restrict), ("join", &before.join, &after.join)];
        let set = set.into_iter().filter(|(_, before, after)| before != after).map(|(name, _, after)| {
            format!("{name} = {}", after.as_ref().map_or_else(|| "none".to_owned(), print_estimator))
        });
        Ok(vec![super::action(id, format!("set ({})", set.collect::<Vec<_>>().join(", ")))])
    }
}

impl Identity for Named {
    fn at(&self) -> At {
        self.name.at
    }

    fn check(&self, checker: &mut Checker<'_>) -> Option<ObjectId> {
        let Some(right) = &self.right else {
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, "the operator needs `rightarg`", self.name.at)
                    .help("write the type of the right operand: there are no postfix operators"),
            );
            return None;
        };
        let left = match &self.left {
            Some(left) => Some(checker.argument_type(left)?),
            None => None,
        };
        let arguments = left.into_iter().chain([checker.argument_type(right)?]).collect();
        Some(ObjectId { arguments, ..ObjectId::new(Kind::OwnOperator, self.name.value.clone()) })
    }
}

/// An estimator, with its schema.
fn estimator(name: &Spanned<QualifiedName>, checker: &mut Checker<'_>) -> Option<QualifiedName> {
    let QualifiedName { schema, name: bare } = &name.value;
    let is_of_system = matches!(schema.as_str(), DEFAULT_SCHEMA | "pg_catalog")
        && functions(bare).any(|function| {
            let is_internal = |id: migrate_core::system::TypeId| id.entry().name() == "internal";
            function.extension().is_none() && function.arguments().get(0).is_some_and(is_internal)
        });
    if is_of_system {
        return Some(QualifiedName::in_schema("pg_catalog", bare.clone()));
    }
    let is_own = checker.catalog().objects.keys().any(|id| id.kind == Kind::Function && id.name == name.value);
    if is_own || checker.state.undeclared.may_have_made(bare) {
        return Some(name.value.clone());
    }
    const ESTIMATORS: [&str; 10] = [
        "eqsel", "neqsel", "scalarltsel", "scalargtsel", "contsel", "eqjoinsel", "neqjoinsel", "scalarltjoinsel",
        "scalargtjoinsel", "contjoinsel",
    ];
    checker.report(
        Diagnostic::new(code::UNKNOWN_FUNCTION, format!("cannot find function `{}`", name.value), name.at)
            .maybe_help(choices(bare, ESTIMATORS, "estimators")),
    );
    None
}

impl Clauses {
    /// Another operator that this one names: itself, or one that is there.
    fn partner(
        operator: &Spanned<Operator>,
        arguments: Vec<Type>,
        id: &ObjectId,
        checker: &mut Checker<'_>,
    ) -> Option<Operator> {
        let Operator { schema, symbol, .. } = &operator.value;
        let is_of_system = schema.as_deref() == Some("pg_catalog");
        let schema = schema.clone().unwrap_or_else(|| id.name.schema.clone());
        let name = QualifiedName::in_schema(schema.clone(), symbol.clone());
        let partner = ObjectId { arguments, ..ObjectId::new(Kind::OwnOperator, name) };
        let is_there = partner == *id || checker.catalog().objects.contains_key(&partner);
        if !is_there && !is_of_system && !checker.state.undeclared.may_have_made("operator") {
            if !checker.state.broken.has_object(&partner) {
                checker.report(
                    Diagnostic::new(code::UNKNOWN_OBJECT, format!("cannot find {partner}"), operator.at)
                        .help("create one of the two without it first: PostgreSQL links both when the second one is \
                               created"),
                );
            }
            return None;
        }
        Some(Operator::in_schema(Some(schema), symbol.clone()))
    }
}

impl Written for Clauses {
    fn check(&self, id: &ObjectId, at: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let Some(function) = &self.function else {
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, "the operator needs `function`", at)
                    .help("write the function that computes it: `function: NAME`"),
            );
            return None;
        };
        let named = checker.function_named(function, &id.arguments, None, "the operator")?;
        let own = checker.own_function_named(&named.name, &named.arguments);
        let result = own.map(|(_, function)| function.result());
        if let (Some(result), Some((property, at))) = (&result, self.of_conditions.first())
            && *result != Type::BOOLEAN
        {
            let message = format!("only an operator that gives a `boolean` can have `{property}`");
            let mistake = Diagnostic::new(code::INVALID_DEFINITION, message, *at);
            checker.report(mistake.help(format!("remove it: its function returns `{result}`")));
            return None;
        }
        let swapped: Vec<Type> = id.arguments.iter().rev().cloned().collect();
        let commutator = match &self.commutator {
            Some(operator) => Some(Clauses::partner(operator, swapped, id, checker)?),
            None => None,
        };
        let negator = match &self.negator {
            Some(operator) => Some(Clauses::partner(operator, id.arguments.clone(), id, checker)?),
            None => None,
        };
        let restrict = match &self.restrict {
            Some(name) => Some(estimator(name, checker)?),
            None => None,
        };
        let join = match &self.join {
            Some(name) => Some(estimator(name, checker)?),
            None => None,
        };
        Some(
            OwnOperator {
                function: named,
                commutator,
                negator,
                restrict,
                join,
                hashes: self.hashes,
                merges: self.merges,
                result,
            }
            .into(),
        )
    }
}

impl Action for Change {
    fn at(&self) -> At {
        self.at
    }

    fn check(&self, _: &ObjectId, before: &Object, checker: &mut Checker<'_>) -> Option<Definition> {
        let Definition::OwnOperator(operator) = &before.definition else { return None };
        let mut operator = operator.clone();
        for (written, place) in [(&self.restrict, &mut operator.restrict), (&self.join, &mut operator.join)] {
            match written {
                Some(Some(name)) => *place = Some(estimator(name, checker)?),
                Some(None) => *place = None,
                None => {}
            }
        }
        Some(operator.into())
    }
}

/// The characters with their schema, where that is not the default one.
#[cfg(feature = "print")]
pub(crate) fn print_own_operator(name: &QualifiedName) -> String {
    let symbol = print_symbol(&name.name);
    match name.schema.as_str() {
        DEFAULT_SCHEMA => symbol,
        schema => format!("{}.{symbol}", crate::print::name(schema)),
    }
}

#[cfg(feature = "print")]
fn print_estimator(name: &QualifiedName) -> String {
    match name.schema.as_str() {
        "pg_catalog" => crate::print::name(&name.name),
        _ => qualified(name),
    }
}

/// Another operator that this one names. One that is not there yet names this one, and PostgreSQL tells both.
#[cfg(feature = "print")]
fn print_partner(partner: Option<&Operator>, arguments: Vec<Type>, id: &ObjectId, catalog: &Catalog) -> Option<String> {
    let partner = partner?;
    let schema = partner.schema.as_deref().unwrap_or(DEFAULT_SCHEMA);
    let name = QualifiedName::in_schema(schema, partner.symbol.clone());
    let other = ObjectId { arguments, ..ObjectId::new(Kind::OwnOperator, name) };
    let is_there = other == *id || schema == "pg_catalog" || catalog.objects.contains_key(&other);
    is_there.then(|| print_operator(partner, Some(&id.name.schema)))
}
