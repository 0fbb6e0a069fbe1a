//! `create enum booking_status { pending, confirmed, "no-show" }`

use migrate_core::catalog::EnumType;
use migrate_core::name::QualifiedName;
use migrate_core::operation::CreateEnum;

use super::Item;
use crate::check::{Checker, Origin, Renamed};
use crate::diagnostic::{Diagnostic, code};
use crate::habit::written_name;
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["create", "enum"]];

pub(super) struct Create {
    name: Spanned<QualifiedName>,
    values: Vec<Name>,
    /// What values were called before, in a schema.
    renamed: Vec<(Name, Spanned<QualifiedName>)>,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Create> {
    let name = parser.qualified_name("the enum's name")?;
    let mut renamed = Vec::new();
    let values = parser.body(|parser| {
        let was = match parser.cursor.is_symbol('#') {
            true => parser.head()?.was,
            false => None,
        };
        let value = parser.name("a value")?;
        renamed.extend(was.map(|was| (value.clone(), was)));
        Ok(value)
    })?;
    Ok(Create { name, values, renamed })
}

/// Takes `NAME as enum ('a', 'b')` behind `create type`, as SQL has it, if it is that.
pub(super) fn parse_as_in_sql(parser: &mut Parser<'_>) -> Parsed<Option<Create>> {
    let start = parser.cursor.clone();
    let name = parser.qualified_name("the type")?;
    let as_enum = parser.cursor.index();
    if !parser.cursor.take_words(&["as", "enum"]) {
        parser.cursor = start;
        return Ok(None);
    }
    let at = parser.cursor.since(as_enum);
    let brackets = parser.cursor.index();
    let values = parser.body(|parser| parser.name("a value"))?;
    // What is said of the words is said of the brackets, too.
    parser.habits.retain(|habit| habit.at.start != brackets);
    let written: Vec<String> = values.iter().map(|value| written_name(&value.value)).collect();
    let help = format!("write `create enum {} {{ {} }}`", name.value, written.join(", "));
    parser.habit("unexpected `as enum`", help, at);
    Ok(Some(Create { name, values, renamed: Vec::new() }))
}

impl Item for Create {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.schema_exists(&self.name.value.schema, self.name.at);
        let is_free = checker.type_name_is_free(&self.name);
        let fits = checker.name_fits(&Name { value: self.name.value.name.clone(), at: self.name.at });
        let mut values: Vec<String> = Vec::new();
        for value in &self.values {
            checker.name_fits(value);
            if values.contains(&value.value) {
                checker.report(Diagnostic::new(
                    code::DUPLICATE_VALUE,
                    format!("value `{}` is listed more than once", value.value),
                    value.at,
                ));
            } else {
                values.push(value.value.clone());
            }
        }
        if is_free && fits {
            let definition = EnumType { values, comment: head.comment.clone(), ..EnumType::default() };
            checker.note_origin(Origin::Type(self.name.value.clone()), self.name.at);
            for (value, was) in &self.renamed {
                checker.note_was(Renamed::Value(self.name.value.clone(), value.value.clone()), was);
            }
            checker.emit(CreateEnum { name: self.name.value.clone(), definition }, self.name.at);
        }
    }
}
