//! `alter enum booking_status { add refunded after cancelled, rename pending to open }`

use migrate_core::catalog::{AccessTarget, EnumType, Role};
use migrate_core::name::QualifiedName;
use migrate_core::operation::{AddEnumValue, MoveEnum, RemoveEnumValue, RenameEnum, RenameEnumValue, ValuePlace};
use migrate_core::token::{At, Bracket, Token};

use super::Item;
use crate::check::{Checker, Origin};
use crate::clause::{parse_role, set_owner};
use crate::diagnostic::{Diagnostic, choices, code};
use crate::habit::written_name;
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["alter", "enum"]];

pub(super) struct Alter {
    name: Spanned<QualifiedName>,
    actions: Vec<Action>,
}

enum Action {
    Add { value: Name, place: Place },
    Drop { value: Name },
    RenameValue { from: Name, to: Name },
    Rename { to: Name },
    SetSchema { to: Name },
    Owner { to: Spanned<Role> },
}

enum Place {
    Last,
    Before(Name),
    After(Name),
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Alter> {
    let name = parser.qualified_name("the enum")?;
    let actions =
        if parser.cursor.is_open(Bracket::Curly) { parser.body(parse_action)? } else { vec![parse_action(parser)?] };
    Ok(Alter { name, actions })
}

/// Takes `NAME add value 'a'` or `NAME rename value 'a' to 'b'` behind `alter type`, as SQL has it, if it is that.
pub(super) fn parse_as_in_sql(parser: &mut Parser<'_>) -> Parsed<Option<Alter>> {
    let start = parser.cursor.clone();
    let name = parser.qualified_name("the type")?;
    if !parser.cursor.is_words(&["add", "value"]) && !parser.cursor.is_words(&["rename", "value"]) {
        parser.cursor = start;
        return Ok(None);
    }
    let at = At { start: start.index() - 1, end: start.index() };
    parser.habit("unexpected `type`", format!("write `alter enum {} ...`", name.value), at);
    Ok(Some(Alter { name, actions: vec![parse_action(parser)?] }))
}

/// Passes over `value` before one, as SQL has it.
fn no_value_word(parser: &mut Parser<'_>, verb: &str) {
    match parser.cursor.look_ahead(1) {
        Token::Text(value) => {
            parser.takes_habit(&["value"], &format!("write `{verb} {}`", written_name(value)));
        }
        Token::Word(word) if word.eq_ignore_ascii_case("if") => {
            parser.takes_habit(&["value"], &format!("write `{verb} ...`"));
            parser.no_existence_check();
        }
        _ => {}
    }
}

fn parse_action(parser: &mut Parser<'_>) -> Parsed<Action> {
    if parser.cursor.take_word("add") {
        no_value_word(parser, "add");
        let value = parser.name("the new value")?;
        let place = if parser.cursor.take_word("before") {
            Place::Before(parser.name("a value of the enum")?)
        } else if parser.cursor.take_word("after") {
            Place::After(parser.name("a value of the enum")?)
        } else {
            Place::Last
        };
        return Ok(Action::Add { value, place });
    }
    if parser.cursor.take_word("drop") {
        return Ok(Action::Drop { value: parser.name("a value of the enum")? });
    }
    if parser.cursor.take_words(&["owner", "to"]) {
        return Ok(Action::Owner { to: parse_role(parser)? });
    }
    if parser.cursor.take_words(&["set", "schema"]) {
        return Ok(Action::SetSchema { to: parser.name("the new schema")? });
    }
    if parser.cursor.take_words(&["rename", "to"]) {
        return Ok(Action::Rename { to: parser.name("the new name")? });
    }
    if parser.cursor.take_word("rename") {
        no_value_word(parser, "rename");
        let from = parser.name("a value of the enum")?;
        parser.word("to")?;
        return Ok(Action::RenameValue { from, to: parser.name("the new value")? });
    }
    parser.expected("`add`, `drop`, `rename`, `set schema` or `owner to`")
}

impl Item for Alter {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`alter enum`");
        let mut name = self.name.clone();
        for action in &self.actions {
            let Some(definition) = checker.enum_type(&name) else { return };
            checker.accounted(name.at, |checker| action.check(&mut name, &definition, checker));
        }
    }
}

impl Action {
    fn check(&self, name: &mut Spanned<QualifiedName>, definition: &EnumType, checker: &mut Checker<'_>) {
        match self {
            Action::Add { value, place } => {
                let place = match place {
                    Place::Last => Some(ValuePlace::Last),
                    Place::Before(other) => {
                        known_value(name, definition, other, checker).then(|| ValuePlace::Before(other.value.clone()))
                    }
                    Place::After(other) => {
                        known_value(name, definition, other, checker).then(|| ValuePlace::After(other.value.clone()))
                    }
                };
                let is_new = new_value(name, definition, value, checker);
                // A down makes the type anew with the values that are known.
                let is_known = all_values_are_known(name, value, checker);
                match place {
                    Some(place) if is_new && is_known => checker.emit(
                        AddEnumValue { name: name.value.clone(), value: value.value.clone(), place },
                        value.at,
                    ),
                    _ => {
                        checker.state.broken.values_of.insert(name.value.clone());
                    }
                }
            }
            Action::Drop { value } => {
                if all_values_are_known(name, value, checker)
                    && known_value(name, definition, value, checker)
                    && !checker.report_holders_of_enum(&name.value, value)
                {
                    let operation = RemoveEnumValue { name: name.value.clone(), value: value.value.clone() };
                    checker.emit(operation, value.at);
                }
            }
            Action::RenameValue { from, to } => {
                let known = known_value(name, definition, from, checker);
                // Where the old value is not there and the new one is, they are the wrong way round: that is one mistake.
                let is_new = if known { new_value(name, definition, to, checker) } else { !definition.has(&to.value) };
                if known && is_new {
                    let operation =
                        RenameEnumValue { name: name.value.clone(), from: from.value.clone(), to: to.value.clone() };
                    checker.emit(operation, from.at);
                } else {
                    checker.state.broken.values_of.insert(name.value.clone());
                }
            }
            Action::Owner { to } => set_owner(AccessTarget::Enum(name.value.clone()), to, checker),
            Action::Rename { to } => {
                let target = Spanned { value: name.value.sibling(to.value.clone()), at: to.at };
                if checker.name_fits(to) && checker.type_name_is_free(&target) {
                    checker.note_origin(Origin::Type(target.value.clone()), to.at);
                    checker.emit(RenameEnum { from: name.value.clone(), to: to.value.clone() }, to.at);
                    checker.state.undeclared.rename(&name.value, &target.value);
                    name.value = target.value;
                }
            }
            Action::SetSchema { to } if to.value == name.value.schema => {
                let text = format!("`{}` is already in schema `{}`", name.value, to.value);
                checker.report(Diagnostic::new(code::NO_CHANGE, text, to.at).help("remove it"));
            }
            Action::SetSchema { to } => {
                let value = QualifiedName::in_schema(to.value.clone(), name.value.name.clone());
                let target = Spanned { value, at: to.at };
                if checker.schema_exists(&to.value, to.at) && checker.type_name_is_free(&target) {
                    checker.note_origin(Origin::Type(target.value.clone()), to.at);
                    checker.emit(MoveEnum { name: name.value.clone(), schema: to.value.clone() }, to.at);
                    checker.state.undeclared.rename(&name.value, &target.value);
                    name.value = target.value;
                }
            }
        }
    }
}

fn known_value(
    name: &Spanned<QualifiedName>,
    definition: &EnumType,
    value: &Name,
    checker: &mut Checker<'_>,
) -> bool {
    if definition.has(&value.value) || checker.state.broken.has_value(&name.value, &value.value) {
        return true;
    }
    if checker.state.undeclared.values_of(&name.value).is_some() {
        return all_values_are_known(name, value, checker);
    }
    checker.report(
        Diagnostic::new(
            code::UNKNOWN_VALUE,
            format!("`{}` is not a value of the enum `{}`", value.value, name.value),
            value.at,
        )
        .maybe_help(choices(&value.value, definition.values.iter().map(String::as_str), "values")),
    );
    false
}

/// Whether no raw SQL may have given the enum other values; reported.
fn all_values_are_known(name: &Spanned<QualifiedName>, value: &Name, checker: &mut Checker<'_>) -> bool {
    let Some(maker) = checker.state.undeclared.values_of(&name.value).cloned() else { return true };
    let what = format!("a value of enum `{}` is", name.value);
    let declaration = format!("alter enum {} {{ add ... }}", name.value);
    checker.report(checker.undeclared(&what, &maker, &declaration, value.at));
    false
}

fn new_value(name: &Spanned<QualifiedName>, definition: &EnumType, value: &Name, checker: &mut Checker<'_>) -> bool {
    if definition.has(&value.value) {
        checker.report(Diagnostic::new(
            code::DUPLICATE_VALUE,
            format!("enum `{}` already has a value `{}`", name.value, value.value),
            value.at,
        ));
        return false;
    }
    checker.name_fits(value)
}
