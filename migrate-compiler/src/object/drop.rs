//! `drop KIND name;`

use migrate_core::object::Kind;
use migrate_core::operation::DropObject;

use super::{Identity, Write};
use crate::check::Checker;
use crate::ops::Item;
use crate::parser::{Head, Parsed, Parser};

pub(super) struct Drop {
    kind: Kind,
    identity: Box<dyn Identity>,
}

pub(super) fn parse<K: Write>(parser: &mut Parser<'_>) -> Parsed<Drop> {
    let identity = K::identity(parser)?;
    parser.no_drop_behavior("it");
    Ok(Drop { kind: K::KIND, identity })
}

impl Item for Drop {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, &format!("`drop {}`", self.kind.noun()));
        let at = self.identity.at();
        let Some(id) = self.identity.check(checker) else { return };
        if checker.object(&id, at).is_some() && !checker.emit_unless_needed(DropObject { id: id.clone() }, at) {
            // It is meant to be gone: what comes later is not judged by it.
            checker.state.broken.objects.insert(id);
        }
    }
}
