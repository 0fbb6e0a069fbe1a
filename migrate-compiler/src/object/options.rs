//! `options (host "example.org", dbname "other")` of foreign objects.

#[cfg(feature = "print")]
use migrate_core::sorted::SortedSet;

use migrate_core::object::UserMapping;
use migrate_core::sorted::SortedMap;
use migrate_core::token::Bracket;

use crate::check::Checker;
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Name, Parsed, Parser};
#[cfg(feature = "print")]
use crate::print::{declared, text};

/// What is said of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Add,
    Set,
    Drop,
}

/// Options as they are written.
#[derive(Default)]
pub(super) struct OptionsClause {
    options: Vec<(Verb, Name, String)>,
    is_change: bool,
}

impl OptionsClause {
    /// Takes `options (...)`, if it stands here. In `alter` each may have `add`, `set` or `drop` before it.
    pub(super) fn parse(parser: &mut Parser<'_>, is_change: bool) -> Parsed<Option<Self>> {
        if !parser.cursor.take_word("options") {
            return Ok(None);
        }
        parser.open(Bracket::Round, "`(` and the options")?;
        let options = parser.separated(Bracket::Round, |parser| {
            let verbs = [("add", Verb::Add), ("set", Verb::Set), ("drop", Verb::Drop)];
            let verb = verbs.into_iter().find(|(word, _)| is_change && parser.cursor.take_word(word));
            let verb = verb.map_or(Verb::Add, |(_, verb)| verb);
            let name = parser.name("an option")?;
            if UserMapping::is_secret(&name.value) {
                let headline = format!("`{}` is a secret, and secrets do not belong in a migration", name.value);
                return Err(Diagnostic::new(code::INVALID_DEFINITION, headline, name.at).help(
                    "leave it out, and let the administrator of the server set it: `ALTER USER MAPPING ... OPTIONS \
                     (ADD ...)`",
                ));
            }
            if parser.cursor.is_symbol('=') {
                let mistake = Diagnostic::new(code::SYNTAX, "unexpected `=`", parser.cursor.at());
                return Err(mistake.help(format!("write `{} \"...\"`", name.value)));
            }
            let value =
                if verb == Verb::Drop { String::new() } else { parser.text("its value in double quotes")?.value };
            Ok((verb, name, value))
        })?;
        Ok(Some(OptionsClause { options, is_change }))
    }

    /// Puts them into those that are there; reported where that cannot be.
    pub(super) fn put_into(&self, options: &mut SortedMap<String, String>, checker: &mut Checker<'_>) -> Option<()> {
        for (verb, name, value) in &self.options {
            let is_there = options.contains_key(&name.value);
            match verb {
                Verb::Add if is_there => {
                    let (headline, help) = match self.is_change {
                        true => ("is already set", format!("write `set {}`", name.value)),
                        false => ("is given more than once", "remove one of them".to_owned()),
                    };
                    let headline = format!("the option `{}` {headline}", name.value);
                    checker.report(Diagnostic::new(code::DUPLICATE_CLAUSE, headline, name.at).help(help));
                    return None;
                }
                Verb::Set | Verb::Drop if !is_there => {
                    let known: Vec<&str> = options.keys().map(String::as_str).collect();
                    let headline = format!("cannot find the option `{}`", name.value);
                    checker.report(Diagnostic::new(code::UNKNOWN_OBJECT, headline, name.at).maybe_help(choices(
                        &name.value,
                        known.iter().copied(),
                        "options",
                    )));
                    return None;
                }
                Verb::Drop => {
                    options.remove(&name.value);
                }
                Verb::Add | Verb::Set => {
                    options.insert(name.value.clone(), value.clone());
                }
            }
        }
        Some(())
    }
}

/// ` options (host "example.org")`; nothing where there are none.
#[cfg(feature = "print")]
pub(super) fn print_options(options: &SortedMap<String, String>) -> String {
    let written: Vec<String> =
        options.iter().map(|(name, value)| format!("{} {}", declared(name), text(value))).collect();
    if written.is_empty() { String::new() } else { format!(" options ({})", written.join(", ")) }
}

/// `options (set host "example.net", drop port)`: what makes one of the other; `None` where they are the same.
#[cfg(feature = "print")]
pub(super) fn print_changed_options(
    before: &SortedMap<String, String>,
    after: &SortedMap<String, String>,
) -> Option<String> {
    let names: SortedSet<&String> = before.keys().chain(after.keys()).collect();
    let changed = names.into_iter().filter_map(|option| match (before.get(option), after.get(option)) {
        (before, after) if before == after => None,
        (None, Some(value)) => Some(format!("add {} {}", declared(option), text(value))),
        (_, Some(value)) => Some(format!("set {} {}", declared(option), text(value))),
        (_, None) => Some(format!("drop {}", declared(option))),
    });
    let changed: Vec<String> = changed.collect();
    (!changed.is_empty()).then(|| format!("options ({})", changed.join(", ")))
}
