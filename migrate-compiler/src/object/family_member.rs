//! `operator 1 <`, `function 1 compare(point3, point3)`: what operator classes and families are made of.

use migrate_core::expression::Operator;
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::object::{
    Definition, FamilyMember, FunctionName, Kind, MemberKind, ObjectId, OperatorClass, OperatorFamily,
};
use migrate_core::system::{self, operators};
use migrate_core::token::{At, Bracket, Token};
use migrate_core::types::Type;

use super::Identity;
use super::properties::parse_operator;
use super::routine::parse_type;
#[cfg(feature = "print")]
use super::{function_name::print_function, properties::print_operator};
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Name, Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use crate::print::{data_type, qualified};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;

/// The index methods, which the server has without extensions.
const METHODS: [&str; 6] = ["btree", "hash", "gist", "spgist", "gin", "brin"];

/// `money_ops using btree`: a class or a family.
pub(super) struct OfMethod {
    kind: Kind,
    name: Spanned<QualifiedName>,
    method: Name,
}

impl OfMethod {
    pub(super) fn new(kind: Kind, name: Spanned<QualifiedName>, method: Name) -> Self {
        OfMethod { kind, name, method }
    }

    pub(super) fn parse(kind: Kind, parser: &mut Parser<'_>) -> Parsed<Self> {
        let name = parser.qualified_name(&format!("the {}", kind.noun()))?;
        parser.word("using")?;
        Ok(OfMethod { kind, name, method: parser.name("the index method")? })
    }
}

impl Identity for OfMethod {
    fn at(&self) -> At {
        self.name.at
    }

    fn check(&self, checker: &mut Checker<'_>) -> Option<ObjectId> {
        let method = &self.method.value;
        let is_known = METHODS.contains(&method.as_str())
            || system::operator_classes(method).next().is_some()
            || checker.catalog().has_unknown_extension();
        if !is_known {
            checker.report(
                Diagnostic::new(
                    code::INVALID_DEFINITION,
                    format!("cannot find the index method `{method}`"),
                    self.method.at,
                )
                .maybe_help(choices(method, METHODS, "index methods")),
            );
            return None;
        }
        let name = self.name.value.clone();
        Some(ObjectId { of: Some(method.clone()), ..ObjectId::new(self.kind, name) })
    }
}

/// A member as it is written.
#[derive(Clone)]
pub(super) struct MemberClause {
    number: Spanned<u16>,
    types: Vec<Spanned<Type>>,
    what: WhatClause,
    pub(super) at: At,
}

#[derive(Clone)]
enum WhatClause {
    Operator { operator: Spanned<Operator>, order_by: Option<Spanned<QualifiedName>> },
    Function { name: Spanned<QualifiedName>, arguments: Vec<Spanned<Type>> },
}

/// A place of a family, as it is written: `operator 1 (int, bigint)`.
pub(super) struct PlaceClause {
    is_function: bool,
    number: Spanned<u16>,
    types: Vec<Spanned<Type>>,
    pub(super) at: At,
}

fn parse_number(parser: &mut Parser<'_>, what: &str) -> Parsed<Spanned<u16>> {
    let at = parser.cursor.at();
    let number = match parser.cursor.peek() {
        Token::Number(number) => number.parse().ok().filter(|number| *number > 0),
        _ => None,
    };
    let Some(value) = number else { return parser.expected(&format!("the number of the {what}")) };
    parser.cursor.next();
    Ok(Spanned { value, at })
}

fn parse_types(parser: &mut Parser<'_>) -> Parsed<Vec<Spanned<Type>>> {
    match parser.cursor.take_open(Bracket::Round) {
        true => parser.separated(Bracket::Round, parse_type),
        false => Ok(Vec::new()),
    }
}

impl MemberClause {
    /// Takes one, where one begins.
    pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Option<Self>> {
        let start = parser.cursor.index();
        if parser.cursor.take_word("operator") {
            let number = parse_number(parser, "operator")?;
            let operator = parse_operator(parser)?;
            let types = parse_types(parser)?;
            let order_by = if parser.cursor.take_words(&["for", "order", "by"]) {
                Some(parser.qualified_name("the operator family")?)
            } else {
                parser.cursor.take_words(&["for", "search"]);
                None
            };
            let what = WhatClause::Operator { operator, order_by };
            return Ok(Some(MemberClause { number, types, what, at: parser.cursor.since(start) }));
        }
        if !parser.cursor.take_word("function") {
            return Ok(None);
        }
        let number = parse_number(parser, "function")?;
        let types = parse_types(parser)?;
        let name = parser.qualified_name("the function")?;
        parser.open(Bracket::Round, "`(` and the types of the arguments")?;
        let arguments = parser.separated(Bracket::Round, parse_type)?;
        let what = WhatClause::Function { name, arguments };
        Ok(Some(MemberClause { number, types, what, at: parser.cursor.since(start) }))
    }

    /// What it is, for a class of that type, or for none.
    pub(super) fn check(&self, method: &str, class: Option<&Type>, checker: &mut Checker<'_>) -> Option<FamilyMember> {
        let types = self.types.iter().map(|one| checker.argument_type(one)).collect::<Option<Vec<Type>>>()?;
        let (what, takes) = match &self.what {
            WhatClause::Operator { operator, order_by } => {
                let order_by = match order_by {
                    Some(family) => Some(checker.family_named("btree", family)?),
                    None => None,
                };
                (Err((operator, order_by)), Vec::new())
            }
            WhatClause::Function { name, arguments } => {
                let arguments = arguments.iter().map(|one| checker.argument_type(one)).collect::<Option<Vec<_>>>()?;
                let function = checker.function_named(name, &arguments, None, "this")?;
                (Ok(function), arguments)
            }
        };
        self.fits_method(method, &what, checker)?;
        let (left, right) = match (types.as_slice(), class, takes.as_slice(), method) {
            ([left, right], ..) => (left.clone(), right.clone()),
            ([both], ..) => (both.clone(), both.clone()),
            ([], _, [left, right], "btree") if self.number.value == 1 => (left.clone(), right.clone()),
            ([], _, [only, ..], "hash") if matches!(self.number.value, 1 | 2) => (only.clone(), only.clone()),
            ([], Some(class), ..) => (class.clone(), class.clone()),
            ([], None, ..) => {
                let mistake =
                    Diagnostic::new(code::INVALID_DEFINITION, "the types of its arguments are missing", self.at);
                checker.report(mistake.help("write them in parentheses: `operator 1 < (int, bigint)`"));
                return None;
            }
            _ => {
                let message = "a member of an operator family takes one or two types";
                checker.report(Diagnostic::new(code::INVALID_DEFINITION, message, self.at));
                return None;
            }
        };
        let what = match what {
            Ok(function) => MemberKind::Function(function),
            Err((operator, order_by)) => {
                let name = checker.operator_named(operator, &left, &right)?;
                let arguments = vec![left.clone(), right.clone()];
                let id = ObjectId { arguments, ..ObjectId::new(Kind::OwnOperator, name.clone()) };
                if let Some(Definition::OwnOperator(own)) = checker.catalog().object(&id).map(|own| &own.definition)
                    && let Some(result) =
                        own.result.clone().filter(|result| order_by.is_none() && *result != Type::BOOLEAN)
                {
                    let message =
                        format!("{id} gives `{result}`, but an index searches by operators that give `boolean`");
                    let mistake = Diagnostic::new(code::INVALID_DEFINITION, message, operator.at);
                    checker.report(mistake.help("name another operator, or write `for order by` and a family"));
                    return None;
                }
                MemberKind::Operator { name, order_by }
            }
        };
        Some(FamilyMember { number: self.number.value, left, right, what })
    }

    /// What PostgreSQL's own methods refuse: numbers that they do not have, and comparisons that give something else
    /// (`amapi.h`, `assignProcTypes`).
    fn fits_method<O>(&self, method: &str, what: &Result<FunctionName, O>, checker: &mut Checker<'_>) -> Option<()> {
        let (noun, most) = match (what, method) {
            (Err(_), "btree") => ("operator", 5),
            (Err(_), "hash") => ("operator", 1),
            (Ok(_), "btree") => ("function", if checker.postgres() < 18 { 5 } else { 6 }),
            (Ok(_), "hash") => ("function", 3),
            (Ok(_), "gist") => ("function", 12),
            (Ok(_), "gin" | "spgist") => ("function", 7),
            (Ok(_), "brin") => ("function", 15),
            _ => return Some(()),
        };
        if self.number.value > most {
            let message = format!("`{method}` has no {noun} {}", self.number.value);
            let mistake = Diagnostic::new(code::INVALID_DEFINITION, message, self.number.at);
            checker.report(mistake.help(format!("write a number from 1 to {most}")));
            return None;
        }
        let (Ok(function), WhatClause::Function { name, .. }) = (what, &self.what) else { return Some(()) };
        let wanted = match (method, self.number.value) {
            ("btree", 1) | ("hash", 1) => Type::INTEGER,
            ("hash", 2) => Type::BIGINT,
            ("btree", 3 | 4) => Type::BOOLEAN,
            _ => return Some(()),
        };
        let own = checker.own_function_named(&function.name, &function.arguments);
        let found = own.map(|(_, own)| own.result()).filter(|found| *found != wanted);
        let Some(found) = found else { return Some(()) };
        let message = format!(
            "function {} of `{method}` must return `{wanted}`, but `{}` returns `{found}`",
            self.number.value, name.value
        );
        checker.report(Diagnostic::new(code::TYPE_MISMATCH, message, name.at));
        None
    }
}

impl PlaceClause {
    pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Self> {
        let start = parser.cursor.index();
        let is_function = parser.cursor.take_word("function");
        if !is_function && !parser.cursor.take_word("operator") {
            return parser.expected("`operator` or `function`");
        }
        let number = parse_number(parser, if is_function { "function" } else { "operator" })?;
        if !parser.cursor.is_open(Bracket::Round) {
            return parser.expected("`(` and the types that it is for");
        }
        let types = parse_types(parser)?;
        Ok(PlaceClause { is_function, number, types, at: parser.cursor.since(start) })
    }

    /// The member that is meant.
    pub(super) fn find(&self, members: &[FamilyMember], checker: &mut Checker<'_>) -> Option<usize> {
        let types = self.types.iter().map(|one| checker.argument_type(one)).collect::<Option<Vec<Type>>>()?;
        let (left, right) = (types.first()?, types.last()?);
        let place = (self.is_function, self.number.value, left.sql(), right.sql());
        let found = members.iter().position(|member| member.place() == place);
        if found.is_none() {
            let noun = if self.is_function { "function" } else { "operator" };
            let message = format!("the family has no {noun} {} for `{left}` and `{right}`", self.number.value);
            let known: Vec<String> = members.iter().map(ToString::to_string).collect();
            let mistake = Diagnostic::new(code::UNKNOWN_OBJECT, message, self.at);
            checker.report(mistake.maybe_help(choices("", known.iter().map(String::as_str), "members")));
        }
        found
    }
}

impl Checker<'_> {
    /// A family, with its schema: one of the user's, or PostgreSQL's own.
    pub(super) fn family_named(&mut self, method: &str, family: &Spanned<QualifiedName>) -> Option<QualifiedName> {
        let id = OperatorFamily::id(method, family.value.clone());
        if self.catalog().object(&id).is_some() || self.state.undeclared.may_have_made(&family.value.name) {
            return Some(family.value.clone());
        }
        let is_of_system = matches!(family.value.schema.as_str(), DEFAULT_SCHEMA | "pg_catalog")
            && SYSTEM_FAMILIES.contains(&family.value.name.as_str());
        if is_of_system {
            return Some(QualifiedName::in_schema("pg_catalog", family.value.name.clone()));
        }
        self.report_missing(&id, &id.told(), &family.value.to_string(), family.at);
        None
    }

    /// An operator between these types, with its schema.
    pub(super) fn operator_named(
        &mut self,
        operator: &Spanned<Operator>,
        left: &Type,
        right: &Type,
    ) -> Option<QualifiedName> {
        let Operator { schema, symbol, .. } = &operator.value;
        let written = QualifiedName::in_schema(schema.as_deref().unwrap_or(DEFAULT_SCHEMA), symbol.clone());
        let arguments = vec![left.clone(), right.clone()];
        let id = ObjectId { arguments, ..ObjectId::new(Kind::OwnOperator, written.clone()) };
        if self.catalog().object(&id).is_some() || self.state.broken.has_object(&id) {
            return Some(written);
        }
        let mut is_known = false;
        if schema.as_deref().is_none_or(|schema| schema == "pg_catalog") {
            for found in operators(symbol) {
                let takes = |id: Option<system::TypeId>, wanted: &Type| {
                    id.is_some_and(|id| {
                        let entry = id.entry();
                        // PostgreSQL looks for exactly these types.
                        entry.name().parse::<Type>().is_ok_and(|found| found == *wanted)
                            || wanted.as_named().is_some_and(|named| named.name == entry.name())
                            || entry.array_element().is_some() && wanted.element().is_some()
                    })
                };
                let schema = match found.extension() {
                    None => "pg_catalog".to_owned(),
                    Some(extension) => match self.catalog().extensions.get(extension) {
                        Some(extension) => extension.schema().to_owned(),
                        None => continue,
                    },
                };
                is_known = true;
                if takes(found.left(), left) && takes(Some(found.right()), right) {
                    return Some(QualifiedName::in_schema(schema, symbol.clone()));
                }
            }
        }
        if self.state.undeclared.may_have_made("operator") || self.catalog().has_unknown_extension() {
            return Some(written);
        }
        let own = self.catalog().objects.keys().filter(|id| id.kind == Kind::OwnOperator && id.name == written);
        let own: Vec<String> = own.map(ObjectId::told).collect();
        let mistake = Diagnostic::new(code::UNKNOWN_OPERATOR, format!("cannot find {id}"), operator.at);
        self.report(match own.as_slice() {
            [] if is_known => mistake.help("write the types of its operands: `operator 1 < (int, bigint)`"),
            [] => mistake.help("create the operator first"),
            own => mistake.help(format!("there is {}", own.join(", "))),
        });
        None
    }

    /// Notes that a place of a class or family is taken twice.
    pub(super) fn has_place_twice(&mut self, members: &[(FamilyMember, At)]) -> bool {
        for (index, (member, at)) in members.iter().enumerate() {
            if members.iter().take(index).any(|(other, _)| other.place() == member.place()) {
                let noun = if matches!(member.what, MemberKind::Function(_)) { "function" } else { "operator" };
                let message = format!("{noun} {} for these types is given more than once", member.number);
                self.report(Diagnostic::new(code::DUPLICATE_CLAUSE, message, *at).help("remove one of them"));
                return true;
            }
        }
        false
    }

    /// The class of a family that a member would belong to: that of its type.
    pub(super) fn class_of_member(&self, family: &ObjectId, member: &FamilyMember) -> Option<ObjectId> {
        let method = family.of.as_deref()?;
        let found = self.catalog().objects.iter().find(|(id, object)| match &object.definition {
            Definition::OperatorClass(OperatorClass { data_type, family: of, .. }) => {
                id.of == family.of && *of == family.name && member.is_of_class(method, data_type)
            }
            _ => false,
        });
        found.map(|(id, _)| id.clone())
    }
}

/// The families of PostgreSQL's own classes of B-trees and hashes (`pg_opfamily`): those that classes of the user are put into.
const SYSTEM_FAMILIES: [&str; 34] = [
    "array_ops",
    "bit_ops",
    "bool_ops",
    "bpchar_ops",
    "bpchar_pattern_ops",
    "bytea_ops",
    "char_ops",
    "datetime_ops",
    "enum_ops",
    "float_ops",
    "integer_ops",
    "interval_ops",
    "jsonb_ops",
    "macaddr_ops",
    "macaddr8_ops",
    "money_ops",
    "multirange_ops",
    "network_ops",
    "numeric_ops",
    "oid_ops",
    "oidvector_ops",
    "pg_lsn_ops",
    "range_ops",
    "record_image_ops",
    "record_ops",
    "text_ops",
    "text_pattern_ops",
    "tid_ops",
    "time_ops",
    "timetz_ops",
    "tsquery_ops",
    "tsvector_ops",
    "uuid_ops",
    "varbit_ops",
];

/// A member, for a class of that type, or for none.
#[cfg(feature = "print")]
pub(super) fn print_member(member: &FamilyMember, class: Option<&Type>, catalog: &Catalog) -> String {
    let FamilyMember { number, left, right, what } = member;
    let types = match class {
        Some(class) if class == left && class == right => String::new(),
        _ => format!("({}, {})", data_type(left), data_type(right)),
    };
    match what {
        MemberKind::Operator { name, order_by } => {
            let arguments = vec![left.clone(), right.clone()];
            let is_own = catalog.objects.contains_key(&ObjectId {
                arguments,
                ..ObjectId::new(Kind::OwnOperator, QualifiedName::new(name.name.clone()))
            });
            // Without a schema it is found in `public` first, and then among PostgreSQL's own.
            let default = if is_own || name.schema == DEFAULT_SCHEMA { DEFAULT_SCHEMA } else { "pg_catalog" };
            let operator = Operator::in_schema(Some(name.schema.clone()), name.name.clone());
            let mut written = format!("operator {number} {}", print_operator(&operator, Some(default)));
            if !types.is_empty() {
                written.push_str(&format!(" {types}"));
            }
            if let Some(family) = order_by {
                written.push_str(&format!(" for order by {}", print_family(family)));
            }
            written
        }
        MemberKind::Function(function) => {
            let arguments: Vec<String> = function.arguments.iter().map(data_type).collect();
            let types = if types.is_empty() { types } else { format!("{types} ") };
            let always = class.is_none_or(|class| function.arguments.first() != Some(class)) && types.is_empty();
            let types = if always { format!("({}, {}) ", data_type(left), data_type(right)) } else { types };
            format!("function {number} {types}{}({})", print_function(function, catalog), arguments.join(", "))
        }
    }
}

/// A member, as it is dropped.
#[cfg(feature = "print")]
pub(super) fn print_place(member: &FamilyMember) -> String {
    let word = if matches!(member.what, MemberKind::Function(_)) { "function" } else { "operator" };
    format!("{word} {} ({}, {})", member.number, data_type(&member.left), data_type(&member.right))
}

/// A family: PostgreSQL's own without a schema.
#[cfg(feature = "print")]
pub(super) fn print_family(family: &QualifiedName) -> String {
    match family.schema.as_str() {
        "pg_catalog" => crate::print::name(&family.name),
        _ => qualified(family),
    }
}
