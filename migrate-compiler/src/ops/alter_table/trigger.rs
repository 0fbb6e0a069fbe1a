//! `enable trigger bump`, `enable always trigger bump`, `enable replica trigger bump`, `disable trigger bump`; the same of rules.

use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Firing, Kind, ObjectId, Rule, Trigger};
use migrate_core::operation::ChangeObject;

use super::Action;
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

#[derive(Debug)]
struct SetFiring {
    kind: Kind,
    name: Name,
    firing: Firing,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
    let forms: [(&[&str], Firing); 4] = [
        (&["enable", "always"], Firing::Always),
        (&["enable", "replica"], Firing::Replica),
        (&["enable"], Firing::Usual),
        (&["disable"], Firing::Disabled),
    ];
    for (word, kind) in [("trigger", Kind::Trigger), ("rule", Kind::Rule)] {
        for (words, firing) in forms {
            let words: Vec<&str> = words.iter().copied().chain([word]).collect();
            if parser.cursor.take_words(&words) {
                return Ok(Some(Box::new(SetFiring { kind, name: parser.name(&format!("the {word}"))?, firing })));
            }
        }
    }
    Ok(None)
}

impl Action for SetFiring {
    fn check(&self, head: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        let at = self.name.at;
        checker.no_comment(head, &format!("an action on a {}", self.kind.noun()));
        let id = ObjectId::on_table(self.kind, self.name.value.clone(), &table.value);
        let Some(object) = checker.object(&id, at) else { return };
        let definition: Definition = match &object.definition {
            Definition::Trigger(trigger) => Trigger { firing: self.firing, ..trigger.clone() }.into(),
            Definition::Rule(rule) => Rule { firing: self.firing, ..rule.clone() }.into(),
            _ => return,
        };
        if definition == object.definition {
            let headline = format!("{id} is already in that state");
            checker.report(Diagnostic::new(code::NO_CHANGE, headline, at).help("remove it"));
            return;
        }
        checker.emit(ChangeObject { id, definition }, at);
    }
}
