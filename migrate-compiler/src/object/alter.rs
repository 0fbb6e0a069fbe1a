//! `alter KIND name { rename to other, set schema app, ... }`

use migrate_core::catalog::{AccessTarget, Role};
use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Kind, Object, ObjectId};
use migrate_core::operation::{ChangeObject, RefreshCollation, RenameColumn, RenameObject};
use migrate_core::token::{At, Bracket};

use super::foreign_change::from_above;
use super::sequence::Restart;
use super::{Identity, Write};
use crate::check::{Checker, Origin};
use crate::clause::{parse_role, set_owner};
use crate::diagnostic::{Diagnostic, choices, code};
use crate::ops::Item;
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

pub(super) struct Alter {
    kind: Kind,
    identity: Box<dyn Identity>,
    actions: Vec<Action>,
}

enum Action {
    Rename {
        to: Name,
    },
    /// Of a column of a view or of a foreign table, or of an attribute.
    RenameColumn {
        from: Name,
        to: Name,
    },
    SetSchema {
        to: Name,
    },
    Owner {
        to: Spanned<Role>,
    },
    /// Of a collation.
    RefreshVersion(At),
    /// Of a sequence.
    Restart(Restart),
    Own(Box<dyn super::Action>),
}

pub(super) fn parse<K: Write>(parser: &mut Parser<'_>) -> Parsed<Alter> {
    let identity = K::identity(parser)?;
    let actions = match parser.cursor.is_open(Bracket::Curly) {
        true => parser.body(parse_action::<K>)?,
        false => vec![parse_action::<K>(parser)?],
    };
    Ok(Alter { kind: K::KIND, identity, actions })
}

fn parse_action<K: Write>(parser: &mut Parser<'_>) -> Parsed<Action> {
    match K::action(parser)? {
        Some(action) => Ok(Action::Own(action)),
        None => parse_action_of_all(parser, K::KIND, K::ACTIONS),
    }
}

/// What is written alike for all kinds; `own` are the actions of this one. Compiled once, not for each kind: every user's first
/// build pays for it.
fn parse_action_of_all(parser: &mut Parser<'_>, kind: Kind, own: &[&str]) -> Parsed<Action> {
    let columns = match kind {
        Kind::View | Kind::MaterializedView | Kind::ForeignTable => Some("COLUMN"),
        Kind::CompositeType => Some("ATTRIBUTE"),
        _ => None,
    };
    if let Some(columns) = columns
        && !parser.cursor.is_words(&["rename", "to"])
        && parser.cursor.take_word("rename")
    {
        let word = columns.to_lowercase();
        if !parser.cursor.is_words(&[&word, "to"]) {
            parser.takes_habit(&[&word], "remove it");
        }
        let from = parser.name(&format!("`to` or {} {word}", if word == "column" { "a" } else { "an" }))?;
        parser.word("to")?;
        return Ok(Action::RenameColumn { from, to: parser.name("the new name")? });
    }
    if kind.is_renamed() && parser.cursor.take_words(&["rename", "to"]) {
        return Ok(Action::Rename { to: parser.name("the new name")? });
    }
    if kind.has_schema() && parser.cursor.take_words(&["set", "schema"]) {
        return Ok(Action::SetSchema { to: parser.name("the new schema")? });
    }
    if kind.has_owner() && parser.cursor.take_words(&["owner", "to"]) {
        return Ok(Action::Owner { to: parse_role(parser)? });
    }
    let start = parser.cursor.index();
    if kind == Kind::Collation && parser.cursor.take_words(&["refresh", "version"]) {
        return Ok(Action::RefreshVersion(parser.cursor.since(start)));
    }
    if kind == Kind::Sequence
        && let Some(restart) = Restart::parse(parser)?
    {
        return Ok(Action::Restart(restart));
    }
    let mut known: Vec<&str> = own.to_vec();
    let of_columns = columns.map(|columns| format!("rename {columns} to"));
    known.extend(of_columns.as_deref());
    known.extend(kind.is_renamed().then_some("rename to"));
    known.extend(kind.has_schema().then_some("set schema"));
    let known: Vec<String> = known.into_iter().map(|words| format!("`{words}`")).collect();
    let noun = kind.noun();
    let is_change_of_name = parser.cursor.is_words(&["rename", "to"]);
    match known.as_slice() {
        [] => Err(Diagnostic::new(code::SYNTAX, format!("a {noun} cannot be altered"), parser.cursor.at())
            .help("drop it, and create another one")),
        _ if is_change_of_name => {
            let headline = format!("{} cannot be renamed", kind.with_article());
            Err(Diagnostic::new(code::SYNTAX, headline, parser.cursor.at()).help("drop it, and create another one"))
        }
        [only] => parser.expected(only),
        [others @ .., last] => parser.expected(&format!("{} or {last}", others.join(", "))),
    }
}

impl Item for Alter {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, &format!("`alter {}`", self.kind.noun()));
        let at = self.identity.at();
        let Some(mut id) = self.identity.check(checker) else { return };
        for action in &self.actions {
            let Some(before) = checker.object(&id, at) else { return };
            checker.accounted(at, |checker| match action {
                Action::Rename { to } => {
                    let name = id.name.sibling(&to.value);
                    rename(&mut id, name, to.at, checker);
                }
                Action::RenameColumn { from, to } => rename_column(&id, &before, from, to, checker),
                Action::SetSchema { to } => {
                    let name = QualifiedName::in_schema(to.value.clone(), id.name.name.clone());
                    if checker.schema_exists(&to.value, to.at) {
                        rename(&mut id, name, to.at, checker);
                    }
                }
                Action::Owner { to } => set_owner(AccessTarget::Object(id.clone()), to, checker),
                Action::RefreshVersion(at) => checker.emit(RefreshCollation { id: id.clone() }, *at),
                Action::Restart(restart) => {
                    let Definition::Sequence(sequence) = &before.definition else { return };
                    restart.check(&id.name, sequence, checker);
                }
                Action::Own(action) => {
                    let Some(definition) = action.check(&id, &before, checker) else { return };
                    if definition == before.definition {
                        checker.report(
                            Diagnostic::new(code::EMPTY, format!("{id} is already defined like this"), action.at())
                                .help("remove it, or write what should change"),
                        );
                        return;
                    }
                    checker.emit(ChangeObject { id: id.clone(), definition }, action.at());
                }
            });
        }
    }
}

fn rename_column(id: &ObjectId, before: &Object, from: &Name, to: &Name, checker: &mut Checker<'_>) {
    let columns = before.definition.column_names();
    let [article, noun, of] = match id.kind {
        Kind::CompositeType => ["an", "attribute", "of"],
        _ => ["a", "column", "in"],
    };
    if !columns.contains(&from.value) {
        let names = columns.iter().map(String::as_str);
        let headline = format!("cannot find {noun} `{}` {of} {id}", from.value);
        let mistake = Diagnostic::new(code::UNKNOWN_COLUMN, headline, from.at);
        checker.report(mistake.maybe_help(choices(&from.value, names, &format!("{noun}s"))));
    } else if columns.contains(&to.value) {
        let headline = format!("{id} already has {article} {noun} `{}`", to.value);
        checker.report(Diagnostic::new(code::DUPLICATE_COLUMN, headline, to.at).help("choose another name"));
    } else if let Definition::ForeignTable(table) = &before.definition
        && let Some(mistake) = from_above(table, id, &from.value, from.at, checker)
    {
        checker.report(mistake);
    } else if checker.name_fits(to) {
        let (from_name, to_name) = (from.value.clone(), to.value.clone());
        checker.emit(RenameColumn { table: id.name.clone(), from: from_name, to: to_name }, from.at);
    }
}

fn rename(id: &mut ObjectId, to: QualifiedName, at: At, checker: &mut Checker<'_>) {
    let renamed = ObjectId { name: to.clone(), ..id.clone() };
    if !checker.object_name_is_free(&renamed, at) {
        return;
    }
    checker.emit(RenameObject { id: id.clone(), to }, at);
    checker.note_origin(Origin::Object(renamed.clone()), at);
    *id = renamed;
}
