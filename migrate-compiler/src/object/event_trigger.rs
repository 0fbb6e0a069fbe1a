//! `create event trigger audit on ddl_command_end when tag in ("CREATE TABLE") execute function note_command();`

use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, EventTrigger, Firing, Kind, Object, ObjectId};
use migrate_core::token::{At, Bracket};
use migrate_core::types::{BuiltIn, Type};

use super::{Action, Identity, Write, Written};
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Name, Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
use migrate_core::sorted::{SortedMap, SortedSet};
#[cfg(feature = "print")]
use super::not_of_kind;
#[cfg(feature = "print")]
use crate::print::{Piece, Printed, Unprintable, name, qualified, text};

pub(super) struct Syntax;

const EVENTS: [&str; 5] = ["ddl_command_start", "ddl_command_end", "sql_drop", "table_rewrite", "login"];

struct EventTriggerName(Name);

struct Clauses {
    event: Name,
    tags: SortedSet<String>,
    function: Spanned<QualifiedName>,
}

struct SetFiring(Spanned<Firing>);

impl Write for Syntax {
    const KIND: Kind = Kind::EventTrigger;
    const ACTIONS: &'static [&'static str] = &["enable", "disable"];

    fn identity(parser: &mut Parser<'_>) -> Parsed<Box<dyn Identity>> {
        Ok(Box::new(EventTriggerName(parser.name("the event trigger")?)))
    }

    fn definition(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<Box<dyn Written>> {
        parser.word("on")?;
        let event = parser.name("an event")?;
        let mut tags = SortedSet::new();
        if parser.cursor.take_word("when") {
            parser.word("tag")?;
            parser.word("in")?;
            parser.open(Bracket::Round, "`(` and the commands")?;
            let found = parser.separated(Bracket::Round, |parser| parser.text("a command in double quotes"))?;
            // The server compares them without regard to case, and keeps capitals.
            tags.extend(found.into_iter().map(|tag| tag.value.to_uppercase()));
        }
        parser.word("execute")?;
        if !parser.cursor.take_word("function") {
            parser.word("procedure")?;
        }
        let function = parser.qualified_name("the function")?;
        parser.open(Bracket::Round, "`(`")?;
        parser.close(Bracket::Round, "`)`")?;
        Ok(Box::new(Clauses { event, tags, function }))
    }

    fn action(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
        let start = parser.cursor.index();
        let forms: [(&[&str], Firing); 4] = [
            (&["enable", "always"], Firing::Always),
            (&["enable", "replica"], Firing::Replica),
            (&["enable"], Firing::Usual),
            (&["disable"], Firing::Disabled),
        ];
        let found = forms.into_iter().find(|(words, _)| parser.cursor.take_words(words));
        let at = parser.cursor.since(start);
        Ok(found.map(|(_, value)| Box::new(SetFiring(Spanned { value, at })) as Box<dyn Action>))
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, _: &Catalog) -> Printed {
        let Definition::EventTrigger(trigger) = definition else { return Err(not_of_kind(id)) };
        let mut written = format!("event trigger {} on {}", name(&id.name.name), name(&trigger.event));
        for (filter, values) in &trigger.filters {
            if filter != "tag" {
                return Err(Unprintable::new(id.told(), format!("the language has no filter `{filter}`")));
            }
            let values: Vec<String> = values.iter().map(|value| text(value)).collect();
            written.push_str(&format!(" when tag in ({})", values.join(", ")));
        }
        written.push_str(&format!(" execute function {}()", qualified(&trigger.function)));
        Ok(written)
    }

    #[cfg(feature = "print")]
    fn as_made(definition: &Definition, _: &Catalog) -> Definition {
        match definition {
            Definition::EventTrigger(trigger) => EventTrigger { firing: Firing::Usual, ..trigger.clone() }.into(),
            other => other.clone(),
        }
    }

    #[cfg(feature = "print")]
    fn print_change(id: &ObjectId, before: &Definition, after: &Definition, catalog: &Catalog) -> Printed<Vec<Piece>> {
        let (Self::KIND, Definition::EventTrigger(trigger)) = (before.kind(), after) else { return Err(not_of_kind(id)) };
        if Self::as_made(before, catalog) != Self::as_made(after, catalog) {
            let what = format!("a change of {}", id.told());
            return Err(Unprintable::new(what, "it must be dropped and created again"));
        }
        let verb = match trigger.firing {
            Firing::Usual => "enable",
            Firing::Disabled => "disable",
            Firing::Replica => "enable replica",
            Firing::Always => "enable always",
        };
        Ok(vec![super::action(id, verb)])
    }
}

impl Identity for EventTriggerName {
    fn at(&self) -> At {
        self.0.at
    }

    fn check(&self, _: &mut Checker<'_>) -> Option<ObjectId> {
        Some(ObjectId::without_schema(Kind::EventTrigger, self.0.value.clone()))
    }
}

impl Written for Clauses {
    fn check(&self, _: &ObjectId, _: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let event = self.event.value.to_lowercase();
        if !EVENTS.contains(&event.as_str()) {
            checker.report(
                Diagnostic::new(code::SYNTAX, format!("cannot find event `{event}`"), self.event.at)
                    .maybe_help(choices(&event, EVENTS, "events")),
            );
            return None;
        }
        if event == "login" {
            checker.needs_postgres(17, "the event `login`", self.event.at);
        }
        let result = Type::BuiltIn(BuiltIn::EventTrigger);
        let function = checker.trigger_function(&self.function, &result, "an event trigger")?;
        let filters: SortedMap<String, SortedSet<String>> = match self.tags.is_empty() {
            true => SortedMap::new(),
            false => [("tag".to_owned(), self.tags.clone())].into(),
        };
        Some(EventTrigger { event, filters, function, firing: Firing::Usual }.into())
    }
}

impl Action for SetFiring {
    fn at(&self) -> At {
        self.0.at
    }

    fn check(&self, _: &ObjectId, before: &Object, _: &mut Checker<'_>) -> Option<Definition> {
        let Definition::EventTrigger(trigger) = &before.definition else { return None };
        Some(EventTrigger { firing: self.0.value, ..trigger.clone() }.into())
    }
}
