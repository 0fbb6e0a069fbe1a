//! `create KIND ...` and `create or replace KIND ...`

use migrate_core::object::{Kind, Object, ObjectId};
use migrate_core::operation::{ChangeObject, CommentTarget, CreateObject, SetComment};

use super::{Identity, Write, Written};
use crate::check::{Checker, Origin};
use crate::diagnostic::{Diagnostic, code};
use crate::ops::Item;
use crate::parser::{Head, Parsed, Parser};

pub(super) struct Create {
    kind: Kind,
    identity: Box<dyn Identity>,
    definition: Box<dyn Written>,
    is_replacing: bool,
}

pub(super) fn parse<K: Write>(parser: &mut Parser<'_>, words: &[&str]) -> Parsed<Create> {
    let start = parser.cursor.index();
    let is_replacing = words.contains(&"replace");
    if is_replacing && !K::IS_REPLACED {
        let keywords = K::KIND.keywords().to_lowercase();
        let other = match K::ACTIONS {
            [] => "drop the existing one first".to_owned(),
            _ => format!("`alter {keywords}` for an existing one"),
        };
        let mistake =
            Diagnostic::new(code::SYNTAX, format!("cannot replace {}", K::KIND.with_article()), parser.cursor.at());
        return Err(mistake.help(format!("write `create {keywords}` for a new one, or {other}")));
    }
    let (identity, definition) = K::created(parser, words)?;
    debug_assert!(parser.cursor.index() > start);
    Ok(Create { kind: K::KIND, identity, definition, is_replacing })
}

impl Item for Create {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        let at = self.identity.at();
        if !self.kind.has_comment() {
            checker.no_comment(head, &self.kind.with_article());
        }
        let Some(id) = self.identity.check(checker) else { return };
        if self.is_replacing {
            return self.replace(head, &id, checker);
        }
        if !checker.object_name_is_free(&id, at) {
            checker.state.broken.objects.insert(id);
            return;
        }
        checker.note_origin(Origin::Object(id.clone()), at);
        match self.definition.check(&id, at, checker) {
            Some(definition) => {
                let object = Object { comment: head.comment.clone(), ..Object::new(definition) };
                checker.emit(CreateObject { id, object }, at);
            }
            None => {
                checker.state.broken.objects.insert(id);
            }
        }
    }
}

impl Create {
    fn replace(&self, head: &Head, id: &ObjectId, checker: &mut Checker<'_>) {
        let at = self.identity.at();
        let Some(before) = checker.object_to_replace(id, at) else {
            checker.state.broken.objects.insert(id.clone());
            return;
        };
        let Some(definition) = self.definition.check(id, at, checker) else { return };
        if definition == before.definition && head.comment.is_none() {
            checker.report(
                Diagnostic::new(code::EMPTY, format!("{id} is already defined like this"), at)
                    .help("remove it, or write what should change"),
            );
            return;
        }
        if definition != before.definition {
            checker.emit(ChangeObject { id: id.clone(), definition }, at);
        }
        if head.comment.is_some() && head.comment != before.comment {
            let target = CommentTarget::Object(id.clone());
            checker.emit(SetComment { target, comment: head.comment.clone() }, at);
        }
    }
}
