//! Languages of functions. They come with extensions, which have their names.

use migrate_core::token::At;

use crate::check::Checker;
use crate::diagnostic::{Diagnostic, choices, code};

/// The languages that every database has (`pg_language`).
const BUILT_IN: [&str; 4] = ["c", "internal", "plpgsql", "sql"];

/// Languages that extensions of the same name bring.
const OF_EXTENSIONS: [&str; 9] =
    ["plperl", "plperlu", "plpython3u", "plr", "plrust", "plsh", "pltcl", "pltclu", "plv8"];

impl Checker<'_> {
    /// Whether there is a language of this name; reported where there is not.
    pub(super) fn language_exists(&mut self, name: &str, at: At) -> Option<()> {
        // An extension that is not known may bring any.
        let may_come = self.catalog().extensions.contains_key(name) || self.catalog().has_unknown_extension();
        if BUILT_IN.contains(&name) || may_come || self.state.undeclared.may_have_made(name) {
            return Some(());
        }
        let help = match OF_EXTENSIONS.contains(&name) {
            true => Some(format!("write `create extension {name};` first")),
            false => choices(name, BUILT_IN, "languages"),
        };
        let message = format!("cannot find language `{name}`");
        self.report(Diagnostic::new(code::UNKNOWN_OBJECT, message, at).maybe_help(help));
        None
    }
}
