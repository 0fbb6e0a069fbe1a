//! `create domain email as citext check (value like "%@%");`

use migrate_core::catalog::Catalog;
use migrate_core::expression::Expression;
use migrate_core::name::{QualifiedName, free_object_name};
use migrate_core::object::{Definition, Domain, Kind, Namespace, Object, ObjectId};
use migrate_core::token::At;
use migrate_core::types::Type;

use super::{Action, Write, Written};
use crate::check::{Checker, Context};
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Name, Parsed, Parser, Spanned};

pub(super) struct Syntax;

#[derive(Debug)]
struct Clauses {
    data_type: Spanned<Type>,
    collation: Option<Name>,
    default: Option<Spanned<Expression>>,
    not_null: bool,
    checks: Vec<Check>,
}

#[derive(Debug)]
struct Check {
    name: Option<Name>,
    condition: Spanned<Expression>,
}

#[derive(Debug)]
enum Change {
    AddCheck(Check),
    DropConstraint(Name),
    SetDefault(Spanned<Expression>),
    DropDefault(At),
    SetNotNull(At),
    DropNotNull(At),
}

impl Write for Syntax {
    const KIND: Kind = Kind::Domain;
    const ACTIONS: &'static [&'static str] =
        &["add check", "drop constraint", "set default", "drop default", "set not null", "drop not null"];

    fn definition(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<Box<dyn Written>> {
        parser.word("as")?;
        let (data_type, takes_null) = parser.column_type()?;
        if takes_null {
            let mistake = Diagnostic::new(code::SYNTAX, "unexpected `?`", data_type.at);
            return Err(mistake.help("remove it: a domain takes NULL unless it says `not null`"));
        }
        let mut clauses =
            Clauses { data_type, collation: None, default: None, not_null: false, checks: Vec::new() };
        if parser.cursor.take_word("collate") {
            clauses.collation = Some(parser.name("a collation")?);
        }
        if parser.cursor.take_symbol('=') {
            clauses.default = Some(parser.default_expression()?);
        }
        loop {
            if parser.cursor.take_words(&["not", "null"]) {
                clauses.not_null = true;
            } else if let Some(check) = parse_check(parser)? {
                clauses.checks.push(check);
            } else if parser.cursor.is_word("default") {
                let mistake = Diagnostic::new(code::SYNTAX, "unexpected `default`", parser.cursor.at());
                return Err(mistake.help("write `= value` after the type"));
            } else {
                return Ok(Box::new(clauses));
            }
        }
    }

    fn action(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
        let start = parser.cursor.index();
        let change = if parser.cursor.take_word("add") {
            match parse_check(parser)? {
                Some(check) => Change::AddCheck(check),
                None => return parser.expected("`check` or `constraint`"),
            }
        } else if parser.cursor.take_words(&["drop", "constraint"]) {
            Change::DropConstraint(parser.name("the constraint")?)
        } else if parser.cursor.take_words(&["set", "default"]) {
            Change::SetDefault(parser.default_expression()?)
        } else if parser.cursor.take_words(&["drop", "default"]) {
            Change::DropDefault(parser.cursor.since(start))
        } else if parser.cursor.take_words(&["set", "not", "null"]) {
            Change::SetNotNull(parser.cursor.since(start))
        } else if parser.cursor.take_words(&["drop", "not", "null"]) {
            Change::DropNotNull(parser.cursor.since(start))
        } else {
            return Ok(None);
        };
        Ok(Some(Box::new(change)))
    }
}

/// A column with arrays or composite values that hold values of the domain.
fn holder(domain: &QualifiedName, catalog: &Catalog) -> Option<String> {
    let columns = catalog.tables.iter().flat_map(|(table, definition)| {
        definition.columns.iter().map(move |column| (table, column))
    });
    let holds = |data_type: &Type| match data_type {
        Type::Array(element) => element.as_named() == Some(domain),
        Type::Named { name, .. } => match catalog.object_named(Namespace::Type, name).map(|(_, object)| &object.definition) {
            Some(Definition::CompositeType(found)) => {
                found.attributes.iter().any(|attribute| attribute.data_type.depends_on() == Some(domain))
            }
            _ => false,
        },
        _ => false,
    };
    let mut holders = columns.filter(|(_, column)| holds(&column.data_type));
    holders.next().map(|(table, column)| format!("column `{table}.{}`", column.name))
}

fn parse_check(parser: &mut Parser<'_>) -> Parsed<Option<Check>> {
    let name = match parser.cursor.take_word("constraint") {
        true => Some(parser.name("the constraint")?),
        false => None,
    };
    if !parser.cursor.take_word("check") {
        return match name {
            Some(_) => parser.expected("`check`"),
            None => Ok(None),
        };
    }
    Ok(Some(Check { name, condition: parser.bracketed_expression()? }))
}

impl Check {
    fn put_into(&self, domain: &mut Domain, id: &ObjectId, checker: &mut Checker<'_>) -> Option<()> {
        let condition = checker.domain_condition(&self.condition, &domain.data_type)?;
        let name = match &self.name {
            Some(name) if !checker.name_fits(name) => return None,
            Some(name) if domain.checks.contains_key(&name.value) => {
                checker.report(
                    Diagnostic::new(
                        code::DUPLICATE_CONSTRAINT,
                        format!("{id} already has a constraint `{}`", name.value),
                        name.at,
                    )
                    .help("choose another name"),
                );
                return None;
            }
            Some(name) => name.value.clone(),
            // As PostgreSQL chooses it (`domainAddConstraint` in `typecmds.c`).
            None => free_object_name(&id.name.name, None, "check", |name| domain.checks.contains_key(name)),
        };
        domain.checks.insert(name, condition);
        Some(())
    }
}

impl Written for Clauses {
    fn check(&self, id: &ObjectId, _: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let data_type = checker.data_type(&self.data_type)?;
        let mut domain = Domain {
            data_type: data_type.clone(),
            collation: self.collation.as_ref().map(|name| checker.collation_name(&name.value)),
            default: None,
            not_null: self.not_null,
            checks: Default::default(),
        };
        if let Some(default) = &self.default {
            let value = checker.value_for(default, &data_type, &id.name.name, !self.not_null, Context::Default)?;
            domain.default = Some(value).filter(|value| !value.is_null());
        } else if let Some(base) = data_type.as_named()
            && let Some((_, object)) = checker.catalog().object_named(Namespace::Type, base)
            && let Definition::Domain(base) = &object.definition
        {
            // As PostgreSQL does, once.
            domain.default.clone_from(&base.default);
        }
        for check in &self.checks {
            check.put_into(&mut domain, id, checker)?;
        }
        Some(domain.into())
    }
}

impl Action for Change {
    fn at(&self) -> At {
        match self {
            Change::AddCheck(check) => check.condition.at,
            Change::DropConstraint(name) => name.at,
            Change::SetDefault(value) => value.at,
            Change::DropDefault(at) | Change::SetNotNull(at) | Change::DropNotNull(at) => *at,
        }
    }

    fn check(&self, id: &ObjectId, before: &Object, checker: &mut Checker<'_>) -> Option<Definition> {
        let Definition::Domain(domain) = &before.definition else { return None };
        let mut domain = domain.clone();
        if let Change::AddCheck(_) | Change::SetNotNull(_) = self
            && let Some(holder) = holder(&id.name, checker.catalog())
        {
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, format!("cannot check what {holder} holds of {id}"), self.at())
                    .help("PostgreSQL cannot check values of a domain inside of others: make another domain, or write a check of the table")
            );
            return None;
        }
        match self {
            Change::AddCheck(check) => check.put_into(&mut domain, id, checker)?,
            Change::DropConstraint(name) => {
                if domain.checks.remove(&name.value).is_none() {
                    let known = domain.checks.keys().map(String::as_str);
                    checker.report(
                        Diagnostic::new(
                            code::UNKNOWN_CONSTRAINT,
                            format!("cannot find constraint `{}` of {id}", name.value),
                            name.at,
                        )
                        .maybe_help(choices(&name.value, known, "constraints")),
                    );
                    return None;
                }
            }
            Change::SetDefault(value) => {
                let data_type = domain.data_type.clone();
                let value = checker.value_for(value, &data_type, &id.name.name, !domain.not_null, Context::Default)?;
                domain.default = Some(value);
            }
            Change::DropDefault(_) => domain.default = None,
            Change::SetNotNull(_) => domain.not_null = true,
            Change::DropNotNull(_) => domain.not_null = false,
        }
        Some(domain.into())
    }
}
