//! `enable trigger bump`, `enable always trigger bump`, `enable replica trigger bump`, `disable trigger bump`; the same of rules,
//! and of all triggers of a table: `disable trigger user`.

use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Firing, Kind, ObjectId, Rule, Trigger};
use migrate_core::operation::ChangeObject;
use migrate_core::token::At;

use super::Action;
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

struct SetFiring {
    kind: Kind,
    which: Which,
    firing: Firing,
}

enum Which {
    One(Name),
    /// All triggers of the table, but not those of foreign keys.
    User(At),
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
                let which = parse_which(parser, kind)?;
                return Ok(Some(Box::new(SetFiring { kind, which, firing })));
            }
        }
    }
    Ok(None)
}

fn parse_which(parser: &mut Parser<'_>, kind: Kind) -> Parsed<Which> {
    let at = parser.cursor.at();
    if kind == Kind::Trigger && parser.cursor.take_word("user") {
        return Ok(Which::User(at));
    }
    if kind == Kind::Trigger && parser.cursor.is_word("all") {
        let message = "the triggers of foreign keys cannot be enabled and disabled";
        let mistake = Diagnostic::new(code::SYNTAX, message, at);
        return Err(mistake.help("write `trigger user` for all other triggers of the table"));
    }
    Ok(Which::One(parser.name(&format!("the {}", kind.noun()))?))
}

impl SetFiring {
    /// The object with the new state; `None` where it has it already.
    fn changed(&self, definition: &Definition) -> Option<Definition> {
        let changed: Definition = match definition {
            Definition::Trigger(trigger) => Trigger { firing: self.firing, ..trigger.clone() }.into(),
            Definition::Rule(rule) => Rule { firing: self.firing, ..rule.clone() }.into(),
            _ => return None,
        };
        (changed != *definition).then_some(changed)
    }

    fn check_all(&self, table: &QualifiedName, at: At, checker: &mut Checker<'_>) {
        let objects = checker.catalog().objects.iter();
        let own = objects.filter(|(id, _)| id.kind == self.kind && id.table().as_ref() == Some(table));
        let changed: Vec<(ObjectId, Definition)> =
            own.filter_map(|(id, object)| Some((id.clone(), self.changed(&object.definition)?))).collect();
        if changed.is_empty() {
            let headline = format!("`{table}` has no trigger that is in another state");
            checker.report(Diagnostic::new(code::NO_CHANGE, headline, at).help("remove it"));
        }
        for (id, definition) in changed {
            checker.emit(ChangeObject { id, definition }, at);
        }
    }
}

impl Action for SetFiring {
    fn check(&self, head: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        checker.no_comment(head, &format!("an action on a {}", self.kind.noun()));
        let name = match &self.which {
            Which::One(name) => name,
            Which::User(at) => return self.check_all(&table.value, *at, checker),
        };
        let id = ObjectId::on_table(self.kind, name.value.clone(), &table.value);
        let Some(object) = checker.object(&id, name.at) else { return };
        match self.changed(&object.definition) {
            Some(definition) => checker.emit(ChangeObject { id, definition }, name.at),
            None => {
                let headline = format!("{id} is already in that state");
                checker.report(Diagnostic::new(code::NO_CHANGE, headline, name.at).help("remove it"));
            }
        }
    }
}
