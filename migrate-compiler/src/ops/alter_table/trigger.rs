//! `enable trigger bump`, `enable always trigger bump`, `enable replica trigger bump`, `disable trigger bump`

use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Firing, Kind, ObjectId, Trigger};
use migrate_core::operation::ChangeObject;

use super::Action;
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

#[derive(Debug)]
struct SetFiring {
    trigger: Name,
    firing: Firing,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
    let forms: [(&[&str], Firing); 4] = [
        (&["enable", "trigger"], Firing::Usual),
        (&["enable", "always", "trigger"], Firing::Always),
        (&["enable", "replica", "trigger"], Firing::Replica),
        (&["disable", "trigger"], Firing::Disabled),
    ];
    let found = forms.into_iter().find(|(words, _)| parser.cursor.take_words(words));
    let Some((_, firing)) = found else { return Ok(None) };
    Ok(Some(Box::new(SetFiring { trigger: parser.name("the trigger")?, firing })))
}

impl Action for SetFiring {
    fn check(&self, head: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        checker.no_comment(head, "an action on a trigger");
        let id = ObjectId::on_table(Kind::Trigger, self.trigger.value.clone(), &table.value);
        let Some(object) = checker.object(&id, self.trigger.at) else { return };
        let Definition::Trigger(trigger) = &object.definition else { return };
        if trigger.firing == self.firing {
            checker.report(
                Diagnostic::new(code::NO_CHANGE, format!("{id} is in that state already"), self.trigger.at)
                    .help("remove it"),
            );
            return;
        }
        let definition = Trigger { firing: self.firing, ..trigger.clone() }.into();
        checker.emit(ChangeObject { id, definition }, self.trigger.at);
    }
}
