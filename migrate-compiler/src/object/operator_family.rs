//! `create operator family money_ops using btree { operator 1 < (money2, int) }`

use migrate_core::object::{Definition, FamilyMember, Kind, Object, ObjectId, OperatorFamily, sort_members};
use migrate_core::token::{At, Bracket};

use super::family_member::{MemberClause, OfMethod, PlaceClause};
use super::{Action, Identity, Write, Written};
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Parsed, Parser};
#[cfg(feature = "print")]
use super::{
    family_member::{print_member, print_place},
    not_of_kind,
};
#[cfg(feature = "print")]
use crate::print::{Piece, Printed, identity};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;

pub(super) struct Syntax;

struct Clauses(Vec<MemberClause>);

enum Change {
    Add(MemberClause),
    Drop(PlaceClause),
}

impl Write for Syntax {
    const KIND: Kind = Kind::OperatorFamily;
    const ACTIONS: &'static [&'static str] = &["add", "drop"];

    fn identity(parser: &mut Parser<'_>) -> Parsed<Box<dyn Identity>> {
        Ok(Box::new(OfMethod::parse(Self::KIND, parser)?))
    }

    fn definition(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<Box<dyn Written>> {
        let members = match parser.cursor.is_open(Bracket::Curly) {
            true => parser.body(|parser| match MemberClause::parse(parser)? {
                Some(member) => Ok(member),
                None => parser.expected("`operator` or `function`"),
            })?,
            false => Vec::new(),
        };
        Ok(Box::new(Clauses(members)))
    }

    fn action(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
        let change = if parser.cursor.take_word("add") {
            match MemberClause::parse(parser)? {
                Some(member) => Change::Add(member),
                None => return parser.expected("`operator` or `function`"),
            }
        } else if parser.cursor.take_word("drop") {
            Change::Drop(PlaceClause::parse(parser)?)
        } else {
            return Ok(None);
        };
        Ok(Some(Box::new(change)))
    }

    /// Its members stand behind it, where classes of it may be there that some of them would belong to.
    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, catalog: &Catalog) -> Printed {
        let Definition::OperatorFamily(family) = definition else { return Err(not_of_kind(id)) };
        let members: Vec<String> = family.members.iter().map(|member| print_member(member, None, catalog)).collect();
        Ok(match members.is_empty() {
            true => format!("operator family {}", identity(id)),
            false => format!("operator family {} {{ {} }}", identity(id), members.join(", ")),
        })
    }

    #[cfg(feature = "print")]
    fn print_change(id: &ObjectId, before: &Definition, after: &Definition, catalog: &Catalog) -> Printed<Vec<Piece>> {
        let (Definition::OperatorFamily(before), Definition::OperatorFamily(after)) = (before, after) else {
            return Err(not_of_kind(id));
        };
        let gone = before.members.iter().filter(|member| !after.members.contains(member));
        let gone = gone.map(|member| super::action(id, format!("drop {}", print_place(member))));
        let new = after.members.iter().filter(|member| !before.members.contains(member));
        let new = new.map(|member| super::action(id, format!("add {}", print_member(member, None, catalog))));
        Ok(gone.chain(new).collect())
    }
}

impl Written for Clauses {
    fn check(&self, id: &ObjectId, _: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let method = id.of.as_deref()?;
        let mut found = Vec::new();
        for member in &self.0 {
            found.push((member.check(method, None, checker)?, member.at));
        }
        if checker.has_place_twice(&found) {
            return None;
        }
        let mut members: Vec<FamilyMember> = found.into_iter().map(|(member, _)| member).collect();
        sort_members(&mut members);
        Some(OperatorFamily { members }.into())
    }
}

impl Action for Change {
    fn at(&self) -> At {
        match self {
            Change::Add(member) => member.at,
            Change::Drop(place) => place.at,
        }
    }

    fn check(&self, id: &ObjectId, before: &Object, checker: &mut Checker<'_>) -> Option<Definition> {
        let Definition::OperatorFamily(family) = &before.definition else { return None };
        let mut members = family.members.clone();
        match self {
            Change::Drop(place) => {
                members.remove(place.find(&members, checker)?);
            }
            Change::Add(clause) => {
                let member = clause.check(id.of.as_deref()?, None, checker)?;
                if let Some(class) = checker.class_of_member(id, &member) {
                    checker.report(
                        Diagnostic::new(code::INVALID_DEFINITION, format!("this belongs to {class}"), clause.at)
                            .help("drop the class, and create it again with this as a member"),
                    );
                    return None;
                }
                if members.iter().any(|other| other.place() == member.place()) {
                    let message = format!("{id} already has that number for these types");
                    checker.report(Diagnostic::new(code::DUPLICATE_OBJECT, message, clause.at).help("drop it first"));
                    return None;
                }
                members.push(member);
                sort_members(&mut members);
            }
        }
        Some(OperatorFamily { members }.into())
    }
}
