//! `create operator class money_ops default for type money2 using btree { operator 1 <, function 1 compare(money2, money2) }`

use migrate_core::name::QualifiedName;
use migrate_core::object::{
    Definition, FamilyMember, Kind, Object, ObjectId, OperatorClass, OperatorFamily, sort_members,
};
use migrate_core::operation::{ChangeObject, CreateObject};
use migrate_core::system;
use migrate_core::token::At;
use migrate_core::types::Type;

use super::family_member::{MemberClause, OfMethod};
use super::routine::parse_type;
use super::{Identity, Write, Written};
use crate::check::{Checker, Origin};
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use super::{
    family_member::{print_family, print_member},
    not_of_kind,
};
#[cfg(feature = "print")]
use crate::print::{Printed, data_type, name, qualified};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;

pub(super) struct Syntax;

struct Clauses {
    is_default: bool,
    data_type: Spanned<Type>,
    family: Option<Spanned<QualifiedName>>,
    entries: Vec<Entry>,
}

enum Entry {
    Member(MemberClause),
    Storage(Spanned<Type>),
}

fn parse_entry(parser: &mut Parser<'_>) -> Parsed<Entry> {
    if let Some(member) = MemberClause::parse(parser)? {
        return Ok(Entry::Member(member));
    }
    if parser.cursor.take_word("storage") {
        return Ok(Entry::Storage(parse_type(parser)?));
    }
    parser.expected("`operator`, `function` or `storage`")
}

impl Write for Syntax {
    const KIND: Kind = Kind::OperatorClass;

    fn identity(parser: &mut Parser<'_>) -> Parsed<Box<dyn Identity>> {
        Ok(Box::new(OfMethod::parse(Self::KIND, parser)?))
    }

    fn created(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<(Box<dyn Identity>, Box<dyn Written>)> {
        let name = parser.qualified_name("the operator class")?;
        let is_default = parser.cursor.take_word("default");
        parser.word("for")?;
        parser.word("type")?;
        let data_type = parse_type(parser)?;
        parser.word("using")?;
        let method = parser.name("the index method")?;
        let family = match parser.cursor.take_word("family") {
            true => Some(parser.qualified_name("the operator family")?),
            false => None,
        };
        let entries = parser.body(parse_entry)?;
        let clauses = Clauses { is_default, data_type, family, entries };
        Ok((Box::new(OfMethod::new(Self::KIND, name, method)), Box::new(clauses)))
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, catalog: &Catalog) -> Printed {
        let (Definition::OperatorClass(class), Some(method)) = (definition, &id.of) else {
            return Err(not_of_kind(id));
        };
        let mut written = format!("operator class {}", qualified(&id.name));
        if class.is_default {
            written.push_str(" default");
        }
        written.push_str(&format!(" for type {} using {}", data_type(&class.data_type), name(method)));
        if class.family != id.name {
            written.push_str(&format!(" family {}", print_family(&class.family)));
        }
        let members = class.members.iter().map(|member| print_member(member, Some(&class.data_type), catalog));
        let storage = class.storage.iter().map(|storage| format!("storage {}", data_type(storage)));
        let entries: Vec<String> = members.chain(storage).collect();
        Ok(format!("{written} {{ {} }}", entries.join(", ")))
    }
}

impl Written for Clauses {
    fn check(&self, id: &ObjectId, at: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let method = id.of.as_deref()?;
        let data_type = checker.argument_type(&self.data_type)?;
        if self.is_default
            && let Some(other) = checker.catalog().default_class(method, &data_type).cloned()
        {
            let message = format!("`{data_type}` already has a default operator class for `{method}`");
            let mut mistake = Diagnostic::new(code::DUPLICATE_OBJECT, message, self.data_type.at)
                .help("remove `default`, and name the class in the indexes that should use it");
            mistake.notes.extend(checker.state.made_in(&format!("`{}`", other.name), &Origin::Object(other)));
            checker.report(mistake);
            return None;
        }
        if self.is_default && has_default_of_system(method, &data_type, checker) {
            let message = format!("`{data_type}` already has a default operator class for `{method}`");
            let mistake = Diagnostic::new(code::DUPLICATE_OBJECT, message, self.data_type.at);
            checker.report(mistake.help("remove `default`, and name the class in the indexes that should use it"));
            return None;
        }
        let family = match &self.family {
            Some(family) => checker.family_named(method, family)?,
            None => id.name.clone(),
        };
        let (mut found, mut storage) = (Vec::new(), None);
        for entry in &self.entries {
            match entry {
                Entry::Member(member) => found.push((member.check(method, Some(&data_type), checker)?, member.at)),
                Entry::Storage(stored) if storage.is_some() => {
                    let message = "`storage` is given more than once";
                    checker.report(Diagnostic::new(code::DUPLICATE_CLAUSE, message, stored.at).help("remove one of them"));
                    return None;
                }
                Entry::Storage(stored) => storage = Some(checker.argument_type(stored)?),
            }
        }
        if checker.has_place_twice(&found) {
            return None;
        }
        let (own, others): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|(member, _)| member.is_of_class(method, &data_type));
        if let Some((_, at)) = others.first().filter(|_| family.schema == "pg_catalog") {
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, "this would be added to a built-in operator family", *at)
                    .help("remove it, or leave out `family`"),
            );
            return None;
        }
        put_into_family(&OperatorFamily::id(method, family.clone()), others, at, checker)?;
        let mut members: Vec<FamilyMember> = own.into_iter().map(|(member, _)| member).collect();
        sort_members(&mut members);
        storage.take_if(|storage| *storage == data_type);
        Some(OperatorClass { data_type, is_default: self.is_default, family, members, storage }.into())
    }
}

/// Whether PostgreSQL itself or an extension has the default class of exactly this type.
fn has_default_of_system(method: &str, data_type: &Type, checker: &Checker<'_>) -> bool {
    let Some(id) = data_type.internal_name().and_then(|name| system::type_of_name(name, None)) else { return false };
    let is_there = |extension: &str| checker.catalog().extensions.contains_key(extension);
    system::operator_classes(method).any(|class| {
        class.is_default() && class.data_type() == id && class.extension().is_none_or(is_there)
    })
}

/// Makes the family of the class where there is none, and puts into it what belongs to no class.
fn put_into_family(
    id: &ObjectId,
    others: Vec<(FamilyMember, At)>,
    at: At,
    checker: &mut Checker<'_>,
) -> Option<()> {
    let before = checker.catalog().object(id).map(|object| object.definition.clone());
    let mut members = match &before {
        Some(Definition::OperatorFamily(family)) => family.members.clone(),
        _ => Vec::new(),
    };
    for (member, at) in others {
        if members.iter().any(|other| other.place() == member.place()) {
            let message = format!("{id} already has that number for these types");
            checker.report(Diagnostic::new(code::DUPLICATE_OBJECT, message, at).help("remove it"));
            return None;
        }
        members.push(member);
    }
    sort_members(&mut members);
    let family: Definition = OperatorFamily { members }.into();
    match before {
        None if id.name.schema != "pg_catalog" => {
            checker.note_origin(Origin::Object(id.clone()), at);
            checker.emit(CreateObject { id: id.clone(), object: Object::new(family) }, at);
        }
        Some(before) if before != family => {
            checker.emit(ChangeObject { id: id.clone(), definition: family }, at);
        }
        _ => {}
    }
    Some(())
}
