//! `create domain email as citext check (value like "%@%");`

use migrate_core::catalog::Catalog;
use migrate_core::expression::Expression;
use migrate_core::name::{QualifiedName, free_object_name};
use migrate_core::object::{Definition, Domain, Kind, Namespace, Object, ObjectId};
use migrate_core::token::At;
use migrate_core::types::Type;

use super::{Action, Write, Written};
use crate::check::{Checker, Context};
use crate::clause::{Collation, parse_collation};
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Name, Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use super::default_value::print_changed_default;
#[cfg(feature = "print")]
use super::not_of_kind;
#[cfg(feature = "print")]
use crate::print::{Behind, Piece, Printed, Unprintable, bracketed, comment_on, data_type, qualified, text, value};
#[cfg(feature = "print")]
use migrate_core::operation::CommentTarget;

pub(super) struct Syntax;

struct Clauses {
    data_type: Spanned<Type>,
    collation: Option<Collation>,
    default: Option<Spanned<Expression>>,
    not_null: bool,
    checks: Vec<Check>,
}

struct Check {
    name: Option<Name>,
    condition: Spanned<Expression>,
    not_valid: Option<At>,
}

enum Change {
    AddCheck(Check),
    DropConstraint(Name),
    RenameConstraint { from: Name, to: Name },
    ValidateConstraint(Name),
    SetDefault(Spanned<Expression>),
    DropDefault(At),
    SetNotNull(At),
    DropNotNull(At),
}

impl Write for Syntax {
    const KIND: Kind = Kind::Domain;
    const ACTIONS: &'static [&'static str] =
        &["add check", "drop constraint", "rename constraint", "validate constraint", "set default", "drop default", "set not null", "drop not null"];

    fn definition(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<Box<dyn Written>> {
        parser.word("as")?;
        let (data_type, takes_null) = parser.column_type()?;
        if takes_null {
            let mistake = Diagnostic::new(code::SYNTAX, "unexpected `?`", data_type.at);
            return Err(mistake.help("remove it: a domain is nullable unless it is `not null`"));
        }
        let mut clauses =
            Clauses { data_type, collation: None, default: None, not_null: false, checks: Vec::new() };
        clauses.collation = parse_collation(parser)?;
        if parser.cursor.take_symbol('=') {
            clauses.default = Some(parser.default_expression()?);
        }
        loop {
            if parser.cursor.take_words(&["not", "null"]) {
                clauses.not_null = true;
            } else if let Some(check) = parse_check(parser)? {
                if let Some(at) = check.not_valid {
                    let mistake = Diagnostic::new(code::SYNTAX, "unexpected `not valid`", at);
                    return Err(mistake.help("remove it: a new domain has no values"));
                }
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
        } else if parser.cursor.take_words(&["rename", "constraint"]) {
            let from = parser.name("the constraint")?;
            parser.word("to")?;
            Change::RenameConstraint { from, to: parser.name("the new name")? }
        } else if parser.cursor.take_words(&["validate", "constraint"]) {
            Change::ValidateConstraint(parser.name("the constraint")?)
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

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, catalog: &Catalog) -> Printed {
        let Definition::Domain(domain) = definition else { return Err(not_of_kind(id)) };
        let mut written = format!("domain {} as {}", qualified(&id.name), data_type(&domain.data_type));
        if let Some(collation) = &domain.collation {
            written.push_str(&format!(" collate {}", text(collation)));
        }
        if let Some(default) = &domain.default {
            written.push_str(&format!(" = {}", value(default, &domain.data_type, Behind::Options, catalog)?));
        } else if has_default(&domain.data_type, catalog) {
            written.push_str(" = null");
        }
        if domain.not_null {
            written.push_str(" not null");
        }
        let mut made = Domain { checks: Default::default(), ..domain.clone() };
        for (name, check) in &domain.checks {
            written.push_str(&format!(" {}", print_check(name, check, &made, id, catalog)?));
            made.checks.insert(name.clone(), check.clone());
        }
        Ok(written)
    }

    #[cfg(feature = "print")]
    fn as_made(definition: &Definition, _: &Catalog) -> Definition {
        match definition {
            Definition::Domain(domain) => {
                let mut made = domain.clone();
                for name in std::mem::take(&mut made.not_valid) {
                    made.checks.remove(&name);
                }
                made.comments.clear();
                made.into()
            }
            other => other.clone(),
        }
    }

    #[cfg(feature = "print")]
    fn print_change(id: &ObjectId, before: &Definition, after: &Definition, catalog: &Catalog) -> Printed<Vec<Piece>> {
        let (Definition::Domain(before), Definition::Domain(after)) = (before, after) else {
            return Err(not_of_kind(id));
        };
        let mut known = before.clone();
        let mut actions = Vec::new();
        for (from, to) in before.renamed_checks(after) {
            known.rename_check(from, to);
            actions.push(format!("rename constraint {} to {}", crate::print::name(from), crate::print::name(to)));
        }
        for (name, check) in &known.checks.clone() {
            let loses_validity = !known.not_valid.contains(name) && after.not_valid.contains(name);
            if after.checks.get(name) != Some(check) || loses_validity {
                known.drop_check(name);
                actions.push(format!("drop constraint {}", crate::print::name(name)));
            }
        }
        for (name, check) in &after.checks {
            if !known.checks.contains_key(name) {
                let is_valid = !after.not_valid.contains(name);
                let rest = if is_valid { "" } else { " not valid" };
                actions.push(format!("add {}{rest}", print_check(name, check, &known, id, catalog)?));
                known.checks.insert(name.clone(), check.clone());
                if !is_valid {
                    known.not_valid.insert(name.clone());
                }
            }
            if known.not_valid.contains(name) && !after.not_valid.contains(name) {
                known.not_valid.remove(name);
                actions.push(format!("validate constraint {}", crate::print::name(name)));
            }
        }
        let (was, is) = (before.default.as_ref(), after.default.as_ref());
        actions.extend(print_changed_default(was, is, Some(&after.data_type), catalog)?);
        match (before.not_null, after.not_null) {
            (false, true) => actions.push("set not null".to_owned()),
            (true, false) => actions.push("drop not null".to_owned()),
            _ => {}
        }
        let mut actions: Vec<Piece> = actions.into_iter().map(|text| super::action(id, text)).collect();
        for name in after.checks.keys().filter(|name| known.comments.get(*name) != after.comments.get(*name)) {
            let target = CommentTarget::DomainConstraint(id.name.clone(), name.clone());
            actions.push(comment_on(&target, after.comments.get(name).map(String::as_str)));
        }
        known.comments.clone_from(&after.comments);
        known.default.clone_from(&after.default);
        known.not_null = after.not_null;
        if known != *after || actions.is_empty() {
            return Err(Unprintable::new(format!("a change of {}", id.told()), "the language has no action for it"));
        }
        Ok(actions)
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
    let condition = parser.bracketed_expression()?;
    let start = parser.cursor.index();
    let not_valid = parser.cursor.take_words(&["not", "valid"]).then(|| parser.cursor.since(start));
    Ok(Some(Check { name, condition, not_valid }))
}

impl Check {
    fn put_into(&self, domain: &mut Domain, id: &ObjectId, checker: &mut Checker<'_>) -> Option<()> {
        let condition = checker.domain_condition(&self.condition, &domain.data_type)?;
        let name = match &self.name {
            Some(name) if !checker.name_fits(name) => return None,
            Some(name) if domain.checks.contains_key(&name.value) => {
                checker.report(taken(id, name));
                return None;
            }
            Some(name) => name.value.clone(),
            // As PostgreSQL chooses it (`domainAddConstraint` in `typecmds.c`).
            None => free_object_name(&id.name.name, None, "check", |name| domain.checks.contains_key(name)),
        };
        if self.not_valid.is_some() {
            domain.not_valid.insert(name.clone());
        }
        domain.checks.insert(name, condition);
        Some(())
    }
}

/// What is said where a constraint of a domain has the name already.
fn taken(id: &ObjectId, name: &Name) -> Diagnostic {
    let headline = format!("{id} already has a constraint `{}`", name.value);
    Diagnostic::new(code::DUPLICATE_CONSTRAINT, headline, name.at).help("choose another name")
}

impl Checker<'_> {
    /// Whether a domain has a check of that name; reported when it has none.
    fn check_of_domain(&mut self, id: &ObjectId, domain: &Domain, name: &Name) -> Option<()> {
        if domain.checks.contains_key(&name.value) {
            return Some(());
        }
        let known = domain.checks.keys().map(String::as_str);
        let headline = format!("cannot find constraint `{}` of {id}", name.value);
        self.report(
            Diagnostic::new(code::UNKNOWN_CONSTRAINT, headline, name.at)
                .maybe_help(choices(&name.value, known, "constraints")),
        );
        None
    }

    /// The domain and its check that a comment is on.
    pub(crate) fn commented_check(&mut self, domain: &Spanned<QualifiedName>, name: &Name) -> Option<()> {
        let id = ObjectId::new(Kind::Domain, domain.value.clone());
        let object = self.object(&id, domain.at)?;
        let Definition::Domain(definition) = &object.definition else { return None };
        self.check_of_domain(&id, definition, name)
    }
}

impl Written for Clauses {
    fn check(&self, id: &ObjectId, _: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let data_type = checker.data_type(&self.data_type)?;
        let mut domain = Domain {
            data_type: data_type.clone(),
            collation: match &self.collation {
                Some(collation) if !checker.is_collatable(&data_type) => {
                    let message = format!("type `{data_type}` does not support collations");
                    let mistake = Diagnostic::new(code::TYPE_MISMATCH, message, collation.at());
                    checker.report(mistake.help("remove `collate`"));
                    return None;
                }
                Some(collation) => Some(collation.check(checker)?),
                None => None,
            },
            default: None,
            not_null: self.not_null,
            checks: Default::default(),
            not_valid: Default::default(),
            comments: Default::default(),
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
            Change::DropConstraint(name)
            | Change::ValidateConstraint(name)
            | Change::RenameConstraint { to: name, .. } => name.at,
            Change::SetDefault(value) => value.at,
            Change::DropDefault(at) | Change::SetNotNull(at) | Change::DropNotNull(at) => *at,
        }
    }

    fn check(&self, id: &ObjectId, before: &Object, checker: &mut Checker<'_>) -> Option<Definition> {
        let Definition::Domain(domain) = &before.definition else { return None };
        let mut domain = domain.clone();
        let reads_values = match self {
            Change::AddCheck(check) => check.not_valid.is_none(),
            Change::SetNotNull(_) | Change::ValidateConstraint(_) => true,
            _ => false,
        };
        if reads_values
            && let Some(holder) = holder(&id.name, checker.catalog())
        {
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, format!("cannot check the values of {id} in {holder}"), self.at())
                    .help("PostgreSQL cannot check values of a domain inside other values: create another domain, or \
                           write a check on the table")
            );
            return None;
        }
        match self {
            Change::AddCheck(check) => check.put_into(&mut domain, id, checker)?,
            Change::DropConstraint(name) => {
                checker.check_of_domain(id, &domain, name)?;
                domain.drop_check(&name.value);
            }
            Change::RenameConstraint { from, to } => {
                checker.check_of_domain(id, &domain, from)?;
                if !checker.name_fits(to) {
                    return None;
                }
                if domain.checks.contains_key(&to.value) {
                    checker.report(taken(id, to));
                    return None;
                }
                domain.rename_check(&from.value, &to.value);
            }
            Change::ValidateConstraint(name) => {
                if !domain.not_valid.remove(&name.value) {
                    let mistake = match domain.checks.contains_key(&name.value) {
                        true => Diagnostic::new(
                            code::NO_CHANGE,
                            format!("constraint `{}` of {id} is already valid", name.value),
                            name.at,
                        )
                        .help("remove it"),
                        false => {
                            let known = domain.not_valid.iter().map(String::as_str);
                            let message = format!("cannot find constraint `{}` of {id}", name.value);
                            let mistake = Diagnostic::new(code::UNKNOWN_CONSTRAINT, message, name.at);
                            mistake.maybe_help(choices(&name.value, known, "constraints"))
                        }
                    };
                    checker.report(mistake);
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

/// `constraint NAME check (...)`, without the name where it is the one that would be chosen.
#[cfg(feature = "print")]
fn print_check(name: &str, check: &Expression, made: &Domain, id: &ObjectId, catalog: &Catalog) -> Printed {
    let implied = free_object_name(&id.name.name, None, "check", |name| made.checks.contains_key(name));
    let check = format!("check {}", bracketed(check, catalog)?);
    Ok(if implied == name { check } else { format!("constraint {} {check}", crate::print::name(name)) })
}

/// Whether a type is a domain with a default, which a domain over it takes over where it says nothing.
#[cfg(feature = "print")]
fn has_default(data_type: &Type, catalog: &Catalog) -> bool {
    let found = data_type.as_named().and_then(|name| catalog.object_named(Namespace::Type, name));
    found.is_some_and(|(_, object)| matches!(&object.definition, Definition::Domain(base) if base.default.is_some()))
}
