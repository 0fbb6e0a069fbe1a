//! `drop KIND name;`

use std::fmt;
use std::marker::PhantomData;

use migrate_core::operation::DropObject;

use super::{Identity, Write};
use crate::check::Checker;
use crate::ops::Item;
use crate::parser::{Head, Parsed, Parser};

pub(super) struct Drop<K> {
    identity: Box<dyn Identity>,
    kind: PhantomData<K>,
}

impl<K> fmt::Debug for Drop<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Drop").field(&self.identity).finish()
    }
}

pub(super) fn parse<K: Write>(parser: &mut Parser<'_>) -> Parsed<Drop<K>> {
    let identity = K::identity(parser)?;
    parser.no_drop_behavior("it");
    Ok(Drop { identity, kind: PhantomData })
}

impl<K: Write> Item for Drop<K> {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, &format!("`drop {}`", K::KIND.noun()));
        let at = self.identity.at();
        let Some(id) = self.identity.check(checker) else { return };
        if checker.object(&id, at).is_some() && !checker.emit_unless_needed(DropObject { id: id.clone() }, at) {
            // It is meant to be gone: what comes later is not judged by it.
            checker.state.broken.objects.insert(id);
        }
    }
}
