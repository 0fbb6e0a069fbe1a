//! `create type address { street: text, zip: text }`

use migrate_core::object::{Attribute, CompositeType, Definition, Kind, Object, ObjectId};
use migrate_core::token::{At, Bracket, Token};
use migrate_core::types::Type;

use super::{Action, Identity, Named, Write, Written, range_type};
use crate::check::Checker;
use crate::clause::{Collation, parse_collation};
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Name, Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
#[cfg(feature = "print")]
use super::not_of_kind;
#[cfg(feature = "print")]
use crate::print::{Piece, Printed, Unprintable, data_type, declared, name, qualified, text};

pub(super) struct Syntax;

struct Attributes {
    attributes: Vec<AttributeClause>,
    /// Whether some of them could not be read.
    is_incomplete: bool,
}

struct AttributeClause {
    name: Name,
    data_type: Spanned<Type>,
    collation: Option<Collation>,
}

enum Change {
    Add(AttributeClause),
    Alter(AttributeClause),
    Drop(Name),
}

impl Write for Syntax {
    const KIND: Kind = Kind::CompositeType;
    #[cfg(feature = "print")]
    const ALSO: &'static [Kind] = &[Kind::RangeType];
    const ACTIONS: &'static [&'static str] = &["add", "alter", "drop"];

    /// A composite type, or a range type.
    fn created(parser: &mut Parser<'_>, words: &[&str]) -> Parsed<(Box<dyn Identity>, Box<dyn Written>)> {
        let name = parser.qualified_name("the type")?;
        let is_range = parser.cursor.take_words(&["as", "range"]);
        let definition = match is_range {
            true => range_type::Syntax::definition(parser, words)?,
            false => Self::definition(parser, words)?,
        };
        let kind = if is_range { Kind::RangeType } else { Kind::CompositeType };
        Ok((Box::new(Named { kind, name }), definition))
    }

    fn definition(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<Box<dyn Written>> {
        if matches!(parser.cursor.look_ahead(1), Token::Open(Bracket::Round)) {
            parser.takes_habit(&["as"], "remove it");
        }
        if !parser.cursor.is_open(Bracket::Curly) && !parser.cursor.is_open(Bracket::Round) {
            return parser.expected("`{` and the attributes of a composite type");
        }
        let known = parser.mistakes.len();
        let attributes = parser.body(parse_attribute)?;
        Ok(Box::new(Attributes { attributes, is_incomplete: parser.mistakes.len() > known }))
    }

    fn action(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
        let change = if parser.cursor.take_word("add") {
            Change::Add(parse_attribute(parser)?)
        } else if parser.cursor.take_word("alter") {
            Change::Alter(parse_attribute(parser)?)
        } else if parser.cursor.take_word("drop") {
            Change::Drop(parser.name("an attribute")?)
        } else {
            return Ok(None);
        };
        Ok(Some(Box::new(change)))
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, catalog: &Catalog) -> Printed {
        if id.kind == Kind::RangeType {
            return range_type::Syntax::print(id, definition, catalog);
        }
        let Definition::CompositeType(found) = definition else { return Err(not_of_kind(id)) };
        let attributes: Vec<String> = found.attributes.iter().map(print_attribute).collect();
        Ok(format!("type {} {{ {} }}", qualified(&id.name), attributes.join(", ")))
    }

    #[cfg(feature = "print")]
    fn print_change(id: &ObjectId, before: &Definition, after: &Definition, catalog: &Catalog) -> Printed<Vec<Piece>> {
        if id.kind == Kind::RangeType {
            return range_type::Syntax::print_change(id, before, after, catalog);
        }
        let (Definition::CompositeType(before), Definition::CompositeType(after)) = (before, after) else {
            return Err(not_of_kind(id));
        };
        let mut known = before.clone();
        let mut actions = Vec::new();
        for attribute in &before.attributes {
            match after.attribute(&attribute.name) {
                None => {
                    known.attributes.retain(|one| one.name != attribute.name);
                    actions.push(format!("drop {}", name(&attribute.name)));
                }
                Some(altered) if altered != attribute => {
                    known.attributes.iter_mut().filter(|one| one.name == altered.name).for_each(|one| one.clone_from(altered));
                    actions.push(format!("alter {}", print_attribute(altered)));
                }
                Some(_) => {}
            }
        }
        for attribute in &after.attributes {
            if before.attribute(&attribute.name).is_none() {
                known.attributes.push(attribute.clone());
                actions.push(format!("add {}", print_attribute(attribute)));
            }
        }
        if known != *after || actions.is_empty() {
            return Err(Unprintable::new(format!("a change of {}", id.told()), "the language has no action for it"));
        }
        Ok(actions.into_iter().map(|text| super::action(id, text)).collect())
    }
}

fn parse_attribute(parser: &mut Parser<'_>) -> Parsed<AttributeClause> {
    let name = parser.name("an attribute")?;
    let (data_type, takes_null) = parser.colon_and_type(&name)?;
    if takes_null {
        let mistake = Diagnostic::new(code::SYNTAX, "unexpected `?`", data_type.at);
        return Err(mistake.help("remove it: attributes of a composite type are always nullable"));
    }
    let collation = parse_collation(parser)?;
    Ok(AttributeClause { name, data_type, collation })
}

impl AttributeClause {
    fn check(&self, checker: &mut Checker<'_>) -> Option<Attribute> {
        let fits = checker.name_fits(&self.name);
        let data_type = checker.data_type(&self.data_type).filter(|_| fits)?;
        let collation = match &self.collation {
            Some(collation) => Some(collation.check(checker)?),
            None => None,
        };
        Some(Attribute { name: self.name.value.clone(), data_type, collation })
    }
}

fn add(found: &mut CompositeType, written: &AttributeClause, id: &ObjectId, checker: &mut Checker<'_>) -> Option<()> {
    if found.attribute(&written.name.value).is_some() {
        checker.report(
            Diagnostic::new(
                code::DUPLICATE_COLUMN,
                format!("{id} already has an attribute `{}`", written.name.value),
                written.name.at,
            )
            .help("choose another name"),
        );
        return None;
    }
    found.attributes.push(written.check(checker)?);
    Some(())
}

impl Written for Attributes {
    fn check(&self, id: &ObjectId, _: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let mut found = CompositeType { attributes: Vec::new() };
        for written in &self.attributes {
            add(&mut found, written, id, checker)?;
        }
        (!self.is_incomplete).then(|| found.into())
    }
}

impl Action for Change {
    fn at(&self) -> At {
        match self {
            Change::Add(written) | Change::Alter(written) => written.name.at,
            Change::Drop(name) => name.at,
        }
    }

    fn check(&self, id: &ObjectId, before: &Object, checker: &mut Checker<'_>) -> Option<Definition> {
        let Definition::CompositeType(found) = &before.definition else {
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, format!("{id} has no attributes"), Action::at(self))
                    .help("drop it, and create it with attributes"),
            );
            return None;
        };
        let mut found = found.clone();
        let (Change::Add(AttributeClause { name, .. }) | Change::Alter(AttributeClause { name, .. }) | Change::Drop(name)) = self;
        if !matches!(self, Change::Add(_)) && found.attribute(&name.value).is_none() {
            let known = found.attributes.iter().map(|attribute| attribute.name.as_str());
            checker.report(
                Diagnostic::new(
                    code::UNKNOWN_COLUMN,
                    format!("cannot find attribute `{}` of {id}", name.value),
                    name.at,
                )
                .maybe_help(choices(&name.value, known, "attributes")),
            );
            return None;
        }
        match self {
            Change::Add(written) => add(&mut found, written, id, checker)?,
            Change::Alter(written) => {
                let altered = written.check(checker)?;
                for attribute in found.attributes.iter_mut().filter(|attribute| attribute.name == altered.name) {
                    attribute.clone_from(&altered);
                }
            }
            Change::Drop(name) => found.attributes.retain(|attribute| attribute.name != name.value),
        }
        Some(found.into())
    }
}

/// `street: text collate "C"`
#[cfg(feature = "print")]
fn print_attribute(attribute: &Attribute) -> String {
    let collation = attribute.collation.as_ref().map_or_else(String::new, |name| format!(" collate {}", text(name)));
    format!("{}: {}{collation}", declared(&attribute.name), data_type(&attribute.data_type))
}
